//! What is not known: it holds, and is never evidence in either direction.

use kit::limits::breach::Breaches;
use kit::sample::{absent, errors, judged, latencies, percentile_at, rate, snapshot, told, verdict};
use kit::types::{ArmName, Metric, MetricState, PolicyError, Stage};

#[test]
fn every_state_without_evidence_holds_and_is_named() {
    assert_eq!(
        told(r#"{"error-rate": "1%"}"#, 10, vec![absent(errors(1000, 1000), Some(ArmName::Canary), "empty")]),
        "hold\n\
         warning [errors] errors has no data on the canary (empty): the query matched nothing {}"
    );
    assert_eq!(
        told(r#"{"p95": "1ms"}"#, 10, vec![absent(percentile_at(95, 9.0, 0), None, "provider-down")]),
        "hold\n\
         warning [latency] latency has no data (provider-down): the query matched nothing {}"
    );
    let warming_up = Metric { state: MetricState::WarmingUp, ..errors(1000, 1000) };
    assert_eq!(
        told(r#"{"error-rate": "1%"}"#, 10, vec![warming_up]),
        "hold\n\
         info [errors] errors is warming up {}"
    );
}

#[test]
fn too_few_requests_hold_with_the_time_until_there_may_be_enough() {
    let settings = r#"{"min-requests": 100, "error-rate": "1%"}"#;
    assert_eq!(
        told(settings, 10, vec![errors(99, 99)]),
        "hold for 1 s\n\
         info [errors] errors has too few requests on the canary: 99 of the 100 needed {}"
    );
    assert_eq!(verdict(settings, 10, vec![errors(40, 0)]), "hold for 90 s");
    assert_eq!(verdict(settings, 10, vec![errors(100, 100)]), "rollback");
    assert_eq!(verdict(settings, 10, vec![errors(100, 0)]), "advance");
}

#[test]
fn no_request_at_all_is_too_few_even_where_none_is_demanded() {
    let settings = r#"{"min-requests": 0, "error-rate": 0, "p95": "1s"}"#;
    assert_eq!(
        told(settings, 10, vec![errors(0, 0), latencies(&[1.0], &[0, 0], &[0, 0])]),
        "hold\n\
         info [errors] errors has too few requests on the canary: 0 of the 1 needed {}\n\
         info [latency] latency has too few requests on the canary: 0 of the 1 needed {}"
    );
}

#[test]
fn absolute_limits_need_the_canary_alone() {
    let silent = |metric| absent(metric, Some(ArmName::Baseline), "no-traffic");
    let settings = r#"{"error-rate": "1%", "p95": "500ms"}"#;
    let metrics = |bad| vec![silent(errors(1000, bad)), silent(percentile_at(95, 0.4, 0))];
    assert_eq!(verdict(settings, 100, metrics(10)), "advance");
    assert_eq!(verdict(settings, 100, metrics(11)), "rollback");
}

#[test]
fn limits_against_the_baseline_need_both_arms() {
    let relative = r#"{"p95": {"over-baseline": "10%"}}"#;
    let silent = absent(percentile_at(95, 0.4, 0), Some(ArmName::Baseline), "no-traffic");
    assert_eq!(
        told(relative, 50, vec![silent]),
        "hold\n\
         warning [latency] latency has no data on the baseline (no-traffic): the query matched nothing {}"
    );
    let few = latencies(&[1.0, 2.0], &[10, 20, 20], &[0, 1000, 1000]);
    assert_eq!(
        told(relative, 50, vec![few]),
        "hold for 240 s\n\
         info [latency] latency has too few requests on the baseline: 20 of the 100 needed {}"
    );
    let beyond = latencies(&[1.0, 2.0], &[0, 0, 1000], &[1000, 1000, 1000]);
    assert_eq!(
        told(relative, 50, vec![beyond]),
        "hold\n\
         warning [latency] latency is above the last bucket edge of 2 s on the baseline, so there is nothing to \
         compare with: give the histogram larger edges {}"
    );
}

#[test]
fn throughput_needs_enough_on_the_baseline_and_enough_to_expect_on_the_canary() {
    let settings = r#"{"throughput-drop": "50%"}"#;
    assert_eq!(
        told(settings, 50, vec![rate(60, 60)]),
        "hold for 40 s\n\
         info [requests] requests has too few requests on the baseline: 60 of the 100 needed {}"
    );
    assert_eq!(
        told(settings, 10, vec![rate(450, 1)]),
        "hold for 60 s\n\
         info [requests] requests lets expect too few requests on the canary: 50 of the 100 needed {}"
    );
    // A canary that gets nearly nothing of its share is what the limit is for.
    assert_eq!(verdict(settings, 10, vec![rate(9000, 1)]), "rollback");
}

#[test]
fn buckets_that_make_no_sense_hold() {
    let settings = r#"{"p95": "500ms"}"#;
    let told = |edges: &[f64], counts: &[u64]| told(settings, 10, vec![latencies(edges, counts, counts)]);
    let malformed = "hold\nwarning [latency] latency has buckets on the canary that do not ascend {}";
    assert_eq!(told(&[1.0, 1.0], &[500, 600, 700]), malformed);
    assert_eq!(told(&[1.0, 2.0], &[500, 400, 700]), malformed);
    assert_eq!(told(&[1.0, 2.0], &[500, 700]), malformed);
    assert_eq!(told(&[f64::NAN], &[500, 700]), malformed);
    assert_eq!(
        told(&[], &[700]),
        "hold\nwarning [latency] latency has no finite bucket edge on the canary {}"
    );
}

#[test]
fn evidence_of_one_metric_rolls_back_whatever_another_lacks() {
    let settings = r#"{"error-rate": "1%", "p95": "1s"}"#;
    let metrics = |bad| vec![errors(1000, bad), absent(percentile_at(95, 0.4, 0), None, "empty")];
    assert_eq!(verdict(settings, 10, metrics(11)), "rollback");
    assert_eq!(verdict(settings, 10, metrics(10)), "hold");
}

#[test]
fn the_metric_must_be_clear_and_of_the_fitting_kind() {
    let named = |name: &str, metric| Metric { name: name.into(), ..metric };
    let two = || vec![named("api", errors(1000, 11)), named("web", errors(1000, 0))];
    assert_eq!(
        told(r#"{"error-rate": "1%"}"#, 10, two()),
        "bad settings: error-rate: several metrics fit: name one with `metric`, out of api, web"
    );
    assert_eq!(verdict(r#"{"error-rate": {"critical": "1%", "metric": "api"}}"#, 10, two()), "rollback");
    assert_eq!(verdict(r#"{"error-rate": {"critical": "1%", "metric": "web"}}"#, 10, two()), "advance");
    assert_eq!(
        told(r#"{"error-rate": {"critical": "1%", "metric": "app"}}"#, 10, two()),
        "bad settings: error-rate: there is no metric \"app\": the canary has api, web"
    );
    assert_eq!(
        told(r#"{"p95": {"critical": "1s", "metric": "api"}}"#, 10, two()),
        "bad settings: p95: the metric \"api\" is not a latency: name another one with `metric`"
    );
    assert_eq!(
        told(r#"{"throughput-drop": "10%"}"#, 10, two()),
        "bad settings: throughput-drop: there is no rate metric: add one to the canary's metrics, or name another \
         one with `metric`"
    );
}

#[test]
fn a_pull_request_is_declined() {
    let mut snapshot = snapshot(10, vec![errors(1000, 0)]);
    snapshot.position.stage = Stage::PullRequest;
    let settings = kit::limits::settings::read(r#"{"error-rate": "1%"}"#).unwrap();
    let answer = kit::limits::judge::judge(&snapshot, &settings, Breaches::default());
    assert!(matches!(answer, Err(PolicyError::Other(text)) if text.contains("not pull requests")));
}

#[test]
fn absence_alone_never_promotes_nor_rolls_back() {
    let codes =
        ["empty", "not-a-number", "several-series", "no-traffic", "provider-down", "malformed", "new"];
    let settings = [r#"{"error-rate": 0}"#, r#"{"success-rate": "100%"}"#];
    for (code, settings) in codes.iter().flat_map(|code| settings.map(|settings| (code, settings))) {
        for arm in [Some(ArmName::Canary), None] {
            let outcome = judged(settings, 10, vec![absent(errors(1000, 1000), arm, code)]).unwrap();
            assert!(kit::sample::outcome_text(&outcome).starts_with("hold\n"), "{code}");
        }
    }
}
