//! How far the experiment is shifted against the control: the Hodges-Lehmann estimate with its confidence interval,
//! by inverting the Mann-Whitney test.
//!
//! The normal approximation with continuity and tie correction, as R's `wilcox.test(conf.int = TRUE, exact = FALSE,
//! correct = TRUE)` has it (Bauer, Journal of the American Statistical Association 67, 1972), except that the
//! continuity correction stays on for the estimate.

use super::normal;
use super::root;
use super::sample::sorted;

/// Why there is no interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoInterval {
    /// An arm has no values.
    Empty,
    /// A value is infinite or not a number.
    NotFinite,
    /// At some shift all values are tied, and the statistic has no scale.
    Tied,
}

/// Shift of the experiment against the control, in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The estimate.
    pub estimate: f64,
}

/// Two samples in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    experiment: Vec<f64>,
    control: Vec<f64>,
}

impl Pair {
    /// Two samples that have values, all finite.
    pub fn new(experiment: &[f64], control: &[f64]) -> Result<Self, NoInterval> {
        if experiment.is_empty() || control.is_empty() {
            return Err(NoInterval::Empty);
        }
        if experiment.iter().chain(control).any(|value| !value.is_finite()) {
            return Err(NoInterval::NotFinite);
        }
        Ok(Self { experiment: sorted(experiment), control: sorted(control) })
    }

    /// Sum of the experiment's ranks among all values when it is shifted down by `mu`, ties at their mean rank, and
    /// the sum of t^3 - t over the ties.
    ///
    /// Both samples are in order and a shift keeps the order, so one pass over both is enough.
    #[must_use]
    pub fn ranks(&self, mu: f64) -> (f64, f64) {
        let (mut x, mut y) = (self.experiment.as_slice(), self.control.as_slice());
        let (mut passed, mut sum, mut ties) = (0.0, 0.0, 0.0);
        loop {
            let next = match (x.first(), y.first()) {
                (Some(a), Some(b)) => (a - mu).min(*b),
                (Some(a), None) => a - mu,
                (None, Some(b)) => *b,
                (None, None) => return (sum, ties),
            };
            let of_x = x.iter().take_while(|value| **value - mu <= next).count();
            let of_y = y.iter().take_while(|value| **value <= next).count();
            let equal = (of_x + of_y) as f64;
            sum += of_x as f64 * (passed + equal / 2.0 + 0.5);
            ties += equal * equal * equal - equal;
            passed += equal;
            (x, y) = (x.get(of_x..).unwrap_or_default(), y.get(of_y..).unwrap_or_default());
        }
    }

    /// The standardised rank statistic at the shift `mu`, less `z`: falling in `mu`, with jumps. None if all values are
    /// tied.
    #[must_use]
    pub fn statistic(&self, mu: f64, z: f64) -> Option<f64> {
        let (m, n) = (self.experiment.len() as f64, self.control.len() as f64);
        let (sum, ties) = self.ranks(mu);
        let above = sum - m * (m + 1.0) / 2.0 - m * n / 2.0;
        let correction = if above > 0.0 {
            0.5
        } else if above < 0.0 {
            -0.5
        } else {
            0.0
        };
        let scale = (m * n / 12.0 * (m + n + 1.0 - ties / ((m + n) * (m + n - 1.0)))).sqrt();
        (scale > 0.0).then(|| (above - correction) / scale - z)
    }

    /// The least and the greatest shift that is looked at.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let end = |values: &[f64]| {
            (values.first().copied().unwrap_or(f64::NAN), values.last().copied().unwrap_or(f64::NAN))
        };
        let ((x_min, x_max), (y_min, y_max)) = (end(&self.experiment), end(&self.control));
        (x_min - y_max, x_max - y_min)
    }

    /// The shift with its interval at `confidence`, such as 0.98.
    pub fn interval(&self, confidence: f64) -> Result<Interval, NoInterval> {
        let (low, high) = self.range();
        let z = normal::quantile(1.0 - (1.0 - confidence) / 2.0);
        let ends = |z: f64| {
            let at = |mu| self.statistic(mu, z).ok_or(NoInterval::Tied);
            Ok((at(low)?, at(high)?))
        };
        // Between the ends not all values can be tied unless they are at an end.
        let root = |z: f64, at_low: f64, at_high: f64| {
            let tied = core::cell::Cell::new(false);
            let found = root::brent(low, high, at_low, at_high, |mu| {
                self.statistic(mu, z).unwrap_or_else(|| {
                    tied.set(true);
                    0.0
                })
            });
            if tied.get() { Err(NoInterval::Tied) } else { Ok(found) }
        };
        let bound = |z: f64| match ends(z)? {
            (at_low, _) if at_low <= 0.0 => Ok(low),
            (_, at_high) if at_high >= 0.0 => Ok(high),
            (at_low, at_high) => root(z, at_low, at_high),
        };
        let (at_low, at_high) = ends(0.0)?;
        Ok(Interval { lower: bound(z)?, upper: bound(-z)?, estimate: root(0.0, at_low, at_high)? })
    }
}
