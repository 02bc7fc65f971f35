//! Policies that were compiled from Rego, by `opa build -t wasm` of OPA 1.10.1 from the sources beside them, in the same
//! process and limits as components.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::snapshot::model::{MetricState, Snapshot};
use rollgate::verdict::model::{Answer, Composition, Member};

use super::evidence;

fn plan(module: &[u8], settings: &str) -> GatePlan {
    GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "policies/verdict.wasm".into(),
            bytes: Ok(module.into()),
            settings: serde_json::from_str(settings).unwrap(),
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    }
}

const VERDICT: &[u8] = include_bytes!("../fixtures/rego/verdict.wasm");

async fn judged(module: &[u8], settings: &str, snapshot: &Snapshot, limits: Limits) -> Member {
    let mut gate = Gate::open(plan(module, settings), &[], limits).await.unwrap();
    let member = gate.judge(snapshot, &BTreeMap::new()).await.remove(0);
    gate.close().await;
    member
}

fn shown(member: &Member) -> String {
    match &member.answer {
        Answer::Outcome(outcome) => format!("{:?} {:?}", outcome.verdict, outcome.reasons),
        Answer::Refusal(refusal) => format!("refusal {refusal:?}"),
        Answer::Fault(fault) => fault.to_string(),
    }
}

/// So many of the canary's requests failed.
fn failing(requests: u64, bad: u64) -> Snapshot {
    let mut snapshot = evidence::with_metrics(1, 4);
    (snapshot.metrics[0].canary.requests, snapshot.metrics[0].canary.bad) = (requests, bad);
    snapshot
}

#[tokio::test]
async fn a_rule_decides_on_the_snapshot_and_its_settings() {
    let mut told = Vec::new();
    for (settings, requests, bad) in
        [("{}", 1000, 20), ("{}", 1000, 21), (r#"{"error-rate":0.05}"#, 1000, 21), ("{}", 99, 99)]
    {
        told.push(shown(&judged(VERDICT, settings, &failing(requests, bad), Limits::default()).await));
    }
    let mut silent = failing(1000, 1000);
    silent.metrics[0].state = MetricState::WarmingUp;
    told.push(shown(&judged(VERDICT, "{}", &silent, Limits::default()).await));
    assert_snapshot!(told.join("\n"), @r#"
    Advance(None) [Reason { severity: Info, text: "20 of 1000 failed", metric: Some("errors"), evidence: [Fact { name: "limit", value: Number(0.02) }, Fact { name: "value", value: Number(0.02) }] }]
    Rollback [Reason { severity: Critical, text: "21 of 1000 failed", metric: Some("errors"), evidence: [Fact { name: "limit", value: Number(0.02) }, Fact { name: "value", value: Number(0.021) }] }]
    Advance(None) [Reason { severity: Info, text: "21 of 1000 failed", metric: Some("errors"), evidence: [Fact { name: "limit", value: Number(0.05) }, Fact { name: "value", value: Number(0.021) }] }]
    Hold(Some(60)) [Reason { severity: Info, text: "fewer than 100 requests", metric: None, evidence: [] }]
    Hold(None) [Reason { severity: Info, text: "there is no evidence", metric: None, evidence: [] }]
    "#);
}

#[tokio::test]
async fn the_same_question_has_the_same_answer_at_the_same_cost() {
    let snapshot = evidence::with_metrics(20, 60);
    let mut gate = Gate::open(plan(VERDICT, "{}"), &[], Limits::default()).await.unwrap();
    let first = gate.judge(&snapshot, &BTreeMap::new()).await;
    assert!(first[0].usage.as_ref().unwrap().fuel * 20 < Limits::default().fuel, "{first:?}");
    for _ in 0..10 {
        assert_eq!(gate.judge(&snapshot, &BTreeMap::new()).await, first);
    }
    let asked = gate.asked(&BTreeMap::new());
    assert_eq!(asked.members[0].interface, "opa-wasm-1");
    gate.close().await;
}

#[tokio::test]
async fn what_a_rule_may_not_do_is_told() {
    let refused = async |module: &[u8]| {
        Gate::open(plan(module, "{}"), &[], Limits::default()).await.unwrap_err().to_string()
    };
    assert_snapshot!(refused(include_bytes!("../fixtures/rego/clock.wasm")).await, @r"
    the gate has a problem
    gate (policies/verdict.wasm): it needs the built-in function `time.now_ns` of the host, of which a policy has none [contract-violation]
      mend: see how policies in Rego are written in docs/policies.md
    ");
    let foreign = wat::parse_str(
        r#"(module (import "wasi_snapshot_preview1" "fd_write" (func)) (global (export "opa_wasm_abi_version") i32 (i32.const 1)))"#,
    )
    .unwrap();
    assert_snapshot!(refused(&foreign).await, @r"
    the gate has a problem
    gate (policies/verdict.wasm): it imports `wasi_snapshot_preview1.fd_write`; a module that was compiled from Rego imports what OPA's ABI names [foreign-import]
      mend: build it with `opa build -t wasm`
    ");
    let odd = include_bytes!("../fixtures/rego/odd.wasm");
    assert_snapshot!(shown(&judged(odd, "{}", &failing(1000, 0), Limits::default()).await), @"contract-violation: the entrypoint is neither a verdict nor an object with `verdict`, `weight`, `seconds`, `reasons`, `memory` or `refuse`");
    let mut elsewhere = failing(1000, 0);
    elsewhere.position.weight = rollgate::support::units::Weight::new(50).unwrap();
    assert_snapshot!(shown(&judged(odd, "{}", &elsewhere, Limits::default()).await), @r#"refusal InsufficientData("the entrypoint has no value for this snapshot")"#);
    let little = Limits { fuel: 2_000_000, ..Limits::default() };
    let member = judged(VERDICT, "{}", &evidence::with_metrics(20, 60), little).await;
    assert_snapshot!(shown(&member), @"fuel-exhausted: `evaluate` used up its 2 million units of fuel");
}
