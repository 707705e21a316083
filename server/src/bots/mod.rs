//! Matches without network or clock, several at a time.

mod bytes;
mod summary;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use serde::Serialize;
use tickwire_engine::{EcsGame, RoomConfig, Sim, Watched, bot_name};
use tickwire_protocol::explain::Ledger;
use tickwire_protocol::{GameSchema, LoadedLevel};

use crate::Error;
use crate::recording::{ENDING, RecordingFile};

pub(crate) use bytes::Bytes;
pub(crate) use summary::Summary;

/// Ticks between two reports of progress.
const PROGRESS_TICKS: u32 = 600;

/// A series of matches.
pub(crate) struct Series<G: EcsGame> {
    pub(crate) build: fn(&mut Sim<G>),
    pub(crate) level: LoadedLevel<G>,
    pub(crate) players: usize,
    pub(crate) matches: u32,
    /// Of each match.
    pub(crate) ticks: u32,
    pub(crate) seed: u64,
    pub(crate) threads: usize,
    /// Where the matches are recorded, see [`Self::record_path`].
    pub(crate) record: Option<PathBuf>,
    /// How the players are watched, if their bytes are to be counted.
    pub(crate) watch: Option<RoomConfig>,
}

/// How a match ended. Nothing in it depends on time or on the number of threads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MatchResult {
    /// Counted from 1.
    #[serde(rename = "match")]
    pub(crate) number: u32,
    pub(crate) seed: u64,
    pub(crate) ticks: u32,
    pub(crate) scores: Vec<PlayerScore>,
    /// Of the last snapshot, in hexadecimal: most readers of JSON lose digits of large numbers.
    pub(crate) hash: String,
    /// What was sent to the players, if they were watched.
    #[serde(skip)]
    pub(crate) bytes: Ledger,
}

/// A player's score at the end of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PlayerScore {
    pub(crate) name: String,
    pub(crate) score: i64,
}

impl MatchResult {
    /// One line.
    #[expect(
        clippy::expect_used,
        reason = "numbers and texts can always be written"
    )]
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a result is plain JSON")
    }
}

impl<G: EcsGame> Series<G> {
    /// Ticks of all matches together.
    pub(crate) fn all_ticks(&self) -> u64 {
        u64::from(self.matches) * u64::from(self.ticks)
    }

    /// Plays the matches and gives their results in order. `on_ticks` hears how many ticks were simulated since it was last
    /// called, from any thread.
    ///
    /// # Errors
    /// What `on_result` fails with, or a recording; the remaining matches are given up then.
    pub(crate) fn play(
        &self,
        on_ticks: &(dyn Fn(u64) + Sync),
        on_result: &mut dyn FnMut(MatchResult) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let next = AtomicU32::new(0);
        let given_up = AtomicBool::new(false);
        thread::scope(|scope| {
            let (sender, results) = sync_channel(self.threads);
            for _ in 0..self
                .threads
                .min(usize::try_from(self.matches).unwrap_or(usize::MAX))
            {
                let sender = sender.clone();
                let (next, given_up) = (&next, &given_up);
                scope.spawn(move || self.work(next, given_up, on_ticks, &sender));
            }
            drop(sender);
            // Matches end in any order; the early ones wait here for their turn.
            let mut early = BTreeMap::new();
            let mut turn = 1;
            let give_up = |_: &Error| given_up.store(true, Ordering::Relaxed);
            for result in results {
                let result: MatchResult = result.inspect_err(give_up)?;
                early.insert(result.number, result);
                while let Some(result) = early.remove(&turn) {
                    turn += 1;
                    on_result(result).inspect_err(give_up)?;
                }
            }
            Ok(())
        })
    }

    /// Plays matches as long as there are any.
    fn work(
        &self,
        next: &AtomicU32,
        given_up: &AtomicBool,
        on_ticks: &(dyn Fn(u64) + Sync),
        results: &SyncSender<Result<MatchResult, Error>>,
    ) {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= self.matches {
                return;
            }
            let Some(result) = self.play_one(index, given_up, on_ticks).transpose() else {
                return;
            };
            if results.send(result).is_err() {
                return;
            }
        }
    }

    /// Plays a match to its end, unless all is given up.
    fn play_one(
        &self,
        index: u32,
        given_up: &AtomicBool,
        on_ticks: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<MatchResult>, Error> {
        let seed = match_seed(self.seed, index);
        let mut sim = Sim::with_level(seed, self.level.clone(), self.build);
        for bot in 0..self.players {
            sim.join_bot(bot_name(bot));
        }
        let mut recording = self.record(index, sim.schema())?;
        let mut play = match &self.watch {
            Some(config) => Play::Watched(Box::new(Watched::new(sim, config.clone()))),
            None => Play::Alone(Box::new(sim)),
        };
        let mut played = 0;
        while played < self.ticks && !given_up.load(Ordering::Relaxed) {
            let ticks = PROGRESS_TICKS.min(self.ticks - played);
            for _ in 0..ticks {
                play.tick();
                if let Some(recording) = &mut recording {
                    recording.push(play.sim().snapshot())?;
                }
            }
            played += ticks;
            on_ticks(u64::from(ticks));
        }
        if let Some(recording) = recording {
            recording.finish()?;
        }
        let sim = play.sim();
        let scores = sim.scores().into_iter();
        Ok((played == self.ticks).then(|| MatchResult {
            number: index + 1,
            seed,
            ticks: played,
            scores: scores
                .map(|(name, score)| PlayerScore {
                    name: name.to_string(),
                    score,
                })
                .collect(),
            hash: format!("{:016x}", sim.hash()),
            bytes: play.bytes(),
        }))
    }

    /// Starts the recording of a match, if they are recorded.
    fn record(&self, index: u32, schema: &GameSchema) -> Result<Option<RecordingFile>, Error> {
        let path = self.record_path(index);
        path.map(|path| RecordingFile::create(path, schema))
            .transpose()
    }

    /// The file of a match: as given for a single one; otherwise with the match's number, as in `play-1.tbl.zst`.
    pub(crate) fn record_path(&self, index: u32) -> Option<PathBuf> {
        let path = self.record.as_ref()?;
        if self.matches == 1 {
            return Some(path.clone());
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let stem = name
            .strip_suffix(ENDING)
            .or_else(|| Some(name.rsplit_once('.')?.0));
        let (stem, ending) = name.split_at(stem.map_or(name.len(), str::len));
        Some(path.with_file_name(format!("{stem}-{}{ending}", index + 1)))
    }
}

/// A match that is played.
enum Play<G: EcsGame> {
    Alone(Box<Sim<G>>),
    Watched(Box<Watched<G>>),
}

impl<G: EcsGame> Play<G> {
    fn tick(&mut self) {
        match self {
            Self::Alone(sim) => {
                sim.tick();
                // Nobody listens; what is not taken would pile up.
                drop(sim.take_events());
            }
            Self::Watched(watched) => watched.tick(),
        }
    }

    fn sim(&self) -> &Sim<G> {
        match self {
            Self::Alone(sim) => sim,
            Self::Watched(watched) => watched.sim(),
        }
    }

    fn bytes(&self) -> Ledger {
        match self {
            Self::Alone(_) => Ledger::new(),
            Self::Watched(watched) => watched.ledger().clone(),
        }
    }
}

/// The first match has the series' seed itself, so that any match can be played again alone; the others' are spread over 53
/// bits, which is what JSON's readers keep of a number.
fn match_seed(seed: u64, index: u32) -> u64 {
    if index == 0 {
        return seed;
    }
    // SplitMix64: neighbouring seeds share no matches.
    let mut mixed = seed
        .wrapping_mul(0xD134_2543_DE82_EF95)
        .wrapping_add(u64::from(index).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) >> 11
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn seeds_differ_and_fit_json() {
        let seeds: BTreeSet<_> = (0..100)
            .flat_map(|seed| (0..100).map(move |index| match_seed(seed, index)))
            .collect();
        assert_eq!(seeds.len(), 100 * 100);
        assert!(seeds.iter().all(|seed| *seed < 1 << 53));
        assert_eq!(match_seed(u64::MAX, 0), u64::MAX);
    }

    #[test]
    fn several_recordings_are_numbered() {
        let path = |record: &str, matches| {
            let series = Series {
                build: crate::stroll::build,
                level: LoadedLevel::default_level(),
                players: 1,
                matches,
                ticks: 1,
                seed: 1,
                threads: 1,
                record: Some(record.into()),
                watch: None,
            };
            series.record_path(11)
        };
        for (record, several) in [
            ("a/play.tbl.zst", "a/play-12.tbl.zst"),
            ("v1.2.tbl.zst", "v1.2-12.tbl.zst"),
            ("play.rec", "play-12.rec"),
            ("a.b/play", "a.b/play-12"),
        ] {
            assert_eq!(path(record, 1), Some(record.into()));
            assert_eq!(path(record, 12), Some(several.into()));
        }
    }

    #[test]
    fn a_result_is_one_line() {
        let result = MatchResult {
            number: 1,
            seed: 7,
            ticks: 600,
            scores: vec![PlayerScore {
                name: "Ada \"the\"\nfirst".into(),
                score: -2,
            }],
            hash: format!("{:016x}", 0xabc),
            bytes: Ledger::new(),
        };
        assert_eq!(
            result.to_json(),
            r#"{"match":1,"seed":7,"ticks":600,"scores":[{"name":"Ada \"the\"\nfirst","score":-2}],"hash":"0000000000000abc"}"#
        );
    }
}
