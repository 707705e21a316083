//! Places are rewound for a shot; death and guards are not: who cannot be hurt now is not hurt, wherever and however the shooter
//! saw them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use arena::{Arena, Body, Event, Health, Input, Verdict, rules};
use tickwire_client::Client;
use tickwire_engine::PlayerId;
use tickwire_tests::places::{apart, place};
use tickwire_tests::{Link, Match};

const SEED: u64 = 3;
/// Bob comes when Ada's clock has settled.
const COMES: Duration = Duration::from_millis(5_000);
/// From when he appears, and is guarded, until his guard ends.
const GUARDED: Duration = Duration::from_secs(1);
/// How long the trigger is held: for less than the time between two shots.
const HOLD: Duration = Duration::from_millis(60);
/// From the click until something changes on the server, which the command has not reached by then.
const BEFORE_THE_SHOT: Duration = Duration::from_millis(20);

/// Stands, aims at the other one as drawn, and fires once, at `click`.
fn fire_once(click: Duration, client: &mut Client<Arena>, now: Duration) -> Input {
    client.want_receipts(true);
    let scene = client.scene(now);
    let me = client.own().and_then(|own| scene.get::<Body>(own));
    let others = scene.rows().filter(|row| Some(row.id) != client.own());
    let other = others.filter_map(|row| row.get::<Body>()).next();
    let aim = me
        .zip(other)
        .map(|(me, other)| (other.at() - me.at()).angle());
    Input {
        aim: aim.unwrap_or_default(),
        rifle: (click..click + HOLD).contains(&now),
        ..Input::default()
    }
}

/// Ada and Bob, as they are.
const ADA: PlayerId = PlayerId(0);
const BOB: PlayerId = PlayerId(1);

fn set(game: &mut Match<Arena>, player: PlayerId, change: impl FnOnce(&mut Health)) {
    let sim = game.room_mut().sim_mut();
    let entity = sim.entity_of(player).unwrap();
    change(&mut sim.world_mut().get_mut::<Health>(entity).unwrap());
}

/// What became of the one shot.
#[derive(Debug)]
struct Outcome {
    verdict: Verdict,
    rewound: f32,
    /// Whom everybody was told it hit, and how much health Bob lost.
    hit: bool,
    lost: u8,
    /// Whether Bob was guarded on Ada's screen at the click.
    looked_guarded: bool,
}

/// Ada shoots at Bob over P2, so long after he has appeared; `each_ms` is done to the server with the time since the click.
fn shoot(after: Duration, mut each_ms: impl FnMut(&mut Match<Arena>, Option<Duration>)) -> Outcome {
    let mut game: Match<Arena> = Match::new(SEED, Link::P2, arena::build);
    let click = Rc::new(Cell::new(Duration::MAX / 2));
    let clicks = Rc::clone(&click);
    let ada = game.join("Ada", move |client, now| {
        fire_once(clicks.get(), client, now)
    });
    game.run(COMES);
    game.join("Bob", |_, _| Input::default());
    let is_there = |game: &Match<Arena>| {
        let sim = game.room().sim();
        let bob = sim.entity_of(BOB);
        bob.is_some_and(|bob| sim.world().get::<Body>(bob).is_some())
    };
    game.run_until(Duration::from_secs(2), "Bob appears", is_there);
    let (from, to) = apart(&game.room().sim().level().level, 5.0).unwrap();
    place(&mut game, ADA, from);
    place(&mut game, BOB, to);
    let click_at = game.now() + after;
    click.set(click_at);
    let mut looked_guarded = false;
    while game.now() < click_at + Duration::from_secs(2) {
        let since = game.now().checked_sub(click_at);
        each_ms(&mut game, since);
        if since == Some(Duration::ZERO) {
            let client = game.client(ada);
            let scene = client.scene(game.now());
            let mut rows = scene.rows().filter(|row| Some(row.id) != client.own());
            looked_guarded = rows.any(|row| row.get().is_some_and(|health: Health| health.guarded));
        }
        game.run(Duration::from_millis(1));
    }
    let heard = || game.heard(ada).iter().map(|heard| &heard.event);
    let receipts = heard().filter_map(|event| match event {
        Event::Receipt {
            verdict, rewound, ..
        } => Some((*verdict, *rewound)),
        _ => None,
    });
    let receipts: Vec<_> = receipts.collect();
    assert_eq!(receipts.len(), 1, "one shot: {receipts:?}");
    let (verdict, rewound) = receipts[0];
    let hit = heard().any(|event| matches!(event, Event::Shot { hit: Some(_), .. }));
    let hurt = heard().any(|event| matches!(event, Event::Hit { .. }));
    assert_eq!(hit, hurt, "who is hit is hurt");
    let sim = game.room().sim();
    let bob = sim.entity_of(BOB).unwrap();
    let health = sim.world().get::<Health>(bob).unwrap();
    Outcome {
        verdict,
        rewound,
        hit,
        lost: rules::FULL_HEALTH - health.hp,
        looked_guarded,
    }
}

/// The change at the server comes between the picture and the judgement.
fn is_between(since: Option<Duration>) -> bool {
    since.is_some_and(|since| since >= BEFORE_THE_SHOT)
}

/// Long after the guard has ended.
const LATER: Duration = Duration::from_secs(2);

#[test]
fn who_can_be_hurt_is_hurt() {
    let shot = shoot(LATER, |_, _| {});
    assert_eq!((shot.verdict, shot.hit), (Verdict::Hit, true), "{shot:?}");
    assert_eq!(shot.lost, rules::RIFLE_DAMAGE, "{shot:?}");
    assert!(shot.rewound > 100.0, "{shot:?}");
}

#[test]
fn who_is_guarded_now_is_not_hurt_although_the_shooter_saw_no_guard() {
    let shot = shoot(LATER, |game, since| {
        if is_between(since) {
            set(game, BOB, |health| health.guarded = true);
        }
    });
    assert!(!shot.looked_guarded, "{shot:?}");
    assert!(shot.rewound > 100.0, "judged in the past: {shot:?}");
    assert_eq!(
        (shot.verdict, shot.hit),
        (Verdict::Guarded, false),
        "{shot:?}"
    );
    assert_eq!(shot.lost, 0, "{shot:?}");
}

#[test]
fn who_was_guarded_in_the_picture_and_is_no_longer_is_hurt() {
    // His time is up when the command is on its way.
    let shot = shoot(GUARDED - BEFORE_THE_SHOT, |_, _| {});
    assert!(shot.looked_guarded, "{shot:?}");
    assert_eq!((shot.verdict, shot.hit), (Verdict::Hit, true), "{shot:?}");
    assert_eq!(shot.lost, rules::RIFLE_DAMAGE, "{shot:?}");
}

#[test]
fn who_died_before_the_shot_is_judged_is_not_hit() {
    let mut died = false;
    let shot = shoot(LATER, |game, since| {
        if is_between(since) && !died {
            died = true;
            let sim = game.room_mut().sim_mut();
            let bob = sim.entity_of(BOB).unwrap();
            sim.world_mut().entity_mut(bob).remove::<Body>();
        }
    });
    assert!(shot.rewound > 100.0, "judged in the past: {shot:?}");
    assert_eq!((shot.verdict, shot.hit), (Verdict::Dead, false), "{shot:?}");
    assert_eq!(shot.lost, 0, "{shot:?}");
}
