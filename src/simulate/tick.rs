//! What a provider tells of a tick: the counts of both arms, or nothing.

use crate::stats::histogram;

/// Upper edges of the latency buckets of simulated services in seconds, without the infinite one.
pub const EDGES: [f64; 21] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0,
    7.5, 10.0,
];

/// The counts of one arm over some time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests.
    pub requests: u64,
    /// Those of them that failed.
    pub errors: u64,
    /// Those of them that took at most each bucket edge; as many as there are edges, or none.
    pub cumulative: Vec<u64>,
    /// Those of them of which nobody knows how long they took.
    pub untimed: u64,
}

impl Counts {
    /// Adds the counts of other time.
    pub fn add(&mut self, other: &Self) {
        self.requests = self.requests.saturating_add(other.requests);
        self.errors = self.errors.saturating_add(other.errors);
        self.untimed = self.untimed.saturating_add(other.untimed);
        if self.cumulative.is_empty() {
            self.cumulative.clone_from(&other.cumulative);
        } else {
            for (count, more) in self.cumulative.iter_mut().zip(&other.cumulative) {
                *count = count.saturating_add(*more);
            }
        }
    }

    /// Errors over requests; none without requests.
    #[must_use]
    pub fn error_rate(&self) -> Option<f64> {
        (self.requests > 0).then(|| self.errors as f64 / self.requests as f64)
    }

    /// The `q`-quantile of the latency in seconds, interpolated as a provider does; none without requests or buckets.
    #[must_use]
    pub fn quantile(&self, edges: &[f64], q: f64) -> Option<f64> {
        if self.cumulative.is_empty() {
            return None;
        }
        let cumulative: Vec<f64> =
            self.cumulative.iter().chain([&self.timed()]).map(|count| *count as f64).collect();
        histogram::quantile(edges, &cumulative, q)
    }

    /// Requests of which it is known how long they took.
    #[must_use]
    pub fn timed(&self) -> u64 {
        self.requests.saturating_sub(self.untimed)
    }

    /// Requests that took longer than the edge at this index.
    #[must_use]
    pub fn slower(&self, edge: usize) -> u64 {
        self.cumulative.get(edge).map_or(0, |faster| self.timed().saturating_sub(*faster))
    }
}

/// What was told of both arms in one tick.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// When it ends, in seconds since the rollout began.
    pub end: f64,
    /// How long it is, in seconds.
    pub seconds: f64,
    /// Share of the traffic that the canary is meant to get, 0 to 1; none where that is not known.
    pub weight: Option<f64>,
    /// The baseline; none in a gap.
    pub baseline: Option<Counts>,
    /// The canary; none in a gap.
    pub canary: Option<Counts>,
}

/// A rollout from first canary traffic to its deadline.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollout {
    /// Upper edges of the latency buckets in seconds.
    pub edges: Vec<f64>,
    /// The ticks in the order of their ends.
    pub ticks: Vec<Tick>,
    /// For each tick what the canary really did, seen or not.
    pub exposure: Vec<Exposure>,
}

/// What users met at the canary in one tick.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Requests that it got.
    pub requests: u64,
    /// Those of them that failed.
    pub errors: u64,
}

impl Rollout {
    /// What users met at the canary up to and with the tick at `index`.
    #[must_use]
    pub fn exposed(&self, index: usize) -> Exposure {
        self.exposure.iter().take(index + 1).fold(Exposure::default(), |sum, tick| Exposure {
            requests: sum.requests.saturating_add(tick.requests),
            errors: sum.errors.saturating_add(tick.errors),
        })
    }
}
