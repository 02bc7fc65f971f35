//! Simulated ticks as the evidence that a look is built from.

use super::tick::{Counts, Tick};
use crate::metrics::{ArmTicks, MetricEvidence, MetricPlan, Tick as Measured, window::SILENT};
use crate::snapshot::model::{Absence, AbsenceCode, ArmName, MetricKind};
use crate::support::units::{Millis, Timestamp};

/// Evidence on `plan` from the ticks that lie within `(start, end]`; `origin` is when the rollout began.
///
/// Scenarios say nothing of gauges. One that is compared stands still, at the same level in both arms; of any other there is
/// no data.
#[must_use]
pub fn evidence(
    plan: &MetricPlan,
    ticks: &[Tick],
    edges: &[f64],
    origin: Timestamp,
    (start, end): (Timestamp, Timestamp),
) -> MetricEvidence {
    let arm = |name: ArmName| {
        let found = if end <= start {
            Err((AbsenceCode::Empty, "the metric is warming up"))
        } else {
            of_arm(plan, name, ticks, edges, origin, (start, end))
        };
        found.map_err(|(code, message)| Absence { arm: Some(name), code, message: message.into() })
    };
    MetricEvidence {
        plan: plan.clone(),
        baseline: arm(ArmName::Baseline),
        canary: arm(ArmName::Canary),
        warming_up: end <= start,
    }
}

/// The instant of a tick's end.
#[must_use]
pub fn instant(origin: Timestamp, seconds: f64) -> Timestamp {
    origin.after(millis(seconds))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn millis(seconds: f64) -> Millis {
    Millis((seconds * 1000.0).round().max(0.0) as u64)
}

fn of_arm(
    plan: &MetricPlan,
    name: ArmName,
    ticks: &[Tick],
    edges: &[f64],
    origin: Timestamp,
    (start, end): (Timestamp, Timestamp),
) -> Result<ArmTicks, (AbsenceCode, &'static str)> {
    let kind = plan.query.kind();
    if kind == MetricKind::Gauge && plan.margin.is_none() && plan.floor.is_none() {
        return Err((AbsenceCode::Empty, "gauges are not simulated"));
    }
    let (mut found, mut missing, mut silent, mut requests) = (Vec::new(), 0_u32, 0_u64, 0_u64);
    for tick in ticks {
        let ends = instant(origin, tick.end);
        let span = millis(tick.seconds);
        if ends > end || ends.before(span) < start {
            continue;
        }
        let counts = match name {
            ArmName::Baseline => &tick.baseline,
            ArmName::Canary => &tick.canary,
        };
        // A line without latencies is a gap of theirs, and of nothing else.
        let told = |counts: &&Counts| kind != MetricKind::Latency || counts.cumulative.len() == edges.len();
        let Some(counts) = counts.as_ref().filter(told) else {
            missing = missing.saturating_add(1);
            silent += 1;
            continue;
        };
        silent = 0;
        requests = requests.saturating_add(counts.requests);
        found.push(measured(kind, counts, ends, span));
    }
    if found.is_empty() || silent >= SILENT {
        return Err((AbsenceCode::Empty, "the window has no usable samples"));
    }
    if requests == 0 && kind != MetricKind::Gauge {
        return Err((AbsenceCode::NoTraffic, "the counters are there, but nothing was counted"));
    }
    let edges = if kind == MetricKind::Latency { edges.to_vec() } else { Vec::new() };
    Ok(ArmTicks { ticks: found, missing, edges, ..ArmTicks::default() })
}

fn measured(kind: MetricKind, counts: &Counts, end: Timestamp, span: Millis) -> Measured {
    let buckets = match kind {
        MetricKind::Latency => {
            counts.cumulative.iter().chain([&counts.requests]).map(|count| *count as f64).collect()
        }
        _ => Vec::new(),
    };
    let bad = if kind == MetricKind::Ratio { counts.errors as f64 } else { 0.0 };
    let (requests, level) =
        if kind == MetricKind::Gauge { (0.0, 1.0) } else { (counts.requests as f64, 0.0) };
    Measured { end, span, requests, bad, level, buckets }
}
