use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::limits::{MAX_COLUMNS, MAX_COMPONENTS};
use crate::message::{EventBatch, EventEntry, ServerControl, SnapshotHeader};
use crate::message::{Start, decode_server, encode_event};
use crate::{Schema, Tick, Wire};

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Body {
    #[wire(max = 1000)]
    x: u16,
    #[wire(max = 1000)]
    y: u16,
}

#[derive(Wire, Clone, Copy, Default, Debug, PartialEq)]
struct Health {
    #[wire(max = 100)]
    hp: u8,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum Event {
    Pause,
    Shot { who: u32 },
    Said(String),
}

fn schema() -> Arc<Schema> {
    Arc::new(Schema::of::<(Body, Health)>())
}

fn heard(message: &[u8]) -> Ledger {
    let mut ledger = Ledger::new();
    ledger.add_message(&decode_server(message).unwrap(), message.len());
    ledger
}

/// `body.x change 12, …`
fn told(ledger: &Ledger) -> String {
    let tree = ledger.tree(&schema());
    assert_eq!(tree.bits, ledger.total(), "the tree loses nothing");
    let leaves = tree.leaves();
    let sum: u64 = leaves.iter().map(|(_, bits)| bits).sum();
    assert_eq!(sum, ledger.total(), "nor do its leaves");
    let leaves = leaves
        .iter()
        .map(|(path, bits)| format!("{} {bits}", path.join("/")));
    leaves.collect::<Vec<_>>().join(", ")
}

#[test]
fn sums_stand_in_the_order_of_the_schema() {
    let mut ledger = Ledger::new();
    ledger.add(Cause::of(Reason::Padding), 3);
    ledger.add(Cause::column(1, 2, Reason::Change), 5);
    ledger.add(Cause::component(0, Reason::Change), 1);
    ledger.add(Cause::column(0, 1, Reason::Spawn), 10);
    ledger.add(Cause::column(0, 1, Reason::Change), 2);
    ledger.add(Cause::of(Reason::Removal), 4);
    ledger.add_event("shot", 72);
    ledger.add(Cause::column(0, 1, Reason::Change), 2);
    assert_eq!(
        told(&ledger),
        "Body/whole/change 1, Body/y/change 4, Body/y/spawn 10, Health/hp/change 5, rows/removal 4, messages/padding 3, events/shot 72"
    );
    let causes: Vec<_> = ledger.iter(&schema()).collect();
    assert!(causes.contains(&(Cause::column(1, 2, Reason::Change), 5)));
    let mut twice = ledger.clone();
    twice.merge(&ledger);
    assert_eq!(twice.total(), 2 * ledger.total());
    twice.clear();
    assert_eq!((twice.total(), told(&twice).as_str()), (0, ""));
}

#[test]
fn every_cause_has_a_place_of_its_own() {
    let mut ledger = Ledger::new();
    let mut causes = 0;
    for reason in Reason::ALL {
        ledger.add(Cause::of(reason), 1);
        for component in 0..u8::try_from(MAX_COMPONENTS).unwrap() {
            ledger.add(Cause::component(component, reason), 1);
        }
        for column in 0..u16::try_from(MAX_COLUMNS).unwrap() {
            ledger.add(Cause::column(0, column, reason), 1);
        }
        causes += 1 + MAX_COMPONENTS + MAX_COLUMNS;
    }
    assert_eq!(ledger.total(), causes as u64);
    assert!(ledger.iter(&schema()).all(|(_, bits)| bits == 1));
    assert_eq!(ledger.iter(&schema()).count(), causes);
}

#[test]
fn messages_are_told_whole() {
    let goodbye = ServerControl::Goodbye {
        reason: "the end".to_owned(),
        retry: false,
    };
    let message = goodbye.encode();
    let told_bits = 8 * message.len();
    assert_eq!(
        told(&heard(&message)),
        format!("messages/control {told_bits}, messages/WebSocket 16")
    );
    let header = SnapshotHeader {
        start: Start::Next(2),
        slack: None,
    };
    let message = [header.encode(), vec![0; 200]].concat();
    let header_bits = 8 * (message.len() - 200);
    assert_eq!(
        told(&heard(&message)),
        format!("messages/header {header_bits}, messages/WebSocket 32"),
        "the body is for its reader"
    );
}

#[test]
fn events_are_told_by_name() {
    let said = Event::Said("x".repeat(300));
    let bodies = [Event::Pause, Event::Shot { who: 7 }, said].map(|e| encode_event(&e).unwrap());
    let entry = |body| EventEntry {
        at_once: false,
        body,
    };
    let batch = EventBatch {
        tick: Tick(3),
        events: bodies.iter().map(|body| entry(body.as_slice())).collect(),
    };
    let message = batch.encode();
    let ledger = heard(&message);
    assert_eq!(ledger.total(), 8 * (message.len() as u64 + 4));
    let bits = bodies.map(|body| 8 * (2 + body.len() as u64));
    let events: Vec<_> = ledger.events().collect();
    assert_eq!(
        events,
        [("pause", bits[0]), ("said", bits[2]), ("shot", bits[1])]
    );
}

#[test]
fn names_from_the_network_come_to_an_end() {
    let names = [
        b"\xA0".as_slice(),
        b"\xA2a",
        b"\xA1<",
        b"\x81\xC0",
        b"\xC0",
        b"",
        b"\xD9\xFF",
    ];
    let events = names.map(|body| EventEntry {
        at_once: true,
        body,
    });
    let tick = Tick(3);
    let events = events.to_vec();
    let ledger = heard(&EventBatch { tick, events }.encode());
    assert!(ledger.events().all(|(name, _)| name == "others"));
    let mut ledger = Ledger::new();
    for i in 0..1000 {
        ledger.add_event(&format!("e{i}"), 8);
    }
    assert_eq!((ledger.total(), ledger.events().count()), (8000, 65));
}

#[test]
fn what_is_long_ago_counts_for_the_whole_only() {
    let ms = Duration::from_millis;
    let mut account = Account::new(ms(1000));
    for step in 0..100 {
        account
            .at(ms(1000 + 100 * step))
            .add(Cause::of(Reason::Id), 10);
    }
    let (all, time) = account.all();
    assert_eq!((all.total(), time), (1000, ms(9900)));
    let (recent, time) = account.recent();
    assert!((ms(4500)..=ms(5500)).contains(&time), "{time:?}");
    assert_eq!(u128::from(recent.total()), time.as_millis() / 10 + 10);
    account.advance(ms(60_000));
    assert_eq!(account.recent().0.total(), 0, "a long silence");
    assert_eq!(account.all().0.total(), 1000);
    let report = Report::new(&account.all(), &schema());
    assert_eq!((report.seconds, report.tree.bits), (59.0, 1000));
}
