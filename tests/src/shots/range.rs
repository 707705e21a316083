//! The shooting range: a game in which players shoot at runners, and nothing else happens.

use std::time::Duration;

use bevy_ecs::prelude::*;
use tickwire_engine::{CurrentTick, NetIds, Player, PlayerInput, Replicated, Rewind, Rng, Sim};
use tickwire_engine::{Rewound, move_players};
use tickwire_protocol::{Around, Game, NetId, Tick, Wire};

/// Radius of a runner, metres.
pub(super) const RADIUS: f32 = 0.4;
/// Top speed of runners and shooters, metres per second.
pub(super) const SPEED: f32 = 7.0;
/// How fast a runner's velocity changes, metres per second squared.
const ACCELERATION: f32 = 60.0;
/// The field is a square of this side, metres.
pub(super) const FIELD: f32 = 64.0;
/// How many run.
pub(super) const RUNNERS: usize = 12;
const SECONDS: f32 = 1.0 / 60.0;

/// Where somebody is.
#[derive(Component, Wire, Clone, Copy, Debug, PartialEq)]
pub(super) struct Body {
    /// Metres.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, lerp)]
    pub(super) x: f32,
    /// Metres.
    #[wire(min = 0.0, max = 64.0, step = 1.0 / 256.0, lerp)]
    pub(super) y: f32,
}

/// What a shooter does.
#[derive(Wire, Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Input {
    /// Sidestep, −1 to 1.
    #[wire(min = -1.0, max = 1.0, step = 1.0 / 64.0)]
    pub(super) step: f32,
    /// Where to aim, radians.
    #[wire(angle = 16)]
    pub(super) aim: f32,
    /// The number of the last shot.
    #[wire(max = 0xFFFF)]
    pub(super) shot: u16,
    /// Shoots.
    #[wire(edge)]
    pub(super) fire: bool,
}

/// The game.
#[derive(Debug)]
pub(super) struct Range;

impl Game for Range {
    const TICK_RATE: u32 = 60;
    type Input = Input;
    type Replicated = (Body,);
    type Predicted = (Body,);
    type Event = ();
    type Level = ();

    fn predict((body,): &mut (Body,), input: &Input, _: &Around<'_, Self>) {
        body.x = (body.x + input.step * SPEED * SECONDS).clamp(0.0, FIELD);
    }
}

/// Who can be hit, and how it runs.
#[derive(Component, Debug, Default)]
pub(super) struct Runner {
    velocity: (f32, f32),
    wish: (f32, f32),
    until: Tick,
    /// When and where it last reached cover, if it is there.
    covered: Option<(Tick, Body)>,
}

/// Strips of the field, this wide, are cover by turns: who stands there cannot be hit, unless it was elsewhere when it was seen.
const STRIP: f32 = 6.0;

/// Whether cover hides whoever is there.
pub(super) fn is_covered(body: &Body) -> bool {
    (body.x / STRIP).rem_euclid(2.0) >= 1.0
}

/// A hit on somebody who has reached cover meanwhile.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BehindCover {
    /// For how long the victim has been there.
    pub ticks: i32,
    /// How far it has come since, metres.
    pub metres: f32,
    /// How much of the time the shot had already arrived, as far as that does not count against the limit.
    pub waited: Duration,
}

/// What the server decided.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    /// Who shot.
    pub(super) shooter: NetId,
    /// Which shot.
    pub(super) shot: u16,
    /// Whom it hit.
    pub(super) hit: Option<NetId>,
    /// From where, and in which direction.
    pub(super) from: Body,
    /// Radians.
    pub(super) aim: f32,
    /// The runners as the shooter is taken to have seen them.
    pub(super) seen: Vec<(NetId, Body)>,
    /// Whether the victim is in cover by now.
    pub(super) behind_cover: Option<BehindCover>,
    /// How far back it was judged.
    pub(super) rewound: Option<Rewound>,
}

/// All shots that were judged and not collected yet.
#[derive(Resource, Debug, Default)]
pub(super) struct Verdicts(pub(super) Vec<Judged>);

/// Sets the range up.
pub(super) fn build(sim: &mut Sim<Range>) {
    sim.insert_resource(Verdicts::default())
        .observe(place)
        .add_systems((run, move_players::<Range>, shoot).chain());
    for _ in 0..RUNNERS {
        let body = {
            let mut rng = sim.world_mut().resource_mut::<Rng>();
            let mut within = || 8.0 + rng.f32() * (FIELD - 16.0);
            Body {
                x: within(),
                y: within(),
            }
        };
        sim.world_mut()
            .spawn((Replicated::default(), Runner::default(), body));
    }
}

/// Shooters stand along the lower edge.
fn place(new: On<Add<Player>>, players: Query<&Player>, mut commands: Commands) {
    if let Ok(player) = players.get(new.entity) {
        let x = 8.0 + (player.id.0 % 8) as f32 * 6.0;
        commands.entity(new.entity).insert(Body { x, y: 4.0 });
    }
}

/// Runners run into a direction for a while, then into another: they turn as fast as players do.
fn run(
    mut runners: Query<(&mut Body, &mut Runner)>,
    ids: Res<NetIds>,
    now: Res<CurrentTick>,
    mut rng: ResMut<Rng>,
) {
    for id in (0..).map(NetId).take(RUNNERS) {
        let Some(Ok((mut body, mut runner))) = ids.entity(id).map(|it| runners.get_mut(it)) else {
            continue;
        };
        if now.0.since(runner.until) >= 0 {
            let towards = rng.f32() * std::f32::consts::TAU;
            runner.wish = (SPEED * towards.cos(), SPEED * towards.sin());
            runner.until = now.0 + rng.u32(6..60);
        }
        let (dx, dy) = (
            runner.wish.0 - runner.velocity.0,
            runner.wish.1 - runner.velocity.1,
        );
        let share = (ACCELERATION * SECONDS / dx.hypot(dy).max(f32::EPSILON)).min(1.0);
        runner.velocity.0 += dx * share;
        runner.velocity.1 += dy * share;
        body.x += runner.velocity.0 * SECONDS;
        body.y += runner.velocity.1 * SECONDS;
        // Nobody runs off the field, or into the shooters.
        let turned = |at: f32, wish: f32| {
            if at < 8.0 {
                wish.abs()
            } else if at > FIELD - 8.0 {
                -wish.abs()
            } else {
                wish
            }
        };
        runner.wish = (turned(body.x, runner.wish.0), turned(body.y, runner.wish.1));
        let reached = runner.covered.unwrap_or((now.0, *body));
        // As everybody sees it: who runs along the edge may be on both sides of it within a step of the wire.
        runner.covered = is_covered(&body.quantised()).then_some(reached);
    }
}

/// Judges the shots of this tick, with the runners where their shooters saw them.
fn shoot(
    shooters: Query<(Entity, &Replicated, &PlayerInput<Input>, &Body), With<Player>>,
    runners: Query<(&Replicated, &Runner, &Body), Without<Player>>,
    past: Rewind<Body>,
    ids: Res<NetIds>,
    now: Res<CurrentTick>,
    mut verdicts: ResMut<Verdicts>,
) {
    for (me, replicated, input, body) in &shooters {
        if !input.fire {
            continue;
        }
        let seen = past.seen_by(me).filter_map(|(them, there)| {
            let (replicated, ..) = runners.get(them).ok()?;
            Some((replicated.id(), there))
        });
        let seen: Vec<_> = seen.collect();
        let hit = first_hit(*body, input.aim, seen.iter().copied());
        let rewound = past.rewound(me);
        let victim = hit.and_then(|id| runners.get(ids.entity(id)?).ok());
        let behind_cover = victim.and_then(|(_, runner, body)| {
            let (since, edge) = runner.covered?;
            Some(BehindCover {
                waited: rewound.map_or(Duration::ZERO, |rewound| rewound.waited),
                ticks: now.0.since(since),
                metres: (body.x - edge.x).hypot(body.y - edge.y),
            })
        });
        verdicts.0.push(Judged {
            shooter: replicated.id(),
            shot: input.shot,
            hit,
            from: *body,
            aim: input.aim,
            seen,
            behind_cover,
            rewound,
        });
    }
}

/// The first of `targets` out of cover that a ray from `from` meets: the one rule, for the server and for the screen.
pub(super) fn first_hit(
    from: Body,
    aim: f32,
    targets: impl Iterator<Item = (NetId, Body)>,
) -> Option<NetId> {
    let (sin, cos) = aim.sin_cos();
    let targets = targets.filter(|(_, body)| !is_covered(body));
    let met = targets.filter_map(|(id, body)| {
        let (x, y) = (body.x - from.x, body.y - from.y);
        let (along, beside) = (x * cos + y * sin, y * cos - x * sin);
        (along > 0.0 && beside.abs() <= RADIUS).then_some((id, along))
    });
    met.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(id, _)| id)
}
