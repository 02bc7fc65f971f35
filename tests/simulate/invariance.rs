//! What a decision must not depend on: the unit of a latency, the order of lines, the order of metrics.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use rollgate::simulate::generate;
use rollgate::simulate::judge::{Decision, Judge};
use rollgate::simulate::recorded::{self, Recording};
use rollgate::simulate::rollgate::Statistics;
use rollgate::simulate::scenario;
use rollgate::stats::gate::{Gate, Levels};
use rollgate::stats::metric::{Sample, Settings, Tick};
use serde_json::Value;

/// A rollout of this scenario as lines of a recording, its latencies in a unit so many times smaller.
fn lines(name: &str, scale: f64) -> Vec<String> {
    let rollout = generate::rollout(scenario::find(name).unwrap(), 1, 0);
    let edges: Vec<String> = rollout.edges.iter().map(|edge| format!("{:e}", edge * scale)).collect();
    let mut lines = Vec::new();
    for tick in &rollout.ticks {
        for (arm, counts) in [("baseline", &tick.baseline), ("canary", &tick.canary)] {
            let Some(counts) = counts else { continue };
            let mut line = format!("{{\"t\": {}, \"arm\": \"{arm}\", ", tick.end);
            let _ = write!(
                line,
                "\"requests\": {}, \"errors\": {}, \"le\": [{}], \"counts\": {:?}}}",
                counts.requests,
                counts.errors,
                edges.join(", "),
                counts.cumulative
            );
            lines.push(line);
        }
    }
    lines
}

fn read(lines: &[String]) -> Recording {
    recorded::read(lines.join("\n").as_bytes()).unwrap()
}

fn decisions(recording: &Recording) -> Vec<Decision> {
    let mut sitting = Statistics::default().sit(&recording.edges);
    recording.ticks.iter().map(|tick| sitting.look(tick)).collect()
}

#[test]
fn the_unit_of_a_latency_does_not_matter() {
    for name in ["tail", "steady", "latency-30"] {
        let expected = decisions(&read(&lines(name, 1.0)));
        assert!(expected.iter().any(|decision| *decision != Decision::Undecided), "{name}");
        for exponent in -9..=9 {
            let scaled = read(&lines(name, 10.0_f64.powi(exponent)));
            assert_eq!(decisions(&scaled), expected, "{name} in units of 1e{exponent} s");
        }
    }
}

#[test]
fn the_order_of_the_lines_does_not_matter() {
    let mut lines = lines("gaps-errors", 1.0);
    let expected = read(&lines);
    for _ in 0..5 {
        let half = lines.len() / 2;
        let shuffled = (0..half).flat_map(|at| [lines[half + at].clone(), lines[at].clone()]);
        let mut shuffled: Vec<String> = shuffled.chain(lines.get(2 * half).cloned()).collect();
        shuffled.reverse();
        assert_eq!(read(&shuffled), expected);
        lines = shuffled;
    }
}

/// The same through the process and the policy in its worker.
#[test]
fn the_default_gate_decides_the_same_in_any_unit() {
    let decided = |scale: f64| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rollgate"))
            .args(["simulate", "--ticks", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(lines("tail", scale).join("\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let looks = String::from_utf8(output.stdout).unwrap();
        let decision = |line: &str| serde_json::from_str::<Value>(line).unwrap()["decision"].clone();
        looks.lines().map(decision).collect::<Vec<_>>()
    };
    let expected = decided(1.0);
    assert_eq!((decided(1e-9), decided(1e9)), (expected.clone(), expected));
}

#[test]
fn the_order_of_the_metrics_does_not_matter() {
    let settings = [Settings::errors(), Settings::latency(), Settings::errors().with_margin(1.5)];
    let edges = [0.1, 0.5];
    let against = |order: [usize; 3]| {
        let gate = Gate::new(Levels::default(), order.map(|at| settings[at]).into());
        let mut states = gate.start();
        for at in 0..40 {
            for (state, settings) in states.iter_mut().zip(gate.settings()) {
                let canary =
                    Sample { requests: 150.0, events: 3.0, edges: &edges, cumulative: &[100.0, 140.0] };
                let baseline =
                    Sample { requests: 1350.0, events: 14.0, edges: &edges, cumulative: &[900.0, 1300.0] };
                let start_ms = at * 15_000;
                let end_ms = start_ms + 15_000;
                state.fold(
                    settings,
                    &Tick { start_ms, end_ms, canary: Some(canary), baseline: Some(baseline) },
                );
            }
        }
        gate.log_against(&gate.evidence(&states))
    };
    let expected = against([0, 1, 2]);
    for order in [[1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        assert!((against(order) - expected).abs() < 1e-12, "{order:?}");
    }
}
