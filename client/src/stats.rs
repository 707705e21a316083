//! Figures of a connection.

use std::time::Duration;

use tickwire_protocol::message::{Health, ServerMessage, is_control};

/// What the server made of an own shot, beside what it had looked like on the own screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShotOutcome {
    /// It hit somebody on the screen, and the same one on the server.
    Confirmed,
    /// It hit somebody on the screen, and on the server that one, or who fired it, was dead by then.
    Dead,
    /// It hit somebody on the screen, and nobody or somebody else on the server, or it never left there.
    Denied,
    /// It hit nobody on the screen, and somebody on the server.
    Gift,
    /// It hit nobody on either.
    Missed,
}

/// How the connection does, as of the last `tick`. Times are zero as long as they are unknown.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Stats {
    /// The usual round trip.
    pub rtt: Duration,
    /// What 19 of 20 round trips take at most, of the last 20 pings.
    pub rtt_p95: Duration,
    /// How much longer a round trip takes at times (9th decile minus median).
    pub jitter: Duration,
    /// How far ahead of the server commands are made.
    pub lead: Duration,
    /// How long before their ticks the last measured commands reached the server, in seconds: the middle one; negative when it
    /// came late.
    pub slack: Option<f32>,
    /// The middle of the last few seconds, likewise.
    pub slack_p50: Option<f32>,
    /// The 1st percentile of the last few seconds, likewise: what steers the clock.
    pub slack_p1: Option<f32>,
    /// How much faster than time commands are made just now, −0.05 to 0.05.
    pub dilation: f32,
    /// How late one in a thousand of the server's ticks begins, as it says once a second.
    pub server_start_p999: Duration,
    /// How long one in a thousand of the server's ticks takes, likewise.
    pub server_tick_p999: Duration,
    /// How long ago the newest snapshot was made.
    pub snapshot_age: Duration,
    /// How long ago the other entities were where they are drawn.
    pub view_age: Duration,
    /// How far behind the usual arrival of snapshots the view is.
    pub interpolation_delay: Duration,
    /// How far the prediction for the newest snapshot's tick was from it, in quanta of the column that was furthest off; 0 when
    /// it was right, or there was none.
    pub prediction_error: u32,
    /// By how much the last correction moved the own entity, in the game's lengths.
    pub correction_size: f32,
    /// How often the server's word changed what is predicted for the present: what a player may feel. This and what follows
    /// counts over all connections.
    pub corrections: u64,
    /// How often a snapshot was not as predicted: corrections, and what later commands had made up for by then (a glance
    /// aside, say, in a command that came late).
    pub mispredictions: u64,
    /// Ticks that were predicted once more after a misprediction.
    pub replayed_ticks: u64,
    /// What the player's own commands brought about and was shown at once ([`Game::spawns`](tickwire_protocol::Game::spawns)).
    pub spawns: u64,
    /// How much of that the server has spawned, too.
    pub matched_spawns: u64,
    /// How much of it the server has not, so that it vanished again.
    pub refused_spawns: u64,
    /// Snapshots that came.
    pub snapshots: u64,
    /// Snapshots that the server left out, because the connection was full.
    pub skipped: u64,
    /// Calls of `tick` after the first snapshot.
    pub pictures: u64,
    /// Those of them in which no newer snapshot was there to blend to.
    pub starved: u64,
    /// Ticks that were skipped after a pause, because they were too many to run.
    pub jumped_ticks: u64,
    /// Commands that reached the server, as it says once a second.
    pub commands: u64,
    /// How many of them came after their tick had begun, and moved nobody.
    pub late: u64,
    /// Snapshots that the server says it left out.
    pub left_out: u64,
    /// Own shots that left on the own screen and of which it is known what the server made of them: see
    /// [`Client::note_shot`](crate::Client::note_shot).
    pub shots: u64,
    /// Those of them that hit somebody on the own screen.
    pub hits: u64,
    /// Those of these hits that the server confirmed: it hit the same one.
    pub agreed: u64,
    /// Those of these hits that could not count: on the server the victim or the player was dead by then. The dead are not brought
    /// back for a shot, so screen and server agree in `agreed` of `hits - dead`.
    pub dead: u64,
    /// Shots that hit nobody on the own screen, and somebody on the server.
    pub gifts: u64,
    /// Ticks in which the server looked back for the player, to judge a shot, say; as it tells once a second.
    pub looks: u64,
    /// Those of them in which it looked at another moment than the client had claimed.
    pub clamped: u64,
    /// Bytes of all messages from the server.
    pub bytes_in: u64,
    /// Of these: snapshots.
    pub snapshot_bytes_in: u64,
    /// Of these: events.
    pub event_bytes_in: u64,
    /// Of these: what concerns the connection itself.
    pub control_bytes_in: u64,
    /// Bytes of all messages to the server.
    pub bytes_out: u64,
    /// Of these: what concerns the connection itself; the others are commands.
    pub control_bytes_out: u64,
}

impl Stats {
    pub(crate) fn note_shot(&mut self, shot: ShotOutcome) {
        self.shots += 1;
        self.hits += u64::from(!matches!(shot, ShotOutcome::Missed | ShotOutcome::Gift));
        self.agreed += u64::from(shot == ShotOutcome::Confirmed);
        self.dead += u64::from(shot == ShotOutcome::Dead);
        self.gifts += u64::from(shot == ShotOutcome::Gift);
    }

    /// A message of `len` bytes has come.
    pub(crate) fn count_message(&mut self, message: &ServerMessage<'_>, len: usize) {
        let len = len as u64;
        self.bytes_in += len;
        *match message {
            ServerMessage::Snapshot(..) => &mut self.snapshot_bytes_in,
            ServerMessage::Events(_) => &mut self.event_bytes_in,
            ServerMessage::Control(_) => &mut self.control_bytes_in,
        } += len;
    }

    /// A message goes.
    pub(crate) fn count_sent(&mut self, message: &[u8]) {
        let len = message.len() as u64;
        self.bytes_out += len;
        if is_control(message) {
            self.control_bytes_out += len;
        }
    }

    /// The server told how it does.
    pub(crate) fn hear_health(&mut self, health: &Health) {
        let us = |us: u32| Duration::from_micros(u64::from(us));
        self.server_start_p999 = us(health.start_p999_us);
        self.server_tick_p999 = us(health.tick_p999_us);
        self.commands += u64::from(health.commands);
        self.late += u64::from(health.late);
        self.left_out += u64::from(health.skipped);
        self.looks += u64::from(health.looks);
        self.clamped += u64::from(health.clamped);
    }
}
