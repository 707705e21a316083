//! Moments between snapshots: what a client draws of the others, and what a server looks back to.

use crate::history::History;
use crate::message::View;
use crate::snapshot::{NetId, Snapshot};
use crate::wire::Wire;

/// Milliseconds for which fields marked `extrapolate` go on when nothing newer is there; after that they stay.
pub const EXTRAPOLATION_MS: u32 = 100;

/// Milliseconds for which a command's wait for its tick, and the tick in which the player looks and acts, do not count against
/// the server's rewind limit (`rewind_limit` of the [Welcome](crate::message::Welcome)); longer ones do.
pub const REWIND_WAIT_MS: u32 = 100;

/// A point on the way from one value to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Way {
    /// How much of it is done, 0 to 1.
    pub share: f32,
    /// How long it takes, in seconds.
    pub seconds: f32,
}

/// A moment between two snapshots; with the same one twice, a moment after it.
///
/// A client draws the others at it and claims it by a [`View`]; a server that looks back as that player gets the same values:
/// they depend on nothing but the two rows, the ticks between them and the share.
///
/// - Who is not in the older snapshot is not there yet. What only the older one has stays as it is until the newer is reached.
/// - After the last snapshot a share of 1 stands for [`EXTRAPOLATION_MS`]. Fields marked `extrapolate` go on by their
///   velocities, all others stay.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The older.
    pub from: &'a Snapshot,
    /// The newer, or the same.
    pub to: &'a Snapshot,
    /// How far between the two, 0 to 1.
    pub share: f32,
    /// Ticks per second.
    pub tick_rate: u32,
}

impl Moment<'_> {
    /// What a client that draws this moment claims: the share in 1/256.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the share is 0 to 1"
    )]
    pub fn view(&self) -> View {
        View {
            from: self.from.tick(),
            to: self.to.tick(),
            fraction: (self.share * 256.0) as u8,
        }
    }

    /// The component `T` of `id` at this moment.
    #[must_use]
    pub fn get<T: Wire>(&self, id: NetId) -> Option<T> {
        let from: T = self.from.row(id)?.get()?;
        let ticks = self.to.tick().since(self.from.tick());
        if ticks == 0 {
            let seconds = self.share * EXTRAPOLATION_MS as f32 / 1000.0;
            return Some(from.extrapolate(seconds));
        }
        Some(match self.to.row(id).and_then(|row| row.get()) {
            Some(to) => {
                let seconds = ticks as f32 / self.tick_rate as f32;
                let share = self.share;
                T::blend(&from, &to, Way { share, seconds })
            }
            None => from,
        })
    }
}

impl View {
    /// The moment that is meant, in a game with so many ticks per second; `None` when `history` lacks one of the snapshots.
    #[must_use]
    pub fn moment(self, history: &History, tick_rate: u32) -> Option<Moment<'_>> {
        Some(Moment {
            from: history.get(self.from)?,
            to: history.get(self.to)?,
            share: f32::from(self.fraction) / 256.0,
            tick_rate,
        })
    }

    /// Ticks from [`Self::from`] to the moment that is meant, in a game with so many ticks per second.
    #[must_use]
    pub fn reach(&self, tick_rate: f64) -> f64 {
        let span = match self.to.since(self.from) {
            0 => f64::from(EXTRAPOLATION_MS) / 1000.0 * tick_rate,
            ticks => f64::from(ticks),
        };
        span * f64::from(self.fraction) / 256.0
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Schema, Tick, Wire, WordWriter};

    #[derive(Wire, Clone, Copy, Debug, PartialEq)]
    struct Body {
        #[wire(min = -100.0, max = 100.0, step = 0.01, hermite = v, extrapolate)]
        x: f32,
        #[wire(min = -100.0, max = 100.0, step = 0.01, lerp)]
        y: f32,
        #[wire(min = -100.0, max = 100.0, step = 0.01)]
        v: f32,
        #[wire(max = 3, teleport)]
        jumps: u8,
    }

    fn at(tick: u32, body: Body) -> Snapshot {
        let mut snapshot = Snapshot::new(Arc::new(Schema::of::<(Body,)>()), Tick(tick));
        body.store(&mut WordWriter::new(snapshot.push(NetId(3), 1)));
        snapshot
    }

    const START: Body = Body {
        x: 0.0,
        y: 2.0,
        v: 12.0,
        jumps: 1,
    };

    fn seen(from: &Snapshot, to: &Snapshot, share: f32) -> Body {
        let moment = Moment {
            from,
            to,
            share,
            tick_rate: 60,
        };
        moment.get(NetId(3)).unwrap()
    }

    #[test]
    fn a_curve_keeps_both_velocities_and_a_line_does_not() {
        // Six ticks of even braking from 12 m/s to a stand.
        let (from, end) = (
            at(60, START),
            Body {
                x: 0.6,
                y: 3.0,
                v: 0.0,
                ..START
            },
        );
        let to = at(66, end);
        for i in 0..=10_u8 {
            let share = f32::from(i) / 10.0;
            let t = share * 0.1;
            let body = seen(&from, &to, share);
            let true_x = 12.0 * t - 60.0 * t * t;
            assert!((body.x - true_x).abs() < 1e-5, "{body:?} at {share}");
            assert!((body.y - (2.0 + share)).abs() < 1e-5);
        }
        let still = seen(&from, &at(66, START), 0.3);
        assert_eq!(
            still.x, START.x,
            "a row that was not told of anew does not wobble"
        );
    }

    #[test]
    fn nothing_blends_across_a_teleport() {
        let there = Body {
            x: 80.0,
            jumps: 2,
            ..START
        };
        let (from, to) = (at(60, START), at(63, there));
        assert_eq!(seen(&from, &to, 0.99), START);
        assert_eq!(there.displace(&START, &there, 1.0), there);
        assert_eq!(seen(&to, &to, 0.0), there);
    }

    #[test]
    fn after_the_last_snapshot_only_what_is_marked_goes_on() {
        let last = at(60, START);
        let body = seen(&last, &last, 0.5);
        assert!((body.x - 0.6).abs() < 1e-5, "12 m/s for 50 ms: {body:?}");
        assert_eq!((body.y, body.v), (START.y, START.v));
        let border = Body { x: 99.9, ..START };
        let last = at(60, border);
        assert_eq!(seen(&last, &last, 1.0).x, 100.0, "it stays in its range");
    }

    #[test]
    fn a_moment_is_what_its_view_says() {
        let mut history = History::new();
        for tick in [60, 63] {
            history.push(Arc::new(at(tick, START)));
        }
        let view = |to| View {
            from: Tick(60),
            to: Tick(to),
            fraction: 128,
        };
        let moment = view(63).moment(&history, 60).unwrap();
        assert_eq!((moment.view(), moment.share), (view(63), 0.5));
        assert!(view(62).moment(&history, 60).is_none());
    }

    #[test]
    fn a_view_reaches_as_far_as_it_is_drawn() {
        let view = |to, fraction| View {
            from: Tick(9),
            to: Tick(to),
            fraction,
        };
        assert_eq!(view(12, 128).reach(60.0), 1.5);
        assert_eq!(view(9, 128).reach(60.0), 3.0);
        assert_eq!(view(9, 0).reach(60.0), 0.0);
    }
}
