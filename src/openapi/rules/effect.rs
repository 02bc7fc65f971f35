//! What a change does to the set of messages, from which its level follows.

use crate::openapi::finding::{Direction, Level};

/// What a change does to the set of messages that a description admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Fewer messages: breaks who sends, so it breaks clients in requests.
    Narrows,
    /// More messages: breaks who reads, so it breaks clients in responses.
    Widens,
    /// Other messages, or a promise that is not kept: breaks clients either way.
    Breaks,
    /// It depends on what the change cannot show.
    Unclear,
    /// Same messages.
    Tells,
}

impl Effect {
    /// How bad the change is for clients in messages that go this way.
    #[must_use]
    pub fn level(self, direction: Direction) -> Level {
        match (self, direction) {
            (Self::Breaks, _)
            | (Self::Narrows, Direction::Request | Direction::None)
            | (Self::Widens, Direction::Response) => Level::Error,
            (Self::Narrows, Direction::Response)
            | (Self::Widens, Direction::Request | Direction::None)
            | (Self::Tells, _) => Level::Info,
            (Self::Unclear, _) => Level::Warn,
        }
    }
}
