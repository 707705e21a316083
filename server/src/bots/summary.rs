//! The table at the end of a series.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use tickwire_engine::EcsGame;

use super::{MatchResult, Series};

/// What a series comes to, player by player.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    players: BTreeMap<String, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    matches: u32,
    wins: u32,
    score: i64,
}

impl Tally {
    #[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
    fn mean(&self) -> f64 {
        self.score as f64 / f64::from(self.matches.max(1))
    }
}

impl Summary {
    /// Counts a match. Whoever shares the best score shares the win: it counts for nobody.
    pub(crate) fn add(&mut self, result: &MatchResult) {
        let best = result.scores.iter().map(|player| player.score).max();
        let first = |score| Some(score) == best;
        let shared = result
            .scores
            .iter()
            .filter(|player| first(player.score))
            .count()
            > 1;
        for player in &result.scores {
            let tally = self.players.entry(player.name.clone()).or_default();
            tally.matches += 1;
            tally.wins += u32::from(first(player.score) && !shared);
            tally.score += player.score;
        }
    }

    /// The table, best player first, and how fast it went.
    pub(crate) fn table<G: EcsGame>(&self, series: &Series<G>, took: Duration) -> String {
        let mut rows: Vec<_> = self.players.iter().collect();
        rows.sort_by(|(_, a), (_, b)| b.mean().total_cmp(&a.mean()));
        let width = rows.iter().map(|(name, _)| name.chars().count()).max();
        let width = width.unwrap_or(0).max("player".len());
        let mut text = format!("{:width$}  matches   wins  mean score\n", "player");
        for (name, tally) in rows {
            let Tally { matches, wins, .. } = tally;
            // Writing to a String does not fail.
            let _ = writeln!(
                text,
                "{name:width$}  {matches:7}  {wins:5}  {:10.2}",
                tally.mean()
            );
        }
        let seconds = took.as_secs_f64();
        let played = f64::from(series.matches) * f64::from(series.ticks) / f64::from(G::TICK_RATE);
        let _ = writeln!(
            text,
            "\n{} matches of {} ticks: {} ticks in {seconds:.1} s, {} at a time, {:.0} × real time",
            series.matches,
            series.ticks,
            series.all_ticks(),
            series.threads,
            played / seconds.max(0.001),
        );
        text
    }
}
