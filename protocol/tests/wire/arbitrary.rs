//! Arbitrary messages.

use proptest::prelude::*;
use tickwire_protocol::limits::{MAX_COMMANDS, MAX_NET_ID, MAX_VIEW_AGE};
use tickwire_protocol::message::{
    ClientControl, Command, Commands, EventBatch, EventEntry, Health, ServerControl, Slack,
    SnapshotHeader, Start, Token, View, Welcome, encode_event,
};
use tickwire_protocol::{GameSchema, NetId, Tick, Wire};

use crate::everything::{Event, Everything, Input, Kind, Sandbox};

pub(crate) fn any_client_control() -> impl Strategy<Value = ClientControl> {
    prop_oneof![
        (
            any::<u16>(),
            any::<[u64; 2]>(),
            "[a-zäé]{0,20}",
            "\\PC{0,12}",
            any_token(),
        )
            .prop_map(|(protocol, [schema, tables], game, name, token)| {
                ClientControl::Hello {
                    protocol,
                    schema,
                    tables,
                    game,
                    name,
                    token,
                }
            }),
        any::<u64>().prop_map(|sent| ClientControl::Ping { sent }),
        Just(ClientControl::Goodbye),
        Just(ClientControl::Hidden),
        Just(ClientControl::Shown),
        any::<bool>().prop_map(|on| ClientControl::Receipts { on }),
    ]
}

fn any_token() -> impl Strategy<Value = Option<Token>> {
    prop::option::of(any::<[u8; 16]>().prop_map(Token::new))
}

fn any_welcome() -> impl Strategy<Value = ServerControl> {
    let places = (0..=MAX_NET_ID, any::<u32>());
    let rhythm = (1..=u8::MAX, 1..=32_u8, any::<u16>());
    (places, rhythm, ("\\PC{0,60}", any::<u64>()), any_token()).prop_map(
        |((own, tick), (tick_rate, snapshot_interval, rewind_limit), level, token)| {
            ServerControl::Welcome(Welcome {
                own: NetId(own),
                tick: Tick(tick),
                tick_rate,
                snapshot_interval,
                tiers: [1, 1, 0, 0],
                rewind_limit,
                level: level.0,
                level_hash: level.1,
                token,
            })
        },
    )
}

pub(crate) fn any_server_control() -> impl Strategy<Value = ServerControl> {
    prop_oneof![
        any_welcome(),
        ("\\PC{0,60}", any::<bool>())
            .prop_map(|(reason, retry)| ServerControl::Reject { reason, retry }),
        ("\\PC{0,60}", any::<bool>())
            .prop_map(|(reason, retry)| ServerControl::Goodbye { reason, retry }),
        (any::<u64>(), any::<u32>(), any::<u16>(), any::<u32>()).prop_map(
            |(sent, tick, fraction, held)| ServerControl::Pong {
                sent,
                tick: Tick(tick),
                fraction,
                held
            }
        ),
        "\\PC{0,60}".prop_map(|text| ServerControl::Notice { text }),
        (any::<[u32; 2]>(), any::<[u16; 5]>()).prop_map(
            |([start_p999_us, tick_p999_us], [commands, late, skipped, looks, clamped])| {
                ServerControl::Health(Health {
                    start_p999_us,
                    tick_p999_us,
                    commands,
                    late,
                    skipped,
                    looks,
                    clamped,
                })
            }
        ),
        (
            any::<u32>(),
            any::<[u8; 2]>(),
            proptest::option::of(0..=MAX_NET_ID)
        )
            .prop_map(|(tick, [index, ahead], id)| ServerControl::Spawned {
                tick: Tick(tick),
                index,
                ahead,
                id: id.map(NetId),
            }),
    ]
}

fn any_view(tick: Tick) -> impl Strategy<Value = Option<View>> {
    let view = (0..=MAX_VIEW_AGE, 0..64_u32, any::<u8>()).prop_map(move |(age, span, fraction)| {
        let from = tick - age;
        View {
            from,
            to: from + span,
            fraction,
        }
    });
    prop::option::of(view)
}

fn any_input() -> impl Strategy<Value = Input> {
    let kind = prop::sample::select(vec![Kind::Rifle, Kind::Rocket, Kind::Hook]);
    (any::<bool>(), any::<u32>(), -70.0_f32..70.0, kind).prop_map(|(fire, wide, x, kind)| {
        let all = Everything {
            wide,
            x,
            kind,
            ..Everything::default()
        };
        Input { fire, all }.quantised()
    })
}

pub(crate) fn any_commands() -> impl Strategy<Value = Commands<Input>> {
    let first = prop_oneof![Just(u32::MAX), any::<u32>()];
    let list = first.prop_flat_map(|first| {
        let command = move |i| {
            let tick = Tick(first) + i;
            (any_view(tick), any_input()).prop_map(move |(view, input)| Command {
                tick,
                view,
                input,
            })
        };
        let count = 1..=u32::try_from(MAX_COMMANDS).unwrap();
        count.prop_flat_map(move |count| (0..count).map(command).collect::<Vec<_>>())
    });
    (prop::option::of(any::<u32>()), list).prop_map(|(ack, list)| Commands {
        ack: ack.map(Tick),
        list,
    })
}

pub(crate) fn any_client_message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any_client_control().prop_map(|control| control.encode()),
        any_commands().prop_map(|commands| commands.encode(&GameSchema::of::<Sandbox>().input)),
    ]
}

pub(crate) fn any_server_message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any_server_control().prop_map(|control| control.encode()),
        any_batch().prop_map(|(tick, bodies)| batch(tick, &bodies).encode()),
        (any_header(), prop::collection::vec(any::<u8>(), 0..60)).prop_map(|(header, body)| [
            header.encode(),
            body
        ]
        .concat()),
    ]
}

pub(crate) fn any_header() -> impl Strategy<Value = SnapshotHeader> {
    let start = prop_oneof![
        (1..64_u32).prop_map(Start::Next),
        any::<u32>().prop_map(|tick| Start::Empty(Tick(tick))),
        (any::<u32>(), 1..64_u32).prop_map(|(tick, back)| Start::Rebased {
            tick: Tick(tick),
            baseline: Tick(tick) - back,
        }),
    ];
    let slack = (
        prop_oneof![-40..240_i16, any::<i16>()],
        prop_oneof![0..300_u16, any::<u16>()],
    );
    let slack = slack.prop_map(|(p50, below)| Slack {
        p50,
        p1: p50.saturating_sub_unsigned(below),
    });
    (start, prop::option::of(slack)).prop_map(|(start, slack)| SnapshotHeader { start, slack })
}

pub(crate) fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Started),
        "\\PC{0,100}".prop_map(Event::Said),
        (any::<u32>(), any::<u8>(), any::<(i16, i16)>()).prop_map(|(who, damage, (x, y))| {
            Event::Hit {
                who: NetId(who),
                damage,
                at: (f32::from(x), f32::from(y)),
            }
        }),
        prop::collection::vec(
            (
                any::<u32>().prop_map(NetId),
                "\\PC{0,9}",
                any::<Option<bool>>()
            ),
            0..20
        )
        .prop_map(Event::Roster),
    ]
}

pub(crate) fn any_batch() -> impl Strategy<Value = (u32, Vec<(bool, Vec<u8>)>)> {
    let body = any_event().prop_map(|event| encode_event(&event).unwrap());
    (
        any::<u32>(),
        prop::collection::vec((any::<bool>(), body), 1..20),
    )
}

pub(crate) fn batch(tick: u32, bodies: &[(bool, Vec<u8>)]) -> EventBatch<'_> {
    EventBatch {
        tick: Tick(tick),
        events: bodies
            .iter()
            .map(|(at_once, body)| EventEntry {
                at_once: *at_once,
                body,
            })
            .collect(),
    }
}
