//! Any course of a world, and what two clients see of it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::codec(bytes));
