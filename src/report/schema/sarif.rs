//! The differences of two descriptions as SARIF 2.1.0, for code scanning.
//!
//! A result stands at the revision's line, or where something was removed at the nearest part that remains; the line of
//! the base is a related place. What is over GitHub's limits is left out, the gravest stays.

use std::borrow::Cow;
use std::fmt::Write as _;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::sources::Sources;
use super::{publication, words};
use crate::openapi::finding::{Accepted, Finding, Level, Location, Report};
use crate::openapi::rules;
use crate::openapi::uri::is_url;
use crate::support::text;

/// How many results of one run GitHub keeps.
const RESULTS: usize = 5_000;

/// The report as SARIF.
#[must_use]
pub fn render(report: &Report, sources: &Sources<'_>) -> String {
    let accepted = report.accepted.iter().map(|accepted| (&accepted.finding, Some(accepted)));
    let findings =
        || report.findings.iter().map(|finding| (finding, None)).chain(accepted.clone()).take(RESULTS);
    let mut ids: BTreeMap<&str, Level> = BTreeMap::new();
    for (finding, _) in findings() {
        ids.entry(&finding.id).or_insert(finding.level);
    }
    let index: BTreeMap<&str, usize> = ids.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let rules: Vec<Value> = ids.iter().map(|(id, level)| rule(id, *level)).collect();
    let results: Vec<Value> = findings()
        .map(|(finding, accepted)| {
            let index = index.get(finding.id.as_str()).copied().unwrap_or_default();
            let mut result = result(report, finding, sources, index);
            if let Some(accepted) = accepted {
                result["suppressions"] = json!([suppression(accepted)]);
            }
            result
        })
        .collect();
    let sarif = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Rollgate",
                "organization": "Rollgate",
                "fullName": "Rollgate, differences of API descriptions",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "automationDetails": { "id": "rollgate/schema/" },
            "results": results,
        }],
    });
    format!("{}\n", text::json(&format!("{sarif:#}")))
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warn => "warning",
        Level::Info => "note",
    }
}

fn rule(id: &str, found: Level) -> Value {
    let sentence = |text: &str| {
        let line = text::line(text, text::SHOWN);
        if line.ends_with(['.', '!', '?']) { line } else { format!("{line}.") }
    };
    let known = rules::find(id);
    let what = known.map_or_else(|| id.to_owned(), rules::Rule::what);
    let help = known
        .map_or_else(String::new, |rule| format!("{} {}", sentence(&rule.why()), sentence(&rule.mend())));
    json!({
        "id": text::line(id, 200),
        "name": name(id),
        "shortDescription": { "text": sentence(&what) },
        "fullDescription": { "text": sentence(&what) },
        "help": { "text": if help.is_empty() { sentence(&what) } else { help } },
        "defaultConfiguration": { "level": level(known.map_or(found, |rule| rule.level)) },
        "properties": { "tags": ["api", "compatibility"], "problem.severity": match found {
            Level::Error => "error",
            Level::Warn => "warning",
            Level::Info => "recommendation",
        } },
    })
}

/// The id as SARIF names rules: in Pascal case.
fn name(id: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    text::line(id, 200).split('-').map(word).collect()
}

fn result(report: &Report, finding: &Finding, sources: &Sources<'_>, index: usize) -> Value {
    let concerns = words::concerns(report, finding, "");
    let mut message = format!("{} ({concerns})", text::line(&finding.message, words::MESSAGE));
    if let Some(witness) = words::witness(finding) {
        let _ = write!(message, "; for example {witness}");
    }
    let mut result = json!({
        "ruleId": text::line(&finding.id, 200),
        "ruleIndex": index,
        "level": level(finding.level),
        "message": { "text": message },
        "partialFingerprints": { "rollgate/v1": text::line(&finding.fingerprint, 64) },
    });
    if let Some(location) = publication::place_of(report, finding, sources) {
        result["locations"] = json!([physical(&location)]);
    }
    if let Some(base) = &finding.base_location {
        let mut related = physical(base);
        related["id"] = 1.into();
        related["message"] = json!({ "text": "Where it stands in the base." });
        result["relatedLocations"] = json!([related]);
    }
    result
}

/// How SARIF says that a result was accepted, in a file beside the one that it is about (SARIF 2.1.0, 3.35).
fn suppression(accepted: &Accepted) -> Value {
    let mut suppression = json!({
        "kind": "external",
        "status": "accepted",
        "justification": words::reason(accepted),
    });
    suppression["location"] = physical(&accepted.entry);
    suppression
}

fn physical(location: &Location) -> Value {
    let path = uri(&location.file);
    // What is not beneath the root of the repository cannot be named from there.
    let is_url = is_url(&location.file) && location.file.bytes().all(|byte| byte.is_ascii_graphic());
    let artifact = match path.strip_prefix('/') {
        _ if is_url => json!({ "uri": location.file }),
        Some(absolute) => json!({ "uri": format!("file:///{}", absolute.trim_start_matches('/')) }),
        None => json!({ "uri": path, "uriBaseId": "%SRCROOT%" }),
    };
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": { "startLine": location.line.max(1), "startColumn": location.column.max(1) },
    } })
}

/// An absolute path without `.` and `..`, as section 5.2.4 of RFC 3986 takes them away: readers refuse them there.
fn without_dots(path: &str) -> Cow<'_, str> {
    if !path.starts_with('/') {
        return path.into();
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/")).into()
}

/// A path as a relative reference (RFC 3986).
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in without_dots(path).bytes().take(4_096) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}
