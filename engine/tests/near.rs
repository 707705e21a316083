//! The broad phase finds exactly whom the slow way finds, whatever moves how.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers, and may fail"
)]

use tickwire_engine::prelude::*;
use tickwire_engine::{Capsule, Place, Placed};
use tickwire_protocol::message::View;
use tickwire_protocol::{Game, NetId, Tick, Wire};

#[derive(Component, Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Body {
    #[wire(min = -200.0, max = 200.0, step = 0.01, hermite = vx, extrapolate)]
    x: f32,
    #[wire(min = -200.0, max = 200.0, step = 0.01, hermite = vy, extrapolate)]
    y: f32,
    #[wire(min = -100.0, max = 100.0, step = 0.01)]
    vx: f32,
    #[wire(min = -100.0, max = 100.0, step = 0.01)]
    vy: f32,
    #[wire(max = 3, teleport)]
    jumps: u8,
}

impl Placed for Body {
    fn place(&self) -> Place {
        Place {
            at: [self.x, self.y],
            speed: (self.vx * self.vx + self.vy * self.vy).sqrt(),
        }
    }
}

struct Field;

impl Game for Field {
    const TICK_RATE: u32 = 60;
    type Input = Idle;
    type Replicated = (Body,);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
struct Idle;

/// What to look for, and what was found: near, gone, and so many ticks ago; each by the broad phase and by the slow way.
#[derive(Resource, Debug)]
struct Search {
    capsule: Capsule,
    ago: u32,
    found: [Vec<(Entity, Body)>; 2],
    gone: [Vec<(NetId, Body)>; 2],
    then: [Vec<(Entity, Body)>; 2],
}

/// Everybody's place at each tick, for the slow way of looking some ticks back.
#[derive(Resource, Default)]
struct Diary(Vec<Vec<(Entity, Body)>>);

fn look(
    shooters: Query<Entity, With<Player>>,
    past: Rewind<Body>,
    diary: Res<Diary>,
    bodies: Query<&Body>,
    mut search: ResMut<Search>,
) {
    let capsule = search.capsule;
    let is_near = |body: &Body| capsule.touches([body.x, body.y], 0.0);
    for shooter in &shooters {
        let slow = past.seen_by(shooter).filter(|(_, body)| is_near(body));
        search.found = [past.seen_near(shooter, &capsule), slow.collect()];
        let slow = past
            .gone(shooter)
            .into_iter()
            .filter(|(_, body)| is_near(body));
        search.gone = [past.gone_near(shooter, &capsule), slow.collect()];
    }
    let then = diary.0.iter().rev().nth(search.ago as usize);
    let then = then.into_iter().flatten().copied();
    let slow = then.filter(|(entity, body)| is_near(body) && bodies.contains(*entity));
    search.then = [past.ago_near(search.ago + 1, &capsule), slow.collect()];
}

fn build(sim: &mut Sim<Field>) {
    sim.insert_resource(Diary::default())
        .insert_resource(Search {
            capsule: Capsule {
                from: [0.0; 2],
                to: [0.0; 2],
                radius: 0.0,
            },
            ago: 0,
            found: Default::default(),
            gone: Default::default(),
            then: Default::default(),
        })
        .add_systems(look);
}

fn body(rng: &mut fastrand::Rng, spread: f32) -> Body {
    let mut within = |most: f32| (rng.f32() * 2.0 - 1.0) * most;
    Body {
        x: within(spread),
        y: within(spread),
        vx: within(100.0),
        vy: within(100.0),
        jumps: 0,
    }
    .quantised()
}

fn note(sim: &mut Sim<Field>) {
    let snapshot = sim.snapshot().clone();
    let ids = sim.world().resource::<NetIds>();
    let rows = snapshot.rows();
    let rows = rows.filter_map(|row| Some((ids.entity(row.id)?, row.get()?)));
    let rows = rows.collect();
    sim.world_mut().resource_mut::<Diary>().0.push(rows);
}

/// A match of `count` bodies that go about without any sense, some of them coming and going; then a look back.
fn search(seed: u64, count: u32, view: (u32, u32, u8)) -> Search {
    let mut rng = fastrand::Rng::with_seed(seed);
    let spread = if rng.bool() { 20.0 } else { 150.0 };
    let mut sim = Sim::new(seed, build);
    let shooter = sim.join("shooter");
    let start = sim.entity_of(shooter).unwrap();
    sim.world_mut()
        .entity_mut(start)
        .insert(body(&mut rng, spread));
    let mut entities: Vec<_> = (0..count)
        .map(|_| {
            let new = (Replicated::default(), body(&mut rng, spread));
            sim.world_mut().spawn(new).id()
        })
        .collect();
    entities.push(start);
    for _ in 0..24 {
        for (i, entity) in entities.iter().enumerate() {
            let hovers = i % 2 == 0;
            let mut entity = sim.world_mut().entity_mut(*entity);
            match rng.u32(0..40) {
                0 => drop(entity.remove::<Body>()),
                1 | 2 => drop(entity.insert(body(&mut rng, spread))),
                3..20 if !hovers => {
                    if let Some(mut body) = entity.get_mut::<Body>() {
                        body.x += body.vx / 60.0;
                        body.y += body.vy / 60.0;
                        body.jumps = rng.u8(0..10) / 9;
                    }
                }
                // It hardly moves, and is said to: its curve swings out.
                3..35 if hovers => {
                    if let Some(mut body) = entity.get_mut::<Body>() {
                        body.x += 0.01;
                        body.y += 0.01;
                    }
                }
                _ => {}
            }
        }
        sim.tick();
        note(&mut sim);
    }
    let (from, span, fraction) = view;
    let from = sim.now().next() - from;
    let view = View {
        from,
        to: from + span,
        fraction,
    };
    sim.set_view(shooter, Some(view));
    let mut point = || {
        [
            (rng.f32() - 0.5) * 2.0 * spread,
            (rng.f32() - 0.5) * 2.0 * spread,
        ]
    };
    let (from, to) = (point(), point());
    let mut search = sim.world_mut().resource_mut::<Search>();
    search.capsule = Capsule {
        from,
        to,
        radius: rng.f32() * 5.0,
    };
    search.ago = rng.u32(0..12);
    sim.tick();
    sim.world_mut().remove_resource().unwrap()
}

#[test]
fn the_broad_phase_finds_what_the_slow_way_finds() {
    let (mut found, mut gone, mut then) = (0, 0, 0);
    for seed in 0..1000 {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0xB40AD);
        let view = (rng.u32(1..14), rng.u32(0..6), rng.u8(..));
        let search = search(seed, rng.u32(0..60), view);
        assert_eq!(search.found[0], search.found[1], "seed {seed}");
        assert_eq!(search.gone[0], search.gone[1], "seed {seed}");
        assert_eq!(search.then[0], search.then[1], "seed {seed}");
        found += search.found[0].len();
        gone += search.gone[0].len();
        then += search.then[0].len();
    }
    // They do find somebody.
    assert!(
        found > 500 && gone > 50 && then > 500,
        "{found}, {gone}, {then}"
    );
}

/// How a look back was at first: it blends everybody.
fn slow(shooters: Query<Entity, With<Player>>, past: Rewind<Body>) {
    for shooter in &shooters {
        past.seen_by(shooter).for_each(drop);
    }
}

fn fast(shooters: Query<Entity, With<Player>>, past: Rewind<Body>) {
    let shot = Capsule {
        from: [0.0, 0.0],
        to: [40.0, 0.0],
        radius: 3.0,
    };
    for shooter in &shooters {
        past.seen_near(shooter, &shot).into_iter().for_each(drop);
    }
}

/// Rows that one shot of 40 m blends among 1,000 bodies on 200 m × 200 m.
fn blended(build: fn(&mut Sim<Field>)) -> u64 {
    let mut sim = Sim::new(1, build);
    let shooter = sim.join("shooter");
    let mut rng = fastrand::Rng::with_seed(9);
    for _ in 0..1000 {
        let slow = Body {
            vx: 5.0,
            vy: 0.0,
            ..body(&mut rng, 100.0)
        };
        sim.world_mut().spawn((Replicated::default(), slow));
    }
    for _ in 0..10 {
        sim.tick();
    }
    let view = View {
        from: Tick(4),
        to: Tick(6),
        fraction: 100,
    };
    sim.set_view(shooter, Some(view));
    let before = sim.rows_blended();
    sim.tick();
    sim.rows_blended() - before
}

#[test]
fn a_shot_among_a_thousand_blends_those_near_it() {
    let slow = blended(|sim| {
        sim.add_systems(slow);
    });
    let fast = blended(|sim| {
        sim.add_systems(fast);
    });
    println!("{slow} rows blended the slow way, {fast} by the broad phase");
    assert_eq!(slow, 1000);
    assert!((1..=20).contains(&fast), "{fast} of {slow}");
}
