//! What the server simulates, simulated here again.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_protocol::Tick;

use crate::game::Size;
use crate::generator::{Generator, Walker};

/// Ticks that are kept, because clients do not get the same snapshot at the same moment.
const KEPT: usize = 32;

/// The crowd at the last few ticks.
#[derive(Debug)]
pub(crate) struct Truth {
    generator: Generator,
    tick: Tick,
    kept: VecDeque<(Tick, Arc<[Walker]>)>,
}

impl Truth {
    pub(crate) fn new(size: &Size) -> Self {
        Self {
            generator: Generator::new(size.entities, size.active),
            tick: Tick(0),
            kept: VecDeque::new(),
        }
    }

    /// Everyone at the end of `tick`; `None` when that is long over.
    pub(crate) fn at(&mut self, tick: Tick) -> Option<Arc<[Walker]>> {
        if tick.is_after(self.tick) {
            while self.tick != tick {
                self.generator.step();
                self.tick = self.tick.next();
            }
            self.kept.push_back((tick, self.generator.walkers().into()));
            self.kept.drain(..self.kept.len().saturating_sub(KEPT));
        }
        let (_, walkers) = self.kept.iter().find(|(kept, _)| *kept == tick)?;
        Some(Arc::clone(walkers))
    }
}
