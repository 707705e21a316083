//! The command buffer: a player's commands wait here for their ticks.

use std::collections::VecDeque;
use std::sync::Arc;

use tickwire_protocol::message::{Command, View};
use tickwire_protocol::{Schema, Tick, Wire, Words};

/// Ticks that a command may be ahead of the simulation.
const MAX_AHEAD: i32 = 60;

/// For how long a missing command is taken to be the last one again.
const REPEAT_MS: u32 = 150;

/// Late commands with one-shots that have not happened yet, at most; more are dropped.
const MAX_OWED: usize = 16;

/// Files commands by tick and gives out exactly one per tick, so that a client that sends more moves no faster.
///
/// - A command that is late is not simulated; but its one-shots (`#[wire(edge)]`) happen, each once: with the next command, or
///   with the one after it when the next has the same ones set itself.
/// - A missing command is the last one again, without its one-shots, for 150 ms since anything came; then the neutral one.
#[derive(Debug)]
pub struct CommandBuffer<I> {
    waiting: VecDeque<Command<I>>,
    /// The newest tick ever filed or found late: what is not after it came before.
    newest: Option<Tick>,
    last: I,
    last_view: Option<View>,
    missing: u32,
    repeat_ticks: u32,
    /// One-shots that came late and have not happened yet, as words: of each late command that had any.
    owed: VecDeque<Words>,
    schema: Arc<Schema>,
}

impl<I: Wire + Default> CommandBuffer<I> {
    /// For inputs of this schema, at so many ticks per second.
    #[must_use]
    pub fn new(schema: Arc<Schema>, tick_rate: u32) -> Self {
        Self {
            waiting: VecDeque::new(),
            newest: None,
            last: I::default(),
            last_view: None,
            missing: 0,
            repeat_ticks: tick_rate * REPEAT_MS / 1000,
            owed: VecDeque::new(),
            schema,
        }
    }

    /// Files a command; `next` is the tick that will be simulated next. Commands come in the order of their ticks: the first
    /// for a tick counts, others are dropped, as are those more than a second ahead. Returns whether it was filed in time.
    pub fn push(&mut self, command: Command<I>, next: Tick) -> bool {
        if !self.counts(command.tick, next) {
            return false;
        }
        let ahead = command.tick.since(next);
        self.newest = Some(command.tick);
        if ahead < 0 {
            self.owe(&command.input);
            self.last = self.without_edges(&command.input);
            self.last_view = command.view;
            // The player is there, only late: the repeating starts anew.
            self.missing = 0;
            return false;
        }
        self.waiting.push_back(command);
        true
    }

    /// Whether a command for `tick` would count, in time or late: it is the first for its tick, and at most a second ahead.
    pub fn counts(&self, tick: Tick, next: Tick) -> bool {
        let is_new = self.newest.is_none_or(|newest| tick.is_after(newest));
        is_new && tick.since(next) <= MAX_AHEAD
    }

    /// The input for `tick`, and what the player saw when giving it.
    pub fn take(&mut self, tick: Tick) -> (I, Option<View>) {
        while self
            .waiting
            .front()
            .is_some_and(|command| tick.is_after(command.tick))
        {
            if let Some(stale) = self.waiting.pop_front() {
                self.owe(&stale.input);
            }
        }
        if self
            .waiting
            .front()
            .is_some_and(|command| command.tick == tick)
            && let Some(command) = self.waiting.pop_front()
        {
            self.missing = 0;
            self.last = self.without_edges(&command.input);
            self.last_view = command.view;
            return (self.with_owed(command.input), command.view);
        }
        self.missing += 1;
        if self.missing > self.repeat_ticks {
            self.last = I::default();
            self.last_view = None;
        }
        (self.with_owed(self.last.clone()), self.last_view)
    }

    /// Commands that wait for their ticks.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether no command waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn has_edges(&self) -> bool {
        self.schema.columns().iter().any(|column| column.edge)
    }

    /// `words` with each one-shot replaced by what `f` makes of it and its place.
    fn map_edges(&self, input: &I, f: impl Fn(usize, u32) -> u32) -> Words {
        let words = Words::of(input);
        let columns = self
            .schema
            .columns()
            .iter()
            .zip(words.as_slice())
            .enumerate();
        Words::from(
            columns
                .map(|(i, (column, word))| if column.edge { f(i, *word) } else { *word })
                .collect::<Vec<_>>(),
        )
    }

    fn without_edges(&self, input: &I) -> I {
        if self.has_edges() {
            self.map_edges(input, |_, _| 0).load()
        } else {
            input.clone()
        }
    }

    /// The places of the one-shots that are set.
    fn edges<'a>(&'a self, words: &'a Words) -> impl Iterator<Item = usize> + 'a {
        let columns = self.schema.columns().iter().zip(words.as_slice());
        let set = columns.map(|(column, word)| column.edge && *word != 0);
        set.enumerate().filter(|(_, set)| *set).map(|(i, _)| i)
    }

    fn owe(&mut self, input: &I) {
        if !self.has_edges() || self.owed.len() == MAX_OWED {
            return;
        }
        let words = Words::of(input);
        if self.edges(&words).next().is_some() {
            self.owed.push_back(words);
        }
    }

    /// The input, and the one-shots of the oldest late command, unless they would coincide with its own.
    fn with_owed(&mut self, input: I) -> I {
        let words = Words::of(&input);
        let set = |i: usize| words.as_slice().get(i).is_some_and(|word| *word != 0);
        let fits = |owed: &Words| !self.edges(owed).any(set);
        if !self.owed.front().is_some_and(fits) {
            return input;
        }
        let Some(owed) = self.owed.pop_front() else {
            return input;
        };
        let word_of = |i: usize| owed.as_slice().get(i).copied().unwrap_or(0);
        self.map_edges(&input, |i, word| word | word_of(i)).load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Wire, Clone, Debug, Default, PartialEq)]
    struct Input {
        #[wire(max = 9)]
        walk: u8,
        #[wire(edge)]
        fire: bool,
    }

    fn buffer() -> CommandBuffer<Input> {
        CommandBuffer::new(Arc::new(Schema::of::<(Input,)>()), 60)
    }

    fn command(tick: u32, walk: u8, fire: bool) -> Command<Input> {
        Command {
            tick: Tick(tick),
            view: None,
            input: Input { walk, fire },
        }
    }

    #[test]
    fn one_command_a_tick_however_many_are_sent() {
        let mut buffer = buffer();
        assert!(buffer.push(command(1, 1, false), Tick(1)));
        assert!(
            !buffer.push(command(1, 9, false), Tick(1)),
            "the first counts"
        );
        assert!(buffer.push(command(2, 2, false), Tick(1)));
        assert_eq!(buffer.take(Tick(1)).0.walk, 1);
        assert_eq!(buffer.take(Tick(2)).0.walk, 2);
    }

    #[test]
    fn a_missing_command_repeats_and_then_stops() {
        let mut buffer = buffer();
        buffer.push(command(1, 5, true), Tick(1));
        assert_eq!(
            buffer.take(Tick(1)).0,
            Input {
                walk: 5,
                fire: true
            }
        );
        for tick in 2..=10 {
            assert_eq!(
                buffer.take(Tick(tick)).0,
                Input {
                    walk: 5,
                    fire: false
                },
                "150 ms are 9 ticks"
            );
        }
        assert_eq!(buffer.take(Tick(11)).0, Input::default());
    }

    #[test]
    fn a_late_shot_happens_once_and_a_late_step_never() {
        let mut buffer = buffer();
        assert!(!buffer.push(command(3, 7, true), Tick(5)));
        assert!(!buffer.push(command(3, 7, true), Tick(5)), "a duplicate");
        buffer.push(command(5, 1, false), Tick(5));
        assert_eq!(
            buffer.take(Tick(5)).0,
            Input {
                walk: 1,
                fire: true
            }
        );
        assert_eq!(
            buffer.take(Tick(6)).0,
            Input {
                walk: 1,
                fire: false
            }
        );
    }

    #[test]
    fn two_late_shots_are_two_shots() {
        let mut buffer = buffer();
        for tick in [2, 3, 3, 4] {
            buffer.push(command(tick, 7, tick != 4), Tick(5));
        }
        buffer.push(command(5, 1, true), Tick(5));
        buffer.push(command(7, 1, false), Tick(5));
        let fired: Vec<_> = (5..11).map(|tick| buffer.take(Tick(tick)).0.fire).collect();
        assert_eq!(fired, [true, true, true, false, false, false]);
        for tick in 100..200 {
            buffer.push(command(tick, 0, true), Tick(300));
        }
        let fired = (300..400).filter(|tick| buffer.take(Tick(*tick)).0.fire);
        assert_eq!(fired.count(), MAX_OWED);
    }

    #[test]
    fn who_is_always_late_still_walks() {
        let mut buffer = buffer();
        for tick in 5..50 {
            buffer.push(command(tick - 2, 7, false), Tick(tick));
            assert_eq!(buffer.take(Tick(tick)).0.walk, 7, "tick {tick}");
        }
    }

    #[test]
    fn the_queue_is_bounded() {
        let mut buffer = buffer();
        for tick in 0..10_000 {
            buffer.push(command(tick, 0, false), Tick(0));
        }
        assert_eq!(buffer.len(), 61);
    }
}
