//! The built-in policies: what ships is what the sources build, and what it decides.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rollgate::policy::build::{self, BuildError, Options};
use rollgate::policy::builtin;
use rollgate::policy::gate::{Gate, GateError, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::snapshot::model::{
    Absence, AbsenceCode, Arm, Context, Direction, FactValue, Metric, MetricKind, MetricState, Position,
    Snapshot, Stage,
};
use rollgate::support::units::{Millis, Sha256, Timestamp, Weight};
use rollgate::verdict::model::{Answer, Composition, Member};
use serde_json::{Value, json};

/// Where guests are compiled: one place, so that they share what they share.
fn options() -> Options {
    Options { locked: true, target_dir: Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests")) }
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn a_fresh_build_of_each_built_in_policy_is_what_is_checked_in() {
    for builtin in builtin::ALL {
        let built = build::from_crate(&root("policies").join(builtin.name), &options()).unwrap();
        assert_eq!(
            (built.name.replace('_', "-").as_str(), Sha256::of(&built.component)),
            (builtin.name, builtin.digest()),
            "the sources build other bytes than policies/{}.wasm: run policies/build.sh",
            builtin.name
        );
    }
}

#[test]
fn the_recorded_digests_are_those_of_the_built_in_policies() {
    let recorded = std::fs::read_to_string(root("policies/SHA256SUMS")).unwrap();
    let line = |builtin: &builtin::Builtin| format!("{}  {}.wasm\n", builtin.digest(), builtin.name);
    assert_eq!(recorded, builtin::ALL.iter().map(line).collect::<Vec<_>>().concat());
}

#[test]
fn no_path_of_a_machine_is_in_a_built_in_policy() {
    for builtin in builtin::ALL {
        for trace in [env!("CARGO_MANIFEST_DIR"), "/.cargo/", "/.rustup/", "registry/src"] {
            let found = builtin.bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!found, "{} holds {trace}", builtin.name);
        }
    }
}

#[tokio::test]
async fn the_example_policy_builds_and_judges() {
    let built = build::from_crate(&root("examples/policy-rust"), &options()).unwrap();
    assert_eq!(built.name, "error_cap");
    let judged = |bad| {
        let component = Ok(built.component.clone().into());
        async move {
            let mut gate = open(component, json!({})).await.unwrap();
            let members = gate.judge(&snapshot(10, vec![errors(1000, bad)]), &BTreeMap::new()).await;
            gate.close().await;
            told(&members[0])
        }
    };
    assert_eq!(judged(20).await, "Advance(None)\nInfo [errors] 20 of 1000 failed {}");
    assert_eq!(judged(21).await, "Rollback\nCritical [errors] 21 of 1000 failed {}");
}

#[test]
fn what_cannot_become_a_policy_is_told_with_a_mend() {
    let refused = |module: &[u8]| build::componentize(module).unwrap_err().to_string();
    insta::assert_snapshot!(refused(b"hello"), @"the file is not a WebAssembly module: name a guest crate's directory or a core module");
    insta::assert_snapshot!(refused(builtin::ALL[0].bytes), @"the file is a component already: use it as it is");
    let wasi = wat::parse_str(r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)))"#).unwrap();
    insta::assert_snapshot!(refused(&wasi), @"make a component of the module: failed to decode world from module: module was not valid: failed to resolve import `wasi_snapshot_preview1::fd_write`: module requires an import interface named `wasi_snapshot_preview1`; the module wants WASI, which a policy never gets: compile it for wasm32-unknown-unknown");
    let empty = tempfile::tempdir().unwrap();
    let error = build::from_crate(empty.path(), &options()).unwrap_err();
    assert!(matches!(error, BuildError::NotACrate(_)), "{error}");
}

/// A gate of one policy.
async fn open(
    bytes: Result<Arc<[u8]>, rollgate::verdict::model::Fault>,
    settings: Value,
) -> Result<Gate, GateError> {
    let plan = GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "policy".into(),
            bytes,
            settings: settings.as_object().unwrap().clone(),
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    };
    let metrics = [("errors".to_owned(), MetricKind::Ratio), ("latency".to_owned(), MetricKind::Latency)];
    Gate::open(plan, &metrics, Limits::default()).await
}

async fn thresholds(settings: Value) -> Result<Gate, GateError> {
    open(Ok(builtin::find("thresholds").unwrap().bytes.into()), settings).await
}

/// Verdict or refusal, then a line for each reason, as far as they do not depend on the machine.
fn told(member: &Member) -> String {
    let outcome = match &member.answer {
        Answer::Outcome(outcome) => outcome,
        other => return format!("{other:?}"),
    };
    let mut lines = vec![format!("{:?}", outcome.verdict)];
    for reason in &outcome.reasons {
        let facts: Vec<_> = reason
            .evidence
            .iter()
            .map(|fact| match &fact.value {
                FactValue::Boolean(value) => format!("{}: {value}", fact.name),
                FactValue::Integer(value) => format!("{}: {value}", fact.name),
                FactValue::Number(value) => format!("{}: {value}", fact.name),
                FactValue::Text(value) => format!("{}: {value}", fact.name),
            })
            .collect();
        let metric = reason.metric.as_deref().unwrap_or("-");
        lines.push(format!("{:?} [{metric}] {} {{{}}}", reason.severity, reason.text, facts.join(", ")));
    }
    lines.join("\n")
}

pub(crate) fn snapshot(weight: u8, metrics: Vec<Metric>) -> Snapshot {
    Snapshot {
        context: Context {
            service: "web".into(),
            run_id: "1".into(),
            now_ms: Timestamp(1_700_000_000_000),
            ..Context::default()
        },
        position: Position {
            stage: Stage::Canary,
            step: 0,
            steps: 3,
            weight: Weight::new(weight).unwrap(),
            elapsed_ms: Millis(60_000),
            step_elapsed_ms: Millis(60_000),
            step_duration_ms: Millis(60_000),
            min_bake_ms: Millis(0),
            deadline_ms: Timestamp(1_700_003_600_000),
            looks: 0,
        },
        metrics,
        health: Vec::new(),
        schema: None,
        history: Vec::new(),
        budget: None,
        facts: Vec::new(),
    }
}

pub(crate) fn metric(name: &str, kind: MetricKind, canary: Arm) -> Metric {
    Metric {
        name: name.into(),
        kind,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        baseline: canary.clone(),
        canary,
        comparison: None,
        state: MetricState::Ok,
        facts: Vec::new(),
    }
}

fn errors(requests: u64, bad: u64) -> Metric {
    let value = Some(bad as f64 / requests as f64);
    let arm = Arm { requests, bad, value, observed_ms: Millis(60_000), ..Arm::default() };
    metric("errors", MetricKind::Ratio, arm)
}

/// `slow` of 1000 requests take between half a second and a second.
fn latency(slow: u64) -> Metric {
    let arm = Arm {
        requests: 1000,
        value: Some(0.1),
        observed_ms: Millis(60_000),
        bucket_edges: vec![0.25, 0.5, 1.0],
        bucket_counts: vec![900, 1000 - slow, 1000, 1000],
        ..Arm::default()
    };
    metric("latency", MetricKind::Latency, arm)
}

#[tokio::test]
async fn thresholds_tells_its_verdict_with_numbers() {
    let settings = json!({ "error-rate": { "warning": "0.5%", "critical": "1%" }, "p95": "500ms" });
    let mut gate = thresholds(settings).await.unwrap();
    let none = BTreeMap::new();
    let mut judged = async |metrics| told(&gate.judge(&snapshot(10, metrics), &none).await[0]);
    insta::assert_snapshot!(judged(vec![errors(1000, 5), latency(50)]).await, @r#"
    Advance(None)
    Info [errors] error rate 0.5 % is within the limit of 0.5 % (1000 requests) {value: 0.005, limit: 0.005, requests: 1000, bad: 5}
    Info [latency] p95 500 ms is within the limit of 500 ms (1000 requests) {value: 0.5, limit: 0.5, requests: 1000}
    "#);
    insta::assert_snapshot!(judged(vec![errors(1000, 10), latency(50)]).await, @r#"
    Advance(None)
    Warning [errors] error rate 1 % is above the warning limit of 0.5 % (1000 requests) {value: 0.01, limit: 0.005, requests: 1000, bad: 10}
    Info [latency] p95 500 ms is within the limit of 500 ms (1000 requests) {value: 0.5, limit: 0.5, requests: 1000}
    "#);
    insta::assert_snapshot!(judged(vec![errors(1000, 11), latency(51)]).await, @r#"
    Rollback
    Critical [errors] error rate 1.1 % is above the critical limit of 1 % (1000 requests) {value: 0.011, limit: 0.01, requests: 1000, bad: 11, since-ms: 1700000000000, lasted-ms: 0}
    Critical [latency] p95 509.8 ms is above the critical limit of 500 ms (1000 requests) {value: 0.5098039215686274, limit: 0.5, requests: 1000, since-ms: 1700000000000, lasted-ms: 0}
    "#);
    let silent = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "connection refused".into() };
    let absent = Metric { state: MetricState::NoData(silent), ..errors(1000, 1000) };
    insta::assert_snapshot!(judged(vec![absent, latency(50)]).await, @r#"
    Hold(None)
    Warning [errors] errors has no data (provider-down): connection refused {}
    Info [latency] p95 500 ms is within the limit of 500 ms (1000 requests) {value: 0.5, limit: 0.5, requests: 1000}
    "#);
    insta::assert_snapshot!(judged(vec![latency(50)]).await, @r#"Refusal(BadSettings("error-rate: there is no ratio metric: add one to the canary's metrics, or name another one with `metric`"))"#);
    gate.close().await;
}

#[tokio::test]
async fn thresholds_remembers_when_a_breach_began() {
    let mut gate = thresholds(json!({ "error-rate": "1%", "sustained-for": "1m" })).await.unwrap();
    let mut memories = BTreeMap::new();
    let mut verdicts = Vec::new();
    for (at, bad) in [(0, 20), (30_000, 20), (45_000, 0), (60_000, 20), (119_999, 20), (120_000, 20)] {
        let mut snapshot = snapshot(10, vec![errors(1000, bad)]);
        snapshot.context.now_ms = snapshot.context.now_ms.after(Millis(at));
        let member = gate.judge(&snapshot, &memories).await.remove(0);
        let Answer::Outcome(outcome) = member.answer else { panic!("{member:?}") };
        verdicts.push(format!("{:?}", outcome.verdict));
        memories.insert("gate".to_owned(), outcome.memory);
    }
    assert_eq!(
        verdicts,
        ["Hold(Some(60))", "Hold(Some(30))", "Advance(None)", "Hold(Some(60))", "Hold(Some(1))", "Rollback"]
    );
    // Somebody else's memory is noted and left aside.
    let foreign = BTreeMap::from([("gate".to_owned(), b"\xff".to_vec())]);
    let member = gate.judge(&snapshot(10, vec![errors(1000, 20)]), &foreign).await.remove(0);
    assert!(told(&member).starts_with("Hold(Some(60))"), "{member:?}");
    let log: Vec<_> = member.log.iter().map(|line| format!("{}: {}", line.level, line.message)).collect();
    assert_eq!(log, ["warn: the memory is not one that this policy wrote: started anew"]);
    gate.close().await;
}

#[tokio::test]
async fn settings_of_thresholds_are_refused_before_a_rollout_begins() {
    let refused = async |settings| thresholds(settings).await.unwrap_err().to_string();
    insta::assert_snapshot!(refused(json!({ "error-rat": "1%" })).await, @r#"
    the gate has a problem
    gate (policy), settings/error-rat: there is no such setting; did you mean `error-rate`?
    "#);
    insta::assert_snapshot!(refused(json!({})).await, @r#"
    the gate has a problem
    gate (policy), settings: no limit is set: set at least one of error-rate, success-rate, p50, p95, p99, throughput-drop
    "#);
    insta::assert_snapshot!(refused(json!({ "error-rate": "1", "p95": { "critical": "500" } })).await, @r#"
    the gate has 2 problems
    gate (policy), settings/error-rate: expected a percentage such as "1%", or a fraction such as 0.01
    gate (policy), settings/p95/critical: expected a duration such as "500ms" or "5m", or a number of seconds
    "#);
}

/// A metric with these values in its ticks, each repeated with a little more until there are 12.
fn sampled(name: &str, baseline: [f64; 4], canary: [f64; 4]) -> Metric {
    let arm = |values: [f64; 4]| {
        let series: Vec<f64> =
            (0..12_u8).map(|at| values[usize::from(at) % 4] * (1.0 + f64::from(at) / 256.0)).collect();
        Arm { requests: 1000, value: Some(0.5), series, observed_ms: Millis(60_000), ..Arm::default() }
    };
    Metric { baseline: arm(baseline), canary: arm(canary), ..metric(name, MetricKind::Ratio, Arm::default()) }
}

const STEADY: [f64; 4] = [0.5, 0.25, 0.375, 0.625];
const WORSE: [f64; 4] = [1.5, 1.25, 1.375, 1.625];

async fn mann_whitney(settings: Value) -> Result<Gate, GateError> {
    open(Ok(builtin::find("mann-whitney").unwrap().bytes.into()), settings).await
}

#[tokio::test]
async fn mann_whitney_tells_its_scores_with_numbers() {
    let settings = json!({
        "groups": { "errors": { "weight": 60, "metrics": ["errors"] }, "latency": { "metrics": ["latency"] } },
    });
    let mut gate = mann_whitney(settings).await.unwrap();
    let none = BTreeMap::new();
    let mut judged = async |metrics| told(&gate.judge(&snapshot(10, metrics), &none).await[0]);
    let errors = |canary| sampled("errors", STEADY, canary);
    let latency = |canary| sampled("latency", STEADY, canary);
    insta::assert_snapshot!(judged(vec![errors(STEADY), latency(STEADY)]).await, @r"
    Advance(None)
    Info [-] score 100 passes {score: 100, group errors: 100, group latency: 100}
    Info [errors] errors passes {classification: Pass}
    Info [latency] latency passes {classification: Pass}
    ");
    insta::assert_snapshot!(judged(vec![errors(STEADY), latency(WORSE)]).await, @r"
    Rollback
    Critical [-] score 60 is below 75 {score: 60, group errors: 100, group latency: 0}
    Warning [latency] latency is high: shifted by 1.022 against the baseline, 0.8701 to 1.174 {estimate: 1.0217438469271516, lower: 0.8701093458551326, upper: 1.1738621195585766, effect: 3.2844662844662844, classification: High}
    Info [errors] errors passes {classification: Pass}
    ");
    let silent = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "connection refused".into() };
    let absent = |name| Metric {
        state: MetricState::NoData(silent.clone()),
        ..metric(name, MetricKind::Ratio, Arm::default())
    };
    insta::assert_snapshot!(judged(vec![absent("errors"), absent("latency")]).await, @r"
    Hold(None)
    Warning [-] the score rests on missing data {score: 0, group errors: no data, group latency: no data}
    Warning [errors] errors has no data {classification: Nodata}
    Warning [latency] latency has no data {classification: Nodata}
    ");
    insta::assert_snapshot!(judged(vec![errors(STEADY)]).await, @r#"Refusal(BadSettings("there is no metric \"latency\": the canary has errors"))"#);
    gate.close().await;
}

/// The guest compiles the program's own test, so it finds the same interval to the last bit.
#[tokio::test]
async fn mann_whitney_finds_what_the_program_finds() {
    use rollgate::stats::rank::classify::{Direction, Rule, mann_whitney as classify};
    let metric = sampled("errors", STEADY, WORSE);
    let rule = Rule { direction: Direction::Increase, ..Rule::default() };
    let found = classify(&metric.canary.series, &metric.baseline.series, &rule).interval.unwrap();
    let mut gate = mann_whitney(json!({})).await.unwrap();
    let member = gate.judge(&snapshot(10, vec![metric]), &BTreeMap::new()).await.remove(0);
    gate.close().await;
    let Answer::Outcome(outcome) = member.answer else { panic!("{member:?}") };
    let facts = &outcome.reasons.iter().find(|reason| reason.metric.is_some()).unwrap().evidence;
    let fact = |name: &str| match facts.iter().find(|fact| fact.name == name).unwrap().value {
        FactValue::Number(value) => value.to_bits(),
        _ => panic!("{name} is no number"),
    };
    assert_eq!(
        [fact("lower"), fact("upper"), fact("estimate")],
        [found.lower, found.upper, found.estimate].map(f64::to_bits)
    );
}

#[tokio::test]
async fn settings_of_mann_whitney_are_refused_before_a_rollout_begins() {
    let refused = async |settings| mann_whitney(settings).await.unwrap_err().to_string();
    insta::assert_snapshot!(refused(json!({ "pass": 101 })).await, @r"
    the gate has a problem
    gate (policy), settings/pass: 101 is greater than the maximum of 100
    ");
    insta::assert_snapshot!(refused(json!({ "pass": 50 })).await, @r"
    the gate has a problem
    gate (policy), settings/marginal: it is above `pass`, so nothing would ever be marginal: set it to `pass` or below
    ");
    insta::assert_snapshot!(refused(json!({ "groups": { "a": { "weight": 50, "metrics": ["errors"] } } })).await, @r"
    the gate has a problem
    gate (policy), settings/groups: the weights are less than 100 in all, so no score reaches it: raise them, or leave one group without a weight
    ");
}

#[tokio::test]
async fn mann_whitney_is_frugal() {
    let metrics: Vec<_> = (0..20)
        .map(|at| {
            let mut metric = Metric { name: format!("errors-{at:02}"), ..errors(1000, 1) };
            let values = |step: u32| (0..60_u32).map(|tick| f64::from(tick * step % 61) / 64.0).collect();
            (metric.baseline.series, metric.canary.series) = (values(7), values(11 + at));
            metric
        })
        .collect();
    let mut gate = mann_whitney(json!({ "outliers": "remove" })).await.unwrap();
    let member = gate.judge(&snapshot(10, metrics), &BTreeMap::new()).await.remove(0);
    gate.close().await;
    let usage = member.usage.unwrap();
    // Fuel is a golden number for one compiler and architecture.
    if (usage.strategy.as_str(), std::env::consts::ARCH) == ("winch", "x86_64") {
        assert_eq!(usage.fuel, 18_500_933);
    }
}

/// A metric with this evidence against the canary and for it, as the host's statistics write it.
fn compared(metric: Metric, against: f64, safe: f64) -> Metric {
    use rollgate::snapshot::model::{Comparison, Fact};
    let number = |name: &str, value| Fact { name: name.into(), value: FactValue::Number(value) };
    let comparison = Comparison {
        ratio: Some(2.0),
        difference: Some(0.01),
        interval_low: None,
        interval_high: None,
        e_rollback: Some(against),
        e_promote: Some(safe),
        effect: None,
        p_value: None,
        needed_requests: Some(500),
    };
    let mut facts = vec![number("events-canary", 0.02), number("events-baseline", 0.01)];
    if metric.kind == MetricKind::Latency {
        facts.push(number("edge-seconds", 0.5));
    }
    Metric { comparison: Some(comparison), facts, ..metric }
}

async fn sequential(settings: Value) -> Result<Gate, GateError> {
    open(Ok(builtin::find("sequential").unwrap().bytes.into()), settings).await
}

#[tokio::test]
async fn sequential_tells_what_it_saw_and_how_sure_it_is() {
    let mut gate = sequential(json!({ "min-bake": "30s", "min-requests": 1000 })).await.unwrap();
    let none = BTreeMap::new();
    let mut judged = async |errors_e: (f64, f64), latency_e: (f64, f64)| {
        let metrics = vec![
            compared(errors(1000, 20), errors_e.0, errors_e.1),
            compared(latency(10), latency_e.0, latency_e.1),
        ];
        told(&gate.judge(&snapshot(10, metrics), &none).await[0])
    };
    insta::assert_snapshot!(judged((200.0, 0.1), (0.5, 3.0)).await, @r"
    Rollback
    Critical [errors] errors: 2 % of the canary's requests, against 1 % of the baseline's; evidence of 200 that this is more than the margin allows, where 133 suffices: chance alone does so in less than one of 100 rollouts {e-rollback: 200, e-rollback-needed: 133.33333333333334, e-promote: 0.1, e-promote-needed: 20}
    Info [latency] latency: 2 % of the canary's requests were slower than 500 ms, against 1 % of the baseline's; not decided: evidence of 0.5 for a rollback, where 400 suffices, and of 3 for a promotion, where 20 does; about 500 more canary requests (30s) will tell if it goes on like this {e-rollback: 0.5, e-rollback-needed: 400, e-promote: 3, e-promote-needed: 20}
    ");
    insta::assert_snapshot!(judged((0.2, 25.0), (0.3, 40.0)).await, @r"
    Promote
    Info [errors] errors: 2 % of the canary's requests, against 1 % of the baseline's; evidence of 25 that it is safe, where 20 suffices {e-rollback: 0.2, e-rollback-needed: 133.33333333333334, e-promote: 25, e-promote-needed: 20}
    Info [latency] latency: 2 % of the canary's requests were slower than 500 ms, against 1 % of the baseline's; evidence of 40 that it is safe, where 20 suffices {e-rollback: 0.3, e-rollback-needed: 400, e-promote: 40, e-promote-needed: 20}
    ");
    insta::assert_snapshot!(judged((0.9, 2.0), (0.3, 40.0)).await, @r"
    Hold(Some(30))
    Info [errors] errors: 2 % of the canary's requests, against 1 % of the baseline's; not decided: evidence of 0.9 for a rollback, where 133 suffices, and of 2 for a promotion, where 20 does; about 500 more canary requests (30s) will tell if it goes on like this {e-rollback: 0.9, e-rollback-needed: 133.33333333333334, e-promote: 2, e-promote-needed: 20}
    Info [latency] latency: 2 % of the canary's requests were slower than 500 ms, against 1 % of the baseline's; evidence of 40 that it is safe, where 20 suffices {e-rollback: 0.3, e-rollback-needed: 400, e-promote: 40, e-promote-needed: 20}
    ");
    let silent = Absence { arm: None, code: AbsenceCode::ProviderDown, message: "connection refused".into() };
    let absent = Metric { state: MetricState::NoData(silent), ..errors(1000, 1000) };
    let metrics = vec![absent, compared(latency(10), 0.3, 40.0)];
    insta::assert_snapshot!(told(&gate.judge(&snapshot(10, metrics), &none).await[0]), @r"
    Hold(None)
    Info [latency] latency: 2 % of the canary's requests were slower than 500 ms, against 1 % of the baseline's; evidence of 40 that it is safe, where 20 suffices {e-rollback: 0.3, e-rollback-needed: 400, e-promote: 40, e-promote-needed: 20}
    Warning [errors] errors has no data (provider-down): connection refused {}
    ");
    gate.close().await;
}

#[tokio::test]
async fn settings_of_sequential_are_refused_before_a_rollout_begins() {
    let refused = async |settings| sequential(settings).await.unwrap_err().to_string();
    insta::assert_snapshot!(refused(json!({ "alfa": 0.01 })).await, @r"
    the gate has a problem
    gate (policy), settings/alfa: there is no such setting; did you mean `alpha`?
    ");
    insta::assert_snapshot!(refused(json!({ "alpha": "50%", "min-bake": "soon" })).await, @r#"
    the gate has 2 problems
    gate (policy), settings/alpha: expected a percentage such as "1%", or a fraction such as 0.01, of 20 % at most
    gate (policy), settings/min-bake: expected a duration such as "5m", or a number of seconds, of a year at most
    "#);
}

#[tokio::test]
async fn sequential_is_frugal() {
    let mut metrics: Vec<_> = (0..19)
        .map(|at| compared(Metric { name: format!("errors-{at:02}"), ..errors(1000, 1) }, 0.5, 2.0))
        .collect();
    metrics.push(compared(latency(10), 0.5, 2.0));
    for arm in metrics.iter_mut().flat_map(|metric| [&mut metric.baseline, &mut metric.canary]) {
        arm.series = vec![0.001; 60];
    }
    let mut gate = sequential(json!({})).await.unwrap();
    let member = gate.judge(&snapshot(10, metrics), &BTreeMap::new()).await.remove(0);
    gate.close().await;
    let usage = member.usage.unwrap();
    // Fuel is a golden number for one compiler and architecture.
    if (usage.strategy.as_str(), std::env::consts::ARCH) == ("winch", "x86_64") {
        assert_eq!(usage.fuel, 316_444);
    }
}

#[test]
fn the_example_in_the_documentation_is_the_one_that_builds() {
    let text = std::fs::read_to_string(root("docs/policies.md")).unwrap();
    let source = std::fs::read_to_string(root("examples/policy-rust/src/lib.rs")).unwrap();
    let (_, quoted) =
        text.split_once("<!-- quoted from examples/policy-rust/src/lib.rs -->\n   ```rust\n").unwrap();
    let (quoted, _) = quoted.split_once("   ```\n").unwrap();
    let trimmed = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert!(trimmed(&source).contains(&trimmed(quoted)), "{quoted}");
}

#[test]
fn the_presets_of_the_documentation_are_those_that_ship() {
    let text = std::fs::read_to_string(root("docs/policies.md")).unwrap();
    for preset in rollgate::config::presets::ALL {
        assert!(text.contains(&format!("```yaml\n# {}\n{}```", preset.name, preset.text)), "{}", preset.name);
    }
}

#[tokio::test]
async fn the_small_configuration_that_errors_show_opens() {
    let minimal = rollgate::config::minimal();
    let config = rollgate::config::parse("config", minimal.as_bytes(), None).unwrap();
    let settings = config.canary(None).unwrap().gate.members[0].settings.clone();
    thresholds(Value::Object(settings)).await.unwrap().close().await;
}

/// A change of a description with these findings of level error, and of level warn that are undecided.
fn change(errors: u32, undecided: u32) -> Snapshot {
    use rollgate::snapshot::model::{Finding, Level, Operation, Proof, SchemaReport};
    let finding = |level, proof| Finding {
        id: "api-path-removed-without-deprecation".into(),
        level,
        proof,
        message: "the path `/pets` is gone".into(),
        witness: None,
        fingerprint: "0011223344556677".into(),
        operation_count: 2,
        example_operations: vec![Operation { method: "get".into(), path: "/pets".into() }],
    };
    let mut findings = vec![finding(Level::Error, Proof::Rule); errors as usize];
    findings.extend(vec![finding(Level::Warn, Proof::Undecided); undecided as usize]);
    let report = SchemaReport { errors, warnings: undecided, infos: 0, proven: 0, undecided, findings };
    rollgate::snapshot::schema::snapshot(snapshot(0, Vec::new()).context, report, Vec::new())
}

async fn judged(snapshot: &Snapshot, settings: Value) -> (String, u64) {
    let mut gate = open(Ok(builtin::find("schema").unwrap().bytes.into()), settings).await.unwrap();
    let members = gate.judge(snapshot, &BTreeMap::new()).await;
    gate.close().await;
    (told(&members[0]), members[0].usage.as_ref().unwrap().fuel)
}

#[tokio::test]
async fn schema_fails_a_change_by_the_gravest_level_of_its_findings() {
    use rollgate::snapshot::model::Fact;
    let mut all = Vec::new();
    for (change, settings) in [
        (change(0, 0), json!({})),
        (change(2, 0), json!({})),
        (change(2, 0), json!({ "fail-on": "none" })),
        (change(0, 1), json!({ "fail-on": "warn" })),
        (change(0, 1), json!({ "undecided": "hold" })),
    ] {
        all.push(format!("{settings}\n{}", judged(&change, settings.clone()).await.0));
    }
    let mut accepted = change(1, 0);
    accepted.facts = vec![
        Fact { name: "accepted".into(), value: FactValue::Boolean(true) },
        Fact { name: "accepted-by".into(), value: FactValue::Text("mona".into()) },
    ];
    all.push(format!("accepted\n{}", judged(&accepted, json!({})).await.0));
    all.push(format!("a canary\n{}", judged(&snapshot(10, Vec::new()), json!({})).await.0));
    insta::assert_snapshot!(all.join("\n\n"), @r#"
    {}
    Promote
    Info [-] no client can notice the change {errors: 0, warnings: 0, infos: 0}

    {}
    Rollback
    Critical [-] 2 changes that break clients, 0 that may, 0 that are worth knowing {errors: 2, warnings: 0, infos: 0}
    Critical [-] api-path-removed-without-deprecation: the path `/pets` is gone (GET /pets and 1 more) {}
    Critical [-] api-path-removed-without-deprecation: the path `/pets` is gone (GET /pets and 1 more) {}

    {"fail-on":"none"}
    Promote
    Info [-] 2 changes that break clients, 0 that may, 0 that are worth knowing {errors: 2, warnings: 0, infos: 0}

    {"fail-on":"warn"}
    Rollback
    Critical [-] 0 changes that break clients, 1 that may, 0 that are worth knowing {errors: 0, warnings: 1, infos: 0}
    Critical [-] api-path-removed-without-deprecation: the path `/pets` is gone (GET /pets and 1 more) {}

    {"undecided":"hold"}
    Hold(None)
    Info [-] 0 changes that break clients, 1 that may, 0 that are worth knowing {errors: 0, warnings: 1, infos: 0}

    accepted
    Promote
    Warning [-] what breaks is accepted by mona {}
    Critical [-] 1 change that breaks clients, 0 that may, 0 that are worth knowing {errors: 1, warnings: 0, infos: 0}
    Critical [-] api-path-removed-without-deprecation: the path `/pets` is gone (GET /pets and 1 more) {}

    a canary
    Refusal(Other("schema judges changes of descriptions, not canaries: use another policy here"))
    "#);
}

#[tokio::test]
async fn schema_costs_the_same_fuel_on_every_run() {
    let (one, other) = (judged(&change(50, 0), json!({})).await, judged(&change(50, 0), json!({})).await);
    assert_eq!(one, other);
    // 4.4 M is what an interpreted policy takes for a canary; the limit is 1,000 M.
    assert!(one.1 < 5_000_000, "{}", one.1);
}

#[tokio::test]
async fn schema_says_what_is_wrong_with_its_settings() {
    let error =
        open(Ok(builtin::find("schema").unwrap().bytes.into()), json!({ "fail-on": "never", "levels": 1 }))
            .await
            .unwrap_err();
    insta::assert_snapshot!(error.to_string(), @r#"
    the gate has 2 problems
    gate (policy), settings/fail-on: "never" is none of "error", "warn", "info", "none"
    gate (policy), settings/levels: there is no such setting; known here: `fail-on`, `undecided`
    "#);
}
