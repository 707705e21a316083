//! What a game tells Tickwire about itself.

use std::any::type_name;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_64;

use crate::codec::layout::Layout;
use crate::codec::store::{self, TablesError};
use crate::codec::tables::TableSet;
use crate::components::Components;
use crate::limits::{MAX_INPUT_BITS, MAX_LEVEL};
use crate::schema::{Column, Schema};
use crate::sight::Known;
use crate::snapshot::{NetId, Row, Snapshot};
use crate::spawn::Spawn;
use crate::tick::Tick;
use crate::wire::Wire;

/// A game: the types that travel and the one rule that both ends run.
///
/// It sits below the ECS, so that the same implementation compiles for the server and for the browser.
pub trait Game: Sized + Send + Sync + 'static {
    /// Simulation steps per second, 1 to 255. The length of a step is always `1 / TICK_RATE`.
    const TICK_RATE: u32;
    /// Raised by the author when rules or events change in a way that the schema does not show; part of the handshake.
    const VERSION: u32 = 0;
    /// Tables that code this game's snapshots tighter than the neutral ones do: the bytes of a file that `tables train` wrote,
    /// by `include_bytes!`. Tables for other components than the game has (now) are not used, see [`GameSchema::unused`].
    const TABLES: &'static [u8] = &[];
    /// A player's command for one tick.
    type Input: Wire + Default + PartialEq;
    /// The components that clients get to see, in wire order; each entity has any of them.
    type Replicated: Components;
    /// The components of the player's own entity that [`Game::predict`] moves; all of them are in `Replicated` too. `()` for none.
    type Predicted: Components;
    /// What happens at an instant and is told once, reliably and in order. `()` for none.
    type Event: Serialize + DeserializeOwned + Clone + Send + Sync + fmt::Debug + 'static;
    /// The static world that both ends know. `()` for none.
    type Level: Level;

    /// The entities that an event names. Whoever gets to see one of them has it before the event is told: the event, and all
    /// that happened later, waits for the snapshot that brings the entity (two seconds at most), and an event that is shown
    /// with the picture waits for the picture. An entity that a player does not see holds nothing up.
    #[must_use]
    fn names(event: &Self::Event) -> Vec<NetId> {
        let _ = event;
        Vec::new()
    }

    /// Moves a player's own entity by one tick. The server and the client's prediction call this very function.
    ///
    /// It must depend on its arguments only and give the same bits everywhere: `std`'s `sin`, `exp` and `powf` do not, the
    /// `libm` crate's do.
    fn predict(own: &mut Self::Predicted, input: &Self::Input, around: &Around<'_, Self>) {
        let _ = (own, input, around);
    }

    /// What leaves a player's own entity in a tick, as it stands after [`Self::predict`]: its rocket, say, as that is at the end of
    /// the tick. The client shows it at once. On the server a system of the game spawns the real one, with the engine's
    /// `SpawnedBy` beside its other components, so that the player's client can tell it by tick and place in this list; the
    /// client lets go of what the server does not spawn.
    #[must_use]
    fn spawns(own: &Self::Predicted, around: &Around<'_, Self>) -> Vec<Spawn> {
        let _ = (own, around);
        Vec::new()
    }

    /// Moves what [`Self::spawns`] gave by one tick, as far as that can be known: whom it hits is the server's business. The
    /// client does so ahead of the snapshots, with the server's rows of it too.
    fn move_spawned(spawn: &mut Spawn, around: &Around<'_, Self>) {
        let _ = (spawn, around);
    }

    /// The player whose commands move the entity of `row`, beside the player's own: what it drives, its pet. Such an entity has
    /// all of [`Self::Predicted`]; [`Self::predict`] moves it, with [`Around::own`] saying which one it is, and its driver's
    /// client predicts it. A player drives at most [`MAX_DRIVEN`](crate::limits::MAX_DRIVEN) entities, those with the lowest ids.
    #[must_use]
    fn driver(row: &Row<'_>) -> Option<NetId> {
        let _ = row;
        None
    }
}

/// What an entity can see of the world while it moves: the level, and all entities as of the last snapshot.
///
/// On the server that is the world of the tick before. On the client it is the newest snapshot, as old as the way here is long: what
/// depends on something that moves, or that others change, may be corrected. On both ends it is what the player's client has, and no
/// more: nobody is pushed by what it cannot see. (Bots, and players without a client, see everything.) Rows of slow
/// [tiers](crate::Cadence), and those that wait for a place in the budget, are older on the client.
#[derive(Debug)]
pub struct Around<'a, G: Game> {
    /// The static world.
    pub level: &'a G::Level,
    /// The entity that moves.
    pub own: NetId,
    /// The player whose commands move it: the same, unless it has a [`Game::driver`].
    pub player: NetId,
    /// The newest snapshot that this end has.
    snapshot: &'a Snapshot,
    /// On the server, what the player's client has of it.
    known: Option<&'a Known>,
}

impl<'a, G: Game> Around<'a, G> {
    /// The schema of the rows.
    #[must_use]
    pub fn schema(&self) -> &'a Arc<Schema> {
        self.snapshot.schema()
    }

    /// What a player's own entity sees.
    #[must_use]
    pub fn new(level: &'a G::Level, own: NetId, snapshot: &'a Snapshot) -> Self {
        Self {
            level,
            own,
            player: own,
            snapshot,
            known: None,
        }
    }

    /// On the server, what the player's client can see of it too: nothing else is around, for what only one end knows makes
    /// every prediction wrong that it touches.
    #[must_use]
    pub fn known_to(self, known: Option<&'a Known>) -> Self {
        Self { known, ..self }
    }

    /// The tick at whose end the world was like this.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.snapshot.tick()
    }

    /// One entity; `None` if there is no such entity around. The own one is as it was then. An entity that the row refers to need not
    /// be around.
    #[must_use]
    pub fn row(&self, id: NetId) -> Option<Row<'a>> {
        let row = self.snapshot.row(id)?;
        match self.known {
            Some(known) => known.part_of(row),
            None => Some(row),
        }
    }

    /// All entities around, the own one as it was then, by ascending id.
    pub fn rows(&self) -> impl Iterator<Item = Row<'a>> + use<'a, G> {
        let known = self.known;
        let rows = self.snapshot.rows();
        rows.filter_map(move |row| match known {
            Some(known) => known.part_of(row),
            None => Some(row),
        })
    }

    /// What an entity sees that the same player drives.
    #[must_use]
    pub fn driven(&self, id: NetId) -> Self {
        Self { own: id, ..*self }
    }

    /// The entities other than the own one that have a `T`, by ascending id.
    pub fn others<T: Wire>(&self) -> impl Iterator<Item = (NetId, T)> {
        self.rows()
            .filter(|row| row.id != self.own)
            .filter_map(|row| Some((row.id, row.get::<T>()?)))
    }
}

/// A static world, read from a text that server and client have alike.
pub trait Level: Sized + Send + Sync + 'static {
    /// Levels that come with the game, as (name, text); the first is the default.
    const BUILT_IN: &'static [(&'static str, &'static str)];

    /// Reads a level.
    ///
    /// # Errors
    /// What is wrong with the text, in words for the person who wrote it.
    fn parse(text: &str) -> Result<Self, String>;
}

/// For games without a static world.
impl Level for () {
    const BUILT_IN: &'static [(&'static str, &'static str)] = &[("none", "")];
    fn parse(_: &str) -> Result<Self, String> {
        Ok(())
    }
}

/// A level together with its name and the text it was read from. Cheap to clone.
#[derive(Debug)]
pub struct LoadedLevel<G: Game> {
    /// How the level is called.
    pub name: Arc<str>,
    /// The source text, which clients get to read.
    pub text: Arc<str>,
    /// The level itself.
    pub level: Arc<G::Level>,
}

impl<G: Game> Clone for LoadedLevel<G> {
    fn clone(&self) -> Self {
        Self {
            name: Arc::clone(&self.name),
            text: Arc::clone(&self.text),
            level: Arc::clone(&self.level),
        }
    }
}

impl<G: Game> LoadedLevel<G> {
    /// Reads a level.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(name: &str, text: &str) -> Result<Self, String> {
        if text.len() > MAX_LEVEL {
            return Err(format!(
                "level {name} has {} bytes; at most {MAX_LEVEL} are allowed",
                text.len()
            ));
        }
        let level = G::Level::parse(text).map_err(|why| format!("level {name}: {why}"))?;
        Ok(Self {
            name: name.into(),
            text: text.into(),
            level: Arc::new(level),
        })
    }

    /// The built-in level of that name.
    ///
    /// # Errors
    /// Which names there are.
    pub fn built_in(name: &str) -> Result<Self, String> {
        let levels = G::Level::BUILT_IN;
        let Some((name, text)) = levels.iter().find(|(n, _)| *n == name) else {
            let names: Vec<_> = levels.iter().map(|(n, _)| *n).collect();
            return Err(format!(
                "there is no level {name}; this game has: {}",
                names.join(", ")
            ));
        };
        Self::parse(name, text)
    }

    /// The game's first built-in level.
    ///
    /// # Panics
    /// When the game has no level at all, or its own does not parse: a defect of the game.
    #[must_use]
    #[expect(clippy::panic, reason = "documented above")]
    pub fn default_level() -> Self {
        let name = G::Level::BUILT_IN.first().map_or("none", |(name, _)| name);
        Self::built_in(name)
            .unwrap_or_else(|why| panic!("the game's default level is broken: {why}"))
    }

    /// XXH3 (64 bits) of the text: what both ends compare.
    #[must_use]
    pub fn hash(&self) -> u64 {
        level_hash(&self.text)
    }
}

/// XXH3 (64 bits) of a level's text.
#[must_use]
pub fn level_hash(text: &str) -> u64 {
    xxh3_64(text.as_bytes())
}

/// Everything of a game that the wire depends on, worked out once.
#[derive(Debug, Clone)]
pub struct GameSchema {
    /// The game's name: the last part of its type's path.
    pub name: &'static str,
    /// Simulation steps per second.
    pub tick_rate: u32,
    /// [`Game::VERSION`].
    pub version: u32,
    /// The rows of snapshots.
    pub rows: Arc<Schema>,
    /// The columns of a command.
    pub input: Arc<Schema>,
    /// XXH3 (64 bits) of the text that [`Display`](fmt::Display) gives: what both ends compare in the handshake.
    pub hash: u64,
    /// What snapshots are coded by: [`Game::TABLES`], or the neutral ones. Both ends compare their hash, too.
    pub tables: Arc<TableSet>,
    /// Why the game's own tables are not in use, although it has some. It plays all the same, with more bytes: whoever changes
    /// a component does so before anybody can record and train. Both ends have the same bytes and so think alike.
    pub unused: Option<TablesError>,
}

impl GameSchema {
    /// Of the game `G`.
    ///
    /// # Panics
    /// When the game breaks a limit, or predicts a component that it does not replicate.
    #[must_use]
    pub fn of<G: Game>() -> Self {
        assert!((1..=255).contains(&G::TICK_RATE), "TICK_RATE is 1 to 255");
        let rows = Schema::of::<G::Replicated>();
        let input = Schema::of::<(G::Input,)>();
        for component in Schema::of::<G::Predicted>().components() {
            assert!(
                rows.contains(component),
                "{} is in Predicted but not in Replicated",
                component.name
            );
        }
        let input_bits: u32 = input.columns().iter().map(Column::bits).sum();
        assert!(
            input_bits as usize <= MAX_INPUT_BITS,
            "a command has {input_bits} bits; at most {MAX_INPUT_BITS} are allowed"
        );
        let (tables, unused) = tables_of(&rows, G::TABLES);
        let path = type_name::<G>().split('<').next().unwrap_or_default();
        let mut schema = Self {
            name: path.rsplit("::").next().unwrap_or_default(),
            tick_rate: G::TICK_RATE,
            version: G::VERSION,
            rows: Arc::new(rows),
            input: Arc::new(input),
            hash: 0,
            tables: Arc::new(tables),
            unused,
        };
        schema.hash = xxh3_64(schema.to_string().as_bytes());
        schema
    }
}

/// A game's own tables, or the neutral ones and why.
fn tables_of(rows: &Schema, own: &[u8]) -> (TableSet, Option<TablesError>) {
    let layout = Layout::of(rows);
    if own.is_empty() {
        return (TableSet::neutral(&layout), None);
    }
    match store::read(&layout, rows.hash(), own) {
        Ok(tables) => (tables, None),
        Err(why) => (TableSet::neutral(&layout), Some(why)),
    }
}

/// Everything that both ends must agree on, as a text to compare and to hash.
impl fmt::Display for GameSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "tick_rate {}", self.tick_rate)?;
        writeln!(f, "version {}", self.version)?;
        write!(f, "rows\n{}", self.rows)?;
        write!(f, "input\n{}", self.input)?;
        // What a client draws is what its server looks back to: both must blend alike.
        writeln!(f, "blend")?;
        for component in self.rows.components() {
            let columns = self.rows.columns().get(component.columns.clone());
            for column in columns.unwrap_or_default() {
                let blending = column.blending();
                if !blending.is_empty() {
                    writeln!(f, "{}.{} {blending}", component.name, column.name)?;
                }
            }
        }
        Ok(())
    }
}
