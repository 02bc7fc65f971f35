//! `rollgate schema`: what changed between two descriptions of an API, and what is wrong with one.

mod accept;
pub(super) mod check;
mod counting;
mod diff;
mod explain;
mod load;
mod operand;
mod publish;
mod rules;
mod validate;

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::live::{self, Colour};
use super::{Exit, Failure, output};
use crate::report::schema::text::Layout;
use crate::support::env::ProcessEnvironment;
use crate::support::fs;

/// Subcommands of `rollgate schema`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Say what changed between two descriptions, and whether that breaks clients
    Diff(diff::Arguments),
    /// Judge what changed in the descriptions of this repository: the gate of a pull request
    Check(check::Arguments),
    /// Accept changes: write them into the list of changes that do not count
    Accept(accept::Arguments),
    /// List the rules: everything that a comparison can find
    Rules(rules::Arguments),
    /// Say what a rule means, why it matters and what to do, with an example
    Explain(explain::Arguments),
    /// Say what is wrong with a description
    Validate(validate::Arguments),
    /// Write the descriptions of this repository into their stores, each under its version
    Publish(publish::Arguments),
}

/// Where a report goes.
#[derive(Debug, clap::Args)]
pub(super) struct Sink {
    /// Write the report to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// When to use colour in the form for people in a terminal
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    color: Colour,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people in a terminal
    Text,
    /// For programs
    Json,
    /// For a job summary or a comment
    Markdown,
}

impl Sink {
    /// Whether the text is coloured.
    fn colour(&self) -> bool {
        match (self.color, &self.output) {
            (Colour::Auto, Some(_)) => false,
            _ => self.color.on_standard_output(&ProcessEnvironment),
        }
    }

    /// How the text is laid out where it goes.
    fn layout(&self) -> Layout {
        let default = Layout::default();
        let width = self.output.is_none().then(live::columns).flatten().unwrap_or(default.width);
        Layout { colour: self.colour(), width, ..default }
    }

    /// Writes the report to where it goes.
    fn write(&self, pieces: impl Iterator<Item = String>) -> Result<(), Failure> {
        match &self.output {
            None => output::print_all(pieces).map(drop),
            Some(path) => save(path, &pieces.collect::<String>()),
        }
    }
}

fn save(path: &Path, report: &str) -> Result<(), Failure> {
    fs::write(path, report.as_bytes())
        .with_context(|| format!("write {}", path.display()))
        .map_err(Failure::Outside)
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Diff(arguments) => diff::run(arguments),
        Command::Check(arguments) => check::command(arguments),
        Command::Accept(arguments) => accept::run(arguments),
        Command::Rules(arguments) => rules::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Validate(arguments) => validate::run(arguments),
        Command::Publish(arguments) => publish::run(arguments),
    }
}
