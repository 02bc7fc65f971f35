//! Checks the settings of a policy against the JSON Schema that the policy itself carries.
//!
//! Runs in the worker. The schema is the guest's: it may refer to itself without end, hold a pattern that
//! takes exponential memory to compile, or branch until the machine is full. Bounds on its size and on
//! its patterns make that unlikely; the worker's memory and the host's wall clock make it harmless.
//! Nothing is fetched: a reference out of the schema is an error.

use serde_json::Value;

use super::SettingsProblem;
use super::fault;
use super::limits::Limits;
use crate::support::text;
use crate::verdict::model::{Fault, FaultKind};

/// What a schema finds wrong with settings, both as JSON text. The schema was reviewed for its size.
pub fn check(schema: &str, settings: &str, limits: &Limits) -> Result<Vec<SettingsProblem>, Fault> {
    let schema = compile(schema, limits)?;
    let settings: Value = match serde_json::from_str(settings) {
        Ok(settings) => settings,
        Err(error) => {
            return Ok(vec![SettingsProblem { pointer: String::new(), message: error.to_string() }]);
        }
    };
    let most = usize::try_from(limits.settings_problems).unwrap_or(usize::MAX);
    let shown = usize::try_from(limits.text_characters).unwrap_or(usize::MAX);
    Ok(schema
        .iter_errors(&settings)
        .take(most)
        .map(|error| SettingsProblem {
            pointer: error.instance_path().as_str().to_owned(),
            message: text::line(&error.to_string(), shown),
        })
        .collect())
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
