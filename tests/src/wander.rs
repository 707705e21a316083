//! A player of Arena that needs no skill.

use std::time::Duration;

use arena::{Arena, Input};
use tickwire_client::Client;

/// Runs about and shoots now and then, each number in its own way.
pub fn wander(number: usize) -> impl FnMut(&mut Client<Arena>, Duration) -> Input {
    wander_by(fastrand::Rng::with_seed(number as u64))
}

/// The same, as `rng` has it.
pub(crate) fn wander_by(
    mut rng: fastrand::Rng,
) -> impl FnMut(&mut Client<Arena>, Duration) -> Input {
    let mut input = Input::default();
    move |_, _| {
        if rng.u32(0..30) == 0 {
            input.move_x = rng.f32() * 2.0 - 1.0;
            input.move_y = rng.f32() * 2.0 - 1.0;
            input.rifle = rng.u32(0..3) == 0;
            input.rocket = rng.u32(0..10) == 0;
        }
        input.aim += rng.f32() * 0.2 - 0.1;
        input
    }
}
