//! What moves traffic. Edge.
//!
//! A driver sets the whole split at once, reads it back, and never decides anything.

pub mod confirm;
pub mod driver;

use async_trait::async_trait;

use crate::support::units::Weight;

/// The split as the router itself reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The canary's share. None where the router's weights are no split that Rollgate could have set.
    pub weight: Option<Weight>,
    /// The weights in the router's own words, for people.
    pub detail: String,
    /// Changes when the router restarted and may have forgotten its weights; none where it cannot be told.
    pub generation: Option<String>,
}

/// Why a driver did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DriverError {
    /// The router cannot be reached, or did not answer in time. Asking again may help.
    #[error("{0}")]
    Unreachable(String),
    /// The router refused. Asking again will not help.
    #[error("{0}")]
    Refused(String),
}

/// What moves traffic between the arms.
#[async_trait]
pub trait Driver: Send {
    /// What it is and what it acts on, for people: `haproxy backend web: web-canary, web-stable`.
    fn describe(&self) -> String;

    /// Gives the canary this share and the baseline the rest. Idempotent. Not confirmed until [`Driver::read`] shows it.
    async fn set(&mut self, weight: Weight) -> Result<(), DriverError>;

    /// Reads the split back.
    async fn read(&mut self) -> Result<Reading, DriverError>;

    /// Where the arms are set one after the other: the split that the canary's weight alone belongs to, and the
    /// one that the baseline's does. They differ while only one of the two was told. None where a weight belongs
    /// to no split, or where a split is set at once.
    async fn halves(&mut self) -> Result<[Option<Weight>; 2], DriverError> {
        Ok([None, None])
    }

    /// Tells a driver without a router to ask what an earlier process set last.
    fn restore(&mut self, _: Weight) {}
}
