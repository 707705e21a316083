//! Sockets that break, and players who come back.

use std::net::SocketAddr;
use std::time::Duration;

use crate::client::{Client, LONG, get};
use tickwire_engine::Sim;
use tickwire_protocol::NetId;
use tickwire_protocol::message::{ClientControl, ServerControl, Token, Welcome};
use tickwire_server::{Server, ServerConfig};
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

async fn start(seat_kept: Duration) -> Server {
    let mut config = ServerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        ..ServerConfig::default()
    };
    config.room.seat_kept = seat_kept;
    let sim = Sim::new(7, crate::stroll::build);
    Server::start(sim, config).await.unwrap()
}

/// Waits until the room counts so many players and so many kept seats.
#[track_caller]
fn counts(server: &Server, players: u32, kept: u32) -> impl Future<Output = ()> {
    let waiting = async move {
        while (server.stats().players(), server.stats().kept_seats()) != (players, kept) {
            sleep(Duration::from_millis(5)).await;
        }
    };
    async { timeout(LONG, waiting).await.expect("the room hears of it") }
}

async fn welcome(client: &mut Client) -> (NetId, Option<Token>) {
    let welcome = client.control().await;
    let ServerControl::Welcome(Welcome { own, token, .. }) = welcome else {
        panic!("{welcome:?}");
    };
    client.say(&ClientControl::Ping { sent: 1 }).await;
    client.control().await;
    (own, token)
}

async fn join(server: &Server) -> (Client, NetId, Option<Token>) {
    let mut client = Client::join(server.address(), "Ada").await;
    let (own, token) = welcome(&mut client).await;
    (client, own, token)
}

fn close(code: CloseCode) -> Option<CloseFrame> {
    let reason = "".into();
    Some(CloseFrame { code, reason })
}

#[tokio::test]
async fn a_socket_that_breaks_leaves_the_seat_to_who_has_the_token() {
    let server = start(Duration::from_secs(30)).await;
    let (client, own, token) = join(&server).await;
    // No farewell of the WebSocket: the process died, or the network is gone.
    drop(client);
    counts(&server, 0, 1).await;
    let health = get(server.address(), "/healthz").await;
    assert!(health.contains(r#""kept_seats":1"#), "{health}");
    let mut again = Client::come_back(server.address(), "Ada", token).await;
    assert_eq!(welcome(&mut again).await, (own, token));
    counts(&server, 1, 0).await;
    // A tab that is shut or loaded anew says this.
    again.socket.close(close(CloseCode::Away)).await.unwrap();
    counts(&server, 0, 1).await;
    let mut first = Client::come_back(server.address(), "Ada", token).await;
    assert_eq!(welcome(&mut first).await, (own, token));
    let mut second = Client::come_back(server.address(), "Ada", token).await;
    assert_eq!(welcome(&mut second).await, (own, token));
    let last = first.control().await;
    assert!(
        matches!(&last, ServerControl::Goodbye { reason, retry: false } if reason.contains("another connection")),
        "{last:?}"
    );
    assert_eq!(first.close().await.code, CloseCode::Normal);
    counts(&server, 1, 0).await;
    let guess = Some(Token::new([0; 16]));
    let mut guesser = Client::come_back(server.address(), "Eve", guess).await;
    assert_ne!(welcome(&mut guesser).await.0, own);
    counts(&server, 2, 0).await;
    server.stop("the end").await;
}

#[tokio::test]
async fn who_means_to_leave_leaves_at_once() {
    let server = start(Duration::from_secs(30)).await;
    let (mut client, ..) = join(&server).await;
    client.socket.close(close(CloseCode::Normal)).await.unwrap();
    counts(&server, 0, 0).await;
    let (mut client, ..) = join(&server).await;
    client.say(&ClientControl::Goodbye).await;
    counts(&server, 0, 0).await;
    server.stop("the end").await;
}

#[tokio::test]
async fn a_seat_is_kept_for_as_long_as_the_setting_says() {
    let server = start(Duration::from_millis(300)).await;
    let (client, own, token) = join(&server).await;
    drop(client);
    counts(&server, 0, 1).await;
    counts(&server, 0, 0).await;
    let mut late = Client::come_back(server.address(), "Ada", token).await;
    assert_ne!(welcome(&mut late).await.0, own);
    server.stop("the end").await;
    let server = start(Duration::ZERO).await;
    let (client, _, token) = join(&server).await;
    assert_eq!(token, None);
    drop(client);
    counts(&server, 0, 0).await;
    server.stop("the end").await;
}
