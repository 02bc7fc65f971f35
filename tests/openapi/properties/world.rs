//! A schema with the components that it may lead to, the descriptions that carry it, what is found between two of them,
//! and who is right about values.

use proptest::test_runner::TestCaseError;
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::{Level, Proof, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use serde_json::{Map, Value, json};

use super::schemas::{Grammar, Spot, components, schema};
use super::walk::{Hold, beneath};
use crate::support::tape::Tape;

/// A schema, with its components.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct World {
    pub(super) schema: Value,
    pub(super) components: Map<String, Value>,
}

impl World {
    /// A drawn one.
    pub(super) fn of(tape: &mut Tape, grammar: Grammar) -> Self {
        Self { schema: schema(tape, grammar, Spot::message(3)), components: components(tape, grammar) }
    }

    /// A description that takes it as a request, or answers it.
    pub(super) fn description(&self, answered: bool) -> Value {
        let content = json!({ "application/json": { "schema": self.schema } });
        let operation = if answered {
            json!({ "responses": { "200": { "description": "ok", "content": content } } })
        } else {
            json!({ "requestBody": { "required": true, "content": content },
                "responses": { "200": { "description": "ok" } } })
        };
        json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" },
            "paths": { "/x": { "post": operation } }, "components": { "schemas": self.components } })
    }

    /// What a validator reads.
    fn document(&self) -> Value {
        json!({ "allOf": [self.schema], "components": { "schemas": self.components } })
    }

    /// The same, without the values that use a name which nothing declares: a message is taken to use none of these.
    pub(super) fn closed(&self) -> Self {
        let components =
            self.components.iter().map(|(name, one)| (name.clone(), parts_closed(one))).collect();
        Self { schema: closed(&self.schema), components }
    }
}

/// `schema`, of a whole value, for the names that something declares.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Bool(false) => schema.clone(),
        _ => json!({ "allOf": [parts_closed(schema)], "unevaluatedProperties": false }),
    }
}

/// `schema` with the parts of its value closed. What excludes, or decides about something else, stays.
fn parts_closed(schema: &Value) -> Value {
    let mut out = schema.clone();
    beneath(schema, |path, hold, inner| {
        let new = match hold {
            Hold::Same => parts_closed(inner),
            Hold::Part => closed(inner),
            Hold::Other => return,
        };
        *super::walk::at_mut(&mut out, &path) = new;
    });
    out
}

/// What is found between two descriptions.
pub(super) fn between(base: &Value, revision: &Value, options: &Options) -> Report {
    let (old, of_old) = read("base", base.to_string().as_bytes());
    let (new, of_new) = read("revision", revision.to_string().as_bytes());
    compare(&lower(&old, of_old), &lower(&new, of_new), options)
}

/// Without a search for witnesses.
pub(super) fn plainly() -> Options {
    Options { without_witnesses: true, ..Options::default() }
}

/// Where every value counts, also under names that nothing declares.
pub(super) fn strictly() -> Options {
    Options { strict: true, ..plainly() }
}

/// Whether nothing was found that may break anybody.
pub(super) fn is_safe(report: &Report) -> bool {
    report.findings.iter().all(|finding| finding.level == Level::Info)
}

/// Whether something was found that breaks.
pub(super) fn breaks(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.level == Level::Error)
}

/// Whether nothing proves something that was found.
pub(super) fn is_undecided(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.proof == Proof::Undecided)
}

/// What was found, a line each; which names components have is no matter here.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().filter(|finding| !finding.id.starts_with("api-schema-"));
    findings.map(|one| format!("{} {}: {}", one.level.as_str(), one.id, one.message)).collect()
}

/// What was found that may break somebody.
pub(super) fn alarms(report: &Report) -> Vec<String> {
    lines(report).into_iter().filter(|line| !line.starts_with("info")).collect()
}

/// Who knows what a schema admits: the `jsonschema` crate, which has nothing of this house.
#[derive(Debug)]
pub(super) struct Oracle(jsonschema::Validator);

impl Oracle {
    pub(super) fn of(world: &World) -> Result<Self, TestCaseError> {
        let document = world.document();
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .offline()
            .should_validate_formats(true)
            .build(&document)
            .map(Self)
            .map_err(|error| TestCaseError::fail(format!("{error}: {document}")))
    }

    pub(super) fn admits(&self, value: &Value) -> bool {
        self.0.is_valid(value)
    }
}
