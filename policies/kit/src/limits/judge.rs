//! The decision: every limit that applies at the current weight is graded, and the gravest grade wins.
//!
//! Rollback needs a critical breach that has lasted; everything unknown holds; only a canary whose limits
//! were all judged and kept, warnings aside, advances.

use super::breach::Breaches;
use super::reading::{self, Missing, Seen, Value};
use super::settings::{Effective, Levels, Limit, Settings, Subject};
use super::wording;
use crate::bindings::rollgate::policy::types::{
    Fact, FactValue, Metric, Outcome, PolicyError, Reason, Severity, Snapshot, Stage, Verdict,
};
use crate::units::{show_fraction, show_span};

/// Decides on one snapshot.
pub fn judge(snapshot: &Snapshot, settings: &Settings, breaches: Breaches) -> Result<Outcome, PolicyError> {
    if snapshot.position.stage != Stage::Canary {
        return Err(PolicyError::Other(
            "thresholds judges canaries, not pull requests: use another policy here".into(),
        ));
    }
    let weight = snapshot.position.weight;
    let mut look = Look {
        now_ms: snapshot.context.now_ms,
        weight,
        effective: settings.at(weight),
        breaches,
        keys: Vec::new(),
        reasons: Vec::new(),
        rolls_back: false,
        holds: false,
        wait: None,
    };
    for (key, subject, limit) in look.effective.limits() {
        let metric = reading::choose(snapshot, key, subject, limit)?;
        look.absolute(metric, key, subject, limit);
        look.over_baseline(metric, key, subject, limit);
    }
    Ok(look.conclude())
}

/// What one value is held against.
struct Check<'a> {
    metric: &'a Metric,
    /// Names the limit in the memory.
    key: String,
    subject: Subject,
    levels: Levels,
    /// Follows the limit in a sentence.
    origin: String,
}

/// One look on its way to a verdict.
struct Look<'a> {
    now_ms: u64,
    weight: u8,
    effective: Effective<'a>,
    breaches: Breaches,
    keys: Vec<String>,
    reasons: Vec<Reason>,
    rolls_back: bool,
    holds: bool,
    wait: Option<u32>,
}

impl Look<'_> {
    fn absolute(&mut self, metric: &Metric, key: &str, subject: Subject, limit: &Limit) {
        if limit.absolute != Levels::default() {
            let seen = reading::canary(metric, subject, self.weight, self.effective.min_requests);
            let key = key.to_owned();
            self.grade(&Check { metric, key, subject, levels: limit.absolute, origin: String::new() }, seen);
        }
    }

    fn over_baseline(&mut self, metric: &Metric, key: &str, subject: Subject, limit: &Limit) {
        let Subject::Percentile(percent) = subject else { return };
        if limit.over_baseline == Levels::default() {
            return;
        }
        let key = format!("{key}/over-baseline");
        let (weight, enough) = (self.weight, self.effective.min_requests);
        let mut check = Check { metric, key, subject, levels: Levels::default(), origin: String::new() };
        let seen = reading::baseline_percentile(metric, percent, weight, enough).and_then(|baseline| {
            let over = |excess: Option<f64>| excess.map(|excess| baseline + baseline * excess);
            let Levels { warning, critical } = limit.over_baseline;
            check.levels = Levels { warning: over(warning), critical: over(critical) };
            check.origin = format!(" over the baseline's {}", wording::show(subject, baseline, 2));
            let mut seen = reading::canary(metric, subject, weight, enough)?;
            seen.numbers.push(("baseline", baseline));
            Ok(seen)
        });
        self.grade(&check, seen);
    }

    fn grade(&mut self, check: &Check<'_>, seen: Result<Seen, Missing>) {
        self.keys.push(check.key.clone());
        let seen = match seen {
            Ok(seen) => seen,
            Err(Missing::NotAsked(text)) => {
                let text = format!("{} {text}", check.metric.name);
                return self.tell(check, Severity::Info, text, Vec::new());
            }
            Err(Missing::Absent { severity, text, wait }) => {
                let text = format!("{} {text}", check.metric.name);
                self.hold(wait);
                self.breaches.unknown(&check.key);
                return self.tell(check, severity, text, Vec::new());
            }
        };
        let Levels { warning, critical } = check.levels;
        let exceeds =
            |limit: Option<f64>| limit.map_or(Some(false), |limit| exceeds(check.subject, seen.value, limit));
        match (exceeds(critical), exceeds(warning)) {
            (Some(true), _) => self.critical(check, &seen, critical.unwrap_or_default()),
            (None, _) => self.untold(check, &seen, critical.unwrap_or_default()),
            (_, None) => self.untold(check, &seen, warning.unwrap_or_default()),
            (Some(false), Some(true)) => {
                self.breaches.ended(&check.key);
                let limit = warning.unwrap_or_default();
                let text = sentence(check, &seen, limit, "warning limit", "");
                self.tell(check, Severity::Warning, text, numbers(&seen, limit));
            }
            (Some(false), Some(false)) => {
                self.breaches.ended(&check.key);
                let limit = warning.or(critical).unwrap_or_default();
                let text = within(check, &seen, limit);
                self.tell(check, Severity::Info, text, numbers(&seen, limit));
            }
        }
    }

    fn critical(&mut self, check: &Check<'_>, seen: &Seen, limit: f64) {
        let breach = self.breaches.seen(&check.key, self.now_ms);
        let needed = self.effective.sustained_ms;
        let left = needed.saturating_sub(breach.lasted_ms);
        let lasted = match (needed, left) {
            (0, _) => String::new(),
            (_, 0) => format!(" for {}", show_span(breach.lasted_ms)),
            _ => format!(" for {} of {}", show_span(breach.lasted_ms), show_span(needed)),
        };
        if left == 0 {
            self.rolls_back = true;
        } else {
            self.hold(u32::try_from(left.div_ceil(1000)).ok());
        }
        let text = sentence(check, seen, limit, "critical limit", &lasted);
        let mut evidence = numbers(seen, limit);
        evidence.push(integer("since-ms", breach.since_ms));
        evidence.push(integer("lasted-ms", breach.lasted_ms));
        self.tell(check, Severity::Critical, text, evidence);
    }

    /// The value is beyond the last bucket edge, and the limit too.
    fn untold(&mut self, check: &Check<'_>, seen: &Seen, limit: f64) {
        self.hold(None);
        self.breaches.unknown(&check.key);
        let (value, shown) = wording::pair(check.subject, seen.value, limit);
        let text = format!(
            "{} is {value}, the last bucket edge, so whether it is above the limit of {shown} cannot be told: give the histogram edges up to it",
            wording::subject(check.subject)
        );
        self.tell(check, Severity::Warning, text, numbers(seen, limit));
    }

    fn hold(&mut self, wait: Option<u32>) {
        self.holds = true;
        self.wait = [self.wait, wait].into_iter().flatten().min();
    }

    fn tell(&mut self, check: &Check<'_>, severity: Severity, text: String, evidence: Vec<Fact>) {
        self.reasons.push(Reason { severity, text, metric: Some(check.metric.name.clone()), evidence });
    }

    fn conclude(mut self) -> Outcome {
        let verdict = match (self.rolls_back, self.holds) {
            (true, _) => Verdict::Rollback,
            (false, true) => Verdict::Hold(self.wait),
            (false, false) => Verdict::Advance(None),
        };
        // The gravest first; within a severity in the order of the subjects.
        let mut reasons = Vec::with_capacity(self.reasons.len());
        for severity in [Severity::Critical, Severity::Warning, Severity::Info] {
            reasons.extend(self.reasons.extract_if(.., |reason| reason.severity == severity));
        }
        self.breaches.keep_only(|key| self.keys.iter().any(|set| set == key));
        Outcome { verdict, reasons, memory: self.breaches.write() }
    }
}

/// Whether `value` is beyond `limit`; none where that cannot be told. At the limit is within it.
fn exceeds(subject: Subject, value: Value, limit: f64) -> Option<bool> {
    match (value, subject) {
        (Value::At(rate), Subject::SuccessRate) => Some(rate < limit),
        (Value::At(value), _) => Some(value > limit),
        (Value::Beyond(edge), _) => (limit <= edge).then_some(true),
    }
}

fn sentence(check: &Check<'_>, seen: &Seen, limit: f64, level: &str, lasted: &str) -> String {
    let side = if check.subject == Subject::SuccessRate { "below" } else { "above" };
    let (value, shown) = wording::pair(check.subject, seen.value, limit);
    let (origin, excess) = (&check.origin, excess(seen, limit));
    let subject = wording::subject(check.subject);
    format!(
        "{subject} {value} is {side} the {level} of {shown}{excess}{origin}{lasted} ({} requests)",
        seen.requests
    )
}

fn within(check: &Check<'_>, seen: &Seen, limit: f64) -> String {
    let (value, shown) = wording::pair(check.subject, seen.value, limit);
    let (origin, excess) = (&check.origin, excess(seen, limit));
    let subject = wording::subject(check.subject);
    format!("{subject} {value} is within the limit of {shown}{excess}{origin} ({} requests)", seen.requests)
}

/// A limit that comes from the baseline, as the percentage that the user wrote.
fn excess(seen: &Seen, limit: f64) -> String {
    match seen.numbers.iter().find(|(name, _)| *name == "baseline") {
        Some((_, baseline)) if *baseline > 0.0 => format!(", {}", show_fraction(limit / baseline - 1.0, 2)),
        _ => String::new(),
    }
}

fn numbers(seen: &Seen, limit: f64) -> Vec<Fact> {
    let (name, value) = match seen.value {
        Value::At(value) => ("value", value),
        Value::Beyond(edge) => ("value-above", edge),
    };
    let mut facts = vec![number(name, value), number("limit", limit), integer("requests", seen.requests)];
    facts.extend(seen.numbers.iter().map(|(name, value)| number(name, *value)));
    facts
}

fn number(name: &str, value: f64) -> Fact {
    Fact { name: name.into(), value: FactValue::Number(value) }
}

fn integer(name: &str, value: u64) -> Fact {
    Fact { name: name.into(), value: FactValue::Integer(i64::try_from(value).unwrap_or(i64::MAX)) }
}
