//! A tiny game, its server, and the link between.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tickwire_protocol::message::{
    ClientControl, ClientMessage, Command, EventBatch, EventEntry, ServerControl, Slack, Token,
    Welcome, decode_client, encode_event,
};
use tickwire_protocol::{
    Around, Cadence, Components, Game, GameSchema, History, Level, NetId, Sender, SharedDeltas,
    Sight, Snapshot, Tick, Wire, WordWriter, level_hash,
};

use crate::{Client, ClientConfig, Connection};

#[derive(Wire, Clone, Copy, Debug, PartialEq)]
pub(super) struct Health {
    #[wire(max = 100)]
    pub(super) hp: u8,
}

#[derive(Wire, Clone, Copy, Debug, PartialEq)]
pub(super) struct Body {
    #[wire(min = 0.0, max = 1000.0, step = 0.01, lerp)]
    pub(super) x: f32,
}

#[derive(Wire, Clone, Copy, Debug, PartialEq)]
pub(super) struct Ammo {
    #[wire(max = 100)]
    pub(super) left: u8,
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Input {
    #[wire(min = -1.0, max = 1.0, step = 0.25)]
    pub(super) walk: f32,
    #[wire(edge)]
    pub(super) fire: bool,
}

pub(super) const RIGHT: Input = Input {
    walk: 1.0,
    fire: false,
};

/// A walker covers this much in a tick.
pub(super) const STEP: f32 = 0.1;

/// A street that ends at a wall.
pub(super) struct Street {
    wall: f32,
}

impl Level for Street {
    const BUILT_IN: &'static [(&'static str, &'static str)] = &[("long", "900")];
    fn parse(text: &str) -> Result<Self, String> {
        let wall = text.parse().map_err(|_| format!("not a number: {text}"))?;
        Ok(Self { wall })
    }
}

pub(super) struct Walk;

impl Game for Walk {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Health, Body, Ammo);
    // In another order than replicated, on purpose.
    type Predicted = (Ammo, Body);
    type Event = u32;
    type Level = Street;

    fn predict(own: &mut Self::Predicted, input: &Input, around: &Around<'_, Self>) {
        own.1.x = (own.1.x + input.walk * STEP).min(around.level.wall);
        if input.fire {
            own.0.left = own.0.left.saturating_sub(1);
        }
    }
}

pub(super) const TOKEN: Token = Token::new([7; 16]);
pub(super) const OWN: NetId = NetId(4);
pub(super) const OTHER: NetId = NetId(7);

pub(super) fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The server's world: the player's entity (dead without a body) and one that walks by itself.
pub(super) struct World {
    pub(super) body: Option<Body>,
    pub(super) ammo: Ammo,
    pub(super) other: Option<Body>,
}

/// Client, server and the link between them. Each way takes as many ms as `up` and `down` say.
pub(super) struct Rig {
    pub(super) client: Client<Walk>,
    pub(super) world: World,
    pub(super) up: u64,
    pub(super) down: u64,
    /// Local time, ms.
    pub(super) t: u64,
    /// Commands as they came.
    pub(super) commands: Vec<Command<Input>>,
    /// What the client said of who looks.
    pub(super) hidden: Vec<bool>,
    /// Whether it wanted receipts, each time that it said so.
    pub(super) receipts: Vec<bool>,
    /// Commands that came too late.
    pub(super) late: usize,
    /// The server's tick at local time 0.
    epoch: u32,
    tick: Tick,
    level: (&'static str, &'static str),
    schema: GameSchema,
    filed: BTreeMap<u32, Input>,
    slacks: Vec<f64>,
    history: History,
    deltas: SharedDeltas,
    sender: Sender,
    to_server: VecDeque<(u64, Vec<u8>)>,
    to_client: VecDeque<(u64, Vec<u8>)>,
}

impl Rig {
    pub(super) fn new(up: u64, down: u64) -> Self {
        let schema = GameSchema::of::<Walk>();
        // A few ticks before the wrap, so that every test crosses it.
        let epoch = u32::MAX - 30;
        Self {
            client: Client::new(ClientConfig::new("Ann", 1)),
            world: World {
                body: Some(Body { x: 10.0 }),
                ammo: Ammo { left: 100 },
                other: Some(Body { x: 20.0 }),
            },
            up,
            down,
            t: 0,
            commands: Vec::new(),
            hidden: Vec::new(),
            receipts: Vec::new(),
            late: 0,
            epoch,
            tick: Tick(epoch),
            level: ("long", "900"),
            filed: BTreeMap::new(),
            slacks: Vec::new(),
            history: History::new(),
            deltas: SharedDeltas::new(&schema.rows, Arc::clone(&schema.tables)),
            sender: Sender::new(None, Cadence::every(3)),
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
            schema,
        }
    }

    /// A rig whose server plays a level that the client must be given.
    pub(super) fn with_level(text: &'static str) -> Self {
        Self {
            level: ("street", text),
            ..Self::new(20, 20)
        }
    }

    /// A rig in the middle of play.
    pub(super) fn playing(up: u64, down: u64) -> Self {
        let mut rig = Self::new(up, down);
        rig.connect();
        rig.run(2000);
        rig
    }

    pub(super) fn connect(&mut self) {
        assert!(self.client.poll_connect(ms(self.t)), "it is time to dial");
        self.client.handle_open(ms(self.t));
    }

    pub(super) fn now(&self) -> Duration {
        ms(self.t)
    }

    /// The server's position in ticks, counted from the epoch.
    pub(super) fn position(&self) -> f64 {
        self.t as f64 * 0.06
    }

    /// The server's tick at that position.
    pub(super) fn tick_at(&self, position: u32) -> Tick {
        Tick(self.epoch) + position
    }

    /// Runs for so many ms, with a picture every 16.
    pub(super) fn run(&mut self, for_ms: u64) {
        for _ in 0..for_ms {
            self.t += 1;
            self.step_server();
            self.deliver();
            if self.t.is_multiple_of(16) {
                self.client.tick(ms(self.t));
            }
            while let Some(bytes) = self.client.poll_transmit() {
                self.to_server.push_back((self.t + self.up, bytes));
            }
        }
    }

    /// Lets time pass without the client, as when a page is hidden: messages arrive, nothing else happens.
    pub(super) fn sleep(&mut self, for_ms: u64) {
        for _ in 0..for_ms {
            self.t += 1;
            self.step_server();
            self.deliver();
        }
    }

    fn deliver(&mut self) {
        while self.to_client.front().is_some_and(|(at, _)| *at <= self.t)
            && let Some((_, bytes)) = self.to_client.pop_front()
        {
            self.client.handle_message(&bytes, ms(self.t)).unwrap();
            if matches!(self.client.connection(), Connection::Waiting { .. }) {
                // The driver drops a socket that the client has no use for any more.
                self.to_client.clear();
            }
        }
    }

    /// Sends the client a message from the server, now.
    pub(super) fn tell(&mut self, message: &ServerControl) {
        self.to_client
            .push_back((self.t + self.down, message.encode()));
    }

    pub(super) fn tell_event(&mut self, tick: Tick, at_once: bool, event: u32) {
        let body = encode_event(&event).unwrap();
        let events = vec![EventEntry {
            at_once,
            body: &body,
        }];
        let bytes = EventBatch { tick, events }.encode();
        self.to_client.push_back((self.t + self.down, bytes));
    }

    fn step_server(&mut self) {
        while self.to_server.front().is_some_and(|(at, _)| *at <= self.t)
            && let Some((_, bytes)) = self.to_server.pop_front()
        {
            self.serve(decode_client::<Walk>(&bytes, &self.schema).unwrap());
        }
        while f64::from(self.tick.since(Tick(self.epoch))) + 1.0 <= self.position() {
            self.tick = self.tick.next();
            self.simulate();
        }
    }

    fn serve(&mut self, message: ClientMessage<Input>) {
        let position = self.position();
        match message {
            ClientMessage::Control(ClientControl::Hello { name, .. }) => {
                assert_eq!(name, "Ann");
                self.tell(&ServerControl::Welcome(Welcome {
                    own: OWN,
                    tick: self.tick,
                    tick_rate: 60,
                    snapshot_interval: 3,
                    tiers: [1, 0, 0, 0],
                    rewind_limit: 0,
                    level: self.level.0.to_owned(),
                    level_hash: level_hash(self.level.1),
                    token: Some(TOKEN),
                }));
            }
            ClientMessage::Control(ClientControl::Ping { sent }) => {
                let fraction = (position.fract() * 65536.0) as u16;
                self.tell(&ServerControl::Pong {
                    sent,
                    tick: self.tick.next(),
                    fraction,
                    held: 0,
                });
            }
            ClientMessage::Control(ClientControl::Hidden) => self.hidden.push(true),
            ClientMessage::Control(ClientControl::Shown) => self.hidden.push(false),
            ClientMessage::Control(ClientControl::Receipts { on }) => self.receipts.push(on),
            ClientMessage::Control(_) => {}
            ClientMessage::Commands(commands) => {
                for command in commands.list {
                    let ahead = f64::from(command.tick.since(Tick(self.epoch))) - position;
                    self.slacks.push(ahead / 60.0);
                    if command.tick.is_after(self.tick) {
                        self.filed.entry(command.tick.0).or_insert(command.input);
                    } else {
                        self.late += 1;
                    }
                    self.commands.push(command);
                }
            }
        }
    }

    fn simulate(&mut self) {
        let input = self.filed.remove(&self.tick.0).unwrap_or_default();
        let level = Street::parse(self.level.1).unwrap();
        let before = Snapshot::new(Arc::clone(&self.schema.rows), self.tick);
        let around = Around::new(&level, OWN, &before);
        if let Some(body) = self.world.body {
            let mut own = (self.world.ammo, body);
            Walk::predict(&mut own, &input, &around);
            own = own.quantised();
            (self.world.ammo, self.world.body) = (own.0, Some(own.1));
        }
        if let Some(body) = &mut self.world.other {
            body.x += STEP;
        }
        if self.tick.0.is_multiple_of(3) {
            self.send_snapshot();
        }
    }

    fn send_snapshot(&mut self) {
        let mut snapshot = Snapshot::new(Arc::clone(&self.schema.rows), self.tick);
        let World { body, ammo, other } = &self.world;
        let alive = body.is_some();
        let words = snapshot.push(OWN, if alive { 0b111 } else { 0b101 });
        let mut writer = WordWriter::new(words);
        Health {
            hp: if alive { 80 } else { 0 },
        }
        .store(&mut writer);
        match body {
            Some(body) => body.store(&mut writer),
            None => writer.put(0),
        }
        ammo.store(&mut writer);
        if let Some(body) = other {
            let words = snapshot.push(OTHER, 0b010);
            body.store(&mut WordWriter::new(&mut words[1..]));
        }
        let snapshot = Arc::new(snapshot);
        self.history.push(Arc::clone(&snapshot));
        self.deltas.set(snapshot);
        let slack = Slack::of(&mut std::mem::take(&mut self.slacks));
        let bytes = self
            .sender
            .write(slack, Sight::All, None, &self.history, &mut self.deltas);
        let welcomed = self.client.own().is_some();
        if let Some(bytes) = bytes.filter(|_| welcomed) {
            self.to_client.push_back((self.t + self.down, bytes.into()));
        } else {
            self.sender = Sender::new(None, Cadence::every(3));
        }
    }
}
