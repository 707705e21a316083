//! Arena, with its bots.

use std::time::Duration;

use arena::{Arena, Input};
use tickwire_client::Client;
use tickwire_engine::Sim;

use super::trial::{Trial, Variety};
use crate::wander::wander_by;

impl Trial for Arena {
    fn builder(_: Variety) -> fn(&mut Sim<Self>) {
        arena::build
    }

    fn play(rng: fastrand::Rng) -> impl FnMut(&mut Client<Self>, Duration) -> Input {
        wander_by(rng)
    }
}
