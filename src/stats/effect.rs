//! How far the canary is from the baseline, before any question of chance.

/// Canary over baseline; none where the baseline is not positive or the canary is negative, as a level may be:
/// a ratio would then not tell which of the two is higher. None as well where it is no finite number.
#[must_use]
pub fn ratio(canary: f64, baseline: f64) -> Option<f64> {
    (baseline > 0.0 && canary >= 0.0).then_some(canary / baseline).filter(|ratio| ratio.is_finite())
}

/// Canary less baseline; none where that is no finite number.
#[must_use]
pub fn difference(canary: f64, baseline: f64) -> Option<f64> {
    Some(canary - baseline).filter(|difference| difference.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_of_zero_has_no_ratio_but_a_difference() {
        assert_eq!((ratio(0.02, 0.01), difference(0.5, 0.25)), (Some(2.0), Some(0.25)));
        assert_eq!((ratio(0.02, 0.0), difference(0.02, 0.0)), (None, Some(0.02)));
        assert_eq!((ratio(-2.0, -1.0), ratio(-2.0, 1.0), ratio(2.0, -1.0)), (None, None, None));
        assert_eq!((ratio(0.0, 0.0), difference(f64::MAX, -f64::MAX)), (None, None));
    }
}
