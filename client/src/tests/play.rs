//! Prediction, interpolation, events, time.

use tickwire_protocol::NetId;

use crate::Feel;

use super::rig::{Ammo, Body, Health, Input, OTHER, OWN, RIGHT, Rig, STEP, ms};

fn own_x(rig: &Rig) -> f32 {
    rig.client.scene(rig.now()).get::<Body>(OWN).unwrap().x
}

#[test]
fn a_right_prediction_is_never_corrected() {
    let mut rig = Rig::playing(40, 40);
    for i in 0..40 {
        let walk = [1.0, -0.5, 0.0, 0.25][i % 4];
        rig.client.handle_input(&Input { walk, fire: false });
        rig.run(97);
    }
    let stats = rig.client.stats();
    assert_eq!((stats.corrections, rig.late), (0, 0), "{stats:?}");
    assert!(rig.commands.len() > 300);
    let ticks = rig.commands.windows(2).map(|c| c[1].tick.since(c[0].tick));
    assert!(
        ticks.into_iter().all(|ticks| ticks == 1),
        "one for each tick"
    );
}

#[test]
fn an_input_shows_in_the_very_next_picture() {
    let mut rig = Rig::playing(100, 100);
    let (before, now) = (own_x(&rig), rig.now());
    rig.client.handle_input(&RIGHT);
    let moved = rig.client.scene(now + ms(7)).get::<Body>(OWN).unwrap().x - before;
    assert!(moved > 0.01 && moved < STEP, "{moved}");
}

#[test]
fn the_own_entity_walks_evenly_at_144_hz() {
    let mut rig = Rig::playing(30, 30);
    rig.client.handle_input(&RIGHT);
    rig.run(500);
    let mut before = own_x(&rig);
    for _ in 0..100 {
        rig.run(7);
        // The rig runs the ticks of this client every 16 ms; a picture in between must not wait for that.
        rig.client.tick(rig.now());
        let x = own_x(&rig);
        let speed = (x - before) / 0.007;
        assert!((5.5..6.5).contains(&speed), "{speed} m/s instead of 6");
        before = x;
    }
}

#[test]
fn a_misprediction_is_corrected_once_and_fades() {
    let mut rig = Rig::playing(40, 40);
    rig.client.handle_input(&RIGHT);
    rig.run(500);
    rig.world.body.as_mut().unwrap().x += 0.5;
    let mut before = own_x(&rig);
    let mut largest = 0.0_f32;
    for _ in 0..25 {
        rig.run(16);
        let x = own_x(&rig);
        largest = largest.max(x - before);
        before = x;
    }
    assert_eq!(rig.client.stats().corrections, 1);
    assert!(
        (0.11..0.25).contains(&largest),
        "{largest}: it does not jump"
    );
    rig.run(1500);
    let ahead = rig.client.stats().lead.as_secs_f32() * 60.0 * STEP;
    let right = rig.world.body.unwrap().x + ahead;
    assert!(
        (own_x(&rig) - right).abs() < 2.0 * STEP,
        "{} {right}",
        own_x(&rig)
    );
    rig.client.handle_input(&Input::default());
    rig.run(1000);
    assert_eq!(own_x(&rig), rig.world.body.unwrap().x);
    assert_eq!(rig.client.stats().corrections, 1);
}

#[test]
fn a_one_shot_happens_exactly_once() {
    let mut rig = Rig::playing(40, 40);
    for _ in 0..10 {
        rig.client.handle_input(&Input {
            walk: 0.0,
            fire: true,
        });
        rig.client.handle_input(&RIGHT);
        rig.run(211);
    }
    rig.run(500);
    assert_eq!(rig.commands.iter().filter(|c| c.input.fire).count(), 10);
    assert_eq!(rig.world.ammo, Ammo { left: 90 });
    let seen = rig.client.scene(rig.now()).get::<Ammo>(OWN);
    assert_eq!(seen, Some(Ammo { left: 90 }));
    assert_eq!(rig.client.stats().corrections, 0);
}

#[test]
fn a_dead_player_is_not_predicted_and_does_not_glide_to_the_respawn() {
    let mut rig = Rig::playing(40, 40);
    rig.world.body = None;
    rig.run(300);
    let scene = rig.client.scene(rig.now());
    assert_eq!(scene.get::<Body>(OWN), None);
    assert_eq!(scene.get::<Health>(OWN), Some(Health { hp: 0 }));
    assert!(scene.get::<Ammo>(OWN).is_some(), "what is left is shown");
    rig.world.body = Some(Body { x: 11.0 });
    for _ in 0..60 {
        rig.run(5);
        let x = rig.client.scene(rig.now()).get::<Body>(OWN).map(|b| b.x);
        assert!(x.is_none_or(|x| x == 11.0), "{x:?}");
    }
    assert_eq!(own_x(&rig), 11.0);
    assert_eq!(rig.client.stats().corrections, 0);
}

#[test]
fn others_are_drawn_on_one_timeline_in_the_past() {
    let mut rig = Rig::playing(30, 50);
    for _ in 0..100 {
        rig.run(7);
        let scene = rig.client.scene(rig.now());
        let x = scene.get::<Body>(OTHER).unwrap().x;
        // Two intervals behind the newest snapshot at its arrival: 100 ms + 50 ms.
        let position = rig.position() - 150.0 * 0.06;
        let right = 20.0 + position as f32 * STEP;
        assert!((x - right).abs() < STEP, "{x} instead of {right}");
        let view = scene.view().unwrap();
        let ticks = f64::from(view.to.since(view.from)) * f64::from(view.fraction) / 256.0;
        let claimed = f64::from(view.from.since(rig.tick_at(0))) + ticks;
        assert!((claimed - position).abs() < 1.0, "{claimed} {position}");
        let ids: Vec<_> = scene.rows().map(|row| row.id).collect();
        assert_eq!(ids, [OWN, OTHER]);
    }
    assert_eq!(rig.client.stats().starved, 0);
}

#[test]
fn commands_claim_the_picture_that_was_drawn() {
    let mut rig = Rig::playing(30, 30);
    let seen = rig.client.scene(rig.now()).view();
    rig.run(60);
    assert!(seen.is_some() && rig.commands.iter().any(|c| c.view == seen));
    rig.run(1000);
    assert_ne!(
        rig.commands.last().unwrap().view,
        seen,
        "an old picture does not count"
    );
}

#[test]
fn each_remedy_can_be_switched_off_and_on_again() {
    let mut rig = Rig::playing(50, 50);
    rig.client.handle_input(&RIGHT);
    rig.run(500);
    let both_x = |rig: &Rig| {
        let scene = rig.client.scene(rig.now());
        [OWN, OTHER].map(|id| scene.get::<Body>(id).unwrap().x)
    };
    let newest_x = |rig: &Rig| {
        let newest = rig.client.newest().unwrap();
        [OWN, OTHER].map(|id| newest.row(id).unwrap().get::<Body>().unwrap().x)
    };
    let ([own, other], [newest_own, newest_other]) = (both_x(&rig), newest_x(&rig));
    assert!(own > newest_own + 5.0 * STEP, "a round trip ahead");
    assert!(other < newest_other - STEP, "behind the newest");
    let off = Feel {
        prediction: false,
        interpolation: false,
        compensation: false,
    };
    rig.client.set_feel(off);
    rig.commands.clear();
    rig.run(300);
    assert_eq!(both_x(&rig), newest_x(&rig));
    let stats = rig.client.stats();
    assert!(stats.interpolation_delay.is_zero() && stats.starved == 0);
    let claims = |rig: &Rig| {
        rig.commands
            .iter()
            .rev()
            .take(5)
            .filter(|c| c.view.is_some())
            .count()
    };
    assert_eq!(claims(&rig), 0);

    rig.client.set_feel(Feel::default());
    rig.run(300);
    assert!(both_x(&rig)[0] > newest_x(&rig)[0] + 5.0 * STEP);
    assert_eq!(claims(&rig), 5);
    assert_eq!(rig.client.stats().corrections, 0, "nothing else changed");
}

#[test]
fn every_byte_is_of_a_class() {
    let mut rig = Rig::playing(30, 30);
    rig.tell_event(rig.tick_at(rig.position() as u32), true, 2);
    rig.run(100);
    let stats = rig.client.stats();
    let classes = [
        stats.snapshot_bytes_in,
        stats.event_bytes_in,
        stats.control_bytes_in,
    ];
    assert!(classes.iter().all(|bytes| *bytes > 0), "{stats:?}");
    assert_eq!(classes.iter().sum::<u64>(), stats.bytes_in);
    assert!(0 < stats.control_bytes_out && stats.control_bytes_out < stats.bytes_out);
    assert_eq!((stats.rtt, stats.rtt_p95), (ms(60), ms(60)));
}

#[test]
fn others_appear_and_go_when_the_view_reaches_it() {
    let mut rig = Rig::playing(30, 30);
    rig.world.other = None;
    rig.run(100);
    let there = |rig: &Rig| rig.client.scene(rig.now()).row(OTHER).is_some();
    assert!(there(&rig), "not yet");
    rig.run(100);
    assert!(!there(&rig));
    rig.world.other = Some(Body { x: 500.0 });
    for _ in 0..60 {
        rig.run(5);
        let x = rig.client.scene(rig.now()).get::<Body>(OTHER).map(|b| b.x);
        assert!(x.is_none_or(|x| x >= 500.0), "{x:?}");
    }
    assert!(there(&rig));
    assert!(rig.client.scene(rig.now()).row(NetId(99)).is_none());
}

#[test]
fn events_come_with_the_picture_and_urgent_ones_at_once() {
    let mut rig = Rig::playing(30, 30);
    let tick = rig.tick_at(rig.position() as u32);
    rig.tell_event(tick, false, 1);
    rig.tell_event(tick, true, 2);
    let mut came = Vec::new();
    for t in 0..200 {
        rig.run(1);
        while let Some(delivered) = rig.client.poll_event() {
            assert_eq!(delivered.tick, tick);
            came.push((t, delivered.event, delivered.at_once));
        }
    }
    let [(soon, 2, true), (later, 1, false)] = came[..] else {
        panic!("{came:?}");
    };
    // 30 ms on the way; and 100 ms of interpolation, to the next picture.
    assert!((29..=31).contains(&soon), "{came:?}");
    assert!((100..=150).contains(&later), "{came:?}");
}

#[test]
fn a_step_of_the_round_trip_is_followed() {
    let mut rig = Rig::playing(25, 25);
    rig.run(5000);
    let lead = rig.client.stats().lead;
    rig.up = 50;
    rig.down = 50;
    rig.run(2000);
    let (late, stats) = (rig.late, rig.client.stats());
    assert!(stats.lead > lead + ms(15), "{lead:?} {stats:?}");
    rig.run(3000);
    assert_eq!(rig.late, late, "no command is late any more");
    assert!(late < 60, "{late}");
}

#[test]
fn after_a_pause_the_clock_jumps_and_nothing_is_made_up_for() {
    let mut rig = Rig::playing(30, 30);
    rig.client.handle_input(&RIGHT);
    rig.run(300);
    let made = rig.commands.len();
    rig.sleep(5000);
    rig.client.handle_input(&Input::default());
    rig.run(200);
    assert!(rig.commands.len() - made < 30, "no burst");
    assert!(rig.client.stats().jumped_ticks > 250);
    rig.run(1000);
    assert_eq!(own_x(&rig), rig.world.body.unwrap().x);
    let late = rig.late;
    rig.run(1000);
    assert_eq!(rig.late, late);
}

#[test]
fn prediction_waits_for_a_server_that_is_silent() {
    let mut rig = Rig::playing(30, 30);
    rig.client.handle_input(&RIGHT);
    let from = own_x(&rig);
    for _ in 0..200 {
        rig.t += 16;
        rig.client.tick(rig.now());
    }
    let walked = own_x(&rig) - from;
    assert!(walked > 50.0 * STEP && walked < 66.0 * STEP, "{walked}");
    let sent = std::iter::from_fn(|| rig.client.poll_transmit()).count();
    assert!(sent < 20, "what waits too long is dropped: {sent}");
}

#[test]
fn whoever_hides_stands_still_and_comes_back_to_neutral_input() {
    let mut rig = Rig::playing(20, 20);
    rig.client.handle_input(&RIGHT);
    rig.run(500);
    rig.client.handle_input(&Input {
        fire: true,
        ..RIGHT
    });
    rig.client.set_hidden(true, rig.now());
    rig.client.set_hidden(true, rig.now());
    rig.client.handle_input(&Input {
        fire: true,
        ..RIGHT
    });
    rig.run(100);
    let before = rig.commands.len();
    rig.run(20_000);
    assert_eq!(rig.commands.len(), before, "nothing more is sent");
    assert!(rig.client.stats().skipped == 0);
    rig.client.set_hidden(false, rig.now());
    let shown = rig.position();
    rig.run(1_000);
    let after = &rig.commands[before..];
    assert!((55..=62).contains(&after.len()), "{} commands", after.len());
    assert!(
        after
            .iter()
            .all(|command| command.input == Input::default())
    );
    let first = f64::from(after[0].tick.since(rig.tick_at(0)));
    assert!((shown..shown + 8.0).contains(&first), "{first} at {shown}");
    assert_eq!(rig.hidden, [true, false], "told once each");
    assert_eq!(rig.late, 0);
}

#[test]
fn a_hidden_client_that_comes_back_to_a_new_server_says_so() {
    let mut rig = Rig::new(20, 20);
    rig.client.set_hidden(true, rig.now());
    rig.connect();
    rig.run(500);
    assert_eq!(rig.hidden, [true]);
    assert!(rig.commands.is_empty());
}

#[test]
fn what_is_wished_last_is_told_however_often_it_was_changed() {
    let mut rig = Rig::playing(20, 20);
    for change in 0..9 {
        rig.client.want_receipts(change % 2 == 0);
    }
    rig.run(100);
    assert_eq!(rig.receipts.last(), Some(&true));
    let mut rig = Rig::new(20, 20);
    rig.client.want_receipts(true);
    rig.connect();
    rig.run(500);
    assert_eq!(rig.receipts, [true], "once on each connection");
}
