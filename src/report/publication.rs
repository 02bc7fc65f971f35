//! What one gate of one service makes known beyond the terminal: the same verdict for a commit status, a check
//! run, a job summary and a comment, each in the size that its reader allows.
//!
//! Pure. All text in it is safe to show as Markdown already (`support::text`); who sends it only cuts at the
//! seams between blocks and never inside one.

use serde::{Deserialize, Serialize};

/// How many bytes a job's summary may have: the runner drops the whole file above 1 MiB.
pub const SUMMARY: usize = 900 * 1024;

/// Which gate speaks, and of what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Name of the service.
    pub service: String,
    /// Which gate.
    pub gate: GateKind,
}

/// The kinds of gates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateKind {
    /// Differences of a description.
    Schema,
    /// A canary.
    Canary,
}

impl GateKind {
    /// The word in contexts and files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Canary => "canary",
        }
    }
}

impl Subject {
    /// The stable context of the commit status, and the name of the check run: `rollgate/<service>/<gate>`.
    #[must_use]
    pub fn context(&self) -> String {
        format!("rollgate/{}/{}", self.service, self.gate.as_str())
    }
}

/// How a gate ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// It has not ended.
    Pending,
    /// Passed, or promoted.
    Passed,
    /// The gate said no.
    Failed,
    /// The gate has not decided.
    Undecided,
    /// Something outside failed, a policy included.
    Fault,
    /// It was cancelled.
    Cancelled,
}

/// A remark at lines of a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Path beneath the root of the repository, at the revision.
    pub path: String,
    /// First line, from 1.
    pub line: u32,
    /// Column of the first character, from 1, where known.
    pub column: Option<u32>,
    /// How grave.
    pub level: AnnotationLevel,
    /// At most 255 characters, one line, plain text.
    pub title: String,
    /// One line, plain text (not Markdown).
    pub message: String,
}

/// How grave a remark is, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnnotationLevel {
    /// Fails the gate.
    Failure,
    /// May matter.
    Warning,
    /// Worth knowing.
    Notice,
}

/// Markdown in blocks, the gravest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Always shown: title and verdict.
    pub head: String,
    /// Each whole by itself; the last ones are left out where the reader allows no more.
    pub blocks: Vec<String>,
    /// Always shown: where to read on.
    pub tail: String,
}

impl Body {
    /// The whole in at most `budget` bytes of UTF-8: blocks that do not fit are counted instead. Only a head or tail
    /// that alone is too long is cut, at a character.
    #[must_use]
    pub fn within(&self, budget: usize) -> String {
        // Reserved for the line that counts what was left out.
        const RESERVE: usize = 96;
        let fixed = self.head.len() + self.tail.len() + 2;
        let all: usize = self.blocks.iter().map(|block| block.len() + 1).sum();
        let mut shown = self.head.clone();
        if fixed + all <= budget {
            for block in &self.blocks {
                shown.push('\n');
                shown.push_str(block);
            }
        } else {
            let room = budget.saturating_sub(fixed + RESERVE);
            let mut used = 0;
            let mut left = self.blocks.len();
            for block in &self.blocks {
                used += block.len() + 1;
                if used > room {
                    break;
                }
                shown.push('\n');
                shown.push_str(block);
                left -= 1;
            }
            shown.push_str("\n\n… and ");
            shown.push_str(&left.to_string());
            shown.push_str(" more that do not fit here.\n");
        }
        if !self.tail.is_empty() {
            shown.push('\n');
            shown.push_str(&self.tail);
        }
        if shown.len() > budget {
            let mut end = budget;
            while !shown.is_char_boundary(end) {
                end -= 1;
            }
            shown.truncate(end);
        }
        shown
    }
}

/// All that is made known of one gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Of what.
    pub subject: Subject,
    /// How it ended.
    pub conclusion: Conclusion,
    /// One line of plain text: the verdict and the numbers behind it. Cut to 140 characters for a status.
    pub headline: String,
    /// The report.
    pub body: Body,
    /// Remarks in files, the gravest first.
    pub annotations: Vec<Annotation>,
}

impl Publication {
    /// The job's summary, in at most [`SUMMARY`] bytes.
    #[must_use]
    pub fn summary(&self) -> String {
        self.body.within(SUMMARY)
    }
}
