//! What tests run natively and in wasm: Arena as a whole simulation, bots and ECS included, for the test that both play the same match;
//! and the codec on recorded worlds, for its benchmark.

#[path = "../../benches/codec/parse.rs"]
mod parse;
pub mod pieces;
mod replay;
pub mod sending;

pub use replay::Replay;

use arena::Arena;
use tickwire_engine::{Sim, bot_name};
use wasm_bindgen::prelude::wasm_bindgen;
use xxhash_rust::xxh3::Xxh3;

/// A match that runs in pieces, so that the test can say where two of them part.
#[wasm_bindgen]
pub struct Simulation {
    sim: Sim<Arena>,
    /// Over the hashes of all ticks so far.
    hash: Xxh3,
}

#[wasm_bindgen]
impl Simulation {
    /// A match of `bots` bots.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(seed: u32, bots: usize) -> Self {
        let mut sim = Sim::new(u64::from(seed), arena::build);
        for i in 0..bots {
            sim.join_bot(bot_name(i));
        }
        Self {
            sim,
            hash: Xxh3::new(),
        }
    }

    /// Plays `ticks` more ticks and gives the hash over all ticks so far, as 16 hexadecimal digits.
    pub fn run(&mut self, ticks: u32) -> String {
        for _ in 0..ticks {
            self.sim.tick();
            self.hash.update(&self.sim.hash().to_le_bytes());
        }
        format!("{:016x}", self.hash.digest())
    }
}
