//! What is wrong with a description as such, whatever it is compared with: a defect of one place, which costs that place
//! and never the run.

use serde::{Deserialize, Serialize};

use super::tree::Position;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Location {
    /// The file, as the source of its bytes names it.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Location {
    /// A place in `file`.
    #[must_use]
    pub fn new(file: &str, position: Position) -> Self {
        Self { file: file.to_owned(), line: position.line, column: position.column }
    }
}

/// How grave a defect is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// Something could not be read, and is not compared.
    Error,
    /// Something is ambiguous or ignored; the rest is compared as it stands.
    Warn,
}

/// A defect of a description.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Diagnostic {
    /// Stable, in kebab case, such as `broken-reference`.
    pub code: String,
    /// How grave.
    pub level: Gravity,
    /// What is wrong and how to mend it, in one line. May quote foreign text.
    pub message: String,
    /// Where.
    pub location: Option<Location>,
    /// JSON Pointer of the place, where known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
}
