//! The crowd's walk. Every number of it is part of the workload's definition, down to the order of the draws: implementations
//! in other languages walk the same way.

use std::f32::consts::TAU;

/// The side of the world.
pub(crate) const WORLD: f32 = 1000.0;

/// Steps per second.
pub(crate) const RATE: u32 = 60;

/// Of 65,536: a walker takes another heading in a step with a probability of 1/60, and another health with 1 %.
const TURNS: u32 = 1092;
const WOUNDS: u32 = 655;

/// Xorshift, 32 bits.
#[derive(Debug, Clone)]
pub(crate) struct Draws(u32);

impl Draws {
    pub(crate) fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u32 {
        let mut drawn = self.0;
        drawn ^= drawn << 13;
        drawn ^= drawn >> 17;
        drawn ^= drawn << 5;
        self.0 = drawn;
        drawn
    }

    /// 0 to 1.
    pub(crate) fn share(&mut self) -> f32 {
        #[expect(clippy::cast_possible_truncation, reason = "rounded, as defined")]
        let share = (f64::from(self.next()) / 4_294_967_296.0) as f32;
        share
    }
}

/// One of the crowd.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Walker {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Radians.
    pub(crate) heading: f32,
    /// Units per step.
    speed: f32,
    vx: f32,
    vy: f32,
    pub(crate) health: u8,
    /// Never changes.
    pub(crate) kind: u16,
}

impl Walker {
    fn new(draws: &mut Draws) -> Self {
        let (x, y) = (draws.share() * WORLD, draws.share() * WORLD);
        let heading = draws.share() * TAU;
        let mut new = Self {
            x,
            y,
            heading,
            speed: (20.0 + draws.share() * 40.0) / 60.0,
            vx: 0.0,
            vy: 0.0,
            health: top_byte(draws.next()),
            kind: top_ten_bits(draws.next()),
        };
        new.walk_ahead();
        new
    }

    fn walk_ahead(&mut self) {
        self.vx = self.heading.cos() * self.speed;
        self.vy = self.heading.sin() * self.speed;
    }

    fn step(&mut self, draws: &mut Draws) {
        let drawn = draws.next();
        if (drawn & 0xFFFF) < TURNS {
            self.heading = draws.share() * TAU;
            self.walk_ahead();
        }
        let (mut x, mut y) = (self.x + self.vx, self.y + self.vy);
        if !(0.0..=WORLD).contains(&x) {
            self.vx = -self.vx;
            self.heading = self.vy.atan2(self.vx);
            x = x.clamp(0.0, WORLD);
        }
        if !(0.0..=WORLD).contains(&y) {
            self.vy = -self.vy;
            self.heading = self.vy.atan2(self.vx);
            y = y.clamp(0.0, WORLD);
        }
        (self.x, self.y) = (x, y);
        if (drawn >> 16) < WOUNDS {
            self.health = top_byte(draws.next());
        }
    }
}

fn top_byte(drawn: u32) -> u8 {
    u8::try_from(drawn >> 24).unwrap_or(u8::MAX)
}

fn top_ten_bits(drawn: u32) -> u16 {
    u16::try_from(drawn >> 22).unwrap_or(u16::MAX)
}

/// The whole crowd. The first ones walk, the others stand.
#[derive(Debug, Clone)]
pub(crate) struct Generator {
    draws: Draws,
    walkers: Vec<Walker>,
    walking: usize,
}

impl Generator {
    /// `count` of them, of which the share `active` (0 to 1) walks.
    pub(crate) fn new(count: usize, active: f64) -> Self {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count is a count"
        )]
        let walking = (active * count as f64).round() as usize;
        let mut draws = Draws::new(12345);
        let walkers = (0..count).map(|_| Walker::new(&mut draws)).collect();
        Self {
            draws,
            walkers,
            walking,
        }
    }

    /// One step of all.
    pub(crate) fn step(&mut self) {
        for walker in self.walkers.iter_mut().take(self.walking) {
            walker.step(&mut self.draws);
        }
    }

    /// Everyone, walkers first.
    pub(crate) fn walkers(&self) -> &[Walker] {
        &self.walkers
    }

    /// How many walk.
    pub(crate) fn walking(&self) -> usize {
        self.walking
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_as_it_always_did() {
        let mut crowd = Generator::new(1000, 0.1);
        let standing: Vec<_> = crowd.walkers()[100..].to_vec();
        for _ in 0..600 {
            crowd.step();
        }
        assert_eq!(crowd.walkers()[100..], standing);
        let inside = |v: f32| (0.0..=WORLD).contains(&v);
        assert!(crowd.walkers().iter().all(|w| inside(w.x) && inside(w.y)));
        assert_eq!(crowd.draws.0, 1_384_953_424, "the draws of ten seconds");
    }
}
