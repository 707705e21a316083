//! Faults that no test of a codec foresees: a word of a client's view changes by itself. It is found, named and repaired.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use arena::Arena;
use tickwire_protocol::explain::Reason;
use tickwire_protocol::{GameSchema, NetId};
use tickwire_tests::{Link, Match};

const SEED: u64 = 23;
const MS: Duration = Duration::from_millis(1);
/// Ticks of the game's interval, in time, and some for the order of things in a tick.
const INTERVAL: Duration = Duration::from_millis(34);

fn build(sim: &mut tickwire_engine::Sim<Arena>) {
    arena::build(sim);
    for i in 0..7 {
        sim.join_bot(&format!("bot {i}"));
    }
}

/// Whether the client has what the server meant.
fn is_whole(game: &Match<Arena>) -> bool {
    let newest = game.client(0).newest().unwrap();
    let meant = game.room().sim().history().get(newest.tick());
    meant.is_some_and(|meant| meant == newest)
}

/// A field that a row has, as (entity, column, name).
fn any_field(game: &Match<Arena>, rng: &mut fastrand::Rng) -> (NetId, usize, String) {
    let schema = GameSchema::of::<Arena>().rows;
    let newest = game.client(0).newest().unwrap();
    let row = newest.at(rng.usize(0..newest.len())).unwrap();
    let has = |i: &usize| row.mask >> i & 1 == 1;
    let components: Vec<_> = (0..schema.components().len()).filter(has).collect();
    let component = schema
        .components()
        .get(*rng.choice(&components).unwrap())
        .unwrap();
    let column = rng.usize(component.columns.clone());
    let name = &schema.columns().get(column).unwrap().name;
    (row.id, column, format!("{}.{name}", component.name))
}

/// Flips a field and waits until it is repaired. Gives whether the fault was still there to be found.
fn fault(game: &mut Match<Arena>, rng: &mut fastrand::Rng, rtt: Duration, name: &str) -> bool {
    let (id, column, field) = any_field(game, rng);
    let before = game.room().findings().count();
    assert!(game.client_mut(0).flip(id, column));
    let (flipped, mut found) = (game.now(), None);
    loop {
        game.run(MS);
        let now = game.now();
        if found.is_none() && game.room().findings().count() > before {
            found = Some(now);
        }
        // What a snapshot overwrites before anybody looked is no fault any more.
        if is_whole(game) && (found.is_some() || now - flipped > 3 * INTERVAL + rtt) {
            break;
        }
        let waited = now - flipped;
        assert!(
            waited < Duration::from_secs(3),
            "{name}: {field} of {id} stays wrong"
        );
    }
    let Some(found) = found else {
        return false;
    };
    let findings: Vec<_> = game.room().findings().skip(before).collect();
    let named = findings
        .iter()
        .any(|(_, f)| f.id == id && f.fields.contains(&field));
    assert!(named, "{name}: {field} of {id} is not among {findings:?}");
    // The server knew when the client's question came; its answer takes half a round trip and the wait for a snapshot.
    let took = game.now() - found;
    assert!(
        took <= rtt + 2 * INTERVAL,
        "{name}: {field} of {id} took {took:?}"
    );
    true
}

#[test]
fn a_flipped_field_is_found_named_and_repaired() {
    let mut rng = fastrand::Rng::with_seed(SEED);
    for (name, link, rtt) in [
        ("P0", Link::P0, 0),
        ("P1", Link::P1, 60),
        ("P2", Link::P2, 120),
    ] {
        let mut found = 0;
        for seed in 0..12 {
            let mut game: Match<Arena> = Match::new(SEED + seed, link, build);
            game.join("Ada", |_, _| arena::Input::default());
            game.run_seconds(2);
            let rtt = Duration::from_millis(rtt);
            found += u32::from(fault(
                &mut game,
                &mut rng,
                rtt,
                &format!("{name}, seed {seed}"),
            ));
            game.run_seconds(1);
            assert!(is_whole(&game), "{name}, seed {seed}");
        }
        assert!(found >= 8, "{name}: {found} of 12 faults were found");
    }
}

#[test]
fn the_checksums_take_less_than_a_hundredth_of_the_bytes() {
    let mut game: Match<Arena> = Match::new(SEED, Link::P1, build);
    game.join("Ada", |_, _| arena::Input::default());
    game.run_seconds(2);
    let now = game.now();
    game.client_mut(0).explain(true, now);
    game.run_seconds(60);
    let (ledger, _) = game.client(0).account().unwrap().all();
    let schema = GameSchema::of::<Arena>().rows;
    let sums = ledger.iter(&schema);
    let sums = sums.filter(|(cause, _)| cause.reason == Reason::Checksum);
    let sums: u64 = sums.map(|(_, bits)| bits).sum();
    assert!(sums >= 58 * 32, "one of 32 bits a second: {sums} bits");
    assert!(
        sums * 100 <= ledger.total(),
        "{sums} of {} bits",
        ledger.total()
    );
}
