//! #[derive(Wire)] for Tickwire.
