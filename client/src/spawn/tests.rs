use std::sync::Arc;

use tickwire_protocol::{Schema, Wire};

use super::*;

#[derive(Wire, Clone, Copy, Debug, PartialEq)]
struct Place {
    #[wire(min = 0.0, max = 100.0, step = 0.5, lerp)]
    x: f32,
}

fn spawns(count: usize) -> Vec<Spawn> {
    let schema = Arc::new(Schema::of::<(Place,)>());
    let one = Spawn::new(&schema, &(Place { x: 1.0 },));
    std::iter::repeat_n(one, count).collect()
}

fn empty() -> Spawns {
    Spawns::new(Gauge::new(&Schema::of::<(Place,)>()), Smoothing::default())
}

const NOW: Duration = Duration::ZERO;

fn fates(spawns: &Spawns) -> Vec<(u32, Fate)> {
    let list = spawns.list.iter();
    list.map(|spawn| (spawn.tick.0, spawn.fate)).collect()
}

fn times(commands: f64, view: f64) -> Times {
    Times {
        origin: Origin(Tick(0)),
        commands,
        view,
        tick_rate: 60.0,
    }
}

fn confirm(all: &mut Spawns, tick: u32, index: usize, id: Option<u32>) {
    let id = id.map(NetId);
    let says = Confirmed { ahead: 0, id };
    all.confirm(Tick(tick), index, says, times(20.0, 8.0));
}

#[test]
fn a_prediction_that_is_repeated_shows_nothing_twice() {
    let mut all = empty();
    all.note(Tick(10), spawns(2), Tick(4), NOW);
    all.note(Tick(10), spawns(2), Tick(7), NOW);
    assert_eq!(fates(&all), [(10, Fate::Waiting); 2]);
    all.note(Tick(10), spawns(1), Tick(8), NOW);
    let refused = Fate::Refused { since: NOW };
    assert_eq!(fates(&all), [(10, Fate::Waiting), (10, refused)]);
    assert_eq!((all.counts.predicted, all.counts.refused), (2, 1));
    all.note(Tick(10), spawns(2), Tick(9), NOW);
    assert_eq!(fates(&all), [(10, Fate::Waiting); 2], "after all");
    assert_eq!((all.counts.predicted, all.counts.refused), (2, 0));
}

#[test]
fn what_the_server_does_later_is_the_same_spawn() {
    let mut all = empty();
    all.note(Tick(10), spawns(1), Tick(4), NOW);
    // The snapshot of tick 12 knows nothing of it; by the commands that follow it comes in tick 13.
    all.note(Tick(13), spawns(1), Tick(12), NOW);
    assert_eq!(fates(&all), [(13, Fate::Waiting)]);
    confirm(&mut all, 14, 0, Some(7));
    assert_eq!(fates(&all), [(13, Fate::Real(NetId(7)))]);
    confirm(&mut all, 15, 0, Some(8));
    assert_eq!(all.counts.matched, 1, "one that was never predicted");
}

#[test]
fn the_server_names_tick_and_place() {
    let mut all = empty();
    all.note(Tick(10), spawns(2), Tick(4), NOW);
    all.note(Tick(11), spawns(1), Tick(4), NOW);
    confirm(&mut all, 11, 0, Some(9));
    confirm(&mut all, 10, 1, Some(8));
    let expected = [
        (10, Fate::Waiting),
        (10, Fate::Real(NetId(8))),
        (11, Fate::Real(NetId(9))),
    ];
    assert_eq!(fates(&all), expected);
}

#[test]
fn there_are_never_more_than_are_remembered() {
    let mut all = empty();
    for tick in 0..200 {
        all.note(Tick(tick), spawns(1), Tick(0), NOW);
    }
    assert_eq!(all.list.len(), MAX_SPAWNS);
}

#[test]
fn what_came_and_went_stays_until_the_picture_gets_there() {
    let schema = Arc::new(Schema::of::<(Place,)>());
    let mut all = empty();
    all.note(Tick(10), spawns(1), Tick(4), NOW);
    confirm(&mut all, 10, 0, None);
    assert_eq!(all.counts.matched, 1);
    let newest = Snapshot::new(schema, Tick(14));
    let at = |all: &Spawns, commands, view| all.list[0].moment(times(commands, view), NOW);
    all.advance(&newest, times(23.0, 9.5), NOW);
    assert_eq!(at(&all, 23.0, 9.5), 20.0, "it was there when the word came");
    all.advance(&newest, times(23.5, 10.0), NOW);
    assert!(all.list.is_empty(), "the picture shows how it ended");
}

#[test]
fn a_landed_spawn_glides_to_the_time_of_the_others_from_either_side() {
    for (lag, first, later) in [(6, 4.0, 2.5), (14, -4.0, -2.5)] {
        let mut all = empty();
        all.note(Tick(10), spawns(1), Tick(4), NOW);
        let spawn = &mut all.list[0];
        spawn.landed = Some(Landed {
            since: NOW,
            ahead: 20.0 - f64::from(lag) - 10.0,
            first: Tick(10),
            fade: None,
            last: (Tick(12), spawn.start.clone()),
            gone: None,
        });
        let ahead = |ms| {
            let now = Duration::from_millis(ms);
            all.list[0].moment(times(20.0, 10.0), now) - 10.0
        };
        assert_eq!((ahead(0), ahead(50)), (first, later));
        assert_eq!(ahead(1000), 0.0);
    }
}
