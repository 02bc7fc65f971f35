//! What a running controller tells whoever watches it: the terminal, a report, a test.

use super::machine::{Event, State};
use super::record::{Header, LookRecord};
use crate::support::units::Timestamp;

/// Something that happened in a running rollout.
#[derive(Debug)]
pub enum Progress<'a> {
    /// The controller has taken up the run, newly or after another process.
    Began {
        /// The run.
        header: &'a Header,
        /// Whether an earlier process had begun it.
        resumed: bool,
    },
    /// An event was journalled; `state` is the one after it.
    Event {
        /// When.
        at: Timestamp,
        /// What.
        event: &'a Event,
        /// Where that leads.
        state: &'a State,
    },
    /// A look was taken; its event follows.
    Look(&'a LookRecord),
    /// Something outside did not work; the rollout goes on. Sanitised.
    Trouble {
        /// When.
        at: Timestamp,
        /// What failed.
        message: &'a str,
    },
    /// Nothing is due before `until`. Told about five times a second, for whoever shows a countdown.
    Waiting {
        /// Now.
        now: Timestamp,
        /// When something is due.
        until: Timestamp,
        /// The state.
        state: &'a State,
    },
}

/// Whoever watches a rollout.
pub trait Observer: Send {
    /// Takes notice; must return at once.
    fn on(&mut self, progress: &Progress<'_>);
}

/// Watches without a word.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&mut self, _: &Progress<'_>) {}
}
