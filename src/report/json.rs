//! The report of a canary as JSON, and the JSON Schema of that form.

use super::canary::{CanaryReport, fitted};
use crate::rollout::record::RunRecord;

/// How many looks and rows of the timeline a JSON report begins with before it is made to fit.
const ROWS: usize = 4096;

/// The report of `record`, one JSON object and a new line.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    // The types of a report hold nothing that JSON cannot.
    fitted(record, ROWS, |report| serde_json::to_string_pretty(report).unwrap_or_default() + "\n")
}

/// The JSON Schema of [`render`]'s form, as published.
#[must_use]
pub fn schema() -> String {
    let schema = schemars::schema_for!(CanaryReport);
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}
