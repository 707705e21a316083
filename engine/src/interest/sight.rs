//! What one player sees of the snapshot.

use tickwire_protocol::codec::slots::SlotSet;
use tickwire_protocol::limits::MAX_TIERS;
use tickwire_protocol::{NetId, Row, Seen, SeenRows, Snapshot};

use super::grid::{Entry, Look};
use super::relevance::{Fact, Relevance};

/// One player's view, as far as the next depends on it.
#[derive(Debug, Clone)]
pub struct Viewer {
    own: NetId,
    /// Where the player's entity was last.
    place: Option<[f32; 2]>,
    near: Near,
}

/// Who was within the radius, and who of them beyond which border.
#[derive(Debug, Clone, Default)]
pub(super) struct Near {
    all: SlotSet,
    beyond: [SlotSet; MAX_TIERS - 1],
}

impl Near {
    fn clear(&mut self) {
        self.all.clear();
        self.beyond.iter_mut().for_each(SlotSet::clear);
    }
}

impl Viewer {
    /// The player whose entity is `own`, who has seen nothing yet.
    #[must_use]
    pub fn new(own: NetId) -> Self {
        Self {
            own,
            place: None,
            near: Near::default(),
        }
    }
}

/// Where rows of another tier begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Border {
    /// Who was on this side goes beyond the border at this distance, squared.
    pub(super) out: f32,
    /// Who was beyond comes back at this one.
    pub(super) back: f32,
    pub(super) tier: u8,
}

/// The player's side of a comparison.
struct Looking<'a> {
    own: NetId,
    row: Option<Row<'a>>,
    team: Option<u32>,
    place: Option<[f32; 2]>,
    now: &'a Snapshot,
}

impl Relevance {
    /// What a player sees of the snapshot that was taken in last.
    pub fn sight(&mut self, viewer: &mut Viewer) -> &SeenRows {
        self.seen.clear();
        let Some(now) = self.now.clone() else {
            return &self.seen;
        };
        let own = viewer.own;
        let row = now.row(own);
        let entry = self.grid.entry(own);
        viewer.place = entry.map(|entry| entry.place).or(viewer.place);
        let looking = Looking {
            own,
            row,
            team: row.and_then(|_| self.team_of(own)),
            place: viewer.place,
            now: &now,
        };
        let mut seen = std::mem::take(&mut self.seen);
        let mut near = std::mem::take(&mut self.near);
        let mut odd = std::mem::take(&mut self.odd);
        near.clear();
        self.add_own(&looking, &mut seen);
        self.add_near(&looking, (&viewer.near, &mut near), &mut odd, &mut seen);
        self.add_far(&looking, &viewer.near, &mut near, &mut seen);
        self.near = if self.hangs_on_near() {
            // The memory of the one goes to the next player.
            std::mem::replace(&mut viewer.near, near)
        } else {
            near
        };
        (self.seen, self.odd) = (seen, odd);
        &self.seen
    }

    /// Whether a sight depends on who was near before. Where it does not, one memory serves all players: that of each would have left
    /// the processor's caches until it is the player's turn again.
    fn hangs_on_near(&self) -> bool {
        self.enter < self.leave || !self.borders.is_empty()
    }

    /// The own entity is always seen, and in every snapshot.
    fn add_own(&self, looking: &Looking<'_>, seen: &mut SeenRows) {
        if let (Some(row), Some(fact)) = (looking.row, self.fact(looking.own)) {
            let hidden = row.mask & !self.allowed(looking, fact);
            seen.see(
                row.id,
                Seen {
                    hidden,
                    ..fact.look.seen(0)
                },
            );
        }
    }

    /// Adds who is within the radius, and keeps who was and has not gone beyond the larger one.
    /// `odd` is memory.
    fn add_near(
        &self,
        looking: &Looking<'_>,
        (before, near): (&Near, &mut Near),
        odd: &mut Vec<(Entry, f32)>,
        seen: &mut SeenRows,
    ) {
        let Some(from) = looking.place else {
            return;
        };
        let (enter, leave) = (self.enter * self.enter, self.leave * self.leave);
        let has_borders = !self.borders.is_empty();
        // Most are seen as most are: of those it is only noted that they are there.
        near.all.make_room(self.slots());
        self.grid.around(from, self.leave, |entry| {
            let square = square(entry.place, from);
            let slot = entry.id.0 as usize;
            // Written so that a place that is not a number is nowhere near.
            if square <= enter || (square <= leave && before.all.contains(slot)) {
                if entry.look.is_plain() && !has_borders {
                    near.all.insert(slot);
                } else {
                    odd.push((*entry, square));
                }
            }
        });
        seen.see_all(&near.all);
        for (entry, square) in odd.drain(..) {
            near.all.insert(entry.id.0 as usize);
            if entry.id == looking.own {
                continue;
            }
            let tier = self.tier(&entry, square, before, near);
            if entry.look.open {
                seen.see(entry.id, entry.look.seen(tier));
            } else {
                self.add_veiled(looking, entry.id, tier, seen);
            }
        }
    }

    /// The tier of an entity by its components, or by its distance.
    #[inline]
    fn tier(&self, entry: &Entry, square: f32, before: &Near, near: &mut Near) -> u8 {
        if let Some(tier) = entry.look.tier {
            return tier;
        }
        let slot = entry.id.0 as usize;
        let mut tier = 0;
        let borders = self
            .borders
            .iter()
            .zip(before.beyond.iter().zip(&mut near.beyond));
        for (border, (was, is)) in borders {
            if square > border.out || (square > border.back && was.contains(slot)) {
                is.insert(slot);
                tier = border.tier;
            }
        }
        tier
    }

    /// Adds who is relevant at any distance.
    fn add_far(&self, looking: &Looking<'_>, before: &Near, near: &mut Near, seen: &mut SeenRows) {
        let (own, team) = (looking.own, looking.team);
        let is_mate = |id: &&NetId| team.is_some() && self.team_of(**id) == team;
        let is_other = |id: &&NetId| self.fact(**id).is_some_and(|fact| fact.owner != own);
        let ids = self.everyone.iter();
        let ids = ids
            .chain(self.owned.get(&own).into_iter().flatten())
            .chain(self.team.iter().filter(is_mate))
            .chain(self.others.iter().filter(is_other));
        for id in ids {
            if seen.contains(*id) {
                continue;
            }
            let entry = self.grid.entry(*id);
            let tier = match (entry, looking.place) {
                (Some(entry), Some(from)) => {
                    self.tier(&entry, square(entry.place, from), before, near)
                }
                _ => self.fact(*id).and_then(|fact| fact.look.tier).unwrap_or(0),
            };
            self.add_veiled(looking, *id, tier, seen);
        }
    }

    /// Adds an entity of which the player may not see all, or nothing.
    fn add_veiled(&self, looking: &Looking<'_>, id: NetId, tier: u8, seen: &mut SeenRows) {
        let Some(fact) = self.fact(id) else {
            return;
        };
        let allowed = self.allowed(looking, fact);
        let hidden = fact.mask & !allowed;
        if fact.mask & allowed != 0 && self.passes(looking, fact) {
            seen.see(
                id,
                Seen {
                    hidden,
                    ..fact.look.seen(tier)
                },
            );
        }
    }

    /// What the game's own rules say.
    fn passes(&self, looking: &Looking<'_>, fact: &Fact) -> bool {
        self.filters.is_empty()
            || looking
                .row
                .zip(looking.now.at(fact.row as usize))
                .is_some_and(|(own, row)| self.filters.iter().all(|shows| shows(own, row)))
    }

    fn team_of(&self, id: NetId) -> Option<u32> {
        let fact = self.fact(id)?;
        fact.team.or_else(|| self.fact(fact.owner)?.team)
    }

    /// The components of an entity that the player may see.
    fn allowed(&self, looking: &Looking<'_>, fact: &Fact) -> u32 {
        let show = &self.show;
        if fact.id == looking.own || fact.owner == looking.own {
            return show.everyone | show.owner | show.team;
        }
        let team = looking.team;
        let mate = show.team != 0 && team.is_some() && self.team_of(fact.id) == team;
        show.everyone | show.others | if mate { show.team } else { 0 }
    }
}

impl Look {
    /// Whether it is seen as most are, unless there are borders.
    #[inline]
    fn is_plain(self) -> bool {
        self.open && self.tier.is_none() && self.weight == 1
    }

    fn seen(self, tier: u8) -> Seen {
        Seen {
            hidden: 0,
            tier,
            weight: self.weight,
        }
    }
}

fn square(a: [f32; 2], b: [f32; 2]) -> f32 {
    let (dx, dy) = (a[0] - b[0], a[1] - b[1]);
    dx * dx + dy * dy
}
