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
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::lower;
use crate::openapi::read::read;
use crate::openapi::tree::{Kind, Tree};
use crate::report::schema::release::{Outcome, Release, Title as Shown, VERSION};
use crate::source::store::{Address, Haste, Opening, Published, Title, Version};
use crate::source::{Source as _, Worktree, limits};
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
    let event = environment.variable("GITHUB_EVENT_NAME").unwrap_or_default();
    if event.starts_with("pull_request") {
        return Err(Failure::Usage(anyhow!(
            "nothing is published from `{}`: what is published stays, and a pull request would choose where; run it on \
             `push`, `release` or `workflow_dispatch`",
            text::line(&event, 100)
        )));
    }
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

/// The version that a description says it has.
fn inspect(name: &str, bytes: &[u8]) -> Result<Option<String>, anyhow::Error> {
    let (tree, defects) = read(name, bytes);
    let syntax =
        defects.iter().find(|defect| defect.level == Gravity::Error).map(|defect| defect.message.clone());
    let elsewhere = elsewhere(&tree);
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
    if let Some(reference) = elsewhere {
        let reference = text::line(&reference, 200);
        return Err(anyhow!(
            "{name} refers to another file, {reference}, which a store would not have; bundle it into one file first"
        ));
    }
    Ok(description.info.version.map(str::to_owned))
}

/// A reference to another file.
fn elsewhere(tree: &Tree) -> Option<String> {
    let mut open = vec![tree.root()?];
    while let Some(node) = open.pop() {
        match node.kind() {
            Kind::Sequence => open.extend(node.items()),
            Kind::Mapping => {
                for member in node.members() {
                    match (member.key, member.value.as_str()) {
                        ("$ref", Some(reference))
                            if !reference.starts_with('#') && !reference.contains("://") =>
                        {
                            return Some(reference.to_owned());
                        }
                        // What these hold is no part of the description.
                        ("example" | "examples", _) => {}
                        _ => open.push(member.value),
                    }
                }
            }
            _ => {}
        }
    }
    None
}
