//! Own rifle shots, as they looked on the own screen: to be compared with how the server judged them.

use std::collections::VecDeque;
use std::time::Duration;

use arena::{Arena, Body, Event, Map, Vec2, Verdict, Weapon, rules};
use tickwire_client::Scene;
use tickwire_protocol::NetId;

/// A receipt that comes later than this after a shot is another's.
const FORGET: Duration = Duration::from_millis(1500);

/// Somebody who could be hit, as drawn.
#[derive(Debug, Clone, Copy)]
struct Target {
    id: NetId,
    at: Vec2,
}

/// Notices shots by the own rifle's cooldown, and what they hit in the picture that the player had.
#[derive(Debug, Default)]
pub(crate) struct Shots {
    cooldown: u8,
    /// The others in the last picture: what the commands since then claim.
    seen: Vec<Target>,
    /// When shots left, and whom they hit on the screen. The oldest first.
    fired: VecDeque<(Duration, Option<NetId>)>,
}

impl Shots {
    /// A picture is about to be drawn.
    pub(crate) fn look(&mut self, scene: &Scene<'_, Arena>, own: NetId, map: &Map, now: Duration) {
        let cooldown = scene.get::<Weapon>(own).map_or(0, |w| w.rifle_cooldown);
        let body = scene.get::<Body>(own);
        if cooldown > self.cooldown
            && let Some(body) = body
        {
            self.fired.push_back((now, self.hit(&body, map)));
        }
        self.cooldown = cooldown;
        self.forget(now);
        let others = scene.rows().filter(|row| row.id != own);
        let others = others.filter_map(|row| {
            let at = row.get::<Body>()?.at();
            Some(Target { id: row.id, at })
        });
        self.seen = others.collect();
    }

    fn hit(&self, body: &Body, map: &Map) -> Option<NetId> {
        let (from, direction) = (body.at(), Vec2::from_angle(body.heading));
        let wall = map.shot_reach(from, direction, rules::RIFLE_REACH);
        let met = self.seen.iter().filter_map(|target| {
            let distance = from.ray_to_circle(direction, target.at, rules::PLAYER_RADIUS)?;
            (distance < wall).then_some((distance, target.id))
        });
        let first = met.min_by(|a, b| a.0.total_cmp(&b.0));
        first.map(|(_, id)| id)
    }

    fn forget(&mut self, now: Duration) {
        while let Some((at, _)) = self.fired.front()
            && now.saturating_sub(*at) > FORGET
        {
            self.fired.pop_front();
        }
    }

    /// The server's receipt for the oldest shot without one: whether it was judged as it looked, and whether the picture was
    /// another. `None` for other events, and when no shot was noticed.
    pub(crate) fn compare(&mut self, event: &Event) -> Option<(bool, bool)> {
        let Event::Receipt {
            verdict,
            victim,
            clamped,
            ..
        } = event
        else {
            return None;
        };
        let (_, on_screen) = self.fired.pop_front()?;
        let hit = victim.filter(|_| *verdict == Verdict::Hit);
        Some((hit == on_screen, *clamped))
    }
}
