//! What all forms of a report say in the same words.

use super::place::Counts;
use crate::openapi::finding::{
    Direction, Finding, Gravity, Level, OperationKind, OperationName, Proof, Report, Side, Step, Verdict,
};
use crate::report::numbers;
use crate::support::text;

/// How many operations of a finding are named.
const NAMED: usize = 3;

/// How much of a name, a path or a title is shown.
const NAME: usize = 120;

/// How much of a message is shown.
pub(super) const MESSAGE: usize = 600;

/// How much of a witness is shown.
pub(super) const WITNESS: usize = 300;

/// Two errors, a warning: `2 errors, 1 warning`; `no findings` where there are none.
#[must_use]
pub fn counts(counts: Counts) -> String {
    let mut words = Vec::new();
    if counts.error > 0 {
        words.push(numbers::counted(counts.error as u64, "error"));
    }
    if counts.warn > 0 {
        words.push(numbers::counted(counts.warn as u64, "warning"));
    }
    if counts.info > 0 {
        words.push(format!("{} info", numbers::count(counts.info as u64)));
    }
    if words.is_empty() { "no findings".to_owned() } else { words.join(", ") }
}

/// The findings of a report by level.
#[must_use]
pub fn counts_of(report: &Report) -> Counts {
    let summary = &report.summary;
    Counts { error: summary.error as usize, warn: summary.warn as usize, info: summary.info as usize }
}

/// What the description is called: title and version of the revision, or of the base where that was deleted.
#[must_use]
pub fn title(report: &Report) -> String {
    let gone = report.revision.file.is_none();
    let side = if gone { &report.base } else { &report.revision };
    let title = side.title.as_deref().or(side.file.as_deref()).unwrap_or("the description");
    let version =
        |side: &Side| side.version.as_deref().map(|version| text::line(version, 40)).unwrap_or_default();
    let (from, to) = (version(&report.base), version(&report.revision));
    let versions = match (gone, report.base.file.is_none()) {
        (true, _) => from,
        (_, true) => to,
        _ if from == to => to,
        _ if from.is_empty() || to.is_empty() => format!("{from}{to}"),
        _ => format!("{from} → {to}"),
    };
    format!("{} {versions}", text::line(title, NAME)).trim_end().to_owned()
}

/// The verdict in words.
#[must_use]
pub fn verdict(report: &Report) -> &'static str {
    match report.summary.verdict {
        Verdict::Breaking => "breaking",
        Verdict::Undecided => "undecided",
        Verdict::Compatible if report.findings.is_empty() => "no changes",
        Verdict::Compatible => "compatible",
    }
}

/// The symbol that stands beside the verdict in Markdown and HTML.
#[must_use]
pub fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Breaking => "❌",
        Verdict::Undecided => "⚠️",
        Verdict::Compatible => "✅",
    }
}

/// The symbol that stands beside a level.
#[must_use]
pub fn level_symbol(level: Level) -> &'static str {
    match level {
        Level::Error => "❌",
        Level::Warn => "⚠️",
        Level::Info => "ℹ️",
    }
}

/// The word for the gravity of a defect.
#[must_use]
pub fn gravity(gravity: Gravity) -> &'static str {
    match gravity {
        Gravity::Error => "error",
        Gravity::Warn => "warn",
    }
}

/// One side in a line: its file, its version of the format and its size.
#[must_use]
pub fn side(side: &Side) -> String {
    let Some(file) = &side.file else { return "does not exist".to_owned() };
    let openapi = side.openapi.as_deref().map_or_else(
        || "version unknown".to_owned(),
        |version| {
            let format = if version.trim_start().starts_with('2') { "Swagger" } else { "OpenAPI" };
            format!("{format} {}", text::line(version, 20))
        },
    );
    let operations = numbers::counted(u64::from(side.operations), "operation");
    format!("{} ({openapi}, {operations})", text::line(file, NAME))
}

/// The whole in one line of plain text: the numbers, and the gravest finding.
#[must_use]
pub fn headline(report: &Report) -> String {
    let all = counts(counts_of(report));
    match (report.findings.first(), report.summary.verdict) {
        (None, _) => "no changes that matter to clients".to_owned(),
        (Some(_), Verdict::Compatible) => format!("compatible: {all}"),
        (Some(gravest), _) => {
            format!("{}: {all}; {}", verdict(report), text::line(&gravest.message, MESSAGE))
        }
    }
}

/// What the change means for the version of the description, where it has findings or the version goes back.
#[must_use]
pub fn version_advice(report: &Report) -> Option<String> {
    let advice = report.version_advice.as_ref()?;
    let is_a_side_missing = report.base.file.is_none() || report.revision.file.is_none();
    if is_a_side_missing || (advice.needed == Step::None && advice.enough) {
        return None;
    }
    let version = |side: &Side| text::line(side.version.as_deref().unwrap_or_default(), 40);
    let (from, to) = (version(&report.base), version(&report.revision));
    let made = match advice.made {
        Step::Back => format!("{from} → {to} goes back"),
        Step::None => format!("{to} stays"),
        made => format!("{from} → {to} makes a {} one", made.as_str()),
    };
    Some(match (&advice.suggested, advice.needed) {
        (None, needed) => format!("needs a {} step; {made}, which is enough", needed.as_str()),
        (Some(least), Step::None) => format!("{made}; nothing less than {least} follows it"),
        (Some(least), needed) => {
            format!("needs a {} step, to {least} or later; {made}, which is too little", needed.as_str())
        }
    })
}

/// How many places and operations the findings touch.
#[must_use]
pub fn extent(report: &Report, places: usize) -> String {
    let operations = numbers::counted(report.operations.len() as u64, "operation");
    format!("in {}, reaching {operations}", numbers::counted(places as u64, "place"))
}

/// An operation: `GET /pets`.
#[must_use]
pub fn operation(name: &OperationName) -> String {
    let kind = match name.kind {
        OperationKind::Operation => "",
        OperationKind::Webhook => "webhook ",
        OperationKind::Callback => "callback ",
    };
    text::line(&format!("{kind}{} {}", name.method.to_ascii_uppercase(), name.path), NAME)
}

/// Whom a finding concerns and how sure it is: `request · POST /pets and 4 more operations · proven`. The operation is
/// left out where it is the only one and is `told` already. May be empty.
#[must_use]
pub fn concerns(report: &Report, finding: &Finding, told: &str) -> String {
    let mut words = Vec::new();
    match finding.direction {
        Direction::Request => words.push("request".to_owned()),
        Direction::Response => words.push("response".to_owned()),
        Direction::None => {}
    }
    let reach = reach(report, finding);
    if reach != told {
        words.push(reach);
    }
    match finding.proof {
        Proof::Proven => words.push("proven".to_owned()),
        Proof::Undecided => words.push("undecided".to_owned()),
        Proof::Rule => {}
    }
    words.join(" · ")
}

fn reach(report: &Report, finding: &Finding) -> String {
    let mut operations = report.reached(finding);
    let all = operations.len();
    // Naming one instead of counting it takes no more room.
    let named = if all == NAMED + 1 { all } else { NAMED };
    let first: Vec<String> = operations.by_ref().take(named).map(operation).collect();
    match (first.split_last(), all.saturating_sub(named)) {
        (None, _) => "reaches no operation".to_owned(),
        (Some((only, [])), 0) => only.clone(),
        (Some((last, others)), 0) => format!("{} and {last}", others.join(", ")),
        (Some(_), more) => {
            format!("{} and {} more operations", first.join(", "), numbers::count(more as u64))
        }
    }
}

/// The witness of a finding in one line.
#[must_use]
pub fn witness(finding: &Finding) -> Option<String> {
    finding.witness.as_ref().map(|witness| text::line(&witness.to_string(), WITNESS))
}

/// `file:line:column` of a place.
#[must_use]
pub fn place(location: &crate::openapi::finding::Location) -> String {
    format!("{}:{}:{}", text::line(&location.file, NAME), location.line, location.column)
}
