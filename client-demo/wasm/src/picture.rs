//! A scene as rows of numbers.

use arena::{Arena, Body, Health, Pickup, PickupKind, Rocket, Score, Weapon};
use tickwire_client::{Scene, SceneRow};

/// What was computed for the last picture. The memory stays from picture to picture.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) players: Vec<f32>,
    pub(crate) rockets: Vec<f32>,
    pub(crate) pickups: Vec<f32>,
}

impl Picture {
    /// Takes over what `scene` shows.
    pub(crate) fn take(&mut self, scene: &Scene<'_, Arena>) {
        self.players.clear();
        self.rockets.clear();
        self.pickups.clear();
        for row in scene.rows() {
            self.player(&row);
            self.rocket(&row);
            self.pickup(&row);
        }
    }

    /// Players have a score, also while they are dead.
    fn player(&mut self, row: &SceneRow<'_, Arena>) {
        let Some(score) = row.get::<Score>() else {
            return;
        };
        let body = row.get::<Body>();
        let at = body.map_or([0.0; 5], |b| [b.x, b.y, b.heading, b.vx, b.vy]);
        let health = row.get::<Health>();
        self.players.push(id(row));
        self.players.extend(at);
        self.players.extend([
            health.map_or(0.0, |health| f32::from(health.hp)),
            flag(health.is_some_and(|health| health.guarded)),
            row.get::<Weapon>().map_or(0.0, |w| f32::from(w.rockets)),
            f32::from(score.kills),
            f32::from(score.deaths),
            flag(body.is_some()),
        ]);
    }

    fn rocket(&mut self, row: &SceneRow<'_, Arena>) {
        if let Some(rocket) = row.get::<Rocket>() {
            let Rocket { x, y, heading, .. } = rocket;
            let owner = rocket.owner.map_or(-1.0, |owner| owner.0 as f32);
            // The own rocket keeps its number when the server's comes.
            let id = row.spawned().map_or(id(row), |key| -1.0 - key as f32);
            let there = row.presence();
            self.rockets.extend([id, x, y, heading, owner, there]);
        }
    }

    fn pickup(&mut self, row: &SceneRow<'_, Arena>) {
        if let Some(Pickup { x, y, kind, ready }) = row.get() {
            let kind = flag(kind == PickupKind::Rockets);
            self.pickups.extend([id(row), x, y, kind, flag(ready)]);
        }
    }
}

/// An `f32` holds every network id: they have 24 bits.
fn id(row: &SceneRow<'_, Arena>) -> f32 {
    row.id.0 as f32
}

fn flag(flag: bool) -> f32 {
    f32::from(u8::from(flag))
}
