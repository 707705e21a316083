//! Players who send more than their share.

use std::time::Duration;

use tickwire_engine::{Lane, Room, RoomConfig, SessionId, Sim};
use tickwire_protocol::message::{ClientControl, Command, Commands, PROTOCOL_VERSION};
use tickwire_protocol::{Game, GameSchema};

use super::table::Table;
use super::walk::{Walk, Walker, build};
use super::{SETTLING, WALKS};
use crate::Link;

/// How far somebody gets in so many seconds who sends `per_tick` commands for each tick, each for a tick of its own, as a share
/// of what an honest player gets who sends one.
#[must_use]
pub fn flood(per_tick: u32, seconds: u32) -> f64 {
    let [honest, cheat] = [1, per_tick].map(|per_tick| f64::from(flooded(per_tick, seconds)));
    cheat / honest
}

fn flooded(per_tick: u32, seconds: u32) -> u32 {
    let session = SessionId(1);
    let mut room = Room::new(Sim::new(1, build), RoomConfig::default());
    let schema = GameSchema::of::<Walk>();
    room.connect(session);
    let hello = ClientControl::Hello {
        protocol: PROTOCOL_VERSION,
        schema: schema.hash,
        tables: schema.tables.hash,
        game: schema.name.to_owned(),
        name: "Flo".to_owned(),
        token: None,
    };
    room.handle_message(session, &hello.encode(), Duration::ZERO);
    let mut next = room.sim().now().next();
    for tick in 0..seconds * Walk::TICK_RATE {
        let now = Duration::from_secs(tick.into()) / Walk::TICK_RATE;
        for _ in 0..per_tick {
            let command = Command {
                tick: next,
                view: None,
                input: WALKS,
            };
            let commands = Commands {
                ack: None,
                list: vec![command],
            };
            room.handle_message(session, &commands.encode(&schema.input), now);
            // What is farther ahead than a second is refused; who stays just within misses nothing.
            let most = room.sim().now() + 50;
            next = if next.is_after(most) {
                most
            } else {
                next.next()
            };
        }
        room.tick(now);
        while room.poll_transmit(session, Lane::Events).is_some() {}
    }
    let mut rows = room.sim().snapshot().rows();
    let walker = rows.find_map(|row| row.get::<Walker>());
    walker.map_or(0, |walker| walker.steps)
}

/// How far an honest client gets in so many seconds whose clock runs twice as fast, as a share of one whose clock is right.
#[must_use]
pub fn twice_the_clock(link: Link, seed: u64, seconds: u64) -> f64 {
    let [honest, fast] = [1, 2].map(|speed| {
        let mut table = Table::new(link, seed, |_| WALKS);
        table.speed = speed;
        table.run(SETTLING + Duration::from_secs(seconds), |_| {});
        f64::from(table.walker().map_or(0, |walker| walker.steps))
    });
    fast / honest
}
