//! Own rifle shots: drawn once, and compared with what the server tells.

use arena::rules;

use super::*;

/// Two players in a hall: the own one at x = 1.5 and another, who can be hurt, at `x`.
fn hall(tick: Tick, x: f32) -> Vec<u8> {
    let GameSchema { rows, tables, .. } = GameSchema::of::<Arena>();
    let mut now = Snapshot::new(Arc::clone(&rows), tick);
    for (id, x) in [(NetId(2), 1.5), (NetId(3), x)] {
        let mut writer = WordWriter::new(now.push(id, 0b1111));
        Body::standing(Vec2::new(x, 1.5), 0.0).store(&mut writer);
        Health::default().store(&mut writer);
        Weapon::default().store(&mut writer);
        Score::default().store(&mut writer);
    }
    let mut deltas = SharedDeltas::new(&rows, tables);
    deltas.set(Arc::new(now));
    let mut sender = Sender::new(None, Cadence::every(2));
    let message = sender.write(None, Sight::All, None, &History::new(), &mut deltas);
    message.unwrap().to_vec()
}

fn shot(page: &mut ArenaClient, tick: Tick, hit: Option<NetId>, now: f64) -> Value {
    let event = Event::Shot {
        who: NetId(2),
        x0: 1.5,
        y0: 1.5,
        x1: 5.0,
        y1: 1.5,
        hit,
    };
    read(&tell(page, tick, &event, now))
}

/// An event comes, and is shown at once.
fn tell(page: &mut ArenaClient, tick: Tick, event: &Event, now: f64) -> String {
    let body = encode_event(event).unwrap();
    let events = vec![EventEntry {
        at_once: true,
        body: &body,
    }];
    let batch = EventBatch { tick, events };
    page.handle_message(&batch.encode(), now).unwrap();
    page.poll_event().unwrap()
}

/// Draws picture after picture until the held trigger has led to a shot; gives when that was.
fn fire(page: &mut ArenaClient) -> f64 {
    let mut now = 151.0;
    while page.shots().is_empty() {
        now += 1000.0 / 60.0;
        page.tick(now);
        page.draw(now);
    }
    now
}

/// A page that draws another player in a hall, at 151 ms.
fn ready() -> ArenaClient {
    const HALL: &str = "############\n#S.........#\n############";
    let mut page = welcomed(HALL);
    page.handle_level(HALL).unwrap();
    page.handle_message(&hall(Tick(300), 5.5), 150.0).unwrap();
    page.tick(151.0);
    page.draw(151.0);
    page
}

#[test]
fn own_shots_are_drawn_at_once_and_not_again_when_the_server_tells() {
    let mut page = ready();
    assert!(page.shots().is_empty(), "the trigger rests");
    page.handle_input(0.0, 0.0, 0.0, true, false);
    let mut now = fire(&mut page);
    assert!(now < 200.0, "drawn at {now}");
    // To the skin of the other, who stands at 5.5.
    let rounded: Vec<_> = page.shots().iter().map(|x| (x * 100.0).round()).collect();
    assert_eq!(rounded, [150.0, 150.0, 0.0, 510.0, 150.0, 300.0]);
    let tick = page.shots.newest().unwrap();
    page.draw(now + 1.0);
    assert!(page.shots().is_empty(), "once");
    let told = shot(&mut page, tick + 1, Some(NetId(3)), now + 90.0);
    assert_eq!(told["drawn"], true, "a tick later than predicted");
    let told = shot(&mut page, tick, None, now + 91.0);
    assert_eq!(told["drawn"], Value::Null, "nobody has predicted this one");
    let figures = |page: &ArenaClient| {
        let stats = page.client.stats();
        (stats.shots, stats.hits, stats.agreed)
    };
    assert_eq!(figures(&page), (1, 1, 1));

    // The trigger is still held. One shot is told of as a miss, those after it never.
    let mut fired = Vec::new();
    while now < 3000.0 {
        now += 1000.0 / 60.0;
        page.tick(now);
        page.draw(now);
        fired.extend((!page.shots().is_empty()).then(|| page.shots.newest().unwrap()));
        if fired.len() == 1 && figures(&page).0 == 1 {
            let told = shot(&mut page, fired[0], None, now);
            assert_eq!(told["drawn"], true);
            page.handle_input(0.0, 0.0, 0.0, false, false);
        }
    }
    let all = 1 + fired.len() as u64;
    assert_eq!(figures(&page), (all, all, 1));
}

/// Who has died on the server is shown alive for a while yet: the player's last shots never left there. That is told apart, too.
#[test]
fn shots_by_the_already_dead_are_counted_apart() {
    for (death, dead) in [(None, 0), (Some(0), 0), (Some(-1), 1), (Some(-9), 1)] {
        let mut page = ready();
        page.handle_input(0.0, 0.0, 0.0, true, false);
        let mut now = fire(&mut page);
        page.handle_input(0.0, 0.0, 0.0, false, false);
        let tick = page.shots.newest().unwrap();
        if let Some(death) = death {
            let died = Event::Died {
                victim: page.client.own().unwrap(),
                killer: None,
                weapon: WeaponKind::Rifle,
            };
            tell(
                &mut page,
                Tick(tick.0.wrapping_add_signed(death)),
                &died,
                now,
            );
        }
        for tick in 300..420 {
            now += 1000.0 / 60.0;
            if tick % 30 == 1 {
                let snapshot = hall(Tick(tick), 5.5);
                page.handle_message(&snapshot, now).unwrap();
            }
            page.tick(now);
            page.draw(now);
        }
        let stats = page.client.stats();
        let found = (stats.hits, stats.agreed, stats.dead);
        assert_eq!(found, (1, 0, dead), "died {death:?}");
    }
}

/// The dead are not brought back for a shot: that is no disagreement, and told apart.
#[test]
fn shots_at_the_already_dead_are_counted_apart() {
    // The victim's death, in ticks after that of the shot, and whom the shot hits on the server; what is counted then: hits on the
    // screen, agreed, at the dead.
    let other = Some(NetId(3));
    let cases = [
        (None, other, (1, 1, 0)),
        (None, None, (1, 0, 0)),
        (Some(-9), None, (1, 0, 1)),
        (Some(-1), None, (1, 0, 1)),
        (Some(0), None, (1, 0, 0)),
        (Some(0), other, (1, 1, 0)),
        (Some(-200), None, (1, 0, 0)),
    ];
    for (death, hit, counted) in cases {
        let mut page = ready();
        page.handle_input(0.0, 0.0, 0.0, true, false);
        let now = fire(&mut page);
        let tick = page.shots.newest().unwrap();
        if let Some(death) = death {
            let died = Event::Died {
                victim: NetId(3),
                killer: None,
                weapon: WeaponKind::Rifle,
            };
            let when = Tick(tick.0.wrapping_add_signed(death));
            tell(&mut page, when, &died, now + 90.0);
        }
        shot(&mut page, tick, hit, now + 90.0);
        let stats = page.client.stats();
        let found = (stats.hits, stats.agreed, stats.dead);
        assert_eq!(found, counted, "died {death:?}, hit {hit:?}");
        assert_eq!((stats.shots, stats.gifts), (1, 0));
    }
}

#[test]
fn without_prediction_own_shots_are_drawn_when_the_server_tells() {
    const HALL: &str = "############\n#S.........#\n############";
    let mut page = welcomed(HALL);
    page.handle_level(HALL).unwrap();
    page.set_feel(false, true, true);
    page.handle_message(&hall(Tick(300), 5.5), 150.0).unwrap();
    page.handle_input(0.0, 0.0, 0.0, true, false);
    for step in 0..30 {
        let now = 151.0 + f64::from(step) * 16.0;
        page.tick(now);
        page.draw(now);
        assert!(page.shots().is_empty());
    }
    assert_eq!(
        shot(&mut page, Tick(310), None, 700.0)["drawn"],
        Value::Null
    );
}

/// The picture that the command claims decides who is hit; the tracer ends where that player is drawn by then.
#[test]
fn a_tracer_ends_on_the_victim_as_drawn() {
    let mut page = ready();
    page.handle_input(0.0, 0.0, 0.0, true, false);
    // The next picture comes half a second later: the other has gone on to 7.5 by then.
    page.handle_message(&hall(Tick(303), 7.5), 152.0).unwrap();
    page.tick(651.0);
    page.draw(651.0);
    let end = page.shots()[3];
    let drawn = page.players()[12 + 1];
    assert!(drawn > 7.0, "{drawn}");
    assert!(
        (drawn - end - rules::PLAYER_RADIUS).abs() < 0.01,
        "{end} {drawn}"
    );
}

/// A server that falls silent is given up by the core itself: the page closes nothing.
#[test]
fn shots_on_an_old_connection_are_forgotten_on_the_next() {
    let mut page = ready();
    page.handle_input(0.0, 0.0, 0.0, true, false);
    let now = fire(&mut page);
    assert!(page.shots.newest().is_some());
    page.tick(now + 11_000.0);
    assert!(page.poll_connect(now + 12_000.0));
    page.handle_open(now + 12_010.0);
    assert_eq!(page.shots.newest(), None);
}
