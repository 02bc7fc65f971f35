//! `rollgate canary status`.

use anyhow::anyhow;

use super::{Common, Format, open};
use crate::cli::{Exit, Failure, output};
use crate::report;
use crate::rollout::record::RunRecord;

/// Arguments of `rollgate canary status`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let plan = open::plan(&arguments.common)?;
    let store = open::store(&arguments.common);
    let id = store
        .current(&plan.service)
        .map_err(super::carry::outside)?
        .ok_or_else(|| Failure::Usage(anyhow!("{} has had no rollout in this state folder", plan.service)))?;
    print(&store.read(&id).map_err(super::carry::outside)?, arguments.common.format)
}

/// Prints the report of a run as far as it has come.
pub(super) fn print(record: &RunRecord, format: Format) -> Result<Exit, Failure> {
    output::print(&match format {
        Format::Text => report::text::render(record),
        Format::Json => report::json::render(record),
        Format::Markdown => report::markdown::render(record),
    })
}
