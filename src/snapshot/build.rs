//! Evidence becomes a snapshot. Pure.
//!
//! Every number is finite or absent, counts are whole, and the same evidence gives the same snapshot.

use crate::metrics::{ArmTicks, MetricEvidence, Tick};
use crate::stats::{effect, histogram};
use crate::support::text;
use crate::support::units::{Millis, Weight};

use super::model::{
    Absence, AbsenceCode, Arm, ArmName, Comparison, Context, Fact, FactValue, HISTORY, Metric, MetricKind,
    MetricState, Past, Position, Snapshot,
};

/// The quantile that is the value of a latency.
pub const LATENCY_QUANTILE: f64 = 0.95;

/// The snapshot of one look: metrics in the order of their names, the last [`HISTORY`] of `history`.
#[must_use]
pub fn snapshot(
    context: Context,
    position: Position,
    evidence: &[MetricEvidence],
    history: &[Past],
) -> Snapshot {
    let mut metrics: Vec<Metric> =
        evidence.iter().map(|evidence| metric(evidence, position.weight)).collect();
    metrics.sort_by(|one, other| one.name.cmp(&other.name));
    Snapshot {
        context,
        position,
        metrics,
        health: Vec::new(),
        schema: None,
        history: history[history.len().saturating_sub(HISTORY)..].to_vec(),
        budget: None,
        facts: Vec::new(),
    }
}

/// One metric, while the canary is meant to get `weight` of the traffic.
#[must_use]
pub fn metric(evidence: &MetricEvidence, weight: Weight) -> Metric {
    let plan = &evidence.plan;
    let kind = plan.query.kind();
    let shown =
        |ticks: &Result<ArmTicks, Absence>| ticks.as_ref().map(|ticks| arm(ticks, kind)).unwrap_or_default();
    let (baseline, canary) = (shown(&evidence.baseline), shown(&evidence.canary));
    Metric {
        name: plan.name.clone(),
        kind,
        unit: plan.unit.clone(),
        direction: plan.direction,
        margin: plan.margin.filter(|margin| margin.is_finite()),
        floor: plan.floor.filter(|floor| floor.is_finite()),
        comparison: comparison(&canary, &baseline),
        state: state(evidence, &canary, &baseline, weight),
        baseline,
        canary,
        facts: facts(evidence),
    }
}

/// What was put right in the series of the arms, so that nobody has to guess at it.
fn facts(evidence: &MetricEvidence) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (name, arm) in [("baseline", &evidence.baseline), ("canary", &evidence.canary)] {
        let Ok(ArmTicks { noted, .. }) = arm else { continue };
        if noted.restarts > 0 {
            let value = FactValue::Integer(noted.restarts.into());
            facts.push(Fact { name: format!("restarts-{name}"), value });
        }
        if noted.no_bad_series {
            facts.push(Fact { name: format!("no-bad-series-{name}"), value: FactValue::Boolean(true) });
        }
    }
    facts
}

/// Whether the metric may be judged.
///
/// Without canary data there is none to judge. A baseline without data takes the measure from every
/// comparison, so the metric has no data either; except while the canary gets all traffic: then a silent
/// baseline is what the step asks for, and limits on the canary alone still hold.
fn state(evidence: &MetricEvidence, canary: &Arm, baseline: &Arm, weight: Weight) -> MetricState {
    if evidence.warming_up {
        return MetricState::WarmingUp;
    }
    // Data whose value overflows is as good as none.
    let judged = |arm: &Result<ArmTicks, Absence>, shown: &Arm, name| match arm {
        Err(absence) => Some(absence.clone()),
        Ok(_) if shown.value.is_none() => Some(Absence {
            arm: Some(name),
            code: AbsenceCode::NotANumber,
            message: "the value is no finite number".into(),
        }),
        Ok(_) => None,
    };
    let canary = judged(&evidence.canary, canary, ArmName::Canary);
    let baseline = judged(&evidence.baseline, baseline, ArmName::Baseline);
    match (baseline, canary) {
        (None, None) => MetricState::Ok,
        (Some(_), None) if weight == Weight::FULL => MetricState::Ok,
        (Some(_), Some(canary)) if weight == Weight::FULL => MetricState::NoData(canary),
        (Some(one), None) | (None, Some(one)) => MetricState::NoData(one),
        (Some(baseline), Some(canary)) => MetricState::NoData(both(&baseline, canary)),
    }
}

fn both(baseline: &Absence, canary: Absence) -> Absence {
    let message = if baseline.message == canary.message {
        canary.message
    } else {
        text::line(&format!("canary: {}; baseline: {}", canary.message, baseline.message), text::SHOWN)
    };
    Absence { arm: None, code: canary.code, message }
}

fn comparison(canary: &Arm, baseline: &Arm) -> Option<Comparison> {
    let (canary, baseline) = (canary.value?, baseline.value?);
    Some(Comparison {
        ratio: effect::ratio(canary, baseline),
        difference: effect::difference(canary, baseline),
        ..Comparison::default()
    })
}

fn arm(ticks: &ArmTicks, kind: MetricKind) -> Arm {
    let all = Sums::of(&ticks.ticks);
    Arm {
        requests: whole(all.requests),
        bad: whole(all.bad).min(whole(all.requests)),
        value: all.value(kind, &ticks.edges),
        series: ticks
            .ticks
            .iter()
            .filter_map(|tick| Sums::of(std::slice::from_ref(tick)).value(kind, &ticks.edges))
            .collect(),
        missing: ticks.missing,
        observed_ms: all.observed,
        bucket_edges: ticks.edges.clone(),
        bucket_counts: all.buckets.iter().copied().map(whole).collect(),
    }
}

/// Ticks added up.
#[derive(Default)]
struct Sums {
    ticks: f64,
    observed: Millis,
    requests: f64,
    bad: f64,
    level: f64,
    buckets: Vec<f64>,
}

impl Sums {
    fn of(ticks: &[Tick]) -> Self {
        let mut sums = Self::default();
        for tick in ticks {
            sums.ticks += 1.0;
            sums.observed = Millis(sums.observed.0.saturating_add(tick.span.0));
            sums.requests += tick.requests;
            sums.bad += tick.bad;
            sums.level += tick.level;
            sums.buckets.resize(sums.buckets.len().max(tick.buckets.len()), 0.0);
            for (sum, count) in sums.buckets.iter_mut().zip(&tick.buckets) {
                *sum += count;
            }
        }
        sums
    }

    /// The value by the metric's kind; none without anything counted, or where it is not finite.
    fn value(&self, kind: MetricKind, edges: &[f64]) -> Option<f64> {
        // An overflown sum would divide to something that looks like a value.
        if ![self.requests, self.bad, self.level].iter().all(|sum| sum.is_finite()) {
            return None;
        }
        let value = match kind {
            MetricKind::Ratio => (self.requests > 0.0).then(|| self.bad / self.requests)?,
            MetricKind::Latency => histogram::quantile(edges, &self.buckets, LATENCY_QUANTILE)?,
            MetricKind::Gauge => (self.ticks > 0.0).then(|| self.level / self.ticks)?,
            MetricKind::Rate => (self.observed.0 > 0).then(|| self.requests / self.observed.as_secs_f64())?,
        };
        value.is_finite().then_some(value)
    }
}

/// The nearest whole count. Counters may hold fractions; a policy sees events.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and a count is never negative"
)]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

#[cfg(test)]
mod tests;
