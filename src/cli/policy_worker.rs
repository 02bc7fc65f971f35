//! `rollgate policy-worker`: the process that runs policies. Started by the program itself, never by people.

#[cfg(feature = "test-probes")]
mod escape;

use super::{Exit, Failure};
use crate::policy::{engine, jail, worker};

/// Arguments of `rollgate policy-worker`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Memory that the process may have, in bytes
    #[arg(long)]
    memory: u64,
    /// Try to get out of the jail before the first question, and tell the host how it went
    #[cfg(feature = "test-probes")]
    #[arg(long)]
    escape: Option<escape::Targets>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let bounds = jail::Bounds {
        memory: arguments.memory,
        reserved: engine::RESERVED,
        #[cfg(feature = "test-probes")]
        layers: arguments.escape.as_ref().map_or_else(jail::Layers::default, |targets| targets.layers),
    };
    let (from, to) = (std::io::stdin(), std::io::stdout());
    #[cfg(feature = "test-probes")]
    if let Some(targets) = arguments.escape.clone() {
        let inherited = escape::inherited();
        return ended(worker::run_after(&bounds, from, to, move || escape::attempts(&targets, inherited)));
    }
    ended(worker::run(&bounds, from, to))
}

fn ended(served: Result<(), worker::WorkerError>) -> Result<Exit, Failure> {
    served.map(|()| Exit::Passed).map_err(|error| Failure::Outside(error.into()))
}
