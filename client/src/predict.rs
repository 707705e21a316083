//! Prediction: the own entity moves at once, by the commands that the server will get.

use std::ops::Range;
use std::time::Duration;

use tickwire_protocol::{
    Around, Components, Game, GameSchema, Row, Schema, Snapshot, Tick, WordReader, WordWriter,
};

use crate::limits::MAX_PREDICTED;
use crate::smooth::{Fade, Gauge, Smoothing};

const LEN: usize = MAX_PREDICTED as usize;

fn place(tick: Tick) -> usize {
    (tick.0 % MAX_PREDICTED) as usize
}

/// Where the predicted components stand in a row of a snapshot.
#[derive(Debug)]
struct Projection {
    mask: u32,
    parts: Vec<Range<usize>>,
}

impl Projection {
    fn new(rows: &Schema, predicted: &Schema) -> Self {
        let places = predicted.components().iter().filter_map(|component| {
            let position = rows.position_of(component)?;
            Some((position, rows.components().get(position)?.columns.clone()))
        });
        let (positions, parts): (Vec<_>, _) = places.unzip();
        let mask = positions.iter().fold(0, |mask, i| mask | 1 << i);
        Self { mask, parts }
    }

    /// Copies the words of the predicted components; false when the row lacks any of them.
    fn read(&self, row: &Row<'_>, words: &mut Vec<u32>) -> bool {
        words.clear();
        for part in &self.parts {
            words.extend(row.words.get(part.clone()).unwrap_or_default());
        }
        row.mask & self.mask == self.mask
    }
}

/// The own entity at the end of a tick.
#[derive(Debug)]
struct Head<C> {
    tick: Tick,
    value: C,
}

/// Remembers the last commands and what each led to, and compares that with what the server says.
pub(crate) struct Predictor<G: Game> {
    projection: Projection,
    gauge: Gauge,
    smoothing: Smoothing,
    /// A ring by tick.
    commands: Vec<Option<(Tick, G::Input)>>,
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

impl<G: Game> Predictor<G> {
    /// Predicts nothing yet.
    pub(crate) fn new(schema: &GameSchema, smoothing: Smoothing) -> Self {
        let predicted = Schema::of::<G::Predicted>();
        Self {
            projection: Projection::new(&schema.rows, &predicted),
            gauge: Gauge::new(&predicted),
            smoothing,
            commands: std::iter::repeat_with(|| None).take(LEN).collect(),
            predicted: [None; LEN],
            words: vec![0; LEN * G::Predicted::WORDS],
            head: None,
            confirmed: Tick(0),
            fade: None,
            scratch: Vec::new(),
        }
    }

    /// The player's command for `tick`.
    pub(crate) fn record(&mut self, tick: Tick, input: G::Input) {
        if let Some(entry) = self.commands.get_mut(place(tick)) {
            *entry = Some((tick, input));
        }
    }

    /// What the player does in `tick`: nothing, when no command was made for it.
    fn input(&self, tick: Tick) -> G::Input {
        match self.commands.get(place(tick)) {
            Some(Some((at, input))) if *at == tick => input.clone(),
            _ => G::Input::default(),
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
    /// for so long, the own entity waits for it.
    pub(crate) fn advance(&mut self, tick: Tick, around: &Around<'_, G>) {
        let Some(mut head) = self.head.take() else {
            return;
        };
        let last = MAX_PREDICTED.cast_signed() - 1;
        while tick.is_after(head.tick) && head.tick.since(self.confirmed) < last {
            head.tick = head.tick.next();
            G::predict(&mut head.value, &self.input(head.tick), around);
            head.value = self.keep(head.tick, &head.value);
        }
        self.head = Some(head);
    }

    /// Compares the prediction with a new snapshot. Where it was wrong, it starts again from what the server says, repeats
    /// the commands up to `tick`, and lets the difference fade on the screen. Returns whether it was wrong.
    pub(crate) fn reconcile(&mut self, tick: Tick, around: &Around<'_, G>, now: Duration) -> bool {
        let snapshot: &Snapshot = around.snapshot;
        self.confirmed = snapshot.tick();
        let mut says = std::mem::take(&mut self.scratch);
        let row = snapshot.row(around.own);
        let there = row.is_some_and(|row| self.projection.read(&row, &mut says));
        let predicted = self.words_of(self.confirmed);
        let (known, right) = (predicted.is_some(), predicted == Some(says.as_slice()));
        if !there {
            self.forget();
        } else if !right {
            let before = self.head.take();
            self.restart(&says);
            self.advance(tick, around);
            // Where nothing was predicted, the entity appears anew and does not glide there.
            self.fade_from(before.filter(|_| known), now);
        }
        self.scratch = says;
        there && known && !right
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

    /// Lets the way from `before`, which was on the screen, fade.
    fn fade_from(&mut self, before: Option<Head<G::Predicted>>, now: Duration) {
        let fading = self.fade.take();
        if let (Some(before), Some(head)) = (before, &self.head)
            && before.tick == head.tick
        {
            let length = self
                .gauge
                .distance(&before.value.words(), &head.value.words());
            let shown = match fading {
                Some(fade) => fade.apply(before.value, now),
                None => before.value,
            };
            self.fade = Fade::new(shown, head.value.clone(), length, &self.smoothing, now);
        }
    }

    /// Forgets the prediction, not the commands.
    pub(crate) fn forget(&mut self) {
        self.head = None;
        self.fade = None;
        self.predicted = [None; LEN];
    }

    /// The own entity as it is to be drawn when `fraction` (0..1) of the tick after `tick` is over: on its way to where
    /// `latest` takes it in that tick, so that an input shows in the very next picture. `None` when there is no prediction.
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
            value = G::Predicted::blend(&head.value, &value, fraction);
        }
        Some(match &self.fade {
            Some(fade) => fade.apply(value, now),
            None => value,
        })
    }
}
