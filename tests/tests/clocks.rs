//! Clocks at both ends: late commands, what the client believes, and how it gets over what disturbs it.

use std::time::Duration;

use arena::Arena;
use tickwire_tests::smoothness::stroll;
use tickwire_tests::{Link, Match, clocks};

const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

#[test]
fn few_commands_are_late_and_the_client_knows_the_servers_time() {
    for (name, link, late, offset) in [
        ("P1", Link::P1, 0.001, 8.0),
        ("P2", Link::P2, 0.007, 8.0),
        ("P3", Link::P3, 0.03, 8.0),
    ] {
        for seed in SEEDS {
            let clock = clocks::steady(link, seed, 60);
            assert!(clock.commands > 3_500, "{name}, seed {seed}: {clock:?}");
            assert!(clock.late_share() <= late, "{name}, seed {seed}: {clock:?}");
            assert!(
                clock.offset_p99_ms <= offset,
                "{name}, seed {seed}: {clock:?}"
            );
            assert!(
                clock.dilation_p99 <= 0.0501,
                "{name}, seed {seed}: {clock:?}"
            );
            assert_eq!(clock.jumped, 0, "{name}, seed {seed}: {clock:?}");
        }
    }
}

/// The lead is half a round trip, two ticks, and the time until the next picture.
#[test]
fn on_a_good_link_the_lead_is_no_longer_than_it_must_be() {
    for seed in SEEDS {
        let clock = clocks::steady(Link::P1, seed, 20);
        let least = 25.0 + 2.0 * 1000.0 / 60.0;
        assert!(
            (least..=least + 17.0).contains(&clock.lead_ms),
            "seed {seed}: {clock:?}"
        );
    }
}

/// A page that stands still now and then sends what is due too late, which is nothing that more lead would help against.
#[test]
fn who_stood_still_for_a_moment_needs_no_more_lead_for_it() {
    for seed in SEEDS {
        let mut game: Match<Arena> = Match::new(seed, Link::P0, arena::build);
        let me = game.join("Ada", stroll(seed));
        game.run_seconds(10);
        let lead = |game: &Match<Arena>| game.client(me).stats().lead;
        let usual = lead(&game);
        for _ in 0..5 {
            game.freeze(me, Duration::from_millis(250));
            game.run_seconds(2);
            let now = lead(&game);
            let most = usual + Duration::from_millis(17);
            assert!(now <= most, "seed {seed}: {usual:?}, then {now:?}");
        }
    }
}

#[test]
fn a_step_of_the_round_trip_settles_in_two_seconds_without_swinging() {
    for seed in SEEDS {
        for (from, to) in [(100, 150), (30, 150), (150, 30)] {
            let settling = clocks::rtt_step(from, to, seed);
            let what = format!("{from} to {to} ms, seed {seed}: {settling:?}");
            assert!(settling.settled_ms <= 2_000.0, "{what}");
            assert_eq!(settling.swings, 0, "{what}");
            let way = (to as f64 - from as f64) / 2.0;
            let went = settling.after_ms - settling.before_ms;
            assert!((went - way).abs() <= 17.0, "{what}");
        }
    }
}

#[test]
fn a_blackhole_and_a_stop_of_the_server_are_overcome_at_once() {
    for seed in SEEDS {
        for (name, recovery) in [
            ("blackhole", clocks::blackhole(seed)),
            ("stop", clocks::server_stop(seed)),
        ] {
            let what = format!("{name}, seed {seed}: {recovery:?}");
            assert!(recovery.fresh_ms <= 150.0, "{what}");
            assert!(recovery.in_time_ms <= 150.0, "{what}");
            assert!(recovery.clock_ms <= 1_500.0, "{what}");
            assert!((-17.0..=100.0).contains(&recovery.lead_off_ms), "{what}");
        }
    }
}

#[test]
fn a_page_in_the_background_costs_a_snapshot_a_second_and_comes_back_at_once() {
    for (name, link) in [("P1", Link::P1), ("P2", Link::P2), ("P3", Link::P3)] {
        let hidden = clocks::hidden_tab(link, 1, 300);
        let what = format!("{name}: {hidden:?}");
        assert!((299..=304).contains(&hidden.snapshots), "{what}");
        // What was on its way and waited for its tick, and nine ticks of repeating.
        assert!(hidden.steps <= 9 + 14, "{what}");
        assert!(hidden.fresh_ms <= 300.0, "{what}");
        assert!(hidden.moved_ms <= 300.0, "{what}");
        assert!((50..=62).contains(&hidden.commands), "no burst: {what}");
        assert!(hidden.late <= 3, "{what}");
    }
}

#[test]
fn a_one_shot_happens_once_however_late_it_is() {
    for (name, link) in Link::ALL {
        for seed in SEEDS {
            let (asked, happened) = clocks::one_shots(link, seed, 40);
            assert_eq!(asked, happened, "{name}, seed {seed}");
        }
    }
}

#[test]
fn whoever_sends_more_moves_no_farther() {
    for per_tick in [2, 3, 8] {
        let share = clocks::flood(per_tick, 20);
        assert!((share - 1.0).abs() < 0.005, "{per_tick} a tick: {share}");
    }
    for seed in SEEDS {
        let share = clocks::twice_the_clock(Link::P1, seed, 20);
        assert!((0.9..=1.005).contains(&share), "seed {seed}: {share}");
    }
}
