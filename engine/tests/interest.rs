//! What each player gets to see: against a plain reckoning of all pairs, and bit by bit on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tickwire_engine::prelude::*;
use tickwire_engine::{Lane, Relevance, Room, RoomConfig, SessionId, Viewer};
use tickwire_protocol::message::{
    ClientControl, PROTOCOL_VERSION, ServerMessage, Token, decode_server,
};
use tickwire_protocol::{
    Bytes, Cadence, Game, GameSchema, History, NetId, Receiver, Row, Schema, Snapshot, Tick, Wire,
    WordWriter,
};

#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Body {
    #[wire(min = -512.0, max = 511.0, step = 0.25)]
    x: f32,
    #[wire(min = -512.0, max = 511.0, step = 0.25)]
    y: f32,
}

/// Which team.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Side {
    colour: u8,
}

/// Whose it is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Owned {
    by: u32,
}

/// Seen from afar by everyone.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Flag;

/// Known to the owner only.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Hand {
    cards: u32,
}

/// Known to the team, wherever it is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Plan {
    number: u16,
}

/// What the others see instead.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Mask {
    face: u8,
}

/// Nobody else sees it.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq, Default)]
struct Cloak;

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Nothing;

struct Spies;

impl Game for Spies {
    const TICK_RATE: u32 = 60;
    type Input = Nothing;
    type Replicated = (Body, Side, Owned, Flag, Hand, Plan, Mask, Cloak);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

const BODY: u32 = 1;
const SIDE: u32 = 2;
const OWNED: u32 = 4;
const FLAG: u32 = 8;
const HAND: u32 = 16;
const PLAN: u32 = 32;
const MASK: u32 = 64;
const CLOAK: u32 = 128;

fn interest() -> Interest {
    Interest::radius(40.0, 50.0)
        .place(|body: &Body| [body.x, body.y])
        .owner(|owned: &Owned| NetId(owned.by))
        .team(|side: &Side| side.colour.into())
        .always::<Flag>(Audience::Everyone)
        .always::<Plan>(Audience::Team)
        .always::<Hand>(Audience::Owner)
        .show::<Hand>(Audience::Owner)
        .show::<Plan>(Audience::Team)
        .show::<Mask>(Audience::Others)
        .filter(|_, other| other.get::<Cloak>().is_none())
}

type Entities = BTreeMap<NetId, (u32, Body, Side, Owned)>;

fn snapshot(schema: &Arc<Schema>, tick: u32, world: &Entities) -> Arc<Snapshot> {
    let mut snapshot = Snapshot::new(Arc::clone(schema), Tick(tick));
    for (id, (mask, body, side, owned)) in world {
        let words = snapshot.push(*id, *mask);
        let mut out = WordWriter::new(words);
        if mask & BODY != 0 {
            body.store(&mut out);
        } else {
            out = WordWriter::new(&mut words[2..]);
        }
        if mask & SIDE != 0 {
            side.store(&mut out);
        } else {
            out = WordWriter::new(&mut words[3..]);
        }
        if mask & OWNED != 0 {
            owned.store(&mut out);
        }
    }
    Arc::new(snapshot)
}

fn change(world: &mut Entities, rng: &mut fastrand::Rng) {
    for _ in 0..rng.u32(0..60) {
        let id = NetId(rng.u32(0..300));
        let body = Body {
            x: rng.f32() * 300.0 - 150.0,
            y: rng.f32() * 300.0 - 150.0,
        };
        match rng.u8(0..6) {
            0 => drop(world.remove(&id)),
            1 | 2 => {
                let side = Side {
                    colour: rng.u8(0..3),
                };
                let owned = Owned { by: rng.u32(0..8) };
                let mask = rng.u32(0..256) & rng.u32(0..256) | rng.u32(0..8);
                world.insert(id, (mask, body, side, owned));
            }
            _ => {
                if let Some(row) = world.get_mut(&id) {
                    row.1.x += rng.f32() * 20.0 - 10.0;
                    row.1.y += rng.f32() * 20.0 - 10.0;
                }
            }
        }
    }
}

/// One player's sight by comparing with everyone.
#[derive(Default)]
struct Plain {
    place: Option<[f32; 2]>,
    near: BTreeSet<NetId>,
}

impl Plain {
    fn see(&mut self, now: &Snapshot, own: NetId) -> BTreeMap<NetId, u32> {
        let place = |row: Row<'_>| row.get::<Body>().map(|body| [body.x, body.y]);
        let owner = |row: Row<'_>| row.get::<Owned>().map_or(row.id, |owned| NetId(owned.by));
        let side = |row: Row<'_>| row.get::<Side>().map(|side| side.colour);
        let team = |row: Row<'_>| side(row).or_else(|| side(now.row(owner(row))?));
        self.place = now.row(own).and_then(place).or(self.place);
        let mine = now.row(own).and_then(team);
        let mut sight = BTreeMap::new();
        let before = std::mem::take(&mut self.near);
        for row in now.rows() {
            let distance = place(row)
                .zip(self.place)
                .map(|(a, b)| (a[0] - b[0]).hypot(a[1] - b[1]));
            let near =
                distance.is_some_and(|d| d <= 40.0 || (d <= 50.0 && before.contains(&row.id)));
            if near {
                self.near.insert(row.id);
            }
            let owns = row.id == own || owner(row) == own;
            let mate = owns || (mine.is_some() && team(row) == mine);
            let named = row.mask & (PLAN | HAND) != 0;
            let relevant = near
                || row.mask & FLAG != 0
                || (place(row).is_none() && !named)
                || (row.mask & PLAN != 0 && mate)
                || (row.mask & HAND != 0 && owns);
            let allowed = BODY
                | SIDE
                | OWNED
                | FLAG
                | CLOAK
                | if owns { HAND } else { MASK }
                | if mate { PLAN } else { 0 };
            let shown = row.mask & allowed != 0 && row.mask & CLOAK == 0 && now.row(own).is_some();
            if row.id == own || (relevant && shown) {
                sight.insert(row.id, row.mask & !allowed);
            }
        }
        sight
    }
}

#[test]
fn sights_are_those_of_a_plain_reckoning() {
    let schema = GameSchema::of::<Spies>().rows;
    for seed in 0..20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut relevance = Relevance::new(interest(), &schema);
        let (mut world, mut history, mut tick) = (Entities::new(), History::new(), 0);
        let mut players: Vec<_> = (0..8)
            .map(|id| (NetId(id), Viewer::new(NetId(id)), Plain::default()))
            .collect();
        for _ in 0..120 {
            change(&mut world, &mut rng);
            // Once in a while so much later that history has forgotten what was taken in last.
            tick += if rng.u8(0..20) == 0 { 70 } else { 1 };
            let now = snapshot(&schema, tick, &world);
            history.push(Arc::clone(&now));
            if rng.u8(0..3) == 0 {
                continue;
            }
            relevance.advance(&history);
            for (own, viewer, plain) in &mut players {
                if rng.u8(0..4) == 0 {
                    continue;
                }
                let seen = relevance.sight(viewer).rows();
                let seen: Vec<_> = seen.map(|(id, seen)| (id, seen.hidden)).collect();
                let expected: Vec<_> = plain.see(&now, *own).into_iter().collect();
                assert_eq!(seen, expected, "seed {seed}, tick {tick}, player {own}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "interest is declared by Input, which is not in Replicated")]
fn what_is_not_replicated_decides_nothing() {
    #[derive(Wire, Clone)]
    struct Input;
    let _ = Relevance::new(
        Interest::everywhere().always::<Input>(Audience::Everyone),
        &GameSchema::of::<Spies>().rows,
    );
}

/// What the hand of the first player is dealt from.
#[derive(Resource)]
struct Deck(u32);

fn build(sim: &mut Sim<Spies>) {
    let interest = interest().tiers(&[1, 3]).tier_beyond(10.0, 1);
    sim.interest(interest.weight(|owned: &Owned| u8::try_from(owned.by).unwrap()))
        .observe(welcome)
        .add_systems((deal, sneak, stir).chain());
    let world = sim.world_mut();
    world.spawn((Replicated::default(), Body::default(), Cloak));
    world.spawn((Replicated::default(), Body { x: 300.0, y: 0.0 }));
    for i in 0..200_u8 {
        let (x, y) = (f32::from(i % 30), 5.0);
        let by = u32::from(i % 5);
        world.spawn((Replicated::default(), Body { x, y }, Owned { by }));
    }
}

/// Where the one in the cloak and the one beyond the horizon are is a secret too.
fn sneak(
    now: Res<CurrentTick>,
    deck: Res<Deck>,
    mut spies: Query<&mut Body, (Without<Player>, Without<Owned>)>,
) {
    for mut spy in &mut spies {
        let place = secret(deck.0, 9, now.0.0) % 100;
        let near = if spy.x < 200.0 { 0.0 } else { 300.0 };
        spy.x = near + place as f32;
    }
}

/// All see these, and there is more to tell of them than some budgets allow.
fn stir(now: Res<CurrentTick>, mut bodies: Query<(&Replicated, &mut Body), With<Owned>>) {
    for (replicated, mut body) in &mut bodies {
        body.y = (secret(5, replicated.id().0, now.0.0) % 200) as f32 / 10.0;
    }
}

fn welcome(new: On<Add<Player>>, mut commands: Commands) {
    commands
        .entity(new.entity)
        .insert((Body::default(), Hand::default(), Mask { face: 7 }));
}

/// Each hand is new every 16 ticks, out of the deck for the first player and out of another for the rest.
fn deal(now: Res<CurrentTick>, deck: Res<Deck>, mut hands: Query<(&Player, &mut Hand)>) {
    for (player, mut hand) in &mut hands {
        let deck = if player.id.0 == 0 { deck.0 } else { 77 };
        hand.cards = secret(deck, player.id.0, now.0.0 / 16);
    }
}

fn secret(deck: u32, player: u32, turn: u32) -> u32 {
    fastrand::Rng::with_seed(u64::from(deck) << 40 | u64::from(player) << 32 | u64::from(turn))
        .u32(..)
}

const TURNS: u32 = 20;

/// All that the server sends to two players who stand side by side, when the first one's cards come from `deck`.
fn heard(deck: u32, budget: u32) -> [Vec<Bytes>; 2] {
    let mut sim = Sim::new(3, build);
    sim.insert_resource(Deck(deck));
    let config = RoomConfig {
        budget,
        ..RoomConfig::default()
    };
    let mut room = Room::new(sim, config);
    for id in [0, 1] {
        let hello = ClientControl::Hello {
            protocol: PROTOCOL_VERSION,
            schema: GameSchema::of::<Spies>().hash,
            tables: GameSchema::of::<Spies>().tables.hash,
            game: "Spies".into(),
            name: "spy".into(),
            token: None,
        };
        // Not drawn at random: the bytes are compared below.
        room.set_tokens(|| Token::new([7; 16]));
        room.connect(SessionId(id));
        room.handle_message(SessionId(id), &hello.encode(), Duration::ZERO);
    }
    let mut heard = [Vec::new(), Vec::new()];
    for tick in 1..=TURNS * 16 {
        room.tick(Duration::from_secs(tick.into()) / 60);
        for (id, heard) in (0..).zip(&mut heard) {
            for lane in [Lane::State, Lane::Events] {
                heard.extend(std::iter::from_fn(|| {
                    room.poll_transmit(SessionId(id), lane)
                }));
            }
        }
    }
    let is_scarce = (1..25).contains(&budget);
    assert_eq!(room.held_back_rows() > 0, is_scarce, "{budget}");
    heard
}

fn receiver() -> Receiver {
    let GameSchema { rows, tables, .. } = GameSchema::of::<Spies>();
    Receiver::new(rows, tables, Cadence::with_tiers(2, &[1, 3]))
}

/// Every word of every row that a client ever has.
fn words(heard: &[Bytes]) -> BTreeSet<u32> {
    let mut receiver = receiver();
    let mut words = BTreeSet::new();
    for message in heard {
        if let Ok(ServerMessage::Snapshot(header, body)) = decode_server(message) {
            let view = receiver.read(header, body).unwrap();
            words.extend(view.rows().flat_map(|row| row.words.to_vec()));
        }
    }
    words
}

#[test]
fn a_secret_never_leaves_the_server_for_others() {
    let [mine, theirs] = heard(1, 0);
    let [my_words, their_words] = [&mine, &theirs].map(|heard| words(heard));
    for turn in 1..TURNS {
        let secret = secret(1, 0, turn);
        assert!(my_words.contains(&secret), "the owner is told");
        assert!(!their_words.contains(&secret));
    }
}

/// What a coder does with a word cannot be searched for in its bits. But bits that know of a secret change with it: by what
/// they say, by how many there are, or by what else had a place.
#[test]
fn other_secrets_are_not_a_bit_of_difference_for_others() {
    for budget in [0, 8, 20, 256] {
        let [mine, theirs] = heard(1, budget);
        let [mine_2, theirs_2] = heard(2, budget);
        assert_eq!(theirs_2, theirs, "{budget} kbit/s");
        assert_ne!(mine_2, mine, "{budget} kbit/s");
    }
}

#[test]
fn others_do_not_even_learn_that_there_is_a_secret() {
    // Behind the spies and the crowd.
    for (own, heard) in (202..).map(NetId).zip(heard(1, 20)) {
        let mut receiver = receiver();
        let mut snapshots = 0;
        for message in heard {
            let Ok(ServerMessage::Snapshot(header, delta)) = decode_server(&message) else {
                continue;
            };
            let view = receiver.read(header, delta).unwrap();
            let players = view.rows().filter(|row| row.mask & OWNED == 0);
            let masks: Vec<_> = players.map(|row| (row.id == own, row.mask)).collect();
            assert!(masks.len() == 2 || snapshots < 60);
            for (is_own, mask) in masks {
                assert_eq!(mask, BODY | if is_own { HAND } else { MASK });
            }
            snapshots += 1;
        }
        assert!(snapshots > 100);
    }
}
