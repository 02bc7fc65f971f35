//! A gate of policies that mean well, and what is refused before a rollout begins.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::source::PolicySource;
use rollgate::snapshot::model::MetricKind;
use rollgate::verdict::model::{Answer, Composition, Fault, FaultKind, Member, Verdict as Said};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use super::guest::{Guest, Verdict};
use super::{evidence, snapshot};

fn member(id: &str, bytes: Vec<u8>, settings: &str) -> MemberPlan {
    MemberPlan {
        id: id.into(),
        policy: format!("policies/{}.wasm", id.replace(['[', ']'], "")),
        bytes: Ok(bytes.into()),
        settings: serde_json::from_str(settings).unwrap(),
    }
}

fn all(members: Vec<MemberPlan>) -> GatePlan {
    GatePlan {
        composition: Composition::All((0..members.len()).map(Composition::Member).collect()),
        members,
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    }
}

fn saying(verdict: Verdict) -> Vec<u8> {
    Guest::saying(verdict, &[]).component()
}

fn said(member: &Member) -> Option<Said> {
    match &member.answer {
        Answer::Outcome(outcome) => Some(outcome.verdict),
        _ => None,
    }
}

#[tokio::test]
async fn a_built_in_policy_judges() {
    let mut plan = member("gate", Vec::new(), r#"{ "error-rate": { "critical": 0.0015 } }"#);
    plan.bytes = PolicySource { root: ".".into() }.read("builtin:thresholds", &Limits::default());
    let metrics = [("errors".to_owned(), MetricKind::Ratio)];
    let mut gate = Gate::open(all(vec![plan]), &metrics, Limits::default()).await.unwrap();
    let members = gate.judge(&snapshot(), &BTreeMap::new()).await;
    let Answer::Outcome(outcome) = &members[0].answer else { panic!("{members:#?}") };
    let reasons: Vec<_> = outcome.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_snapshot!(format!("{:?}\n{}", outcome.verdict, reasons.join("\n")), @"
    Rollback
    error rate 0.2 % is above the critical limit of 0.15 % (4000 requests)
    ");
    let usage = members[0].usage.as_ref().unwrap();
    assert_eq!((usage.strategy.as_str(), usage.fuel_limit), ("winch", 1_000_000_000));
}

#[tokio::test]
async fn members_answer_in_the_order_of_the_plan_and_a_fault_is_one_answer_of_several() {
    let members = vec![
        member("all[0]", saying(Verdict::Advance(None)), "{}"),
        member("all[1]", Guest::doing("unreachable").component(), "{}"),
        member("all[2]", saying(Verdict::Rollback), "{}"),
    ];
    let mut gate = Gate::open(all(members), &[], Limits::default()).await.unwrap();
    let answers = gate.judge(&snapshot(), &BTreeMap::new()).await;
    let ids: Vec<_> = answers.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["all[0]", "all[1]", "all[2]"]);
    assert_eq!(said(&answers[0]), Some(Said::Advance(None)));
    assert!(matches!(&answers[1].answer, Answer::Fault(Fault { kind: FaultKind::Trapped, .. })));
    assert_eq!(said(&answers[2]), Some(Said::Rollback));
}

/// A policy of a major version that only test builds speak: it goes on below a weight of 50 %.
#[cfg(feature = "test-probes")]
fn fictional() -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = include_str!("../fixtures/wit-fictional/policy.wit");
    let package = resolve.push_str("policy.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("policy")).unwrap();
    let judge = "rollgate:policy/judge@1000.0.0";
    let mut module = wat::parse_str(format!(
        r#"(module
          (memory (export "memory") 1)
          (data (i32.const 8) "\10\00\00\00\09\00\00\00fictional")
          (func (export "{judge}#describe") (result i32) i32.const 8)
          (func (export "{judge}#evaluate") (param $weight i32) (param $metrics i32) (result i32)
            (i32.lt_u (local.get $weight) (i32.const 50))))"#
    ))
    .unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

#[cfg(feature = "test-probes")]
#[tokio::test]
async fn policies_of_two_major_versions_judge_side_by_side() {
    let members = vec![member("all[0]", saying(Verdict::Promote), "{}"), member("all[1]", fictional(), "{}")];
    let mut gate = Gate::open(all(members), &[], Limits::default()).await.unwrap();
    let opened: Vec<_> = gate
        .members()
        .map(|(id, _, loaded)| format!("{id} {} {}", loaded.anatomy.interface, loaded.description.name))
        .collect();
    assert_eq!(opened, ["all[0] 1.0.0 guest", "all[1] 1000.0.0 fictional"]);
    let mut heavier = snapshot();
    heavier.position.weight = 75.try_into().unwrap();
    for (seen, of_the_other) in [(snapshot(), Said::Advance(None)), (heavier, Said::Hold(None))] {
        let answers = gate.judge(&seen, &BTreeMap::new()).await;
        assert_eq!(answers.iter().map(said).collect::<Vec<_>>(), [Some(Said::Promote), Some(of_the_other)]);
    }
}

/// A guest whose outcome keeps the memory it was given with one byte more.
pub(crate) fn remembering() -> Vec<u8> {
    Guest::judging(|image| {
        let outcome = image.outcome(Verdict::Promote, &[], b"");
        // The memory is the last argument of `evaluate`, as a pointer and a length.
        format!(
            "(local $memory i32) (local $length i32)
             (local.set $memory (i32.load offset={ARGUMENTS} (local.get $at)))
             (local.set $length (i32.load offset={} (local.get $at)))
             (i32.store8 (i32.add (local.get $memory) (local.get $length)) (i32.const 43))
             (i32.store offset=24 (i32.const {outcome}) (local.get $memory))
             (i32.store offset=28 (i32.const {outcome}) (i32.add (local.get $length) (i32.const 1)))
             i32.const {outcome}",
            ARGUMENTS + 4
        )
    })
    .component()
}

/// Offset of `memory` in the arguments of `evaluate`: after the 280 bytes of a snapshot and the 8 of the settings.
const ARGUMENTS: u32 = 288;

#[tokio::test]
async fn each_member_is_given_its_own_memory() {
    let members = vec![member("all[0]", remembering(), "{}"), member("all[1]", remembering(), "{}")];
    let mut gate = Gate::open(all(members), &[], Limits::default()).await.unwrap();
    let memories =
        BTreeMap::from([("all[1]".to_owned(), b"one".to_vec()), ("other".to_owned(), b"x".to_vec())]);
    let answers = gate.judge(&snapshot(), &memories).await;
    let kept: Vec<_> = answers
        .iter()
        .map(|member| match &member.answer {
            Answer::Outcome(outcome) => String::from_utf8_lossy(&outcome.memory).into_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(kept, ["+", "one+"]);
}

#[tokio::test]
async fn the_same_question_has_the_same_answer_at_the_same_cost() {
    let mut plan = member("gate", Vec::new(), r#"{ "error-rate": { "critical": 0.0015 } }"#);
    plan.bytes = PolicySource { root: ".".into() }.read("builtin:thresholds", &Limits::default());
    let metrics = [("errors".to_owned(), MetricKind::Ratio)];
    let snapshot = evidence::with_metrics(3, 60);
    let mut gate = Gate::open(all(vec![plan.clone()]), &metrics, Limits::default()).await.unwrap();
    let first = gate.judge(&snapshot, &BTreeMap::new()).await;
    for _ in 0..200 {
        assert_eq!(gate.judge(&snapshot, &BTreeMap::new()).await, first);
    }
    let mut another = Gate::open(all(vec![plan]), &metrics, Limits::default()).await.unwrap();
    assert_eq!(another.judge(&snapshot, &BTreeMap::new()).await, first, "in another process");
}

#[tokio::test]
async fn all_problems_are_told_at_once_where_they_are() {
    let mut needy = Guest::saying(Verdict::Promote, &[]);
    needy.needs = vec![("p99_latency", 1), ("errors", 1), ("traffic", 0)];
    let mut strict = Guest::saying(Verdict::Promote, &[]);
    strict.schema = r#"{
        "type": "object",
        "properties": { "limit": { "type": "number" }, "on": { "enum": ["a", "b"] } },
        "required": ["limit"],
        "additionalProperties": false
    }"#
    .into();
    let mut missing = member("all[2]", Vec::new(), "{}");
    missing.bytes = PolicySource { root: "/nowhere".into() }.read("builtin:absent", &Limits::default());
    let members = vec![
        member("all[0]", needy.component(), "{}"),
        member("all[1]", strict.component(), r#"{ "on": "c", "limits": 1 }"#),
        missing,
        member("all[3]", saying(Verdict::Promote), "{}"),
    ];
    let metrics = [("errors".to_owned(), MetricKind::Ratio), ("latency_p99".to_owned(), MetricKind::Latency)];
    let error = Gate::open(all(members), &metrics, Limits::default()).await.unwrap_err();
    assert_snapshot!(error, @r#"
    the gate has 7 problems
    all[0] (policies/all0.wasm): it needs the latency metric `p99_latency`, which is not configured
      mend: rename `latency_p99`, or add `p99_latency`
    all[0] (policies/all0.wasm): it needs the latency metric `errors`, which is configured as ratio
      mend: configure `errors` as latency
    all[0] (policies/all0.wasm): it needs the ratio metric `traffic`, which is not configured
      mend: add `traffic` to the metrics
    all[1] (policies/all1.wasm), settings/on: "c" is none of "a", "b"
    all[1] (policies/all1.wasm), settings/limits: there is no such setting; did you mean `limit`?
    all[1] (policies/all1.wasm), settings: "limit" is a required property
    all[2] (policies/all2.wasm): there is no built-in policy `absent` [unreadable]
      mend: the built-in ones are `business-hours`, `health`, `mann-whitney`, `quota`, `schema`, `sequential`, `slo`, `thresholds`
    "#);
}

#[tokio::test]
async fn settings_are_bounded() {
    let many: serde_json::Map<_, _> = (0..100_000).map(|at| (at.to_string(), at.into())).collect();
    let mut plan = member("gate", saying(Verdict::Promote), "{}");
    plan.settings = many;
    let error = Gate::open(all(vec![plan]), &[], Limits::default()).await.unwrap_err();
    assert_snapshot!(error, @"
    the gate has a problem
    gate (policies/gate.wasm): the settings have 1.3 MiB, of which at most 256 KiB are accepted
    ");
}

#[tokio::test]
async fn a_composition_has_only_members_that_there_are() {
    let mut plan = all(vec![member("gate", saying(Verdict::Promote), "{}")]);
    plan.composition = Composition::Any(vec![Composition::Member(0), Composition::All(Vec::new())]);
    let error = Gate::open(plan, &[], Limits::default()).await.unwrap_err();
    assert_snapshot!(error, @r"
    the gate has a problem
    gate (composition): it is composed of members that it does not have, of none, or needs more than all
    ");
}

#[tokio::test]
async fn a_look_that_is_cut_off_leaves_the_gate_usable() {
    let mut gate =
        Gate::open(all(vec![member("gate", saying(Verdict::Promote), "{}")]), &[], Limits::default())
            .await
            .unwrap();
    // Polled once, so that the question is under way, then dropped.
    let (evidence, memories) = (snapshot(), BTreeMap::new());
    tokio::select! {
        biased;
        _ = gate.judge(&evidence, &memories) => panic!("answered without waiting"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(gate.workers().count(), 0);
    let answers = gate.judge(&snapshot(), &BTreeMap::new()).await;
    assert_eq!(said(&answers[0]), Some(Said::Promote));
}
