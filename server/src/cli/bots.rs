//! `bots`: matches of bots only, as fast as the machine allows.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tickwire_engine::{EcsGame, RoomConfig, Sim};
use tickwire_protocol::{Game, GameSchema};

use super::logs::{self, Logs};
use super::parse;
use super::serve::map_setting;
use super::setting::{Setting, Values};
use crate::Error;
use crate::bots::{Bytes, Series, Summary};

/// What `bots` was told.
pub(crate) struct Bots<G: EcsGame> {
    pub(crate) series: Series<G>,
    pub(crate) json: Option<String>,
    pub(crate) logs: Logs,
}

/// The settings of `bots`.
pub(crate) fn settings<G: Game>() -> Vec<Setting> {
    let game = |key, value, help| Setting::new("Match", key, value, help);
    let work = |key, value, help| Setting::new("Work and results", key, value, help);
    let seeds = "Seed of the first match, from which the others' are drawn:\n\
                 the seed in a result, given with --matches 1, plays that match again";
    let threads = "Matches at a time; as many as the machine has cores if not given";
    let record = "Records each match for tables train, for example to play.tbl.zst;\n\
                  several matches to play-1.tbl.zst, play-2.tbl.zst …";
    let mut settings = vec![
        game("players", "N", "Bots in each match, 1 to 256").or(8),
        game("matches", "N", "Matches to play, 1 to 1000000").or(10),
        game(
            "seconds",
            "N",
            "Length of a match in game time, up to a day",
        )
        .or(300),
        game("seed", "N", seeds).or(1),
        map_setting::<G>("Match"),
        work(
            "json",
            "FILE",
            "Writes one line of JSON per match; - is standard output",
        ),
        work("record", "FILE", record),
        Setting::switch(
            "Work and results",
            "bytes-report",
            "Says what the bytes to each player would be for: by component, field and reason",
        ),
        work("threads", "N", threads),
    ];
    settings.extend(logs::settings("warn"));
    settings
}

impl<G: EcsGame> Bots<G> {
    pub(crate) fn read(values: &Values, build: fn(&mut Sim<G>)) -> Result<Self, Error> {
        let seconds = values.read("seconds", parse::whole(1..=86_400))?;
        let threads = values.read_optional("threads", parse::whole(1..=1024))?;
        Ok(Self {
            logs: Logs::read(values)?,
            json: values.read_optional("json", |path| match path {
                "" => Err("must be a file, or - for standard output".to_owned()),
                path => Ok(path.to_owned()),
            })?,
            series: Series {
                build,
                players: values.read("players", parse::whole(1..=256))?,
                matches: values.read("matches", parse::whole(1..=1_000_000))?,
                ticks: seconds * G::TICK_RATE,
                seed: values.read("seed", parse::seed)?,
                threads: threads.unwrap_or_else(cores),
                record: values.read_optional("record", parse::file)?,
                watch: watch::<G>(values)?,
                level: values.read("map", parse::level)?,
            },
        })
    }

    /// Plays all matches, writes their results and ends with a summary.
    pub(crate) fn run(self) -> Result<(), Error> {
        self.logs.start();
        let path = self.json.clone().unwrap_or_default();
        let fail = |source| Error::output(Path::new(&path), "json", source);
        let mut results = match path.as_str() {
            "" => None,
            path => Some(open(path).map_err(fail)?),
        };
        let bar = progress(self.series.all_ticks());
        let begun = Instant::now();
        let mut summary = Summary::default();
        let mut bytes = Bytes::default();
        let played = self.series.play(&|ticks| bar.inc(ticks), &mut |result| {
            summary.add(&result);
            bytes.add(&result);
            let Some(file) = &mut results else {
                return Ok(());
            };
            writeln!(file, "{}", result.to_json()).map_err(fail)
        });
        bar.finish_and_clear();
        played?;
        if let Some(mut file) = results {
            file.flush().map_err(fail)?;
        }
        let mut report = summary.table(&self.series, begun.elapsed());
        if self.series.watch.is_some() {
            report.push_str(&bytes.table(&GameSchema::of::<G>()));
        }
        // Standard output may be taken by the results already.
        let _ = if path == "-" {
            io::stderr().write_all(report.as_bytes())
        } else {
            io::stdout().write_all(report.as_bytes())
        };
        Ok(())
    }
}

/// How players are watched for a report of bytes: as a server with its usual settings would send to them.
fn watch<G: Game>(values: &Values) -> Result<Option<RoomConfig>, Error> {
    let wanted = values.read_optional("bytes-report", parse::switch)?;
    let rate = parse::default_snapshot_rate(G::TICK_RATE);
    let interval = u8::try_from(G::TICK_RATE / rate).unwrap_or(1);
    Ok((wanted == Some(true)).then(|| RoomConfig {
        snapshot_interval: interval,
        ..RoomConfig::default()
    }))
}

fn open(path: &str) -> io::Result<Box<dyn Write>> {
    Ok(match path {
        "-" => Box::new(io::stdout().lock()),
        path => Box::new(BufWriter::new(File::create(path)?)),
    })
}

/// On a terminal only.
fn progress(ticks: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(ticks), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("{wide_bar} {percent} %  {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}
