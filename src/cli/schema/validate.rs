//! `rollgate schema validate`.

use super::{Format, Shape, operand};
use crate::cli::{Exit, Failure};
use crate::openapi::compare::{self, Options};
use crate::openapi::model::lower;
use crate::openapi::read::read;
use crate::openapi::strict;
use crate::report::schema::sources::Sources;
use crate::report::schema::validation::Validation;

/// Arguments of `rollgate schema validate`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The description: a file, `REVISION:PATH`, a URL, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    shape: Shape,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let [found] = operand::read([&arguments.file])?;
    let (tree, defects) = read(&found.name, &found.bytes);
    let description = lower(&tree, defects);
    // What a comparison could not look at is a defect as well.
    let report = compare::compare(&description, &description, &Options::default());
    let mut defects = report.diagnostics;
    defects.extend(strict::check(&tree));
    let validation = Validation::new(report.base, defects);
    let shape = &arguments.shape;
    let shown = match shape.format {
        Format::Text => validation.text(&Sources::of([], [&tree]), shape.layout()),
        Format::Json => validation.json(),
        Format::Markdown => validation.markdown(),
    };
    shape.write(std::iter::once(shown))?;
    Ok(if validation.valid { Exit::Passed } else { Exit::Refused })
}
