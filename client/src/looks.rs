//! What commands claim that the player saw.

use std::cell::Cell;
use std::collections::VecDeque;
use std::time::Duration;

use tickwire_protocol::Tick;
use tickwire_protocol::message::View;

use crate::limits::MAX_STEPS;

/// For how long a player acts on a picture; after that nothing was drawn lately.
const PICTURE_LASTS: Duration = Duration::from_millis(250);

/// A picture that was drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawn {
    pub(crate) at: Duration,
    pub(crate) view: View,
    /// Where on the view's timeline it is.
    pub(crate) position: f64,
    /// The last tick that a command was made for.
    pub(crate) ticked: Tick,
}

/// Which moment a command claims.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Claim {
    /// Just what was drawn.
    Picture(View),
    /// So many ticks after the picture's position: what would have been drawn if pictures came as often as ticks.
    After(f64),
    /// Nothing was drawn lately.
    Undrawn,
}

/// The last picture, and what the last commands claimed.
///
/// The first command after a picture claims that picture: it is what the player acted on. When pictures take longer than ticks,
/// several commands come with one, and each further one claims a moment that is a tick later. So every claim is as long before
/// its command's tick as every other, however unsteady the pictures are, which is what the server expects.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    drawn: Cell<Option<Drawn>>,
    claims: VecDeque<(Tick, View)>,
}

impl Looks {
    /// A picture is drawn.
    pub(crate) fn draw(&self, drawn: Option<Drawn>) {
        self.drawn.set(drawn);
    }

    /// What the command for `tick` is to claim.
    pub(crate) fn claim(&self, tick: Tick, now: Duration) -> Claim {
        match self.drawn.get() {
            Some(drawn) if now.saturating_sub(drawn.at) <= PICTURE_LASTS => {
                match tick.since(drawn.ticked.next()) {
                    0 => Claim::Picture(drawn.view),
                    later => Claim::After(drawn.position + f64::from(later)),
                }
            }
            _ => Claim::Undrawn,
        }
    }

    /// The command for `tick` claims `view`.
    pub(crate) fn note(&mut self, tick: Tick, view: View) {
        if self.claims.len() == MAX_STEPS {
            self.claims.pop_front();
        }
        self.claims.push_back((tick, view));
    }

    /// What the command for `tick` claimed. Asked for by ascending tick.
    pub(crate) fn take(&mut self, tick: Tick) -> Option<View> {
        while let Some((at, view)) = self.claims.pop_front() {
            if at == tick {
                return Some(view);
            }
            if at.is_after(tick) {
                self.claims.push_front((at, view));
                break;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(from: u32) -> View {
        View {
            from: Tick(from),
            to: Tick(from + 2),
            fraction: 7,
        }
    }

    #[test]
    fn the_first_command_claims_the_picture_and_the_next_ones_a_tick_more_each() {
        let looks = Looks::default();
        let ms = Duration::from_millis;
        assert_eq!(looks.claim(Tick(11), ms(0)), Claim::Undrawn);
        looks.draw(Some(Drawn {
            at: ms(100),
            view: view(4),
            position: 3.5,
            ticked: Tick(10),
        }));
        assert_eq!(looks.claim(Tick(11), ms(160)), Claim::Picture(view(4)));
        assert_eq!(looks.claim(Tick(12), ms(160)), Claim::After(4.5));
        assert_eq!(looks.claim(Tick(14), ms(160)), Claim::After(6.5));
        assert_eq!(looks.claim(Tick(30), ms(351)), Claim::Undrawn);
    }

    #[test]
    fn a_clock_that_leaps_as_far_as_ticks_go_makes_no_trouble() {
        let looks = Looks::default();
        looks.draw(Some(Drawn {
            at: Duration::ZERO,
            view: view(4),
            position: 3.5,
            ticked: Tick(10),
        }));
        let far = looks.claim(Tick(10) + (1 << 31), Duration::ZERO);
        assert!(matches!(far, Claim::After(_)));
    }

    #[test]
    fn what_was_claimed_is_told_by_tick_and_not_remembered_for_ever() {
        let mut looks = Looks::default();
        for tick in 1..=100 {
            looks.note(Tick(tick), view(tick));
        }
        assert_eq!(looks.claims.len(), MAX_STEPS);
        assert_eq!(looks.take(Tick(3)), None, "too long ago");
        assert_eq!(looks.take(Tick(60)), Some(view(60)));
        assert_eq!(looks.take(Tick(60)), None);
        assert_eq!(looks.take(Tick(61)), Some(view(61)));
    }
}
