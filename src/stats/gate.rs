//! From the evidence of several metrics to one decision: roll back, promote, or not decided, with the reason.
//!
//! Rollback: the weighted mean of the metrics' e-values reaches 1/α, which holds under any dependence between them
//! and is never later than a Bonferroni correction of e-values (Vovk & Wang, "E-values: calibration, combination and
//! applications", Annals of Statistics 49(3), 2021, Prop. 3.1). Promotion: every metric shows that it is safe enough
//! (intersection-union, Berger 1982), after the minimum bake time. Absence of evidence decides nothing.

use serde::{Deserialize, Serialize};

use super::metric::{Evidence, Standing};
use super::special::log_sum;

/// How a gate of several metrics decides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Levels {
    /// Probability at most of rolling back a canary that is no worse than the margins allow.
    pub alpha: f64,
    /// Probability at most of promoting a canary that is worse than the ceiling in some metric.
    pub beta: f64,
    /// No promotion before this much time with canary traffic.
    pub min_bake_ms: u64,
}

impl Default for Levels {
    fn default() -> Self {
        Self { alpha: 0.01, beta: 0.05, min_bake_ms: 0 }
    }
}

/// What the statistics conclude.
#[derive(Debug, Clone, PartialEq)]
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
    /// All metrics are shown safe, but the canary has not baked long enough.
    Baking,
}

/// Evidence against the canary above which it is not promoted, whatever speaks for it.
const SUSPICION: f64 = 1.0;

/// Decides on the evidence of all metrics, `elapsed_ms` after the first canary traffic. `weights` are relative; all
/// count alike where there are none.
#[must_use]
pub fn decide(levels: &Levels, evidence: &[Evidence], weights: Option<&[f64]>, elapsed_ms: u64) -> Decision {
    if evidence.is_empty() {
        return Decision::Undecided(Undecided::NoMetrics);
    }
    let against = log_against(evidence, weights);
    let worst = (0..evidence.len())
        .filter(|at| evidence[*at].standing == Standing::Judged && evidence[*at].relevant)
        .max_by(|one, other| evidence[*one].log_rollback.total_cmp(&evidence[*other].log_rollback));
    if let Some(worst) = worst
        && against >= -levels.alpha.ln()
    {
        return Decision::Rollback(worst);
    }
    if let Some(at) = evidence.iter().position(|one| one.standing != Standing::Judged) {
        return Decision::Undecided(Undecided::NoEvidence(at));
    }
    let least = (0..evidence.len())
        .min_by(|one, other| evidence[*one].log_promote.total_cmp(&evidence[*other].log_promote))
        .unwrap_or(0);
    if evidence[least].log_promote < -levels.beta.ln() || against > SUSPICION.ln() {
        return Decision::Undecided(Undecided::Open(least));
    }
    if elapsed_ms < levels.min_bake_ms {
        return Decision::Undecided(Undecided::Baking);
    }
    Decision::Promote
}

/// ln of the weighted mean of the e-values of the metrics whose difference matters; the others count as 0, which
/// lowers it. A metric that has no evidence counts as 1.
#[must_use]
pub fn log_against(evidence: &[Evidence], weights: Option<&[f64]>) -> f64 {
    let weights: Vec<f64> = match weights {
        Some(weights)
            if weights.len() == evidence.len()
                && weights.iter().all(|weight| weight.is_finite() && *weight >= 0.0)
                && weights.iter().sum::<f64>() > 0.0 =>
        {
            let sum: f64 = weights.iter().sum();
            weights.iter().map(|weight| weight / sum).collect()
        }
        _ => vec![1.0 / evidence.len() as f64; evidence.len()],
    };
    log_sum(evidence.iter().zip(&weights).map(|(one, weight)| one.log_rollback + weight.ln()))
}
