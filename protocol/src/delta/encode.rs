//! Two snapshots in, bits out.

use std::cmp::Ordering;

use super::{columns, mask_bits, part, present};
use crate::bits::BitWriter;
use crate::schema::{Column, Component, Schema};
use crate::snapshot::{NetId, Row, Snapshot};

/// Writes what turns `baseline` into `now`. An empty baseline gives the full snapshot.
///
/// # Panics
/// When the two have different schemas, or a row has a word above its column's maximum.
pub fn encode(baseline: &Snapshot, now: &Snapshot, out: &mut BitWriter) {
    encode_view(baseline, now, now, out);
}

/// Writes what turns one view into the next. Of the rows that are gone from it, those that `world` still has have left the
/// view; the others are despawned.
///
/// # Panics
/// As [`encode`].
pub fn encode_view(baseline: &Snapshot, now: &Snapshot, world: &Snapshot, out: &mut BitWriter) {
    assert_eq!(
        baseline.schema().hash(),
        now.schema().hash(),
        "a delta is between snapshots of one schema"
    );
    let mut writer = RowWriter {
        out,
        schema: now.schema(),
        next_id: 0,
    };
    let mut before = baseline.rows().peekable();
    let mut after = now.rows().peekable();
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(b), Some(a)) => b.id.cmp(&a.id),
        };
        match order {
            Ordering::Less => before
                .next()
                .into_iter()
                .for_each(|row| writer.gone(row, world)),
            Ordering::Greater => after.next().into_iter().for_each(|row| writer.spawned(row)),
            Ordering::Equal => before
                .next()
                .zip(after.next())
                .into_iter()
                .for_each(|(b, a)| writer.kept(b, a)),
        }
    }
    writer.out.write_bool(false);
}

struct RowWriter<'a> {
    out: &'a mut BitWriter,
    schema: &'a Schema,
    /// The smallest id that can come next.
    next_id: u32,
}

impl RowWriter<'_> {
    fn head(&mut self, id: NetId) {
        self.out.write_bool(true);
        self.out.write_gamma(id.0 - self.next_id);
        self.next_id = id.0 + 1;
    }

    fn gone(&mut self, row: Row<'_>, world: &Snapshot) {
        self.head(row.id);
        self.out.write(0b11, 2);
        self.out.write_bool(world.row(row.id).is_some());
    }

    fn spawned(&mut self, row: Row<'_>) {
        self.head(row.id);
        // Bits go lowest first: 1 (not a change), then 0 (a spawn).
        self.out.write(0b01, 2);
        self.mask(row.mask);
        for (_, component) in present(self.schema, row.mask) {
            self.words(component, row.words);
        }
    }

    fn kept(&mut self, before: Row<'_>, after: Row<'_>) {
        if before.mask == after.mask && before.words == after.words {
            return;
        }
        self.head(after.id);
        self.out.write_bool(false);
        self.out.write_bool(before.mask != after.mask);
        if before.mask != after.mask {
            self.mask(after.mask);
        }
        for (bit, component) in present(self.schema, after.mask) {
            if before.mask & bit != 0 {
                self.changed(component, before.words, after.words);
            } else {
                self.words(component, after.words);
            }
        }
    }

    fn changed(&mut self, component: &Component, before: &[u32], after: &[u32]) {
        let (before, after) = (part(component, before), part(component, after));
        self.out.write_bool(before != after);
        if before == after {
            return;
        }
        let words = before.iter().zip(after);
        for (column, (old, new)) in columns(self.schema, component).iter().zip(words) {
            if component.columns.len() > 1 {
                self.out.write_bool(old != new);
            }
            if old != new {
                self.word(column, *new);
            }
        }
    }

    fn mask(&mut self, mask: u32) {
        self.out.write(mask, mask_bits(self.schema));
    }

    fn words(&mut self, component: &Component, words: &[u32]) {
        let words = part(component, words);
        for (column, word) in columns(self.schema, component).iter().zip(words) {
            self.word(column, *word);
        }
    }

    fn word(&mut self, column: &Column, word: u32) {
        let Column { name, max, .. } = column;
        assert!(word <= *max, "{name} is {word}, above its maximum of {max}");
        self.out.write(word, column.bits());
    }
}
