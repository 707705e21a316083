//! Who finds a place in a room.

use tickwire_engine::Room;

use super::Trial;

/// Where there is a place for somebody who is not a player yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One that nobody has.
    Free,
    /// Only that of a seat that is kept for another.
    Kept,
}

impl Place {
    /// Only players on connections fill a room.
    pub(super) fn of<G: Trial>(room: &Room<G>, most: usize) -> Option<Self> {
        let (players, kept) = (room.player_count(), room.kept_seats());
        match players + kept {
            taken if taken < most => Some(Self::Free),
            _ => (players < most).then_some(Self::Kept),
        }
    }
}
