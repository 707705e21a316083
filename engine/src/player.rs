//! Players, as systems see them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bevy_ecs::prelude::*;
use std::ops::Deref;
use tickwire_protocol::limits::MAX_DRIVEN;
use tickwire_protocol::{Around, Game, Known, NetId, Snapshot};

use crate::ecs::{EcsComponents, EcsGame};
use crate::ids::{NetIds, Replicated};
use crate::rewind::Past;
use crate::sim::LevelRes;

/// A place at the table. Never given twice in a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayerId(pub u32);

impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// On every player's entity, beside [`Replicated`] and [`PlayerInput`]. Observe `On<Add<Player>>` to give newcomers their
/// components; leaving despawns the entity.
#[derive(Component, Debug, Clone)]
pub struct Player {
    /// Which player.
    pub id: PlayerId,
    /// What the player is called: 1 to 48 bytes without control characters.
    pub name: Arc<str>,
    /// Whether a system of the game plays it.
    pub bot: bool,
}

/// Marks players that a system of the game plays, by writing their [`PlayerInput`].
#[derive(Component, Debug, Clone, Copy)]
pub struct Bot;

/// Marks players whose connection is lost, as long as their seat is kept
/// ([`RoomConfig::seat_kept`](crate::RoomConfig::seat_kept)): they stand, unless the game has something else in mind for them.
#[derive(Component, Debug, Clone, Copy)]
pub struct Away;

/// Marks players whose page has been hidden for longer than
/// [`RoomConfig::hidden_stands`](crate::RoomConfig::hidden_stands): nobody looks, so the game should take them out of play, in its own
/// way. Observe `On<Add<Hidden>>` and `On<Remove<Hidden>>`. Who only stands for a while is not marked.
#[derive(Component, Debug, Clone, Copy)]
pub struct Hidden;

/// A player has come back to its seat over a new connection. Its client has missed the events since the old one was lost, and may
/// have forgotten those before: observe `On<Returned>` to tell it again what newcomers are told.
#[derive(EntityEvent, Debug, Clone, Copy)]
pub struct Returned {
    /// The player's.
    pub entity: Entity,
}

/// What the player does in this tick.
#[derive(Component, Debug, Default, Clone, PartialEq)]
pub struct PlayerInput<I>(pub I);

impl<I> Deref for PlayerInput<I> {
    type Target = I;
    fn deref(&self) -> &I {
        &self.0
    }
}

/// What the client of a player has rows of.
#[derive(Component, Debug, Default)]
pub(crate) struct Knows(pub(crate) Arc<Known>);

/// The system that applies [`Game::predict`] to every player who has all the predicted components, by ascending network id, and
/// to what they drive ([`Game::driver`]): what each client predicts, this decides.
pub fn move_players<G: EcsGame>(world: &mut World) {
    let players: Vec<_> = world.resource::<NetIds>().iter().collect();
    let level = Arc::clone(&world.resource::<LevelRes<G>>().0);
    let Some(snapshot) = world.resource::<Past>().history.latest().map(Arc::clone) else {
        return;
    };
    let input = |world: &World, player| {
        let input = world.get::<PlayerInput<G::Input>>(player);
        input.map(|input| input.0.clone())
    };
    let knows = |world: &World, player| {
        let knows = world.get::<Knows>(player);
        knows.map(|knows| Arc::clone(&knows.0))
    };
    for (id, entity) in players {
        if let Some(input) = input(world, entity) {
            let known = knows(world, entity);
            let around = Around::<G>::new(&level, id, &snapshot).known_to(known.as_deref());
            predict(world, entity, &input, &around);
        }
    }
    for (entity, id, driver) in driven::<G>(world, &snapshot) {
        let player = world.resource::<NetIds>().entity(driver);
        if let Some(input) = player.and_then(|player| input(world, player)) {
            let known = player.and_then(|player| knows(world, player));
            let around = Around::<G>::new(&level, driver, &snapshot);
            let around = around.driven(id).known_to(known.as_deref());
            predict(world, entity, &input, &around);
        }
    }
}

/// Moves one entity by one tick, if it has all the predicted components.
fn predict<G: EcsGame>(
    world: &mut World,
    entity: Entity,
    input: &G::Input,
    around: &Around<'_, G>,
) {
    if let Ok(mut entity) = world.get_entity_mut(entity)
        && let Some(mut own) = G::Predicted::get(entity.as_readonly())
    {
        G::predict(&mut own, input, around);
        own.set(&mut entity);
    }
}

/// The entities that players drive as of `snapshot`, each with its id and its driver's. Players drive nobody's avatar.
fn driven<G: EcsGame>(world: &World, snapshot: &Snapshot) -> Vec<(Entity, NetId, NetId)> {
    let ids = world.resource::<NetIds>();
    let mut drives: BTreeMap<NetId, usize> = BTreeMap::new();
    let rows = snapshot.rows().filter_map(|row| {
        let driver = G::driver(&row)?;
        let entity = world.get_entity(ids.entity(row.id)?).ok()?;
        let can =
            !entity.contains::<PlayerInput<G::Input>>() && G::Predicted::get(entity).is_some();
        let count = drives.entry(driver).or_default();
        *count += usize::from(can);
        (can && *count <= MAX_DRIVEN).then_some((entity.id(), row.id, driver))
    });
    rows.collect()
}

/// Brings the predicted components of players, and of what they drive, to the values that the wire can carry, as the clients'
/// prediction does: then both ends compare integers.
pub(crate) fn snap_predicted<G: EcsGame>(world: &mut World, players: &[Entity]) {
    let snapshot = world.resource::<Past>().history.latest().map(Arc::clone);
    let driven = snapshot.map_or_else(Vec::new, |snapshot| driven::<G>(world, &snapshot));
    let driven = driven.iter().map(|(entity, ..)| entity);
    for entity in players.iter().chain(driven) {
        let Ok(mut entity) = world.get_entity_mut(*entity) else {
            continue;
        };
        if let Some(own) = G::Predicted::get(entity.as_readonly()) {
            tickwire_protocol::Components::quantised(&own).set(&mut entity);
        }
    }
}

/// The bundle that every player's entity starts with.
pub(crate) fn bundle<G: Game>(player: Player) -> impl Bundle {
    (
        PlayerInput::<G::Input>::default(),
        Replicated::default(),
        crate::rewind::Viewing::default(),
        player,
    )
}

/// A name for the `index`th bot.
#[must_use]
pub fn bot_name(index: usize) -> &'static str {
    const NAMES: [&str; 24] = [
        "Ada", "Bruno", "Cleo", "Dario", "Edda", "Fynn", "Gita", "Hugo", "Iris", "Jonas", "Kaja",
        "Liam", "Mira", "Nils", "Oona", "Pavel", "Quinn", "Rosa", "Sami", "Tess", "Ugo", "Vera",
        "Wim", "Yara",
    ];
    NAMES.get(index % NAMES.len()).copied().unwrap_or("Bot")
}
