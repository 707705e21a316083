//! What the fuzz targets do with their bytes. Each function takes any bytes at all and panics only if the wire has a defect.

#![forbid(unsafe_code)]

mod game;
mod seeds;

use std::sync::{Arc, LazyLock};

use tickwire_protocol::bits::{BitReader, BitWriter};
use tickwire_protocol::limits::{HISTORY_TICKS, MAX_COMMANDS};
use tickwire_protocol::message::{
    ClientMessage, ServerMessage, decode_client, decode_event, decode_server, encode_event,
};
use tickwire_protocol::{DecodeError, GameSchema, NetId, Receiver, Schema, Snapshot, Tick};

pub use seeds::seeds;

use game::{Event, Sandbox};

static GAME: LazyLock<GameSchema> = LazyLock::new(GameSchema::of::<Sandbox>);

/// A target's name and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("bits", bits),
    ("client_control", client_control),
    ("commands", commands),
    ("delta", delta),
    ("events", events),
    ("server_control", server_control),
    ("snapshots", snapshots),
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

/// Messages behind each other, before each a byte with its length, at a receiver that has two snapshots already.
pub fn snapshots(mut bytes: &[u8]) {
    let mut receiver = Receiver::new(Arc::clone(&GAME.rows));
    for seed in seeds::snapshot_messages() {
        receive(&mut receiver, &seed).expect("a seed is well-formed");
    }
    while let Some((length, rest)) = bytes.split_first() {
        let length = usize::from(*length).min(rest.len());
        let (message, rest) = rest.split_at(length);
        let before = receiver.history().latest().map(|s| s.tick());
        if receive(&mut receiver, &with_kind(1, message)).is_err() {
            assert_eq!(receiver.history().latest().map(|s| s.tick()), before);
        }
        bytes = rest;
    }
}

fn receive(receiver: &mut Receiver, message: &[u8]) -> Result<(), DecodeError> {
    let ServerMessage::Snapshot(header, delta) = decode_server(message)? else {
        panic!("kind 1 is a snapshot");
    };
    let baseline = header
        .baseline
        .and_then(|tick| receiver.history().get(tick).cloned());
    let snapshot = receiver.read(header, delta)?;
    assert_eq!(snapshot.tick(), header.tick);
    check(snapshot);
    if let Some(baseline) = baseline {
        assert!(header.tick.since(baseline.tick()).unsigned_abs() < HISTORY_TICKS);
        there_and_back(&baseline, snapshot);
    }
    Ok(())
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

fn there_and_back(from: &Snapshot, to: &Snapshot) {
    let mut out = BitWriter::new();
    tickwire_protocol::delta::encode(from, to, &mut out);
    let bytes = out.finish();
    let mut bits = BitReader::new(&bytes);
    let seen = tickwire_protocol::delta::decode(from, to.tick(), &mut bits);
    assert_eq!(bits.finish(), Ok(()));
    assert_eq!(seen.as_ref(), Ok(to));
    assert_eq!(seen.map(|seen| seen.hash()), Ok(to.hash()));
}

/// The bytes become two snapshots.
pub fn delta(bytes: &[u8]) {
    let (a, b) = bytes.split_at(bytes.len() / 2);
    let a = snapshot_of(&GAME.rows, Tick(1), a);
    let b = snapshot_of(&GAME.rows, Tick(2), b);
    let empty = Snapshot::new(Arc::clone(&GAME.rows), Tick(0));
    for (from, to) in [(&a, &b), (&empty, &b), (&b, &empty)] {
        there_and_back(from, to);
    }
}

/// Takes from the bytes, row by row: the gap to the last id, the mask, and for each of its words one byte.
fn snapshot_of(schema: &Arc<Schema>, tick: Tick, bytes: &[u8]) -> Snapshot {
    let mut snapshot = Snapshot::new(Arc::clone(schema), tick);
    let mut bytes = bytes.iter().copied();
    let mut id = 0;
    while let (Some(gap), Some(mask)) = (bytes.next(), bytes.next()) {
        id += 1 + if gap < 250 {
            u32::from(gap) / 8
        } else {
            0x1_0000
        };
        if id > tickwire_protocol::limits::MAX_NET_ID {
            break;
        }
        let mask = u32::from(mask) & schema.full_mask();
        let words = snapshot.push(NetId(id), mask);
        for (i, component) in schema.components().iter().enumerate() {
            for place in component.columns.clone() {
                let max = u64::from(schema.columns()[place].max);
                if mask >> i & 1 == 1 {
                    let share = u64::from(bytes.next().unwrap_or(0));
                    words[place] = u32::try_from(max * share / 255).expect("a share is no more");
                }
            }
        }
    }
    snapshot
}

fn with_kind(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}
