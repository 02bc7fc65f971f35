//! The decision: what is known of the checks, how much of that is healthy, and for how long it was not.
//!
//! Every check counts with its weight times its own confidence. Confidence is the known part of all weight, health the
//! healthy part of the known one. What is not known never counts for or against the canary.

use kit::limits::breach::Breaches;
use kit::say::{Look, canary_only, integer, number, wait};
use kit::types::{Fact, Health, HealthCheck, MetricState, Outcome, PolicyError, Severity, Snapshot};
use kit::units::{show_fraction, show_span};

use crate::settings::{Bounds, Settings};

/// Decides on one snapshot.
pub(crate) fn judge(snapshot: &Snapshot, settings: &Settings, memory: &[u8]) -> Result<Outcome, PolicyError> {
    canary_only(snapshot, "health")?;
    let checks = checks(snapshot, settings)?;
    let mut look = Look::default();
    // What somebody else wrote is as good as nothing remembered.
    let mut breaches = Breaches::read(memory).unwrap_or_default();
    let (mut all, mut known, mut healthy) = (0.0, 0.0, 0.0);
    for check in &checks {
        let weight = settings.weight(&check.name);
        let sure =
            if check.state == Health::Unknown { 0.0 } else { weight * check.confidence.clamp(0.0, 1.0) };
        let is_optional = settings.optional.contains(&check.name);
        all += if is_optional { sure } else { weight };
        known += sure;
        healthy += if check.state == Health::Healthy { sure } else { 0.0 };
        tell(&mut look, check, is_optional);
    }
    for name in &settings.critical {
        let breach = format!("check/{name}").replace(char::is_whitespace, "_");
        match checks.iter().find(|check| check.name == *name) {
            Some(check)
                if check.state == Health::Unhealthy && check.confidence >= settings.min_confidence =>
            {
                unhealthy(
                    &mut look,
                    &mut breaches,
                    &breach,
                    snapshot,
                    settings,
                    &format!("{name}, which is critical,"),
                    Vec::new(),
                );
            }
            Some(check) if check.state == Health::Healthy => breaches.ended(&breach),
            _ => breaches.unknown(&breach),
        }
    }
    let confidence = if all > 0.0 { known / all } else { 0.0 };
    let health = if known > 0.0 { healthy / known } else { 0.0 };
    let facts = vec![
        number("health", health),
        number("confidence", confidence),
        number("checks", checks.len() as f64),
    ];
    let shown = format!("{} healthy, known to {}", show_fraction(health, 2), show_fraction(confidence, 2));
    if confidence < settings.min_confidence || known <= 0.0 {
        breaches.unknown("health");
        look.hold(None);
        let needed = show_fraction(settings.min_confidence, 2);
        look.tell(Severity::Warning, format!("the canary is {shown}: {needed} must be known"), None, facts);
    } else if health < settings.rollback_below {
        let subject = format!("the canary, {shown}, below {}", show_fraction(settings.rollback_below, 2));
        unhealthy(&mut look, &mut breaches, "health", snapshot, settings, &subject, facts);
    } else {
        breaches.ended("health");
        if health < settings.advance_at {
            look.hold(None);
            let needed = show_fraction(settings.advance_at, 2);
            look.tell(
                Severity::Warning,
                format!("the canary is {shown}: {needed} is needed to go on"),
                None,
                facts,
            );
        } else {
            look.tell(Severity::Info, format!("the canary is {shown}"), None, facts);
        }
    }
    breaches.keep_only(|key| {
        let critical = key.strip_prefix("check/");
        critical.is_none_or(|name| {
            settings.critical.iter().any(|known| known.replace(char::is_whitespace, "_") == name)
        })
    });
    Ok(look.conclude(breaches.write()))
}

fn unhealthy(
    look: &mut Look,
    breaches: &mut Breaches,
    key: &str,
    snapshot: &Snapshot,
    settings: &Settings,
    subject: &str,
    mut facts: Vec<Fact>,
) {
    let breach = breaches.seen(key, snapshot.context.now_ms);
    let left = settings.unhealthy_ms.saturating_sub(breach.lasted_ms);
    facts.push(integer("lasted-ms", breach.lasted_ms));
    let lasted = match (settings.unhealthy_ms, left) {
        (0, _) => String::new(),
        (_, 0) => format!(" for {}", show_span(breach.lasted_ms)),
        (needed, _) => format!(" for {} of {}", show_span(breach.lasted_ms), show_span(needed)),
    };
    if left == 0 {
        look.rolls_back = true;
    } else {
        look.hold(wait(left));
    }
    look.tell(Severity::Critical, format!("{subject} is unhealthy{lasted}"), None, facts);
}

fn tell(look: &mut Look, check: &HealthCheck, is_optional: bool) {
    let (severity, state) = match check.state {
        Health::Healthy => return,
        Health::Unhealthy => (Severity::Warning, "unhealthy"),
        Health::Unknown if is_optional => (Severity::Info, "not known"),
        Health::Unknown => (Severity::Warning, "not known"),
    };
    let why = if check.message.is_empty() { String::new() } else { format!(": {}", check.message) };
    look.tell(
        severity,
        format!("{} is {state}{why}", check.name),
        None,
        vec![number("confidence", check.confidence)],
    );
}

/// The host's checks, the metrics that are checks, and the named ones that are missing as unknown ones.
fn checks(snapshot: &Snapshot, settings: &Settings) -> Result<Vec<HealthCheck>, PolicyError> {
    let mut checks = snapshot.health.clone();
    for bounds in &settings.metrics {
        checks.push(of_metric(snapshot, bounds)?);
    }
    if checks.is_empty() {
        let text = "there is no health check: configure one, or list metrics in `metrics`";
        return Err(PolicyError::InsufficientData(text.into()));
    }
    for name in &settings.critical {
        if checks.iter().all(|check| check.name != *name) {
            checks.push(unknown(name, "there is no such check"));
        }
    }
    Ok(checks)
}

fn unknown(name: &str, message: &str) -> HealthCheck {
    HealthCheck { name: name.into(), state: Health::Unknown, confidence: 0.0, message: message.into() }
}

fn of_metric(snapshot: &Snapshot, bounds: &Bounds) -> Result<HealthCheck, PolicyError> {
    let name = &bounds.metric;
    let Some(metric) = snapshot.metrics.iter().find(|metric| metric.name == *name) else {
        return Err(PolicyError::BadSettings(format!(
            "there is no metric \"{name}\": add it to the canary's metrics"
        )));
    };
    let value = match (&metric.state, metric.canary.value) {
        (MetricState::WarmingUp, _) => return Ok(unknown(name, "it is warming up")),
        (_, Some(value)) => value,
        (MetricState::NoData(absence), None) => {
            return Ok(unknown(name, &format!("no data ({}): {}", absence.code, absence.message)));
        }
        (MetricState::Ok, None) => return Ok(unknown(name, "it has no value")),
    };
    let low = bounds.at_least.is_some_and(|bound| value < bound);
    let high = bounds.at_most.is_some_and(|bound| value > bound);
    let message = match (low, high) {
        (true, _) => "its value is below its bound",
        (_, true) => "its value is above its bound",
        _ => "",
    };
    let state = if low || high { Health::Unhealthy } else { Health::Healthy };
    Ok(HealthCheck { name: name.clone(), state, confidence: 1.0, message: message.into() })
}
