//! Arena, the demo game of Tickwire.
fn main() {}
