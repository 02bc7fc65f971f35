//! `rollgate schema publish`: writes the descriptions of this worktree into the stores that their services name, under the
//! versions that they say they have.
//!
//! What could not be read back and compared is not published: a description that is none, or one that leaves parts of
//! itself in other files. A pull request publishes nothing: its config would choose where the credentials of the job go.

use std::path::Path;

use anyhow::anyhow;

use super::Sink;
use super::check::origin::of_store;
use crate::cli::{Exit, Failure, output, process};
use crate::config::{self, BasePlan, Configuration, SchemaPlan, nearest};
use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::model::lower;
use crate::openapi::read::read;
use crate::report::schema::release::{Outcome, Release, Title as Shown, VERSION};
use crate::source::store::{Address, Haste, Opening, Published, Title, Version};
use crate::source::{Repository, Source as _, Worktree, limits};
use crate::support::env::{Environment, ProcessEnvironment};
use crate::support::text;

/// Arguments of `rollgate schema publish`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Config file
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: std::path::PathBuf,
    /// Environment of the config to lay over it
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Service whose description is published; can be repeated. By default all that name a store
    #[arg(long, value_name = "NAME")]
    service: Vec<String>,
    /// Version to publish under, instead of the description's `info.version`
    #[arg(id = "as", long = "as", value_name = "VERSION")]
    given: Option<String>,
    /// Say what would be published, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

/// Form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people in a terminal
    Text,
    /// For programs
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let environment = ProcessEnvironment;
    is_own(&environment)?;
    let configuration = config::load(Path::new("."), &arguments.config, arguments.environment.as_deref())
        .map_err(|errors| Failure::Usage(errors.into()))?;
    let given = arguments.given.as_deref().map(str::parse::<Version>).transpose();
    let given = given.map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
    let chosen = chosen(&configuration, &arguments.service)?;
    let runtime = process::runtime()?;
    let mut release =
        Release { version: VERSION, dry_run: arguments.dry_run, exit_code: 0, services: Vec::new() };
    let mut exit = Exit::Passed;
    for (plan, address) in chosen {
        let (title, failure) =
            runtime.block_on(one(plan, address, given.as_ref(), arguments.dry_run, &environment));
        // What the user has to mend comes before what may pass by itself.
        exit = match (exit, failure) {
            (Exit::Misconfigured, _) | (_, Some(Failure::Usage(_))) => Exit::Misconfigured,
            (_, Some(Failure::Outside(_))) => Exit::Outside,
            (exit, None) => exit,
        };
        release.services.push(title);
    }
    release.exit_code = exit.code();
    let sink = &arguments.sink;
    sink.write(std::iter::once(match arguments.format {
        Format::Text => release.text(sink.colour()),
        Format::Json => release.json(),
    }))?;
    for title in &release.services {
        if let Some(error) = &title.error {
            output::tell(&text::error_line(&format!("error: {}: {error}", title.service)));
        }
    }
    Ok(exit)
}

/// Refuses events on which somebody else chose the commit: their config would choose where the credentials of the job go,
/// and what is published stays.
fn is_own(environment: &dyn Environment) -> Result<(), Failure> {
    let event = environment.variable("GITHUB_EVENT_NAME").unwrap_or_default();
    let refused = |why: &str| {
        Err(Failure::Usage(anyhow!(
            "nothing is published from `{}`: what is published stays, and {why}; run it on `push`, `release` or \
             `workflow_dispatch`",
            text::line(&event, 100)
        )))
    };
    if event.starts_with("pull_request") {
        return refused("a pull request would choose where");
    }
    if event == "merge_group" {
        return refused("what is in a merge group is not on the branch yet");
    }
    // These run on the default branch, with its secrets, whatever a step checks out.
    if !["workflow_run", "issue_comment", "issues"].contains(&event.as_str()) {
        return Ok(());
    }
    let head = async { Repository::discover(Path::new(".")).await.ok()??.head().await.ok() };
    let head = process::runtime()?.block_on(head).map(|head| head.to_string());
    if head.is_some() && head == environment.variable("GITHUB_SHA") {
        return Ok(());
    }
    refused(
        "what is checked out is not the commit that the event runs on, so that a stranger may have chosen where",
    )
}

/// The services to publish, each with its store.
fn chosen<'c>(
    configuration: &'c Configuration,
    named: &[String],
) -> Result<Vec<(&'c SchemaPlan, &'c Address)>, Failure> {
    let usage = |error: anyhow::Error| Err(Failure::Usage(error));
    for name in named {
        let Some(service) = configuration.services.get(name) else {
            let known = configuration.services.keys().map(String::as_str);
            return usage(anyhow!("there is no service `{name}`; {}", nearest::of(name, known)));
        };
        match service.schema.as_ref().map(|schema| &schema.base) {
            Some(BasePlan::Published(_)) => {}
            Some(BasePlan::Tag(pattern)) => {
                return usage(anyhow!(
                    "the service `{name}` is published by tags: tag the commit, with a name of the form {pattern}"
                ));
            }
            _ => return usage(anyhow!("the service `{name}` names no store; {MEND}")),
        }
    }
    let plans = configuration.services.values().filter_map(|service| service.schema.as_ref());
    let stored = plans.filter_map(|plan| match &plan.base {
        BasePlan::Published(address) if named.is_empty() || named.contains(&plan.service) => {
            Some((plan, address))
        }
        _ => None,
    });
    let stored: Vec<_> = stored.collect();
    if stored.is_empty() {
        return usage(anyhow!("no service in {} names a store; {MEND}", configuration.file));
    }
    Ok(stored)
}

const MEND: &str =
    "give one `schema: { base: { published: { folder: … } } }`, or `s3`, `gcs`, `azure` in place of `folder`";

async fn one(
    plan: &SchemaPlan,
    address: &Address,
    given: Option<&Version>,
    dry: bool,
    environment: &dyn Environment,
) -> (Shown, Option<Failure>) {
    let mut shown = Shown {
        service: plan.service.clone(),
        description: plan.description.to_string(),
        outcome: Outcome::Failed,
        release: given.map(ToString::to_string),
        file: None,
        sha256: None,
        before: None,
        is_last: false,
        error: None,
    };
    match publish(plan, address, given, dry, environment).await {
        Ok((version, published)) => {
            shown.outcome = match published.already {
                true => Outcome::Unchanged,
                false if dry => Outcome::WouldPublish,
                false => Outcome::Published,
            };
            shown.release = Some(version.to_string());
            shown.file = Some(published.name);
            shown.sha256 = Some(published.sha256);
            shown.before = published.before.map(|before| before.to_string());
            shown.is_last = published.is_last;
            (shown, None)
        }
        Err(failure) => {
            let (Failure::Usage(error) | Failure::Outside(error)) = &failure;
            shown.error = Some(text::line(&format!("{error:#}"), text::SHOWN));
            (shown, Some(failure))
        }
    }
}

async fn publish(
    plan: &SchemaPlan,
    address: &Address,
    given: Option<&Version>,
    dry: bool,
    environment: &dyn Environment,
) -> Result<(Version, Published), Failure> {
    let worktree = Worktree::new(".");
    let bytes = worktree
        .read(&plan.description, limits::DESCRIPTION)
        .await
        .map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?;
    let name = worktree.name_of(&plan.description);
    let said = inspect(&name, &bytes).map_err(Failure::Usage)?;
    let version = match (given, said) {
        (Some(given), _) => given.clone(),
        (None, Some(said)) => {
            said.parse::<Version>().map_err(|error| Failure::Usage(anyhow!("failed to {error}")))?
        }
        (None, None) => {
            return Err(Failure::Usage(anyhow!(
                "{name} has no `info.version`; add it, or give a version with `--as`"
            )));
        }
    };
    let opening = Opening { root: Path::new(""), environment, haste: Haste::default() };
    let store = address.open(opening).map_err(|error| of_store(&error))?;
    let title = Title { service: &plan.service };
    let published = if dry {
        title.rehearse(store.as_ref(), &version, &bytes).await
    } else {
        title.publish(store.as_ref(), &version, &bytes).await
    };
    Ok((version, published.map_err(|error| of_store(&error))?))
}

/// What the model says of a reference that leads out of the only file that there is.
const EXTERNAL: &str = "external-reference";

/// The version that a description says it has.
fn inspect(name: &str, bytes: &[u8]) -> Result<Option<String>, anyhow::Error> {
    let (tree, defects) = read(name, bytes);
    let syntax =
        defects.iter().find(|defect| defect.level == Gravity::Error).map(|defect| defect.message.clone());
    let description = lower(&tree, defects);
    if let Some(why) = syntax {
        return Err(anyhow!(
            "{name} is not well-formed: {why}; `rollgate schema validate {name}` shows where"
        ));
    }
    if description.broken || description.openapi.is_none() {
        return Err(anyhow!(
            "{name} is no description of an API; `rollgate schema validate {name}` says why"
        ));
    }
    // Of what a URL leads to, no comparison has anything.
    let is_file = |defect: &&Diagnostic| defect.code == EXTERNAL && !defect.message.contains("://");
    if let Some(defect) = description.diagnostics.iter().find(is_file) {
        let at = defect.location.as_ref();
        let at = at.map_or_else(|| name.to_owned(), |at| format!("{}:{}:{}", at.file, at.line, at.column));
        return Err(anyhow!(
            "{at}: {}, and name that file in `description`, since a store keeps one file of each version; or compare with \
             tags (`published: {{ tag: … }}`), which have all files",
            defect.message
        ));
    }
    Ok(description.info.version.map(str::to_owned))
}
