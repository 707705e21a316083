//! The client core of Tickwire: clock, prediction, interpolation; native and wasm.
