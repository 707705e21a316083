//! The Match harness: a server, clients and a simulated link in one thread from one seed.
