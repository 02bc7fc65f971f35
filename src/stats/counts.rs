//! What one tick showed of one kind of event in both arms, checked once so that no formula meets a hostile number.

use serde::{Deserialize, Serialize};

/// Why a tick is not evidence. Each has its own name; none of them counts for or against the canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// A count is NaN or infinite.
    #[error("a count is not a finite number")]
    NotFinite,
    /// A count is below zero.
    #[error("a count is negative")]
    Negative,
    /// More events than requests.
    #[error("more events were counted than requests")]
    MoreEventsThanRequests,
    /// Bucket counts that fall, or lists of different length.
    #[error("the bucket counts are not cumulative over their edges")]
    NotCumulative,
    /// Edges that are not finite and ascending.
    #[error("the bucket edges are not ascending")]
    EdgesNotAscending,
    /// The tick ends no later than one that was taken before.
    #[error("the tick is a duplicate or comes too late")]
    OutOfOrder,
}

impl Refusal {
    /// The stable name, as a policy sees it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFinite => "not-finite",
            Self::Negative => "negative",
            Self::MoreEventsThanRequests => "more-events-than-requests",
            Self::NotCumulative => "not-cumulative",
            Self::EdgesNotAscending => "edges-not-ascending",
            Self::OutOfOrder => "out-of-order",
        }
    }
}

/// Largest count that is told apart from its neighbours; greater ones are taken for it.
pub const LARGEST: f64 = 9_007_199_254_740_992.0;

/// Fewer requests than this are none: what extrapolation leaves of nothing.
const LEAST: f64 = 1e-6;

/// Events of both arms in one tick. Valid by construction: finite, not negative, no more events than requests.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    canary: f64,
    baseline: f64,
    canary_requests: f64,
    baseline_requests: f64,
}

impl Pair {
    /// `(events, requests)` of the canary and of the baseline. Counters may hold fractions.
    pub fn new(canary: (f64, f64), baseline: (f64, f64)) -> Result<Self, Refusal> {
        let all = [canary.0, canary.1, baseline.0, baseline.1];
        if !all.iter().all(|count| count.is_finite()) {
            return Err(Refusal::NotFinite);
        }
        if all.iter().any(|count| *count < 0.0) {
            return Err(Refusal::Negative);
        }
        // Sums of fractions differ in their last bits.
        let more = |(events, requests): (f64, f64)| events > requests * (1.0 + 1e-9);
        if more(canary) || more(baseline) {
            return Err(Refusal::MoreEventsThanRequests);
        }
        let bounded = |requests: f64| if requests < LEAST { 0.0 } else { requests.min(LARGEST) };
        let [canary_requests, baseline_requests] = [bounded(canary.1), bounded(baseline.1)];
        Ok(Self {
            canary: canary.0.min(canary_requests),
            baseline: baseline.0.min(baseline_requests),
            canary_requests,
            baseline_requests,
        })
    }

    /// The same tick with the arms exchanged.
    #[must_use]
    pub fn swapped(self) -> Self {
        Self {
            canary: self.baseline,
            baseline: self.canary,
            canary_requests: self.baseline_requests,
            baseline_requests: self.canary_requests,
        }
    }

    /// Events of the canary.
    #[must_use]
    pub fn canary(self) -> f64 {
        self.canary
    }

    /// Events of the baseline.
    #[must_use]
    pub fn baseline(self) -> f64 {
        self.baseline
    }

    /// Requests of the canary.
    #[must_use]
    pub fn canary_requests(self) -> f64 {
        self.canary_requests
    }

    /// Requests of the baseline.
    #[must_use]
    pub fn baseline_requests(self) -> f64 {
        self.baseline_requests
    }

    /// Events of both arms.
    #[must_use]
    pub fn events(self) -> f64 {
        self.canary + self.baseline
    }

    /// Whether the tick can tell the arms apart at all: both have traffic, and something happened.
    #[must_use]
    pub fn tells(self) -> bool {
        self.canary_requests > 0.0 && self.baseline_requests > 0.0 && self.events() > 0.0
    }

    /// The canary's odds of an event where its rate is `ratio` times the baseline's: `n_c·ratio / n_b`.
    #[must_use]
    pub fn odds(self, ratio: f64) -> f64 {
        self.canary_requests * ratio / self.baseline_requests
    }

    /// The canary's expected share of all events, `q(ratio) = n_c·ratio / (n_c·ratio + n_b)`.
    #[must_use]
    pub fn share(self, ratio: f64) -> f64 {
        let canary = self.canary_requests * ratio;
        canary / (canary + self.baseline_requests)
    }
}
