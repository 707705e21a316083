//! What the server puts together for a client is what the client then holds; and a stranger's bytes are an error at worst.

use proptest::prelude::*;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::share::Shared;
use tickwire_protocol::codec::sight::{Rows, Sight, Ticks};
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::codec::view::{View, ViewReader};

use crate::rows::{any_way, layout};

/// A world of one tick: all its rows.
struct World(Vec<Vec<u32>>);

impl Rows for World {
    fn row(&self, slot: usize) -> Option<&[u32]> {
        self.0.get(slot).map(Vec::as_slice)
    }
}

const TICKS: usize = 9;
const SLOTS: usize = 70;

/// Worlds by tick; and for each tick what a client sees, one bit for each slot.
#[derive(Debug, Clone)]
struct Play {
    ways: Vec<Vec<Vec<u32>>>,
    seen: Vec<[u64; 2]>,
}

fn any_play() -> impl Strategy<Value = Play> {
    // A slot is seen for a while: where two neighbours draw alike, nothing enters or leaves.
    let seen = prop::collection::vec((any::<[u64; 2]>(), any::<bool>()), TICKS);
    (prop::collection::vec(any_way(TICKS), SLOTS), seen).prop_map(|(ways, drawn)| {
        let mut seen: Vec<[u64; 2]> = Vec::new();
        for (mut slots, anew) in drawn {
            if let Some(last) = seen.last().filter(|_| !anew) {
                slots = *last;
            }
            slots[1] &= (1 << (SLOTS - 64)) - 1;
            seen.push(slots);
        }
        Play { ways, seen }
    })
}

/// Sends every tick on the one before it and gives the bytes with the views that they are made of.
fn send(play: &Play, layout: &Layout, tables: &Tables) -> Vec<Vec<u8>> {
    let world = |tick: usize| World(play.ways.iter().map(|way| way[tick].clone()).collect());
    let worlds: Vec<World> = (0..TICKS).map(world).collect();
    let nothing = [0, 0];
    (0..TICKS)
        .map(|tick| {
            let seen = |back| {
                tick.checked_sub(back)
                    .map_or(&nothing[..], |tick| &play.seen[tick][..])
            };
            let at = |back| tick.checked_sub(back).map(|tick| &worlds[tick]);
            let ticks = Ticks {
                now: &worlds[tick],
                base: at(1).unwrap_or(&worlds[0]),
                before: [at(2), at(3), at(4)],
                steps: 1,
            };
            let mut shared = Shared::new(layout, tables, ticks, SLOTS);
            let sight = Sight {
                now: seen(0),
                base: seen(1),
                before: [seen(2), seen(3), seen(4)],
            };
            // A second client with the same eyes gets the same bytes, made of the same chunks.
            let [first, second] = [(); 2].map(|()| {
                let mut out = BitWriter::default();
                shared.write(sight, &mut out);
                out.finish()
            });
            assert_eq!(first, second);
            first
        })
        .collect()
}

/// Reads what comes until something is wrong with it.
fn receive(messages: &[Vec<u8>], layout: &Layout, tables: &Tables) -> Vec<View> {
    let mut reader = ViewReader::new(layout);
    let mut views = vec![View::new(layout, SLOTS)];
    for bytes in messages {
        let mut bits = BitReader::new(bytes);
        let mut now = View::default();
        let n = views.len();
        let before = std::array::from_fn(|k| (n >= k + 2).then(|| &views[n - k - 2]));
        let read = reader.read(
            (layout, tables),
            (&views[n - 1], before, 1),
            &mut bits,
            &mut now,
        );
        if read.is_err() || bits.finish().is_err() {
            break;
        }
        views.push(now);
    }
    views.split_off(1)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_client_holds_what_it_sees(play in any_play()) {
        let layout = layout();
        let tables = Tables::neutral(&layout);
        let views = receive(&send(&play, &layout, &tables), &layout, &tables);
        prop_assert_eq!(views.len(), TICKS);
        for (tick, view) in views.iter().enumerate() {
            for (slot, way) in play.ways.iter().enumerate() {
                let sees = play.seen[tick][slot / 64] >> (slot % 64) & 1 == 1;
                prop_assert_eq!(view.row(slot), sees.then_some(&way[tick][..]), "tick {} slot {}", tick, slot);
            }
        }
    }

    #[test]
    fn broken_snapshots_do_not_panic(
        play in any_play(),
        flips in prop::collection::vec((0..TICKS, any::<prop::sample::Index>()), 1..4),
        (cut_tick, cut) in (0..TICKS, any::<prop::sample::Index>()),
    ) {
        let layout = layout();
        let tables = Tables::neutral(&layout);
        let mut messages = send(&play, &layout, &tables);
        let bytes = &mut messages[cut_tick];
        bytes.truncate(cut.index(bytes.len() + 1));
        for (tick, flip) in flips {
            let bytes = &mut messages[tick];
            if !bytes.is_empty() {
                let bit = flip.index(bytes.len() * 8);
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        }
        receive(&messages, &layout, &tables);
    }

    #[test]
    fn any_snapshots_do_not_panic(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..120), 1..20)) {
        let layout = layout();
        receive(&messages, &layout, &Tables::neutral(&layout));
    }
}
