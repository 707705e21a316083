//! Whether clients hold the server's world.

use tickwire_engine::EcsGame;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::{Row, Schema, Snapshot};

use super::Match;

impl<G: EcsGame> Match<G> {
    /// Checks that every client's newest snapshot is, word for word, the server's snapshot of that tick; in a game with an
    /// interest, that what it holds is, and where rows may be told of late, that each is as it was at that tick or in the 63
    /// before. Returns how many clients had one that the server still remembers.
    ///
    /// # Panics
    /// With the seed, when one differs.
    #[track_caller]
    pub fn assert_views_match(&self) -> usize {
        let mut compared = 0;
        for (number, seat) in self
            .seats
            .iter()
            .enumerate()
            .filter(|(_, seat)| seat.socket.is_some())
        {
            let Some(view) = seat.client.newest() else {
                continue;
            };
            let Some(truth) = self.room.sim().history().get(view.tick()) else {
                continue;
            };
            let agree = if self.room.tells_late() {
                let past = (0..HISTORY_TICKS).map(|ago| view.tick() - ago);
                let past = past.filter_map(|tick| self.room.sim().history().get(tick));
                let past: Vec<_> = past.map(|snapshot| &**snapshot).collect();
                holds_nothing_else(view, &past)
            } else if self.room.has_interest() {
                holds_nothing_else(view, &[truth])
            } else {
                view == truth
            };
            assert!(
                agree,
                "seed {}: client {number} holds another world of tick {}: {view:?}, not {truth:?}",
                self.seed,
                view.tick()
            );
            compared += 1;
        }
        compared
    }
}

/// Whether each row of the view is as in one of these worlds, as far as its components go.
fn holds_nothing_else(view: &Snapshot, worlds: &[&Snapshot]) -> bool {
    view.rows().all(|seen| {
        let mut rows = worlds.iter().filter_map(|world| world.row(seen.id));
        rows.any(|row| is_part_of(view.schema(), seen, row))
    })
}

/// Whether each component that the row has is as in the whole one.
fn is_part_of(schema: &Schema, seen: Row<'_>, row: Row<'_>) -> bool {
    let mut parts = schema.components().iter().enumerate();
    parts.all(|(i, component)| {
        let has = |mask: u32| mask >> i & 1 == 1;
        let columns = || component.columns.clone();
        if has(seen.mask) {
            has(row.mask) && seen.words.get(columns()) == row.words.get(columns())
        } else {
            seen.words
                .get(columns())
                .is_some_and(|words| words.iter().all(|word| *word == 0))
        }
    })
}
