//! A game's world and its tick.

mod extract;

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bevy_ecs::observer::IntoObserver;
use bevy_ecs::prelude::*;
use bevy_ecs::query::QueryState;
use bevy_ecs::schedule::{
    IntoScheduleConfigs, LogLevel, ScheduleBuildSettings, SingleThreadedExecutor,
};
use bevy_ecs::system::ScheduleSystem;
use tickwire_protocol::message::View;
use tickwire_protocol::{
    ColumnKind, GameSchema, History, LoadedLevel, NetId, Sender, Snapshot, Tick,
};

use crate::ecs::{EcsComponents, EcsGame};
use crate::events::{Events, Recipient};
use crate::ids::{NetIds, Replicated};
use crate::interest::{Interest, Relevance};
use crate::player::{
    Away, Bot, Hidden, Knows, Player, PlayerId, PlayerInput, Returned, bundle, snap_predicted,
};
use crate::receipts::Receipts;
use crate::rewind::{FastForward, LooksBack, Past, RewindLimit, Viewing};
use crate::rng::Rng;
use crate::spawned::{NewSpawns, Told, take_spawns};

/// The tick that is being simulated (or was last, outside systems).
#[derive(Resource, Debug, Default, Clone, Copy)]
pub struct CurrentTick(pub Tick);

/// The level that the match is played on.
#[derive(Resource, Debug)]
pub struct LevelRes<G: EcsGame>(pub Arc<G::Level>);

impl<G: EcsGame> Deref for LevelRes<G> {
    type Target = G::Level;
    fn deref(&self) -> &G::Level {
        &self.0
    }
}

/// A match: the game's world, its systems and its tick. No bytes, no clock; the same seed and inputs give the same match.
///
/// ```
/// # use tickwire_engine::prelude::*;
/// # use tickwire_protocol::{Game, Wire};
/// # #[derive(Component, Wire, Clone, Copy, Default, Debug, PartialEq)]
/// # struct Place { #[wire(max = 1000)] x: u16 }
/// # #[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
/// # struct Walk { right: bool }
/// # struct Stroll;
/// # impl Game for Stroll {
/// #     const TICK_RATE: u32 = 60;
/// #     type Input = Walk; type Replicated = (Place,); type Predicted = (); type Event = (); type Level = ();
/// # }
/// fn build(sim: &mut Sim<Stroll>) {
///     sim.observe(welcome).add_systems(walk);
/// }
/// fn welcome(new: On<Add<Player>>, mut commands: Commands) {
///     commands.entity(new.entity).insert(Place::default());
/// }
/// fn walk(mut players: Query<(&PlayerInput<Walk>, &mut Place)>) {
///     for (input, mut place) in &mut players {
///         place.x += u16::from(input.right);
///     }
/// }
/// let mut sim = Sim::new(7, build);
/// let ada = sim.join("Ada");
/// sim.set_input(ada, Walk { right: true });
/// sim.tick();
/// let row = sim.snapshot().at(0).unwrap();
/// assert_eq!(row.get::<Place>(), Some(Place { x: 1 }));
/// ```
pub struct Sim<G: EcsGame> {
    world: World,
    schedule: Schedule,
    schema: GameSchema,
    level: LoadedLevel<G>,
    rows: QueryState<(
        Entity,
        &'static Replicated,
        <G::Replicated as EcsComponents>::Read,
    )>,
    commands: QueryState<(&'static mut PlayerInput<G::Input>, &'static mut Viewing)>,
    /// The columns that are references.
    references: Vec<usize>,
    /// That of the network ids when the last snapshot was made.
    turnover: u64,
    players: BTreeMap<PlayerId, Entity>,
    next_player: u32,
    score: fn(EntityRef<'_>) -> i64,
    relevance: Option<Relevance>,
    watcher: Option<Watcher>,
    /// What players' commands brought about in the last tick.
    pub(crate) spawned: Vec<Told>,
}

type Watcher = Box<dyn FnMut(&Arc<Snapshot>) + Send>;

impl<G: EcsGame> Sim<G> {
    /// A match on the game's default level. `build` adds the game's systems, observers and resources.
    #[must_use]
    pub fn new(seed: u64, build: fn(&mut Self)) -> Self {
        Self::with_level(seed, LoadedLevel::default_level(), build)
    }

    /// A match on `level`.
    #[must_use]
    pub fn with_level(seed: u64, level: LoadedLevel<G>, build: fn(&mut Self)) -> Self {
        let schema = GameSchema::of::<G>();
        let references = (0..).zip(schema.rows.columns());
        let references = references.filter(|(_, column)| column.kind == ColumnKind::Reference);
        let references: Vec<_> = references.map(|(i, _)| i).collect();
        let mut world = World::new();
        world.insert_resource(NetIds::new(!references.is_empty()));
        world.insert_resource(Past::new(G::TICK_RATE));
        world.insert_resource(RewindLimit::DEFAULT);
        world.insert_resource(FastForward::DEFAULT);
        world.insert_resource(NewSpawns::default());
        world.insert_resource(Rng::new(seed));
        world.insert_resource(CurrentTick::default());
        world.insert_resource(Events::<G::Event>::default());
        world.insert_resource(LevelRes::<G>(Arc::clone(&level.level)));
        let mut schedule = Schedule::default();
        schedule.set_executor(SingleThreadedExecutor::new());
        // Two systems that touch the same thing in no stated order are a match that does not repeat.
        schedule.set_build_settings(ScheduleBuildSettings {
            ambiguity_detection: LogLevel::Error,
            ..ScheduleBuildSettings::new()
        });
        let (rows, commands) = (world.query(), world.query());
        let mut sim = Self {
            world,
            schedule,
            schema,
            level,
            rows,
            commands,
            references,
            turnover: 0,
            players: BTreeMap::new(),
            next_player: 0,
            score: |_| 0,
            relevance: None,
            watcher: None,
            spawned: Vec::new(),
        };
        build(&mut sim);
        sim.world.flush();
        sim.extract();
        sim
    }

    /// Adds an observer, for instance of `On<Add<Player>>`.
    pub fn observe<M>(&mut self, observer: impl IntoObserver<M>) -> &mut Self {
        self.world.add_observer(observer);
        self
    }

    /// Adds systems to the tick; `.chain()` them. Two that conflict without an order are refused at the first tick.
    pub fn add_systems<M>(
        &mut self,
        systems: impl IntoScheduleConfigs<ScheduleSystem, M>,
    ) -> &mut Self {
        self.schedule.add_systems(systems);
        self
    }

    /// Adds a resource, or replaces it.
    pub fn insert_resource(&mut self, resource: impl Resource) -> &mut Self {
        self.world.insert_resource(resource);
        self
    }

    /// How a player's score is read from its entity.
    pub fn score_by(&mut self, score: fn(EntityRef<'_>) -> i64) -> &mut Self {
        self.score = score;
        self
    }

    /// What players get to see. Without this they see everything.
    ///
    /// # Panics
    /// When it names a component that is not in [`Game::Replicated`](tickwire_protocol::Game::Replicated).
    pub fn interest(&mut self, interest: Interest) -> &mut Self {
        self.relevance = Some(Relevance::new(interest, &self.schema.rows));
        self
    }

    /// `watcher` is called with the snapshot of every tick from here on, as part of the tick: for recordings. It must be quick.
    pub fn watch(&mut self, watcher: impl FnMut(&Arc<Snapshot>) + Send + 'static) -> &mut Self {
        self.watcher = Some(Box::new(watcher));
        self
    }

    /// Hands over what [`Self::interest`] declared.
    pub(crate) fn take_relevance(&mut self) -> Option<Relevance> {
        self.relevance.take()
    }

    /// Runs systems that have no order among each other in an order drawn from `seed`: for a test that the match does not
    /// depend on it.
    #[cfg(feature = "shuffle")]
    pub fn shuffle_systems(&mut self, seed: u64) -> &mut Self {
        let settings = self.schedule.get_build_settings();
        self.schedule.set_build_settings(ScheduleBuildSettings {
            shuffle_seed: Some(seed),
            ..settings
        });
        self
    }

    /// A player joins, between ticks; observers of `On<Add<Player>>` run at once.
    pub fn join(&mut self, name: &str) -> PlayerId {
        self.add_player(name, false)
    }

    /// A player joins that the game's own systems play.
    pub fn join_bot(&mut self, name: &str) -> PlayerId {
        self.add_player(name, true)
    }

    fn add_player(&mut self, name: &str, bot: bool) -> PlayerId {
        let id = PlayerId(self.next_player);
        self.next_player += 1;
        let bundle = bundle::<G>(Player {
            id,
            name: name.into(),
            bot,
        });
        let entity = if bot {
            self.world.spawn((Bot, bundle)).id()
        } else {
            self.world.spawn(bundle).id()
        };
        self.world.flush();
        self.players.insert(id, entity);
        id
    }

    /// A player leaves; its entity goes. Unknown players are ignored.
    pub fn leave(&mut self, player: PlayerId) {
        if let Some(entity) = self.players.remove(&player) {
            self.world.despawn(entity);
            self.world.flush();
        }
    }

    /// What `player` does from the next tick on, until it is told otherwise.
    pub fn set_input(&mut self, player: PlayerId, input: G::Input) {
        if let Some(mut place) = self
            .entity_of(player)
            .and_then(|entity| self.world.get_mut::<PlayerInput<G::Input>>(entity))
        {
            place.0 = input;
        }
    }

    /// What `player` saw when giving the input: what [`Rewind`](crate::Rewind) goes by. It is taken as it is, within the limit:
    /// only a [`Room`](crate::Room), which knows what it sent, can check the claims of its clients.
    pub fn set_view(&mut self, player: PlayerId, view: Option<View>) {
        if let Some(mut place) = self
            .entity_of(player)
            .and_then(|entity| self.world.get_mut::<Viewing>(entity))
        {
            *place = Viewing::new(view, false, 0.0);
        }
    }

    /// Whether `player` wants to know how shots were judged.
    pub(crate) fn want_receipts(&mut self, player: Entity, on: bool) {
        if let Ok(mut player) = self.world.get_entity_mut(player) {
            if on {
                player.insert_if_new(Receipts::default());
            } else {
                player.remove::<Receipts>();
            }
        }
    }

    /// What the player's client has: see [`Around::known_to`](tickwire_protocol::Around::known_to).
    pub(crate) fn show(&mut self, player: Entity, sender: &Sender) {
        let Ok(mut player) = self.world.get_entity_mut(player) else {
            return;
        };
        if !player.contains::<Knows>() {
            player.insert(Knows::default());
        }
        if let Some(mut knows) = player.get_mut::<Knows>() {
            // Nobody else has it between ticks: it is written in place.
            sender.tell_known(Arc::make_mut(&mut knows.0));
        }
    }

    /// The player's connection is lost.
    pub(crate) fn lose(&mut self, player: Entity) {
        if let Ok(mut player) = self.world.get_entity_mut(player) {
            player.insert(Away);
            self.world.flush();
        }
    }

    /// The player's page has been hidden, or its connection lost, for so long that it is to be out of play; or somebody looks again.
    pub(crate) fn set_hidden(&mut self, player: Entity, hidden: bool) {
        if let Ok(mut player) = self.world.get_entity_mut(player) {
            if hidden {
                player.insert(Hidden);
            } else {
                player.remove::<Hidden>();
            }
            self.world.flush();
        }
    }

    /// The player is there again, over a connection that nothing was said on yet.
    pub(crate) fn find(&mut self, player: Entity) {
        if let Ok(mut entity) = self.world.get_entity_mut(player) {
            entity.remove::<(Away, Hidden, Receipts)>();
            self.world.trigger(Returned { entity: player });
            self.world.flush();
        }
    }

    /// What the player of `entity` does in the next tick, and what it saw when giving the input: [`Self::set_input`] and
    /// [`Self::set_view`] for a room, which knows the entity.
    pub(crate) fn command(&mut self, entity: Entity, input: G::Input, view: Viewing) {
        if let Ok((mut inputs, mut viewing)) = self.commands.get_mut(&mut self.world, entity) {
            inputs.0 = input;
            *viewing = view;
        }
    }

    /// How far back the game's systems look at most; `None` when none of them looks back.
    pub(crate) fn rewind_limit(&mut self) -> Option<Duration> {
        // Only then are the systems known, also before the first tick. If they cannot be ordered, that tick will say so.
        let _ = self.schedule.initialize(&mut self.world);
        let limit = self.world.resource::<RewindLimit>().0;
        (self.world.contains_resource::<LooksBack>() && !limit.is_zero()).then_some(limit)
    }

    /// Whether the game has looked back as the player of `entity` in the last tick, and then whether at another moment than the
    /// client had claimed.
    pub(crate) fn looked(&self, entity: Entity) -> Option<bool> {
        self.world.get::<Viewing>(entity)?.looked()
    }

    /// Simulates one tick.
    pub fn tick(&mut self) {
        self.advance_tick();
        self.schedule.run(&mut self.world);
        self.spawned = take_spawns(&mut self.world);
        self.snap_predicted();
        self.extract();
        self.world.clear_trackers();
        if let Some(mut watcher) = self.watcher.take() {
            watcher(self.snapshot());
            self.watcher = Some(watcher);
        }
    }

    fn advance_tick(&mut self) {
        let now = self.now().next();
        self.world.resource_mut::<CurrentTick>().0 = now;
        self.world.resource_mut::<NetIds>().now = now;
    }

    fn snap_predicted(&mut self) {
        let players: Vec<_> = self.players.values().copied().collect();
        snap_predicted::<G>(&mut self.world, &players);
    }

    /// The last tick that was simulated; 0 at the start.
    #[must_use]
    pub fn now(&self) -> Tick {
        self.world.resource::<CurrentTick>().0
    }

    /// The world at the end of the last tick.
    ///
    /// # Panics
    /// Never: the snapshot of tick 0 is taken when the match is made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        self.history()
            .latest()
            .expect("there is a snapshot from the start")
    }

    /// The last 64 snapshots.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.world.resource::<Past>().history
    }

    /// How many rows [`Rewind`](crate::Rewind) has blended so far: what looking back costs.
    #[must_use]
    pub fn rows_blended(&self) -> u64 {
        let past = self.world.resource::<Past>();
        past.blended.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The hash of the last snapshot: two matches that agree on it agree on everything clients can see.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.snapshot().hash()
    }

    /// Everyone's name and score, in the order of joining.
    #[must_use]
    pub fn scores(&self) -> Vec<(Arc<str>, i64)> {
        let entities = self
            .players
            .values()
            .filter_map(|entity| self.world.get_entity(*entity).ok());
        entities
            .filter_map(|entity| {
                Some((
                    Arc::clone(&entity.get::<Player>()?.name),
                    (self.score)(entity),
                ))
            })
            .collect()
    }

    /// The events since this was last asked.
    pub fn take_events(&mut self) -> Vec<(Recipient, G::Event)> {
        self.world.resource_mut::<Events<G::Event>>().take()
    }

    /// The schema of the game.
    #[must_use]
    pub fn schema(&self) -> &GameSchema {
        &self.schema
    }

    /// The level of the match.
    #[must_use]
    pub fn level(&self) -> &LoadedLevel<G> {
        &self.level
    }

    /// The players that are there, by ascending id.
    pub fn players(&self) -> impl Iterator<Item = PlayerId> {
        self.players.keys().copied()
    }

    /// A player's entity.
    #[must_use]
    pub fn entity_of(&self, player: PlayerId) -> Option<Entity> {
        self.players.get(&player).copied()
    }

    /// A player's network id.
    #[must_use]
    pub fn net_id_of(&self, player: PlayerId) -> Option<NetId> {
        Some(self.world.get::<Replicated>(self.entity_of(player)?)?.id())
    }

    /// The ECS world, to look at.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The ECS world, to change between ticks.
    pub fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }
}
