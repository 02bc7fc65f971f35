//! What is drawn has the distribution that it says, and comes again.

use rollgate::simulate::generate;
use rollgate::simulate::random::Random;
use rollgate::simulate::scenario::{self, Kind};
use rollgate::simulate::tick::{Counts, Rollout};

/// Mean and variance of `count` draws.
fn moments(count: u32, mut draw: impl FnMut(&mut Random) -> f64) -> (f64, f64) {
    let mut random = Random::of(11, "moments", 0);
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..count {
        let value = draw(&mut random);
        sum += value;
        squares += value * value;
    }
    let mean = sum / f64::from(count);
    (mean, squares / f64::from(count) - mean * mean)
}

/// Within five standard errors of the mean, and 10 % of the variance; the seed is fixed.
fn close((mean, variance): (f64, f64), (true_mean, true_variance): (f64, f64), count: u32) {
    let error = (true_variance / f64::from(count)).sqrt();
    assert!((mean - true_mean).abs() <= 5.0 * error, "mean {mean} instead of {true_mean}");
    assert!((variance / true_variance - 1.0).abs() <= 0.1, "variance {variance} instead of {true_variance}");
}

#[test]
fn poisson_counts_have_the_mean_and_variance_of_their_parameter() {
    for mean in [0.01, 0.7, 9.9, 10.0, 150.0, 15_000.0] {
        close(moments(20_000, |random| random.poisson(mean) as f64), (mean, mean), 20_000);
    }
    let mut random = Random::of(1, "edge", 0);
    assert!([0.0, -1.0, f64::NAN].into_iter().all(|mean| random.poisson(mean) == 0));
}

#[test]
fn binomial_counts_have_np_and_npq_by_either_method_and_never_exceed_n() {
    for (n, p) in
        [(1_u32, 0.5), (20, 0.02), (150, 0.005), (150, 0.1), (1500, 0.9), (15_000, 0.005), (15_000, 0.37)]
    {
        let trials = f64::from(n);
        close(
            moments(20_000, |random| {
                let hits = random.binomial(n.into(), p);
                assert!(hits <= u64::from(n));
                hits as f64
            }),
            (trials * p, trials * p * (1.0 - p)),
            20_000,
        );
    }
    let mut random = Random::of(1, "edge", 0);
    assert_eq!(
        [
            random.binomial(7, 0.0),
            random.binomial(7, 1.0),
            random.binomial(0, 0.5),
            random.binomial(7, f64::NAN)
        ],
        [0, 7, 0, 0]
    );
}

/// The distribution itself, not only its moments: `scipy.stats.binom(40, 0.3).cdf` and `poisson(12).cdf`, `SciPy` 1.17.1.
#[test]
fn counts_by_rejection_have_their_distribution() {
    let share = |draw: fn(&mut Random) -> u64, most: u64| {
        let mut random = Random::of(5, "cdf", most);
        (0..40_000).filter(|_| draw(&mut random) <= most).count() as f64 / 40_000.0
    };
    for (most, cdf) in [(7, 0.055_282_887_154), (12, 0.577_180_924_503), (16, 0.936_687_124_522)] {
        let found = share(|random| random.binomial(40, 0.3), most);
        assert!((found - cdf).abs() < 0.0125, "binomial at {most}: {found} instead of {cdf}");
    }
    for (most, cdf) in [(7, 0.089_504_496_840), (12, 0.575_965_248_573), (18, 0.962_583_510_337)] {
        let found = share(|random| random.poisson(12.0), most);
        assert!((found - cdf).abs() < 0.0125, "poisson at {most}: {found} instead of {cdf}");
    }
}

#[test]
fn clustered_errors_keep_their_mean_and_are_far_more_varied() {
    // Poisson clusters of geometric size g: variance = mean (2 g - 1).
    let found = moments(20_000, |random| random.clustered(1_000_000, 1e-4, 5.0) as f64);
    close(found, (100.0, 100.0 * 9.0), 20_000);
}

#[test]
fn a_stream_depends_on_all_that_names_it_and_on_nothing_else() {
    let first = |seed, name: &str, replicate| Random::of(seed, name, replicate).bits();
    let one = first(1, "steady", 0);
    assert_eq!(one, first(1, "steady", 0));
    let others = [first(2, "steady", 0), first(1, "gaps", 0), first(1, "steady", 1), first(1, "stead", 0)];
    assert!(others.iter().all(|other| *other != one));
}

fn sums(rollout: &Rollout, canary: bool) -> Counts {
    let mut sum = Counts::default();
    for counts in rollout
        .ticks
        .iter()
        .filter_map(|tick| if canary { tick.canary.as_ref() } else { tick.baseline.as_ref() })
    {
        sum.add(counts);
    }
    sum
}

#[test]
fn a_rollout_has_the_traffic_errors_and_latency_of_its_scenario() {
    let scenario = scenario::find("errors-1-to-2").unwrap();
    let rollout = generate::rollout(scenario, 3, 0);
    assert_eq!(rollout, generate::rollout(scenario, 3, 0));
    assert_ne!(rollout, generate::rollout(scenario, 3, 1));
    assert_eq!(rollout.ticks.len(), 60);
    let (canary, baseline) = (sums(&rollout, true), sums(&rollout, false));
    let near = |value: f64, expected: f64, share: f64| {
        assert!((value / expected - 1.0).abs() < share, "{value} instead of {expected}");
    };
    near(canary.requests as f64, 9_000.0, 0.05);
    near(baseline.requests as f64, 81_000.0, 0.02);
    near(canary.error_rate().unwrap(), 0.02, 0.3);
    near(baseline.error_rate().unwrap(), 0.01, 0.15);
    // exp(ln 80 ms + 0.6 z) at the normal quantiles 0 and 1.6449, within the bucket that they are interpolated in.
    near(baseline.quantile(&rollout.edges, 0.5).unwrap(), 0.080, 0.03);
    near(baseline.quantile(&rollout.edges, 0.95).unwrap(), 0.2146, 0.03);
}

#[test]
fn every_tick_of_every_scenario_is_sound() {
    for scenario in scenario::ALL {
        let rollout = generate::rollout(scenario, 9, 4);
        for tick in &rollout.ticks {
            for counts in [&tick.baseline, &tick.canary].into_iter().flatten() {
                assert!(counts.errors <= counts.requests, "{}", scenario.name);
                assert!(counts.cumulative.is_sorted(), "{}", scenario.name);
                assert!(
                    counts.cumulative.last().is_none_or(|last| *last <= counts.requests),
                    "{}",
                    scenario.name
                );
            }
        }
    }
}

#[test]
fn what_the_provider_loses_is_lost_and_what_users_met_is_not() {
    let named = |name: &str| generate::rollout(scenario::find(name).unwrap(), 1, 0);
    let gaps = named("gaps");
    let lost = gaps.ticks.iter().filter(|tick| tick.canary.is_none()).count();
    assert!((8..=32).contains(&lost) && lost % 4 == 0, "{lost} ticks of whole minutes");
    assert!(gaps.exposed(59).requests > sums(&gaps, true).requests);
    // A late scrape is late, not lost, but for the last.
    let late = named("late-scrapes");
    let missing = late.exposed(59).requests - sums(&late, true).requests;
    assert!(late.ticks.iter().any(|tick| tick.canary.is_none()) && missing < 1_000, "{missing}");
    assert_eq!(sums(&named("no-canary-traffic"), true).requests, 0);
}

#[test]
fn the_list_of_scenarios_is_the_bench_and_more() {
    let counted = |kind: Kind| {
        scenario::ALL.iter().filter(|scenario| scenario.kind == kind && scenario.in_mean).count()
    };
    assert_eq!((counted(Kind::Null), counted(Kind::Regression)), (11, 12));
    assert!(scenario::ALL.len() >= 35, "{}", scenario::ALL.len());
    let mut names: Vec<&str> = scenario::ALL.iter().map(|scenario| scenario.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), scenario::ALL.len());
}
