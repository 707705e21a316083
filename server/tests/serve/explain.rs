//! What the server says of its bytes, against the bytes that come.

use std::net::SocketAddr;

use crate::client::{Client, get};
use crate::stroll::{Stroll, build};
use serde_json::Value;
use tickwire_engine::Sim;
use tickwire_protocol::explain::websocket_header;
use tickwire_server::{Server, ServerConfig};

async fn start(explain: bool) -> Server {
    let config = ServerConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], 0)),
        explain,
        ..ServerConfig::default()
    };
    let mut sim = Sim::<Stroll>::new(7, build);
    for _ in 0..5 {
        sim.join_bot("bot");
    }
    Server::start(sim, config).await.unwrap()
}

async fn explained(server: &Server, query: &str) -> Value {
    let answer = get(server.address(), &format!("/explain.json{query}")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("200 OK"), "{head}");
    serde_json::from_str(body).unwrap()
}

/// Bytes of what comes next.
async fn receive(client: &mut Client) -> u64 {
    let len = client.next().await.unwrap().len() as u64;
    len + websocket_header(len)
}

#[tokio::test]
async fn every_byte_that_comes_is_explained() {
    let server = start(true).await;
    let mut ada = Client::join(server.address(), "Ada").await;
    let mut bob = Client::join(server.address(), "Bob").await;
    let mut received = [0, 0];
    for _ in 0..20 {
        received[0] += receive(&mut ada).await;
        received[1] += receive(&mut bob).await;
    }
    let all = explained(&server, "").await;
    assert_eq!(
        (&all["game"], &all["tickRate"]),
        (&"Stroll".into(), &60.into())
    );
    let names = all["clients"].as_array().unwrap().iter();
    let names: Vec<_> = names
        .map(|client| client["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Ada", "Bob"]);
    let parts = all["clients"].as_array().unwrap().iter();
    let parts = parts.map(|client| client["bits"].as_u64().unwrap());
    assert_eq!(all["all"]["tree"]["bits"], parts.sum::<u64>());
    let bodies = all["all"]["tree"]["children"].as_array().unwrap().iter();
    assert!(
        bodies
            .map(|node| &node["name"])
            .any(|name| name == "messages")
    );

    // What is told is ahead of what came; it is a whole number of messages, and that many will come.
    for (i, client) in [&mut ada, &mut bob].into_iter().enumerate() {
        let session = &all["clients"][i]["session"];
        let own = explained(&server, &format!("?client={session}")).await;
        assert_eq!(own["clients"][i].get("broken"), None);
        let told = own["all"]["tree"]["bits"].as_u64().unwrap();
        while 8 * received[i] < told {
            received[i] += receive(client).await;
        }
        assert_eq!(8 * received[i], told, "client {i}");
    }

    let sent = explained(&server, "").await["all"]["tree"]["bits"].as_u64();
    drop((ada, bob));
    let mut later = explained(&server, "").await;
    while !later["clients"].as_array().unwrap().is_empty() {
        later = explained(&server, "").await;
    }
    assert!(
        later["all"]["tree"]["bits"].as_u64() >= sent,
        "the past stays"
    );
}

#[tokio::test]
async fn the_page_is_there_only_when_asked_for() {
    let server = start(true).await;
    for (path, kind) in [
        ("/explain", "text/html"),
        ("/explain/view.js", "text/javascript"),
        ("/explain/page.css", "text/css"),
    ] {
        let answer = get(server.address(), path).await;
        assert!(
            answer.contains("200 OK") && answer.contains(kind),
            "{answer}"
        );
    }
    for (path, status) in [
        ("/explain.json?client=99", "404"),
        ("/explain.json?client=x", "400"),
        ("/explain/other.js", "404"),
    ] {
        let answer = get(server.address(), path).await;
        assert!(answer.contains(status), "{answer}");
    }
    let server = start(false).await;
    for path in ["/explain", "/explain.json"] {
        let answer = get(server.address(), path).await;
        assert!(answer.contains("404"), "{answer}");
    }
}
