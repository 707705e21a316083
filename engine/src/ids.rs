//! Network ids: given when an entity becomes replicated, given again only when nobody remembers the former bearer.

use std::collections::{BTreeMap, VecDeque};

use bevy_ecs::lifecycle::HookContext;
use bevy_ecs::prelude::*;
use bevy_ecs::world::DeferredWorld;
use tickwire_protocol::limits::{HISTORY_TICKS, MAX_NET_ID};
use tickwire_protocol::{NetId, Tick};

/// Marks an entity that clients get to see: its components of [`Game::Replicated`](tickwire_protocol::Game::Replicated) go
/// into every snapshot. Spawn it with `Replicated::default()`; the network id is assigned on the spot. Inserted again, it stands for
/// another entity: with a new id.
#[derive(Component, Debug, Default)]
#[component(on_add = assign, on_insert = assign, on_discard = release)]
pub struct Replicated {
    id: Option<NetId>,
}

impl Replicated {
    /// The entity's network id.
    ///
    /// # Panics
    /// On a value that was never put on an entity.
    #[must_use]
    #[expect(clippy::expect_used, reason = "documented above")]
    pub fn id(&self) -> NetId {
        self.id
            .expect("an entity gets its network id when Replicated is added")
    }
}

/// Who has which network id: to find the entity that a reference (`Option<NetId>`) in a component means.
#[derive(Resource, Debug)]
pub struct NetIds {
    entities: BTreeMap<NetId, Entity>,
    /// By network id: whether anybody has it. Extraction asks for each reference in each tick.
    given: Vec<bool>,
    unused: u32,
    /// Ids that were given back, with the tick of that, oldest first.
    returned: VecDeque<(Tick, NetId)>,
    /// Ticks until an id is given again.
    rest: u32,
    /// How often an id was given, or given back: as long as it stays, every entity has its id.
    pub(crate) turnover: u64,
    pub(crate) now: Tick,
}

/// Where components refer to entities, a client may have an old row that names the former bearer for as long as a budget lets
/// that row wait. Ten times as long as a baseline lives is more than anybody should have to.
const REST_WITH_REFERENCES: u32 = 10 * HISTORY_TICKS;

impl NetIds {
    /// For entities that components refer to, or do not.
    pub(crate) fn new(are_referred_to: bool) -> Self {
        Self {
            entities: BTreeMap::new(),
            given: Vec::new(),
            unused: 0,
            returned: VecDeque::new(),
            turnover: 0,
            rest: if are_referred_to {
                REST_WITH_REFERENCES
            } else {
                HISTORY_TICKS
            },
            now: Tick::default(),
        }
    }

    fn assign(&mut self, entity: Entity) -> NetId {
        // A baseline that is still alive is at most 63 ticks older than the snapshot that shows the new bearer.
        let rested = |(since, _): &(Tick, NetId)| self.now.since(*since) >= self.rest.cast_signed();
        let id = if self.returned.front().is_some_and(rested) {
            self.returned.pop_front().map(|(_, id)| id)
        } else {
            None
        };
        let id = id.unwrap_or_else(|| {
            assert!(
                self.unused <= MAX_NET_ID,
                "all {MAX_NET_ID} network ids are in use"
            );
            self.unused += 1;
            NetId(self.unused - 1)
        });
        self.entities.insert(id, entity);
        self.mark(id, true);
        id
    }

    fn release(&mut self, id: NetId) {
        self.entities.remove(&id);
        self.mark(id, false);
        self.returned.push_back((self.now, id));
    }

    fn mark(&mut self, id: NetId, given: bool) {
        self.turnover += 1;
        let slot = id.0 as usize;
        if slot >= self.given.len() {
            self.given.resize(slot + 1, false);
        }
        if let Some(place) = self.given.get_mut(slot) {
            *place = given;
        }
    }

    /// The entity that has this id; `None` once it is despawned, or no longer [`Replicated`].
    #[must_use]
    pub fn entity(&self, id: NetId) -> Option<Entity> {
        self.entities.get(&id).copied()
    }

    /// Whether an entity has this id.
    #[must_use]
    pub fn contains(&self, id: NetId) -> bool {
        self.given.get(id.0 as usize) == Some(&true)
    }

    /// The entities that have an id, by ascending id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (NetId, Entity)> {
        self.entities.iter().map(|(id, entity)| (*id, *entity))
    }
}

/// When it is added: before observers of `On<Add>` ask for the id. When it is inserted over another: that one's id is given back.
fn assign(mut world: DeferredWorld<'_>, at: HookContext) {
    let has_one = |replicated: &Replicated| replicated.id.is_some();
    if world.get::<Replicated>(at.entity).is_some_and(has_one) {
        return;
    }
    let id = world.resource_mut::<NetIds>().assign(at.entity);
    if let Some(mut replicated) = world.get_mut::<Replicated>(at.entity) {
        replicated.id = Some(id);
    }
}

fn release(mut world: DeferredWorld<'_>, at: HookContext) {
    if let Some(id) = world
        .get::<Replicated>(at.entity)
        .and_then(|replicated| replicated.id)
    {
        world.resource_mut::<NetIds>().release(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_rests_for_the_length_of_history() {
        let mut ids = NetIds::new(false);
        let entity = Entity::PLACEHOLDER;
        assert_eq!(
            (ids.assign(entity), ids.assign(entity)),
            (NetId(0), NetId(1))
        );
        ids.now = Tick(10);
        ids.release(NetId(0));
        ids.now = Tick(10 + HISTORY_TICKS - 1);
        assert_eq!(ids.assign(entity), NetId(2));
        ids.now = Tick(10 + HISTORY_TICKS);
        assert_eq!(ids.assign(entity), NetId(0));
    }

    #[derive(Resource, Default)]
    struct Seen(Vec<NetId>);

    fn note(new: On<Add<Replicated>>, all: Query<&Replicated>, mut seen: ResMut<Seen>) {
        seen.0.extend(all.get(new.entity).map(Replicated::id));
    }

    #[test]
    fn an_observer_finds_the_id_and_another_insertion_gives_another() {
        let mut world = World::new();
        world.insert_resource(NetIds::new(false));
        world.insert_resource(Seen::default());
        world.add_observer(note);
        let entity = world.spawn(Replicated::default()).id();
        assert_eq!(world.resource::<Seen>().0, [NetId(0)]);
        world.entity_mut(entity).insert(Replicated::default());
        let id = world.get::<Replicated>(entity).map(Replicated::id);
        assert_eq!(id, Some(NetId(1)));
        let ids = world.resource::<NetIds>();
        assert_eq!(ids.entity(NetId(0)), None);
        assert_eq!(ids.entity(NetId(1)), Some(entity));
    }
}
