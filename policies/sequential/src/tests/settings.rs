//! Settings: what is read, and what is refused with its place.

use crate::settings::{ErrorBudget, Settings, read};

fn refused(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect()
}

#[test]
fn everything_has_a_default() {
    assert_eq!(read("{}").unwrap(), Settings::default());
}

#[test]
fn all_settings_are_read() {
    let settings = read(
        r#"{"alpha": "0.1%", "beta": 0.1, "metrics": ["a", "b"], "min-bake": "1h30m", "min-requests": 10000, "promote": "at-end",
            "undecided": "advance", "error-budget": {"objective": "99.9%", "period": "24h", "most": 0.02}}"#,
    );
    let expected = Settings {
        alpha: 0.001,
        beta: 0.1,
        metrics: Some(vec!["a".into(), "b".into()]),
        min_bake_ms: 5_400_000,
        min_requests: 10_000,
        early: false,
        advances_undecided: true,
        error_budget: Some(ErrorBudget { allowed: 1.0 - 0.999, period_s: 86_400.0, most: 0.02 }),
    };
    assert_eq!(settings.unwrap(), expected);
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let probability = "expected a percentage such as \"1%\", or a fraction such as 0.01, of 20 % at most";
    assert_eq!(
        refused(r#"{"alpha": 0, "beta": "50%"}"#),
        [format!("/alpha {probability}"), format!("/beta {probability}")]
    );
    assert_eq!(
        refused(r#"{"metrics": ["a", "a"]}"#),
        ["/metrics expected a list of names of metrics, each once"]
    );
    assert_eq!(refused(r#"{"min-bake": -1}"#).len(), 1);
    assert_eq!(
        refused(r#"{"min-requests": 0.5}"#),
        ["/min-requests expected a whole number of requests, such as 4400"]
    );
    for wrong in [
        r#""1%""#,
        "{}",
        r#"{"objective": 1}"#,
        r#"{"objective": 0.9, "most": 2}"#,
        r#"{"objective": 0.9, "period": 0}"#,
    ] {
        let problems = refused(&format!(r#"{{"error-budget": {wrong}}}"#));
        assert!(problems[0].starts_with("/error-budget expected { objective: 99.9%"), "{problems:?}");
    }
    assert_eq!(refused(r#"{"promote": "now"}"#).len(), 1);
    assert_eq!(refused(r#"{"alfa/~": 1}"#), ["/alfa~1~0 no such setting"]);
    assert_eq!(refused("[]"), [" expected an object"]);
}
