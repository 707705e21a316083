//! The workload as a game: components, the one input, the systems of the server.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tickwire_engine::prelude::*;
use tickwire_protocol::{Game, Level, NetId, Wire};

use crate::generator::{Generator, RATE, Walker};

/// 16 bits over the side of the world.
const STEP: f64 = 1000.0 / 65535.0;

#[derive(Component, Wire, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Body {
    #[wire(min = 0.0, max = 1000.0, step = STEP, lerp)]
    pub(crate) x: f32,
    #[wire(min = 0.0, max = 1000.0, step = STEP, lerp)]
    pub(crate) y: f32,
    #[wire(angle = 16, lerp)]
    pub(crate) heading: f32,
}

#[derive(Component, Wire, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Health {
    pub(crate) health: u8,
}

#[derive(Component, Wire, Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kind {
    pub(crate) kind: u16,
}

/// The last number that an entity's owner sent: how a client sees that its input has had an effect.
#[derive(Component, Wire, Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Counter {
    pub(crate) counter: u32,
}

impl From<&Walker> for Body {
    fn from(walker: &Walker) -> Self {
        Self {
            x: walker.x,
            y: walker.y,
            heading: walker.heading,
        }
    }
}

impl From<&Walker> for Health {
    fn from(walker: &Walker) -> Self {
        let health = walker.health;
        Self { health }
    }
}

impl From<&Walker> for Kind {
    fn from(walker: &Walker) -> Self {
        let kind = walker.kind;
        Self { kind }
    }
}

/// The size of the workload, as the level: so the handshake finds out when the two ends were told different ones.
#[derive(Debug)]
pub(crate) struct Size {
    pub(crate) entities: usize,
    /// The share of them that walks.
    pub(crate) active: f64,
    /// The first entities belong to the clients, in the order in which they join.
    pub(crate) clients: usize,
}

impl Size {
    /// Which of the crowd an id means: the entities without an owner are there, and numbered, before the clients come.
    pub(crate) fn index_of(&self, id: NetId) -> Option<usize> {
        let id = usize::try_from(id.0).ok()?;
        let ownerless = self.entities - self.clients;
        let index = id.checked_sub(ownerless).unwrap_or(id + self.clients);
        (index < self.entities).then_some(index)
    }
}

impl Level for Size {
    const BUILT_IN: &'static [(&'static str, &'static str)] = &[("crowd", "100 1 8")];

    fn parse(text: &str) -> Result<Self, String> {
        let number = |at: usize, what: &str| {
            let word = text.split(' ').nth(at).unwrap_or_default();
            word.parse().map_err(|_| format!("{what} is {word:?}"))
        };
        let whole = |at, what: &str| {
            let count: f64 = number(at, what)?;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be a small whole number"
            )]
            let whole = (count.fract() == 0.0 && (1.0..=50_000.0).contains(&count))
                .then_some(count as usize);
            whole.ok_or_else(|| format!("{what} is {count}; it must be 1 to 50000"))
        };
        let size = Self {
            entities: whole(0, "the number of entities")?,
            active: number(1, "the share that walks")?,
            clients: whole(2, "the number of clients")?,
        };
        if !(0.0..=1.0).contains(&size.active) {
            return Err(format!("a share of {} cannot walk", size.active));
        }
        if size.clients > size.entities {
            return Err(format!(
                "{} entities cannot have {} owners",
                size.entities, size.clients
            ));
        }
        Ok(size)
    }
}

/// A client's input: the number that it wants to see on its entity.
#[derive(Wire, Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Beat {
    pub(crate) counter: u32,
}

#[derive(Debug)]
pub(crate) struct Crowd;

impl Game for Crowd {
    const TICK_RATE: u32 = RATE;
    const TABLES: &'static [u8] = include_bytes!("crowd.twt");
    type Input = Beat;
    type Replicated = (Body, Health, Kind, Counter);
    type Predicted = ();
    type Event = ();
    type Level = Size;
}

/// The truth.
#[derive(Resource)]
struct Walk {
    generator: Generator,
}

/// What the systems tell the server's report.
#[derive(Resource, Debug, Default, Clone)]
pub(crate) struct Tally(Arc<Mutex<Counts>>);

/// Totals since the start, but for the gap.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Counts {
    /// Inputs that had an effect.
    pub(crate) inputs: u64,
    /// Ticks that began more than one and a half tick lengths after the one before.
    pub(crate) late: u64,
    /// The longest time from one tick to the next since the last report.
    pub(crate) longest_gap: Duration,
    /// Time in the systems.
    pub(crate) simulated: Duration,
    began: Option<Instant>,
}

const LATE: Duration = Duration::from_millis(25);

impl Tally {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The counts, and a new start for the longest gap.
    pub(crate) fn take(&self) -> Counts {
        let mut counts = self.counts();
        let taken = *counts;
        counts.longest_gap = Duration::ZERO;
        taken
    }
}

impl Counts {
    fn note_tick(&mut self, began: Instant) {
        if let Some(last) = self.began.replace(began) {
            let gap = began - last;
            self.late += u64::from(gap > LATE);
            self.longest_gap = self.longest_gap.max(gap);
        }
    }
}

/// Which of the crowd an entity is.
#[derive(Component, Debug, Clone, Copy)]
struct Place(usize);

/// On those that walk.
#[derive(Component, Debug, Clone, Copy)]
struct Walking;

/// Sets the crowd up, but for the entities of the clients that are to come.
pub(crate) fn build(sim: &mut Sim<Crowd>) {
    let size = &sim.level().level;
    let (clients, generator) = (size.clients, Generator::new(size.entities, size.active));
    let walkers: Vec<_> = generator.walkers().iter().copied().enumerate().collect();
    let walking = generator.walking();
    for (place, walker) in walkers.iter().skip(clients) {
        let mut entity = sim
            .world_mut()
            .spawn((Replicated::default(), body(*place, walker)));
        if *place < walking {
            entity.insert(Walking);
        }
    }
    sim.insert_resource(Walk { generator })
        .insert_resource(Tally::default())
        .observe(welcome)
        .add_systems((walk, listen).chain());
}

fn body(place: usize, walker: &Walker) -> impl Bundle {
    (
        Place(place),
        Body::from(walker),
        Health::from(walker),
        Kind::from(walker),
    )
}

/// The next client gets the next entity. Who leaves takes it along: a measurement in which somebody leaves is void.
fn welcome(new: On<Add<Player>>, players: Query<&Player>, walk: Res<Walk>, mut commands: Commands) {
    let Ok(player) = players.get(new.entity) else {
        return;
    };
    let place = usize::try_from(player.id.0).unwrap_or(usize::MAX);
    let Some(walker) = walk.generator.walkers().get(place) else {
        return;
    };
    let mut entity = commands.entity(new.entity);
    entity.insert((body(place, walker), Counter::default()));
    if place < walk.generator.walking() {
        entity.insert(Walking);
    }
}

fn walk(
    mut walk: ResMut<Walk>,
    mut walkers: Query<(&Place, &mut Body, &mut Health), With<Walking>>,
    tally: Res<Tally>,
) {
    let began = Instant::now();
    walk.generator.step();
    for (place, mut body, mut health) in &mut walkers {
        if let Some(walker) = walk.generator.walkers().get(place.0) {
            *body = walker.into();
            health.set_if_neq(walker.into());
        }
    }
    let mut counts = tally.counts();
    counts.note_tick(began);
    counts.simulated += began.elapsed();
}

/// Numbers grow: a smaller one is only an input that was missing.
fn listen(mut players: Query<(&PlayerInput<Beat>, &mut Counter)>, tally: Res<Tally>) {
    for (input, mut counter) in &mut players {
        if input.counter > counter.counter {
            counter.counter = input.counter;
            tally.counts().inputs += 1;
        }
    }
}
