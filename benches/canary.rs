//! What the evidence on a canary costs, natively: per metric and look, for each kind of metric.
//!
//! `cargo bench --bench canary` prints it. A look is what it is in a rollout: the last tick of a window of up to 60 is
//! folded into what the looks before have shown, the snapshot is built from the whole window, and the evidence, with
//! intervals, is written into it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot go on ends, and prints"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollgate::metrics::{ArmTicks, MetricEvidence, MetricPlan, MetricQuery, Tick};
use rollgate::simulate::generate;
use rollgate::simulate::scenario;
use rollgate::simulate::tick::{Counts, Rollout};
use rollgate::snapshot::build;
use rollgate::snapshot::model::{Context, Direction, Position, Stage};
use rollgate::snapshot::statistics::Statistics;
use rollgate::stats::quantile;
use rollgate::support::units::{Millis, Timestamp, Weight};

/// How often each rollout is looked at from its beginning.
const ROUNDS: usize = 9;

const STARTED: Timestamp = Timestamp(1_790_000_000_000);
const TICK: u64 = 15_000;

fn plan(query: MetricQuery, direction: Direction) -> MetricPlan {
    MetricPlan {
        name: "metric".into(),
        query,
        unit: "1".into(),
        direction,
        margin: Some(1.2),
        floor: None,
        warm_up: Millis(0),
    }
}

fn ticks(rollout: &Rollout, canary: bool) -> ArmTicks {
    let of = |(at, counts): (u64, &Counts)| Tick {
        end: STARTED.after(Millis(at * TICK)),
        span: Millis(TICK),
        requests: counts.requests as f64,
        bad: counts.errors as f64,
        level: 0.5 + (at % 7) as f64 / 10.0,
        buckets: counts.cumulative.iter().chain([&counts.requests]).map(|count| *count as f64).collect(),
    };
    let counts =
        rollout.ticks.iter().filter_map(|tick| if canary { &tick.canary } else { &tick.baseline }.as_ref());
    ArmTicks {
        ticks: (1..).zip(counts).map(of).collect(),
        edges: rollout.edges.clone(),
        ..ArmTicks::default()
    }
}

/// The look after `until` ticks.
fn look(statistics: &mut Statistics, plan: &MetricPlan, [baseline, canary]: [&ArmTicks; 2], until: usize) {
    let part = |arm: &ArmTicks| ArmTicks { ticks: arm.ticks[..until].to_vec(), ..arm.clone() };
    let evidence = [MetricEvidence {
        plan: plan.clone(),
        baseline: Ok(part(baseline)),
        canary: Ok(part(canary)),
        warming_up: false,
    }];
    statistics.take(&evidence, STARTED, Some(0.1));
    let position = Position {
        stage: Stage::Canary,
        step: 0,
        steps: 1,
        weight: Weight::new(10).unwrap(),
        elapsed_ms: Millis(0),
        step_elapsed_ms: Millis(0),
        step_duration_ms: Millis(0),
        min_bake_ms: Millis(0),
        deadline_ms: Timestamp(0),
        looks: 0,
    };
    let mut snapshot = build::snapshot(Context::default(), position, &evidence, &[]);
    statistics.fill(&mut snapshot);
    black_box(snapshot);
}

/// The time of each look of all rounds, ascending.
fn looks(plan: &MetricPlan, arms: [&ArmTicks; 2]) -> Vec<Duration> {
    let most = arms.map(|arm| arm.ticks.len()).into_iter().min().unwrap();
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let mut statistics = Statistics::default();
        for until in 1..=most {
            let begun = Instant::now();
            look(&mut statistics, plan, arms, until);
            all.push(begun.elapsed());
        }
    }
    all.sort_unstable();
    all
}

fn main() {
    let rollout = generate::rollout(scenario::find("steady").unwrap(), 1, 0);
    let [baseline, canary] = [false, true].map(|arm| ticks(&rollout, arm));
    let ratio = || MetricQuery::Ratio { bad: "b".into(), total: "t".into() };
    let histogram = || MetricQuery::Histogram("h".into());
    let lower = Direction::LowerIsBetter;
    let metrics = [
        ("ratio", plan(ratio(), lower)),
        ("ratio, two-sided", plan(ratio(), Direction::TwoSided)),
        ("histogram", plan(histogram(), lower)),
        ("histogram, two-sided", plan(histogram(), Direction::TwoSided)),
        ("gauge", plan(MetricQuery::Gauge("g".into()), lower)),
        ("rate", plan(MetricQuery::Rate("r".into()), lower)),
    ];
    println!("per metric and look, microseconds: median, slowest in a hundred, slowest");
    for (name, plan) in &metrics {
        let all = looks(plan, [&baseline, &canary]);
        let at = |share: usize| all[(all.len() - 1) * share / 100].as_secs_f64() * 1e6;
        println!("{name:<22}{:>8.1}{:>8.1}{:>8.1}", at(50), at(99), at(100));
    }
    let buckets: Vec<f64> = canary.ticks.iter().fold(vec![0.0; rollout.edges.len() + 1], |sums, tick| {
        sums.iter().zip(&tick.buckets).map(|(sum, count)| sum + count).collect()
    });
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        black_box(quantile::bucket_sequence(black_box(&rollout.edges), black_box(&buckets), 0.95, 0.05));
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / ROUNDS as f64;
    println!("{:<22}{each:>8.1}", "p95 with its interval");
}
