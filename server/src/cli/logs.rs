//! Structured logs on standard error.

use std::io::{self, IsTerminal};
use std::str::FromStr;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt, registry};

use super::setting::{Setting, Values};
use crate::Error;

const GROUP: &str = "Logs (on standard error)";

/// How and how much is logged.
#[derive(Debug)]
pub(crate) struct Logs {
    json: bool,
    filter: Targets,
}

/// The settings of logs; `level` is the default.
pub(crate) fn settings(level: &str) -> [Setting; 2] {
    let formats = "pretty, json, or auto: pretty on a terminal and json elsewhere";
    let levels = "off, error, warn, info, debug or trace; for single modules as well:\n\
                  info,tickwire_server=debug";
    [
        Setting::new(GROUP, "log-format", "FORMAT", formats).or("auto"),
        Setting::new(GROUP, "log-level", "LEVEL", levels).or(level),
    ]
}

impl Logs {
    pub(crate) fn read(values: &Values) -> Result<Self, Error> {
        Ok(Self {
            json: values.read("log-format", is_json)?,
            filter: values.read("log-level", filter)?,
        })
    }

    /// Logs from here on. A program that has its own logs keeps them.
    pub(crate) fn start(self) {
        let layer = fmt::layer().with_writer(io::stderr);
        let layer = if self.json {
            layer.json().flatten_event(true).boxed()
        } else {
            layer.with_ansi(io::stderr().is_terminal()).boxed()
        };
        let _ = registry().with(layer.with_filter(self.filter)).try_init();
    }
}

fn is_json(text: &str) -> Result<bool, String> {
    match text {
        "auto" => Ok(!io::stderr().is_terminal()),
        "pretty" => Ok(false),
        "json" => Ok(true),
        _ => Err("must be auto, pretty or json".to_owned()),
    }
}

fn filter(text: &str) -> Result<Targets, String> {
    let level = |text: &str| {
        // The library takes an empty text for a level.
        let level = LevelFilter::from_str(text).ok();
        level.filter(|_| !text.is_empty()).ok_or_else(|| {
            "must be off, error, warn, info, debug or trace, and MODULE=LEVEL for single modules, \
             for example info,tickwire_server=debug"
                .to_owned()
        })
    };
    let mut targets = Targets::new();
    for part in text.split(',').map(str::trim) {
        targets = match part.split_once('=') {
            Some((module, text)) => targets.with_target(module, level(text)?),
            None => targets.with_default(level(part)?),
        };
    }
    Ok(targets)
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::LevelFilter;

    use super::*;

    #[test]
    fn levels_are_for_all_or_for_a_module() {
        let targets = filter("warn, tickwire_server=debug").unwrap();
        assert_eq!(targets.default_level(), Some(LevelFilter::WARN));
        assert!(targets.would_enable("tickwire_server::session", &tracing::Level::DEBUG));
        assert!(!targets.would_enable("tickwire_engine", &tracing::Level::INFO));
        for bad in ["verbose", "", "info,tickwire_server=loud"] {
            assert!(filter(bad).unwrap_err().contains("debug or trace"), "{bad}");
        }
    }
}
