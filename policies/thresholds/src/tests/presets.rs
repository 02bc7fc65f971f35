//! The settings of four known systems, just within, at and just beyond each of their numbers.

use super::sample::{MINUTE, START, errors, latencies, percentile_at, rate, snapshot, told, verdict};
use crate::bindings::rollgate::policy::types::{Metric, Verdict};
use crate::breach::Breaches;

const UTXOIQ: &str = include_str!("../../presets/utxoiq.json");
const DECALOGO: &str = include_str!("../../presets/decalogo.json");
const AURUM: &str = include_str!("../../presets/aurum.json");
const AURIGRAPH: &str = include_str!("../../presets/aurigraph.json");

/// Latencies of 1000 requests on edges up to two minutes: `slow` of them take more than a minute, `slowest`
/// of these more than two.
fn minutes(slow: u64, slowest: u64) -> Metric {
    let counts = [0, 1000 - slow, 1000 - slowest, 1000];
    latencies(&[1.0, 60.0, 120.0], &counts, &counts)
}

#[test]
fn utxoiq_rolls_back_above_1_percent_errors_p95_60_s_and_p99_120_s() {
    let verdict = |errors, latency| verdict(UTXOIQ, 10, vec![errors, latency]);
    assert_eq!(verdict(errors(1000, 9), minutes(50, 10)), "advance");
    assert_eq!(verdict(errors(1000, 10), minutes(50, 10)), "advance");
    assert_eq!(verdict(errors(1000, 11), minutes(50, 10)), "rollback");
    assert_eq!(verdict(errors(1000, 0), minutes(49, 9)), "advance");
    assert_eq!(verdict(errors(1000, 0), minutes(51, 9)), "rollback");
    assert_eq!(verdict(errors(1000, 0), minutes(49, 11)), "rollback");
}

#[test]
fn utxoiq_judges_only_after_100_requests() {
    let few = |requests: u64, bad| {
        let counts = [requests, requests, requests, requests];
        vec![errors(requests, bad), latencies(&[1.0, 60.0, 120.0], &counts, &counts)]
    };
    assert_eq!(verdict(UTXOIQ, 10, few(99, 99)), "hold for 1 s");
    assert_eq!(verdict(UTXOIQ, 10, few(100, 1)), "advance");
    assert_eq!(verdict(UTXOIQ, 10, few(100, 2)), "rollback");
    assert_eq!(verdict(UTXOIQ, 10, few(101, 2)), "rollback");
}

#[test]
fn decalogo_rolls_back_above_10_percent_errors_and_p95_500_ms() {
    let fast = || latencies(&[0.1, 0.2], &[100, 100, 100], &[100, 100, 100]);
    assert_eq!(verdict(DECALOGO, 5, vec![errors(1000, 99), fast()]), "advance");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(1000, 100), fast()]), "advance");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(1000, 101), fast()]), "rollback");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(1000, 0), percentile_at(95, 0.5, 0)]), "advance");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(1000, 0), percentile_at(95, 0.5, 1)]), "rollback");
}

#[test]
fn decalogo_judges_from_10_samples_on() {
    let fast = |n| latencies(&[0.1, 0.2], &[n, n, n], &[n, n, n]);
    assert_eq!(verdict(DECALOGO, 5, vec![errors(9, 9), fast(9)]), "hold for 7 s");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(10, 1), fast(10)]), "advance");
    assert_eq!(verdict(DECALOGO, 5, vec![errors(10, 2), fast(10)]), "rollback");
}

#[test]
fn decalogo_warns_of_its_objectives_and_of_a_regression_above_10_percent() {
    // The baseline's p95 is 190 ms, the canary's 209 ms and then a little more.
    let slower = |above: u64| {
        let edges = [0.19, 0.209, 0.5];
        latencies(&edges, &[950, 1000, 1000, 1000], &[0, 950 - above, 1000, 1000])
    };
    let warnings = |metric| -> Vec<String> {
        let text = told(DECALOGO, 5, vec![errors(1000, 2), metric]);
        assert!(text.starts_with("advance\n"), "{text}");
        let lines = text.lines().filter_map(|line| line.strip_prefix("warning ")?.split(" (").next());
        lines.map(str::to_owned).collect()
    };
    assert_eq!(
        warnings(slower(0)),
        [
            "[errors] error rate 0.2 % is above the warning limit of 0.1 %",
            "[latency] p95 209 ms is above the warning limit of 200 ms",
        ]
    );
    assert_eq!(warnings(slower(1)).len(), 3);
    assert!(
        warnings(slower(1))[2]
            .ends_with("is above the warning limit of 209 ms, 10 % over the baseline's 190 ms")
    );
}

#[test]
fn aurum_wants_95_percent_success_1_second_and_1_percent_errors() {
    let verdict = |bad, above| verdict(AURUM, 15, vec![errors(1000, bad), percentile_at(95, 1.0, above)]);
    assert_eq!([verdict(9, 0), verdict(10, 0), verdict(11, 0)], ["advance", "advance", "rollback"]);
    assert_eq!(verdict(0, 1), "rollback");
    let text = told(AURUM, 15, vec![errors(1000, 51), percentile_at(95, 1.0, 0)]);
    assert!(text.contains("success rate 94.9 % is below the critical limit of 95 %"), "{text}");
}

/// Whether Aurigraph's limits roll back, five minutes into whatever `metrics` show.
fn aurigraph(weight: u8, metrics: &[Metric]) -> &'static str {
    let settings = crate::settings::read(AURIGRAPH).unwrap();
    let mut memory = Vec::new();
    for (at, last) in [(0, false), (5 * MINUTE - 1, false), (5 * MINUTE, true)] {
        let mut snapshot = snapshot(weight, metrics.to_vec());
        snapshot.context.now_ms = START + at;
        let breaches = Breaches::read(&memory).unwrap();
        let outcome = crate::judge::judge(&snapshot, &settings, breaches).unwrap();
        memory = outcome.memory;
        match outcome.verdict {
            Verdict::Rollback if last => return "rollback",
            Verdict::Advance(None) if last => return "advance",
            Verdict::Hold(Some(_)) | Verdict::Advance(None) => {}
            other => panic!("{other:?} at {at}"),
        }
    }
    unreachable!("the last look returns")
}

#[test]
fn aurigraph_has_limits_of_its_own_at_each_weight() {
    // Weight, allowed errors of 1000, allowed latency in seconds.
    for (weight, bad, latency) in [(10, 10, 0.5), (25, 5, 0.3), (50, 5, 0.3), (100, 1, 0.2)] {
        let even = 1000 * u64::from(100 - weight) / u64::from(weight);
        let at = |bad, above| {
            aurigraph(weight, &[errors(1000, bad), percentile_at(95, latency, above), rate(even, 1000)])
        };
        assert_eq!(at(bad - 1, 0), "advance", "{weight}");
        assert_eq!(at(bad, 0), "advance", "{weight}");
        assert_eq!(at(bad + 1, 0), "rollback", "{weight}");
        assert_eq!(at(bad, 1), "rollback", "{weight}");
    }
}

#[test]
fn aurigraph_watches_throughput_and_success() {
    let fast = || percentile_at(95, 0.1, 0);
    let at = |canary| aurigraph(10, &[errors(1000, 0), fast(), rate(9000, canary)]);
    assert_eq!([at(501), at(500), at(499)], ["advance", "advance", "rollback"]);
    let warns = |metrics: Vec<Metric>| {
        told(AURIGRAPH, 10, metrics).lines().filter(|l| l.starts_with("warning")).count()
    };
    assert_eq!(warns(vec![errors(1000, 0), fast(), rate(9000, 800)]), 0);
    assert_eq!(warns(vec![errors(1000, 0), fast(), rate(9000, 799)]), 1);
    assert_eq!(warns(vec![errors(1000, 10), fast(), rate(9000, 1000)]), 0);
    assert_eq!(warns(vec![errors(1000, 11), fast(), rate(9000, 1000)]), 1);
}
