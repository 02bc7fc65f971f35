//! The decision. Rollback: the weighted mean of the metrics' evidence against the canary reaches 1/alpha. Safe: every
//! metric has 1/beta of evidence for it, and together they say nothing against it. Everything else is not decided.

use crate::bindings::rollgate::policy::types::{
    Comparison, FactValue, Metric, MetricKind, MetricState, Outcome, PolicyError, Reason, Severity, Snapshot,
    Stage, Verdict,
};
use crate::settings::{ErrorBudget, Settings};
use crate::wording::{self, Standing};

/// Part of a ratio in alpha, relative to the others: that of the host's statistics.
const RATIO: f64 = 0.75;

/// Part of a latency, a level or a rate.
const LATENCY: f64 = 0.25;

/// Evidence against the canary above which it is not called safe, whatever speaks for it.
const SUSPICION: f64 = 1.0;

/// The same of the latest ticks alone: some always look bad, so it takes more.
const SUSPICION_LATE: f64 = 5.0;

/// One metric, as far as it can be judged.
pub(crate) struct Judged<'a> {
    pub(crate) metric: &'a Metric,
    pub(crate) comparison: &'a Comparison,
    /// Evidence against the canary and for it.
    pub(crate) against: f64,
    pub(crate) safe: f64,
    /// Odds at which the latest ticks alone speak against the canary.
    pub(crate) late: f64,
    /// Canary requests that were judged.
    served: f64,
    /// Evidence at which this metric alone rolls back.
    pub(crate) enough_against: f64,
    weight: f64,
    /// Whether there are enough requests, and the difference matters.
    enough: bool,
    relevant: bool,
}

/// Decides on one snapshot.
pub(crate) fn judge(snapshot: &Snapshot, settings: &Settings) -> Result<Outcome, PolicyError> {
    if snapshot.position.stage != Stage::Canary {
        return Err(PolicyError::Other(
            "sequential judges canaries, not pull requests: use another policy here".into(),
        ));
    }
    let metrics = chosen(snapshot, settings)?;
    let part = |metric: &Metric| if metric.kind == MetricKind::Ratio { RATIO } else { LATENCY };
    let all: f64 = metrics.iter().map(|metric| part(metric)).sum();
    let mut reasons = Vec::new();
    let mut judged = Vec::new();
    // What is not known has an e-value of 1: it neither adds to the evidence nor takes from it.
    let mut against = 0.0;
    for metric in &metrics {
        let weight = part(metric) / all;
        match read(metric, weight, settings, snapshot.position.weight) {
            Ok(one) => {
                against += weight * one.against;
                judged.push(one);
            }
            Err(reason) => {
                against += weight;
                reasons.push(reason);
            }
        }
    }
    let missing = metrics.len() - judged.len();
    if judged.is_empty() && snapshot.position.weight == 100 && missing == reasons.len() {
        // Nothing is left to compare with; what was to be shown was shown before.
        return Ok(outcome(Verdict::Advance(None), reasons));
    }
    let worst = judged
        .iter()
        .filter(|one| one.enough && one.relevant)
        .max_by(|one, other| (one.weight * one.against).total_cmp(&(other.weight * other.against)));
    if let Some(worst) = worst
        && against >= 1.0 / settings.alpha
    {
        let mut told = vec![wording::reason(worst, Standing::Worse, Severity::Critical, settings)];
        told.extend(
            judged
                .iter()
                .filter(|one| one.metric.name != worst.metric.name)
                .map(|one| wording::reason(one, standing(one, settings), Severity::Info, settings)),
        );
        told.extend(reasons);
        return Ok(outcome(Verdict::Rollback, told));
    }
    if let Some(burnt) = settings.error_budget.and_then(|budget| burnt(&judged, budget)) {
        let mut told = vec![burnt];
        told.extend(
            judged.iter().map(|one| wording::reason(one, standing(one, settings), Severity::Info, settings)),
        );
        told.extend(reasons);
        return Ok(outcome(Verdict::Rollback, told));
    }
    let open = judged.iter().any(|one| standing(one, settings) != Standing::Safe);
    let astray = split(snapshot, settings);
    let turned = judged.iter().find(|one| one.late > SUSPICION_LATE);
    let suspected = against > SUSPICION || turned.is_some() || astray.is_some();
    let wait = judged
        .iter()
        .filter(|one| standing(one, settings) == Standing::Open)
        .map(|one| wording::seconds_needed(one))
        .try_fold(0_u32, |most, one| one.map(|one| most.max(one)));
    reasons.splice(
        0..0,
        judged.iter().map(|one| wording::reason(one, standing(one, settings), Severity::Info, settings)),
    );
    let served = judged.iter().map(|one| one.served).fold(0.0, f64::max);
    let baking = settings.min_bake_ms.saturating_sub(snapshot.position.elapsed_ms);
    let verdict = if missing > 0 || judged.iter().any(|one| !one.enough) {
        Verdict::Hold(None)
    } else if open || suspected {
        reasons.extend(astray);
        if let Some(turned) = turned {
            reasons.push(wording::turned(turned));
        }
        if settings.advances_undecided && !suspected {
            Verdict::Advance(None)
        } else {
            Verdict::Hold(wait.filter(|wait| *wait > 0))
        }
    } else if !settings.early {
        Verdict::Advance(None)
    } else if baking > 0 {
        reasons.push(wording::baking(baking));
        Verdict::Hold(u32::try_from(baking.div_ceil(1000)).ok())
    } else if served < settings.min_requests as f64 {
        reasons.push(wording::serving(served, settings.min_requests));
        Verdict::Hold(None)
    } else {
        Verdict::Promote
    };
    Ok(outcome(verdict, reasons))
}

/// Says that a canary has burnt more of the error budget than it may, by any of the ratios: what it has cost counts, and not
/// how sure it is that it will go on (The Site Reliability Workbook, 2018, chapter 5).
fn burnt(judged: &[Judged<'_>], budget: ErrorBudget) -> Option<Reason> {
    judged.iter().filter(|one| one.metric.kind == MetricKind::Ratio).find_map(|one| {
        let (canary, baseline) =
            (number(one.metric, "events-canary")?, number(one.metric, "events-baseline")?);
        let (arm, other) = (&one.metric.canary, &one.metric.baseline);
        let seconds = arm.observed_ms.max(other.observed_ms) as f64 / 1000.0;
        let of_period = (arm.requests + other.requests) as f64 / seconds * budget.period_s * budget.allowed;
        let burnt = one.served * (canary - baseline).max(0.0) / of_period;
        (burnt.is_finite() && burnt >= budget.most).then(|| wording::burnt(one, burnt, budget.most))
    })
}

/// Says that the canary does not get its share of the traffic, where that is sure: then something else than the canary
/// decides what it is sent, and what was seen may not be what it will meet.
fn split(snapshot: &Snapshot, settings: &Settings) -> Option<Reason> {
    let fact = |name: &str| match &snapshot.facts.iter().find(|fact| fact.name == name)?.value {
        FactValue::Number(number) => Some(*number),
        _ => None,
    };
    let (seen, meant) = (fact("traffic-share")?, fact("traffic-share-meant")?);
    (fact("e-traffic-split")? >= 1.0 / settings.alpha).then(|| wording::astray(seen, meant))
}

fn outcome(verdict: Verdict, reasons: Vec<Reason>) -> Outcome {
    Outcome { verdict, reasons, memory: Vec::new() }
}

fn standing(one: &Judged<'_>, settings: &Settings) -> Standing {
    if !one.enough {
        Standing::TooFew
    } else if one.safe >= 1.0 / settings.beta {
        Standing::Safe
    } else {
        Standing::Open
    }
}

/// The metrics that the settings name, or every one that the host computes evidence on: ratios and latencies, and levels and
/// rates of which the user says by how much they may be worse.
fn chosen<'s>(snapshot: &'s Snapshot, settings: &Settings) -> Result<Vec<&'s Metric>, PolicyError> {
    let fits = |metric: &&Metric| match metric.kind {
        MetricKind::Ratio | MetricKind::Latency => true,
        MetricKind::Gauge => metric.margin.is_some() || metric.floor.is_some(),
        MetricKind::Rate => metric.margin.is_some(),
    };
    let fitting: Vec<&Metric> = snapshot.metrics.iter().filter(fits).collect();
    let Some(names) = &settings.metrics else {
        return if fitting.is_empty() {
            Err(PolicyError::BadSettings(
                "there is no ratio and no histogram to judge: add one to the canary's metrics, or give a gauge or a \
                 rate a margin"
                    .into(),
            ))
        } else {
            Ok(fitting)
        };
    };
    let find = |name: &String| {
        fitting.iter().copied().find(|metric| metric.name == *name).ok_or_else(|| {
            let text = match snapshot.metrics.iter().find(|metric| metric.name == *name) {
                Some(_) => format!("\"{name}\" is judged once it has a margin: say how much worse it may be"),
                None => format!("there is no metric \"{name}\""),
            };
            PolicyError::BadSettings(text)
        })
    };
    names.iter().map(find).collect()
}

/// A metric with evidence, or what is missing in words.
fn read<'a>(metric: &'a Metric, weight: f64, settings: &Settings, traffic: u8) -> Result<Judged<'a>, Reason> {
    let missing = |severity, text: &str| {
        let text = format!("{} {text}", metric.name);
        Reason { severity, text, metric: Some(metric.name.clone()), evidence: Vec::new() }
    };
    match &metric.state {
        MetricState::WarmingUp => return Err(missing(Severity::Info, "is warming up")),
        MetricState::NoData(absence) => {
            let text = format!("has no data ({}): {}", absence.code, absence.message);
            return Err(missing(Severity::Warning, &text));
        }
        MetricState::Ok => {}
    }
    let evidence = metric.comparison.as_ref().and_then(|comparison| {
        let (against, safe) = (comparison.e_rollback?, comparison.e_promote?);
        Some((comparison, against, safe))
    });
    match evidence {
        Some((comparison, against, safe)) => Ok(Judged {
            metric,
            comparison,
            against,
            safe,
            late: number(metric, "evidence-late").unwrap_or(1.0),
            served: number(metric, "evidence-requests").unwrap_or(metric.canary.requests as f64),
            enough_against: 1.0 / (settings.alpha * weight),
            weight,
            enough: flag(metric, "evidence-enough"),
            relevant: flag(metric, "evidence-relevant"),
        }),
        None if traffic == 100 => Err(missing(Severity::Info, "has no baseline to be compared with")),
        None => Err(missing(Severity::Info, "has not been compared with the baseline yet")),
    }
}

/// A fact of the host that is true unless it says otherwise.
fn flag(metric: &Metric, name: &str) -> bool {
    let fact = metric.facts.iter().find(|fact| fact.name == name);
    !matches!(fact.map(|fact| &fact.value), Some(FactValue::Boolean(false)))
}

/// A number among the host's facts.
pub(crate) fn number(metric: &Metric, name: &str) -> Option<f64> {
    match &metric.facts.iter().find(|fact| fact.name == name)?.value {
        FactValue::Number(number) => Some(*number),
        _ => None,
    }
}
