//! The browser bindings of Arena.
