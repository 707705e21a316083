//! A figure, and what it should be.

use std::fmt;

use serde_json::{Value, json};

/// What a figure should be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// Exactly this.
    Is(f64),
    /// It stands beside another, for comparison.
    None,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "≤ {}", rounded(*most)),
            Self::AtLeast(least) => write!(f, "≥ {}", rounded(*least)),
            Self::Is(right) => write!(f, "{}", rounded(*right)),
            Self::None => Ok(()),
        }
    }
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The network profile, or what else it was measured on.
    pub profile: String,
    /// What was measured.
    pub metric: String,
    /// How much it is.
    pub value: f64,
    /// In what.
    pub unit: &'static str,
    /// What it should be.
    pub target: Target,
}

impl Row {
    /// A figure.
    #[must_use]
    pub fn new(
        profile: &str,
        metric: &str,
        value: f64,
        unit: &'static str,
        target: Target,
    ) -> Self {
        Self {
            profile: profile.to_owned(),
            metric: metric.to_owned(),
            value,
            unit,
            target,
        }
    }

    /// Whether it is as it should be, to the four digits that are shown; `None` where nothing was asked for.
    #[must_use]
    pub fn ok(&self) -> Option<bool> {
        let value = rounded(self.value);
        match self.target {
            Target::AtMost(most) => Some(value <= rounded(most)),
            Target::AtLeast(least) => Some(value >= rounded(least)),
            Target::Is(right) => Some(value == rounded(right)),
            Target::None => None,
        }
    }

    fn to_json(&self) -> Value {
        json!({
            "profile": self.profile,
            "metric": self.metric,
            "value": rounded(self.value),
            "unit": self.unit,
            "target": self.target.to_string(),
            "ok": self.ok(),
        })
    }
}

/// Four digits are enough to read.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = (4.0 - value.abs().log10().ceil()).max(0.0);
    let scale = 10_f64.powf(digits);
    (value * scale).round() / scale
}

/// All rows as a JSON array, a line for each.
#[must_use]
pub fn json(rows: &[Row]) -> String {
    let lines: Vec<_> = rows.iter().map(|row| row.to_json().to_string()).collect();
    format!("[\n{}\n]\n", lines.join(",\n"))
}

/// All rows as a table for people.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let width = |of: fn(&Row) -> String, title: &str| {
        let widths = rows.iter().map(|row| of(row).chars().count());
        widths.chain([title.len()]).max().unwrap_or(0)
    };
    let value = |row: &Row| rounded(row.value).to_string();
    let (a, b) = (
        width(|r| r.profile.clone(), "profile"),
        width(|r| r.metric.clone(), "metric"),
    );
    let (c, d) = (width(value, "value"), width(|r| r.unit.to_owned(), "unit"));
    let e = width(|r| r.target.to_string(), "target");
    let mut text = format!(
        "{:a$}  {:b$}  {:>c$}  {:d$}  {:e$}  ok\n",
        "profile", "metric", "value", "unit", "target"
    );
    for row in rows {
        let ok = match row.ok() {
            Some(true) => "yes",
            Some(false) => "MISSED",
            None => "",
        };
        let line = format!(
            "{:a$}  {:b$}  {:>c$}  {:d$}  {:e$}  {ok}",
            row.profile,
            row.metric,
            value(row),
            row.unit,
            row.target.to_string()
        );
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_shows() {
        let row = |value| Row::new("P2", "late commands", value, "%", Target::AtMost(0.7));
        let text = table(&[row(0.5), row(0.8123456)]);
        let lines: Vec<_> = text.lines().collect();
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with("0.5  %     ≤ 0.7   yes")),
            "{text}"
        );
        assert!(
            lines
                .iter()
                .any(|line| line.contains("0.8123") && line.ends_with("MISSED")),
            "{text}"
        );
        assert!(json(&[row(0.8)]).contains(r#""ok":false"#));
    }

    #[test]
    fn four_digits_are_shown() {
        assert_eq!(rounded(123_456.7), 123_457.0);
        assert_eq!(rounded(1.234_567), 1.235);
        assert_eq!(rounded(0.001_234_567), 0.001_235);
        assert_eq!(rounded(0.0), 0.0);
    }
}
