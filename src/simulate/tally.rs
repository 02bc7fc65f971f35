//! Counts how rollouts ended, and says how sure the shares are.

use serde::Serialize;

use super::judge::{Decision, Ended};
use super::scenario::Scenario;

/// How the rollouts of a scenario ended under a judge, in the order of the replicates.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    ended: Vec<Ended>,
}

impl Tally {
    /// Counts one more rollout.
    pub fn add(&mut self, ended: Ended) {
        self.ended.push(ended);
    }

    /// Counts the rollouts of another tally, which come after these.
    pub fn append(&mut self, mut other: Self) {
        self.ended.append(&mut other.ended);
    }

    /// The figures.
    #[must_use]
    pub fn row(&self, scenario: &Scenario, judge: &str) -> Row {
        let of = |decision: Decision| self.ended.iter().filter(move |ended| ended.decision == decision);
        let times = |decision: Decision| of(decision).map(|ended| ended.seconds).collect::<Vec<_>>();
        let count = |decision: Decision| of(decision).count() as u64;
        let replicates = self.ended.len() as u64;
        let mean = |value: fn(&Ended) -> u64| {
            let (sum, count) = of(Decision::Rollback)
                .fold((0.0, 0.0), |(sum, count), ended| (sum + value(ended) as f64, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let (rollback, promote) = (count(Decision::Rollback), count(Decision::Promote));
        Row {
            scenario: scenario.name.into(),
            kind: scenario.kind.as_str().into(),
            in_mean: scenario.in_mean,
            judge: judge.into(),
            replicates,
            rollback,
            promote,
            undecided: count(Decision::Undecided),
            rollback_rate: Share::of(rollback, replicates),
            promote_rate: Share::of(promote, replicates),
            time_to_rollback: Times::of(times(Decision::Rollback)),
            time_to_promote: Times::of(times(Decision::Promote)),
            canary_requests_before_rollback: mean(|ended| ended.canary_requests),
            canary_errors_before_rollback: mean(|ended| ended.canary_errors),
        }
    }
}

/// The figures of one judge in one scenario. Times in seconds since the rollout began.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Name of the scenario.
    pub scenario: String,
    /// `null` or `regression`.
    pub kind: String,
    /// Whether it counts in the means over its kind.
    pub in_mean: bool,
    /// Name of the judge.
    pub judge: String,
    /// Rollouts.
    pub replicates: u64,
    /// Those of them that were rolled back.
    pub rollback: u64,
    /// Those of them that were promoted.
    pub promote: u64,
    /// Those of them that the judge left undecided at the deadline.
    pub undecided: u64,
    /// Share rolled back.
    pub rollback_rate: Share,
    /// Share promoted.
    pub promote_rate: Share,
    /// Of those that were rolled back.
    pub time_to_rollback: Times,
    /// Of those that were promoted.
    pub time_to_promote: Times,
    /// Mean of the requests that the canary got before it was rolled back; none where none was.
    pub canary_requests_before_rollback: Option<f64>,
    /// Mean of those of them that failed.
    pub canary_errors_before_rollback: Option<f64>,
}

/// Median and 90th percentile, in seconds: the least value that so many do not exceed. None of nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Times {
    /// Half do not exceed it.
    pub median: Option<f64>,
    /// Nine in ten do not exceed it.
    pub p90: Option<f64>,
}

impl Times {
    fn of(mut seconds: Vec<f64>) -> Self {
        seconds.sort_unstable_by(f64::total_cmp);
        let at = |tenths: usize| {
            let rank = (seconds.len() * tenths).div_ceil(10);
            rank.checked_sub(1).and_then(|index| seconds.get(index).copied())
        };
        Self { median: at(5), p90: at(9) }
    }
}

/// A share of rollouts with its 95 % interval, all 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Share {
    /// The share.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Share {
    /// `hits` of `n` with the exact two-sided interval at 95 % (Clopper and Pearson, Biometrika 26(4), 1934): each end
    /// is the probability under which what was seen, or more to its side, would come in 2.5 % of the cases.
    #[must_use]
    pub fn of(hits: u64, n: u64) -> Self {
        if n == 0 {
            return Self { value: 0.0, low: 0.0, high: 1.0 };
        }
        let low = if hits == 0 { 0.0 } else { solve(|p| 1.0 - at_most(hits - 1, n, p) < 0.025) };
        let high = if hits >= n { 1.0 } else { solve(|p| at_most(hits, n, p) > 0.025) };
        Self { value: hits as f64 / n as f64, low, high }
    }
}

/// Where a condition that holds at 0 and not at 1 ceases to hold.
fn solve(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The probability of at most `hits` of `n`, each with probability `p` within (0, 1).
fn at_most(hits: u64, n: u64, p: f64) -> f64 {
    // From the term at `hits` downwards, each from the one before; a term that is nothing ends it.
    if hits * 2 > n {
        return 1.0 - if hits >= n { 0.0 } else { at_most(n - hits - 1, n, 1.0 - p) };
    }
    let (hits_f, n_f) = (hits as f64, n as f64);
    let ln_choose: f64 = (0..hits).map(|at| ((n_f - at as f64) / (hits_f - at as f64)).ln()).sum();
    let mut term = (ln_choose + hits_f * p.ln() + (n_f - hits_f) * (-p).ln_1p()).exp();
    if term <= 0.0 {
        // Far below the mean everything is above, far above it everything is below.
        return if hits_f < n_f * p { 0.0 } else { 1.0 };
    }
    let (mut sum, mut k) = (0.0, hits_f);
    loop {
        sum += term;
        if k <= 0.0 || (term < sum * 1e-17 && k < n_f * p) {
            return sum.min(1.0);
        }
        term *= k / (n_f - k + 1.0) * (1.0 - p) / p;
        k -= 1.0;
    }
}
