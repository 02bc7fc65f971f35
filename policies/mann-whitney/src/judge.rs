//! The verdict: metrics are classified, groups are scored, and the summary score is held against its thresholds.

use crate::bindings::rollgate::policy::types::{
    Arm, Direction as Worse, Fact, FactValue, Metric, MetricState, Outcome, PolicyError, Reason, Severity,
    Snapshot, Stage, Verdict,
};
use crate::rank::classify::{self, Class, Classified, Direction, Rule};
use crate::rank::sample::NanStrategy;
use crate::rank::score::{self, Forfeit, ScoreClass, Scored, Scores};
use crate::settings::{Own, Settings};
use crate::wording::show;

/// The group of all metrics, where the settings have none.
const ALL: &str = "metrics";

/// Decides on one snapshot.
pub(crate) fn judge(snapshot: &Snapshot, settings: &Settings) -> Result<Outcome, PolicyError> {
    if snapshot.position.stage != Stage::Canary {
        return Err(PolicyError::Other(
            "mann-whitney judges canaries, not pull requests: use another policy here".into(),
        ));
    }
    let judged = chosen(snapshot, settings)?;
    let mut reasons = Vec::new();
    let mut waits = Vec::new();
    let mut classes = Vec::new();
    for metric in judged {
        let rule = rule(metric, settings);
        match samples(metric, &rule, settings) {
            Err(why) => {
                waits.push(reason(metric, Severity::Info, format!("{} {why}", metric.name), Vec::new()));
            }
            Ok((experiment, control)) => {
                let found = classify::mann_whitney(&experiment, &control, &rule);
                let muted = settings.muted.contains(&metric.name);
                reasons.push(told(metric, &found, muted));
                classes.push(Scored {
                    class: found.class,
                    critical: found.critical,
                    muted,
                    groups: groups_of(&metric.name, settings),
                });
            }
        }
    }
    if !waits.is_empty() {
        waits.append(&mut reasons);
        return Ok(Outcome { verdict: Verdict::Hold(None), reasons: waits, memory: Vec::new() });
    }
    let weights: Vec<(String, f64)> =
        settings.groups.iter().filter_map(|group| Some((group.name.clone(), group.weight?))).collect();
    let scores = score::score(&classes, &weights);
    Ok(conclude(&classes, &scores, settings, reasons))
}

/// The metrics that are in a group, in the order of the snapshot.
fn chosen<'s>(snapshot: &'s Snapshot, settings: &Settings) -> Result<Vec<&'s Metric>, PolicyError> {
    let names = settings.groups.iter().flat_map(|group| &group.metrics);
    let lists = [&settings.critical, &settings.must_have_data, &settings.muted];
    let own = settings.metrics.iter().map(|(name, _)| name);
    for name in names.chain(lists.into_iter().flatten()).chain(own) {
        if !snapshot.metrics.iter().any(|metric| metric.name == *name) {
            let known: Vec<&str> = snapshot.metrics.iter().map(|metric| metric.name.as_str()).collect();
            let known = if known.is_empty() { "no metrics".into() } else { known.join(", ") };
            return Err(PolicyError::BadSettings(format!(
                "there is no metric \"{name}\": the canary has {known}"
            )));
        }
    }
    let metrics: Vec<&Metric> =
        snapshot.metrics.iter().filter(|metric| !groups_of(&metric.name, settings).is_empty()).collect();
    if metrics.is_empty() {
        return Err(PolicyError::BadSettings(
            "there is no metric to judge: add one to the canary's metrics".into(),
        ));
    }
    Ok(metrics)
}

fn groups_of(name: &String, settings: &Settings) -> Vec<String> {
    if settings.groups.is_empty() {
        return vec![ALL.into()];
    }
    let groups = settings.groups.iter().filter(|group| group.metrics.contains(name));
    groups.map(|group| group.name.clone()).collect()
}

fn rule(metric: &Metric, settings: &Settings) -> Rule {
    let own = settings
        .metrics
        .iter()
        .find(|(name, _)| *name == metric.name)
        .map_or_else(Own::default, |(_, own)| *own);
    let effect = own.effect.unwrap_or(settings.usual.effect);
    let (allowed, critical_limits) = own.limits(effect);
    Rule {
        direction: own.direction.unwrap_or(match metric.direction {
            Worse::LowerIsBetter => Direction::Increase,
            Worse::HigherIsBetter => Direction::Decrease,
            Worse::TwoSided => Direction::Either,
        }),
        nan: own.nan.unwrap_or(settings.usual.nan),
        outliers: own.outliers.unwrap_or(settings.usual.outliers),
        effect,
        allowed,
        critical_limits,
        critical: settings.critical.contains(&metric.name),
        must_have_data: settings.must_have_data.contains(&metric.name),
        tolerance: settings.tolerance,
        confidence: settings.confidence,
    }
}

/// The values of both arms in each tick, canary first; or why they are not judged yet.
fn samples(metric: &Metric, rule: &Rule, settings: &Settings) -> Result<(Vec<f64>, Vec<f64>), String> {
    if metric.state == MetricState::WarmingUp {
        return Err("is warming up".into());
    }
    let (canary, baseline) = (values(&metric.canary, rule), values(&metric.baseline, rule));
    let fewest = canary.len().min(baseline.len());
    // No data at all are a class of their own.
    if fewest > 0 && fewest < settings.min_samples {
        return Err(format!("has {fewest} of the {} values needed in each arm", settings.min_samples));
    }
    Ok((canary, baseline))
}

/// A tick without data is not a number, which the rule then drops or takes for zero.
fn values(arm: &Arm, rule: &Rule) -> Vec<f64> {
    let mut values = arm.series.clone();
    if rule.nan == NanStrategy::Replace {
        values.extend((0..arm.missing.min(100_000)).map(|_| f64::NAN));
    }
    values
}

fn told(metric: &Metric, found: &Classified, muted: bool) -> Reason {
    let interval = found.interval.map_or_else(String::new, |interval| {
        format!(
            ": shifted by {} against the baseline, {} to {}",
            show(interval.estimate),
            show(interval.lower),
            show(interval.upper)
        )
    });
    let word = match found.class {
        Class::Pass => "passes",
        Class::High => "is high",
        Class::Low => "is low",
        Class::Nodata => "has no data",
        Class::NodataFailMetric => "has no data, and must have some",
        Class::Error => "cannot be compared: a value is not finite, or all of them are tied",
    };
    let critical = if found.critical && found.class != Class::Pass { ", and is critical" } else { "" };
    let mute = if muted { " (muted)" } else { "" };
    let severity = match (found.class, found.critical, muted) {
        (Class::Pass, ..) | (_, _, true) => Severity::Info,
        (_, true, false) => Severity::Critical,
        _ => Severity::Warning,
    };
    let mut evidence = Vec::new();
    let mut number = |name: &str, value: f64| {
        if value.is_finite() {
            evidence.push(Fact { name: name.into(), value: FactValue::Number(value) });
        }
    };
    if let Some(interval) = found.interval {
        number("estimate", interval.estimate);
        number("lower", interval.lower);
        number("upper", interval.upper);
    }
    number("effect", found.effect.unwrap_or(f64::NAN));
    evidence
        .push(Fact { name: "classification".into(), value: FactValue::Text(found.class.as_str().into()) });
    reason(metric, severity, format!("{} {word}{interval}{critical}{mute}", metric.name), evidence)
}

fn reason(metric: &Metric, severity: Severity, text: String, evidence: Vec<Fact>) -> Reason {
    Reason { severity, text, metric: Some(metric.name.clone()), evidence }
}

fn conclude(classes: &[Scored], scores: &Scores, settings: &Settings, mut reasons: Vec<Reason>) -> Outcome {
    let unable = |metric: &Scored| matches!(metric.class, Class::Nodata | Class::Error);
    // A critical metric that was compared and is worse is evidence; one that could not be compared is not.
    let by_absence = match scores.forfeit {
        Some(Forfeit::NoData) => true,
        Some(Forfeit::Critical) => classes
            .iter()
            .filter(|metric| metric.critical && !metric.muted && metric.class != Class::Pass)
            .all(unable),
        None => classes.iter().filter(|metric| !metric.muted).all(unable),
    };
    let class = score::classify(scores.summary, settings.pass, settings.marginal);
    let (verdict, severity, text) = match class {
        _ if by_absence && !settings.no_data_fails => {
            (Verdict::Hold(None), Severity::Warning, "the score rests on missing data".to_owned())
        }
        ScoreClass::Pass => {
            (Verdict::Advance(None), Severity::Info, format!("score {} passes", show(scores.summary)))
        }
        ScoreClass::Marginal => (
            Verdict::Hold(None),
            Severity::Warning,
            format!("score {} is marginal: {} is needed to pass", show(scores.summary), show(settings.pass)),
        ),
        ScoreClass::Fail => (
            Verdict::Rollback,
            Severity::Critical,
            format!("score {} is below {}", show(scores.summary), show(settings.marginal)),
        ),
    };
    let mut evidence = vec![Fact { name: "score".into(), value: FactValue::Number(scores.summary) }];
    evidence.extend(scores.groups.iter().take(40).map(|group| Fact {
        name: format!("group {}", group.name),
        value: if group.no_data { FactValue::Text("no data".into()) } else { FactValue::Number(group.score) },
    }));
    let summary = Reason { severity, text, metric: None, evidence };
    // The gravest first; the summary before the metrics of its severity.
    reasons.insert(0, summary);
    let mut ordered = Vec::with_capacity(reasons.len());
    for severity in [Severity::Critical, Severity::Warning, Severity::Info] {
        ordered.extend(reasons.extract_if(.., |reason| reason.severity == severity));
    }
    Outcome { verdict, reasons: ordered, memory: Vec::new() }
}
