//! What the policy decides on small samples that can be judged by eye.

use kit::sample::{self, snapshot};

use crate::bindings::rollgate::policy::types::{
    Arm, Direction, Metric, MetricKind, MetricState, Outcome, PolicyError, Severity, Verdict,
};
use crate::judge::judge;
use crate::settings::read;

const STEADY: [f64; 8] = [1.0, 1.1, 0.9, 1.05, 0.95, 1.02, 0.98, 1.0];
const WORSE: [f64; 8] = [2.0, 2.1, 1.9, 2.05, 1.95, 2.02, 1.98, 2.0];

fn arm(series: &[f64], missing: u32) -> Arm {
    Arm { requests: 1000, value: series.last().copied(), series: series.to_vec(), missing, ..sample::arm() }
}

fn metric(name: &str, baseline: &[f64], canary: &[f64]) -> Metric {
    sample::metric(name, MetricKind::Ratio, arm(baseline, 0), arm(canary, 0))
}

fn asked(settings: &str, metrics: Vec<Metric>) -> Result<Outcome, PolicyError> {
    judge(&snapshot(10, metrics), &read(settings).unwrap())
}

fn verdict(settings: &str, metrics: Vec<Metric>) -> Verdict {
    asked(settings, metrics).unwrap().verdict
}

#[test]
fn a_canary_as_the_baseline_advances_and_a_worse_one_goes_back() {
    assert_eq!(verdict("{}", vec![metric("errors", &STEADY, &STEADY)]), Verdict::Advance(None));
    let outcome = asked("{}", vec![metric("errors", &STEADY, &WORSE)]).unwrap();
    assert_eq!(outcome.verdict, Verdict::Rollback);
    let texts: Vec<&str> = outcome.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(texts.first(), Some(&"score 0 is below 75"));
    assert!(
        texts.get(1).is_some_and(|text| text.starts_with("errors is high: shifted by 1 against")),
        "{texts:?}"
    );
}

#[test]
fn the_direction_of_the_metric_says_which_change_is_worse() {
    assert_eq!(verdict("{}", vec![metric("errors", &WORSE, &STEADY)]), Verdict::Advance(None));
    let good = Metric { direction: Direction::HigherIsBetter, ..metric("hits", &WORSE, &STEADY) };
    assert_eq!(verdict("{}", vec![good.clone()]), Verdict::Rollback);
    assert_eq!(
        verdict(r#"{ "metrics": { "hits": { "direction": "increase" } } }"#, vec![good]),
        Verdict::Advance(None)
    );
}

#[test]
fn weights_and_thresholds_make_a_score_marginal() {
    let metrics = || vec![metric("errors", &STEADY, &STEADY), metric("p95", &STEADY, &WORSE)];
    let settings = |more: &str| {
        format!(
            r#"{{ "groups": {{ "e": {{ "weight": 80, "metrics": ["errors"] }}, "l": {{ "metrics": ["p95"] }} }} {more} }}"#
        )
    };
    assert_eq!(verdict(&settings(""), metrics()), Verdict::Hold(None));
    assert_eq!(verdict(&settings(r#", "pass": 80"#), metrics()), Verdict::Advance(None));
    assert_eq!(verdict(&settings(r#", "critical": ["p95"]"#), metrics()), Verdict::Rollback);
    assert_eq!(verdict(&settings(r#", "muted": ["p95"]"#), metrics()), Verdict::Hold(None));
    assert_eq!(verdict("{}", metrics()), Verdict::Rollback);
}

#[test]
fn an_effect_that_is_too_small_does_not_count() {
    let limited = r#"{ "metrics": { "errors": { "allowed-increase": 3 } } }"#;
    assert_eq!(verdict(limited, vec![metric("errors", &STEADY, &WORSE)]), Verdict::Advance(None));
}

#[test]
fn missing_data_alone_decide_nothing_unless_they_are_told_to() {
    let silent = || vec![metric("errors", &STEADY, &[]), metric("p95", &STEADY, &STEADY)];
    assert_eq!(verdict("{}", silent()), Verdict::Hold(None));
    assert_eq!(verdict(r#"{ "no-data": "fail" }"#, silent()), Verdict::Rollback);
    assert_eq!(verdict(r#"{ "critical": ["errors"] }"#, silent()), Verdict::Hold(None));
    assert_eq!(verdict(r#"{ "must-have-data": ["errors"] }"#, silent()), Verdict::Rollback);
    assert_eq!(verdict(r#"{ "nan": "replace" }"#, silent()), Verdict::Advance(None));
    // Another metric that is worse decides all the same.
    let worse =
        vec![metric("errors", &STEADY, &[]), metric("p95", &STEADY, &WORSE), metric("p99", &STEADY, &WORSE)];
    assert_eq!(verdict("{}", worse), Verdict::Rollback);
}

#[test]
fn too_few_values_and_warming_up_wait() {
    let few = || vec![metric("errors", &[1.0, 1.1], &[2.0, 2.1])];
    let outcome = asked("{}", few()).unwrap();
    assert_eq!(outcome.verdict, Verdict::Hold(None));
    let first = outcome.reasons.first().unwrap();
    assert_eq!(
        (first.text.as_str(), first.severity),
        ("errors has 2 of the 5 values needed in each arm", Severity::Info)
    );
    // As Kayenta has it: two values against two are enough.
    assert_eq!(verdict(r#"{ "min-samples": 0 }"#, few()), Verdict::Rollback);
    let warming = Metric { state: MetricState::WarmingUp, ..metric("errors", &STEADY, &WORSE) };
    assert_eq!(verdict("{}", vec![warming]), Verdict::Hold(None));
}

#[test]
fn settings_that_speak_of_other_metrics_are_refused() {
    let refused = asked(r#"{ "critical": ["typo"] }"#, vec![metric("errors", &STEADY, &STEADY)]).unwrap_err();
    assert_eq!(
        refused,
        PolicyError::BadSettings("there is no metric \"typo\": the canary has errors".into())
    );
    assert!(matches!(asked("{}", Vec::new()), Err(PolicyError::BadSettings(_))));
}
