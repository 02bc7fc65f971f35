//! `rollgate policy docs`.

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
    /// A component, `builtin:NAME`, or one of a registry by its digest
    #[arg(value_name = "FILE|builtin:NAME|HOST/NAME@sha256:…")]
    policy: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let reference = text::line(&arguments.policy, 300);
    let loaded = process::runtime()?.block_on(async {
        let load = super::load(&arguments.policy, Limits::default()).await?;
        let seat = Seat::open(load).await.map_err(|fault| super::unloaded(&arguments.policy, &fault))?;
        let loaded = seat.loaded().clone();
        seat.close().await;
        Ok(loaded)
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
