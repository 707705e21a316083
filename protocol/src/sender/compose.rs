//! A client's message put together: its own part, and rows that it shares with others.

use super::deltas::{Key, SharedDeltas, Twins};
use super::plan::{Batch, Plan};
use super::{Sender, budget};
use crate::codec::msb::BitWriter;
use crate::codec::places::{bits, write_gaps, write_places};
use crate::codec::share::{Class, Press, write_group};
use crate::codec::sight::Group;
use crate::codec::slots::SlotSet;
use crate::history::History;
use crate::message::Head;
use crate::sight::{SeenRows, Sight, Veils};
use crate::snapshot::Snapshot;
use crate::tick::Tick;

/// The message that brings the client up to date, behind its head, copied from that of a client that had the same and sees the
/// same; takes note that the client has it. `None` when there was no such client, or when there is no place for all of it.
///
/// In a crowd that stands together this is all that a further client costs.
#[inline]
pub(crate) fn copy(
    sender: &mut Sender,
    head: &Head,
    (sight, limit): (Sight<'_>, Option<u32>),
    deltas: &SharedDeltas,
) -> Option<Box<[u8]>> {
    if !sender.held.is_shared() {
        return None;
    }
    let Twins { message, after, .. } = deltas.twin(&sender.held, sight)?;
    let bits = 8 * (head.len() + message.body().len());
    if limit.is_some_and(|limit| bits > limit as usize) {
        return None;
    }
    sender.held.follow(after);
    sender.held_back = 0;
    Some(message.behind(head))
}

/// The same, written; the next client to which the same is to be said can copy it.
#[inline(never)]
pub(crate) fn compose(
    sender: &mut Sender,
    head: &Head,
    (sight, limit): (Sight<'_>, Option<u32>),
    history: &History,
    deltas: &mut SharedDeltas,
) -> Vec<u8> {
    let before = sender.held.is_shared().then(|| sender.held.clone());
    let mut out = BitWriter::after(head.with_room_for(deltas.usual));
    compose_alone(sender, sight, limit, history, deltas, &mut out);
    let message = out.finish();
    // The next client's is about as long.
    deltas.usual = message.len() + message.len() / 4 + 8;
    if let Some(before) = before {
        let told = (&*message, head);
        let noted = sender.held_back == 0 && deltas.note_twin(before, sight, told, &sender.held);
        if !noted {
            // Nobody can follow. Who goes alone is not looked for among twins.
            sender.held.parts_mut();
        }
    }
    message
}

fn compose_alone(
    sender: &mut Sender,
    sight: Sight<'_>,
    limit: Option<u32>,
    history: &History,
    deltas: &mut SharedDeltas,
    out: &mut BitWriter,
) {
    let Some(now) = deltas.now().map(|now| now.tick()) else {
        return;
    };
    if write_steady(sender, sight, limit, history, deltas, out) {
        return;
    }
    let everyone = std::mem::take(&mut deltas.everyone);
    let mut plan = std::mem::take(&mut deltas.plan);
    let seen = match sight {
        Sight::All => &everyone,
        Sight::Rows(rows) => rows,
    };
    let held = &sender.held;
    plan.compare(held, seen, &everyone.slots);
    plan.turn(held, seen, &sender.cadence, now);
    plan.split(held, seen, &sender.cadence, now);
    let mut page = Page {
        sender: &*sender,
        seen,
        world: &everyone.slots,
        history,
        now,
    };
    let start = out.mark();
    page.write(&plan, deltas, out);
    if let Some(limit) = limit
        && out.bit_len() > limit as usize
    {
        budget::choose(&mut page, &mut plan, deltas, limit);
        out.return_to(&start);
        page.write(&plan, deltas, out);
    }
    sender.held_back = plan.back.len() + plan.missing(seen).count();
    plan.keep(&mut sender.held, seen, now);
    deltas.plan = plan;
    deltas.everyone = everyone;
}

/// Writes the body when the client has all rows that it sees, each as it was in the last message, and nobody has to wait: then
/// it says nothing but what changed in them, as most messages do. Otherwise writes nothing; gives whether it did.
fn write_steady(
    sender: &mut Sender,
    sight: Sight<'_>,
    limit: Option<u32>,
    history: &History,
    deltas: &mut SharedDeltas,
    out: &mut BitWriter,
) -> bool {
    let Some(now) = deltas.now().map(|now| now.tick()) else {
        return false;
    };
    let seen = match sight {
        Sight::All => &deltas.everyone,
        Sight::Rows(rows) => rows,
    };
    let base = sender.held.steady_on(seen, &deltas.everyone.slots);
    let Some(base) = base.filter(|_| sender.cadence.tiers() == 1) else {
        return false;
    };
    let open = Veils::default();
    let veils = match sight {
        Sight::All => &open,
        Sight::Rows(rows) => &rows.veils,
    };
    let start = out.mark();
    // Nobody is lost, has to wait or is new: three gamma codes of 0.
    out.write(0b111, 3);
    let held = &sender.held;
    let stride = held.lineage.stride(now, base, 0);
    let key = Key {
        base,
        stride,
        hidden: 0,
        steady: now.since(base) == i32::from(sender.cadence.interval()),
    };
    let mut before = std::mem::take(&mut deltas.before);
    held.before(base, stride.ticks, &mut before);
    let group = Group {
        rows: held.slots.words(),
        before: before.each_ref().map(SlotSet::words),
    };
    deltas.with_classes(key, (group.rows, veils), history, |classes, press| {
        write_group(classes, &group, press, out);
    });
    deltas.before = before;
    if limit.is_some_and(|limit| out.bit_len() > limit as usize) {
        out.return_to(&start);
        return false;
    }
    sender.held_back = 0;
    sender.held.keep_all(&sender.cadence, now);
    true
}

/// What a message is made for.
pub(crate) struct Page<'a> {
    pub(crate) sender: &'a Sender,
    pub(crate) seen: &'a SeenRows,
    pub(crate) world: &'a SlotSet,
    pub(crate) history: &'a History,
    pub(crate) now: Tick,
}

impl Page<'_> {
    fn write(&self, plan: &Plan, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        self.write_lost(plan, out);
        self.write_tiers(plan, out);
        write_waiting(plan, out);
        self.write_new(plan, deltas, out);
        for batch in plan.batches() {
            self.write_batch(batch, deltas, out);
        }
        for slot in plan.expired.iter() {
            self.write_whole(slot, deltas, out);
        }
    }

    /// Who is gone, and whether it lives on out of sight.
    fn write_lost(&self, plan: &Plan, out: &mut BitWriter) {
        subset(&self.sender.held.slots, &plan.lost, out);
        for (at, lost) in plan.lost.words().iter().enumerate() {
            for bit in bits(*lost) {
                let lives = self.world.word(at) >> bit & 1 == 1;
                out.write(u32::from(lives), 1);
            }
        }
    }

    /// Who changed its tier.
    fn write_tiers(&self, plan: &Plan, out: &mut BitWriter) {
        let width = self.sender.cadence.tier_bits();
        if width > 0 {
            subset(&plan.kept, &plan.moved, out);
            for slot in plan.moved.iter() {
                self.write_tier(slot, width, out);
            }
        }
    }

    fn write_tier(&self, slot: usize, width: u32, out: &mut BitWriter) {
        let mut tiers = self.seen.tiers.iter().take(self.sender.cadence.tiers() - 1);
        let tier = tiers
            .position(|rows| rows.contains(slot))
            .map_or(0, |i| i + 1);
        out.write(u32::try_from(tier).unwrap_or(0), width);
    }

    /// Whom the client did not have: ids, tiers and whole rows.
    fn write_new(&self, plan: &Plan, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        out.write_gamma(u32::try_from(plan.new.len()).unwrap_or(0));
        let width = self.sender.cadence.tier_bits();
        let mut next = 0;
        for slot in plan.new.iter() {
            out.write_gamma(u32::try_from(slot - next).unwrap_or(0));
            next = slot + 1;
            if width > 0 {
                self.write_tier(slot, width, out);
            }
            self.write_whole(slot, deltas, out);
        }
    }

    fn write_whole(&self, slot: usize, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        let hidden = self.seen.veils.of(slot);
        deltas.with_whole(hidden, self.history, |wholes, from, press| {
            wholes.append(from, press, slot, out);
        });
    }

    /// Rows on one baseline.
    fn write_batch(&self, batch: &Batch, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        self.with_group(batch, deltas, |classes, group, press| {
            write_group(classes, group, press, out);
        });
    }

    /// Calls `then` with the places where a batch's chunks are, and how long the client has had which of its rows.
    pub(crate) fn with_group(
        &self,
        batch: &Batch,
        deltas: &mut SharedDeltas,
        then: impl FnOnce(&mut [Class<'_, Snapshot>], &Group<'_>, &mut Press),
    ) {
        let Batch { base, stride, rows } = batch;
        let key = Key {
            base: *base,
            stride: *stride,
            hidden: 0,
            steady: self.now.since(*base) == i32::from(self.sender.cadence.interval()),
        };
        let mut before = std::mem::take(&mut deltas.before);
        self.sender.held.before(*base, stride.ticks, &mut before);
        let group = Group {
            rows: rows.words(),
            before: before.each_ref().map(SlotSet::words),
        };
        let rows = (group.rows, &self.seen.veils);
        deltas.with_classes(key, rows, self.history, |classes, press| {
            then(classes, &group, press);
        });
        deltas.before = before;
    }
}

/// Who has to wait although it is their turn: how many, and their places or, if they are more than half, those of the others.
fn write_waiting(plan: &Plan, out: &mut BitWriter) {
    let count = |set: &SlotSet| u32::try_from(set.len()).unwrap_or(u32::MAX);
    let (due, waiting) = (count(&plan.due), count(&plan.back));
    out.write_gamma(waiting);
    if waiting == 0 {
        return;
    }
    let most = waiting > due / 2;
    let named = if most { due - waiting } else { waiting };
    let sets = || {
        let due = plan.due.words().iter().enumerate();
        due.map(|(at, due)| {
            let waiting = plan.back.word(at);
            (*due, if most { due & !waiting } else { waiting })
        })
    };
    write_gaps(named, sets, out);
}

/// Writes which of `all` are in `few`.
fn subset(all: &SlotSet, few: &SlotSet, out: &mut BitWriter) {
    let pairs = || {
        let all = all.words().iter().enumerate();
        all.map(|(at, all)| (*all, few.word(at)))
    };
    write_places(!few.is_empty(), pairs, out);
}
