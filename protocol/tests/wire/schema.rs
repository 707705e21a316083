//! What a schema says of a game, and what changes its hash.

use tickwire_protocol::codec::store::TablesError;
use tickwire_protocol::{Game, GameSchema, Schema, Wire};

use crate::everything::{Everything, Input, Kind, Sandbox, Score, Tag};

#[test]
fn the_text_names_everything_that_travels() {
    let text = GameSchema::of::<Sandbox>().to_string();
    let expected = "\
tick_rate 60
version 0
rows
Everything
  flag flag 1
  byte uint 255
  some uint 20
  wide uint 4294967295
  nothing uint 0
  x fixed 12800 -64 0.01
  heading angle 1023
  turn.largest largest 3
  turn.a part 510
  turn.b part 510
  turn.c part 510
  kind.variant enum 2 Rifle Rocket Hook
  inner.count uint 9
  inner.kind.variant enum 2 Rifle Rocket Hook
  levels.0 fixed 4 0 0.25
  levels.1 fixed 4 0 0.25
  flags.0 flag 1
  flags.1 flag 1
  flags.2 flag 1
  grid.0.0.variant enum 2 Rifle Rocket Hook
  grid.0.1.variant enum 2 Rifle Rocket Hook
  grid.1.0.variant enum 2 Rifle Rocket Hook
  grid.1.1.variant enum 2 Rifle Rocket Hook
  inners.0.count uint 9
  inners.0.kind.variant enum 2 Rifle Rocket Hook
Tag
Score
  points uint 65535
Kind
  variant enum 2 Rifle Rocket Hook
input
Input
  fire flag 1 edge
";
    assert!(text.starts_with(expected), "{text}");
    let blend = "\
blend
Everything.x lerp
Everything.heading lerp
Everything.turn.largest lerp
Everything.turn.a lerp
Everything.turn.b lerp
Everything.turn.c lerp
";
    assert!(text.ends_with(blend), "{text}");
    assert_eq!(
        text.lines().count(),
        expected.lines().count() + Everything::WORDS + blend.lines().count(),
        "the input has everything again"
    );
}

#[test]
fn the_hash_is_the_same_everywhere_and_forever() {
    // XXH3 with 64 bits of the text above: when this changes, old clients are refused.
    assert_eq!(GameSchema::of::<Sandbox>().hash, 0x11EF4C65DCA71793);
    assert_eq!(
        Schema::of::<()>().hash(),
        0x2D06_8005_38D3_94C2,
        "of nothing"
    );
}

/// The schema's hash with `$fields` for a component.
macro_rules! hash_of {
    ($name:ident => $($fields:tt)*) => {{
        #[derive(Wire, Debug, Clone)]
        struct $name { $($fields)* }
        Schema::of::<($name,)>().hash()
    }};
}

#[test]
fn whatever_changes_the_bits_or_their_meaning_changes_the_hash() {
    #[derive(Wire, Debug, Clone)]
    enum Swapped {
        Rocket,
        Rifle,
        Hook,
    }
    mod original {
        pub(super) use crate::everything::Kind as Swapped;
    }
    let hashes = [
        hash_of!(A => #[wire(max = 5)] a: u8, b: bool),
        hash_of!(Another => #[wire(max = 5)] a: u8, b: bool),
        hash_of!(A => #[wire(max = 6)] a: u8, b: bool),
        hash_of!(A => #[wire(max = 5)] other: u8, b: bool),
        hash_of!(A => b: bool, #[wire(max = 5)] a: u8),
        hash_of!(A => #[wire(max = 5)] a: u8, #[wire(edge)] b: bool),
        hash_of!(A => #[wire(max = 5)] a: u8, #[wire(max = 1)] b: u8),
        hash_of!(A => #[wire(min = 0.0, max = 5.0, step = 1.0)] a: f32, b: bool),
        hash_of!(A => #[wire(min = 1.0, max = 6.0, step = 1.0)] a: f32, b: bool),
        hash_of!(A => #[wire(min = 0.0, max = 2.5, step = 0.5)] a: f32, b: bool),
        hash_of!(A => #[wire(angle = 3)] a: f32, b: bool),
        hash_of!(A => a: Swapped, b: bool),
        hash_of!(A => a: original::Swapped, b: bool),
    ];
    for (i, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..i].contains(hash), "schema {i} has a twin");
    }
    assert_ne!(
        Schema::of::<(Tag, Score)>().hash(),
        Schema::of::<(Score, Tag)>().hash()
    );
}

#[test]
fn what_only_the_eye_sees_changes_no_bits() {
    assert_eq!(
        hash_of!(A => #[wire(angle = 10, lerp)] a: f32),
        hash_of!(A => #[wire(angle = 10)] a: f32)
    );
    assert_eq!(
        hash_of!(A => #[wire(max = 3, teleport)] a: u8),
        hash_of!(A => #[wire(max = 3)] a: u8)
    );
}

/// A game whose only component has `$fields`; gives the hash that is compared in the handshake.
macro_rules! handshake_of {
    ($($fields:tt)*) => {{
        #[derive(Wire, Debug, Clone)]
        struct Body { $($fields)* }
        struct Street;
        impl Game for Street {
            const TICK_RATE: u32 = 60;
            type Input = Input;
            type Replicated = (Body,);
            type Predicted = ();
            type Event = ();
            type Level = ();
        }
        GameSchema::of::<Street>()
    }};
}

#[test]
fn ends_that_blend_otherwise_do_not_play_together() {
    let schemas = [
        handshake_of!(#[wire(min = 0.0, max = 1.0, step = 0.1)] x: f32, #[wire(min = 0.0, max = 1.0, step = 0.1)] v: f32),
        handshake_of!(#[wire(min = 0.0, max = 1.0, step = 0.1, lerp)] x: f32, #[wire(min = 0.0, max = 1.0, step = 0.1)] v: f32),
        handshake_of!(#[wire(min = 0.0, max = 1.0, step = 0.1, hermite = v)] x: f32, #[wire(min = 0.0, max = 1.0, step = 0.1)] v: f32),
        handshake_of!(#[wire(min = 0.0, max = 1.0, step = 0.1, hermite = v, extrapolate)] x: f32, #[wire(min = 0.0, max = 1.0, step = 0.1)] v: f32),
    ];
    for (i, schema) in schemas.iter().enumerate() {
        let twin = schemas
            .iter()
            .take(i)
            .find(|other| other.hash == schema.hash);
        assert!(twin.is_none(), "schema {i} has a twin");
        assert_eq!(
            schema.rows.hash(),
            schemas[0].rows.hash(),
            "the same tables fit"
        );
    }
    let last = schemas[3].to_string();
    assert!(
        last.ends_with("blend\nBody.x hermite v extrapolate\n"),
        "{last}"
    );
}

/// The sandbox with another rate and version.
struct Other<const RATE: u32, const VERSION: u32>;

impl<const RATE: u32, const VERSION: u32> Game for Other<RATE, VERSION> {
    const TICK_RATE: u32 = RATE;
    const VERSION: u32 = VERSION;
    type Input = Input;
    type Replicated = (Everything, Tag, Score, Kind);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

#[test]
fn rate_and_version_are_part_of_the_game() {
    let same = GameSchema::of::<Other<60, 0>>();
    assert_eq!(same.hash, GameSchema::of::<Sandbox>().hash);
    assert_eq!(same.name, "Other", "parameters are no part of the name");
    assert_ne!(same.hash, GameSchema::of::<Other<30, 0>>().hash);
    assert_ne!(same.hash, GameSchema::of::<Other<60, 1>>().hash);
}

/// A game whose tables have been left behind by a change of its components.
struct Changed;

impl Game for Changed {
    const TICK_RATE: u32 = 60;
    const TABLES: &'static [u8] = b"TWT1\x2a\0\0\0\0\0\0\0";
    type Input = Input;
    type Replicated = (Tag,);
    type Predicted = ();
    type Event = ();
    type Level = ();
}

#[test]
fn tables_of_other_components_give_way_to_the_neutral_ones() {
    let changed = GameSchema::of::<Changed>();
    let ours = Schema::of::<(Tag,)>().hash();
    assert_eq!(
        changed.unused,
        Some(TablesError::OtherSchema { theirs: 42, ours })
    );
    let neutral = GameSchema::of::<Sandbox>();
    assert_eq!(neutral.unused, None);
    assert_eq!(changed.tables.hash, neutral.tables.hash);
}

#[derive(Wire, Debug, Clone, PartialEq, Default)]
struct Hoard {
    numbers: [u32; 31],
}

struct Broken;

impl Game for Broken {
    const TICK_RATE: u32 = 60;
    type Input = Hoard;
    type Replicated = ();
    type Predicted = ();
    type Event = ();
    type Level = ();
}

#[test]
#[should_panic(expected = "a command has 992 bits; at most 960 are allowed")]
fn a_command_that_no_server_would_take_is_refused_at_the_start() {
    let _ = GameSchema::of::<Broken>();
}

struct Unseen;

impl Game for Unseen {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Tag,);
    type Predicted = (Score,);
    type Event = ();
    type Level = ();
}

#[test]
#[should_panic(expected = "Score is in Predicted but not in Replicated")]
fn what_is_predicted_must_be_replicated() {
    let _ = GameSchema::of::<Unseen>();
}

#[test]
#[should_panic(expected = "Tag is listed twice")]
fn a_component_is_listed_once() {
    let _ = Schema::of::<(Tag, Score, Tag)>();
}

#[derive(Wire, Debug, Clone)]
struct TooWide {
    flags: [bool; 257],
}

#[test]
#[should_panic(expected = "at most 256 columns; with TooWide there are 257")]
fn a_row_too_wide_is_refused() {
    let _ = Schema::of::<(TooWide,)>();
}

#[test]
fn components_are_found_by_their_type() {
    let schema = Schema::of::<(Everything, Tag, Score, Kind)>();
    assert_eq!(schema.position::<Score>(), Some(2));
    assert_eq!(schema.position::<Input>(), None);
    assert_eq!(schema.full_mask(), 0b1111);
    assert_eq!(schema.row_words(), Everything::WORDS + 2);
}
