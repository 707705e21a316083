//! Prediction: the player's own entities move at once, by the commands that the server will get.

use std::time::Duration;

use tickwire_protocol::limits::MAX_DRIVEN;
use tickwire_protocol::{Around, Components, Game, GameSchema, NetId, Snapshot, Tick};

use crate::commands::CommandRing;
use crate::scene::Ours;
use crate::smooth::Smoothing;
use crate::track::{Rules, Track, Verdict};

/// Remembers the last commands and what each led to, and compares that with what the server says: for the player's own entity,
/// and for what the player drives.
pub(crate) struct Predictor<G: Game> {
    rules: Rules,
    commands: CommandRing<G::Input>,
    /// By ascending id, the own one among them.
    tracks: Vec<Track<G>>,
}

impl<G: Game> Predictor<G> {
    /// Predicts nothing yet. In a game that predicts nothing there is no entity to predict.
    pub(crate) fn new(schema: &GameSchema, smoothing: Smoothing, own: NetId) -> Self {
        let own = (G::Predicted::WORDS > 0).then(|| Track::new(own));
        Self {
            rules: Rules::of::<G>(schema, smoothing),
            commands: CommandRing::new(),
            tracks: own.into_iter().collect(),
        }
    }

    /// The player's command for `tick`.
    pub(crate) fn record(&mut self, tick: Tick, input: G::Input) {
        self.commands.record(tick, input);
    }

    /// Predicts up to `tick`. `around` is what the player's own entity sees.
    pub(crate) fn advance(&mut self, tick: Tick, around: &Around<'_, G>) {
        for track in &mut self.tracks {
            track.advance(tick, &self.commands, &around.driven(track.id));
        }
    }

    /// Compares the prediction with a new snapshot and brings it in line, up to `tick`.
    pub(crate) fn reconcile(
        &mut self,
        tick: Tick,
        around: &Around<'_, G>,
        now: Duration,
    ) -> Verdict {
        self.follow(around.player, around.snapshot);
        let mut all = Verdict::default();
        for track in &mut self.tracks {
            let around = around.driven(track.id);
            let one = track.reconcile(tick, &self.commands, &around, &self.rules, now);
            all.wrong |= one.wrong;
            all.error = all.error.max(one.error);
            all.replayed += one.replayed;
            let lengths = all.corrected.into_iter().chain(one.corrected);
            all.corrected = lengths.reduce(f32::max);
        }
        all
    }

    /// Predicts what the player drives now, and no longer what others drive.
    fn follow(&mut self, own: NetId, snapshot: &Snapshot) {
        let driven = snapshot
            .rows()
            .filter(|row| row.id != own && G::driver(row) == Some(own) && self.rules.apply_to(row));
        let driven: Vec<_> = driven.map(|row| row.id).take(MAX_DRIVEN).collect();
        self.tracks
            .retain(|track| track.id == own || driven.contains(&track.id));
        for id in driven {
            if let Err(place) = self.tracks.binary_search_by_key(&id, |track| track.id) {
                self.tracks.insert(place, Track::new(id));
            }
        }
    }

    /// Forgets the prediction, not the commands.
    pub(crate) fn forget(&mut self) {
        self.tracks.iter_mut().for_each(Track::forget);
    }

    /// The player's entities that are predicted, drawn or not.
    pub(crate) fn ids(&self) -> impl Iterator<Item = NetId> {
        self.tracks.iter().map(|track| track.id)
    }

    /// The player's entities as they are to be drawn when `fraction` (0..1) of the tick after `tick` is over, see
    /// [`Track::drawn`].
    pub(crate) fn drawn(
        &self,
        tick: Tick,
        fraction: f32,
        latest: &G::Input,
        around: &Around<'_, G>,
        now: Duration,
    ) -> Vec<Ours<G>> {
        let drawn = self.tracks.iter().map(|track| {
            let around = around.driven(track.id);
            (track.id, track.drawn(tick, fraction, latest, &around, now))
        });
        drawn.collect()
    }
}
