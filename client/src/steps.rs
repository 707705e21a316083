//! What the player's commands led to, told once: for what is to be seen and heard in that very tick.

use std::collections::VecDeque;

use tickwire_protocol::Tick;
use tickwire_protocol::message::View;

use crate::limits::MAX_STEPS;

/// What a command of the player led to for the player's own entity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<P> {
    /// The command's tick.
    pub tick: Tick,
    /// The entity at the end of that, as predicted.
    pub value: P,
    /// What the command claims that the player saw, see [`Client::picture`](crate::Client::picture): shots hit whom they hit there.
    /// `None` when it claims nothing.
    pub view: Option<View>,
}

/// The predictions that the driver has not taken yet, oldest first.
#[derive(Debug)]
pub(crate) struct Steps<P> {
    newest: Option<Tick>,
    waiting: VecDeque<(Tick, P)>,
}

impl<P: Clone> Steps<P> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            newest: None,
            waiting: VecDeque::new(),
        }
    }

    /// The command for `tick` led to `value`. Only the first time counts: what is predicted anew was seen and heard already.
    pub(crate) fn note(&mut self, tick: Tick, value: &P) {
        if self.newest.is_some_and(|newest| !tick.is_after(newest)) {
            return;
        }
        self.newest = Some(tick);
        if self.waiting.len() == MAX_STEPS {
            self.waiting.pop_front();
        }
        self.waiting.push_back((tick, value.clone()));
    }

    /// The next one.
    pub(crate) fn poll(&mut self) -> Option<(Tick, P)> {
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tick_is_told_once_and_the_oldest_are_let_go() {
        let mut steps = Steps::new();
        for tick in [4, 5, 6, 5, 6, 7] {
            steps.note(Tick(tick), &tick);
        }
        let told = std::iter::from_fn(|| steps.poll().map(|(tick, _)| tick.0));
        assert_eq!(told.collect::<Vec<_>>(), [4, 5, 6, 7]);
        for tick in 0..1000 {
            steps.note(Tick(tick), &tick);
        }
        assert_eq!(steps.waiting.len(), MAX_STEPS);
        assert_eq!(steps.poll(), Some((Tick(936), 936)));
    }
}
