//! How good a bot is.

/// The gifts of a bot. All of them follow from one level, with a little scatter, so that some bots are plainly better.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skill {
    /// Ticks from seeing somebody to pulling the trigger.
    pub(super) reaction: u16,
    /// Ticks by which what it sees is old: it aims at where the target should be by now.
    pub(super) lag: usize,
    /// How fast it turns, radians per tick.
    pub(super) turn: f32,
    /// How far off it aims at first, radians.
    pub(super) wobble: f32,
    /// Share of rockets that it notices in time.
    pub(super) alertness: f32,
    /// Health below which it would rather not fight.
    pub(super) caution: f32,
    /// Share of chances to fire a rocket that it takes.
    pub(super) daring: f32,
}

impl Skill {
    /// A bot of any level.
    pub(super) fn draw(rng: &mut fastrand::Rng) -> Self {
        let level = rng.f32();
        // `from` at the lowest level, `to` at the highest, off by up to a tenth of the span.
        let mut gift = |from: f32, to: f32| from + (to - from) * (level + 0.2 * (rng.f32() - 0.5));
        Self {
            reaction: ticks(gift(26.0, 12.0)),
            lag: usize::from(ticks(gift(12.0, 7.0))),
            turn: gift(0.075, 0.15),
            wobble: gift(0.6, 0.24),
            alertness: gift(0.2, 0.8),
            caution: gift(20.0, 45.0),
            daring: gift(0.3, 0.8),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few ticks, more than 0"
)]
fn ticks(ticks: f32) -> u16 {
    (ticks + 0.5) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bots_differ_within_human_limits() {
        let mut rng = fastrand::Rng::with_seed(1);
        let skills: Vec<_> = (0..100).map(|_| Skill::draw(&mut rng)).collect();
        assert!(skills.iter().all(|s| (10..29).contains(&s.reaction)));
        assert!(skills.iter().all(|s| (6..14).contains(&s.lag)));
        let spread = |gift: fn(&Skill) -> f32| {
            let gifts = skills.iter().map(gift);
            gifts.clone().fold(0.0, f32::max) / gifts.fold(f32::INFINITY, f32::min)
        };
        assert!(spread(|s| s.wobble) > 1.5 && spread(|s| s.turn) > 1.5);
    }
}
