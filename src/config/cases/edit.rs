//! Writes what policies answered into a file of cases. Pure.
//!
//! Only the values that say what is expected are replaced, and lines are added or taken away where a key comes or
//! goes: comments, order and everything else stay as they are.

use std::fmt::Write as _;

use super::{Answered, Case};
use crate::config::location::{Extent, Position};

/// A case that cannot be edited in place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write the verdict of `{name}` in line {line}: the case is written in braces; write it as a block")]
pub struct EditError {
    name: String,
    line: usize,
}

/// The text of a file with these answers as what is expected.
///
/// # Errors
/// Names the first case that is not written as a block.
pub fn update(text: &str, answers: &[(&Case, Answered)]) -> Result<String, EditError> {
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for (case, answer) in answers {
        of_case(text, case, answer, &mut edits)?;
    }
    // From the end, so that no edit moves the place of another; of two insertions at one place the first comes first.
    edits.sort_by_key(|edit| (edit.0, edit.1));
    let mut edited = text.to_owned();
    for (from, to, new) in edits.into_iter().rev() {
        edited.replace_range(from..to, &new);
    }
    Ok(edited)
}

fn of_case(
    text: &str,
    case: &Case,
    answer: &Answered,
    edits: &mut Vec<(usize, usize, String)>,
) -> Result<(), EditError> {
    // What was not expected before is written for a new case alone.
    let keeps =
        |key: &str| case.expected.is_none() || case.places.keys.iter().any(|(known, ..)| known == key);
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let reasons = answer.reasons.as_ref().filter(|_| keeps("reasons")).map(|reasons| {
        let reasons: Vec<String> = reasons.iter().map(|reason| quoted(reason)).collect();
        format!("[{}]", reasons.join(", "))
    });
    let values = [
        ("expect", Some(answer.kind.as_str().to_owned())),
        ("weight", answer.weight.filter(|_| keeps("weight")).map(|weight| weight.to_string())),
        ("seconds", answer.seconds.filter(|_| keeps("seconds")).map(|seconds| seconds.to_string())),
        ("detail", answer.detail.as_deref().filter(|_| keeps("detail")).map(quoted)),
        ("reasons", reasons),
    ];
    let mut added = String::new();
    for (key, value) in values {
        let place = case.places.keys.iter().find(|(known, ..)| known == key);
        match (place, value) {
            (Some((_, _, at)), Some(value)) => {
                let (from, to) = (offset(text, at.start), offset(text, at.end));
                if text.get(from..to) != Some(value.as_str()) {
                    edits.push((from, to, value));
                }
            }
            (Some((_, key_at, at)), None) => {
                if case.places.in_braces {
                    return Err(in_braces(case));
                }
                edits.push(line(text, *key_at, *at));
            }
            (None, Some(value)) => {
                let indent = " ".repeat(case.places.start.start.column.saturating_sub(1));
                let _ = write!(added, "\n{indent}{key}: {value}");
            }
            (None, None) => {}
        }
    }
    if !added.is_empty() {
        if case.places.in_braces {
            return Err(in_braces(case));
        }
        let place = case.places.keys.iter().find(|(key, ..)| key == "expect").map(|(_, _, at)| *at);
        // Behind a comment on the last line of the value.
        let end = offset(text, place.unwrap_or(case.places.end).end);
        let end = text[end..].find(['\n', '\r']).map_or(text.len(), |line| end + line);
        edits.push((end, end, added));
    }
    Ok(())
}

fn in_braces(case: &Case) -> EditError {
    EditError { name: case.name.clone(), line: case.places.start.start.line }
}

/// The removal of the lines of a key and its value; a comment behind the value goes with it.
fn line(text: &str, key: Extent, value: Extent) -> (usize, usize, String) {
    let start = offset(text, Position { line: key.start.line, column: 1 });
    let before = text[start..offset(text, key.start)].trim();
    let end = offset(text, value.end);
    let end = text[end..].find('\n').map_or(text.len(), |line| end + line + 1);
    if before.is_empty() {
        (start, end, String::new())
    } else {
        // The first key of a list's entry: the dash stays, with a comment in the key's place.
        (offset(text, key.start), offset(text, value.end), String::from("# "))
    }
}

/// The character at a place.
pub(super) fn character(text: &str, at: Position) -> Option<char> {
    text[offset(text, at)..].chars().next()
}

/// The byte at a place. Lines end as in YAML: at CR LF, LF and CR.
fn offset(text: &str, at: Position) -> usize {
    let mut line = 1;
    let mut from = 0;
    let bytes = text.as_bytes();
    while line < at.line && from < bytes.len() {
        match bytes[from] {
            b'\r' if bytes.get(from + 1) == Some(&b'\n') => {
                from += 2;
                line += 1;
            }
            b'\n' | b'\r' => {
                from += 1;
                line += 1;
            }
            _ => from += 1,
        }
    }
    let rest = &text[from..];
    rest.char_indices().nth(at.column - 1).map_or(text.len(), |(column, _)| from + column)
}
