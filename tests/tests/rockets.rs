//! The own rocket is there in the picture after the click, becomes the server's without a seam, and vanishes when the server
//! does not let it start.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use arena::{Arena, Body, Event, Input, Rocket, Vec2, Weapon};
use tickwire_client::Client;
use tickwire_tests::{Link, Match};

const LINKS: [(&str, Link); 4] = [
    ("P0", Link::P0),
    ("P1", Link::P1),
    ("P2", Link::P2),
    ("P3", Link::P3),
];

/// When the trigger is pulled, for as long as a click lasts.
const CLICK: Duration = Duration::from_millis(5_000);
const HOLD: Duration = Duration::from_millis(120);

/// One tick and one picture, and the millisecond in which time passes.
const AT_ONCE: Duration = Duration::from_millis(35);

/// Stands, looks where there is most room, and fires one rocket.
fn fire_once(client: &mut Client<Arena>, now: Duration) -> Input {
    let own = client
        .own()
        .and_then(|own| client.scene(now).get::<Body>(own));
    let aim = match (own, client.level()) {
        (Some(body), Some(loaded)) => {
            let aims = (0..32_u8).map(|i| f32::from(i) * std::f32::consts::TAU / 32.0);
            let room = |aim: f32| {
                loaded
                    .level
                    .shot_reach(body.at(), Vec2::from_angle(aim), 60.0)
            };
            aims.max_by(|a, b| room(*a).total_cmp(&room(*b)))
        }
        _ => None,
    };
    Input {
        aim: aim.unwrap_or_default(),
        rocket: (CLICK..CLICK + HOLD).contains(&now),
        ..Input::default()
    }
}

/// The rockets on a client's screen: number, place, and how much of it is there.
fn drawn(game: &Match<Arena>, client: usize) -> Vec<(Option<u32>, Vec2, f32)> {
    let scene = game.client(client).scene(game.now());
    let rows = scene.rows();
    rows.filter_map(|row| Some((row.spawned(), row.get::<Rocket>()?.at(), row.presence())))
        .collect()
}

#[test]
fn the_own_rocket_flies_at_once_and_stays_one() {
    for (name, link) in LINKS {
        for seed in 1..=6 {
            let mut game: Match<Arena> = Match::new(seed, link, arena::build);
            let me = game.join("Ada", fire_once);
            game.run(CLICK);
            assert_eq!(drawn(&game, me), [], "{name}, seed {seed}");
            let (mut first, mut last, mut burst) = (None, None, None);
            let mut flown: Vec<(Duration, Vec2)> = Vec::new();
            let real = |event: &Event| matches!(event, Event::Explosion { .. });
            while burst.is_none() && game.now() < CLICK + Duration::from_secs(6) {
                game.run(Duration::from_millis(1));
                let heard = game.heard(me);
                burst = heard
                    .iter()
                    .any(|heard| real(&heard.event))
                    .then(|| game.now());
                let rockets = drawn(&game, me);
                assert!(rockets.len() <= 1, "{name}, seed {seed}: {rockets:?}");
                if let [(key, at, presence)] = rockets[..] {
                    assert_eq!((key, presence), (Some(0), 1.0), "{name}, seed {seed}");
                    first = first.or(Some(game.now()));
                    last = Some(game.now());
                    flown.push((game.now(), at));
                }
            }
            let first = first.expect("it was drawn");
            assert!(
                first - CLICK <= AT_ONCE,
                "{name}, seed {seed}: drawn only after {:?}",
                first - CLICK
            );
            // Between the picture in which it goes and the explosion there is hardly a gap.
            let gap = burst.expect("it exploded") - last.unwrap();
            assert!(
                gap <= Duration::from_millis(120),
                "{name}, seed {seed}: out of sight {gap:?} before it explodes"
            );
            assert_eq!(
                flown.len() as u128,
                (last.unwrap() - first).as_millis() + 1,
                "{name}, seed {seed}: it blinked"
            );
            let start = flown[0].1;
            let mut far = 0.0_f32;
            for (now, at) in &flown {
                let way = (*at - start).length();
                assert!(
                    way >= far - 0.02 && way <= far + 0.35,
                    "{name}, seed {seed}: from {far} m to {way} m {:?} after the click",
                    *now - CLICK
                );
                far = far.max(way);
            }
            let stats = game.client(me).stats();
            assert_eq!(
                (stats.spawns, stats.matched_spawns, stats.refused_spawns),
                (1, 1, 0),
                "{name}, seed {seed}"
            );
        }
    }
}

#[test]
fn a_rocket_that_the_server_refuses_vanishes_softly() {
    for (name, link) in LINKS {
        for seed in 1..=6 {
            let mut game: Match<Arena> = Match::new(seed, link, arena::build);
            let me = game.join("Ada", fire_once);
            // What the client cannot know yet: somebody has taken the rockets away.
            game.run(CLICK - Duration::from_millis(5));
            let sim = game.room_mut().sim_mut();
            let mut weapons = sim.world_mut().query::<&mut Weapon>();
            for mut weapon in weapons.iter_mut(sim.world_mut()) {
                weapon.rockets = 0;
            }
            let (mut seen, mut softly, mut last) = (0, 0, CLICK);
            while game.now() < CLICK + Duration::from_secs(2) {
                game.run(Duration::from_millis(1));
                for (_, _, presence) in drawn(&game, me) {
                    seen += 1;
                    softly += u32::from(presence > 0.0 && presence < 1.0);
                    last = game.now();
                }
            }
            let stats = game.client(me).stats();
            if link.rtt.is_zero() && seen == 0 {
                // On a loopback the client may have heard of it before the click.
                continue;
            }
            assert_eq!(
                (stats.matched_spawns, stats.refused_spawns),
                (0, stats.spawns),
                "{name}, seed {seed}"
            );
            assert!(softly > 50, "{name}, seed {seed}: {softly} of {seen} ms");
            let limit = link.rtt + link.jitter + Duration::from_millis(600);
            assert!(
                last - CLICK <= limit,
                "{name}, seed {seed}: still there after {:?}",
                last - CLICK
            );
        }
    }
}
