//! Hello, ping and goodbye of a client.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::client_control(bytes));
