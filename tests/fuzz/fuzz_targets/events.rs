//! Batches of events, and the events in them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::events(bytes));
