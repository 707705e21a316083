//! The witness of a simulated match: it checks every message and every tick, and spoils messages when it is told to.

mod feed;
mod place;
mod views;

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tickwire_client::{Client, Delivered};
use tickwire_engine::{PlayerId, PlayerInput, Room, RoomConfig, SessionId, Sim, Waiting};
use tickwire_protocol::message::{
    ClientControl, ClientMessage, ServerControl, ServerMessage, Token, decode_client, decode_server,
};
use tickwire_protocol::{GameSchema, NetId, Snapshot, Tick, Words};

use super::trial::{Trial, Variety};
use crate::harness::Witness;
use feed::Feed;
use place::Place;
use views::Worlds;

/// What a session keeps at most. Control messages: 32 answers to pings, and the few spawns of these games.
const MOST: Waiting = Waiting {
    control: 64,
    events: 1024,
    pings: 8,
    commands: 61,
};

/// What a client keeps at most: commands, control messages, pings, events.
const MOST_IN_CLIENT: usize = 64 + 8 + 32 + 4096;

/// Messages that are remembered to be sent again.
const REPLAYS: usize = 16;

/// What a simulated match did, beyond being right.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Ticks of the server.
    pub ticks: u64,
    /// Snapshots that clients read and that were compared, word for word.
    pub views: u64,
    /// Commands that players' ticks were compared with, or their absence.
    pub commands: u64,
    /// Numbered events that came.
    pub events: u64,
    /// Connections.
    pub sessions: u64,
    /// Those by which a player came back to its seat.
    pub resumed: u64,
    /// Those by which a newcomer got the place of a kept seat.
    pub gave_way: u64,
    /// Messages that were spoilt on their way.
    pub spoilt: u64,
    /// Views that went wrong by spoilt messages and came right again without a new connection.
    pub healed: u64,
}

/// How the messages of one client are spoilt, as shares.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Spoil {
    pub(super) up: f64,
    pub(super) down: f64,
}

/// What a view may be like after a spoilt snapshot.
#[derive(Debug, Default, Clone, Copy)]
struct Taint {
    /// Snapshots read since the last spoilt one.
    read: u32,
    /// Of these, in a row, those that were right.
    right: u32,
    /// One was wrong.
    was_wrong: bool,
}

struct Seat {
    session: Option<SessionId>,
    feed: Feed,
    /// What it has to hold after each snapshot that is on its way.
    due: VecDeque<Arc<Snapshot>>,
    last: Option<Arc<Snapshot>>,
    read: Option<Tick>,
    taint: Option<Taint>,
    /// The numbers of the next events: of those to all, and of those to this player.
    next: Option<(u32, u32)>,
    /// The same number of those to all, when it is about to join.
    joins: Option<u32>,
    player: Option<PlayerId>,
    /// Whether there was a place when it said hello.
    place: Option<Place>,
    spoil: Spoil,
    said: VecDeque<Vec<u8>>,
}

pub(super) struct Check<G: Trial> {
    variety: Variety,
    schema: GameSchema,
    rng: fastrand::Rng,
    worlds: Worlds,
    seats: Vec<Seat>,
    /// Players whose connections are over, and what they still have to do.
    left_alone: Vec<(PlayerId, Feed)>,
    /// The secrets that clients were told, and of whom.
    tokens: Vec<(Token, NetId)>,
    /// How many events each player was told until the last tick.
    told: BTreeMap<PlayerId, u32>,
    /// So many snapshots after a spoilt one, the view has to be right again.
    patience: u32,
    /// Players, at most.
    most: usize,
    pub(super) counts: Counts,
    game: std::marker::PhantomData<G>,
}

/// The same for the match and for who runs it.
pub(super) struct Shared<G: Trial>(pub(super) Rc<RefCell<Check<G>>>);

impl<G: Trial> Check<G> {
    pub(super) fn new(seed: u64, variety: Variety, seats: usize, config: &RoomConfig) -> Self {
        let schema = GameSchema::of::<G>();
        let seats = (0..seats).map(|_| Seat::new::<G>(&schema)).collect();
        Self {
            variety,
            rng: fastrand::Rng::with_seed(!seed),
            worlds: Worlds::default(),
            seats,
            left_alone: Vec::new(),
            tokens: Vec::new(),
            told: BTreeMap::new(),
            // Checksums come once a second; then there are a question and its answer, and both may stumble.
            patience: 12 * G::TICK_RATE / u32::from(config.snapshot_interval) + 12,
            most: config.max_players,
            counts: Counts::default(),
            schema,
            game: std::marker::PhantomData,
        }
    }

    pub(super) fn spoil(&mut self, number: usize, spoil: Spoil) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.spoil = spoil;
        }
    }

    /// What the client holds has gone wrong by itself.
    pub(super) fn taint(&mut self, number: usize) {
        if let Some(seat) = self.seats.get_mut(number) {
            seat.taint = Some(Taint::default());
        }
    }

    /// Something that the client said lately.
    pub(super) fn replay(&mut self, number: usize) -> Option<Vec<u8>> {
        let seat = self.seats.get(number)?;
        self.rng.choice(&seat.said).cloned()
    }

    /// The numbers of the events that the client waits for next.
    pub(super) fn next_events(&self, number: usize) -> Option<(u32, u32)> {
        self.seats.get(number)?.next
    }

    pub(super) fn session(&self, number: usize) -> Option<SessionId> {
        self.seats.get(number)?.session
    }

    /// Whoever comes with this token has a seat again: what was said before does not count, even if the new connection is lost
    /// before the next tick. Whether there is such a player.
    fn begin_anew(&mut self, token: Token, sim: &Sim<G>) -> bool {
        let own = self.tokens.iter().find(|(of, _)| *of == token);
        let own = own.map(|(_, own)| *own);
        let mut players = sim.players();
        let player = players.find(|player| own.is_some() && sim.net_id_of(*player) == own);
        self.left_alone.retain(|(of, _)| Some(*of) != player);
        let theirs = self.seats.iter_mut().filter(|seat| seat.player == player);
        theirs.for_each(|seat| seat.player = None);
        player.is_some()
    }

    /// Checks those whom no client plays just now, and that there are not too many of them.
    #[track_caller]
    fn look_after(&mut self, room: &Room<G>) {
        let (sim, tick) = (room.sim(), room.sim().now());
        let seats = room.player_count() + room.kept_seats();
        assert!(
            seats <= self.most,
            "{seats} of {} seats are taken",
            self.most
        );
        let sessions = self.seats.iter().filter_map(|seat| seat.session);
        let played: Vec<_> = sessions.filter_map(|it| room.player_of(it)).collect();
        self.left_alone.retain_mut(|(player, feed)| {
            let Some(did) = did(sim, *player).filter(|_| !played.contains(player)) else {
                return false;
            };
            if let Some(why) = feed.objection(tick, did.as_slice()) {
                panic!("player {player}, who is away, {why}");
            }
            true
        });
        let told = |player| (player, G::told(sim, player).1);
        self.told = sim.players().map(told).collect();
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        self.counts.spoilt += 1;
        let flips = 1 + self.rng.usize(0..3);
        for _ in 0..flips {
            let at = self.rng.usize(0..bytes.len().max(1));
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << self.rng.u32(0..8);
            }
        }
    }
}

impl Seat {
    fn new<G: Trial>(schema: &GameSchema) -> Self {
        Self {
            session: None,
            feed: Feed::new::<G::Input>(&schema.input, G::TICK_RATE),
            due: VecDeque::new(),
            last: None,
            read: None,
            taint: None,
            next: None,
            joins: None,
            player: None,
            place: None,
            spoil: Spoil::default(),
            said: VecDeque::new(),
        }
    }

    /// Checks what the client holds after it has read a message.
    #[track_caller]
    fn hold(&mut self, number: usize, newest: &Arc<Snapshot>, patience: u32) -> bool {
        let tick = newest.tick();
        if self.read == Some(tick) {
            return false;
        }
        self.read = Some(tick);
        while self
            .due
            .front()
            .is_some_and(|due| tick.is_after(due.tick()))
        {
            self.due.pop_front();
        }
        let due = self.due.pop_front_if(|due| due.tick() == tick);
        let right = due.as_ref().is_some_and(|due| due == newest);
        let Some(mut taint) = self.taint else {
            let differs = due.map_or_else(
                || "never written".to_owned(),
                |due| difference(&due, newest),
            );
            assert!(
                right,
                "client {number} holds another world of tick {tick}: {differs}"
            );
            return false;
        };
        let differs = due
            .filter(|_| !right)
            .map_or_else(String::new, |due| difference(&due, newest));
        taint.read += 1;
        taint.right = if right { taint.right + 1 } else { 0 };
        taint.was_wrong |= !right;
        assert!(
            taint.read < patience || taint.right > 0,
            "client {number} still holds another world of tick {tick}, {} snapshots after a spoilt one: {differs}",
            taint.read
        );
        // What was wrong may lie in a past that later snapshots build on.
        let is_over = taint.right > 2 * tickwire_protocol::limits::HISTORY_TICKS;
        self.taint = (!is_over).then_some(taint);
        is_over && taint.was_wrong
    }
}

/// What a player did in the last tick.
fn did<G: Trial>(sim: &Sim<G>, player: PlayerId) -> Option<Words> {
    let entity = sim.entity_of(player)?;
    let did = sim.world().get::<PlayerInput<G::Input>>(entity)?;
    Some(Words::of(&did.0))
}

fn words(view: &Snapshot, id: NetId) -> Option<(u32, &[u32])> {
    view.row(id).map(|row| (row.mask, row.words))
}

fn difference(due: &Snapshot, is: &Snapshot) -> String {
    let ids = due.rows().chain(is.rows()).map(|row| row.id);
    let row = |id| format!("{id}: due {:?}, is {:?}", due.row(id), is.row(id));
    let mut wrong = ids.filter(|id| words(due, *id) != words(is, *id));
    wrong.next().map_or_else(String::new, row)
}

impl<G: Trial> Witness<G> for Shared<G> {
    fn upstream(&mut self, number: usize, session: SessionId, bytes: &mut Vec<u8>, room: &Room<G>) {
        let check = &mut *self.0.borrow_mut();
        let share = check.seats.get(number).map_or(0.0, |seat| seat.spoil.up);
        if share > 0.0 && check.rng.f64() < share {
            check.flip(bytes);
        }
        let Some(seat) = check.seats.get_mut(number) else {
            return;
        };
        let player = room.player_of(session);
        match decode_client::<G>(bytes, &check.schema) {
            Ok(ClientMessage::Commands(commands)) if player.is_some() => {
                let next = room.sim().now().next();
                let list = commands.list.iter();
                list.for_each(|command| seat.feed.deliver(command, next));
            }
            Ok(ClientMessage::Control(ClientControl::Hello { token, .. })) if player.is_none() => {
                let (all, _) = G::told(room.sim(), PlayerId(u32::MAX));
                seat.joins = Some(all);
                seat.place = Place::of(room, check.most);
                let comes_back = token.is_some_and(|token| check.begin_anew(token, room.sim()));
                if let Some(seat) = check.seats.get_mut(number).filter(|_| comes_back) {
                    seat.place = Some(Place::Free);
                }
            }
            _ => {}
        }
        if let Some(seat) = check.seats.get_mut(number) {
            if seat.said.len() == REPLAYS {
                seat.said.pop_front();
            }
            seat.said.push_back(bytes.clone());
        }
    }

    fn downstream(&mut self, number: usize, bytes: &mut Vec<u8>, _: Duration) {
        let check = &mut *self.0.borrow_mut();
        let Some(seat) = check.seats.get_mut(number) else {
            return;
        };
        match decode_server(bytes) {
            Ok(ServerMessage::Control(ServerControl::Welcome(welcome))) => {
                let told = welcome.token.map(|token| (token, welcome.own));
                check.tokens.extend(told);
                let gave_way = seat.place == Some(Place::Kept);
                check.counts.gave_way += u64::from(gave_way);
            }
            Ok(ServerMessage::Control(ServerControl::Reject { reason, .. })) => assert!(
                seat.place.is_none() || !reason.contains("full"),
                "client {number} was refused although there was a place: {reason}"
            ),
            _ => {}
        }
        if seat.spoil.down > 0.0
            && check.rng.f64() < seat.spoil.down
            && matches!(decode_server(bytes), Ok(ServerMessage::Snapshot(..)))
        {
            seat.taint = Some(Taint::default());
            check.flip(bytes);
        }
    }

    fn took(&mut self, number: usize, client: &Client<G>, _: Duration) {
        let check = &mut *self.0.borrow_mut();
        let Some(seat) = check.seats.get_mut(number) else {
            return;
        };
        if let Some(newest) = client.newest() {
            check.counts.views += 1;
            check.counts.healed += u64::from(seat.hold(number, newest, check.patience));
        }
        let waiting = client.waiting();
        assert!(
            waiting <= MOST_IN_CLIENT,
            "client {number} keeps {waiting} things"
        );
    }

    fn heard(&mut self, number: usize, event: &Delivered<G::Event>) {
        let check = &mut *self.0.borrow_mut();
        let Some(got) = G::number(event) else {
            return;
        };
        check.counts.events += 1;
        let next = check
            .seats
            .get_mut(number)
            .and_then(|seat| seat.next.as_mut());
        let next = next.map(|(all, one)| if event.at_once { one } else { all });
        let Some(next) = next else {
            panic!("client {number} was told something before it joined");
        };
        assert_eq!(
            got, *next,
            "client {number}, at once: {}: the number of an event",
            event.at_once
        );
        *next += 1;
    }

    fn ticked(&mut self, room: &Room<G>, _: Duration) {
        let check = &mut *self.0.borrow_mut();
        let (sim, tick) = (room.sim(), room.sim().now());
        check.counts.ticks += 1;
        let last = check.worlds.newest().map(|world| world.tick());
        if last.is_some_and(|last| !tick.is_after(last)) {
            // Another server, with other players.
            check.left_alone.clear();
            check.told.clear();
        }
        check.worlds.push(sim.snapshot());
        for (number, seat) in check.seats.iter_mut().enumerate() {
            let Some(session) = seat.session else {
                continue;
            };
            if let Some(waiting) = room.waiting(session) {
                let fits = waiting.control <= MOST.control
                    && waiting.events <= MOST.events
                    && waiting.pings <= MOST.pings
                    && waiting.commands <= MOST.commands;
                assert!(fits, "the session of client {number} keeps {waiting:?}");
            }
            seat.player = room.player_of(session);
            let Some(player) = seat.player else {
                continue;
            };
            if let Some(all) = seat.joins.take() {
                let one = check.told.get(&player).copied();
                check.counts.resumed += u64::from(one.is_some());
                seat.next = Some((all, one.unwrap_or(0)));
            }
            check.counts.commands += 1;
            let did = did(sim, player).unwrap_or_default();
            if let Some(why) = seat.feed.objection(tick, did.as_slice()) {
                panic!("client {number} {why}");
            }
            let written = room.sender_of(session).and_then(|sender| sender.written());
            if written != Some(tick) {
                continue;
            }
            let view = check.worlds.view_of(room, session, seat.last.as_deref());
            let Some(view) = view else {
                panic!("nobody knows what client {number} was sent in tick {tick}");
            };
            let own = sim.net_id_of(player);
            let on_time = room.held_back_rows() == 0;
            let wrong = own.and_then(|own| {
                check
                    .worlds
                    .objection::<G>(&view, own, check.variety, on_time)
            });
            if let Some(why) = wrong {
                panic!("client {number} {why}, in tick {tick}");
            }
            seat.last = Some(Arc::clone(&view));
            seat.due.push_back(view);
        }
        check.look_after(room);
    }

    fn connected(&mut self, number: usize, session: Option<SessionId>) {
        let check = &mut *self.0.borrow_mut();
        if let Some(seat) = check.seats.get_mut(number) {
            let feed = Seat::new::<G>(&check.schema).feed;
            let feed = std::mem::replace(&mut seat.feed, feed);
            check
                .left_alone
                .extend(seat.player.map(|player| (player, feed)));
            let (spoil, said) = (seat.spoil, std::mem::take(&mut seat.said));
            *seat = Seat {
                session,
                spoil,
                said,
                ..Seat::new::<G>(&check.schema)
            };
            check.counts.sessions += u64::from(session.is_some());
        }
    }
}

impl Counts {
    /// Adds those of another match.
    pub fn add(&mut self, other: &Self) {
        self.ticks += other.ticks;
        self.views += other.views;
        self.commands += other.commands;
        self.events += other.events;
        self.sessions += other.sessions;
        self.resumed += other.resumed;
        self.gave_way += other.gave_way;
        self.spoilt += other.spoilt;
        self.healed += other.healed;
    }
}
