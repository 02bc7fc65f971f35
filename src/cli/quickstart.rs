//! `rollgate quickstart`.

use super::{Exit, Failure};

/// Arguments of `rollgate quickstart`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: &Arguments) -> Result<Exit, Failure> {
    Err(Failure::Usage(anyhow::anyhow!("not there yet")))
}
