//! Whose pages may connect, asked by hand as a browser would.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/stroll.rs"]
mod stroll;

use std::net::SocketAddr;
use std::time::Duration;

use tickwire_engine::Sim;
use tickwire_protocol::message::SUBPROTOCOL;
use tickwire_server::{Server, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn start(origins: &str) -> Server {
    let config = ServerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        origins: origins.parse().unwrap(),
        ..ServerConfig::default()
    };
    Server::start(Sim::new(7, stroll::build), config)
        .await
        .unwrap()
}

/// The start of the answer to a request of these lines.
async fn ask(server: &Server, path: &str, lines: &[String]) -> String {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let lines = lines.join("\r\n");
    let request = format!(
        "GET {path} HTTP/1.1\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {SUBPROTOCOL}\r\n{lines}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = timeout(Duration::from_secs(20), stream.read(&mut answer));
    let read = read.await.unwrap().unwrap();
    answer.truncate(read);
    String::from_utf8_lossy(&answer).into_owned()
}

async fn dial(server: &Server, host: &str, origin: Option<&str>) -> String {
    let mut lines = vec![format!("host: {host}")];
    lines.extend(origin.map(|origin| format!("origin: {origin}")));
    ask(server, "/ws", &lines).await
}

#[tokio::test]
async fn own_pages_and_programs_may_connect_and_other_pages_are_told_what_to_set() {
    let server = start("").await;
    let own = server.address().to_string();
    for (host, origin) in [
        (&*own, None),
        (&*own, Some(format!("http://{own}"))),
        ("play.example.org", Some("https://play.example.org".into())),
    ] {
        let answer = dial(&server, host, origin.as_deref()).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{origin:?}: {answer}");
    }
    for (origin, named) in [
        ("https://evil.org", "https://evil.org"),
        ("null", "'*'"),
        ("http://127.0.0.1:1", "http://127.0.0.1:1"),
    ] {
        let answer = dial(&server, &own, Some(origin)).await;
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
        let what = format!("start the server with --origin {named}\n");
        assert!(answer.contains(&what), "{answer}");
    }
    server.stop("the end").await;
}

#[tokio::test]
async fn a_page_that_is_named_may_connect_and_read_the_level() {
    let server = start("https://itch.example").await;
    let own = server.address().to_string();
    let answer = dial(&server, &own, Some("https://itch.example")).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    let answer = dial(&server, &own, Some("https://evil.org")).await;
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    for (origin, may) in [("https://itch.example", true), ("https://evil.org", false)] {
        let lines = [format!("host: {own}"), format!("origin: {origin}")];
        let answer = ask(&server, "/level", &lines).await.to_lowercase();
        let allowed = format!("access-control-allow-origin: {origin}\r\n");
        assert_eq!(answer.contains(&allowed), may, "{answer}");
    }
    server.stop("the end").await;
}
