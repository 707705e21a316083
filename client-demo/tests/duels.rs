//! Two players on a small map, tick by tick: who hits, who dies, who comes back.
#![cfg(feature = "sim")]
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use arena::rules::{GUARD_TICKS, PICKUP_TICKS, RESPAWN_TICKS, ROCKET_DAMAGE, START_ROCKETS};
use arena::{
    Arena, Body, Event, Health, Input, Pickup, PickupKind, Rocket, Score, Vec2, Weapon, WeaponKind,
    build,
};
use tickwire_engine::{Hidden, PlayerId, Recipient, Sim};
use tickwire_protocol::{LoadedLevel, NetId};

const FIELD: &str = "
##############
#S...........#
#......#.....#
#.....H......#
#S...........#
##############";

struct Duel {
    sim: Sim<Arena>,
    ada: PlayerId,
    bo: PlayerId,
}

impl Duel {
    /// Ada at (2.5, 4.5) looks to the right at Bo at (8.5, 4.5); nobody is guarded any more.
    fn new() -> Self {
        let level = LoadedLevel::parse("field", FIELD).unwrap();
        let mut sim = Sim::with_level(1, level, build);
        let (ada, bo) = (sim.join("Ada"), sim.join("Bo"));
        let mut duel = Self { sim, ada, bo };
        duel.ticks(GUARD_TICKS + 1);
        duel.place(ada, 2.5, 4.5);
        duel.place(bo, 8.5, 4.5);
        duel.sim.take_events();
        duel
    }

    fn place(&mut self, player: PlayerId, x: f32, y: f32) {
        let entity = self.sim.entity_of(player).unwrap();
        let body = Body::standing(Vec2::new(x, y), 0.0);
        self.sim.world_mut().entity_mut(entity).insert(body);
    }

    fn ticks(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.sim.tick();
        }
    }

    fn hold(&mut self, player: PlayerId, rifle: bool, rocket: bool) {
        let input = Input {
            rifle,
            rocket,
            ..Input::default()
        };
        self.sim.set_input(player, input);
    }

    fn id(&self, player: PlayerId) -> NetId {
        self.sim.net_id_of(player).unwrap()
    }

    fn get<T: tickwire_protocol::Wire>(&self, player: PlayerId) -> Option<T> {
        self.sim.snapshot().row(self.id(player)).unwrap().get()
    }

    fn hp(&self, player: PlayerId) -> u8 {
        self.get::<Health>(player).unwrap().hp
    }

    fn pickup(&self) -> Pickup {
        let mut pickups = self.sim.snapshot().rows().filter_map(|row| row.get());
        pickups.next().unwrap()
    }
}

#[test]
fn newcomers_appear_guarded_on_a_spawn_point_and_learn_who_is_there() {
    let mut sim = Sim::new(3, build);
    let ada = sim.join("Ada");
    sim.join_bot("Bo");
    sim.tick();
    let ids: Vec<_> = sim.players().filter_map(|p| sim.net_id_of(p)).collect();
    for id in &ids {
        let row = sim.snapshot().row(*id).unwrap();
        let at = row.get::<Body>().unwrap().at();
        assert!(
            sim.level().level.spawns().any(|spawn| spawn == at),
            "{at:?}"
        );
        assert!(row.get::<Health>().unwrap().guarded);
        assert_eq!(row.get::<Weapon>().unwrap().rockets, START_ROCKETS);
    }
    let events = sim.take_events();
    let (to, Event::Roster { players }) = &events[0] else {
        panic!("the roster comes first: {events:?}");
    };
    assert_eq!((*to, players.len()), (Recipient::One(ada), 1));
    let joined = |event: &&(Recipient, Event)| matches!(event.1, Event::Joined { .. });
    assert_eq!(events.iter().filter(joined).count(), 2);
    sim.leave(ada);
    assert_eq!(
        sim.take_events(),
        [(Recipient::All, Event::Left { id: ids[0] })]
    );
}

#[test]
fn a_rifle_kills_with_nine_hits_and_the_dead_come_back() {
    let mut duel = Duel::new();
    duel.hold(duel.ada, true, false);
    duel.ticks(1);
    assert_eq!(
        duel.hp(duel.bo),
        88,
        "the shot leaves and hits in the tick of the command"
    );
    let events = duel.sim.take_events();
    let (ada, bo) = (duel.id(duel.ada), duel.id(duel.bo));
    let hurt = Event::Hurt {
        by: ada,
        damage: 12,
        x: 2.5,
        y: 4.5,
    };
    let hit = Event::Hit {
        victim: bo,
        damage: 12,
        killed: false,
    };
    assert!(events.contains(&(Recipient::One(duel.bo), hurt)));
    assert!(events.contains(&(Recipient::One(duel.ada), hit)));
    let shot = Event::Shot {
        who: ada,
        x0: 2.5,
        y0: 4.5,
        x1: 8.1,
        y1: 4.5,
        hit: Some(bo),
    };
    assert!(events.contains(&(Recipient::All, shot)), "{events:?}");

    duel.ticks(60);
    assert_eq!(duel.hp(duel.bo), 0);
    assert_eq!(duel.get::<Body>(duel.bo), None, "the dead have no body");
    assert_eq!(duel.get::<Score>(duel.ada).unwrap().kills, 1);
    assert_eq!(duel.get::<Score>(duel.bo).unwrap().deaths, 1);
    let died = Event::Died {
        victim: bo,
        killer: Some(ada),
        weapon: WeaponKind::Rifle,
    };
    assert!(duel.sim.take_events().contains(&(Recipient::All, died)));
    duel.hold(duel.ada, false, false);
    duel.ticks(RESPAWN_TICKS);
    assert!(duel.get::<Body>(duel.bo).is_some());
    assert_eq!(duel.hp(duel.bo), 100);
    let scores: Vec<_> = duel.sim.scores().iter().map(|(_, score)| *score).collect();
    assert_eq!(scores, [1, 0]);
}

#[test]
fn the_guarded_are_safe_until_they_fire() {
    let mut duel = Duel::new();
    let bo = duel.sim.entity_of(duel.bo).unwrap();
    let guard = |duel: &mut Duel| {
        let health = Health {
            hp: 100,
            guarded: true,
        };
        duel.sim.world_mut().entity_mut(bo).insert(health);
    };
    duel.hold(duel.ada, true, true);
    for _ in 0..60 {
        guard(&mut duel);
        duel.ticks(1);
        guard(&mut duel);
    }
    assert_eq!(duel.hp(duel.bo), 100);
    guard(&mut duel);
    duel.hold(duel.bo, true, false);
    duel.ticks(1);
    assert!(!duel.get::<Health>(duel.bo).unwrap().guarded);
}

#[test]
fn a_rocket_flies_bursts_on_the_victim_and_hurts_its_owner_half() {
    let mut duel = Duel::new();
    duel.hold(duel.ada, false, true);
    duel.ticks(1);
    let rocket = duel
        .sim
        .snapshot()
        .rows()
        .find_map(|row| row.get::<Rocket>());
    let rocket = rocket.expect("it is in the snapshot of its first tick");
    assert_eq!((rocket.owner, rocket.y), (Some(duel.id(duel.ada)), 4.5));
    duel.hold(duel.ada, false, false);
    duel.ticks(30);
    assert_eq!(duel.hp(duel.bo), 30, "full damage at the skin");
    assert_eq!(duel.hp(duel.ada), 100);
    let burst = duel
        .sim
        .take_events()
        .into_iter()
        .find_map(|(_, event)| match event {
            Event::Explosion { x, .. } => Some(x),
            _ => None,
        });
    assert!((burst.unwrap() - 8.05).abs() < 1e-3, "{burst:?}");

    duel.place(duel.bo, 2.5, 1.5);
    duel.place(duel.ada, 12.5, 4.5);
    duel.ticks(60);
    duel.hold(duel.ada, false, true);
    duel.ticks(1);
    let own = 100.0 - ROCKET_DAMAGE / 2.0;
    assert_eq!(
        f32::from(duel.hp(duel.ada)),
        own,
        "it bursts on the wall in front of the muzzle"
    );
}

#[test]
fn whoever_blows_themselves_up_loses_a_point() {
    let mut duel = Duel::new();
    let ada = duel.sim.entity_of(duel.ada).unwrap();
    duel.place(duel.ada, 12.5, 4.5);
    let health = Health {
        hp: 10,
        guarded: false,
    };
    duel.sim.world_mut().entity_mut(ada).insert(health);
    duel.hold(duel.ada, false, true);
    duel.ticks(1);
    let id = duel.id(duel.ada);
    let died = Event::Died {
        victim: id,
        killer: Some(id),
        weapon: WeaponKind::Rocket,
    };
    assert!(duel.sim.take_events().contains(&(Recipient::All, died)));
    assert_eq!(duel.sim.scores()[0].1, -1);
}

#[test]
fn a_pickup_heals_once_and_comes_back() {
    let mut duel = Duel::new();
    assert_eq!(
        (duel.pickup().kind, duel.pickup().ready),
        (PickupKind::Health, true)
    );
    duel.place(duel.ada, 6.5, 3.5);
    duel.ticks(1);
    assert!(duel.pickup().ready, "of no use to the healthy");
    let ada = duel.sim.entity_of(duel.ada).unwrap();
    let health = Health {
        hp: 50,
        guarded: false,
    };
    duel.sim.world_mut().entity_mut(ada).insert(health);
    duel.ticks(1);
    assert_eq!((duel.hp(duel.ada), duel.pickup().ready), (90, false));
    let picked = Event::Picked {
        who: duel.id(duel.ada),
        kind: PickupKind::Health,
    };
    assert_eq!(duel.sim.take_events(), [(Recipient::All, picked)]);
    duel.place(duel.ada, 2.5, 4.5);
    duel.ticks(PICKUP_TICKS - 1);
    assert!(!duel.pickup().ready);
    duel.ticks(1);
    assert!(duel.pickup().ready);
}

/// Whoever hides its page and looks again at once must gain nothing by it: neither health, nor the time until it would be back.
#[test]
fn who_is_out_for_hiding_is_back_no_sooner_than_the_dead() {
    let set_hidden = |duel: &mut Duel, hidden| {
        let entity = duel.sim.entity_of(duel.bo).unwrap();
        let mut bo = duel.sim.world_mut().entity_mut(entity);
        if hidden {
            bo.insert(Hidden);
        } else {
            bo.remove::<Hidden>();
        }
        duel.sim.world_mut().flush();
    };
    let is_there = |duel: &Duel| duel.get::<Body>(duel.bo).is_some();
    for dead_for in [0, RESPAWN_TICKS / 2] {
        let mut duel = Duel::new();
        if dead_for > 0 {
            duel.hold(duel.ada, true, false);
            while is_there(&duel) {
                duel.ticks(1);
            }
            duel.ticks(dead_for);
        }
        set_hidden(&mut duel, true);
        duel.ticks(1);
        set_hidden(&mut duel, false);
        duel.ticks(RESPAWN_TICKS - dead_for - 2);
        assert!(!is_there(&duel), "dead for {dead_for} ticks, then hidden");
        duel.ticks(3);
        assert!(is_there(&duel), "dead for {dead_for} ticks, then hidden");
        set_hidden(&mut duel, true);
        duel.ticks(10 * RESPAWN_TICKS);
        assert!(!is_there(&duel), "out as long as nobody looks");
        set_hidden(&mut duel, false);
        duel.ticks(1);
        assert!(is_there(&duel), "back at once after a while");
        assert_eq!(duel.hp(duel.bo), 100);
    }
}
