//! Chance that repeats.

use std::ops::{Deref, DerefMut};

use bevy_ecs::prelude::*;

/// The match's random numbers: the only ones that systems may use, so that a seed gives the same match again.
///
/// Draw `u32`, not `usize`: that differs between 64-bit servers and 32-bit wasm.
#[derive(Resource, Debug, Clone)]
pub struct Rng(fastrand::Rng);

impl Rng {
    /// The sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }
}

impl Deref for Rng {
    type Target = fastrand::Rng;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Rng {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}
