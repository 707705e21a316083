//! A client that speaks the wire by hand: it reads, says what it has, and may stop reading.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::{SinkExt, StreamExt};
use tickwire_protocol::message::{
    ClientControl, Command, Commands, PROTOCOL_VERSION, SUBPROTOCOL, ServerMessage, decode_server,
};
use tickwire_protocol::{GameSchema, Tick};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::world::{Dust, Idle};

/// Commands are made for so many ticks after the newest snapshot: it does not matter here when they arrive.
const AHEAD: u32 = 6;

pub(super) struct Reader {
    socket: WebSocketStream<TcpStream>,
    schema: GameSchema,
    /// The newest snapshot's tick.
    pub(super) newest: Option<Tick>,
    commanded: Option<Tick>,
}

impl Reader {
    pub(super) async fn join(server: SocketAddr, name: &str) -> io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server.port())).await?;
        stream.set_nodelay(true)?;
        let mut request = format!("ws://{server}/ws")
            .into_client_request()
            .map_err(io::Error::other)?;
        let subprotocol = HeaderValue::from_static(SUBPROTOCOL);
        let headers = request.headers_mut();
        headers.insert("Sec-WebSocket-Protocol", subprotocol);
        let opened = client_async(request, stream).await;
        let (socket, _) = opened.map_err(io::Error::other)?;
        let schema = GameSchema::of::<Dust>();
        let mut reader = Self {
            socket,
            newest: None,
            commanded: None,
            schema,
        };
        let hello = ClientControl::Hello {
            protocol: PROTOCOL_VERSION,
            schema: reader.schema.hash,
            tables: reader.schema.tables.hash,
            game: reader.schema.name.to_owned(),
            name: name.to_owned(),
            token: None,
        };
        reader.send(hello.encode()).await?;
        Ok(reader)
    }

    /// The port of its end.
    pub(super) fn port(&self) -> io::Result<u16> {
        Ok(self.socket.get_ref().local_addr()?.port())
    }

    async fn send(&mut self, bytes: Vec<u8>) -> io::Result<()> {
        let sent = self.socket.send(Message::binary(bytes)).await;
        sent.map_err(io::Error::other)
    }

    /// Waits for the next snapshot, and raises `present` to its tick. Nothing is lost when the waiting is broken off.
    pub(super) async fn read(&mut self, present: &AtomicU32) -> io::Result<Tick> {
        loop {
            let message = self.socket.next().await;
            let message = message.ok_or(io::ErrorKind::UnexpectedEof)?;
            let Message::Binary(bytes) = message.map_err(io::Error::other)? else {
                continue;
            };
            let message = decode_server(&bytes).map_err(io::Error::other)?;
            if let ServerMessage::Snapshot(header, _) = message
                && let Some(tick) = header.start.tick(self.newest)
            {
                self.newest = Some(tick);
                present.fetch_max(tick.0, Ordering::Relaxed);
                return Ok(tick);
            }
        }
    }

    /// Sends a command, and with it what the newest snapshot is, as a client does in every tick.
    pub(super) async fn command(&mut self) -> io::Result<()> {
        let Some(newest) = self.newest else {
            return Ok(());
        };
        let after = self.commanded.map_or(newest, Tick::next);
        let tick = if after.is_after(newest + AHEAD) {
            after
        } else {
            newest + AHEAD
        };
        self.commanded = Some(tick);
        let commands = Commands {
            ack: self.newest,
            list: vec![Command {
                tick,
                view: None,
                input: Idle {},
            }],
        };
        let bytes = commands.encode(&self.schema.input);
        self.send(bytes).await
    }
}
