//! Every case and trace of the rollout controllers' rules, from `judge/argo-flagger.json` of the shared conformance
//! data, which names its sources and commits.

use rollgate::simulate::peer::argo::{self, ConditionError, Counters, Limits, Phase};
use rollgate::simulate::peer::flagger::{Analysis, Canary, Check};
use serde_json::{Value, json};

use crate::support::shared_data::conformance;

fn data() -> Value {
    let path = conformance().join("judge/argo-flagger.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn cases(of: &str) -> Vec<Value> {
    let cases = data()[of].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn every_metric_of_argos_suite_is_in_its_phase() {
    for case in cases("argo_assess") {
        let setting = |key: &str| case["config"][key].as_i64();
        let seen = |key: &str| case["result"][key].as_i64().unwrap();
        let usual = Limits::default();
        // Without an interval a metric is measured once.
        let count = setting("count").or(case["config"]["interval"].is_null().then_some(1));
        // A limit on successes in a row alone leaves failures without one; with both, both are set.
        let limits = Limits {
            count,
            failure: setting("failureLimit").unwrap_or(usual.failure),
            inconclusive: setting("inconclusiveLimit").unwrap_or(usual.inconclusive),
            consecutive_error: setting("consecutiveErrorLimit").unwrap_or(usual.consecutive_error),
            consecutive_success: setting("consecutiveSuccessLimit").unwrap_or(usual.consecutive_success),
        };
        let counters = Counters {
            successful: seen("successful"),
            failed: seen("failed"),
            inconclusive: seen("inconclusive"),
            count: seen("count"),
            consecutive_error: seen("consecutive_error"),
            consecutive_success: seen("consecutive_success"),
            measurements: seen("measurements"),
        };
        let phase = argo::metric(&limits, &counters, case["terminating"] == true);
        assert_eq!(case["expect"], phase.as_str(), "{case}");
    }
}

#[test]
fn every_measurement_of_argos_suite_is_in_its_phase() {
    for case in cases("argo_evaluate") {
        let phase = match case["kind"].as_str().unwrap() {
            "evaluate_measurement" => {
                let condition = |key: &str| match &case[key] {
                    Value::Null => None,
                    Value::Bool(holds) => Some(Ok(*holds)),
                    _ => Some(Err(ConditionError)),
                };
                argo::measurement(condition("success"), condition("failure"))
            }
            "nan" => {
                let text = case["conditions"].as_str().unwrap();
                let holds = |name: &str, holds: bool| text.contains(name).then_some(Ok(holds));
                let value: f64 = "NaN".parse().unwrap();
                argo::measurement(
                    holds("successCondition", value >= 0.95),
                    holds("failureCondition", value < 0.95),
                )
            }
            "empty_vector" => {
                let none: [f64; 0] = [];
                let condition = none.first().map(|first| *first >= 0.95).ok_or(ConditionError);
                argo::measurement(Some(condition), None)
            }
            kind => panic!("cases of kind {kind} are not known"),
        };
        let expected = case["expect"].as_str().unwrap().split(' ').next().unwrap().to_owned();
        assert_eq!(expected, phase.as_str(), "{case}");
    }
    // Both conditions, and a value that is not a number: neither holds.
    assert_eq!(argo::measurement(Some(Ok(false)), Some(Ok(false))), Phase::Inconclusive);
}

#[test]
fn the_fifth_error_in_a_row_ends_a_run_and_an_answer_forgives_them() {
    let limits = Limits::default();
    let mut seen = Counters::default();
    let mut phases = Vec::new();
    for phase in [Phase::Error; 4].into_iter().chain([Phase::Successful]).chain([Phase::Error; 5]) {
        seen.add(phase);
        phases.push(argo::metric(&limits, &seen, false));
    }
    assert_eq!(phases.iter().filter(|phase| **phase == Phase::Error).count(), 1);
    assert_eq!((phases.last(), seen.count, seen.measurements), (Some(&Phase::Error), 1, 10));
}

#[test]
fn a_bad_metric_ends_its_siblings_and_an_unmeasured_one_ends_well() {
    let failed =
        (Limits::default(), Counters { failed: 1, count: 1, measurements: 1, ..Counters::default() });
    let unmeasured = (Limits::default(), Counters::default());
    assert_eq!(argo::run(&[failed, unmeasured], false), Phase::Failed);
    assert_eq!(argo::run(&[unmeasured], false), Phase::Pending);
    assert_eq!(argo::run(&[unmeasured], true), Phase::Successful);
}

#[test]
fn every_trace_of_flaggers_loop_is_followed() {
    for trace in cases("flagger_traces") {
        let setting = |key: &str, usual: u32| {
            trace["config"][key].as_u64().map_or(usual, |value| u32::try_from(value).unwrap())
        };
        let analysis = Analysis {
            threshold: setting("threshold", 5),
            step_weight: setting("stepWeight", 10),
            max_weight: setting("maxWeight", 50),
        };
        let expected = trace["expect"].as_array().unwrap();
        let outcomes = trace["outcomes"].as_array().unwrap();
        let mut canary = Canary::NEW;
        let mut states = Vec::new();
        for outcome in outcomes.iter().take(expected.len()) {
            let check = match outcome.as_str().unwrap() {
                "ok" => Check::Passed,
                "fail" => Check::OutOfRange,
                "no_data" => Check::NoData,
                "query_error" => Check::QueryError,
                outcome => panic!("outcomes {outcome} are not known"),
            };
            canary = canary.advance(&analysis, || check);
            states.push(json!([canary.phase.as_str(), canary.weight, canary.failed_checks]));
        }
        assert_eq!(&states, expected, "{}", trace["outcomes"]);
    }
}
