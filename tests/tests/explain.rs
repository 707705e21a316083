//! What every byte was for: the sums are exact, whatever happens in a match.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test knows its numbers, and may fail"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tickwire_client::Client;
use tickwire_engine::prelude::*;
use tickwire_protocol::explain::Ledger;
use tickwire_protocol::{Around, Game, GameSchema, Wire};
use tickwire_tests::{Link, Match};

const SEED: u64 = 13;

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.01, lerp)]
    x: f32,
    #[wire(angle = 10, lerp)]
    heading: f32,
}

/// Comes and goes.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Burning {
    #[wire(max = 60)]
    ticks: u8,
}

/// Only its player knows it.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Purse {
    coins: u16,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Walk {
    right: bool,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Event {
    Minted { coins: u32 },
    Whisper(String),
    Noon,
}

struct Steppe;

impl Game for Steppe {
    const TICK_RATE: u32 = 60;
    type Input = Walk;
    type Replicated = (Body, Burning, Purse);
    type Predicted = (Body,);
    type Event = Event;
    type Level = ();

    fn predict((own,): &mut (Body,), input: &Walk, _: &Around<'_, Self>) {
        own.x += if input.right { 0.3 } else { -0.3 };
    }
}

fn build(sim: &mut Sim<Steppe>) {
    let interest = Interest::radius(20.0, 24.0)
        .place(|body: &Body| [body.x, 0.0])
        .show::<Purse>(Audience::Owner);
    sim.interest(interest)
        .observe(welcome)
        .add_systems((move_players::<Steppe>, burn, earn, breed).chain());
    for x in -20_i16..=20 {
        let x = f32::from(x) * 5.0;
        sim.world_mut()
            .spawn((Replicated::default(), Body { x, heading: 0.0 }));
    }
}

fn welcome(new: On<Add<Player>>, mut commands: Commands) {
    commands
        .entity(new.entity)
        .insert((Body::default(), Purse::default()));
}

/// Things catch fire, one after the other, and burn for half a second.
fn burn(
    now: Res<CurrentTick>,
    mut commands: Commands,
    mut things: Query<(Entity, &mut Body, Option<&mut Burning>), Without<Player>>,
) {
    for (i, (entity, mut body, fire)) in (0_u32..).zip(&mut things) {
        match fire {
            Some(fire) if fire.ticks == 0 => drop(commands.entity(entity).remove::<Burning>()),
            Some(mut fire) => fire.ticks -= 1,
            None if now.0.0 % 40 == i => {
                body.heading += 0.5;
                commands.entity(entity).insert(Burning { ticks: 30 });
            }
            None => {}
        }
    }
}

fn earn(
    now: Res<CurrentTick>,
    mut purses: Query<(&Player, &mut Purse)>,
    mut events: ResMut<Events<Event>>,
) {
    for (player, mut purse) in &mut purses {
        purse.coins = purse.coins.wrapping_add(1);
        if purse.coins.is_multiple_of(25) {
            events.send_to(player.id, Event::Whisper("x".repeat(150)));
        }
    }
    if now.0.0.is_multiple_of(30) {
        events.send(Event::Noon);
        events.send(Event::Minted { coins: now.0.0 });
    }
}

/// A new thing every so often, and the oldest goes.
fn breed(
    now: Res<CurrentTick>,
    mut commands: Commands,
    things: Query<Entity, (With<Replicated>, Without<Player>)>,
) {
    if now.0.0.is_multiple_of(15) {
        let x = 0.5 * (now.0.0 % 60) as f32;
        commands.spawn((Replicated::default(), Body { x, heading: 1.0 }));
        things
            .iter()
            .min()
            .into_iter()
            .for_each(|oldest| commands.entity(oldest).despawn());
    }
}

/// To the right for some seconds, then back as long.
fn walk(number: usize) -> impl FnMut(&mut Client<Steppe>, Duration) -> Walk {
    let turn = 3 + number as u64 % 3;
    move |_, now| Walk {
        right: (now.as_secs() / turn).is_multiple_of(2),
    }
}

fn ledger(game: &Match<Steppe>, number: usize) -> Ledger {
    game.client(number)
        .account()
        .expect("it was asked for")
        .all()
        .0
}

#[test]
fn every_bit_is_explained_through_joins_leaves_and_events() {
    let schema = GameSchema::of::<Steppe>().rows;
    for (name, link) in Link::ALL {
        let mut game = Match::new(SEED, link, build);
        let mut whole = Ledger::new();
        for number in 0..4 {
            game.join("walker", walk(number));
            let now = game.now();
            game.client_mut(number).explain(true, now);
            game.run_seconds(4);
            if number == 2 {
                game.cut(0);
            }
        }
        game.run_seconds(5);
        for number in 0..game.client_count() {
            let ledger = ledger(&game, number);
            let received = 8 * game.received(number);
            assert!(
                received > 8 * 2000,
                "{name}: client {number} was told little"
            );
            assert_eq!(
                ledger.total(),
                received,
                "{name}: client {number}, seed {SEED}"
            );
            whole.merge(&ledger);
        }
        let tree = whole.tree(&schema);
        assert_eq!(tree.bits, whole.total());
        let paths: BTreeSet<_> = tree
            .leaves()
            .iter()
            .map(|(path, _)| path.join("/"))
            .collect();
        for path in [
            "Body/x/change",
            "Body/x/spawn",
            "Body/heading/change",
            "Burning/ticks/change",
            "Purse/coins/change",
            "rows/id",
            "rows/removal",
            "events/minted",
            "events/whisper",
            "events/noon",
            "events/header",
            "messages/header",
            "messages/padding",
            "messages/control",
            "messages/WebSocket",
        ] {
            assert!(paths.contains(path), "{name}: no {path} in {paths:?}");
        }
    }
}

#[test]
fn counting_changes_nothing() {
    let play = |explained: bool| {
        let mut game = Match::new(SEED, Link::ALL[1].1, build);
        game.join_many(2, walk);
        for number in 0..2 {
            game.client_mut(number).explain(explained, Duration::ZERO);
        }
        game.run_seconds(5);
        let hash = |number| game.client(number).newest().map(|seen| seen.hash());
        (hash(0), hash(1), game.room().sim().hash())
    };
    assert_eq!(play(true), play(false));
}
