//! The only place that reads the wall clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::units::{Millis, Timestamp};

/// Where "now" comes from.
pub trait Clock: Send + Sync {
    /// The instant.
    fn now(&self) -> Timestamp;
}

/// The machine's clock, read once; from then on time passes as the processor's counter says, so that a wall
/// clock that is set does not make steps longer or shorter.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    began: Instant,
    at: Timestamp,
}

impl SystemClock {
    /// The clock as it shows now.
    #[expect(clippy::disallowed_methods, reason = "this is the module that the others go through")]
    #[must_use]
    pub fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { began: Instant::now(), at: Timestamp(whole_millis(since_epoch)) }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.at.after(Millis(whole_millis(self.began.elapsed())))
    }
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
