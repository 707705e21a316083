//! A room from the outside: bytes in, bytes out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use std::time::Duration;

use tickwire_engine::prelude::*;
use tickwire_engine::{Lane, Room, RoomConfig, SessionId};
use tickwire_protocol::message::{
    ClientControl, Command as PlayerCommand, Commands as PlayerCommands, Health, PROTOCOL_VERSION,
    ServerControl, ServerMessage, Slack, decode_server,
};
use tickwire_protocol::{Cadence, Game, GameSchema, NetId, Receiver, Tick, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    #[wire(max = 60_000)]
    x: u16,
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Walk {
    right: bool,
    #[wire(edge)]
    shout: bool,
}

struct Stroll;

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

const TICK: Duration = Duration::from_millis(20);
const A: SessionId = SessionId(1);
const B: SessionId = SessionId(2);

struct Table {
    room: Room<Stroll>,
    schema: GameSchema,
    now: Duration,
}

impl Table {
    /// The end of a client that gets a snapshot every so many ticks.
    fn receiver(&self, interval: u8) -> Receiver {
        let GameSchema { rows, tables, .. } = &self.schema;
        Receiver::new(rows.clone(), tables.clone(), Cadence::every(interval))
    }

    fn new(config: RoomConfig) -> Self {
        Self {
            room: Room::new(Sim::new(1, build), config),
            schema: GameSchema::of::<Stroll>(),
            now: Duration::ZERO,
        }
    }

    fn hello(&self, name: &str) -> ClientControl {
        ClientControl::Hello {
            protocol: PROTOCOL_VERSION,
            schema: self.schema.hash,
            tables: self.schema.tables.hash,
            game: "Stroll".into(),
            name: name.into(),
        }
    }

    fn say(&mut self, session: SessionId, message: &ClientControl) {
        self.room
            .handle_message(session, &message.encode(), self.now);
    }

    fn join(&mut self, session: SessionId, name: &str) -> NetId {
        self.room.connect(session);
        let hello = self.hello(name);
        self.say(session, &hello);
        match self.control(session) {
            Some(ServerControl::Welcome { own, .. }) => own,
            other => panic!("no welcome but {other:?}"),
        }
    }

    fn control(&mut self, session: SessionId) -> Option<ServerControl> {
        let bytes = self.room.poll_transmit(session, Lane::Events)?;
        match decode_server(&bytes).unwrap() {
            ServerMessage::Control(control) => Some(control),
            other => panic!("not a control message: {other:?}"),
        }
    }

    fn tick(&mut self) {
        self.now += TICK;
        self.room.tick(self.now);
    }

    fn command(&mut self, session: SessionId, tick: Tick, input: Walk) {
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

    fn events(&mut self, session: SessionId) -> Vec<(bool, String)> {
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

fn read(receiver: &mut Receiver, bytes: &[u8]) {
    match decode_server(bytes).unwrap() {
        ServerMessage::Snapshot(header, delta) => receiver.read(header, delta).map(|_| ()).unwrap(),
        other => panic!("not a snapshot: {other:?}"),
    }
}

#[test]
fn a_player_joins_walks_and_is_seen() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 2,
        ..RoomConfig::default()
    });
    let own = table.join(A, "Ada");
    let mut receiver = table.receiver(2);
    for tick in 1..=10 {
        table.command(
            A,
            Tick(tick),
            Walk {
                right: true,
                shout: false,
            },
        );
        table.tick();
        if let Some(bytes) = table.room.poll_transmit(A, Lane::State) {
            read(&mut receiver, &bytes);
        }
    }
    let last = receiver.history().latest().unwrap();
    assert_eq!(last.tick(), Tick(10));
    assert_eq!(last.row(own).unwrap().get::<Place>(), Some(Place { x: 10 }));
    assert_eq!(**last, **table.room.sim().history().get(Tick(10)).unwrap());
}

#[test]
fn everyone_hears_events_once_and_in_order() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.join(B, "Bob");
    table.command(
        A,
        Tick(1),
        Walk {
            right: false,
            shout: true,
        },
    );
    for _ in 0..5 {
        table.tick();
    }
    let expected = |own: &str| {
        let mut all = vec![(false, "Ada is here".to_owned())];
        if own == "Ada" {
            all.push((true, "welcome".into()));
        }
        all.push((false, "Bob is here".into()));
        if own == "Bob" {
            all.push((true, "welcome".into()));
        }
        all.push((false, "Ada shouts".into()));
        all
    };
    assert_eq!(table.events(A), expected("Ada"));
    assert_eq!(table.events(B), expected("Bob"));
    assert_eq!(table.events(B), []);
}

#[test]
fn a_mismatch_is_refused_in_words_that_name_both_sides() {
    let mut table = Table::new(RoomConfig {
        max_players: 1,
        ..RoomConfig::default()
    });
    for (hello, words) in [
        (
            ClientControl::Hello {
                protocol: 99,
                schema: 0,
                tables: 0,
                game: "Stroll".into(),
                name: String::new(),
            },
            ["protocol 3", "the client 99"],
        ),
        (
            ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: 5,
                tables: 0,
                game: "Chess".into(),
                name: String::new(),
            },
            ["plays Stroll", "the client Chess"],
        ),
        (
            ClientControl::Hello {
                protocol: PROTOCOL_VERSION,
                schema: table.schema.hash,
                tables: 7,
                game: "Stroll".into(),
                name: String::new(),
            },
            [
                "codes Stroll by tables",
                "the client by tables 0000000000000007",
            ],
        ),
    ] {
        table.room.connect(A);
        table.say(A, &hello);
        let Some(ServerControl::Reject {
            reason,
            retry: false,
        }) = table.control(A)
        else {
            panic!("refused")
        };
        assert!(words.iter().all(|word| reason.contains(word)), "{reason}");
        assert_eq!(table.room.poll_ended(), Some(A));
    }
    table.join(A, "Ada");
    table.room.connect(B);
    let hello = table.hello("Bob");
    table.say(B, &hello);
    assert!(
        matches!(
            table.control(B),
            Some(ServerControl::Reject { retry: true, .. })
        ),
        "a full server is worth another try"
    );
}

#[test]
fn malformed_bytes_end_the_session_and_nobody_elses() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.join(B, "Bob");
    table.room.handle_message(A, &[250, 1, 2], table.now);
    assert!(matches!(
        table.control(A),
        Some(ServerControl::Goodbye { retry: false, .. })
    ));
    assert_eq!(table.room.poll_ended(), Some(A));
    assert_eq!(
        (table.room.poll_ended(), table.room.player_count()),
        (None, 1)
    );
    table.tick();
    assert_eq!(table.room.sim().snapshot().len(), 1);
}

#[test]
fn a_stalled_client_is_skipped_and_then_gets_the_freshest() {
    let mut table = Table::new(RoomConfig {
        snapshot_interval: 1,
        ..RoomConfig::default()
    });
    table.join(A, "Ada");
    let mut receiver = table.receiver(1);
    table.tick();
    read(
        &mut receiver,
        &table.room.poll_transmit(A, Lane::State).unwrap(),
    );
    for _ in 0..100 {
        table.tick();
        table.room.skip(A);
    }
    assert_eq!(table.room.skipped_snapshots(), 100);
    // The baseline is long out of the ring: the delta builds on nothing.
    read(
        &mut receiver,
        &table.room.poll_transmit(A, Lane::State).unwrap(),
    );
    assert_eq!(receiver.history().latest().unwrap().tick(), Tick(101));
    assert_eq!(
        table.room.poll_transmit(A, Lane::State),
        None,
        "nothing newer"
    );
}

#[test]
fn a_pong_tells_the_time_and_how_long_it_waited() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.tick();
    let at = table.now + Duration::from_millis(5);
    table
        .room
        .handle_message(A, &ClientControl::Ping { sent: 77 }.encode(), at);
    table.tick();
    table.events(B);
    let pong = std::iter::from_fn(|| table.room.poll_transmit(A, Lane::Events)).find_map(|bytes| {
        match decode_server(&bytes) {
            Ok(ServerMessage::Control(control)) => Some(control),
            _ => None,
        }
    });
    assert_eq!(
        pong,
        Some(ServerControl::Pong {
            sent: 77,
            tick: Tick(3),
            fraction: 0,
            held: 15_000
        })
    );
}

#[test]
fn closing_tells_everyone_why() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.room.close("the server restarts", true);
    assert_eq!(
        table.control(A),
        Some(ServerControl::Goodbye {
            reason: "the server restarts".into(),
            retry: true
        })
    );
    assert_eq!(table.room.poll_ended(), Some(A));
    table.room.connect(B);
    assert!(matches!(
        table.control(B),
        Some(ServerControl::Goodbye { .. })
    ));
}

#[test]
fn nobody_is_called_like_another() {
    let mut table = Table::new(RoomConfig::default());
    table.room.sim_mut().join_bot("Ada");
    table.join(A, "Ada");
    table.join(B, " Ada\u{200b}");
    let names: Vec<_> = table
        .room
        .sim()
        .scores()
        .iter()
        .map(|(name, _)| name.to_string())
        .collect();
    assert_eq!(names, ["Ada", "Ada (2)", "Ada (3)"]);
}

#[test]
fn a_watcher_is_told_what_its_player_would_be_and_commands_nothing() {
    let mut table = Table::new(RoomConfig::default());
    let sim = table.room.sim_mut();
    let bot = sim.join_bot("Bo");
    let own = sim.net_id_of(bot).unwrap();
    let walk = Walk {
        right: true,
        shout: false,
    };
    sim.set_input(bot, walk);
    table.room.watch(A, bot);
    assert!(matches!(
        table.control(A),
        Some(ServerControl::Welcome { own: seen, .. }) if seen == own
    ));
    // What it says does not move the player.
    table.command(A, Tick(1), Walk::default());
    let mut receiver = table.receiver(2);
    for _ in 0..4 {
        table.tick();
        if let Some(bytes) = table.room.poll_transmit(A, Lane::State) {
            read(&mut receiver, &bytes);
        }
    }
    let place = |table: &Table| {
        let row = table.room.sim().snapshot().row(own);
        row.and_then(|row| row.get::<Place>())
    };
    assert_eq!(place(&table), Some(Place { x: 4 }));
    let seen = receiver.history().latest().unwrap();
    assert_eq!(seen.row(own).unwrap().get::<Place>(), place(&table));
    let heard = table.events(A);
    assert!(heard.contains(&(true, "welcome".into())), "{heard:?}");
    table.room.disconnect(A);
    table.tick();
    assert_eq!(place(&table), Some(Place { x: 5 }), "the player stays");
    table.room.watch(B, bot);
    table.say(B, &ClientControl::Goodbye);
    table.tick();
    assert_eq!(place(&table), Some(Place { x: 6 }));
}

#[test]
fn a_client_is_told_how_early_its_commands_are_and_how_the_server_does() {
    let mut table = Table::new(RoomConfig::default());
    table.join(A, "Ada");
    table.tick();
    for tick in [4, 3, 0] {
        table.command(A, Tick(tick), Walk::default());
    }
    table.tick();
    let us = Duration::from_micros;
    table.room.note_timing(us(180), us(2_600));
    let snapshot = table.room.poll_transmit(A, Lane::State).unwrap();
    let Ok(ServerMessage::Snapshot(header, _)) = decode_server(&snapshot) else {
        panic!("not a snapshot")
    };
    // Two ticks, three ticks, and one too late, of 20 ms each.
    let slack = Slack { p50: 80, p1: -40 };
    assert_eq!(header.slack, Some(slack));
    for _ in 0..4 {
        table.tick();
        table.room.skip(A);
    }
    table.events(A);
    for _ in 0..50 {
        table.tick();
        table.room.poll_transmit(A, Lane::State);
    }
    let health = Health {
        start_p999_us: 180,
        tick_p999_us: 2_600,
        commands: 3,
        late: 1,
        skipped: 2,
        ..Health::default()
    };
    assert_eq!(table.control(A), Some(ServerControl::Health(health)));
    for _ in 0..500 {
        table.tick();
    }
    assert!(matches!(table.control(A), Some(ServerControl::Health(_))));
    assert_eq!(table.control(A), None, "who does not take them has one");
}
