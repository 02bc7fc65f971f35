//! Reads settings: every problem is told with a JSON Pointer and a mend, all of them at once.
//!
//! The JSON Schema of a policy says which keys there are; reading checks again, for a host that did not.

use crate::bindings::rollgate::policy::types::{PolicyError, SettingsProblem};
use crate::json::{self, Value};
use crate::units;

/// Reads the settings' JSON text by `read`, or says everything that is wrong with it.
pub fn read<T>(text: &str, read: impl FnOnce(&mut Reader, &Value) -> T) -> Result<T, Vec<SettingsProblem>> {
    let mut reader = Reader::default();
    let Some(value) = json::read(text) else {
        reader.problem("", "the settings are not JSON");
        return Err(reader.problems);
    };
    let settings = read(&mut reader, &value);
    if reader.problems.is_empty() { Ok(settings) } else { Err(reader.problems) }
}

/// The problems as one refusal, for a host that did not ask for them first.
pub fn refusal(problems: &[SettingsProblem]) -> PolicyError {
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| match problem.pointer.as_str() {
            "" => problem.message.clone(),
            pointer => format!("{pointer}: {}", problem.message),
        })
        .collect();
    PolicyError::BadSettings(lines.join("; "))
}

/// Collects what is wrong.
#[derive(Debug, Default)]
pub struct Reader {
    /// So far.
    pub problems: Vec<SettingsProblem>,
}

impl Reader {
    /// Adds a problem at a JSON Pointer.
    pub fn problem(&mut self, pointer: &str, message: impl Into<String>) {
        self.problems.push(SettingsProblem { pointer: pointer.into(), message: message.into() });
    }

    /// The entries of a list.
    pub fn list<'v>(&mut self, value: &'v Value, at: &str) -> &'v [Value] {
        if let Value::Array(entries) = value {
            return entries;
        }
        self.problem(at, "expected a list");
        &[]
    }

    /// A text that is not empty.
    pub fn text(&mut self, value: &Value, at: &str, what: &str) -> Option<String> {
        match value {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            _ => {
                self.problem(at, format!("expected {what}"));
                None
            }
        }
    }

    /// A fraction, 0 or more.
    pub fn excess(&mut self, value: &Value, at: &str) -> Option<f64> {
        let fraction = match value {
            Value::String(text) => units::fraction(text),
            Value::Number(fraction) => {
                Some(*fraction).filter(|fraction| fraction.is_finite() && *fraction >= 0.0)
            }
            _ => None,
        };
        if fraction.is_none() {
            self.problem(at, "expected a percentage such as \"1%\", or a fraction such as 0.01");
        }
        fraction
    }

    /// Seconds, 0 or more.
    pub fn duration(&mut self, value: &Value, at: &str) -> Option<f64> {
        let seconds = match value {
            Value::String(text) => units::seconds(text),
            Value::Number(seconds) => Some(*seconds).filter(|seconds| seconds.is_finite() && *seconds >= 0.0),
            _ => None,
        };
        if seconds.is_none() {
            self.problem(at, "expected a duration such as \"500ms\" or \"5m\", or a number of seconds");
        }
        seconds
    }

    /// A duration in whole milliseconds, at most a year.
    pub fn span(&mut self, value: &Value, at: &str) -> Option<u64> {
        let ms = self.duration(value, at)? * 1000.0;
        if ms > 365.0 * 86_400_000.0 {
            self.problem(at, "more than a year: set a shorter duration");
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a year")]
        let ms = ms.round() as u64;
        Some(ms)
    }

    /// The members of an object.
    pub fn object<'v>(&mut self, value: &'v Value, at: &str) -> Option<&'v [(String, Value)]> {
        if let Value::Object(map) = value {
            return Some(map);
        }
        self.problem(at, "expected an object");
        None
    }

    /// Says that there is no such key.
    pub fn unknown(&mut self, pointer: &str) {
        self.problem(pointer, "unknown key: remove it, or see the settings' schema for its name");
    }
}

/// The first member of this name.
pub fn member<'v>(map: &'v [(String, Value)], key: &str) -> Option<&'v Value> {
    map.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// A whole number that a double holds exactly.
pub fn count(value: &Value) -> Option<u64> {
    let Value::Number(number) = value else { return None };
    let is_count = (0.0..9_007_199_254_740_992.0).contains(number) && number.fract() == 0.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2^53")]
    is_count.then_some(*number as u64)
}

/// A key as a token of a JSON Pointer (RFC 6901, section 3).
pub fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
