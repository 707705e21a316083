//! Any bytes at every decoder: a value or an error, never a panic. (The fuzz targets do the same for longer.)

use std::sync::Arc;

use proptest::prelude::*;
use tickwire_protocol::limits::{MAX_CLIENT_MESSAGE, MAX_COMMANDS, MAX_SERVER_MESSAGE};
use tickwire_protocol::message::{
    ClientMessage, ServerMessage, decode_client, decode_event, decode_server,
};
use tickwire_protocol::{DecodeError, GameSchema, History, NetId, Receiver, Sight, Snapshot, Tick};

use crate::arbitrary::{any_client_message, any_server_message};
use crate::everything::{Event, Sandbox, any_course, deltas, receiver, rows, sender};

/// Everything that a server does with bytes from a client before the room sees them.
fn as_server(bytes: &[u8]) {
    let schema = GameSchema::of::<Sandbox>();
    match decode_client::<Sandbox>(bytes, &schema) {
        Ok(ClientMessage::Commands(commands)) => {
            assert!((1..=MAX_COMMANDS).contains(&commands.list.len()));
            // As bytes, because a peer may name another component of a rotation as the largest than this end would.
            let written = commands.encode(&schema.input);
            let Ok(ClientMessage::Commands(read)) = decode_client::<Sandbox>(&written, &schema)
            else {
                panic!("what was written must be readable");
            };
            assert_eq!(read.encode(&schema.input), written);
        }
        Ok(ClientMessage::Control(control)) => {
            let read = decode_client::<Sandbox>(&control.encode(), &schema);
            assert_eq!(read, Ok(ClientMessage::Control(control)));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Everything that a client does with bytes from a server.
fn as_client(bytes: &[u8], receiver: &mut Receiver) {
    match decode_server(bytes) {
        Ok(ServerMessage::Control(control)) => {
            let again = control.encode();
            assert_eq!(decode_server(&again), Ok(ServerMessage::Control(control)));
        }
        Ok(ServerMessage::Snapshot(header, body)) => {
            let max_rows = rows().max_rows();
            if let Ok(snapshot) = receiver.read(header, body) {
                assert!(snapshot.len() <= max_rows);
            }
        }
        Ok(ServerMessage::Events(batch)) => {
            for event in batch.events {
                let _ = decode_event::<Event>(event.body);
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// `bytes`, cut at one place and with some bits turned over.
fn damaged(mut bytes: Vec<u8>, cut: usize, flips: &[usize]) -> Vec<u8> {
    bytes.truncate(bytes.len() - cut % (bytes.len() + 1));
    let bits = bytes.len() * 8;
    for flip in flips.iter().filter(|_| bits > 0) {
        bytes[flip % bits / 8] ^= 1 << (flip % 8);
    }
    bytes
}

fn any_damage() -> impl Strategy<Value = (usize, Vec<usize>)> {
    let cut = prop_oneof![Just(0), any::<usize>()];
    (cut, prop::collection::vec(any::<usize>(), 0..4))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn random_bytes(mut bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 0..4_u8) {
        as_server(&bytes);
        as_client(&bytes, &mut receiver());
        let _ = decode_event::<Event>(&bytes);
        if let Some(first) = bytes.first_mut() {
            *first = kind;
        }
        as_server(&bytes);
        as_client(&bytes, &mut receiver());
    }

    #[test]
    fn damaged_messages(client in any_client_message(), server in any_server_message(), (cut, flips) in any_damage()) {
        as_server(&damaged(client, cut, &flips));
        as_client(&damaged(server, cut, &flips), &mut receiver());
    }

    #[test]
    fn damaged_snapshots(course in any_course(), at in any::<prop::sample::Index>(), (cut, flips) in any_damage()) {
        let (mut history, mut deltas) = (History::new(), deltas());
        let (mut sender, mut receiver) = (sender(), receiver());
        let course = &course[..course.len().min(20)];
        let at = at.index(course.len());
        for (i, now) in course.iter().enumerate() {
            history.push(Arc::clone(now));
            deltas.set(Arc::clone(now));
            let mut message = sender.write(None, Sight::All, None, &history, &mut deltas).unwrap();
            if i == at {
                message = damaged(message.into(), cut, &flips).into();
            }
            as_client(&message, &mut receiver);
        }
    }
}

#[test]
fn every_cut_of_a_snapshot_is_an_error() {
    let mut snapshot = Snapshot::new(rows(), Tick(1));
    snapshot.push(NetId(3), 0b1111);
    let (mut history, mut deltas) = (History::new(), deltas());
    history.push(Arc::new(snapshot));
    deltas.set(Arc::clone(history.latest().unwrap()));
    let message = sender().write(None, Sight::All, None, &history, &mut deltas);
    let message = message.unwrap();
    for len in 0..message.len() {
        let read = decode_server(&message[..len]).and_then(|message| match message {
            ServerMessage::Snapshot(header, body) => receiver().read(header, body).map(|_| ()),
            other => panic!("not a snapshot: {other:?}"),
        });
        assert_eq!(read, Err(DecodeError::Truncated));
    }
}

#[test]
fn what_is_too_long_is_not_even_looked_at() {
    let too_long = |length: usize, max: usize, what| DecodeError::OutOfRange {
        what,
        value: length as u64,
        max: max as u64,
    };
    let schema = GameSchema::of::<Sandbox>();
    let length = MAX_CLIENT_MESSAGE + 1;
    assert_eq!(
        decode_client::<Sandbox>(&vec![0; length], &schema),
        Err(too_long(
            length,
            MAX_CLIENT_MESSAGE,
            "length of a client message"
        ))
    );
    let length = MAX_SERVER_MESSAGE + 1;
    assert_eq!(
        decode_server(&vec![1; length]),
        Err(too_long(
            length,
            MAX_SERVER_MESSAGE,
            "length of a server message"
        ))
    );
}

#[test]
fn events_that_claim_much_allocate_little_and_end() {
    // A list that claims 4 Gi elements, a text of 4 GiB, arrays in arrays.
    let list = [
        0x81, 0xA6, b'R', b'o', b's', b't', b'e', b'r', 0xDD, 255, 255, 255, 255,
    ];
    let text = [
        0x81, 0xA4, b'S', b'a', b'i', b'd', 0xDB, 255, 255, 255, 255, b'x',
    ];
    for bytes in [&list[..], &text, &[0x91; 4096], &[0x81; 4096]] {
        assert!(matches!(
            decode_event::<Event>(bytes),
            Err(DecodeError::Malformed { what: "event", .. })
        ));
    }
    let mut started = tickwire_protocol::message::encode_event(&Event::Started).unwrap();
    started.push(0xC0);
    assert_eq!(
        decode_event::<Event>(&started),
        Err(DecodeError::Trailing(1))
    );
}
