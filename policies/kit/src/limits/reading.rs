//! From a snapshot's metric to the one value that a limit is held against, or to the name of what is missing.
//!
//! Nothing here compares with a limit. Absence stays absence: it never becomes a zero.

use super::quantile::{self, NoQuantile, Quantile};
use super::settings::{Limit, Subject};
use crate::bindings::rollgate::policy::types::{
    Arm, ArmName, Metric, MetricKind, MetricState, PolicyError, Severity, Snapshot,
};
use crate::units;

/// A value, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// This one.
    At(f64),
    /// A latency above the last bucket edge, in seconds.
    Beyond(f64),
}

/// What is held against a limit.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// The canary's value.
    pub value: Value,
    /// The canary's events that it rests on.
    pub requests: u64,
    /// Further numbers, by name.
    pub numbers: Vec<(&'static str, f64)>,
}

/// Why nothing can be held against a limit.
#[derive(Debug, PartialEq)]
pub enum Missing {
    /// There is no evidence yet, or none at all: hold.
    Absent {
        /// How grave that is.
        severity: Severity,
        /// The state, in words that follow the metric's name.
        text: String,
        /// Seconds until there may be enough.
        wait: Option<u32>,
    },
    /// The question makes no sense at this weight.
    NotAsked(String),
}

impl Missing {
    fn broken(text: impl Into<String>) -> Self {
        Self::Absent { severity: Severity::Warning, text: text.into(), wait: None }
    }
}

/// The metric that `limit` speaks of: the named one, or the only one of the fitting kind.
pub fn choose<'s>(
    snapshot: &'s Snapshot,
    key: &str,
    subject: Subject,
    limit: &Limit,
) -> Result<&'s Metric, PolicyError> {
    let (by_default, allowed, word): (_, &[MetricKind], _) = match subject {
        Subject::ErrorRate | Subject::SuccessRate => (MetricKind::Ratio, &[MetricKind::Ratio], "ratio"),
        Subject::Percentile(_) => (MetricKind::Latency, &[MetricKind::Latency], "latency"),
        Subject::ThroughputDrop => {
            (MetricKind::Rate, &[MetricKind::Rate, MetricKind::Ratio, MetricKind::Latency], "rate")
        }
    };
    let refuse = |text: String| Err(PolicyError::BadSettings(format!("{key}: {text}")));
    if let Some(name) = &limit.metric {
        return match snapshot.metrics.iter().find(|metric| metric.name == *name) {
            Some(metric) if allowed.contains(&metric.kind) => Ok(metric),
            Some(_) => {
                refuse(format!("the metric \"{name}\" is not a {word}: name another one with `metric`"))
            }
            None => refuse(format!(
                "there is no metric \"{name}\": the canary has {}",
                names(snapshot.metrics.iter().filter(|metric| allowed.contains(&metric.kind)))
            )),
        };
    }
    let mut fitting = snapshot.metrics.iter().filter(|metric| metric.kind == by_default);
    match (fitting.next(), fitting.next()) {
        (Some(metric), None) => Ok(metric),
        (None, _) => refuse(format!(
            "there is no {word} metric: add one to the canary's metrics, or name another one with `metric`"
        )),
        (Some(_), Some(_)) => refuse(format!(
            "several metrics fit: name one with `metric`, out of {}",
            names(snapshot.metrics.iter().filter(|metric| metric.kind == by_default))
        )),
    }
}

fn names<'s>(metrics: impl Iterator<Item = &'s Metric>) -> String {
    let names: Vec<_> = metrics.map(|metric| metric.name.as_str()).collect();
    if names.is_empty() { "none that fits".into() } else { names.join(", ") }
}

/// The canary's value of `subject`.
pub fn canary(metric: &Metric, subject: Subject, weight: u8, min_requests: u64) -> Result<Seen, Missing> {
    match subject {
        Subject::ErrorRate => ratio(metric, min_requests, |requests, bad| bad as f64 / requests as f64),
        Subject::SuccessRate => {
            ratio(metric, min_requests, |requests, bad| requests.saturating_sub(bad) as f64 / requests as f64)
        }
        Subject::Percentile(percent) => {
            present(metric, false)?;
            percentile(&metric.canary, "canary", percent, min_requests)
        }
        Subject::ThroughputDrop => throughput_drop(metric, weight, min_requests),
    }
}

/// The baseline's percentile in seconds.
pub fn baseline_percentile(
    metric: &Metric,
    percent: u8,
    weight: u8,
    min_requests: u64,
) -> Result<f64, Missing> {
    if weight == 0 || weight >= 100 {
        return Err(Missing::NotAsked(format!("is not held against the baseline at a weight of {weight} %")));
    }
    present(metric, true)?;
    match percentile(&metric.baseline, "baseline", percent, min_requests)?.value {
        Value::At(seconds) => Ok(seconds),
        Value::Beyond(edge) => Err(Missing::broken(format!(
            "is above the last bucket edge of {} on the baseline, so there is nothing to compare with: give the histogram larger edges",
            units::show_seconds(edge, 3)
        ))),
    }
}

/// Fails unless the arms that count have data.
fn present(metric: &Metric, baseline_too: bool) -> Result<(), Missing> {
    match &metric.state {
        MetricState::Ok => Ok(()),
        MetricState::WarmingUp => {
            Err(Missing::Absent { severity: Severity::Info, text: "is warming up".into(), wait: None })
        }
        MetricState::NoData(absence) if absence.arm == Some(ArmName::Baseline) && !baseline_too => Ok(()),
        MetricState::NoData(absence) => {
            let arm = match absence.arm {
                Some(ArmName::Baseline) => " on the baseline",
                Some(ArmName::Canary) => " on the canary",
                None => "",
            };
            Err(Missing::broken(format!("has no data{arm} ({}): {}", absence.code, absence.message)))
        }
    }
}

/// Fails unless an arm has enough events.
fn enough(requests: u64, observed_ms: u64, min_requests: u64, arm: &str) -> Result<(), Missing> {
    if requests > 0 && requests >= min_requests {
        return Ok(());
    }
    let needed = min_requests.max(1);
    let wait = (needed - requests) as f64 * observed_ms as f64 / 1000.0 / requests as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "finite, between 0 and u32::MAX"
    )]
    let wait =
        (wait.is_finite() && wait < f64::from(u32::MAX)).then(|| wait.ceil() as u32).filter(|wait| *wait > 0);
    let text = format!("has too few requests on the {arm}: {requests} of the {needed} needed");
    Err(Missing::Absent { severity: Severity::Info, text, wait })
}

fn ratio(metric: &Metric, min_requests: u64, value: fn(u64, u64) -> f64) -> Result<Seen, Missing> {
    present(metric, false)?;
    let arm = &metric.canary;
    enough(arm.requests, arm.observed_ms, min_requests, "canary")?;
    Ok(Seen {
        value: Value::At(value(arm.requests, arm.bad)),
        requests: arm.requests,
        numbers: vec![("bad", arm.bad as f64)],
    })
}

fn percentile(arm: &Arm, name: &str, percent: u8, min_requests: u64) -> Result<Seen, Missing> {
    let requests = arm.bucket_counts.last().copied().unwrap_or(0);
    enough(requests, arm.observed_ms, min_requests, name)?;
    let value = match quantile::quantile(percent, &arm.bucket_edges, &arm.bucket_counts) {
        Ok(Quantile::At(seconds)) => Value::At(seconds),
        Ok(Quantile::Beyond(edge)) => Value::Beyond(edge),
        Err(NoQuantile::Empty) => return Err(Missing::broken(format!("has no requests on the {name}"))),
        Err(NoQuantile::NoEdges) => {
            return Err(Missing::broken(format!("has no finite bucket edge on the {name}")));
        }
        Err(NoQuantile::Malformed) => {
            return Err(Missing::broken(format!("has buckets on the {name} that do not ascend")));
        }
    };
    Ok(Seen { value, requests, numbers: Vec::new() })
}

/// 1 - canary rate / (baseline rate * w / (100 - w)): how far the canary stays behind what its share of
/// the traffic, `weight` percent, lets expect.
fn throughput_drop(metric: &Metric, weight: u8, min_requests: u64) -> Result<Seen, Missing> {
    if weight == 0 || weight >= 100 {
        return Err(Missing::NotAsked(format!("is not judged for throughput at a weight of {weight} %")));
    }
    present(metric, true)?;
    let (canary, baseline) = (&metric.canary, &metric.baseline);
    if canary.observed_ms == 0 || baseline.observed_ms == 0 {
        return Err(Missing::broken("has no observed time"));
    }
    enough(baseline.requests, baseline.observed_ms, min_requests, "baseline")?;
    // Whole numbers until the one division, so that a drop exactly at its limit is exactly that.
    let seen = canary.requests as f64 * baseline.observed_ms as f64 * f64::from(100 - weight);
    let due = baseline.requests as f64 * canary.observed_ms as f64 * f64::from(weight);
    let expected = due / (baseline.observed_ms as f64 * f64::from(100 - weight));
    // What counts is how many the canary should have got: one that gets too few is what is looked for.
    if expected < min_requests as f64 {
        let wait = (min_requests as f64 - expected) * canary.observed_ms as f64 / 1000.0 / expected;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded by the filter")]
        let wait = (wait < f64::from(u32::MAX)).then(|| wait.ceil() as u32);
        let text = format!(
            "lets expect too few requests on the canary: {} of the {min_requests} needed",
            units::show_number(expected, 0)
        );
        return Err(Missing::Absent { severity: Severity::Info, text, wait });
    }
    Ok(Seen {
        value: Value::At(((due - seen) / due).max(0.0)),
        requests: canary.requests,
        numbers: vec![("expected-requests", expected)],
    })
}
