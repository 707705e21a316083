//! The player's latest input, until a tick makes a command of it.

use tickwire_protocol::{Schema, Wire, Words};

/// Holds the latest input. One-shots (`#[wire(edge)]`) that were ever set stay set until a tick has taken them, so that a click
/// between two ticks is not lost, and is taken once.
#[derive(Debug)]
pub(crate) struct InputLatch<I> {
    latest: I,
    edges: Vec<usize>,
}

impl<I: Wire + Default> InputLatch<I> {
    /// The neutral input.
    pub(crate) fn new(schema: &Schema) -> Self {
        let columns = schema.columns().iter().enumerate();
        Self {
            latest: I::default().quantised(),
            edges: columns.filter(|(_, c)| c.edge).map(|(i, _)| i).collect(),
        }
    }

    /// The player gives `input`. It is quantised at once: both ends must move by the very same numbers.
    pub(crate) fn set(&mut self, input: &I) {
        let waiting = Words::of(&self.latest);
        self.latest = self.map_edges(input, |i, word| {
            word | waiting.as_slice().get(i).copied().unwrap_or(0)
        });
    }

    /// The latest input, with the one-shots that wait.
    pub(crate) fn peek(&self) -> &I {
        &self.latest
    }

    /// The input for a tick; its one-shots are spent.
    pub(crate) fn take(&mut self) -> I {
        let taken = self.latest.clone();
        self.forget_edges();
        taken
    }

    /// Back to the neutral input; nothing waits.
    pub(crate) fn reset(&mut self) {
        self.latest = I::default().quantised();
    }

    /// Drops the one-shots that wait.
    pub(crate) fn forget_edges(&mut self) {
        if !self.edges.is_empty() {
            self.latest = self.map_edges(&self.latest, |_, _| 0);
        }
    }

    fn map_edges(&self, input: &I, f: impl Fn(usize, u32) -> u32) -> I {
        let mut words = Words::of(input).as_slice().to_vec();
        for &i in &self.edges {
            if let Some(word) = words.get_mut(i) {
                *word = f(i, *word);
            }
        }
        Words::from(words).load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Wire, Clone, Debug, Default, PartialEq)]
    struct Input {
        #[wire(min = -1.0, max = 1.0, step = 0.125)]
        walk: f32,
        #[wire(edge)]
        fire: bool,
        hold: bool,
    }

    #[test]
    fn one_shots_wait_for_a_tick_and_happen_once() {
        let mut latch = InputLatch::new(&Schema::of::<(Input,)>());
        let input = |walk, fire, hold| Input { walk, fire, hold };
        latch.set(&input(0.3, true, true));
        latch.set(&input(0.5, false, false));
        assert_eq!(*latch.peek(), input(0.5, true, false));
        assert_eq!(latch.take(), input(0.5, true, false));
        assert_eq!(latch.take(), input(0.5, false, false));
        latch.set(&input(0.3, false, true));
        assert_eq!(latch.take(), input(0.25, false, true), "quantised");
        assert_eq!(latch.take(), input(0.25, false, true), "held");
    }
}
