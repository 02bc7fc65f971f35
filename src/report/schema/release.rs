//! What `rollgate schema publish` did: each description with the version that it has in its store from now on, as a text and
//! as JSON.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::paint::Style;
use crate::support::text;

/// Version of the JSON form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// How much of a name or path is shown.
const NAME: usize = 300;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Release {
    /// Version of this form: 1.
    pub version: u32,
    /// Whether nothing was written because that was asked for.
    pub dry_run: bool,
    /// The exit code of the command.
    pub exit_code: u8,
    /// The descriptions by the names of their services.
    pub services: Vec<Title>,
}

/// A description and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Title {
    /// Name of the service.
    pub service: String,
    /// Path of the description.
    pub description: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Its version; none where it has none.
    pub release: Option<String>,
    /// Where it is in the store, or would be.
    pub file: Option<String>,
    /// SHA-256 of the description in hexadecimal digits.
    pub sha256: Option<String>,
    /// The last version before this one; none where this is the first.
    pub before: Option<String>,
    /// Whether this is the version that changes are compared with from now on.
    pub is_last: bool,
    /// Why it was not published.
    pub error: Option<String>,
}

/// What came of publishing a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The store has it now.
    Published,
    /// The store had the same under the same version.
    Unchanged,
    /// It would be published.
    WouldPublish,
    /// The store does not have it.
    Failed,
}

impl Release {
    /// As JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // The types here hold nothing that JSON cannot.
        text::json(&serde_json::to_string_pretty(self).unwrap_or_default()) + "\n"
    }

    /// As a text.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let mut shown = String::new();
        for title in &self.services {
            let service = Style::Bold.paint(&text::line(&title.service, NAME), colour);
            let release = text::line(title.release.as_deref().unwrap_or_default(), NAME);
            let (word, style) = match title.outcome {
                Outcome::Published => (format!("{release} is published"), Style::Good),
                Outcome::Unchanged => (format!("{release} was published before, the same"), Style::Good),
                Outcome::WouldPublish => (format!("{release} would be published"), Style::Warn),
                Outcome::Failed => ("not published".to_owned(), Style::Bad),
            };
            let _ = writeln!(shown, "{service}: {}", style.paint(&word, colour));
            if let Some(file) = &title.file {
                let _ = writeln!(shown, "  {}", text::line(file, NAME));
            }
            match (&title.before, title.outcome, title.is_last) {
                (_, Outcome::Failed | Outcome::Unchanged, _) => {}
                (Some(before), _, true) => {
                    let _ = writeln!(shown, "  the last one before was {}", text::line(before, NAME));
                }
                (Some(before), _, false) => {
                    let _ = writeln!(shown, "  the last one stays {}", text::line(before, NAME));
                }
                (None, _, _) => {
                    let _ = writeln!(shown, "  it is the first one");
                }
            }
            if let Some(error) = &title.error {
                let _ = writeln!(shown, "  {}", text::line(error, text::SHOWN));
            }
        }
        text::page(&shown)
    }
}

/// The JSON Schema of [`Release::json`]'s form, as published.
#[must_use]
pub fn json_schema() -> String {
    format!("{:#}\n", schemars::schema_for!(Release).to_value())
}
