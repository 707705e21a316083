//! A scene: what is to be drawn at one moment.

use std::cmp::Ordering;
use std::fmt;

use tickwire_protocol::message::View;
use tickwire_protocol::{Components, Game, Moment, NetId, Row, Snapshot, Wire};

/// What is to be drawn now: the other entities between two snapshots, a little in the past; the own one as predicted, in the
/// present. It borrows the client and computes components when they are asked for.
pub struct Scene<'a, G: Game> {
    pub(crate) moment: Option<Moment<'a>>,
    pub(crate) newest: Option<&'a Snapshot>,
    /// The entities that are drawn in the present, by ascending id: the own one, and what the player drives. None in a game
    /// that predicts nothing.
    pub(crate) ours: Vec<Ours<G>>,
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
        }
    }

    /// Between which snapshots the other entities are drawn: what the next commands claim. `None` before the first snapshot.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.moment.map(|moment| moment.view())
    }

    /// All entities, by ascending id. One that only the newer of the two snapshots has is not there yet.
    pub fn rows(&self) -> impl Iterator<Item = SceneRow<'_, G>> {
        let others = self
            .moment
            .into_iter()
            .flat_map(|moment| moment.from.rows());
        let mut others = others.filter(|row| self.place(row.id).is_none()).peekable();
        let ours = self.ours.iter();
        let mut ours = ours.filter_map(|ours| self.our_row(ours)).peekable();
        std::iter::from_fn(move || {
            let order = match (ours.peek(), others.peek()) {
                (None, None) => return None,
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

    /// Where `id` is among the player's own.
    fn place(&self, id: NetId) -> Option<usize> {
        self.ours.iter().position(|(ours, _)| *ours == id)
    }

    fn our_row<'a>(&'a self, (id, predicted): &'a Ours<G>) -> Option<SceneRow<'a, G>> {
        Some(SceneRow {
            id: *id,
            scene: self,
            row: self.newest?.row(*id)?,
            source: Source::Ours(predicted.as_ref()),
        })
    }

    fn other_row<'a>(&'a self, row: Row<'a>) -> SceneRow<'a, G> {
        SceneRow {
            id: row.id,
            scene: self,
            row,
            source: Source::Others,
        }
    }
}

/// One entity in a scene.
pub struct SceneRow<'a, G: Game> {
    /// Its network id.
    pub id: NetId,
    scene: &'a Scene<'a, G>,
    /// In the older snapshot; for the player's own entities in the newest.
    row: Row<'a>,
    source: Source<'a, G>,
}

/// Where a component comes from.
enum Source<'a, G: Game> {
    /// From the prediction, what is not predicted from the newest snapshot.
    Ours(Option<&'a G::Predicted>),
    /// From the moment.
    Others,
}

impl<G: Game> fmt::Debug for SceneRow<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the older snapshot: {:?}", self.id, self.row)
    }
}

impl<G: Game> SceneRow<'_, G> {
    /// Its component of type `T`, as it is to be drawn: predicted for the player's own entities, blended for
    /// others. A component that
    /// comes or goes between the two snapshots does so when the view reaches the newer. What it refers to is in the scene, or
    /// the reference is `None`.
    #[must_use]
    pub fn get<T: Wire>(&self) -> Option<T> {
        match &self.source {
            Source::Ours(predicted) => {
                let predicted = predicted.and_then(|predicted| predicted.get());
                let mut own: T = predicted.cloned().or_else(|| self.row.get())?;
                // The newest snapshot, and the more so prediction, knows entities that the picture has not reached yet.
                own.retain_references(&|id| self.scene.contains(id));
                Some(own)
            }
            Source::Others => self.scene.moment?.get(self.id),
        }
    }
}
