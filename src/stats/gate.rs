//! From the evidence of several metrics to one decision: roll back, promote, or not decided, with the reason.
//!
//! Rollback: the weighted mean of the metrics' e-values reaches 1/α, which holds under any dependence between them
//! and is never later than a Bonferroni correction of e-values (Vovk & Wang, "E-values: calibration, combination and
//! applications", Annals of Statistics 49(3), 2021, Prop. 3.1). Promotion: every metric shows that it is safe enough
//! (intersection-union, Berger 1982), after the minimum bake time. Absence of evidence decides nothing.

use serde::{Deserialize, Serialize};

use super::forecast::Traffic;
use super::metric::{Evidence, Measure, Settings, Standing, State};
use super::special::log_sum;

/// The probabilities of the two errors, and the least time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Levels {
    /// Probability at most of rolling back a canary that is no worse than the margins allow.
    pub alpha: f64,
    /// Probability at most of promoting a canary that is worse than the ceiling in some metric.
    pub beta: f64,
    /// No promotion before this much time with canary traffic.
    pub min_bake_ms: u64,
    /// No promotion before this many judged requests of the canary.
    pub min_requests: u64,
}

impl Default for Levels {
    fn default() -> Self {
        // A failure that one in a thousand requests meets is met by one of 4400 with a probability of 98.8 %.
        Self { alpha: 0.01, beta: 0.05, min_bake_ms: 120_000, min_requests: 4400 }
    }
}

/// What the statistics conclude.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The canary is worse; the metric that shows it most, by its index.
    Rollback(usize),
    /// The canary is no worse in any metric.
    Promote,
    /// Not decided, and why.
    Undecided(Undecided),
}

/// Why nothing is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undecided {
    /// There is no metric to judge.
    NoMetrics,
    /// A metric, by its index, has no evidence or too little of it.
    NoEvidence(usize),
    /// A metric, by its index, is neither shown worse nor shown safe.
    Open(usize),
    /// All metrics are shown safe, but the latest ticks of one, by its index, speak against the canary.
    Suspected(usize),
    /// All metrics are shown safe, but the canary has not baked long enough, or not served enough requests.
    Baking,
}

/// Evidence against the canary above which it is not promoted, whatever speaks for it.
const SUSPICION: f64 = 1.0;

/// The same of the latest ticks alone: some always look bad, so it takes more.
const SUSPICION_LATE: f64 = 5.0;

/// Part of a ratio in α, relative to the others: errors come first.
pub const RATIO: f64 = 0.75;

/// Part of a latency, which shows at several edges and needs less, and of everything else.
pub const LATENCY: f64 = 0.25;

/// Nats that a mixture over unknown alternatives and starts costs.
const MIXTURE_COST: f64 = 1.5;

/// Several metrics that are judged together.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    levels: Levels,
    settings: Vec<Settings>,
    weights: Vec<f64>,
}

impl Gate {
    /// Divides α among the metrics. Levels that are no probabilities become the default ones.
    #[must_use]
    pub fn new(levels: Levels, mut settings: Vec<Settings>) -> Self {
        let usual = Levels::default();
        let probability = |level: f64, usual: f64| if level > 0.0 && level < 1.0 { level } else { usual };
        let levels = Levels {
            alpha: probability(levels.alpha, usual.alpha),
            beta: probability(levels.beta, usual.beta),
            ..levels
        };
        let part = |settings: &Settings| match settings.measure {
            Measure::Ratio => RATIO,
            Measure::Latency => LATENCY,
        };
        let all: f64 = settings.iter().map(part).sum();
        let weights: Vec<f64> = settings.iter().map(|settings| part(settings) / all).collect();
        for (settings, weight) in settings.iter_mut().zip(&weights) {
            settings.alpha = levels.alpha * weight;
        }
        Self { levels, settings, weights }
    }

    /// The metrics' settings, in the order given, with their parts of α.
    #[must_use]
    pub fn settings(&self) -> &[Settings] {
        &self.settings
    }

    /// The levels in force.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.levels
    }

    /// A state for each metric, with nothing seen.
    #[must_use]
    pub fn start(&self) -> Vec<State> {
        self.settings.iter().map(State::new).collect()
    }

    /// What the states show.
    #[must_use]
    pub fn evidence(&self, states: &[State]) -> Vec<Evidence> {
        self.settings.iter().zip(states).map(|(settings, state)| state.evidence(settings)).collect()
    }

    /// ln of the evidence that has to be reached for a rollback.
    #[must_use]
    pub fn log_rollback_at(&self) -> f64 {
        -self.levels.alpha.ln()
    }

    /// ln of the evidence that each metric has to reach for a promotion.
    #[must_use]
    pub fn log_promote_at(&self) -> f64 {
        -self.levels.beta.ln()
    }

    /// ln of the weighted mean of the metrics' e-values.
    #[must_use]
    pub fn log_against(&self, evidence: &[Evidence]) -> f64 {
        log_sum(evidence.iter().zip(&self.weights).map(|(one, weight)| one.log_rollback + weight.ln()))
    }

    /// One metric's part in [`Gate::log_against`]: at [`Gate::log_rollback_at`] it is enough alone.
    #[must_use]
    pub fn log_part(&self, metric: usize, evidence: &Evidence) -> f64 {
        evidence.log_rollback + self.weights.get(metric).map_or(f64::NEG_INFINITY, |weight| weight.ln())
    }

    /// Decides on the evidence of all metrics, `elapsed_ms` after the first canary traffic.
    #[must_use]
    pub fn decide(&self, evidence: &[Evidence], elapsed_ms: u64) -> Decision {
        if evidence.is_empty() || evidence.len() != self.settings.len() {
            return Decision::Undecided(Undecided::NoMetrics);
        }
        let against = self.log_against(evidence);
        let worst = (0..evidence.len())
            .filter(|at| evidence[*at].standing == Standing::Judged && evidence[*at].relevant)
            .max_by(|one, other| {
                self.log_part(*one, &evidence[*one]).total_cmp(&self.log_part(*other, &evidence[*other]))
            });
        if let Some(worst) = worst
            && against >= self.log_rollback_at()
        {
            return Decision::Rollback(worst);
        }
        if let Some(at) = evidence.iter().position(|one| one.standing != Standing::Judged) {
            return Decision::Undecided(Undecided::NoEvidence(at));
        }
        let least = (0..evidence.len())
            .min_by(|one, other| evidence[*one].log_promote.total_cmp(&evidence[*other].log_promote))
            .unwrap_or(0);
        if evidence[least].log_promote < self.log_promote_at() || against > SUSPICION.ln() {
            return Decision::Undecided(Undecided::Open(least));
        }
        if let Some(at) = evidence.iter().position(|one| one.log_late > SUSPICION_LATE.ln()) {
            return Decision::Undecided(Undecided::Suspected(at));
        }
        let served = evidence.iter().map(|one| one.canary_requests).fold(0.0, f64::max);
        if elapsed_ms < self.levels.min_bake_ms || served < self.levels.min_requests as f64 {
            return Decision::Undecided(Undecided::Baking);
        }
        Decision::Promote
    }

    /// Canary requests that are still needed for a decision on a metric, if what was seen goes on: until rollback
    /// where the ratio is above the margin by more than half of the way to the ceiling, otherwise until promotion.
    /// None where nothing was seen, or where such a canary would never be decided on.
    #[must_use]
    pub fn needed_requests(&self, metric: usize, evidence: &Evidence) -> Option<u64> {
        let settings = self.settings.get(metric)?;
        let [canary, n, baseline, m] = evidence.totals;
        let traffic = Traffic {
            canary_per_s: n,
            baseline_per_s: m,
            rate: (baseline + 0.5) / m,
            dispersion: evidence.dispersion,
        };
        let ratio = (canary + 0.5) / n / ((baseline + 0.5) / m);
        let between = (settings.margin * settings.ceiling).sqrt();
        let (null, missing) = if ratio > between {
            (settings.margin, self.log_rollback_at() + MIXTURE_COST - self.log_part(metric, evidence))
        } else {
            (settings.ceiling, self.log_promote_at() + MIXTURE_COST - evidence.log_promote)
        };
        let requests = traffic.requests_until(ratio, null, missing)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not negative, below 2^53"
        )]
        let requests = requests.ceil() as u64;
        Some(requests)
    }

    /// The smallest ratio that a metric rolls back with probability `power` within `seconds` of `traffic`.
    #[must_use]
    pub fn detectable(&self, metric: usize, traffic: &Traffic, power: f64, seconds: f64) -> Option<f64> {
        let settings = self.settings.get(metric)?;
        let judged = seconds - settings.warm_up_ms as f64 / 1000.0;
        traffic.detectable(settings.margin, settings.alpha, power, judged.max(0.0), MIXTURE_COST)
    }
}
