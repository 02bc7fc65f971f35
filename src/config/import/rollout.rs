//! What a canary of another tool becomes here: metrics, steps and a gate, as text of a config.
//!
//! Only what is sure is carried over. What is left out, or means something else here, is a remark with its line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::Remark;
use crate::config::yaml::{Node, Value};

/// What was carried over.
#[derive(Debug, Default)]
pub struct Rollout {
    /// URL of the one server that all queries went to.
    pub provider: Option<String>,
    /// Queries by the name of their metric.
    pub metrics: BTreeMap<String, Query>,
    /// Weight in percent, and the seconds of the step and between two looks.
    pub steps: Vec<(u8, u64, u64)>,
    /// The policy and its settings.
    pub gate: Option<(&'static str, Map<String, Json>)>,
    /// What was not carried over, or means something else here.
    pub remarks: Vec<Remark>,
    pub(super) file: String,
}

/// The queries of a metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// Bad events and all events.
    Ratio {
        /// Selects the bad ones.
        bad: String,
        /// Selects all.
        total: String,
    },
    /// The buckets of a histogram.
    Histogram(String),
    /// A value as the query gives it.
    Gauge(String),
    /// What the other tool asked cannot be asked here.
    Unknown,
}

impl Rollout {
    pub(super) fn of(file: &str) -> Self {
        Self { file: file.into(), ..Self::default() }
    }

    pub(super) fn remark(&mut self, node: &Node, message: impl Into<String>) {
        let line = node.at.start.line;
        self.remarks.push(Remark { file: self.file.clone(), line, message: message.into() });
    }

    /// Notes keys of a map that nothing is made of.
    pub(super) fn leave(&mut self, node: &Node, known: &[&str], place: &str) {
        let Value::Map(entries) = &node.value else { return };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let line = entry.key_at.start.line;
            let message = format!("`{}` {place} is not carried over", entry.key);
            self.remarks.push(Remark { file: self.file.clone(), line, message });
        }
    }

    /// Takes a metric under a name that a config may have, and gives that name back.
    pub(super) fn add(&mut self, name: &str, query: Query) -> String {
        let plain = plain(name);
        let mut unique = plain.clone();
        let mut at = 2;
        while self.metrics.contains_key(&unique) {
            unique = format!("{plain}-{at}");
            at += 1;
        }
        self.metrics.insert(unique.clone(), query);
        unique
    }

    /// What stands beneath `canary` of a service.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("# for .rollgate.yaml, beneath `canary` of a service\n");
        if let Some(url) = &self.provider {
            let _ = writeln!(text, "provider: {{ prometheus: {{ url: {} }} }}", quoted(url));
        }
        if !self.metrics.is_empty() {
            text.push_str("metrics:\n");
        }
        for (name, query) in &self.metrics {
            let _ = match query {
                Query::Ratio { bad, total } => writeln!(
                    text,
                    "  {name}:\n    ratio:\n      bad: {}\n      total: {}",
                    quoted(bad),
                    quoted(total)
                ),
                Query::Histogram(selector) => {
                    writeln!(text, "  {name}:\n    histogram: {}", quoted(selector))
                }
                Query::Gauge(query) => writeln!(text, "  {name}:\n    gauge: {}", quoted(query)),
                Query::Unknown => writeln!(text, "  # {name}: write a query for it"),
            };
        }
        if !self.steps.is_empty() {
            text.push_str("steps:\n");
        }
        for (weight, hold, every) in &self.steps {
            let _ = writeln!(text, "  - {{ weight: {weight}%, for: {hold}s, every: {every}s }}");
        }
        if let Some((policy, settings)) = &self.gate {
            let _ = writeln!(text, "gate:\n  policy: {policy}\n  settings:");
            for (key, value) in settings {
                let _ = writeln!(text, "    {key}: {value}");
            }
        }
        text
    }
}

/// Text as JSON has it, which YAML reads the same.
fn quoted(text: &str) -> String {
    Json::from(text).to_string()
}

/// A name in lower case with hyphens, as names of metrics are.
fn plain(name: &str) -> String {
    let mut plain = String::new();
    for character in name.chars().take(60) {
        if character.is_ascii_alphanumeric() {
            plain.push(character.to_ascii_lowercase());
        } else if !plain.ends_with('-') && !plain.is_empty() {
            plain.push('-');
        }
    }
    let plain = plain.trim_end_matches('-');
    if plain.is_empty() { "metric".into() } else { plain.into() }
}

/// The value at a path of keys.
pub(super) fn at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.entry(key).map(|entry| &entry.value))
}

pub(super) fn text<'n>(node: &'n Node, path: &[&str]) -> Option<&'n str> {
    match &at(node, path)?.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) fn number(node: &Node, path: &[&str]) -> Option<f64> {
    let found = match &at(node, path)?.value {
        #[expect(clippy::cast_precision_loss, reason = "a setting that somebody wrote")]
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    found.is_finite().then_some(found)
}

pub(super) fn list<'n>(node: &'n Node, path: &[&str]) -> &'n [Node] {
    match at(node, path).map(|node| &node.value) {
        Some(Value::List(entries)) => entries,
        _ => &[],
    }
}

/// Seconds of a duration such as `90s`, `5m` or `1h30m`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (mut sum, mut digits) = (0_u64, String::new());
    for character in text.trim().chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        let unit = match character {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return None,
        };
        sum = sum.checked_add(digits.parse::<u64>().ok()?.checked_mul(unit)?)?;
        digits.clear();
    }
    (digits.is_empty() && sum > 0).then_some(sum)
}
