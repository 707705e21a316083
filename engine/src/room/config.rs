//! What a room is told at its start.

use std::time::Duration;

use tickwire_protocol::Cadence;
use tickwire_protocol::limits::HISTORY_TICKS;

/// The settings of a room.
#[derive(Debug, Clone)]
pub struct RoomConfig {
    /// Players, at most: those on connections, and those whose seats are kept. A kept seat refuses nobody: in a full room the one
    /// that has been away longest gives way to a newcomer. Bots do not count.
    pub max_players: usize,
    /// Ticks from one snapshot to the next, 1 to 32.
    pub snapshot_interval: u8,
    /// What each client is sent, in kbit/s (1000 bits per second), with the frames of the WebSocket and without the headers of
    /// TCP and IP; 0 for no limit. After a pause a client may get a quarter of a second's worth at once.
    ///
    /// When snapshots ask for more, rows wait, those first that matter least: a row's priority is its
    /// [weight](crate::Interest::weight) times the ticks since the version that the client has, or since it should have had the
    /// row, and grows until it is sent. Events, removals and the player's own entity always go, and one other row in each
    /// snapshot at least.
    ///
    /// So every row that a player should see and that changes is sent at least once in *k* ticks: when *n* rows wait that all
    /// weigh the same, and each snapshot has a place for *m* of them, *k* = (⌈*n* / *m*⌉ + 1) × the snapshot interval × its
    /// tier's period. If weights differ, a row of weight *w* among rows that weigh *W* together waits for no more than the
    /// least number *t* of snapshots with *m* × *t* ≥ *n* + (*W* / *w*) × (1 + ln *t*).
    pub budget: u32,
    /// For how long the seat of a player whose connection is lost is kept: who comes back in time has the same entity, with all
    /// that the game knows of it. Meanwhile the player stands as soon as the last command is 150 ms old (see
    /// [`Away`](crate::Away)), and makes way for a newcomer when the room is full. Zero: the player leaves at once. Who leaves on
    /// purpose gives the seat up.
    pub seat_kept: Duration,
    /// For how long a player stays on the field whose page is hidden, or whose connection is lost; it stands there as soon as the
    /// last command is 150 ms old. Then it is marked [`Hidden`](crate::Hidden), by which the game takes it out of play until somebody
    /// looks again. `None`: it stands for as long as that lasts.
    pub hidden_stands: Option<Duration>,
}

impl Default for RoomConfig {
    /// 64 players, a snapshot every second tick, 256 kbit/s for each, seats kept for 30 s, hidden players stand.
    fn default() -> Self {
        Self {
            max_players: 64,
            snapshot_interval: 2,
            budget: 256,
            seat_kept: Duration::from_secs(30),
            hidden_stands: None,
        }
    }
}

/// Snapshots of this interval with these tiers. No baseline would last for a period of 64 ticks, so longer ones are shortened.
pub(super) fn cadence(interval: u8, periods: &[u8]) -> Cadence {
    let longest = (HISTORY_TICKS - 1) / u32::from(interval);
    let longest = u8::try_from(longest).unwrap_or(u8::MAX);
    let periods: Vec<_> = periods.iter().map(|period| *period.min(&longest)).collect();
    Cadence::with_tiers(interval, &periods)
}
