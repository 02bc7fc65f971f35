//! From the inputs to a command line of this program, and what came of it.

use std::ffi::OsString;
use std::path::Path;

use anyhow::anyhow;
use clap::Parser as _;

use super::place::Place;
use super::saved::Saved;
use crate::cli::{Cli, Command as CliCommand, Exit, Failure, canary};
use crate::config;
use crate::config::inputs::{Command, Inputs};
use crate::report;
use crate::report::canary::{CanaryReport, Outcome};
use crate::report::publication::{Conclusion, Publication};
use crate::rollout::machine::Phase;
use crate::rollout::record::RunRecord;
use crate::rollout::store::Store;

/// What a command did.
#[derive(Debug)]
pub(super) struct Done {
    /// How it ended.
    pub(super) ended: Result<Exit, Failure>,
    /// What is made known beyond the job.
    pub(super) publications: Vec<Publication>,
    /// The report as Markdown, where the publications do not have it.
    pub(super) page: Option<String>,
    /// The canary it was about.
    pub(super) canary: Option<Canary>,
    /// What was found in descriptions.
    pub(super) findings: Option<Findings>,
}

/// A canary, for outputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canary {
    pub(super) run_id: String,
    pub(super) outcome: &'static str,
    pub(super) weight: u8,
}

/// Findings, for outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Findings {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) infos: usize,
    /// The gravest ones, as a JSON list.
    pub(super) json: String,
}

impl Done {
    pub(super) fn ended(ended: Result<Exit, Failure>) -> Self {
        Self { ended, publications: Vec::new(), page: None, canary: None, findings: None }
    }

    /// What it did to the run of `record`, with all that is made known of it.
    pub(super) fn of_run(ended: Result<Exit, Failure>, record: &RunRecord) -> Self {
        Self {
            publications: vec![report::gate::publication(record)],
            canary: Some(facts(record)),
            ..Self::ended(ended)
        }
    }
}

/// Does what the inputs say.
pub(super) fn canary(inputs: &Inputs, place: &Place, saved: &Saved, commit: Option<&str>) -> Done {
    let command = match parsed(&arguments(inputs, place, commit)) {
        Ok(command) => command,
        Err(failure) => return Done::ended(Err(failure)),
    };
    let before = record(saved).map(|record| (record.header.context.run_id, record.lines.len()));
    let (ended, page) = match &command {
        canary::Command::Look(look) => match canary::look(look) {
            Ok((exit, page)) => (Ok(exit), Some(page)),
            Err(failure) => (Err(failure), None),
        },
        command => (canary::run(command), None),
    };
    // A command that failed before it did anything says nothing of the run before.
    let after = record(saved).filter(|record| {
        let now = (&record.header.context.run_id, record.lines.len());
        ended.is_ok() || before.as_ref().is_none_or(|(id, lines)| now != (id, *lines))
    });
    let Some(record) = after else { return Done { page, ..Done::ended(ended) } };
    match inputs.command {
        Command::CanaryRun | Command::CanaryRollback => Done::of_run(ended, &record),
        // What only looks makes nothing known beyond the job.
        _ => Done {
            page: page.or_else(|| Some(report::markdown::render(&record))),
            canary: Some(facts(&record)),
            ..Done::ended(ended)
        },
    }
}

/// The command line that stands for the inputs.
fn arguments(inputs: &Inputs, place: &Place, commit: Option<&str>) -> Vec<OsString> {
    let word = match inputs.command {
        Command::SchemaCheck | Command::CanaryRun => "run",
        Command::CanaryLook => "look",
        Command::CanaryStatus => "status",
        Command::CanaryRollback => "rollback",
    };
    let mut line: Vec<OsString> = ["rollgate", "canary", word].map(OsString::from).into();
    let mut option = |name: &str, value: Option<&str>| {
        // In one piece, so that a value that begins with a hyphen is no option.
        line.extend(value.map(|value| OsString::from(format!("--{name}={value}"))));
    };
    option("service", inputs.service.as_deref());
    option("config", inputs.config.as_deref());
    option("environment", inputs.environment.as_deref());
    if inputs.command == Command::CanaryRun {
        option("canary-revision", inputs.canary_revision.as_deref());
        option("baseline-revision", inputs.baseline_revision.as_deref());
        option("commit", commit);
    }
    let mut state = OsString::from("--state-dir=");
    state.push(&place.state);
    line.push(state);
    if inputs.until_look == Some(true) {
        line.push("--until-look".into());
    }
    line
}

/// The command of a line that was made here.
pub(super) fn parsed(line: &[OsString]) -> Result<canary::Command, Failure> {
    match Cli::try_parse_from(line).map(|cli| cli.command) {
        Ok(CliCommand::Canary(command)) => Ok(command),
        Ok(_) => Err(Failure::Usage(anyhow!("read the inputs: they name no command on a canary"))),
        Err(error) => Err(Failure::Usage(anyhow!("read the inputs: {}", error.to_string().trim()))),
    }
}

/// The service that the inputs and the configuration name together.
pub(super) fn service(inputs: &Inputs) -> Option<String> {
    let path = inputs.config.as_deref().unwrap_or(config::FILE);
    let config = config::load(Path::new("."), Path::new(path), inputs.environment.as_deref()).ok()?;
    config.canary(inputs.service.as_deref()).ok().map(|plan| plan.service.clone())
}

/// The last run of the step's service, as far as it has come; none that never began.
pub(super) fn record(saved: &Saved) -> Option<RunRecord> {
    let store = Store::new(&saved.state_dir);
    let record = store.read(&store.current(saved.service.as_deref()?).ok()??).ok()?;
    (record.state.phase != Phase::Ready).then_some(record)
}

fn facts(record: &RunRecord) -> Canary {
    let report = CanaryReport::of(record, 2);
    let outcome = match report.outcome {
        Outcome::Running => "running",
        Outcome::Promoted => "promoted",
        Outcome::RolledBack => "rolled-back",
        Outcome::RollbackUnconfirmed => "rollback-unconfirmed",
        Outcome::Undecided => "undecided",
        Outcome::Left => "left",
        Outcome::Drifted => "drifted",
    };
    Canary { run_id: report.run_id, outcome, weight: report.weight }
}

/// Whether something is still to come.
pub(super) fn is_pending(done: &Done) -> bool {
    done.publications.iter().any(|publication| publication.conclusion == Conclusion::Pending)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(inputs: &Inputs) -> String {
        let place = Place { root: "/w".into(), state: "/t/.rollgate".into() };
        let line = arguments(inputs, &place, Some("0123456789012345678901234567890123456789"));
        assert!(parsed(&line).is_ok(), "{line:?}");
        line.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn inputs_become_a_command_line() {
        let inputs = Inputs {
            command: Command::CanaryRun,
            service: Some("--help".into()),
            environment: Some("production".into()),
            canary_revision: Some("v2; rm -rf $(x)".into()),
            until_look: Some(true),
            ..Inputs::default()
        };
        insta::assert_snapshot!(line(&inputs), @"rollgate canary run --service=--help --environment=production --canary-revision=v2; rm -rf $(x) --commit=0123456789012345678901234567890123456789 --state-dir=/t/.rollgate --until-look");
        let lines = [Command::CanaryLook, Command::CanaryStatus, Command::CanaryRollback]
            .map(|command| line(&Inputs { command, config: Some("a.yaml".into()), ..Inputs::default() }))
            .join("\n");
        insta::assert_snapshot!(lines, @r"
        rollgate canary look --config=a.yaml --state-dir=/t/.rollgate
        rollgate canary status --config=a.yaml --state-dir=/t/.rollgate
        rollgate canary rollback --config=a.yaml --state-dir=/t/.rollgate
        ");
    }
}
