//! The report of bytes at the end of a series.

use std::cmp::Reverse;
use std::fmt::Write;

use tickwire_protocol::GameSchema;
use tickwire_protocol::explain::{Ledger, Node};

use super::MatchResult;

/// What the players of a series would be sent.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    ledger: Ledger,
    player_ticks: u64,
}

impl Bytes {
    /// Adds a match.
    pub(crate) fn add(&mut self, result: &MatchResult) {
        self.ledger.merge(&result.bytes);
        self.player_ticks += result.scores.len() as u64 * u64::from(result.ticks);
    }

    /// Component, field, reason: the largest first, each in bytes per player and tick and as a part of all.
    pub(crate) fn table(&self, schema: &GameSchema) -> String {
        let tree = self.ledger.tree(&schema.rows);
        let mut lines = Vec::new();
        list(&tree, 0, &mut lines);
        let width = lines.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0).max("total".len());
        let mut text = format!(
            "\n{:width$}  bytes per player and tick       %\n",
            "what for"
        );
        lines.push(("total".to_owned(), tree.bits));
        for (name, bits) in lines {
            let bytes = ratio(bits, 8 * self.player_ticks);
            let percent = 100.0 * ratio(bits, tree.bits);
            // Writing to a String does not fail.
            let _ = writeln!(text, "{name:width$}  {bytes:25.3}  {percent:6.2}");
        }
        let _ = writeln!(
            text,
            "{} ticks per second; WebSocket headers included, TCP and IP not; {} bytes in all",
            schema.tick_rate,
            tree.bits / 8
        );
        text
    }
}

fn list(node: &Node, depth: usize, lines: &mut Vec<(String, u64)>) {
    let mut children: Vec<_> = node.children.iter().collect();
    children.sort_by_key(|child| Reverse(child.bits));
    for child in children {
        lines.push((format!("{}{}", "  ".repeat(depth), child.name), child.bits));
        list(child, depth + 1, lines);
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b.max(1) as f64
}

#[cfg(test)]
mod tests {
    use tickwire_protocol::explain::{Cause, Reason};

    use super::*;
    use crate::bots::PlayerScore;
    use crate::stroll::Stroll;

    #[test]
    fn the_table_is_sorted_and_sums_up() {
        let mut ledger = Ledger::new();
        ledger.add(Cause::column(0, 0, Reason::Spawn), 80);
        ledger.add(Cause::column(0, 0, Reason::Change), 240);
        ledger.add(Cause::of(Reason::WebSocket), 480);
        let mut bytes = Bytes::default();
        bytes.add(&MatchResult {
            number: 1,
            seed: 1,
            ticks: 5,
            scores: ["Ada", "Bob"]
                .map(|name| PlayerScore {
                    name: name.into(),
                    score: 0,
                })
                .into(),
            hash: String::new(),
            bytes: ledger,
        });
        assert_eq!(
            bytes.table(&GameSchema::of::<Stroll>()),
            "
what for     bytes per player and tick       %
messages                         6.000   60.00
  WebSocket                      6.000   60.00
Place                            4.000   40.00
  x                              4.000   40.00
    change                       3.000   30.00
    spawn                        1.000   10.00
total                           10.000  100.00
60 ticks per second; WebSocket headers included, TCP and IP not; 100 bytes in all
"
        );
    }
}
