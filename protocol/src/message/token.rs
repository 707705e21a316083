//! What gives a seat back to the player who had it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A player's secret: whoever shows it takes part as that player. The server draws it at random and tells it to that player's
/// client alone, in its Welcome; the client says it in its next Hello, so that a lost socket does not cost it its place.
///
/// It shows nothing of itself in logs, and comparing two takes the same time wherever they differ.
#[derive(Clone, Copy, Eq, Serialize, Deserialize)]
pub struct Token([u8; Self::BYTES]);

impl Token {
    /// Its length: 128 bits cannot be guessed.
    pub const BYTES: usize = 16;

    /// A token of these bytes, which have to come from a source that nobody can foretell.
    #[must_use]
    pub const fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be kept as secret as it is.
    #[must_use]
    pub const fn bytes(&self) -> [u8; Self::BYTES] {
        self.0
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        let differs = |(a, b): (&u8, &u8)| a ^ b;
        let all = self.0.iter().zip(&other.0).map(differs);
        all.fold(0, |any, bits| any | bits) == 0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_it_is_right_and_none_of_it_is_shown() {
        let token = Token::new([7; 16]);
        for bit in 0..128 {
            let mut bytes = [7; 16];
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Token::new(bytes), token);
        }
        assert_eq!(Token::new([7; 16]), token);
        assert_eq!(format!("{token:?}"), "Token(secret)");
    }
}
