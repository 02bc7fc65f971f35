//! What a journal holds, as values. Pure: reading and writing it is `journal`'s.

use serde::{Deserialize, Serialize};

use super::machine::Event;
use crate::support::units::{Sha256, Timestamp, Weight};

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// This effect is about to happen; the event that follows tells what came of it.
    Intent(Intent),
    /// This happened.
    Event(Event),
}

/// An effect that is about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// The canary is being given this share.
    Shift(Weight),
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Line {
    /// Version of the format.
    pub version: u32,
    /// Number of the line, from 0.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub entry: Entry,
    /// Digest of the line before, without its newline; none in the first.
    pub previous: Option<Sha256>,
}
