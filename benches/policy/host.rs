//! Benchmarks of the policy host, with the built-in policy `thresholds`.
//!
//! `cargo bench` prints them, and once how much memory the host and its worker had at most.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on ends, and prints"
)]

use std::collections::BTreeMap;

use divan::Bencher;
use rollgate::policy::engine::{Compiler, Policy, Strategy};
use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
use rollgate::policy::limits::Limits;
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::{anatomy, builtin};
use rollgate::snapshot::model::{MetricKind, Snapshot};
use rollgate::verdict::model::{Answer, Composition};
use tokio::runtime::Runtime;

#[path = "../../tests/policy/evidence.rs"]
mod evidence;

const SETTINGS: &str = r#"{"error-rate":{"critical":0.05,"metric":"errors"}}"#;

fn bytes() -> &'static [u8] {
    builtin::find("thresholds").unwrap().bytes
}

/// 20 metrics of two arms with 60 samples each.
fn snapshot() -> Snapshot {
    evidence::with_metrics(20, 60)
}

fn policy(compiler: Compiler) -> Policy {
    let limits = Limits::default();
    let anatomy = anatomy::examine(bytes(), &limits).unwrap();
    Policy::compile(bytes(), &anatomy, limits, Strategy::Only(compiler)).unwrap()
}

async fn open() -> Gate {
    let plan = GatePlan {
        composition: Composition::Member(0),
        members: vec![MemberPlan {
            id: "gate".into(),
            policy: "builtin:thresholds".into(),
            bytes: Ok(bytes().into()),
            settings: serde_json::from_str(SETTINGS).unwrap(),
        }],
        worker: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
    };
    let metrics = [("errors".to_owned(), MetricKind::Ratio)];
    Gate::open(plan, &metrics, Limits::default()).await.unwrap()
}

async fn judge(gate: &mut Gate, snapshot: &Snapshot) {
    let members = gate.judge(snapshot, &BTreeMap::new()).await;
    assert!(matches!(members[0].answer, Answer::Outcome(_)), "{members:?}");
}

/// From the bytes of the component to the first verdict: process, jail, compilation, description, settings,
/// evaluation.
#[divan::bench(sample_count = 50, sample_size = 1)]
fn cold_start_to_verdict(bencher: Bencher<'_, '_>) {
    let (runtime, snapshot) = (Runtime::new().unwrap(), snapshot());
    bencher.bench_local(|| {
        runtime.block_on(async {
            let mut gate = open().await;
            judge(&mut gate, &snapshot).await;
            gate
        })
    });
}

/// One look as the host sees it: the snapshot goes to a worker that has the policy loaded, the verdict back.
#[divan::bench]
fn warm_look_through_the_worker(bencher: Bencher<'_, '_>) {
    let (runtime, snapshot) = (Runtime::new().unwrap(), snapshot());
    let mut gate = runtime.block_on(open());
    bencher.bench_local(|| runtime.block_on(judge(&mut gate, &snapshot)));
}

/// What of that is the policy: a fresh instance, the snapshot handed over, the call, the outcome reviewed.
#[divan::bench(args = [Compiler::Winch, Compiler::Cranelift])]
fn warm_evaluation(bencher: Bencher<'_, '_>, compiler: Compiler) {
    let (policy, snapshot) = (policy(compiler), snapshot());
    bencher.bench_local(|| policy.evaluate(&snapshot, SETTINGS, &[]));
}

#[divan::bench(args = [Compiler::Winch, Compiler::Cranelift], sample_count = 20)]
fn compilation(bencher: Bencher<'_, '_>, compiler: Compiler) {
    bencher.bench_local(|| policy(compiler));
}

/// The most memory that a process had, as the kernel counts it.
fn peak_memory(process: &str) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    peak.trim().to_owned()
}

fn main() {
    Runtime::new().unwrap().block_on(async {
        let (mut gate, snapshot) = (open().await, snapshot());
        judge(&mut gate, &snapshot).await;
        let worker = gate.workers().next().unwrap().to_string();
        println!("peak memory: host {}, worker {}", peak_memory("self"), peak_memory(&worker));
        gate.close().await;
    });
    divan::main();
}
