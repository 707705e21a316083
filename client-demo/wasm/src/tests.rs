//! The class as the page uses it, natively.

use std::sync::Arc;

use arena::{Body, Event, Health, Input, Map, Pickup, PickupKind, Rocket, RosterEntry, Score};
use arena::{Vec2, Weapon, WeaponKind};
use serde_json::{Value, json};
use tickwire_protocol::link::Link;
use tickwire_protocol::message::{
    ClientControl, ClientMessage, EventBatch, EventEntry, ServerControl, Slack, Welcome,
    decode_client, decode_event, encode_event,
};
use tickwire_protocol::{
    Cadence, GameSchema, History, Level, NetId, Sender, SharedDeltas, Sight, Snapshot, Tick, Wire,
    WordWriter, level_hash,
};

use super::*;

mod shots;

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A client whose server has welcomed it into the level `text`.
fn welcomed(text: &str) -> ArenaClient {
    let mut page = ArenaClient::new("Ann", 0.5);
    assert!(page.poll_connect(100.0));
    page.handle_open(110.0);
    let welcome = ServerControl::Welcome(Welcome {
        own: NetId(2),
        tick: Tick(300),
        tick_rate: 60,
        snapshot_interval: 3,
        tiers: [1, 0, 0, 0],
        rewind_limit: 200,
        level: "cellar".to_owned(),
        level_hash: level_hash(text),
        token: None,
    });
    page.handle_message(&welcome.encode(), 150.0).unwrap();
    page
}

const CELLAR: &str = "#####\n#S=H#\n#...#\n#####";

/// A player, a dead player, a rocket and a pick-up.
fn snapshot(tick: Tick) -> Vec<u8> {
    let GameSchema { rows, tables, .. } = GameSchema::of::<Arena>();
    let mut now = Snapshot::new(Arc::clone(&rows), tick);
    let health = |hp| Health {
        hp,
        guarded: hp > 0,
    };
    let score = Score {
        kills: 3,
        deaths: 1,
        own_kills: 0,
    };
    let mut writer = WordWriter::new(now.push(NetId(2), 0b1111));
    Body::standing(Vec2::new(1.5, 2.5), 1.0).store(&mut writer);
    health(90).store(&mut writer);
    Weapon::default().store(&mut writer);
    score.store(&mut writer);
    let words = now.push(NetId(3), 0b1110);
    let mut writer = WordWriter::new(&mut words[Body::WORDS..]);
    health(0).store(&mut writer);
    Weapon::default().store(&mut writer);
    score.store(&mut writer);
    let before = Body::WORDS + Health::WORDS + Weapon::WORDS + Score::WORDS;
    let rocket = Rocket {
        x: 2.5,
        y: 1.25,
        heading: 0.0,
        owner: Some(NetId(3)),
    };
    rocket.store(&mut WordWriter::new(
        &mut now.push(NetId(4), 0b1_0000)[before..],
    ));
    let pickup = Pickup {
        x: 3.5,
        y: 1.5,
        kind: PickupKind::Rockets,
        ready: true,
    };
    let words = now.push(NetId(5), 0b10_0000);
    pickup.store(&mut WordWriter::new(&mut words[before + Rocket::WORDS..]));
    let mut deltas = SharedDeltas::new(&rows, tables);
    deltas.set(Arc::new(now));
    let mut sender = Sender::new(None, Cadence::every(2));
    let slack = Some(Slack { p50: 50, p1: 50 });
    let message = sender.write(slack, Sight::All, None, &History::new(), &mut deltas);
    message.unwrap().to_vec()
}

#[test]
fn the_connection_is_told_as_json() {
    let mut page = ArenaClient::new("Ann", 0.5);
    assert_eq!(
        read(&page.connection()),
        json!({"state": "waiting", "retryInMs": 0, "attempt": 0})
    );
    assert_eq!(
        (page.own(), page.map().as_str(), page.stats().as_str()),
        (-1, "", "{}")
    );
    assert!(page.poll_connect(100.0));
    assert_eq!(read(&page.connection()), json!({"state": "dialling"}));
    page.handle_open(110.0);
    assert_eq!(read(&page.connection()), json!({"state": "handshaking"}));
    page.handle_closed("no route", 1000.0);
    let waiting = read(&page.connection());
    assert_eq!(waiting["reason"], "no route");
    assert!(waiting["retryInMs"].as_u64().unwrap() >= 350);
    let reason = "too old".to_owned();
    let mut page = ArenaClient::new("Ann", 0.5);
    assert!(page.poll_connect(0.0));
    page.handle_open(0.0);
    let retry = false;
    page.handle_message(&ServerControl::Reject { reason, retry }.encode(), 1.0)
        .unwrap();
    assert_eq!(
        read(&page.connection()),
        json!({"state": "refused", "reason": "too old"})
    );
}

#[test]
fn a_level_is_fetched_and_drawn() {
    let mut page = welcomed(CELLAR);
    assert_eq!(
        read(&page.connection()),
        json!({"state": "needs-level", "level": "cellar"})
    );
    assert!(page.handle_level("#").is_err());
    page.handle_level(CELLAR).unwrap();
    let playing = json!({"state": "playing", "level": "cellar", "own": 2});
    assert_eq!(read(&page.connection()), playing);
    let map = json!({"name": "cellar", "width": 5, "height": 4, "cells": "######S=H##...######"});
    assert_eq!(read(&page.map()), map);
}

#[test]
fn maps_that_come_with_the_game_need_no_fetching() {
    let (name, text) = Map::BUILT_IN[0];
    let page = welcomed(text);
    assert_eq!(read(&page.connection())["state"], "playing");
    assert_eq!(read(&page.map())["name"], name);
}

#[test]
fn a_picture_is_rows_of_numbers() {
    let mut page = welcomed(CELLAR);
    page.handle_level(CELLAR).unwrap();
    page.handle_message(&snapshot(Tick(303)), 160.0).unwrap();
    page.tick(170.0);
    page.draw(170.0);
    assert_eq!(page.own(), 2);
    let players = page.players();
    let [own, dead] = players.as_chunks::<12>().0 else {
        panic!("{players:?}");
    };
    assert_eq!(own[..3], [2.0, 1.5, 2.5]);
    assert_eq!(own[6..], [90.0, 1.0, 2.0, 3.0, 1.0, 1.0]);
    assert_eq!(
        dead[..],
        [3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0, 3.0, 1.0, 0.0]
    );
    assert_eq!(page.rockets(), [4.0, 2.5, 1.25, 0.0, 3.0, 1.0]);
    assert_eq!(page.pickups(), [5.0, 3.5, 1.5, 1.0, 1.0]);
    let stats = read(&page.stats());
    assert_eq!(stats["rttMs"], 40.0);
    assert_eq!(stats["slackMs"], 25.0);
    assert_eq!(stats["corrections"], 0);
}

#[test]
fn every_byte_is_explained_when_asked_for() {
    let mut page = welcomed(CELLAR);
    assert_eq!(page.explain(), "");
    page.handle_level(CELLAR).unwrap();
    page.set_explain(true, 155.0);
    let message = snapshot(Tick(303));
    page.handle_message(&message, 160.0).unwrap();
    page.tick(1155.0);
    let explained = read(&page.explain());
    let bits = 8 * (message.len() + 2);
    assert_eq!(explained["tickRate"], 60);
    assert_eq!(explained["all"]["seconds"], 1.0);
    assert_eq!(explained["all"]["tree"]["bits"], bits);
    assert_eq!(explained["recent"]["tree"]["bits"], bits);
    page.set_explain(false, 1200.0);
    assert_eq!(page.explain(), "");
}

#[test]
fn a_hidden_page_says_so_and_makes_no_commands() {
    let mut page = welcomed(CELLAR);
    page.handle_level(CELLAR).unwrap();
    while page.poll_transmit().is_some() {}
    page.handle_input(1.0, 0.0, 0.0, true, false);
    page.set_hidden(true, 160.0);
    assert_eq!(page.poll_transmit(), Some(ClientControl::Hidden.encode()));
    page.tick(170.0);
    page.set_hidden(false, 180.0);
    let schema = GameSchema::of::<Arena>();
    let told = std::iter::from_fn(|| page.poll_transmit());
    let told: Vec<_> = told
        .map(|bytes| decode_client::<Arena>(&bytes, &schema).unwrap())
        .collect();
    let is_shown = |message: &_| *message == ClientMessage::Control(ClientControl::Shown);
    assert!(told.iter().any(is_shown), "{told:?}");
    let is_command = |message: &_| matches!(message, ClientMessage::Commands(_));
    assert!(!told.iter().any(is_command), "{told:?}");
}

#[test]
fn input_becomes_commands() {
    let mut page = welcomed(CELLAR);
    page.handle_level(CELLAR).unwrap();
    page.pull(false, true);
    page.handle_input(1.0, f32::NAN, 0.0, true, false);
    page.handle_input(1.0, f32::NAN, 0.0, true, false);
    page.tick(170.0);
    page.tick(190.0);
    let schema = GameSchema::of::<Arena>();
    let messages = std::iter::from_fn(|| page.poll_transmit());
    let commands =
        messages.filter_map(
            |bytes| match decode_client::<Arena>(&bytes, &schema).unwrap() {
                ClientMessage::Commands(commands) => Some(commands.list),
                ClientMessage::Control(_) => None,
            },
        );
    let inputs: Vec<_> = commands.flatten().map(|command| command.input).collect();
    let held = Input {
        move_x: 1.0,
        rifle: true,
        ..Input::default()
    };
    let pulled = Input {
        rocket_pulled: true,
        ..held
    };
    assert_eq!(inputs, [pulled, held]);
}

fn entry(id: NetId, name: String) -> RosterEntry {
    let bot = true;
    RosterEntry { id, name, bot }
}

/// Every event and what the page reads.
fn shapes() -> Vec<(Event, Value)> {
    let (who, id, victim) = (NetId(1), NetId(1), NetId(2));
    let name = "Bo".to_owned();
    let players = vec![entry(id, name.clone())];
    let weapon = WeaponKind::Rocket;
    let (x0, y0, x1, y1, x, y) = (1.0, 2.0, 3.0, 4.5, 1.0, 2.0);
    vec![
        (
            Event::Roster { players },
            json!({"type": "roster", "players": [{"id": 1, "name": "Bo", "bot": true}]}),
        ),
        (
            Event::Joined {
                id,
                name,
                bot: false,
            },
            json!({"type": "joined", "id": 1, "name": "Bo", "bot": false}),
        ),
        (Event::Left { id }, json!({"type": "left", "id": 1})),
        (
            Event::Shot {
                who,
                x0,
                y0,
                x1,
                y1,
                hit: None,
            },
            json!({"type": "shot", "who": 1, "x0": 1.0, "y0": 2.0, "x1": 3.0, "y1": 4.5, "hit": null}),
        ),
        (
            Event::Explosion { who, x, y },
            json!({"type": "explosion", "who": 1, "x": 1.0, "y": 2.0}),
        ),
        (
            Event::Hit {
                victim,
                damage: 12,
                killed: false,
            },
            json!({"type": "hit", "victim": 2, "damage": 12, "killed": false}),
        ),
        (
            Event::Hurt {
                by: who,
                damage: 12,
                x,
                y,
            },
            json!({"type": "hurt", "by": 1, "damage": 12, "x": 1.0, "y": 2.0}),
        ),
        (
            Event::Died {
                victim,
                killer: Some(who),
                weapon,
            },
            json!({"type": "died", "victim": 2, "killer": 1, "weapon": "rocket"}),
        ),
        (
            Event::Picked {
                who,
                kind: PickupKind::Health,
            },
            json!({"type": "picked", "who": 1, "kind": "health"}),
        ),
    ]
}

#[test]
fn events_have_the_shape_that_the_page_reads() {
    let mut page = welcomed(CELLAR);
    for (event, shape) in shapes() {
        let body = encode_event(&event).unwrap();
        assert_eq!(decode_event::<Event>(&body).unwrap(), event, "on the wire");
        let events = vec![EventEntry {
            at_once: true,
            body: &body,
        }];
        let tick = Tick(300);
        page.handle_message(&EventBatch { tick, events }.encode(), 160.0)
            .unwrap();
        assert_eq!(read(&page.poll_event().unwrap()), shape);
    }
    assert_eq!(page.poll_event(), None);
}

#[test]
fn broken_bytes_are_told_as_text() {
    let mut page = welcomed(CELLAR);
    let why = page.handle_message(&[3], 160.0).unwrap_err();
    assert!(why.contains("unknown kind"), "{why}");
}

#[test]
fn a_simulated_link_delays_both_ways_and_keeps_the_order() {
    let mut page = welcomed(CELLAR);
    while page.poll_transmit().is_some() {}
    assert_eq!(page.link_due(), f64::INFINITY);
    page.set_link(100.0, 0.0, 0.0, 0.0, 0.0, 200.0);

    page.handle_message(&snapshot(Tick(303)), 200.0).unwrap();
    page.handle_message(&snapshot(Tick(306)), 210.0).unwrap();
    assert_eq!(page.link_due(), 250.0);
    page.deliver(249.0).unwrap();
    assert!(page.client.newest().is_none());
    page.deliver(250.0).unwrap();
    assert_eq!(page.client.newest().unwrap().tick(), Tick(303));
    // What comes now does not overtake, though there is no more delay; and it all comes at once.
    page.set_link(0.0, 0.0, 0.0, 0.0, 0.0, 251.0);
    page.handle_message(&snapshot(Tick(309)), 251.0).unwrap();
    assert_eq!(page.client.newest().unwrap().tick(), Tick(309));
    assert_eq!(page.link_due(), f64::INFINITY);

    page.set_link(100.0, 0.0, 0.0, 0.0, 0.0, 300.0);
    page.tick(300.0);
    assert_eq!(page.poll_transmit(), None, "a ping is on its way");
    assert_eq!(page.link_due(), 350.0);
    page.tick(350.0);
    assert!(page.poll_transmit().is_some());
}

#[test]
fn a_link_that_is_too_narrow_is_cut() {
    let mut page = welcomed(CELLAR);
    page.set_link(0.0, 0.0, 0.0, 8.0, 0.0, 200.0);
    let message = snapshot(Tick(303));
    let mut handled = (0..20_000).map(|_| page.handle_message(&message, 200.0));
    let error = handled.find_map(Result::err);
    let error = error.expect("more than a narrow link holds");
    assert!(error.contains("too narrow"), "{error}");
    page.handle_closed(&error, 201.0);
    assert_eq!(page.link_due(), f64::INFINITY, "nothing is left");
}

#[test]
fn what_the_server_said_last_is_heard_before_the_end() {
    let mut page = welcomed(CELLAR);
    page.set_link(200.0, 40.0, 0.1, 0.0, 0.0, 200.0);
    let goodbye = ServerControl::Goodbye {
        reason: "the match is over".to_owned(),
        retry: false,
    };
    page.handle_message(&goodbye.encode(), 200.0).unwrap();
    page.handle_closed("code 1000", 201.0);
    let connection = read(&page.connection());
    assert_eq!(connection["state"], "refused");
    assert_eq!(connection["reason"], "the match is over");
}

#[test]
fn figures_have_names_and_nothing_is_made_up() {
    let read_all = |page: &ArenaClient| {
        let names: Vec<String> = serde_json::from_str(&page.figure_names()).unwrap();
        let figures = names.into_iter().zip(page.figures());
        figures.collect::<std::collections::BTreeMap<_, _>>()
    };
    let nothing = read_all(&ArenaClient::new("Ann", 0.5));
    let known = nothing.iter().filter(|(_, value)| !value.is_nan());
    let known: Vec<_> = known.collect();
    assert!(known.iter().all(|(_, count)| **count == 0.0), "{known:?}");
    assert!(
        ["rtt", "dilation", "slackP1", "snapshotAge"]
            .iter()
            .all(|name| nothing[*name].is_nan())
    );
    let mut page = welcomed(CELLAR);
    page.handle_level(CELLAR).unwrap();
    page.handle_message(&snapshot(Tick(303)), 200.0).unwrap();
    page.tick(200.0);
    let figures = read_all(&page);
    assert_eq!(figures["snapshots"], 1.0);
    assert_eq!(figures["pictures"], 1.0);
    assert!(figures["snapshotBytesIn"] > 10.0);
}

#[test]
fn links_are_numbers_for_the_page_and_nonsense_is_brought_into_range() {
    for (name, link) in Link::ALL {
        let numbers = LinkNumbers::from(link);
        assert_eq!(numbers.link(), link, "{name}");
    }
    let profiles = read(&ArenaClient::new("Ann", 0.5).link_profiles());
    assert_eq!(profiles[3]["name"], "P3");
    assert_eq!(profiles[3]["lossPercent"], 1.0);
    assert_eq!(profiles[5]["holeSeconds"], 2.0);
    assert_eq!(profiles[6]["kbps"], 256.0);
    let nonsense = LinkNumbers {
        rtt_ms: f64::NAN,
        jitter_ms: -5.0,
        loss_percent: f64::INFINITY,
        kbps: f64::NEG_INFINITY,
        hole_seconds: 1e9,
    };
    let link = nonsense.link();
    assert_eq!((link.rtt, link.jitter), (Duration::ZERO, Duration::ZERO));
    assert_eq!((link.loss, link.downstream), (0.5, None));
    assert_eq!(link.blackhole.map(|(hole, _)| hole.as_secs()), Some(5));
}
