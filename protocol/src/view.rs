//! What one client holds, when it does not see everything.

use std::sync::Arc;

use crate::bits::BitWriter;
use crate::delta;
use crate::sight::Seen;
use crate::snapshot::{Row, Snapshot};
use crate::tick::Tick;

/// The table that a client has after its last message: the baseline of its next one.
#[derive(Debug)]
pub(crate) struct View {
    table: Snapshot,
    /// For each row the tick whose words it has: older than the table's where the row was held back.
    versions: Vec<Tick>,
}

impl View {
    /// The view of a client that saw all of `table`.
    pub(crate) fn of_all(table: &Snapshot) -> Self {
        Self {
            table: table.clone(),
            versions: vec![table.tick(); table.len()],
        }
    }

    /// The view of a client that has nothing.
    pub(crate) fn empty(like: &Snapshot) -> Self {
        Self {
            table: Snapshot::new(Arc::clone(like.schema()), like.tick()),
            versions: Vec::new(),
        }
    }

    pub(crate) fn tick(&self) -> Tick {
        self.table.tick()
    }

    /// Rows that the client holds, each with the tick whose words it has.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Row<'_>, Tick)> {
        self.table.rows().zip(self.versions.iter().copied())
    }

    /// The view that follows when the client gets to see `rows` of `now`.
    ///
    /// # Panics
    /// When `rows` are not ascending, or name a row that `now` does not have.
    #[expect(clippy::expect_used, reason = "documented above")]
    pub(crate) fn next(&self, now: &Snapshot, rows: &[Seen]) -> Self {
        let mut next = Self {
            table: Snapshot::with_room_for(rows.len(), Arc::clone(now.schema()), now.tick()),
            versions: Vec::with_capacity(rows.len()),
        };
        let mut before = self.rows().peekable();
        for seen in rows {
            let row = now
                .at(seen.row as usize)
                .expect("sight names rows that are there");
            while before.next_if(|(old, _)| old.id < row.id).is_some() {}
            let old = before.next_if(|(old, _)| old.id == row.id);
            match (seen.held, old) {
                (false, _) => next.push(row, seen.allowed, now.tick()),
                (true, Some((old, version))) => next.push(old, u32::MAX, version),
                (true, None) => {}
            }
        }
        next
    }

    fn push(&mut self, row: Row<'_>, allowed: u32, version: Tick) {
        let mask = row.mask & allowed;
        let words = self.table.push(row.id, mask);
        for (_, component) in delta::present(row.schema(), mask) {
            delta::place(component, words).copy_from_slice(delta::part(component, row.words));
        }
        self.versions.push(version);
    }

    /// The delta that makes this view of `before`. Rows that `world` still has are not gone, only out of sight.
    pub(crate) fn delta_from(&self, before: &Self, world: &Snapshot) -> Vec<u8> {
        let mut bits = BitWriter::new();
        delta::encode_view(&before.table, &self.table, world, &mut bits);
        bits.finish()
    }
}
