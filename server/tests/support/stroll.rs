//! A tiny game to serve: everyone walks to the right.

use tickwire_engine::prelude::*;
use tickwire_protocol::{Game, Level, Wire};

#[derive(Component, Wire, Clone, Copy, Default, Debug, PartialEq)]
pub(crate) struct Place {
    #[wire(max = 1000)]
    x: u16,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
pub(crate) struct Walk {
    right: bool,
}

#[derive(Debug)]
pub(crate) struct Lane;

impl Level for Lane {
    const BUILT_IN: &'static [(&'static str, &'static str)] =
        &[("lane", "----"), ("yard", "----\n----")];
    fn parse(text: &str) -> Result<Self, String> {
        match text.find(|c: char| c != '-' && c != '\n') {
            Some(at) => Err(format!("character {at} is neither a dash nor a line's end")),
            None => Ok(Self),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Stroll;

impl Game for Stroll {
    const TICK_RATE: u32 = 60;
    type Input = Walk;
    type Replicated = (Place,);
    type Predicted = ();
    type Event = ();
    type Level = Lane;
}

pub(crate) fn build(sim: &mut Sim<Stroll>) {
    sim.observe(welcome)
        .add_systems((wander, walk).chain())
        .score_by(|player| player.get::<Place>().map_or(0, |place| place.x.into()));
}

fn welcome(new: On<Add<Player>>, mut commands: Commands) {
    commands.entity(new.entity).insert(Place::default());
}

fn wander(mut bots: Query<&mut PlayerInput<Walk>, With<Bot>>, mut rng: ResMut<Rng>) {
    for mut input in &mut bots {
        input.0.right = rng.u8(..8) == 0;
    }
}

fn walk(mut players: Query<(&PlayerInput<Walk>, &mut Place)>) {
    for (input, mut place) in &mut players {
        place.x = (place.x + u16::from(input.right)).min(1000);
    }
}
