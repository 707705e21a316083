//! A game for measuring: everyone walks a straight line, and counts what it was told to do.

use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, Wire};

/// A player's place, in steps from the start, and how often it jumped.
#[derive(Component, Wire, Debug, Default, Clone, Copy, PartialEq)]
pub struct Walker {
    /// Steps: one for each tick in which the player walked.
    #[wire(max = 1_000_000)]
    pub steps: u32,
    /// Jumps: one for each that was asked for.
    #[wire(max = 1_000_000)]
    pub jumps: u32,
}

/// What a player does within a tick.
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq)]
pub struct Gait {
    /// Whether it walks.
    pub walk: bool,
    /// Whether it jumps, once.
    #[wire(edge)]
    pub jump: bool,
}

/// The game.
#[derive(Debug)]
pub struct Walk;

impl Game for Walk {
    const TICK_RATE: u32 = 60;
    type Input = Gait;
    type Replicated = (Walker,);
    type Predicted = (Walker,);
    type Event = ();
    type Level = ();

    fn predict((walker,): &mut (Walker,), gait: &Gait, _: &Around<'_, Self>) {
        walker.steps += u32::from(gait.walk);
        walker.jumps += u32::from(gait.jump);
    }
}

/// Everyone starts at the start.
pub(super) fn build(sim: &mut Sim<Walk>) {
    sim.observe(start).add_systems(move_players::<Walk>);
}

fn start(new: On<Add<Player>>, mut commands: Commands) {
    commands.entity(new.entity).insert(Walker::default());
}
