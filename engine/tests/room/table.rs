//! A small game in a room, and clients of it by hand.

use std::time::Duration;

use tickwire_engine::prelude::*;
use tickwire_engine::{Lane, Room, RoomConfig, SessionId};
use tickwire_protocol::message::{
    ClientControl, Command as PlayerCommand, Commands as PlayerCommands, PROTOCOL_VERSION,
    ServerControl, ServerMessage, Welcome, decode_server,
};
use tickwire_protocol::{Cadence, Game, GameSchema, NetId, Receiver, Tick, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Place {
    #[wire(max = 60_000)]
    pub(crate) x: u16,
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Walk {
    pub(crate) right: bool,
    #[wire(edge)]
    pub(crate) shout: bool,
}

pub(crate) struct Stroll;

impl Game for Stroll {
    const TICK_RATE: u32 = 50;
    type Input = Walk;
    type Replicated = (Place,);
    type Predicted = ();
    type Event = String;
    type Level = ();
}

fn build(sim: &mut Sim<Stroll>) {
    sim.observe(welcome).add_systems(walk);
}

fn welcome(
    new: On<Add<Player>>,
    players: Query<&Player>,
    mut events: ResMut<Events<String>>,
    mut commands: Commands,
) {
    commands.entity(new.entity).insert(Place::default());
    if let Ok(player) = players.get(new.entity) {
        events.send(format!("{} is here", player.name));
        events.send_to(player.id, "welcome".to_owned());
    }
}

fn walk(
    mut players: Query<(&Player, &PlayerInput<Walk>, &mut Place)>,
    mut events: ResMut<Events<String>>,
) {
    for (player, input, mut place) in &mut players {
        place.x += u16::from(input.right);
        if input.shout {
            events.send(format!("{} shouts", player.name));
        }
    }
}

pub(crate) const TICK: Duration = Duration::from_millis(20);
pub(crate) const A: SessionId = SessionId(1);
pub(crate) const B: SessionId = SessionId(2);

pub(crate) struct Table {
    pub(crate) room: Room<Stroll>,
    pub(crate) schema: GameSchema,
    pub(crate) now: Duration,
}

impl Table {
    /// The end of a client that gets a snapshot every so many ticks.
    pub(crate) fn receiver(&self, interval: u8) -> Receiver {
        let GameSchema { rows, tables, .. } = &self.schema;
        Receiver::new(rows.clone(), tables.clone(), Cadence::every(interval))
    }

    pub(crate) fn new(config: RoomConfig) -> Self {
        Self {
            room: Room::new(Sim::new(1, build), config),
            schema: GameSchema::of::<Stroll>(),
            now: Duration::ZERO,
        }
    }

    pub(crate) fn hello(&self, name: &str) -> ClientControl {
        ClientControl::Hello {
            protocol: PROTOCOL_VERSION,
            schema: self.schema.hash,
            tables: self.schema.tables.hash,
            game: "Stroll".into(),
            name: name.into(),
            token: None,
        }
    }

    pub(crate) fn say(&mut self, session: SessionId, message: &ClientControl) {
        self.room
            .handle_message(session, &message.encode(), self.now);
    }

    pub(crate) fn join(&mut self, session: SessionId, name: &str) -> NetId {
        self.room.connect(session);
        let hello = self.hello(name);
        self.say(session, &hello);
        match self.control(session) {
            Some(ServerControl::Welcome(Welcome { own, .. })) => own,
            other => panic!("no welcome but {other:?}"),
        }
    }

    pub(crate) fn control(&mut self, session: SessionId) -> Option<ServerControl> {
        let bytes = self.room.poll_transmit(session, Lane::Events)?;
        match decode_server(&bytes).unwrap() {
            ServerMessage::Control(control) => Some(control),
            other => panic!("not a control message: {other:?}"),
        }
    }

    pub(crate) fn tick(&mut self) {
        self.now += TICK;
        self.room.tick(self.now);
    }

    pub(crate) fn command(&mut self, session: SessionId, tick: Tick, input: Walk) {
        let commands = PlayerCommands {
            ack: None,
            list: vec![PlayerCommand {
                tick,
                view: None,
                input,
            }],
        };
        self.room
            .handle_message(session, &commands.encode(&self.schema.input), self.now);
    }

    pub(crate) fn events(&mut self, session: SessionId) -> Vec<(bool, String)> {
        let mut heard = Vec::new();
        while let Some(bytes) = self.room.poll_transmit(session, Lane::Events) {
            if let ServerMessage::Events(batch) = decode_server(&bytes).unwrap() {
                let texts = batch.events.iter().map(|e| {
                    (
                        e.at_once,
                        tickwire_protocol::message::decode_event(e.body).unwrap(),
                    )
                });
                heard.extend(texts);
            }
        }
        heard
    }
}

pub(crate) fn read(receiver: &mut Receiver, bytes: &[u8]) {
    match decode_server(bytes).unwrap() {
        ServerMessage::Snapshot(header, delta) => receiver.read(header, delta).map(|_| ()).unwrap(),
        other => panic!("not a snapshot: {other:?}"),
    }
}
