//! What a client should hold after each snapshot.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_engine::{Room, SessionId};
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::{NetId, Row, Snapshot, Tick};

use crate::simulate::trial::{Trial, Variety};

/// The server's last worlds, longer than it remembers them itself.
#[derive(Default)]
pub(super) struct Worlds {
    ring: VecDeque<Arc<Snapshot>>,
}

impl Worlds {
    pub(super) fn push(&mut self, snapshot: &Arc<Snapshot>) {
        // A new server starts anew.
        if self
            .ring
            .back()
            .is_some_and(|last| !snapshot.tick().is_after(last.tick()))
        {
            self.ring.clear();
        }
        if self.ring.len() == 2 * HISTORY_TICKS as usize {
            self.ring.pop_front();
        }
        self.ring.push_back(Arc::clone(snapshot));
    }

    fn row(&self, tick: Tick, id: NetId) -> Option<Row<'_>> {
        let newest = self.ring.back()?;
        let ago = usize::try_from(newest.tick().since(tick)).ok()?;
        let world = self.ring.get(self.ring.len().checked_sub(ago + 1)?)?;
        world.row(id)
    }

    pub(super) fn newest(&self) -> Option<&Arc<Snapshot>> {
        self.ring.back()
    }

    /// What a session's client has to hold when it has read the snapshot that was written just now. `last` is what it had
    /// to hold before.
    pub(super) fn view_of<G: Trial>(
        &self,
        room: &Room<G>,
        session: SessionId,
        last: Option<&Snapshot>,
    ) -> Option<Arc<Snapshot>> {
        let newest = self.newest()?;
        if !room.has_interest() && !room.tells_late() {
            return Some(Arc::clone(newest));
        }
        let sender = room.sender_of(session)?;
        let mut view = Snapshot::with_room_like(newest, newest.tick());
        for (id, version) in sender.view() {
            // A row that has waited longer than anybody remembers is as it was.
            let row = match version {
                Some(tick) => self.row(tick, id)?,
                None => last?.row(id)?,
            };
            let hidden = sender.hidden(id);
            let words = view.push(id, row.mask & !hidden);
            for (i, component) in newest.schema().components().iter().enumerate() {
                if hidden >> i & 1 == 0
                    && let Some(to) = words.get_mut(component.columns.clone())
                    && let Some(from) = row.words.get(component.columns.clone())
                {
                    to.copy_from_slice(from);
                }
            }
        }
        Some(Arc::new(view))
    }

    /// What is wrong with what the player of the entity `own` is shown: too much, too little, or too old.
    pub(super) fn objection<G: Trial>(
        &self,
        view: &Snapshot,
        own: NetId,
        variety: Variety,
        on_time: bool,
    ) -> Option<String> {
        let world = self.newest()?;
        let Some(me) = world.row(own) else {
            return Some(format!("its own entity {own} is gone from the world"));
        };
        for row in world.rows() {
            let (must, sees) = (G::must_see(variety, me, row), view.row(row.id).is_some());
            let wrong = must.is_some_and(|must| must != sees);
            if wrong && (sees || on_time) {
                return Some(format!("sees {}: {sees}, {row:?}", row.id));
            }
        }
        for row in view.rows() {
            if world.row(row.id).is_none() {
                return Some(format!("sees {}, which is gone", row.id));
            }
            if G::is_secret(variety, own, row) {
                return Some(format!("sees a secret of {}", row.id));
            }
        }
        None
    }
}
