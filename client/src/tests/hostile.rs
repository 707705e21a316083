//! Whatever a server sends gives an error or is harmless.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::message::{
    EventBatch, EventEntry, ServerControl, Slack, SnapshotHeader, Start, Welcome,
};
use tickwire_protocol::{
    Cadence, GameSchema, History, Sender, SharedDeltas, Sight, Snapshot, Tick,
};

use super::rig::{OTHER, OWN, RIGHT, Rig, Walk, ms};

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..40);
    // Near the truth as well as anywhere.
    let tick = || prop_oneof![any::<u32>(), (0..300_u32).prop_map(|t| t.wrapping_sub(40))];
    let snapshot = (tick(), 0..64_u32, any::<i16>(), any::<bool>(), bytes()).prop_map(
        |(tick, back, slack, is_long, body)| {
            let tick = Tick(tick);
            let start = match (back, is_long) {
                (0, _) => Start::Empty(tick),
                (back, true) => Start::Rebased {
                    tick,
                    baseline: tick - back,
                },
                (back, false) => Start::Next(back),
            };
            let header = SnapshotHeader {
                start,
                slack: Some(slack_of(slack)),
            };
            [header.encode(), body].concat()
        },
    );
    let rows = (tick(), any::<i16>(), 0..8_u32, any::<[u16; 4]>()).prop_map(full_snapshot);
    let events = (tick(), any::<bool>(), bytes()).prop_map(|(tick, at_once, body)| {
        let tick = Tick(tick);
        let events = vec![EventEntry {
            at_once,
            body: &body,
        }];
        EventBatch { tick, events }.encode()
    });
    let pong = (any::<u64>(), tick(), any::<u16>(), any::<u32>()).prop_map(
        |(sent, tick, fraction, held)| {
            let tick = Tick(tick);
            ServerControl::Pong {
                // Pings of the rig are sent at whole multiples of 1 ms.
                sent: sent % 2000 * 1000,
                tick,
                fraction,
                held,
            }
            .encode()
        },
    );
    prop_oneof![bytes(), snapshot, rows, events, pong]
}

fn slack_of(p50: i16) -> Slack {
    let p1 = p50.saturating_sub(p50 / 2);
    Slack {
        p50,
        p1: p1.min(p50),
    }
}

/// A well-formed snapshot with the own entity, whose components and words are anything.
fn full_snapshot((tick, slack, mask, noise): (u32, i16, u32, [u16; 4])) -> Vec<u8> {
    let schema = GameSchema::of::<Walk>().rows;
    let mut now = Snapshot::new(Arc::clone(&schema), Tick(tick));
    for (i, component) in schema.components().iter().enumerate() {
        assert_eq!(component.columns, i..i + 1, "each has one word");
    }
    for id in [OWN, OTHER] {
        let words = now.push(id, mask).iter_mut();
        for ((i, word), column) in words.enumerate().zip(schema.columns()) {
            *word = u32::from(noise[i]).min(column.max) * (mask >> i & 1);
        }
    }
    let mut deltas = SharedDeltas::new(&schema, GameSchema::of::<Walk>().tables);
    deltas.set(Arc::new(now));
    let mut sender = Sender::new(None, Cadence::every(1));
    let message = sender.write(
        Some(slack_of(slack)),
        Sight::All,
        None,
        &History::new(),
        &mut deltas,
    );
    message.unwrap().into()
}

fn welcome(tick: Tick, snapshot_interval: u8, rewind_limit: u16) -> ServerControl {
    ServerControl::Welcome(Welcome {
        own: OWN,
        tick,
        tick_rate: 60,
        snapshot_interval,
        tiers: [1, 0, 0, 0],
        rewind_limit,
        level: "long".to_owned(),
        level_hash: tickwire_protocol::level_hash("900"),
        token: None,
    })
}

/// Half way round the difference of two ticks has no absolute value.
#[test]
fn a_clock_that_leaps_half_way_round_the_ticks_makes_no_trouble() {
    for beside in 0..40 {
        let mut rig = Rig::new(1, 1);
        rig.connect();
        let welcome = welcome(Tick(100), 2, 200);
        rig.client.handle_message(&welcome.encode(), ms(0)).unwrap();
        rig.client.tick(ms(0));
        let pong = ServerControl::Pong {
            sent: 0,
            tick: Tick(80 + beside) + (1 << 31),
            fraction: 0,
            held: 0,
        };
        rig.client.handle_message(&pong.encode(), ms(20)).unwrap();
        rig.client.tick(ms(20));
    }
}

proptest! {
    #[test]
    fn no_message_panics_or_hangs(
        handshake: bool,
        welcome_tick: u32,
        interval in 1..=32_u8,
        rewind_limit: u16,
        messages in prop::collection::vec((any_message(), 0..400_u64), 1..30),
    ) {
        let mut rig = Rig::new(1, 1);
        rig.connect();
        if handshake {
            let welcome = welcome(Tick(welcome_tick), interval, rewind_limit);
            rig.client.handle_message(&welcome.encode(), ms(0)).unwrap();
        }
        for (message, wait) in messages {
            let _ = rig.client.handle_message(&message, rig.now());
            rig.t += wait;
            rig.client.handle_input(&RIGHT);
            rig.client.tick(rig.now());
            let scene = rig.client.scene(rig.now());
            let _ = (scene.rows().count(), scene.get::<super::rig::Body>(OTHER));
            let _ = (rig.client.stats(), rig.client.poll_event());
            prop_assert!(std::iter::from_fn(|| rig.client.poll_transmit()).count() < 100);
        }
    }

    #[test]
    fn a_match_with_a_broken_message_goes_on_or_ends(at in 0..40_usize, to: u8, cut in 0..40_usize) {
        let mut rig = Rig::playing(5, 5);
        let mut message = ServerControl::Goodbye { reason: "mistake".to_owned(), retry: true }.encode();
        if let Some(byte) = message.get_mut(at) {
            *byte = to;
        }
        message.truncate(cut);
        let _ = rig.client.handle_message(&message, rig.now());
        rig.client.tick(rig.now());
        let _ = rig.client.scene(rig.now()).rows().count();
    }
}
