//! The providers, one file each.

pub mod scrape;

use async_trait::async_trait;

use super::{Answer, Poll, Window};
use crate::snapshot::model::ArmName;
use crate::support::units::Timestamp;

/// What answers metric queries.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Called once per tick. A provider without a server behind it reads its targets now and returns
    /// what it saw, so that a later process can [`Provider::restore`] it; the others do nothing.
    async fn poll(&mut self, now: Timestamp) -> Option<Poll>;

    /// Takes back the polls of an earlier process, oldest first.
    fn restore(&mut self, polls: Vec<Poll>);

    /// The series of `arm` that `query` selects, with the points of the window and the last one before it.
    /// Both arms of a look are asked for the same window.
    async fn select(&self, arm: ArmName, query: &str, window: Window) -> Answer;
}
