//! What the user wrote, read into settings that are known to make sense. What the JSON Schema cannot say is checked
//! here and reported with a JSON Pointer and a mend.

use crate::bindings::rollgate::policy::types::{PolicyError, SettingsProblem};
use crate::json::{self, Value};
use crate::units;

/// JSON Schema 2020-12 of the settings.
pub(crate) const SCHEMA: &str = include_str!("../schema.json");

/// What a canary may cost, whatever is known of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ErrorBudget {
    /// Share of requests that may fail: 1 - objective.
    pub(crate) allowed: f64,
    pub(crate) period_s: f64,
    /// Share of the period's budget that a canary may burn.
    pub(crate) most: f64,
}

/// How the canary is judged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    pub(crate) alpha: f64,
    pub(crate) beta: f64,
    /// None for every ratio and latency.
    pub(crate) metrics: Option<Vec<String>>,
    pub(crate) min_bake_ms: u64,
    /// Canary requests before which nothing is promoted.
    pub(crate) min_requests: u64,
    /// Whether a canary that is shown safe is promoted at once.
    pub(crate) early: bool,
    /// Whether a step ends without a decision.
    pub(crate) advances_undecided: bool,
    pub(crate) error_budget: Option<ErrorBudget>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            alpha: 0.01,
            beta: 0.05,
            metrics: None,
            min_bake_ms: 120_000,
            min_requests: 4400,
            early: true,
            advances_undecided: false,
            error_budget: None,
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
    let mut problems = Vec::new();
    let mut settings = Settings::default();
    let Some(Value::Object(members)) = json::read(text) else {
        return Err(vec![problem("", "expected an object")]);
    };
    for (key, value) in &members {
        let read = match key.as_str() {
            "alpha" => probability(value).map(|alpha| settings.alpha = alpha),
            "beta" => probability(value).map(|beta| settings.beta = beta),
            "metrics" => names(value).map(|names| settings.metrics = Some(names)),
            "min-bake" => duration(value).map(|ms| settings.min_bake_ms = ms),
            "min-requests" => count(value).map(|count| settings.min_requests = count),
            "promote" => word(value, ["early", "at-end"]).map(|early| settings.early = early),
            "undecided" => word(value, ["advance", "hold"]).map(|on| settings.advances_undecided = on),
            "error-budget" => budget(value).map(|budget| settings.error_budget = Some(budget)),
            _ => Err("no such setting"),
        };
        if let Err(message) = read {
            problems.push(problem(&format!("/{}", key.replace('~', "~0").replace('/', "~1")), message));
        }
    }
    if problems.is_empty() { Ok(settings) } else { Err(problems) }
}

fn problem(pointer: &str, message: &str) -> SettingsProblem {
    SettingsProblem { pointer: pointer.into(), message: message.into() }
}

fn budget(value: &Value) -> Result<ErrorBudget, &'static str> {
    const MEND: &str = "expected { objective: 99.9%, period: 720h, most: 1% }: an objective below 100 %, the period that it is \
                        for, and the share of the period's budget that a canary may burn";
    let Value::Object(members) = value else { return Err(MEND) };
    let (mut objective, mut period_s, mut most) = (None, 30.0 * 86_400.0, 0.01);
    for (key, value) in members {
        let share = match value {
            Value::Number(number) => Some(*number),
            Value::String(text) => units::fraction(text),
            _ => None,
        };
        match (key.as_str(), share) {
            ("objective", Some(share)) if share > 0.0 && share < 1.0 => objective = Some(share),
            ("most", Some(share)) if share > 0.0 && share <= 1.0 => most = share,
            ("period", _) => {
                let seconds = duration(value).map_err(|_| MEND)? as f64 / 1000.0;
                period_s = if seconds > 0.0 { seconds } else { return Err(MEND) };
            }
            _ => return Err(MEND),
        }
    }
    let objective = objective.ok_or(MEND)?;
    Ok(ErrorBudget { allowed: 1.0 - objective, period_s, most })
}

fn probability(value: &Value) -> Result<f64, &'static str> {
    let read = match value {
        Value::Number(number) => Some(*number),
        Value::String(text) => units::fraction(text),
        _ => None,
    };
    read.filter(|probability| (0.000_001..=0.2).contains(probability))
        .ok_or("expected a percentage such as \"1%\", or a fraction such as 0.01, of 20 % at most")
}

fn duration(value: &Value) -> Result<u64, &'static str> {
    let seconds = match value {
        Value::Number(number) => Some(*number),
        Value::String(text) => units::seconds(text),
        _ => None,
    };
    let seconds = seconds
        .filter(|seconds| (0.0..=31_536_000.0).contains(seconds))
        .ok_or("expected a duration such as \"5m\", or a number of seconds, of a year at most")?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a year")]
    let ms = (seconds * 1000.0).round() as u64;
    Ok(ms)
}

fn count(value: &Value) -> Result<u64, &'static str> {
    match value {
        Value::Number(number) if (0.0..=1e12).contains(number) && number.fract().abs() <= 0.0 => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number")]
            let count = *number as u64;
            Ok(count)
        }
        _ => Err("expected a whole number of requests, such as 4400"),
    }
}

fn names(value: &Value) -> Result<Vec<String>, &'static str> {
    const MEND: &str = "expected a list of names of metrics, each once";
    let Value::Array(entries) = value else { return Err(MEND) };
    let mut names: Vec<String> = Vec::new();
    for entry in entries {
        match entry {
            Value::String(name) if !name.is_empty() && !names.contains(name) => names.push(name.clone()),
            _ => return Err(MEND),
        }
    }
    if names.is_empty() { Err(MEND) } else { Ok(names) }
}

/// Whether the value is the first of two words.
fn word(value: &Value, words: [&str; 2]) -> Result<bool, &'static str> {
    match value {
        Value::String(text) if words.contains(&text.as_str()) => Ok(words.first() == Some(&text.as_str())),
        _ => Err("expected one of the words that its description names"),
    }
}
