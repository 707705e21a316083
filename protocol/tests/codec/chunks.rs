//! Chunks come back, whatever the rows; and any bytes are either a chunk or an error.

use proptest::prelude::*;
use tickwire_protocol::codec::chunk::{ChunkDecoder, ChunkEncoder};
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::msb::{BitReader, BitWriter};
use tickwire_protocol::codec::past::Past;
use tickwire_protocol::codec::row::Task;
use tickwire_protocol::codec::tables::Tables;

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
    depth: usize,
    steps: u32,
    told: Told,
}

impl Case {
    fn task<'a>(&'a self, layout: &'a Layout, tables: &'a Tables) -> Task<'a> {
        let before = [2, 1, 0].map(|i| Some(&self.way[i][..]));
        let mut seen = [None; 3];
        seen[..self.depth].copy_from_slice(&before[..self.depth]);
        Task {
            layout,
            tables,
            past: Past::new(&self.way[3], seen, self.steps),
            whole: self.told == Told::Whole,
        }
    }

    fn now(&self) -> &[u32] {
        &self.way[4]
    }
}

fn any_case() -> impl Strategy<Value = Case> {
    let told = prop_oneof![Just(Told::Changed), Just(Told::Asked), Just(Told::Whole)];
    (any_way(5), 0..=3_usize, 1..=63_u32, told).prop_map(|(way, depth, steps, told)| Case {
        way,
        depth,
        steps,
        told,
    })
}

fn encode(cases: &[Case], layout: &Layout, tables: &Tables) -> Vec<u8> {
    let mut encoder = ChunkEncoder::new(layout);
    let mut writer = BitWriter::default();
    for case in cases {
        let task = case.task(layout, tables);
        writer.append_all(encoder.encode(task, case.now(), case.told == Told::Asked));
    }
    writer.finish()
}

/// Reads as many rows as there are; each is a row of the layout, whatever the bytes.
fn decode(bytes: &[u8], cases: &[Case], layout: &Layout, tables: &Tables) -> Vec<Vec<u32>> {
    let mut decoder = ChunkDecoder::new(layout);
    let mut bits = BitReader::new(bytes);
    let mut rows = Vec::new();
    for case in cases {
        let mut row = vec![0; layout.row_words()];
        let task = case.task(layout, tables);
        if decoder
            .decode(task, &mut row, case.told == Told::Asked, &mut bits)
            .is_err()
        {
            break;
        }
        let mut words = row.iter().zip(layout.columns());
        assert!(words.all(|(word, column)| *word <= column.max), "{row:?}");
        rows.push(row);
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
        for (row, case) in rows.iter().zip(&cases) {
            prop_assert_eq!(&row[..], case.now());
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

const GOLDEN: &[u8] = &[
    49, 243, 158, 24, 173, 47, 104, 212, 128, 8, 39, 142, 225, 252, 0,
];
