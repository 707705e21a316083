//! What happens at an instant and is told once.

use serde::{Deserialize, Serialize};
use tickwire_protocol::NetId;

use crate::centimetres;
use crate::components::PickupKind;

/// A player in the roster.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
pub struct RosterEntry {
    /// Its network id.
    pub id: NetId,
    /// What it is called.
    pub name: String,
    /// Whether it is a bot.
    pub bot: bool,
}

/// What killed a player.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum WeaponKind {
    /// A rifle shot.
    Rifle,
    /// The splash of a rocket.
    Rocket,
}

/// What became of a rifle shot.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It hit somebody.
    Hit,
    /// Nobody was in its way.
    Missed,
    /// A wall was in the way to whoever was first behind it.
    Blocked,
    /// Who was first in its way could not be hurt.
    Guarded,
    /// Who was first in its way had died meanwhile.
    Dead,
}

/// Where the server had somebody when it judged a shot.
#[derive(Serialize, Deserialize, Debug, Clone, Copy, PartialEq)]
pub struct Pose {
    /// Whom.
    pub id: NetId,
    /// The centre.
    #[serde(with = "centimetres")]
    pub x: f32,
    /// The centre.
    #[serde(with = "centimetres")]
    pub y: f32,
}

/// Something that happened. Coordinates are metres, whole centimetres once they have come over the wire; players are named by
/// their network ids.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// To a newcomer: who is there, the newcomer included. A large party comes in several of these.
    Roster {
        /// Some or all of the players.
        players: Vec<RosterEntry>,
    },
    /// To all: a player has joined.
    Joined {
        /// Its network id.
        id: NetId,
        /// What it is called.
        name: String,
        /// Whether it is a bot.
        bot: bool,
    },
    /// To all: a player has left.
    Left {
        /// The network id it had.
        id: NetId,
    },
    /// To all: a rifle shot.
    Shot {
        /// Who fired.
        who: NetId,
        /// Where it left.
        #[serde(with = "centimetres")]
        x0: f32,
        /// Where it left.
        #[serde(with = "centimetres")]
        y0: f32,
        /// Where it ended.
        #[serde(with = "centimetres")]
        x1: f32,
        /// Where it ended.
        #[serde(with = "centimetres")]
        y1: f32,
        /// The player it ended in.
        hit: Option<NetId>,
    },
    /// To a shooter who has asked for it, at once: how a rifle shot was judged.
    Receipt {
        /// Where it left.
        #[serde(with = "centimetres")]
        x0: f32,
        /// Where it left.
        #[serde(with = "centimetres")]
        y0: f32,
        /// Where it ended.
        #[serde(with = "centimetres")]
        x1: f32,
        /// Where it ended.
        #[serde(with = "centimetres")]
        y1: f32,
        /// What became of it.
        verdict: Verdict,
        /// Who was hit, or first in the way.
        victim: Option<NetId>,
        /// How old the picture was that it was judged by, in ms; 0 for the present.
        rewound: f32,
        /// Whether that is another picture than the one that the client says it drew.
        clamped: bool,
        /// Those near the shot, as the server had them: at most four, the nearest first.
        poses: Vec<Pose>,
    },
    /// To all: a rocket exploded.
    Explosion {
        /// Who had fired it.
        who: NetId,
        /// Where.
        #[serde(with = "centimetres")]
        x: f32,
        /// Where.
        #[serde(with = "centimetres")]
        y: f32,
    },
    /// To the attacker, at once: you hit somebody.
    Hit {
        /// Whom.
        victim: NetId,
        /// Health taken.
        damage: u8,
        /// Whether that was the end.
        killed: bool,
    },
    /// To the victim, at once: somebody hit you.
    Hurt {
        /// Who; yourself for your own rocket.
        by: NetId,
        /// Health taken.
        damage: u8,
        /// Where the shot left or the rocket exploded.
        #[serde(with = "centimetres")]
        x: f32,
        /// Where the shot left or the rocket exploded.
        #[serde(with = "centimetres")]
        y: f32,
    },
    /// To all: a player died.
    Died {
        /// Who.
        victim: NetId,
        /// By whom; nobody when the killer has left meanwhile, the victim itself for its own rocket.
        killer: Option<NetId>,
        /// By what.
        weapon: WeaponKind,
    },
    /// To all: a pick-up was taken.
    Picked {
        /// By whom.
        who: NetId,
        /// What it gave.
        kind: PickupKind,
    },
}

impl Event {
    /// The entities that it is about: players, who should be on the screen when it is shown. A roster is about names.
    pub(crate) fn names(&self) -> Vec<NetId> {
        match self {
            // A receipt shows where they were, whether or not they still are.
            Self::Roster { .. } | Self::Receipt { .. } => Vec::new(),
            Self::Joined { id, .. } | Self::Left { id } => vec![*id],
            Self::Shot { who, hit, .. } => std::iter::once(*who).chain(*hit).collect(),
            Self::Explosion { who, .. } | Self::Picked { who, .. } => vec![*who],
            Self::Hit { victim, .. } => vec![*victim],
            Self::Hurt { by, .. } => vec![*by],
            Self::Died { victim, killer, .. } => std::iter::once(*victim).chain(*killer).collect(),
        }
    }
}
