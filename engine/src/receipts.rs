//! Players who want to know how their shots were judged.

use bevy_ecs::prelude::*;
use tickwire_protocol::Tick;

/// Ticks from one receipt to the next, at least: nobody reads more, and a weapon that fires faster must not fill the events lane.
const PAUSE: i32 = 2;

/// On the entity of a player whose client has asked for shot receipts. What a receipt says is up to the game, which sends it by
/// [`Events::send_to`](crate::Events::send_to): where the others were shown to the shooter ([`Rewind`](crate::Rewind)), the ray,
/// the verdict and why, and how far back it was judged ([`Rewind::rewound`](crate::Rewind::rewound)).
///
/// A receipt is an event, and no message of its own: it has to arrive, in order, at once and at one client only, and every client
/// can read events already.
#[derive(Component, Debug, Default)]
pub struct Receipts {
    last: Option<Tick>,
}

impl Receipts {
    /// Whether to send one in tick `now`: not in two ticks running.
    pub fn take(&mut self, now: Tick) -> bool {
        let due = self.last.is_none_or(|last| now.since(last) >= PAUSE);
        if due {
            self.last = Some(now);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_pause_between_receipts() {
        let mut receipts = Receipts::default();
        let sent = (10..20).filter(|tick| receipts.take(Tick(*tick)));
        assert_eq!(sent.count(), 5);
    }
}
