//! Interest: what each player gets to see.
//!
//! A game declares it once, by [`Interest`]; [`Relevance`] works it out for each player who is due a snapshot. It reads the
//! words of the snapshot, not the ECS: the same snapshots give the same sights.

mod grid;
mod relevance;
mod sight;

pub use relevance::Relevance;
pub use sight::Viewer;

use tickwire_protocol::limits::MAX_TIERS;
use tickwire_protocol::{NetId, Row, Schema, Wire, WordReader};

/// Whom a declaration of an [`Interest`] is about.
///
/// The *owner* of an entity is the player whose entity it is or who is named by [`Interest::owner`]; an entity without a team
/// of its own is of its owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// All players.
    Everyone,
    /// The owner only.
    Owner,
    /// The owner and whoever is of the entity's team.
    Team,
    /// Everyone but the owner.
    Others,
}

/// What players get to see of a match, declared by the game. Without one, everyone sees everything.
///
/// - An entity with a place is relevant within a radius. One without a place is relevant to all, or just to those whom
///   [`Self::always`] names.
/// - The player's own entity is always relevant, and so is what [`Self::always`] says.
/// - [`Self::show`] keeps single components from some players; an entity of which a player may see no component is not
///   shown at all.
/// - [`Self::filter`] takes out whatever the game's own rules hide.
/// - [`Self::tiers`] lets clients be told less often of what is far away, or matters less; [`Self::weight`] says what goes first
///   when there is too much to tell.
///
/// All of it is decided by replicated components. What is kept from a player never leaves the server for it: neither
/// the words nor that the component is there. A reference in a component that it does get may name the number of an entity
/// that it does not see: its client reads `None`, but a secret belongs in a component of its own.
/// [`Game::predict`](tickwire_protocol::Game::predict) runs on the client with what that player sees, so it should look only at what
/// is near.
///
/// ```
/// # use tickwire_engine::{Audience, Interest};
/// # use tickwire_protocol::{NetId, Wire};
/// # #[derive(Wire, Clone)] struct Body { #[wire(min = 0.0, max = 1000.0, step = 0.1)] x: f32, #[wire(min = 0.0, max = 1000.0, step = 0.1)] y: f32 }
/// # #[derive(Wire, Clone)] struct Rocket { owner: Option<NetId> }
/// # #[derive(Wire, Clone)] struct Side { colour: u8 }
/// # #[derive(Wire, Clone)] struct Flag { taken: bool }
/// # #[derive(Wire, Clone)] struct Hand { cards: u32 }
/// let interest = Interest::radius(40.0, 48.0)
///     .place(|body: &Body| [body.x, body.y])
///     .owner(|rocket: &Rocket| rocket.owner)
///     .team(|side: &Side| side.colour.into())
///     .always::<Flag>(Audience::Everyone)
///     .show::<Hand>(Audience::Owner)
///     .tiers(&[1, 2, 6])
///     .tier_beyond(15.0, 1)
///     .tier_beyond(30.0, 2)
///     .tier(|_: &Rocket| 0)
///     .weight(|_: &Rocket| 8);
/// # let _ = interest;
/// ```
pub struct Interest {
    enter: f32,
    leave: f32,
    /// For each tier, and where those by distance begin.
    periods: Vec<u8>,
    borders: Vec<(f32, u8)>,
    tiers: Vec<Reader<u8>>,
    weights: Vec<Reader<u8>>,
    places: Vec<Reader<[f32; 2]>>,
    owners: Vec<Reader<Option<NetId>>>,
    teams: Vec<Reader<u32>>,
    always: Vec<(Which, Audience)>,
    show: Vec<(Which, Audience)>,
    filters: Vec<Filter>,
}

type Filter = Box<dyn Fn(Row<'_>, Row<'_>) -> bool + Send + Sync>;

impl Interest {
    /// Entities with a place come into a player's view within `enter` of the player's own entity and go out of it beyond
    /// `leave`, both in the units of the places. The gap keeps who walks along the border from blinking: a tenth or two.
    ///
    /// # Panics
    /// When not 0 < `enter` ≤ `leave` < ∞.
    #[must_use]
    pub fn radius(enter: f32, leave: f32) -> Self {
        assert!(
            0.0 < enter && enter <= leave && leave.is_finite(),
            "entities enter a view nearer than they leave it: 0 < {enter} <= {leave}"
        );
        Self {
            enter,
            leave,
            periods: vec![1],
            borders: Vec::new(),
            tiers: Vec::new(),
            weights: Vec::new(),
            places: Vec::new(),
            owners: Vec::new(),
            teams: Vec::new(),
            always: Vec::new(),
            show: Vec::new(),
            filters: Vec::new(),
        }
    }

    /// No radius: for games that hide some components or entities and show the rest to all.
    #[must_use]
    pub fn everywhere() -> Self {
        Self::radius(1.0, 1.0)
    }

    /// An entity with a `T` is at this place on the ground. Say it for each such component; the first that an entity has
    /// counts. While a player's own entity has no place, its last one counts.
    #[must_use]
    pub fn place<T: Wire>(mut self, place: fn(&T) -> [f32; 2]) -> Self {
        self.places.push(Reader::new(place));
        self
    }

    /// An entity with a `T` belongs to the player of this entity: a [`NetId`] or, for a reference, an `Option` of one. Without
    /// such a component, or when that says `None`, an entity is its own.
    #[must_use]
    pub fn owner<T: Wire, O: Into<Option<NetId>> + 'static>(mut self, owner: fn(&T) -> O) -> Self {
        self.owners
            .push(Reader::new(move |value: &T| owner(value).into()));
        self
    }

    /// An entity with a `T` is of this team; so is what it owns.
    #[must_use]
    pub fn team<T: Wire>(mut self, team: fn(&T) -> u32) -> Self {
        self.teams.push(Reader::new(team));
        self
    }

    /// An entity with a `T` is relevant to this audience wherever it is.
    #[must_use]
    pub fn always<T: Wire>(mut self, audience: Audience) -> Self {
        self.always.push((Which::of::<T>(), audience));
        self
    }

    /// The component `T` is for this audience only. Said twice, it is for both.
    #[must_use]
    pub fn show<T: Wire>(mut self, audience: Audience) -> Self {
        self.show.push((Which::of::<T>(), audience));
        self
    }

    /// There are so many tiers, and a client is told of rows of tier `i` in every `periods[i]`th snapshot: `&[1, 2, 6]` for
    /// three of them. The first is 1; it is the tier of all that nothing else is said of, and always of a player's own entity.
    /// Clients that see an entity in the same tier share its bytes. What comes into view or goes out of it is told at once. A
    /// room whose snapshots come so seldom that a period is 64 ticks or more shortens that.
    ///
    /// # Panics
    /// When there is no tier or are more than 4, when the first period is not 1, or another is 0.
    #[must_use]
    pub fn tiers(mut self, periods: &[u8]) -> Self {
        assert!(
            periods.first() == Some(&1) && periods.len() <= MAX_TIERS && !periods.contains(&0),
            "there are 1 to 4 tiers, the first told of in every snapshot: {periods:?}"
        );
        self.periods = periods.to_vec();
        self
    }

    /// Entities farther away from a player than `distance` are of this tier for it, unless their components name another; they
    /// come back when they are a tenth nearer. The farthest border that an entity is beyond of counts.
    ///
    /// # Panics
    /// When the distance is not above 0, or there are more than 3 borders. [`Sim::interest`](crate::Sim::interest) panics when
    /// there is no such tier.
    #[must_use]
    pub fn tier_beyond(mut self, distance: f32, tier: u8) -> Self {
        assert!(
            distance > 0.0 && self.borders.len() < MAX_TIERS - 1,
            "up to 3 tiers begin at a distance above 0: {distance}"
        );
        self.borders.push((distance, tier));
        self
    }

    /// An entity with a `T` is of the tier that its `T` says, wherever it is: `|_| 0` for what must never be late, `|_| 2` for
    /// scenery. Said of several components, the first that an entity has counts. What is above the last tier is of the last.
    #[must_use]
    pub fn tier<T: Wire>(mut self, tier: fn(&T) -> u8) -> Self {
        self.tiers.push(Reader::new(tier));
        self
    }

    /// An entity with a `T` is so important, 1 (the usual) to 255: when there is too much to tell a client, its priority grows
    /// that many times as fast while it waits. Said of several components, the first that an entity has counts.
    #[must_use]
    pub fn weight<T: Wire>(mut self, weight: fn(&T) -> u8) -> Self {
        self.weights.push(Reader::new(weight));
        self
    }

    /// Of what is relevant otherwise, a player sees what `shows(own, other)` says: the row of the player's own entity, which
    /// itself is always seen, and the row in question. Both are whole rows of the newest snapshot.
    #[must_use]
    pub fn filter(
        mut self,
        shows: impl Fn(Row<'_>, Row<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.filters.push(Box::new(shows));
        self
    }
}

/// A component type, until the schema is known.
#[derive(Clone, Copy)]
struct Which {
    name: &'static str,
    position: fn(&Schema) -> Option<usize>,
}

impl Which {
    fn of<T: Wire>() -> Self {
        Self {
            name: T::NAME,
            position: |schema| schema.position::<T>(),
        }
    }

    /// The component's place in the schema.
    #[expect(clippy::panic, reason = "documented where a game's interest is taken")]
    fn find(self, schema: &Schema) -> usize {
        (self.position)(schema).unwrap_or_else(|| {
            panic!(
                "interest is declared by {}, which is not in Replicated",
                self.name
            )
        })
    }
}

/// Reads a fact off a component's words.
struct Reader<V> {
    which: Which,
    read: Read<V>,
}

type Read<V> = Box<dyn Fn(&[u32]) -> V + Send + Sync>;

impl<V: 'static> Reader<V> {
    fn new<T: Wire>(read: impl Fn(&T) -> V + Send + Sync + 'static) -> Self {
        Self {
            which: Which::of::<T>(),
            read: Box::new(move |words| read(&T::load(&mut WordReader::new(words)))),
        }
    }
}
