//! The phases of Argo Rollouts: from conditions to a measurement, from measurements to a metric, from metrics to a run.
//!
//! As `utils/evaluate` and `analysis/analysis.go` of Argo Rollouts decide (github.com/argoproj/argo-rollouts, commit
//! `9f8d111`), where that differs from its documentation: without any condition a measurement is successful, an error
//! is retried after ten seconds whatever the interval, and what was ended from outside is successful.

/// How a measurement, a metric or a run stands.
///
/// The order is that of `Worse`: the phase of a run is that of its worst metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Good.
    Successful,
    /// Being measured.
    Running,
    /// Not measured yet.
    Pending,
    /// Neither good nor bad: a person is asked.
    Inconclusive,
    /// Could not be measured.
    Error,
    /// Bad.
    Failed,
}

impl Phase {
    /// The name in Argo's resources.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "Successful",
            Self::Running => "Running",
            Self::Pending => "Pending",
            Self::Inconclusive => "Inconclusive",
            Self::Error => "Error",
            Self::Failed => "Failed",
        }
    }

    /// Whether nothing more happens.
    #[must_use]
    pub fn is_completed(self) -> bool {
        !matches!(self, Self::Running | Self::Pending)
    }
}

/// Seconds until a measurement that was an error is taken again, whatever the interval.
pub const ERROR_RETRY_SECONDS: f64 = 10.0;

/// A condition could not be evaluated, as where it takes the first of no results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConditionError;

/// What a condition says; none where it is not configured. A comparison with NaN is false.
pub type Condition = Option<Result<bool, ConditionError>>;

/// The phase of a measurement.
#[must_use]
pub fn measurement(success: Condition, failure: Condition) -> Phase {
    match (success, failure) {
        (Some(Err(ConditionError)), _) | (_, Some(Err(ConditionError))) => Phase::Error,
        (_, Some(Ok(true))) | (Some(Ok(false)), None) => Phase::Failed,
        (None, None | Some(Ok(false))) | (Some(Ok(true)), _) => Phase::Successful,
        (Some(Ok(false)), Some(Ok(false))) => Phase::Inconclusive,
    }
}

/// The limits of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Measurements until the metric is complete; none for as long as the run lasts.
    pub count: Option<i64>,
    /// More failures than this in all fail the metric; -1 for no limit.
    pub failure: i64,
    /// More inconclusive measurements than this make the metric inconclusive; -1 for no limit.
    pub inconclusive: i64,
    /// More errors than this in a row make the metric an error.
    pub consecutive_error: i64,
    /// So many successes in a row complete the metric; 0 where that is not asked.
    pub consecutive_success: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { count: None, failure: 0, inconclusive: 0, consecutive_error: 4, consecutive_success: 0 }
    }
}

/// What has been measured of a metric.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Successful measurements.
    pub successful: i64,
    /// Failed measurements.
    pub failed: i64,
    /// Inconclusive measurements.
    pub inconclusive: i64,
    /// All of these.
    pub count: i64,
    /// Errors in a row; they are in no other counter but the last one.
    pub consecutive_error: i64,
    /// Successes in a row.
    pub consecutive_success: i64,
    /// Measurements taken, errors among them.
    pub measurements: i64,
}

impl Counters {
    /// Counts one more measurement.
    pub fn add(&mut self, phase: Phase) {
        self.measurements += 1;
        if phase == Phase::Error {
            self.consecutive_error += 1;
            return;
        }
        self.count += 1;
        self.consecutive_error = 0;
        match phase {
            Phase::Successful => {
                self.successful += 1;
                self.consecutive_success += 1;
                return;
            }
            Phase::Failed => self.failed += 1,
            Phase::Inconclusive => self.inconclusive += 1,
            Phase::Running | Phase::Pending | Phase::Error => {}
        }
        self.consecutive_success = 0;
    }
}

/// The phase of a metric; `terminating` says that the run is being ended from outside.
#[must_use]
pub fn metric(limits: &Limits, seen: &Counters, terminating: bool) -> Phase {
    if seen.measurements == 0 {
        return if terminating { Phase::Successful } else { Phase::Pending };
    }
    let exceeds = |seen: i64, limit: i64| limit >= 0 && seen > limit;
    let mut broken = None;
    if exceeds(seen.failed, limits.failure) {
        broken = Some(Phase::Failed);
    }
    if exceeds(seen.inconclusive, limits.inconclusive) {
        broken = Some(Phase::Inconclusive);
    }
    if seen.consecutive_error > limits.consecutive_error {
        broken = Some(Phase::Error);
    }
    if let Some(phase) = broken {
        return phase;
    }
    let in_a_row = limits.consecutive_success > 0;
    if in_a_row && seen.consecutive_success >= limits.consecutive_success {
        return Phase::Successful;
    }
    if limits.count.is_some_and(|count| seen.count >= count) {
        return match (in_a_row, limits.failure >= 0) {
            (false, _) => Phase::Successful,
            (true, false) => Phase::Failed,
            (true, true) => Phase::Inconclusive,
        };
    }
    if terminating { Phase::Successful } else { Phase::Running }
}

/// The phase of a run: that of its worst metric. One that has gone bad ends the others, and that makes them successful.
#[must_use]
pub fn run(metrics: &[(Limits, Counters)], terminating: bool) -> Phase {
    let worst = |terminating: bool| {
        let phases = metrics.iter().map(|(limits, seen)| metric(limits, seen, terminating));
        phases.max().unwrap_or(Phase::Successful)
    };
    let phase = worst(terminating);
    if phase.is_completed() && phase != Phase::Successful { worst(true) } else { phase }
}
