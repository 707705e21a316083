//! What travels: the components that clients see, and a player's command for one tick.

use serde::{Deserialize, Serialize};
use tickwire_protocol::{NetId, Wire};

use crate::rules::{
    FULL_HEALTH, MAX_ROCKETS, RIFLE_HALF_TICKS, ROCKET_SPEED, ROCKET_TICKS, START_ROCKETS,
};
use crate::vec2::Vec2;

#[cfg(feature = "sim")]
use bevy_ecs::component::Component;

/// Where a living player is and where it looks. Dead players have none, so that nobody glides from death to respawn.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Clone, Copy, PartialEq)]
pub struct Body {
    /// Metres from the map's left edge.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, hermite = vx, extrapolate)]
    pub x: f32,
    /// Metres from the map's upper edge.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, hermite = vy, extrapolate)]
    pub y: f32,
    /// Velocity to the right, metres per second.
    #[wire(min = -16.0, max = 16.0, step = 1.0 / 64.0)]
    pub vx: f32,
    /// Velocity downwards, metres per second.
    #[wire(min = -16.0, max = 16.0, step = 1.0 / 64.0)]
    pub vy: f32,
    /// Where the player aims: radians, 0 to the right, clockwise.
    #[wire(angle = 12, lerp)]
    pub heading: f32,
}

impl Body {
    /// A player that stands still.
    #[must_use]
    pub const fn standing(at: Vec2, heading: f32) -> Self {
        Self {
            x: at.x,
            y: at.y,
            vx: 0.0,
            vy: 0.0,
            heading,
        }
    }

    /// Its centre.
    #[must_use]
    pub const fn at(&self) -> Vec2 {
        Vec2::new(self.x, self.y)
    }

    /// Its velocity in metres per second.
    #[must_use]
    pub const fn velocity(&self) -> Vec2 {
        Vec2::new(self.vx, self.vy)
    }
}

#[cfg(feature = "sim")]
impl tickwire_engine::Placed for Body {
    fn place(&self) -> tickwire_engine::Place {
        tickwire_engine::Place {
            at: [self.x, self.y],
            speed: self.velocity().length(),
        }
    }
}

/// What a player can still take.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// 0 to 100; 0 is dead.
    #[wire(max = FULL_HEALTH)]
    pub hp: u8,
    /// Cannot be hurt: fresh from the spawn point.
    pub guarded: bool,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            hp: FULL_HEALTH,
            guarded: false,
        }
    }
}

/// A player's weapons. Predicted, so that a shot leaves in the very tick of the click.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weapon {
    /// Half ticks until the rifle fires again.
    #[wire(max = RIFLE_HALF_TICKS + 1)]
    pub rifle_cooldown: u8,
    /// Ticks until the next rocket can leave.
    #[wire(max = ROCKET_TICKS)]
    pub rocket_cooldown: u8,
    /// Rockets left.
    #[wire(max = MAX_ROCKETS)]
    pub rockets: u8,
}

impl Weapon {
    /// Whether a rifle shot left in this tick.
    #[must_use]
    pub const fn fired_rifle(&self) -> bool {
        self.rifle_cooldown >= RIFLE_HALF_TICKS
    }

    /// Whether a rocket left in this tick.
    #[must_use]
    pub const fn fired_rocket(&self) -> bool {
        self.rocket_cooldown >= ROCKET_TICKS
    }
}

impl Default for Weapon {
    fn default() -> Self {
        Self {
            rifle_cooldown: 0,
            rocket_cooldown: 0,
            rockets: START_ROCKETS,
        }
    }
}

/// A player's tally.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Others killed.
    #[wire(max = 9999)]
    pub kills: u16,
    /// Times died.
    #[wire(max = 9999)]
    pub deaths: u16,
    /// Deaths by the own rocket; each takes a point.
    #[wire(max = 9999)]
    pub own_kills: u16,
}

impl Score {
    /// What a match is won by: kills minus own kills.
    #[must_use]
    pub fn points(&self) -> i64 {
        i64::from(self.kills) - i64::from(self.own_kills)
    }
}

/// A rocket in flight.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Clone, Copy, PartialEq)]
pub struct Rocket {
    /// Metres from the map's left edge.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, lerp)]
    pub x: f32,
    /// Metres from the map's upper edge.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, lerp)]
    pub y: f32,
    /// Where it flies: radians, 0 to the right, clockwise.
    #[wire(angle = 12)]
    pub heading: f32,
    /// The player that fired it; `None` where that player is out of sight.
    pub owner: Option<NetId>,
}

impl Rocket {
    /// Its tip.
    #[must_use]
    pub const fn at(&self) -> Vec2 {
        Vec2::new(self.x, self.y)
    }

    /// Its velocity in metres per second.
    #[must_use]
    pub fn velocity(&self) -> Vec2 {
        Vec2::from_angle(self.heading) * ROCKET_SPEED
    }
}

/// What a pick-up gives.
#[derive(Wire, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum PickupKind {
    /// Health.
    Health,
    /// Rockets.
    Rockets,
}

/// Something to run to.
#[cfg_attr(feature = "sim", derive(Component))]
#[derive(Wire, Debug, Clone, Copy, PartialEq)]
pub struct Pickup {
    /// Metres from the map's left edge.
    #[wire(min = 0.0, max = 64.0, step = 0.5)]
    pub x: f32,
    /// Metres from the map's upper edge.
    #[wire(min = 0.0, max = 64.0, step = 0.5)]
    pub y: f32,
    /// What it gives.
    pub kind: PickupKind,
    /// Whether it is there; otherwise it comes back.
    pub ready: bool,
}

impl Pickup {
    /// Its centre.
    #[must_use]
    pub const fn at(&self) -> Vec2 {
        Vec2::new(self.x, self.y)
    }
}

/// A player's command for one tick. Both triggers may be held: cooldowns pace the shots.
///
/// A trigger that is pulled says so in the command of one tick, besides being held or let go again: a tap is a shot even when it is
/// shorter than a tick, and when its command comes too late to be simulated.
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq)]
pub struct Input {
    /// Wish to move to the right, −1 to 1.
    #[wire(min = -1.0, max = 1.0, step = 1.0 / 64.0)]
    pub move_x: f32,
    /// Wish to move downwards, −1 to 1.
    #[wire(min = -1.0, max = 1.0, step = 1.0 / 64.0)]
    pub move_y: f32,
    /// Where to aim: radians, 0 to the right, clockwise.
    #[wire(angle = 12)]
    pub aim: f32,
    /// The rifle's trigger is held.
    pub rifle: bool,
    /// The rocket launcher's trigger is held.
    pub rocket: bool,
    /// The rifle's trigger was pulled.
    #[wire(edge)]
    pub rifle_pulled: bool,
    /// The rocket launcher's trigger was pulled.
    #[wire(edge)]
    pub rocket_pulled: bool,
}
