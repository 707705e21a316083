//! Chunks that come again, in later ticks and for other rows.
//!
//! A chunk tells of each word how far off its forecast was, in a situation that is a matter of levels: how fast the word went, how much it
//! bent. So rows that move alike have the same chunk, wherever they are and whatever their direction: of a thousand that walk straight
//! ahead most have one of a few dozen, by how their places are rounded. To find out what is alike takes a third of the time that coding takes.

use crate::codec::layout::{Layout, Word, WordKind};
use crate::codec::motion::{Modes, Motion, difference};
use crate::codec::past::RowWords;
use crate::codec::row::Task;
use crate::codec::site::{SPEEDS, level, speed};

/// Patterns that are remembered. Each has one place; who comes later takes it.
const PLACES: usize = 1024;

/// What a hit adds to the score, of which a miss takes 1: a hit spares about as much as two misses cost.
const HIT: i32 = 2;
/// Below this score the rows of the game move each in its own way, and nothing is looked up for a while.
const HOPELESS: i32 = -1024;
/// No score is better: however long rows have moved alike, when they cease to it is soon noticed.
const BEST: i32 = 1024;
/// Rows that are then coded without a look.
const PAUSE: u32 = 1 << 15;

/// For a hash of patterns: any large odd number.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// Of a pattern, what is not of a word: the situation, and which components there are.
const SITUATION: usize = 3;

/// A word that rests, and has been resting.
const RESTS: u16 = 1 << 15;

/// The chunks of the patterns that came last, of one set of tables.
#[derive(Debug)]
pub(crate) struct Memo {
    /// That of the row at hand.
    pattern: Vec<u16>,
    /// By place, all of the same length; none: nothing is there.
    patterns: Vec<u16>,
    chunks: Vec<(u64, u32)>,
    /// Nothing is remembered of rows with rotations, whose forecasts are of another kind.
    rotates: bool,
    score: i32,
    /// Rows that are not looked up.
    pause: u32,
}

/// Where the chunk of the row at hand is, or is to be put.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(usize);

impl Memo {
    /// For rows of this layout.
    pub(crate) fn new(layout: &Layout) -> Self {
        Self {
            pattern: vec![0; SITUATION + layout.row_words()],
            patterns: Vec::new(),
            chunks: vec![(0, 0); PLACES],
            rotates: layout.groups().iter().any(|group| group.rotation.is_some()),
            score: 0,
            pause: 0,
        }
    }

    /// The place for the chunk of a row, if rows like it can be remembered. `situation` is the place of
    /// [`Forecaster::changed`](crate::codec::forecast::Forecaster::changed).
    #[inline]
    pub(crate) fn find(
        &mut self,
        task: &Task<'_>,
        row: RowWords<'_>,
        situation: usize,
        asked: bool,
    ) -> Option<Place> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        let past = &task.past;
        // Where the stride fits more often, levels of sums would be needed, too.
        if self.rotates || task.whole || past.steps != 1 || row.mask != past.mask {
            return None;
        }
        let situation = u16::try_from(situation).ok()? << 1 | u16::from(asked);
        let [a, b, c, d] = row.mask.to_le_bytes();
        let [low, high] = [[a, b], [c, d]].map(u16::from_le_bytes);
        let (first, rest) = self.pattern.split_first_chunk_mut::<SITUATION>()?;
        *first = [situation, low, high];
        let mut hash = first.iter().fold(0, |hash, word| mix(hash, *word));
        let columns = task.layout.columns().iter().enumerate().zip(rest);
        let before = past.base.iter().zip(past.recent).zip(past.older);
        for (((at, column), place), (now, ((base, recent), older))) in
            columns.zip(row.words.iter().zip(before))
        {
            *place = if (now ^ base) | (base ^ recent) | (recent ^ older) == 0 {
                RESTS
            } else {
                let modes = task.tables.modes(at);
                shape(column, modes, *now, [*base, *recent, *older])?
            };
            hash = mix(hash, *place);
        }
        let place = hash.wrapping_mul(MIX) >> (u64::BITS - PLACES.ilog2());
        usize::try_from(place).ok().map(Place)
    }

    /// The chunk that was put there for a row of the same pattern.
    #[inline]
    pub(crate) fn get(&mut self, Place(at): Place) -> Option<(u64, u32)> {
        let len = self.pattern.len();
        let there = self.patterns.get(at * len..(at + 1) * len);
        let chunk = self.chunks.get(at).copied();
        let chunk = chunk.filter(|(_, width)| *width > 0 && there == Some(&*self.pattern));
        if chunk.is_some() {
            self.score = (self.score + HIT).min(BEST);
        } else {
            self.score -= 1;
            if self.score < HOPELESS {
                (self.score, self.pause) = (0, PAUSE);
            }
        }
        chunk
    }

    /// Remembers the chunk of the row for which the place was found, if it is a short one.
    pub(crate) fn put(&mut self, Place(at): Place, (words, head, width): (&[u64], u64, u32)) {
        let len = self.pattern.len();
        self.patterns.resize(PLACES * len, 0);
        let there = self.patterns.get_mut(at * len..(at + 1) * len);
        if let (Some(there), Some(chunk), []) = (there, self.chunks.get_mut(at), words) {
            there.copy_from_slice(&self.pattern);
            *chunk = (head, width);
        }
    }
}

#[inline]
fn mix(hash: u64, word: u16) -> u64 {
    (hash ^ u64::from(word)).wrapping_mul(MIX).rotate_left(29)
}

/// All that a chunk depends on of a word that does not rest, and of how it went in the last strides: the levels of its bend and of its
/// speed, whether it is the baseline's, and how far it is from where it was forecast, towards its bend. `None` for one that is so far
/// off that hardly any other is just as far.
#[inline]
fn shape(column: &Word, modes: &Modes, now: u32, past: [u32; 3]) -> Option<u16> {
    let [base, ..] = past;
    let motion = Motion::of(column, past, 1);
    let (forecast, flip) = motion.expect(column, base, modes, 1);
    let off = difference(now, forecast, column.max, column.kind == WordKind::Angle);
    let told = i8::try_from(if flip { -off } else { off }).ok()?;
    let bend = level(motion.bend.unsigned_abs());
    let levels = u16::try_from(bend * SPEEDS + speed(motion.by.unsigned_abs())).ok()?;
    Some(levels << 9 | u16::from(now == base) << 8 | u16::from(told.cast_unsigned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Schema;
    use crate::codec::chunk::ChunkEncoder;
    use crate::codec::forecast::Forecaster;
    use crate::codec::past::{DEPTH, Past};
    use crate::codec::tables::Tables;

    #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
    struct Body {
        #[wire(min = 0.0, max = 1.0, step = 0.001)]
        x: f32,
        #[wire(angle = 8)]
        heading: f32,
        flies: bool,
    }

    #[derive(crate::Wire, Clone, Copy, Debug, PartialEq)]
    struct Load {
        tons: u8,
    }

    /// Somebody who mostly goes on and now and then does something else.
    struct Walker {
        words: [u32; 4],
        speed: [u32; 2],
    }

    impl Walker {
        fn walk(&mut self, rng: &mut fastrand::Rng) -> Vec<u32> {
            let [x, heading, flies, tons] = &mut self.words;
            match rng.u8(0..12) {
                0 => self.speed = [rng.u32(0..90), rng.u32(0..20)],
                1 => *flies ^= 1,
                2 => *tons = rng.u32(0..256),
                3 => *x = rng.u32(0..1001),
                4 => self.speed = [0, 0],
                _ => {}
            }
            // To the end of the world and no farther; and round and round.
            *x = (*x + self.speed[0] + rng.u32(0..2)).min(1000);
            *heading = (*heading + self.speed[1]) % 256;
            self.words.to_vec()
        }
    }

    #[test]
    fn the_chunk_of_a_pattern_is_that_of_every_row_of_the_pattern() {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut rng = fastrand::Rng::with_seed(seed);
        let layout = Layout::of(&Schema::of::<(Body, Load)>());
        let tables = Tables::neutral(&layout);
        let (mut memo, mut encoder) = (Memo::new(&layout), ChunkEncoder::new(&layout));
        let mut hits = 0;
        for _ in 0..300 {
            let mut walker = Walker {
                words: [0; 4],
                speed: [0; 2],
            };
            let rows: Vec<_> = (0..60).map(|_| walker.walk(&mut rng)).collect();
            for rows in rows.windows(DEPTH + 2) {
                let row = |i: usize| RowWords {
                    mask: 0b11,
                    words: &rows[DEPTH + 1 - i],
                };
                let known = rng.u32(0..4) as usize;
                let before = (2..).take(known).map(row);
                let past = Past::new(row(1), before, 1);
                let task = Task {
                    layout: &layout,
                    tables: &tables,
                    past,
                    whole: false,
                };
                let (situation, asked) = (Forecaster::changed(&past), rng.bool());
                if !asked && !past.differs(row(0)) {
                    continue;
                }
                let place = memo.find(&task, row(0), situation.place, asked);
                let chunk = encoder.encode(task, row(0), asked.then_some(situation));
                if let Some(remembered) = place.and_then(|place| memo.get(place)) {
                    hits += 1;
                    assert_eq!(chunk, (&[][..], remembered.0, remembered.1), "{task:?}");
                } else if let Some(place) = place {
                    memo.put(place, chunk);
                }
            }
        }
        assert!(hits > 1000, "{hits} rows had the chunk of another");
    }

    #[test]
    fn rows_that_are_all_unlike_are_not_looked_up_for_ever() {
        let layout = Layout::of(&Schema::of::<(Body, Load)>());
        let tables = Tables::neutral(&layout);
        let mut memo = Memo::new(&layout);
        let zeros = [0; 4];
        let past = Past::none(&zeros);
        let task = Task {
            layout: &layout,
            tables: &tables,
            past,
            whole: false,
        };
        let row = RowWords {
            mask: 0,
            words: &zeros,
        };
        let mut looked_up = 0;
        for _ in 0..10_000 {
            if let Some(place) = memo.find(&task, row, 0, true) {
                looked_up += 1;
                assert_eq!(memo.get(place), None);
            }
        }
        assert!(looked_up < 2000, "{looked_up}");
    }
}
