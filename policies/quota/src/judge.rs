//! The decision: each quota is graded by itself, and the gravest grade wins.
//!
//! Between `hold-above` and `lower-above` a canary neither climbs nor falls, so that one which was lowered does not swing.

use kit::say::{Look, canary_only, number};
use kit::types::{Metric, MetricKind, MetricState, Outcome, PolicyError, Severity, Snapshot};
use kit::units::show_fraction;

use crate::settings::{Quota, Settings};

/// Decides on one snapshot.
pub(crate) fn judge(
    snapshot: &Snapshot,
    settings: &Settings,
    _memory: &[u8],
) -> Result<Outcome, PolicyError> {
    canary_only(snapshot, "quota")?;
    let mut look = Look::default();
    for quota in &settings.quotas {
        let metric = find(snapshot, quota)?;
        match used(metric) {
            Ok(value) => grade(&mut look, quota, value / quota.of, snapshot.position.weight, settings),
            Err(why) => {
                look.hold(None);
                look.tell(Severity::Warning, why, Some(&quota.metric), Vec::new());
            }
        }
    }
    Ok(look.conclude(Vec::new()))
}

fn find<'s>(snapshot: &'s Snapshot, quota: &Quota) -> Result<&'s Metric, PolicyError> {
    let name = &quota.metric;
    match snapshot.metrics.iter().find(|metric| metric.name == *name) {
        Some(metric) if metric.kind == MetricKind::Gauge => Ok(metric),
        Some(_) => {
            Err(PolicyError::BadSettings(format!("the metric \"{name}\" is no gauge: name another one")))
        }
        None => Err(PolicyError::BadSettings(format!(
            "there is no metric \"{name}\": add it to the canary's metrics"
        ))),
    }
}

/// The higher of both arms: a quota is usually one for both.
fn used(metric: &Metric) -> Result<f64, String> {
    let known = [metric.baseline.value, metric.canary.value].into_iter().flatten();
    let name = &metric.name;
    match (known.reduce(f64::max), &metric.state) {
        (_, MetricState::WarmingUp) => Err(format!("{name} is warming up")),
        (Some(value), _) => Ok(value),
        (None, MetricState::NoData(absence)) => {
            Err(format!("{name} has no data ({}): {}", absence.code, absence.message))
        }
        (None, MetricState::Ok) => Err(format!("{name} has no value")),
    }
}

fn grade(look: &mut Look, quota: &Quota, share: f64, weight: u8, settings: &Settings) {
    let name = &quota.metric;
    let above = |limit: Option<f64>| limit.filter(|limit| share > *limit);
    let shown = show_fraction(share.max(0.0), 2);
    let mut tell = |severity, limit: f64, then: &str| {
        let text = format!("{name} is used to {shown}, above {}: {then}", show_fraction(limit, 2));
        look.tell(severity, text, Some(name), vec![number("used", share), number("limit", limit)]);
    };
    if let Some(limit) = above(quota.rollback) {
        tell(Severity::Critical, limit, "the canary is rolled back");
        look.rolls_back = true;
    } else if let Some(limit) = above(quota.lower) {
        // The host goes to the highest step that is not above this weight.
        let to = settings.lower_to.unwrap_or_else(|| weight.saturating_sub(1));
        if to < weight {
            tell(Severity::Warning, limit, "the canary is lowered");
            look.lower_to = Some(look.lower_to.map_or(to, |other| other.min(to)));
        } else {
            tell(Severity::Warning, limit, "the canary gets no more traffic");
            look.hold(None);
        }
    } else if let Some(limit) = above(quota.hold) {
        tell(Severity::Warning, limit, "the canary gets no more traffic");
        look.hold(None);
    } else {
        let text = format!("{name} is used to {shown}");
        look.tell(Severity::Info, text, Some(name), vec![number("used", share)]);
    }
}
