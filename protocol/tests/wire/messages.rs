//! Messages there and back.

use proptest::prelude::*;
use tickwire_protocol::limits::{MAX_CLIENT_MESSAGE, MAX_EVENT, MAX_NAME, MAX_TEXT};
use tickwire_protocol::message::{
    ClientControl, ClientMessage, Command, Commands, ServerControl, ServerMessage, View,
    decode_client, decode_event, decode_server, encode_event,
};
use tickwire_protocol::{DecodeError, GameSchema, Tick};

use crate::arbitrary::{
    any_batch, any_client_control, any_commands, any_event, any_header, any_server_control, batch,
};
use crate::everything::{Event, Input, Sandbox};

fn schema() -> GameSchema {
    GameSchema::of::<Sandbox>()
}

proptest! {
    #[test]
    fn control_messages_come_back(client in any_client_control(), server in any_server_control()) {
        let bytes = client.encode();
        prop_assert!(bytes.len() <= MAX_CLIENT_MESSAGE);
        prop_assert_eq!(decode_client::<Sandbox>(&bytes, &schema()), Ok(ClientMessage::Control(client)));
        let bytes = server.encode();
        prop_assert_eq!(decode_server(&bytes), Ok(ServerMessage::Control(server)));
    }

    #[test]
    fn commands_come_back(commands in any_commands()) {
        let schema = schema();
        let bytes = commands.encode(&schema.input);
        prop_assert!(bytes.len() <= MAX_CLIENT_MESSAGE);
        prop_assert_eq!(decode_client::<Sandbox>(&bytes, &schema), Ok(ClientMessage::Commands(commands)));
    }

    #[test]
    fn snapshot_headers_come_back(header in any_header()) {
        let mut bytes = header.encode();
        bytes.push(9);
        prop_assert_eq!(decode_server(&bytes), Ok(ServerMessage::Snapshot(header, &[9])));
    }

    #[test]
    fn events_come_back(event in any_event(), (tick, bodies) in any_batch()) {
        prop_assert_eq!(decode_event::<Event>(&encode_event(&event).unwrap()), Ok(event));
        let batch = batch(tick, &bodies);
        let bytes = batch.encode();
        prop_assert_eq!(decode_server(&bytes), Ok(ServerMessage::Events(batch)));
    }
}

#[test]
fn texts_are_cut_at_a_character_and_refused_when_too_long() {
    let long = "ä".repeat(MAX_TEXT);
    let hello = ClientControl::Hello {
        protocol: 1,
        schema: 2,
        tables: 3,
        game: long.clone(),
        name: long.clone(),
        token: None,
    };
    let read = decode_client::<Sandbox>(&hello.encode(), &schema());
    let Ok(ClientMessage::Control(ClientControl::Hello { game, name, .. })) = read else {
        panic!("not a hello: {read:?}");
    };
    assert_eq!((game.len(), name.len()), (MAX_TEXT, MAX_NAME));
    let goodbye = ServerControl::Goodbye {
        reason: format!("x{long}"),
        retry: true,
    };
    let Ok(ServerMessage::Control(ServerControl::Goodbye { reason, .. })) =
        decode_server(&goodbye.encode())
    else {
        panic!("not a goodbye");
    };
    assert_eq!(reason.len(), MAX_TEXT - 1, "the last ä does not fit");

    // Kind, variant, length as a varint of 16 bits, text, flag.
    let mut bytes = vec![0, 3, 251, 1, 1];
    bytes.extend([b'x'; MAX_TEXT + 1]);
    bytes.push(0);
    assert!(matches!(
        decode_server(&bytes),
        Err(DecodeError::OutOfRange {
            what: "length of the reason",
            value: 257,
            max: 256
        })
    ));
}

#[test]
fn a_view_out_of_reach_is_left_out() {
    let command = |view| Commands {
        ack: None,
        list: vec![Command {
            tick: Tick(1000),
            view: Some(view),
            input: Input::default(),
        }],
    };
    let view = |from, to| View {
        from: Tick(from),
        to: Tick(to),
        fraction: 0,
    };
    for (view, kept) in [
        (view(745, 808), true),
        (view(744, 745), false),
        (view(900, 964), false),
        (view(901, 900), false),
        (view(1001, 1001), false),
    ] {
        let bytes = command(view).encode(&schema().input);
        let Ok(ClientMessage::Commands(read)) = decode_client::<Sandbox>(&bytes, &schema()) else {
            panic!("not commands");
        };
        assert_eq!(read.list[0].view, kept.then_some(view));
    }
}

#[test]
fn an_event_too_long_is_not_written() {
    let text = |len| encode_event(&Event::Said("x".repeat(len)));
    // A map of one, "Said", and the text's own head: 1 + 5 + 3 bytes.
    assert_eq!(text(MAX_EVENT - 9).map(|bytes| bytes.len()), Ok(MAX_EVENT));
    assert_eq!(
        text(MAX_EVENT - 8),
        Err("an event has 4097 bytes; at most 4096 are allowed".to_owned())
    );
    let bytes = vec![0xC0; MAX_EVENT + 1];
    assert!(matches!(
        decode_event::<()>(&bytes),
        Err(DecodeError::OutOfRange { .. })
    ));
}
