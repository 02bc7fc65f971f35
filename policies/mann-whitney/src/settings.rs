//! What the user wrote, read into rules that are known to make sense.
//!
//! The JSON Schema says which keys there are, of which type and within which bounds; what it cannot say is checked here
//! and reported with a JSON Pointer and a mend.

use crate::bindings::rollgate::policy::types::{PolicyError, SettingsProblem};
use crate::json::{self, Value};
use crate::rank::classify::{CONFIDENCE, Direction, EffectMeasure, Limits, TOLERANCE};
use crate::rank::sample::{NanStrategy, Outliers};

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// How the canary is judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) pass: f64,
    pub(crate) marginal: f64,
    pub(crate) min_samples: usize,
    /// Whether missing data alone may fail the canary.
    pub(crate) no_data_fails: bool,
    /// Name, weight and metrics of each group; none for one group of all metrics.
    pub(crate) groups: Vec<Group>,
    pub(crate) critical: Vec<String>,
    pub(crate) must_have_data: Vec<String>,
    pub(crate) muted: Vec<String>,
    pub(crate) usual: How,
    pub(crate) tolerance: f64,
    pub(crate) confidence: f64,
    /// What differs by metric.
    pub(crate) metrics: Vec<(String, Own)>,
}

/// A group of metrics.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) weight: Option<f64>,
    pub(crate) metrics: Vec<String>,
}

/// How samples are prepared and effects told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct How {
    pub(crate) nan: NanStrategy,
    pub(crate) outliers: Outliers,
    pub(crate) effect: EffectMeasure,
}

/// What a metric has of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Own {
    pub(crate) direction: Option<Direction>,
    pub(crate) nan: Option<NanStrategy>,
    pub(crate) outliers: Option<Outliers>,
    pub(crate) effect: Option<EffectMeasure>,
    allowed: (Option<f64>, Option<f64>),
    critical: (Option<f64>, Option<f64>),
}

impl Own {
    /// Which effects count, and which of a critical metric are critical.
    pub(crate) fn limits(&self, effect: EffectMeasure) -> (Limits, Limits) {
        let limits = |(increase, decrease): (Option<f64>, Option<f64>)| Limits {
            increase: increase.unwrap_or_else(|| effect.none()),
            decrease: decrease.unwrap_or_else(|| effect.none()),
        };
        (limits(self.allowed), limits(self.critical))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pass: 95.0,
            marginal: 75.0,
            min_samples: 5,
            no_data_fails: false,
            groups: Vec::new(),
            critical: Vec::new(),
            must_have_data: Vec::new(),
            muted: Vec::new(),
            usual: How {
                nan: NanStrategy::Remove,
                outliers: Outliers::Keep,
                effect: EffectMeasure::MeanRatio,
            },
            tolerance: TOLERANCE,
            confidence: CONFIDENCE,
            metrics: Vec::new(),
        }
    }
}

/// A refusal that names what is wrong.
pub(crate) fn refusal(problems: &[SettingsProblem]) -> PolicyError {
    let text = problems
        .first()
        .map_or_else(String::new, |problem| format!("{}: {}", problem.pointer, problem.message));
    PolicyError::BadSettings(text)
}

/// Reads settings; all problems at once.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    let mut reader = Reader { problems: Vec::new() };
    let settings = if let Some(Value::Object(members)) = json::read(text) {
        reader.settings(&members)
    } else {
        reader.problem("", "expected an object");
        Settings::default()
    };
    if reader.problems.is_empty() { Ok(settings) } else { Err(reader.problems) }
}

struct Reader {
    problems: Vec<SettingsProblem>,
}

impl Reader {
    fn problem(&mut self, pointer: &str, message: &str) {
        self.problems.push(SettingsProblem { pointer: pointer.into(), message: message.into() });
    }

    fn settings(&mut self, members: &[(String, Value)]) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in members {
            let at = format!("/{}", escaped(key));
            match key.as_str() {
                "pass" => settings.pass = self.number(value, &at, 0.0, 100.0),
                "marginal" => settings.marginal = self.number(value, &at, 0.0, 100.0),
                "tolerance" => settings.tolerance = self.number(value, &at, 0.0, 1.0),
                "confidence" => settings.confidence = self.number(value, &at, 0.5, 0.9999),
                "min-samples" => settings.min_samples = self.count(value, &at),
                "no-data" => {
                    settings.no_data_fails =
                        self.word(value, &at, &[("hold", false), ("fail", true)]).unwrap_or_default();
                }
                "groups" => settings.groups = self.groups(value, &at),
                "critical" => settings.critical = self.names(value, &at),
                "must-have-data" => settings.must_have_data = self.names(value, &at),
                "muted" => settings.muted = self.names(value, &at),
                "nan" => settings.usual.nan = self.nan(value, &at).unwrap_or(NanStrategy::Remove),
                "outliers" => settings.usual.outliers = self.outliers(value, &at).unwrap_or(Outliers::Keep),
                "effect" => {
                    settings.usual.effect = self.effect(value, &at).unwrap_or(EffectMeasure::MeanRatio);
                }
                "metrics" => settings.metrics = self.metrics(value, &at),
                _ => self.unknown(&at),
            }
        }
        if self.problems.is_empty() {
            self.sense(&settings);
        }
        settings
    }

    /// What no single value shows.
    fn sense(&mut self, settings: &Settings) {
        if settings.marginal > settings.pass {
            self.problem(
                "/marginal",
                "it is above `pass`, so nothing would ever be marginal: set it to `pass` or below",
            );
        }
        let weights: f64 = settings.groups.iter().filter_map(|group| group.weight).sum();
        let all = settings.groups.iter().all(|group| group.weight.is_some());
        if weights > 100.0 + 1e-9 {
            self.problem("/groups", "the weights are more than 100 in all: lower them");
        } else if all && !settings.groups.is_empty() && weights < 100.0 - 1e-9 {
            let message = "the weights are less than 100 in all, so no score reaches it: raise them, or leave one group without a weight";
            self.problem("/groups", message);
        }
        if settings.groups.is_empty() {
            return;
        }
        let grouped = |name: &String| settings.groups.iter().any(|group| group.metrics.contains(name));
        let lists = [
            ("critical", &settings.critical),
            ("must-have-data", &settings.must_have_data),
            ("muted", &settings.muted),
        ];
        for (key, names) in lists {
            for (index, _) in names.iter().enumerate().filter(|(_, name)| !grouped(name)) {
                self.problem(
                    &format!("/{key}/{index}"),
                    "this metric is in no group: add it to one, or remove it here",
                );
            }
        }
        for (name, _) in settings.metrics.iter().filter(|(name, _)| !grouped(name)) {
            let at = format!("/metrics/{}", escaped(name));
            self.problem(&at, "this metric is in no group: add it to one, or remove it here");
        }
    }

    fn groups(&mut self, value: &Value, at: &str) -> Vec<Group> {
        let mut groups = Vec::new();
        for (name, value) in self.object(value, at) {
            let at = format!("{at}/{}", escaped(name));
            let mut group = Group { name: name.clone(), weight: None, metrics: Vec::new() };
            for (key, value) in self.object(value, &at) {
                let at = format!("{at}/{}", escaped(key));
                match key.as_str() {
                    "weight" => group.weight = Some(self.number(value, &at, 0.0, 100.0)),
                    "metrics" => group.metrics = self.names(value, &at),
                    _ => self.unknown(&at),
                }
            }
            if group.metrics.is_empty() {
                self.problem(&at, "the group has no metrics: name some with `metrics`");
            }
            groups.push(group);
        }
        groups
    }

    fn metrics(&mut self, value: &Value, at: &str) -> Vec<(String, Own)> {
        let mut metrics = Vec::new();
        for (name, value) in self.object(value, at) {
            let at = format!("{at}/{}", escaped(name));
            let mut own = Own::default();
            for (key, value) in self.object(value, &at) {
                let at = format!("{at}/{}", escaped(key));
                let mut effect = || Some(self.number(value, &at, -1e12, 1e12));
                match key.as_str() {
                    "allowed-increase" => own.allowed.0 = effect(),
                    "allowed-decrease" => own.allowed.1 = effect(),
                    "critical-increase" => own.critical.0 = effect(),
                    "critical-decrease" => own.critical.1 = effect(),
                    "direction" => {
                        let words = [
                            ("increase", Direction::Increase),
                            ("decrease", Direction::Decrease),
                            ("either", Direction::Either),
                        ];
                        own.direction = self.word(value, &at, &words);
                    }
                    "nan" => own.nan = self.nan(value, &at),
                    "outliers" => own.outliers = self.outliers(value, &at),
                    "effect" => own.effect = self.effect(value, &at),
                    _ => self.unknown(&at),
                }
            }
            metrics.push((name.clone(), own));
        }
        metrics
    }

    fn nan(&mut self, value: &Value, at: &str) -> Option<NanStrategy> {
        self.word(value, at, &[("remove", NanStrategy::Remove), ("replace", NanStrategy::Replace)])
    }

    fn outliers(&mut self, value: &Value, at: &str) -> Option<Outliers> {
        self.word(value, at, &[("keep", Outliers::Keep), ("remove", Outliers::REMOVE)])
    }

    fn effect(&mut self, value: &Value, at: &str) -> Option<EffectMeasure> {
        self.word(value, at, &[("mean-ratio", EffectMeasure::MeanRatio), ("cles", EffectMeasure::Cles)])
    }

    fn word<T: Copy>(&mut self, value: &Value, at: &str, words: &[(&str, T)]) -> Option<T> {
        if let Value::String(text) = value
            && let Some((_, meant)) = words.iter().find(|(word, _)| word == text)
        {
            return Some(*meant);
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.problem(at, &format!("expected one of {}", known.join(", ")));
        None
    }

    fn number(&mut self, value: &Value, at: &str, low: f64, high: f64) -> f64 {
        match value {
            Value::Number(number) if *number >= low && *number <= high => *number,
            _ => {
                self.problem(at, "expected a number within the bounds of the settings' schema");
                low
            }
        }
    }

    fn count(&mut self, value: &Value, at: &str) -> usize {
        let number = self.number(value, at, 0.0, 10_000.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 10,000")]
        let count = number as usize;
        count
    }

    fn names(&mut self, value: &Value, at: &str) -> Vec<String> {
        let Value::Array(entries) = value else {
            self.problem(at, "expected a list of metrics' names");
            return Vec::new();
        };
        let mut names: Vec<String> = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            match entry {
                Value::String(name) if names.contains(name) => {
                    self.problem(&format!("{at}/{index}"), "this name comes twice: remove one");
                }
                Value::String(name) if !name.is_empty() => names.push(name.clone()),
                _ => self.problem(&format!("{at}/{index}"), "expected the name of a metric"),
            }
        }
        names
    }

    fn object<'v>(&mut self, value: &'v Value, at: &str) -> &'v [(String, Value)] {
        if let Value::Object(members) = value {
            return members;
        }
        self.problem(at, "expected an object");
        &[]
    }

    fn unknown(&mut self, pointer: &str) {
        self.problem(pointer, "unknown key: remove it, or see the settings' schema for its name");
    }
}

/// A key as a token of a JSON Pointer (RFC 6901, section 3).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
