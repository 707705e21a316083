//! `tables train`: probability tables that fit a game.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use tickwire_protocol::{Game, GameSchema};

use super::parse;
use super::setting::{Setting, Values};
use crate::Error;
use crate::recording::{Budget, open};
use crate::training::{Match, Verdict, fit_all, judge};

/// Fewer snapshots than these say nothing of a game.
const MIN_SNAPSHOTS: usize = 200;

/// What `tables train` was told.
pub(crate) struct Train<G> {
    recordings: Vec<PathBuf>,
    out: PathBuf,
    interval: u8,
    game: PhantomData<G>,
}

/// The settings of `tables train`.
pub(crate) fn settings<G: Game>() -> Vec<Setting> {
    let rates = parse::either(&parse::snapshot_rates(G::TICK_RATE));
    let rate = format!("Snapshots per second, as serve will be told: {rates}");
    vec![
        Setting::new(
            "Tables",
            "out",
            "FILE",
            "Writes the tables to this file; must be given",
        ),
        Setting::new("Tables", "snapshot-rate", "HZ", rate)
            .or(parse::default_snapshot_rate(G::TICK_RATE)),
    ]
}

impl<G: Game> Train<G> {
    pub(crate) fn read(values: &Values, recordings: Vec<PathBuf>) -> Result<Self, Error> {
        let out = values.read_optional("out", parse::file)?;
        Ok(Self {
            recordings,
            out: out.ok_or_else(|| Error::Setting {
                given: "--out FILE".to_owned(),
                why: "is missing: say where the tables go".to_owned(),
            })?,
            interval: values.read("snapshot-rate", parse::snapshot_interval::<G>)?,
            game: PhantomData,
        })
    }

    /// Trains, tells what is gained and writes the file.
    pub(crate) fn run(self) -> Result<(), Error> {
        let schema = GameSchema::of::<G>();
        let matches = self.matches(&schema)?;
        let fail = |why| Error::output(&self.out, "out", why);
        // Better now than after the training.
        let open = OpenOptions::new().append(true).create(true).open(&self.out);
        open.map_err(fail)?;
        let mut report = Report::begin(&schema, &matches, self.interval);
        judge(&schema, &matches, &mut |verdict| report.add(&verdict));
        let file = fit_all(&schema, &matches);
        fs::write(&self.out, &file).map_err(fail)?;
        report.end(&schema, &self.out, file.len(), matches.len());
        Ok(())
    }

    fn matches(&self, schema: &GameSchema) -> Result<Vec<Match>, Error> {
        let mut budget = Budget::default();
        let read = |path: &PathBuf| {
            let recording = open(path, schema, self.interval.into(), &mut budget);
            let fail = |why: String| Error::Input {
                path: path.display().to_string(),
                why,
            };
            let recording = recording.map_err(fail)?;
            if recording.ticks() < MIN_SNAPSHOTS {
                let ticks = MIN_SNAPSHOTS * usize::from(self.interval);
                return Err(fail(format!(
                    "is too short to learn from: record at least {} seconds, better minutes",
                    ticks.div_ceil(G::TICK_RATE as usize)
                )));
            }
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = name.into_owned();
            Ok(Match { name, recording })
        };
        self.recordings.iter().map(read).collect()
    }
}

/// What is printed.
struct Report {
    /// Of the first column.
    width: usize,
    sum: Verdict,
}

impl Report {
    fn begin(schema: &GameSchema, matches: &[Match], interval: u8) -> Self {
        let sum = Verdict {
            play: "together".to_owned(),
            snapshots: 0,
            neutral: 0,
            trained: 0,
            fitted_to: String::new(),
        };
        let (halves, judged) = match matches {
            [_] => (
                ", second half".len(),
                "Each half of the recording is judged by tables fitted to the other half",
            ),
            _ => (0, "Each recording is judged by tables fitted to others"),
        };
        let longest = matches.iter().map(|m| m.name.chars().count()).max();
        let width = (longest.unwrap_or(0) + halves).max(sum.play.len());
        say(&format!(
            "Bytes per snapshot for a player of {} who sees everything, at {} snapshots per second.\n\
             {judged}, which have not seen it.\n\n\
             {:width$}  snapshots  neutral  trained     gain  fitted to\n",
            schema.name,
            schema.tick_rate / u32::from(interval),
            "recording"
        ));
        Self { width, sum }
    }

    fn add(&mut self, verdict: &Verdict) {
        self.sum.snapshots += verdict.snapshots;
        self.sum.neutral += verdict.neutral;
        self.sum.trained += verdict.trained;
        self.line(verdict);
    }

    #[expect(clippy::cast_precision_loss, reason = "a few digits are shown")]
    fn line(&self, verdict: &Verdict) {
        let width = self.width;
        let [neutral, trained] = [verdict.neutral, verdict.trained]
            .map(|bytes| bytes as f64 / verdict.snapshots.max(1) as f64);
        let line = format!(
            "{:width$}  {:9}  {neutral:7.1}  {trained:7.1}  {:5.1} %  {}",
            verdict.play,
            verdict.snapshots,
            (1.0 - trained / neutral) * 100.0,
            verdict.fitted_to,
        );
        say(&format!("{}\n", line.trim_end()));
    }

    fn end(&self, schema: &GameSchema, out: &Path, bytes: usize, matches: usize) {
        self.line(&self.sum);
        let what = match matches {
            1 => "the whole recording".to_owned(),
            2 => "both recordings".to_owned(),
            n => format!("all {n} recordings"),
        };
        let (file, game) = (out.display(), schema.name);
        let name = out.file_name().unwrap_or_default().display();
        let advice = if self.sum.trained < self.sum.neutral {
            format!(
                "To use them, in impl Game for {game}, with the path from that source file to this one:\n    \
                 const TABLES: &'static [u8] = include_bytes!(\"{name}\");\n\
                 Then build server and clients anew: both must have the same tables.\n"
            )
        } else {
            "They gain nothing: stay with the neutral ones, or record longer and more varied play.\n"
                .to_owned()
        };
        say(&format!(
            "\nWrote {file}: {bytes} bytes, fitted to {what}.\n{advice}"
        ));
    }
}

/// Whoever does not listen does not keep the tables from being written.
fn say(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
    let _ = io::stdout().flush();
}
