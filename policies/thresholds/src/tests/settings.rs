//! What is wrong with settings is told with its place and a mend.

use kit::limits::settings::{self, Levels, Subject};
use kit::types::PolicyError;

/// The problems, a line each: pointer, message.
fn problems(text: &str) -> String {
    let problems = settings::read(text).err().unwrap_or_default();
    let lines: Vec<_> =
        problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect();
    lines.join("\n")
}

#[test]
fn percentages_durations_and_numbers_mean_the_same() {
    let texts = [
        r#"{"error-rate": "1%", "p95": "500ms"}"#,
        r#"{"error-rate": 0.01, "p95": 0.5}"#,
        r#"{"error-rate": {"critical": "1.0%"}, "p95": {"critical": "0.5s"}}"#,
    ];
    let [first, second, third] = texts.map(|text| settings::read(text).unwrap());
    assert!(first == second && second == third);
}

#[test]
fn defaults_are_a_hundred_requests_and_no_delay() {
    let settings = settings::read(r#"{"error-rate": "1%"}"#).unwrap();
    assert_eq!((settings.at(10).min_requests, settings.at(10).sustained_ms), (100, 0));
}

#[test]
fn a_step_replaces_what_it_names_up_to_its_weight() {
    let settings = settings::read(
        r#"{ "min-requests": 50, "p99": "2s", "error-rate": {"critical": "5%", "metric": "api"},
             "steps": [ {"up-to": "10%", "error-rate": "1%", "sustained-for": "1m"},
                        {"up-to": "50%", "min-requests": 500} ] }"#,
    )
    .unwrap();
    let limits = |percent| -> Vec<_> {
        settings.at(percent).limits().map(|(key, _, limit)| (key, limit.absolute.critical.unwrap())).collect()
    };
    assert_eq!(limits(1), [("error-rate", 0.01), ("p99", 2.0)]);
    assert_eq!(limits(10), [("error-rate", 0.01), ("p99", 2.0)]);
    assert_eq!(limits(11), [("error-rate", 0.05), ("p99", 2.0)]);
    assert_eq!(limits(100), [("error-rate", 0.05), ("p99", 2.0)]);
    let plain = |percent| (settings.at(percent).min_requests, settings.at(percent).sustained_ms);
    assert_eq!([plain(10), plain(11), plain(51)], [(50, 60_000), (500, 0), (50, 0)]);
}

#[test]
fn a_limit_over_the_baseline_may_stand_alone() {
    let settings = settings::read(r#"{"p50": {"over-baseline": "20%"}}"#).unwrap();
    let (key, subject, limit) = settings.at(10).limits().next().unwrap();
    assert_eq!((key, subject), ("p50", Subject::Percentile(50)));
    assert_eq!(limit.absolute, Levels::default());
    assert_eq!(limit.over_baseline, Levels { warning: None, critical: Some(0.2) });
}

#[test]
fn all_problems_are_found_at_once() {
    assert_eq!(
        problems(
            r#"{ "error-rate": "1", "sucess-rate": "99%", "p95": {"critical": "500"}, "min-requests": 1.5,
                 "sustained-for": "5 minutes", "p99": {"critical": "1s", "over-baseline": {"fatal": "1%"}},
                 "throughput-drop": {"over-baseline": "1%"}, "a/b~c": 1 }"#
        ),
        "/error-rate expected a percentage such as \"1%\", or a fraction such as 0.01\n\
         /sucess-rate unknown key: remove it, or see the settings' schema for its name\n\
         /p95/critical expected a duration such as \"500ms\" or \"5m\", or a number of seconds\n\
         /min-requests expected a number of requests, such as 100\n\
         /sustained-for expected a duration such as \"500ms\" or \"5m\", or a number of seconds\n\
         /p99/over-baseline/fatal unknown key: remove it, or see the settings' schema for its name\n\
         /throughput-drop/over-baseline unknown key: remove it, or see the settings' schema for its name\n\
         /a~1b~0c unknown key: remove it, or see the settings' schema for its name"
    );
}

#[test]
fn limits_that_can_never_or_always_be_breached_are_mistakes() {
    assert_eq!(
        problems(
            r#"{ "error-rate": 1, "success-rate": {"warning": 99, "critical": 0}, "p50": 0, "p95": 5000,
                 "throughput-drop": "100%" }"#
        ),
        "/error-rate a limit of 100 % or more can never be exceeded: numbers are fractions, write \"1%\" for one percent\n\
         /success-rate/warning a success rate is at most 100 %: numbers are fractions, write \"99%\" for 99 percent\n\
         /success-rate/critical no success rate is below 0 %: set the lowest rate that is allowed, such as \"99%\"\n\
         /p50 every latency is above zero: set the highest one that is allowed, such as \"500ms\"\n\
         /p95 a limit of more than an hour: numbers are seconds, write \"500ms\" for milliseconds\n\
         /throughput-drop a limit of 100 % or more can never be exceeded: numbers are fractions, write \"1%\" for one percent"
    );
}

#[test]
fn a_warning_comes_before_the_critical_limit() {
    let text = r#"{ "error-rate": {"warning": "2%", "critical": "1%"}, "p95": {"warning": "1s", "critical": "1s"},
                    "success-rate": {"warning": "95%", "critical": "99%"},
                    "p99": {"over-baseline": {"warning": "20%", "critical": "10%"}} }"#;
    assert_eq!(
        problems(text),
        "/error-rate/warning the warning would never be seen: set it below the critical limit\n\
         /p95/warning the warning would never be seen: set it below the critical limit\n\
         /success-rate/warning the warning would never be seen: set it above the critical limit\n\
         /p99/over-baseline/warning the warning would never be seen: set it below the critical limit"
    );
}

#[test]
fn something_must_be_limited_at_every_weight() {
    let keys = "error-rate, success-rate, p50, p95, p99, throughput-drop";
    assert_eq!(problems("{}"), format!(" no limit is set: set at least one of {keys}"));
    assert_eq!(problems(r#"{"p95": {}}"#), "/p95 no limit is set: set `critical`, `warning` or both");
    assert_eq!(
        problems(r#"{"steps": [{"up-to": "50%", "error-rate": "1%"}]}"#),
        format!(
            " no limit is set at a weight of 51 %: add a step that reaches it, or one of {keys} outside of `steps`"
        )
    );
}

#[test]
fn steps_ascend_and_name_their_weight() {
    assert_eq!(
        problems(
            r#"{"error-rate": "1%", "steps": [{"up-to": "50%"}, {"up-to": "50%"}, {"up-to": 10}, {"p95": "1s"},
                {"up-to": "101%"}, {"up-to": "0%"}, 7]}"#
        ),
        "/steps/1/up-to the steps must ascend: order them by `up-to`, each larger than the one before\n\
         /steps/2/up-to expected the largest weight of the step in whole percent, such as \"10%\"\n\
         /steps/3/up-to expected the largest weight of the step in whole percent, such as \"10%\"\n\
         /steps/4/up-to expected the largest weight of the step in whole percent, such as \"10%\"\n\
         /steps/5/up-to expected the largest weight of the step in whole percent, such as \"10%\"\n\
         /steps/6 expected an object"
    );
    assert_eq!(
        problems(r#"{"error-rate": "1%", "steps": {}}"#),
        "/steps expected a list of steps, each with `up-to`"
    );
}

#[test]
fn what_is_not_an_object_is_refused() {
    assert_eq!(problems("[]"), " expected an object");
    assert_eq!(problems("{"), " the settings are not JSON");
}

#[test]
fn problems_become_one_refusal_where_nobody_asked_for_them() {
    let problems = settings::read(r#"{"error-rate": null, "p95": {}}"#).unwrap_err();
    let PolicyError::BadSettings(text) = kit::settings::refusal(&problems) else { panic!("another refusal") };
    assert_eq!(
        text,
        "/error-rate: expected a percentage such as \"1%\", or a fraction such as 0.01; /p95: no limit is set: set \
         `critical`, `warning` or both"
    );
}

#[test]
fn the_schema_and_the_reader_know_the_same_keys() {
    let schema = kit::json::read(settings::SCHEMA).unwrap();
    let kit::json::Value::Object(members) = &schema else { panic!("not an object") };
    let properties = members.iter().find(|(key, _)| key == "properties").unwrap();
    let kit::json::Value::Object(properties) = &properties.1 else { panic!("not an object") };
    let known: Vec<_> = properties.iter().map(|(key, _)| key.as_str()).collect();
    let mut expected = vec!["min-requests", "sustained-for"];
    expected.extend(settings::SUBJECTS.iter().map(|(key, _)| *key));
    expected.push("steps");
    assert_eq!(known, expected);
}
