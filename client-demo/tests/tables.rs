//! Arena's own tables make its snapshots smaller, on matches that they were not fitted to.
#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;

use arena::{Arena, build};
use tickwire_engine::{Sim, bot_name};
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::tables::TableSet;
use tickwire_protocol::{Cadence, GameSchema, LoadedLevel, Sender, SharedDeltas, Sight};

const INTERVAL: u8 = 2;

/// Bytes of all snapshots of half a minute to somebody who sees everything.
fn bytes(map: &str, tables: &Arc<TableSet>) -> usize {
    let mut sim = Sim::<Arena>::with_level(77, LoadedLevel::built_in(map).unwrap(), build);
    for bot in 0..6 {
        sim.join_bot(bot_name(bot));
    }
    let mut deltas = SharedDeltas::new(&sim.schema().rows, Arc::clone(tables));
    let mut sender = Sender::new(None, Cadence::every(INTERVAL));
    let mut bytes = 0;
    for _ in 0..30 * 60 / u32::from(INTERVAL) {
        for _ in 0..INTERVAL {
            sim.tick();
            drop(sim.take_events());
        }
        deltas.set(Arc::clone(sim.snapshot()));
        let message = sender.write(None, Sight::All, None, sim.history(), &mut deltas);
        bytes += message.unwrap().len();
    }
    bytes
}

#[test]
fn other_matches_take_a_fifth_less() {
    let schema = GameSchema::of::<Arena>();
    let neutral = Arc::new(TableSet::neutral(&Layout::of(&schema.rows)));
    assert_ne!(schema.tables.hash, neutral.hash);
    for map in ["foundry", "canal"] {
        let [own, neutral] = [&schema.tables, &neutral].map(|tables| bytes(map, tables));
        assert!(
            own * 5 < neutral * 4,
            "{map}: {own} against {neutral} bytes"
        );
    }
}
