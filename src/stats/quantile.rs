//! Quantiles, for people and for comparisons that have every value; the gate itself judges bucket counts.

use super::bounds::{BetaBinomial, dkw, golden};
use super::histogram;

/// The p-value, at any time, of "both arms have the same `p`-quantile": exp(−min over x of G₁(x) + G₂(x)), where G is
/// the log beta-binomial mixture of the share below x (Howard & Ramdas, Bernoulli 28(3), 2022, Thm 5). Both lists are
/// sorted. None where a list is empty or holds what is no number.
#[must_use]
pub fn same_quantile(p: f64, one: &[f64], other: &[f64], t_opt: f64) -> Option<f64> {
    let sound = |of: &[f64]| !of.is_empty() && of.is_sorted() && of.iter().all(|value| value.is_finite());
    if !(p > 0.0 && p < 1.0 && t_opt > 0.0 && sound(one) && sound(other)) {
        return None;
    }
    let mixture = BetaBinomial::new(t_opt * p * (1.0 - p), 0.05, p, 1.0 - p, false);
    // A quantile may lie in a jump of the empirical distribution, so any share between the two sides will do, and the
    // mixture is convex in the share with its least value at one of them or between.
    let middle = |n: f64| golden(0.0, 1.0, |share| mixture.log((share - p) * n, p * (1.0 - p) * n)).0;
    let middles = [one, other].map(|of| middle(of.len() as f64));
    let least = |of: &[f64], middle: f64, x: f64| {
        let n = of.len() as f64;
        let (below, up_to) =
            (of.partition_point(|value| *value < x), of.partition_point(|value| *value <= x));
        let share = middle.clamp(below as f64 / n, up_to as f64 / n);
        mixture.log((share - p) * n, p * (1.0 - p) * n)
    };
    let sum = |x: f64| least(one, middles[0], x) + least(other, middles[1], x);
    let log = one.iter().chain(other).map(|x| sum(*x)).fold(f64::INFINITY, f64::min);
    Some((-log).exp().min(1.0))
}

/// The confidence sequence of the `q`-quantile of events counted in buckets: the quantiles at `q ± u_n`, u the
/// time-uniform bound on the distribution (the same, Thm 2). An end is none where it lies beyond the last edge.
#[must_use]
pub fn bucket_sequence(
    edges: &[f64],
    cumulative: &[f64],
    q: f64,
    alpha: f64,
) -> Option<(Option<f64>, Option<f64>)> {
    let total = *cumulative.last()?;
    let half = dkw(total, alpha);
    histogram::quantile(edges, cumulative, q)?;
    let last = edges.last()?;
    let at = |q: f64| {
        (q <= 1.0)
            .then(|| histogram::quantile(edges, cumulative, q.max(0.0)))
            .flatten()
            .filter(|value| value < last)
    };
    Some((at(q - half), at(q + half)))
}
