//! The clients' end: all of them in one thread of one process.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tickwire_protocol::message::{
    ClientControl, Command, Commands, PROTOCOL_VERSION, SUBPROTOCOL, ServerControl, ServerMessage,
    Welcome, decode_server,
};
use tickwire_protocol::{Cadence, Game, GameSchema, NetId, Tick};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::args::Flags;
use crate::game::{Beat, Crowd};
use crate::probe::{Findings, Probe};
use crate::process::cpu_seconds;
use crate::report::{Received, result};
use crate::schedule::Schedule;
use crate::truth::Truth;

type Socket = WebSocketStream<TcpStream>;

/// The share of a tick within which what is sent reaches the server before the next.
const SURELY_IN_TIME: f64 = 0.85;

/// So many numbers in a row may come late, of 30 a second: not for 150 ms.
const MOST_LATE: u32 = 2;

/// For the process that reads our lines, before the connections end.
const LAST_LOOK: Duration = Duration::from_millis(600);

/// Connects everyone, waits, measures, and prints what was found.
pub(crate) fn run(flags: &Flags) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| format!("the system gives no runtime: {why}"))?;
    runtime.block_on(measure(flags))
}

async fn measure(flags: &Flags) -> Result<(), String> {
    let measurement = Arc::new(Measurement::default());
    let mut clients = join_all(flags, &measurement).await?;
    println!("{}", json!({ "connected": flags.c }));
    until_ended(&mut clients, flags.warm).await?;
    let (started, cpu) = (Instant::now(), cpu_seconds());
    measurement.begin(flags.c.get());
    println!("{}", json!({ "window": "start" }));
    until_ended(&mut clients, flags.secs).await?;
    let (received, findings) = measurement.end();
    println!("{}", json!({ "window": "end" }));
    let (took, cpu) = (started.elapsed(), cpu_seconds() - cpu);
    println!("{}", result(&received, findings, took, cpu));
    sleep(LAST_LOOK).await;
    Ok(())
}

/// Waits, as long as no client fails.
async fn until_ended(
    clients: &mut JoinSet<Result<(), String>>,
    seconds: f64,
) -> Result<(), String> {
    tokio::select! {
        () = sleep(Duration::from_secs_f64(seconds)) => Ok(()),
        Some(ended) = clients.join_next() => ended.map_err(|why| why.to_string())?,
    }
}

/// What is being measured, while it is.
#[derive(Debug, Default)]
struct Measurement(Mutex<Option<(Vec<Received>, Findings)>>);

impl Measurement {
    fn lock(&self) -> MutexGuard<'_, Option<(Vec<Received>, Findings)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, clients: u32) {
        *self.lock() = Some((
            vec![Received::default(); clients as usize],
            Findings::default(),
        ));
    }

    fn end(&self) -> (Vec<Received>, Findings) {
        self.lock().take().unwrap_or_default()
    }
}

async fn join_all(
    flags: &Flags,
    measurement: &Arc<Measurement>,
) -> Result<JoinSet<Result<(), String>>, String> {
    let level = flags.level()?;
    let schema = GameSchema::of::<Crowd>();
    let mut greeted = Vec::new();
    for number in 0..flags.c.get() {
        let failed = |why| format!("client {number}: {why}");
        greeted.push(greet(flags.port, &schema, number).await.map_err(failed)?);
    }
    let truth = Arc::new(Mutex::new(Truth::new(&level.level)));
    let mut clients = JoinSet::new();
    for (number, mut socket) in (0..).zip(greeted) {
        let (own, cadence) = welcome(&mut socket, level.hash())
            .await
            .map_err(|why| format!("client {number}: {why}"))?;
        let size = Arc::clone(&level.level);
        let probe = (number < flags.probes)
            .then(|| Probe::new(own, size, (&schema, cadence), Arc::clone(&truth)));
        let client = Client {
            number,
            socket,
            schema: schema.clone(),
            probe,
            measurement: Arc::clone(measurement),
            newest: None,
            stamped: Tick(0),
            in_time: 0,
        };
        clients.spawn(async move {
            let played = client.play().await;
            played.map_err(|why| format!("client {number}: {why}"))
        });
    }
    Ok(clients)
}

/// Connects and says hello.
async fn greet(port: u16, schema: &GameSchema, number: u32) -> Result<Socket, String> {
    let said = |why: &dyn std::fmt::Display| why.to_string();
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|why| said(&why))?;
    stream.set_nodelay(true).map_err(|why| said(&why))?;
    let mut request = format!("ws://127.0.0.1:{port}/ws")
        .into_client_request()
        .map_err(|why| said(&why))?;
    let subprotocol = HeaderValue::from_static(SUBPROTOCOL);
    request
        .headers_mut()
        .insert("Sec-WebSocket-Protocol", subprotocol);
    let (mut socket, _) = client_async(request, stream)
        .await
        .map_err(|why| said(&why))?;
    let hello = ClientControl::Hello {
        protocol: PROTOCOL_VERSION,
        schema: schema.hash,
        tables: schema.tables.hash,
        game: schema.name.into(),
        name: format!("Walker {number}"),
        token: None,
    };
    let sent = socket.send(Message::binary(hello.encode())).await;
    sent.map_err(|why| said(&why))?;
    Ok(socket)
}

/// The own entity.
async fn welcome(socket: &mut Socket, expected_level: u64) -> Result<(NetId, Cadence), String> {
    match decode_server(&next(socket).await?).map_err(|why| why.to_string())? {
        ServerMessage::Control(ServerControl::Welcome(Welcome { level_hash, .. }))
            if level_hash != expected_level =>
        {
            Err("the server was started with other values of --n, --a or --c".into())
        }
        ServerMessage::Control(ServerControl::Welcome(Welcome {
            own,
            snapshot_interval,
            tiers,
            ..
        })) => {
            let cadence = Cadence::of_welcome(snapshot_interval, tiers);
            Ok((own, cadence.ok_or("the welcome has impossible tiers")?))
        }
        other => Err(format!("the server did not welcome it: {other:?}")),
    }
}

/// The next message of the game.
async fn next(socket: &mut Socket) -> Result<Bytes, String> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(other)) => return Err(format!("the connection ended: {other}")),
            Some(Err(why)) => return Err(format!("the connection broke: {why}")),
            None => return Err("the connection ended".into()),
        }
    }
}

/// One client.
struct Client {
    number: u32,
    socket: Socket,
    schema: GameSchema,
    /// For the few that decode.
    probe: Option<Probe>,
    measurement: Arc<Measurement>,
    /// The newest snapshot's tick, and when it came.
    newest: Option<(Tick, Instant)>,
    /// The tick of the last command.
    stamped: Tick,
    /// The last number that was sent in time.
    in_time: u32,
}

impl Client {
    async fn play(mut self) -> Result<(), String> {
        let mut schedule = Schedule::new(self.number, Instant::now());
        loop {
            tokio::select! {
                message = next(&mut self.socket) => self.hear(&message?)?,
                () = sleep_until(schedule.next().into()) => {
                    let now = Instant::now();
                    if let Some(number) = schedule.due(now) {
                        self.say(number, now).await?;
                    }
                }
            }
        }
    }

    fn hear(&mut self, message: &[u8]) -> Result<(), String> {
        let now = Instant::now();
        let mut measurement = self.measurement.lock();
        let (received, mut findings) = match measurement.as_mut() {
            Some((received, findings)) => (received.get_mut(self.number as usize), Some(findings)),
            None => (None, None),
        };
        if let Some(received) = received {
            received.bytes += message.len() as u64;
            received.messages += 1;
            received.largest = received.largest.max(message.len() as u64);
        }
        match decode_server(message).map_err(|why| why.to_string())? {
            ServerMessage::Snapshot(header, body) => {
                let tick = header.start.tick(self.newest.map(|(tick, _)| tick));
                let tick = tick.ok_or("a snapshot that builds on none")?;
                self.newest = Some((tick, now));
                if let Some(probe) = &mut self.probe {
                    probe
                        .look((header, body), now, findings.take())
                        .map_err(|why| why.to_string())?;
                }
            }
            ServerMessage::Control(ServerControl::Goodbye { reason, .. }) => return Err(reason),
            ServerMessage::Control(_) | ServerMessage::Events(_) => {}
        }
        Ok(())
    }

    async fn say(&mut self, number: u32, now: Instant) -> Result<(), String> {
        let Some(tick) = self.stamp(number, now) else {
            return Ok(());
        };
        self.stamped = tick;
        let commands = Commands {
            ack: self.newest.map(|(tick, _)| tick),
            list: vec![Command {
                tick,
                view: None,
                input: Beat { counter: number },
            }],
        };
        let message = Message::binary(commands.encode(&self.schema.input));
        if let Some(probe) = &mut self.probe {
            probe.note_sent(number, now);
        }
        self.socket
            .send(message)
            .await
            .map_err(|why| why.to_string())
    }

    /// The tick that the command of `number` is for, to the best of the client's knowledge.
    ///
    /// One for the tick that began last comes late, and a late one is what the player is taken to hold from the next tick on:
    /// its number has its effect there, and leaves that tick's own place to a second number that has to be sent before it. But
    /// who is never in time for 150 ms is taken to do nothing. So some are for the next tick itself: those that are sure to be
    /// in time, when a second number would be in time for the same snapshot all the same, or when none was for 100 ms.
    fn stamp(&mut self, number: u32, now: Instant) -> Option<Tick> {
        let (tick, came) = self.newest?;
        let passed = (now - came).as_secs_f64() * f64::from(Crowd::TICK_RATE);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "`as` saturates"
        )]
        let mut wanted = tick + passed as u32;
        if passed.fract() < SURELY_IN_TIME && (passed < 1.0 || number - self.in_time > MOST_LATE) {
            wanted = wanted.next();
            self.in_time = number;
        }
        let after = self.stamped.next();
        Some(if wanted.is_after(after) {
            wanted
        } else {
            after
        })
    }
}
