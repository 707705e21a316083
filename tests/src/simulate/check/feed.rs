//! A player's commands, as they should be used up.

use std::collections::VecDeque;

use tickwire_protocol::message::Command;
use tickwire_protocol::{Schema, Tick, Wire, Words};

/// For how long a missing command may be taken to be the last one again, in ms.
const REPEAT_MS: u32 = 150;
/// Late commands whose one-shots wait, at most.
const MOST_OWED: usize = 16;
/// Ticks that a command may be ahead.
const MAX_AHEAD: i32 = 60;

/// The commands of one connection that reached the server, and what a tick has to make of them: said here once more, in other
/// words than in the engine.
pub(super) struct Feed {
    /// For each word of an input, whether it is a one-shot.
    edges: Vec<bool>,
    newest: Option<Tick>,
    filed: VecDeque<(Tick, Vec<u32>)>,
    /// Late commands whose one-shots have not happened yet, oldest first.
    owed: VecDeque<Vec<u32>>,
    /// What may be repeated.
    last: Vec<u32>,
    /// Ticks without a command.
    silent: u32,
    rate: u32,
    neutral: Vec<u32>,
}

impl Feed {
    pub(super) fn new<I: Wire + Default>(schema: &Schema, rate: u32) -> Self {
        let neutral = Words::of(&I::default()).as_slice().to_vec();
        Self {
            edges: schema.columns().iter().map(|column| column.edge).collect(),
            newest: None,
            filed: VecDeque::new(),
            owed: VecDeque::new(),
            last: neutral.clone(),
            silent: 0,
            rate,
            neutral,
        }
    }

    /// A command has reached the server before `next` was simulated.
    pub(super) fn deliver<I: Wire>(&mut self, command: &Command<I>, next: Tick) {
        let ahead = command.tick.since(next);
        let is_old = |newest: Tick| !command.tick.is_after(newest);
        if ahead > MAX_AHEAD || self.newest.is_some_and(is_old) {
            return;
        }
        self.newest = Some(command.tick);
        let words = Words::of(&command.input).as_slice().to_vec();
        if ahead >= 0 {
            self.filed.push_back((command.tick, words));
            return;
        }
        self.silent = 0;
        self.last.clone_from(&words);
        if self.shots(&words).any(|shot| shot) && self.owed.len() < MOST_OWED {
            self.owed.push_back(words);
        }
    }

    /// For each word, whether it is a one-shot that is set.
    fn shots<'a>(&'a self, words: &'a [u32]) -> impl Iterator<Item = bool> + 'a {
        let words = self.edges.iter().zip(words);
        words.map(|(edge, word)| *edge && *word != 0)
    }

    /// The one-shots of the oldest late command, if they can happen beside these.
    fn pay(&mut self, own: &[u32]) -> Vec<u32> {
        let none = vec![0; self.edges.len()];
        let fits = |owed: &Vec<u32>| {
            let mut both = self.shots(owed).zip(self.shots(own));
            !both.any(|(owed, own)| owed && own)
        };
        if !self.owed.front().is_some_and(fits) {
            return none;
        }
        self.owed.pop_front().unwrap_or(none)
    }

    /// What is wrong with what the player did in `tick`.
    pub(super) fn objection(&mut self, tick: Tick, did: &[u32]) -> Option<String> {
        let filed = self.filed.pop_front_if(|(of, _)| *of == tick);
        if let Some((_, words)) = filed {
            let owed = self.pay(&words);
            self.silent = 0;
            self.last.clone_from(&words);
            for (i, word) in did.iter().enumerate() {
                let (sent, owed) = (words.get(i).copied()?, owed.get(i).copied()?);
                let edge = self.edges.get(i) == Some(&true);
                let right = if edge { sent | owed } else { sent };
                if *word != right {
                    return Some(format!(
                        "did {did:?} in tick {tick}, not {words:?} (owed {owed:?})"
                    ));
                }
            }
            return None;
        }
        if let Some((of, words)) = self.filed.front().filter(|(of, _)| tick.is_after(*of)) {
            return Some(format!("never did {words:?} of tick {of}"));
        }
        let owed = self.pay(&self.neutral.clone());
        self.silent += 1;
        let is_over = self.silent > self.rate * REPEAT_MS / 1000;
        let held = |may: &[u32]| {
            let mut parts = did.iter().zip(may).zip(self.edges.iter().zip(&owed));
            parts.all(|((did, may), (edge, owed))| did == if *edge { owed } else { may })
        };
        let fits = held(&self.neutral) || !is_over && held(&self.last);
        (!fits).then(|| {
            format!(
                "did {did:?} in tick {tick}, the {}th without a command; the last was {:?}, owed {owed:?}",
                self.silent, self.last
            )
        })
    }
}
