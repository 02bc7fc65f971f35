//! What the policy decides, at each share and just beside it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use kit::sample::{absent, gauge, outcome_text, snapshot, verdict_text};
use kit::types::{ArmName, MetricState, Stage};

use crate::judge::judge;
use crate::settings::read;

const SETTINGS: &str = r#"{"quotas": [
    {"metric": "quota", "of": 1000, "hold-above": "70%", "lower-above": "80%", "rollback-above": "95%"}
]}"#;

fn verdict(settings: &str, weight: u8, used: f64) -> String {
    let snapshot = snapshot(weight, vec![gauge("quota", used)]);
    verdict_text(judge(&snapshot, &read(settings).unwrap(), b"").unwrap().verdict)
}

#[test]
fn each_share_is_the_last_one_that_is_within() {
    for (used, expected) in [
        (0.0, "advance"),
        (700.0, "advance"),
        (700.1, "hold"),
        (800.0, "hold"),
        (800.1, "advance to 24 %"),
        (950.0, "advance to 24 %"),
        (950.1, "rollback"),
    ] {
        assert_eq!(verdict(SETTINGS, 25, used), expected, "{used}");
    }
}

#[test]
fn a_lowered_canary_goes_to_the_named_weight_and_holds_below_it() {
    let settings = r#"{"quotas": [{"metric": "quota", "lower-above": "80%"}], "lower-to": "10%"}"#;
    assert_eq!(verdict(settings, 50, 0.81), "advance to 10 %");
    assert_eq!(verdict(settings, 10, 0.81), "hold");
    assert_eq!(verdict(settings, 5, 0.81), "hold");
}

#[test]
fn the_gravest_of_several_quotas_wins() {
    let settings = r#"{"quotas": [
        {"metric": "cpu", "hold-above": 0.5}, {"metric": "quota", "lower-above": 0.8}
    ]}"#;
    let told = |cpu, quota| {
        let snapshot = snapshot(50, vec![gauge("cpu", cpu), gauge("quota", quota)]);
        outcome_text(&judge(&snapshot, &read(settings).unwrap(), b"").unwrap())
    };
    assert_eq!(
        told(0.6, 0.9),
        "advance to 49 %\n\
         warning [cpu] cpu is used to 60 %, above 50 %: the canary gets no more traffic {used: 0.6, limit: 0.5}\n\
         warning [quota] quota is used to 90 %, above 80 %: the canary is lowered {used: 0.9, limit: 0.8}"
    );
    assert!(told(0.6, 0.1).starts_with("hold\n"));
    assert!(told(0.1, 0.1).starts_with("advance\n"));
}

#[test]
fn absence_holds_unless_the_other_arm_tells() {
    let settings = read(SETTINGS).unwrap();
    let judged = |metric| outcome_text(&judge(&snapshot(25, vec![metric]), &settings, b"").unwrap());
    let mut silent = absent(gauge("quota", 0.0), None, "empty");
    (silent.baseline.value, silent.canary.value) = (None, None);
    assert_eq!(
        judged(silent.clone()),
        "hold\nwarning [quota] quota has no data (empty): the query matched nothing {}"
    );
    let mut half = absent(gauge("quota", 960.0), Some(ArmName::Canary), "empty");
    half.canary.value = None;
    assert!(judged(half).starts_with("rollback\n"));
    silent.state = MetricState::WarmingUp;
    assert!(judged(silent).starts_with("hold\n"));
}

#[test]
fn settings_that_cannot_work_are_told_with_their_place() {
    let problems = |text: &str| -> Vec<String> {
        let problems = read(text).unwrap_err();
        problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.message)).collect()
    };
    assert_eq!(problems("{}"), [" no quota is set: list at least one in `quotas`"]);
    assert_eq!(
        problems(
            r#"{"quotas": [{"metric": "q", "hold-above": "90%", "lower-above": "80%"}, {"of": 0}], "lower-to": "x", "y": 1}"#
        ),
        [
            "/quotas/0 the shares must ascend: hold-above below lower-above below rollback-above",
            "/quotas/1 no metric is named: name the gauge that tells how much is used",
            "/quotas/1/of expected how much there is, a number above 0",
            "/lower-to expected a weight in whole percent, such as \"5%\"",
            "/y unknown key: remove it, or see the settings' schema for its name",
        ]
    );
    let mut change = snapshot(0, Vec::new());
    change.position.stage = Stage::PullRequest;
    assert!(judge(&change, &read(SETTINGS).unwrap(), b"").is_err());
    assert!(judge(&snapshot(5, Vec::new()), &read(SETTINGS).unwrap(), b"").is_err());
}
