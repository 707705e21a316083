//! Prediction: the player's own entities move at once, by the commands that the server will get.

use std::time::Duration;

use tickwire_protocol::limits::MAX_DRIVEN;
use tickwire_protocol::{Around, Components, Game, GameSchema, History, NetId, Snapshot, Tick};

use crate::commands::CommandRing;
use crate::scene::Ours;
use crate::smooth::{Gauge, Smoothing};
use crate::spawn::{Confirmed, DrawnSpawn, SpawnCounts, Spawns, Times};
use crate::steps::Steps;
use crate::track::{Rules, Track, Verdict};

/// Remembers the last commands and what each led to, and compares that with what the server says: for the player's own entity,
/// and for what the player drives.
pub(crate) struct Predictor<G: Game> {
    rules: Rules,
    commands: CommandRing<G::Input>,
    /// By ascending id, the own one among them.
    tracks: Vec<Track<G>>,
    /// What the commands brought about.
    spawns: Spawns,
    /// What they led to for the player's own entity.
    steps: Steps<G::Predicted>,
}

impl<G: Game> Predictor<G> {
    /// Predicts nothing yet. In a game that predicts nothing there is no entity to predict.
    pub(crate) fn new(schema: &GameSchema, smoothing: Smoothing, own: NetId) -> Self {
        let own = (G::Predicted::WORDS > 0).then(|| Track::new(own));
        Self {
            rules: Rules::of::<G>(schema, smoothing),
            commands: CommandRing::new(),
            tracks: own.into_iter().collect(),
            spawns: Spawns::new(Gauge::new(&schema.rows), smoothing),
            steps: Steps::new(),
        }
    }

    /// The player's command for `tick`.
    pub(crate) fn record(&mut self, tick: Tick, input: G::Input) {
        self.commands.record(tick, input);
    }

    /// Predicts up to `tick`. `around` is what the player's own entity sees.
    pub(crate) fn advance(&mut self, tick: Tick, around: &Around<'_, G>, now: Duration) {
        let Self {
            tracks,
            commands,
            spawns,
            steps,
            ..
        } = self;
        for track in tracks {
            let around = around.driven(track.id);
            track.advance(tick, commands, &around, |tick, value| {
                spawns.predict(tick, value, &around, now);
                note(steps, tick, value, &around);
            });
        }
    }

    /// Compares the prediction with a new snapshot and brings it in line, up to `tick`.
    pub(crate) fn reconcile(
        &mut self,
        tick: Tick,
        around: &Around<'_, G>,
        now: Duration,
    ) -> Verdict {
        self.follow(around);
        let mut all = Verdict::default();
        let Self {
            rules,
            tracks,
            commands,
            spawns,
            steps,
        } = self;
        for track in tracks {
            let around = around.driven(track.id);
            let led_to = |tick, value: &G::Predicted| {
                spawns.predict(tick, value, &around, now);
                note(steps, tick, value, &around);
            };
            let one = track.reconcile(tick, commands, &around, rules, now, led_to);
            all.wrong |= one.wrong;
            all.error = all.error.max(one.error);
            all.replayed += one.replayed;
            let lengths = all.corrected.into_iter().chain(one.corrected);
            all.corrected = lengths.reduce(f32::max);
        }
        all
    }

    /// Predicts what the player drives now, and no longer what others drive.
    fn follow(&mut self, around: &Around<'_, G>) {
        let own = around.player;
        let driven = around
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
        self.spawns.forget();
    }

    /// The server says what the `index`th spawn of the command for `tick` is.
    pub(crate) fn handle_spawned(&mut self, tick: Tick, index: u8, says: Confirmed, times: Times) {
        self.spawns.confirm(tick, usize::from(index), says, times);
    }

    /// A snapshot has come, which may bring what was spawned.
    pub(crate) fn land(&mut self, around: &Around<'_, G>, times: Times, now: Duration) {
        self.spawns.land(around, times, now);
    }

    /// Lets go of spawns that are over.
    pub(crate) fn end_spawns(&mut self, newest: &Snapshot, times: Times, now: Duration) {
        self.spawns.advance(newest, times, now);
    }

    /// The spawns as they are to be drawn, and the entities that are over for this player already.
    pub(crate) fn drawn_spawns(
        &self,
        history: &History,
        around: &Around<'_, G>,
        times: Times,
        now: Duration,
    ) -> (Vec<DrawnSpawn>, Vec<NetId>) {
        self.spawns.drawn(history, around, times, now)
    }

    /// How many there were since this was last asked.
    pub(crate) fn take_spawn_counts(&mut self) -> SpawnCounts {
        std::mem::take(&mut self.spawns.counts)
    }

    /// What the next command led to for the player's own entity, see [`Steps`].
    pub(crate) fn poll_step(&mut self) -> Option<(Tick, G::Predicted)> {
        self.steps.poll()
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

fn note<G: Game>(
    steps: &mut Steps<G::Predicted>,
    tick: Tick,
    value: &G::Predicted,
    around: &Around<'_, G>,
) {
    if around.own == around.player {
        steps.note(tick, value);
    }
}
