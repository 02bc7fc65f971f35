//! `rollgate canary`.

use super::{Exit, Failure};

/// Arguments of `rollgate canary`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match *command {}
}
