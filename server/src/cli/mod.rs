//! The command line that every game gets.

mod bots;
mod command;
mod file;
mod logs;
mod parse;
mod serve;
mod setting;
mod signals;
mod tables;

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use tickwire_engine::{EcsGame, Sim};

use crate::{Error, Site};
use bots::Bots;
use serve::Serve;
use setting::Values;
use tables::Train;

/// Runs the command line of the game `G` without a page of its own: `serve`, `bots` and `tables`, with all their options.
///
/// `build` adds the game's systems to a match. [`App`] is the same with a page.
#[must_use]
pub fn cli<G: EcsGame>(build: fn(&mut Sim<G>)) -> ExitCode {
    App::new(build).run()
}

/// The program of a game: its command line and its web page.
pub struct App<G: EcsGame> {
    build: fn(&mut Sim<G>),
    site: Site,
}

/// What the command line asks for.
enum Task<G: EcsGame> {
    Serve(Box<Serve<G>>),
    Bots(Box<Bots<G>>),
    Train(Train<G>),
}

/// Why there is nothing to run.
enum Stop {
    /// Help was asked for, or the line cannot be understood.
    Usage(clap::Error),
    Error(Error),
}

impl<G: EcsGame> App<G> {
    /// A program without a page; `build` adds the game's systems to a match.
    #[must_use]
    pub fn new(build: fn(&mut Sim<G>)) -> Self {
        Self {
            build,
            site: Site::none(),
        }
    }

    /// The page that `serve` offers, unless it is told another one by `--web-dir`.
    #[must_use]
    pub fn site(mut self, site: Site) -> Self {
        self.site = site;
        self
    }

    /// Does what the process's arguments, environment and config file say.
    ///
    /// Errors go to standard error in one line; the code is 0 for success, 2 for a bad option and 1 for everything else.
    #[must_use]
    pub fn run(self) -> ExitCode {
        let build = self.build;
        let done = match self.read(env::args_os().collect(), &|name| env::var_os(name)) {
            Ok(Task::Serve(serve)) => serve.run(build),
            Ok(Task::Bots(bots)) => bots.run(),
            Ok(Task::Train(train)) => train.run(),
            Err(Stop::Error(error)) => Err(error),
            Err(Stop::Usage(usage)) => {
                let _ = usage.print();
                return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
            }
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error}");
                ExitCode::from(error.exit_code())
            }
        }
    }

    /// Understands a command line; `variable` is the environment.
    fn read(
        self,
        arguments: Vec<OsString>,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Task<G>, Stop> {
        let program = arguments.first().map(Path::new).and_then(Path::file_stem);
        let program = program.map_or("game".into(), |name| name.to_string_lossy());
        let matches = command::command::<G>(&program)
            .try_get_matches_from(&arguments)
            .map_err(Stop::Usage)?;
        match matches.subcommand() {
            Some(("bots", matches)) => {
                let values = values::<G>(&bots::settings::<G>(), matches, variable)?;
                let bots = Bots::read(&values, self.build).map_err(Stop::Error)?;
                Ok(Task::Bots(Box::new(bots)))
            }
            Some(("tables", matches)) => {
                // There is one thing to do with tables, and it is required.
                let (_, matches) = matches.subcommand().unwrap_or(("train", matches));
                let values = values::<G>(&tables::settings::<G>(), matches, variable)?;
                let recordings = command::recordings(matches);
                let train = Train::read(&values, recordings).map_err(Stop::Error)?;
                Ok(Task::Train(train))
            }
            // One of these is required.
            Some((_, matches)) => {
                let values = values::<G>(&serve::settings::<G>(), matches, variable)?;
                let serve = Serve::read(&values, self.site).map_err(Stop::Error)?;
                Ok(Task::Serve(Box::new(serve)))
            }
            None => Err(Stop::Usage(command::command::<G>(&program).error(
                clap::error::ErrorKind::MissingSubcommand,
                "a command is missing",
            ))),
        }
    }
}

fn values<G: EcsGame>(
    settings: &[setting::Setting],
    matches: &ArgMatches,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Values, Stop> {
    Values::collect(settings, &command::known_keys::<G>(), matches, variable).map_err(Stop::Error)
}

#[cfg(test)]
mod tests;
