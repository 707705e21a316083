//! The ledger's total is what was sent, to the bit.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::explain::{Ledger, Reason, Shadow, websocket_header};
use tickwire_protocol::message::{ServerControl, ServerMessage, Slack, Welcome, decode_server};
use tickwire_protocol::{
    Cadence, GameSchema, History, NetId, Receiver, Seen, SeenRows, Sender, Sight, Snapshot, Tick,
};

use crate::arbitrary::{any_batch, batch};
use crate::everything::{Sandbox, any_course, deltas, rows, tables};

fn any_sight(now: &Snapshot, tiers: u8, rng: &mut fastrand::Rng) -> SeenRows {
    let mut sight = SeenRows::new();
    for row in now.rows() {
        if rng.u8(0..5) == 0 {
            continue;
        }
        let seen = Seen {
            hidden: if rng.bool() {
                0
            } else {
                rng.u32(..) & row.mask
            },
            tier: rng.u8(0..tiers),
            weight: rng.u8(1..4),
        };
        sight.see(row.id, seen);
    }
    sight
}

/// The messages of a client that sees now this, now that, skips some snapshots, and has little room at times.
fn messages(course: &[Arc<Snapshot>], cadence: &Cadence, seed: u64) -> Vec<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let (mut history, mut deltas) = (History::new(), deltas());
    let mut sender = Sender::new(Some(NetId(3)), cadence.clone());
    let mut messages = Vec::new();
    let mut stall = 0_u32;
    for now in course {
        history.push(Arc::clone(now));
        deltas.set(Arc::clone(now));
        stall = stall.saturating_sub(1);
        if rng.u8(0..40) == 0 {
            stall = rng.u32(1..80);
        }
        if stall > 0 {
            continue;
        }
        let rows = any_sight(
            now,
            u8::try_from(cadence.periods().len()).unwrap(),
            &mut rng,
        );
        let sight = if rng.bool() {
            Sight::Rows(&rows)
        } else {
            Sight::All
        };
        let limit = rng.bool().then(|| rng.u32(0..3000));
        let slack = rng.bool().then(|| rng.i16(..));
        let slack = slack.map(|p50| Slack { p50, p1: p50 });
        let message = sender.write(slack, sight, limit, &history, &mut deltas);
        messages.extend(message.map(Vec::from));
    }
    messages
}

fn check(course: &[Arc<Snapshot>], periods: &[u8], seed: u64) -> Result<(), TestCaseError> {
    let cadence = Cadence::with_tiers(1, periods).checking_every(3);
    let client = || Receiver::new(rows(), tables(), cadence.clone());
    let (mut told, mut untold) = (client(), client());
    let mut sum = Ledger::new();
    for message in messages(course, &cadence, seed) {
        let read = decode_server(&message).unwrap();
        let mut ledger = Ledger::new();
        ledger.add_message(&read, message.len());
        let ServerMessage::Snapshot(header, body) = read else {
            panic!("not a snapshot");
        };
        let seen = Arc::clone(told.read_explained(header, body, &mut ledger).unwrap());
        prop_assert_eq!(
            &seen,
            untold.read(header, body).unwrap(),
            "who asks sees the same"
        );
        let bytes = message.len() as u64 + websocket_header(message.len() as u64);
        prop_assert_eq!(ledger.total(), 8 * bytes);
        sum.merge(&ledger);
    }
    let tree = sum.tree(&rows());
    prop_assert_eq!(tree.bits, sum.total());
    let leaves: u64 = tree.leaves().iter().map(|(_, bits)| bits).sum();
    prop_assert_eq!(leaves, sum.total());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_bit_of_a_snapshot_is_told_once(course in any_course(), seed in any::<u64>()) {
        check(&course, &[1], seed)?;
    }

    #[test]
    fn in_tiers_too(course in any_course(), seed in any::<u64>()) {
        check(&course, &[1, 2, 5], seed)?;
    }

    #[test]
    fn bytes_that_went_bad_are_told_whole_too(course in any_course(), seed in any::<u64>(), at in any::<prop::sample::Index>(), flip in 1..=u8::MAX) {
        let cadence = Cadence::every(1).checking_every(3);
        let mut client = Receiver::new(rows(), tables(), cadence.clone());
        for mut message in messages(&course, &cadence, seed) {
            let place = at.index(message.len());
            message[place] ^= flip;
            if let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) {
                let mut ledger = Ledger::new();
                let _ = ledger.read(&mut client, header, body);
                prop_assert_eq!(ledger.total(), 8 * body.len() as u64);
            }
            message[place] ^= flip;
            if let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) {
                let _ = client.read(header, body);
            }
        }
    }

    #[test]
    fn so_is_every_bit_of_events((tick, bodies) in any_batch()) {
        let message = batch(tick, &bodies).encode();
        let mut ledger = Ledger::new();
        Shadow::new(GameSchema::of::<Sandbox>()).hear(&message, &mut ledger).unwrap();
        let len = message.len() as u64;
        prop_assert_eq!(ledger.total(), 8 * (len + websocket_header(len)));
        let known = ["Started", "Said", "Hit", "Roster"];
        prop_assert!(ledger.events().all(|(name, _)| known.contains(&name)));
    }
}

#[test]
fn a_shadow_reads_along_from_the_welcome_on() {
    let now = {
        let mut now = Snapshot::new(rows(), Tick(7));
        now.push(NetId(3), 0b100)
            .iter_mut()
            .for_each(|word| *word = 0);
        Arc::new(now)
    };
    let [snapshot] = messages(&[now], &Cadence::every(2), 1).try_into().unwrap();
    let mut shadow = Shadow::new(GameSchema::of::<Sandbox>());
    let mut ledger = Ledger::new();
    assert!(
        shadow.hear(&snapshot, &mut ledger).is_err(),
        "not welcome yet"
    );
    let welcome = ServerControl::Welcome(Welcome {
        own: NetId(3),
        tick: Tick(6),
        tick_rate: 60,
        snapshot_interval: 2,
        tiers: Cadence::every(2).welcome_tiers(),
        rewind_limit: 200,
        level: "none".to_owned(),
        level_hash: 1,
        token: None,
    });
    let mut ledger = Ledger::new();
    shadow.hear(&welcome.encode(), &mut ledger).unwrap();
    shadow.hear(&snapshot, &mut ledger).unwrap();
    let bytes = welcome.encode().len() + 2 + snapshot.len() + 2;
    assert_eq!(ledger.total(), 8 * bytes as u64);
    let reasons: BTreeSet<_> = ledger
        .iter(&rows())
        .map(|(cause, _)| cause.reason)
        .collect();
    for reason in [
        Reason::Header,
        Reason::Control,
        Reason::WebSocket,
        Reason::Id,
    ] {
        assert!(reasons.contains(&reason), "{reason:?} of {reasons:?}");
    }
    assert!(shadow.hear(&[9], &mut ledger).is_err());

    let (before, mut broken) = (ledger.total(), snapshot.clone());
    broken.extend([1, 2, 3]);
    assert!(shadow.hear(&broken, &mut ledger).is_err());
    let bytes = broken.len() + 2;
    assert_eq!(
        ledger.total() - before,
        8 * bytes as u64,
        "unread bits are told too"
    );
}
