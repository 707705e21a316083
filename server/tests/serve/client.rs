//! A client that speaks the wire by hand.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tickwire_protocol::GameSchema;
use tickwire_protocol::message::{
    ClientControl, PROTOCOL_VERSION, SUBPROTOCOL, ServerControl, ServerMessage, Token,
    decode_server,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::stroll::Stroll;

/// Longer than anything here takes; a test that gets there has failed.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Connects with the right subprotocol.
    pub(crate) async fn connect(server: SocketAddr) -> Self {
        Self::try_connect(server, Some(SUBPROTOCOL)).await.unwrap()
    }

    pub(crate) async fn try_connect(
        server: SocketAddr,
        subprotocol: Option<&'static str>,
    ) -> Result<Self, Error> {
        let stream = TcpStream::connect(server).await?;
        let mut request = format!("ws://{server}/ws").into_client_request()?;
        if let Some(subprotocol) = subprotocol {
            let value = HeaderValue::from_static(subprotocol);
            request
                .headers_mut()
                .insert("sec-websocket-protocol", value);
        }
        let (socket, _) = client_async(request, stream).await?;
        Ok(Self { socket })
    }

    /// Connects and says hello.
    pub(crate) async fn join(server: SocketAddr, name: &str) -> Self {
        Self::come_back(server, name, None).await
    }

    /// The same with what a Welcome said.
    pub(crate) async fn come_back(server: SocketAddr, name: &str, token: Option<Token>) -> Self {
        let mut client = Self::connect(server).await;
        let schema = GameSchema::of::<Stroll>();
        client
            .say(&ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: schema.hash,
                tables: schema.tables.hash,
                game: schema.name.into(),
                name: name.into(),
                token,
            })
            .await;
        client
    }

    pub(crate) async fn say(&mut self, message: &ClientControl) {
        let message = Message::binary(message.encode());
        self.socket.send(message).await.unwrap();
    }

    /// The next message of the server; how it closed, if it did.
    pub(crate) async fn next(&mut self) -> Result<Vec<u8>, Option<CloseFrame>> {
        loop {
            match timeout(LONG, self.socket.next()).await.unwrap() {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.into()),
                Some(Ok(Message::Close(frame))) => return Err(frame),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// The next control message, snapshots and events passed over.
    pub(crate) async fn control(&mut self) -> ServerControl {
        loop {
            let bytes = self.next().await.expect("a message");
            if let ServerMessage::Control(message) = decode_server(&bytes).unwrap() {
                return message;
            }
        }
    }

    /// How the server closes, everything before passed over.
    pub(crate) async fn close(&mut self) -> CloseFrame {
        loop {
            if let Err(frame) = self.next().await {
                return frame.expect("a close frame");
            }
        }
    }
}

/// A whole HTTP answer, head and body.
pub(crate) async fn get(server: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = timeout(LONG, stream.read_to_end(&mut answer));
    read.await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}
