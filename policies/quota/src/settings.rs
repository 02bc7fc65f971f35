//! What the user wrote.

use kit::json::Value;
use kit::settings::{Reader, escaped, member};
use kit::types::SettingsProblem;

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// One quota.
#[derive(Debug, PartialEq)]
pub(crate) struct Quota {
    /// The gauge that tells how much is used.
    pub(crate) metric: String,
    /// How much there is, in the metric's unit.
    pub(crate) of: f64,
    /// Share above which the canary gets no more traffic.
    pub(crate) hold: Option<f64>,
    /// Share above which it goes back to a lower step.
    pub(crate) lower: Option<f64>,
    /// Share above which it is rolled back.
    pub(crate) rollback: Option<f64>,
}

/// The settings of one rollout.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// At least one.
    pub(crate) quotas: Vec<Quota>,
    /// The weight that a lowered canary goes back to; none for the step before.
    pub(crate) lower_to: Option<u8>,
}

/// Reads the settings' JSON text, or says everything that is wrong with it.
pub(crate) fn read(text: &str) -> Result<Settings, Vec<SettingsProblem>> {
    kit::settings::read(text, settings)
}

fn settings(reader: &mut Reader, value: &Value) -> Settings {
    let mut settings = Settings::default();
    for (key, value) in reader.object(value, "").unwrap_or_default() {
        let at = format!("/{}", escaped(key));
        match key.as_str() {
            "quotas" => {
                for (index, entry) in reader.list(value, &at).iter().enumerate() {
                    settings.quotas.extend(quota(reader, entry, &format!("{at}/{index}")));
                }
            }
            "lower-to" => {
                settings.lower_to = match value {
                    Value::String(text) => text.strip_suffix('%').and_then(|digits| digits.parse().ok()),
                    _ => None,
                };
                if !settings.lower_to.is_some_and(|percent| (1..100).contains(&percent)) {
                    reader.problem(&at, "expected a weight in whole percent, such as \"5%\"");
                }
            }
            _ => reader.unknown(&at),
        }
    }
    if settings.quotas.is_empty() && reader.problems.is_empty() {
        reader.problem("", "no quota is set: list at least one in `quotas`");
    }
    settings
}

fn quota(reader: &mut Reader, value: &Value, at: &str) -> Option<Quota> {
    let map = reader.object(value, at)?;
    let mut quota = Quota { metric: String::new(), of: 1.0, hold: None, lower: None, rollback: None };
    let before = reader.problems.len();
    if member(map, "metric").is_none() {
        reader.problem(at, "no metric is named: name the gauge that tells how much is used");
    }
    for (key, value) in map {
        let at = format!("{at}/{}", escaped(key));
        match key.as_str() {
            "metric" => quota.metric = reader.text(value, &at, "the name of a metric").unwrap_or_default(),
            "of" => match value {
                Value::Number(of) if of.is_finite() && *of > 0.0 => quota.of = *of,
                _ => reader.problem(&at, "expected how much there is, a number above 0"),
            },
            "hold-above" => quota.hold = reader.excess(value, &at),
            "lower-above" => quota.lower = reader.excess(value, &at),
            "rollback-above" => quota.rollback = reader.excess(value, &at),
            _ => reader.unknown(&at),
        }
    }
    if reader.problems.len() > before {
        return None;
    }
    let levels: Vec<f64> = [quota.hold, quota.lower, quota.rollback].into_iter().flatten().collect();
    if levels.is_empty() {
        reader.problem(at, "no share is set: set one of hold-above, lower-above, rollback-above");
    } else if !levels.is_sorted_by(|one, other| one < other) {
        reader.problem(at, "the shares must ascend: hold-above below lower-above below rollback-above");
    }
    Some(quota)
}
