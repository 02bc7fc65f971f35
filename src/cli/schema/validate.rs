//! `rollgate schema validate`.

use std::collections::BTreeSet;

use super::{Format, Sink, operand};
use crate::cli::{Exit, Failure};
use crate::openapi::compare::{self, Options};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::strict;
use crate::report::schema::sources::Sources;
use crate::report::schema::validation::Validation;

/// Arguments of `rollgate schema validate`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The description: a file, `REVISION:PATH`, a URL, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Read what references name by URL too: asks whatever servers the descriptions name, by https or on this machine
    #[arg(long)]
    follow_urls: bool,
    /// Form of the report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    sink: Sink,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let [bundle] = operand::read([&arguments.file], arguments.follow_urls)?;
    let description = bundle.lower();
    operand::came(&description)?;
    // What a comparison could not look at is a defect as well.
    let report = compare::compare(&description, &description, &Options::default());
    let mut defects = report.diagnostics;
    // What both say of a place is said once, in the words of our own reader.
    let told: BTreeSet<_> = defects
        .iter()
        .filter(|defect| defect.level == Gravity::Error)
        .map(|defect| defect.location.clone())
        .collect();
    defects
        .extend(strict::check(bundle.main()).into_iter().filter(|defect| !told.contains(&defect.location)));
    let validation = Validation::new(report.base, defects);
    let sink = &arguments.sink;
    let shown = match arguments.format {
        Format::Text => validation.text(&Sources::of([], bundle.trees()), sink.layout()),
        Format::Json => validation.json(),
        Format::Markdown => validation.markdown(),
    };
    sink.write(std::iter::once(shown))?;
    Ok(if validation.valid { Exit::Passed } else { Exit::Refused })
}
