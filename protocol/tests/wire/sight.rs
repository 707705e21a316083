//! Clients that see less than everything: their views, their secrets, and who left.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::message::{ServerMessage, Start, decode_server};
use tickwire_protocol::{
    Cadence, History, NetId, Receiver, Row, Seen, SeenRows, Sender, Sight, Snapshot, Tick,
};

use crate::everything::{any_course, deltas, receiver, rows, sender, tables};

/// A row's mask and words.
type Content = (u32, Vec<u32>);

/// The row as someone sees it from whom the components of `hidden` are kept.
fn veiled(row: Row<'_>, hidden: u32) -> Content {
    let schema = rows();
    let mut words = row.words.to_vec();
    for (i, component) in schema.components().iter().enumerate() {
        if hidden >> i & 1 == 1 {
            words[component.columns.clone()].fill(0);
        }
    }
    (row.mask & !hidden, words)
}

/// Any choice of rows, a little more in sight than out of it, that mostly stays as it was.
fn any_sight(
    now: &Snapshot,
    before: &BTreeMap<NetId, Seen>,
    tiers: u8,
    rng: &mut fastrand::Rng,
) -> BTreeMap<NetId, Seen> {
    let mut sight = BTreeMap::new();
    for row in now.rows() {
        let known = before.get(&row.id).filter(|_| rng.u8(0..8) > 0);
        let mut seen = known.copied().unwrap_or_else(|| Seen {
            hidden: if rng.bool() { 0 } else { rng.u32(..) },
            tier: rng.u8(0..tiers),
            weight: rng.u8(1..4),
        });
        seen.hidden &= row.mask;
        if known.is_some() || rng.u8(0..4) > 0 {
            sight.insert(row.id, seen);
        }
    }
    sight
}

fn seen_rows(sight: &BTreeMap<NetId, Seen>) -> SeenRows {
    let mut rows = SeenRows::new();
    for (id, seen) in sight {
        rows.see(*id, *seen);
    }
    rows
}

fn read<'a>(receiver: &'a mut Receiver, message: &[u8]) -> &'a Arc<Snapshot> {
    let Ok(ServerMessage::Snapshot(header, body)) = decode_server(message) else {
        panic!("not a snapshot");
    };
    receiver.read(header, body).unwrap()
}

/// What a client should hold, worked out by hand.
#[derive(Default)]
struct Model {
    rows: BTreeMap<NetId, Content>,
}

impl Model {
    /// The sender says which rows it wrote anew; their words are the world's.
    fn update(&mut self, now: &Snapshot, sender: &Sender, sight: &BTreeMap<NetId, Seen>) {
        let view: BTreeMap<_, _> = sender.view().collect();
        self.rows.retain(|id, _| view.contains_key(id));
        for (id, version) in view {
            assert!(sight.contains_key(&id), "{id} is not to be seen");
            if version == Some(now.tick()) {
                let row = now.row(id).expect("a row that was written is there");
                self.rows.insert(id, veiled(row, sight[&id].hidden));
            }
        }
    }
}

fn play(
    course: &[Arc<Snapshot>],
    seed: u64,
    skips: u128,
    periods: &[u8],
    limited: bool,
) -> Result<(), TestCaseError> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let cadence = || Cadence::with_tiers(1, periods).checking_every(3);
    let (mut history, mut deltas) = (History::new(), deltas());
    let mut sender = Sender::new(Some(NetId(3)), cadence());
    let mut receiver = Receiver::new(rows(), tables(), cadence());
    let (mut model, mut sight) = (Model::default(), BTreeMap::new());
    let tiers = u8::try_from(periods.len()).unwrap();
    for (i, now) in course.iter().enumerate() {
        history.push(Arc::clone(now));
        deltas.set(Arc::clone(now));
        // The second half is one long stall.
        let stalled = course.len() / 2 < i && i + 1 < course.len() && !limited;
        if skips >> (i % 128) & 1 == 1 || stalled {
            continue;
        }
        sight = if rng.u8(0..8) == 0 {
            now.ids().iter().map(|id| (*id, Seen::default())).collect()
        } else {
            any_sight(now, &sight, tiers, &mut rng)
        };
        let all = sight.len() == now.len() && sight.values().all(|seen| *seen == Seen::default());
        let rows = seen_rows(&sight);
        let shown = if all && rng.bool() {
            Sight::All
        } else {
            Sight::Rows(&rows)
        };
        let limit = limited.then(|| rng.u32(0..3000));
        let message = sender
            .write(None, shown, limit, &history, &mut deltas)
            .unwrap();
        model.update(now, &sender, &sight);
        let before: Vec<_> = receiver
            .history()
            .latest()
            .map_or(Vec::new(), |last| last.ids().to_vec());
        let view = Arc::clone(read(&mut receiver, &message));
        prop_assert!(!receiver.is_broken(), "the checksum holds");
        let held: BTreeMap<_, _> = view
            .rows()
            .map(|row| (row.id, (row.mask, row.words.to_vec())))
            .collect();
        prop_assert_eq!(&held, &model.rows);
        if !limited {
            prop_assert!(held.keys().eq(sight.keys()));
            let versions: BTreeMap<_, _> = sender.view().collect();
            for (id, seen) in &sight {
                prop_assert!(seen.tier > 0 || versions[id] == Some(now.tick()));
            }
        }
        let Ok(ServerMessage::Snapshot(header, _)) = decode_server(&message) else {
            unreachable!()
        };
        if matches!(header.start, Start::Next(_)) {
            for id in before.iter().filter(|id| !held.contains_key(id)) {
                prop_assert_eq!(receiver.has_left(*id), now.row(*id).is_some());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn a_client_holds_what_it_was_shown_and_no_more(course in any_course(), seed in any::<u64>(), skips in any::<u128>()) {
        play(&course, seed, skips, &[1], false)?;
    }

    #[test]
    fn in_tiers_too(course in any_course(), seed in any::<u64>(), skips in any::<u128>()) {
        play(&course, seed, skips, &[1, 2, 6], false)?;
        play(&course, seed, 0, &[1, 63], false)?;
    }

    #[test]
    fn and_on_a_budget(course in any_course(), seed in any::<u64>(), skips in any::<u128>()) {
        play(&course, seed, skips, &[1, 3], true)?;
        play(&course, seed, 0, &[1], true)?;
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
    let (mut history, mut deltas) = (History::new(), deltas());
    let (mut sender, mut receiver) = (sender(), receiver());
    let mut tell = |tick, ids: &[u32], seen: &[u32]| {
        let now = scores(tick, ids);
        history.push(Arc::clone(&now));
        deltas.set(now);
        let mut rows = SeenRows::new();
        for id in seen {
            rows.see(NetId(*id), Seen::default());
        }
        let message = sender.write(None, Sight::Rows(&rows), None, &history, &mut deltas);
        read(&mut receiver, &message.unwrap());
        [receiver.has_left(NetId(1)), receiver.has_left(NetId(2))]
    };
    assert_eq!(tell(1, &[1, 2, 3], &[1, 2, 3]), [false, false]);
    assert_eq!(tell(2, &[1, 3], &[3]), [true, false], "1 left, 2 is gone");
    assert_eq!(tell(3, &[1, 3], &[1, 3]), [false, false], "1 is back");
    assert_eq!(tell(4, &[3], &[3]), [false, false], "and then gone");
    assert_eq!(tell(5, &[1, 3], &[1, 3]), [false, false]);
    assert_eq!(tell(6, &[1, 3], &[3]), [true, false]);
    assert_eq!(tell(69, &[1, 3], &[3]), [true, false]);
    assert_eq!(tell(70, &[1, 3], &[3]), [false, false], "long ago");
}

#[test]
fn who_sees_nothing_is_told_nothing_for_as_long_as_that_lasts() {
    let (mut history, mut deltas) = (History::new(), deltas());
    let (mut sender, mut receiver) = (sender(), receiver());
    for tick in 1..8 {
        let now = scores(tick, if tick < 6 { &[] } else { &[4] });
        history.push(Arc::clone(&now));
        deltas.set(now);
        let message = sender.write(None, Sight::All, None, &history, &mut deltas);
        let there = read(&mut receiver, &message.unwrap()).len();
        assert_eq!(there, usize::from(tick >= 6), "tick {tick}");
    }
}

/// What two clients see next to each other is worked out when the first of them is served, once it is known that it is wanted.
#[test]
fn neighbours_of_what_a_client_sees_are_looked_at_with_it() {
    let (mut history, mut deltas) = (History::new(), deltas());
    let mut clients = [0, 4].map(|first| {
        let sight: BTreeMap<_, _> = (first..first + 4)
            .map(|id| (NetId(id), Seen::default()))
            .collect();
        let cadence = Cadence::every(1);
        let receiver = Receiver::new(rows(), tables(), cadence.clone());
        (sender(), receiver, seen_rows(&sight))
    });
    for tick in 0..8 {
        let mut now = Snapshot::new(rows(), Tick(tick));
        for id in 0..8 {
            now.push(NetId(id), 1)[0] = tick % 2;
        }
        let now = Arc::new(now);
        history.push(Arc::clone(&now));
        deltas.set(Arc::clone(&now));
        let made = clients.each_mut().map(|(sender, receiver, sight)| {
            let before = deltas.made();
            let message = sender.write(None, Sight::Rows(sight), None, &history, &mut deltas);
            let seen = read(receiver, &message.unwrap());
            let words = |row: Row<'_>| row.words.to_vec();
            assert!(
                seen.rows()
                    .all(|row| now.row(row.id).map(words) == Some(words(row)))
            );
            deltas.made() - before
        });
        // Whole rows, then chunks for who has not had them for three ticks, then those for all: at first, of what each wants.
        assert_eq!(made, if tick < 5 { [4, 4] } else { [8, 0] }, "tick {tick}");
    }
}
