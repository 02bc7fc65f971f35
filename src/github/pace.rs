//! Time between requests: what is waited for, and how long at most.
//!
//! The invariant: nothing in this room waits but through a [`Timer`], so that a test waits for nothing.

use async_trait::async_trait;

use crate::support::clock::{Clock, SystemClock};
use crate::support::units::{Millis, Timestamp};

/// Tells the time and lets it pass.
#[async_trait]
pub trait Timer: Send + Sync {
    /// The instant.
    fn now(&self) -> Timestamp;

    /// Returns when `span` has passed.
    async fn sleep(&self, span: Millis);
}

/// The machine's time.
#[derive(Debug, Clone, Copy)]
pub struct SystemTimer(SystemClock);

impl SystemTimer {
    /// The time as it is now.
    #[must_use]
    pub fn start() -> Self {
        Self(SystemClock::start())
    }
}

#[async_trait]
impl Timer for SystemTimer {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, span: Millis) {
        tokio::time::sleep(span.into()).await;
    }
}
