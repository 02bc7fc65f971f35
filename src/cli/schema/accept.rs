//! `rollgate schema accept`: writes changes into the list of those that do not count.
//!
//! Nothing is accepted that was not found: an entry is made from a finding, never from the command line alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use jiff::civil::Date;

use super::{check, counting, diff, operand};
use crate::cli::{Exit, Failure, output, process};
use crate::config::accepted::{self, EditError, NewEntry};
use crate::config::nearest;
use crate::openapi::compare;
use crate::openapi::finding::{Finding, Level, OperationName, Report};
use crate::openapi::judge::judge;
use crate::openapi::rules;
use crate::report::numbers;
use crate::support::env::ProcessEnvironment;
use crate::support::{fs, text};

/// How many of the accepted changes are named.
const NAMED: usize = 20;

/// Arguments of `rollgate schema accept`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The side that clients know; without both sides, what `rollgate schema check` finds here
    #[arg(value_name = "BASE", requires = "revision")]
    base: Option<String>,
    /// The side that is to replace it
    #[arg(value_name = "REVISION")]
    revision: Option<String>,
    /// Why the changes are accepted
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// The last day on which they are, such as 2026-12-31
    #[arg(long, value_name = "DATE")]
    expires: Option<Date>,
    /// Who answers for it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Accept findings of this rule, whatever their level; can be repeated
    #[arg(long, value_name = "ID")]
    id: Vec<String>,
    /// Accept findings at this JSON Pointer, whatever their level; can be repeated
    #[arg(long, value_name = "POINTER")]
    subject: Vec<String>,
    /// Accept findings for this operation only, such as `GET /pets`: other operations that they reach stay as they are
    #[arg(long, value_name = "OPERATION", value_parser = operation)]
    operation: Vec<(String, String)>,
    /// Accept the very changes, by their fingerprints: what is changed again counts again
    #[arg(long)]
    exact: bool,
    /// The list to write into; by default the service's, else .rollgate-accepted.yaml
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,
    /// Revision to compare with, where no sides are named
    #[arg(long = "against", value_name = "REVISION", conflicts_with = "base")]
    against: Option<String>,
    #[command(flatten)]
    counting: counting::Counting,
}

fn operation(text: &str) -> Result<(String, String), String> {
    accepted::read_operation(text)
        .ok_or_else(|| "write the method and the path, such as `GET /pets`".to_owned())
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    if let Some(id) = arguments.id.iter().find(|id| rules::find(id).is_none()) {
        return Err(Failure::Usage(anyhow!("there is no rule `{id}`; {}", nearest::rule(id))));
    }
    if arguments.reason.trim().is_empty() {
        return Err(Failure::Usage(anyhow!("--reason is empty; say why the changes are accepted")));
    }
    let today = diff::today()?;
    if let Some(last) = arguments.expires.filter(|last| *last < today) {
        return Err(Failure::Usage(anyhow!("--expires {last} is over; name today or a later day")));
    }
    let mut by_list: BTreeMap<PathBuf, Vec<Report>> = BTreeMap::new();
    if let (Some(base), Some(revision)) = (&arguments.base, &arguments.revision) {
        let list = arguments.accepted.clone().unwrap_or_else(counting::default_list);
        by_list.entry(list).or_default().push(between(arguments, [base, revision], today)?);
    } else {
        let request = check::Request { base: arguments.against.clone(), ..check::Request::default() };
        let found = process::runtime()?.block_on(check::unaccepted(&request, &ProcessEnvironment))?;
        for check::Unaccepted { list, report } in found {
            let list = arguments.accepted.clone().unwrap_or_else(|| PathBuf::from(list.as_str()));
            by_list.entry(list).or_default().push(report);
        }
    }
    let mut told = Vec::new();
    for (list, reports) in &by_list {
        let chosen: Vec<(&Report, &Finding)> = reports
            .iter()
            .flat_map(|report| report.findings.iter().map(move |finding| (report, finding)))
            .filter(|(report, finding)| is_chosen(arguments, report, finding))
            .collect();
        if chosen.is_empty() {
            continue;
        }
        let entries: Vec<NewEntry> =
            chosen.iter().flat_map(|(report, finding)| entries(arguments, report, finding)).collect();
        let name = counting::shown(list);
        let before = counting::bytes(list)?;
        let written = accepted::with(&name, before.as_deref(), &entries).map_err(|error| match error {
            // What is wrong with the file has its place in the first line.
            EditError::Unreadable(errors) => Failure::Usage(errors.into()),
            error => Failure::Usage(anyhow!("failed to {error}")),
        })?;
        fs::write(list, written.as_bytes())
            .with_context(|| format!("write {name}"))
            .map_err(Failure::Outside)?;
        told.push(summary(arguments, &name, &chosen));
    }
    if told.is_empty() {
        let what =
            if arguments.id.is_empty() && arguments.subject.is_empty() && arguments.operation.is_empty() {
                "there is no finding of level error; name others with --id or --subject"
            } else {
                "there is no such finding; `rollgate schema diff` shows what there is"
            };
        return Err(Failure::Usage(anyhow!("nothing is accepted: {what}")));
    }
    output::print(&told.concat())
}

/// The differences of two sides.
fn between(arguments: &Arguments, sides: [&str; 2], today: Date) -> Result<Report, Failure> {
    let [base, revision] = operand::read(sides, false)?;
    let judgement = arguments.counting.judgement(Vec::new(), today);
    let (old, new) = (base.lower(), revision.lower());
    let compared = compare::compare(&old, &new, &judgement.options());
    Ok(judge(compared, &[&old, &new], &judgement).report)
}

/// Whether a finding is to be accepted: those that are asked for, else all of level error.
fn is_chosen(arguments: &Arguments, report: &Report, finding: &Finding) -> bool {
    let Arguments { id, subject, operation, .. } = arguments;
    if id.is_empty() && subject.is_empty() && operation.is_empty() {
        return finding.level == Level::Error;
    }
    let reaches = |(method, path): &(String, String)| {
        report.reached(finding).any(|it| it.path == *path && it.method.eq_ignore_ascii_case(method))
    };
    (id.is_empty() || id.contains(&finding.id))
        && (subject.is_empty() || subject.contains(&finding.subject))
        && (operation.is_empty() || operation.iter().any(reaches))
}

/// The entries that accept a finding: at its place, or for each operation that is asked for.
fn entries(arguments: &Arguments, report: &Report, finding: &Finding) -> Vec<NewEntry> {
    let entry = |operation: Option<(String, String)>| NewEntry {
        id: finding.id.clone(),
        subject: Some(finding.subject.clone()),
        operation,
        fingerprint: arguments.exact.then(|| finding.fingerprint.clone()),
        reason: arguments.reason.trim().to_owned(),
        owner: arguments.owner.clone().filter(|owner| !owner.trim().is_empty()),
        expires: arguments.expires,
    };
    if arguments.operation.is_empty() {
        return vec![entry(None)];
    }
    let is_reached = |(method, path): &&(String, String)| {
        report.reached(finding).any(|it| it.path == *path && it.method.eq_ignore_ascii_case(method))
    };
    arguments.operation.iter().filter(is_reached).cloned().map(|it| entry(Some(it))).collect()
}

fn summary(arguments: &Arguments, list: &str, chosen: &[(&Report, &Finding)]) -> String {
    let others = |report: &Report, finding: &Finding| {
        let named = |it: &&OperationName| {
            arguments
                .operation
                .iter()
                .any(|(method, path)| it.path == *path && it.method.eq_ignore_ascii_case(method))
        };
        if arguments.operation.is_empty() {
            0
        } else {
            report.reached(finding).filter(|it| !named(it)).count()
        }
    };
    let mut told = format!("accepted in {list}: {}\n", numbers::counted(chosen.len() as u64, "change"));
    for (report, finding) in chosen.iter().take(NAMED) {
        let (id, message) = (text::line(&finding.id, 100), text::line(&finding.message, 300));
        let _ = writeln!(told, "  {}[{id}] {message}", finding.level.as_str());
        if let count @ 1.. = others(report, finding) {
            let operations = numbers::counted(count as u64, "more operation");
            let _ = writeln!(told, "    counts until it is accepted for {operations} that it reaches");
        }
    }
    if let Some(more) = chosen.len().checked_sub(NAMED).filter(|more| *more > 0) {
        let _ = writeln!(told, "  and {} more", numbers::count(more as u64));
    }
    told
}
