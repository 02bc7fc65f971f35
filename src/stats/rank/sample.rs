//! Samples before they are compared: missing values, outliers, summaries.

/// What becomes of a value that is not a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NanStrategy {
    /// It is dropped.
    Remove,
    /// It is zero, as for a count that has not been reported.
    Replace,
}

/// Which values count as outliers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outliers {
    /// None.
    Keep,
    /// Those beyond a multiple of the interquartile range from the quartiles.
    Iqr {
        /// The multiple.
        factor: f64,
        /// Whether the fences reach at least to the 1st and 99th percentile.
        reduce_sensitivity: bool,
    },
    /// Those beyond a multiple of the standard deviation from the mean.
    KSigma {
        /// The multiple.
        k: f64,
    },
}

impl Outliers {
    /// What the judge removes where a metric asks for it.
    pub const REMOVE: Self = Self::Iqr { factor: 3.0, reduce_sensitivity: true };
}

/// A sample in numbers; all zero where it is empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the sample, over n - 1; 0 for a single value.
    pub std: f64,
    /// How many values.
    pub count: usize,
}

/// The mean; NaN of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of squared differences from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum()
}

/// The variance over n - 1; 0 for a single value, NaN of nothing.
#[must_use]
pub fn variance(values: &[f64]) -> f64 {
    match values.len() {
        0 => f64::NAN,
        1 => 0.0,
        count => squares(values) / (count - 1) as f64,
    }
}

/// Minimum, maximum, mean, standard deviation and number of `values`.
#[must_use]
pub fn summary(values: &[f64]) -> Summary {
    if values.is_empty() {
        return Summary { min: 0.0, max: 0.0, mean: 0.0, std: 0.0, count: 0 };
    }
    Summary {
        min: values.iter().copied().fold(f64::INFINITY, f64::min),
        max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        mean: mean(values),
        std: variance(values).sqrt(),
        count: values.len(),
    }
}

/// The values in ascending order.
#[must_use]
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The `p`-th percentile of values in ascending order, interpolated between the two that lie next to rank
/// (n - 1) p / 100: definition 7 of Hyndman and Fan, The American Statistician 50(4), 1996. NaN of nothing.
#[must_use]
pub fn percentile(ascending: &[f64], p: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return f64::NAN };
    let rank = (p / 100.0).clamp(0.0, 1.0) * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the last index"
    )]
    let below = rank.floor() as usize;
    let at = |index: usize| ascending.get(index.min(last)).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(below), at(below + 1));
    low + (high - low) * (rank - rank.floor())
}

/// For each value whether it is an outlier.
#[must_use]
pub fn outliers(values: &[f64], rule: Outliers) -> Vec<bool> {
    let (low, high) = match rule {
        Outliers::Keep => (f64::NEG_INFINITY, f64::INFINITY),
        Outliers::Iqr { factor, reduce_sensitivity } => {
            let ascending = sorted(values);
            let at = |p| percentile(&ascending, p);
            let (q1, q3) = (at(25.0), at(75.0));
            let (low, high) = (q1 - factor * (q3 - q1), q3 + factor * (q3 - q1));
            if reduce_sensitivity { (low.min(at(1.0)), high.max(at(99.0))) } else { (low, high) }
        }
        Outliers::KSigma { k } => {
            // The detector takes the deviation of the values at hand, over n; a summary tells the one over n - 1.
            let (mean, deviation) = (mean(values), (squares(values) / values.len() as f64).sqrt());
            (mean - k * deviation, mean + k * deviation)
        }
    };
    values.iter().map(|value| *value < low || *value > high).collect()
}

/// The values that are left when missing ones and outliers are dealt with, in their order.
#[must_use]
pub fn prepare(values: &[f64], nan: NanStrategy, rule: Outliers) -> Vec<f64> {
    let kept: Vec<f64> = match nan {
        NanStrategy::Remove => values.iter().copied().filter(|value| !value.is_nan()).collect(),
        NanStrategy::Replace => {
            values.iter().map(|value| if value.is_nan() { 0.0 } else { *value }).collect()
        }
    };
    let outliers = outliers(&kept, rule);
    kept.into_iter().zip(outliers).filter(|(_, outlier)| !outlier).map(|(value, _)| value).collect()
}
