//! What all forms of a report say in the same words.

use std::collections::BTreeSet;

use super::place::Counts;
use crate::openapi::finding::{
    Accepted, Carried, Diagnostic, Direction, Finding, Gravity, Level, OperationKind, OperationName, Profile,
    Proof, ReadAs, Report, Side, SideName, Step, Verdict, Witness,
};
use crate::openapi::judge;
use crate::report::numbers;
use crate::report::publication::Conclusion;
use crate::support::text;

/// How many operations of a finding are named.
const NAMED: usize = 3;

/// How much of a name, a path or a title is shown.
const NAME: usize = 120;

/// How much of a message is shown.
pub(super) const MESSAGE: usize = 600;

/// How much is shown of what a side takes a message for.
const READ: usize = 40;

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
        Verdict::Compatible if report.base.file.is_none() => "new",
        Verdict::Compatible if report.findings.is_empty() && set_aside(report).is_none() => "no changes",
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

/// The symbol and the words for a report that a gate has judged: what the gate concluded goes before what was found.
#[must_use]
pub fn judged(report: &Report, conclusion: Conclusion) -> (&'static str, String) {
    let (found, said) = (report.summary.verdict, verdict(report));
    let (symbol, but) = match conclusion {
        Conclusion::Passed if found == Verdict::Breaking => ("⚠️", ", and passed"),
        Conclusion::Passed => (symbol(found), ""),
        Conclusion::Failed if found == Verdict::Breaking => ("❌", ""),
        Conclusion::Failed => ("❌", ", and refused"),
        Conclusion::Undecided | Conclusion::Pending if found == Verdict::Undecided => ("⚠️", ""),
        Conclusion::Undecided | Conclusion::Pending => ("⚠️", ", and not decided"),
        Conclusion::Fault | Conclusion::Cancelled => ("❌", ", and not judged"),
    };
    (symbol, format!("{said}{but}"))
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
    let aside = set_aside(report).map(|aside| format!("; {aside}")).unwrap_or_default();
    match (report.findings.first(), report.summary.verdict) {
        (None, _) if report.base.file.is_none() => "the description is new".to_owned(),
        (None, _) if report.accepted.is_empty() => format!("no changes that matter to clients{aside}"),
        (None, _) => format!("no changes that count{aside}"),
        (Some(_), Verdict::Compatible) => format!("compatible: {all}{aside}"),
        (Some(gravest), _) => {
            format!("{}: {all}; {}{aside}", verdict(report), text::line(&gravest.message, MESSAGE))
        }
    }
}

/// What was found and does not count: `2 accepted, 3 left out by filters, 1 set to off`; none where there is nothing.
#[must_use]
pub fn set_aside(report: &Report) -> Option<String> {
    let of = |count: u64, what: &str| (count > 0).then(|| format!("{} {what}", numbers::count(count)));
    let parts: Vec<String> = [
        of(report.accepted.len() as u64, "accepted"),
        of(u64::from(report.filtered), "left out by filters"),
        of(u64::from(report.off), "set to off"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The promise that levels follow, where it is not the one that everybody expects.
#[must_use]
pub fn profile(report: &Report) -> Option<&'static str> {
    (report.profile != Profile::Wire).then(|| report.profile.as_str())
}

/// Why a change is accepted, by whom and until when: `agreed with its clients (team-pets, until 2026-12-31)`.
#[must_use]
pub fn reason(accepted: &Accepted) -> String {
    let until = accepted.expires.as_deref().map(|day| format!("until {}", text::line(day, 20)));
    let owner = accepted.owner.as_deref().map(|owner| text::line(owner, NAME));
    let terms: Vec<String> = owner.into_iter().chain(until).collect();
    let reason = text::line(&accepted.reason, MESSAGE);
    if terms.is_empty() { reason } else { format!("{reason} ({})", terms.join(", ")) }
}

/// The defects of the descriptions, and what is to be said of what somebody set.
#[must_use]
pub fn defects(report: &Report) -> (Vec<&Diagnostic>, Vec<&Diagnostic>) {
    report.diagnostics.iter().partition(|diagnostic| !judge::is_of_settings(diagnostic))
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
    // What is accepted reaches operations too, and does not count.
    let reached = if report.accepted.is_empty() {
        report.operations.len()
    } else {
        let sets: BTreeSet<u32> = report.findings.iter().map(|finding| finding.operation_set).collect();
        let sets = sets.iter().filter_map(|&set| report.operation_sets.get(set as usize));
        sets.flatten().collect::<BTreeSet<_>>().len()
    };
    let operations = numbers::counted(reached as u64, "operation");
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

/// The witness of a finding in one line: the message, and who accepts it.
#[must_use]
pub fn witness(finding: &Finding) -> Option<String> {
    finding.witness.as_ref().map(|witness| {
        let shown = text::line(&message(witness), WITNESS);
        let sides = match (witness.accepted_by, &witness.read_as) {
            (_, Some(ReadAs { base, revision })) => {
                let read = |value: &serde_json::Value| match value {
                    serde_json::Value::Null => "nothing".to_owned(),
                    value => text::line(&value.to_string(), READ),
                };
                format!("the base takes it for {}, the revision for {}", read(base), read(revision))
            }
            (SideName::Revision, _) => "the revision may send it, the base does not promise it".to_owned(),
            (SideName::Base, _) if lost(witness) => {
                "the base promises it, the revision does not send it".to_owned()
            }
            (SideName::Base, _) => "the base accepts it, the revision does not".to_owned(),
        };
        format!("{shown} ({sides})")
    })
}

/// Whether the server sends it: an answer, or the request of a webhook or callback.
fn lost(witness: &Witness) -> bool {
    let is_request = witness.status.is_none();
    witness.operation.as_ref().is_some_and(|of| (of.kind == OperationKind::Operation) != is_request)
}

/// What is sent, in one line.
#[must_use]
pub fn message(witness: &Witness) -> String {
    let value = witness.value.as_ref().map(ToString::to_string).unwrap_or_default();
    let name = witness.name.as_deref().unwrap_or_default();
    let answered = witness.status.as_ref().map(|status| format!(" answered with {status} and"));
    let to = witness.operation.as_ref().map(operation).unwrap_or_default();
    let to = to + answered.as_deref().unwrap_or(" with");
    match witness.carried {
        Carried::Message => {
            let message = witness.message.as_deref().unwrap_or_default();
            let lines = message.lines().map(|line| line.strip_suffix(" HTTP/1.1").unwrap_or(line));
            // The line of the status is told in words.
            let told = usize::from(witness.status.is_some());
            let shown = lines.skip(told).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ");
            let received = witness.operation.as_ref().map(|operation| operation.kind);
            match (&witness.status, shown.is_empty()) {
                (None, _) if received == Some(OperationKind::Webhook) => format!("webhook {shown}"),
                (None, _) if received == Some(OperationKind::Callback) => format!("callback {shown}"),
                (None, _) => shown,
                (Some(_), true) => format!("{to} nothing else"),
                (Some(_), false) => format!("{to} {shown}"),
            }
        }
        Carried::Schema if name.is_empty() => format!("the value {value}"),
        Carried::Schema => format!("{name} = {value}"),
        Carried::Body => {
            let plain = witness.media_type.as_deref().is_none_or(|media| media == "application/json");
            let media = witness.media_type.as_deref().filter(|_| !plain);
            let media = media.map(|media| format!("{media} ")).unwrap_or_default();
            format!("{to} {media}{value}")
        }
        Carried::Path => format!("{to} {name} = {value} in the path"),
        Carried::Query => format!("{to} {name} = {value} in the query"),
        Carried::Querystring => format!("{to} the query {value}"),
        Carried::Header => format!("{to} {name} = {value} in a header"),
        Carried::Cookie => format!("{to} {name} = {value} in a cookie"),
    }
}

/// `file:line:column` of a place.
#[must_use]
pub fn place(location: &crate::openapi::finding::Location) -> String {
    format!("{}:{}:{}", text::line(&location.file, NAME), location.line, location.column)
}
