//! `rollgate policy-worker`: the process that runs policies. Started by the program itself, never by people.

use super::{Exit, Failure};
use crate::policy::{jail, worker};

/// Arguments of `rollgate policy-worker`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Address space that the process may have, in bytes
    #[arg(long)]
    address_space: u64,
    /// Leave out the filter of system calls
    #[cfg(feature = "escape-probe")]
    #[arg(long)]
    without_filter: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let bounds = jail::Bounds {
        address_space: arguments.address_space,
        #[cfg(feature = "escape-probe")]
        filter: !arguments.without_filter,
    };
    worker::run(&bounds).map(|()| Exit::Passed).map_err(|error| Failure::Outside(error.into()))
}
