//! Settings: what is accepted, and how each mistake is named.

use crate::rank::classify::{Direction, EffectMeasure};
use crate::settings::{Settings, read};

fn problems(text: &str) -> Vec<(String, String)> {
    let problems = read(text).unwrap_err();
    problems.into_iter().map(|problem| (problem.pointer, problem.message)).collect()
}

#[test]
fn no_settings_are_those_of_kayenta_but_for_absence() {
    let settings = read("{}").unwrap();
    assert_eq!(settings, Settings::default());
    assert_eq!(
        (settings.pass, settings.marginal, settings.confidence, settings.tolerance),
        (95.0, 75.0, 0.98, 0.25)
    );
}

#[test]
fn a_metric_has_what_it_is_given_and_the_rest_of_its_measure() {
    let settings = read(
        r#"{ "groups": { "errors": { "weight": 60, "metrics": ["5xx"] }, "latency": { "metrics": ["p95"] } },
             "critical": ["5xx"], "effect": "cles",
             "metrics": { "5xx": { "direction": "either", "effect": "mean-ratio", "allowed-increase": 1.5 } } }"#,
    )
    .unwrap();
    let (_, own) = settings.metrics.first().unwrap();
    let (allowed, critical) = own.limits(EffectMeasure::MeanRatio);
    assert_eq!((own.direction, allowed.increase, allowed.decrease), (Some(Direction::Either), 1.5, 1.0));
    assert_eq!((critical.increase, settings.usual.effect), (1.0, EffectMeasure::Cles));
}

#[test]
fn mistakes_have_their_place_and_a_mend() {
    assert_eq!(problems("[]"), [(String::new(), "expected an object".into())]);
    let places = |text: &str| problems(text).into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>();
    assert_eq!(places(r#"{ "pass": 101, "nan": "drop", "x/y": 1 }"#), ["/pass", "/nan", "/x~1y"]);
    assert_eq!(places(r#"{ "pass": 50, "marginal": 75 }"#), ["/marginal"]);
    assert_eq!(places(r#"{ "groups": { "a": { "weight": 60, "metrics": ["e"] } } }"#), ["/groups"]);
    assert_eq!(
        places(r#"{ "groups": { "a": { "metrics": ["e", "e"] }, "b": { "metrics": [] } } }"#),
        ["/groups/a/metrics/1", "/groups/b"]
    );
    assert_eq!(
        places(r#"{ "groups": { "a": { "metrics": ["e"] } }, "critical": ["f"], "metrics": { "g": {} } }"#),
        ["/critical/0", "/metrics/g"]
    );
}
