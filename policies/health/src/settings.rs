//! What the user wrote.

use kit::json::Value;
use kit::settings::{Reader, escaped};
use kit::types::SettingsProblem;

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// A metric that is a check.
#[derive(Debug, PartialEq)]
pub(crate) struct Bounds {
    /// Its name.
    pub(crate) metric: String,
    /// The lowest healthy value.
    pub(crate) at_least: Option<f64>,
    /// The highest healthy value.
    pub(crate) at_most: Option<f64>,
}

/// The settings of one rollout.
#[derive(Debug, PartialEq)]
pub(crate) struct Settings {
    /// Share of the weight that must be known.
    pub(crate) min_confidence: f64,
    /// Share of the known weight that must be healthy to go on.
    pub(crate) advance_at: f64,
    /// Share of the known weight below which the canary is rolled back.
    pub(crate) rollback_below: f64,
    /// How long it must be unhealthy before that.
    pub(crate) unhealthy_ms: u64,
    /// Checks that roll back by themselves.
    pub(crate) critical: Vec<String>,
    /// Checks that may be missing.
    pub(crate) optional: Vec<String>,
    /// How much checks count that do not count 1.
    pub(crate) weights: Vec<(String, f64)>,
    /// Metrics that are checks.
    pub(crate) metrics: Vec<Bounds>,
}

impl Settings {
    /// How much a check counts.
    pub(crate) fn weight(&self, name: &str) -> f64 {
        self.weights.iter().find(|(known, _)| known == name).map_or(1.0, |(_, weight)| *weight)
    }
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    kit::settings::read(text, settings)
}

fn settings(reader: &mut Reader, value: &Value) -> Settings {
    let mut settings = Settings {
        min_confidence: 0.8,
        advance_at: 1.0,
        rollback_below: 0.5,
        unhealthy_ms: 0,
        critical: Vec::new(),
        optional: Vec::new(),
        weights: Vec::new(),
        metrics: Vec::new(),
    };
    for (key, value) in reader.object(value, "").unwrap_or_default() {
        let at = format!("/{}", escaped(key));
        match key.as_str() {
            "min-confidence" => settings.min_confidence = share(reader, value, &at),
            "advance-at" => settings.advance_at = share(reader, value, &at),
            "rollback-below" => settings.rollback_below = share(reader, value, &at),
            "unhealthy-for" => settings.unhealthy_ms = reader.span(value, &at).unwrap_or_default(),
            "critical" => settings.critical = names(reader, value, &at),
            "optional" => settings.optional = names(reader, value, &at),
            "weights" => {
                for (name, weight) in reader.object(value, &at).unwrap_or_default() {
                    match weight {
                        Value::Number(weight) if weight.is_finite() && *weight >= 0.0 => {
                            settings.weights.push((name.clone(), *weight));
                        }
                        _ => {
                            reader
                                .problem(&format!("{at}/{}", escaped(name)), "expected a number, 0 or more");
                        }
                    }
                }
            }
            "metrics" => {
                for (index, entry) in reader.list(value, &at).iter().enumerate() {
                    settings.metrics.extend(bounds(reader, entry, &format!("{at}/{index}")));
                }
            }
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.is_empty() && settings.rollback_below > settings.advance_at {
        reader.problem(
            "/rollback-below",
            "the canary would be rolled back and go on at once: set it below advance-at",
        );
    }
    settings
}

fn share(reader: &mut Reader, value: &Value, at: &str) -> f64 {
    let share = reader.excess(value, at).unwrap_or_default();
    if share > 1.0 {
        reader.problem(at, "a share is at most 100 %: numbers are fractions, write \"80%\" for 80 percent");
    }
    share
}

fn names(reader: &mut Reader, value: &Value, at: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (index, entry) in reader.list(value, at).iter().enumerate() {
        names.extend(reader.text(entry, &format!("{at}/{index}"), "the name of a check"));
    }
    names
}

fn bounds(reader: &mut Reader, value: &Value, at: &str) -> Option<Bounds> {
    let mut bounds = Bounds { metric: String::new(), at_least: None, at_most: None };
    let before = reader.problems.len();
    for (key, value) in reader.object(value, at)? {
        let at = format!("{at}/{}", escaped(key));
        match (key.as_str(), value) {
            ("metric", _) => {
                bounds.metric = reader.text(value, &at, "the name of a metric").unwrap_or_default();
            }
            ("at-least", Value::Number(bound)) if bound.is_finite() => bounds.at_least = Some(*bound),
            ("at-most", Value::Number(bound)) if bound.is_finite() => bounds.at_most = Some(*bound),
            ("at-least" | "at-most", _) => reader.problem(&at, "expected a number in the metric's unit"),
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.len() > before {
        return None;
    }
    if bounds.metric.is_empty() {
        reader.problem(at, "no metric is named");
    } else if bounds.at_least.is_none() && bounds.at_most.is_none() {
        reader.problem(at, "no bound is set: set `at-least`, `at-most` or both");
    }
    Some(bounds)
}
