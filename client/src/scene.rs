//! A scene: what is to be drawn at one moment.

use std::cmp::Ordering;
use std::fmt;

use tickwire_protocol::message::View;
use tickwire_protocol::{Components, Game, NetId, Row, Snapshot, Wire};

use crate::interpolate::Between;

/// What is to be drawn now: the other entities between two snapshots, a little in the past; the own one as predicted, in the
/// present. It borrows the client and computes components when they are asked for.
pub struct Scene<'a, G: Game> {
    pub(crate) between: Option<Between<'a>>,
    pub(crate) newest: Option<&'a Snapshot>,
    /// The own entity, if it is drawn apart from the others: not in a game that predicts nothing.
    pub(crate) own: Option<NetId>,
    pub(crate) predicted: Option<G::Predicted>,
}

impl<G: Game> fmt::Debug for Scene<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scene = f.debug_struct("Scene");
        scene.field("view", &self.view()).field("own", &self.own);
        scene.field("rows", &self.rows().count()).finish()
    }
}

impl<G: Game> Scene<'_, G> {
    /// A scene with nothing in it.
    pub(crate) const fn empty() -> Self {
        Self {
            between: None,
            newest: None,
            own: None,
            predicted: None,
        }
    }

    /// Between which snapshots the other entities are drawn: what the next commands claim. `None` before the first snapshot.
    #[must_use]
    pub fn view(&self) -> Option<View> {
        self.between.map(|between| between.view())
    }

    /// All entities, by ascending id. One that only the newer of the two snapshots has is not there yet.
    pub fn rows(&self) -> impl Iterator<Item = SceneRow<'_, G>> {
        let others = self.between.into_iter().flat_map(|b| b.from.rows());
        let mut others = others.filter(|row| Some(row.id) != self.own).peekable();
        let mut own = self.own_row();
        std::iter::from_fn(move || {
            let order = match (&own, others.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(own), Some(other)) => own.id.cmp(&other.id),
            };
            if order == Ordering::Less {
                own.take().map(|row| self.own_scene_row(row))
            } else {
                others.next().map(|row| self.other_scene_row(row))
            }
        })
    }

    /// The entity `id`, if it is to be seen.
    #[must_use]
    pub fn row(&self, id: NetId) -> Option<SceneRow<'_, G>> {
        if self.own == Some(id) {
            return self.own_row().map(|row| self.own_scene_row(row));
        }
        let row = self.between?.from.row(id)?;
        Some(self.other_scene_row(row))
    }

    /// The component `T` of the entity `id`, if it is to be seen.
    #[must_use]
    pub fn get<T: Wire>(&self, id: NetId) -> Option<T> {
        self.row(id)?.get()
    }

    /// Whether the entity `id` is to be seen.
    fn contains(&self, id: NetId) -> bool {
        let other = || self.between?.from.row(id);
        if self.own == Some(id) {
            self.own_row().is_some()
        } else {
            other().is_some()
        }
    }

    fn own_row(&self) -> Option<Row<'_>> {
        self.newest?.row(self.own?)
    }

    fn own_scene_row<'a>(&'a self, row: Row<'a>) -> SceneRow<'a, G> {
        SceneRow {
            id: row.id,
            scene: self,
            row,
            rest: Rest::Own(self.predicted.as_ref()),
        }
    }

    fn other_scene_row<'a>(&'a self, row: Row<'a>) -> SceneRow<'a, G> {
        let newer = self
            .between
            .and_then(|b| Some((b.to.row(row.id)?, b.share())));
        SceneRow {
            id: row.id,
            scene: self,
            row,
            rest: Rest::Other(newer),
        }
    }
}

/// One entity in a scene.
pub struct SceneRow<'a, G: Game> {
    /// Its network id.
    pub id: NetId,
    scene: &'a Scene<'a, G>,
    /// In the older snapshot; for the own entity in the newest.
    row: Row<'a>,
    rest: Rest<'a, G>,
}

/// What else a component is made of.
enum Rest<'a, G: Game> {
    Own(Option<&'a G::Predicted>),
    Other(Option<(Row<'a>, f32)>),
}

impl<G: Game> fmt::Debug for SceneRow<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the older snapshot: {:?}", self.id, self.row)
    }
}

impl<G: Game> SceneRow<'_, G> {
    /// Its component of type `T`, as it is to be drawn: predicted for the own entity, blended for others. A component that
    /// comes or goes between the two snapshots does so when the view reaches the newer. What it refers to is in the scene, or
    /// the reference is `None`.
    #[must_use]
    pub fn get<T: Wire>(&self) -> Option<T> {
        match &self.rest {
            Rest::Own(predicted) => {
                let predicted = predicted.and_then(|predicted| predicted.get());
                let mut own: T = predicted.cloned().or_else(|| self.row.get())?;
                // The newest snapshot, and the more so prediction, knows entities that the picture has not reached yet.
                own.retain_references(&|id| self.scene.contains(id));
                Some(own)
            }
            Rest::Other(newer) => {
                let older: T = self.row.get()?;
                let newer = newer.and_then(|(row, share)| Some((row.get()?, share)));
                Some(match newer {
                    Some((newer, share)) => T::blend(&older, &newer, share),
                    None => older,
                })
            }
        }
    }
}
