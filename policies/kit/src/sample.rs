//! Builds snapshots and prints outcomes, for the tests of policies.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "tests alone"
)]

use crate::limits::breach::Breaches;
use crate::types::{
    Absence, Arm, ArmName, Context, Direction, Fact, FactValue, Metric, MetricKind, MetricState, Outcome,
    PolicyError, Position, Severity, Snapshot, Stage, Verdict,
};

/// One minute.
pub const MINUTE: u64 = 60_000;

/// When the first look takes place.
pub const START: u64 = 1_700_000_000_000;

/// A look of a canary with `weight` percent of the traffic.
#[must_use]
pub fn snapshot(weight: u8, metrics: Vec<Metric>) -> Snapshot {
    Snapshot {
        context: Context {
            service: "web".into(),
            environment: None,
            run_id: "1".into(),
            baseline_revision: None,
            canary_revision: None,
            commit: None,
            actor: None,
            event: None,
            labels: Vec::new(),
            now_ms: START,
            utc_offset_seconds: 0,
        },
        position: Position {
            stage: Stage::Canary,
            step: 0,
            steps: 3,
            weight,
            elapsed_ms: MINUTE,
            step_elapsed_ms: MINUTE,
            step_duration_ms: MINUTE,
            min_bake_ms: 0,
            deadline_ms: START + 60 * MINUTE,
            looks: 0,
        },
        metrics,
        health: Vec::new(),
        schema: None,
        history: Vec::new(),
        budget: None,
        facts: Vec::new(),
    }
}

/// An arm of a minute in which nothing was counted.
#[must_use]
pub fn arm() -> Arm {
    Arm {
        requests: 0,
        bad: 0,
        value: None,
        series: Vec::new(),
        missing: 0,
        observed_ms: MINUTE,
        bucket_edges: Vec::new(),
        bucket_counts: Vec::new(),
    }
}

/// A metric with evidence, of which lower is better.
#[must_use]
pub fn metric(name: &str, kind: MetricKind, baseline: Arm, canary: Arm) -> Metric {
    Metric {
        name: name.into(),
        kind,
        unit: "1".into(),
        direction: Direction::LowerIsBetter,
        margin: None,
        floor: None,
        baseline,
        canary,
        comparison: None,
        state: MetricState::Ok,
        facts: Vec::new(),
    }
}

/// `bad` of `requests` failed on the canary in a minute; the baseline is clean.
#[must_use]
pub fn errors(requests: u64, bad: u64) -> Metric {
    let canary = Arm { requests, bad, ..arm() };
    metric("errors", MetricKind::Ratio, Arm { requests: 9 * requests, ..arm() }, canary)
}

/// Latencies of both arms, as cumulative counts at or below each edge, the last of them for all.
#[must_use]
pub fn latencies(edges: &[f64], baseline: &[u64], canary: &[u64]) -> Metric {
    let side = |counts: &[u64]| Arm {
        requests: counts.last().copied().unwrap_or(0),
        bucket_edges: edges.to_vec(),
        bucket_counts: counts.to_vec(),
        ..arm()
    };
    metric("latency", MetricKind::Latency, side(baseline), side(canary))
}

/// 1000 requests on the canary of which `percent` of a hundred answer within `seconds`, and the rest within
/// twice of that; the baseline answers all of them within a quarter of it.
#[must_use]
pub fn percentile_at(percent: u64, seconds: f64, above: u64) -> Metric {
    latencies(
        &[seconds / 4.0, seconds, 2.0 * seconds],
        &[1000, 1000, 1000, 1000],
        &[0, 10 * percent - above, 1000, 1000],
    )
}

/// A level, the same on both arms.
#[must_use]
pub fn gauge(name: &str, value: f64) -> Metric {
    let side = || Arm { value: Some(value), ..arm() };
    metric(name, MetricKind::Gauge, side(), side())
}

/// Requests in a minute, by arm.
#[must_use]
pub fn rate(baseline: u64, canary: u64) -> Metric {
    let side = |requests| Arm { requests, ..arm() };
    metric("requests", MetricKind::Rate, side(baseline), side(canary))
}

/// The metric without evidence.
#[must_use]
pub fn absent(metric: Metric, arm: Option<ArmName>, code: &str) -> Metric {
    let absence = Absence { arm, code: code.into(), message: "the query matched nothing".into() };
    Metric { state: MetricState::NoData(absence), ..metric }
}

/// The first look's outcome.
pub fn judged(settings: &str, weight: u8, metrics: Vec<Metric>) -> Result<Outcome, PolicyError> {
    let settings = crate::limits::settings::read(settings).expect("settings");
    crate::limits::judge::judge(&snapshot(weight, metrics), &settings, Breaches::default())
}

/// The first look's verdict, in words.
#[must_use]
pub fn verdict(settings: &str, weight: u8, metrics: Vec<Metric>) -> String {
    verdict_text(judged(settings, weight, metrics).expect("an outcome").verdict)
}

/// The first look's outcome or refusal, in words: verdict, then a line for each reason.
#[must_use]
pub fn told(settings: &str, weight: u8, metrics: Vec<Metric>) -> String {
    match judged(settings, weight, metrics) {
        Ok(outcome) => outcome_text(&outcome),
        Err(PolicyError::BadSettings(text)) => format!("bad settings: {text}"),
        Err(other) => format!("{other:?}"),
    }
}

/// Verdict, then a line for each reason.
#[must_use]
pub fn outcome_text(outcome: &Outcome) -> String {
    let mut lines = vec![verdict_text(outcome.verdict)];
    for reason in &outcome.reasons {
        let severity = match reason.severity {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Critical => "critical",
        };
        let evidence: Vec<_> = reason.evidence.iter().map(fact_text).collect();
        let metric = reason.metric.as_deref().unwrap_or("-");
        lines.push(format!("{severity} [{metric}] {} {{{}}}", reason.text, evidence.join(", ")));
    }
    lines.join("\n")
}

fn fact_text(fact: &Fact) -> String {
    match &fact.value {
        FactValue::Boolean(value) => format!("{}: {value}", fact.name),
        FactValue::Integer(value) => format!("{}: {value}", fact.name),
        FactValue::Number(value) => format!("{}: {value:?}", fact.name),
        FactValue::Text(value) => format!("{}: {value}", fact.name),
    }
}

/// The verdict, in words.
#[must_use]
pub fn verdict_text(verdict: Verdict) -> String {
    match verdict {
        Verdict::Advance(None) => "advance".into(),
        Verdict::Advance(Some(weight)) => format!("advance to {weight} %"),
        Verdict::Promote => "promote".into(),
        Verdict::Hold(None) => "hold".into(),
        Verdict::Hold(Some(seconds)) => format!("hold for {seconds} s"),
        Verdict::Rollback => "rollback".into(),
    }
}
