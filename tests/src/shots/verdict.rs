//! Screens and server compared, shot by shot.

use std::collections::BTreeMap;
use std::time::Duration;

use tickwire_protocol::NetId;

use super::Agreement;
use super::range::{Body, Judged, first_hit};

/// A shot as its shooter saw it.
#[derive(Debug, Clone)]
pub(super) struct Fired {
    /// From where.
    pub(super) from: Body,
    /// Radians.
    pub(super) aim: f32,
    /// The runners in the picture.
    pub(super) seen: Vec<(NetId, Body)>,
    /// Whom it hit there.
    pub(super) hit: Option<NetId>,
}

/// By shooter and number.
pub(super) type Log = BTreeMap<(usize, u16), Fired>;

/// Why hits on the screen were none on the server.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Misses {
    /// The shot was never judged.
    pub lost: usize,
    /// The picture was older than the limit.
    pub limited: usize,
    /// The claim was not admissible.
    pub moved: usize,
    /// The victim was elsewhere in the server's picture, though nothing moved the claim.
    pub drawn_elsewhere: usize,
    /// The shooter was elsewhere than it predicted: a command came late, say.
    pub shot_elsewhere: usize,
    /// Each of both alone would have done no harm.
    pub both: usize,
}

impl Misses {
    fn note(&mut self, fired: &Fired, judged: Option<&Judged>) {
        let Some(judged) = judged else {
            self.lost += 1;
            return;
        };
        let hits = |from, aim, seen: &[_]| first_hit(from, aim, seen.iter().copied()) == fired.hit;
        let is_limited = judged.rewound.is_some_and(|rewound| rewound.limited);
        let is_moved = judged.rewound.is_some_and(|rewound| rewound.clamped);
        let cause = if !hits(judged.from, judged.aim, &fired.seen) {
            &mut self.shot_elsewhere
        } else if hits(fired.from, fired.aim, &judged.seen) {
            &mut self.both
        } else if is_limited {
            &mut self.limited
        } else if is_moved {
            &mut self.moved
        } else {
            &mut self.drawn_elsewhere
        };
        *cause += 1;
    }
}

/// What the server made of what was fired by the shooters with these ids.
pub(super) fn compare(own: &[Option<NetId>], verdicts: &[Judged], fired: &Log) -> Agreement {
    let judged: BTreeMap<_, _> = verdicts
        .iter()
        .map(|judged| ((Some(judged.shooter), judged.shot), judged))
        .collect();
    let mut found = Agreement::default();
    for ((number, shot), fired) in fired {
        let judged = own.get(*number).and_then(|own| judged.get(&(*own, *shot)));
        let hit = judged.and_then(|judged| judged.hit);
        found.shots += 1;
        found.hit_on_screen += usize::from(fired.hit.is_some());
        found.hits += usize::from(hit.is_some());
        found.gifts += usize::from(fired.hit.is_none() && hit.is_some());
        found.lost += usize::from(judged.is_none());
        if fired.hit.is_some() && fired.hit == hit {
            found.confirmed += 1;
        } else if fired.hit.is_some() {
            found.misses.note(fired, judged.copied());
        }
        if let Some(rewound) = judged.and_then(|judged| judged.rewound) {
            found.clamped += usize::from(rewound.clamped);
            found.limited += usize::from(rewound.limited);
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            found.rewound_ms += ms(rewound.time);
            let counted = ms(rewound.time.saturating_sub(rewound.waited));
            found.longest_ms = found.longest_ms.max(counted);
        }
    }
    found.rewound_ms /= found.shots.max(1) as f64;
    found
}
