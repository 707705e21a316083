//! Arena as a whole simulation in wasm, for the determinism test only.
