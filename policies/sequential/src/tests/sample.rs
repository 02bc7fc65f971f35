//! Builds snapshots and prints outcomes.

use kit::sample;
pub(super) use kit::sample::MINUTE;

use crate::bindings::rollgate::policy::types::{
    Absence, Arm, Comparison, Fact, FactValue, Metric, MetricKind, MetricState, PolicyError, Position,
    Snapshot,
};

/// A look of a canary with `weight` percent of the traffic, some minutes after its first.
pub(super) fn snapshot(weight: u8, minutes: u64, metrics: Vec<Metric>) -> Snapshot {
    let first = sample::snapshot(weight, metrics);
    let position = Position {
        elapsed_ms: minutes * MINUTE,
        step_elapsed_ms: minutes * MINUTE,
        step_duration_ms: 15 * MINUTE,
        ..first.position
    };
    Snapshot { position, ..first }
}

/// A metric with this evidence against and for the canary: 900 of its requests were seen in a minute.
pub(super) fn metric(name: &str, kind: MetricKind, against: f64, safe: f64) -> Metric {
    let arm = |requests| Arm { requests, value: Some(0.01), ..sample::arm() };
    let number = |name: &str, value| Fact { name: name.into(), value: FactValue::Number(value) };
    let mut facts = vec![
        number("events-canary", 0.02),
        number("events-baseline", 0.01),
        number("events-ratio", 2.0),
        number("dispersion", 1.0),
        number("evidence-requests", 4500.0),
    ];
    if kind == MetricKind::Latency {
        facts.push(number("edge-seconds", 0.25));
    }
    Metric {
        comparison: Some(Comparison {
            ratio: Some(2.0),
            difference: Some(0.01),
            interval_low: None,
            interval_high: None,
            e_rollback: Some(against),
            e_promote: Some(safe),
            effect: None,
            p_value: None,
            needed_requests: Some(1350),
        }),
        facts,
        ..sample::metric(name, kind, arm(8100), arm(900))
    }
}

/// Errors with this evidence.
pub(super) fn errors(against: f64, safe: f64) -> Metric {
    metric("errors", MetricKind::Ratio, against, safe)
}

/// Latency with this evidence.
pub(super) fn latency(against: f64, safe: f64) -> Metric {
    metric("latency", MetricKind::Latency, against, safe)
}

/// The metric with a flag of the host's.
pub(super) fn flagged(mut metric: Metric, name: &str, value: bool) -> Metric {
    metric.facts.push(Fact { name: name.into(), value: FactValue::Boolean(value) });
    metric
}

/// The metric without evidence.
pub(super) fn absent(metric: Metric, code: &str) -> Metric {
    let absence = Absence { arm: None, code: code.into(), message: "the query matched nothing".into() };
    Metric { state: MetricState::NoData(absence), comparison: None, ..metric }
}

/// The outcome or refusal, in words: verdict, then a line for each reason.
pub(super) fn told(settings: &str, snapshot: &Snapshot) -> String {
    let settings = crate::settings::read(settings).expect("settings");
    match crate::judge::judge(snapshot, &settings) {
        Ok(outcome) => {
            let mut text = format!("{:?}", outcome.verdict).replace("Verdict::", "");
            for reason in &outcome.reasons {
                let severity = format!("{:?}", reason.severity).replace("Severity::", "");
                text.push_str(&["\n", &severity, ": ", &reason.text].concat());
            }
            text
        }
        Err(PolicyError::BadSettings(text)) => format!("bad settings: {text}"),
        Err(other) => format!("{other:?}"),
    }
}

/// The verdict alone.
pub(super) fn verdict(settings: &str, minutes: u64, metrics: Vec<Metric>) -> String {
    told(settings, &snapshot(10, minutes, metrics)).lines().next().unwrap().into()
}
