//! Catch, a whole game: players run about a field, and whoever is "it" makes somebody else it by touching them.
//!
//! `catch serve` runs a server, `catch bots` plays matches without one; both come with `tickwire_server::cli`.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, NetId, Wire};

/// Half the side of the field, metres.
const FIELD: f32 = 10.0;
/// How near is a touch, metres.
const TOUCH: f32 = 0.8;
/// For how many ticks nobody can touch those who were it a moment ago.
const SAFE_TICKS: u8 = 120;

/// Where a player is, metres from the middle of the field. Clients see it to the centimetre, blended between snapshots.
#[derive(Component, Wire, Debug, Default, Clone, Copy, PartialEq)]
struct Place {
    #[wire(min = -10.0, max = 10.0, step = 0.01, lerp)]
    x: f32,
    #[wire(min = -10.0, max = 10.0, step = 0.01, lerp)]
    y: f32,
}

/// The way from one place to another.
fn way(from: &Place, to: &Place) -> (f32, f32) {
    (to.x - from.x, to.y - from.y)
}

/// Never quite 0, so that one can divide by it.
fn length((x, y): (f32, f32)) -> f32 {
    (x * x + y * y).sqrt().max(0.001)
}

/// How a player stands.
#[derive(Component, Wire, Debug, Default, Clone, Copy, PartialEq)]
struct Standing {
    it: bool,
    #[wire(max = SAFE_TICKS)]
    safe: u8,
    #[wire(max = 9999)]
    catches: u16,
}

/// What a player wants within one tick: −1 to 1 each way.
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq)]
struct Run {
    #[wire(min = -1.0, max = 1.0, step = 0.125)]
    right: f32,
    #[wire(min = -1.0, max = 1.0, step = 0.125)]
    down: f32,
}

/// Told to everyone, once.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq)]
struct Caught {
    by: NetId,
    whom: NetId,
}

struct Catch;

impl Game for Catch {
    const TICK_RATE: u32 = 60;
    type Input = Run;
    type Replicated = (Place, Standing);
    type Predicted = (Place, Standing);
    type Event = Caught;
    type Level = ();

    /// The one rule of movement: the server decides by it, and clients run it ahead for their own.
    fn predict((place, standing): &mut (Place, Standing), run: &Run, _: &Around<'_, Self>) {
        let step = if standing.it { 0.11 } else { 0.09 } / length((run.right, run.down)).max(1.0);
        place.x = (place.x + run.right * step).clamp(-FIELD, FIELD);
        place.y = (place.y + run.down * step).clamp(-FIELD, FIELD);
        standing.safe = standing.safe.saturating_sub(1);
    }
}

/// Sets a match up: what happens when somebody joins, and the steps of a tick.
fn build(sim: &mut Sim<Catch>) {
    sim.observe(welcome)
        .add_systems((think, move_players::<Catch>, catch).chain())
        .score_by(|player| player.get().map_or(0, |s: &Standing| s.catches.into()));
}

fn welcome(new: On<Add<Player>>, mut rng: ResMut<Rng>, mut commands: Commands) {
    let mut anywhere = || (rng.f32() * 2.0 - 1.0) * FIELD;
    let (x, y) = (anywhere(), anywhere());
    let mut player = commands.entity(new.entity);
    player.insert((Place { x, y }, Standing::default()));
}

/// Bots give commands like everyone else: after the nearest, or away from whoever is it.
fn think(
    mut bots: Query<(&Place, &Standing, &mut PlayerInput<Run>), With<Bot>>,
    players: Query<(&Place, &Standing)>,
) {
    for (here, me, mut input) in &mut bots {
        let wanted = players
            .iter()
            .filter(|(_, other)| other.it != me.it && other.safe == 0);
        let ways = wanted.map(|(there, _)| way(here, there));
        let (x, y) = ways
            .min_by(|a, b| length(*a).total_cmp(&length(*b)))
            .unwrap_or_default();
        let speed = if me.it { 1.0 } else { -1.0 } / length((x, y));
        *input = PlayerInput(Run {
            right: x * speed,
            down: y * speed,
        });
    }
}

/// Whoever is it catches somebody within reach; when nobody is it, the first player has to be.
fn catch(
    mut players: Query<(&Replicated, &Place, &mut Standing)>,
    mut events: ResMut<Events<Caught>>,
) {
    let mut players: Vec<_> = players.iter_mut().collect();
    // The ECS promises no order, and a match must be the same each time.
    players.sort_unstable_by_key(|(replicated, ..)| replicated.id());
    let Some(it) = players.iter().position(|(_, _, standing)| standing.it) else {
        if let Some((_, _, first)) = players.first_mut() {
            first.it = true;
        }
        return;
    };
    let (by, here, mut me) = players.swap_remove(it);
    let reachable = players
        .iter_mut()
        .find(|(_, there, other)| other.safe == 0 && length(way(here, there)) < TOUCH);
    if let Some((whom, _, other)) = reachable {
        (me.it, me.safe, me.catches) = (false, SAFE_TICKS, me.catches.saturating_add(1));
        other.it = true;
        events.send(Caught {
            by: by.id(),
            whom: whom.id(),
        });
    }
}

fn main() -> ExitCode {
    tickwire_server::cli::<Catch>(build)
}

#[cfg(test)]
mod tests;
