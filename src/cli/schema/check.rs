//! `rollgate schema check`: the gate of a pull request.
//!
//! Finds the descriptions and what each is compared with, compares them, and asks the gate of each. The configuration,
//! the policies and the list of descriptions come from the tree that governs, which on a pull request is the base branch:
//! a change does not bring its own judge. Without a difference nobody is asked.

mod accepted;
mod ask;
mod compared;
mod find;
pub(super) mod origin;
mod trees;

use std::path::{Path, PathBuf};

use serde_json::json;

use self::ask::Judged;
use self::compared::Compared;
use self::find::Target;
use self::trees::Trees;
use super::{Format, Sink, diff};
use crate::cli::{Exit, Failure, output, process};
use crate::config::BasePlan;
use crate::config::model::FailOn;
use crate::github::Acceptance;
use crate::openapi::finding::{Finding, Report};
use crate::openapi::judge::Judgement;
use crate::report::link::{Links, Pages};
use crate::report::publication::{Conclusion, GateKind, Publication, Subject};
use crate::report::schema::check::{self as report, Checked};
use crate::rollout::looks::Chain;
use crate::rollout::record::LookRecord;
use crate::rollout::store::{Store, run_id};
use crate::source::{CommitSha, RepoPath};
use crate::support::env::{Environment, ProcessEnvironment};
use crate::support::secret::SecretValue;
use crate::support::text;

pub(in crate::cli) use self::ask::{Accept, Nobody};
pub(in crate::cli) use self::trees::Job;

/// How many findings stand in the output of a step.
const GRAVEST: usize = 50;

/// Arguments of `rollgate schema check`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Config file; without one, the descriptions that are found are checked
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// Environment of the config to lay over it
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// What to compare with instead of the config's `base`: `merge-base`, a revision, or, for a single service,
    /// `REVISION:PATH`, a file or a URL
    #[arg(long, value_name = "BASE")]
    base: Option<String>,
    /// Service to check, as the config or the report names it; can be repeated
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,
    /// Description to check instead of those of the config; can be repeated
    #[arg(long, value_name = "FILE")]
    description: Vec<String>,
    /// The mildest level of a finding that fails a change, instead of the config's
    #[arg(long, value_enum, value_name = "LEVEL")]
    fail_on: Option<Level>,
    /// Folder of records: what the gate was asked and said, for `rollgate policy replay`
    #[arg(long, value_name = "DIR", default_value = ".rollgate")]
    state_dir: PathBuf,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

/// The mildest level that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Level {
    /// Breaking changes
    Error,
    /// What may break clients too
    Warn,
    /// Any finding
    Info,
    /// None
    None,
}

/// What is to be checked.
#[derive(Debug, Default)]
pub(in crate::cli) struct Request {
    /// The config, where somebody names one.
    pub(in crate::cli) config: Option<String>,
    /// Environment of the config.
    pub(in crate::cli) environment: Option<String>,
    /// What to compare with, instead of what the config says.
    pub(in crate::cli) base: Option<String>,
    /// Services to check; all where there are none.
    pub(in crate::cli) services: Vec<String>,
    /// Descriptions to check instead of those of the config.
    pub(in crate::cli) descriptions: Vec<String>,
    /// The level that fails, instead of the config's.
    pub(in crate::cli) fail_on: Option<FailOn>,
    /// The path of the working directory within the repository, for where no clone tells it.
    pub(in crate::cli) prefix: Option<RepoPath>,
    /// Where the check is recorded; nowhere without it.
    pub(in crate::cli) state: Option<PathBuf>,
}

/// What came of a check.
pub(in crate::cli) struct CheckOutcome {
    /// What was compared with what.
    told: String,
    /// Remarks on the way.
    notes: Vec<String>,
    /// The services in the order of their names.
    services: Vec<Service>,
    /// What is made known of each.
    pub(in crate::cli) publications: Vec<Publication>,
    /// How it ended: the gravest of all.
    pub(in crate::cli) exit: Exit,
    /// Why services could not be compared or judged, each said in full.
    failures: Vec<String>,
}

/// A service, judged.
struct Service {
    name: String,
    compared: Compared,
    judged: Judged,
}

pub(super) fn command(arguments: &Arguments) -> Result<Exit, Failure> {
    let environment = ProcessEnvironment;
    let request = Request {
        config: arguments.config.clone(),
        environment: arguments.environment.clone(),
        base: arguments.base.clone(),
        services: arguments.service.clone(),
        descriptions: arguments.description.clone(),
        fail_on: arguments.fail_on.map(|level| match level {
            Level::Error => FailOn::Error,
            Level::Warn => FailOn::Warn,
            Level::Info => FailOn::Info,
            Level::None => FailOn::None,
        }),
        prefix: None,
        state: Some(arguments.state_dir.clone()),
    };
    let job = Job::here(&environment)?;
    let checked = process::runtime()?.block_on(run(&request, &job, &environment, None, &Nobody))?;
    let sink = &arguments.sink;
    let shown = match arguments.format {
        Format::Text => report::text(&checked.told, &checked.shown(), sink.layout()),
        Format::Json => report::json(&checked.told, &checked.shown(), checked.exit.code()),
        Format::Markdown => checked.markdown(),
    };
    for note in &checked.notes {
        output::note(note);
    }
    sink.write(std::iter::once(shown))?;
    checked.tell_failures();
    Ok(checked.exit)
}

/// Checks what `request` names in the working directory. `token` lets the API be asked for what no clone has.
pub(in crate::cli) async fn run(
    request: &Request,
    job: &Job,
    environment: &dyn Environment,
    token: Option<&SecretValue>,
    accept: &dyn Accept,
) -> Result<CheckOutcome, Failure> {
    let base = request.base.as_deref().map(base).transpose()?;
    let trees = open(request, base.as_ref(), job, environment, token).await?;
    let Gathered { all, notes } = gather(request, base.as_ref(), job, &trees, environment).await?;
    let mut compared = all.iter().filter_map(|(_, compared)| compared.as_ref().ok());
    let acceptance = if compared.any(ask::may_break) { accept.ask().await } else { Acceptance::Absent };
    let mut outcome = CheckOutcome {
        told: trees.base.told.clone(),
        notes,
        services: Vec::new(),
        publications: Vec::new(),
        exit: Exit::Passed,
        failures: Vec::new(),
    };
    let mut record = Record::new(request.state.as_deref());
    for (target, compared) in all {
        // One service that cannot be judged takes nothing from the others.
        let (compared, judged) = match compared {
            Ok(compared) => {
                let judged = ask::ask(&target, &compared, &trees, job, &acceptance, accept.label()).await;
                (compared, judged)
            }
            Err(failure) => (Compared::failed(&target, &trees), Err(failure)),
        };
        let judged = match judged {
            Ok(judged) => {
                record.keep(judged.look.as_deref(), &mut outcome.notes);
                outcome.exit = graver(outcome.exit, exit(judged.conclusion));
                judged
            }
            Err(failure) => {
                let (ended, why) = match &failure {
                    Failure::Usage(error) => (Exit::Misconfigured, error),
                    Failure::Outside(error) => (Exit::Outside, error),
                };
                outcome.exit = graver(outcome.exit, ended);
                outcome.failures.push(format!("{}: {why:#}", text::line(&target.plan.service, 200)));
                Judged::failed(text::line(&in_one_line(&format!("{why:#}")), text::SHOWN))
            }
        };
        let service = Service { name: target.plan.service, compared, judged };
        let links = links(job, &trees, &service.compared, environment);
        outcome.publications.push(publication(&service, &links, &outcome.told));
        outcome.services.push(service);
    }
    Ok(outcome)
}

/// The record of a check, begun with the first gate that was asked.
struct Record {
    store: Option<Store>,
    chain: Option<Chain>,
}

impl Record {
    fn new(state: Option<&Path>) -> Self {
        Self { store: state.map(Store::new), chain: None }
    }

    /// Keeps what a gate was asked and said. A check that cannot be recorded is a check all the same.
    fn keep(&mut self, look: Option<&LookRecord>, notes: &mut Vec<String>) {
        let (Some(look), Some(store)) = (look, &self.store) else { return };
        let written = match &mut self.chain {
            Some(chain) => chain.write(look).map_err(|error| error.to_string()),
            None => run_id(look.at).map_err(|error| error.to_string()).and_then(|id| {
                let mut chain = store.begin_check(&id).map_err(|error| error.to_string())?;
                chain.write(look).map_err(|error| error.to_string())?;
                self.chain = Some(chain);
                Ok(())
            }),
        };
        if let Err(why) = written {
            notes.push(text::line(&format!("the check is not recorded: {why}"), text::SHOWN));
            self.store = None;
        }
    }
}

/// What `--base` names.
fn base(written: &str) -> Result<BasePlan, Failure> {
    BasePlan::written(written).map_err(|(why, mend)| {
        let written = text::line(written, 200);
        Failure::Usage(anyhow::anyhow!("--base {written:?}: {why}; {mend}"))
    })
}

/// Opens what is compared in the working directory.
async fn open(
    request: &Request,
    base: Option<&BasePlan>,
    job: &Job,
    environment: &dyn Environment,
    token: Option<&SecretValue>,
) -> Result<Trees, Failure> {
    let explicit = match base {
        Some(BasePlan::Revision { revision, path: None }) => Some(revision.clone()),
        _ => None,
    };
    Trees::open(Path::new("."), request.prefix.clone(), job, explicit, environment, token).await
}

/// What is to be judged, compared; what could not be is an error of its service alone.
struct Gathered {
    all: Vec<(Target, Result<Compared, Failure>)>,
    notes: Vec<String>,
}

/// Finds the descriptions and compares each with what it was.
async fn gather(
    request: &Request,
    base: Option<&BasePlan>,
    job: &Job,
    trees: &Trees,
    environment: &dyn Environment,
) -> Result<Gathered, Failure> {
    let found = find::targets(request, base, job, trees).await?;
    let today = diff::today()?;
    let mut notes = [job.notes.clone(), found.notes].concat();
    let mut lists = accepted::Lists::default();
    let mut all: Vec<(Target, Result<Compared, Failure>)> = Vec::new();
    for target in found.targets {
        let compared = match lists.of(&target.plan, trees, job, &mut notes).await {
            Ok(accepted) => {
                let counting = &target.plan.counting;
                let judgement = Judgement {
                    profile: counting.profile,
                    levels: counting.levels.clone(),
                    filter: counting.filter.clone(),
                    accepted,
                    today: Some(today),
                };
                compared::compare(&target, trees, environment, &judgement).await
            }
            Err(failure) => Err(failure),
        };
        all.push((target, compared));
    }
    // What a check leaves out may be what an entry is for.
    if request.services.is_empty() && request.descriptions.is_empty() {
        lists.tell(&mut all, today, &mut notes);
    }
    Ok(Gathered { all, notes })
}

/// Differences of a service that are not accepted, and the list that would accept them.
pub(super) struct Unaccepted {
    /// The list, beneath the root of the repository.
    pub(super) list: RepoPath,
    /// The differences that count.
    pub(super) report: Report,
}

/// What a check of the working directory would find.
pub(super) async fn unaccepted(
    request: &Request,
    environment: &dyn Environment,
) -> Result<Vec<Unaccepted>, Failure> {
    let job = Job::here(environment)?;
    let base = request.base.as_deref().map(base).transpose()?;
    let trees = open(request, base.as_ref(), &job, environment, None).await?;
    let Gathered { all, notes } = gather(request, base.as_ref(), &job, &trees, environment).await?;
    for note in &notes {
        output::note(note);
    }
    let mut unaccepted = Vec::new();
    for (target, compared) in all {
        if let Some(report) = compared?.report {
            unaccepted.push(Unaccepted { list: accepted::path(&target.plan)?, report });
        }
    }
    Ok(unaccepted)
}

/// An error of several lines as one sentence, without the excerpts of what it speaks of.
fn in_one_line(error: &str) -> String {
    let is_excerpt = |line: &str| {
        line.trim_start_matches(|part: char| part.is_ascii_digit()).trim_start().starts_with('|')
    };
    let lines = error.lines().map(str::trim).filter(|line| !line.is_empty() && !is_excerpt(line));
    let part = |line: &str| match (line.strip_prefix("--> "), line.strip_prefix("= help: ")) {
        (Some(place), _) => format!("at {place}"),
        (_, Some(mend)) => mend.to_owned(),
        _ => line.to_owned(),
    };
    lines.map(part).collect::<Vec<_>>().join("; ")
}

fn exit(conclusion: Conclusion) -> Exit {
    match conclusion {
        Conclusion::Passed => Exit::Passed,
        Conclusion::Failed => Exit::Refused,
        Conclusion::Undecided | Conclusion::Pending => Exit::Undecided,
        Conclusion::Fault | Conclusion::Cancelled => Exit::Outside,
    }
}

/// Of several services the gravest counts: 2 over 4 over 3 over 1. What the user has to mend comes before what may pass by
/// itself.
fn graver(one: Exit, other: Exit) -> Exit {
    let rank = |exit: Exit| (exit.code() == Exit::Misconfigured.code(), exit.code());
    if rank(other) > rank(one) { other } else { one }
}

/// Where lines of both sides can be read on the web.
fn links(job: &Job, trees: &Trees, compared: &Compared, environment: &dyn Environment) -> Links {
    let Some(event) = &job.event else { return Links::default() };
    let server = environment.variable("GITHUB_SERVER_URL").filter(|server| !server.is_empty());
    let server = server.as_deref().unwrap_or("https://github.com");
    let repository = event.repository.to_string();
    let pages = |commit: Option<&str>| Pages::github(server, &repository, commit?);
    Links {
        base: pages(compared.against.commit.as_ref().map(CommitSha::as_str)),
        revision: pages(trees.commit.as_ref().map(CommitSha::as_str)),
    }
}

fn publication(service: &Service, links: &Links, told: &str) -> Publication {
    let subject = Subject { service: text::line(&service.name, 200), gate: GateKind::Schema };
    let told = service.compared.against.told.as_deref().unwrap_or(told);
    report::publication(subject, &service.shown(), links, told)
}

impl Service {
    fn shown(&self) -> Checked<'_> {
        Checked {
            service: &self.name,
            description: &self.compared.path,
            was: self.compared.was.as_deref(),
            change: self.compared.change,
            conclusion: self.judged.conclusion,
            remarks: &self.judged.remarks,
            report: self.compared.report.as_ref(),
            sources: self.compared.sources(),
            compared: self.compared.against.told.as_deref(),
        }
    }
}

impl CheckOutcome {
    fn shown(&self) -> Vec<Checked<'_>> {
        self.services.iter().map(Service::shown).collect()
    }

    /// The whole as Markdown.
    fn markdown(&self) -> String {
        report::markdown(&self.publications, &self.told)
    }

    /// Says on standard error why services could not be compared or judged.
    pub(in crate::cli) fn tell_failures(&self) {
        for failure in &self.failures {
            crate::cli::tell(&format!("error: {failure}"));
        }
    }

    /// Remarks on the way.
    pub(in crate::cli) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What is shown where there is nothing to make known.
    pub(in crate::cli) fn page(&self) -> Option<String> {
        self.publications.is_empty().then(|| self.markdown())
    }

    /// Errors, warnings and infos of all services.
    pub(in crate::cli) fn counts(&self) -> [usize; 3] {
        let reports = self.services.iter().filter_map(|service| service.compared.report.as_ref());
        reports.fold([0; 3], |[errors, warnings, infos], report| {
            let summary = &report.summary;
            [errors + summary.error as usize, warnings + summary.warn as usize, infos + summary.info as usize]
        })
    }

    /// The gravest findings of all services as a JSON list of bounded length.
    pub(in crate::cli) fn gravest(&self) -> String {
        let of = |service: &Service| -> Vec<(String, Finding)> {
            let report = service.compared.report.as_ref();
            let findings = report.map_or(&[][..], |report| &report.findings);
            findings.iter().take(GRAVEST).map(|finding| (service.name.clone(), finding.clone())).collect()
        };
        let mut all: Vec<(String, Finding)> = self.services.iter().flat_map(of).collect();
        // The order of each report stays.
        all.sort_by_key(|(_, finding)| finding.level);
        let list: Vec<serde_json::Value> = all
            .iter()
            .take(GRAVEST)
            .map(|(service, finding)| {
                let line = |text: &str| text::line(text, 500);
                json!({
                    "service": line(service),
                    "id": finding.id,
                    "level": finding.level,
                    "proof": finding.proof,
                    "message": line(&finding.message),
                    "subject": line(&finding.subject),
                    "base_location": finding.base_location,
                    "revision_location": finding.revision_location,
                    "operation_count": finding.operation_count,
                    "fingerprint": finding.fingerprint,
                })
            })
            .collect();
        text::json(&serde_json::Value::Array(list).to_string())
    }
}
