//! The last commands, by tick: what is predicted again after a misprediction.

use tickwire_protocol::Tick;

use crate::limits::MAX_PREDICTED;

/// A ring of inputs by tick.
#[derive(Debug)]
pub(crate) struct CommandRing<I>(Vec<Option<(Tick, I)>>);

fn place(tick: Tick) -> usize {
    (tick.0 % MAX_PREDICTED) as usize
}

impl<I: Clone + Default> CommandRing<I> {
    /// Knows no command.
    pub(crate) fn new() -> Self {
        let ring = std::iter::repeat_with(|| None);
        Self(ring.take(MAX_PREDICTED as usize).collect())
    }

    /// The player's command for `tick`.
    pub(crate) fn record(&mut self, tick: Tick, input: I) {
        if let Some(entry) = self.0.get_mut(place(tick)) {
            *entry = Some((tick, input));
        }
    }

    /// What the player does in `tick`: nothing, when no command was made for it.
    pub(crate) fn input(&self, tick: Tick) -> I {
        match self.0.get(place(tick)) {
            Some(Some((at, input))) if *at == tick => input.clone(),
            _ => I::default(),
        }
    }
}
