//! What the user wrote, read into limits that are known to make sense.
//!
//! The JSON Schema says which keys there are and of which JSON type; everything else is checked here and
//! reported with a JSON Pointer and a mend. Reading collects all problems, not the first.

use crate::bindings::rollgate::policy::types::SettingsProblem;
use crate::json::Value;
use crate::settings::{Reader, count, escaped, member};

/// JSON Schema 2020-12 of the settings.
pub const SCHEMA: &str = include_str!("schema.json");

/// Events below which an arm is not judged, unless the settings say otherwise.
const MIN_REQUESTS: u64 = 100;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Bad events over all events.
    ErrorRate,
    /// Good events over all events.
    SuccessRate,
    /// A latency percentile.
    Percentile(u8),
    /// How far the canary's rate of events stays behind its share of the traffic.
    ThroughputDrop,
}

/// Every subject with its key, in the order in which reasons are given.
pub const SUBJECTS: [(&str, Subject); 6] = [
    ("error-rate", Subject::ErrorRate),
    ("success-rate", Subject::SuccessRate),
    ("p50", Subject::Percentile(50)),
    ("p95", Subject::Percentile(95)),
    ("p99", Subject::Percentile(99)),
    ("throughput-drop", Subject::ThroughputDrop),
];

/// The two levels of a limit: at least one is set, and the warning comes before the critical one.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Levels {
    /// Beyond it the report says so.
    pub warning: Option<f64>,
    /// Beyond it the canary is rolled back.
    pub critical: Option<f64>,
}

impl Levels {
    fn is_empty(self) -> bool {
        self.warning.is_none() && self.critical.is_none()
    }
}

/// The limits on one subject.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Limit {
    /// The metric to read; none for the only one of the fitting kind.
    pub metric: Option<String>,
    /// In the subject's own unit.
    pub absolute: Levels,
    /// Allowed excess over the baseline as a fraction; latency percentiles only.
    pub over_baseline: Levels,
}

/// What applies at a weight.
#[derive(Debug, Clone, Default, PartialEq)]
struct Section {
    min_requests: Option<u64>,
    sustained_ms: Option<u64>,
    limits: [Option<Limit>; SUBJECTS.len()],
}

/// The settings of one rollout.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    base: Section,
    /// Largest weight in percent and what differs up to it, ascending.
    steps: Vec<(u8, Section)>,
}

/// What applies at one weight, with defaults filled in.
#[derive(Debug, PartialEq)]
pub struct Effective<'a> {
    /// Events below which an arm is not judged.
    pub min_requests: u64,
    /// How long a critical breach must last.
    pub sustained_ms: u64,
    limits: [Option<&'a Limit>; SUBJECTS.len()],
}

impl Settings {
    /// What applies at a weight of `percent`: the first of `steps` that reaches it, key by key over the
    /// settings outside of `steps`.
    pub fn at(&self, percent: u8) -> Effective<'_> {
        let step = self.steps.iter().find(|(up_to, _)| percent <= *up_to).map(|(_, section)| section);
        let mut limits = self.base.limits.each_ref().map(Option::as_ref);
        for (limit, over) in limits.iter_mut().zip(step.into_iter().flat_map(|step| &step.limits)) {
            *limit = over.as_ref().or(*limit);
        }
        let min_requests = step.and_then(|step| step.min_requests).or(self.base.min_requests);
        let sustained_ms = step.and_then(|step| step.sustained_ms).or(self.base.sustained_ms);
        Effective {
            min_requests: min_requests.unwrap_or(MIN_REQUESTS),
            sustained_ms: sustained_ms.unwrap_or(0),
            limits,
        }
    }
}

impl<'a> Effective<'a> {
    /// The limits that are set, with key and subject.
    pub fn limits(&self) -> impl Iterator<Item = (&'static str, Subject, &'a Limit)> + use<'a> {
        let set = SUBJECTS.iter().zip(self.limits);
        set.filter_map(|(&(key, subject), limit)| limit.map(|limit| (key, subject, limit)))
    }
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    crate::settings::read(text, |reader, value| reader.limits(value, ""))
}

impl Reader {
    /// The limits that `value`, which is at the pointer `at`, says.
    pub fn limits(&mut self, value: &Value, at: &str) -> Settings {
        let before = self.problems.len();
        let Some(map) = self.object(value, at) else { return Settings::default() };
        let base = self.section(map, at, "steps");
        let mut steps = Vec::new();
        match member(map, "steps") {
            None => {}
            Some(Value::Array(entries)) => {
                for (index, entry) in entries.iter().enumerate() {
                    steps.extend(self.step(entry, &format!("{at}/steps/{index}"), &steps));
                }
            }
            Some(_) => self.problem(&format!("{at}/steps"), "expected a list of steps, each with `up-to`"),
        }
        let settings = Settings { base, steps };
        if self.problems.len() == before {
            self.covers_every_weight(&settings, at);
        }
        settings
    }

    /// A weight at which nothing is limited would pass whatever happens.
    fn covers_every_weight(&mut self, settings: &Settings, at: &str) {
        if let Some(gap) = (1..=100).find(|&percent| settings.at(percent).limits().next().is_none()) {
            let keys: Vec<_> = SUBJECTS.iter().map(|(key, _)| *key).collect();
            let keys = keys.join(", ");
            let message = if settings.steps.is_empty() {
                format!("no limit is set: set at least one of {keys}")
            } else {
                format!(
                    "no limit is set at a weight of {gap} %: add a step that reaches it, or one of {keys} outside of `steps`"
                )
            };
            self.problem(at, message);
        }
    }

    fn step(&mut self, value: &Value, at: &str, before: &[(u8, Section)]) -> Option<(u8, Section)> {
        let map = self.object(value, at)?;
        let section = self.section(map, at, "up-to");
        let pointer = format!("{at}/up-to");
        let percent = match member(map, "up-to") {
            Some(Value::String(text)) => text
                .strip_suffix('%')
                .and_then(|digits| digits.parse::<u8>().ok())
                .filter(|n| (1..=100).contains(n)),
            _ => None,
        };
        let Some(percent) = percent else {
            self.problem(
                &pointer,
                "expected the largest weight of the step in whole percent, such as \"10%\"",
            );
            return None;
        };
        if before.last().is_some_and(|(last, _)| percent <= *last) {
            self.problem(
                &pointer,
                "the steps must ascend: order them by `up-to`, each larger than the one before",
            );
            return None;
        }
        Some((percent, section))
    }

    fn section(&mut self, map: &[(String, Value)], at: &str, extra: &str) -> Section {
        let mut section = Section::default();
        for (key, value) in map {
            let pointer = format!("{at}/{}", escaped(key));
            let known = SUBJECTS.iter().zip(&mut section.limits).find(|((name, _), _)| name == key);
            match key.as_str() {
                key if key == extra => {}
                "min-requests" => {
                    section.min_requests = count(value);
                    if section.min_requests.is_none() {
                        self.problem(&pointer, "expected a number of requests, such as 100");
                    }
                }
                "sustained-for" => section.sustained_ms = self.span(value, &pointer),
                _ => match known {
                    Some((&(_, subject), limit)) => *limit = Some(self.limit(value, subject, &pointer)),
                    None => self.unknown(&pointer),
                },
            }
        }
        section
    }

    fn limit(&mut self, value: &Value, subject: Subject, at: &str) -> Limit {
        let Value::Object(map) = value else {
            let critical = self.amount(value, subject, at);
            return Limit { absolute: Levels { warning: None, critical }, ..Limit::default() };
        };
        let mut limit = Limit::default();
        let before = self.problems.len();
        for (key, value) in map {
            let pointer = format!("{at}/{}", escaped(key));
            match (key.as_str(), subject) {
                ("warning", _) => limit.absolute.warning = self.amount(value, subject, &pointer),
                ("critical", _) => limit.absolute.critical = self.amount(value, subject, &pointer),
                ("metric", _) => match value {
                    Value::String(name) if !name.is_empty() => limit.metric = Some(name.clone()),
                    _ => self.problem(&pointer, "expected the name of a metric"),
                },
                ("over-baseline", Subject::Percentile(_)) => {
                    limit.over_baseline = self.over_baseline(value, &pointer);
                }
                _ => self.unknown(&pointer),
            }
        }
        if self.problems.len() == before {
            if limit.absolute.is_empty() && limit.over_baseline.is_empty() {
                self.problem(at, "no limit is set: set `critical`, `warning` or both");
            }
            self.ordered(limit.absolute, subject == Subject::SuccessRate, at);
        }
        limit
    }

    fn over_baseline(&mut self, value: &Value, at: &str) -> Levels {
        let Value::Object(map) = value else {
            return Levels { warning: None, critical: self.excess(value, at) };
        };
        let mut levels = Levels::default();
        let before = self.problems.len();
        for (key, value) in map {
            let pointer = format!("{at}/{}", escaped(key));
            match key.as_str() {
                "warning" => levels.warning = self.excess(value, &pointer),
                "critical" => levels.critical = self.excess(value, &pointer),
                _ => self.unknown(&pointer),
            }
        }
        if self.problems.len() == before {
            if levels.is_empty() {
                self.problem(at, "no limit is set: set `critical`, `warning` or both");
            }
            self.ordered(levels, false, at);
        }
        levels
    }

    fn ordered(&mut self, levels: Levels, falling: bool, at: &str) {
        let (Some(warning), Some(critical)) = (levels.warning, levels.critical) else { return };
        let (ordered, side) =
            if falling { (warning > critical, "above") } else { (warning < critical, "below") };
        if !ordered {
            let message = format!("the warning would never be seen: set it {side} the critical limit");
            self.problem(&format!("{at}/warning"), message);
        }
    }

    /// A limit in the subject's unit, within the range in which it can be breached.
    pub fn amount(&mut self, value: &Value, subject: Subject, at: &str) -> Option<f64> {
        let amount = match subject {
            Subject::Percentile(_) => self.duration(value, at)?,
            _ => self.excess(value, at)?,
        };
        let refused = match subject {
            Subject::ErrorRate | Subject::ThroughputDrop if amount >= 1.0 => {
                "a limit of 100 % or more can never be exceeded: numbers are fractions, write \"1%\" for one percent"
            }
            Subject::SuccessRate if amount > 1.0 => {
                "a success rate is at most 100 %: numbers are fractions, write \"99%\" for 99 percent"
            }
            Subject::SuccessRate if amount <= 0.0 => {
                "no success rate is below 0 %: set the lowest rate that is allowed, such as \"99%\""
            }
            Subject::Percentile(_) if amount <= 0.0 => {
                "every latency is above zero: set the highest one that is allowed, such as \"500ms\""
            }
            Subject::Percentile(_) if amount > 3600.0 => {
                "a limit of more than an hour: numbers are seconds, write \"500ms\" for milliseconds"
            }
            _ => return Some(amount),
        };
        self.problem(at, refused);
        None
    }
}
