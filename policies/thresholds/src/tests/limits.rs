//! Each limit just within, exactly at and just beyond its level.

use kit::sample::{errors, latencies, percentile_at, rate, told, verdict};

#[test]
fn an_error_rate_above_the_critical_limit_rolls_back() {
    assert_eq!(
        told(r#"{"error-rate": "1%"}"#, 10, vec![errors(1000, 11)]),
        "rollback\n\
         critical [errors] error rate 1.1 % is above the critical limit of 1 % (1000 requests) \
         {value: 0.011, limit: 0.01, requests: 1000, bad: 11.0, since-ms: 1700000000000, lasted-ms: 0}"
    );
}

#[test]
fn an_error_rate_exactly_at_the_limit_is_within_it() {
    // Every whole percentage: neither side of the comparison may be rounded differently.
    for percent in 0..100 {
        let settings = format!(r#"{{"error-rate": "{percent}%"}}"#);
        assert_eq!(verdict(&settings, 10, vec![errors(1000, 10 * percent)]), "advance", "{percent}");
        assert_eq!(verdict(&settings, 10, vec![errors(1000, 10 * percent + 1)]), "rollback", "{percent}");
    }
    for tenth in 0..100 {
        let settings = format!(r#"{{"error-rate": "{}.{}%"}}"#, tenth / 10, tenth % 10);
        assert_eq!(verdict(&settings, 10, vec![errors(1000, tenth)]), "advance", "{tenth}");
        assert_eq!(verdict(&settings, 10, vec![errors(1000, tenth + 1)]), "rollback", "{tenth}");
    }
}

#[test]
fn no_error_is_allowed_by_a_limit_of_zero() {
    assert_eq!(verdict(r#"{"error-rate": 0}"#, 10, vec![errors(1000, 0)]), "advance");
    assert_eq!(verdict(r#"{"error-rate": 0}"#, 10, vec![errors(1_000_000, 1)]), "rollback");
}

#[test]
fn a_warning_is_told_and_the_canary_goes_on() {
    let settings = r#"{"error-rate": {"warning": "0.5%", "critical": "1%"}}"#;
    assert_eq!(
        told(settings, 10, vec![errors(1000, 6)]),
        "advance\n\
         warning [errors] error rate 0.6 % is above the warning limit of 0.5 % (1000 requests) \
         {value: 0.006, limit: 0.005, requests: 1000, bad: 6.0}"
    );
    assert_eq!(
        told(settings, 10, vec![errors(1000, 5)]),
        "advance\n\
         info [errors] error rate 0.5 % is within the limit of 0.5 % (1000 requests) \
         {value: 0.005, limit: 0.005, requests: 1000, bad: 5.0}"
    );
}

#[test]
fn a_success_rate_below_the_limit_rolls_back() {
    let settings = r#"{"success-rate": {"warning": "99%", "critical": "95%"}}"#;
    assert_eq!(verdict(settings, 10, vec![errors(1000, 10)]), "advance");
    assert_eq!(
        told(settings, 10, vec![errors(1000, 50)]),
        "advance\n\
         warning [errors] success rate 95 % is below the warning limit of 99 % (1000 requests) \
         {value: 0.95, limit: 0.99, requests: 1000, bad: 50.0}"
    );
    assert_eq!(
        told(settings, 10, vec![errors(1000, 51)]),
        "rollback\n\
         critical [errors] success rate 94.9 % is below the critical limit of 95 % (1000 requests) \
         {value: 0.949, limit: 0.95, requests: 1000, bad: 51.0, since-ms: 1700000000000, lasted-ms: 0}"
    );
}

#[test]
fn each_percentile_has_its_own_limit() {
    for percent in [50, 95, 99] {
        let settings = format!(r#"{{"p{percent}": "400ms"}}"#);
        assert_eq!(verdict(&settings, 10, vec![percentile_at(percent, 0.4, 0)]), "advance", "{percent}");
        assert_eq!(verdict(&settings, 10, vec![percentile_at(percent, 0.4, 1)]), "rollback", "{percent}");
    }
}

#[test]
fn a_value_is_told_with_as_many_digits_as_tell_it_from_its_limit() {
    // 950 - 1 of 1000 within 0.4 s, 50 + 1 between 0.4 s and 0.8 s: 0.4 + 0.4 / 51.
    assert_eq!(
        told(r#"{"p95": "400ms"}"#, 10, vec![percentile_at(95, 0.4, 1)]),
        "rollback\n\
         critical [latency] p95 407.84 ms is above the critical limit of 400 ms (1000 requests) \
         {value: 0.40784313725490196, limit: 0.4, requests: 1000, since-ms: 1700000000000, lasted-ms: 0}"
    );
    let barely = latencies(&[0.4, 0.8], &[0, 0, 0], &[949_999_999, 1_000_000_000, 1_000_000_000]);
    let text = told(r#"{"p95": "400ms"}"#, 100, vec![barely]);
    assert!(text.contains("p95 400.00001 ms is above the critical limit of 400 ms"), "{text}");
}

#[test]
fn beyond_the_last_bucket_edge_a_smaller_limit_is_breached_and_a_larger_one_cannot_be_told() {
    let slow = || latencies(&[5.0, 10.0], &[100, 100, 100], &[0, 900, 1000]);
    assert_eq!(
        told(r#"{"p95": "10s"}"#, 100, vec![slow()]),
        "rollback\n\
         critical [latency] p95 more than 10 s is above the critical limit of 10 s (1000 requests) \
         {value-above: 10.0, limit: 10.0, requests: 1000, since-ms: 1700000000000, lasted-ms: 0}"
    );
    assert_eq!(
        told(r#"{"p95": {"warning": "1s", "critical": "60s"}}"#, 100, vec![slow()]),
        "hold\n\
         warning [latency] p95 is more than 10 s, the last bucket edge, so whether it is above the limit of 60 s \
         cannot be told: give the histogram edges up to it {value-above: 10.0, limit: 60.0, requests: 1000}"
    );
    assert_eq!(verdict(r#"{"p50": "60s"}"#, 100, vec![slow()]), "advance");
}

#[test]
fn a_percentile_is_held_against_the_baseline() {
    let settings = r#"{"p95": {"over-baseline": {"warning": "25%", "critical": "50%"}}}"#;
    // The baseline's p95 is 1 s; the canary's is 1.25 s, 1.5 s, or a little more.
    let edges = [1.0, 1.25, 1.5, 2.0];
    let canary = |counts: [u64; 5]| latencies(&edges, &[950, 1000, 1000, 1000, 1000], &counts);
    assert_eq!(verdict(settings, 50, vec![canary([0, 950, 1000, 1000, 1000])]), "advance");
    assert_eq!(
        told(settings, 50, vec![canary([0, 0, 950, 1000, 1000])]),
        "advance\n\
         warning [latency] p95 1.5 s is above the warning limit of 1.25 s, 25 % over the baseline's 1 s (1000 requests) \
         {value: 1.5, limit: 1.25, requests: 1000, baseline: 1.0}"
    );
    assert_eq!(
        told(settings, 50, vec![canary([0, 0, 900, 1000, 1000])]),
        "rollback\n\
         critical [latency] p95 1.75 s is above the critical limit of 1.5 s, 50 % over the baseline's 1 s \
         (1000 requests) {value: 1.75, limit: 1.5, requests: 1000, baseline: 1.0, since-ms: 1700000000000, \
         lasted-ms: 0}"
    );
    assert_eq!(
        told(settings, 100, vec![canary([0, 0, 0, 1000, 1000])]),
        "advance\n\
         info [latency] latency is not held against the baseline at a weight of 100 % {}"
    );
}

#[test]
fn throughput_is_held_against_the_share_of_the_traffic() {
    let settings = r#"{"throughput-drop": {"warning": "20%", "critical": "50%"}}"#;
    // At 10 %, 9000 on the baseline let expect 1000 on the canary; at 25 %, 3000.
    assert_eq!(verdict(settings, 10, vec![rate(9000, 1000)]), "advance");
    assert_eq!(verdict(settings, 10, vec![rate(9000, 5000)]), "advance");
    assert_eq!(
        told(settings, 10, vec![rate(9000, 800)]),
        "advance\n\
         info [requests] throughput drop 20 % is within the limit of 20 % (800 requests) \
         {value: 0.2, limit: 0.2, requests: 800, expected-requests: 1000.0}"
    );
    assert_eq!(
        told(settings, 10, vec![rate(9000, 500)]),
        "advance\n\
         warning [requests] throughput drop 50 % is above the warning limit of 20 % (500 requests) \
         {value: 0.5, limit: 0.2, requests: 500, expected-requests: 1000.0}"
    );
    assert_eq!(
        told(settings, 10, vec![rate(9000, 499)]),
        "rollback\n\
         critical [requests] throughput drop 50.1 % is above the critical limit of 50 % (499 requests) \
         {value: 0.501, limit: 0.5, requests: 499, expected-requests: 1000.0, since-ms: 1700000000000, \
         lasted-ms: 0}"
    );
    assert_eq!(verdict(settings, 25, vec![rate(9000, 1499)]), "rollback");
    assert_eq!(verdict(settings, 25, vec![rate(9000, 1500)]), "advance");
}

#[test]
fn throughput_is_judged_by_rate_not_by_count() {
    let mut metric = rate(9000, 500);
    metric.canary.observed_ms /= 2;
    assert_eq!(verdict(r#"{"throughput-drop": "20%"}"#, 10, vec![metric]), "advance");
}

#[test]
fn throughput_is_not_judged_without_a_share_to_expect() {
    for weight in [0, 100] {
        assert_eq!(
            told(r#"{"throughput-drop": "20%"}"#, weight, vec![rate(0, 1000)]),
            format!(
                "advance\ninfo [requests] requests is not judged for throughput at a weight of {weight} % {{}}"
            )
        );
    }
}

#[test]
fn any_metric_that_counts_can_stand_for_throughput() {
    let settings = r#"{"throughput-drop": {"metric": "errors", "critical": "50%"}}"#;
    assert_eq!(verdict(settings, 10, vec![errors(1000, 0)]), "advance");
    assert_eq!(verdict(settings, 50, vec![errors(1000, 0)]), "rollback");
}

#[test]
fn the_gravest_reason_comes_first_and_decides() {
    let settings = r#"{"error-rate": {"warning": "1%"}, "p50": "10s", "p95": "200ms"}"#;
    let text = told(settings, 10, vec![errors(1000, 20), percentile_at(95, 0.4, 0)]);
    let severities: Vec<_> = text.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(severities, ["rollback", "critical", "warning", "info"]);
}
