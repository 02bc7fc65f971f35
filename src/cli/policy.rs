//! `rollgate policy`.

use super::{Exit, Failure};

/// Arguments of `rollgate policy`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {}

pub(super) fn run(command: &Command) -> Result<Exit, Failure> {
    match *command {}
}
