//! Two policies asked the same recorded looks: which would have been decided differently. Pure.
//!
//! A run is compared look by look as it was recorded. From the first look on that differs in whether the run goes
//! on, it would have had other looks: what follows there says what a policy makes of the same evidence, no more.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{ROWS, count};
use crate::report::numbers;
use crate::support::text;
use crate::support::units::{Sha256, Timestamp};
use crate::verdict::model::Verdict;

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// Two policies on a corpus.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Version of this form: 1.
    pub version: u32,
    /// The one policy.
    pub a: Policy,
    /// The other.
    pub b: Policy,
    /// The numbers.
    pub summary: Summary,
    /// The runs, in order of time.
    pub runs: Vec<Run>,
    /// Runs that could not be read and looks that could not be asked, with the reason.
    pub left_out: Vec<String>,
}

/// A policy that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Policy {
    /// The reference.
    pub policy: String,
    /// Digest of its bytes.
    pub sha256: Sha256,
    /// What it calls itself, with its version.
    pub name: String,
}

/// How much differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Runs that were asked.
    pub runs: usize,
    /// Runs that could not be read.
    pub runs_unreadable: usize,
    /// Looks that were asked.
    pub looks: usize,
    /// Runs with a look that is decided differently.
    pub runs_different: usize,
    /// Looks that are decided differently.
    pub looks_different: usize,
    /// Runs that A rolls back and B does not.
    pub rolled_back_by_a_alone: usize,
    /// Runs that B rolls back and A does not.
    pub rolled_back_by_b_alone: usize,
}

/// A run under both.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Run {
    /// The run.
    pub run: String,
    /// The service.
    pub service: String,
    /// Looks that were asked.
    pub looks: usize,
    /// How it would have ended under A: its first look that ends it, or that none does.
    pub a: Ending,
    /// The same under B.
    pub b: Ending,
    /// The looks that are decided differently.
    pub different: Vec<Look>,
}

/// How a run would have ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Rolled back at this look.
    RolledBack(u32),
    /// Promoted at this look, before its last step.
    Promoted(u32),
    /// No look ends it.
    WentOn,
}

impl Ending {
    fn words(&self) -> String {
        match self {
            Self::RolledBack(look) => format!("rolls it back at look {look}"),
            Self::Promoted(look) => format!("promotes it at look {look}"),
            Self::WentOn => "lets it go on".into(),
        }
    }
}

/// A look that is decided differently.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Look {
    /// Its number.
    pub look: u32,
    /// Its instant, in milliseconds since the Unix epoch.
    pub at: Timestamp,
    /// What the gate concluded then.
    pub recorded: String,
    /// What it concludes with A.
    pub a: String,
    /// What it concludes with B.
    pub b: String,
    /// What A itself says.
    pub a_says: String,
    /// What B itself says.
    pub b_says: String,
}

/// How a run ends whose looks, by number, are decided so.
#[must_use]
pub fn ending(decisions: &[(u32, Verdict)]) -> Ending {
    let ends = decisions.iter().find_map(|(look, verdict)| match verdict {
        Verdict::Rollback => Some(Ending::RolledBack(*look)),
        Verdict::Promote => Some(Ending::Promoted(*look)),
        Verdict::Advance(_) | Verdict::Hold(_) => None,
    });
    ends.unwrap_or(Ending::WentOn)
}

impl Comparison {
    /// Adds the numbers up. `unreadable` says why runs could not be read, `left_out` which looks were not asked.
    #[must_use]
    pub fn new(a: Policy, b: Policy, runs: Vec<Run>, unreadable: Vec<String>, left_out: Vec<String>) -> Self {
        let is_rollback = |ending: &Ending| matches!(ending, Ending::RolledBack(_));
        let with = |test: &dyn Fn(&Run) -> bool| runs.iter().filter(|run| test(run)).count();
        let summary = Summary {
            runs: runs.len(),
            runs_unreadable: unreadable.len(),
            looks: runs.iter().map(|run| run.looks).sum(),
            runs_different: with(&|run| !run.different.is_empty()),
            looks_different: runs.iter().map(|run| run.different.len()).sum(),
            rolled_back_by_a_alone: with(&|run| is_rollback(&run.a) && !is_rollback(&run.b)),
            rolled_back_by_b_alone: with(&|run| is_rollback(&run.b) && !is_rollback(&run.a)),
        };
        let left_out = [unreadable, left_out].concat();
        Self { version: VERSION, a, b, summary, runs, left_out }
    }

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let Summary { runs, runs_unreadable, looks, runs_different, looks_different, .. } = &self.summary;
        let mut shown = String::new();
        for (name, policy) in [("A", &self.a), ("B", &self.b)] {
            let line = format!("{name} is {} ({}), sha256:{}", policy.policy, policy.name, policy.sha256);
            let _ = writeln!(shown, "{}", text::line(&line, text::SHOWN));
        }
        let _ = writeln!(
            shown,
            "{}, {}: {} in {} decided differently",
            count(*runs, "run"),
            count(*looks, "look"),
            count(*looks_different, "look"),
            count(*runs_different, "run"),
        );
        if *runs_unreadable > 0 {
            let _ = writeln!(shown, "{} could not be read", count(*runs_unreadable, "run"));
        }
        for (who, number) in
            [("A", self.summary.rolled_back_by_a_alone), ("B", self.summary.rolled_back_by_b_alone)]
        {
            if number > 0 {
                let _ = writeln!(shown, "{who} alone rolls back {}", count(number, "run"));
            }
        }
        let mut rows = 0;
        for run in self.runs.iter().filter(|run| !run.different.is_empty()) {
            let _ = writeln!(
                shown,
                "run {} of {}: A {}, B {}",
                text::line(&run.run, 100),
                text::line(&run.service, 200),
                run.a.words(),
                run.b.words()
            );
            for look in run.different.iter().take(ROWS.saturating_sub(rows)) {
                let _ = writeln!(
                    shown,
                    "  look {} at {}: A {}, B {}; recorded {}",
                    look.look,
                    numbers::utc(look.at),
                    text::line(&look.a_says, 300),
                    text::line(&look.b_says, 300),
                    look.recorded
                );
                rows += 1;
            }
        }
        if *looks_different > rows {
            let _ = writeln!(shown, "{} more are not shown", count(looks_different - rows, "look"));
        }
        for line in self.left_out.iter().take(ROWS) {
            let _ = writeln!(shown, "left out: {}", text::line(line, text::SHOWN));
        }
        if self.left_out.len() > ROWS {
            let _ = writeln!(shown, "left out: {} more are not shown", self.left_out.len() - ROWS);
        }
        text::page(&shown)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> String {
        super::json(self)
    }
}

/// The JSON Schema of [`Comparison::json`]'s form, as published.
#[must_use]
pub fn schema() -> String {
    super::schema::<Comparison>()
}
