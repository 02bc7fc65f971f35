//! What a run leaves behind: its header, one record per look, and from these and the journal the whole
//! [`RunRecord`] that reports are made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::entry::Line;
use super::machine::State;
use super::plan::Plan;
use crate::snapshot::model::{Context, Snapshot};
use crate::snapshot::statistics::Statistics;
use crate::support::units::{Sha256, Timestamp};
use crate::verdict::asked::Asked;
use crate::verdict::model::{Answer, Decision, Member};

/// Version of the recorded forms of this file.
pub const VERSION: u32 = 1;

/// What is known of a run before it begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Header {
    /// Version of this form.
    pub version: u32,
    /// When the run was made.
    pub created: Timestamp,
    /// Who is judged; `now_ms` is `created`.
    pub context: Context,
    /// What the run is meant to do.
    pub plan: Plan,
    /// What moves traffic, in the driver's words.
    pub driver: String,
    /// The policies of the gate, as `id policy sha256`.
    pub policies: Vec<String>,
}

/// One look: all that went in and all that came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LookRecord {
    /// Version of this form.
    pub version: u32,
    /// Its number, from 1.
    pub look: u32,
    /// Its instant.
    pub at: Timestamp,
    /// What the policies saw.
    pub snapshot: Snapshot,
    /// Digest of the snapshot's canonical form.
    pub snapshot_sha256: Sha256,
    /// With what the policies were asked beside it.
    pub asked: Asked,
    /// What each policy said.
    pub members: Vec<Member>,
    /// What the gate concluded.
    pub decision: Decision,
    /// Digest of the record of the look before; none in the first.
    pub previous: Option<Sha256>,
    /// What the statistics carry to the next look; its form is the program's own.
    #[schemars(with = "BTreeMap<String, Value>")]
    #[serde(default, skip_serializing_if = "Statistics::is_empty")]
    pub statistics: Statistics,
}

/// A run as far as it has come.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRecord {
    /// What was known before it began.
    pub header: Header,
    /// What happened.
    pub lines: Vec<Line>,
    /// Its looks, in order.
    pub looks: Vec<LookRecord>,
    /// Where that leads.
    pub state: State,
}

impl RunRecord {
    /// What each policy wanted to be given at its next look, by member.
    #[must_use]
    pub fn memories(&self) -> BTreeMap<String, Vec<u8>> {
        memories(&self.looks)
    }
}

/// What each policy wanted to be given after `looks`: what it returned last, faults and refusals left aside.
#[must_use]
pub fn memories(looks: &[LookRecord]) -> BTreeMap<String, Vec<u8>> {
    let members = looks.iter().flat_map(|look| &look.members);
    let outcomes = members.filter_map(|member| match &member.answer {
        Answer::Outcome(outcome) => Some((member.id.clone(), outcome.memory.clone())),
        Answer::Refusal(_) | Answer::Fault(_) => None,
    });
    outcomes.collect()
}

/// The JSON Schema of a look's record, as published.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(LookRecord).to_value();
    admit_text(&mut schema);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// Whole numbers of 64 bits are written as text beyond 2^53.
fn admit_text(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let is_wide = matches!(members.get("format").and_then(Value::as_str), Some("uint64" | "int64"));
            if is_wide && let Some(kind) = members.get_mut("type") {
                let mut kinds = match kind.take() {
                    Value::Array(kinds) => kinds,
                    one => vec![one],
                };
                kinds.push("string".into());
                *kind = Value::Array(kinds);
                members.insert("pattern".into(), "^-?[0-9]+$".into());
            }
            members.values_mut().for_each(admit_text);
        }
        Value::Array(entries) => entries.iter_mut().for_each(admit_text),
        _ => {}
    }
}
