//! Own rifle shots are drawn when they leave, and end where the server will say they ended.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test knows its numbers, and may fail"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use arena::{Arena, Body, Event, Health, Input, Ray, Vec2};
use tickwire_client::Client;
use tickwire_protocol::{NetId, Tick};
use tickwire_tests::smoothness::stroll;
use tickwire_tests::{Link, Match};

/// A shot on the own screen: when it was drawn, where it ended, and in whom.
#[derive(Debug, Clone, Copy)]
struct Drawn {
    at: Duration,
    end: Vec2,
    hit: Option<NetId>,
}

type Log = Rc<RefCell<BTreeMap<u32, Drawn>>>;

/// Runs about, aims at the nearest other as drawn, and keeps the trigger pulled; notes its shots as a page does.
fn hunt(log: &Log) -> impl FnMut(&mut Client<Arena>, Duration) -> Input + 'static {
    let (log, mut legs) = (Rc::clone(log), stroll(77));
    let mut seen: Vec<(NetId, Vec2)> = Vec::new();
    move |client, now| {
        let mut input = legs(client, now);
        while let Some(step) = client.poll_step() {
            let (body, weapon) = step.value;
            if weapon.fired_rifle() {
                let picture = step.view.and_then(|view| client.picture(view)).unwrap();
                let there = |id: &NetId| Some((*id, picture.get::<Body>(*id)?.at()));
                let ray = Ray::of(&body, &client.level().unwrap().level);
                let (end, hit) = ray.end(seen.iter().filter_map(|(id, _)| there(id)));
                let at = now;
                log.borrow_mut().insert(step.tick.0, Drawn { at, end, hit });
            }
        }
        let scene = client.scene(now);
        let Some(own) = client.own() else {
            return input;
        };
        let others = scene.rows().filter(|row| row.id != own);
        let others = others.filter(|row| row.get().is_none_or(|health: Health| !health.guarded));
        seen = others
            .filter_map(|row| Some((row.id, row.get::<Body>()?.at())))
            .collect();
        if let Some(me) = scene.get::<Body>(own) {
            let distance = |it: &&(NetId, Vec2)| it.1.distance(me.at());
            let nearest = seen
                .iter()
                .min_by(|a, b| distance(a).total_cmp(&distance(b)));
            input.aim = nearest.map_or(input.aim, |(_, there)| (*there - me.at()).angle());
        }
        input.rifle = now > Duration::from_secs(6);
        input
    }
}

#[test]
fn own_tracers_are_there_at_once_and_end_where_the_server_says() {
    for (name, link, delay_ms) in [("P0", Link::P0, 30), ("P2", Link::P2, 150)] {
        let seed = 5;
        let log = Log::default();
        let mut game: Match<Arena> = Match::new(seed, link, arena::build);
        let me = game.join("Ada", hunt(&log));
        game.join_many(6, |i| stroll(100 + i as u64));
        let (mut told, mut same, mut hits, mut matched) = (0_u64, 0_u64, 0, 0);
        let (mut waits, mut apart, mut next) = (Vec::new(), Vec::new(), 0);
        while game.now() < Duration::from_secs(90) {
            game.run(Duration::from_millis(5));
            let (now, own) = (game.now(), game.client(me).own());
            for heard in &game.heard(me)[next..] {
                let Event::Shot {
                    who, hit, x1, y1, ..
                } = heard.event
                else {
                    continue;
                };
                if Some(who) != own {
                    continue;
                }
                told += 1;
                let Tick(tick) = heard.tick;
                let Some(drawn) = log.borrow().get(&tick).copied() else {
                    continue;
                };
                matched += 1;
                waits.push((now - drawn.at).as_millis());
                hits += usize::from(drawn.hit.is_some());
                same += u64::from(drawn.hit == hit);
                if drawn.hit == hit {
                    apart.push(drawn.end.distance(Vec2::new(x1, y1)));
                }
            }
            next = game.heard(me).len();
        }
        waits.sort_unstable();
        apart.sort_by(f32::total_cmp);
        let wait = waits[waits.len() / 2];
        let end = apart[apart.len() * 99 / 100];
        let stats = game.client(me).stats();
        let (looks, clamped) = (stats.looks, stats.clamped);
        let found = format!(
            "{name}, seed {seed}: {told} shots told, {matched} of them drawn in the same tick, {wait} ms before (p50); {hits} hits, {same} as drawn, ends {end} m apart (p99); {looks} judged in the past, {clamped} of them clamped"
        );
        println!("{found}");
        assert!(told > 400 && hits > 50, "{found}");
        assert!(matched * 100 >= told * 99, "{found}");
        assert!(same * 100 >= matched * 97, "{found}");
        assert!(end < 0.05, "{found}");
        assert!(wait >= delay_ms, "{found}");
        // The server counts without being asked, and tells once a second.
        assert!(looks <= told && looks + 10 >= told, "{found}");
        assert!(clamped * 4 < looks, "{found}");
    }
}
