//! Unpacked recorded worlds.
//!
//! `TBL1`; frames, entities and fields (u32, little-endian, as all of it); the rate (f32); for each field its name (16
//! bytes, filled up with NUL), bits (u8), whether it is signed (u8), its kind (u8) and its group (u8; neighbours of one group belong
//! together); then frames × entities × fields words (i32). Kinds: 0 a flag or an enum, 1 a linear quantity, 2 the index of a
//! quaternion's largest component, 3 a component of one, 4 an angle.

use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::recording::Recording;
use tickwire_protocol::{Column, ColumnKind};

/// Ticks per second, and the rows.
pub(crate) fn parse(bytes: &[u8]) -> Option<(f64, Recording)> {
    let mut rest = bytes.strip_prefix(b"TBL1")?;
    let mut number = || {
        let (first, others) = rest.split_first_chunk::<4>()?;
        rest = others;
        Some(*first)
    };
    let [ticks, entities, fields] =
        [number()?, number()?, number()?].map(|b| u32::from_le_bytes(b) as usize);
    let rate = f64::from(f32::from_le_bytes(number()?));
    let (mut groups, mut biases, mut last) = (Vec::<Vec<Column>>::new(), Vec::new(), None);
    for _ in 0..fields {
        let (name, others) = rest.split_first_chunk::<16>()?;
        let ([bits, signed, kind, group], others) = others.split_first_chunk::<4>()?;
        rest = others;
        if !(1..=32).contains(bits) {
            return None;
        }
        let max = u32::MAX >> (32 - u32::from(*bits));
        biases.push(if *signed == 1 { max / 2 + 1 } else { 0 });
        if last != Some(*group) {
            groups.push(Vec::new());
        }
        last = Some(*group);
        let name = String::from_utf8_lossy(name);
        let column = Column::new(name.trim_end_matches('\0'), kind_of(*kind, *bits), max);
        groups.last_mut()?.push(column);
    }
    let mut words = rest
        .as_chunks()
        .0
        .iter()
        .zip(biases.iter().cycle())
        .map(|(word, bias)| u32::from_le_bytes(*word).wrapping_add(*bias));
    let all = (1_u64 << groups.len()) - 1;
    let mut recording = Recording::new(Layout::new(groups.iter().map(Vec::as_slice)));
    for _ in 0..ticks {
        recording.push_tick();
        for entity in 0..u32::try_from(entities).ok()? {
            for word in recording.push_row(entity, u32::try_from(all).ok()?) {
                *word = words.next()?;
            }
        }
    }
    words.next().is_none().then_some((rate, recording))
}

fn kind_of(kind: u8, bits: u8) -> ColumnKind {
    match (kind, bits) {
        (0, 1) => ColumnKind::Flag,
        (0, _) => ColumnKind::Enum { variants: &[] },
        (2, _) => ColumnKind::RotationLargest,
        (3, _) => ColumnKind::RotationPart,
        (4, _) => ColumnKind::Angle,
        _ => ColumnKind::Fixed {
            min: 0.0,
            step: 1.0,
        },
    }
}
