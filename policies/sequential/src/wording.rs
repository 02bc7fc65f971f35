//! The sentences in which evidence is told: what was seen, how sure that is, what would decide it, and how long until.

use crate::bindings::rollgate::policy::types::{Fact, FactValue, Metric, MetricKind, Reason, Severity};
use crate::judge::{Judged, number};
use crate::settings::Settings;
use crate::units::{show_fraction, show_number, show_seconds, show_span};

/// Where a metric stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is shown worse.
    Worse,
    /// It is shown safe.
    Safe,
    /// Neither.
    Open,
    /// There are too few requests to say.
    TooFew,
}

/// What a metric shows.
pub(crate) fn reason(
    one: &Judged<'_>,
    standing: Standing,
    severity: Severity,
    settings: &Settings,
) -> Reason {
    let seen = seen(one);
    let (against, safe) = (odds(one.against), odds(one.safe));
    let (enough_against, enough_safe) = (odds(one.enough_against), odds(1.0 / settings.beta));
    let text = match standing {
        Standing::Worse => format!(
            "{seen}; evidence of {against} that this is more than the margin allows, where {enough_against} suffices: chance alone does so in less than one of {} rollouts",
            odds(1.0 / settings.alpha)
        ),
        Standing::Safe => {
            format!("{seen}; evidence of {safe} that it is safe, where {enough_safe} suffices")
        }
        Standing::Open => format!(
            "{seen}; not decided: evidence of {against} for a rollback, where {enough_against} suffices, and of {safe} for a promotion, where {enough_safe} does{}",
            rest(one)
        ),
        Standing::TooFew => format!("{seen}; too few requests to say"),
    };
    let facts = [
        ("e-rollback", Some(one.against)),
        ("e-rollback-needed", Some(one.enough_against)),
        ("e-promote", Some(one.safe)),
        ("e-promote-needed", Some(1.0 / settings.beta)),
        ("ratio", number(one.metric, "events-ratio")),
        ("dispersion", number(one.metric, "dispersion")),
    ];
    let fact = |(name, value): (&str, Option<f64>)| {
        Some(Fact { name: name.into(), value: FactValue::Number(value.filter(|value| value.is_finite())?) })
    };
    let evidence = facts.into_iter().filter_map(fact).collect();
    Reason { severity, text, metric: Some(one.metric.name.clone()), evidence }
}

/// The canary is safe, but too young.
pub(crate) fn baking(left_ms: u64) -> Reason {
    let text = format!("the canary is shown safe; it bakes for {} more", show_span(left_ms));
    Reason { severity: Severity::Info, text, metric: None, evidence: Vec::new() }
}

/// Seconds until what is needed has come, at the canary's rate of requests in this window.
pub(crate) fn seconds_needed(one: &Judged<'_>) -> Option<u32> {
    let needed = one.comparison.needed_requests? as f64;
    let canary = &one.metric.canary;
    if canary.requests == 0 || canary.observed_ms == 0 {
        return None;
    }
    let seconds = (needed * (canary.observed_ms as f64 / 1000.0) / canary.requests as f64).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a day")]
    let seconds = (0.0..=86_400.0).contains(&seconds).then_some(seconds as u32);
    seconds
}

/// The canary is safe, but has served too little.
pub(crate) fn serving(served: f64, of: u64) -> Reason {
    let text = format!(
        "the canary is shown safe; it has served {} of the {of} requests that a promotion takes",
        show_number(served.floor(), 0)
    );
    Reason { severity: Severity::Info, text, metric: None, evidence: Vec::new() }
}

/// The canary has cost more than it may.
pub(crate) fn burnt(one: &Judged<'_>, burnt: f64, most: f64) -> Reason {
    let text = format!(
        "{}: this canary has burnt {} of the period's error budget, of which it may burn {}",
        one.metric.name,
        show_fraction(burnt, 2),
        show_fraction(most, 2)
    );
    let fact = Fact { name: "budget-burnt".into(), value: FactValue::Number(burnt) };
    Reason { severity: Severity::Critical, text, metric: Some(one.metric.name.clone()), evidence: vec![fact] }
}

/// The canary gets another share of the traffic than it is meant to get.
pub(crate) fn astray(seen: f64, meant: f64) -> Reason {
    let text = format!(
        "the canary gets {} of the requests instead of {}: a promotion waits until the split is right",
        show_fraction(seen, 1),
        show_fraction(meant, 1)
    );
    Reason { severity: Severity::Warning, text, metric: None, evidence: Vec::new() }
}

/// The canary is safe so far, but not of late.
pub(crate) fn turned(one: &Judged<'_>) -> Reason {
    let text = format!(
        "{} has turned worse of late, by odds of {}: a promotion waits until that is settled",
        one.metric.name,
        odds(one.late)
    );
    Reason { severity: Severity::Warning, text, metric: Some(one.metric.name.clone()), evidence: Vec::new() }
}

fn rest(one: &Judged<'_>) -> String {
    match (one.comparison.needed_requests, seconds_needed(one)) {
        (Some(requests), Some(seconds)) if requests > 0 => format!(
            "; about {requests} more canary requests ({}) will tell if it goes on like this",
            show_span(u64::from(seconds) * 1000)
        ),
        _ => String::new(),
    }
}

fn seen(one: &Judged<'_>) -> String {
    let metric = one.metric;
    if let (Some(canary), Some(baseline)) = (number(metric, "level-canary"), number(metric, "level-baseline"))
    {
        return level(metric, canary, baseline);
    }
    let shares = number(metric, "events-canary").zip(number(metric, "events-baseline"));
    let Some((canary, baseline)) = shares else { return format!("{} was compared", metric.name) };
    let slower = match (metric.kind, number(metric, "edge-seconds")) {
        (MetricKind::Latency, Some(edge)) => format!(" were slower than {}", show_seconds(edge, 3)),
        _ => String::new(),
    };
    let ratio = match number(metric, "events-ratio") {
        Some(ratio) if ratio < 1000.0 => format!(", {} times as many", show_number(ratio, 2)),
        _ => String::new(),
    };
    let at = |decimals| (show_fraction(canary, decimals), show_fraction(baseline, decimals));
    let (canary, baseline) =
        (2..6).map(at).find(|(canary, baseline)| canary != baseline).unwrap_or_else(|| at(2));
    let name = &metric.name;
    format!("{name}: {canary} of the canary's requests{slower}, against {baseline} of the baseline's{ratio}")
}

/// What a level or a rate was of late.
fn level(metric: &Metric, canary: f64, baseline: f64) -> String {
    let ratio = match number(metric, "events-ratio") {
        Some(ratio) if ratio < 1000.0 => format!(", {} times as much", show_number(ratio, 2)),
        _ => String::new(),
    };
    let figure = |value: f64| {
        let size = if value < 0.0 { -value } else { value };
        let decimals = if size >= 100.0 { 0 } else { 4 };
        let sign = if value < 0.0 { "-" } else { "" };
        let space = if metric.unit.is_empty() { "" } else { " " };
        format!("{sign}{}{space}{}", show_number(size, decimals), metric.unit)
    };
    let (name, canary, baseline) = (&metric.name, figure(canary), figure(baseline));
    format!("{name}: of late {canary} in the canary, against {baseline} in the baseline{ratio}")
}

/// Evidence as odds of this to one, in as many digits as matter.
fn odds(e: f64) -> String {
    if e >= 1e6 {
        "more than 1000000".into()
    } else if e >= 10.0 {
        show_number(e.round(), 0)
    } else {
        show_number(e, 2)
    }
}
