//! Snapshots to judge.

use rollgate::snapshot::model::{
    Arm, Comparison, Context, Direction, Metric, MetricKind, MetricState, Position, Snapshot, Stage,
};
use rollgate::support::units::{Millis, Timestamp, Weight};

/// A canary at 10 % with `metrics` ratio metrics of two arms of `samples` samples each; the first is `errors`.
pub(crate) fn with_metrics(metrics: usize, samples: usize) -> Snapshot {
    let name = |at: usize| if at == 0 { "errors".to_owned() } else { format!("metric-{at:02}") };
    Snapshot {
        context: Context {
            service: "web".into(),
            run_id: "run".into(),
            now_ms: Timestamp(1_700_000_000_000),
            ..Context::default()
        },
        position: Position {
            stage: Stage::Canary,
            step: 0,
            steps: 3,
            weight: Weight::new(10).unwrap(),
            elapsed_ms: Millis(60_000),
            step_elapsed_ms: Millis(60_000),
            step_duration_ms: Millis(300_000),
            min_bake_ms: Millis(0),
            deadline_ms: Timestamp(1_700_003_600_000),
            looks: 0,
        },
        metrics: (0..metrics).map(|at| metric(name(at), samples)).collect(),
        health: Vec::new(),
        schema: None,
        history: Vec::new(),
        budget: None,
        facts: Vec::new(),
    }
}

fn metric(name: String, samples: usize) -> Metric {
    Metric {
        name,
        kind: MetricKind::Ratio,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: Some(1.2),
        floor: None,
        baseline: arm(samples, 1),
        canary: arm(samples, 2),
        comparison: Some(Comparison { ratio: Some(2.0), ..Comparison::default() }),
        state: MetricState::Ok,
        facts: Vec::new(),
    }
}

fn arm(samples: usize, bad_per_tick: u64) -> Arm {
    let share = bad_per_tick as f64 / 1000.0;
    Arm {
        requests: 1000 * samples as u64,
        bad: bad_per_tick * samples as u64,
        value: Some(share),
        series: vec![share; samples],
        missing: 0,
        observed_ms: Millis(15_000 * samples as u64),
        bucket_edges: Vec::new(),
        bucket_counts: Vec::new(),
    }
}
