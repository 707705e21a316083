//! Arena, with its bots.

use std::time::Duration;

use arena::{Arena, Input};
use tickwire_client::Client;
use tickwire_engine::Sim;

use super::trial::{Trial, Variety};

impl Trial for Arena {
    fn builder(_: Variety) -> fn(&mut Sim<Self>) {
        arena::build
    }

    fn play(mut rng: fastrand::Rng) -> impl FnMut(&mut Client<Self>, Duration) -> Input {
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
}
