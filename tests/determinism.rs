//! The same question has the same answer at the same cost, for every policy that ships with the program.

use rollgate::policy::builtin;
use rollgate::policy::engine::Strategy;
use rollgate::policy::limits::Limits;
use rollgate::policy::member::{Load, Question};
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::seat::Seat;
use rollgate::snapshot::model::{Health, HealthCheck, MetricKind, SchemaReport, Snapshot, Stage};
use rollgate::verdict::model::{Answer, Usage};

use crate::policy::evidence;

/// Settings of each policy, and the fuel that it takes on the canned snapshot: 20 metrics of two arms of 60 samples.
///
/// Fuel is a golden number for one version of the runtime, compiler and architecture: what changes it is a change of the
/// policy, its bindings or the runtime.
const GOLDEN: &[(&str, &str, u64)] = &[
    (
        "business-hours",
        r#"{"hours":[{"days":["tue"],"limits":{"error-rate":{"critical":"5%","metric":"errors"}}}],"otherwise":"hold"}"#,
        93_395,
    ),
    ("health", r#"{"critical":["http"]}"#, 51_988),
    ("mann-whitney", r#"{"groups":{"errors":{"metrics":["errors"]}}}"#, 285_141),
    ("quota", r#"{"quotas":[{"metric":"quota","hold-above":"80%"}]}"#, 56_860),
    ("schema", "{}", 50_621),
    ("sequential", "{}", 68_661),
    (
        "slo",
        r#"{"objectives":[{"availability":"99%","metric":"errors"}],"burn-rate":{"objective":"99%","metric":"errors","critical":10}}"#,
        90_811,
    ),
    ("thresholds", r#"{"error-rate":{"critical":"5%","metric":"errors"}}"#, 78_646),
];

/// A snapshot that every policy can judge.
fn canned(policy: &str, metrics: usize, samples: usize) -> Snapshot {
    let mut snapshot = evidence::with_metrics(metrics, samples);
    match policy {
        "schema" => {
            snapshot.position.stage = Stage::PullRequest;
            snapshot.schema = Some(SchemaReport {
                errors: 0,
                warnings: 0,
                infos: 0,
                proven: 0,
                undecided: 0,
                findings: Vec::new(),
            });
        }
        "health" => {
            let check = |name: &str| HealthCheck {
                name: name.into(),
                state: Health::Healthy,
                confidence: 1.0,
                message: String::new(),
            };
            snapshot.health = ["database", "http"].map(check).into();
        }
        "quota" => {
            let quota = snapshot.metrics.last_mut().unwrap();
            (quota.name, quota.kind) = ("quota".into(), MetricKind::Gauge);
        }
        _ => {}
    }
    snapshot
}

async fn seat(policy: &str) -> Seat {
    let load = Load {
        program: WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate")),
        bytes: builtin::find(policy).unwrap().bytes.into(),
        limits: Limits::default(),
        strategy: Strategy::Automatic,
    };
    Seat::open(load).await.unwrap()
}

/// The answer in the canonical form in which it is recorded, and what it cost.
async fn ask(seat: &mut Seat, snapshot: &Snapshot, settings: &str) -> (String, Usage) {
    let body = serde_json::to_vec(snapshot).unwrap();
    let asked = seat.evaluate(Question { snapshot, body: &body, settings, memory: &[] }).await;
    assert!(matches!(asked.answer, Answer::Outcome(_)), "{:?}", asked.answer);
    (serde_json_canonicalizer::to_string(&asked.answer).unwrap(), asked.usage.unwrap())
}

#[test]
fn every_policy_that_ships_is_among_the_golden_ones() {
    let golden: Vec<&str> = GOLDEN.iter().map(|(name, ..)| *name).collect();
    let ships: Vec<&str> = builtin::ALL.iter().map(|builtin| builtin.name).collect();
    assert_eq!(golden, ships);
}

#[tokio::test]
async fn the_fuel_of_every_policy_on_the_canned_snapshot_is_golden() {
    let mut measured = Vec::new();
    for (policy, settings, _) in GOLDEN {
        let mut seat = seat(policy).await;
        let (_, usage) = ask(&mut seat, &canned(policy, 20, 60), settings).await;
        seat.close().await;
        assert_eq!(usage.strategy, "winch", "{policy}");
        // Twenty times as much as it takes, as every author should leave.
        assert!(usage.fuel * 20 < usage.fuel_limit, "{policy}: {usage:?}");
        measured.push((*policy, usage.fuel));
    }
    if std::env::consts::ARCH == "x86_64" {
        let golden: Vec<_> = GOLDEN.iter().map(|(policy, _, fuel)| (*policy, *fuel)).collect();
        assert_eq!(measured, golden);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_runs_give_the_same_bytes_and_the_same_fuel() {
    let mut policies = tokio::task::JoinSet::new();
    for (policy, settings, _) in GOLDEN {
        policies.spawn(async move {
            let snapshot = canned(policy, 2, 10);
            let mut seats = [seat(policy).await, seat(policy).await];
            let first = ask(&mut seats[0], &snapshot, settings).await;
            for run in 1..200 {
                // In two processes.
                assert_eq!(ask(&mut seats[run % 2], &snapshot, settings).await, first, "{policy}");
            }
            for seat in seats {
                seat.close().await;
            }
        });
    }
    while let Some(ended) = policies.join_next().await {
        ended.unwrap();
    }
}
