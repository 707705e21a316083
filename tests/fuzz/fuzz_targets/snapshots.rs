//! A course of snapshot messages at a receiver.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| tickwire_fuzz::snapshots(bytes));
