//! A game with every kind of column.

use serde::{Deserialize, Serialize};
use tickwire_protocol::{Game, NetId, Rotation, Wire};

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) enum Kind {
    #[default]
    Rifle,
    Rocket,
    Hook,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Body {
    #[wire(min = -64.0, max = 64.0, step = 0.01, lerp)]
    pub(crate) x: f32,
    #[wire(angle = 10, lerp)]
    pub(crate) heading: f32,
    #[wire(rotation = 5)]
    pub(crate) turn: Rotation,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Weapon {
    pub(crate) kind: Kind,
    #[wire(max = 9)]
    pub(crate) rockets: [u8; 2],
    #[wire(max = 0)]
    pub(crate) nothing: u8,
    pub(crate) guarded: bool,
    pub(crate) serial: u32,
}

/// Only there or not.
#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Tag;

/// A single column.
#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Score {
    pub(crate) points: u16,
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
pub(crate) struct Input {
    #[wire(edge)]
    pub(crate) fire: bool,
    pub(crate) body: Body,
    pub(crate) weapon: Weapon,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum Event {
    Started,
    Said(String),
    Hit {
        who: NetId,
        damage: u8,
        at: (f32, f64),
    },
    Roster(Vec<(NetId, String, Option<bool>)>),
    Tree(Vec<Event>),
}

#[derive(Debug)]
pub(crate) struct Sandbox;

impl Game for Sandbox {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Body, Weapon, Tag, Score);
    type Predicted = (Body,);
    type Event = Event;
    type Level = ();
}
