//! Clients that lie about what their players saw.

use std::collections::VecDeque;
use std::rc::Rc;

use tickwire_engine::{Room, SessionId};
use tickwire_protocol::message::{ClientMessage, Commands, View, decode_client};
use tickwire_protocol::{GameSchema, NetId, Tick};

use super::Log;
use super::range::{Input, RUNNERS, Range, first_hit};
use super::verdict::Fired;
use crate::Witness;

/// What clients claim instead of what they drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// A moment so many ticks before: the past of who has run into cover.
    Older(u32),
    /// A moment so many ticks later.
    Newer(u32),
    /// The same moment for a second.
    Frozen,
    /// Any moment of the last third of a second.
    Random,
    /// The tick of the command itself.
    Future,
    /// Snapshots are acknowledged, and claimed to be drawn, so many ticks late: a link that seems longer than it is.
    Slow(u32),
    /// Of the moments that the server believes, the nearest one at which a shot hits that misses on the screen: an attacker who knows
    /// the tolerance, where everybody is, and what it claims usually.
    Best,
}

impl Lie {
    /// One of each kind by which nobody gains anything, for snapshots every second tick. [`Self::Best`] is not among them.
    pub const ALL: [Self; 6] = [
        Self::Older(6),
        Self::Newer(4),
        Self::Frozen,
        Self::Random,
        Self::Future,
        Self::Slow(6),
    ];
}

/// Rewrites what the clients of a match say, on its way to the server.
pub(super) struct Liar {
    lie: Lie,
    schema: GameSchema,
    rng: fastrand::Rng,
    /// For each client: the view that it keeps claiming, and since when.
    frozen: Vec<Option<(Tick, View)>>,
    /// For each client: how long before their commands the moments were that it truly drew.
    rhythm: Vec<VecDeque<f64>>,
    log: Log,
}

/// How far beside what is usual a claim is believed, in ticks.
const TOLERANCE: f64 = 1.0625;

impl Liar {
    pub(super) fn new(lie: Lie, seed: u64, clients: usize, log: &Log) -> Self {
        Self {
            lie,
            schema: GameSchema::of::<Range>(),
            rng: fastrand::Rng::with_seed(seed),
            frozen: vec![None; clients],
            rhythm: vec![VecDeque::new(); clients],
            log: Rc::clone(log),
        }
    }

    fn claim(&mut self, client: usize, command: Tick, view: View) -> View {
        let moved = |ticks: i32| View {
            from: Tick(view.from.0.wrapping_add_signed(ticks)),
            to: Tick(view.to.0.wrapping_add_signed(ticks)),
            ..view
        };
        match self.lie {
            Lie::Older(ticks) | Lie::Slow(ticks) => moved(-ticks.cast_signed()),
            Lie::Newer(ticks) => moved(ticks.cast_signed()),
            Lie::Best => view,
            Lie::Random => moved(2 * self.rng.i32(-8..=2)),
            Lie::Future => View {
                from: command,
                to: command,
                fraction: 0,
            },
            Lie::Frozen => {
                let Some(kept) = self.frozen.get_mut(client) else {
                    return view;
                };
                let fresh = kept.is_none_or(|(since, _)| command.since(since) >= 60);
                if fresh {
                    *kept = Some((command, view));
                }
                kept.map_or(view, |(_, view)| view)
            }
        }
    }
}

/// The moment that is so many ticks before `tick`, between snapshots of even ticks.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few ticks, and a share from 0 to 1"
)]
fn before(tick: Tick, ticks: f64) -> View {
    let (back, even) = (ticks.ceil() as u32, |tick: Tick| Tick(tick.0 & !1));
    let from = even(tick - back);
    let share = (f64::from(tick.since(from)) - ticks) / 2.0;
    View {
        from,
        to: from + 2,
        fraction: (share * 256.0) as u8,
    }
}

impl Liar {
    /// The best view for a shot.
    fn best(&self, client: usize, tick: Tick, fired: &Fired, room: &Room<Range>) -> Option<View> {
        let mut usual: Vec<_> = self.rhythm.get(client)?.iter().copied().collect();
        usual.sort_unstable_by(f64::total_cmp);
        let usual = *usual.get(usual.len() / 2)?;
        let history = room.sim().history();
        let steps = (1..30).map(|step| f64::from(step) / 30.0 * TOLERANCE);
        let views = steps.flat_map(|step| [usual + step, usual - step]);
        let mut views = views.map(|ticks| before(tick, ticks));
        views.find(|view| {
            let Some(moment) = view.moment(history, 60) else {
                return false;
            };
            let runners = (0..).map(NetId).take(RUNNERS);
            let seen = runners.filter_map(|id| Some((id, moment.get(id)?)));
            first_hit(fired.from, fired.aim, seen).is_some()
        })
    }

    /// Gives each shot that misses in the picture a view in which it hits, if there is one.
    fn choose(&mut self, client: usize, commands: &mut Commands<Input>, room: &Room<Range>) {
        for command in &mut commands.list {
            if let (Some(view), Some(rhythm)) = (command.view, self.rhythm.get_mut(client)) {
                rhythm.push_back(f64::from(command.tick.since(view.from)) - view.reach(60.0));
                if rhythm.len() > 16 {
                    rhythm.pop_front();
                }
            }
            let log = self.log.borrow();
            let fired = log.get(&(client, command.input.shot));
            if let Some(fired) = fired.filter(|fired| command.input.fire && fired.hit.is_none()) {
                let best = self.best(client, command.tick, fired, room);
                command.view = best.or(command.view);
            }
        }
    }
}

impl Witness<Range> for Liar {
    fn upstream(&mut self, client: usize, _: SessionId, bytes: &mut Vec<u8>, room: &Room<Range>) {
        let Ok(ClientMessage::Commands(mut commands)) = decode_client::<Range>(bytes, &self.schema)
        else {
            return;
        };
        if let Lie::Slow(ticks) = self.lie {
            commands.ack = commands.ack.map(|ack| ack - ticks);
        }
        if self.lie == Lie::Best {
            self.choose(client, &mut commands, room);
        }
        for command in &mut commands.list {
            let lied = command
                .view
                .map(|view| self.claim(client, command.tick, view));
            command.view = lied;
        }
        *bytes = commands.encode(&self.schema.input);
    }
}
