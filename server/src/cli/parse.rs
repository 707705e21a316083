//! From text to value; the errors say what is allowed.

use std::fmt::Display;
use std::fs;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tickwire_engine::TickPriority;
use tickwire_protocol::limits::{HISTORY_TICKS, MAX_LEVEL};
use tickwire_protocol::{Game, Level, LoadedLevel};

use super::serve::Sockets;

/// Ticks between two snapshots at most: a baseline still stands in the history after three lost turns.
const MAX_SNAPSHOT_INTERVAL: u32 = HISTORY_TICKS / 4;

/// A whole number within `range`.
pub(crate) fn whole<T: FromStr + PartialOrd + Display>(
    range: RangeInclusive<T>,
) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| {
            format!(
                "must be a whole number from {} to {}",
                range.start(),
                range.end()
            )
        })
    }
}

/// kbit/s to a player; 0 for no limit. With less than 8 not even the own entity would go.
pub(crate) fn budget(text: &str) -> Result<u32, String> {
    let kbits = text.parse().ok();
    let kbits = kbits.filter(|kbits| *kbits == 0 || (8..=1_000_000).contains(kbits));
    kbits.ok_or_else(|| "must be 0 or a whole number from 8 to 1000000".to_owned())
}

/// On or off.
pub(crate) fn switch(text: &str) -> Result<bool, String> {
    text.parse().map_err(|_| "must be true or false".to_owned())
}

/// How urgently the match's thread is to run.
pub(crate) fn tick_priority(text: &str) -> Result<TickPriority, String> {
    match text {
        "realtime" => Ok(TickPriority::RealTime),
        "normal" => Ok(TickPriority::Normal),
        _ => Err("must be realtime or normal".to_owned()),
    }
}

/// How the sockets are served.
pub(crate) fn sockets(text: &str) -> Result<Sockets, String> {
    match text {
        "rounds" => Ok(Sockets::Rounds),
        "at-once" => Ok(Sockets::AtOnce),
        _ => Err("must be rounds or at-once".to_owned()),
    }
}

/// Any seed.
pub(crate) fn seed(text: &str) -> Result<u64, String> {
    whole(0..=u64::MAX)(text)
}

/// The path of a file.
pub(crate) fn file(text: &str) -> Result<PathBuf, String> {
    match text {
        "" => Err("must be a file".to_owned()),
        path => Ok(path.into()),
    }
}

/// An address to listen on.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "must be an IP address and a port, for example 127.0.0.1:8080 or [::]:8080".to_owned()
    })
}

/// Ticks from one snapshot to the next, from snapshots per second.
pub(crate) fn snapshot_interval<G: Game>(text: &str) -> Result<u8, String> {
    let rates = snapshot_rates(G::TICK_RATE);
    let rate = text.parse().ok().filter(|rate| rates.contains(rate));
    let interval = rate.and_then(|rate| u8::try_from(G::TICK_RATE / rate).ok());
    interval.ok_or_else(|| {
        format!(
            "must divide the game's {} ticks per second evenly: {}",
            G::TICK_RATE,
            either(&rates)
        )
    })
}

/// The snapshot rates that go with a tick rate, fastest first.
pub(crate) fn snapshot_rates(tick_rate: u32) -> Vec<u32> {
    (1..=MAX_SNAPSHOT_INTERVAL)
        .filter(|interval| tick_rate.is_multiple_of(*interval))
        .map(|interval| tick_rate / interval)
        .collect()
}

/// Half the tick rate, or the next smaller one that is allowed.
pub(crate) fn default_snapshot_rate(tick_rate: u32) -> u32 {
    let rates = snapshot_rates(tick_rate);
    let half = rates.iter().find(|rate| **rate <= tick_rate / 2);
    half.copied().unwrap_or(tick_rate)
}

/// Numbers as a sentence has them.
pub(crate) fn either(numbers: &[u32]) -> String {
    let texts: Vec<_> = numbers.iter().map(u32::to_string).collect();
    match texts.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => texts.concat(),
    }
}

/// The names of a game's own levels.
pub(crate) fn level_names<G: Game>() -> String {
    let names: Vec<_> = G::Level::BUILT_IN.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// A level of the game by name, or else of a file by path.
pub(crate) fn level<G: Game>(text: &str) -> Result<LoadedLevel<G>, String> {
    if G::Level::BUILT_IN.iter().any(|(name, _)| *name == text) {
        return LoadedLevel::built_in(text);
    }
    let path = Path::new(text);
    let readable = fs::metadata(path).map(|file| file.len() <= MAX_LEVEL as u64);
    let source = match readable {
        Ok(true) => fs::read_to_string(path),
        Ok(false) => return Err(format!("the file has more than {MAX_LEVEL} bytes")),
        Err(error) => Err(error),
    };
    let source = source.map_err(|error| {
        format!(
            "no level of the game ({}), and as a file: {error}",
            level_names::<G>()
        )
    })?;
    let name = path
        .file_stem()
        .map_or(text.into(), |stem| stem.to_string_lossy());
    LoadedLevel::parse(&name, &source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_to_their_range() {
        assert_eq!(whole(0..=64_u16)("64"), Ok(64));
        for bad in ["65", "-1", "7.5", "", " 7", "seven"] {
            let why = whole(0..=64_u16)(bad).unwrap_err();
            assert_eq!(why, "must be a whole number from 0 to 64");
        }
    }

    #[test]
    fn snapshot_rates_divide_the_tick_rate() {
        assert_eq!(snapshot_rates(60), [60, 30, 20, 15, 12, 10, 6, 5, 4]);
        assert_eq!(snapshot_rates(20), [20, 10, 5, 4, 2]);
        assert_eq!(snapshot_rates(31), [31]);
        assert_eq!(default_snapshot_rate(60), 30);
        assert_eq!(default_snapshot_rate(25), 5);
        assert_eq!(default_snapshot_rate(31), 31);
        assert_eq!(default_snapshot_rate(1), 1);
    }

    #[test]
    fn lists_read_as_a_sentence() {
        assert_eq!(either(&[60, 30, 20]), "60, 30 or 20");
        assert_eq!(either(&[31]), "31");
    }
}
