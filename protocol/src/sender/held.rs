//! What a client has after its last message.

use std::collections::{BTreeMap, VecDeque};

use crate::cadence::Lineage;
use crate::codec::slots::SlotSet;
use crate::limits::{HISTORY_TICKS, MAX_TIERS};
use crate::sight::Veils;
use crate::tick::Tick;

/// What a client has, without a single word of it: those are in the history of the match.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) lineage: Lineage,
    pub(crate) slots: SlotSet,
    /// Rows of tiers 1 and above.
    pub(crate) tiers: [SlotSet; MAX_TIERS - 1],
    pub(crate) veils: Veils,
    pub(crate) exact: Exact,
    /// Rows that had no place in the budget yet, and since when they are wanted.
    pub(crate) wanted: BTreeMap<usize, Tick>,
    /// What became of rows lately that cannot be seen in the sets, oldest first.
    past: VecDeque<Bygone>,
    /// Rows that the client has got wrong: they are told as if it had lost them.
    pub(crate) broken: SlotSet,
}

/// A row that was lost, or changed its tier.
#[derive(Debug, Clone, Copy)]
struct Bygone {
    /// The snapshot that said so.
    tick: Tick,
    slot: usize,
    /// For a row that was lost: bit `i` says that the client had it exactly `i` ticks before; and what was hidden of it.
    lost: Option<(u64, u32)>,
}

/// More of them are not remembered: a client that loses its way then starts anew.
const MAX_BYGONES: usize = 4096;

impl Held {
    /// The tick whose words the client has of a slot: `None` when history has forgotten it.
    pub(crate) fn version(&self, slot: usize) -> Option<Tick> {
        let mut ticks = self.exact.ticks(self.lineage.last()?);
        ticks
            .find(|(_, rows)| rows.contains(slot))
            .map(|(tick, _)| tick)
    }

    /// The snapshot of `now` says that rows are lost, of which nothing is known from then on, and that others change their tier.
    pub(crate) fn let_go(&mut self, lost: &SlotSet, moved: &SlotSet, now: Tick) {
        let lasts = |since: Tick| now.since(since) < HISTORY_TICKS.cast_signed();
        while self.past.front().is_some_and(|first| !lasts(first.tick)) {
            self.past.pop_front();
        }
        let veils = &self.veils;
        let start = self.past.len();
        self.past.extend(lost.iter().map(|slot| Bygone {
            tick: now,
            slot,
            lost: Some((0, veils.of(slot))),
        }));
        for (of, rows) in &mut self.exact.ring {
            let ago = of.map_or(HISTORY_TICKS, |of| now.since(of).unsigned_abs());
            for bygone in self.past.range_mut(start..) {
                if rows.contains(bygone.slot) {
                    rows.remove(bygone.slot);
                    if let Some((exact, _)) = &mut bygone.lost {
                        *exact |= 1_u64.unbounded_shl(ago);
                    }
                }
            }
        }
        self.past.extend(moved.iter().map(|slot| Bygone {
            tick: now,
            slot,
            lost: None,
        }));
        let surplus = self.past.len().saturating_sub(MAX_BYGONES);
        self.past.drain(..surplus);
    }

    /// The rows that the client had after the snapshot of `tick`. `None` when nobody knows any more.
    pub(crate) fn view_at(&self, tick: Tick) -> Option<Vec<Had>> {
        self.exact.at(tick)?;
        if self.past.len() == MAX_BYGONES
            || self.slots.iter().any(|slot| self.version(slot).is_none())
        {
            return None;
        }
        let version = |slot: usize| {
            let mut ticks = self.exact.ticks(tick);
            ticks.find(|(_, rows)| rows.contains(slot))
        };
        // Who came later has no version then.
        let kept = self.slots.iter().filter_map(|slot| {
            let (version, _) = version(slot)?;
            let hidden = self.veils.of(slot);
            Some(Had {
                slot,
                version,
                hidden,
            })
        });
        let lost = self.past.iter().filter_map(|bygone| {
            let (exact, hidden) = bygone.lost.filter(|_| bygone.tick.is_after(tick))?;
            let exact = exact.unbounded_shr(bygone.tick.since(tick).unsigned_abs());
            let version = (exact != 0).then(|| tick - exact.trailing_zeros())?;
            let slot = bygone.slot;
            Some(Had {
                slot,
                version,
                hidden,
            })
        });
        let mut view: Vec<_> = kept.chain(lost).collect();
        view.sort_unstable_by_key(|had| had.slot);
        Some(view)
    }

    /// Goes back to what the client had after the snapshot of `tick`, as [`Self::view_at`] gave it. The rows in `broken` are
    /// told anew, and so are those of which something else than words has changed since.
    pub(crate) fn rewind(&mut self, tick: Tick, view: &[Had], broken: &[usize]) {
        let is_later = |bygone: &Bygone| bygone.tick.is_after(tick);
        let later = self.past.iter().filter(|bygone| is_later(bygone));
        let bygones: Vec<_> = later.map(|bygone| bygone.slot).collect();
        self.past.retain(|bygone| !is_later(bygone));
        self.lineage.rewind(tick);
        self.exact.forget_after(tick);
        self.slots.clear();
        view.iter().for_each(|had| self.slots.insert(had.slot));
        for slot in broken.iter().chain(&bygones) {
            if self.slots.contains(*slot) {
                self.broken.insert(*slot);
            }
        }
    }
}

/// A row that a client had at some time: since when its words are, and what was hidden of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Had {
    pub(crate) slot: usize,
    pub(crate) version: Tick,
    pub(crate) hidden: u32,
}

/// For each of the last ticks that were written, whom the client had exactly as it was then.
#[derive(Debug, Default)]
pub(crate) struct Exact {
    ring: Vec<(Option<Tick>, SlotSet)>,
}

impl Exact {
    fn place(tick: Tick) -> usize {
        (tick.0 % HISTORY_TICKS) as usize
    }

    /// The rows of one tick.
    pub(crate) fn at(&self, tick: Tick) -> Option<&SlotSet> {
        let (of, rows) = self.ring.get(Self::place(tick))?;
        (*of == Some(tick)).then_some(rows)
    }

    /// All ticks from `last` back, as long as history remembers them.
    pub(crate) fn ticks(&self, last: Tick) -> impl Iterator<Item = (Tick, &SlotSet)> {
        (0..HISTORY_TICKS)
            .map(move |back| last - back)
            .filter_map(|tick| Some((tick, self.at(tick)?)))
    }

    /// A place for the rows of a new tick.
    #[expect(clippy::indexing_slicing, reason = "it has grown to that")]
    pub(crate) fn start(&mut self, tick: Tick) -> &mut SlotSet {
        let place = Self::place(tick);
        if place >= self.ring.len() {
            self.ring.resize_with(place + 1, Default::default);
        }
        let (of, rows) = &mut self.ring[place];
        *of = Some(tick);
        rows.clear();
        rows
    }

    fn forget_after(&mut self, tick: Tick) {
        for (of, _) in &mut self.ring {
            of.take_if(|of| of.is_after(tick));
        }
    }
}
