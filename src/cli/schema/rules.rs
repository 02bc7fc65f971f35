//! `rollgate schema rules`.

use super::{Format, Sink};
use crate::cli::{Exit, Failure};
use crate::openapi::rules::{self, Rule, differences};
use crate::report::schema::catalogue::{Catalogue, Difference, Entry};

/// Arguments of `rollgate schema rules`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let catalogue = Catalogue::new(rules::all().map(entry).collect());
    let sink = &arguments.sink;
    let shown = match arguments.format {
        Format::Text => catalogue.text(sink.colour()),
        Format::Json => catalogue.json(),
        Format::Markdown => catalogue.markdown(),
    };
    sink.write(std::iter::once(shown))?;
    Ok(Exit::Passed)
}

/// A rule as it is listed.
pub(super) fn entry(rule: &Rule) -> Entry {
    Entry {
        id: rule.id.to_string(),
        level: rule.level,
        direction: rule.direction,
        known: rule.known(),
        never_emitted: rule.silent().map(str::to_owned),
        differs: differences::of(&rule.id)
            .map(|difference| Difference { level: difference.theirs, reason: difference.reason.to_owned() }),
        what: rule.what(),
    }
}
