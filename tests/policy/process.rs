//! What the host makes of a worker that dies or does not speak as a worker does. The false ones are shells that
//! print what a test says.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::support::units::Millis;
use rollgate::verdict::model::{Answer, Composition, FaultKind, Member};

use super::guest::{Guest, Verdict};
use super::snapshot;

fn plan(worker: WorkerProgram) -> GatePlan {
    GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "policies/guest.wasm".into(),
            bytes: Ok(Guest::saying(Verdict::Promote, &[]).component().into()),
            settings: serde_json::Map::new(),
        }],
        worker,
    }
}

/// What the user reads when the worker is a shell that runs `script`.
async fn told_of(script: &str) -> String {
    let worker = WorkerProgram { file: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
    let limits = Limits { compile_wall: Millis(1000), ..Limits::default() };
    let began = Instant::now();
    let problem = Gate::open(plan(worker), &[], limits).await.unwrap_err().problems.remove(0);
    super::hostile::list::came_to(problem.kind.map_or("refused", FaultKind::code), began);
    problem.message
}

/// A command that prints a frame.
fn frame(payload: &str) -> String {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let [a, b, c, d] = length;
    format!("printf '\\{a:03o}\\{b:03o}\\{c:03o}\\{d:03o}'; printf '%s' '{payload}'; ")
}

const READY: &str = r#"{"turn":0,"message":{"ready":[]}}"#;

#[tokio::test]
async fn a_worker_that_is_not_there_cannot_be_started() {
    let error =
        Gate::open(plan(WorkerProgram::at("/nowhere/rollgate")), &[], Limits::default()).await.unwrap_err();
    assert_snapshot!(error.problems[0].message, @"the process that runs it could not be started: No such file or directory (os error 2)");
}

#[tokio::test]
async fn a_worker_that_ends_at_once_is_told() {
    assert_snapshot!(told_of("exit 3").await, @"the process that runs it could not be started: it ended: exit status 3");
}

#[tokio::test]
async fn a_worker_that_is_killed_is_told() {
    assert_snapshot!(told_of(&format!("{} read -r x; kill -9 $$", frame(READY))).await, @"it could not be compiled within its limits of 1s and 1024 MiB of memory: its process ended: signal 9; the system may have run out of memory");
}

#[tokio::test]
async fn a_message_that_is_cut_off_is_told() {
    assert_snapshot!(told_of("printf '\\100\\000\\000\\000half'").await, @"the process that runs it could not be started: it ended: exit status 0");
}

#[tokio::test]
async fn half_a_message_from_a_worker_that_goes_on_is_ended_by_the_clock() {
    let began = Instant::now();
    assert_snapshot!(told_of("printf '\\100\\000\\000\\000half'; exec sleep 60").await, @"the process that runs it could not be started: it did not answer within 1s");
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_silent_worker_is_ended_by_the_clock() {
    assert_snapshot!(told_of("exec sleep 60").await, @"the process that runs it could not be started: it did not answer within 1s");
}

#[tokio::test]
async fn a_worker_that_prints_something_else_is_told() {
    assert_snapshot!(told_of("echo hello, world; exec sleep 60").await, @"the process that runs it answered out of turn: a message of 1819043176 bytes, of which at most 2097152 are accepted");
    assert_snapshot!(told_of(&format!("{} exec sleep 60", frame("{}"))).await, @"the process that runs it answered out of turn: missing field `turn` at line 1 column 2");
    assert_snapshot!(told_of(&format!("{} exec sleep 60", frame(r#"{"turn":7,"message":{"ready":[]}}"#))).await, @"the process that runs it answered out of turn: it answers question 7 instead of 0");
}

/// The answer to a question that nobody asked is not taken for the answer to the next one.
#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_noticed() {
    let early = frame(r#"{"turn":0,"message":{"settings":[]}}"#);
    assert_snapshot!(told_of(&format!("{}{early} exec sleep 60", frame(READY))).await, @"the process that runs it answered out of turn: it answers question 0 instead of 1");
}

/// A worker that was taken over names what no guest can name; the host reviews its words all the same.
#[tokio::test]
async fn the_words_of_a_worker_are_reviewed() {
    let broken = frame(
        r#"{"turn":1,"message":{"broken":{"fault":{"kind":"trapped","message":"::error::x\u001b[2J","mend":null},"log":[]}}}"#,
    );
    assert_snapshot!(told_of(&format!("{}{broken} exec sleep 60", frame(READY))).await, @": :error: :x [2J");
}

async fn judge(gate: &mut Gate) -> Member {
    gate.judge(&snapshot(), &BTreeMap::new()).await.remove(0)
}

#[tokio::test]
async fn a_worker_that_dies_between_two_looks_is_replaced() {
    let worker = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
    let mut gate = Gate::open(plan(worker), &[], Limits::default()).await.unwrap();
    let first = judge(&mut gate).await;
    assert!(matches!(first.answer, Answer::Outcome(_)));
    let old = gate.workers().next().unwrap();
    kill(old);
    let second = judge(&mut gate).await;
    assert_eq!(first, second);
    assert_ne!(gate.workers().next().unwrap(), old);
}

/// A gate whose worker is started by a shell that does `first`.
async fn opened_after(first: &str, limits: Limits) -> Gate {
    let start = format!("{first}; exec {} \"$@\"", env!("CARGO_BIN_EXE_rollgate"));
    let arguments = ["-c", &start, "sh", "policy-worker"].map(str::to_owned);
    let worker = WorkerProgram { file: "/bin/sh".into(), arguments: arguments.into() };
    Gate::open(plan(worker), &[], limits).await.unwrap()
}

/// The row of the process's limits that begins with `name`: the soft and the hard one.
fn limit_of(process: u32, name: &str) -> Vec<String> {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let row = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    row.split_whitespace().take(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn the_memory_of_a_worker_is_limited() {
    let limits = Limits { worker_bytes: 300 << 20, ..Limits::default() };
    let gate = opened_after("true", limits).await;
    let worker = gate.workers().next().unwrap();
    assert_eq!(limit_of(worker, "Max data size"), ["314572800"; 2]);
    // Beside it, four gigabytes and twice 32 MiB that surround the policy's memory and hold nothing.
    assert_eq!(limit_of(worker, "Max address space"), ["4676648960"; 2]);
    gate.close().await;
}

/// What guards a policy's memory takes address space. Where a machine has set less, the code compares addresses instead.
#[tokio::test]
async fn a_policy_runs_where_address_space_is_scarce() {
    let mut gate = opened_after("ulimit -v 1000000", Limits::default()).await;
    assert_eq!(limit_of(gate.workers().next().unwrap(), "Max address space"), ["1024000000"; 2]);
    let members = gate.judge(&snapshot(), &BTreeMap::new()).await;
    assert!(matches!(members[0].answer, Answer::Outcome(_)), "{members:?}");
    gate.close().await;
}

#[tokio::test]
async fn closing_a_gate_leaves_no_process() {
    let worker = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
    let gate = Gate::open(plan(worker), &[], Limits::default()).await.unwrap();
    let worker = gate.workers().next().unwrap();
    gate.close().await;
    assert!(!std::path::Path::new(&format!("/proc/{worker}")).exists());
}

/// Kills a process and waits until it is dead, though not yet reaped.
fn kill(id: u32) {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).unwrap();
}

/// The switch that makes a worker an attacker is in the builds of the tests alone.
#[cfg(not(feature = "test-probes"))]
#[test]
fn a_build_without_the_feature_has_no_escape() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .args(["policy-worker", "--memory=1073741824", "--escape", "{}"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("error: unexpected argument '--escape'"), "{told}");
    let program = std::fs::read(env!("CARGO_BIN_EXE_rollgate")).unwrap();
    let attempt = b"environment of the host";
    assert!(!program.windows(attempt.len()).any(|window| window == attempt));
}
