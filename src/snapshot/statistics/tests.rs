//! Which ticks are taken, what is carried from look to look, and what the snapshot shows of it.

use super::*;
use crate::metrics::{MetricPlan, MetricQuery};
use crate::snapshot::build;
use crate::snapshot::model::{Absence, AbsenceCode, ArmName, Context, Position, Stage};
use crate::support::units::{Millis, Weight};

const STARTED: Timestamp = Timestamp(1_000_000);

fn plan() -> MetricPlan {
    MetricPlan {
        name: "errors".into(),
        query: MetricQuery::Ratio { bad: "bad".into(), total: "total".into() },
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    }
}

/// Ticks of 15 s with these numbers, from 1 on, each with the same counts.
fn arm(ticks: impl Iterator<Item = u64>, requests: f64, bad: f64) -> ArmTicks {
    let tick = |at: u64| Seen {
        end: STARTED.after(Millis(at * 15_000)),
        span: Millis(15_000),
        requests,
        bad,
        level: 0.0,
        buckets: vec![],
    };
    ArmTicks { ticks: ticks.map(tick).collect(), ..ArmTicks::default() }
}

fn evidence(canary: ArmTicks, baseline: ArmTicks) -> MetricEvidence {
    MetricEvidence { plan: plan(), baseline: Ok(baseline), canary: Ok(canary), warming_up: false }
}

fn snapshot(evidence: &MetricEvidence) -> Snapshot {
    let position = Position {
        stage: Stage::Canary,
        step: 0,
        steps: 1,
        weight: Weight::new(10).unwrap(),
        elapsed_ms: Millis(0),
        step_elapsed_ms: Millis(0),
        step_duration_ms: Millis(0),
        min_bake_ms: Millis(0),
        deadline_ms: Timestamp(0),
        looks: 0,
    };
    build::snapshot(Context::default(), position, std::slice::from_ref(evidence), &[])
}

fn fact(metric: &Metric, name: &str) -> FactValue {
    metric.facts.iter().find(|fact| fact.name == name).unwrap().value.clone()
}

#[test]
fn a_tick_counts_once_however_many_looks_see_it() {
    let mut once = Statistics::default();
    once.take(&[evidence(arm(1..=20, 150.0, 2.0), arm(1..=20, 1350.0, 9.0))], STARTED, Some(0.1));
    let mut often = Statistics::default();
    for end in 1..=20 {
        often.take(&[evidence(arm(1..=end, 150.0, 2.0), arm(1..=end, 1350.0, 9.0))], STARTED, Some(0.1));
    }
    assert_eq!(once, often);
}

#[test]
fn a_tick_that_one_arm_has_not_yet_is_waited_for_and_one_that_it_never_has_is_a_gap() {
    let mut statistics = Statistics::default();
    statistics.take(&[evidence(arm(1..=3, 150.0, 2.0), arm(1..=4, 1350.0, 9.0))], STARTED, Some(0.1));
    let looked = evidence(arm((1..=6).filter(|at| *at != 5), 150.0, 2.0), arm(1..=6, 1350.0, 9.0));
    statistics.take(std::slice::from_ref(&looked), STARTED, Some(0.1));
    let mut snapshot = snapshot(&looked);
    statistics.fill(&mut snapshot);
    let metric = &snapshot.metrics[0];
    assert_eq!(fact(metric, "evidence-ticks"), FactValue::Integer(5));
    assert_eq!(fact(metric, "evidence-gaps"), FactValue::Integer(1));
    assert_eq!(fact(metric, "evidence-refused"), FactValue::Integer(0));
    assert_eq!(fact(metric, "evidence-requests"), FactValue::Number(750.0));
}

#[test]
fn the_comparison_says_how_sure_it_is_and_how_far_it_is_from_a_decision() {
    let of = |bad: f64| {
        let looked = evidence(arm(1..=28, 150.0, bad), arm(1..=28, 1350.0, 7.0));
        let mut statistics = Statistics::default();
        statistics.take(std::slice::from_ref(&looked), STARTED, Some(0.1));
        let mut snapshot = snapshot(&looked);
        statistics.fill(&mut snapshot);
        snapshot.metrics.remove(0)
    };
    let worse = of(6.0).comparison.unwrap();
    assert!(worse.e_rollback.unwrap() > 200.0 && worse.e_promote.unwrap() < 1.0, "{worse:?}");
    assert!(worse.interval_low.unwrap() > 1.0 && worse.interval_high.unwrap() > 7.0, "{worse:?}");
    let sound = of(0.75).comparison.unwrap();
    assert!(sound.e_rollback.unwrap() < 1.0 && sound.e_promote.unwrap() > 5.0, "{sound:?}");
    assert!(sound.interval_low.unwrap() < 1.0 && sound.interval_high.unwrap() > 1.0, "{sound:?}");
}

#[test]
fn a_look_without_data_changes_nothing() {
    let mut statistics = Statistics::default();
    statistics.take(&[evidence(arm(1..=9, 150.0, 2.0), arm(1..=9, 1350.0, 9.0))], STARTED, Some(0.1));
    let before = statistics.clone();
    let absence =
        Absence { arm: Some(ArmName::Canary), code: AbsenceCode::ProviderDown, message: String::new() };
    let down =
        MetricEvidence { canary: Err(absence), ..evidence(ArmTicks::default(), arm(10..=12, 1350.0, 9.0)) };
    statistics.take(std::slice::from_ref(&down), STARTED, Some(0.1));
    assert_eq!(statistics, before);
    let mut snapshot = snapshot(&down);
    statistics.fill(&mut snapshot);
    assert_eq!(snapshot.metrics[0].comparison, None);
}

#[test]
fn what_was_recorded_goes_on_as_if_the_process_had() {
    let all = evidence(arm(1..=40, 150.0, 1.0), arm(1..=40, 1350.0, 9.0));
    let mut whole = Statistics::default();
    whole.take(std::slice::from_ref(&all), STARTED, Some(0.1));
    let mut cut = Statistics::default();
    cut.take(&[evidence(arm(1..=17, 150.0, 1.0), arm(1..=17, 1350.0, 9.0))], STARTED, Some(0.1));
    let mut cut: Statistics =
        serde_json::from_slice(&crate::snapshot::canonical::bytes(&cut).unwrap()).unwrap();
    cut.take(std::slice::from_ref(&all), STARTED, Some(0.1));
    assert_eq!(cut, whole);
}

#[test]
fn a_canary_that_does_not_get_its_share_is_told() {
    let told = |canary: f64| {
        let mut statistics = Statistics::default();
        let looked = evidence(arm(1..=60, canary, 0.0), arm(1..=60, 1350.0, 9.0));
        statistics.take(std::slice::from_ref(&looked), STARTED, Some(0.1));
        // Seen again, it is not counted again; with another share it is counted anew.
        statistics.take(std::slice::from_ref(&looked), STARTED, Some(0.1));
        let mut shown = snapshot(&looked);
        statistics.fill(&mut shown);
        let number = |name: &str| match &shown.facts.iter().find(|fact| fact.name == name).unwrap().value {
            FactValue::Number(number) => *number,
            other => panic!("{other:?}"),
        };
        (number("traffic-share"), number("traffic-share-meant"), number("e-traffic-split"))
    };
    let (seen, meant, odds) = told(150.0);
    assert!((seen, meant) == (0.1, 0.1) && odds < 1.0, "{odds}");
    assert!(told(130.0).2 < 1.0, "within the tolerance");
    let (seen, _, odds) = told(40.0);
    assert!(seen < 0.03 && odds > 100.0, "{odds}");
    assert!(told(600.0).2 > 100.0);
}

/// A metric of this kind beside the errors; `each` makes of a tick's number a tick of both arms.
fn beside(query: MetricQuery, margin: Option<f64>, each: impl Fn(u64) -> [f64; 2]) -> MetricEvidence {
    let of = |at: usize| {
        let mut arm = arm(1..=40, 0.0, 0.0);
        for (tick, number) in arm.ticks.iter_mut().zip(1..) {
            let value = each(number)[at];
            (tick.requests, tick.level) = (value, value);
        }
        arm
    };
    let plan = MetricPlan { name: "other".into(), query, margin, ..plan() };
    MetricEvidence { plan, baseline: Ok(of(0)), canary: Ok(of(1)), warming_up: false }
}

/// The comparison of a metric that was looked at with `beside` it, at a weight of 10 %.
fn compared(all: &[MetricEvidence]) -> (crate::snapshot::model::Comparison, Metric) {
    let mut statistics = Statistics::default();
    statistics.take(all, STARTED, Some(0.1));
    let mut shown = snapshot(&all[0]);
    statistics.fill(&mut shown);
    let metric = shown.metrics.remove(0);
    (metric.comparison.clone().unwrap(), metric)
}

#[test]
fn a_level_is_judged_once_it_is_said_how_much_worse_it_may_be() {
    let memory = |margin, worse: f64| {
        let query = MetricQuery::Gauge("memory".into());
        compared(&[beside(query, margin, |at| [500.0 + (at % 3) as f64, worse * 500.0 - (at % 2) as f64])])
    };
    assert_eq!(memory(None, 3.0).0.e_rollback, None);
    let (worse, metric) = memory(Some(1.2), 1.5);
    assert!(worse.e_rollback.unwrap() > 100.0 && worse.needed_requests.is_none(), "{worse:?}");
    assert_eq!(fact(&metric, "evidence-ticks"), FactValue::Integer(40));
    assert_eq!(fact(&metric, "evidence-relevant"), FactValue::Boolean(true));
    // It counts no requests: it never says that the canary has served enough.
    assert_eq!(fact(&metric, "evidence-requests"), FactValue::Number(0.0));
    let (sound, metric) = memory(Some(1.2), 1.1);
    assert!(sound.e_rollback.unwrap() < 1.0 && sound.e_promote.unwrap() > 20.0, "{sound:?}");
    assert_eq!(fact(&metric, "evidence-relevant"), FactValue::Boolean(false));
}

#[test]
fn a_rate_is_compared_per_request_where_requests_are_counted_and_by_the_weight_where_not() {
    let retries = |canary: f64| {
        let each = move |at: u64| [90.0, canary + if at.is_multiple_of(2) { 1.0 } else { -1.0 }];
        beside(MetricQuery::Rate("retries".into()), Some(1.2), each)
    };
    // A tenth of the traffic with a tenth of the retries is no worse, with a fifth of them it is.
    assert!(compared(&[retries(10.0)]).0.e_promote.unwrap() > 20.0);
    assert!(compared(&[retries(20.0)]).0.e_rollback.unwrap() > 100.0);
    // The canary got a fifth of the requests, whatever it was meant to get.
    let fifth = evidence(arm(1..=40, 300.0, 2.0), arm(1..=40, 1200.0, 8.0));
    let (same, metric) = compared(&[retries(20.0), fifth]);
    assert!(same.e_rollback.unwrap() < 1.0, "{same:?}");
    let FactValue::Number(late) = fact(&metric, "level-canary") else { panic!("{metric:?}") };
    assert!((late - 20.0 / (0.2 * 15.0)).abs() < 0.05, "as if it had all requests: {late}");
    // Where nobody can say of how many, nothing is evidence.
    let silent = MetricEvidence {
        canary: Err(Absence { arm: None, code: AbsenceCode::Empty, message: String::new() }),
        ..evidence(ArmTicks::default(), arm(1..=40, 1200.0, 8.0))
    };
    let (unknown, metric) = compared(&[retries(90.0), silent]);
    assert_eq!(unknown.e_rollback.map(f64::to_bits), Some(1.0_f64.to_bits()));
    assert_eq!(fact(&metric, "evidence-gaps"), FactValue::Integer(40));
}

#[test]
fn levels_go_on_from_what_was_recorded_as_if_the_process_had() {
    let query = || MetricQuery::Gauge("memory".into());
    let all = beside(query(), Some(1.2), |at| [500.0, 700.0 + at as f64]);
    let mut whole = Statistics::default();
    whole.take(std::slice::from_ref(&all), STARTED, Some(0.1));
    let mut part = all.clone();
    for arm in [&mut part.baseline, &mut part.canary] {
        arm.as_mut().unwrap().ticks.truncate(13);
    }
    let mut cut = Statistics::default();
    cut.take(&[part], STARTED, Some(0.1));
    let mut cut: Statistics =
        serde_json::from_slice(&crate::snapshot::canonical::bytes(&cut).unwrap()).unwrap();
    cut.take(std::slice::from_ref(&all), STARTED, Some(0.1));
    assert_eq!(cut, whole);
}
