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
    insta::assert_snapshot!(told(plan(MetricQuery::Gauge("up".into())), Ok(baseline(std::iter::empty()))), @"errors: shown, not judged: to be judged it takes a `margin`");
}

/// Half of a polling provider's first look: two polls make one tick.
#[test]
fn few_ticks_are_counted_and_not_judged() {
    let told = |ticks: u64| told(ratio(), Ok(baseline((0..ticks).map(|_| (1500.0, 15.0)))));
    insta::assert_snapshot!(told(1), @"errors: 1 tick of the baseline is not enough to say whether it is fit for judging, which takes 8: 100.0 requests per second, 1.000 % events so far");
    assert!(told(7).starts_with("errors: 7 ticks of the baseline are not enough"), "{}", told(7));
    assert!(told(8).starts_with("errors: fit for judging"), "{}", told(8));
}

fn judged(query: MetricQuery) -> MetricPlan {
    MetricPlan { name: "memory".into(), margin: Some(1.2), ..plan(query) }
}

/// A baseline with these levels in its ticks of 15 s.
fn levels(levels: impl Iterator<Item = f64>) -> ArmTicks {
    let mut all = baseline(levels.map(|level| (level, 0.0)));
    for tick in &mut all.ticks {
        tick.level = tick.requests;
    }
    all
}

#[test]
fn a_level_is_fit_where_it_keeps_to_its_margin() {
    let gauge = || judged(MetricQuery::Gauge("memory".into()));
    insta::assert_snapshot!(told(gauge(), Ok(levels((0..60).map(|at| 500.0 + f64::from(at * 7 % 11))))), @"memory: fit for judging: a level of 505, its highest 1.02 times its lowest, dispersion 1.2; a canary that stays beyond its margin shows after 3m");
    // It is half as high again in the second half.
    insta::assert_snapshot!(told(gauge(), Ok(levels((0..60).map(|at| if at < 30 { 500.0 } else { 740.0 })))), @"memory: not fit for judging: a level of 620, its highest 1.48 times its lowest, and the baseline differs from itself by more than the margin: a margin of 1.5 holds; a canary that stays beyond its margin shows after 7m");
    insta::assert_snapshot!(told(gauge(), Ok(levels((0..5).map(|_| 0.25)))), @"memory: 5 ticks of the baseline are not enough to say whether it is fit for judging, which takes 8: a level of 0.250");
    insta::assert_snapshot!(told(gauge(), Ok(levels(std::iter::empty()))), @"memory: not fit for judging: the baseline has no data (no tick in the window)");
}

#[test]
fn a_rate_is_fit_where_a_canary_of_its_share_shows() {
    let rate = || judged(MetricQuery::Rate("restarts".into()));
    insta::assert_snapshot!(told(rate(), Ok(baseline((0..60).map(|at| (100.0 + f64::from(at * 7 % 11), 0.0))))), @"memory: fit for judging: 7.001 events per second, its highest 1.10 times its lowest, dispersion 1.2; a canary that stays at twice its margin shows after 3m30s");
    let short = |time: u64| {
        let silent =
            Absence { arm: Some(ArmName::Canary), code: AbsenceCode::Empty, message: "nothing".into() };
        let baseline = Ok(baseline((0..60).map(|_| (100.0, 0.0))));
        let evidence = MetricEvidence { plan: rate(), baseline, canary: Err(silent), warming_up: false };
        fitness(&[evidence], 0.1, Millis(time))[0].clone()
    };
    assert!(short(900_000).is_fit() && !short(60_000).is_fit());
    insta::assert_snapshot!(short(60_000).in_words(), @"memory: not fit for judging: 6.667 events per second, its highest 1.00 times its lowest, dispersion 3.0; a canary that stays at twice its margin does not show in the time of the rollout: give it more time");
}
