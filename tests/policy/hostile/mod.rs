//! Guests that mean harm, or are broken: each ends in a named fault within its limit, and the host goes on.

pub(crate) mod list;
mod loading;
mod running;
mod saying;
mod shape;

use std::collections::BTreeMap;
use std::time::Instant;

use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::support::env::{Environment as _, ProcessEnvironment};
use rollgate::support::units::Millis;
use rollgate::verdict::model::{Answer, Composition, FaultKind, Member, Verdict};

use super::guest::Guest;
use super::snapshot;

/// Fuel that a hostile guest uses up soon, and time that no busy machine does.
fn limits() -> Limits {
    Limits {
        fuel: 50_000_000,
        evaluate_wall: Millis(30_000),
        compile_wall: Millis(60_000),
        ..Limits::default()
    }
}

fn plan(bytes: Vec<u8>) -> GatePlan {
    GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "policies/guest.wasm".into(),
            bytes: Ok(bytes.into()),
            settings: serde_json::Map::new(),
        }],
        worker: WorkerProgram::at(
            ProcessEnvironment
                .variable("ROLLGATE_WORKER")
                .unwrap_or_else(|| env!("CARGO_BIN_EXE_rollgate").into()),
        ),
    }
}

/// What the user reads of a policy that cannot be opened.
async fn refused_within(bytes: Vec<u8>, limits: Limits) -> String {
    let began = Instant::now();
    match Gate::open(plan(bytes), &[], limits).await {
        Ok(_) => {
            list::came_to("accepted", began);
            "accepted".into()
        }
        Err(error) => {
            list::came_to(error.problems[0].kind.map_or("refused", FaultKind::code), began);
            error.to_string()
        }
    }
}

async fn refused(bytes: Vec<u8>) -> String {
    refused_within(bytes, limits()).await
}

/// The answer of a policy that can be opened.
async fn judged_within(guest: Guest, limits: Limits) -> Member {
    let bytes = guest.component();
    let began = Instant::now();
    let mut gate = Gate::open(plan(bytes), &[], limits).await.unwrap();
    let mut members = gate.judge(&snapshot(), &BTreeMap::new()).await;
    gate.close().await;
    let member = members.pop().unwrap();
    list::came_to(outcome(&member), began);
    member
}

/// The answers of a policy to one question that is asked twice; one worker gives both.
async fn judged_twice(guest: Guest) -> [Member; 2] {
    let bytes = guest.component();
    let began = Instant::now();
    let mut gate = Gate::open(plan(bytes), &[], limits()).await.unwrap();
    let workers: Vec<_> = gate.workers().collect();
    let first = gate.judge(&snapshot(), &BTreeMap::new()).await.remove(0);
    let second = gate.judge(&snapshot(), &BTreeMap::new()).await.remove(0);
    assert_eq!(gate.workers().collect::<Vec<_>>(), workers, "no answer costs the worker");
    gate.close().await;
    list::came_to(outcome(&first), began);
    [first, second]
}

/// The verdict in a word, or the code of the fault.
fn outcome(member: &Member) -> &'static str {
    match &member.answer {
        Answer::Outcome(outcome) => match outcome.verdict {
            Verdict::Advance(_) => "advance",
            Verdict::Promote => "promote",
            Verdict::Hold(_) => "hold",
            Verdict::Rollback => "rollback",
        },
        Answer::Refusal(_) => "refusal",
        Answer::Fault(fault) => fault.kind.code(),
    }
}

/// What the user reads of it.
fn shown(member: &Member) -> String {
    let mut lines = vec![match &member.answer {
        Answer::Outcome(outcome) => format!("{:?} {:?}", outcome.verdict, outcome.reasons),
        Answer::Refusal(refusal) => format!("refusal {refusal:?}"),
        Answer::Fault(fault) => match &fault.mend {
            Some(mend) => format!("{fault}\nmend: {mend}"),
            None => fault.to_string(),
        },
    }];
    lines.extend(member.log.iter().map(|line| format!("{}: {}", line.level, line.message)));
    lines.join("\n")
}

async fn judged(guest: Guest) -> String {
    shown(&judged_within(guest, limits()).await)
}
