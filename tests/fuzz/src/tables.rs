//! Files of tables.

use std::sync::Arc;

use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::motion::Mode;
use tickwire_protocol::codec::site::classes;
use tickwire_protocol::codec::store::{self, Fitted};
use tickwire_protocol::codec::tables::{ClassTable, Starts};
use tickwire_protocol::message::{ServerMessage, decode_server};
use tickwire_protocol::{Cadence, NetId, Receiver, Sender, Tick};

use crate::GAME;
use crate::world::{Script, Server};

/// A file with something of everything.
pub(crate) fn seed() -> Vec<u8> {
    let layout = Layout::of(&GAME.rows);
    let shares = |start: fn(u16) -> u16| -> Starts {
        std::array::from_fn(|i| start(u16::try_from(i).unwrap_or(0)))
    };
    let falling = shares(|i| 32_768 - (16 - i) * (16 - i) * 128);
    let unsigned = shares(|i| match i {
        0 => 0,
        16 => 32_768,
        i => 2048 + i / 2 * 4096,
    });
    let fitted = |late: usize| -> Fitted {
        let tables = classes(&layout).into_iter().map(|kind| {
            let shares = if kind.has_signs() {
                vec![falling, unsigned]
            } else {
                vec![falling]
            };
            let count = shares.len();
            let map = (0..kind.sites()).map(|place| u8::from(count > 1 && place % 300 > 40 + late));
            ClassTable {
                map: map.collect(),
                shares,
            }
        });
        let modes = (0..layout.row_words())
            .map(|column| std::array::from_fn(|place| Mode::ALL[(place + column + late) % 4]));
        (tables.collect(), modes.collect())
    };
    store::write(GAME.rows.hash(), &fitted(0), &fitted(1))
}

/// Whatever is read as tables, two ends that have them understand each other.
pub(crate) fn try_out(bytes: &[u8]) {
    let schema = &GAME.rows;
    let Ok(tables) = store::read(&Layout::of(schema), schema.hash(), bytes) else {
        return;
    };
    let tables = Arc::new(tables);
    let mut server = Server::new(Arc::clone(&tables), Tick(7));
    let mut sender = Sender::new(Some(NetId(0)), Cadence::every(2));
    let mut receiver = Receiver::new(Arc::clone(schema), tables, Cadence::every(2));
    let mut script = Script(&COURSE);
    for i in 0..24 {
        let now = server.tick(&mut script);
        if i % 7 == 5 {
            continue;
        }
        let message = server.write(&mut sender).expect("there is something new");
        let Ok(ServerMessage::Snapshot(header, body)) = decode_server(&message) else {
            panic!("a sender writes snapshots");
        };
        let read = receiver.read(header, body);
        assert_eq!(read, Ok(&now));
    }
}

/// Edits of a world for some ticks: entities, then speeds, jumps, masks.
const COURSE: [u8; 160] = {
    let mut course = [0; 160];
    let mut i = 0;
    let mut number = 11_u32;
    while i < course.len() {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        course[i] = number.to_be_bytes()[0];
        i += 1;
    }
    course
};
