//! What was recorded is read again; whatever else is in a file is refused in words.

use std::io::Write;

use tickwire_engine::{EcsGame, Sim, bot_name};
use tickwire_protocol::GameSchema;
use tickwire_protocol::codec::recording::Recording;

use super::read::{Budget, read};
use super::write::Recorder;
use crate::stroll::{Stroll, build};

const TICKS: u32 = 40;

fn schema() -> GameSchema {
    GameSchema::of::<Stroll>()
}

type Row = (u32, u32, Vec<u32>);

/// A match that three players join late and one leaves early, as a file, with the rows that were in it.
fn recorded() -> (Vec<u8>, Vec<Vec<Row>>) {
    let mut sim = Sim::<Stroll>::new(7, build);
    let mut file = Vec::new();
    let mut recorder = Recorder::new(&mut file, &schema()).unwrap();
    let first = sim.join_bot("Ada");
    let mut ticks = Vec::new();
    for tick in 1..=TICKS {
        match tick {
            9 | 10 | 20 => drop(sim.join_bot("Max")),
            30 => sim.leave(first),
            _ => {}
        }
        sim.tick();
        recorder.push(sim.snapshot()).unwrap();
        let rows = sim.snapshot().rows();
        ticks.push(rows.map(|r| (r.id.0, r.mask, r.words.to_vec())).collect());
    }
    recorder.finish().unwrap();
    (file, ticks)
}

/// A match of bots as a file.
pub(crate) fn record<G: EcsGame>(
    seed: u64,
    build: fn(&mut Sim<G>),
    bots: usize,
    ticks: u32,
) -> Vec<u8> {
    let mut sim = Sim::new(seed, build);
    let mut file = Vec::new();
    let mut recorder = Recorder::new(&mut file, sim.schema()).unwrap();
    for bot in 0..bots {
        sim.join_bot(bot_name(bot));
    }
    for _ in 0..ticks {
        sim.tick();
        recorder.push(sim.snapshot()).unwrap();
    }
    recorder.finish().unwrap();
    file
}

fn reading(file: &[u8]) -> Result<Recording, String> {
    read(file, &schema(), 1, &mut Budget::default())
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

#[test]
fn every_row_comes_back_or_that_of_every_other_tick() {
    let (file, ticks) = recorded();
    for interval in [1, 2] {
        let recording = read(&*file, &schema(), interval, &mut Budget::default()).unwrap();
        let kept = ticks.iter().skip(interval as usize - 1);
        let kept: Vec<_> = kept.step_by(interval as usize).collect();
        assert_eq!(recording.ticks(), kept.len());
        for (tick, rows) in kept.into_iter().enumerate() {
            let read = recording.rows(tick);
            let read: Vec<_> = read
                .map(|(id, row)| (id, row.mask, row.words.to_vec()))
                .collect();
            assert_eq!(&read, rows);
        }
    }
}

#[test]
fn a_file_that_was_cut_off_is_known() {
    let (file, _) = recorded();
    for cut in 0..file.len() {
        let why = reading(&file[..cut]).unwrap_err();
        assert!(why.starts_with("ends too early"), "{cut}: {why}");
    }
}

#[test]
fn broken_bytes_are_refused() {
    let (file, _) = recorded();
    for at in 0..file.len() {
        let mut broken = file.clone();
        broken[at] ^= 0x10;
        // A few bits of the zstd header mean nothing; otherwise there is the checksum.
        if let Err(why) = reading(&broken) {
            assert!(why.lines().count() == 1 && why.len() < 300, "{at}: {why}");
        }
    }
}

#[test]
fn what_is_no_recording_of_this_game_says_what_to_do() {
    let (file, _) = recorded();
    let bytes = zstd::decode_all(&*file).unwrap();
    let with = |at: usize, new: &[u8]| {
        let mut bytes = bytes.clone();
        bytes[at..at + new.len()].copy_from_slice(new);
        packed(&bytes)
    };
    let header = 4 + 8 + 2 + "Stroll".len();
    let cases = [
        (b"hello".to_vec(), "is no recording: bots --record FILE"),
        (packed(b"TBL1"), "is no recording: bots --record FILE"),
        (
            with(4, &[0; 8]),
            "change of Stroll's components (0000000000000000, now",
        ),
        ([with(4, &[0; 8])].concat(), "record it anew"),
        (with(header, &[5]), "tick 2 comes next"),
        (
            with(header + 4, &[0xFF; 4]),
            "behind the header: number of rows is 4294967295, but at most",
        ),
        (
            with(header + 8, &[0xFF; 4]),
            "network id is 4294967295, but at most",
        ),
        (with(header + 12, &[2]), "mask is 2, but at most 1"),
        (
            with(header + 16, &[0xFF; 2]),
            "x is 65535, but at most 1000 is allowed",
        ),
    ];
    for (file, words) in cases {
        let why = reading(&file).unwrap_err();
        assert!(why.contains(words), "{why}");
    }
    let mut other = bytes.clone();
    other.splice(4..14, [[0; 8].as_slice(), &[60, 6]].concat());
    other[14..20].copy_from_slice(b"Ch\x1b[5s");
    let why = reading(&packed(&other)).unwrap_err();
    assert!(
        why.starts_with("is of the game Ch5s, not of Stroll"),
        "{why}"
    );
}

#[test]
fn a_bomb_stays_within_the_budget() {
    let mut bomb = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let mut header = Vec::new();
    Recorder::new(&mut header, &schema())
        .unwrap()
        .finish()
        .unwrap();
    bomb.write_all(&zstd::decode_all(&*header).unwrap())
        .unwrap();
    for tick in 0..100_000_u32 {
        bomb.write_all(&tick.to_le_bytes()).unwrap();
        bomb.write_all(&[0; 4]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let why = read(&*bomb, &schema(), 1, &mut Budget(10_000)).unwrap_err();
    assert!(why.starts_with("is too long"), "{why}");
}
