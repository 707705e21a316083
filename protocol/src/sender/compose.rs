//! A client's message put together: its own part, and rows that it shares with others.

use bytes::Bytes;

use super::deltas::{Key, SharedDeltas};
use super::plan::{Batch, Plan};
use super::{Sender, Told, budget, turnover};
use crate::codec::msb::BitWriter;
use crate::codec::places::{write_gaps, write_places};
use crate::codec::share::{Class, Press, write_group};
use crate::codec::sight::Group;
use crate::codec::slots::SlotSet;
use crate::history::History;
use crate::message::{Common, SnapshotHeader, Start};
use crate::sight::{SeenRows, Sight};
use crate::snapshot::Snapshot;
use crate::tick::Tick;

/// The message that brings the client up to date, when that is what another one got that had the same and sees the same; takes note
/// that the client has it. `None` when there was no such client, or when there is no place for all of it.
///
/// In a crowd that stands together this is all that a further client costs.
#[inline]
pub(crate) fn follow(
    sender: &mut Sender,
    (slack, sight, limit): Told<'_>,
    deltas: &mut SharedDeltas,
) -> Option<Bytes> {
    if sender.rebased || !sender.held.is_shared() {
        return None;
    }
    let (twins, sheet) = deltas.twin(&sender.held, sight)?;
    let is_too_long = |limit| 8 * twins.message.len_with(slack) > limit as usize;
    if limit.is_some_and(is_too_long) {
        return None;
    }
    sender.held.follow(&twins.after);
    sender.held_back = 0;
    Some(twins.message.with(slack, sheet))
}

/// The same, written; the next client to which the same is to be said can have it too.
#[inline(never)]
pub(crate) fn compose(
    sender: &mut Sender,
    header: SnapshotHeader,
    (sight, limit): (Sight<'_>, Option<u32>),
    history: &History,
    deltas: &mut SharedDeltas,
) -> Bytes {
    let before = sender.held.is_shared().then(|| sender.held.clone());
    let mut out = std::mem::take(&mut deltas.draft);
    let head = header.head();
    out.start_behind(head.bytes());
    compose_alone(sender, sight, limit, history, deltas, &mut out);
    let message = deltas.sheet.cut(out.bytes(), &[]);
    deltas.draft = out;
    if let Some(before) = before {
        let told = Common::new(message.clone(), header);
        let is_usual = sender.held_back == 0 && matches!(header.start, Start::Next(_));
        let noted = is_usual && deltas.note_twin(before, sight, told, &sender.held);
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
    let everyone = std::mem::take(&mut deltas.everyone);
    let seen = match sight {
        Sight::All => &everyone,
        Sight::Rows(rows) => rows,
    };
    let scene = Scene {
        seen,
        world: &everyone.slots,
        history,
        now,
    };
    if !turnover::write(sender, scene, limit, deltas, out) {
        write_any(sender, scene, limit, deltas, out);
    }
    deltas.everyone = everyone;
}

/// Writes the body, whatever the client has.
fn write_any(
    sender: &mut Sender,
    scene: Scene<'_>,
    limit: Option<u32>,
    deltas: &mut SharedDeltas,
    out: &mut BitWriter,
) {
    let Scene {
        seen, world, now, ..
    } = scene;
    let mut plan = std::mem::take(&mut deltas.plan);
    let held = &sender.held;
    plan.compare(held, seen, world);
    plan.turn(held, seen, &sender.cadence, now);
    plan.split(held, seen, &sender.cadence, now);
    let mut page = Page {
        sender: &*sender,
        scene,
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
}

/// What a client is to be shown.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) seen: &'a SeenRows,
    /// The slots of all rows that there are.
    pub(crate) world: &'a SlotSet,
    pub(crate) history: &'a History,
    pub(crate) now: Tick,
}

/// What a message is made for.
pub(crate) struct Page<'a> {
    pub(crate) sender: &'a Sender,
    pub(crate) scene: Scene<'a>,
}

impl Page<'_> {
    fn write(&self, plan: &Plan, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        self.write_lost(plan, out);
        self.write_tiers(plan, out);
        write_waiting(plan, out);
        self.write_new(plan.new.iter(), plan.new.len(), deltas, out);
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
        self.write_fates(plan.lost.iter(), out);
    }

    /// Of each that is gone, whether it lives on.
    pub(crate) fn write_fates(&self, lost: impl Iterator<Item = usize>, out: &mut BitWriter) {
        for slot in lost {
            out.write(u32::from(self.scene.world.contains(slot)), 1);
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
        let mut tiers = self
            .scene
            .seen
            .tiers
            .iter()
            .take(self.sender.cadence.tiers() - 1);
        let tier = tiers
            .position(|rows| rows.contains(slot))
            .map_or(0, |i| i + 1);
        out.write(u32::try_from(tier).unwrap_or(0), width);
    }

    /// Whom the client did not have, so many: ids, tiers and whole rows.
    pub(crate) fn write_new(
        &self,
        new: impl Iterator<Item = usize>,
        len: usize,
        deltas: &mut SharedDeltas,
        out: &mut BitWriter,
    ) {
        out.write_gamma(u32::try_from(len).unwrap_or(0));
        let width = self.sender.cadence.tier_bits();
        let mut next = 0;
        for slot in new {
            out.write_gamma(u32::try_from(slot - next).unwrap_or(0));
            next = slot + 1;
            if width > 0 {
                self.write_tier(slot, width, out);
            }
            self.write_whole(slot, deltas, out);
        }
    }

    fn write_whole(&self, slot: usize, deltas: &mut SharedDeltas, out: &mut BitWriter) {
        let hidden = self.scene.seen.veils.of(slot);
        deltas.with_whole(hidden, self.scene.history, |wholes, from, press| {
            wholes.append(from, press, slot, out);
        });
    }

    /// Rows on one baseline.
    pub(crate) fn write_batch(
        &self,
        batch: &Batch,
        deltas: &mut SharedDeltas,
        out: &mut BitWriter,
    ) {
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
            steady: self.scene.now.since(*base) == i32::from(self.sender.cadence.interval()),
        };
        let mut before = std::mem::take(&mut deltas.before);
        self.sender.held.before(*base, stride.ticks, &mut before);
        let group = Group {
            rows: rows.words(),
            before: before.each_ref().map(SlotSet::words),
        };
        let rows = (group.rows, &self.scene.seen.veils);
        deltas.with_classes(key, rows, self.scene.history, |classes, press| {
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
