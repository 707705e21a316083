//! A second, tiny game on Tickwire.
fn main() {}
