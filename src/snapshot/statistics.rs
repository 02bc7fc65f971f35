//! The statistics of a rollout's metrics: folded from the ticks of each look, carried to the next, and written into
//! the snapshot for every policy to see. Pure.
//!
//! A tick is folded once, however many looks see it. Ticks of the two arms belong together by their end; one that
//! only one arm has is a gap, once a later one is complete. What is carried is bounded, whatever the rollout's length.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) mod levels;

use super::model::{Direction, Fact, FactValue, Metric, MetricKind, Snapshot};
use crate::metrics::{ArmTicks, MetricEvidence, Tick as Seen};
use crate::stats::gate::{Gate, Levels};
use crate::stats::level;
use crate::stats::metric::{Evidence, Sample, Settings, Standing, State, Tick, Worse};
use crate::stats::split::Split;
use crate::support::units::Timestamp;

/// Largest e-value that a snapshot shows; whoever compares it with a threshold needs no larger one.
const MOST: f64 = 1e300;

/// What the metrics of a rollout have shown so far, by their names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Statistics {
    /// States by the names of their metrics: for this program alone.
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    metrics: BTreeMap<String, State>,
    /// The same of metrics that count no events among requests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, serde_json::Value>")]
    levels: BTreeMap<String, level::State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    traffic: Option<Traffic>,
}

/// Whether the canary gets the share of the requests that it is meant to get, since that share was set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Traffic {
    meant: f64,
    #[schemars(with = "serde_json::Value")]
    split: Split,
}

/// By how much of its share the canary's traffic may be off.
const TOLERANCE: f64 = 0.2;

impl Statistics {
    /// Whether nothing is carried.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty() && self.levels.is_empty()
    }

    /// Takes the ticks of a look that were not seen before. `started` is the first canary traffic, and `share` what part of
    /// the requests the canary was meant to get in these ticks, if that is known. Levels and rates of which nobody says
    /// by how much they may be worse are left out.
    pub fn take(&mut self, evidence: &[MetricEvidence], started: Timestamp, share: Option<f64>) {
        let gate = gate_of(evidence);
        let judged = evidence.iter().filter(|one| kind_is_judged(one.plan.query.kind()));
        let mut counted = false;
        for (evidence, settings) in judged.zip(gate.settings()) {
            let (Ok(baseline), Ok(canary)) = (&evidence.baseline, &evidence.canary) else { continue };
            let known = self.metrics.get(&evidence.plan.name).and_then(State::last_end_ms);
            if let (Some(share), false) = (share, counted) {
                // All metrics see the same requests: one of them tells.
                counted = true;
                self.split(canary, baseline, share, |end| {
                    known.is_none_or(|known| end.since(started).0 > known)
                });
            }
            let state =
                self.metrics.entry(evidence.plan.name.clone()).or_insert_with(|| State::new(settings));
            fold(state, settings, canary, baseline, started);
        }
        let mut shares = None;
        for one in evidence {
            let plan = &one.plan;
            let settings = levels::settings(plan.query.kind(), plan.direction, plan.margin, plan.floor);
            let Some(settings) = settings else { continue };
            let shares = shares.get_or_insert_with(|| levels::Shares::of(evidence, share));
            if one.baseline.is_ok() && one.canary.is_ok() {
                let state = self.levels.entry(plan.name.clone()).or_default();
                levels::fold(state, &settings, one, shares, started);
            }
        }
    }

    fn split(
        &mut self,
        canary: &ArmTicks,
        baseline: &ArmTicks,
        meant: f64,
        fresh: impl Fn(Timestamp) -> bool,
    ) {
        let known = self.traffic.filter(|traffic| (traffic.meant - meant).abs() <= 0.0);
        let mut traffic = known.unwrap_or(Traffic { meant, split: Split::default() });
        let ends: BTreeMap<u64, f64> =
            baseline.ticks.iter().map(|tick| (tick.end.0, tick.requests)).collect();
        for tick in canary.ticks.iter().filter(|tick| fresh(tick.end)) {
            if let Some(others) = ends.get(&tick.end.0) {
                traffic.split = traffic.split.fold(tick.requests, *others, meant, TOLERANCE);
            }
        }
        self.traffic = Some(traffic);
    }

    /// Writes what is known into the comparisons and facts of `snapshot`.
    pub fn fill(&self, snapshot: &mut Snapshot) {
        let gate = gate(
            snapshot
                .metrics
                .iter()
                .map(|metric| (metric.kind, metric.direction, metric.margin, metric.floor)),
        );
        let judged = snapshot.metrics.iter_mut().filter(|metric| kind_is_judged(metric.kind));
        for (at, metric) in judged.enumerate() {
            if let (Some(state), Some(settings)) = (self.metrics.get(&metric.name), gate.settings().get(at)) {
                let evidence = state.evidence(settings);
                show(metric, &evidence, gate.needed_requests(at, &evidence));
            }
        }
        for metric in &mut snapshot.metrics {
            let settings = levels::settings(metric.kind, metric.direction, metric.margin, metric.floor);
            if let (Some(settings), Some(state)) = (settings, self.levels.get(&metric.name)) {
                levels::show(metric, &state.evidence(&settings));
            }
        }
        let seen = self.traffic.and_then(|traffic| Some((traffic, traffic.split.share()?)));
        if let Some((traffic, seen)) = seen {
            let fact = |name: &str, value| Fact { name: name.into(), value: FactValue::Number(value) };
            snapshot.facts.extend([
                fact("traffic-share", seen),
                fact("traffic-share-meant", traffic.meant),
                fact("e-traffic-split", traffic.split.log_e().min(MOST.ln()).exp()),
            ]);
        }
    }
}

fn kind_is_judged(kind: MetricKind) -> bool {
    matches!(kind, MetricKind::Ratio | MetricKind::Latency)
}

/// The gate over the metrics of `evidence` that are judged, in their order.
pub(super) fn gate_of(evidence: &[MetricEvidence]) -> Gate {
    gate(evidence.iter().map(|one| {
        let plan = &one.plan;
        (plan.query.kind(), plan.direction, plan.margin, plan.floor)
    }))
}

/// The gate over the metrics that are judged, in their order.
fn gate(metrics: impl Iterator<Item = (MetricKind, Direction, Option<f64>, Option<f64>)>) -> Gate {
    let settings =
        metrics.filter(|(kind, ..)| kind_is_judged(*kind)).map(|(kind, direction, margin, floor)| {
            // Warming up is the window's affair: its ticks begin after it.
            let usual = match kind {
                MetricKind::Latency => Settings { warm_up_ms: 0, ..Settings::latency() },
                _ => Settings::errors(),
            };
            let settings = Settings { worse: worse(direction), ..usual };
            // Those of a latency are of latencies, and its events are counts of requests beyond an edge: a canary's edge
            // is compared with a baseline's that is so much lower.
            if kind == MetricKind::Latency {
                let settings = margin.map_or(settings, |margin| settings.with_shift(margin));
                floor.map_or(settings, |floor| settings.with_slack(floor))
            } else {
                let settings = margin.map_or(settings, |margin| settings.with_margin(margin));
                floor.map_or(settings, |floor| settings.with_floor(floor))
            }
        });
    Gate::new(Levels::default(), settings.collect())
}

fn worse(direction: Direction) -> Worse {
    match direction {
        Direction::LowerIsBetter => Worse::More,
        Direction::HigherIsBetter => Worse::Fewer,
        Direction::TwoSided => Worse::Both,
    }
}

/// The ticks that are new, of canary and baseline by their ends, up to the last that both have: what comes after it may
/// still come in.
fn pairs<'a>(
    canary: &'a ArmTicks,
    baseline: &'a ArmTicks,
    known: Option<u64>,
    started: Timestamp,
) -> Vec<(Timestamp, Option<&'a Seen>, Option<&'a Seen>)> {
    let fresh = |tick: &&Seen| known.is_none_or(|known| tick.end.since(started).0 > known);
    let by_end = |arm: &'a ArmTicks| -> BTreeMap<Timestamp, &'a Seen> {
        arm.ticks.iter().filter(fresh).map(|tick| (tick.end, tick)).collect()
    };
    let (canary, baseline) = (by_end(canary), by_end(baseline));
    let Some(last) = canary.keys().rev().find(|end| baseline.contains_key(end)).copied() else {
        return Vec::new();
    };
    let ends: BTreeSet<Timestamp> =
        canary.keys().chain(baseline.keys()).copied().filter(|end| *end <= last).collect();
    ends.into_iter().map(|end| (end, canary.get(&end).copied(), baseline.get(&end).copied())).collect()
}

fn fold(state: &mut State, settings: &Settings, canary: &ArmTicks, baseline: &ArmTicks, started: Timestamp) {
    for (end, one, other) in pairs(canary, baseline, state.last_end_ms(), started) {
        // Ticks of different length show different times.
        let spans = [one, other].map(|seen| seen.map(|tick| tick.span));
        let same = spans[0].is_some() && spans[0] == spans[1];
        let span = spans.into_iter().flatten().max().unwrap_or_default();
        let end_ms = end.since(started).0;
        let tick = Tick {
            start_ms: end_ms.saturating_sub(span.0),
            end_ms,
            canary: one.filter(|_| same).map(|tick| sample(tick, canary)),
            baseline: other.filter(|_| same).map(|tick| sample(tick, baseline)),
        };
        state.fold(settings, &tick);
    }
}

fn sample<'a>(tick: &'a Seen, arm: &'a ArmTicks) -> Sample<'a> {
    Sample { requests: tick.requests, events: tick.bad, edges: &arm.edges, cumulative: &tick.buckets }
}

fn show(metric: &mut Metric, evidence: &Evidence, needed: Option<u64>) {
    let Some(comparison) = &mut metric.comparison else { return };
    let e_value = |log: f64| Some(log.exp().min(MOST)).filter(|e| e.is_finite());
    comparison.e_rollback = e_value(evidence.log_rollback);
    comparison.e_promote = e_value(evidence.log_promote);
    comparison.needed_requests = needed;
    if metric.kind == MetricKind::Ratio && metric.direction != Direction::HigherIsBetter {
        comparison.interval_low = evidence.interval.map(|(low, _)| low);
        comparison.interval_high = evidence.interval.map(|(_, high)| high);
    }
    let number = |value: f64| value.is_finite().then_some(FactValue::Number(value));
    let count = |value: u64| i64::try_from(value).ok().map(FactValue::Integer);
    let facts = [
        ("evidence-enough", Some(FactValue::Boolean(evidence.standing == Standing::Judged))),
        ("evidence-relevant", Some(FactValue::Boolean(evidence.relevant))),
        ("evidence-ticks", count(evidence.ticks)),
        ("evidence-gaps", count(evidence.gaps)),
        ("evidence-refused", count(evidence.refused)),
        ("evidence-refusal", evidence.last_refusal.map(|refusal| FactValue::Text(refusal.as_str().into()))),
        ("evidence-requests", number(evidence.canary_requests)),
        ("evidence-late", number(evidence.log_late.min(MOST.ln()).exp())),
        ("events-canary", evidence.shares.and_then(|(canary, _)| number(canary))),
        ("events-baseline", evidence.shares.and_then(|(_, baseline)| number(baseline))),
        ("events-ratio", evidence.ratio.and_then(number)),
        ("events-ratio-low", evidence.interval.and_then(|(low, _)| number(low))),
        ("events-ratio-high", evidence.interval.and_then(|(_, high)| number(high))),
        ("dispersion", number(evidence.dispersion)),
        ("edge-seconds", evidence.edge.and_then(number)),
    ];
    metric.facts.extend(
        facts.into_iter().filter_map(|(name, value)| Some(Fact { name: name.into(), value: value? })),
    );
}

#[cfg(test)]
mod tests;
