//! E-processes on ticks: how much one tick multiplies the evidence by, and mixtures of such products.
//!
//! An e-process is a wealth that, under the null hypothesis, is not expected to grow, however the data are looked
//! at: P(it ever reaches 1/α) ≤ α (Ville 1939; Ramdas, Grünwald, Vovk & Shafer, Statistical Science 38(4), 2023).
//! Everything is kept as logarithms; a mixture never overflows however extreme the counts.

use super::counts::Pair;
use super::special::{log_add, log_sum};

/// Ratios over the null that a count mixture bets on.
pub const RATIOS: [f64; 8] = [1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0];

/// Fractions of the wealth that a betting mixture stakes.
pub const FRACTIONS: [f64; 7] = [0.03, 0.06, 0.12, 0.25, 0.45, 0.7, 0.9];

/// Log-likelihood ratio of the tick, `alternative` against `null`, both ratios of event rates.
///
/// Given K events in the tick, the canary's number is Bin(K, q(ρ)), `q(ρ) = n_c·ρ/(n_c·ρ + n_b)`, whatever the common
/// rate was: the conditional test of two Poisson means (Przyborowski & Wilenski, Biometrika 31, 1940). By the monotone
/// likelihood ratio its expectation is at most 1 for every true ratio up to `null`, if `alternative` > `null`; and
/// for every true ratio from `null` on, if `alternative` < `null`.
#[must_use]
pub fn likelihood_ratio(tick: Pair, null: f64, alternative: f64) -> f64 {
    if !tick.tells() {
        return 0.0;
    }
    // q'/q = (a/n)·D and (1-q')/(1-q) = D with D = (n_c·n + n_b)/(n_c·a + n_b).
    let common = (1.0 + tick.odds(null)).ln() - (1.0 + tick.odds(alternative)).ln();
    tick.canary() * (alternative / null).ln() + tick.events() * common
}

/// Log of one bounded bet on the canary's share of the tick's events: `ln(1 + (c/q)(k_c/K − q))`, q = q(null).
///
/// It is worth at most its stake whenever `E[k_c/K | K, past] ≤ q`, so it holds under any clustering inside the tick
/// (Waudby-Smith & Ramdas, "Estimating means of bounded random variables by betting", JRSS-B 86(1), 2024, §4).
#[must_use]
pub fn bet(tick: Pair, null: f64, fraction: f64) -> f64 {
    if !tick.tells() {
        return 0.0;
    }
    let share = tick.share(null);
    let seen = tick.canary() / tick.events();
    if share <= 0.0 {
        return 0.0;
    }
    (fraction * (seen / share - 1.0)).ln_1p()
}

/// Log of the mean over `ratios` of the products of [`likelihood_ratio`]: the conditional binomial mixture.
#[must_use]
pub fn count_mixture(ticks: &[Pair], null: f64, ratios: &[f64]) -> f64 {
    mixture(ratios, |ratio| ticks.iter().map(|tick| likelihood_ratio(*tick, null, null * ratio)).sum())
}

/// Log of the mean over `fractions` of the products of [`bet`]: the interval betting mixture.
#[must_use]
pub fn betting_mixture(ticks: &[Pair], null: f64, fractions: &[f64]) -> f64 {
    mixture(fractions, |fraction| ticks.iter().map(|tick| bet(*tick, null, fraction)).sum())
}

fn mixture(of: &[f64], log_wealth: impl Fn(f64) -> f64) -> f64 {
    log_sum(of.iter().map(|one| log_wealth(*one))) - (of.len() as f64).ln()
}

/// Prior weight on evidence that begins with the first tick; the rest is for changes during the canary.
pub const AT_ONCE: f64 = 0.8;

/// Half of the weight of later starts lies before this tick.
const HALF: f64 = 60.0;

/// Prior weight of starting with tick `tick`, from 1: 0.7 on the first, and 0.3·h/((s+h-1)(s+h)) on the s-th, which
/// sums to 0.3 without naming a horizon. A mixture over starts of e-processes is one (canary that worsens late:
/// Shin, Ramdas & Rinaldo, "E-detectors", NEJSDS 2(2), 2024, §2.3, with a proper prior in place of the sum).
#[must_use]
pub fn start_weight(tick: u64) -> f64 {
    let start = tick.max(1) as f64;
    let later = (1.0 - AT_ONCE) * HALF / ((start + HALF - 1.0) * (start + HALF));
    if tick <= 1 { AT_ONCE + later } else { later }
}

/// Log of the prior weight on starts after `tick`: what has not been staked yet.
#[must_use]
pub fn log_unstarted(tick: u64) -> f64 {
    if tick == 0 {
        return 0.0;
    }
    ((1.0 - AT_ONCE) * HALF / (tick as f64 + HALF)).ln()
}

/// The log-wealth over all starts up to now, after a tick worth `log_factor`: A' = (A + π)·L. One number stands for
/// every start, so the mixture over starts costs no memory.
#[must_use]
pub fn started(log_wealth: f64, log_weight: f64, log_factor: f64) -> f64 {
    log_add(log_wealth, log_weight) + log_factor
}
