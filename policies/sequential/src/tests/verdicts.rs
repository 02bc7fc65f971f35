//! Verdicts, and the sentences that carry them.

use super::sample::{absent, errors, flagged, latency, metric, snapshot, told, verdict};
use crate::bindings::rollgate::policy::types::{Fact, FactValue, Metric, MetricKind, MetricState, Stage};

#[test]
fn evidence_that_suffices_rolls_back_and_says_how_sure_it_is() {
    assert_eq!(
        told("{}", &snapshot(10, 3, vec![errors(150.0, 0.1), latency(0.5, 3.0)])),
        "Rollback\n\
         Critical: errors: 2 % of the canary's requests, against 1 % of the baseline's, 2 times as many; evidence of \
         150 that this is more than the margin allows, where 133 suffices: chance alone does so in less than one of \
         100 rollouts\n\
         Info: latency: 2 % of the canary's requests were slower than 250 ms, against 1 % of the baseline's, 2 times as \
         many; not decided: evidence of 0.5 for a rollback, where 400 suffices, and of 3 for a promotion, where 20 \
         does; about 1350 more canary requests (1m30s) will tell if it goes on like this"
    );
}

#[test]
fn what_alpha_asks_for_is_shared_among_the_metrics() {
    // 3/4 of 133 is just short of 100, and what the latency adds is what is missing.
    assert_eq!(verdict("{}", 3, vec![errors(133.0, 0.1), latency(0.1, 0.1)]), "Hold(Some(90))");
    assert_eq!(verdict("{}", 3, vec![errors(133.0, 0.1), latency(2.0, 0.1)]), "Rollback");
    assert_eq!(verdict("{}", 3, vec![errors(100.0, 0.1)]), "Rollback");
    assert_eq!(verdict(r#"{"alpha": "0.1%"}"#, 3, vec![errors(150.0, 0.1)]), "Hold(Some(90))");
}

#[test]
fn a_difference_that_does_not_matter_or_rests_on_too_little_rolls_nothing_back() {
    let sure = || errors(1e9, 0.1);
    assert_eq!(verdict("{}", 3, vec![flagged(sure(), "evidence-relevant", false)]), "Hold(Some(90))");
    assert_eq!(verdict("{}", 3, vec![flagged(sure(), "evidence-enough", false)]), "Hold(None)");
    assert_eq!(verdict("{}", 3, vec![flagged(sure(), "evidence-enough", true)]), "Rollback");
}

#[test]
fn a_canary_is_promoted_once_every_metric_is_safe_and_it_has_baked() {
    let safe = || vec![errors(0.2, 25.0), latency(0.2, 20.0)];
    assert_eq!(verdict("{}", 2, safe()), "Promote");
    assert_eq!(verdict(r#"{"min-bake": "5m"}"#, 2, safe()), "Hold(Some(180))");
    assert_eq!(verdict(r#"{"promote": "at-end"}"#, 2, safe()), "Advance(None)");
    assert_eq!(verdict("{}", 2, vec![errors(0.2, 25.0), latency(0.2, 19.0)]), "Hold(Some(90))");
    assert_eq!(verdict(r#"{"min-requests": 4501}"#, 2, safe()), "Hold(None)");
    assert_eq!(verdict(r#"{"min-requests": 4500}"#, 2, safe()), "Promote");
    // What speaks against it weighs more.
    assert_eq!(verdict("{}", 2, vec![errors(4.0, 25.0), latency(0.2, 20.0)]), "Hold(None)");
}

#[test]
fn a_canary_that_turned_worse_of_late_is_not_promoted() {
    let turned = |odds| {
        let mut errors = errors(0.2, 25.0);
        errors.facts.push(Fact { name: "evidence-late".into(), value: FactValue::Number(odds) });
        vec![errors, latency(0.2, 20.0)]
    };
    assert_eq!(verdict("{}", 9, turned(5.0)), "Promote");
    let told = told("{}", &snapshot(10, 9, turned(8.0)));
    assert!(told.starts_with("Hold(None)"), "{told}");
    assert!(
        told.ends_with(
            "Warning: errors has turned worse of late, by odds of 8: a promotion waits until that is settled"
        ),
        "{told}"
    );
    assert_eq!(verdict(r#"{"undecided": "advance"}"#, 9, turned(8.0)), "Hold(None)");
}

#[test]
fn a_canary_that_does_not_get_its_share_is_not_promoted() {
    let told = |odds| {
        let mut snapshot = snapshot(10, 9, vec![errors(0.2, 25.0), latency(0.2, 20.0)]);
        let facts = [("traffic-share", 0.031), ("traffic-share-meant", 0.1), ("e-traffic-split", odds)];
        snapshot.facts =
            facts.map(|(name, value)| Fact { name: name.into(), value: FactValue::Number(value) }).into();
        told("{}", &snapshot)
    };
    assert!(told(99.0).starts_with("Promote"));
    let astray = told(150.0);
    assert!(
        astray.starts_with("Hold(None)")
            && astray.ends_with(
                "Warning: the canary gets 3.1 % of the requests instead of 10 %: a promotion waits until the split is right"
            ),
        "{astray}"
    );
}

/// 4500 canary requests with 1 % more errors cost 45; 9000 requests a minute with 0.1 % to fail cost 12,960 a day.
#[test]
fn a_canary_that_burns_too_much_of_the_budget_is_rolled_back_however_sure_that_is() {
    let settings = |most: &str| {
        format!(r#"{{"error-budget": {{"objective": "99.9%", "period": "24h", "most": "{most}"}}}}"#)
    };
    let metrics = || vec![errors(0.9, 2.0), latency(0.2, 20.0)];
    assert_eq!(verdict(&settings("0.4%"), 9, metrics()), "Hold(Some(90))");
    let told = told(&settings("0.3%"), &snapshot(10, 9, metrics()));
    assert!(
        told.starts_with(
            "Rollback\nCritical: errors: this canary has burnt 0.35 % of the period's error budget, of which it may burn 0.3 %\n"
        ),
        "{told}"
    );
}

#[test]
fn an_open_step_goes_on_only_where_that_is_asked_for_and_nothing_speaks_against_it() {
    let advance = r#"{"undecided": "advance"}"#;
    assert_eq!(verdict(advance, 15, vec![errors(0.4, 2.0)]), "Advance(None)");
    assert_eq!(verdict(advance, 15, vec![errors(1.4, 2.0)]), "Hold(Some(90))");
    assert_eq!(
        verdict(advance, 15, vec![errors(0.4, 2.0), absent(latency(1.0, 1.0), "empty")]),
        "Hold(None)"
    );
}

#[test]
fn absence_decides_nothing() {
    assert_eq!(
        told("{}", &snapshot(10, 9, vec![absent(errors(1e9, 1e9), "provider-down"), latency(0.1, 99.0)])),
        "Hold(None)\n\
         Info: latency: 2 % of the canary's requests were slower than 250 ms, against 1 % of the baseline's, 2 times as \
         many; evidence of 99 that it is safe, where 20 suffices\n\
         Warning: errors has no data (provider-down): the query matched nothing"
    );
    let warming = Metric { state: MetricState::WarmingUp, ..errors(1e9, 0.0) };
    assert_eq!(told("{}", &snapshot(10, 1, vec![warming])), "Hold(None)\nInfo: errors is warming up");
    // One that is known and bad is enough.
    assert_eq!(verdict("{}", 9, vec![absent(errors(1.0, 1.0), "empty"), latency(400.0, 0.1)]), "Rollback");
}

#[test]
fn at_full_weight_there_is_nothing_to_compare_with() {
    let alone = Metric { comparison: None, ..errors(0.0, 0.0) };
    assert_eq!(
        told("{}", &snapshot(100, 20, vec![alone.clone()])),
        "Advance(None)\nInfo: errors has no baseline to be compared with"
    );
    assert_eq!(
        told("{}", &snapshot(50, 20, vec![alone])),
        "Hold(None)\nInfo: errors has not been compared with the baseline yet"
    );
}

#[test]
fn only_metrics_of_events_are_judged_and_a_name_must_fit() {
    let gauge = Metric { kind: MetricKind::Gauge, ..errors(1.0, 1.0) };
    assert_eq!(
        told("{}", &snapshot(10, 1, vec![gauge])),
        "bad settings: there is no ratio and no histogram to judge: add one to the canary's metrics, or give a gauge \
         or a rate a margin"
    );
    let one = r#"{"metrics": ["latency"]}"#;
    assert_eq!(verdict(one, 3, vec![errors(1e9, 0.0), latency(0.1, 30.0)]), "Promote");
    assert_eq!(verdict(one, 3, vec![errors(1e9, 0.0)]), "bad settings: there is no metric \"latency\"");
    let mut request = snapshot(10, 1, vec![errors(1.0, 1.0)]);
    request.position.stage = Stage::PullRequest;
    assert!(told("{}", &request).contains("not pull requests"));
}

/// A level with this evidence, and a stated margin or none.
fn level(margin: Option<f64>, against: f64, safe: f64) -> Metric {
    let mut level = metric("memory", MetricKind::Gauge, against, safe);
    let number = |name: &str, value| Fact { name: name.into(), value: FactValue::Number(value) };
    level.facts = vec![
        number("level-canary", 750.5),
        number("level-baseline", 500.25),
        number("events-ratio", 1.5),
        number("evidence-requests", 0.0),
    ];
    Metric { unit: "MiB".into(), margin, ..level }
}

#[test]
fn a_level_is_judged_once_it_is_said_how_much_worse_it_may_be() {
    let worse = |margin| vec![errors(0.2, 25.0), level(margin, 1e4, 0.1)];
    assert_eq!(verdict("{}", 9, worse(None)), "Promote");
    let told = told("{}", &snapshot(10, 9, worse(Some(1.2))));
    assert!(
        told.starts_with(
            "Rollback\nCritical: memory: of late 751 MiB in the canary, against 500 MiB in the baseline, 1.5 times as \
             much; evidence of 10000 that this is more than the margin allows, where 400 suffices"
        ),
        "{told}"
    );
    assert_eq!(verdict("{}", 9, vec![errors(0.2, 25.0), level(Some(1.2), 0.1, 19.0)]), "Hold(Some(90))");
    assert_eq!(verdict("{}", 9, vec![errors(0.2, 25.0), level(Some(1.2), 0.1, 20.0)]), "Promote");
    // It counts no requests, so it alone never says that enough were served.
    assert_eq!(verdict("{}", 9, vec![level(Some(1.2), 0.1, 20.0)]), "Hold(None)");
    assert_eq!(verdict(r#"{"min-requests": 0}"#, 9, vec![level(Some(1.2), 0.1, 20.0)]), "Promote");
}
