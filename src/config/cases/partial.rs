//! The snapshot of a case: the fields that matter, by the names of the policy interface, over those of a quiet canary.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::values::{Fraction, Span};
use crate::snapshot::generate::{Distribution, EDGES, Frame, Made};
use crate::snapshot::model::{
    Arm, Budget, Comparison, Context, Direction, Fact, FactValue, HealthCheck, Label, Metric, MetricKind,
    MetricState, Past, Position, SchemaReport, Snapshot, Stage,
};
use crate::support::units::{Millis, Timestamp, Weight};

/// Part of a snapshot.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Partial {
    context: Option<PartialContext>,
    position: Option<PartialPosition>,
    /// Metrics, each with what matters of it.
    metrics: Option<Vec<PartialMetric>>,
    health: Option<Vec<HealthCheck>>,
    schema: Option<SchemaReport>,
    /// Earlier looks, oldest first.
    history: Option<Vec<Past>>,
    budget: Option<Budget>,
    facts: Option<Vec<Fact>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PartialContext {
    service: Option<String>,
    environment: Option<String>,
    run_id: Option<String>,
    baseline_revision: Option<String>,
    canary_revision: Option<String>,
    commit: Option<String>,
    actor: Option<String>,
    event: Option<String>,
    labels: Option<Vec<Label>>,
    /// Milliseconds since the Unix epoch. Default 1767261600000, a Thursday, 10:00 in UTC.
    now_ms: Option<Timestamp>,
    utc_offset_seconds: Option<i32>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PartialPosition {
    /// Default `canary`.
    stage: Option<Stage>,
    step: Option<u32>,
    /// Default 3.
    steps: Option<u32>,
    /// Percent. Default 10.
    weight: Option<u8>,
    /// Default 300000: five minutes.
    elapsed_ms: Option<Millis>,
    /// Default `elapsed-ms`.
    step_elapsed_ms: Option<Millis>,
    /// Default 600000: ten minutes.
    step_duration_ms: Option<Millis>,
    min_bake_ms: Option<Millis>,
    /// Default one hour from now.
    deadline_ms: Option<Timestamp>,
    looks: Option<u32>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PartialMetric {
    name: String,
    kind: MetricKind,
    unit: Option<String>,
    /// Default `lower-is-better`.
    direction: Option<Direction>,
    margin: Option<f64>,
    floor: Option<f64>,
    baseline: Option<PartialArm>,
    canary: Option<PartialArm>,
    comparison: Option<Comparison>,
    /// Default `ok`.
    state: Option<MetricState>,
    facts: Option<Vec<Fact>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct PartialArm {
    requests: Option<u64>,
    bad: Option<u64>,
    /// Of a ratio by default `bad` / `requests`.
    value: Option<f64>,
    series: Option<Vec<f64>>,
    missing: Option<u32>,
    observed_ms: Option<Millis>,
    bucket_edges: Option<Vec<f64>>,
    bucket_counts: Option<Vec<u64>>,
}

/// The keys that lead to what is wrong, and why it is.
type Wrong = (Vec<&'static str>, String);

/// The instant of a case that names none.
const NOW: Timestamp = Timestamp(1_767_261_600_000);

impl Partial {
    /// The snapshot, or where and why there is none.
    pub(super) fn snapshot(self) -> Result<Snapshot, Wrong> {
        let context = self.context.unwrap_or_default();
        let now = context.now_ms.unwrap_or(NOW);
        let position = self.position.unwrap_or_default();
        let weight = position.weight.unwrap_or(10);
        let weight = Weight::new(weight)
            .ok_or_else(|| (vec!["position", "weight"], "a weight is a percentage up to 100".to_owned()))?;
        let elapsed = position.elapsed_ms.unwrap_or(Millis(300_000));
        let finite = |number: Option<f64>| number.is_none_or(f64::is_finite);
        let mut metrics = Vec::new();
        for metric in self.metrics.unwrap_or_default() {
            if !finite(metric.margin) || !finite(metric.floor) {
                return Err((vec!["metrics"], format!("a number of `{}` is not finite", metric.name)));
            }
            metrics.push(metric.build());
        }
        metrics.sort_by(|one, other| one.name.cmp(&other.name));
        if let Some(twice) = metrics.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err((vec!["metrics"], format!("the metric `{}` stands twice", twice[0].name)));
        }
        Ok(Snapshot {
            context: Context {
                service: context.service.unwrap_or_else(|| "web".into()),
                environment: context.environment,
                run_id: context.run_id.unwrap_or_else(|| "case".into()),
                baseline_revision: context.baseline_revision,
                canary_revision: context.canary_revision,
                commit: context.commit,
                actor: context.actor,
                event: context.event,
                labels: context.labels.unwrap_or_default(),
                now_ms: now,
                utc_offset_seconds: context.utc_offset_seconds.unwrap_or(0),
            },
            position: Position {
                stage: position.stage.unwrap_or(Stage::Canary),
                step: position.step.unwrap_or(0),
                steps: position.steps.unwrap_or(3),
                weight,
                elapsed_ms: elapsed,
                step_elapsed_ms: position.step_elapsed_ms.unwrap_or(elapsed),
                step_duration_ms: position.step_duration_ms.unwrap_or(Millis(600_000)),
                min_bake_ms: position.min_bake_ms.unwrap_or(Millis(0)),
                deadline_ms: position.deadline_ms.unwrap_or(now.after(Millis(3_600_000))),
                looks: position.looks.unwrap_or(0),
            },
            metrics,
            health: self.health.unwrap_or_default(),
            schema: self.schema,
            history: self.history.unwrap_or_default(),
            budget: self.budget,
            facts: self.facts.unwrap_or_default(),
        })
    }
}

impl PartialMetric {
    fn build(self) -> Metric {
        let unit = match self.kind {
            MetricKind::Latency => "s",
            MetricKind::Rate => "1/s",
            MetricKind::Ratio | MetricKind::Gauge => "1",
        };
        let kind = self.kind;
        Metric {
            name: self.name,
            kind,
            unit: self.unit.unwrap_or_else(|| unit.into()),
            direction: self.direction.unwrap_or(Direction::LowerIsBetter),
            margin: self.margin,
            floor: self.floor,
            baseline: self.baseline.unwrap_or_default().build(kind),
            canary: self.canary.unwrap_or_default().build(kind),
            comparison: self.comparison,
            state: self.state.unwrap_or(MetricState::Ok),
            facts: self.facts.unwrap_or_default(),
        }
    }
}

impl PartialArm {
    fn build(self, kind: MetricKind) -> Arm {
        let bucket_counts = self.bucket_counts.unwrap_or_default();
        let requests = self.requests.or(bucket_counts.last().copied()).unwrap_or(0);
        let bad = self.bad.unwrap_or(0);
        let share = (kind == MetricKind::Ratio && requests > 0).then(|| bad as f64 / requests as f64);
        Arm {
            requests,
            bad,
            value: self.value.or(share),
            series: self.series.unwrap_or_default(),
            missing: self.missing.unwrap_or(0),
            observed_ms: self.observed_ms.unwrap_or(Millis(300_000)),
            bucket_edges: self.bucket_edges.unwrap_or_default(),
            bucket_counts,
        }
    }
}

/// Metrics drawn from distributions.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Generate {
    /// Where the draws begin: the same seed gives the same metrics.
    seed: u64,
    /// How many ticks there are. Default 20.
    ticks: Option<u32>,
    /// Length of a tick. Default `15s`.
    tick: Option<Span>,
    /// Requests of an arm in a tick. Default 100.
    requests: Option<u32>,
    /// Those of the canary, where they differ.
    canary_requests: Option<u32>,
    /// The metrics.
    metrics: Vec<GeneratedMetric>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct GeneratedMetric {
    name: String,
    unit: Option<String>,
    /// Default `lower-is-better`.
    direction: Option<Direction>,
    margin: Option<f64>,
    floor: Option<f64>,
    /// Bad requests over all: the probability that one is bad.
    ratio: Option<Both<Fraction>>,
    /// Durations by their quantiles.
    latency: Option<Both<Quantiles>>,
    /// Upper edges of the latency's buckets in seconds.
    edges: Option<Vec<f64>>,
    /// A level.
    gauge: Option<Both<Level>>,
    /// Events per second.
    rate: Option<Both<f64>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Both<T> {
    baseline: T,
    canary: T,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Quantiles {
    p50: Span,
    /// Default `p50`.
    p95: Option<Span>,
    /// Default `p95`.
    p99: Option<Span>,
    /// The longest. Default `p99`.
    max: Option<Span>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Level {
    mean: f64,
    /// Standard deviation. Default 0.
    deviation: Option<f64>,
}

/// How many requests may be drawn for a case.
const DRAWS: u64 = 2_000_000;

impl Generate {
    /// The seed, the frame that ends at `end`, and the metrics; or where and why there are none.
    pub(super) fn made(self, end: Timestamp) -> Result<(u64, Frame, Vec<Made>), Wrong> {
        let ticks = self.ticks.unwrap_or(20);
        let tick = self.tick.map_or(Millis(15_000), |span| span.0);
        if ticks == 0 || ticks > 10_000 || tick.0 == 0 {
            return Err((vec!["ticks"], "there are 1 to 10000 ticks, each longer than nothing".into()));
        }
        let requests = self.requests.unwrap_or(100);
        let requests = [requests, self.canary_requests.unwrap_or(requests)];
        let frame = Frame { end, ticks, tick };
        let metrics: Vec<Made> =
            self.metrics.into_iter().map(|metric| metric.made(requests)).collect::<Result<_, _>>()?;
        if crate::snapshot::generate::draws(&metrics, frame) > DRAWS {
            return Err((vec!["requests"], format!("more than {DRAWS} requests would be drawn")));
        }
        Ok((self.seed, frame, metrics))
    }
}

impl GeneratedMetric {
    fn made(self, requests: [u32; 2]) -> Result<Made, Wrong> {
        let wrong = |message: &str| (vec!["metrics"], format!("`{}` {message}", self.name));
        let (unit, arms) = match (&self.ratio, &self.latency, &self.gauge, &self.rate) {
            (Some(both), None, None, None) => {
                let probability = |share: &Fraction| Distribution::Ratio(share.0);
                if ![both.baseline.0, both.canary.0].iter().all(|share| (0.0..=1.0).contains(share)) {
                    return Err(wrong("has a probability beyond 0 to 100 %"));
                }
                ("1", [probability(&both.baseline), probability(&both.canary)])
            }
            (None, Some(both), None, None) => {
                let quantiles = |arm: &Quantiles| {
                    arm.ascending().ok_or_else(|| wrong("has a quantile that is below a lower one"))
                };
                ("s", [quantiles(&both.baseline)?, quantiles(&both.canary)?])
            }
            (None, None, Some(both), None) => {
                let level = |arm: &Level| {
                    let deviation = arm.deviation.unwrap_or(0.0);
                    let fine = arm.mean.is_finite() && deviation.is_finite() && deviation >= 0.0;
                    fine.then_some(Distribution::Gauge(arm.mean, deviation))
                        .ok_or_else(|| wrong("has a level that is no finite number"))
                };
                ("1", [level(&both.baseline)?, level(&both.canary)?])
            }
            (None, None, None, Some(both)) => {
                let rate = |arm: f64| {
                    (0.0..=1e9)
                        .contains(&arm)
                        .then_some(Distribution::Rate(arm))
                        .ok_or_else(|| wrong("has a rate beyond 0 to 1e9 per second"))
                };
                ("1/s", [rate(both.baseline)?, rate(both.canary)?])
            }
            _ => return Err(wrong("needs exactly one of `ratio`, `latency`, `gauge`, `rate`")),
        };
        let edges = self.edges.clone().unwrap_or_else(|| EDGES.to_vec());
        if edges.len() > 1_000 || !edges.iter().all(|edge| edge.is_finite()) || !edges.is_sorted() {
            return Err(wrong("has edges that do not ascend, or more than 1000"));
        }
        Ok(Made {
            unit: self.unit.clone().unwrap_or_else(|| unit.into()),
            direction: self.direction.unwrap_or(Direction::LowerIsBetter),
            margin: self.margin,
            floor: self.floor,
            arms,
            requests,
            edges,
            name: self.name,
        })
    }
}

impl Quantiles {
    fn ascending(&self) -> Option<Distribution> {
        let seconds = |span: Span| span.0.as_secs_f64();
        let Some(p95) = self.p95 else {
            return Some(Distribution::Latency(vec![(0.0, seconds(self.p50))]));
        };
        let p99 = self.p99.unwrap_or(p95);
        let quantiles = vec![
            (0.5, seconds(self.p50)),
            (0.95, seconds(p95)),
            (0.99, seconds(p99)),
            (1.0, seconds(self.max.unwrap_or(p99))),
        ];
        quantiles.is_sorted_by(|one, other| one.1 <= other.1).then_some(Distribution::Latency(quantiles))
    }
}

/// Says whether every number of a fact is finite.
pub(super) fn is_finite(facts: &[Fact]) -> bool {
    facts.iter().all(|fact| !matches!(fact.value, FactValue::Number(number) if !number.is_finite()))
}
