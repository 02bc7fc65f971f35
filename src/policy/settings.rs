//! Checks the settings of a policy against the JSON Schema that the policy itself carries.
//!
//! Runs in the worker. The schema is the guest's: it may refer to itself without end, hold a pattern that
//! takes exponential memory to compile, or branch until the machine is full. Bounds on its size and on
//! its patterns make that unlikely; the worker's memory and the host's wall clock make it harmless.
//! Nothing is fetched: a reference out of the schema is an error.

use std::cell::LazyCell;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::SettingsProblem;
use super::fault;
use super::limits::Limits;
use crate::support::text;
use crate::verdict::model::{Fault, FaultKind};

/// What a schema finds wrong with settings, both as JSON text. The schema was reviewed for its size.
pub fn check(schema: &str, settings: &str, limits: &Limits) -> Result<Vec<SettingsProblem>, Fault> {
    let validator = compile(schema, limits)?;
    // Settings are seldom wrong, and only then is it looked up what else there is.
    let schema = LazyCell::new(|| serde_json::from_str(schema).unwrap_or_default());
    let settings: Value = match serde_json::from_str(settings) {
        Ok(settings) => settings,
        Err(error) => {
            return Ok(vec![SettingsProblem { pointer: String::new(), message: error.to_string() }]);
        }
    };
    let most = usize::try_from(limits.settings_problems).unwrap_or(usize::MAX);
    let shown = usize::try_from(limits.text_characters).unwrap_or(usize::MAX);
    Ok(validator
        .iter_errors(&settings)
        .flat_map(|error| problems(&error, &schema))
        .take(most)
        .map(|(pointer, message)| SettingsProblem { pointer, message: text::line(&message, shown) })
        .collect())
}

/// The problems that one error stands for: pointer and message.
fn problems(error: &ValidationError<'_>, schema: &Value) -> Vec<(String, String)> {
    let pointer = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let beside = error.schema_path().as_str().rsplit_once('/').map_or("", |(object, _)| object);
            let known = schema.pointer(&format!("{beside}/properties")).and_then(Value::as_object);
            let known: Vec<&str> =
                known.into_iter().flat_map(|known| known.keys().map(String::as_str)).collect();
            let unknown = |name: &String| {
                let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                (at, format!("there is no such setting; {}", meant(name, &known)))
            };
            unexpected.iter().map(unknown).collect()
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<String> =
                options.as_array().into_iter().flatten().map(Value::to_string).collect();
            vec![(pointer.to_owned(), format!("{} is none of {}", error.instance(), named(&options)))]
        }
        _ => vec![(pointer.to_owned(), error.to_string())],
    }
}

/// Which of the `known` names `name` may have been meant for, or all of them.
fn meant(name: &str, known: &[&str]) -> String {
    // A name may be as long as the settings: only those are compared that could be near.
    let near = known.iter().filter(|known| known.len().abs_diff(name.len()) <= 3);
    let nearest = near.map(|known| (strsim::damerau_levenshtein(known, name), known)).min();
    match nearest {
        Some((distance, known)) if distance <= 1 + known.len() / 4 => format!("did you mean `{known}`?"),
        _ if known.is_empty() => "nothing is set here".to_owned(),
        _ => format!(
            "known here: {}",
            named(&known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>())
        ),
    }
}

/// Names in a sentence, at most so many that they can be read.
fn named(names: &[String]) -> String {
    const SHOWN: usize = 30;
    match names.len().saturating_sub(SHOWN) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

/// Compiles a schema; a fault of the policy where it is none.
pub fn compile(schema: &str, limits: &Limits) -> Result<jsonschema::Validator, Fault> {
    let bad = |message: String| -> Fault {
        fault::new(
            FaultKind::BadDescription,
            format!("the schema of its settings is not usable: {}", text::line(&message, 200)),
        )
        .mend("return a JSON Schema of the draft 2020-12 without references to other documents")
        .into()
    };
    let schema: Value = serde_json::from_str(schema).map_err(|error| bad(error.to_string()))?;
    let pattern_bytes = usize::try_from(limits.pattern_bytes).unwrap_or(usize::MAX);
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .offline()
        // This engine matches in linear time, unlike the default one.
        .with_pattern_options(
            jsonschema::PatternOptions::regex().size_limit(pattern_bytes).dfa_size_limit(pattern_bytes),
        )
        .build(&schema)
        .map_err(|error| bad(error.to_string()))
}
