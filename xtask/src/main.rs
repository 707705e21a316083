//! The build tool of Tickwire.
fn main() {}
