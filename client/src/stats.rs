//! Figures of a connection.

use std::time::Duration;

/// How the connection does, as of the last `tick`. Times are zero as long as they are unknown.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Stats {
    /// The usual round trip.
    pub rtt: Duration,
    /// How much longer a round trip takes at times (9th decile minus median).
    pub jitter: Duration,
    /// How far ahead of the server commands are made.
    pub lead: Duration,
    /// How long before its tick the last measured command reached the server, in seconds; negative when it came late.
    pub slack: Option<f32>,
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
    /// Bytes of all messages from the server.
    pub bytes_in: u64,
    /// Bytes of all messages to the server.
    pub bytes_out: u64,
}
