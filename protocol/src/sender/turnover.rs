//! The ordinary message: to a client that has all its rows as they were in the last one.
//!
//! Hardly any message is for another client, where there are no tiers and the budget is not used up. Then all rows that it goes on seeing
//! have the same baseline, nobody waits, and beside them there are only those few that come and go. One comparison of what the client
//! has with what it sees finds them; nothing else is looked at 64 slots at a time.

use super::Sender;
use super::compose::{Page, Scene};
use super::deltas::SharedDeltas;
use super::held::Held;
use super::plan::Batch;
use crate::cadence::Cadence;
use crate::codec::msb::BitWriter;
use crate::codec::places::{bits, write_sparse};
use crate::sight::SeenRows;
use crate::tick::Tick;

/// What becomes of the rows of a client that has all of them exactly. All memory is used again for the next client.
#[derive(Debug, Default)]
pub(crate) struct Turnover {
    /// Rows that it goes on seeing.
    kept: Batch,
    changes: Vec<Change>,
}

/// Of 64 slots, those that the client does not see any more, or not in the same way, and those that it does not have.
#[derive(Debug, Clone, Copy)]
struct Change {
    at: usize,
    lost: u64,
    new: u64,
}

/// Writes the body, if the client is such a one and there is a place for all of it. Otherwise writes nothing; gives whether it did.
pub(super) fn write(
    sender: &mut Sender,
    scene: Scene<'_>,
    limit: Option<u32>,
    deltas: &mut SharedDeltas,
    out: &mut BitWriter,
) -> bool {
    let Some(base) = sender.held.lineage.last() else {
        return false;
    };
    if sender.cadence.tiers() > 1 || !sender.held.is_exact() {
        return false;
    }
    let mut turnover = std::mem::take(&mut deltas.turnover);
    let mut is_written = turnover.compare(&sender.held, scene);
    if is_written {
        turnover.kept.base = base;
        turnover.kept.stride = sender.held.lineage.stride(scene.now, base, 0);
        let start = out.mark();
        turnover.write(&Page { sender, scene }, deltas, out);
        if limit.is_some_and(|limit| out.bit_len() > limit as usize) {
            out.return_to(&start);
            is_written = false;
        }
    }
    if is_written {
        sender.held_back = 0;
        turnover.keep(&mut sender.held, scene.seen, &sender.cadence, scene.now);
    }
    deltas.turnover = turnover;
    is_written
}

impl Turnover {
    /// Compares what the client has with what it sees. Gives whether it sees nobody who is not there: who is not there is waited for.
    fn compare(&mut self, held: &Held, scene: Scene<'_>) -> bool {
        let (has, shown) = (&held.slots, &scene.seen.slots);
        let (veils, world) = (&scene.seen.veils, scene.world);
        let kept = &mut self.kept.rows;
        let all = has.words().iter().zip(shown.words()).zip(world.words());
        kept.fill(all.map(|((has, shown), lives)| has & shown & lives));
        if !(held.veils.is_empty() && veils.is_empty()) {
            for at in 0..kept.words().len() {
                *kept.word_mut(at) &= held.veils.alike(veils, at);
            }
        }
        self.changes.clear();
        let mut missing = 0;
        let words = has.words().len().max(shown.words().len());
        kept.make_room(words * 64);
        for at in 0..words {
            let (has, shown, kept) = (has.word(at), shown.word(at), kept.word(at));
            let differ = (has | shown) ^ kept;
            if differ != 0 {
                let lives = world.word(at);
                missing |= shown & !lives;
                let (lost, new) = (has & !kept, shown & lives & !kept);
                self.changes.push(Change { at, lost, new });
            }
        }
        missing == 0
    }

    fn write(&self, page: &Page<'_>, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        let lost = self.changes.iter().map(|change| (change.at, change.lost));
        write_sparse(page.sender.held.slots.words(), lost, out);
        page.write_fates(self.gone(), out);
        // Nobody waits.
        out.write_gamma(0);
        page.write_new(self.come(), self.come().count(), deltas, out);
        if !self.kept.rows.is_empty() {
            page.write_batch(&self.kept, deltas, out);
        }
    }

    /// The client has it now.
    fn keep(&self, held: &mut Held, seen: &SeenRows, cadence: &Cadence, now: Tick) {
        if self.changes.is_empty() {
            held.keep_all(cadence, now);
            return;
        }
        let due = held.lineage.due(cadence, now);
        let (lineage, rows) = held.parts_mut();
        rows.let_go(lineage, (self.gone(), std::iter::empty(), self.come()), now);
        if rows.behind.is_empty() {
            let changes = self.changes.iter();
            rows.note_turnover(now, changes.map(|it| (it.at, it.lost ^ it.new)));
        } else {
            // Of some it was just forgotten that the client had them before: they count as if they had come.
            let new = |at| self.changes.iter().find(|it| it.at == at);
            let kept = self.kept.rows.words().iter().enumerate();
            let has = kept.map(|(at, kept)| kept | new(at).map_or(0, |it| it.new));
            rows.note_told(now, has.map(|has| (has, has)));
        }
        lineage.note(now, due);
        rows.veils.copy(&seen.veils);
    }

    fn gone(&self) -> impl Iterator<Item = usize> + Clone {
        let changes = self.changes.iter();
        changes.flat_map(|change| bits(change.lost).map(|bit| change.at * 64 + bit))
    }

    fn come(&self) -> impl Iterator<Item = usize> + Clone {
        let changes = self.changes.iter();
        changes.flat_map(|change| bits(change.new).map(|bit| change.at * 64 + bit))
    }
}
