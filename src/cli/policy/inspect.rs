//! `rollgate policy inspect`.

use std::io::Write as _;

use anyhow::Context as _;

use crate::cli::{Exit, Failure, process};
use crate::policy::Description;
use crate::policy::anatomy::Anatomy;
use crate::policy::inspect::{self, Report};
use crate::policy::limits::{Limits, amount};
use crate::policy::member::{Load, Question};
use crate::policy::seat::Seat;
use crate::snapshot::canonical;
use crate::support::text;
use crate::verdict::compare;
use crate::verdict::model::Fault;

const EXAMPLES: &str = "Examples:
  rollgate policy inspect policies/mine.wasm
  rollgate policy inspect builtin:thresholds

Exit codes: 0 the host accepts it; 2 it cannot be read; 4 the host does not accept it, or a registry does not give it.";

/// Arguments of `rollgate policy inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// A component, `builtin:NAME`, or one of a registry by its digest
    #[arg(value_name = "FILE|builtin:NAME|HOST/NAME@sha256:…")]
    policy: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let (report, looked) = process::runtime()?.block_on(async {
        let load = super::load(&arguments.policy, Limits::default()).await?;
        let report = inspect::inspect(&load).await;
        let looked = if report.accepted.is_ok() { Some(look(load).await?) } else { None };
        Ok::<_, Failure>((report, looked))
    })?;
    let mut shown = format!("{}: ", text::line(&arguments.policy, text::SHOWN));
    shown.push_str(&render(&report, looked.as_deref()));
    std::io::stdout()
        .write_all(shown.as_bytes())
        .context("write to standard output")
        .map_err(Failure::Outside)?;
    Ok(if report.accepted.is_ok() { Exit::Passed } else { Exit::Outside })
}

/// What a look at 20 metrics costs the policy without settings, and what it says: an author sees the order of its fuel.
async fn look(load: Load) -> Result<String, Failure> {
    let snapshot = super::bench::canned();
    let body = canonical::bytes(&snapshot).map_err(|error| Failure::Outside(error.into()))?;
    let most = load.limits.fuel;
    let failed = |fault: Fault| Failure::Outside(anyhow::anyhow!("{fault}"));
    let mut seat = Seat::open(load).await.map_err(failed)?;
    let asked =
        seat.evaluate(Question { snapshot: &snapshot, body: &body, settings: "{}", memory: &[] }).await;
    seat.close().await;
    let fuel = asked.usage.map_or_else(|| "fuel unknown".to_owned(), |usage| format!("{} fuel", usage.fuel));
    let answer = text::line(&compare::answer(&asked.answer), text::SHOWN);
    Ok(format!("{fuel} of {}, 20 metrics and no settings: {answer}", amount(most)))
}

/// What is known of a policy, a line for each fact. Its own words are sanitised by the host; the schema is here.
fn render(report: &Report, looked: Option<&str>) -> String {
    let mut lines = Vec::new();
    let mut line =
        |name: &str, value: &str| lines.push(format!("  {name:<10} {value}").trim_end().to_owned());
    line("size", &format!("{} bytes", report.size));
    line("digest", &format!("sha256:{}", report.digest));
    match &report.accepted {
        Ok(loaded) => {
            let Anatomy { imports, exports, .. } = &loaded.anatomy;
            let Description { name, version, summary, documentation_url, settings_schema, needs } =
                &loaded.description;
            line("interface", &loaded.anatomy.spoken());
            line("imports", &imports.join(", "));
            line("exports", &exports.join(", "));
            line("compiler", &loaded.strategy);
            line("a look", looked.unwrap_or("-"));
            line("name", &format!("{name} {version}"));
            line("summary", summary);
            line("read more", documentation_url.as_deref().unwrap_or("-"));
            if needs.is_empty() {
                line("needs", "no metric of a fixed name");
            }
            for need in needs {
                let kind = serde_json::to_value(need.kind).unwrap_or_default();
                let kind = kind.as_str().unwrap_or_default();
                line("needs", &format!("{} ({kind}, {} requests)", need.name, need.min_requests));
            }
            line("settings", "");
            let schema = serde_json::from_str::<serde_json::Value>(settings_schema).unwrap_or_default();
            let schema = serde_json::to_string_pretty(&schema).unwrap_or_default();
            lines.extend(schema.lines().map(|line| format!("    {}", text::error_line(line))));
        }
        Err(fault) => {
            line("fault", &fault.to_string());
            line("mend", fault.mend.as_deref().unwrap_or("-"));
        }
    }
    lines.extend(report.notes.iter().map(|note| format!("  {:<10} {note}", "note")));
    let verdict = if report.accepted.is_ok() { "accepted" } else { "not accepted" };
    format!("{verdict}\n{}\n", lines.join("\n"))
}
