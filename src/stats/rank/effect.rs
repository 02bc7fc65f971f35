//! How large a difference is, before any question of chance.

use super::interval::Pair;
use super::sample::{mean, variance};

/// Mean of the experiment over mean of the control; NaN if either is zero or there is none.
#[must_use]
pub fn mean_ratio(experiment: &[f64], control: &[f64]) -> f64 {
    let (experiment, control) = (mean(experiment), mean(control));
    if experiment.abs() > 0.0 && control.abs() > 0.0 { experiment / control } else { f64::NAN }
}

/// How often a value of the experiment is above one of the control, ties as half: the common language effect size
/// (`McGraw` and Wong, Psychological Bulletin 111(2), 1992) from the rank sum. NaN if there is nothing to compare.
#[must_use]
pub fn cles(experiment: &[f64], control: &[f64]) -> f64 {
    let (m, n) = (experiment.len() as f64, control.len() as f64);
    let Ok(pair) = Pair::new(experiment, control) else { return f64::NAN };
    let (sum, _) = pair.ranks(0.0);
    (2.0 * sum - m * (m + 1.0)) / (2.0 * m * n)
}

/// Difference of the means over the pooled standard deviation (Cohen, "Statistical Power Analysis for the Behavioral
/// Sciences", 1988, section 2.2). NaN with fewer than three values in all.
#[must_use]
pub fn cohen_d(experiment: &[f64], control: &[f64]) -> f64 {
    let freedom = |values: &[f64]| values.len() as f64 - 1.0;
    let squares = freedom(experiment) * variance(experiment) + freedom(control) * variance(control);
    let pooled = (squares / (freedom(experiment) + freedom(control))).sqrt();
    (mean(experiment) - mean(control)) / pooled
}
