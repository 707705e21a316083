//! Writes the tables for games that nobody has looked at: `cargo run --release -p tickwire-tests --bin neutral -- DIR OUT [LEFT_OUT…]`.
//!
//! DIR holds recordings as `benches/codec/parse.rs` describes them, OUT is `protocol/src/codec/neutral.bin`, and recordings named
//! after it are left out, so that something is left to judge by. Recordings with the same columns are of the same game; each game
//! weighs as much as the others. The file is part of the protocol: its hash is in the handshake, so `PROTOCOL.md` and the golden
//! files must follow.

#[path = "../../../benches/codec/table.rs"]
mod table;

use std::path::Path;
use std::process::ExitCode;
use std::{env, fs, io};

use tickwire_protocol::codec::recording::Sample;
use tickwire_protocol::codec::store::write_class;
use tickwire_protocol::codec::train::{Plan, train_kinds};

use crate::table::Table;

/// Ticks from the baseline to now, and the stride: of clients that get every snapshot, and of others.
const WAYS: [(usize, usize); 2] = [(1, 1), (6, 2)];

/// What is common to all games shows in finer steps than what one game's own tables can afford.
const PLAN: Plan = Plan {
    prior: 4.0,
    price: 40.0,
    most: 40,
    run: 4.0,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, out, left_out @ ..] = &*arguments else {
        eprintln!(
            "neutral: a folder of recordings and a file to write are needed: DIR OUT [LEFT_OUT…]"
        );
        return ExitCode::from(2);
    };
    match run(Path::new(folder), Path::new(out), left_out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("neutral: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(folder: &Path, out: &Path, left_out: &[String]) -> io::Result<()> {
    let mut tables = table::read_all(folder)?;
    tables.retain(|table| !left_out.contains(&table.name));
    let mut games: Vec<Vec<&Table>> = Vec::new();
    for table in &tables {
        match games
            .iter_mut()
            .find(|game| game.iter().any(|other| other.alike(table)))
        {
            Some(game) => game.push(table),
            None => games.push(vec![table]),
        }
    }
    for game in &games {
        let names: Vec<_> = game.iter().map(|table| &*table.name).collect();
        let rate = game.first().map_or(0.0, |table| table.rate);
        println!("a game at {rate} Hz: {}", names.join(", "));
    }
    let games: Vec<_> = games.iter().map(|game| samples(game)).collect();
    let mut file = Vec::new();
    for class in train_kinds(&games, PLAN) {
        write_class(&class, &mut file);
    }
    fs::write(out, &file)?;
    println!("{}: {} bytes", out.display(), file.len());
    Ok(())
}

fn samples<'a>(game: &[&'a Table]) -> Vec<Sample<'a>> {
    let ways = |table: &&'a Table| WAYS.map(|(back, stride)| table.recording.all(back, stride));
    game.iter().flat_map(ways).collect()
}
