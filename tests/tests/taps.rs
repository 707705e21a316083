//! A tap of a trigger, however short, is one shot: also when its command comes too late, and when pictures take longer than the tap.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use arena::{Arena, Event, Input, Rocket};
use tickwire_tests::{Link, Match};

/// The clock has settled by then.
const FIRST: Duration = Duration::from_secs(5);
const SECONDS: u64 = 60;
/// From one tap to the next: more than from one shot to the next.
const PAUSE: Duration = Duration::from_millis(383);

/// Taps the trigger again and again; how often it did, and how many shots left.
fn taps_and_shots(seed: u64, link: Link, stutter: Duration) -> (usize, usize) {
    let mut game: Match<Arena> = Match::new(seed, link, arena::build);
    let taps = Rc::new(Cell::new(0));
    let tapped = Rc::clone(&taps);
    let end = FIRST + Duration::from_secs(SECONDS);
    let mut next = FIRST;
    let me = game.join("Ada", move |_, now| {
        let taps = now >= next && now < end;
        if taps {
            next = now + PAUSE;
            tapped.set(tapped.get() + 1);
        }
        Input {
            rifle_pulled: taps,
            ..Input::default()
        }
    });
    game.set_stutter(me, stutter);
    game.run(end + Duration::from_secs(2));
    let shots = game.heard(me).iter();
    let shots = shots.filter(|heard| matches!(heard.event, Event::Shot { .. }));
    (taps.get(), shots.count())
}

#[test]
fn every_tap_is_one_shot() {
    let links = [
        ("P0", Link::P0),
        ("P2", Link::P2),
        ("P3", Link::P3),
        ("P4", Link::P4),
    ];
    for (name, link) in links {
        for most_ms in [0, 100, 300] {
            for seed in 1..=3 {
                let (taps, shots) = taps_and_shots(seed, link, Duration::from_millis(most_ms));
                let longest = most_ms + 17;
                assert_eq!(
                    taps, shots,
                    "{name}, pictures of up to {longest} ms, seed {seed}"
                );
            }
        }
    }
}

/// The link carries nothing from the tap on, for so long: its command comes late.
#[test]
fn a_late_tap_is_one_rocket_on_both_sides() {
    for outage_ms in [0, 50, 100, 200, 300] {
        for seed in 1..=6 {
            let what = format!("nothing passes for {outage_ms} ms, seed {seed}");
            let mut game: Match<Arena> = Match::new(seed, Link::P4, arena::build);
            let mut tapped = false;
            let me = game.join("Ada", move |_, now| Input {
                rocket_pulled: now >= FIRST && !std::mem::replace(&mut tapped, now >= FIRST),
                ..Input::default()
            });
            game.run(FIRST);
            game.blackhole(me, Duration::from_millis(outage_ms));
            let mut seen = BTreeSet::new();
            let mut bursts = 0;
            while game.now() < FIRST + Duration::from_secs(6) {
                game.run(Duration::from_millis(5));
                let rockets = drawn(&game, me);
                assert!(rockets.len() <= 1, "{what}: {rockets:?}");
                seen.extend(rockets);
                let heard = game.heard(me).iter();
                let heard = heard.filter(|it| matches!(it.event, Event::Explosion { .. }));
                bursts = heard.count();
            }
            assert_eq!((seen.len(), bursts), (1, 1), "{what}: {seen:?}");
        }
    }
}

/// The rockets on a client's screen: the number of an own one.
fn drawn(game: &Match<Arena>, client: usize) -> Vec<Option<u32>> {
    let scene = game.client(client).scene(game.now());
    let rockets = scene.rows().filter(|row| row.get::<Rocket>().is_some());
    rockets.map(|row| row.spawned()).collect()
}
