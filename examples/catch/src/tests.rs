//! Catch, played without network or clock.

use super::*;

#[test]
fn bots_catch_each_other_and_the_same_seed_gives_the_same_match() {
    let play = |seed| {
        let mut sim = Sim::new(seed, build);
        for name in ["Ada", "Bo", "Cleo", "Dario"] {
            sim.join_bot(name);
        }
        for _ in 0..60 * Catch::TICK_RATE {
            sim.tick();
        }
        (sim.scores(), sim.hash())
    };
    let catches: i64 = play(7).0.iter().map(|(_, score)| score).sum();
    assert!(catches >= 3, "{catches} catches in a minute");
    assert_eq!(play(7), play(7));
    assert_ne!(play(7), play(8));
}

#[test]
fn whoever_is_it_passes_it_on_by_touch() {
    let mut sim = Sim::new(1, build);
    let (ada, bo) = (sim.join("Ada"), sim.join("Bo"));
    for player in [ada, bo] {
        let entity = sim.entity_of(player).unwrap();
        sim.world_mut().entity_mut(entity).insert(Place::default());
    }
    sim.tick();
    sim.tick();
    let id = |player| sim.net_id_of(player).unwrap();
    let standing = |player| sim.snapshot().row(id(player)).unwrap().get::<Standing>();
    assert!(
        !standing(ada).unwrap().it,
        "the first player was it, but not for long"
    );
    assert!(standing(bo).unwrap().it);
    let (by, whom) = (id(ada), id(bo));
    let (_, caught) = sim.take_events().remove(0);
    assert_eq!(caught, Caught { by, whom });
    assert_eq!(sim.scores().first().map(|(_, score)| *score), Some(1));
}
