//! Where the evidence comes from: queries to providers become ticks per arm.
//!
//! Edge: providers read the network. What they return is raw samples; `window` turns samples into ticks
//! and is pure. Absence is a value with a name, never a zero.

pub mod provider;
pub mod selector;
pub mod exposition;
pub mod substitute;
pub mod window;
pub mod collect;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::snapshot::model::{Absence, AbsenceCode, Direction, MetricKind};
use crate::support::text;
use crate::support::units::{Millis, Timestamp};

/// One metric of the plan, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricPlan {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub query: MetricQuery,
    /// Unit of its value.
    pub unit: String,
    /// Which way is worse.
    pub direction: Direction,
    /// Allowed ratio canary / baseline.
    pub margin: Option<f64>,
    /// Absolute difference that does not matter.
    pub floor: Option<f64>,
    /// Time after each change of weight whose samples are not judged.
    pub warm_up: Millis,
}

/// What a metric asks of its provider, in the provider's query language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetricQuery {
    /// Two selections of counters.
    Ratio {
        /// Bad events.
        bad: String,
        /// All events.
        total: String,
    },
    /// The `_bucket` counters of a classic histogram, or a native one, in seconds.
    Histogram(String),
    /// Counters.
    Rate(String),
    /// One series.
    Gauge(String),
}

impl MetricQuery {
    /// What the metric measures.
    #[must_use]
    pub fn kind(&self) -> MetricKind {
        match self {
            Self::Ratio { .. } => MetricKind::Ratio,
            Self::Histogram(_) => MetricKind::Latency,
            Self::Rate(_) => MetricKind::Rate,
            Self::Gauge(_) => MetricKind::Gauge,
        }
    }

    /// The queries in it.
    #[must_use]
    pub fn queries(&self) -> Vec<&str> {
        match self {
            Self::Ratio { bad, total } => vec![bad, total],
            Self::Histogram(query) | Self::Rate(query) | Self::Gauge(query) => vec![query],
        }
    }
}

/// The error budget of the plan, validated.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetPlan {
    /// Name of the ratio whose bad events use it up.
    pub metric: String,
    /// The share of events that has to be good, between 0 and 1.
    pub objective: f64,
    /// Asks how many events the period has had.
    pub total: String,
    /// Asks how many of them were bad.
    pub bad: String,
}

/// What a budget's period has had so far.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Period {
    /// Events; more than none.
    pub total: f64,
    /// Bad ones among them.
    pub bad: f64,
}

/// The span of samples that a look judges: ticks of `tick` length from `start` (exclusive) to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Ticks lie wholly after this instant. Samples before it only tell what was there; one at this instant
    /// is the left end of the first tick.
    pub start: Timestamp,
    /// Last instant that counts.
    pub end: Timestamp,
    /// Length of a tick.
    pub tick: Millis,
    /// Two adjacent samples that are further apart have a gap between them, not a tick.
    pub longest: Millis,
}

impl Window {
    /// The window from `start` to `end`, in which a sample that is missing from the ticks' grid is a gap.
    #[must_use]
    pub const fn new(start: Timestamp, end: Timestamp, tick: Millis) -> Self {
        Self { start, end, tick, longest: Millis(tick.0.saturating_mul(3) / 2) }
    }
}

/// A series of one arm as a provider returned it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RawSeries {
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Instants and values, ascending. Values may be NaN or infinite.
    pub points: Vec<(Timestamp, f64)>,
}

/// One tick of one arm.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// Its end.
    pub end: Timestamp,
    /// Its length: the time between the two samples whose difference it is.
    pub span: Millis,
    /// Events counted; 0 for a gauge.
    pub requests: f64,
    /// Events counted as bad; 0 unless the metric is a ratio.
    pub bad: f64,
    /// Level, for a gauge.
    pub level: f64,
    /// Events at or below each edge, cumulative; the last counts all. Empty unless a latency.
    pub buckets: Vec<f64>,
}

/// What one arm showed for one metric in a window.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ArmTicks {
    /// Ticks with data, oldest first.
    pub ticks: Vec<Tick>,
    /// Ticks of the window without data.
    pub missing: u32,
    /// Upper edges of the buckets in seconds, ascending, without the infinite one.
    pub edges: Vec<f64>,
    /// What was put right on the way.
    pub noted: Noted,
}

/// What was seen of an arm's series that its ticks do not tell, since it was put right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Noted {
    /// How often a process was seen to have counted from zero again.
    pub restarts: u32,
    /// Whether there was no counter of bad events, which with traffic means that none were bad.
    pub no_bad_series: bool,
}

/// One metric of both arms over a window: the input of `stats` and `snapshot::build`.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricEvidence {
    /// What was asked.
    pub plan: MetricPlan,
    /// The baseline arm.
    pub baseline: Result<ArmTicks, Absence>,
    /// The canary arm.
    pub canary: Result<ArmTicks, Absence>,
    /// Whether the metric's warm-up covers the whole window.
    pub warming_up: bool,
}

/// Which arm a query is for is never part of an answer; this is what went wrong instead.
pub type Answer = Result<Vec<RawSeries>, Absence>;

/// An absence that does not say yet which arm it is of. The message is made safe to show.
fn absent(code: AbsenceCode, message: &str) -> Absence {
    Absence { arm: None, code, message: text::line(message, text::SHOWN) }
}

/// The samples of one poll, as a provider that keeps its own history wants them recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Poll {
    /// When it was taken.
    pub at: Timestamp,
    /// What it saw; opaque to everybody but the provider.
    pub samples: serde_json::Value,
}
