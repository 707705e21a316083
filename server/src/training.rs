//! Fits a game's probability tables to recorded matches, and judges them by matches that they have not seen.

use std::sync::Arc;

use tickwire_protocol::codec::layout::Layout;
use tickwire_protocol::codec::recording::{Recording, Sample};
use tickwire_protocol::codec::store;
use tickwire_protocol::codec::tables::TableSet;
use tickwire_protocol::codec::train::{Plan, train};
use tickwire_protocol::message::Slack;
use tickwire_protocol::{
    Cadence, GameSchema, History, NetId, Schema, Sender, SharedDeltas, Sight, Snapshot, Tick,
};

/// Matches are judged in at most so many groups, each by tables of all the others: that is so many trainings.
const GROUPS: usize = 5;

/// Snapshots back to the baseline, and from one row of the past to the next: of rows that come with every snapshot.
const STEADY: [(usize, usize); 1] = [(1, 1)];

/// The same for all other rows: of clients that missed some snapshots, and of those that are sent less often.
const LATE: [(usize, usize); 3] = [(2, 1), (2, 2), (4, 2)];

/// A recorded match; its ticks are snapshots.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) name: String,
    pub(crate) recording: Recording,
}

/// What tables do for play that they were not fitted to.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// Which play.
    pub(crate) play: String,
    pub(crate) snapshots: usize,
    /// Bytes of all these snapshots with the neutral tables.
    pub(crate) neutral: usize,
    /// The same with tables that were fitted to other play.
    pub(crate) trained: usize,
    /// What they were fitted to.
    pub(crate) fitted_to: String,
}

/// A stretch of play.
struct Part<'a> {
    name: String,
    play: Sample<'a>,
}

/// Fits tables to some of the play and judges them by the rest, until all of it was judged.
pub(crate) fn judge(schema: &GameSchema, matches: &[Match], on_verdict: &mut dyn FnMut(Verdict)) {
    let parts = parts(matches);
    let groups = GROUPS.min(parts.len());
    let neutral = Arc::new(TableSet::neutral(&Layout::of(&schema.rows)));
    for group in 0..groups {
        let seen = |i: &usize| i * groups / parts.len() != group;
        let others: Vec<_> = parts.iter().enumerate().filter(|(i, _)| seen(i)).collect();
        let fitted_to = match &*others {
            [(_, other)] => other.name.clone(),
            _ => format!("{} others", others.len()),
        };
        let plays: Vec<_> = others.iter().map(|(_, part)| part.play).collect();
        let trained = Arc::new(fit(&schema.rows, &plays).1);
        for (_, Part { name, play }) in parts.iter().enumerate().filter(|(i, _)| !seen(i)) {
            on_verdict(Verdict {
                play: name.clone(),
                snapshots: (play.to - play.from).saturating_sub(1),
                neutral: weigh(schema, &neutral, *play),
                trained: weigh(schema, &trained, *play),
                fitted_to: fitted_to.clone(),
            });
        }
    }
}

/// Whole matches; of a single one the two halves.
fn parts(matches: &[Match]) -> Vec<Part<'_>> {
    let [single] = matches else {
        let parts = matches.iter().map(|m| Part {
            name: m.name.clone(),
            play: m.recording.all(1, 1),
        });
        return parts.collect();
    };
    let play = single.recording.all(1, 1);
    let middle = play.to / 2;
    let half = |which: &str, from, to| Part {
        name: format!("{}, {which} half", single.name),
        play: Sample { from, to, ..play },
    };
    vec![
        half("first", play.from, middle),
        half("second", middle, play.to),
    ]
}

/// Tables fitted to all of these matches, as a file.
pub(crate) fn fit_all(schema: &GameSchema, matches: &[Match]) -> Vec<u8> {
    let plays: Vec<_> = matches.iter().map(|m| m.recording.all(1, 1)).collect();
    fit(&schema.rows, &plays).0
}

/// Tables, and the file that they were read back from.
#[expect(clippy::expect_used, reason = "the file was written a moment ago")]
fn fit(schema: &Schema, plays: &[Sample<'_>]) -> (Vec<u8>, TableSet) {
    let layout = Layout::of(schema);
    let fitted = |ways: &[(usize, usize)]| {
        let samples: Vec<_> = plays
            .iter()
            .flat_map(|play| {
                ways.iter().map(|(back, stride)| Sample {
                    back: *back,
                    stride: *stride,
                    ..*play
                })
            })
            .collect();
        train(&layout, &samples, Plan::default())
    };
    let file = store::write(schema.hash(), &fitted(&STEADY), &fitted(&LATE));
    let tables = store::read(&layout, schema.hash(), &file);
    (file, tables.expect("what is written can be read"))
}

/// Bytes of all messages with a stretch of play to a client that sees everything, but for the first, which tells the whole world.
fn weigh(schema: &GameSchema, tables: &Arc<TableSet>, play: Sample<'_>) -> usize {
    // A snapshot every tick is as good as any: the codec counts in snapshots.
    let mut sender = Sender::new(None, Cadence::every(1));
    let mut deltas = SharedDeltas::new(&schema.rows, Arc::clone(tables));
    let mut history = History::new();
    let mut bytes = 0;
    let slack = Some(Slack { p50: 0, p1: 0 });
    for (now, tick) in (1..).zip(play.from..play.to) {
        let mut snapshot = Snapshot::new(Arc::clone(&schema.rows), Tick(now));
        for (entity, row) in play.recording.rows(tick) {
            let words = snapshot.push(NetId(entity), row.mask);
            words.copy_from_slice(row.words);
        }
        let snapshot = Arc::new(snapshot);
        history.push(Arc::clone(&snapshot));
        deltas.set(snapshot);
        let message = sender.write(slack, Sight::All, None, &history, &mut deltas);
        bytes += message.filter(|_| tick > play.from).map_or(0, |m| m.len());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::{Budget, record};
    use crate::stroll::{Stroll, build};

    fn schema() -> GameSchema {
        GameSchema::of::<Stroll>()
    }

    fn played(seed: u64) -> Match {
        let file = record::<Stroll>(seed, build, 4, 900);
        let recording = crate::recording::read(&*file, &schema(), 2, &mut Budget::default());
        Match {
            name: format!("match {seed}"),
            recording: recording.unwrap(),
        }
    }

    #[test]
    fn tables_from_a_file_make_other_matches_smaller() {
        let file = fit_all(&schema(), &[played(1), played(2)]);
        let layout = Layout::of(&schema().rows);
        let trained = store::read(&layout, schema().rows.hash(), &file).unwrap();
        let other = played(3);
        let play = other.recording.all(1, 1);
        let [trained, neutral] =
            [trained, TableSet::neutral(&layout)].map(|set| weigh(&schema(), &Arc::new(set), play));
        assert!(trained < neutral, "{trained} against {neutral} bytes");
    }

    #[test]
    fn everything_is_judged_once_by_tables_that_have_not_seen_it() {
        let judged = |matches: &[Match]| {
            let mut verdicts = Vec::new();
            judge(&schema(), matches, &mut |verdict| verdicts.push(verdict));
            for verdict in &verdicts {
                assert!(verdict.trained < verdict.neutral, "{verdict:?}");
            }
            let said = verdicts.into_iter();
            said.map(|v| (v.play, v.snapshots, v.fitted_to))
                .collect::<Vec<_>>()
        };
        let said = |play: &str, snapshots, fitted_to: &str| {
            (play.to_owned(), snapshots, fitted_to.to_owned())
        };
        assert_eq!(
            judged(&[played(1)]),
            [
                said("match 1, first half", 224, "match 1, second half"),
                said("match 1, second half", 224, "match 1, first half"),
            ]
        );
        assert_eq!(
            judged(&[played(1), played(2)]),
            [
                said("match 1", 449, "match 2"),
                said("match 2", 449, "match 1")
            ]
        );
        let seven: Vec<_> = (1..=7).map(played).collect();
        let fitted_to = [5, 5, 6, 5, 5, 6, 6];
        let expected = (1..)
            .zip(fitted_to)
            .map(|(i, others)| said(&format!("match {i}"), 449, &format!("{others} others")));
        assert_eq!(judged(&seven), expected.collect::<Vec<_>>());
    }
}
