//! A server and hand-made clients over real sockets.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod client;
mod explain;
mod seats;
#[path = "../support/stroll.rs"]
mod stroll;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use client::{Client, LONG, get};
use futures_util::SinkExt;
use stroll::{Stroll, build};
use tickwire_engine::Sim;
use tickwire_protocol::limits::MAX_CLIENT_MESSAGE;
use tickwire_protocol::link::Link;
use tickwire_protocol::message::{
    ClientControl, PROTOCOL_VERSION, ServerControl, ServerMessage, Welcome, decode_server,
};
use tickwire_server::{Error, Server, ServerConfig};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};

fn config() -> ServerConfig {
    ServerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..ServerConfig::default()
    }
}

async fn start(config: ServerConfig) -> Server {
    let sim = Sim::<Stroll>::new(7, build);
    Server::start(sim, config).await.unwrap()
}

#[tokio::test]
async fn a_hello_is_welcomed_and_snapshots_follow() {
    let server = start(config()).await;
    let mut client = Client::join(server.address(), "Ada").await;
    let welcome = client.control().await;
    let ServerControl::Welcome(Welcome {
        tick_rate,
        snapshot_interval,
        level,
        ..
    }) = welcome
    else {
        panic!("{welcome:?}");
    };
    assert_eq!(
        (tick_rate, snapshot_interval, level.as_str()),
        (60, 2, "lane")
    );
    let bytes = client.next().await.unwrap();
    assert!(matches!(
        decode_server(&bytes),
        Ok(ServerMessage::Snapshot(..))
    ));
    client.say(&ClientControl::Ping { sent: 42 }).await;
    let pong = client.control().await;
    assert!(
        matches!(pong, ServerControl::Pong { sent: 42, .. }),
        "{pong:?}"
    );
    players(&server, 1).await;
    client.socket.close(None).await.unwrap();
    drop(client);
    players(&server, 0).await;
}

#[tokio::test]
async fn a_simulated_link_is_told_and_delays_both_ways() {
    let link = Some(Link {
        loss: 0.0,
        ..Link::P3
    });
    let server = start(ServerConfig { link, ..config() }).await;
    let mut client = Client::join(server.address(), "Ada").await;
    let notice = client.control().await;
    let text = "The server simulates a bad link: round trip 100 ± 20 ms".to_owned();
    assert_eq!(notice, ServerControl::Notice { text });
    let mut round_trips = Vec::new();
    for sent in 0..20 {
        let asked = Instant::now();
        client.say(&ClientControl::Ping { sent }).await;
        loop {
            if let ServerControl::Pong { sent: of, held, .. } = client.control().await {
                assert_eq!(of, sent);
                round_trips.push(asked.elapsed() - Duration::from_micros(held.into()));
                break;
            }
        }
    }
    round_trips.sort();
    let least = Duration::from_millis(80);
    // On a busy machine it may take longer, but not half of the time.
    assert!(round_trips[0] >= least, "{round_trips:?}");
    assert!(round_trips[10] < 2 * least, "{round_trips:?}");
    let last_words = async {
        while let Ok(bytes) = client.next().await {
            if let ServerMessage::Control(ServerControl::Goodbye { reason, .. }) =
                decode_server(&bytes).unwrap()
            {
                return reason;
            }
        }
        panic!("the last word comes over the link too");
    };
    let (reason, ()) = tokio::join!(last_words, server.stop("the end"));
    assert_eq!(reason, "the end");
}

/// Waits until the room counts that many.
async fn players(server: &Server, number: u32) {
    let waiting = async {
        while server.stats().players() != number {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, waiting).await.expect("the room hears of it");
}

#[tokio::test]
async fn a_wrong_schema_is_refused_in_words() {
    let server = start(config()).await;
    let mut client = Client::connect(server.address()).await;
    client
        .say(&ClientControl::Hello {
            protocol: PROTOCOL_VERSION,
            schema: 1,
            tables: 0,
            game: "Other".into(),
            name: "Ada".into(),
            token: None,
        })
        .await;
    let reject = client.control().await;
    let ServerControl::Reject {
        reason,
        retry: false,
    } = reject
    else {
        panic!("{reject:?}");
    };
    assert!(
        reason.contains("Stroll") && reason.contains("Other"),
        "{reason}"
    );
    assert_eq!(client.close().await.code, CloseCode::Normal);
}

#[tokio::test]
async fn a_client_without_the_subprotocol_is_refused() {
    let server = start(config()).await;
    for offer in [None, Some("tickwire.v0")] {
        let Err(tungstenite::Error::Http(answer)) =
            Client::try_connect(server.address(), offer).await
        else {
            panic!("{offer:?} was accepted");
        };
        assert_eq!(answer.status(), 400);
        let body =
            String::from_utf8_lossy(answer.body().as_deref().unwrap_or_default()).into_owned();
        assert!(body.contains("tickwire.v3"), "{body}");
    }
}

#[tokio::test]
async fn what_no_client_sends_ends_the_session_with_a_reason() {
    let server = start(config()).await;
    let too_long = Message::binary(vec![0; MAX_CLIENT_MESSAGE + 1]);
    for (message, code) in [
        (too_long, CloseCode::Size),
        (Message::text("hello"), CloseCode::Unsupported),
    ] {
        let mut early = Client::connect(server.address()).await;
        early.socket.send(message.clone()).await.unwrap();
        assert_eq!(early.close().await.code, code);
        let mut playing = Client::join(server.address(), "Ada").await;
        playing.socket.send(message).await.unwrap();
        assert_eq!(playing.close().await.code, code);
    }
}

#[tokio::test]
async fn a_flood_ends_the_session() {
    let server = start(config()).await;
    let mut client = Client::join(server.address(), "Ada").await;
    let flood = async {
        // The server closes in the midst of it; either end may notice first.
        while client.socket.feed(Message::Ping("".into())).await.is_ok() {}
    };
    timeout(LONG, flood).await.unwrap();
}

#[tokio::test]
async fn who_says_nothing_is_closed() {
    let server = start(config()).await;
    let mut client = Client::connect(server.address()).await;
    let frame = client.close().await;
    assert_eq!(frame.code, CloseCode::Policy);
    assert!(frame.reason.contains("hello"), "{}", frame.reason);
}

#[tokio::test]
async fn who_answers_no_ping_is_closed() {
    let server = start(ServerConfig {
        ping_timeout: Duration::from_secs(1),
        ..config()
    })
    .await;
    let mut client = Client::join(server.address(), "Ada").await;
    client.control().await;
    players(&server, 1).await;
    // Pings are answered while reading, and from here on nobody reads.
    players(&server, 0).await;
}

#[tokio::test]
async fn stopping_tells_the_players_and_takes_less_than_two_seconds() {
    let server = start(config()).await;
    let address = server.address();
    let mut player = Client::join(address, "Ada").await;
    let welcome = player.control().await;
    assert!(matches!(welcome, ServerControl::Welcome(_)));
    let mut silent = Client::connect(address).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    let begun = Instant::now();
    let watching = async {
        let goodbye = player.control().await;
        let ServerControl::Goodbye {
            reason,
            retry: true,
        } = goodbye
        else {
            panic!("{goodbye:?}");
        };
        assert_eq!(reason, "maintenance");
        assert_eq!(player.close().await.code, CloseCode::Normal);
        assert_eq!(silent.close().await.code, CloseCode::Away);
        let mut end = [0];
        assert_eq!(
            timeout(LONG, idle.read(&mut end))
                .await
                .unwrap()
                .unwrap_or(0),
            0
        );
    };
    tokio::join!(server.stop("maintenance"), watching);
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn one_port_has_page_level_health_and_socket() {
    let server = start(config()).await;
    let address = server.address();
    let health = get(address, "/healthz").await;
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    assert!(health.contains(r#""status":"ok""#), "{health}");
    assert!(get(address, "/level").await.ends_with("\r\n\r\n----"));
    let page = get(address, "/").await;
    assert!(
        page.starts_with("HTTP/1.1 404 ") && page.contains("--web-dir"),
        "{page}"
    );
    assert!(get(address, "/ws").await.starts_with("HTTP/1.1 426 "));
}

#[tokio::test]
async fn a_folder_is_served_and_nothing_outside_of_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("dist")).unwrap();
    std::fs::write(folder.path().join("dist/index.html"), "<!doctype html>").unwrap();
    std::fs::write(folder.path().join("secret"), "password").unwrap();
    let site = tickwire_server::Site::folder(folder.path().join("dist")).unwrap();
    let server = start(ServerConfig { site, ..config() }).await;
    assert!(
        get(server.address(), "/")
            .await
            .ends_with("<!doctype html>")
    );
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/..%2fsecret",
        "/a/../../secret",
    ] {
        let answer = get(server.address(), path).await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
        assert!(!answer.contains("password"));
    }
}

#[tokio::test]
async fn connections_are_limited() {
    let server = start(ServerConfig {
        max_connections: 1,
        ..config()
    })
    .await;
    let _first = Client::join(server.address(), "Ada").await;
    assert!(
        Client::try_connect(server.address(), Some("tickwire.v3"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let server = start(config()).await;
    let again = ServerConfig {
        bind: server.address(),
        ..config()
    };
    let Err(error) = Server::start(Sim::<Stroll>::new(7, build), again).await else {
        panic!("two servers on one port");
    };
    assert!(matches!(error, Error::AddressInUse(_)));
    assert!(error.to_string().contains("choose another port (--bind)"));
}
