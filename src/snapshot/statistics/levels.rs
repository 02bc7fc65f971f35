//! The statistics of metrics that count no events among requests: levels, and rates of events. They are judged where the
//! user says by how much the canary may be worse. Pure.

use std::collections::BTreeMap;

use super::super::model::{Direction, Fact, FactValue, Metric, MetricKind};
use super::{MOST, worse};
use crate::metrics::{MetricEvidence, Tick as Measured};
use crate::stats::level::{Evidence, Seen, Settings, State, Tick};
use crate::support::units::Timestamp;

/// How a metric is judged; none where it is not, or not here.
pub(in crate::snapshot) fn settings(
    kind: MetricKind,
    direction: Direction,
    margin: Option<f64>,
    floor: Option<f64>,
) -> Option<Settings> {
    match kind {
        MetricKind::Gauge => Settings::level(worse(direction), margin, floor),
        MetricKind::Rate => Settings::rate(worse(direction), margin, floor),
        MetricKind::Ratio | MetricKind::Latency => None,
    }
}

/// The canary's part of the requests of a tick, by the tick's end.
pub(super) enum Shares {
    /// As a counted metric of the same look shows it.
    Seen(BTreeMap<u64, f64>),
    /// As it is meant to be.
    Meant(f64),
    /// Nobody knows.
    Unknown,
}

impl Shares {
    /// From the first metric of the look that counts requests, else from what is meant.
    pub(super) fn of(evidence: &[MetricEvidence], meant: Option<f64>) -> Self {
        let counted = evidence
            .iter()
            .find(|one| matches!(one.plan.query.kind(), MetricKind::Ratio | MetricKind::Latency));
        let Some(counted) = counted else { return meant.map_or(Self::Unknown, Self::Meant) };
        let (Ok(baseline), Ok(canary)) = (&counted.baseline, &counted.canary) else {
            return Self::Seen(BTreeMap::new());
        };
        let of: BTreeMap<u64, f64> = baseline.ticks.iter().map(|tick| (tick.end.0, tick.requests)).collect();
        let share = |tick: &Measured| {
            let all = tick.requests + of.get(&tick.end.0)?;
            (all > 0.0).then(|| (tick.end.0, tick.requests / all))
        };
        Self::Seen(canary.ticks.iter().filter_map(share).collect())
    }

    fn at(&self, end: Timestamp) -> Option<f64> {
        match self {
            Self::Seen(shares) => shares.get(&end.0).copied(),
            Self::Meant(share) => Some(*share),
            Self::Unknown => None,
        }
    }
}

/// Takes the ticks that were not seen before.
pub(super) fn fold(
    state: &mut State,
    settings: &Settings,
    evidence: &MetricEvidence,
    shares: &Shares,
    started: Timestamp,
) {
    let (Ok(baseline), Ok(canary)) = (&evidence.baseline, &evidence.canary) else { return };
    let is_rate = evidence.plan.query.kind() == MetricKind::Rate;
    for (end, one, other) in super::pairs(canary, baseline, state.last_end_ms(), started) {
        let seen = one.zip(other).and_then(|(one, other)| {
            if !is_rate {
                return Some(Seen::Levels { canary: one.level, baseline: other.level });
            }
            let share = shares.at(one.end)?;
            let (canary, baseline, seconds) = (one.requests, other.requests, one.span.as_secs_f64());
            (one.span == other.span).then_some(Seen::Rates { canary, baseline, share, seconds })
        });
        let span = one.or(other).map_or(0, |tick| tick.span.0);
        let end_ms = end.since(started).0;
        state.fold(settings, &Tick { start_ms: end_ms.saturating_sub(span), end_ms, seen });
    }
}

/// Writes the evidence into the comparison and the facts of a metric.
pub(super) fn show(metric: &mut Metric, evidence: &Evidence) {
    let Some(comparison) = &mut metric.comparison else { return };
    let e_value = |log: f64| Some(log.exp().min(MOST)).filter(|e| e.is_finite());
    comparison.e_rollback = e_value(evidence.log_rollback);
    comparison.e_promote = e_value(evidence.log_promote);
    let number = |value: f64| value.is_finite().then_some(FactValue::Number(value));
    let count = |value: u64| i64::try_from(value).ok().map(FactValue::Integer);
    let ratio = evidence.late.and_then(|(canary, baseline)| {
        (baseline > 0.0 && canary >= 0.0).then(|| canary / baseline).and_then(number)
    });
    let facts = [
        ("evidence-enough", Some(FactValue::Boolean(evidence.enough))),
        ("evidence-relevant", Some(FactValue::Boolean(evidence.relevant))),
        ("evidence-ticks", count(evidence.ticks)),
        ("evidence-gaps", count(evidence.gaps)),
        ("evidence-refused", count(evidence.refused)),
        ("evidence-refusal", evidence.last_refusal.map(|refusal| FactValue::Text(refusal.as_str().into()))),
        // It counts none: how many requests the canary served is for others to say.
        ("evidence-requests", number(0.0)),
        ("level-canary", evidence.late.and_then(|(canary, _)| number(canary))),
        ("level-baseline", evidence.late.and_then(|(_, baseline)| number(baseline))),
        ("events-ratio", ratio),
        ("dispersion", number(evidence.inflation)),
    ];
    metric.facts.extend(
        facts.into_iter().filter_map(|(name, value)| Some(Fact { name: name.into(), value: value? })),
    );
}
