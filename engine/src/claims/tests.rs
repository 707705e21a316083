#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test knows its numbers"
)]

use super::*;

/// The server's end of a client that is sent a snapshot every second tick, and whose claims and acknowledgements the test makes.
struct Rig {
    claims: Claims,
    now: u32,
    /// Ticks there and back.
    round_trip: f64,
}

impl Rig {
    fn new(round_trip: f64) -> Self {
        Self {
            claims: Claims::new(60, 2),
            now: 100,
            round_trip,
        }
    }

    fn time(tick: f64) -> Duration {
        Duration::from_secs_f64(tick / 60.0)
    }

    /// One tick, and a command that arrives at its end with the claim to have seen the moment `age` ticks ago. Gives how many
    /// ticks ago the moment is that is believed.
    fn tick(&mut self, age: f64) -> f64 {
        self.now += 1;
        if self.now.is_multiple_of(2) {
            self.claims
                .note_sent(Tick(self.now), Self::time(self.now.into()));
        }
        let shown = (f64::from(self.now) - self.round_trip) as u32 & !1;
        self.claims.note_message();
        self.claims
            .note_shown(Tick(shown), Self::time(self.now.into()));
        self.claims.note_slack(2.0);
        self.claim(Self::view(f64::from(self.now) - age))
    }

    fn claim(&mut self, view: View) -> f64 {
        let now = Tick(self.now);
        let checked = self.claims.check(view, now + 2, Self::arrival(now));
        checked.map_or(f64::NAN, |view| {
            f64::from(now.since(view.from)) - view.reach(60.0)
        })
    }

    /// Right at the end of a tick, two ticks early.
    fn arrival(now: Tick) -> Arrival {
        Arrival {
            now,
            since_tick: 0.0,
        }
    }

    /// The view of a moment between two even ticks.
    fn view(at: f64) -> View {
        let from = at as u32 & !1;
        View {
            from: Tick(from),
            to: Tick(from + 2),
            fraction: ((at - f64::from(from)) * 128.0) as u8,
        }
    }

    fn settle(&mut self, age: f64) {
        for _ in 0..150 {
            self.tick(age);
        }
    }

    fn is_clamped(&mut self) -> bool {
        let tick = Tick(self.now) + 2;
        self.claims.viewing(Some(Self::view(0.0)), tick).clamped
    }
}

#[test]
fn an_honest_claim_is_believed_to_the_fraction() {
    let mut rig = Rig::new(6.0);
    rig.settle(10.0);
    for age in [10.0, 10.25, 9.5, 11.0] {
        assert_eq!(rig.tick(age), age);
        assert!(!rig.is_clamped(), "{age}");
    }
}

#[test]
fn a_claim_beside_the_habit_is_moved_to_the_edge_of_the_tolerance() {
    let mut rig = Rig::new(6.0);
    rig.settle(10.0);
    // Snapshots of two intervals, 4 ticks, after a round trip of 6 to 7.
    let edge = rig.tick(20.0);
    assert!((edge - 10.5).abs() < TOLERANCE + 1.0, "{edge}");
    assert!(rig.is_clamped());
    let other = rig.tick(2.0);
    assert!((edge - other - 2.0 * TOLERANCE).abs() < 0.1, "{other}");
    assert!(rig.is_clamped());
}

#[test]
fn a_habit_of_claiming_old_or_young_moments_is_not_believed_either() {
    // A client shows that it has something with its next picture only, so a tick less is legitimate.
    for (claimed, nearest) in [(25.0, 10.5), (1.0, 9.5)] {
        let mut rig = Rig::new(6.0);
        rig.settle(claimed);
        let believed = rig.tick(claimed);
        assert!((believed - nearest).abs() <= TOLERANCE + 0.6, "{believed}");
    }
}

#[test]
fn what_was_not_sent_was_not_seen() {
    let mut rig = Rig::new(6.0);
    rig.settle(10.0);
    let now = rig.now;
    let view = |from: u32, to: u32| View {
        from: Tick(from),
        to: Tick(to),
        fraction: 0,
    };
    let even = now & !1;
    for (from, to) in [
        (even - 9, even - 7),
        (even - 10, even - 6),
        (even - 100, even - 98),
        (even + 2, even + 4),
    ] {
        let age = rig.claim(view(from, to));
        assert!(rig.is_clamped(), "{from}..{to} of {now}");
        assert!((age - 10.5).abs() <= TOLERANCE + 1.0, "{age}");
    }
    let mut nothing = Claims::new(60, 2);
    let nowhere = nothing.check(view(2, 4), Tick(6), Rig::arrival(Tick(4)));
    assert_eq!(nowhere, None);
}

#[test]
fn late_acknowledgements_make_all_claims_old_alike() {
    // The picture is 4 ticks old when the client acts, and it says that it got everything 6 ticks later than it did.
    let mut rig = Rig::new(6.0);
    rig.settle(4.0);
    let believed = rig.tick(4.0);
    assert!(
        believed > 7.0,
        "it cannot shoot at its own picture any more"
    );
}

#[test]
fn jitter_gives_a_single_claim_no_more_freedom() {
    let mut rig = Rig::new(6.0);
    for i in 0..300 {
        rig.round_trip = if i % 16 < 4 { 14.0 } else { 6.0 };
        rig.tick(10.0);
    }
    assert!(rig.claims.leeway() > 4.0, "the link is unsteady");
    for age in [14.0, 6.0] {
        let believed = rig.tick(age);
        assert!((believed - 10.0).abs() <= TOLERANCE + 0.6, "{believed}");
        assert!(rig.is_clamped(), "{age}");
    }
}

#[test]
fn only_the_newest_snapshot_is_seen_carried_on() {
    let mut rig = Rig::new(6.0);
    rig.settle(10.0);
    // Nothing comes for six ticks.
    rig.round_trip = 14.0;
    for _ in 0..6 {
        rig.tick(10.0);
    }
    let newest = rig.claims.shown.unwrap();
    let over = f64::from(Tick(rig.now).since(newest)) - 10.0;
    assert!(over > 0.0, "{over}");
    let carried = |from| View {
        from,
        to: from,
        fraction: (over * 256.0 / 6.0) as u8,
    };
    rig.claims.note_message();
    rig.claim(carried(newest));
    assert!(!rig.is_clamped());
    // The next one comes after the picture: the message that shows it may still claim the one before.
    rig.claims.note_message();
    rig.claims.note_shown(newest + 2, Rig::time(rig.now.into()));
    rig.claim(carried(newest));
    assert!(!rig.is_clamped());
    rig.claims.note_message();
    rig.claim(carried(newest));
    assert!(rig.is_clamped());
}

#[test]
fn a_stall_that_holds_up_several_snapshots_counts_for_each() {
    let mut rig = Rig::new(6.0);
    rig.settle(10.0);
    rig.round_trip = 14.0;
    for _ in 0..8 {
        rig.tick(10.0);
    }
    rig.round_trip = 6.0;
    rig.tick(10.0);
    assert!(rig.claims.longest > 6.0, "{}", rig.claims.longest);
}

#[test]
fn nothing_grows_however_much_is_claimed() {
    let mut rig = Rig::new(6.0);
    for _ in 0..1000 {
        rig.tick(10.0);
        for _ in 0..8 {
            rig.claim(Rig::view(50.0));
        }
    }
    assert!(rig.claims.sent.len() <= 32 && rig.claims.judged.len() <= 64);
}
