//! One metric's class: whether the canary's values are as the baseline's, higher or lower.

use super::effect;
use super::interval::{Interval, Pair};
use super::normal::Noise;
use super::sample::{self, NanStrategy, Outliers};

/// Confidence of the interval.
pub const CONFIDENCE: f64 = 0.98;

/// Share of the estimated shift that the interval must be clear of.
pub const TOLERANCE: f64 = 0.25;

/// Which change is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// A rise.
    Increase,
    /// A fall.
    Decrease,
    /// Both.
    Either,
}

impl Direction {
    fn minds_rise(self) -> bool {
        self != Self::Decrease
    }

    fn minds_fall(self) -> bool {
        self != Self::Increase
    }
}

/// In which way the size of an effect is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectMeasure {
    /// Ratio of the means; no effect is 1.
    MeanRatio,
    /// Common language effect size; no effect is 0.5.
    Cles,
}

impl EffectMeasure {
    /// The value of no effect, which is also the limit where none is set.
    #[must_use]
    pub fn none(self) -> f64 {
        match self {
            Self::MeanRatio => 1.0,
            Self::Cles => 0.5,
        }
    }

    fn of(self, experiment: &[f64], control: &[f64]) -> f64 {
        match self {
            Self::MeanRatio => effect::mean_ratio(experiment, control),
            Self::Cles => effect::cles(experiment, control),
        }
    }
}

/// Limits on the size of an effect: a smaller one does not count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// A rise counts from here on.
    pub increase: f64,
    /// A fall counts from here on downwards.
    pub decrease: f64,
}

impl Limits {
    /// Every effect counts.
    #[must_use]
    pub fn none(measure: EffectMeasure) -> Self {
        Self { increase: measure.none(), decrease: measure.none() }
    }
}

/// How one metric is classified.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Which change is worse.
    pub direction: Direction,
    /// What becomes of a value that is not a number.
    pub nan: NanStrategy,
    /// Which values are left out.
    pub outliers: Outliers,
    /// In which way the size of an effect is told.
    pub effect: EffectMeasure,
    /// Which effects count.
    pub allowed: Limits,
    /// Which effects of a critical metric are critical.
    pub critical_limits: Limits,
    /// Whether this metric alone can fail the canary.
    pub critical: bool,
    /// Whether missing data counts as a failure of this metric.
    pub must_have_data: bool,
    /// Share of the estimated shift that the interval must be clear of.
    pub tolerance: f64,
    /// Confidence of the interval.
    pub confidence: f64,
}

impl Default for Rule {
    fn default() -> Self {
        let effect = EffectMeasure::MeanRatio;
        Self {
            direction: Direction::Either,
            nan: NanStrategy::Remove,
            outliers: Outliers::Keep,
            effect,
            allowed: Limits::none(effect),
            critical_limits: Limits::none(effect),
            critical: false,
            must_have_data: false,
            tolerance: TOLERANCE,
            confidence: CONFIDENCE,
        }
    }
}

/// The class of a metric, under the names of the judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// As the baseline, or no worse.
    Pass,
    /// Higher, and that is worse.
    High,
    /// Lower, and that is worse.
    Low,
    /// There are no data; the metric does not count.
    Nodata,
    /// There are no data where there must be some.
    NodataFailMetric,
    /// The samples cannot be compared.
    Error,
}

impl Class {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::High => "High",
            Self::Low => "Low",
            Self::Nodata => "Nodata",
            Self::NodataFailMetric => "NodataFailMetric",
            Self::Error => "Error",
        }
    }
}

/// A classified metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Classified {
    /// Its class.
    pub class: Class,
    /// Whether it fails the canary by itself unless it passes.
    pub critical: bool,
    /// The size of the effect, where it was asked for; may be NaN.
    pub effect: Option<f64>,
    /// The shift, where the samples were compared.
    pub interval: Option<Interval>,
}

impl Classified {
    fn plain(class: Class, critical: bool) -> Self {
        Self { class, critical, effect: None, interval: None }
    }
}

/// The class where an arm is empty; none where both have values.
fn without_data(experiment: &[f64], control: &[f64], rule: &Rule) -> Option<Classified> {
    if !experiment.is_empty() && !control.is_empty() {
        return None;
    }
    Some(match rule.nan {
        NanStrategy::Replace => Classified::plain(Class::Pass, false),
        NanStrategy::Remove if rule.must_have_data && !rule.critical => {
            Classified::plain(Class::NodataFailMetric, false)
        }
        NanStrategy::Remove => Classified::plain(Class::Nodata, rule.critical),
    })
}

/// Classifies a metric by the rank test.
#[must_use]
pub fn mann_whitney(experiment: &[f64], control: &[f64], rule: &Rule) -> Classified {
    let prepared = |values| sample::prepare(values, rule.nan, rule.outliers);
    let (experiment, control) = (prepared(experiment), prepared(control));
    if let Some(classified) = without_data(&experiment, &control, rule) {
        return classified;
    }
    if is_same(&sample::sorted(&experiment), &sample::sorted(&control))
        || (is_constant(&experiment) && is_same(experiment.get(..1).unwrap_or_default(), &distinct(&control)))
    {
        return Classified::plain(Class::Pass, false);
    }
    // The rank statistic of two constants has no scale where they meet.
    let spread = is_constant(&experiment) && is_constant(&control);
    let experiment = if spread { noisy(&experiment, 1) } else { experiment };
    let control = if spread { noisy(&control, 2) } else { control };
    let interval = Pair::new(&experiment, &control).and_then(|pair| pair.interval(rule.confidence));
    let Ok(interval) = interval else { return Classified::plain(Class::Error, rule.critical) };
    let bound = rule.tolerance * interval.estimate.abs();
    let effect = rule.effect.of(&experiment, &control);
    let reaches = |limit: f64| effect.is_nan() || effect >= limit;
    let falls_to = |limit: f64| effect.is_nan() || effect <= limit;
    let (class, critical) =
        if rule.direction.minds_rise() && interval.lower > bound && reaches(rule.allowed.increase) {
            (Class::High, reaches(rule.critical_limits.increase))
        } else if rule.direction.minds_fall() && interval.upper < -bound && falls_to(rule.allowed.decrease) {
            (Class::Low, falls_to(rule.critical_limits.decrease))
        } else {
            (Class::Pass, false)
        };
    Classified { class, critical: rule.critical && critical, effect: Some(effect), interval: Some(interval) }
}

/// Classifies a metric by nothing but its means: any difference counts. For benchmarks of other classifiers.
#[must_use]
pub fn mean_inequality(experiment: &[f64], control: &[f64], rule: &Rule) -> Classified {
    let prepared = |values| sample::prepare(values, rule.nan, rule.outliers);
    let (experiment, control) = (prepared(experiment), prepared(control));
    if let Some(classified) = without_data(&experiment, &control, rule) {
        return classified;
    }
    let (canary, baseline) = (sample::mean(&experiment), sample::mean(&control));
    if !canary.is_finite() || !baseline.is_finite() {
        return Classified::plain(Class::Error, rule.critical);
    }
    let effect = Some(effect::mean_ratio(&experiment, &control));
    if rule.direction.minds_rise() && canary > baseline {
        Classified { effect, ..Classified::plain(Class::High, rule.critical) }
    } else if rule.direction.minds_fall() && canary < baseline {
        Classified { effect, ..Classified::plain(Class::Low, rule.critical) }
    } else {
        Classified { effect, ..Classified::plain(Class::Pass, false) }
    }
}

fn is_same(one: &[f64], other: &[f64]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(a, b)| (a - b).abs() <= 0.0)
}

fn is_constant(values: &[f64]) -> bool {
    distinct(values).len() == 1
}

fn distinct(values: &[f64]) -> Vec<f64> {
    let mut values = sample::sorted(values);
    values.dedup_by(|a, b| (*a - *b).abs() <= 0.0);
    values
}

/// The values with noise of a 100,000th of their size.
fn noisy(values: &[f64], stream: u64) -> Vec<f64> {
    values.iter().zip(Noise::new(stream)).map(|(value, noise)| value + value * 1e-5 * noise).collect()
}
