//! Handshake, level, farewell, retries.

use tickwire_protocol::message::{
    ClientControl, ClientMessage, ServerControl, Welcome, decode_client,
};

use super::rig::{OWN, Rig, TOKEN, Walk, ms};
use crate::{Client, ClientConfig, ClientError, Connection};

fn handshaking() -> Rig {
    let mut rig = Rig::new(0, 0);
    rig.connect();
    rig
}

fn reject(retry: bool) -> Vec<u8> {
    let reason = "the server is full".to_owned();
    ServerControl::Reject { reason, retry }.encode()
}

#[test]
fn a_client_dials_says_hello_and_plays() {
    let mut rig = Rig::new(20, 20);
    assert_eq!(rig.client.own(), None);
    rig.connect();
    assert!(!rig.client.poll_connect(ms(0)), "once for each try");
    assert_eq!(*rig.client.connection(), Connection::Handshaking);
    rig.run(60);
    assert_eq!(*rig.client.connection(), Connection::Playing);
    assert_eq!(rig.client.own(), Some(OWN));
    assert_eq!(rig.client.level().map(|l| &*l.name), Some("long"));
    rig.run(3000);
    let stats = rig.client.stats();
    assert_eq!(stats.rtt, ms(40));
    assert!((0.025..0.06).contains(&stats.slack.unwrap()), "{stats:?}");
    assert!((ms(50)..ms(80)).contains(&stats.lead), "{stats:?}");
    assert!(stats.bytes_in > 200 && stats.bytes_out > 1000 && stats.snapshots > 50);
    assert_eq!((stats.skipped, stats.jumped_ticks), (0, 0));
}

#[test]
fn a_level_that_is_not_built_in_is_asked_for_and_checked() {
    let mut rig = Rig::with_level("30");
    rig.connect();
    rig.run(300);
    let wanted =
        matches!(rig.client.connection(), Connection::NeedsLevel { name, .. } if name == "street");
    assert!(wanted, "{:?}", rig.client.connection());
    assert!(rig.commands.is_empty(), "nobody walks blind");
    let why = rig.client.handle_level("31").unwrap_err();
    assert!(why.contains("street"), "{why}");
    rig.client.handle_level("30").unwrap();
    assert_eq!(*rig.client.connection(), Connection::Playing);
    assert!(
        rig.client.handle_level("30").is_err(),
        "not wanted any more"
    );
    rig.run(500);
    assert!(!rig.commands.is_empty());
    assert_eq!(rig.client.stats().corrections, 0);
    assert!(rig.client.scene(rig.now()).row(OWN).is_some());
}

#[test]
fn a_rejected_client_waits_or_gives_up() {
    let mut rig = handshaking();
    rig.client.handle_message(&reject(true), ms(0)).unwrap();
    let Connection::Waiting {
        at,
        attempt,
        reason,
    } = rig.client.connection().clone()
    else {
        panic!("{:?}", rig.client.connection());
    };
    assert!((ms(350)..=ms(650)).contains(&at));
    assert_eq!(
        (attempt, reason.as_deref()),
        (1, Some("the server is full"))
    );
    rig.client.handle_closed("closed", ms(1));
    assert!(!rig.client.poll_connect(at - ms(1)));
    assert!(
        rig.client.poll_connect(at),
        "the socket's end changes nothing"
    );

    let mut rig = handshaking();
    rig.client.handle_message(&reject(false), ms(0)).unwrap();
    rig.client.handle_message(&[77], ms(0)).unwrap();
    rig.client.handle_closed("closed", ms(1));
    let reason = "the server is full".to_owned();
    assert_eq!(*rig.client.connection(), Connection::Refused { reason });
    assert!(!rig.client.poll_connect(ms(1_000_000)));
}

#[test]
fn waits_grow_until_a_welcome() {
    let mut rig = Rig::new(10, 10);
    for tries in 1..=3 {
        assert!(rig.client.poll_connect(rig.now()));
        rig.client.handle_closed("refused", rig.now());
        assert!(
            matches!(rig.client.connection(), Connection::Waiting { attempt, .. } if *attempt == tries)
        );
        rig.t += 6000;
    }
    rig.connect();
    rig.run(1000);
    let goodbye = ServerControl::Goodbye {
        reason: "restart".to_owned(),
        retry: true,
    };
    rig.tell(&goodbye);
    rig.run(20);
    assert!(matches!(
        rig.client.connection(),
        Connection::Waiting { attempt: 1, .. }
    ));
    assert_eq!(rig.client.own(), None);
    assert_eq!(rig.client.scene(rig.now()).rows().count(), 0);
}

#[test]
fn a_new_connection_starts_from_scratch() {
    let mut rig = Rig::playing(20, 20);
    rig.client.handle_closed("lost", rig.now());
    let mut again = Rig::new(20, 20);
    std::mem::swap(&mut again.client, &mut rig.client);
    again.t = rig.t + 1000;
    again.run(1);
    again.connect();
    again.run(2000);
    assert_eq!(*again.client.connection(), Connection::Playing);
    assert_eq!(again.client.stats().corrections, 0);
    assert_eq!(again.late, 0);
}

#[test]
fn a_lost_connection_is_dialled_again_at_once_if_it_had_lasted_and_the_token_is_shown() {
    let mut rig = Rig::playing(20, 20);
    assert_eq!(rig.client.token(), Some(TOKEN));
    rig.t += 10_000;
    rig.client.handle_closed("lost", rig.now());
    assert!(rig.client.poll_connect(rig.now()), "at once");
    rig.client.handle_closed("refused", rig.now());
    assert!(!rig.client.poll_connect(rig.now() + ms(349)), "not again");
    assert!(rig.client.poll_connect(rig.now() + ms(650)));
    rig.client.handle_open(rig.now());
    let hello = rig.client.poll_transmit().unwrap();
    let hello = decode_client::<Walk>(&hello, rig.client.schema()).unwrap();
    assert!(matches!(
        hello,
        ClientMessage::Control(ClientControl::Hello { token, .. }) if token == Some(TOKEN)
    ));

    let mut rig = Rig::new(20, 20);
    rig.connect();
    rig.run(1000);
    rig.client.handle_closed("lost", rig.now());
    assert!(!rig.client.poll_connect(rig.now() + ms(349)), "too short");
    rig.client.goodbye();
    assert_eq!(rig.client.token(), None, "the seat is given up");
}

#[test]
fn silence_ends_a_connection() {
    let mut rig = handshaking();
    rig.client.tick(ms(10_000));
    assert_eq!(*rig.client.connection(), Connection::Handshaking);
    rig.client.tick(ms(10_001));
    assert!(matches!(
        rig.client.connection(),
        Connection::Waiting { .. }
    ));
}

#[test]
fn messages_in_the_wrong_place_are_errors() {
    let welcome = |tick_rate| {
        let welcome = ServerControl::Welcome(Welcome {
            own: OWN,
            tick: tickwire_protocol::Tick(5),
            tick_rate,
            snapshot_interval: 3,
            tiers: [1, 0, 0, 0],
            rewind_limit: 0,
            level: String::new(),
            level_hash: 0,
            token: None,
        });
        welcome.encode()
    };
    let mut client = Client::<Walk>::new(ClientConfig::new("Bob", 3));
    assert_eq!(
        client.handle_message(&welcome(60), ms(0)),
        Err(ClientError::NotConnected)
    );
    let mut rig = handshaking();
    assert!(
        rig.client
            .handle_message(&[1, 0, 0, 0, 0, 0, 0, 0, 0], ms(0))
            .is_err()
    );
    let speeds = ClientError::TickRate {
        server: 30,
        client: 60,
    };
    assert_eq!(rig.client.handle_message(&welcome(30), ms(0)), Err(speeds));
    rig.client.handle_message(&welcome(60), ms(0)).unwrap();
    assert!(rig.client.handle_message(&welcome(60), ms(0)).is_err());
    assert!(rig.client.handle_message(&reject(true), ms(0)).is_err());
}

#[test]
fn a_leaving_player_says_goodbye_and_stays_away() {
    let mut rig = Rig::playing(20, 20);
    rig.client.goodbye();
    let last = rig.client.poll_transmit().unwrap();
    assert_eq!(last, ClientControl::Goodbye.encode());
    assert_eq!(rig.client.poll_transmit(), None);
    assert!(matches!(
        rig.client.connection(),
        Connection::Refused { .. }
    ));
}
