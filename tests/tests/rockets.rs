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

use arena::{Arena, Body, Event, Input, Rocket, Vec2, Weapon, rules};
use tickwire_client::Client;
use tickwire_engine::{FastForward, PlayerId};
use tickwire_protocol::Tick;
use tickwire_tests::places::{apart, place};
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

/// The picture at which the player clicks, one tick and the next picture, and the milliseconds in which time passes.
const AT_ONCE: Duration = Duration::from_millis(52);

/// How far the drawn rocket may be from where its flight takes it between two pictures, in metres: it is matched without a seam.
const JUMP: f32 = 0.03;

/// The path of a rocket, in the pictures that are drawn.
#[derive(Debug, Default)]
struct Path {
    pictures: u64,
    last: Option<(Duration, Vec2)>,
    /// By how much more than it flies in that time it moved from one picture to the next, at most.
    jump: f32,
}

impl Path {
    /// The rocket is at `at` now.
    fn note(&mut self, game: &Match<Arena>, client: usize, at: Vec2) {
        let pictures = game.client(client).stats().pictures;
        if std::mem::replace(&mut self.pictures, pictures) == pictures {
            return;
        }
        let now = game.now();
        if let Some((before, last)) = self.last.replace((now, at)) {
            let flight = (now - before).as_secs_f32() * rules::ROCKET_SPEED;
            self.jump = self.jump.max(at.distance(last) - flight);
        }
    }
}

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
            let mut path = Path::default();
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
                    path.note(&game, me, at);
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
            let jump = path.jump;
            assert!(jump <= JUMP, "{name}, seed {seed}: a jump of {jump} m");
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
            // What the client cannot know yet when the player clicks: somebody has taken the rockets away.
            game.run(CLICK + Duration::from_millis(15));
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

/// Metres between who fires and who stands there.
const APART: f32 = 8.0;

/// A rocket at somebody who stands there.
#[derive(Debug)]
struct Hit {
    /// From the first picture with the rocket until it is drawn at the other's skin, and until the explosion is shown, in ms.
    reached: f64,
    burst: f64,
    /// From the first picture with it until the server's explosion.
    server: f64,
    /// How far from the shooter the others first see it.
    appears: f32,
    jump: f32,
}

fn hit(link: Link, seed: u64, forward: FastForward) -> Hit {
    let mut game: Match<Arena> = Match::new(seed, link, arena::build);
    game.room_mut().sim_mut().insert_resource(forward);
    let me = game.join("Ada", |client, now| {
        let scene = client.scene(now);
        let own = client.own().and_then(|own| scene.get::<Body>(own));
        let others = scene.rows().filter(|row| Some(row.id) != client.own());
        let other = others.filter_map(|row| row.get::<Body>()).next();
        let aim = own
            .zip(other)
            .map(|(me, other)| (other.at() - me.at()).angle());
        Input {
            aim: aim.unwrap_or_default(),
            rocket: (CLICK..CLICK + HOLD).contains(&now),
            ..Input::default()
        }
    });
    game.run(Duration::from_millis(500));
    let other = game.join("Bob", |_, _| Input::default());
    game.run(Duration::from_millis(2_500));
    let (from, to) = apart(&game.room().sim().level().level, APART).unwrap();
    place(&mut game, PlayerId(0), from);
    place(&mut game, PlayerId(1), to);
    game.run(CLICK - game.now());
    let (mut first, mut reached, mut burst) = (None, None, None);
    let (mut path, mut appears, mut ticks) =
        (Path::default(), None, Vec::<(Tick, Duration)>::new());
    while burst.is_none() && game.now() < CLICK + Duration::from_secs(3) {
        game.run(Duration::from_millis(1));
        let now = game.now();
        let tick = game.room().sim().now();
        if ticks.last().is_none_or(|(last, _)| *last != tick) {
            ticks.push((tick, now));
        }
        if let [(_, at, _)] = drawn(&game, me)[..] {
            first = first.or(Some(now));
            path.note(&game, me, at);
            let near = APART - rules::PLAYER_RADIUS - at.distance(from) < 0.1;
            reached = reached.or(near.then_some(now));
        }
        if let [(None, at, _)] = drawn(&game, other)[..] {
            appears = appears.or(Some(at.distance(from)));
        }
        let heard = game.heard(me).iter();
        let mut bursts = heard.filter(|it| matches!(it.event, Event::Explosion { .. }));
        burst = bursts.next().map(|event| (event.tick, now));
    }
    let first = first.unwrap();
    let since = |at: Duration| (at.as_secs_f64() - first.as_secs_f64()) * 1000.0;
    let (tick, shown) = burst.expect("it exploded");
    let at = ticks.iter().find(|(of, _)| *of == tick).unwrap().1;
    Hit {
        reached: since(reached.unwrap_or(shown)),
        burst: since(shown),
        server: since(at),
        appears: appears.expect("the other sees it"),
        jump: path.jump,
    }
}

/// What a lagging player's rocket makes up for: it reaches who stands there as much earlier as it starts ahead, on the server and on
/// the shooter's own screen, and flies there without a jump.
#[test]
fn the_rocket_of_a_lagging_player_sets_out_ahead() {
    let off = FastForward(Duration::ZERO);
    for (name, link, gain_ms) in [
        ("P0", Link::P0, 60.0),
        ("P1", Link::P1, 95.0),
        ("P2", Link::P2, 95.0),
    ] {
        // From the muzzle to the skin.
        let way = APART - rules::ROCKET_MUZZLE - rules::PLAYER_RADIUS;
        let flight = f64::from(way / rules::ROCKET_SPEED) * 1000.0;
        for seed in 1..=4 {
            let (with, without) = (hit(link, seed, FastForward::DEFAULT), hit(link, seed, off));
            let both = format!("{name}, seed {seed}: with {with:?}, without {without:?}");
            assert!(with.jump <= JUMP && without.jump <= JUMP, "{both}");
            let gained = without.server - with.server;
            assert!((gain_ms..=101.0).contains(&gained), "{both}");
            // On the shooter's screen the explosion is that much nearer to the flight that the player sees.
            let excess = |hit: &Hit| hit.burst - flight;
            // The first picture may show it a tick on its way.
            assert!(excess(&with) >= -17.0, "{both}");
            assert!(excess(&with) + gain_ms - 20.0 <= excess(&without), "{both}");
            assert!(with.reached <= with.burst, "{both}");
            // The others see it a little later than it sets out, but not beyond what it makes up for.
            let made_up = with.appears - without.appears;
            assert!((1.0..=1.9).contains(&made_up), "{both}");
        }
    }
}

/// A wall is so near that the rocket of a lagging player bursts in the tick in which it sets out: it is in no snapshot. On the
/// shooter's screen it leaves the muzzle at once all the same, and stays before the wall until the explosion is shown.
#[test]
fn a_rocket_that_bursts_at_once_is_seen_until_it_does() {
    for (name, link) in [("P1", Link::P1), ("P2", Link::P2)] {
        for seed in 1..=4 {
            let mut game: Match<Arena> = Match::new(seed, link, arena::build);
            let me = game.join("Ada", |_, now| Input {
                rocket: (CLICK..CLICK + HOLD).contains(&now),
                ..Input::default()
            });
            game.run(Duration::from_secs(3));
            let map = &game.room().sim().level().level;
            let right = Vec2::from_angle(0.0);
            let spawn = map.spawns().next().unwrap();
            let at = spawn + right * (map.shot_reach(spawn, right, 60.0) - 1.5);
            place(&mut game, PlayerId(0), at);
            game.run(CLICK - game.now());
            let (mut first, mut last, mut shown, mut burst) = (None, None, 0_u128, None);
            while burst.is_none() && game.now() < CLICK + Duration::from_secs(2) {
                game.run(Duration::from_millis(1));
                if let [(_, there, presence)] = drawn(&game, me)[..] {
                    assert_eq!(presence, 1.0, "{name}, seed {seed}");
                    assert!(there.distance(at) < 1.5, "{name}, seed {seed}: {there:?}");
                    first = first.or(Some(game.now()));
                    last = Some(game.now());
                    shown += 1;
                }
                let mut heard = game.heard(me).iter();
                burst = heard
                    .any(|it| matches!(it.event, Event::Explosion { .. }))
                    .then(|| game.now());
            }
            let (first, last, burst) = (first.unwrap(), last.unwrap(), burst.unwrap());
            assert!(first - CLICK <= AT_ONCE, "{name}, seed {seed}: {first:?}");
            let gap = burst - last;
            assert!(
                gap <= Duration::from_millis(50),
                "{name}, seed {seed}: out of sight {gap:?} before it explodes"
            );
            let blinks = (last - first).as_millis() + 1 - shown;
            assert_eq!(blinks, 0, "{name}, seed {seed}: ms out of sight");
            let stats = game.client(me).stats();
            let counts = (stats.spawns, stats.matched_spawns, stats.refused_spawns);
            assert_eq!(counts, (1, 1, 0), "{name}, seed {seed}");
        }
    }
}
