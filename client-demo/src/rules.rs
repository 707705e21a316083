//! Every number of the game, in one place.
//!
//! Lengths are metres, times are ticks of 1/60 s unless the name says otherwise, angles are radians.

/// Simulation steps per second.
pub const TICK_RATE: u32 = 60;

/// Length of a tick in seconds.
pub const TICK_SECONDS: f32 = 1.0 / TICK_RATE as f32;

/// Radius of a player, for walls, shots and explosions alike.
pub const PLAYER_RADIUS: f32 = 0.4;

/// Top speed of a player, metres per second.
pub const PLAYER_SPEED: f32 = 7.0;

/// How fast a player's velocity changes, metres per second squared: top speed is reached after 7 ticks.
pub const PLAYER_ACCELERATION: f32 = 60.0;

/// Health of a fresh player.
pub const FULL_HEALTH: u8 = 100;

/// How far a rifle shot reaches.
pub const RIFLE_REACH: f32 = 40.0;

/// Damage of a rifle shot.
pub const RIFLE_DAMAGE: u8 = 12;

/// Half ticks from one rifle shot to the next: 8 shots per second are 7.5 ticks apart.
pub const RIFLE_HALF_TICKS: u8 = 15;

/// Ticks from one rocket to the next.
pub const ROCKET_TICKS: u8 = 48;

/// Speed of a rocket, metres per second.
pub const ROCKET_SPEED: f32 = 18.0;

/// How far in front of the player's centre a rocket starts.
pub const ROCKET_MUZZLE: f32 = 0.5;

/// How far before what it hit a rocket explodes, so that the wall itself is not between it and everybody.
pub const ROCKET_IMPACT_GAP: f32 = 0.05;

/// Damage of a rocket that explodes at the victim's skin.
pub const ROCKET_DAMAGE: f32 = 70.0;

/// Distance from an explosion to a victim's skin at which the damage has fallen to nothing.
pub const SPLASH_RADIUS: f32 = 2.5;

/// Share of the damage that players take from their own rockets.
pub const OWN_DAMAGE_SHARE: f32 = 0.5;

/// Rockets of a fresh player.
pub const START_ROCKETS: u8 = 2;

/// Most rockets that a player can carry.
pub const MAX_ROCKETS: u8 = 9;

/// Rockets in one pick-up.
pub const PICKUP_ROCKETS: u8 = 3;

/// Health in one pick-up.
pub const PICKUP_HEALTH: u8 = 40;

/// Distance from a player's centre to a pick-up's at which it is taken.
pub const PICKUP_REACH: f32 = 0.8;

/// Ticks until a pick-up is back.
pub const PICKUP_TICKS: u32 = 10 * TICK_RATE;

/// Ticks from death to respawn.
pub const RESPAWN_TICKS: u32 = 2 * TICK_RATE;

/// Ticks for which a fresh player cannot be hurt, unless it fires.
pub const GUARD_TICKS: u32 = TICK_RATE;

const _: () = assert!(
    PLAYER_SPEED * TICK_SECONDS < PLAYER_RADIUS,
    "nobody steps through a wall within one tick"
);
const _: () = assert!(
    PLAYER_RADIUS < 0.5,
    "players fit through gaps of one cell, and touch at most four cells at once"
);
const _: () = assert!(
    FULL_HEALTH as f32 > ROCKET_DAMAGE,
    "nobody dies of one rocket"
);
