//! What a run leaves behind: its header, one record per look, and from these and the journal the whole
//! [`RunRecord`] that reports are made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::entry::Line;
use super::machine::State;
use super::plan::Plan;
use crate::snapshot::model::{Context, Snapshot};
use crate::snapshot::statistics::Statistics;
use crate::support::units::{Sha256, Timestamp};
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// What each policy said.
    pub members: Vec<Member>,
    /// What the gate concluded.
    pub decision: Decision,
    /// Digest of the record of the look before; none in the first.
    pub previous: Option<Sha256>,
    /// What the statistics carry to the next look.
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
