//! What becomes of a player whose page is hidden: it stands, or is taken out of play, as the room's settings say.

use std::time::Duration;

use arena::{Arena, Body, Input, Score};
use tickwire_engine::{PlayerId, RoomConfig};
use tickwire_tests::{Link, Match};

const HIDES: Duration = Duration::from_secs(4);

fn body(game: &Match<Arena>, player: u32) -> Option<Body> {
    let sim = game.room().sim();
    sim.world().get(sim.entity_of(PlayerId(player))?).copied()
}

/// Two players; the first hides its page, and `seconds` later looks again, when it has been out as `was_out` says.
fn hide(stands: Option<Duration>, seconds: u64, was_out: bool) {
    let what = format!("hidden for {seconds} s, stands {stands:?}");
    let config = RoomConfig {
        hidden_stands: stands,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(4, Link::P2, arena::build, config);
    // Back and forth.
    let ada = game.join("Ada", |_, now| Input {
        move_x: if now.as_millis() % 800 < 400 {
            1.0
        } else {
            -1.0
        },
        ..Input::default()
    });
    let bob = game.join("Bob", |_, _| Input::default());
    game.run(HIDES);
    game.hide(ada, Duration::from_secs(seconds));
    game.run(Duration::from_millis(900));
    let stood = body(&game, 0).unwrap_or_else(|| panic!("{what}: gone at once"));
    assert_eq!((stood.vx, stood.vy), (0.0, 0.0), "{what}: it walks on");
    game.run(Duration::from_secs(seconds) - Duration::from_millis(1_000));
    assert_eq!(body(&game, 0).is_none(), was_out, "{what}");
    if !was_out {
        assert_eq!(body(&game, 0), Some(stood), "{what}: it was moved");
    }
    // The others see that.
    let own = game.client(ada).own();
    let scene = game.client(bob).scene(game.now());
    let seen = own.and_then(|own| scene.get::<Body>(own));
    assert_eq!(seen.is_none(), was_out, "{what}");
    drop(scene);

    game.run(Duration::from_millis(100 + 300));
    assert!(body(&game, 0).is_some(), "{what}: not back within 300 ms");
    let before = body(&game, 0);
    game.run(Duration::from_millis(500));
    assert_ne!(body(&game, 0), before, "{what}: it does not walk again");
    let sim = game.room().sim();
    let entity = sim.entity_of(PlayerId(0));
    let score = entity.and_then(|entity| sim.world().get::<Score>(entity));
    assert_eq!(
        score,
        Some(&Score::default()),
        "{what}: hiding is not dying"
    );
}

#[test]
fn who_hides_stands_unless_the_room_says_otherwise() {
    hide(None, 20, false);
}

#[test]
fn who_hides_for_longer_than_the_room_allows_is_out_of_play_until_it_looks_again() {
    hide(Some(Duration::from_secs(2)), 10, true);
    hide(Some(Duration::from_secs(2)), 1, false);
}

#[test]
fn who_leaves_while_out_of_play_is_gone() {
    let config = RoomConfig {
        hidden_stands: Some(Duration::from_secs(1)),
        seat_kept: Duration::ZERO,
        ..RoomConfig::default()
    };
    let mut game: Match<Arena> = Match::with_config(4, Link::P0, arena::build, config);
    let ada = game.join("Ada", |_, _| Input::default());
    game.run(HIDES);
    game.hide(ada, Duration::from_secs(30));
    game.run(Duration::from_secs(2));
    assert_eq!(body(&game, 0), None);
    game.cut(ada);
    game.run(Duration::from_millis(200));
    assert_eq!(game.room().sim().entity_of(PlayerId(0)), None);
}

/// What it is sent adds up to more than a link is let have on its way, and nothing of it is acknowledged: hidden pages say nothing.
#[test]
fn a_hidden_page_gets_a_snapshot_a_second_in_a_lively_match_too() {
    let mut game: Match<Arena> = Match::new(4, Link::P2, |sim| {
        arena::build(sim);
        for name in 0..12 {
            sim.join_bot(&format!("bot {name}"));
        }
    });
    let ada = game.join("Ada", |_, _| Input::default());
    game.run(HIDES);
    game.hide(ada, Duration::from_secs(65));
    game.run(Duration::from_secs(2));
    let before = game.client(ada).stats().snapshots;
    game.run(Duration::from_secs(60));
    let snapshots = game.client(ada).stats().snapshots - before;
    assert!((59..=61).contains(&snapshots), "{snapshots} in a minute");
}
