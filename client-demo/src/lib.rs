//! Arena, the demo game of Tickwire.
