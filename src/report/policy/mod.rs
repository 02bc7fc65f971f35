//! The reports of `rollgate policy`: replays, comparisons, tests and descriptions of policies. Pure.

pub mod diff;
pub mod docs;
pub mod replay;
pub mod tested;

/// How many rows of a report are shown as text; all are in its JSON form.
const ROWS: usize = 200;

/// Pretty JSON that is safe to print, and a new line.
fn json<T: serde::Serialize>(report: &T) -> String {
    // The types of a report hold nothing that JSON cannot.
    crate::support::text::json(&serde_json::to_string_pretty(report).unwrap_or_default()) + "\n"
}

/// The JSON Schema of a report's form, as published.
fn schema<T: schemars::JsonSchema>() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(T)).unwrap_or_default() + "\n"
}

/// `1 look`, `2 looks`.
fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
