//! Many metrics: which of them moved.

/// Whether any of the hypotheses may be rejected at `alpha`: the largest e-value reaches m/α (Bonferroni for e-values,
/// Vovk & Wang, Annals of Statistics 49(3), 2021).
#[must_use]
pub fn bonferroni(log_e: &[f64], alpha: f64) -> Vec<usize> {
    let least = (log_e.len() as f64 / alpha).ln();
    (0..log_e.len()).filter(|at| log_e[*at] >= least).collect()
}

/// The hypotheses to reject with a false discovery rate of `alpha` under any dependence: those of the k largest
/// e-values, for the largest k with e_(k) ≥ m/(k·α) (Wang & Ramdas, "False discovery rate control with e-values",
/// JRSS-B 84(3), 2022, §4). Ascending.
#[must_use]
pub fn benjamini_hochberg(log_e: &[f64], alpha: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..log_e.len()).filter(|at| !log_e[*at].is_nan()).collect();
    order.sort_by(|one, other| log_e[*other].total_cmp(&log_e[*one]).then(one.cmp(other)));
    let enough =
        |(rank, at): (usize, &usize)| log_e[*at] >= (log_e.len() as f64 / ((rank + 1) as f64 * alpha)).ln();
    let count = order.iter().enumerate().rposition(enough).map_or(0, |rank| rank + 1);
    order.truncate(count);
    order.sort_unstable();
    order
}
