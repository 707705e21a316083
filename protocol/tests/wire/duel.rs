//! The small game of PROTOCOL.md.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tickwire_protocol::{Game, GameSchema, NetId, Snapshot, Tick, Wire, Words};

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Body {
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    pub(crate) x: f32,
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    pub(crate) y: f32,
    #[wire(angle = 10, lerp)]
    pub(crate) heading: f32,
}

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Health {
    #[wire(max = 100)]
    pub(crate) hp: u8,
    pub(crate) guarded: bool,
}

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Medkit,
    Rockets,
}

#[derive(Wire, Debug, Clone, PartialEq)]
pub(crate) struct Pickup {
    pub(crate) kind: Kind,
    pub(crate) ready: bool,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Input {
    #[wire(min = -1.0, max = 1.0, step = 0.015625)]
    pub(crate) move_x: f32,
    #[wire(min = -1.0, max = 1.0, step = 0.015625)]
    pub(crate) move_y: f32,
    #[wire(angle = 12)]
    pub(crate) aim: f32,
    #[wire(edge)]
    pub(crate) fire: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    Started,
    Hurt { by: NetId, damage: u8 },
    Roster(Vec<(NetId, String)>),
}

#[derive(Debug)]
pub(crate) struct Duel;

impl Game for Duel {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Body, Health, Pickup);
    type Predicted = (Body,);
    type Event = Event;
    type Level = ();
}

/// The source text of the level in the examples.
pub(crate) const LEVEL: &str = "#####\n#S.S#\n#####\n";

type Row = (u32, Option<Body>, Option<Health>, Option<Pickup>);

fn snapshot(tick: u32, rows: &[Row]) -> Snapshot {
    let mut snapshot = Snapshot::new(GameSchema::of::<Duel>().rows, Tick(tick));
    for (id, body, health, pickup) in rows {
        let words = [
            body.as_ref().map(Words::of),
            health.as_ref().map(Words::of),
            pickup.as_ref().map(Words::of),
        ];
        let mask = (0..).zip(&words).map(|(i, w)| u32::from(w.is_some()) << i);
        let mut place = snapshot.push(NetId(*id), mask.sum());
        for (words, width) in words
            .iter()
            .zip([Body::WORDS, Health::WORDS, Pickup::WORDS])
        {
            let (here, rest) = place.split_at_mut(width);
            if let Some(words) = words {
                here.copy_from_slice(words.as_slice());
            }
            place = rest;
        }
    }
    snapshot
}

/// Ticks 100, 103 and 109 of the examples.
pub(crate) fn course() -> [Arc<Snapshot>; 3] {
    let body = |x, y, heading| Some(Body { x, y, heading });
    let health = |hp, guarded| Some(Health { hp, guarded });
    let pickup = |kind, ready| Some(Pickup { kind, ready });
    let quarter = std::f32::consts::FRAC_PI_2;
    let first = [
        (0, body(1.0, -2.0, quarter), health(100, true), None),
        (1, body(0.0, 0.0, 0.0), health(40, false), None),
        (2, None, None, pickup(Kind::Medkit, true)),
        (7, None, None, pickup(Kind::Rockets, true)),
    ];
    let second = [
        (0, body(1.12, -2.0, quarter), health(100, false), None),
        (1, None, health(0, false), None),
        (2, None, None, pickup(Kind::Medkit, true)),
        (9, None, None, pickup(Kind::Medkit, true)),
    ];
    let third = [
        (0, body(1.37, -2.0, quarter), health(100, false), None),
        (1, None, health(0, false), None),
        (2, None, None, pickup(Kind::Medkit, false)),
        (9, None, None, pickup(Kind::Rockets, true)),
    ];
    [
        Arc::new(snapshot(100, &first)),
        Arc::new(snapshot(103, &second)),
        Arc::new(snapshot(109, &third)),
    ]
}
