//! The game of the golden sessions: ships in a harbour, the same on every machine.

use std::collections::BTreeMap;
use std::sync::Arc;

use tickwire_protocol::{Game, GameSchema, NetId, Rotation, Snapshot, Tick, Wire, Words};

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Body {
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    x: f32,
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    y: f32,
    #[wire(angle = 10, lerp)]
    heading: f32,
    #[wire(rotation = 9, lerp)]
    turn: Rotation,
    lit: bool,
}

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Tug,
    Barge,
    Yacht,
}

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Crew {
    kind: Kind,
    #[wire(max = 100)]
    hands: u8,
    serial: u32,
    follows: Option<NetId>,
}

/// Only there or not.
#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Anchored;

/// A component of a single column.
#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Cargo {
    tons: u16,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Helm {
    pub(crate) ahead: bool,
}

#[derive(Debug)]
pub(crate) struct Harbour;

impl Game for Harbour {
    const TICK_RATE: u32 = 60;
    type Input = Helm;
    type Replicated = (Body, Crew, Anchored, Cargo);
    type Predicted = (Body,);
    type Event = ();
    type Level = ();
}

const BODY: u32 = 1;
pub(crate) const CREW: u32 = 2;
const ANCHORED: u32 = 4;
const CARGO: u32 = 8;

/// The first tick: they wrap on the way.
pub(crate) const START: Tick = Tick(u32::MAX - 40);
/// A ship and how it moves.
struct Ship {
    mask: u32,
    x: i32,
    y: i32,
    speed: (i32, i32),
    heading: i32,
    turn: [f32; 4],
    crew: Crew,
    tons: u16,
}

/// The same numbers on every machine and for ever.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap() % end
    }

    fn around(&mut self, most: i32) -> i32 {
        i32::try_from(self.below(2 * most.unsigned_abs() + 1)).unwrap() - most
    }
}

impl Ship {
    fn new(chance: &mut Chance) -> Self {
        Self {
            mask: [BODY | CREW, BODY | CREW | CARGO, BODY | ANCHORED, CARGO]
                [chance.below(4) as usize],
            x: 6400 + chance.around(3000),
            y: 6400 + chance.around(3000),
            speed: (chance.around(40), chance.around(3)),
            heading: chance.around(511),
            turn: [0.0, 0.6, 0.0, 0.8],
            crew: Crew {
                kind: Kind::Tug,
                hands: 12,
                serial: chance.below(1 << 30) * 3,
                follows: None,
            },
            tons: 0,
        }
    }

    fn sail(&mut self, chance: &mut Chance) {
        let (east, north) = self.speed;
        (self.x, self.y) = (self.x + east, self.y + north);
        if chance.below(4) == 0 {
            self.speed = (east + chance.around(3), north + chance.around(9));
        }
        if !(200..12_600).contains(&self.x) || !(200..12_600).contains(&self.y) {
            (self.x, self.y, self.speed) = (6400, 6400, (chance.around(20), 0));
        }
        self.heading += north.signum() * 5 + i32::from(east == 0);
        // A twentieth of a radian about a leaning axis, by + and × alone.
        let [x, y, z, w] = self.turn;
        let (a, b, c, d) = (0.03, 0.0, 0.04, 0.998_75);
        if self.mask & ANCHORED == 0 {
            self.turn = [
                w * a + x * d + y * c - z * b,
                w * b - x * c + y * d + z * a,
                w * c + x * b - y * a + z * d,
                w * d - x * a - y * b - z * c,
            ];
        }
        match chance.below(60) {
            0 => self.mask ^= CREW,
            1 => self.mask ^= ANCHORED,
            2 => self.mask ^= CARGO,
            3 => self.mask ^= BODY,
            4 => {
                self.crew.kind =
                    [Kind::Tug, Kind::Barge, Kind::Yacht][chance.below(3) as usize].clone()
            }
            5 => self.crew.follows = Some(NetId(chance.below(12))),
            6 => self.crew.serial = chance.below(1 << 30) * 4 + chance.below(4),
            7 => self.crew.hands = u8::try_from(chance.below(101)).unwrap(),
            _ => self.tons = self.tons.saturating_add(u16::from(chance.below(5) == 0)),
        }
    }

    fn words(&self) -> [(u32, Vec<u32>); 4] {
        let coordinate = |word: i32| -64.0 + f64::from(word) * 0.01;
        #[expect(clippy::cast_possible_truncation, reason = "the field has 32 bits")]
        let body = Body {
            x: coordinate(self.x) as f32,
            y: coordinate(self.y) as f32,
            heading: 0.0,
            turn: Rotation(self.turn),
            lit: self.heading % 64 > 40,
        };
        let mut body = Words::of(&body).as_slice().to_vec();
        body[2] = u32::try_from(self.heading.rem_euclid(1024)).unwrap();
        let crew = Words::of(&self.crew).as_slice().to_vec();
        let cargo = Words::of(&Cargo { tons: self.tons }).as_slice().to_vec();
        [
            (BODY, body),
            (CREW, crew),
            (ANCHORED, vec![]),
            (CARGO, cargo),
        ]
    }
}

/// The harbour: ships come and go.
pub(crate) struct World {
    chance: Chance,
    ships: BTreeMap<u32, Ship>,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut chance = Chance(7);
        let ships = (0..10).map(|id| (id, Ship::new(&mut chance))).collect();
        Self { chance, ships }
    }

    pub(crate) fn tick(&mut self, tick: Tick) -> Arc<Snapshot> {
        let chance = &mut self.chance;
        for ship in self.ships.values_mut() {
            ship.sail(chance);
        }
        let number = tick.since(START).unsigned_abs();
        if number.is_multiple_of(17) {
            // Ids rest for 64 ticks; these are never given again.
            self.ships.insert(20 + number * 30, Ship::new(chance));
        }
        if number % 29 == 28 {
            let gone = self.ships.keys().nth(4).copied();
            gone.and_then(|id| self.ships.remove(&id));
        }
        let mut now = Snapshot::new(GameSchema::of::<Harbour>().rows, tick);
        for (id, ship) in &self.ships {
            let mut row = now.push(NetId(*id), ship.mask);
            for (component, words) in ship.words() {
                let (here, rest) = row.split_at_mut(words.len());
                if ship.mask & component != 0 {
                    here.copy_from_slice(&words);
                }
                row = rest;
            }
        }
        Arc::new(now)
    }
}
