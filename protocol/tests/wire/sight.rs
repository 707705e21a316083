//! Clients that see less than everything: their views, their secrets, and who left.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::message::{ServerMessage, decode_server};
use tickwire_protocol::{
    History, NetId, Receiver, Row, Seen, Sender, SharedDeltas, Sight, Snapshot, Tick,
};

use crate::everything::{any_course, rows};

type Version = (u32, Vec<u32>, Tick);

/// What a client should hold, worked out by hand.
#[derive(Default)]
struct Model {
    rows: BTreeMap<NetId, Version>,
    at: Option<Tick>,
}

/// The row as someone sees it who may see only the components of `allowed`.
fn masked(row: Row<'_>, allowed: u32, tick: Tick) -> Version {
    let schema = rows();
    let mut words = row.words.to_vec();
    for (i, component) in schema.components().iter().enumerate() {
        if allowed >> i & 1 == 0 {
            words[component.columns.clone()].fill(0);
        }
    }
    (row.mask & allowed, words, tick)
}

impl Model {
    fn see(&mut self, now: &Snapshot, rows: &[Seen]) {
        let lost = self
            .at
            .is_none_or(|at| now.tick().since(at) >= HISTORY_TICKS.cast_signed());
        let before = if lost {
            BTreeMap::new()
        } else {
            std::mem::take(&mut self.rows)
        };
        self.at = Some(now.tick());
        self.rows.clear();
        for seen in rows {
            let row = now.at(seen.row as usize).unwrap();
            let version = if seen.held {
                before.get(&row.id).cloned()
            } else {
                Some(masked(row, seen.allowed, now.tick()))
            };
            if let Some(version) = version {
                self.rows.insert(row.id, version);
            }
        }
    }
}

/// Any choice of rows, different for each tick, a little more in sight than out of it.
fn any_sight(now: &Snapshot, rng: &mut fastrand::Rng) -> Vec<Seen> {
    let rows = 0..u32::try_from(now.len()).unwrap();
    rows.filter_map(|row| {
        let seen = Seen {
            row,
            allowed: rng.u32(..) | rng.u32(..),
            held: rng.u8(0..4) == 0,
        };
        (rng.u8(0..4) > 0).then_some(seen)
    })
    .collect()
}

fn read<'a>(receiver: &'a mut Receiver, message: &[u8]) -> &'a Arc<Snapshot> {
    let Ok(ServerMessage::Snapshot(header, delta)) = decode_server(message) else {
        panic!("not a snapshot");
    };
    receiver.read(header, delta).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_client_holds_what_it_was_shown_and_no_more(course in any_course(), seed in any::<u64>(), skips in any::<u128>()) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let (mut history, mut deltas) = (History::new(), SharedDeltas::new(rows()));
        let (mut sender, mut receiver, mut model) = (Sender::new(), Receiver::new(rows()), Model::default());
        for (i, now) in course.iter().enumerate() {
            history.push(Arc::clone(now));
            deltas.set(Arc::clone(now));
            // The second half is one long stall.
            let stalled = course.len() / 2 < i && i + 1 < course.len();
            if skips >> (i % 128) & 1 == 1 || stalled {
                continue;
            }
            let all: Vec<_> = (0..).take(now.len()).map(|row| Seen::now(row, u32::MAX)).collect();
            let rows = any_sight(now, &mut rng);
            let sees_all = rng.u8(0..8) == 0;
            let (sight, rows) = if sees_all { (Sight::All, all) } else { (Sight::Rows(&rows), rows.clone()) };
            let before: Vec<_> = model.rows.keys().copied().collect();
            model.see(now, &rows);
            let message = sender.write(None, sight, &history, &mut deltas).unwrap();
            let view = read(&mut receiver, &message);
            let held: BTreeMap<_, _> = view.rows().map(|row| (row.id, (row.mask, row.words.to_vec()))).collect();
            let expected: BTreeMap<_, _> =
                model.rows.iter().map(|(id, (mask, words, _))| (*id, (*mask, words.clone()))).collect();
            prop_assert_eq!(held, expected);
            prop_assert_eq!(sender.view().is_none(), sees_all);
            if let Some(view) = sender.view() {
                let versions: Vec<_> = view.map(|(row, version)| (row.id, version)).collect();
                let expected: Vec<_> = model.rows.iter().map(|(id, (.., version))| (*id, *version)).collect();
                prop_assert_eq!(versions, expected);
            }
            if decode_baseline(&message).is_some() {
                for id in before.iter().filter(|id| !model.rows.contains_key(id)) {
                    prop_assert_eq!(receiver.has_left(*id), now.row(*id).is_some());
                }
            }
        }
    }
}

fn decode_baseline(message: &[u8]) -> Option<Tick> {
    match decode_server(message) {
        Ok(ServerMessage::Snapshot(header, _)) => header.baseline,
        _ => None,
    }
}

/// A snapshot in which each of `ids` has a score.
fn scores(tick: u32, ids: &[u32]) -> Arc<Snapshot> {
    let mut snapshot = Snapshot::new(rows(), Tick(tick));
    for id in ids {
        snapshot.push(NetId(*id), 0b0100);
    }
    Arc::new(snapshot)
}

#[test]
fn leaving_and_despawning_are_told_apart_until_the_entity_comes_back() {
    let (mut history, mut deltas) = (History::new(), SharedDeltas::new(rows()));
    let (mut sender, mut receiver) = (Sender::new(), Receiver::new(rows()));
    let mut tell = |tick, ids: &[u32], seen: &[u32]| {
        let now = scores(tick, ids);
        history.push(Arc::clone(&now));
        deltas.set(now);
        let rows: Vec<_> = seen.iter().map(|row| Seen::now(*row, u32::MAX)).collect();
        let message = sender.write(None, Sight::Rows(&rows), &history, &mut deltas);
        read(&mut receiver, &message.unwrap());
        [receiver.has_left(NetId(1)), receiver.has_left(NetId(2))]
    };
    assert_eq!(tell(1, &[1, 2, 3], &[0, 1, 2]), [false, false]);
    assert_eq!(tell(2, &[1, 3], &[1]), [true, false], "1 left, 2 is gone");
    assert_eq!(tell(3, &[1, 3], &[0, 1]), [false, false], "1 is back");
    assert_eq!(tell(4, &[3], &[0]), [false, false], "and then gone");
    assert_eq!(tell(5, &[1, 3], &[0, 1]), [false, false]);
    assert_eq!(tell(6, &[1, 3], &[1]), [true, false]);
    assert_eq!(tell(69, &[1, 3], &[1]), [true, false]);
    assert_eq!(tell(70, &[1, 3], &[1]), [false, false], "long ago");
}
