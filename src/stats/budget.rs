//! Error budgets: what an objective allows over its period, and how fast it is being used up.
//!
//! Beyer, Murphy, Rensin, Kawahara & Thorne (eds.), The Site Reliability Workbook, 2018, chapter 5.

/// A rule on two windows: it fires where the burn rate of both exceeds the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BurnRule {
    /// The long window.
    pub long_s: f64,
    /// The short one, a twelfth of it: it ends the alert soon after the burning ends.
    pub short_s: f64,
    /// Burn rate above which it fires.
    pub threshold: f64,
    /// Whether somebody is to be woken.
    pub page: bool,
}

const HOUR: f64 = 3600.0;

/// The recommended rules for a period of 30 days (ibid., table 5-8): 2 % of the budget in an hour, 5 % in six hours,
/// 10 % in three days.
pub const RULES: [BurnRule; 3] = [
    BurnRule { long_s: HOUR, short_s: HOUR / 12.0, threshold: 14.4, page: true },
    BurnRule { long_s: 6.0 * HOUR, short_s: HOUR / 2.0, threshold: 6.0, page: true },
    BurnRule { long_s: 72.0 * HOUR, short_s: 6.0 * HOUR, threshold: 1.0, page: false },
];

/// An objective that leaves a budget.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    objective: f64,
    period_s: f64,
}

impl Objective {
    /// `objective` between 0 and 1, both excluded, over a period in seconds.
    #[must_use]
    pub fn new(objective: f64, period_s: f64) -> Option<Self> {
        (objective > 0.0 && objective < 1.0 && period_s > 0.0 && period_s.is_finite())
            .then_some(Self { objective, period_s })
    }

    /// The share of requests that may fail.
    #[must_use]
    pub fn budget(&self) -> f64 {
        1.0 - self.objective
    }

    /// Error rate over budget: 1 uses the budget up exactly at the end of the period.
    #[must_use]
    pub fn burn_rate(&self, error_rate: f64) -> f64 {
        error_rate / self.budget()
    }

    /// Share of the budget that burning at `burn_rate` for `window_s` uses.
    #[must_use]
    pub fn used(&self, burn_rate: f64, window_s: f64) -> f64 {
        burn_rate * window_s / self.period_s
    }

    /// Seconds until a whole budget is used up at `burn_rate`; none where it never is.
    #[must_use]
    pub fn exhausted_after(&self, burn_rate: f64) -> Option<f64> {
        (burn_rate > 0.0).then(|| self.period_s / burn_rate).filter(|seconds| seconds.is_finite())
    }

    /// Seconds until a rule fires once errors come at `error_rate`; none where its long window ends before.
    #[must_use]
    pub fn detected_after(&self, rule: &BurnRule, error_rate: f64) -> Option<f64> {
        let seconds = rule.long_s * rule.threshold * self.budget() / error_rate;
        (seconds <= rule.long_s).then_some(seconds)
    }

    /// Share of the period's budget that a canary has burnt over what the baseline would have: its requests times the
    /// excess of its error rate, over budget times the requests of a period.
    #[must_use]
    pub fn burnt_by_canary(
        &self,
        canary_requests: f64,
        excess_rate: f64,
        period_requests: f64,
    ) -> Option<f64> {
        let burnt = canary_requests * excess_rate.max(0.0) / (self.budget() * period_requests);
        (period_requests > 0.0 && burnt.is_finite()).then_some(burnt)
    }
}

impl BurnRule {
    /// Whether it fires at the burn rates of its windows.
    #[must_use]
    pub fn fires(&self, long: f64, short: f64) -> bool {
        long > self.threshold && short > self.threshold
    }
}
