//! What may go wrong with the data of a look, one by one: from the series that a provider answers, over the state that
//! the snapshot names, to what the default gate makes of it. The table in docs/statistics.md lists the same.
//!
//! In each look so far 30 ticks of 15 s have passed in which the baseline served 1350 requests a tick, 9 of them bad, and
//! the canary 150, of which it failed one: at the 30th a canary without trouble is promoted. Counts are arithmetic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use async_trait::async_trait;
use rollgate::config::model::OnEnd;
use rollgate::metrics::provider::Provider;
use rollgate::metrics::{Answer, BudgetPlan, MetricPlan, MetricQuery, Poll, RawSeries, Window};
use rollgate::policy::builtin;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::rollout::machine::{Phase, State};
use rollgate::rollout::observation::Observation;
use rollgate::rollout::plan::{Plan, Step};
use rollgate::snapshot::canonical;
use rollgate::snapshot::model::{
    Absence, AbsenceCode, ArmName, Context, Direction, FactValue, Metric, MetricState, Snapshot,
};
use rollgate::snapshot::statistics::Statistics;
use rollgate::support::units::{Millis, Timestamp, Weight};
use rollgate::verdict::model::{Answer as Said, Composition, Verdict};

const BEGIN: u64 = 1_790_000_000_000;
const TICK: u64 = 15_000;
const TICKS: u64 = 30;

/// A series of an arm, point by point; the first is at the beginning of the rollout.
#[derive(Clone)]
struct Series(RawSeries);

impl Series {
    /// A counter that grows by `each` in every tick.
    fn counter(labels: &[(&str, &str)], each: f64) -> Self {
        let points = (0..=TICKS).map(|at| (Timestamp(BEGIN + at * TICK), each * at as f64)).collect();
        let label = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(RawSeries { labels: labels.iter().map(label).collect(), points })
    }

    /// Without the points at the ends of these ticks.
    fn without(mut self, ticks: &[u64]) -> Self {
        self.0.points.retain(|(at, _)| !ticks.contains(&((at.0 - BEGIN) / TICK)));
        self
    }

    /// With something else at the ends of these ticks.
    fn with(mut self, ticks: &[u64], value: f64) -> Self {
        for (at, known) in &mut self.0.points {
            if ticks.contains(&((at.0 - BEGIN) / TICK)) {
                *known = value;
            }
        }
        self
    }

    /// A process that starts again at zero just after the end of this tick.
    fn restarted_after(mut self, tick: u64) -> Self {
        let stood = self.0.points[usize::try_from(tick).unwrap()].1;
        for (at, value) in &mut self.0.points {
            if (at.0 - BEGIN) / TICK > tick {
                *value -= stood;
            }
        }
        self
    }

    /// Nothing counted.
    fn idle(mut self) -> Self {
        for (_, value) in &mut self.0.points {
            *value = 7.0;
        }
        self
    }
}

/// What each arm answers to each query.
#[derive(Default)]
struct Told(BTreeMap<(ArmName, &'static str), Result<Vec<RawSeries>, Absence>>);

impl Told {
    fn answer(mut self, arm: ArmName, query: &'static str, series: &[Series]) -> Self {
        self.0.insert((arm, query), Ok(series.iter().map(|one| one.0.clone()).collect()));
        self
    }

    /// Whose queries the provider answers with an error.
    fn down(mut self, arm: ArmName, query: &'static str) -> Self {
        let message = "connection refused".into();
        self.0.insert((arm, query), Err(Absence { arm: None, code: AbsenceCode::ProviderDown, message }));
        self
    }

    /// The base scenario, of which the provider does not have what the canary showed at the ends of these ticks.
    fn lost(ticks: &[u64]) -> Self {
        Self::requests(&[served(150.0).without(ticks)]).answer(
            ArmName::Canary,
            "bad",
            &[failed(1.0).without(ticks)],
        )
    }

    /// Requests of the base scenario, with the canary's as they are given.
    fn requests(canary: &[Series]) -> Self {
        Self::default()
            .answer(ArmName::Baseline, "total", &[served(1350.0)])
            .answer(ArmName::Baseline, "bad", &[failed(9.0)])
            .answer(ArmName::Canary, "total", canary)
            .answer(ArmName::Canary, "bad", &[failed(1.0)])
    }
}

fn served(each: f64) -> Series {
    Series::counter(&[("instance", "x"), ("code", "all")], each)
}

fn failed(each: f64) -> Series {
    Series::counter(&[("instance", "x"), ("code", "500")], each)
}

#[async_trait]
impl Provider for Told {
    async fn poll(&mut self, _now: Timestamp) -> Option<Poll> {
        None
    }

    fn restore(&mut self, _polls: Vec<Poll>) {}

    async fn select(&self, arm: ArmName, query: &str, window: Window) -> Answer {
        let known = self.0.iter().find(|((of, name), _)| *of == arm && *name == query);
        let mut series = known.map_or_else(|| Ok(Vec::new()), |(_, series)| series.clone())?;
        for one in &mut series {
            // A provider knows nothing of the time to come.
            one.points.retain(|(at, _)| *at <= window.end);
        }
        Ok(series)
    }
}

fn ratio() -> MetricPlan {
    plan(MetricQuery::Ratio { bad: "bad".into(), total: "total".into() })
}

fn plan(query: MetricQuery) -> MetricPlan {
    MetricPlan {
        name: "metric".into(),
        query,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        warm_up: Millis(0),
    }
}

/// A rollout that is looked at.
struct Rollout {
    metric: MetricPlan,
    budget: Option<BudgetPlan>,
    lag: Millis,
    statistics: Statistics,
}

impl Rollout {
    fn of(metric: MetricPlan) -> Self {
        Self { metric, budget: None, lag: Millis(0), statistics: Statistics::default() }
    }

    /// The snapshot of a look after so many ticks.
    async fn look(&mut self, ticks: u64, told: &Told) -> Snapshot {
        let weight = Weight::new(10).unwrap();
        let plan = Plan {
            steps: vec![Step { weight, hold: Millis(900_000), every: Millis(TICK) }],
            min_bake: Millis(0),
            deadline: Millis(1_800_000),
            on_deadline: OnEnd::Rollback,
            on_cancel: OnEnd::Rollback,
            tick: Millis(TICK),
            lag: self.lag,
            warm_up: Millis(0),
            window: None,
            time_zone: None,
        };
        let (since, now) = (Timestamp(BEGIN), Timestamp(BEGIN + ticks * TICK));
        let state = State {
            phase: Phase::Observing { step: 0, since, next_look: now },
            weight,
            started: Some(since),
            ..State::default()
        };
        let metrics = std::slice::from_ref(&self.metric);
        let context = Context::default();
        let observation = Observation {
            metrics,
            budget: self.budget.as_ref(),
            checks: &rollgate::health::Checks::default(),
            provider: told,
            plan: &plan,
            context: &context,
        };
        observation.snapshot(&state, since, now, &mut self.statistics).await
    }
}

/// The named state, the counts, the facts that are not zero, and the default gate's verdict.
async fn shown(snapshot: &Snapshot) -> String {
    let metric = &snapshot.metrics[0];
    let state = match &metric.state {
        MetricState::Ok => "ok".into(),
        MetricState::WarmingUp => "warming-up".into(),
        MetricState::NoData(absence) => {
            let arm = absence.arm.map_or("both arms", ArmName::as_str);
            format!("{} of {arm}: {}", absence.code.as_str(), absence.message)
        }
    };
    let mut shown = state;
    if metric.state == MetricState::Ok {
        let arm = &metric.canary;
        let _ = write!(shown, ", {} of {} bad, {} missing", arm.bad, arm.requests, arm.missing);
    }
    let told = ["evidence-ticks", "evidence-gaps", "evidence-refused", "evidence-refusal", "restarts-canary"];
    let told = told.iter().chain(&["restarts-baseline", "no-bad-series-canary", "no-bad-series-baseline"]);
    for name in told {
        if let Some(value) = fact(metric, name) {
            let _ = write!(shown, ", {name} {value}");
        }
    }
    for fact in snapshot.facts.iter().filter(|fact| fact.name == "data-lag-ms") {
        let _ = write!(shown, ", {} {:?}", fact.name, fact.value);
    }
    format!("{shown} -> {}", decided(snapshot).await)
}

/// None of zero.
fn fact(metric: &Metric, name: &str) -> Option<String> {
    match &metric.facts.iter().find(|fact| fact.name == name)?.value {
        FactValue::Integer(0) => None,
        FactValue::Integer(count) => Some(count.to_string()),
        FactValue::Boolean(is) => Some(is.to_string()),
        FactValue::Number(number) => Some(number.to_string()),
        FactValue::Text(text) => Some(text.clone()),
    }
}

async fn decided(snapshot: &Snapshot) -> String {
    decided_by("sequential", serde_json::Map::new(), snapshot).await
}

async fn decided_by(
    policy: &str,
    settings: serde_json::Map<String, serde_json::Value>,
    snapshot: &Snapshot,
) -> String {
    let plan = GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: format!("builtin:{policy}"),
            bytes: Ok(builtin::find(policy).unwrap().bytes.into()),
            settings,
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    };
    let metrics = [(snapshot.metrics[0].name.clone(), snapshot.metrics[0].kind)];
    let mut gate = Gate::open(plan, &metrics, Limits::default()).await.unwrap();
    let members = gate.judge(snapshot, &BTreeMap::new()).await;
    gate.close().await;
    match &members[0].answer {
        Said::Outcome(outcome) => match outcome.verdict {
            Verdict::Hold(_) => "hold".into(),
            verdict => format!("{verdict:?}").to_lowercase(),
        },
        other => panic!("{other:?}"),
    }
}

/// What a look at the 30th tick shows.
async fn at_the_end(metric: MetricPlan, told: &Told) -> String {
    shown(&Rollout::of(metric).look(TICKS, told).await).await
}

#[tokio::test]
async fn without_trouble_the_canary_is_promoted() {
    let shown = at_the_end(ratio(), &Told::requests(&[served(150.0)])).await;
    insta::assert_snapshot!(shown, @"ok, 30 of 4500 bad, 0 missing, evidence-ticks 30 -> promote");
}

#[tokio::test]
async fn no_data_is_empty() {
    let nothing = at_the_end(ratio(), &Told::requests(&[])).await;
    insta::assert_snapshot!(nothing, @"empty of canary: the query matched no series -> hold");
    // It had data, and has been silent for four ticks.
    insta::assert_snapshot!(at_the_end(ratio(), &Told::lost(&[27, 28, 29, 30])).await, @"empty of canary: the last usable sample is 1m old -> hold");
}

#[tokio::test]
async fn a_provider_that_fails_is_down() {
    let told = Told::requests(&[]).down(ArmName::Canary, "total");
    insta::assert_snapshot!(at_the_end(ratio(), &told).await, @"provider-down of canary: connection refused -> hold");
    let told = Told::requests(&[]).down(ArmName::Canary, "total").down(ArmName::Baseline, "total");
    insta::assert_snapshot!(at_the_end(ratio(), &told).await, @"provider-down of both arms: connection refused -> hold");
}

#[tokio::test]
async fn what_is_not_a_number_is_named_so_where_there_is_nothing_else_and_a_gap_where_there_is() {
    let all: Vec<u64> = (0..=TICKS).collect();
    let never = served(150.0).with(&all, f64::NAN);
    insta::assert_snapshot!(at_the_end(ratio(), &Told::requests(&[never])).await, @"not-a-number of canary: samples are NaN or infinite; the window has no two adjacent samples -> hold");
    let once = served(150.0).with(&[10], f64::INFINITY);
    insta::assert_snapshot!(at_the_end(ratio(), &Told::requests(&[once])).await, @"ok, 28 of 4200 bad, 2 missing, evidence-ticks 28, evidence-gaps 2 -> hold");
}

#[tokio::test]
async fn nothing_over_nothing_is_no_traffic() {
    let told = Told::requests(&[served(150.0).idle()]).answer(ArmName::Canary, "bad", &[failed(1.0).idle()]);
    insta::assert_snapshot!(at_the_end(ratio(), &told).await, @"no-traffic of canary: the counters are there, but nothing was counted -> hold");
    // Both arms: a service at night.
    let told = told.answer(ArmName::Baseline, "total", &[served(1350.0).idle()]).answer(
        ArmName::Baseline,
        "bad",
        &[failed(9.0).idle()],
    );
    insta::assert_snapshot!(at_the_end(ratio(), &told).await, @"no-traffic of both arms: the counters are there, but nothing was counted -> hold");
}

#[tokio::test]
async fn several_series_of_a_level_are_named_and_those_of_a_counter_are_summed() {
    let pod = |name, each| Series::counter(&[("pod", name)], each);
    let told = Told::default().answer(ArmName::Baseline, "level", &[pod("a", 1.0)]).answer(
        ArmName::Canary,
        "level",
        &[pod("b", 1.0), pod("c", 1.0)],
    );
    let snapshot = Rollout::of(plan(MetricQuery::Gauge("level".into()))).look(TICKS, &told).await;
    let MetricState::NoData(absence) = &snapshot.metrics[0].state else { panic!("{:?}", snapshot.metrics) };
    insta::assert_snapshot!(format!("{}: {}", absence.code.as_str(), absence.message), @r#"several-series: 2 series came where one was expected; they differ in `pod` ("b", "c")"#);
    let two = [("x", 100.0), ("y", 50.0)].map(|(name, each)| Series::counter(&[("instance", name)], each));
    insta::assert_snapshot!(at_the_end(ratio(), &Told::requests(&two)).await, @"ok, 30 of 4500 bad, 0 missing, evidence-ticks 30 -> promote");
    // The same series twice, with two values for one instant.
    let same = [served(150.0), served(140.0)];
    insta::assert_snapshot!(at_the_end(ratio(), &Told::requests(&same)).await, @r#"malformed of canary: the series {code="all",instance="x"} has two values at 1790000015000 ms -> hold"#);
}

#[tokio::test]
async fn data_that_come_late_are_waited_for_and_a_known_lag_is_told() {
    // Two ticks behind: what is missing at the end is no gap of the evidence yet.
    let behind = Told::lost(&[29, 30]);
    insta::assert_snapshot!(at_the_end(ratio(), &behind).await, @"ok, 28 of 4200 bad, 2 missing, evidence-ticks 28 -> hold");
    // Whoever knows of the lag asks for what is there.
    let mut rollout = Rollout { lag: Millis(2 * TICK), ..Rollout::of(ratio()) };
    insta::assert_snapshot!(shown(&rollout.look(TICKS, &behind).await).await, @"ok, 28 of 4200 bad, 0 missing, evidence-ticks 28, data-lag-ms Integer(30000) -> hold");
}

#[tokio::test]
async fn a_gap_is_missing_and_never_zero() {
    // A point ends one tick and begins the next: three and one are missing, which are four ticks in a row and two.
    insta::assert_snapshot!(at_the_end(ratio(), &Told::lost(&[5, 6, 7, 20])).await, @"ok, 24 of 3600 bad, 6 missing, evidence-ticks 24, evidence-gaps 6 -> hold");
    // A counter that was not shown while its process was goes on from its last value: nothing is lost but when it was.
    let late = Told::requests(&[served(150.0).without(&[5, 6, 7, 20])]);
    insta::assert_snapshot!(at_the_end(ratio(), &late).await, @"ok, 30 of 4500 bad, 0 missing, evidence-ticks 26, evidence-gaps 4 -> promote");
}

#[tokio::test]
async fn a_restart_counts_from_zero_and_is_told() {
    // The tick in which a process starts again has what it counted since: here all of it.
    let restarted = Told::requests(&[served(150.0).restarted_after(12)]).answer(
        ArmName::Canary,
        "bad",
        &[failed(1.0).restarted_after(12)],
    );
    insta::assert_snapshot!(at_the_end(ratio(), &restarted).await, @"ok, 30 of 4500 bad, 0 missing, evidence-ticks 30, restarts-canary 1 -> promote");
}

#[tokio::test]
async fn a_tick_counts_once_and_one_that_comes_after_later_ones_stays_a_gap() {
    let mut rollout = Rollout::of(ratio());
    // Ticks 10 and 11 need a point that the provider does not have yet.
    let early = Told::lost(&[10]);
    rollout.look(20, &early).await;
    rollout.look(20, &early).await;
    let whole = Told::requests(&[served(150.0)]);
    insta::assert_snapshot!(shown(&rollout.look(TICKS, &whole).await).await, @"ok, 30 of 4500 bad, 0 missing, evidence-ticks 28, evidence-gaps 2 -> hold");
    // Points in any order, and each twice.
    let mut shuffled = served(150.0);
    shuffled.0.points.reverse();
    shuffled.0.points.extend_from_within(..);
    let snapshot = Rollout::of(ratio()).look(TICKS, &Told::requests(&[shuffled])).await;
    let expected = Rollout::of(ratio()).look(TICKS, &whole).await;
    assert_eq!(snapshot, expected);
}

#[tokio::test]
async fn no_counter_of_bad_events_with_traffic_means_that_none_were_bad() {
    let told = Told::requests(&[served(150.0)]).answer(ArmName::Canary, "bad", &[]);
    insta::assert_snapshot!(at_the_end(ratio(), &told).await, @"ok, 0 of 4500 bad, 0 missing, evidence-ticks 30, no-bad-series-canary true -> promote");
    // A denominator that is missing is not: nobody knows of how many.
    let told = Told::requests(&[]);
    assert!(at_the_end(ratio(), &told).await.starts_with("empty of canary"));
}

#[tokio::test]
async fn a_canary_whose_every_answer_is_bad_has_all_of_them_bad_and_is_rolled_back() {
    let all = Series::counter(&[("instance", "x"), ("code", "500")], 150.0);
    let told =
        Told::requests(std::slice::from_ref(&all)).answer(ArmName::Canary, "bad", std::slice::from_ref(&all));
    let snapshot = Rollout::of(ratio()).look(6, &told).await;
    assert_eq!(snapshot.metrics[0].canary.value, Some(1.0));
    insta::assert_snapshot!(shown(&snapshot).await, @"ok, 900 of 900 bad, 0 missing, evidence-ticks 6 -> rollback");
}

#[tokio::test]
async fn a_cold_start_is_warming_up_and_its_ticks_are_no_evidence() {
    let cold = MetricPlan { warm_up: Millis(8 * TICK), ..ratio() };
    let mut rollout = Rollout::of(cold);
    // Everything fails while the caches are cold.
    let counts = |each: f64, cold: f64| {
        let mut series = failed(each);
        for (at, value) in &mut series.0.points {
            *value += cold * ((at.0 - BEGIN) / TICK).min(8) as f64;
        }
        series
    };
    let told = Told::requests(&[served(150.0)]).answer(ArmName::Canary, "bad", &[counts(1.0, 100.0)]);
    insta::assert_snapshot!(shown(&rollout.look(8, &told).await).await, @"warming-up -> hold");
    insta::assert_snapshot!(shown(&rollout.look(TICKS, &told).await).await, @"ok, 22 of 3300 bad, 0 missing, evidence-ticks 22 -> hold");
}

/// What each of several processes takes from the record of the last look is all that it needs.
#[tokio::test]
async fn the_same_run_split_over_several_processes_is_decided_the_same() {
    for (each, verdict) in [(1.0, "promote"), (6.0, "rollback")] {
        let told = Told::requests(&[served(150.0)]).answer(ArmName::Canary, "bad", &[failed(each)]);
        let mut whole = Rollout::of(ratio());
        let mut carried = serde_json::to_vec(&Statistics::default()).unwrap();
        for ticks in (1..=TICKS).step_by(3).chain([TICKS]) {
            let seen = whole.look(ticks, &told).await;
            let mut process = Rollout::of(ratio());
            process.statistics = serde_json::from_slice(&carried).unwrap();
            assert_eq!(process.look(ticks, &told).await, seen, "after {ticks} ticks");
            carried = canonical::bytes(&process.statistics).unwrap();
            if ticks == TICKS {
                assert_eq!(decided(&seen).await, verdict);
            }
        }
    }
}

/// How often somebody looks changes nothing but when it is known.
#[tokio::test]
async fn looks_in_between_change_nothing() {
    let told = Told::requests(&[served(150.0)]);
    let mut often = Rollout::of(ratio());
    for ticks in 1..TICKS {
        often.look(ticks, &told).await;
    }
    assert_eq!(often.look(TICKS, &told).await, Rollout::of(ratio()).look(TICKS, &told).await);
}

#[tokio::test]
async fn what_series_are_called_and_in_which_order_they_come_does_not_matter() {
    let pods = |names: [&str; 3], reversed: bool| {
        let pod = |(name, each): (&&str, f64)| {
            [("code", "200"), ("code", "500")].map(|code| Series::counter(&[("instance", name), code], each))
        };
        let mut series: Vec<Series> = names.iter().zip([60.0, 10.0, 5.0]).flat_map(pod).collect();
        if reversed {
            series.reverse();
        }
        Told::requests(&series)
    };
    let expected = Rollout::of(ratio()).look(TICKS, &pods(["a", "b", "c"], false)).await;
    assert_eq!(expected.metrics[0].canary.requests, 30 * 150);
    for (names, reversed) in [(["a", "b", "c"], true), (["z", "y", "x"], false), (["10", "9", "1"], true)] {
        let seen = Rollout::of(ratio()).look(TICKS, &pods(names, reversed)).await;
        assert_eq!(seen, expected, "{names:?}");
    }
}

/// 43,500 requests a period may have 43.5 bad ones. The canary failed 6 of 150 a tick where the baseline fails 1 of 150.
#[tokio::test]
async fn a_budget_that_is_asked_for_is_told_and_what_burns_it_is_rolled_back() {
    let told = Told::requests(&[served(150.0)])
        .answer(ArmName::Canary, "bad", &[failed(6.0)])
        .answer(ArmName::Baseline, "period", &[served(1450.0)])
        .answer(ArmName::Baseline, "period-bad", &[failed(1.0)]);
    let budget = BudgetPlan {
        metric: "metric".into(),
        objective: 0.999,
        total: "period".into(),
        bad: "period-bad".into(),
    };
    let mut rollout = Rollout { budget: Some(budget), ..Rollout::of(ratio()) };
    let snapshot = rollout.look(TICKS, &told).await;
    let budget = snapshot.budget.clone().unwrap();
    let near = |seen: f64, expected: f64| assert!((seen - expected).abs() < 1e-9, "{seen}, not {expected}");
    near(budget.remaining, 1.0 - 30.0 / 43.5);
    near(budget.burnt_by_canary, 4500.0 * (6.0 / 150.0 - 1.0 / 150.0) / 43.5);
    near(budget.burn_rate, 15.0 / 1500.0 / 0.001);
    let cap = |cap: &str| {
        let settings = format!(r#"{{"budget": {{"cap": "{cap}", "objective": "99.9%"}}}}"#);
        serde_json::from_str(&settings).unwrap()
    };
    assert_eq!(decided_by("slo", cap("2%"), &snapshot).await, "rollback");
    // Nobody answers: absent, and named.
    let silent = rollout.look(TICKS, &Told::requests(&[served(150.0)])).await;
    assert_eq!(silent.budget, None);
    let absent = silent.facts.iter().find(|fact| fact.name == "budget-absent").unwrap();
    assert_eq!(absent.value, FactValue::Text("empty: `total` of the budget matched no series".into()));
}
