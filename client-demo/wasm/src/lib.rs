//! The browser bindings of Arena: the client core as one class for the page.
//!
//! The page moves bytes, draws and plays sounds; everything else is decided here. All times are milliseconds of
//! `performance.now()`, texts are JSON, rows of numbers are `Float32Array`s.

mod bad;
mod figures;
mod picture;
mod shots;
mod text;

use std::time::Duration;

use arena::{Arena, Input};
use tickwire_client::{Client, ClientConfig, Feel};
use wasm_bindgen::prelude::wasm_bindgen;

use bad::{BadLink, LinkNumbers};
use figures::FIGURES;
use picture::Picture;
use shots::Shots;
use text::Meter;

/// A player's client, as the page sees it.
#[wasm_bindgen]
pub struct ArenaClient {
    client: Client<Arena>,
    picture: Picture,
    meter: Meter,
    link: BadLink,
    shots: Shots,
    /// Whether the own avatar, and with it the own shots, are drawn before the server has spoken.
    predicts: bool,
    /// The triggers that were pulled since the last input: the rifle's, the rocket launcher's.
    pulled: (bool, bool),
    /// The last time that the page told.
    now: Duration,
}

#[wasm_bindgen]
impl ArenaClient {
    /// A client for a player called `name`; `seed` is any number that differs from page to page.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(name: &str, seed: f64) -> Self {
        Self {
            client: Client::new(ClientConfig::new(name, seed.to_bits())),
            picture: Picture::default(),
            meter: Meter::default(),
            link: BadLink::new(seed.to_bits()),
            shots: Shots::default(),
            predicts: true,
            pulled: (false, false),
            now: Duration::ZERO,
        }
    }

    /// True once whenever it is time to dial the WebSocket.
    pub fn poll_connect(&mut self, now: f64) -> bool {
        let now = self.at(now);
        self.client.poll_connect(now)
    }

    /// The WebSocket is open.
    pub fn handle_open(&mut self, now: f64) {
        let now = self.at(now);
        self.link.clear();
        // The old connection need not have been closed here: a silent one is given up by the core.
        self.shots.forget();
        self.client.handle_open(now);
    }

    /// A message has come.
    ///
    /// # Errors
    /// Throws what is wrong with it: close the WebSocket.
    pub fn handle_message(&mut self, bytes: &[u8], now: f64) -> Result<(), String> {
        let time = self.at(now);
        self.link.receive(bytes, time)?;
        self.deliver(now)
    }

    /// Hands the core what the simulated link has let through; after that there may be something to send. To be called when
    /// [`Self::link_due`] says so.
    ///
    /// # Errors
    /// Throws what is wrong with a message: close the WebSocket.
    pub fn deliver(&mut self, now: f64) -> Result<(), String> {
        let now = self.at(now);
        while let Some(bytes) = self.link.arrive(now) {
            let handled = self.client.handle_message(&bytes, now);
            handled.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// When the simulated link next lets a message through, in either direction; infinite while nothing is on its way.
    #[must_use]
    pub fn link_due(&self) -> f64 {
        let due = self.link.due();
        due.map_or(f64::INFINITY, |due| due.as_secs_f64() * 1000.0)
    }

    /// Simulates another link from now on: round trip and jitter in ms, percent of segments lost, kbit/s to the page (0 for no
    /// limit), for how many seconds of every 30 nothing passes. All 0 for none.
    pub fn set_link(&mut self, rtt: f64, jitter: f64, loss: f64, kbps: f64, hole: f64, now: f64) {
        let now = self.at(now);
        let numbers = LinkNumbers {
            rtt_ms: rtt,
            jitter_ms: jitter,
            loss_percent: loss,
            kbps,
            hole_seconds: hole,
        };
        self.link.set(numbers.link(), now);
    }

    /// The links that have a name, as JSON.
    #[must_use]
    pub fn link_profiles(&self) -> String {
        text::json(&bad::profiles())
    }

    /// Which remedies against a slow link are on.
    pub fn set_feel(&mut self, prediction: bool, interpolation: bool, compensation: bool) {
        self.predicts = prediction;
        self.client.set_feel(Feel {
            prediction,
            interpolation,
            compensation,
        });
    }

    /// The WebSocket is closed, or could not be opened.
    pub fn handle_closed(&mut self, reason: &str, now: f64) {
        let time = self.at(now);
        // What the server said last came before the end; what is wrong with it does not matter any more.
        while let Some(bytes) = self.link.arrive(Duration::MAX) {
            let _ = self.client.handle_message(&bytes, time);
        }
        self.client.handle_closed(reason, time);
    }

    /// The text of the level that [`Self::connection`] asks for.
    ///
    /// # Errors
    /// Throws why it is not that level.
    pub fn handle_level(&mut self, text: &str) -> Result<(), String> {
        self.client.handle_level(text)
    }

    /// Which triggers the player has pulled since the last input: each fires once with the next, even when it is let go by then.
    pub fn pull(&mut self, rifle: bool, rocket: bool) {
        self.pulled.0 |= rifle;
        self.pulled.1 |= rocket;
    }

    /// The player's input from now on: the wish to move (−1 to 1 each), where to aim in radians, and which triggers are held.
    pub fn handle_input(&mut self, move_x: f32, move_y: f32, aim: f32, rifle: bool, rocket: bool) {
        // A page's arithmetic may end in a NaN, which the wire would take for the least number.
        let finite = |number: f32| if number.is_finite() { number } else { 0.0 };
        let (rifle_pulled, rocket_pulled) = std::mem::take(&mut self.pulled);
        self.client.handle_input(&Input {
            move_x: finite(move_x),
            move_y: finite(move_y),
            aim: finite(aim),
            rifle,
            rocket,
            rifle_pulled,
            rocket_pulled,
        });
    }

    /// Whether the page is in the background: then snapshots come once a second, and the player stands.
    pub fn set_hidden(&mut self, hidden: bool, now: f64) {
        let now = self.at(now);
        self.client.set_hidden(hidden, now);
    }

    /// Runs the ticks that are due.
    pub fn tick(&mut self, now: f64) {
        let now = self.at(now);
        self.client.tick(now);
        self.meter.measure(&self.client.stats(), now);
    }

    /// The next message to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        while self.link.takes(self.now)
            && let Some(bytes) = self.client.poll_transmit()
        {
            self.link.send(bytes, self.now);
        }
        self.link.leave(self.now)
    }

    /// The next event to show, as JSON. An own shot that [`Self::shots`] has given already is marked as `drawn`.
    pub fn poll_event(&mut self) -> Option<String> {
        let delivered = self.client.poll_event()?;
        let outcome = self.shots.confirm(self.client.own(), &delivered);
        if let Some(outcome) = outcome {
            self.client.note_shot(outcome);
        }
        Some(text::event(&delivered.event, outcome.is_some()))
    }

    /// Where the connection stands, as JSON.
    #[must_use]
    pub fn connection(&self) -> String {
        text::connection(&self.client, self.now)
    }

    /// Computes what is to be drawn now; the next four calls give it.
    pub fn draw(&mut self, now: f64) {
        let now = self.at(now);
        let steps: Vec<_> = std::iter::from_fn(|| self.client.poll_step()).collect();
        let scene = self.client.scene(now);
        self.picture.take(&scene);
        let shown = if self.predicts { &steps[..] } else { &[] };
        self.shots.look(&self.client, &scene, shown);
        if let Some(now) = steps.last().map(|step| step.tick) {
            while let Some(outcome) = self.shots.take_lost(self.client.own(), now) {
                self.client.note_shot(outcome);
            }
        }
    }

    /// Six numbers for each own rifle shot that left since the last picture: x and y of where it left, heading, x and y of where it
    /// ends on this screen, and the id of the player it ends in (−1: in a wall). The server's event for it comes later.
    #[must_use]
    pub fn shots(&self) -> Vec<f32> {
        self.shots.rows.clone()
    }

    /// Whether the server is to tell how own rifle shots were judged: by events of the type `receipt`.
    pub fn set_receipts(&mut self, on: bool) {
        self.client.want_receipts(on);
    }

    /// Twelve numbers for each player: id, x, y, heading, vx, vy, hp, guarded, rockets, kills, deaths, alive.
    #[must_use]
    pub fn players(&self) -> Vec<f32> {
        self.picture.players.clone()
    }

    /// Six numbers for each rocket: id (negative for the own ones), x, y, heading, id of the player who fired it (−1: out of sight),
    /// and how much of it is there (1, and down to 0 while it vanishes because the server did not let it start).
    #[must_use]
    pub fn rockets(&self) -> Vec<f32> {
        self.picture.rockets.clone()
    }

    /// Five numbers for each pick-up: id, x, y, kind (0 health, 1 rockets), whether it is there.
    #[must_use]
    pub fn pickups(&self) -> Vec<f32> {
        self.picture.pickups.clone()
    }

    /// The own player's id; −1 while there is none.
    #[must_use]
    pub fn own(&self) -> i32 {
        let own = self.client.own().and_then(|own| i32::try_from(own.0).ok());
        own.unwrap_or(-1)
    }

    /// The map, as JSON; empty until it is known.
    #[must_use]
    pub fn map(&self) -> String {
        self.client.level().map(text::map).unwrap_or_default()
    }

    /// Figures of the connection, as JSON.
    #[must_use]
    pub fn stats(&self) -> String {
        text::stats(&self.client, &self.meter)
    }

    /// The names of the [`Self::figures`], as JSON.
    #[must_use]
    pub fn figure_names(&self) -> String {
        let names = FIGURES.iter().map(|(name, _)| *name);
        text::json(&names.collect::<Vec<_>>())
    }

    /// Figures of the connection as numbers, in the order of their names: times in ms, counts over all connections. NaN for what
    /// is not known.
    #[must_use]
    pub fn figures(&self) -> Vec<f64> {
        let stats = self.client.stats();
        FIGURES.iter().map(|(_, of)| of(&stats)).collect()
    }

    /// Whether to take down what every byte from the server is for, from now on.
    pub fn set_explain(&mut self, on: bool, now: f64) {
        let now = self.at(now);
        self.client.explain(on, now);
    }

    /// What the bytes from the server were for, as JSON; empty unless [`Self::set_explain`] asked for it.
    #[must_use]
    pub fn explain(&self) -> String {
        text::explain(&self.client)
    }
}

impl ArenaClient {
    /// `now` in ms becomes the time that the core counts in, which never goes back.
    fn at(&mut self, now: f64) -> Duration {
        let now = Duration::try_from_secs_f64(now / 1000.0).unwrap_or_default();
        self.now = self.now.max(now);
        self.now
    }
}

#[cfg(test)]
mod tests;
