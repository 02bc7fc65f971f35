//! A recorded run, asked again: what came out the same, and exactly what did not. Pure.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ROWS, count};
use crate::report::numbers;
use crate::support::text;
use crate::support::units::{Sha256, Timestamp};
use crate::verdict::compare::Change;

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// A run, replayed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Replay {
    /// Version of this form: 1.
    pub version: u32,
    /// The run.
    pub run: String,
    /// The service that it is about; of a check the first.
    pub service: String,
    /// Whether every answer and all fuel are as recorded.
    pub same: bool,
    /// How many looks were decided differently.
    pub decided_differently: usize,
    /// What was not the same when the run was recorded, in words: policies, runtime, architecture.
    pub differences: Vec<String>,
    /// Its looks, in order.
    pub looks: Vec<Look>,
    /// What of the record was left unfinished and is left out.
    pub left_out: Vec<String>,
}

/// A look, replayed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Look {
    /// Its number.
    pub look: u32,
    /// Its instant, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// The service that it is about.
    pub service: String,
    /// What the gate concluded then.
    pub recorded: String,
    /// What it concludes now.
    pub replayed: String,
    /// The policies of the gate.
    pub members: Vec<Answered>,
}

/// A policy's answer, replayed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Answered {
    /// Its path in the gate.
    pub id: String,
    /// The reference that was asked now.
    pub policy: String,
    /// Digest of the bytes that ran then.
    pub recorded_sha256: Sha256,
    /// Digest of the bytes that ran now.
    pub replayed_sha256: Sha256,
    /// What it says now.
    pub answer: String,
    /// What differs; nothing where it is as recorded.
    pub changes: Vec<Change>,
}

impl Look {
    /// Whether everything is as recorded.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.recorded == self.replayed && self.members.iter().all(|member| member.changes.is_empty())
    }
}

impl Replay {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let same = self.looks.iter().filter(|look| look.is_same()).count();
        let mut shown = format!(
            "run {} of {}: {}, {}\n",
            text::line(&self.run, 100),
            text::line(&self.service, 200),
            count(self.looks.len(), "look"),
            if same == self.looks.len() { "all as recorded".into() } else { format!("{same} as recorded") }
        );
        for line in &self.differences {
            let _ = writeln!(shown, "  {}", text::line(line, text::SHOWN));
        }
        for line in &self.left_out {
            let _ = writeln!(shown, "  left out: {}", text::line(line, text::SHOWN));
        }
        let different: Vec<_> = self.looks.iter().filter(|look| !look.is_same()).collect();
        for look in different.iter().take(ROWS) {
            let was = if look.recorded == look.replayed {
                String::from(", as recorded")
            } else {
                format!(", was {}", look.recorded)
            };
            let _ = writeln!(
                shown,
                "look {} at {}, {}: {}{was}",
                look.look,
                numbers::utc(look.at),
                text::line(&look.service, 200),
                look.replayed
            );
            for member in &look.members {
                for change in &member.changes {
                    let line = format!(
                        "{} {}, {}: {}, was {}",
                        member.id,
                        member.policy,
                        change.part.as_str(),
                        change.is,
                        change.was
                    );
                    let _ = writeln!(shown, "  {}", text::line(&line, text::SHOWN));
                }
            }
        }
        if different.len() > ROWS {
            let _ = writeln!(shown, "{} more are not shown", count(different.len() - ROWS, "look"));
        }
        text::page(&shown)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> String {
        super::json(self)
    }
}

/// The JSON Schema of [`Replay::json`]'s form, as published.
#[must_use]
pub fn schema() -> String {
    super::schema::<Replay>()
}
