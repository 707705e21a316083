//! The one movement rule: what a player's command does to its own body and weapons within a tick.
//!
//! Server and browser call these same functions and must get the same bits: basic operations, `sqrt` and `libm` only.

use tickwire_protocol::NetId;

use crate::components::{Body, Input, Rocket, Weapon};
use crate::map::Map;
use crate::rules::{
    PLAYER_ACCELERATION, PLAYER_SPEED, RIFLE_HALF_TICKS, ROCKET_IMPACT_GAP, ROCKET_MUZZLE,
    ROCKET_SPEED, ROCKET_TICKS, TICK_SECONDS,
};
use crate::vec2::Vec2;

/// Turns, speeds up and walks; walls and cover are slid along, other players walked through.
pub(crate) fn walk(body: &mut Body, input: &Input, map: &Map) {
    let wish = Vec2::new(input.move_x, input.move_y).capped(1.0) * PLAYER_SPEED;
    let change = (wish - body.velocity()).capped(PLAYER_ACCELERATION * TICK_SECONDS);
    let velocity = body.velocity() + change;
    let (at, velocity) = map.slide(body.at(), velocity * TICK_SECONDS, velocity);
    *body = Body {
        x: at.x,
        y: at.y,
        vx: velocity.x,
        vy: velocity.y,
        heading: input.aim,
    };
}

/// Lets the cooldowns run and decides what leaves in this tick: see [`Weapon::fired_rifle`] and [`Weapon::fired_rocket`].
pub(crate) fn pull_triggers(weapon: &mut Weapon, input: &Input) {
    weapon.rifle_cooldown = weapon.rifle_cooldown.saturating_sub(2);
    weapon.rocket_cooldown = weapon.rocket_cooldown.saturating_sub(1);
    // Half a tick left counts as none, but is added to the next wait.
    if (input.rifle || input.rifle_pulled) && weapon.rifle_cooldown <= 1 {
        weapon.rifle_cooldown += RIFLE_HALF_TICKS;
    }
    let rocket = input.rocket || input.rocket_pulled;
    if rocket && weapon.rocket_cooldown == 0 && weapon.rockets > 0 {
        weapon.rocket_cooldown = ROCKET_TICKS;
        weapon.rockets -= 1;
    }
}

/// A rocket at the muzzle; with a wall in between, at the wall.
pub(crate) fn launch(body: &Body, owner: NetId, map: &Map) -> Rocket {
    let direction = Vec2::from_angle(body.heading);
    let at = body.at() + direction * map.shot_reach(body.at(), direction, ROCKET_MUZZLE);
    Rocket {
        x: at.x,
        y: at.y,
        heading: body.heading,
        owner: Some(owner),
    }
}

/// Flies for a tick as if nobody were in the way; at a wall it waits for the server's explosion.
pub(crate) fn fly(rocket: &mut Rocket, map: &Map) {
    let (direction, step) = (
        Vec2::from_angle(rocket.heading),
        ROCKET_SPEED * TICK_SECONDS,
    );
    let free = map.shot_reach(rocket.at(), direction, step + ROCKET_IMPACT_GAP);
    let ahead = rocket.at() + direction * (free - ROCKET_IMPACT_GAP).clamp(0.0, step);
    (rocket.x, rocket.y) = (ahead.x, ahead.y);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::map;
    use crate::rules::{START_ROCKETS, TICK_RATE};
    use tickwire_protocol::Wire;

    fn field() -> Map {
        map(&["##########", "#S.......#", "#........#", "##########"])
    }

    #[test]
    fn reaches_top_speed_within_seven_ticks_and_stops_as_fast() {
        let map = field();
        let mut body = Body::standing(Vec2::new(1.5, 2.0), 0.0);
        let run = Input {
            move_x: 1.0,
            ..Input::default()
        };
        for _ in 0..7 {
            walk(&mut body, &run, &map);
            body = body.quantised();
        }
        assert!((body.vx - PLAYER_SPEED).abs() < 0.02, "{body:?}");
        for _ in 0..8 {
            walk(&mut body, &Input::default(), &map);
            body = body.quantised();
        }
        assert_eq!(body.vx, 0.0);
    }

    #[test]
    fn nobody_is_faster_diagonally_or_by_a_forged_wish() {
        let map = field();
        let forged = Input {
            move_x: 1.0,
            move_y: 1.0,
            ..Input::default()
        };
        let mut body = Body::standing(Vec2::new(1.5, 1.5), 0.0);
        for _ in 0..8 {
            walk(&mut body, &forged, &map);
        }
        assert!(body.velocity().length() < PLAYER_SPEED + 1e-3, "{body:?}");
    }

    #[test]
    fn the_rifle_fires_eight_times_a_second() {
        let mut weapon = Weapon::default();
        let hold = Input {
            rifle: true,
            ..Input::default()
        };
        let mut shots = 0;
        for _ in 0..10 * TICK_RATE {
            pull_triggers(&mut weapon, &hold);
            assert_eq!(weapon, weapon.quantised(), "fits its columns");
            shots += u32::from(weapon.fired_rifle());
        }
        assert_eq!(shots, 80);
    }

    #[test]
    fn a_predicted_rocket_stops_before_the_wall() {
        let map = field();
        let body = Body::standing(Vec2::new(2.0, 2.0), 0.0);
        let mut rocket = launch(&body, NetId(3), &map);
        assert_eq!((rocket.x, rocket.owner), (2.5, Some(NetId(3))));
        fly(&mut rocket, &map);
        assert!((rocket.x - 2.8).abs() < 1e-5, "{rocket:?}");
        for _ in 0..60 {
            fly(&mut rocket, &map);
        }
        assert!(
            (rocket.x - (9.0 - ROCKET_IMPACT_GAP)).abs() < 0.01,
            "{rocket:?}"
        );
    }

    #[test]
    fn rockets_run_out() {
        let mut weapon = Weapon::default();
        let hold = Input {
            rocket: true,
            ..Input::default()
        };
        let mut fired_at = Vec::new();
        for tick in 0..300 {
            pull_triggers(&mut weapon, &hold);
            if weapon.fired_rocket() {
                fired_at.push(tick);
            }
        }
        assert_eq!(fired_at, [0, 48]);
        assert_eq!(fired_at.len(), usize::from(START_ROCKETS));
        assert_eq!((weapon.rockets, weapon.rocket_cooldown), (0, 0));
    }
}
