//! Seats of lost connections: who has them again, who has not, and for how long they are kept.

use std::time::Duration;

use bevy_ecs::prelude::With;
use tickwire_engine::{Away, Hidden, PlayerId, RoomConfig, SessionId};
use tickwire_protocol::message::{ClientControl, ServerControl, Token, Welcome};
use tickwire_protocol::{NetId, Tick};

use crate::table::{A, B, Place, Table, Walk};

const C: SessionId = SessionId(3);
const RIGHT: Walk = Walk {
    right: true,
    shout: false,
};

/// Says hello with this token; what the server answers.
fn hello(table: &mut Table, session: SessionId, with: Option<Token>) -> ServerControl {
    table.room.connect(session);
    let mut hello = table.hello("Ada");
    if let ClientControl::Hello { token, .. } = &mut hello {
        *token = with;
    }
    table.say(session, &hello);
    table.control(session).unwrap()
}

#[track_caller]
fn welcomed(answer: &ServerControl) -> (NetId, Option<Token>) {
    match answer {
        ServerControl::Welcome(Welcome { own, token, .. }) => (*own, *token),
        other => panic!("no welcome but {other:?}"),
    }
}

/// Joins, and shows that the Welcome has come.
fn join(table: &mut Table, session: SessionId) -> (NetId, Token) {
    let (own, token) = welcomed(&hello(table, session, None));
    table.say(session, &ClientControl::Ping { sent: 0 });
    (own, token.unwrap())
}

fn place(table: &Table, own: NetId) -> Option<u16> {
    let row = table.room.sim().snapshot().row(own)?;
    Some(row.get::<Place>()?.x)
}

fn away(table: &mut Table) -> usize {
    let world = table.room.sim_mut().world_mut();
    world.query_filtered::<(), With<Away>>().iter(world).count()
}

fn run(table: &mut Table, time: Duration) {
    let end = table.now + time;
    while table.now < end {
        table.tick();
    }
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn usual() -> Table {
    Table::new(RoomConfig::default())
}

#[test]
fn who_comes_back_has_the_same_entity_and_the_old_commands_are_void() {
    let mut table = usual();
    let (own, token) = join(&mut table, A);
    for tick in 1..=30 {
        table.command(A, Tick(tick), RIGHT);
    }
    for _ in 0..10 {
        table.tick();
    }
    table.room.disconnect(A);
    assert_eq!((table.room.player_count(), table.room.kept_seats()), (0, 1));
    for _ in 0..5 {
        table.tick();
    }
    assert_eq!(place(&table, own), Some(15), "what was sent still happens");
    assert_eq!(away(&mut table), 1);
    let again = welcomed(&hello(&mut table, B, Some(token)));
    assert_eq!(again, (own, Some(token)));
    assert_eq!((away(&mut table), table.room.kept_seats()), (0, 0));
    table.tick();
    assert_eq!(place(&table, own), Some(15), "queued before, and void");
    table.command(B, Tick(17), RIGHT);
    table.tick();
    assert_eq!(place(&table, own), Some(16));
    assert_eq!(table.room.player_of(B), Some(PlayerId(0)));
}

#[test]
fn who_is_away_stands_and_leaves_after_30_s() {
    let mut table = usual();
    let (own, token) = join(&mut table, A);
    table.command(A, Tick(1), RIGHT);
    table.tick();
    table.room.disconnect(A);
    run(&mut table, seconds(1));
    // The last command is repeated for 150 ms.
    assert_eq!(place(&table, own), Some(1 + 7));
    run(&mut table, seconds(28));
    assert_eq!(place(&table, own), Some(1 + 7));
    run(&mut table, seconds(1) + Duration::from_millis(20));
    assert_eq!((place(&table, own), table.room.kept_seats()), (None, 0));
    let (new, _) = welcomed(&hello(&mut table, B, Some(token)));
    assert_ne!(new, own, "joined anew");
}

#[test]
fn who_is_away_is_out_of_play_when_a_hidden_page_would_be() {
    let mut table = Table::new(RoomConfig {
        hidden_stands: Some(seconds(2)),
        ..RoomConfig::default()
    });
    let hidden = |table: &mut Table| {
        let world = table.room.sim_mut().world_mut();
        world
            .query_filtered::<(), With<Hidden>>()
            .iter(world)
            .count()
    };
    let (_, token) = join(&mut table, A);
    table.room.disconnect(A);
    run(&mut table, Duration::from_millis(1900));
    assert_eq!(hidden(&mut table), 0);
    run(&mut table, Duration::from_millis(200));
    assert_eq!(hidden(&mut table), 1);
    welcomed(&hello(&mut table, B, Some(token)));
    assert_eq!((hidden(&mut table), away(&mut table)), (0, 0));
}

#[test]
fn nobody_guesses_a_token() {
    let mut table = usual();
    let (own, token) = join(&mut table, A);
    table.room.disconnect(A);
    let mut rng = fastrand::Rng::with_seed(7);
    let one_off = (0..128).map(|bit| u128::from_be_bytes(token.bytes()) ^ (1 << bit));
    let guesses: Vec<_> = one_off.chain((0..500).map(|_| rng.u128(..))).collect();
    for (guess, session) in guesses.into_iter().zip(10..) {
        let guess = Token::new(guess.to_be_bytes());
        let (other, told) = welcomed(&hello(&mut table, SessionId(session), Some(guess)));
        assert_ne!(other, own);
        assert!(told.is_some_and(|told| told != guess && told != token));
        table.room.leave(SessionId(session));
    }
    let again = hello(&mut table, B, Some(token));
    assert_eq!(welcomed(&again).0, own);
}

#[test]
fn another_connection_with_the_token_takes_the_place_of_the_first_which_is_told() {
    let mut table = Table::new(RoomConfig {
        max_players: 1,
        ..RoomConfig::default()
    });
    let (own, token) = join(&mut table, A);
    table.tick();
    let again = hello(&mut table, B, Some(token));
    assert_eq!(welcomed(&again), (own, Some(token)));
    while let Some(last) = table.control(A) {
        if let ServerControl::Goodbye { reason, retry } = last {
            assert!(reason.contains("another connection") && !retry, "{reason}");
            break;
        }
    }
    table.command(A, Tick(2), RIGHT);
    table.command(B, Tick(3), RIGHT);
    table.tick();
    table.tick();
    assert_eq!(place(&table, own), Some(1), "the first is not heard");
    while table.room.poll_ended().is_some() {}
    table.room.disconnect(A);
    assert_eq!((table.room.player_count(), table.room.kept_seats()), (1, 0));
}

fn is_full(answer: &ServerControl) -> bool {
    matches!(answer, ServerControl::Reject { retry: true, reason } if reason.contains("full"))
}

fn a_room_for(max_players: usize) -> Table {
    Table::new(RoomConfig {
        max_players,
        ..RoomConfig::default()
    })
}

#[test]
fn in_a_full_room_the_seat_that_was_left_first_gives_way_to_a_newcomer() {
    let mut table = a_room_for(3);
    let (first, first_token) = join(&mut table, A);
    let (stays, _) = join(&mut table, B);
    let (second, second_token) = join(&mut table, C);
    // Who has been here longest is not who has been away longest.
    table.room.disconnect(C);
    run(&mut table, seconds(1));
    table.room.disconnect(A);
    run(&mut table, seconds(1));
    let (new, _) = join(&mut table, SessionId(4));
    assert_eq!((table.room.player_count(), table.room.kept_seats()), (2, 1));
    table.tick();
    let there = |table: &Table, id| place(table, id).is_some();
    assert!(!there(&table, second) && there(&table, first));
    assert!(there(&table, stays) && there(&table, new));
    // Who gave way is new as well, and the next seat gives way to that.
    let (again, other_token) = welcomed(&hello(&mut table, SessionId(5), Some(second_token)));
    assert!(again != second && other_token != Some(second_token));
    table.tick();
    assert!(!there(&table, first) && there(&table, again));
    assert_eq!((table.room.player_count(), table.room.kept_seats()), (3, 0));
    // And now it is full of players: none of them gives way.
    assert!(is_full(&hello(&mut table, SessionId(6), Some(first_token))));
    assert!(is_full(&hello(&mut table, SessionId(7), None)));
    assert_eq!(table.room.sim().players().count(), 3);
}

#[test]
fn no_kept_seat_gives_way_where_there_is_a_place_or_to_who_has_its_token() {
    let mut table = a_room_for(2);
    let (own, token) = join(&mut table, A);
    table.room.disconnect(A);
    let (other, other_token) = join(&mut table, B);
    table.room.disconnect(B);
    assert_eq!(table.room.kept_seats(), 2, "the second place was free");
    let again = hello(&mut table, C, Some(other_token));
    assert_eq!(welcomed(&again).0, other);
    assert_eq!(table.room.kept_seats(), 1);
    let taken_over = hello(&mut table, SessionId(4), Some(other_token));
    assert_eq!(welcomed(&taken_over).0, other);
    let again = hello(&mut table, SessionId(5), Some(token));
    assert_eq!(welcomed(&again).0, own, "a seat of one's own is free");
}

#[test]
fn who_joins_and_drops_again_and_again_keeps_nobody_out() {
    let mut table = a_room_for(4);
    for session in 10..100 {
        join(&mut table, SessionId(session));
        table.room.disconnect(SessionId(session));
        let (players, kept) = (table.room.player_count(), table.room.kept_seats());
        assert!(players == 0 && kept <= 4, "{kept} kept seats");
        table.tick();
    }
    for session in [A, B, C, SessionId(4)] {
        join(&mut table, session);
    }
    assert!(is_full(&hello(&mut table, SessionId(5), None)));
    assert_eq!((table.room.player_count(), table.room.kept_seats()), (4, 0));
}

#[test]
fn no_seat_is_kept_for_who_leaves_or_was_never_there_or_breaks_the_rules_or_when_none_is_to_be() {
    let mut table = usual();
    let ends: [fn(&mut Table); 4] = [
        |table| table.room.leave(A),
        |table| table.say(A, &ClientControl::Goodbye),
        |table| table.room.handle_message(A, &[250], table.now),
        |table| table.room.close("the server stops", true),
    ];
    for end in ends {
        let (own, _) = join(&mut table, A);
        end(&mut table);
        table.room.disconnect(A);
        table.tick();
        assert_eq!((place(&table, own), table.room.kept_seats()), (None, 0));
    }
    // The Welcome may never have arrived: nobody knows the token.
    let mut table = usual();
    welcomed(&hello(&mut table, A, None));
    table.room.disconnect(A);
    assert_eq!(table.room.kept_seats(), 0);
    let mut table = Table::new(RoomConfig {
        seat_kept: Duration::ZERO,
        ..RoomConfig::default()
    });
    let (own, token) = welcomed(&hello(&mut table, A, None));
    table.say(A, &ClientControl::Ping { sent: 0 });
    table.room.disconnect(A);
    table.tick();
    assert_eq!((token, place(&table, own)), (None, None));
}

#[test]
fn a_seat_may_be_kept_for_ever() {
    let mut table = Table::new(RoomConfig {
        seat_kept: Duration::MAX,
        hidden_stands: Some(Duration::MAX),
        ..RoomConfig::default()
    });
    let (own, token) = join(&mut table, A);
    table.tick();
    table.say(A, &ClientControl::Hidden);
    table.room.disconnect(A);
    run(&mut table, seconds(100));
    assert_eq!(welcomed(&hello(&mut table, B, Some(token))).0, own);
}
