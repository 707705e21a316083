//! What a row's words will probably be, and how sure that is: from the entity's own past and from the words before.
//!
//! Integers only, but for the rotation.

use crate::codec::layout::{Group, Layout};
use crate::codec::motion::{Mode, Modes, Motion, carry_on, differ};
use crate::codec::past::Past;
use crate::codec::rotation::{Part, Turn};
use crate::codec::site::{LEVELS, SPEEDS, Site, WHOLE, level, speed};

/// What is expected of a word.
#[derive(Debug, Clone, Copy)]
pub struct Forecast {
    /// The word.
    pub word: u32,
    /// The baseline's.
    pub base: u32,
    /// Whether differences are told with the other sign: positive is where the word was bending to.
    pub flip: bool,
    /// Where its probabilities are.
    pub site: Site,
}

/// Memory that is used again for each row.
#[derive(Debug)]
pub struct Scratch {
    motions: Vec<Motion>,
}

impl Scratch {
    /// For rows of this layout.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            motions: vec![Motion::default(); layout.row_words()],
        }
    }
}

/// Walks through a row, group by group and word by word, on both ends alike.
#[derive(Debug)]
pub struct Forecaster<'a> {
    layout: &'a Layout,
    past: Past<'a>,
    /// The baseline lacks the present group.
    fresh: bool,
    motions: &'a mut [Motion],
    /// Of the present group.
    strongest: u64,
    fastest: u64,
    turn: Turn,
    /// How far off the words of this row were: in the present group, and at worst in one before; `None`: no word yet.
    surprise: Option<u32>,
    before: Option<u32>,
    loud: usize,
}

impl<'a> Forecaster<'a> {
    /// For the row that follows `past`.
    #[inline]
    #[must_use]
    pub fn new(layout: &'a Layout, past: Past<'a>, scratch: &'a mut Scratch) -> Self {
        Self {
            layout,
            past,
            fresh: false,
            motions: &mut scratch.motions,
            strongest: 0,
            fastest: 0,
            turn: Turn::default(),
            surprise: None,
            before: None,
            loud: 2,
        }
    }

    /// Where the probability stands that a row changes at all.
    #[must_use]
    pub fn changed(past: &Past<'_>) -> Site {
        let (mut moved, mut bent) = (0, 0);
        if past.age < crate::codec::past::DEPTH {
            for ((b, r), o) in past.base.iter().zip(past.recent).zip(past.older) {
                let by = i64::from(*b) - i64::from(*r);
                moved += by.unsigned_abs();
                bent += (by - (i64::from(*r) - i64::from(*o))).unsigned_abs();
            }
        }
        let moved = level(moved).min(4);
        Site {
            class: 0,
            place: (past.age * 5 + moved) * 4 + speed(bent),
        }
    }

    /// The same for a row that rests: that has been as in the baseline for as long as is known.
    #[must_use]
    pub const fn rests() -> Site {
        Site {
            class: 0,
            place: crate::codec::past::DEPTH * 5 * 4,
        }
    }

    /// Enters a group; gives the place of the probability that it is as in the baseline. `fresh`: the baseline lacks it.
    #[inline]
    pub fn enter(&mut self, index: usize, group: &Group, fresh: bool) -> Site {
        self.begin(fresh);
        let Past {
            base,
            recent,
            older,
            ..
        } = self.past;
        let part = |row: &'a [u32]| row.get(group.columns.clone()).unwrap_or_default();
        let (base, recent, older) = (part(base), part(recent), part(older));
        (self.strongest, self.fastest) = (0, 0);
        let still = match group.rotation {
            Some(max) if self.fresh => {
                self.turn = Turn::rest(base, max);
                2
            }
            Some(max) => self.turn(max, base, recent, older),
            None => self.shift(group, base, recent, older),
        };
        Site {
            class: 1 + index,
            place: ((still * 4 + speed(self.fastest)) * 4 + speed(self.strongest)) * 3 + self.loud,
        }
    }

    /// The baseline's word of a column.
    #[inline]
    #[must_use]
    pub fn base(&self, column: usize) -> Option<u32> {
        self.past.base.get(column).copied()
    }

    /// Enters a group of one word that has not moved for as long as is known: gives the place of its probabilities. That is how most
    /// groups of most rows are, and what [`Self::enter`] and [`Self::word`] would find out about them is known.
    #[inline]
    pub fn enter_resting(&mut self, column: usize) -> Option<Site> {
        let word = |row: &[u32]| row.get(column).copied();
        let base = word(self.past.base)?;
        if word(self.past.recent) != Some(base) || word(self.past.older) != Some(base) {
            return None;
        }
        self.begin(false);
        (self.strongest, self.fastest) = (0, 0);
        *self.motions.get_mut(column)? = Motion::default();
        Some(self.word_site(column, self.place(0, 0)))
    }

    #[inline]
    fn begin(&mut self, fresh: bool) {
        self.fresh = fresh;
        if let Some(surprise) = self.surprise.take() {
            self.before = Some(self.before.unwrap_or(0).max(surprise));
        }
    }

    /// Takes note of whether the group entered last changed.
    #[inline]
    pub fn heard(&mut self, changed: bool) {
        self.loud = usize::from(changed);
    }

    /// Gives for how many strides the group was still: 0, 1 or 2.
    #[inline]
    fn turn(&mut self, max: u32, base: &[u32], recent: &[u32], older: &[u32]) -> usize {
        let still = if differ(base, recent) {
            0
        } else if differ(recent, older) {
            1
        } else {
            self.turn = Turn::rest(base, max);
            return 2;
        };
        self.turn = Turn::new(base, recent, older, max, self.past.steps);
        let (strongest, fastest) = self.turn.most();
        self.strongest = strongest;
        self.fastest = fastest * u64::from(self.past.steps);
        still
    }

    #[inline]
    fn shift(&mut self, group: &Group, base: &[u32], recent: &[u32], older: &[u32]) -> usize {
        let steps = u64::from(self.past.steps);
        let weight = steps * (steps + 1) / 2;
        let columns = self
            .layout
            .columns()
            .get(group.columns.clone())
            .unwrap_or_default();
        let motions = self
            .motions
            .get_mut(group.columns.clone())
            .unwrap_or_default();
        let (mut fastest, mut strongest, mut earlier) = (0, 0, 0);
        for ((column, motion), ((b, r), o)) in columns
            .iter()
            .zip(motions)
            .zip(base.iter().zip(recent).zip(older))
        {
            *motion = Motion::of(column, [*b, *r, *o], weight);
            let Motion { by, bend, force } = *motion;
            strongest = strongest.max(force);
            fastest = fastest.max(by.unsigned_abs());
            // How far it went before.
            earlier |= by - bend;
        }
        (self.fastest, self.strongest) = (fastest * steps, strongest);
        match (fastest, earlier) {
            (0, 0) => 2,
            (0, _) => 1,
            _ => 0,
        }
    }

    /// Where the probabilities of the largest component's place stand.
    #[inline]
    #[must_use]
    pub fn largest(&self, group: &Group) -> (Turn, Site) {
        let place = if self.fresh {
            LEVELS * LEVELS
        } else {
            self.turn.lead() * LEVELS + level(self.strongest)
        };
        (self.turn, self.word_site(group.columns.start, place))
    }

    /// The forecast of a rotation's part.
    #[inline]
    #[must_use]
    pub fn part(&self, column: usize, part: &Part) -> Forecast {
        let place = if self.fresh {
            WHOLE
        } else {
            self.place(part.force, part.speed)
        };
        Forecast {
            word: part.word,
            // A part alone does not hold: its meaning hangs on the largest's place.
            base: part.word,
            flip: part.falls,
            site: self.word_site(column, place),
        }
    }

    /// The forecast of a word.
    #[inline]
    #[must_use]
    pub fn word(&self, column: usize, modes: &Modes) -> Forecast {
        let motion = self.motions.get(column).copied().unwrap_or_default();
        let base = self.past.base.get(column).copied().unwrap_or(0);
        let Some(described) = self.layout.columns().get(column) else {
            return Forecast {
                word: base,
                base,
                flip: false,
                site: self.word_site(column, 0),
            };
        };
        let (word, flip) = motion.expect(described, base, modes, self.past.steps);
        Forecast {
            word,
            base,
            flip,
            site: self.word_site(
                column,
                if self.fresh {
                    WHOLE
                } else {
                    self.place(motion.force, speed(motion.by.unsigned_abs()))
                },
            ),
        }
    }

    /// What each mode forecasts for a word, and which place among its modes decides: for training.
    #[must_use]
    pub fn choices(&self, column: usize) -> (usize, [u32; 4]) {
        let motion = self.motions.get(column).copied().unwrap_or_default();
        let base = self.past.base.get(column).copied().unwrap_or(0);
        let words = Mode::ALL.map(|mode| {
            self.layout.columns().get(column).map_or(base, |described| {
                carry_on(
                    base,
                    motion.ahead(mode, self.past.steps),
                    described.max,
                    described.kind,
                )
            })
        });
        (motion.mode_place(), words)
    }

    #[inline]
    fn place(&self, force: u64, speed: usize) -> usize {
        let told = match (self.surprise, self.before) {
            (Some(told), _) | (None, Some(told)) => 1 + level(u64::from(told)).min(LEVELS - 2),
            (None, None) => 0,
        };
        ((level(force) * LEVELS + level(self.strongest)) * LEVELS + told) * SPEEDS + speed
    }

    #[inline]
    fn word_site(&self, column: usize, place: usize) -> Site {
        Site {
            class: 1 + self.layout.groups().len() + 2 * column,
            place,
        }
    }

    /// Where the probabilities of a large difference's magnitude stand.
    #[inline]
    #[must_use]
    pub fn magnitude(&self, word: Site) -> Site {
        let place = if word.place == WHOLE {
            LEVELS
        } else {
            word.place / (LEVELS * LEVELS * SPEEDS)
        };
        Site {
            class: word.class + 1,
            place,
        }
    }

    /// Takes note of how far off a word's forecast was.
    #[inline]
    pub fn told(&mut self, size: u32) {
        self.surprise = Some(self.surprise.unwrap_or(0).saturating_add(size));
    }
}
