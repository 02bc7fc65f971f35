//! `rollgate canary`: carry out, look at and steer a rollout.

mod carry;
mod look;
mod open;
mod status;
mod steer;

use std::path::PathBuf;

use super::{Exit, Failure};
use crate::rollout::machine::Command as Order;

/// Subcommands of `rollgate canary`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Carry a canary from first traffic to promotion or rollback
    Run(carry::RunArguments),
    /// Take one look at the running canary; no traffic is moved, and the rollout does not know of it
    Look(look::Arguments),
    /// Show where the rollout stands
    Status(status::Arguments),
    /// Advance no further; looks go on and may roll back
    Pause(steer::Arguments),
    /// Go on: end a pause, or carry on the rollout of a process that died
    Resume(carry::Arguments),
    /// Give the canary all traffic now
    Promote(steer::Arguments),
    /// Give the baseline all traffic now; needs neither metrics nor policies
    Rollback(steer::Arguments),
    /// End this step now
    Skip(steer::Arguments),
}

/// What every subcommand takes.
#[derive(Debug, clap::Args)]
pub(super) struct Common {
    /// Service of the config; may be left out where there is one
    #[arg(long)]
    service: Option<String>,
    /// Config file
    #[arg(long, default_value = crate::config::FILE)]
    config: PathBuf,
    /// Environment of the config to lay over it
    #[arg(long)]
    environment: Option<String>,
    /// Folder of locks, journals and records
    #[arg(long, default_value = ".rollgate")]
    state_dir: PathBuf,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For people in a terminal
    Text,
    /// For programs
    Json,
    /// For a job summary
    Markdown,
}

/// Takes a look, prints it, and returns it as Markdown with how it ended.
pub(super) fn look(arguments: &look::Arguments) -> Result<(Exit, String), Failure> {
    look::shown(arguments)
}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(arguments) => carry::run(arguments),
        Command::Look(arguments) => look::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Pause(arguments) => steer::run(arguments, Order::Pause),
        Command::Resume(arguments) => carry::resume(arguments),
        Command::Promote(arguments) => steer::run(arguments, Order::Promote),
        Command::Rollback(arguments) => steer::run(arguments, Order::Rollback),
        Command::Skip(arguments) => steer::run(arguments, Order::Skip),
    }
}
