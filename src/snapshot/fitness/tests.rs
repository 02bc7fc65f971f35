//! Baselines that are fit, and such that are not, each told in a sentence.

use super::*;
use crate::metrics::{MetricPlan, MetricQuery, Tick as Seen};
use crate::snapshot::model::{Absence, AbsenceCode, ArmName, Direction};
use crate::support::units::Timestamp;

fn plan(query: MetricQuery) -> MetricPlan {
    MetricPlan {
        name: "errors".into(),
        query,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    }
}

fn ratio() -> MetricPlan {
    plan(MetricQuery::Ratio { bad: "bad".into(), total: "total".into() })
}

/// A baseline with these requests and events in its ticks of 15 s.
fn baseline(counts: impl Iterator<Item = (f64, f64)>) -> ArmTicks {
    let tick = |(at, (requests, bad)): (u64, (f64, f64))| Seen {
        end: Timestamp(1_000_000 + at * 15_000),
        span: Millis(15_000),
        requests,
        bad,
        level: 0.0,
        buckets: vec![],
    };
    ArmTicks { ticks: (1..).zip(counts).map(tick).collect(), ..ArmTicks::default() }
}

fn told(plan: MetricPlan, baseline: Result<ArmTicks, Absence>) -> String {
    let silent = Absence { arm: Some(ArmName::Canary), code: AbsenceCode::Empty, message: "nothing".into() };
    let evidence = MetricEvidence { plan, baseline, canary: Err(silent), warming_up: false };
    fitness(&[evidence], 0.1, Millis(900_000))[0].in_words()
}

#[test]
fn what_a_canary_can_show_depends_on_traffic_and_events() {
    let steady = |requests: f64| {
        let counts = (0..40).map(move |at| (requests, requests * 0.01 + f64::from(at % 3) - 1.0));
        told(ratio(), Ok(baseline(counts)))
    };
    insta::assert_snapshot!(steady(1500.0), @"errors: fit for judging: 100.0 requests per second, 0.998 % events, dispersion 1.0; 1.6 times as many events show with 90 % in the time of the rollout");
    insta::assert_snapshot!(steady(150.0), @"errors: fit for judging: 10.0 requests per second, 0.983 % events, dispersion 1.0; 3.3 times as many events show with 90 % in the time of the rollout");
    insta::assert_snapshot!(told(ratio(), Ok(baseline((0..40).map(|_| (3.0, 0.0))))), @"errors: not fit for judging: 0.2 requests per second, 0.000 % events, dispersion 1.4; no increase shows in the time of the rollout: give the canary more traffic or time");
}

#[test]
fn a_baseline_that_differs_from_itself_is_not_fit() {
    // Every fourth tick has a batch of failures.
    let batches = (0..40).map(|at| (1500.0, if at % 4 == 1 { 150.0 } else { 2.0 }));
    insta::assert_snapshot!(told(ratio(), Ok(baseline(batches))), @"errors: not fit for judging: 100.0 requests per second, 2.600 % events, and the baseline differs from itself from tick to tick: judge it in longer ticks; 4.5 times as many events show with 90 % in the time of the rollout");
    insta::assert_snapshot!(told(ratio(), Ok(baseline((0..2).map(|_| (1500.0, 15.0))))), @"errors: 2 ticks of the baseline are not enough to say whether it is fit for judging, which takes 8: 100.0 requests per second, 1.000 % events so far");
}

#[test]
fn what_is_not_there_is_named() {
    let down = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "connection refused".into() };
    insta::assert_snapshot!(told(ratio(), Err(down)), @"errors: not fit for judging: the baseline has no data (provider-down: connection refused)");
    insta::assert_snapshot!(told(ratio(), Ok(baseline((0..9).map(|_| (0.0, 0.0))))), @"errors: not fit for judging: the baseline has no traffic");
    insta::assert_snapshot!(told(plan(MetricQuery::Gauge("up".into())), Ok(baseline(std::iter::empty()))), @"errors: shown; whether it is fit is not said, since it counts no events among requests");
}

/// Half of a polling provider's first look: two polls make one tick.
#[test]
fn few_ticks_are_counted_and_not_judged() {
    let told = |ticks: u64| told(ratio(), Ok(baseline((0..ticks).map(|_| (1500.0, 15.0)))));
    insta::assert_snapshot!(told(1), @"errors: 1 tick of the baseline is not enough to say whether it is fit for judging, which takes 8: 100.0 requests per second, 1.000 % events so far");
    assert!(told(7).starts_with("errors: 7 ticks of the baseline are not enough"), "{}", told(7));
    assert!(told(8).starts_with("errors: fit for judging"), "{}", told(8));
}
