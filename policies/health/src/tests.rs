//! What the policy decides.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kit::sample::{MINUTE, START, absent, gauge, outcome_text, snapshot, verdict_text};
use kit::types::{Health, HealthCheck, PolicyError};

use crate::judge::judge;
use crate::settings::read;

fn check(name: &str, state: Health, confidence: f64) -> HealthCheck {
    HealthCheck { name: name.into(), state, confidence, message: String::new() }
}

fn told(settings: &str, checks: &[HealthCheck]) -> String {
    let mut look = snapshot(10, Vec::new());
    look.health = checks.to_vec();
    outcome_text(&judge(&look, &read(settings).unwrap(), b"").unwrap())
}

fn verdict(settings: &str, checks: &[HealthCheck]) -> String {
    told(settings, checks).lines().next().unwrap().to_owned()
}

/// Ten checks, of which so many are unhealthy and so many unknown.
fn ten(unhealthy: usize, unknown: usize) -> Vec<HealthCheck> {
    (0..10)
        .map(|at| match at {
            at if at < unhealthy => check("http", Health::Unhealthy, 1.0),
            at if at < unhealthy + unknown => check("http", Health::Unknown, 0.0),
            _ => check("http", Health::Healthy, 1.0),
        })
        .collect()
}

#[test]
fn health_is_judged_at_its_limits() {
    let settings = r#"{"advance-at": "80%", "rollback-below": "50%"}"#;
    assert_eq!(verdict(settings, &ten(0, 0)), "advance");
    assert_eq!(verdict(settings, &ten(2, 0)), "advance");
    assert_eq!(verdict(settings, &ten(3, 0)), "hold");
    assert_eq!(verdict(settings, &ten(5, 0)), "hold");
    assert_eq!(verdict(settings, &ten(6, 0)), "rollback");
}

#[test]
fn what_is_not_known_holds_and_counts_for_neither_side() {
    assert_eq!(verdict("{}", &ten(0, 2)), "advance");
    assert_eq!(verdict("{}", &ten(0, 3)), "hold");
    // Unhealthy as far as it is known, but too little is.
    assert_eq!(verdict("{}", &ten(7, 3)), "hold");
    assert_eq!(verdict("{}", &ten(0, 10)), "hold");
    // A check that is half sure counts half.
    let half = [check("a", Health::Healthy, 1.0), check("b", Health::Healthy, 0.5)];
    assert_eq!(verdict(r#"{"min-confidence": "75%"}"#, &half), "advance");
    assert_eq!(verdict(r#"{"min-confidence": "76%"}"#, &half), "hold");
}

#[test]
fn optional_checks_may_be_unknown_and_weights_count() {
    let checks = [check("db", Health::Healthy, 1.0), check("kafka", Health::Unknown, 0.0)];
    assert_eq!(verdict("{}", &checks), "hold");
    assert_eq!(verdict(r#"{"optional": ["kafka"]}"#, &checks), "advance");
    let checks = [check("db", Health::Unhealthy, 1.0), check("kafka", Health::Healthy, 1.0)];
    assert_eq!(verdict("{}", &checks), "hold");
    assert_eq!(verdict(r#"{"weights": {"db": 1.1}}"#, &checks), "rollback");
}

#[test]
fn a_critical_check_rolls_back_by_itself_if_it_is_sure() {
    let settings = r#"{"critical": ["db"], "advance-at": 0, "rollback-below": 0}"#;
    let checks = |state, confidence| {
        let mut checks = ten(0, 0);
        checks.push(check("db", state, confidence));
        checks
    };
    assert_eq!(verdict(settings, &checks(Health::Unhealthy, 0.8)), "rollback");
    assert_eq!(verdict(settings, &checks(Health::Unhealthy, 0.79)), "advance");
    assert_eq!(verdict(settings, &checks(Health::Healthy, 1.0)), "advance");
    assert_eq!(
        told(settings, &ten(0, 0)),
        "advance\n\
         warning [-] db is not known: there is no such check {confidence: 0.0}\n\
         info [-] the canary is 100 % healthy, known to 90.91 % {health: 1.0, confidence: 0.9090909090909091, checks: 11.0}"
    );
}

#[test]
fn it_must_be_unhealthy_for_long_enough() {
    let settings = read(r#"{"unhealthy-for": "1m"}"#).unwrap();
    let mut memory = Vec::new();
    let mut verdicts = Vec::new();
    for (at, unhealthy) in [(0, 10), (30, 10), (45, 0), (60, 10), (119, 10), (120, 10)] {
        let mut look = snapshot(10, Vec::new());
        look.context.now_ms = START + at * MINUTE / 60;
        look.health = ten(unhealthy, 0);
        let outcome = judge(&look, &settings, &memory).unwrap();
        memory = outcome.memory;
        verdicts.push(verdict_text(outcome.verdict));
    }
    assert_eq!(
        verdicts,
        ["hold for 60 s", "hold for 30 s", "advance", "hold for 60 s", "hold for 1 s", "rollback"]
    );
}

#[test]
fn metrics_are_checks_too() {
    let settings = r#"{"metrics": [{"metric": "up", "at-least": 1}, {"metric": "lag", "at-most": 100}]}"#;
    let told = |up, lag| {
        let look = snapshot(10, vec![gauge("lag", lag), gauge("up", up)]);
        let text = outcome_text(&judge(&look, &read(settings).unwrap(), b"").unwrap());
        text.lines().take(2).collect::<Vec<_>>().join("; ")
    };
    assert!(told(1.0, 100.0).starts_with("advance;"));
    assert_eq!(
        told(0.9, 100.0),
        "hold; warning [-] up is unhealthy: its value is below its bound {confidence: 1.0}"
    );
    assert_eq!(
        told(1.0, 100.1),
        "hold; warning [-] lag is unhealthy: its value is above its bound {confidence: 1.0}"
    );
    assert!(told(0.0, 101.0).starts_with("rollback;"));
    let mut silent = absent(gauge("up", 1.0), None, "empty");
    silent.canary.value = None;
    let look = snapshot(10, vec![gauge("lag", 1.0), silent]);
    assert!(outcome_text(&judge(&look, &read(settings).unwrap(), b"").unwrap()).starts_with("hold\n"));
}

#[test]
fn without_any_check_it_declines() {
    let answer = judge(&snapshot(10, Vec::new()), &read("{}").unwrap(), b"");
    assert!(matches!(answer, Err(PolicyError::InsufficientData(_))), "{answer:?}");
}

#[test]
fn settings_that_cannot_work_are_told_with_their_place() {
    let problems = |text: &str| -> Vec<String> {
        let problems = read(text).unwrap_err();
        problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect()
    };
    assert_eq!(
        problems(
            r#"{"min-confidence": 80, "weights": {"a/b": -1}, "metrics": [{"metric": "x"}, {"at-most": 1}], "critical": [1]}"#
        ),
        [
            "/min-confidence a share is at most 100 %: numbers are fractions, write \"80%\" for 80 percent",
            "/weights/a~1b expected a number, 0 or more",
            "/metrics/0 no bound is set: set `at-least`, `at-most` or both",
            "/metrics/1 no metric is named",
            "/critical/0 expected the name of a check",
        ]
    );
    assert_eq!(
        problems(r#"{"advance-at": "40%"}"#),
        ["/rollback-below the canary would be rolled back and go on at once: set it below advance-at"]
    );
}
