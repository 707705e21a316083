//! Shots through bad links: who hits what on the own screen, and what the server makes of it.

mod liar;
mod range;
mod verdict;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

pub use liar::Lie;
pub use range::BehindCover;
pub use verdict::Misses;

use liar::Liar;
use range::{Body, Input, RADIUS, RUNNERS, Range, Verdicts};
use range::{build, first_hit, is_covered};
use tickwire_client::Client;
use tickwire_engine::{RewindLimit, RoomConfig};
use tickwire_protocol::{NetId, Wire};
use verdict::{Fired, compare};

use crate::{Link, Match};

/// Shooters in a match.
const SHOOTERS: usize = 8;
/// Time until clocks have settled.
const SETTLING: Duration = Duration::from_secs(6);
/// Pictures from one shot to the next, at least.
const PAUSE: u32 = 12;

/// A trial of many scripted shots.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// The network of every shooter.
    pub link: Link,
    /// Shots, of all shooters together, at least.
    pub shots: usize,
    /// Where everything random comes from.
    pub seed: u64,
    /// The server's limit.
    pub limit: RewindLimit,
    /// How far beside a runner's centre shots go at most, in radii: from 1 on some miss on the screen too.
    pub spread: f32,
    /// Ticks from one snapshot to the next.
    pub interval: u8,
    /// Pictures that each shooter draws in a second.
    pub fps: u32,
    /// How much longer than that a picture takes at most.
    pub stutter: Duration,
    /// How long ticks wait for a picture, if not for ever.
    pub beat: Option<Duration>,
    /// What all clients say instead of the truth.
    pub lie: Option<Lie>,
}

impl Trial {
    /// An ordinary server, and shots that hit on the screen, half a radius beside the centre at most.
    #[must_use]
    pub fn new(link: Link, shots: usize, seed: u64) -> Self {
        Self {
            link,
            shots,
            seed,
            limit: RewindLimit::DEFAULT,
            spread: 0.5,
            interval: RoomConfig::default().snapshot_interval,
            fps: 60,
            stutter: Duration::ZERO,
            beat: None,
            lie: None,
        }
    }
}

/// How screens and server agreed.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Shots fired.
    pub shots: usize,
    /// Those that hit somebody in the picture in which they were fired.
    pub hit_on_screen: usize,
    /// Those of them that hit the same one on the server.
    pub confirmed: usize,
    /// Shots that hit anybody on the server.
    pub hits: usize,
    /// Those of them that missed in the picture.
    pub gifts: usize,
    /// Shots that the server never judged.
    pub lost: usize,
    /// Why hits on the screen were none on the server.
    pub misses: Misses,
    /// Judged shots whose claim was moved.
    pub clamped: usize,
    /// Those of them that were older than the limit.
    pub limited: usize,
    /// Mean of how far back shots were judged, in ms.
    pub rewound_ms: f64,
    /// The furthest, without what does not count against the limit, in ms.
    pub longest_ms: f64,
}

impl Agreement {
    /// The share of hits on the screen that the server confirmed, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.confirmed as f64 / self.hit_on_screen.max(1) as f64
    }
}

/// What came out of a trial.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Outcome {
    /// How screens and server agreed.
    pub agreement: Agreement,
    /// The hits on runners who had reached cover by the time the shot was judged, longest first.
    pub behind_cover: Vec<BehindCover>,
}

type Log = Rc<RefCell<verdict::Log>>;

/// Fires `shots` shots over `link`, with lag compensation or without.
#[must_use]
pub fn agreement(link: Link, shots: usize, seed: u64, compensation: bool) -> Agreement {
    let mut trial = Trial::new(link, shots, seed);
    if !compensation {
        trial.limit = RewindLimit(Duration::ZERO);
    }
    run(&trial).agreement
}

/// How many hits more clients have that lie than honest ones who fire the very same shots, of which a third miss by the width of
/// a runner at most; negative when the lie costs hits.
#[must_use]
pub fn gain(lie: Lie, link: Link, shots: usize, seed: u64) -> i64 {
    let honest = Trial {
        spread: 1.5,
        ..Trial::new(link, shots, seed)
    };
    let lying = Trial {
        lie: Some(lie),
        ..honest
    };
    let hits = |trial| i64::try_from(run(trial).agreement.hits).unwrap_or(i64::MAX);
    hits(&lying) - hits(&honest)
}

/// Runs a trial.
#[must_use]
pub fn run(trial: &Trial) -> Outcome {
    let config = RoomConfig {
        snapshot_interval: trial.interval,
        ..RoomConfig::default()
    };
    let mut game: Match<Range> = Match::with_config(trial.seed, trial.link, build, config);
    game.room_mut().sim_mut().insert_resource(trial.limit);
    let log = Log::default();
    for number in 0..SHOOTERS {
        game.join(&format!("shooter {number}"), shooter(trial, number, &log));
        game.set_draw_interval(number, Duration::from_secs(1) / trial.fps);
        game.set_stutter(number, trial.stutter);
        if let Some(wait) = trial.beat {
            game.set_beat(number, wait);
        }
    }
    if let Some(lie) = trial.lie {
        game.set_witness(Liar::new(lie, trial.seed, SHOOTERS, &log));
    }
    while log.borrow().len() < trial.shots {
        game.run(Duration::from_millis(250));
    }
    let fired = log.borrow().clone();
    game.run(Duration::from_secs(2));
    let sim = game.room_mut().sim_mut();
    let verdicts = std::mem::take(&mut sim.world_mut().resource_mut::<Verdicts>().0);
    let mut behind_cover: Vec<_> = verdicts.iter().filter_map(|it| it.behind_cover).collect();
    behind_cover.sort_by_key(|hit| std::cmp::Reverse(hit.ticks));
    let own: Vec<_> = (0..SHOOTERS).map(|i| game.client(i).own()).collect();
    Outcome {
        agreement: compare(&own, &verdicts, &fired),
        behind_cover,
    }
}

/// Aims at a runner as drawn, and shoots now and then; sidesteps now and then if its number is odd.
fn shooter(
    trial: &Trial,
    number: usize,
    log: &Log,
) -> impl FnMut(&mut Client<Range>, Duration) -> Input + 'static {
    let mut rng = fastrand::Rng::with_seed(trial.seed ^ (number as u64) << 40);
    let (spread, log) = (trial.spread, Rc::clone(log));
    let mut input = Input::default();
    let mut wait = PAUSE;
    let (mut target, mut beside) = (NetId(0), 0.0);
    let (mut pulled, mut drawn) = (false, Vec::new());
    move |client, now| {
        // The first tick since the trigger was pulled is the shot's.
        let step = std::iter::from_fn(|| client.poll_step())
            .fold(None, |first, step| first.or(Some(step)));
        if let Some(step) = step.filter(|_| std::mem::take(&mut pulled)) {
            let fired = on_screen(step.value.0, input.aim, std::mem::take(&mut drawn));
            log.borrow_mut().insert((number, input.shot), fired);
        }
        let scene = client.scene(now);
        let runners = (0..).map(NetId).take(RUNNERS);
        let seen = runners.filter_map(|id| Some((id, scene.get::<Body>(id)?)));
        drawn = seen.collect();
        let own = client.own().and_then(|own| scene.get::<Body>(own));
        let (Some(from), Some(there)) = (own, scene.get::<Body>(target)) else {
            return input;
        };
        input.fire = false;
        if pulled {
            return input;
        }
        let (x, y) = (there.x - from.x, there.y - from.y);
        input.aim = y.atan2(x) + (beside / x.hypot(y).max(RADIUS)).asin();
        input = input.quantised();
        input.fire = wait == 0 && now > SETTLING && !is_covered(&there);
        wait = wait.saturating_sub(1);
        if number % 2 == 1 && rng.u32(0..40) == 0 {
            input.step = rng.f32() * 2.0 - 1.0;
        }
        input.shot += u16::from(input.fire);
        pulled = input.fire;
        if input.fire {
            wait = PAUSE + rng.u32(0..6);
        }
        if wait == PAUSE / 2 {
            target = NetId(rng.u32(0..12));
            beside = (rng.f32() * 2.0 - 1.0) * spread * RADIUS;
        }
        input
    }
}

/// A shot as the screen shows it in the very tick: from where the shooter is by then, at the runners as they were drawn last.
fn on_screen(from: Body, aim: f32, seen: Vec<(NetId, Body)>) -> Fired {
    Fired {
        hit: first_hit(from, aim, seen.iter().copied()),
        from,
        aim,
        seen,
    }
}
