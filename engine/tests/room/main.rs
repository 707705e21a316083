//! A room from the outside: bytes in, bytes out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

mod seats;
mod slow;
mod table;

use std::time::Duration;

use tickwire_engine::{Lane, RoomConfig};
use tickwire_protocol::Tick;
use tickwire_protocol::message::{
    ClientControl, Health, PROTOCOL_VERSION, ServerControl, ServerMessage, Slack, Welcome,
    decode_server,
};

use table::{A, B, Place, Table, Walk, read};

#[test]
fn a_player_joins_walks_and_is_seen() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 2,
        ..RoomConfig::default()
    });
    let own = table.join(A, "Ada");
    let mut receiver = table.receiver(2);
    for tick in 1..=10 {
        table.command(
            A,
            Tick(tick),
            Walk {
                right: true,
                shout: false,
            },
        );
        table.tick();
        if let Some(bytes) = table.room.poll_transmit(A, Lane::State) {
            read(&mut receiver, &bytes);
        }
    }
    let last = receiver.history().latest().unwrap();
    assert_eq!(last.tick(), Tick(10));
    assert_eq!(last.row(own).unwrap().get::<Place>(), Some(Place { x: 10 }));
    assert_eq!(**last, **table.room.sim().history().get(Tick(10)).unwrap());
}

#[test]
fn everyone_hears_events_once_and_in_order() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.join(B, "Bob");
    table.command(
        A,
        Tick(1),
        Walk {
            right: false,
            shout: true,
        },
    );
    for _ in 0..5 {
        table.tick();
    }
    let expected = |own: &str| {
        let mut all = vec![(false, "Ada is here".to_owned())];
        if own == "Ada" {
            all.push((true, "welcome".into()));
        }
        all.push((false, "Bob is here".into()));
        if own == "Bob" {
            all.push((true, "welcome".into()));
        }
        all.push((false, "Ada shouts".into()));
        all
    };
    assert_eq!(table.events(A), expected("Ada"));
    assert_eq!(table.events(B), expected("Bob"));
    assert_eq!(table.events(B), []);
}

#[test]
fn a_mismatch_is_refused_in_words_that_name_both_sides() {
    let mut table = Table::new(RoomConfig {
        max_players: 1,
        ..RoomConfig::default()
    });
    for (hello, words) in [
        (
            ClientControl::Hello {
                protocol: 99,
                schema: 0,
                tables: 0,
                game: "Stroll".into(),
                name: String::new(),
                token: None,
            },
            ["protocol 3", "the client 99"],
        ),
        (
            ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: 5,
                tables: 0,
                game: "Chess".into(),
                name: String::new(),
                token: None,
            },
            ["plays Stroll", "the client Chess"],
        ),
        (
            ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: table.schema.hash,
                tables: 7,
                game: "Stroll".into(),
                name: String::new(),
                token: None,
            },
            [
                "codes Stroll by tables",
                "the client by tables 0000000000000007",
            ],
        ),
    ] {
        table.room.connect(A);
        table.say(A, &hello);
        let Some(ServerControl::Reject {
            reason,
            retry: false,
        }) = table.control(A)
        else {
            panic!("refused")
        };
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        assert_eq!(table.room.poll_ended(), Some(A));
    }
    table.join(A, "Ada");
    table.room.connect(B);
    let hello = table.hello("Bob");
    table.say(B, &hello);
    assert!(
        matches!(
            table.control(B),
            Some(ServerControl::Reject { retry: true, .. })
        ),
        "a full server is worth another try"
    );
}

#[test]
fn malformed_bytes_end_the_session_and_nobody_elses() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.join(B, "Bob");
    table.room.handle_message(A, &[250, 1, 2], table.now);
    assert!(matches!(
        table.control(A),
        Some(ServerControl::Goodbye { retry: false, .. })
    ));
    assert_eq!(table.room.poll_ended(), Some(A));
    assert_eq!(
        (table.room.poll_ended(), table.room.player_count()),
        (None, 1)
    );
    table.tick();
    assert_eq!(table.room.sim().snapshot().len(), 1);
}

#[test]
fn a_stalled_client_is_skipped_and_then_gets_the_freshest() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 1,
        ..RoomConfig::default()
    });
    table.join(A, "Ada");
    let mut receiver = table.receiver(1);
    table.tick();
    read(
        &mut receiver,
        &table.room.poll_transmit(A, Lane::State).unwrap(),
    );
    for _ in 0..100 {
        table.tick();
        table.room.skip(A);
    }
    assert_eq!(table.room.skipped_snapshots(), 100);
    // The baseline is long out of the ring: the delta builds on nothing.
    read(
        &mut receiver,
        &table.room.poll_transmit(A, Lane::State).unwrap(),
    );
    assert_eq!(receiver.history().latest().unwrap().tick(), Tick(101));
    assert_eq!(
        table.room.poll_transmit(A, Lane::State),
        None,
        "nothing newer"
    );
}

#[test]
fn saying_again_that_somebody_looks_brings_no_further_snapshots() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 10,
        ..RoomConfig::default()
    });
    table.join(A, "Ada");
    let mut written = 0;
    for _ in 0..100 {
        table.say(A, &ClientControl::Shown);
        table.tick();
        written += u32::from(table.room.poll_transmit(A, Lane::State).is_some());
    }
    assert!((10..=11).contains(&written), "{written} snapshots");
}

/// On return a snapshot comes at once, but who returns again and again gets few more than who stays.
#[test]
fn hiding_and_returning_all_the_time_brings_four_more_snapshots_a_second() {
    for period in [2, 3, 5] {
        let mut table = Table::new(RoomConfig {
            snapshot_interval: 10,
            ..RoomConfig::default()
        });
        table.join(A, "Ada");
        table.tick();
        let mut written = 0;
        // Ten seconds of 50 ticks, and five snapshots each.
        for tick in 0..500 {
            let says = match tick % period {
                0 => ClientControl::Hidden,
                _ => ClientControl::Shown,
            };
            table.say(A, &says);
            table.tick();
            written += u32::from(table.room.poll_transmit(A, Lane::State).is_some());
        }
        assert!(written <= 95, "every {period} ticks: {written} snapshots");
    }
}

#[test]
fn who_returns_is_shown_the_present_in_the_next_tick() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 25,
        ..RoomConfig::default()
    });
    table.join(A, "Ada");
    let shown = |table: &mut Table| {
        table.tick();
        table.room.poll_transmit(A, Lane::State).is_some()
    };
    while shown(&mut table) {}
    for away in [1, 7, 40, 300] {
        for _ in 0..13 {
            shown(&mut table);
        }
        table.say(A, &ClientControl::Hidden);
        for _ in 0..away {
            shown(&mut table);
        }
        table.say(A, &ClientControl::Shown);
        assert!(shown(&mut table), "away for {away} ticks");
    }
}

#[test]
fn a_pong_tells_the_time_and_how_long_it_waited() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.tick();
    let at = table.now + Duration::from_millis(5);
    table
        .room
        .handle_message(A, &ClientControl::Ping { sent: 77 }.encode(), at);
    table.tick();
    table.events(B);
    let pong = std::iter::from_fn(|| table.room.poll_transmit(A, Lane::Events)).find_map(|bytes| {
        match decode_server(&bytes) {
            Ok(ServerMessage::Control(control)) => Some(control),
            _ => None,
        }
    });
    assert_eq!(
        pong,
        Some(ServerControl::Pong {
            sent: 77,
            tick: Tick(3),
            fraction: 0,
            held: 15_000
        })
    );
}

#[test]
fn closing_tells_everyone_why() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.room.close("the server restarts", true);
    assert_eq!(
        table.control(A),
        Some(ServerControl::Goodbye {
            reason: "the server restarts".into(),
            retry: true
        })
    );
    assert_eq!(table.room.poll_ended(), Some(A));
    table.room.connect(B);
    assert!(matches!(
        table.control(B),
        Some(ServerControl::Goodbye { .. })
    ));
}

#[test]
fn nobody_is_called_like_another() {
    let mut table = Table::new(RoomConfig::default());
    table.room.sim_mut().join_bot("Ada");
    table.join(A, "Ada");
    table.join(B, " Ada\u{200b}");
    let names: Vec<_> = table
        .room
        .sim()
        .scores()
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(names, ["Ada", "Ada (2)", "Ada (3)"]);
}

#[test]
fn a_watcher_is_told_what_its_player_would_be_and_commands_nothing() {
    let mut table = Table::new(RoomConfig::default());
    let sim = table.room.sim_mut();
    let bot = sim.join_bot("Bo");
    let own = sim.net_id_of(bot).unwrap();
    let walk = Walk {
        right: true,
        shout: false,
    };
    sim.set_input(bot, walk);
    table.room.watch(A, bot);
    assert!(matches!(
        table.control(A),
        Some(ServerControl::Welcome(Welcome { own: seen, .. })) if seen == own
    ));
    // What it says does not move the player.
    table.command(A, Tick(1), Walk::default());
    let mut receiver = table.receiver(2);
    for _ in 0..4 {
        table.tick();
        if let Some(bytes) = table.room.poll_transmit(A, Lane::State) {
            read(&mut receiver, &bytes);
        }
    }
    let place = |table: &Table| {
        let row = table.room.sim().snapshot().row(own);
        row.and_then(|row| row.get::<Place>())
    };
    assert_eq!(place(&table), Some(Place { x: 4 }));
    let seen = receiver.history().latest().unwrap();
    assert_eq!(seen.row(own).unwrap().get::<Place>(), place(&table));
    let heard = table.events(A);
    assert!(heard.contains(&(true, "welcome".into())), "{heard:?}");
    table.room.disconnect(A);
    table.tick();
    assert_eq!(place(&table), Some(Place { x: 5 }), "the player stays");
    table.room.watch(B, bot);
    table.say(B, &ClientControl::Goodbye);
    table.tick();
    assert_eq!(place(&table), Some(Place { x: 6 }));
}

#[test]
fn a_client_is_told_how_early_its_commands_are_and_how_the_server_does() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.tick();
    for tick in [4, 3, 0] {
        table.command(A, Tick(tick), Walk::default());
    }
    table.tick();
    let us = Duration::from_micros;
    table.room.note_timing(us(180), us(2_600));
    let snapshot = table.room.poll_transmit(A, Lane::State).unwrap();
    let Ok(ServerMessage::Snapshot(header, _)) = decode_server(&snapshot) else {
        panic!("not a snapshot")
    };
    // Two ticks, three ticks, and one too late, of 20 ms each.
    let slack = Slack { p50: 80, p1: -40 };
    assert_eq!(header.slack, Some(slack));
    for _ in 0..4 {
        table.tick();
        table.room.skip(A);
    }
    table.events(A);
    for _ in 0..50 {
        table.tick();
        table.room.poll_transmit(A, Lane::State);
    }
    let health = Health {
        start_p999_us: 180,
        tick_p999_us: 2_600,
        commands: 3,
        late: 1,
        skipped: 2,
        ..Health::default()
    };
    assert_eq!(table.control(A), Some(ServerControl::Health(health)));
    for _ in 0..500 {
        table.tick();
    }
    assert!(matches!(table.control(A), Some(ServerControl::Health(_))));
    assert_eq!(table.control(A), None, "who does not take them has one");
}
