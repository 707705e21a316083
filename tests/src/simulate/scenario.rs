//! What happens in a simulated match, all of it from one number.

use std::fmt;
use std::time::Duration;

use tickwire_engine::RoomConfig;
use tickwire_protocol::link::Link;

use super::trial::Variety;

/// Which game is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The field, 10 times a second.
    Field10,
    /// The field, 20 times a second.
    Field20,
    /// The field, 60 times a second.
    Field60,
    /// Arena, with bots.
    Arena,
}

/// What may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A connection is cut.
    Cut,
    /// Nothing passes for a while.
    Blackhole,
    /// A client's program stands still, and reads nothing.
    Freeze,
    /// A client is not drawn.
    Hide,
    /// A client says that nobody looks at it, or that somebody does again.
    Veil,
    /// The server's program stands still.
    FreezeServer,
    /// The server dies, and another starts.
    Restart,
    /// A client's link becomes another.
    Link,
    /// A player leaves, and another comes.
    Leave,
    /// A client's program dies, and is started again.
    Crash,
    /// The same, but the new one has the old one's token, as a page that is loaded anew.
    Reload,
    /// A client is started with the token of another that may be playing.
    Twin,
    /// Snapshots to a client are spoilt.
    SpoilDown,
    /// Messages of a client are spoilt.
    SpoilUp,
    /// A client says what makes no sense.
    Garbage,
    /// A client says again what it has said.
    Replay,
    /// A client asks for the time without end, and reads no answer.
    Flood,
    /// A client draws more often, or less.
    Pictures,
    /// A bit of a client's memory flips.
    Memory,
}

impl Fault {
    const ALL: [Self; 17] = [
        Self::Cut,
        Self::Blackhole,
        Self::Freeze,
        Self::Hide,
        Self::Veil,
        Self::FreezeServer,
        Self::Restart,
        Self::Link,
        Self::Leave,
        Self::Crash,
        Self::SpoilDown,
        Self::SpoilUp,
        Self::Garbage,
        Self::Replay,
        Self::Flood,
        Self::Pictures,
        Self::Memory,
    ];
}

/// A simulated match.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Everything else comes from it.
    pub seed: u64,
    /// The game.
    pub kind: Kind,
    /// What players see of it.
    pub variety: Variety,
    /// How many clients there are.
    pub clients: usize,
    /// How many bots.
    pub bots: usize,
    /// The settings of the room.
    pub config: RoomConfig,
    /// How long things go wrong; a quiet minute or less follows.
    pub length: Duration,
    /// What goes wrong: not all at once, or nothing would ever last.
    pub(super) faults: Vec<Fault>,
    /// The mean time between two faults.
    pub(super) calm: Duration,
}

impl Scenario {
    /// The match of this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let kind = match rng.u32(0..100) {
            0..60 => Kind::Field10,
            60..70 => Kind::Field20,
            70..75 => Kind::Field60,
            _ => Kind::Arena,
        };
        let is_arena = kind == Kind::Arena;
        let variety = match rng.u32(0..4) {
            0 if !is_arena => Variety::Near,
            1 if !is_arena => Variety::Tiers,
            _ => Variety::Open,
        };
        let interval = match rng.u32(0..8) {
            0..5 => 2,
            5 => 1,
            6 => 3,
            _ => 6,
        };
        let budget = match rng.u32(0..6) {
            0 => 0,
            1 => 4,
            2 => 16,
            _ => 256,
        };
        let faults = Fault::ALL.into_iter().filter(|_| rng.u32(0..3) == 0);
        let mut scenario = Self {
            seed,
            kind,
            variety,
            faults: faults.collect(),
            clients: rng.usize(2..5),
            bots: if is_arena { rng.usize(0..6) } else { 0 },
            config: RoomConfig {
                snapshot_interval: interval,
                budget,
                ..RoomConfig::default()
            },
            length: Duration::from_secs(rng.u64(60..600)),
            calm: Duration::from_millis(rng.u64(500..20_000)),
        };
        // Drawn last: so a seed that failed before there was this is still much the same match.
        let late = [Fault::Reload, Fault::Twin].into_iter();
        scenario.faults.extend(late.filter(|_| rng.u32(0..3) == 0));
        let seconds = rng.choice([0, 2, 30, 30, 30]).unwrap_or(30);
        scenario.config.seat_kept = Duration::from_secs(seconds);
        // In some rooms there is a place for each client and for no seat beside them.
        if rng.u32(0..3) == 0 {
            scenario.config.max_players = scenario.clients;
        }
        scenario
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}, {:?}, {} clients, {} bots, a snapshot every {} ticks, {} kbit/s, {} places, seats kept {} s, {} s, {:?} about every {:.1} s",
            self.kind,
            self.variety,
            self.clients,
            self.bots,
            self.config.snapshot_interval,
            self.config.budget,
            self.config.max_players,
            self.config.seat_kept.as_secs(),
            self.length.as_secs(),
            self.faults,
            self.calm.as_secs_f32()
        )
    }
}

/// Any link: one of the profiles, or something between them.
pub(super) fn any_link(rng: &mut fastrand::Rng) -> Link {
    let profiles = Link::ALL.map(|(_, link)| link);
    let mut link = rng.choice(profiles).unwrap_or(Link::P1);
    match rng.u32(0..8) {
        0 => link.loss = rng.f64() * 0.1,
        1 => link.jitter = link.rtt.mul_f64(rng.f64()),
        2 => link.downstream = Some(rng.u32(1_000..20_000)),
        _ => {}
    }
    link
}
