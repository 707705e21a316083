//! A link in words: how it is asked for, and how it is told.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::{Link, ms};

/// The longest round trip and the widest swing that can be asked for, in ms.
const MAX_RTT: f64 = 5_000.0;
/// The largest share of lost segments, in percent: beyond it a stream hardly moves.
const MAX_LOSS: f64 = 50.0;
/// Rates in kbit/s.
const MIN_RATE: f64 = 8.0;
const MAX_RATE: f64 = 1_000_000.0;
/// How often a hole comes, and its longest, in seconds.
const PERIOD: u64 = 30;
const MAX_HOLE: f64 = 20.0;

const ALLOWED: &str = "must be P0 to P6 or parts between slashes: 100±20 or 100+-20 (ms of round trip and of jitter, up to 5000), \
    1% (segments lost, up to 50), 256k (kbit/s to the client, 8 to 1000000), 2s (nothing passes so long every 30 s, up to 20); \
    P2/1% changes a profile";

impl FromStr for Link {
    type Err = String;

    /// Reads `P3`, `100±20/1%`, `100+-20/1%/256k/2s`: a profile or parts in any order, each at most a setting that replaces the
    /// profile's. What is not said is as on loopback.
    ///
    /// # Errors
    /// What is allowed.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut link = Self::P0;
        for (place, part) in text.split('/').map(str::trim).enumerate() {
            let profile = Self::ALL
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(part));
            match profile {
                Some((_, profile)) if place == 0 => link = *profile,
                _ => link.set(part).ok_or(ALLOWED)?,
            }
        }
        Ok(link)
    }
}

impl Link {
    /// Takes over one part of a text; `None` when it is none.
    fn set(&mut self, part: &str) -> Option<()> {
        if let Some(percent) = part.strip_suffix('%') {
            self.loss = number(percent, 0.0, MAX_LOSS)? / 100.0;
        } else if let Some(rate) = part.strip_suffix('k') {
            // A kbit has 125 bytes.
            self.downstream = Some(whole(number(rate, MIN_RATE, MAX_RATE)? * 125.0));
        } else if let Some(hole) = part.strip_suffix('s').filter(|_| !part.ends_with("ms")) {
            let hole = Duration::from_secs_f64(number(hole, 0.0, MAX_HOLE)?);
            self.blackhole = (!hole.is_zero()).then_some((hole, Duration::from_secs(PERIOD)));
        } else {
            let way = part.strip_suffix("ms").unwrap_or(part);
            let (rtt, jitter) = way
                .split_once('±')
                .or_else(|| way.split_once("+-"))
                .unwrap_or((way, "0"));
            self.rtt = millis(number(rtt, 0.0, MAX_RTT)?);
            self.jitter = millis(number(jitter, 0.0, MAX_RTT)?);
        }
        Some(())
    }

    /// The profile's name, if it is one.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let profile = Self::ALL.iter().find(|(_, profile)| profile == self);
        profile.map(|(name, _)| *name)
    }

    /// In words, for people: `P3: round trip 100 ± 20 ms, 1 % of segments lost`.
    #[must_use]
    pub fn describe(&self) -> String {
        let name = self
            .name()
            .map(|name| format!("{name}: "))
            .unwrap_or_default();
        let mut words = format!(
            "{name}round trip {} ± {} ms",
            in_ms(self.rtt),
            in_ms(self.jitter)
        );
        if self.loss > 0.0 {
            words += &format!(", {} % of segments lost", percent(self.loss));
        }
        if let Some(rate) = self.downstream {
            words += &format!(", {} kbit/s to the client", f64::from(rate) / 125.0);
        }
        if let Some((hole, period)) = self.blackhole {
            let (hole, period) = (hole.as_secs_f64(), period.as_secs_f64());
            words += &format!(", nothing passes for {hole} s in every {period} s");
        }
        words
    }
}

impl fmt::Display for Link {
    /// As [`FromStr`] reads it: a profile's name, or its parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            return f.write_str(name);
        }
        write!(f, "{}±{}", in_ms(self.rtt), in_ms(self.jitter))?;
        if self.loss > 0.0 {
            write!(f, "/{}%", percent(self.loss))?;
        }
        if let Some(rate) = self.downstream {
            write!(f, "/{}k", f64::from(rate) / 125.0)?;
        }
        if let Some((hole, _)) = self.blackhole {
            write!(f, "/{}s", hole.as_secs_f64())?;
        }
        Ok(())
    }
}

fn number(text: &str, least: f64, most: f64) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (least..=most).contains(&number).then_some(number)
}

/// To whole microseconds: what is written out reads back the same.
fn millis(number: f64) -> Duration {
    ms(1) * whole(number * 1000.0) / 1000
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be in range, and `as` saturates"
)]
fn whole(number: f64) -> u32 {
    number.round() as u32
}

fn in_ms(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// To a millionth, without what binary fractions leave behind.
fn percent(share: f64) -> f64 {
    (share * 1e8).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn profiles_and_parts_are_read() {
        for (name, link) in Link::ALL {
            assert_eq!(name.parse(), Ok(link));
            assert_eq!(link.to_string(), name);
        }
        assert_eq!("p3".parse(), Ok(Link::P3));
        for same in ["100±20/1%", "100+-20/1%", " 1% / 100+-20ms ", "P2/1%"] {
            assert_eq!(same.parse(), Ok(Link::P3), "{same}");
        }
        assert_eq!("50±10/2s".parse(), Ok(Link::P5));
        assert_eq!("50±10ms/256k".parse(), Ok(Link::P6));
        assert_eq!("0".parse(), Ok(Link::P0));
    }

    #[test]
    fn what_is_wrong_is_answered_by_what_is_allowed() {
        for wrong in [
            "", "P7", "P2/P3", "fast", "-5", "100±", "51%", "7k", "21s", "NaN", "inf", "1e9",
            "100/",
        ] {
            let error = wrong.parse::<Link>().unwrap_err();
            assert!(error.starts_with("must be P0 to P6"), "{wrong}");
        }
    }

    #[test]
    fn people_are_told_in_words() {
        assert_eq!(
            Link::P3.describe(),
            "P3: round trip 100 ± 20 ms, 1 % of segments lost"
        );
        let narrow = "80/16k/1.5s".parse::<Link>().unwrap();
        assert_eq!(
            narrow.describe(),
            "round trip 80 ± 0 ms, 16 kbit/s to the client, nothing passes for 1.5 s in every 30 s"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_the_same(rtt in 0_u32..5000, jitter in 0_u32..5000, loss in 0_u32..500, rate in 0_u32..5000, hole in 0_u32..200) {
            let link = Link {
                rtt: ms(rtt.into()),
                jitter: ms(jitter.into()),
                loss: f64::from(loss) / 10.0 / 100.0,
                blackhole: (hole > 0).then(|| (ms(hole.into()) * 100, Duration::from_secs(PERIOD))),
                downstream: (rate >= 8).then_some(rate * 125),
            };
            prop_assert_eq!(link.to_string().parse(), Ok(link));
        }
    }
}
