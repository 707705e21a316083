//! The same match again: twice natively, in wasm, and with systems in another order.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use arena::Arena;
use tickwire_engine::{Sim, bot_name};
use tickwire_tests_wasm::Simulation;

const SEED: u32 = 7;
const BOTS: usize = 8;
/// Hashes are compared after every so many ticks.
const PIECE: u32 = 5_000;
/// Optimised, 10⁶ ticks: four and a half hours of play. Otherwise a tenth of it.
const PIECES: usize = if cfg!(debug_assertions) { 20 } else { 200 };
/// Orders of the systems that are tried, likewise.
const ORDERS: u64 = if cfg!(debug_assertions) { 20 } else { 100 };

fn play() -> Vec<String> {
    let mut simulation = Simulation::new(SEED, BOTS);
    (0..PIECES).map(|_| simulation.run(PIECE)).collect()
}

/// What two tests compare with.
fn native() -> &'static [String] {
    static NATIVE: OnceLock<Vec<String>> = OnceLock::new();
    NATIVE.get_or_init(play)
}

#[test]
fn the_same_seed_gives_the_same_match() {
    assert_eq!(play(), native(), "seed {SEED}");
    assert_ne!(
        Simulation::new(SEED + 1, BOTS).run(PIECE),
        Simulation::new(SEED, BOTS).run(PIECE),
        "the seed matters"
    );
}

/// `cargo xtask determinism` builds the module and says where it is; plain `cargo test` has no wasm compiler at hand.
#[test]
fn wasm_plays_the_same_match_as_native_code() {
    let Ok(module) = std::env::var("TICKWIRE_WASM_SIM") else {
        println!(
            "skipped: run `cargo xtask determinism`, which builds the wasm module that this compares with"
        );
        return;
    };
    assert!(
        Path::new(&module).exists(),
        "TICKWIRE_WASM_SIM names {module}, which is not there"
    );
    let script = format!(
        "const {{ Simulation }} = require({module:?}); const s = new Simulation({SEED}, {BOTS}); \
         for (let i = 0; i < {PIECES}; i++) console.log(s.run({PIECE}));"
    );
    let output = Command::new("node")
        .args(["-e", &script])
        .output()
        .expect("node runs the wasm module");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let wasm: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect();
    for (i, (native, wasm)) in native().iter().zip(&wasm).enumerate() {
        assert_eq!(
            native,
            wasm,
            "seed {SEED}: native and wasm part within ticks {} to {}",
            i * PIECE as usize,
            (i + 1) * PIECE as usize
        );
    }
    assert_eq!(wasm.len(), PIECES);
}

#[test]
fn the_order_of_unordered_systems_does_not_matter() {
    let play = |shuffle: Option<u64>| {
        let mut sim: Sim<Arena> = Sim::new(u64::from(SEED), arena::build);
        if let Some(shuffle) = shuffle {
            sim.shuffle_systems(shuffle);
        }
        for i in 0..BOTS {
            sim.join_bot(bot_name(i));
        }
        for _ in 0..1_200 {
            sim.tick();
        }
        sim.hash()
    };
    let plain = play(None);
    for shuffle in 0..ORDERS {
        assert_eq!(
            play(Some(shuffle)),
            plain,
            "seed {SEED}, system order {shuffle}"
        );
    }
}
