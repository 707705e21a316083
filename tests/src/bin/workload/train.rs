//! The crowd's own tables, as any game would have them: fitted to crowds of other sizes than those that are measured.

use std::fs;
use std::path::Path;

use tickwire_engine::Sim;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::store;
use tickwire_protocol::codec::train::{Plan, train};
use tickwire_protocol::{GameSchema, LoadedLevel, Snapshot};

use crate::game::{Beat, Crowd, build};

/// Crowds as levels: entities, share that walks, clients.
const CROWDS: [&str; 3] = ["350 1 80", "450 0.3 60", "700 0.12 50"];

/// Snapshots of each, and ticks between them.
const SNAPSHOTS: u32 = 600;
const INTERVAL: u32 = 2;

/// Writes the tables to `out`.
pub(crate) fn run(out: &Path) -> Result<(), String> {
    let recordings: Result<Vec<_>, _> = CROWDS.iter().map(|crowd| record(crowd)).collect();
    let recordings = recordings?;
    let schema = GameSchema::of::<Crowd>().rows;
    let layout = Layout::of(&schema);
    let fit = |ways: &[(usize, usize)]| {
        let samples: Vec<Sample<'_>> = recordings
            .iter()
            .flat_map(|recording| {
                ways.iter()
                    .map(|(back, stride)| recording.all(*back, *stride))
            })
            .collect();
        train(&layout, &samples, Plan::default())
    };
    let file = store::write(schema.hash(), &fit(&[(1, 1)]), &fit(&[(2, 1), (2, 2)]));
    fs::write(out, &file).map_err(|why| format!("{}: {why}", out.display()))?;
    println!("{} bytes in {}", file.len(), out.display());
    Ok(())
}

fn record(crowd: &str) -> Result<Recording, String> {
    let mut sim = Sim::with_level(1, LoadedLevel::parse("crowd", crowd)?, build);
    let clients = sim.level().level.clients;
    let players: Vec<_> = (0..clients).map(|i| sim.join(&i.to_string())).collect();
    let mut recording = Recording::new(Layout::of(&sim.schema().rows));
    for tick in 0..SNAPSHOTS * INTERVAL {
        for player in &players {
            // A number thirty times a second, at a moment of its own.
            let counter = (tick + player.0) / INTERVAL;
            sim.set_input(*player, Beat { counter });
        }
        sim.tick();
        if tick % INTERVAL == 0 {
            add(&mut recording, sim.snapshot());
        }
    }
    Ok(recording)
}

fn add(recording: &mut Recording, snapshot: &Snapshot) {
    recording.push_tick();
    for row in snapshot.rows() {
        recording
            .push_row(row.id.0, row.mask)
            .copy_from_slice(row.words);
    }
}
