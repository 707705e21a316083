//! A training helps: on play that it has not seen, fitted tables take fewer bits than neutral ones.

use tickwire_protocol::Column;
use tickwire_protocol::codec::chunk::ChunkEncoder;
use tickwire_protocol::codec::forecast::Forecaster;
use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::recording::Recording;
use tickwire_protocol::codec::row::Task;
use tickwire_protocol::codec::tables::Tables;
use tickwire_protocol::codec::train::{Plan, train};

use crate::rows::{FIXED, column};

const ENTITIES: u32 = 6;

/// Things that swing, each in its own time.
fn play(from: u32) -> Recording {
    let columns: [Column; 2] = [column(FIXED, 4095), column(FIXED, 4095)];
    let mut play = Recording::new(Layout::new([&columns[..]]));
    for tick in from..from + 400 {
        play.push_tick();
        for entity in 1..=ENTITIES {
            let around = |time: u32| {
                let time = i64::from(time * entity % 240) - 120;
                (2000 + time * (120 - time.abs()) / 4) as u32
            };
            play.push_row(entity, 1)
                .copy_from_slice(&[around(tick), around(tick + 60)]);
        }
    }
    play
}

fn bits(tables: &Tables, play: &Recording) -> usize {
    let layout = play.layout();
    let mut encoder = ChunkEncoder::new(layout);
    let mut bits = 0;
    play.all(1, 1).each(|past, row| {
        let task = Task {
            layout,
            tables,
            past,
            whole: false,
        };
        let (words, _, width) = encoder.encode(task, row, Some(Forecaster::changed(&past)));
        bits += words.len() * 64 + width as usize;
    });
    bits
}

#[test]
fn fitted_tables_take_fewer_bits() {
    let (seen, unseen) = (play(0), play(777));
    let layout = unseen.layout();
    let (list, modes) = train(layout, &[seen.all(1, 1)], Plan::default());
    let fitted = bits(&Tables::new(layout, &list, modes), &unseen);
    let neutral = bits(&Tables::neutral(layout), &unseen);
    assert!(fitted * 10 < neutral * 9, "{fitted} against {neutral}");
}
