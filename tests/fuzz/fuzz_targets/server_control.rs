//! Welcome, reject, pong and goodbye of a server.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::server_control(bytes));
