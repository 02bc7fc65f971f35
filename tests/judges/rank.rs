//! The rank test against values of R and `SciPy`, and its edges.

use rollgate::stats::rank::classify::{self, Class, Direction, Rule};
use rollgate::stats::rank::interval::{NoInterval, Pair};
use rollgate::stats::rank::normal;
use rollgate::stats::rank::sample::{self, NanStrategy, Outliers};
use rollgate::stats::rank::score::{self, Forfeit, ScoreClass, Scored};

/// `scipy.stats.norm.ppf` of `SciPy` 1.17.1, in each of the three ranges of the approximation.
#[test]
fn normal_quantiles_are_those_of_scipy() {
    for (p, quantile) in [
        (0.5, 0.0),
        (0.6, 0.253_347_103_135_799_7),
        (0.975, 1.959_963_984_540_054),
        (0.99, 2.326_347_874_040_840_8),
        (0.01, -2.326_347_874_040_840_8),
        (1e-12, -7.034_483_825_301_131),
        (1e-300, -37.047_096_299_361_2),
    ] {
        assert!(
            (normal::quantile(p) - quantile).abs() <= 1e-14 * (1.0 + f64::abs(quantile)),
            "{p}: {}",
            normal::quantile(p)
        );
    }
    assert!([0.0, 1.0, -1.0, f64::NAN].into_iter().all(|p| normal::quantile(p).is_nan()));
}

/// Two samples with ties within and across.
const X: [f64; 8] = [12.0, 15.5, 11.25, 18.0, 14.5, 13.0, 15.5, 16.75];
const Y: [f64; 7] = [10.0, 12.0, 11.25, 9.5, 13.0, 12.5, 10.75];

fn near(value: f64, expected: f64, tolerance: f64) {
    assert!((value - expected).abs() <= tolerance, "{value} instead of {expected}");
}

/// `scipy.stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=True)` has U = 49.5 and
/// p = 0.014727801096476945, which is z = 2.4390041015123867; U / mn is the common language effect size. The median of
/// the 56 differences is 3.375. `numpy.percentile(x, p, method="linear")`, `numpy.std` and the pooled deviation give the
/// others. `SciPy` 1.17.1, `NumPy` of the same environment.
#[test]
fn ranks_percentiles_and_effects_are_those_of_scipy_and_numpy() {
    use rollgate::stats::rank::effect;
    let pair = Pair::new(&X, &Y).unwrap();
    near(pair.statistic(0.0, 0.0).unwrap(), 2.439_004_101_512_386_7, 1e-12);
    // The root lies on the jump at the median, but for the tolerance of the search.
    near(pair.interval(0.98).unwrap().estimate, 3.375, 1e-3);
    let ascending = sample::sorted(&X);
    for (p, value) in [(1.0, 11.3025), (25.0, 12.75), (50.0, 15.0), (90.0, 17.125), (99.0, 17.9125)] {
        near(sample::percentile(&ascending, p), value, 1e-12);
    }
    near(sample::summary(&X).std, 2.340_444_097_052_645_2, 1e-12);
    near(effect::cles(&X, &Y), 0.883_928_571_428_571_4, 1e-15);
    near(effect::cohen_d(&X, &Y), 1.698_279_059_849_841_2, 1e-12);
    assert!(effect::cles(&[], &Y).is_nan());
}

#[test]
fn neither_order_nor_a_common_shift_nor_the_names_of_the_arms_change_the_interval() {
    let found = Pair::new(&X, &Y).unwrap().interval(0.98).unwrap();
    let backwards: Vec<f64> = X.iter().rev().copied().collect();
    assert_eq!(Pair::new(&backwards, &Y).unwrap().interval(0.98).unwrap(), found);
    let shifted = |values: &[f64]| values.iter().map(|value| value + 64.0).collect::<Vec<_>>();
    assert_eq!(Pair::new(&shifted(&X), &shifted(&Y)).unwrap().interval(0.98).unwrap(), found);
    let swapped = Pair::new(&Y, &X).unwrap().interval(0.98).unwrap();
    near(swapped.lower, -found.upper, 2e-4);
    near(swapped.upper, -found.lower, 2e-4);
}

/// The weakness that comes with the absolute tolerance, kept: the same samples in another unit are another class.
#[test]
fn near_the_tolerance_of_the_root_the_unit_decides() {
    let scaled = |values: &[f64], factor: f64| values.iter().map(|value| value * factor).collect::<Vec<_>>();
    let slower = X.map(|x| x + 2.0);
    let class =
        |unit| classify::mann_whitney(&scaled(&slower, unit), &scaled(&Y, unit), &Rule::default()).class;
    assert_eq!([1.0, 1e-3, 1e-5, 1e-7].map(class), [Class::High, Class::High, Class::Pass, Class::Pass]);
}

#[test]
fn what_cannot_be_compared_is_named() {
    assert_eq!(Pair::new(&[], &Y).unwrap_err(), NoInterval::Empty);
    assert_eq!(Pair::new(&[f64::INFINITY], &Y).unwrap_err(), NoInterval::NotFinite);
    // At a shift of 1 both values are one.
    assert_eq!(Pair::new(&[2.0], &[1.0]).unwrap().interval(0.98).unwrap_err(), NoInterval::Tied);
    let critical = Rule { critical: true, ..Rule::default() };
    let found = classify::mann_whitney(&[f64::INFINITY, 1.0], &Y, &critical);
    assert_eq!((found.class, found.critical), (Class::Error, true));
    let rule = Rule { outliers: Outliers::REMOVE, ..Rule::default() };
    assert_eq!(classify::mann_whitney(&[f64::NAN], &Y, &rule).class, Class::Nodata);
    let must = Rule { must_have_data: true, ..Rule::default() };
    assert_eq!(classify::mann_whitney(&[f64::NAN], &Y, &must).class, Class::NodataFailMetric);
}

#[test]
fn two_constants_are_always_classified_the_same() {
    let class = || {
        classify::mann_whitney(
            &[10.0; 5],
            &[8.0; 5],
            &Rule { direction: Direction::Increase, ..Rule::default() },
        )
    };
    assert_eq!(class().class, Class::High);
    assert_eq!(class(), class());
}

#[test]
fn the_nan_strategies_and_outlier_rules_keep_what_they_say() {
    let values = [1.0, f64::NAN, 3.0];
    assert_eq!(sample::prepare(&values, NanStrategy::Remove, Outliers::Keep), [1.0, 3.0]);
    assert_eq!(sample::prepare(&values, NanStrategy::Replace, Outliers::Keep), [1.0, 0.0, 3.0]);
    // The 99th percentile of ten values is below the greatest, but the fence reaches far beyond it.
    let mut values: Vec<f64> = (0..9).map(f64::from).collect();
    values.push(16.0);
    assert_eq!(sample::prepare(&values, NanStrategy::Remove, Outliers::REMOVE).len(), 10);
    values.push(1000.0);
    assert_eq!(sample::prepare(&values, NanStrategy::Remove, Outliers::REMOVE).len(), 10);
}

fn metric(class: Class, group: &str) -> Scored {
    Scored { class, critical: false, muted: false, groups: vec![group.into()] }
}

#[test]
fn the_summary_is_weighted_rounded_and_forfeited_as_the_judge_has_it() {
    let thirds = [metric(Class::Pass, "a"), metric(Class::Pass, "a"), metric(Class::High, "a")];
    near(score::score(&thirds, &[]).summary, 66.67, 1e-12);
    // 60 + 40 / 2: the groups without a weight share what is left, and one without data counts as full.
    let shared = [metric(Class::Pass, "a"), metric(Class::Low, "b"), metric(Class::Nodata, "c")];
    near(score::score(&shared, &[("a".into(), 60.0)]).summary, 80.0, 1e-12);
    let half = [metric(Class::Pass, "a"), metric(Class::Nodata, "b")];
    let found = score::score(&half, &[]);
    assert_eq!((found.summary, found.forfeit), (0.0, Some(Forfeit::NoData)));
    let muted =
        [metric(Class::Pass, "a"), Scored { muted: true, critical: true, ..metric(Class::High, "b") }];
    near(score::score(&muted, &[]).summary, 100.0, 1e-12);
    let class = |score| score::classify(score, 95.0, 75.0);
    assert_eq!(
        [class(95.0), class(94.99), class(75.0), class(74.99)],
        [ScoreClass::Pass, ScoreClass::Marginal, ScoreClass::Marginal, ScoreClass::Fail,]
    );
}
