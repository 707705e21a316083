//! Two snapshots, the bits between them, and the second one again.

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::bits::{BitReader, BitWriter};
use tickwire_protocol::limits::{MAX_NET_ID, MAX_ROWS, MAX_SERVER_MESSAGE, MAX_WORDS};
use tickwire_protocol::{DecodeError, NetId, Schema, Snapshot, Tick, Wire, delta};

use crate::everything::{Everything, any_pair, rows};

/// 256 columns of one bit: the most words for the fewest bits.
#[derive(Wire, Debug, Clone)]
struct Widest {
    flags: [[bool; 16]; 16],
}

/// As many bits as a row can have.
#[derive(Wire, Debug, Clone)]
struct Heaviest {
    numbers: [[u32; 16]; 16],
}

fn encoded(baseline: &Snapshot, now: &Snapshot) -> Vec<u8> {
    let mut bits = BitWriter::new();
    delta::encode(baseline, now, &mut bits);
    bits.finish()
}

fn decoded(baseline: &Snapshot, tick: Tick, bytes: &[u8]) -> Result<Snapshot, DecodeError> {
    let mut bits = BitReader::new(bytes);
    let snapshot = delta::decode(baseline, tick, &mut bits)?;
    bits.finish().map(|()| snapshot)
}

/// A delta written by hand.
fn bits(list: &[(u32, u32)]) -> Vec<u8> {
    let mut out = BitWriter::new();
    for (value, width) in list {
        out.write(*value, *width);
    }
    out.finish()
}

proptest! {
    #[test]
    fn a_delta_makes_the_new_snapshot_of_the_old((old, new) in any_pair()) {
        let empty = Snapshot::new(rows(), Tick(0));
        for (from, to) in [(&old, &new), (&empty, &new), (&new, &empty), (&new, &old)] {
            let bytes = encoded(from, to);
            let seen = decoded(from, to.tick(), &bytes);
            prop_assert_eq!(seen.as_ref(), Ok(to));
            prop_assert_eq!(seen.map(|s| s.hash()), Ok(to.hash()));
        }
        prop_assert_eq!(encoded(&old, &old), [0]);
    }
}

#[test]
fn contradictions_with_the_baseline_are_errors() {
    let empty = Snapshot::new(rows(), Tick(0));
    let mut one = Snapshot::new(rows(), Tick(1));
    one.push(NetId(0), 0);
    let row = [(1, 1), (1, 1)]; // a row follows, gap 0
    let change = bits(&[row[0], row[1], (0, 1), (0, 1), (0, 1)]);
    let spawn = bits(&[row[0], row[1], (0b01, 2), (0, 4), (0, 1)]);
    let despawn = bits(&[row[0], row[1], (0b011, 3), (0, 1)]);
    assert_eq!(decoded(&empty, Tick(1), &spawn), Ok(one.clone()));
    assert!(decoded(&one, Tick(2), &despawn).is_ok_and(|s| s.is_empty()));
    assert!(decoded(&one, Tick(1), &change).is_ok_and(|s| s == one));
    for (baseline, delta) in [(&empty, change), (&empty, despawn), (&one, spawn)] {
        assert!(matches!(
            decoded(baseline, Tick(2), &delta),
            Err(DecodeError::Contradiction(_))
        ));
    }
}

#[test]
fn words_and_ids_above_their_maximum_are_errors() {
    let empty = Snapshot::new(rows(), Tick(0));
    let score_has_no_gaps = bits(&[(1, 1), (1, 1), (0b01, 2), (0b1000, 4), (3, 2), (0, 1)]);
    assert_eq!(
        decoded(&empty, Tick(1), &score_has_no_gaps),
        Err(DecodeError::OutOfRange {
            what: "word of a column",
            value: 3,
            max: 2
        })
    );
    let mut far = BitWriter::new();
    far.write_bool(true);
    far.write_gamma(MAX_NET_ID + 1);
    assert!(matches!(
        decoded(&empty, Tick(1), &far.finish()),
        Err(DecodeError::OutOfRange {
            what: "network id",
            ..
        })
    ));
}

#[test]
fn a_delta_cannot_ask_for_more_rows_than_the_limits_allow() {
    for schema in [
        Schema::of::<()>(),
        Schema::of::<(Everything,)>(),
        Schema::of::<(Widest,)>(),
    ] {
        let (max, components) = (schema.max_rows(), schema.components().len());
        assert!(max <= MAX_ROWS && max * schema.row_words() <= MAX_WORDS);
        let empty = Snapshot::new(Arc::new(schema), Tick(0));
        // The shortest spawn there is: next id, no component.
        let mut out = BitWriter::new();
        for _ in 0..max {
            out.write(0b0111, 4);
            out.write(0, u32::try_from(components).unwrap());
        }
        let mut more = out.clone();
        out.write_bool(false);
        let full = decoded(&empty, Tick(1), &out.finish()).unwrap();
        assert_eq!(full.len(), max);
        more.write(0b0111, 4);
        more.write(0, 1);
        assert!(matches!(
            decoded(&empty, Tick(1), &more.finish()),
            Err(DecodeError::OutOfRange {
                what: "number of entities",
                ..
            })
        ));
    }
}

#[test]
fn the_largest_delta_fits_a_message() {
    let schema = Arc::new(Schema::of::<(Heaviest,)>());
    let max = u32::try_from(schema.max_rows()).unwrap();
    let table = |offset, word| {
        let mut snapshot = Snapshot::new(Arc::clone(&schema), Tick(offset));
        for i in 0..max {
            let id = NetId(i * (MAX_NET_ID / max) + offset);
            snapshot.push(id, 1).fill(word);
        }
        snapshot
    };
    let (a, b, c) = (table(0, 0), table(0, u32::MAX), table(1, 0));
    for (from, to) in [(&a, &b), (&a, &c)] {
        let bytes = encoded(from, to);
        assert!(bytes.len() + 8 <= MAX_SERVER_MESSAGE);
        assert_eq!(decoded(from, to.tick(), &bytes).as_ref(), Ok(to));
    }
}

#[test]
#[should_panic(expected = "at most 2048 rows")]
fn a_snapshot_that_no_client_would_take_is_not_built() {
    let mut snapshot = Snapshot::new(Arc::new(Schema::of::<(Widest,)>()), Tick(0));
    for id in 0..=2048 {
        snapshot.push(NetId(id), 0);
    }
}

#[test]
#[should_panic(expected = "some is 21, above its maximum of 20")]
fn a_word_that_no_client_would_take_is_not_written() {
    let mut snapshot = Snapshot::new(rows(), Tick(1));
    snapshot.push(NetId(0), 1)[2] = 21;
    encoded(&Snapshot::new(rows(), Tick(0)), &snapshot);
}
