//! The whole system at random: a match, its players, their links and everything that goes wrong come from one number, and every
//! message and every tick is checked.
//!
//! After each tick: what a client is sent is what it should see, and what it has read is that, word for word; each tick used up
//! its one command, and each one-shot happened once; nothing grows beyond its limit. Events come once, in order, and all of
//! them. When things calm down, everyone plays again. What does not hold panics with the client and the tick.

mod arena;
mod check;
mod faults;
mod field;
mod scenario;
mod trial;

pub use check::Counts;
pub use field::Field;
pub use scenario::{Kind, Scenario};
pub use trial::{Trial, Variety};

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use ::arena::Arena;
use tickwire_client::Connection;
use tickwire_protocol::link::Link;

use crate::Match;
use check::{Check, Shared};
use faults::Director;

/// For so long a connection may take to come back when nothing disturbs it: a server that says nothing is given up after 10 s,
/// and 13 s may pass before the next try.
const COMES_BACK: Duration = Duration::from_secs(60);

/// How it ended well.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// The time that passed in the match.
    pub time: Duration,
    /// What was done and checked.
    pub counts: Counts,
}

/// What went wrong.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The server's tick.
    pub tick: u32,
    /// The time since the match began.
    pub time: Duration,
    /// What differed.
    pub what: String,
}

/// Plays a match from its beginning to its end.
///
/// # Errors
/// When something in it was not as it should be.
pub fn run(scenario: &Scenario) -> Result<Outcome, Failure> {
    match scenario.kind {
        Kind::Field10 => run_game::<Field<10>>(scenario),
        Kind::Field20 => run_game::<Field<20>>(scenario),
        Kind::Field60 => run_game::<Field<60>>(scenario),
        Kind::Arena => run_game::<Arena>(scenario),
    }
}

fn run_game<G: Trial>(scenario: &Scenario) -> Result<Outcome, Failure> {
    let Scenario { seed, variety, .. } = *scenario;
    let mut game: Match<G> =
        Match::with_config(seed, Link::P1, G::builder(variety), scenario.config.clone());
    let check = Rc::new(RefCell::new(Check::new(
        seed,
        variety,
        scenario.clients,
        &scenario.config,
    )));
    game.set_witness(Shared(Rc::clone(&check)));
    let played = catch_unwind(AssertUnwindSafe(|| play(scenario, &mut game, &check)));
    match played {
        Ok(()) => Ok(Outcome {
            time: game.now(),
            counts: check.borrow().counts,
        }),
        Err(panic) => Err(Failure {
            tick: game.room().sim().now().0,
            time: game.now(),
            what: words(&*panic),
        }),
    }
}

/// What a panic said.
fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()));
    text.unwrap_or_else(|| "a panic without words".to_owned())
}

fn play<G: Trial>(scenario: &Scenario, game: &mut Match<G>, check: &RefCell<Check<G>>) {
    let mut director = Director::new(scenario);
    for i in 0..scenario.bots {
        game.room_mut().sim_mut().join_bot(&format!("bot {i}"));
    }
    for number in 0..scenario.clients {
        game.join(&format!("client {number}"), G::play(director.fork()));
        director.settle(game, number);
    }
    while game.now() < scenario.length {
        game.run(director.pause());
        director.disturb(game, check);
    }
    calm_down(&mut director, game, check);
}

/// Lets everyone come back, and checks that nothing was lost.
fn calm_down<G: Trial>(director: &mut Director, game: &mut Match<G>, check: &RefCell<Check<G>>) {
    director.calm(game, check);
    let all_play = |game: &Match<G>| {
        (0..game.client_count()).all(|i| *game.client(i).connection() == Connection::Playing)
    };
    game.run_until(COMES_BACK, "everyone playing again", all_play);
    game.run_seconds(3);
    let told: Vec<_> = (0..game.client_count())
        .map(|i| told(game, check, i))
        .collect();
    game.run_seconds(8);
    for (number, told) in told.into_iter().enumerate() {
        let heard = check.borrow().next_events(number);
        let Some((told, heard)) = told.zip(heard) else {
            panic!(
                "client {number} has lost its connection, although nothing disturbs it: {:?}",
                game.client(number)
            );
        };
        assert!(
            heard.0 >= told.0 && heard.1 >= told.1,
            "client {number} was told events up to {told:?} and heard them up to {heard:?}"
        );
        let now = game.room().sim().now();
        let newest = game.client(number).newest().map(|newest| newest.tick());
        let age = newest.map(|newest| now.since(newest).unsigned_abs());
        let most = G::TICK_RATE / 2 + 2 * u32::from(director.interval());
        assert!(
            age.is_some_and(|age| age <= most),
            "client {number} shows tick {newest:?} in tick {now}, although nothing disturbs it"
        );
    }
}

/// The numbers of the next events that the server will tell a client of.
fn told<G: Trial>(game: &Match<G>, check: &RefCell<Check<G>>, number: usize) -> Option<(u32, u32)> {
    let session = check.borrow().session(number)?;
    let player = game.room().player_of(session)?;
    Some(G::told(game.room().sim(), player))
}
