//! A small game that costs little and has all that the wire knows: numbers, angles, rotations, lists, references, one-shots,
//! components that come and go, events with names, secrets. Everything in it is numbered, so that nothing is lost unseen.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tickwire_client::{Client, Delivered};
use tickwire_engine::prelude::*;
use tickwire_protocol::{Around, Game, NetId, Rotation, Row, Wire};

use super::trial::{Trial, Variety};

/// Half the side of the field, metres.
const SIDE: f32 = 60.0;
/// Where things come into view and leave it, metres.
const ENTER: f32 = 25.0;
const LEAVE: f32 = 29.0;
/// Beyond this things are told of less often, metres.
const FAR: f32 = 12.0;
const PERIODS: [u8; 3] = [1, 2, 4];
/// Things that roam about, at most.
const ROAMERS: usize = 10;

/// The game, at this many ticks per second.
#[derive(Debug)]
pub struct Field<const RATE: u32>;

/// Where something is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Body {
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    x: f32,
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    y: f32,
    #[wire(angle = 10, lerp)]
    heading: f32,
}

/// What a player shoots with.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Gun {
    fired: u16,
    #[wire(max = 3)]
    wait: u8,
}

/// Only its player knows it.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Purse {
    coins: u16,
}

#[derive(Wire, Clone, Copy, Debug, PartialEq, Default)]
enum Temper {
    #[default]
    Calm,
    Wild,
    Gone,
}

/// A list, and what else there is; it comes and goes.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
pub struct Mood {
    temper: Temper,
    #[wire(max = 100)]
    levels: [u8; 3],
    friends: [Option<NetId>; 2],
}

/// It comes and goes.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
pub struct Spin {
    #[wire(rotation = 9, lerp)]
    at: Rotation,
}

/// What a player does.
#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
pub struct Walk {
    #[wire(min = -1.0, max = 1.0, step = 0.125)]
    x: f32,
    #[wire(min = -1.0, max = 1.0, step = 0.125)]
    y: f32,
    /// No two commands of a player in a row are alike.
    serial: u16,
    #[wire(edge)]
    fire: bool,
    #[wire(edge)]
    jump: bool,
}

/// Numbered, those to all and those to each player.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
pub struct Told {
    number: u32,
    names: Option<NetId>,
}

/// How many events went to all so far.
#[derive(Resource, Default)]
struct ToldAll(u32);

/// How many events went to this player so far.
#[derive(Component, Default)]
struct ToldOne(u32);

#[derive(Component)]
struct Roamer {
    x: f32,
    y: f32,
}

impl<const RATE: u32> Game for Field<RATE> {
    const TICK_RATE: u32 = RATE;
    type Input = Walk;
    type Replicated = (Body, Gun, Purse, Mood, Spin);
    type Predicted = (Body, Gun);
    type Event = Told;
    type Level = ();

    fn predict((body, gun): &mut (Body, Gun), input: &Walk, _: &Around<'_, Self>) {
        let step = 6.0 / RATE as f32;
        body.x = (body.x + input.x * step).clamp(-SIDE, SIDE);
        body.y = (body.y + input.y * step).clamp(-SIDE, SIDE);
        gun.wait = gun.wait.saturating_sub(1);
        if input.fire && gun.wait == 0 {
            gun.fired = gun.fired.wrapping_add(1);
            gun.wait = 2;
        }
        if input.jump {
            body.heading += 1.0;
        }
    }

    fn names(event: &Told) -> Vec<NetId> {
        event.names.into_iter().collect()
    }
}

fn build<const RATE: u32>(sim: &mut Sim<Field<RATE>>) {
    sim.insert_resource(ToldAll::default())
        .observe(welcome)
        .add_systems((move_players::<Field<RATE>>, roam, people, befriend, tell).chain());
}

fn near() -> Interest {
    Interest::radius(ENTER, LEAVE)
        .place(|body: &Body| [body.x, body.y])
        .show::<Purse>(Audience::Owner)
}

fn build_near<const RATE: u32>(sim: &mut Sim<Field<RATE>>) {
    sim.interest(near());
    build(sim);
}

fn build_tiers<const RATE: u32>(sim: &mut Sim<Field<RATE>>) {
    let tiers = near().tiers(&PERIODS).tier_beyond(FAR, 1);
    sim.interest(tiers.tier_beyond(20.0, 2).weight(|_: &Gun| 4));
    build(sim);
}

fn anywhere(rng: &mut Rng) -> Body {
    let mut place = || (rng.f32() * 2.0 - 1.0) * SIDE;
    Body {
        x: place(),
        y: place(),
        heading: 0.0,
    }
}

fn welcome(new: On<Add<Player>>, mut rng: ResMut<Rng>, mut commands: Commands) {
    let mut player = commands.entity(new.entity);
    player.insert((
        anywhere(&mut rng),
        Gun::default(),
        Purse::default(),
        ToldOne::default(),
    ));
}

/// Things move on, turn, and jump to other places at times.
fn roam(mut things: Query<(&mut Body, &mut Roamer)>, mut rng: ResMut<Rng>) {
    for (mut body, mut way) in &mut things {
        match rng.u32(0..400) {
            0 => *body = anywhere(&mut rng),
            1..20 => {
                way.x = rng.f32() - 0.5;
                way.y = rng.f32() - 0.5;
            }
            // Some stand still, and cost no bits.
            20..40 => (way.x, way.y) = (0.0, 0.0),
            _ => {}
        }
        if way.x != 0.0 {
            body.x = (body.x + way.x).clamp(-SIDE, SIDE);
            body.y = (body.y + way.y).clamp(-SIDE, SIDE);
            body.heading += way.x;
        }
    }
}

/// Things come and go, and components on them.
fn people(
    things: Query<(Entity, Has<Mood>, Has<Spin>), With<Roamer>>,
    mut purses: Query<&mut Purse>,
    mut rng: ResMut<Rng>,
    mut commands: Commands,
) {
    let count = things.iter().len();
    if count < ROAMERS && rng.u32(0..30) == 0 {
        let way = Roamer { x: 0.1, y: 0.1 };
        commands.spawn((Replicated::default(), anywhere(&mut rng), way));
    }
    if count > 0 && rng.u32(0..15) == 0 {
        let chosen = things.iter().nth(rng.usize(0..count));
        let Some((entity, has_mood, has_spin)) = chosen else {
            return;
        };
        let mut entity = commands.entity(entity);
        match rng.u32(0..5) {
            0 => entity.despawn(),
            1 if has_mood => drop(entity.remove::<Mood>()),
            1 => drop(entity.insert(Mood::default())),
            2 if has_spin => drop(entity.remove::<Spin>()),
            _ => {
                let mut part = || rng.f32() - 0.5;
                let at = Rotation([part(), part(), part(), part()]).normalized();
                entity.insert(Spin { at });
            }
        }
    }
    if rng.u32(0..8) == 0 {
        for mut purse in &mut purses {
            purse.coins = purse.coins.wrapping_add(1);
        }
    }
}

fn any_of(all: &Query<&Replicated>, rng: &mut Rng) -> Option<NetId> {
    let chosen = rng.usize(0..all.iter().len().max(1));
    all.iter().nth(chosen).map(Replicated::id)
}

/// Who has a mood changes it, and looks for friends.
fn befriend(mut moods: Query<&mut Mood>, all: Query<&Replicated>, mut rng: ResMut<Rng>) {
    for mut mood in &mut moods {
        match rng.u32(0..60) {
            0 => mood.temper = Temper::Wild,
            1 => mood.temper = Temper::Gone,
            2 => mood.levels = [rng.u8(0..101), rng.u8(0..101), 7],
            3 => mood.friends = [any_of(&all, &mut rng), any_of(&all, &mut rng)],
            _ => {}
        }
    }
}

fn tell(
    mut players: Query<(&Player, &mut ToldOne)>,
    all: Query<&Replicated>,
    mut told: ResMut<ToldAll>,
    mut events: ResMut<Events<Told>>,
    mut rng: ResMut<Rng>,
) {
    for _ in 0..rng.u32(0..24) / 21 {
        let names = if rng.bool() {
            any_of(&all, &mut rng)
        } else {
            None
        };
        let number = told.0;
        events.send(Told { number, names });
        told.0 += 1;
    }
    for (player, mut told) in &mut players {
        if rng.u32(0..20) == 0 {
            let number = told.0;
            let names = None;
            events.send_to(player.id, Told { number, names });
            told.0 += 1;
        }
    }
}

impl<const RATE: u32> Trial for Field<RATE> {
    fn builder(variety: Variety) -> fn(&mut Sim<Self>) {
        match variety {
            Variety::Open => build::<RATE>,
            Variety::Near => build_near::<RATE>,
            Variety::Tiers => build_tiers::<RATE>,
        }
    }

    fn play(mut rng: fastrand::Rng) -> impl FnMut(&mut Client<Self>, Duration) -> Walk {
        let mut walk = Walk::default();
        move |_, _| {
            if rng.u32(0..16) == 0 {
                (walk.x, walk.y) = (rng.f32() * 2.0 - 1.0, rng.f32() * 2.0 - 1.0);
            }
            walk.serial = walk.serial.wrapping_add(1);
            walk.fire = rng.u32(0..8) == 0;
            walk.jump = rng.u32(0..40) == 0;
            walk
        }
    }

    fn number(event: &Delivered<Told>) -> Option<u32> {
        Some(event.event.number)
    }

    fn told(sim: &Sim<Self>, player: PlayerId) -> (u32, u32) {
        let one = sim
            .entity_of(player)
            .and_then(|e| sim.world().get::<ToldOne>(e));
        (
            sim.world().resource::<ToldAll>().0,
            one.map_or(0, |one| one.0),
        )
    }

    fn must_see(variety: Variety, own: Row<'_>, row: Row<'_>) -> Option<bool> {
        let (Some(own), Some(body)) = (own.get::<Body>(), row.get::<Body>()) else {
            return None;
        };
        let distance = (own.x - body.x).hypot(own.y - body.y);
        match variety {
            Variety::Open => Some(true),
            _ if distance < ENTER - 0.01 => Some(true),
            _ if distance > LEAVE + 0.01 => Some(false),
            _ => None,
        }
    }

    fn is_secret(variety: Variety, own: NetId, row: Row<'_>) -> bool {
        variety != Variety::Open && own != row.id && row.get::<Purse>().is_some()
    }
}
