//! What can be switched off, to feel what it is worth.

/// Which remedies against a slow link are on. All of them, unless somebody wants to feel the game without one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feel {
    /// The own entity is drawn in the present, by the commands that the server will get; otherwise as the newest snapshot has it.
    pub prediction: bool,
    /// The others are drawn between two snapshots, a little in the past; otherwise as the newest snapshot has them.
    pub interpolation: bool,
    /// Commands claim the picture that the player had, so that the server can judge shots by it; otherwise they claim nothing, and
    /// shots are judged by the server's present.
    pub compensation: bool,
}

impl Default for Feel {
    /// All on.
    fn default() -> Self {
        Self {
            prediction: true,
            interpolation: true,
            compensation: true,
        }
    }
}
