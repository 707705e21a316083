//! Any two snapshots and the bits between them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::delta(bytes));
