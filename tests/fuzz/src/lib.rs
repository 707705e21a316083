//! What the fuzz targets do with their bytes. Each function takes any bytes at all and panics only if the wire has a defect.

#![forbid(unsafe_code)]

mod game;
mod seeds;
mod tables;
mod world;

use std::sync::LazyLock;

use tickwire_protocol::bits::{BitReader, BitWriter};
use tickwire_protocol::explain::Ledger;
use tickwire_protocol::limits::MAX_COMMANDS;
use tickwire_protocol::message::{
    ClientMessage, ServerMessage, decode_client, decode_event, decode_server, encode_event,
};
use tickwire_protocol::{DecodeError, GameSchema, Receiver, Snapshot};

pub use seeds::seeds;

use game::{Event, Sandbox};
use seeds::Course;

static GAME: LazyLock<GameSchema> = LazyLock::new(GameSchema::of::<Sandbox>);

/// What receivers have had before the bytes of the fuzzer come, and what comes after.
static COURSES: LazyLock<[Course; 2]> = LazyLock::new(seeds::courses);

/// A target's name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 8] = [
    ("bits", bits),
    ("client_control", client_control),
    ("codec", codec),
    ("commands", commands),
    ("events", events),
    ("server_control", server_control),
    ("snapshots", snapshots),
    ("tables", tables),
];

/// Reads the bytes as they are, then takes them for a list of numbers to write and read back.
pub fn bits(bytes: &[u8]) {
    let mut reader = BitReader::new(bytes);
    let mut read = 0;
    while reader.read_gamma().is_ok() && reader.read(5).is_ok() {
        read += 1;
    }
    assert!(read <= bytes.len() * 8 / 6);
    let _ = reader.finish();

    let numbers: Vec<(u32, u32)> = bytes
        .chunks_exact(5)
        .filter_map(|chunk| {
            let (width, value) = chunk.split_first()?;
            let value = u32::from_le_bytes(value.try_into().ok()?);
            let width = u32::from(*width) % 33;
            Some((value.checked_shr(32 - width).unwrap_or(0), width))
        })
        .collect();
    let mut out = BitWriter::new();
    for (value, width) in &numbers {
        out.write(*value, *width);
        out.write_gamma(value.saturating_sub(1));
    }
    let written = out.finish();
    let mut reader = BitReader::new(&written);
    for (value, width) in &numbers {
        assert_eq!(reader.read(*width), Ok(*value));
        assert_eq!(reader.read_gamma(), Ok(value.saturating_sub(1)));
    }
    assert_eq!(reader.finish(), Ok(()));
}

/// The bytes behind the kind of a client's control message.
pub fn client_control(bytes: &[u8]) {
    let Ok(message) = decode_client::<Sandbox>(&with_kind(0, bytes), &GAME) else {
        return;
    };
    let ClientMessage::Control(control) = &message else {
        panic!("kind 0 is control");
    };
    let again = decode_client::<Sandbox>(&control.encode(), &GAME);
    assert_eq!(again, Ok(message));
}

/// The bytes behind the kind of commands.
pub fn commands(bytes: &[u8]) {
    let Ok(message) = decode_client::<Sandbox>(&with_kind(1, bytes), &GAME) else {
        return;
    };
    let ClientMessage::Commands(commands) = &message else {
        panic!("kind 1 is commands");
    };
    assert!((1..=MAX_COMMANDS).contains(&commands.list.len()));
    let written = commands.encode(&GAME.input);
    let Ok(ClientMessage::Commands(again)) = decode_client::<Sandbox>(&written, &GAME) else {
        panic!("what was written must be readable");
    };
    // The bytes, because a peer may name another component of a rotation as the largest than this end would.
    assert_eq!(again.encode(&GAME.input), written);
}

/// The bytes behind the kind of a server's control message.
pub fn server_control(bytes: &[u8]) {
    if let Ok(ServerMessage::Control(control)) = decode_server(&with_kind(0, bytes)) {
        let again = control.encode();
        assert_eq!(decode_server(&again), Ok(ServerMessage::Control(control)));
    }
}

/// The bytes behind the kind of events; also as a single event.
pub fn events(bytes: &[u8]) {
    event(bytes);
    let message = with_kind(2, bytes);
    if let Ok(ServerMessage::Events(batch)) = decode_server(&message) {
        batch.events.iter().for_each(|entry| event(entry.body));
        assert_eq!(batch.encode(), message);
    }
}

fn event(bytes: &[u8]) {
    if let Ok(event) = decode_event::<Event>(bytes)
        && let Ok(written) = encode_event(&event)
    {
        // Compared as bytes, because a float that is not a number is not itself.
        let read = decode_event::<Event>(&written).map(|event| encode_event(&event));
        assert_eq!(read, Ok(Ok(written)));
    }
}

/// Messages behind each other, before each a byte with its length, at a receiver that has had some snapshots. The first byte says in
/// which cadence.
pub fn snapshots(bytes: &[u8]) {
    let (cadence, mut bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let course = &COURSES[usize::from(*cadence) % COURSES.len()];
    let mut receiver = course.receiver();
    for message in &course.messages[..course.known] {
        receive(&mut receiver, message).expect("a seed is well-formed");
    }
    let mut is_changed = false;
    while let Some((length, rest)) = bytes.split_first() {
        let length = usize::from(*length).min(rest.len());
        let (message, rest) = rest.split_at(length);
        let message = seeds::as_snapshot(message);
        let before = (receiver.history().latest().cloned(), receiver.audit());
        if receive(&mut receiver, &message).is_err() {
            let after = (receiver.history().latest().cloned(), receiver.audit());
            assert_eq!(after, before);
        } else {
            is_changed = true;
        }
        bytes = rest;
    }
    // Whatever was refused has left nothing behind: what really comes next is understood as ever.
    if !is_changed {
        for message in &course.messages[course.known..] {
            receive(&mut receiver, message).expect("a seed is well-formed");
            assert!(!receiver.is_broken());
        }
    }
}

fn receive(receiver: &mut Receiver, message: &[u8]) -> Result<(), DecodeError> {
    let ServerMessage::Snapshot(header, body) = decode_server(message)? else {
        panic!("kind 1 is a snapshot");
    };
    let tick = receiver.tick_of(header)?;
    let mut ledger = Ledger::new();
    let snapshot = receiver.read_explained(header, body, &mut ledger)?;
    assert_eq!(snapshot.tick(), tick);
    assert_eq!(ledger.total(), 8 * body.len() as u64);
    check(snapshot);
    Ok(())
}

/// The bytes become a world and its course, and what two clients see of it.
pub fn codec(bytes: &[u8]) {
    world::play(bytes);
}

/// The bytes as a file of tables; also behind the start that such a file has.
pub fn tables(bytes: &[u8]) {
    tables::try_out(bytes);
    let start = [b"TWT1".as_slice(), &GAME.rows.hash().to_le_bytes()];
    tables::try_out(&[&start.concat(), bytes].concat());
}

/// Whatever a snapshot came from, its rows are in order and its words in range.
fn check(snapshot: &Snapshot) {
    let schema = snapshot.schema();
    assert!(snapshot.len() <= schema.max_rows());
    assert!(snapshot.ids().is_sorted_by(|a, b| a < b));
    for row in snapshot.rows() {
        assert_eq!(row.mask & !schema.full_mask(), 0);
        for (i, component) in schema.components().iter().enumerate() {
            let columns = &schema.columns()[component.columns.clone()];
            for (column, word) in columns.iter().zip(&row.words[component.columns.clone()]) {
                let max = if row.mask >> i & 1 == 1 {
                    column.max
                } else {
                    0
                };
                assert!(*word <= max, "{} is {word}", column.name);
            }
        }
        let _ = format!("{row:?}");
    }
}

fn with_kind(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}
