//! Counts of arms under a fixed traffic split: the Dirichlet e-process, and the confidence sequence of a rate ratio.
//!
//! Lindon & Malek, "Anytime-valid inference for multinomial count data", `NeurIPS` 2022. Any variation of rates over
//! time that both arms share cancels.

use super::special::{bisect, ln_beta};

/// ln of the e-process against "the shares of the events are `shares`", after `counts` (ibid., eq. 9): the Dirichlet
/// mixture with a₀ = k·θ₀, `concentration` being k. None where the lists differ in length or the shares are none.
#[must_use]
pub fn log_e(counts: &[f64], shares: &[f64], concentration: f64) -> Option<f64> {
    let sound = counts.len() == shares.len()
        && counts.len() > 1
        && concentration > 0.0
        && concentration.is_finite()
        && shares.iter().all(|share| *share > 0.0 && *share < 1.0)
        && (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9
        && counts.iter().all(|count| *count >= 0.0 && count.is_finite());
    if !sound {
        return None;
    }
    // ln B of several as a chain of ln B of two, which does not cancel.
    let log_beta = |of: &dyn Fn(usize) -> f64| {
        let mut sum = of(0);
        let mut log = 0.0;
        for at in 1..counts.len() {
            log += ln_beta(sum, of(at));
            sum += of(at);
        }
        log
    };
    let prior = |at: usize| concentration * shares[at];
    let after = |at: usize| prior(at) + counts[at];
    let likelihood: f64 = counts.iter().zip(shares).map(|(count, share)| count * share.ln()).sum();
    Some(log_beta(&after) - log_beta(&prior) - likelihood)
}

/// The (1 − α) confidence sequence of ln(rate of the second arm / rate of the first), whose shares of the traffic are
/// `shares` (ibid., §4): all d with ln B(a₀+S) − ln B(a₀) + ln α ≤ S₁·ln q₁(d) + S₂·ln q₂(d).
#[must_use]
pub fn log_ratio_sequence(
    counts: [f64; 2],
    shares: [f64; 2],
    concentration: f64,
    alpha: f64,
) -> Option<(f64, f64)> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    let log_e = log_e(&counts, &shares, concentration)?;
    let null: f64 = counts.iter().zip(shares).map(|(count, share)| count * share.ln()).sum();
    let least = log_e + null + alpha.ln();
    let odds = (shares[1] / shares[0]).ln();
    // ln(1+e^x), without overflow.
    let soft = |x: f64| if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() };
    let slack = |d: f64| -counts[0] * soft(odds + d) - counts[1] * soft(-odds - d) - least;
    // The likelihood has one top; an arm without events has it at an end.
    let top = (counts[1] / counts[0]).ln().clamp(-300.0, 300.0) - odds;
    let low = if slack(-700.0) >= 0.0 { f64::NEG_INFINITY } else { bisect(-700.0, top, slack) };
    let high = if slack(700.0) >= 0.0 { f64::INFINITY } else { bisect(top, 700.0, |d| -slack(d)) };
    Some((low, high))
}
