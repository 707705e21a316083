//! A scene: what is to be drawn at one moment.

use std::cmp::Ordering;
use std::fmt;

use tickwire_protocol::limits::MAX_NET_ID;
use tickwire_protocol::message::View;
use tickwire_protocol::{Components, Game, Moment, NetId, Row, Snapshot, Wire};

use crate::spawn::DrawnSpawn;

/// What is to be drawn now: the other entities between two snapshots, a little in the past; the own one as predicted, in the
/// present. It borrows the client and computes components when they are asked for.
pub struct Scene<'a, G: Game> {
    pub(crate) moment: Option<Moment<'a>>,
    pub(crate) newest: Option<&'a Snapshot>,
    /// The entities that are drawn in the present, by ascending id: the own one, and what the player drives. None in a game
    /// that predicts nothing.
    pub(crate) ours: Vec<Ours<G>>,
    /// What the player's commands brought about.
    pub(crate) spawns: Vec<DrawnSpawn>,
    /// What of that is over, although the moment still has it.
    pub(crate) over: Vec<NetId>,
}

/// An entity of the player's, and what is predicted for it.
pub(crate) type Ours<G> = (NetId, Option<<G as Game>::Predicted>);

impl<G: Game> fmt::Debug for Scene<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scene = f.debug_struct("Scene");
        scene.field("view", &self.view());
        scene.field("rows", &self.rows().count()).finish()
    }
}

impl<G: Game> Scene<'_, G> {
    /// A scene with nothing in it.
    pub(crate) const fn empty() -> Self {
        Self {
            moment: None,
            newest: None,
            ours: Vec::new(),
            spawns: Vec::new(),
            over: Vec::new(),
        }
    }

    /// Between which snapshots the other entities are drawn: what the next commands claim. `None` before the first snapshot.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.moment.map(|moment| moment.view())
    }

    /// All entities, by ascending id, and then what the player's own commands brought about ([`Game::spawns`]). One that only the
    /// newer of the two snapshots has is not there yet.
    pub fn rows(&self) -> impl Iterator<Item = SceneRow<'_, G>> {
        let others = self
            .moment
            .into_iter()
            .flat_map(|moment| moment.from.rows());
        let is_other = |row: &Row<'_>| self.place(row.id).is_none() && !self.is_spawn(row.id);
        let mut others = others.filter(is_other).peekable();
        let ours = self.ours.iter();
        let mut ours = ours.filter_map(|ours| self.our_row(ours)).peekable();
        let mut spawns = self.spawns.iter();
        std::iter::from_fn(move || {
            let order = match (ours.peek(), others.peek()) {
                (None, None) => return spawns.next().map(|spawn| self.spawn_row(spawn)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(ours), Some(other)) => ours.id.cmp(&other.id),
            };
            if order == Ordering::Less {
                ours.next()
            } else {
                others.next().map(|row| self.other_row(row))
            }
        })
    }

    /// The entity `id`, if it is to be seen.
    #[must_use]
    pub fn row(&self, id: NetId) -> Option<SceneRow<'_, G>> {
        if let Some(spawn) = self.spawns.iter().find(|spawn| spawn.id == Some(id)) {
            return Some(self.spawn_row(spawn));
        }
        if self.over.contains(&id) {
            return None;
        }
        match self.place(id) {
            Some(place) => self.our_row(self.ours.get(place)?),
            None => Some(self.other_row(self.moment?.from.row(id)?)),
        }
    }

    /// The component `T` of the entity `id`, if it is to be seen.
    #[must_use]
    pub fn get<T: Wire>(&self, id: NetId) -> Option<T> {
        self.row(id)?.get()
    }

    /// Whether the entity `id` is to be seen.
    fn contains(&self, id: NetId) -> bool {
        let snapshot = match self.place(id) {
            Some(_) => self.newest,
            None => self.moment.map(|moment| moment.from),
        };
        snapshot.is_some_and(|snapshot| snapshot.row(id).is_some())
    }

    /// Whether `id` is, or was until now, drawn as a spawn of the player's own.
    fn is_spawn(&self, id: NetId) -> bool {
        self.over.contains(&id) || self.spawns.iter().any(|spawn| spawn.id == Some(id))
    }

    fn spawn_row<'a>(&'a self, spawn: &'a DrawnSpawn) -> SceneRow<'a, G> {
        // No entity has an id beyond the largest.
        let nobody = NetId(MAX_NET_ID + 1 + (spawn.key & 0xFFFF));
        SceneRow {
            id: spawn.id.unwrap_or(nobody),
            scene: self,
            source: Source::Spawned(spawn),
        }
    }

    /// Where `id` is among the player's own.
    fn place(&self, id: NetId) -> Option<usize> {
        self.ours.iter().position(|(ours, _)| *ours == id)
    }

    fn our_row<'a>(&'a self, (id, predicted): &'a Ours<G>) -> Option<SceneRow<'a, G>> {
        Some(SceneRow {
            id: *id,
            scene: self,
            source: Source::Ours(self.newest?.row(*id)?, predicted.as_ref()),
        })
    }

    fn other_row<'a>(&'a self, row: Row<'a>) -> SceneRow<'a, G> {
        SceneRow {
            id: row.id,
            scene: self,
            source: Source::Others,
        }
    }
}

/// One entity in a scene.
pub struct SceneRow<'a, G: Game> {
    /// Its network id; one beyond [`MAX_NET_ID`] for what the server has not spawned yet.
    pub id: NetId,
    scene: &'a Scene<'a, G>,
    source: Source<'a, G>,
}

/// Where a component comes from.
enum Source<'a, G: Game> {
    /// From the prediction; what is not predicted from this row of the newest snapshot.
    Ours(Row<'a>, Option<&'a G::Predicted>),
    /// From the moment.
    Others,
    /// From what the player's command brought about.
    Spawned(&'a DrawnSpawn),
}

impl<G: Game> fmt::Debug for SceneRow<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of a scene", self.id)
    }
}

impl<G: Game> SceneRow<'_, G> {
    /// Its component of type `T`, as it is to be drawn: predicted for the player's own entities, blended for others. A component
    /// that comes or goes between the two snapshots does so when the view reaches the newer. What it refers to is in the scene,
    /// or the reference is `None`.
    #[must_use]
    pub fn get<T: Wire>(&self) -> Option<T> {
        match &self.source {
            Source::Ours(row, predicted) => {
                let predicted = predicted.and_then(|predicted| predicted.get());
                let mut own: T = predicted.cloned().or_else(|| row.get())?;
                // The newest snapshot, and the more so prediction, knows entities that the picture has not reached yet.
                own.retain_references(&|id| self.scene.contains(id));
                Some(own)
            }
            Source::Others => self.scene.moment?.get(self.id),
            Source::Spawned(spawn) => {
                let mut value = T::blend(&spawn.from.get()?, &spawn.to.get()?, spawn.way);
                if let Some((shown, right, share)) = &spawn.fade {
                    value = value.displace(&shown.get()?, &right.get()?, *share);
                }
                value.retain_references(&|id| self.scene.contains(id));
                Some(value)
            }
        }
    }

    /// A number of its own for what the player's command brought about, the same before and after the server has spawned it;
    /// `None` for all others.
    #[must_use]
    pub fn spawned(&self) -> Option<u32> {
        match &self.source {
            Source::Spawned(spawn) => Some(spawn.key),
            _ => None,
        }
    }

    /// How much of it is there: 1, and down to 0 while something vanishes that the server did not spawn.
    #[must_use]
    pub fn presence(&self) -> f32 {
        match &self.source {
            Source::Spawned(spawn) => spawn.presence,
            _ => 1.0,
        }
    }
}
