//! `rollgate policy docs`.

use anyhow::anyhow;

use crate::cli::{Exit, Failure, output, process};
use crate::policy::limits::Limits;
use crate::policy::seat::Seat;
use crate::report::policy::docs::{self, Page};
use crate::support::text;

const EXAMPLES: &str = "Examples:
  rollgate policy docs builtin:thresholds
  rollgate policy docs policies/mine.wasm > docs/mine.md

Exit codes: 0 the page is printed; 2 usage; 4 the policy cannot be loaded.";

/// Arguments of `rollgate policy docs`.
///
/// Prints Markdown: what the policy says of itself, the metrics that it needs, and a table of its settings from their JSON
/// Schema.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct Arguments {
    /// A component, or `builtin:NAME`
    #[arg(value_name = "FILE|builtin:NAME")]
    policy: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let load = super::load(&arguments.policy, Limits::default())?;
    let reference = text::line(&arguments.policy, 300);
    let seat = process::runtime()?.block_on(async {
        let seat = Seat::open(load).await?;
        let loaded = seat.loaded().clone();
        seat.close().await;
        Ok(loaded)
    });
    let loaded = seat.map_err(|fault: crate::verdict::model::Fault| {
        let mend = fault.mend.as_deref().map(|mend| format!("; {mend}")).unwrap_or_default();
        Failure::Outside(anyhow!("load {reference}: {fault}{mend}"))
    })?;
    let description = &loaded.description;
    // The worker has refused what is no JSON.
    let schema = serde_json::from_str(&description.settings_schema).unwrap_or_default();
    let kind = |kind| serde_json::to_value(kind).ok().and_then(|it| it.as_str().map(str::to_owned));
    output::print(&docs::markdown(&Page {
        reference: &reference,
        name: &description.name,
        version: &description.version,
        summary: &description.summary,
        documentation_url: description.documentation_url.as_deref(),
        interface: &loaded.anatomy.spoken(),
        sha256: &loaded.anatomy.digest.to_string(),
        needs: description
            .needs
            .iter()
            .map(|need| (need.name.clone(), kind(need.kind).unwrap_or_default(), need.min_requests))
            .collect(),
        schema: &schema,
    }))
}
