//! The differences of two descriptions as JSON, and the JSON Schema of that form: one finding a line, so that the
//! output can be searched and compared by line as well.

use std::fmt::Write as _;

use serde::Serialize;

use crate::openapi::finding::{Finding, OperationName, Profile, Report};
use crate::support::text;

/// How findings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Each once, with the set of operations that it reaches.
    PerPlace,
    /// Each once for every operation that it reaches, which it then names. Grows with operations times findings.
    PerOperation,
}

/// A finding, repeated for one of its operations.
#[derive(Serialize)]
struct Repeated<'r> {
    #[serde(flatten)]
    finding: &'r Finding,
    /// The operation; none where the finding reaches none.
    operations: Vec<&'r OperationName>,
}

/// The report as one JSON object and a new line.
#[must_use]
pub fn render(report: &Report, listing: Listing) -> String {
    pieces(report, listing).collect()
}

/// The same in pieces, for output that does not fit into memory at once.
pub fn pieces(report: &Report, listing: Listing) -> impl Iterator<Item = String> {
    let mut head = format!(
        "{{\n  \"version\": {},\n  \"base\": {},\n  \"revision\": {},\n  \"summary\": {},\n  \"version_advice\": {},\n",
        report.version,
        line(&report.base),
        line(&report.revision),
        line(&report.summary),
        line(&report.version_advice)
    );
    if report.profile != Profile::Wire {
        let _ = writeln!(head, "  \"profile\": {},", line(&report.profile));
    }
    for (name, count) in [("filtered", report.filtered), ("off", report.off)] {
        if count > 0 {
            let _ = writeln!(head, "  \"{name}\": {count},");
        }
    }
    let separator = if report.accepted.is_empty() { "" } else { ",\n" };
    let accepted = (!report.accepted.is_empty()).then(|| list("accepted", report.accepted.iter().map(line)));
    std::iter::once(head)
        .chain(list("operations", report.operations.iter().map(line)))
        .chain(std::iter::once(",\n".to_owned()))
        .chain(list("operation_sets", report.operation_sets.iter().map(line)))
        .chain(std::iter::once(",\n".to_owned()))
        .chain(list("diagnostics", report.diagnostics.iter().map(line)))
        .chain(std::iter::once(",\n".to_owned()))
        .chain(list(
            "findings",
            report.findings.iter().flat_map(move |finding| lines(report, finding, listing)),
        ))
        .chain(std::iter::once(separator.to_owned()))
        .chain(accepted.into_iter().flatten())
        .chain(std::iter::once("\n}\n".to_owned()))
}

fn lines<'r>(
    report: &'r Report,
    finding: &'r Finding,
    listing: Listing,
) -> Box<dyn Iterator<Item = String> + 'r> {
    let repeated = move |operations| line(&Repeated { finding, operations });
    match listing {
        Listing::PerPlace => Box::new(std::iter::once(line(finding))),
        Listing::PerOperation if report.reached(finding).len() == 0 => {
            Box::new(std::iter::once(repeated(Vec::new())))
        }
        Listing::PerOperation => {
            Box::new(report.reached(finding).map(move |operation| repeated(vec![operation])))
        }
    }
}

/// A member of the object with a list of one item a line.
fn list<'r>(name: &str, items: impl Iterator<Item = String> + 'r) -> impl Iterator<Item = String> + 'r {
    let mut items = items.peekable();
    let is_empty = items.peek().is_none();
    let head = format!("  \"{name}\": [");
    let mut is_first = true;
    let items = items.map(move |item| {
        let separator = if std::mem::take(&mut is_first) { "" } else { "," };
        format!("{separator}\n    {item}")
    });
    let tail = if is_empty { "]" } else { "\n  ]" };
    std::iter::once(head).chain(items).chain(std::iter::once(tail.to_owned()))
}

/// A value in one line, safe to print.
fn line(value: &impl Serialize) -> String {
    // The types of a report hold nothing that JSON cannot.
    text::json(&serde_json::to_string(value).unwrap_or_default())
}

/// The JSON Schema of [`render`]'s form, as published.
#[must_use]
pub fn schema() -> String {
    let mut schema = schemars::schema_for!(Report).to_value();
    if let Some(properties) = schema.pointer_mut("/$defs/Finding/properties") {
        properties["operations"] = serde_json::json!({
            "description": "With `--per-operation` only: the operation that the finding is repeated for; empty where it reaches none.",
            "type": "array",
            "maxItems": 1,
            "items": { "$ref": "#/$defs/OperationName" },
        });
    }
    format!("{schema:#}\n")
}
