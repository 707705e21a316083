//! The prediction of one entity: what its player's commands led to, tick by tick, and what the server says to that.

use std::ops::Range;
use std::time::Duration;

use tickwire_protocol::{
    Around, Components, Game, GameSchema, NetId, Row, Schema, Tick, Way, WordReader, WordWriter,
};

use crate::commands::CommandRing;
use crate::limits::MAX_PREDICTED;
use crate::smooth::{Fade, Gauge, Smoothing};

const LEN: usize = MAX_PREDICTED as usize;

fn place(tick: Tick) -> usize {
    (tick.0 % MAX_PREDICTED) as usize
}

/// What all predicted entities of a game have in common.
#[derive(Debug)]
pub(crate) struct Rules {
    /// Which components of a row are predicted, and where their words are.
    mask: u32,
    parts: Vec<Range<usize>>,
    gauge: Gauge,
    smoothing: Smoothing,
}

impl Rules {
    pub(crate) fn of<G: Game>(schema: &GameSchema, smoothing: Smoothing) -> Self {
        let predicted = Schema::of::<G::Predicted>();
        let rows = &schema.rows;
        let places = predicted.components().iter().filter_map(|component| {
            let position = rows.position_of(component)?;
            Some((position, rows.components().get(position)?.columns.clone()))
        });
        let (positions, parts): (Vec<_>, _) = places.unzip();
        Self {
            mask: positions.iter().fold(0, |mask, i| mask | 1 << i),
            parts,
            gauge: Gauge::new(&predicted),
            smoothing,
        }
    }

    /// Whether the row has all that is predicted.
    pub(crate) fn apply_to(&self, row: &Row<'_>) -> bool {
        row.mask & self.mask == self.mask
    }

    /// Copies the words of the predicted components; false when the row lacks any of them.
    fn read(&self, row: &Row<'_>, words: &mut Vec<u32>) -> bool {
        words.clear();
        for part in &self.parts {
            words.extend(row.words.get(part.clone()).unwrap_or_default());
        }
        self.apply_to(row)
    }
}

/// What a snapshot meant for the prediction.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// It was not as predicted.
    pub(crate) wrong: bool,
    /// That changed the present, by this length.
    pub(crate) corrected: Option<f32>,
    /// How far off the prediction was, in quanta.
    pub(crate) error: u32,
    /// Ticks that were predicted once more.
    pub(crate) replayed: u32,
}

/// The entity at the end of a tick.
#[derive(Debug)]
struct Head<C> {
    tick: Tick,
    value: C,
}

/// One predicted entity.
#[derive(Debug)]
pub(crate) struct Track<G: Game> {
    pub(crate) id: NetId,
    /// A ring by tick: of which tick the words at that place are.
    predicted: [Option<Tick>; LEN],
    /// The predicted components' words at the end of each of these ticks, one after the other.
    words: Vec<u32>,
    /// The newest predicted tick; `None` while there is nothing to predict.
    head: Option<Head<G::Predicted>>,
    /// The newest snapshot's tick. The head is not before it.
    confirmed: Tick,
    fade: Option<Fade<G::Predicted>>,
    scratch: Vec<u32>,
}

impl<G: Game> Track<G> {
    /// Predicts nothing yet.
    pub(crate) fn new(id: NetId) -> Self {
        Self {
            id,
            predicted: [None; LEN],
            words: vec![0; LEN * G::Predicted::WORDS],
            head: None,
            confirmed: Tick(0),
            fade: None,
            scratch: Vec::new(),
        }
    }

    fn words_range(tick: Tick) -> Range<usize> {
        let start = place(tick) * G::Predicted::WORDS;
        start..start + G::Predicted::WORDS
    }

    /// The words predicted for the end of `tick`.
    fn words_of(&self, tick: Tick) -> Option<&[u32]> {
        let held = self.predicted.get(place(tick)).copied().flatten() == Some(tick);
        self.words.get(Self::words_range(tick)).filter(|_| held)
    }

    /// Remembers `value` for the end of `tick`, and returns it as the server will see it.
    fn keep(&mut self, tick: Tick, value: &G::Predicted) -> G::Predicted {
        if let Some(entry) = self.predicted.get_mut(place(tick)) {
            *entry = Some(tick);
        }
        let words = self.words.get_mut(Self::words_range(tick));
        let words = words.unwrap_or_default();
        value.store(&mut WordWriter::new(words));
        G::Predicted::load(&mut WordReader::new(words))
    }

    /// Predicts up to `tick`, but not further beyond the newest snapshot than is remembered: when the server has been silent
    /// for so long, the entity waits for it. `led_to` gets each tick and what it led to.
    pub(crate) fn advance(
        &mut self,
        tick: Tick,
        commands: &CommandRing<G::Input>,
        around: &Around<'_, G>,
        mut led_to: impl FnMut(Tick, &G::Predicted),
    ) {
        let Some(mut head) = self.head.take() else {
            return;
        };
        let last = MAX_PREDICTED.cast_signed() - 1;
        while tick.is_after(head.tick) && head.tick.since(self.confirmed) < last {
            head.tick = head.tick.next();
            G::predict(&mut head.value, &commands.input(head.tick), around);
            head.value = self.keep(head.tick, &head.value);
            led_to(head.tick, &head.value);
        }
        self.head = Some(head);
    }

    /// Compares the prediction with a new snapshot. Where it was wrong, it starts again from what the server says, repeats
    /// the commands up to `tick`, and lets the difference fade on the screen.
    pub(crate) fn reconcile(
        &mut self,
        tick: Tick,
        commands: &CommandRing<G::Input>,
        around: &Around<'_, G>,
        rules: &Rules,
        now: Duration,
        led_to: impl FnMut(Tick, &G::Predicted),
    ) -> Verdict {
        self.confirmed = around.tick();
        let mut says = std::mem::take(&mut self.scratch);
        let row = around.row(self.id);
        let there = row.is_some_and(|row| rules.read(&row, &mut says));
        let predicted = self.words_of(self.confirmed);
        let error = predicted.map(|words| rules.gauge.quanta(words, &says));
        let right = predicted == Some(says.as_slice());
        let mut verdict = Verdict::default();
        if !there {
            self.forget();
        } else if !right {
            let before = self.head.take();
            self.restart(&says);
            self.advance(tick, commands, around, led_to);
            // Where nothing was predicted, the entity appears anew and does not glide there.
            if let Some(error) = error {
                verdict.wrong = true;
                verdict.error = error;
                verdict.replayed = tick.since(self.confirmed).max(0).cast_unsigned();
                verdict.corrected = self.fade_from(before, rules, now);
            } else {
                self.fade = None;
            }
        }
        self.scratch = says;
        verdict
    }

    /// Starts from the server's words at the newest snapshot.
    fn restart(&mut self, says: &[u32]) {
        self.predicted = [None; LEN];
        let value = G::Predicted::load(&mut WordReader::new(says));
        let value = self.keep(self.confirmed, &value);
        self.head = Some(Head {
            tick: self.confirmed,
            value,
        });
    }

    /// Lets the way from `before`, which was on the screen, fade. Returns how long that way is; `None` when the present is as
    /// it was.
    fn fade_from(
        &mut self,
        before: Option<Head<G::Predicted>>,
        rules: &Rules,
        now: Duration,
    ) -> Option<f32> {
        let (before, head) = (before?, self.head.as_ref()?);
        let (was, is) = (before.value.words(), head.value.words());
        if before.tick != head.tick {
            self.fade = None;
            return Some(0.0);
        }
        if was == is {
            return None;
        }
        let length = rules.gauge.distance(&was, &is);
        let shown = match self.fade.take() {
            Some(fade) => fade.apply(before.value, now),
            None => before.value,
        };
        self.fade = Fade::new(shown, head.value.clone(), length, &rules.smoothing, now);
        Some(length)
    }

    /// Forgets the prediction.
    pub(crate) fn forget(&mut self) {
        self.head = None;
        self.fade = None;
        self.predicted = [None; LEN];
    }

    /// The entity as it is to be drawn when `fraction` (0..1) of the tick after `tick` is over: on its way to where `latest`
    /// takes it in that tick, so that an input shows in the very next picture. `None` when there is no prediction.
    pub(crate) fn drawn(
        &self,
        tick: Tick,
        fraction: f32,
        latest: &G::Input,
        around: &Around<'_, G>,
        now: Duration,
    ) -> Option<G::Predicted> {
        let head = self.head.as_ref()?;
        let mut value = head.value.clone();
        if head.tick == tick {
            G::predict(&mut value, latest, around);
            let way = Way {
                share: fraction,
                seconds: 1.0 / G::TICK_RATE as f32,
            };
            value = G::Predicted::blend(&head.value, &value, way);
        }
        Some(match &self.fade {
            Some(fade) => fade.apply(value, now),
            None => value,
        })
    }
}
