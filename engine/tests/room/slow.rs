//! Clients that say more than they read: what waits for them is bounded.

use tickwire_engine::{Lane, RoomConfig, SpawnedBy};
use tickwire_protocol::message::{ClientControl, ServerControl, ServerMessage, decode_server};

use crate::table::{A, B, Table};

#[test]
fn pings_of_who_does_not_read_go_unanswered_until_it_does() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    let control = |table: &Table| table.room.waiting(A).unwrap().control;
    for sent in 0..1000 {
        table.say(A, &ClientControl::Ping { sent });
        if sent % 2 == 1 {
            table.tick();
        }
        assert!(control(&table) <= 32, "{} wait", control(&table));
    }
    table.events(A);
    table.say(A, &ClientControl::Ping { sent: 7777 });
    table.tick();
    let answer = table.control(A);
    assert!(
        matches!(answer, Some(ServerControl::Pong { sent: 7777, .. })),
        "{answer:?}"
    );
}

#[test]
fn who_does_not_read_what_its_commands_brought_about_is_told_why_and_leaves() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.join(B, "Bob");
    let player = table.room.player_of(A).unwrap();
    let entity = table.room.sim().entity_of(player).unwrap();
    for _ in 0..1100 {
        let world = table.room.sim_mut().world_mut();
        world.spawn(SpawnedBy::new(entity));
        table.tick();
        while table.room.poll_transmit(B, Lane::Events).is_some() {}
    }
    let waiting = table.room.waiting(A).unwrap();
    assert!(waiting.control <= 1024 + 1, "{waiting:?}");
    assert_eq!(table.room.player_count(), 1);
    let mut said = std::iter::from_fn(|| table.room.poll_transmit(A, Lane::Events));
    let goodbye = said.find_map(|bytes| match decode_server(&bytes) {
        Ok(ServerMessage::Control(ServerControl::Goodbye { reason, retry })) => {
            Some((reason, retry))
        }
        _ => None,
    });
    let (reason, retry) = goodbye.unwrap();
    assert!(reason.contains("too slow") && !retry, "{reason}");
}
