//! An absolute objective: is the share of bad requests above what was promised, whatever the baseline does.

use super::bounds::BetaBinomial;
use super::special::{bisect, ln_beta, ln_incomplete_beta};

/// Both parameters of the Beta that the likelihood is mixed over.
const PRIOR: f64 = 0.5;

/// ln of the one-sample e-process against "the rate is at most `allowed`" after `bad` of `requests`: the likelihood
/// ratio mixed over Beta(½, ½) restricted to rates above it (Robbins, "Statistical methods related to the law of the
/// iterated logarithm", Annals of Mathematical Statistics 41(5), 1970; the truncation makes it one-sided).
///
/// None for counts that cannot be, or an objective that nothing or everything meets.
#[must_use]
pub fn log_e(bad: f64, requests: f64, allowed: f64) -> Option<f64> {
    if !(bad >= 0.0 && bad <= requests && requests.is_finite() && allowed > 0.0 && allowed < 1.0) {
        return None;
    }
    let above = |a: f64, b: f64| ln_beta(a, b) + ln_incomplete_beta(a, b, allowed).1;
    let good = requests - bad;
    let log = above(bad + PRIOR, good + PRIOR)
        - above(PRIOR, PRIOR)
        - bad * allowed.ln()
        - good * (-allowed).ln_1p();
    (!log.is_nan()).then_some(log)
}

/// The (1 − α) confidence sequence of a rate after `successes` of `trials`, tightest at `t_opt` trials: all p that the
/// two-sided beta-binomial mixture does not reject (Howard & Ramdas, Bernoulli 28(3), 2022, §2).
#[must_use]
pub fn rate_sequence(successes: f64, trials: f64, alpha: f64, t_opt: f64) -> Option<(f64, f64)> {
    if !(successes >= 0.0
        && successes <= trials
        && trials > 0.0
        && trials.is_finite()
        && alpha > 0.0
        && alpha < 1.0)
    {
        return None;
    }
    let seen = successes / trials;
    let excess = |p: f64| {
        let spread = p * (1.0 - p);
        let mixture = BetaBinomial::new(spread * t_opt, 0.05, p, 1.0 - p, false);
        mixture.log((seen - p) * trials, spread * trials) + alpha.ln()
    };
    let low = if seen > 0.0 { bisect(0.0, seen, |p| if p <= 0.0 { -1.0 } else { -excess(p) }) } else { 0.0 };
    let high = if seen < 1.0 { bisect(seen, 1.0, |p| if p >= 1.0 { 1.0 } else { excess(p) }) } else { 1.0 };
    Some((low, high))
}
