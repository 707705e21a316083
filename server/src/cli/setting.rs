//! A setting is described once and read alike from the command line, the environment and the config file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgMatches;
use clap::parser::ValueSource;

use super::file::ConfigFile;
use crate::Error;

/// One setting.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The flag without its dashes, and the key in the file.
    pub(crate) key: &'static str,
    /// How the help calls the value.
    pub(crate) value: &'static str,
    /// The heading in the help.
    pub(crate) group: &'static str,
    /// What it does, and what is allowed.
    pub(crate) help: String,
    /// What holds when nobody says anything.
    pub(crate) default: Option<String>,
    /// Whether the flag can stand alone.
    pub(crate) switch: bool,
    /// Whether the flag may be given several times. A variable has the values with spaces between them, the file may have a list.
    pub(crate) many: bool,
}

impl Setting {
    /// A setting without a default.
    pub(crate) fn new(
        group: &'static str,
        key: &'static str,
        value: &'static str,
        help: impl Into<String>,
    ) -> Self {
        Self {
            key,
            value,
            group,
            help: help.into(),
            default: None,
            switch: false,
            many: false,
        }
    }

    /// Something that is off unless it is asked for: by its flag alone, or by `=true` like all other settings.
    pub(crate) fn switch(group: &'static str, key: &'static str, help: impl Into<String>) -> Self {
        Self {
            switch: true,
            ..Self::new(group, key, "true|false", help)
        }
    }

    /// One that may be given several times.
    pub(crate) fn many(mut self) -> Self {
        self.many = true;
        self
    }

    /// With this default.
    pub(crate) fn or(mut self, default: impl ToString) -> Self {
        self.default = Some(default.to_string());
        self
    }

    /// The environment variable of a setting.
    pub(crate) fn variable(key: &str) -> String {
        format!("TICKWIRE_{}", key.to_uppercase().replace('-', "_"))
    }
}

/// Where a value comes from, strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Flag,
    Variable,
    File(PathBuf),
    Default,
}

/// Everything that was said about a command's settings, as text and with its source, so that a bad value can be traced.
#[derive(Debug)]
pub(crate) struct Values {
    given: BTreeMap<&'static str, (String, Source)>,
}

impl Values {
    /// Collects the values of `settings`: a flag wins over the environment, that over the file, and that over the default.
    ///
    /// `known` are the keys that the file may have: those of all commands, so that one file serves them all.
    pub(crate) fn collect(
        settings: &[Setting],
        known: &[&str],
        matches: &ArgMatches,
        variable: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Error> {
        let config = match flag(matches, "config") {
            Some(path) => Some(path),
            None => from_variable("config", variable)?,
        };
        let file = match config {
            Some(path) => Some(ConfigFile::read(path.into(), known)?),
            None => None,
        };
        let mut given = BTreeMap::new();
        for setting in settings {
            let key = setting.key;
            if let Some(text) = flag(matches, key) {
                given.insert(key, (text, Source::Flag));
            } else if let Some(text) = from_variable(key, variable)? {
                given.insert(key, (text, Source::Variable));
            } else if let Some((file, text)) =
                file.as_ref().and_then(|file| Some((file, file.get(key)?)))
            {
                if file.is_list(key) && !setting.many {
                    return Err(Error::Config {
                        path: file.path.clone(),
                        why: format!("{key} takes one value, and no list"),
                    });
                }
                given.insert(key, (text.to_owned(), Source::File(file.path.clone())));
            } else if let Some(text) = &setting.default {
                given.insert(key, (text.clone(), Source::Default));
            }
        }
        Ok(Self { given })
    }

    /// The value of a setting, read by `parse`, which says what is allowed when the text is not.
    pub(crate) fn read<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        let (text, source) = self
            .given
            .get(key)
            .map_or(("", &Source::Default), |(text, source)| (text, source));
        parse(text).map_err(|why| Error::Setting {
            given: name(key, text, source),
            why,
        })
    }

    /// The same for a setting without a default.
    pub(crate) fn read_optional<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Error> {
        if self.given.contains_key(key) {
            self.read(key, parse).map(Some)
        } else {
            Ok(None)
        }
    }
}

/// How an error names a value: the way its author wrote it.
fn name(key: &str, text: &str, source: &Source) -> String {
    match source {
        Source::Flag | Source::Default => format!("--{key} {text}"),
        Source::Variable => format!("{}={text}", Setting::variable(key)),
        Source::File(path) => format!("config file {}: {key} = {text}", path.display()),
    }
}

fn flag(matches: &ArgMatches, key: &str) -> Option<String> {
    let said = matches.value_source(key) == Some(ValueSource::CommandLine);
    let given = matches.get_many::<String>(key).filter(|_| said)?;
    Some(given.map(String::as_str).collect::<Vec<_>>().join(" "))
}

fn from_variable(
    key: &str,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<String>, Error> {
    let name = Setting::variable(key);
    let Some(text) = variable(&name) else {
        return Ok(None);
    };
    text.into_string().map(Some).map_err(|text| Error::Setting {
        given: format!("{name}={}", text.display()),
        why: "must be valid UTF-8".to_owned(),
    })
}
