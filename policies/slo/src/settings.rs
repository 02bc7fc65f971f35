//! What the user wrote.

use kit::json::Value;
use kit::limits::settings::{Limit, Subject};
use kit::settings::{Reader, count, escaped};
use kit::types::SettingsProblem;

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// What a missed objective does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMiss {
    /// The report says so.
    Warn,
    /// The canary gets no more traffic.
    Hold,
    /// The canary is rolled back.
    Rollback,
}

/// One objective.
#[derive(Debug, PartialEq)]
pub(crate) struct Objective {
    /// Its key.
    pub(crate) key: &'static str,
    /// What is measured.
    pub(crate) subject: Subject,
    /// The best value that still misses it is beyond this one.
    pub(crate) target: f64,
    /// Which metric is read.
    pub(crate) limit: Limit,
    /// What happens if it is missed.
    pub(crate) on_miss: OnMiss,
    /// Whether it is left out where there are too few events: those that it is about need not occur.
    pub(crate) may_be_absent: bool,
    /// What was recorded of the baseline, and the allowed excess over it.
    pub(crate) recorded: Option<(f64, f64)>,
}

/// Levels of the burn rate.
#[derive(Debug, PartialEq)]
pub(crate) struct Burn {
    /// Share of events that may be bad.
    pub(crate) allowed: f64,
    /// Which metric is read.
    pub(crate) limit: Limit,
    /// Length of the newest part.
    pub(crate) short_ms: u64,
    /// Beyond it the report says so.
    pub(crate) warning: Option<f64>,
    /// Beyond it the canary is rolled back.
    pub(crate) critical: Option<f64>,
}

/// How much of a period's budget may be spent.
#[derive(Debug, PartialEq)]
pub(crate) struct Budget {
    /// Share beyond which the canary is rolled back.
    pub(crate) cap: f64,
    /// Share of events that may be bad.
    pub(crate) allowed: f64,
    /// Events in a period.
    pub(crate) requests: Option<u64>,
    /// Which metric is read.
    pub(crate) limit: Limit,
}

/// The settings of one rollout.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// How much must be observed.
    pub(crate) window_ms: u64,
    /// Events below which a canary is not judged.
    pub(crate) min_requests: u64,
    /// The objectives.
    pub(crate) objectives: Vec<Objective>,
    /// The burn rate.
    pub(crate) burn: Option<Burn>,
    /// The budget.
    pub(crate) budget: Option<Budget>,
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    kit::settings::read(text, settings)
}

fn settings(reader: &mut Reader, value: &Value) -> Settings {
    let mut settings = Settings { min_requests: 100, ..Settings::default() };
    for (key, value) in reader.object(value, "").unwrap_or_default() {
        let at = format!("/{}", escaped(key));
        match key.as_str() {
            "window" => settings.window_ms = reader.span(value, &at).unwrap_or_default(),
            "min-requests" => match count(value) {
                Some(requests) => settings.min_requests = requests,
                None => reader.problem(&at, "expected a number of requests, such as 100"),
            },
            "objectives" => {
                for (index, entry) in reader.list(value, &at).iter().enumerate() {
                    settings.objectives.extend(objective(reader, entry, &format!("{at}/{index}")));
                }
            }
            "burn-rate" => settings.burn = burn(reader, value, &at),
            "budget" => settings.budget = budget(reader, value, &at),
            _ => reader.unknown(&at),
        }
    }
    let is_empty = settings.objectives.is_empty() && settings.burn.is_none() && settings.budget.is_none();
    if reader.problems.is_empty() && is_empty {
        reader.problem("", "no objective is set: set at least one of objectives, burn-rate, budget");
    }
    settings
}

const SUBJECTS: [(&str, Subject); 5] = [
    ("availability", Subject::SuccessRate),
    ("error-rate", Subject::ErrorRate),
    ("p50", Subject::Percentile(50)),
    ("p95", Subject::Percentile(95)),
    ("p99", Subject::Percentile(99)),
];

fn objective(reader: &mut Reader, value: &Value, at: &str) -> Option<Objective> {
    let map = reader.object(value, at)?;
    let before = reader.problems.len();
    let (mut found, mut metric, mut on_miss) = (Vec::new(), None, OnMiss::Hold);
    let (mut recorded, mut regression, mut may_be_absent) = (None, None, false);
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "metric" => metric = reader.text(value, &at, "the name of a metric"),
            "on-miss" => match value {
                Value::String(word) if word == "warn" => on_miss = OnMiss::Warn,
                Value::String(word) if word == "hold" => on_miss = OnMiss::Hold,
                Value::String(word) if word == "rollback" => on_miss = OnMiss::Rollback,
                _ => reader.problem(&at, "expected one of warn, hold, rollback"),
            },
            "if-absent" => match value {
                Value::String(word) if word == "hold" => may_be_absent = false,
                Value::String(word) if word == "pass" => may_be_absent = true,
                _ => reader.problem(&at, "expected one of hold, pass"),
            },
            "recorded" => recorded = Some((value, at)),
            "regression" => regression = reader.excess(value, &at),
            _ => match SUBJECTS.iter().find(|(known, _)| known == key) {
                Some(&(key, subject)) => found.push((key, subject, reader.amount(value, subject, &at))),
                None => reader.unknown(&at),
            },
        }
    }
    let [(key, subject, target)] = found.as_slice() else {
        reader.problem(at, "an objective has exactly one of availability, error-rate, p50, p95, p99");
        return None;
    };
    let recorded = match (recorded, regression) {
        (Some((value, at)), Some(allowed)) => {
            reader.amount(value, *subject, &at).map(|value| (value, allowed))
        }
        (None, None) => None,
        _ => {
            reader.problem(at, "`recorded` and `regression` need each other: set both, or neither");
            None
        }
    };
    if recorded.is_some() && *subject == Subject::SuccessRate {
        reader.problem(at, "a regression of the availability is one of the error rate: set it there");
    }
    let limit = Limit { metric, ..Limit::default() };
    let target = (*target).filter(|_| reader.problems.len() == before)?;
    Some(Objective { key, subject: *subject, target, limit, on_miss, may_be_absent, recorded })
}

fn burn(reader: &mut Reader, value: &Value, at: &str) -> Option<Burn> {
    let map = reader.object(value, at)?;
    let before = reader.problems.len();
    let (mut allowed, mut metric, mut short_ms) = (None, None, 300_000);
    let (mut warning, mut critical) = (None, None);
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "objective" => allowed = below_all(reader, value, &at),
            "metric" => metric = reader.text(value, &at, "the name of a metric"),
            "short" => short_ms = reader.span(value, &at).unwrap_or_default(),
            "warning" => warning = times(reader, value, &at),
            "critical" => critical = times(reader, value, &at),
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.len() > before {
        return None;
    }
    match (warning, critical) {
        (None, None) => reader.problem(at, "no level is set: set `critical`, `warning` or both"),
        (Some(warning), Some(critical)) if warning >= critical => {
            let message = "the warning would never be seen: set it below the critical level";
            reader.problem(&format!("{at}/warning"), message);
        }
        _ => {}
    }
    let Some(allowed) = allowed else {
        reader.problem(at, "no objective is set: set `objective`, such as \"99.9%\"");
        return None;
    };
    Some(Burn { allowed, limit: Limit { metric, ..Limit::default() }, short_ms, warning, critical })
}

fn budget(reader: &mut Reader, value: &Value, at: &str) -> Option<Budget> {
    let map = reader.object(value, at)?;
    let before = reader.problems.len();
    let (mut cap, mut allowed, mut requests, mut metric) = (None, None, None, None);
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "cap" => cap = reader.excess(value, &at),
            "objective" => allowed = below_all(reader, value, &at),
            "period-requests" => {
                requests = count(value).filter(|requests| *requests > 0);
                if requests.is_none() {
                    reader.problem(&at, "expected a number of requests, such as 10000000");
                }
            }
            "metric" => metric = reader.text(value, &at, "the name of a metric"),
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.len() > before {
        return None;
    }
    let (Some(cap), Some(allowed)) = (cap, allowed) else {
        reader.problem(at, "set both `cap` and `objective`");
        return None;
    };
    Some(Budget { cap, allowed, requests, limit: Limit { metric, ..Limit::default() } })
}

/// The share of bad events that an availability leaves, which is more than none.
fn below_all(reader: &mut Reader, value: &Value, at: &str) -> Option<f64> {
    let objective = reader.excess(value, at)?;
    // The difference has the nearest double of what is written, as `99.9%` leaves 0.1 %.
    let allowed = ((1.0 - objective) * 1e12).round() / 1e12;
    if allowed > 0.0 && objective > 0.0 {
        return Some(allowed);
    }
    reader.problem(at, "expected an availability between 0 % and 100 %, such as \"99.9%\"");
    None
}

fn times(reader: &mut Reader, value: &Value, at: &str) -> Option<f64> {
    match value {
        Value::Number(times) if times.is_finite() && *times > 0.0 => Some(*times),
        _ => {
            reader.problem(at, "expected how many times faster than allowed, such as 14.4");
            None
        }
    }
}
