//! A world that is always more to tell than a narrow link takes.

use tickwire_engine::prelude::*;
use tickwire_protocol::{Game, Wire};

/// Something that moves without a pattern.
#[derive(Component, Wire, Debug, Default, Clone, Copy, PartialEq)]
pub struct Mote {
    /// Where it is, on a line.
    #[wire(max = 65_535)]
    pub x: u16,
}

/// What a player does: nothing.
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq)]
pub struct Idle {}

/// The game.
#[derive(Debug)]
pub struct Dust;

impl Game for Dust {
    const TICK_RATE: u32 = 60;
    type Input = Idle;
    type Replicated = (Mote,);
    type Predicted = ();
    type Event = u32;
    type Level = ();
}

/// Motes in the world; a snapshot of all of them is longer than a budget of 256 kbit/s allows.
const MOTES: usize = 600;

pub(crate) fn build(sim: &mut Sim<Dust>) {
    sim.observe(enter).add_systems((drift, tell).chain());
    for _ in 0..MOTES {
        sim.world_mut()
            .spawn((Mote::default(), Replicated::default()));
    }
}

fn enter(new: On<Add<Player>>, mut commands: Commands) {
    commands.entity(new.entity).insert(Mote::default());
}

fn drift(mut motes: Query<&mut Mote>, mut rng: ResMut<Rng>) {
    for mut mote in &mut motes {
        mote.x = rng.u16(..);
    }
}

/// Six events a second, to everyone.
fn tell(now: Res<CurrentTick>, mut events: ResMut<Events<u32>>) {
    if now.0.0.is_multiple_of(10) {
        events.send(now.0.0);
    }
}
