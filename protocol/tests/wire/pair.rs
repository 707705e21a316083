//! A server's sender and a client's receiver, snapshot by snapshot.

use proptest::prelude::*;
use std::sync::Arc;
use tickwire_protocol::limits::HISTORY_TICKS;
use tickwire_protocol::message::{ServerMessage, Slack, Start, decode_server};
use tickwire_protocol::{
    DecodeError, History, NetId, Receiver, Sender, SharedDeltas, Sight, Snapshot, Tick,
};

use crate::everything::{any_course, deltas, receiver, rows, sender};

const SLACK: Slack = Slack { p50: 20, p1: -3 };

/// A server's side: its history and the deltas of the present tick.
struct Server {
    history: History,
    deltas: SharedDeltas,
}

impl Server {
    fn new() -> Self {
        Self {
            history: History::new(),
            deltas: deltas(),
        }
    }

    fn tick(&mut self, now: &Arc<Snapshot>) {
        self.history.push(Arc::clone(now));
        self.deltas.set(Arc::clone(now));
    }

    fn write(&mut self, sender: &mut Sender) -> Option<Vec<u8>> {
        let slack = Some(SLACK);
        let message = sender.write(slack, Sight::All, None, &self.history, &mut self.deltas);
        message.map(Vec::from)
    }
}

fn read<'a>(receiver: &'a mut Receiver, message: &[u8]) -> Result<&'a Arc<Snapshot>, DecodeError> {
    match decode_server(message)? {
        ServerMessage::Snapshot(header, delta) => {
            assert_eq!(header.slack, Some(SLACK));
            receiver.read(header, delta)
        }
        other => panic!("not a snapshot: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn clients_that_skip_see_the_same_as_the_server(course in any_course(), skips in prop::collection::vec(any::<u128>(), 3)) {
        let mut server = Server::new();
        let mut clients: Vec<_> = skips.iter().map(|skips| (sender(), receiver(), skips)).collect();
        for (i, now) in course.iter().enumerate() {
            server.tick(now);
            for (sender, receiver, skips) in &mut clients {
                // The second half is one long stall, so that the baseline falls out of the ring.
                let stalled = course.len() / 2 < i && i + 1 < course.len();
                if **skips >> (i % 128) & 1 == 1 || stalled {
                    continue;
                }
                let message = server.write(sender).expect("there is something new");
                prop_assert_eq!(server.write(sender), None, "and only once");
                let seen = read(receiver, &message).unwrap();
                prop_assert_eq!(seen, now);
                prop_assert_eq!(sender.written(), Some(now.tick()));
            }
        }
    }
}

fn course(ticks: impl IntoIterator<Item = u32>) -> Vec<Arc<Snapshot>> {
    let table = |tick| {
        let mut snapshot = Snapshot::new(rows(), Tick(tick));
        snapshot.push(NetId(tick % 5), 0);
        Arc::new(snapshot)
    };
    ticks.into_iter().map(table).collect()
}

#[test]
fn a_baseline_that_fell_out_of_the_ring_is_as_good_as_none() {
    for (age, has_baseline) in [(HISTORY_TICKS - 1, true), (HISTORY_TICKS, false)] {
        let mut server = Server::new();
        let (mut sender, mut receiver) = (sender(), receiver());
        for now in course(0..=age) {
            server.tick(&now);
            if now.tick() == Tick(0) || now.tick() == Tick(age) {
                let message = server.write(&mut sender).unwrap();
                let start = match decode_server(&message).unwrap() {
                    ServerMessage::Snapshot(header, _) => header.start,
                    other => panic!("not a snapshot: {other:?}"),
                };
                let expected = if has_baseline && now.tick() == Tick(age) {
                    Start::Next(age)
                } else {
                    Start::Empty(now.tick())
                };
                assert_eq!(start, expected);
                assert_eq!(read(&mut receiver, &message), Ok(&now));
            }
        }
    }
}

#[test]
fn clients_with_the_same_past_share_all_chunks() {
    let mut server = Server::new();
    let (mut a, mut b, mut late) = (sender(), sender(), sender());
    let course = course(0..3);
    let mut made = 0;
    for now in &course[..2] {
        server.tick(now);
        let first = server.write(&mut a);
        assert!(server.deltas.made() > made);
        made = server.deltas.made();
        assert_eq!((server.write(&mut b), server.deltas.made()), (first, made));
    }
    assert!(server.write(&mut late).is_some());
    assert_eq!(
        server.deltas.made(),
        made,
        "whole rows are shared with those who knew nothing of this one"
    );
}

#[test]
fn a_sender_is_asked_before_the_history_knows() {
    let mut deltas = deltas();
    let mut sender = sender();
    assert_eq!(
        sender.write(None, Sight::All, None, &History::new(), &mut deltas),
        None
    );
    let (mut history, course) = (History::new(), course(0..=HISTORY_TICKS));
    let last = course.len() - 1;
    deltas.set(Arc::clone(&course[0]));
    assert!(
        sender
            .write(None, Sight::All, None, &history, &mut deltas)
            .is_some()
    );
    for now in &course[..last] {
        history.push(Arc::clone(now));
    }
    deltas.set(Arc::clone(&course[last]));
    let message = sender
        .write(None, Sight::All, None, &history, &mut deltas)
        .unwrap();
    assert_eq!(
        message[..6],
        [1, 64, 0, 0, 0, 0],
        "tick 0 is too old for tick 64"
    );
    deltas.set(Arc::clone(&course[3]));
    assert_eq!(
        sender.write(None, Sight::All, None, &history, &mut deltas),
        None,
        "going back"
    );
}

#[test]
fn what_a_receiver_refuses_leaves_it_as_it_was() {
    let mut server = Server::new();
    let (mut sender, mut receiver) = (sender(), receiver());
    let mut messages = Vec::new();
    for now in course(10..13) {
        server.tick(&now);
        messages.push(server.write(&mut sender).unwrap());
    }
    assert!(matches!(
        read(&mut receiver, &messages[1]),
        Err(DecodeError::Contradiction(_))
    ));
    assert!(receiver.history().latest().is_none());
    read(&mut receiver, &messages[0]).unwrap();
    assert!(matches!(
        read(&mut receiver, &messages[0]),
        Err(DecodeError::Contradiction(_))
    ));
    let mut longer = messages[1].clone();
    longer.push(0);
    assert!(matches!(
        read(&mut receiver, &longer),
        Err(DecodeError::Trailing(1))
    ));
    for message in &messages[1..] {
        read(&mut receiver, message).unwrap();
    }
    assert_eq!(receiver.history().latest().unwrap().tick(), Tick(12));
}
