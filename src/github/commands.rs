//! Workflow commands: lines on standard output that the runner acts on.
//!
//! Pure but for the random token. The invariant: no text from outside can end a command, begin another one or change a property: it is
//! made one safe line first (`support::text`), then escaped as the runner unescapes. Output that is not ours stands
//! between [`Enclosure::begin`] and [`Enclosure::end`], where the runner acts on nothing.

use std::fmt::Write as _;

use crate::report::publication::{Annotation, AnnotationLevel};
use crate::support::secret::SecretValue;
use crate::support::text;

pub use super::random::NoRandomness;

/// The most annotations of one level that the runner keeps of a step.
pub const OF_ONE_LEVEL: usize = 10;

/// The most characters of a message that the runner keeps.
pub const MESSAGE: usize = 4096;

/// The most characters of a title, as in a check run.
const TITLE: usize = 255;

/// The data after a command, as the runner unescapes it.
#[must_use]
pub fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a command's property, as the runner unescapes it.
#[must_use]
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Cut so that it has at most `limit` characters with the sign that something is missing.
fn within(line: &str, limit: usize) -> String {
    super::status::within(line, limit)
}

/// The annotations that the step has not shown yet, of each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    failures: usize,
    warnings: usize,
    notices: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { failures: OF_ONE_LEVEL, warnings: OF_ONE_LEVEL, notices: OF_ONE_LEVEL }
    }
}

impl Budget {
    fn take(&mut self, level: AnnotationLevel) -> bool {
        let left = match level {
            AnnotationLevel::Failure => &mut self.failures,
            AnnotationLevel::Warning => &mut self.warnings,
            AnnotationLevel::Notice => &mut self.notices,
        };
        let some = *left > 0;
        *left = left.saturating_sub(1);
        some
    }
}

fn level(level: AnnotationLevel) -> &'static str {
    match level {
        AnnotationLevel::Failure => "error",
        AnnotationLevel::Warning => "warning",
        AnnotationLevel::Notice => "notice",
    }
}

/// One annotation as a command, without a line end.
#[must_use]
pub fn annotation(annotation: &Annotation) -> String {
    let mut properties = vec![
        format!("file={}", property(&text::line(&annotation.path, 1024))),
        format!("line={}", annotation.line.max(1)),
    ];
    if let Some(column) = annotation.column {
        properties.push(format!("col={}", column.max(1)));
    }
    let title = within(&annotation.title, TITLE);
    if !title.is_empty() {
        properties.push(format!("title={}", property(&title)));
    }
    let message = data(&within(&annotation.message, MESSAGE));
    format!("::{} {}::{message}", level(annotation.level), properties.join(","))
}

/// The annotations as commands, a line each, as many as `budget` allows, and a line that counts the others.
#[must_use]
pub fn annotations(annotations: &[Annotation], budget: &mut Budget) -> String {
    let mut lines = String::new();
    let mut left = 0;
    for one in annotations {
        if budget.take(one.level) {
            lines.push_str(&annotation(one));
            lines.push('\n');
        } else {
            left += 1;
        }
    }
    if left > 0 {
        let remarks = if left == 1 { "annotation" } else { "annotations" };
        let _ = writeln!(
            lines,
            "{left} more {remarks}; GitHub shows {OF_ONE_LEVEL} of each level, the job's summary has all"
        );
    }
    lines
}

/// A message without a place, as a command, without a line end.
#[must_use]
pub fn message(of: AnnotationLevel, title: &str, message: &str) -> String {
    let message = data(&within(message, MESSAGE));
    let title = within(title, TITLE);
    if title.is_empty() {
        format!("::{}::{message}", level(of))
    } else {
        format!("::{} title={}::{message}", level(of), property(&title))
    }
}

/// Tells the runner to mask the secret in this job's log from now on, without a line end.
#[must_use]
pub fn add_mask(secret: &SecretValue) -> String {
    // The one command whose data must not be made safe: it would then be another text.
    format!("::add-mask::{}", data(secret.expose()))
}

/// A stretch of output on which the runner acts as on plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    token: String,
}

impl Enclosure {
    /// One whose end nobody can guess.
    pub fn new() -> Result<Self, NoRandomness> {
        super::random::word().map(|token| Self { token })
    }

    /// The line before, without its end.
    #[must_use]
    pub fn begin(&self) -> String {
        format!("::stop-commands::{}", self.token)
    }

    /// The line after, without its end.
    #[must_use]
    pub fn end(&self) -> String {
        format!("::{}::", self.token)
    }
}
