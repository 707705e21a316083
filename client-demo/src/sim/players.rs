//! Players come, go, and rise again.

use bevy_ecs::prelude::*;
use tickwire_engine::{
    CurrentTick, Events, Hidden, Player, PlayerId, PlayerInput, Replicated, Returned, Rng,
};
use tickwire_protocol::Tick;

use super::{ArenaMap, Map, in_order};
use crate::bots::Brain;
use crate::components::{Body, Health, Input, Score, Weapon};
use crate::event::{Event, RosterEntry};
use crate::rules::{FULL_HEALTH, GUARD_TICKS, RESPAWN_TICKS};
use crate::vec2::Vec2;

/// Players in one roster event: with names of full length they still fit the limit for events.
const ROSTER_PART: usize = 64;

/// What clients need not know about a player's life.
#[derive(Component, Debug, Clone, Copy)]
pub(crate) struct Life {
    /// While guarded: when that ends.
    pub(crate) guarded_until: Tick,
    /// While off the field, for being dead or hidden: when the player may be back.
    pub(crate) out_until: Option<Tick>,
}

/// A newcomer begins as a dead player whose time is up: [`respawn`] is the one place where bodies come from.
pub(super) fn welcome(
    new: On<Add<Player>>,
    players: Query<(&Replicated, &Player)>,
    now: Res<CurrentTick>,
    mut rng: ResMut<Rng>,
    mut events: ResMut<Events<Event>>,
    mut commands: Commands,
) {
    let Ok((replicated, player)) = players.get(new.entity) else {
        return;
    };
    let life = Life {
        guarded_until: now.0,
        out_until: Some(now.0),
    };
    let mut entity = commands.entity(new.entity);
    entity.insert((Health::default(), Weapon::default(), Score::default(), life));
    if player.bot {
        entity.insert(Brain::new(rng.fork()));
    } else {
        tell_who_is_there(player.id, &players, &mut events);
    }
    events.send(Event::Joined {
        id: replicated.id(),
        name: player.name.to_string(),
        bot: player.bot,
    });
}

/// Whoever comes back does not know who has come meanwhile, and a page that was loaded anew knows nobody.
pub(super) fn welcome_back(
    back: On<Returned>,
    players: Query<(&Replicated, &Player)>,
    mut events: ResMut<Events<Event>>,
) {
    if let Ok((_, player)) = players.get(back.entity) {
        tell_who_is_there(player.id, &players, &mut events);
    }
}

fn tell_who_is_there(
    whom: PlayerId,
    players: &Query<(&Replicated, &Player)>,
    events: &mut Events<Event>,
) {
    let everyone = in_order(players.iter().map(|(r, p)| (r.id(), p)));
    for part in everyone.chunks(ROSTER_PART) {
        let entries = part.iter().map(|(id, player)| RosterEntry {
            id: *id,
            name: player.name.to_string(),
            bot: player.bot,
        });
        let players = entries.collect();
        events.send_to(whom, Event::Roster { players });
    }
}

/// Who is taken out of play for hiding leaves the field without having died. Once somebody looks again, [`respawn`] lets the player
/// begin anew, but no sooner than after a death: hiding is no way out of a fight.
pub(super) fn hide(
    hidden: On<Add<Hidden>>,
    mut lives: Query<&mut Life>,
    now: Res<CurrentTick>,
    mut commands: Commands,
) {
    if let Ok(mut life) = lives.get_mut(hidden.entity) {
        life.out_until.get_or_insert(now.0 + RESPAWN_TICKS);
        commands.entity(hidden.entity).remove::<Body>();
    }
}

pub(super) fn farewell(
    gone: On<Remove<Player>>,
    players: Query<&Replicated>,
    mut events: ResMut<Events<Event>>,
) {
    if let Ok(replicated) = players.get(gone.entity) {
        let id = replicated.id();
        events.send(Event::Left { id });
    }
}

type Lives<'w, 's> = Query<
    'w,
    's,
    (
        Entity,
        &'static Replicated,
        &'static PlayerInput<Input>,
        &'static mut Life,
        &'static mut Health,
        &'static mut Weapon,
    ),
    Without<Hidden>,
>;

/// Ends guards whose time is up, and brings back who was off the field for long enough.
pub(super) fn respawn(
    mut players: Lives<'_, '_>,
    bodies: Query<&Body>,
    map: ArenaMap<'_>,
    now: Res<CurrentTick>,
    mut rng: ResMut<Rng>,
    mut commands: Commands,
) {
    let now = now.0;
    let mut due = Vec::new();
    for (entity, replicated, _, life, mut health, _) in &mut players {
        if health.guarded && now.since(life.guarded_until) >= 0 {
            health.guarded = false;
        }
        if life.out_until.is_some_and(|until| now.since(until) >= 0) {
            due.push((replicated.id(), entity));
        }
    }
    if due.is_empty() {
        return;
    }
    let mut taken: Vec<_> = bodies.iter().map(Body::at).collect();
    for (_, entity) in in_order(due.into_iter()) {
        let Ok((_, _, input, mut life, mut health, mut weapon)) = players.get_mut(entity) else {
            continue;
        };
        let at = spawn_point(&map, &taken, &mut rng);
        taken.push(at);
        *life = Life {
            guarded_until: now + GUARD_TICKS,
            out_until: None,
        };
        *health = Health {
            hp: FULL_HEALTH,
            guarded: true,
        };
        *weapon = Weapon::default();
        commands
            .entity(entity)
            .insert(Body::standing(at, input.aim));
    }
}

/// The spawn point that is farthest from everybody; any of them when nobody is there.
fn spawn_point(map: &Map, taken: &[Vec2], rng: &mut Rng) -> Vec2 {
    let gap = |at: &Vec2| {
        let gaps = taken.iter().map(|other| at.distance(*other));
        gaps.fold(f32::INFINITY, f32::min)
    };
    let farthest = if taken.is_empty() {
        // Not `rng.usize`, which draws other numbers where pointers have 32 bits.
        let draws = map.spawns().map(|at| (rng.u32(..), at));
        draws.max_by_key(|(draw, _)| *draw).map(|(_, at)| at)
    } else {
        map.spawns().max_by(|a, b| gap(a).total_cmp(&gap(b)))
    };
    // A map without a spawn point does not parse.
    farthest.unwrap_or(Vec2::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::map;

    #[test]
    fn spawns_far_from_everybody() {
        let map = map(&["##########", "#S...S..S#", "#........#", "##########"]);
        let mut rng = Rng::new(1);
        let (left, right) = (Vec2::new(1.5, 1.5), Vec2::new(8.5, 1.5));
        assert_eq!(spawn_point(&map, &[left], &mut rng), right);
        assert_eq!(
            spawn_point(&map, &[left, right], &mut rng),
            Vec2::new(5.5, 1.5)
        );
        let first = spawn_point(&map, &[], &mut rng);
        assert!(map.spawns().any(|at| at == first));
    }
}
