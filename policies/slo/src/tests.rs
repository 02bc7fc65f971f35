//! What the policy decides, at each objective and just beside it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kit::sample::{MINUTE, absent, errors, latencies, outcome_text, percentile_at, snapshot, verdict_text};
use kit::types::{Budget, Metric};

use crate::judge::judge;
use crate::settings::read;

fn told(settings: &str, metrics: Vec<Metric>) -> String {
    outcome_text(&judge(&snapshot(10, metrics), &read(settings).unwrap(), b"").unwrap())
}

fn verdict(settings: &str, metrics: Vec<Metric>) -> String {
    told(settings, metrics).lines().next().unwrap().to_owned()
}

#[test]
fn each_objective_is_met_up_to_its_very_value() {
    let availability = r#"{"objectives": [{"availability": "99.5%"}]}"#;
    let error_rate = r#"{"objectives": [{"error-rate": "0.1%"}]}"#;
    let p95 = r#"{"objectives": [{"p95": "200ms"}]}"#;
    let p99 = r#"{"objectives": [{"p99": "1.5s", "on-miss": "rollback"}]}"#;
    let of = |settings, bad| verdict(settings, vec![errors(1000, bad)]);
    assert_eq!(
        [of(availability, 4), of(availability, 5), of(availability, 6)],
        ["advance", "advance", "hold"]
    );
    assert_eq!([of(error_rate, 0), of(error_rate, 1), of(error_rate, 2)], ["advance", "advance", "hold"]);
    let slow =
        |settings, percent, seconds, above| verdict(settings, vec![percentile_at(percent, seconds, above)]);
    assert_eq!([slow(p95, 95, 0.2, 0), slow(p95, 95, 0.2, 1)], ["advance", "hold"]);
    assert_eq!([slow(p99, 99, 1.5, 0), slow(p99, 99, 1.5, 1)], ["advance", "rollback"]);
}

#[test]
fn a_miss_does_what_the_objective_says_and_all_are_counted() {
    let settings = r#"{"objectives": [
        {"availability": "99.5%", "on-miss": "warn"}, {"error-rate": "10%"}, {"p95": "200ms", "on-miss": "warn"}
    ]}"#;
    assert_eq!(
        told(settings, vec![errors(1000, 6), percentile_at(95, 0.2, 0)]),
        "advance\n\
         warning [errors] availability 99.4 % misses its objective of 99.5 % {value: 0.994, objective: 0.995, met: false}\n\
         info [errors] error rate 0.6 % meets its objective of 10 % {value: 0.006, objective: 0.1, met: true}\n\
         info [latency] p95 200 ms meets its objective of 200 ms {value: 0.2, objective: 0.2, met: true}\n\
         info [-] 2 of 3 objectives are met (66.7 %) {met: 2, judged: 3, compliance: 0.6666666666666666}"
    );
}

#[test]
fn an_objective_is_judged_when_its_window_is_full() {
    let settings = r#"{"window": "5m", "objectives": [{"error-rate": "0.1%", "on-miss": "rollback"}]}"#;
    let observed = |ms, bad| {
        let mut metric = errors(1000, bad);
        metric.canary.observed_ms = ms;
        verdict(settings, vec![metric])
    };
    assert_eq!(observed(5 * MINUTE - 1, 500), "hold for 1 s");
    assert_eq!(observed(5 * MINUTE, 500), "rollback");
    assert_eq!(observed(5 * MINUTE, 1), "advance");
    assert_eq!(verdict(settings, vec![absent(errors(1000, 500), None, "empty")]), "hold");
    assert_eq!(verdict(settings, vec![errors(99, 99)]), "hold for 1 s");
}

#[test]
fn what_need_not_occur_may_be_left_out() {
    let settings = r#"{"objectives": [{"p99": "1.5s", "on-miss": "rollback", "if-absent": "pass"}]}"#;
    let none = latencies(&[1.5, 3.0], &[0, 0, 0], &[0, 0, 0]);
    assert_eq!(
        told(settings, vec![none]),
        "advance\ninfo [latency] latency has too few requests on the canary: 0 of the 100 needed: left out {}"
    );
    assert_eq!(verdict(settings, vec![percentile_at(99, 1.5, 1)]), "rollback");
}

#[test]
fn a_regression_over_the_recorded_value_is_a_warning() {
    let settings = r#"{"objectives": [{"p95": "500ms", "recorded": "190ms", "regression": "10%"}]}"#;
    // 209 ms is 10 % over 190 ms.
    let at = |above: u64| {
        let counts = [0, 950 - above, 1000, 1000];
        let text = told(settings, vec![latencies(&[0.1, 0.209, 0.5], &counts, &counts)]);
        assert!(text.starts_with("advance\n"), "{text}");
        text.lines().filter(|line| line.starts_with("warning")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(at(0).is_empty());
    assert_eq!(at(1).len(), 1);
    assert!(at(1)[0].contains("is above 209 ms, 10 % over the recorded 190 ms"), "{:?}", at(1));
}

#[test]
fn a_burn_rate_must_be_high_in_the_window_and_in_its_newest_part() {
    let settings = r#"{"burn-rate": {"objective": "99.9%", "short": "1m", "warning": 2, "critical": 10}}"#;
    // Ten ticks of a minute; the newest one has this share of errors.
    let at = |bad, newest: f64| {
        let mut metric = errors(1000, bad);
        metric.canary.observed_ms = 10 * MINUTE;
        metric.canary.series = vec![0.0; 9];
        metric.canary.series.push(newest);
        let text = told(settings, vec![metric]);
        let mut lines = text.lines();
        (lines.next().unwrap().to_owned(), lines.next().unwrap().split(' ').next().unwrap().to_owned())
    };
    let of = |verdict: &str, severity: &str| (verdict.to_owned(), severity.to_owned());
    assert_eq!(at(2, 1.0), of("advance", "info"));
    assert_eq!(at(3, 1.0), of("advance", "warning"));
    assert_eq!(at(3, 0.002), of("advance", "info"));
    assert_eq!(at(10, 1.0), of("advance", "warning"));
    assert_eq!(at(11, 1.0), of("rollback", "critical"));
    assert_eq!(at(11, 0.01), of("advance", "warning"));
    assert_eq!(at(1000, 0.0), of("advance", "info"));
}

#[test]
fn the_budget_counts_over_the_windows_of_a_rollout() {
    // 10 000 events a period at 99 %: 100 may fail, of which the canary may spend a fifth.
    let settings =
        read(r#"{"budget": {"cap": "20%", "objective": "99%", "period-requests": 10000}}"#).unwrap();
    let mut memory = Vec::new();
    let mut verdicts = Vec::new();
    for (minutes, bad) in [(1, 5), (2, 10), (1, 0), (2, 10), (3, 11)] {
        let mut metric = errors(1000, bad);
        metric.canary.observed_ms = minutes * MINUTE;
        let outcome = judge(&snapshot(10, vec![metric]), &settings, &memory).unwrap();
        memory = outcome.memory;
        verdicts.push(verdict_text(outcome.verdict));
    }
    // 5, 10, then a new step: 10, 20, and 21.
    assert_eq!(verdicts, ["advance", "advance", "advance", "advance", "rollback"]);
}

#[test]
fn a_budget_of_the_host_comes_first() {
    let settings = read(r#"{"budget": {"cap": "5%", "objective": "99.9%"}}"#).unwrap();
    let at = |burnt_by_canary| {
        let mut look = snapshot(10, Vec::new());
        look.budget = Some(Budget { objective: 0.999, remaining: 0.5, burnt_by_canary, burn_rate: 1.0 });
        verdict_text(judge(&look, &settings, b"").unwrap().verdict)
    };
    assert_eq!([at(0.049), at(0.05), at(0.051)], ["advance", "advance", "rollback"]);
    assert!(judge(&snapshot(10, vec![errors(1000, 0)]), &settings, b"").is_err());
}

#[test]
fn settings_that_cannot_work_are_told_with_their_place() {
    let problems = |text: &str| -> Vec<String> {
        let problems = read(text).unwrap_err();
        problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect()
    };
    assert_eq!(problems("{}"), [" no objective is set: set at least one of objectives, burn-rate, budget"]);
    assert_eq!(
        problems(
            r#"{"objectives": [{"p95": "1s", "p99": "2s"}, {"p95": "1s", "recorded": "1s"}, {"availability": 99, "on-miss": "x"}],
                "burn-rate": {"objective": "100%"}, "budget": {"cap": "1%"}}"#
        ),
        [
            "/objectives/0 an objective has exactly one of availability, error-rate, p50, p95, p99",
            "/objectives/1 `recorded` and `regression` need each other: set both, or neither",
            "/objectives/2/availability a success rate is at most 100 %: numbers are fractions, write \"99%\" for 99 percent",
            "/objectives/2/on-miss expected one of warn, hold, rollback",
            "/burn-rate/objective expected an availability between 0 % and 100 %, such as \"99.9%\"",
            "/budget set both `cap` and `objective`",
        ]
    );
}
