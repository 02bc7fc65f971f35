//! Figures and their intervals.

use rollgate::simulate::judge::{Decision, Ended};
use rollgate::simulate::scenario;
use rollgate::simulate::tally::{Share, Tally};

/// `scipy.stats.binomtest(k, n).proportion_ci(0.95, "exact")` of `SciPy` 1.17.1.
#[test]
fn intervals_are_those_of_clopper_and_pearson() {
    for (hits, n, low, high) in [
        (0, 4000, 0.0, 0.000_921_794_750),
        (20, 4000, 0.003_056_724_454, 0.007_711_581_528),
        (1, 1, 0.025, 1.0),
        (7, 10, 0.347_547_149_940, 0.933_260_488_822),
        (570, 600, 0.929_388_593_967, 0.966_014_452_785),
        (4000, 4000, 0.999_078_205_250, 1.0),
    ] {
        let share = Share::of(hits, n);
        assert!(
            (share.low - low).abs() < 1e-9 && (share.high - high).abs() < 1e-9,
            "{hits} of {n}: {share:?}"
        );
    }
    assert_eq!(Share::of(0, 0), Share { value: 0.0, low: 0.0, high: 1.0 });
}

fn ended(decision: Decision, seconds: f64, canary_requests: u64) -> Ended {
    Ended { decision, seconds, canary_requests, canary_errors: canary_requests / 100 }
}

#[test]
fn a_row_counts_every_end_and_times_each_kind_apart() {
    let mut tally = Tally::default();
    for at in 1..=10_u32 {
        tally.add(ended(Decision::Rollback, f64::from(at) * 15.0, u64::from(at) * 150));
    }
    tally.add(ended(Decision::Promote, 900.0, 9_000));
    let mut more = Tally::default();
    more.add(ended(Decision::Undecided, 900.0, 9_000));
    tally.append(more);
    let row = tally.row(scenario::find("errors-half-to-5").unwrap(), "rollgate");
    assert_eq!((row.replicates, row.rollback, row.promote, row.undecided), (12, 10, 1, 1));
    assert_eq!((row.time_to_rollback.median, row.time_to_rollback.p90), (Some(75.0), Some(135.0)));
    assert_eq!(row.time_to_promote.median, Some(900.0));
    assert_eq!(row.canary_requests_before_rollback, Some(825.0));
}
