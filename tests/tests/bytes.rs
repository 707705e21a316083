//! What Arena may cost on the wire, field by field: a budget in `assets/bytes-budget.json`.
//!
//! A field that has become dearer fails here by its name. If that is as it should be, write the budget anew and look at the
//! difference: `TICKWIRE_NEW_BUDGET=1 cargo test -p tickwire-tests --test bytes`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test knows its numbers, and may fail"
)]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use arena::Arena;
use serde::{Deserialize, Serialize};
use tickwire_engine::{RoomConfig, Sim, Watched, bot_name};
use tickwire_protocol::{Game, GameSchema};

const SEED: u64 = 2026;
const PLAYERS: u16 = 8;
const SECONDS: u32 = 60;

/// How much more than measured a new budget allows: a few more shots or turns in a match are no defect.
const HEADROOM: f64 = 1.1;
/// What a part may always have, in bits per player and tick: the smallest ones differ most from match to match.
const FLOOR: f64 = 0.05;

/// The checked-in file. All figures are bits per player and tick.
#[derive(Serialize, Deserialize)]
struct Budget {
    about: String,
    /// Everything together.
    total: f64,
    /// By component, field and reason, or what else bits are for.
    parts: BTreeMap<String, f64>,
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/bytes-budget.json")
}

/// Bits per player and tick in a match of bots: in all, and by component, field and reason.
fn measured() -> (f64, BTreeMap<String, f64>) {
    let mut sim = Sim::<Arena>::new(SEED, arena::build);
    for bot in 0..usize::from(PLAYERS) {
        sim.join_bot(bot_name(bot));
    }
    let mut watched = Watched::new(sim, RoomConfig::default());
    for _ in 0..SECONDS * Arena::TICK_RATE {
        watched.tick();
    }
    let tree = watched.ledger().tree(&GameSchema::of::<Arena>().rows);
    let per_tick = |bits: u64| bits as f64 / watched.player_ticks() as f64;
    let mut parts = BTreeMap::new();
    for (path, bits) in tree.leaves() {
        parts.insert(path.join("."), per_tick(bits));
    }
    (per_tick(tree.bits), parts)
}

/// Three digits after the point, rounded up.
fn with_headroom(bits: f64) -> f64 {
    ((bits * HEADROOM).max(FLOOR) * 1000.0).ceil() / 1000.0
}

fn write_anew(total: f64, parts: &BTreeMap<String, f64>) {
    let about = format!(
        "Bits per player and tick that Arena may send: measured over {SECONDS} s with {PLAYERS} bots, each watched as on a \
         connection, plus {:.0} %. Written by TICKWIRE_NEW_BUDGET=1 cargo test -p tickwire-tests --test bytes",
        (HEADROOM - 1.0) * 100.0
    );
    let budget = Budget {
        about,
        total: with_headroom(total),
        parts: parts
            .iter()
            .map(|(name, bits)| (name.clone(), with_headroom(*bits)))
            .collect(),
    };
    let text = serde_json::to_string_pretty(&budget).expect("numbers and names");
    fs::write(path(), text + "\n").expect("the budget can be written");
}

#[test]
fn arena_keeps_to_its_budget_of_bytes() {
    let (total, parts) = measured();
    if env::var_os("TICKWIRE_NEW_BUDGET").is_some() {
        write_anew(total, &parts);
    }
    let text = fs::read_to_string(path()).expect("the budget is there");
    let budget: Budget = serde_json::from_str(&text).expect("the budget is as this test writes it");
    let mut findings = Vec::new();
    for (name, bits) in &parts {
        let allowed = budget.parts.get(name).copied().unwrap_or(FLOOR);
        if *bits > allowed {
            findings.push(format!(
                "{name} takes {bits:.3} bits per player and tick, {:.0} % more than the {allowed:.3} allowed",
                100.0 * (bits / allowed - 1.0)
            ));
        }
    }
    if total > budget.total {
        findings.push(format!(
            "everything together takes {total:.1} bits per player and tick ({:.1} B) instead of at most {:.1}",
            total / 8.0,
            budget.total
        ));
    }
    assert!(
        findings.is_empty(),
        "\n{}\nMake it smaller; or, if it has to be, run TICKWIRE_NEW_BUDGET=1 cargo test -p tickwire-tests --test bytes \
         and commit assets/bytes-budget.json with the reason.\n",
        findings.join("\n")
    );
}
