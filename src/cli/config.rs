//! `rollgate config`.

use std::path::{Path, PathBuf};

use super::output::print;
use super::{Exit, Failure, import, judge, process};
use crate::config::model::{Driver, OnEnd, Provider};
use crate::config::{self, CanaryPlan, ConfigErrors, Configuration, Counting, GateSpec, SchemaPlan};
use crate::health::{Ask, CheckPlan, HttpPlan};
use crate::metrics::{MetricPlan, MetricQuery};
use crate::openapi::rules::Profile;
use crate::snapshot::model::Direction;
use crate::support::text;
use crate::support::units::Millis;
use crate::verdict::model::Composition;

/// Arguments of `rollgate config`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Check the configuration with all its environments, and say what it means
    Validate(Validate),
    /// Print the JSON Schema of the configuration, or its reference
    Schema(Schema),
    /// Carry over what was written for another tool
    #[command(subcommand)]
    Import(import::Command),
}

/// Arguments of `rollgate config validate`.
#[derive(Debug, clap::Args)]
pub(super) struct Validate {
    /// The configuration, beneath the current directory
    #[arg(long, value_name = "FILE", default_value = config::FILE)]
    config: PathBuf,
    /// Show the plan of this environment; all are checked
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// Arguments of `rollgate config schema`.
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// What to print: the schema, or the reference made from it
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: SchemaFormat,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum SchemaFormat {
    Json,
    Markdown,
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Validate(arguments) => validate(arguments),
        Command::Import(command) => import::run(command),
        Command::Schema(arguments) => {
            let printed = match arguments.format {
                SchemaFormat::Json => format!("{:#}\n", config::schema::schema()),
                SchemaFormat::Markdown => config::reference::markdown(),
            };
            print(&printed)
        }
    }
}

fn validate(arguments: &Validate) -> Result<Exit, Failure> {
    let runtime = process::runtime()?;
    let checked = runtime.block_on(check(&arguments.config, arguments.environment.as_deref()));
    match (checked, arguments.format) {
        (Ok(configuration), Format::Text) => print(&summary(&configuration)),
        (Ok(configuration), Format::Json) => print(&format!("{:#}\n", valid_json(&configuration))),
        (Err(errors), Format::Text) => Err(Failure::Usage(errors.into())),
        (Err(errors), Format::Json) => {
            print(&format!("{:#}\n", invalid_json(&errors)))?;
            Err(Failure::Usage(errors.into()))
        }
    }
}

async fn check(path: &Path, environment: Option<&str>) -> Result<Configuration, ConfigErrors> {
    let root = Path::new(".");
    let mut all = config::load_all(root, path)?;
    judge::check(&all).await?;
    match all.iter().position(|configuration| configuration.environment.as_deref() == environment) {
        Some(at) => Ok(all.swap_remove(at)),
        // An unknown environment: loading it says which are known.
        None => config::load(root, path, environment),
    }
}

fn valid_json(configuration: &Configuration) -> serde_json::Value {
    let services: Vec<_> = configuration
        .services
        .iter()
        .map(|(name, service)| {
            let canary = service.canary.as_ref();
            serde_json::json!({
                "name": name,
                "description": service.schema.as_ref().map(|schema| schema.description.as_str()),
                "rollout": canary.map(|canary| &canary.rollout),
                "defaults": canary.map(|canary| &canary.defaults),
            })
        })
        .collect();
    serde_json::json!({
        "version": 1,
        "valid": true,
        "file": text::line(&configuration.file, text::SHOWN),
        "environment": configuration.environment,
        "environments": configuration.environments,
        "services": services,
        "errors": [],
    })
}

fn invalid_json(errors: &ConfigErrors) -> serde_json::Value {
    let errors: Vec<_> = errors
        .errors()
        .iter()
        .map(|error| {
            let shown = |shown: &str| text::line(shown, text::SHOWN);
            serde_json::json!({
                "message": shown(&error.message),
                "mend": error.mend.as_deref().map(shown),
                "path": shown(&error.path),
                "location": error.location.as_ref().map(|location| serde_json::json!({
                    "file": shown(&location.file),
                    "line": location.position.line,
                    "column": location.position.column,
                })),
            })
        })
        .collect();
    serde_json::json!({ "version": 1, "valid": false, "errors": errors })
}

/// What a configuration means, for people.
fn summary(configuration: &Configuration) -> String {
    let mut lines = vec![heading(configuration)];
    for (name, service) in &configuration.services {
        lines.push(String::new());
        lines.push(name.clone());
        if let Some(schema) = &service.schema {
            lines.extend(schema_lines(schema));
        }
        lines.extend(service.canary.iter().flat_map(canary_lines));
    }
    lines.iter().map(|line| text::error_line(line) + "\n").collect()
}

/// What the canary of one service does, in words.
pub(super) fn describe(canary: &CanaryPlan) -> String {
    let mut lines = vec![canary.service.clone()];
    lines.extend(canary_lines(canary));
    lines.join("\n") + "\n"
}

fn heading(configuration: &Configuration) -> String {
    let counted = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
    let services = counted(configuration.services.len(), "service");
    let environments = match configuration.environments.as_slice() {
        [] => String::new(),
        names => format!(", {} ({})", counted(names.len(), "environment"), names.join(", ")),
    };
    let shown = match &configuration.environment {
        Some(environment) => format!("; this is {environment}"),
        None => String::new(),
    };
    format!("{} is valid: {services}{environments}{shown}", configuration.file)
}

fn schema_lines(schema: &SchemaPlan) -> Vec<String> {
    let fail_on = match (schema.fail_on, schema.own_gate) {
        (Some(level), false) => format!(", fail-on {}", level.as_str()),
        (None, false) => ", fail-on error (default)".to_owned(),
        (_, true) => String::new(),
    };
    let mut lines = vec![format!(
        "  {:<10}{}, judged by {}{fail_on}",
        "schema",
        schema.description,
        gate(&schema.gate, &schema.gate.composition)
    )];
    lines.extend(counting(&schema.counting).map(|counting| format!("  {:<10}{counting}", "counting")));
    lines
}

/// What counts, where that is not everything as the catalogue has it.
fn counting(counting: &Counting) -> Option<String> {
    let Counting { profile, levels, filter, accepted } = counting;
    let patterns = |count: usize, what: &str| {
        (count > 0).then(|| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
    };
    let parts: Vec<String> = [
        (*profile != Profile::Wire).then(|| format!("profile {profile}")),
        patterns(levels.len(), "rule level"),
        patterns(filter.include.len(), "included pattern"),
        patterns(filter.exclude.len(), "excluded pattern"),
        accepted.as_ref().map(|path| format!("accepted changes in {path}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn canary_lines(canary: &CanaryPlan) -> Vec<String> {
    let plan = &canary.rollout;
    let default =
        |key: &str| if canary.defaults.iter().any(|known| known == key) { " (default)" } else { "" };
    let mut rows: Vec<(&str, String)> =
        vec![("driver", driver(&canary.driver)), ("provider", provider(&canary.provider))];
    rows.extend(labelled("metrics", canary.metrics.iter().map(metric)));
    if let Some(budget) = &canary.budget {
        rows.push(("budget", format!("{} of {} good", percent(budget.objective), budget.metric)));
    }
    rows.extend(labelled("health", canary.health.iter().map(health)));
    let steps = plan.steps.iter().enumerate().map(|(at, step)| {
        let weight = step.weight.to_string();
        if step.hold == Millis(0) {
            return format!("{weight:>5}, no waiting");
        }
        format!(
            "{weight:>5} for {}, a look every {}{}",
            step.hold,
            step.every,
            default(&format!("steps[{at}].every"))
        )
    });
    rows.extend(labelled("steps", steps));
    let end = |end: OnEnd| match end {
        OnEnd::Rollback => "roll back",
        OnEnd::Leave => "leave the traffic as it is",
    };
    rows.push((
        "deadline",
        format!("{}{}, then {}", plan.deadline, default("deadline"), end(plan.on_deadline)),
    ));
    rows.push(("cancelled", end(plan.on_cancel).to_owned()));
    rows.push(("min-bake", format!("{}{}", plan.min_bake, default("min-bake"))));
    rows.push((
        "samples",
        format!(
            "every {}{}, lag {}{}, warm-up {}{}, {}",
            plan.tick,
            default("tick"),
            plan.lag,
            default("lag"),
            plan.warm_up,
            default("warm-up"),
            plan.window.map_or("window: the step".to_owned(), |window| format!("window {window}")),
        ),
    ));
    rows.push(("gate", gate(&canary.gate, &canary.gate.composition) + default("gate")));
    rows.extend(labelled("limits", lowered(&canary.gate).into_iter()));
    rows.extend(labelled(
        "labels",
        canary.labels.iter().map(|label| format!("{}={}", label.name, label.value)),
    ));
    rows.into_iter().map(|(name, value)| format!("  {name:<10}{value}")).collect()
}

/// A share as a percentage, without the last bits of what is no binary fraction.
fn percent(share: f64) -> String {
    let rounded = format!("{:.6}", share * 100.0);
    format!("{}%", rounded.trim_end_matches('0').trim_end_matches('.'))
}

/// Rows of which only the first has a name.
fn labelled(name: &'static str, values: impl Iterator<Item = String>) -> Vec<(&'static str, String)> {
    values.enumerate().map(|(at, value)| (if at == 0 { name } else { "" }, value)).collect()
}

fn driver(driver: &Driver) -> String {
    match driver {
        Driver::Haproxy(haproxy) => format!(
            "haproxy at {}, backend {}: baseline {}, canary {}",
            haproxy.socket, haproxy.backend, haproxy.baseline, haproxy.canary
        ),
        Driver::None(_) => "none: something else moves traffic".to_owned(),
    }
}

fn provider(provider: &Provider) -> String {
    match provider {
        Provider::Scrape(scrape) => {
            format!("scrape: baseline {}; canary {}", scrape.baseline.join(", "), scrape.canary.join(", "))
        }
        Provider::Prometheus(prometheus) => format!("prometheus at {}", prometheus.url),
    }
}

fn metric(metric: &MetricPlan) -> String {
    let kind = match metric.query {
        MetricQuery::Ratio { .. } => "ratio",
        MetricQuery::Histogram(_) => "histogram",
        MetricQuery::Rate(_) => "rate",
        MetricQuery::Gauge(_) => "gauge",
    };
    let direction = match metric.direction {
        Direction::LowerIsBetter => "lower is better",
        Direction::HigherIsBetter => "higher is better",
        Direction::TwoSided => "both ways are worse",
    };
    let margin = metric.margin.map_or(String::new(), |margin| format!(", margin {margin}"));
    let floor = metric.floor.map_or(String::new(), |floor| format!(", floor {floor}"));
    format!("{}: {kind}, {direction}{margin}{floor}", metric.name)
}

fn health(check: &CheckPlan) -> String {
    match &check.ask {
        Ask::Http(HttpPlan { url, expect, timeout, attempts, .. }) => {
            let expected = expect.map_or("2xx".to_owned(), |status| status.to_string());
            format!("{}: {url} answers {expected} within {timeout}, asked {attempts} times", check.name)
        }
        Ask::Query(query) => format!("{}: {query}", check.name),
    }
}

/// What the policies may use, where it is less than the program allows.
fn lowered(gate: &GateSpec) -> Option<String> {
    let lowered: Vec<String> =
        gate.limits.lowered().into_iter().map(|(name, limit)| format!("{name} {limit}")).collect();
    (!lowered.is_empty()).then(|| lowered.join(", "))
}

fn gate(spec: &GateSpec, composition: &Composition) -> String {
    let parts =
        |parts: &[Composition]| parts.iter().map(|part| gate(spec, part)).collect::<Vec<_>>().join(", ");
    match composition {
        Composition::Member(at) => {
            spec.members.get(*at).map_or(String::new(), |member| member.policy.to_string())
        }
        Composition::All(all) => format!("all of ({})", parts(all)),
        Composition::Any(any) => format!("any of ({})", parts(any)),
        Composition::Quorum { needed, of } => format!("{needed} of ({})", parts(of)),
        Composition::Weighted { needed, of } => {
            let shares: Vec<_> =
                of.iter().map(|share| format!("{} × {}", share.weight, gate(spec, &share.part))).collect();
            format!("a weight of {needed} of ({})", shares.join(", "))
        }
    }
}
