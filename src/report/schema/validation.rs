//! What is wrong with one description.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::{code, prose};
use super::sources::Sources;
use super::text::{Layout, defect_list};
use super::words;
use crate::openapi::finding::{Diagnostic, Gravity, Side};
use crate::report::numbers;
use crate::report::paint::Style;
use crate::support::text;

/// Version of the JSON form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// How many defects Markdown lists.
const DEFECTS: usize = 200;

/// A description and its defects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Validation {
    /// Version of this form: 1.
    pub version: u32,
    /// The description.
    pub description: Side,
    /// Whether it has no defect of level error.
    pub valid: bool,
    /// Defects of level error.
    pub errors: usize,
    /// Defects of level warn.
    pub warnings: usize,
    /// The defects, errors first, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Validation {
    /// A description with these defects.
    #[must_use]
    pub fn new(description: Side, mut diagnostics: Vec<Diagnostic>) -> Self {
        diagnostics.sort_by(|a, b| (a.level, &a.location, &a.code).cmp(&(b.level, &b.location, &b.code)));
        diagnostics.dedup();
        let errors = diagnostics.iter().filter(|it| it.level == Gravity::Error).count();
        let warnings = diagnostics.len() - errors;
        Self { version: VERSION, description, valid: errors == 0, errors, warnings, diagnostics }
    }

    fn verdict(&self) -> String {
        let mut counts = Vec::new();
        if self.errors > 0 {
            counts.push(numbers::counted(self.errors as u64, "error"));
        }
        if self.warnings > 0 {
            counts.push(numbers::counted(self.warnings as u64, "warning"));
        }
        let verdict = if self.valid { "valid" } else { "not valid" };
        if counts.is_empty() { verdict.to_owned() } else { format!("{verdict}, {}", counts.join(", ")) }
    }

    /// As a text, with the lines that the defects stand on.
    #[must_use]
    pub fn text(&self, sources: &Sources<'_>, layout: Layout) -> String {
        let style = if self.valid { Style::Good } else { Style::Bad };
        let head =
            format!("{}: {}\n", words::side(&self.description), style.paint(&self.verdict(), layout.colour));
        text::page(&head) + &defect_list(&self.diagnostics, sources, layout)
    }

    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // The types here hold nothing that JSON cannot.
        text::json(&serde_json::to_string_pretty(self).unwrap_or_default()) + "\n"
    }

    /// As Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let symbol = if self.valid { "✅" } else { "❌" };
        let description = text::markdown(&words::side(&self.description), text::SHOWN);
        let mut shown = format!("## {symbol} {description}: {}\n", self.verdict());
        if !self.diagnostics.is_empty() {
            shown.push('\n');
        }
        for diagnostic in self.diagnostics.iter().take(DEFECTS) {
            let at = diagnostic.location.as_ref().map(words::place).unwrap_or_default();
            let _ = writeln!(
                shown,
                "- **{}** {} {} · {}",
                words::gravity(diagnostic.level),
                text::markdown(&at, text::SHOWN),
                prose(&text::line(&diagnostic.message, words::MESSAGE)),
                code(&diagnostic.code)
            );
        }
        if let Some(more) = self.diagnostics.len().checked_sub(DEFECTS).filter(|more| *more > 0) {
            let _ = write!(shown, "\n… and {} more.\n", numbers::count(more as u64));
        }
        text::page(&shown)
    }
}

/// The JSON Schema of [`Validation::json`].
#[must_use]
pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Validation)).unwrap_or_default() + "\n"
}
