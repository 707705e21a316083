//! A player's commands, as they should be used up.

use std::collections::VecDeque;

use tickwire_protocol::message::Command;
use tickwire_protocol::{Schema, Tick, Wire, Words};

/// For how long a missing command may be taken to be the last one again, in ms.
const REPEAT_MS: u32 = 150;
/// Ticks that a command may be ahead.
const MAX_AHEAD: i32 = 60;

/// The commands of one connection that reached the server, and what a tick has to make of them: said here once more, in other
/// words than in the engine.
pub(super) struct Feed {
    /// For each word of an input, whether it is a one-shot.
    edges: Vec<bool>,
    newest: Option<Tick>,
    filed: VecDeque<(Tick, Vec<u32>)>,
    /// For each word, how many one-shots came too late for their ticks and have not happened yet.
    owed: Vec<u32>,
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
            owed: vec![0; neutral.len()],
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
        } else {
            self.silent = 0;
            for (i, word) in words.iter().enumerate() {
                let is_edge = self.edges.get(i) == Some(&true);
                let to = if is_edge {
                    &mut self.owed
                } else {
                    &mut self.last
                };
                if let Some(to) = to.get_mut(i) {
                    *to = if is_edge { *to + word.min(&1) } else { *word };
                }
            }
        }
    }

    /// Whether the one-shots are those of `own`, and beside them such as are owed. Those count as happened.
    fn shots_fit(&mut self, did: &[u32], own: &[u32]) -> bool {
        let edges = self.edges.iter().zip(&mut self.owed);
        let mut words = edges
            .zip(did.iter().zip(own))
            .filter(|((edge, _), _)| **edge);
        words.all(|((_, owed), (did, own))| {
            let is_own = did == own;
            if *did == 1 && *own == 0 && *owed > 0 {
                *owed -= 1;
                return true;
            }
            is_own
        })
    }

    /// Whether all but the one-shots is as in `may`.
    fn rest_fits(&self, did: &[u32], may: &[u32]) -> bool {
        let mut words = did.iter().zip(may).zip(&self.edges);
        words.all(|((did, may), edge)| *edge || did == may)
    }

    /// What is wrong with what the player did in `tick`.
    pub(super) fn objection(&mut self, tick: Tick, did: &[u32]) -> Option<String> {
        let filed = self.filed.pop_front_if(|(of, _)| *of == tick);
        if let Some((_, words)) = filed {
            self.silent = 0;
            self.last.clone_from(&words);
            let fits = self.rest_fits(did, &words) && self.shots_fit(did, &words);
            let owed = &self.owed;
            return (!fits)
                .then(|| format!("did {did:?} in tick {tick}, not {words:?} (owed {owed:?})"));
        }
        if let Some((of, words)) = self.filed.front().filter(|(of, _)| tick.is_after(*of)) {
            return Some(format!("never did {words:?} of tick {of}"));
        }
        self.silent += 1;
        let is_over = self.silent > self.rate * REPEAT_MS / 1000;
        let held =
            self.rest_fits(did, &self.neutral) || !is_over && self.rest_fits(did, &self.last);
        let none = vec![0; did.len()];
        let fits = held && self.shots_fit(did, &none);
        (!fits).then(|| {
            format!(
                "did {did:?} in tick {tick}, the {}th without a command; the last was {:?}, owed {:?}",
                self.silent, self.last, self.owed
            )
        })
    }
}
