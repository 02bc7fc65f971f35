//! Expected values are arithmetic on the ticks given.

use super::*;
use crate::metrics::{MetricPlan, MetricQuery};
use crate::snapshot::model::{Direction, PastVerdict, Stage};
use crate::support::units::Timestamp;

fn evidence(
    query: MetricQuery,
    baseline: Result<ArmTicks, Absence>,
    canary: Result<ArmTicks, Absence>,
) -> MetricEvidence {
    let plan = MetricPlan {
        name: "errors".into(),
        query,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: Some(1.2),
        floor: None,
        warm_up: Millis(0),
    };
    MetricEvidence { plan, baseline, canary, warming_up: false }
}

fn a_ratio(baseline: Result<ArmTicks, Absence>, canary: Result<ArmTicks, Absence>) -> MetricEvidence {
    evidence(MetricQuery::Ratio { bad: "b".into(), total: "t".into() }, baseline, canary)
}

fn ticks(each: &[(f64, f64)]) -> ArmTicks {
    let tick = |(at, (bad, requests)): (u64, &(f64, f64))| Tick {
        end: Timestamp(15_000 * at),
        span: Millis(15_000),
        requests: *requests,
        bad: *bad,
        level: *requests,
        buckets: Vec::new(),
    };
    ArmTicks { ticks: (1..).zip(each).map(tick).collect(), missing: 2, ..ArmTicks::default() }
}

fn no(arm: ArmName, code: AbsenceCode, message: &str) -> Absence {
    Absence { arm: Some(arm), code, message: message.into() }
}

fn weight(percent: u8) -> Weight {
    Weight::new(percent).unwrap()
}

#[test]
fn a_ratio_is_bad_over_all_and_a_tick_without_traffic_has_no_value() {
    let metric = metric(
        &a_ratio(Ok(ticks(&[(1.0, 100.0)])), Ok(ticks(&[(1.0, 10.0), (0.0, 0.0), (2.0, 20.0)]))),
        weight(10),
    );
    insta::assert_debug_snapshot!(metric, @r#"
    Metric {
        name: "errors",
        kind: Ratio,
        unit: "1",
        direction: LowerIsBetter,
        margin: Some(
            1.2,
        ),
        floor: None,
        baseline: Arm {
            requests: 100,
            bad: 1,
            value: Some(
                0.01,
            ),
            series: [
                0.01,
            ],
            missing: 2,
            observed_ms: Millis(
                15000,
            ),
            bucket_edges: [],
            bucket_counts: [],
        },
        canary: Arm {
            requests: 30,
            bad: 3,
            value: Some(
                0.1,
            ),
            series: [
                0.1,
                0.1,
            ],
            missing: 2,
            observed_ms: Millis(
                45000,
            ),
            bucket_edges: [],
            bucket_counts: [],
        },
        comparison: Some(
            Comparison {
                ratio: Some(
                    10.0,
                ),
                difference: Some(
                    0.09000000000000001,
                ),
                interval_low: None,
                interval_high: None,
                e_rollback: None,
                e_promote: None,
                effect: None,
                p_value: None,
                needed_requests: None,
            },
        ),
        state: Ok,
        facts: [],
    }
    "#);
}

#[test]
fn a_rate_is_events_over_the_time_that_was_seen() {
    let rate = evidence(
        MetricQuery::Rate("r".into()),
        Ok(ticks(&[(0.0, 30.0)])),
        Ok(ticks(&[(0.0, 30.0), (0.0, 0.0)])),
    );
    let metric = metric(&rate, weight(10));
    assert_eq!(
        (metric.canary.value, metric.canary.series, metric.canary.requests),
        (Some(1.0), vec![2.0, 0.0], 30)
    );
    assert_eq!(metric.baseline.value, Some(2.0));
}

#[test]
fn a_gauge_is_the_mean_of_its_levels() {
    let gauge = evidence(
        MetricQuery::Gauge("g".into()),
        Ok(ticks(&[(0.0, 4.0)])),
        Ok(ticks(&[(0.0, 4.0), (0.0, 8.0)])),
    );
    let canary = metric(&gauge, weight(10)).canary;
    assert_eq!((canary.value, canary.series), (Some(6.0), vec![4.0, 8.0]));
}

#[test]
fn a_latency_is_the_95th_percentile_of_all_ticks_together() {
    // 100 events up to 0.1, 100 up to 0.2: rank 190 lies 90/100 into the second bucket.
    let mut all = ticks(&[(0.0, 100.0), (0.0, 100.0)]);
    all.edges = vec![0.1, 0.2];
    all.ticks[0].buckets = vec![100.0, 100.0, 100.0];
    all.ticks[1].buckets = vec![0.0, 100.0, 100.0];
    let canary =
        metric(&evidence(MetricQuery::Histogram("h".into()), Ok(all.clone()), Ok(all)), weight(10)).canary;
    insta::assert_debug_snapshot!((canary.value, canary.series, canary.bucket_edges, canary.bucket_counts), @r"
    (
        Some(
            0.19,
        ),
        [
            0.095,
            0.195,
        ],
        [
            0.1,
            0.2,
        ],
        [
            100,
            200,
            200,
        ],
    )
    ");
}

#[test]
fn counts_are_rounded_and_bad_never_exceeds_all() {
    let canary =
        metric(&a_ratio(Ok(ticks(&[(0.0, 1.0)])), Ok(ticks(&[(10.5, 10.5), (0.0, 0.4)]))), weight(10)).canary;
    assert_eq!((canary.bad, canary.requests), (11, 11));
    let huge = metric(&a_ratio(Ok(ticks(&[(0.0, 1.0)])), Ok(ticks(&[(0.0, 1e300)]))), weight(10)).canary;
    assert_eq!(huge.requests, u64::MAX);
}

#[test]
fn a_value_that_overflows_is_absent_and_named() {
    let metric = metric(
        &a_ratio(Ok(ticks(&[(0.0, 1.0)])), Ok(ticks(&[(0.0, f64::MAX), (f64::MAX, f64::MAX)]))),
        weight(10),
    );
    assert_eq!(metric.canary.value, None);
    assert_eq!(metric.comparison, None);
    let message = "the value is no finite number";
    assert_eq!(metric.state, MetricState::NoData(no(ArmName::Canary, AbsenceCode::NotANumber, message)));
}

#[test]
fn whoever_has_no_data_is_named_and_the_baseline_may_be_silent_only_once_the_canary_has_all_traffic() {
    let here = || Ok(ticks(&[(0.0, 10.0)]));
    let silent = || Err(no(ArmName::Baseline, AbsenceCode::NoTraffic, "nothing was counted"));
    let down = || Err(no(ArmName::Canary, AbsenceCode::ProviderDown, "no connection"));
    let state = |baseline, canary, percent| match metric(&a_ratio(baseline, canary), weight(percent)).state {
        MetricState::NoData(Absence { arm, code, message }) => {
            format!("{:?} {}: {message}", arm, code.as_str())
        }
        state => format!("{state:?}"),
    };
    let states = [
        state(here(), here(), 10),
        state(silent(), here(), 99),
        state(silent(), here(), 100),
        state(here(), down(), 10),
        state(here(), down(), 100),
        state(silent(), down(), 10),
        state(silent(), down(), 100),
    ];
    insta::assert_snapshot!(states.join("\n"), @r"
    Ok
    Some(Baseline) no-traffic: nothing was counted
    Ok
    Some(Canary) provider-down: no connection
    Some(Canary) provider-down: no connection
    None provider-down: canary: no connection; baseline: nothing was counted
    Some(Canary) provider-down: no connection
    ");
    let alone = metric(&a_ratio(silent(), here()), weight(100));
    assert_eq!((alone.baseline, alone.comparison, alone.canary.value), (Arm::default(), None, Some(0.0)));
}

#[test]
fn warming_up_comes_before_everything_else() {
    let mut cold = a_ratio(
        Ok(ticks(&[(0.0, 1.0)])),
        Err(no(ArmName::Canary, AbsenceCode::Empty, "the metric is warming up")),
    );
    cold.warming_up = true;
    assert_eq!(metric(&cold, weight(10)).state, MetricState::WarmingUp);
}

#[test]
fn a_snapshot_has_its_metrics_by_name_and_the_last_hundred_looks() {
    let named = |name: &str| {
        let mut one = a_ratio(Ok(ticks(&[])), Ok(ticks(&[])));
        name.clone_into(&mut one.plan.name);
        one
    };
    let looks: Vec<Past> = (0..150)
        .map(|at| Past { now_ms: Timestamp(at), step: 0, weight: weight(10), verdict: PastVerdict::Hold })
        .collect();
    let position = Position {
        stage: Stage::Canary,
        step: 0,
        steps: 1,
        weight: weight(10),
        elapsed_ms: Millis(0),
        step_elapsed_ms: Millis(0),
        step_duration_ms: Millis(0),
        min_bake_ms: Millis(0),
        deadline_ms: Timestamp(0),
        looks: 150,
    };
    let built = snapshot(Context::default(), position, &[named("b"), named("a")], &looks);
    assert_eq!(built.metrics.iter().map(|metric| metric.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((built.history.len(), built.history[0].now_ms), (HISTORY, Timestamp(50)));
}
