//! Who makes things go wrong.

use std::cell::RefCell;
use std::time::Duration;

use tickwire_client::Connection;
use tickwire_protocol::NetId;
use tickwire_protocol::link::Link;
use tickwire_protocol::message::ClientControl;

use super::check::{Check, Spoil};
use super::scenario::{Fault, Scenario, any_link};
use super::trial::Trial;
use crate::Match;

pub(super) struct Director {
    rng: fastrand::Rng,
    faults: Vec<Fault>,
    calm: Duration,
    interval: u8,
}

impl Director {
    pub(super) fn new(scenario: &Scenario) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(scenario.seed.rotate_left(32)),
            faults: scenario.faults.clone(),
            calm: scenario.calm,
            interval: scenario.config.snapshot_interval,
        }
    }

    pub(super) fn fork(&mut self) -> fastrand::Rng {
        self.rng.fork()
    }

    pub(super) fn interval(&self) -> u8 {
        self.interval
    }

    /// How long nothing happens.
    pub(super) fn pause(&mut self) -> Duration {
        self.calm.mul_f64(self.rng.f64() * 2.0) + Duration::from_millis(1)
    }

    fn time(&mut self, most: f64) -> Duration {
        // Short ones are frequent.
        Duration::from_secs_f64(most * self.rng.f64().powi(3)) + Duration::from_millis(20)
    }

    /// A client's link and how often it draws.
    pub(super) fn settle<G: Trial>(&mut self, game: &mut Match<G>, number: usize) {
        game.change_link(number, any_link(&mut self.rng));
        let tick = Duration::from_secs(1) / G::TICK_RATE;
        // From three pictures a tick to one in two ticks; most draw about as often as the game ticks.
        let share = *self.rng.choice(&[0.34, 0.9, 1.0, 1.1, 2.0]).unwrap_or(&1.0);
        game.set_draw_interval(number, tick.mul_f64(share));
    }

    /// Something goes wrong.
    pub(super) fn disturb<G: Trial>(&mut self, game: &mut Match<G>, check: &RefCell<Check<G>>) {
        for number in 0..game.client_count() {
            let refused = matches!(game.client(number).connection(), Connection::Refused { .. });
            if refused && self.rng.bool() {
                game.restart(number);
            }
        }
        let number = self.rng.usize(0..game.client_count());
        // Nothing is spoilt for longer than until the next fault.
        check.borrow_mut().spoil(number, Spoil::default());
        let Some(fault) = self.rng.choice(&self.faults).copied() else {
            return;
        };
        match fault {
            Fault::Cut => game.cut(number),
            Fault::Blackhole => game.blackhole(number, self.time(14.0)),
            Fault::Freeze => game.freeze(number, self.time(14.0)),
            Fault::Hide => game.hide(number, self.time(60.0)),
            Fault::Veil => {
                let hides = self.rng.bool();
                let veil = if hides {
                    ClientControl::Hidden
                } else {
                    ClientControl::Shown
                };
                game.say(number, veil.encode());
            }
            Fault::FreezeServer => game.freeze_server(self.time(2.0)),
            Fault::Restart => {
                game.kill_server();
                let down = self.time(5.0);
                game.run(down);
                game.start_server();
            }
            Fault::Link => game.change_link(number, any_link(&mut self.rng)),
            Fault::Leave => game.client_mut(number).goodbye(),
            Fault::Crash => game.restart(number),
            Fault::Reload => game.reload(number, number),
            Fault::Twin => {
                let of = self.rng.usize(0..game.client_count());
                game.reload(number, of);
            }
            Fault::Pictures => self.settle(game, number),
            Fault::SpoilDown | Fault::SpoilUp => {
                let share = self.rng.f64() * 0.2;
                let spoil = match fault {
                    Fault::SpoilUp => Spoil {
                        up: share,
                        down: 0.0,
                    },
                    _ => Spoil {
                        up: 0.0,
                        down: share,
                    },
                };
                check.borrow_mut().spoil(number, spoil);
            }
            Fault::Garbage => self.babble(game, number),
            Fault::Replay => {
                let again = check.borrow_mut().replay(number);
                again.into_iter().for_each(|bytes| game.say(number, bytes));
            }
            Fault::Flood => self.flood(game, number),
            Fault::Memory => self.forget(game, check, number),
        }
    }

    /// Random bytes, often such that begin like a message.
    fn babble<G: Trial>(&mut self, game: &mut Match<G>, number: usize) {
        let mut bytes: Vec<u8> = (0..self.rng.usize(0..80))
            .map(|_| self.rng.u8(..))
            .collect();
        if let Some(first) = bytes.first_mut()
            && self.rng.bool()
        {
            *first %= 4;
        }
        game.say(number, bytes);
    }

    /// Many pings, from one who does not read.
    fn flood<G: Trial>(&mut self, game: &mut Match<G>, number: usize) {
        let time = self.time(8.0);
        game.freeze(number, time);
        for _ in 0..20 {
            for sent in 0..20 {
                game.say(number, ClientControl::Ping { sent }.encode());
            }
            game.run(time / 20);
        }
    }

    /// A word of what the client holds changes by itself.
    fn forget<G: Trial>(&mut self, game: &mut Match<G>, check: &RefCell<Check<G>>, number: usize) {
        let newest = game.client(number).newest();
        let row = newest.and_then(|newest| newest.at(self.rng.usize(0..newest.len().max(1))));
        let Some((id, columns)) = row.map(|row| (row.id, row.words.len())) else {
            return;
        };
        let column = self.rng.usize(0..columns.max(1));
        self.flip(game, check, number, id, column);
    }

    fn flip<G: Trial>(
        &self,
        game: &mut Match<G>,
        check: &RefCell<Check<G>>,
        number: usize,
        id: NetId,
        column: usize,
    ) {
        if game.client_mut(number).flip(id, column) {
            check.borrow_mut().taint(number);
        }
    }

    /// Nothing goes wrong any more, and who was thrown out comes again.
    pub(super) fn calm<G: Trial>(&mut self, game: &mut Match<G>, check: &RefCell<Check<G>>) {
        for number in 0..game.client_count() {
            check.borrow_mut().spoil(number, Spoil::default());
            game.change_link(number, Link::P1);
            game.set_draw_interval(number, Duration::from_secs(1) / G::TICK_RATE);
            game.show(number);
            game.say(number, ClientControl::Shown.encode());
        }
        // What was spoilt last is still under way.
        game.run_seconds(20);
        for number in 0..game.client_count() {
            if matches!(game.client(number).connection(), Connection::Refused { .. }) {
                game.restart(number);
            }
        }
    }
}
