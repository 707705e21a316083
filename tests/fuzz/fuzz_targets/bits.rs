//! Numbers of any width, there and back.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::bits(bytes));
