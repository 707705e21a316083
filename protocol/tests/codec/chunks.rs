//! Chunks come back, whatever the rows; and any bytes are either a chunk or an error.

use proptest::prelude::*;
use tickwire_protocol::codec::chunk::{ChunkDecoder, ChunkEncoder};
use tickwire_protocol::codec::forecast::Forecaster;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::{Past, RowWords};
use tickwire_protocol::codec::row::Task;
use tickwire_protocol::codec::site::Site;
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::explain::Ledger;

use crate::rows::{any_way, layout};

/// How a row is told: on its past, on its past when the reader does not know that it changed, or whole.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Told {
    Changed,
    Asked,
    Whole,
}

/// A row with the rows before it, and how it is told.
#[derive(Debug, Clone)]
struct Case {
    way: Vec<Vec<u32>>,
    /// The components that it has each time.
    masks: Vec<u32>,
    depth: usize,
    steps: u32,
    told: Told,
}

impl Case {
    fn task<'a>(&'a self, layout: &'a Layout, tables: &'a Tables) -> Task<'a> {
        let seen = [2, 1, 0].into_iter().take(self.depth).map(|i| self.row(i));
        Task {
            layout,
            tables,
            past: Past::new(self.row(3), seen, self.steps),
            whole: self.told == Told::Whole,
        }
    }

    fn asked(&self, task: &Task<'_>) -> Option<Site> {
        (self.told == Told::Asked).then(|| Forecaster::changed(&task.past))
    }

    fn row(&self, i: usize) -> RowWords<'_> {
        RowWords {
            mask: self.masks[i],
            words: &self.way[i],
        }
    }
}

const ALL: u32 = 0b1111;

fn any_masks() -> impl Strategy<Value = Vec<u32>> {
    let changing = prop::collection::vec(0..=ALL, 5);
    prop_oneof![2 => Just(vec![ALL; 5]), 1 => (0..=ALL).prop_map(|mask| vec![mask; 5]), 2 => changing]
}

fn any_case() -> impl Strategy<Value = Case> {
    let told = prop_oneof![Just(Told::Changed), Just(Told::Asked), Just(Told::Whole)];
    let how = (0..=3_usize, 1..=63_u32, told);
    (any_way(5), any_masks(), how).prop_map(|(mut way, masks, (depth, steps, told))| {
        for (row, mask) in way.iter_mut().zip(&masks) {
            for group in layout().groups() {
                if mask >> group.component & 1 == 0 {
                    row[group.columns.clone()].fill(0);
                }
            }
        }
        Case {
            way,
            masks,
            depth,
            steps,
            told,
        }
    })
}

fn encode(cases: &[Case], layout: &Layout, tables: &Tables) -> Vec<u8> {
    let mut encoder = ChunkEncoder::new(layout);
    let mut writer = BitWriter::default();
    for case in cases {
        let task = case.task(layout, tables);
        writer.append_all(encoder.encode(task, case.row(4), case.asked(&task)));
    }
    writer.finish()
}

/// Reads as many rows as there are; each is a row of the layout, whatever the bytes.
fn decode(bytes: &[u8], cases: &[Case], layout: &Layout, tables: &Tables) -> Vec<(u32, Vec<u32>)> {
    let mut decoder = ChunkDecoder::new(layout);
    let mut bits = BitReader::new(bytes);
    let mut rows = Vec::new();
    for case in cases {
        let mut row = vec![0; layout.row_words()];
        let task = case.task(layout, tables);
        let start = bits.position();
        let mut ledger = Ledger::new();
        let asked = case.asked(&task);
        let Ok(mask) = decoder.decode(task, &mut row, asked, &mut bits, &mut ledger) else {
            break;
        };
        assert_eq!(
            ledger.total(),
            (bits.position() - start) as u64,
            "every bit is for something"
        );
        let mut words = row.iter().zip(layout.columns());
        assert!(words.all(|(word, column)| *word <= column.max), "{row:?}");
        rows.push((mask, row));
    }
    rows
}

proptest! {
    #[test]
    fn chunks_come_back(cases in prop::collection::vec(any_case(), 1..12)) {
        let layout = layout();
        let tables = Tables::neutral(&layout);
        let bytes = encode(&cases, &layout, &tables);
        let rows = decode(&bytes, &cases, &layout, &tables);
        prop_assert_eq!(rows.len(), cases.len());
        for ((mask, words), case) in rows.iter().zip(&cases) {
            prop_assert_eq!(RowWords { mask: *mask, words }, case.row(4));
        }
    }

    #[test]
    fn truncated_chunks_end_early(cases in prop::collection::vec(any_case(), 1..6), cut in any::<prop::sample::Index>()) {
        let layout = layout();
        let tables = Tables::neutral(&layout);
        let bytes = encode(&cases, &layout, &tables);
        // A case that says nothing (an asked row that rests) may take less than a byte.
        let cut = cut.index(bytes.len().max(1));
        let rows = decode(&bytes[..cut], &cases, &layout, &tables);
        prop_assert!(cut == bytes.len() || rows.len() < cases.len(), "{} of {}", cut, bytes.len());
    }

    #[test]
    fn flipped_bits_do_not_panic(cases in prop::collection::vec(any_case(), 1..6), flips in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let layout = layout();
        let tables = Tables::neutral(&layout);
        let mut bytes = encode(&cases, &layout, &tables);
        for flip in flips {
            let bit = flip.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        decode(&bytes, &cases, &layout, &tables);
    }

    #[test]
    fn any_bytes_do_not_panic(cases in prop::collection::vec(any_case(), 1..6), bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let layout = layout();
        decode(&bytes, &cases, &layout, &Tables::neutral(&layout));
    }
}

/// Both ends must agree to the bit, and so must builds of different days: whoever changes these bytes changes the protocol.
#[test]
fn bytes_are_fixed() {
    let layout = layout();
    let tables = Tables::neutral(&layout);
    let row = |k: u32| -> Vec<u32> {
        let columns = layout.columns().iter().enumerate();
        columns
            .map(|(i, column)| (i as u32 * 37 + k * (i as u32 % 5)).min(column.max))
            .collect()
    };
    let case = Case {
        way: (0..5).map(row).collect(),
        masks: vec![ALL; 5],
        depth: 3,
        steps: 1,
        told: Told::Asked,
    };
    let whole = Case {
        told: Told::Whole,
        ..case.clone()
    };
    let bytes = encode(&[case, whole], &layout, &tables);
    assert_eq!(bytes, GOLDEN);
}

const GOLDEN: &[u8] = &[47, 73, 52, 190, 180, 185, 56, 102, 0, 32, 160, 14, 110, 196];
