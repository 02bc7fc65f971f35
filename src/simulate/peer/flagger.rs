//! The loop of Flagger: weights, failed checks and phases.
//!
//! As `pkg/controller/scheduler.go` of Flagger advances a canary (github.com/fluxcd/flagger, commit `15bd6ad`). The
//! failed checks are never forgotten, the rollback comes one interval after the last of them, and whatever keeps a
//! check from an answer is a failed check.

/// How a canary stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Being analysed.
    Progressing,
    /// Taking over.
    Promoting,
    /// Rolled back.
    Failed,
}

impl Phase {
    /// The name in Flagger's resources.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Progressing => "Progressing",
            Self::Promoting => "Promoting",
            Self::Failed => "Failed",
        }
    }
}

/// The analysis of a canary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Analysis {
    /// So many failed checks roll back.
    pub threshold: u32,
    /// Share of the traffic that each passed check adds, in percent.
    pub step_weight: u32,
    /// Share at which a passed check promotes, in percent.
    pub max_weight: u32,
}

/// What a round of checks found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Every value is within its range.
    Passed,
    /// A value is out of its range.
    OutOfRange,
    /// There is no value, or it is not a number: taken for a canary that gets no traffic.
    NoData,
    /// The provider could not be asked.
    QueryError,
}

/// A canary between two intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Canary {
    /// Its phase.
    pub phase: Phase,
    /// Its share of the traffic in percent.
    pub weight: u32,
    /// Checks that have failed since its revision was first seen.
    pub failed_checks: u32,
}

impl Canary {
    /// A canary whose analysis begins.
    pub const NEW: Self = Self { phase: Phase::Progressing, weight: 0, failed_checks: 0 };

    /// The canary after one more interval. `check` is not asked where the interval decides without it: on the first,
    /// which only lets traffic in, and where the checks that failed before are enough.
    #[must_use]
    pub fn advance(self, analysis: &Analysis, check: impl FnOnce() -> Check) -> Self {
        if self.phase != Phase::Progressing {
            return self;
        }
        if self.failed_checks >= analysis.threshold {
            return Self { phase: Phase::Failed, weight: 0, ..self };
        }
        let first = self.weight == 0;
        if !first && check() != Check::Passed {
            return Self { failed_checks: self.failed_checks + 1, ..self };
        }
        if self.weight >= analysis.max_weight {
            return Self { phase: Phase::Promoting, ..self };
        }
        let weight = self.weight.saturating_add(analysis.step_weight).min(analysis.max_weight);
        Self { weight, ..self }
    }
}
