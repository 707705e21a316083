//! The config file: TOML with one flat list of keys, named like the flags.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use toml::{Table, Value};

use crate::Error;

/// A config file's values, as the texts that the flags would have.
#[derive(Debug)]
pub(crate) struct ConfigFile {
    pub(crate) path: PathBuf,
    values: BTreeMap<String, String>,
    /// The keys that have a list.
    lists: BTreeSet<String>,
}

impl ConfigFile {
    /// Reads the file; keys outside of `known` are errors, because a misspelt one would otherwise go unnoticed.
    pub(crate) fn read(path: PathBuf, known: &[&str]) -> Result<Self, Error> {
        let fail = |why: String| Error::Config {
            path: path.clone(),
            why,
        };
        let text = fs::read_to_string(&path).map_err(|error| {
            fail(format!(
                "cannot be read: {error}; give another one by --config FILE, or none"
            ))
        })?;
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| line_of(&text, span.start));
            fail(format!("line {line}: {}", one_line(error.message())))
        })?;
        let (mut values, mut lists) = (BTreeMap::new(), BTreeSet::new());
        for (key, value) in table {
            if !known.contains(&key.as_str()) {
                return Err(fail(format!(
                    "unknown key {key}; known are {}",
                    known.join(", ")
                )));
            }
            let text = plain(&value).ok_or_else(|| {
                fail(format!(
                    "{key} must be a text, a number or a list of such, and is neither"
                ))
            })?;
            if value.is_array() {
                lists.insert(key.clone());
            }
            values.insert(key, text);
        }
        Ok(Self {
            path,
            values,
            lists,
        })
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(String::as_str)
    }

    /// Whether the value is a list: for a flag that may be given once only, that is an error.
    pub(crate) fn is_list(&self, key: &str) -> bool {
        self.lists.contains(key)
    }
}

/// The text that a flag would have; of a list, those of a flag that is given several times.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        Value::Array(parts) if !parts.iter().any(Value::is_array) => {
            let parts: Option<Vec<_>> = parts.iter().map(plain).collect();
            parts.map(|parts| parts.join(" "))
        }
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    1 + before.filter(|byte| *byte == b'\n').count()
}

fn one_line(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arena.toml");
        fs::write(&path, text).unwrap();
        ConfigFile::read(path, &["bind", "bots"]).map_err(|error| {
            let message = error.to_string();
            assert_eq!(message.lines().count(), 1, "{message}");
            message
        })
    }

    #[test]
    fn texts_and_numbers_are_read_alike() {
        let file = read("bind = \"[::]:80\" # a comment\nbots = 7\n").unwrap();
        assert_eq!(file.get("bind"), Some("[::]:80"));
        assert_eq!(file.get("bots"), Some("7"));
    }

    #[test]
    fn a_misspelt_key_is_an_error_that_lists_the_right_ones() {
        let message = read("bot = 7").unwrap_err();
        assert!(
            message.ends_with("arena.toml: unknown key bot; known are bind, bots"),
            "{message}"
        );
    }

    #[test]
    fn broken_toml_is_named_by_its_line() {
        let message = read("bots = 7\nbind = [\n").unwrap_err();
        assert!(message.contains("arena.toml: line "), "{message}");
    }

    #[test]
    fn a_list_is_the_same_flag_several_times_and_a_table_is_nothing() {
        let file = read("bind = [\"a\", \"b\"]").unwrap();
        assert_eq!(file.get("bind"), Some("a b"));
        assert!(file.is_list("bind") && !read("bind = \"a b\"").unwrap().is_list("bind"));
        for text in ["bots = [[1]]", "bots = { a = 1 }", "bots = 1979-05-27"] {
            let message = read(text).unwrap_err();
            assert!(
                message.contains("bots must be a text, a number"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let message = ConfigFile::read("/nowhere/arena.toml".into(), &[])
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("config file /nowhere/arena.toml: cannot be read: No such file"),
            "{message}"
        );
    }
}
