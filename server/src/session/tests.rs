//! Clients that fall behind, over a stream that holds next to nothing.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use tickwire_engine::{Host, Room, RoomConfig, RoomHandle, Sim, TickPriority};
use tickwire_protocol::GameSchema;
use tickwire_protocol::Tick;
use tickwire_protocol::message::{ClientControl, PROTOCOL_VERSION, ServerMessage, decode_server};
use tokio::io::{DuplexStream, duplex};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::*;
use crate::stopping::{Stop, stop};
use crate::stroll::{Stroll, build};

/// Longer than anything here takes; a test that gets there has failed.
const LONG: Duration = Duration::from_secs(20);

struct Pair {
    client: WebSocketStream<DuplexStream>,
    room: RoomHandle,
    _host: Host,
    _stop: Stop,
}

/// A client that has said hello, and the task that serves it.
async fn pair(ping_timeout: Duration) -> Pair {
    let host = Host::spawn("test", TickPriority::Normal).unwrap();
    let sim = Sim::<Stroll>::new(7, build);
    let room = host.add_room(Room::new(sim, RoomConfig::default()));
    // Room for two snapshots: a quiet one has a few bytes.
    let (near, far) = duplex(16);
    let (stop, stopping) = stop();
    let visitor = Visitor {
        stream: far,
        early: Vec::new(),
        session: SessionId(1),
        peer: SocketAddr::from(([127, 0, 0, 1], 1)),
    };
    let limits = SessionLimits {
        ping_timeout,
        tick_rate: 60,
        link: None,
    };
    let handle = room.clone();
    let bell = Arc::new(Bell::default());
    let ringing = Arc::clone(&bell);
    tokio::spawn(async move { ringing.wake_all().await });
    tokio::spawn(async move { run(visitor, &handle, limits, &bell, None, stopping).await });
    let mut client = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
    let schema = GameSchema::of::<Stroll>();
    let hello = ClientControl::Hello {
        protocol: PROTOCOL_VERSION,
        schema: schema.hash,
        tables: schema.tables.hash,
        game: schema.name.into(),
        name: "Ada".into(),
        token: None,
    };
    client.send(Message::binary(hello.encode())).await.unwrap();
    Pair {
        client,
        room,
        _host: host,
        _stop: stop,
    }
}

async fn until(condition: impl Fn() -> bool) {
    let waiting = async {
        while !condition() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, waiting).await.expect("it happens at last");
}

/// The tick of the next snapshot after that of `last`.
async fn next_snapshot(client: &mut WebSocketStream<DuplexStream>, last: Option<Tick>) -> Tick {
    loop {
        let message = timeout(LONG, client.next())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let Message::Binary(bytes) = message else {
            continue;
        };
        if let Ok(ServerMessage::Snapshot(header, _)) = decode_server(&bytes) {
            return header.start.tick(last).unwrap();
        }
    }
}

#[tokio::test]
async fn a_slow_client_gets_fewer_snapshots_and_never_a_queue() {
    let mut pair = pair(Duration::from_secs(60)).await;
    let (client, room) = (&mut pair.client, &pair.room);
    let mut last = next_snapshot(client, None).await;
    until(|| room.stats().skipped_snapshots() >= 30).await;
    let before = room.stats().ticks();
    let mut next = next_snapshot(client, Some(last)).await;
    // What lies in the stream, what was being written, what waited for that: then it is the present again.
    let mut old = 0;
    while u64::from(next.0) < before {
        old += 1;
        last = next;
        next = next_snapshot(client, Some(last)).await;
    }
    assert!(old <= 6, "{old} old snapshots had been kept");
}

#[tokio::test]
async fn a_client_that_stops_reading_is_gone_after_the_ping_timeout() {
    let pair = pair(Duration::from_secs(1)).await;
    until(|| pair.room.stats().players() == 1).await;
    until(|| pair.room.stats().players() == 0).await;
}
