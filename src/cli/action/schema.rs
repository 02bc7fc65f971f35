//! `schema-check` in a workflow: the inputs become the request of `rollgate schema check`.
//!
//! Process 1 of a container is stopped by no signal that it does not listen for, and there is no traffic to settle: the
//! first signal ends the step.

use anyhow::anyhow;
use tokio::sync::oneshot;

use super::Prepared;
use super::dispatch::Done;
use crate::cli::{Exit, Failure, output, process};
use crate::rollout::machine::Signal;

/// Checks the descriptions, unless told to stop.
pub(super) fn check(prepared: &Prepared) -> Done {
    let prepared = prepared.clone();
    unless_stopped(move || checked(&prepared))
}

/// What comes of `work`, unless a signal comes first; the process ends then, and the work with it.
fn unless_stopped(work: impl FnOnce() -> Done + Send + 'static) -> Done {
    let waited = process::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let mut stop = process::signals()?;
            let (done, outcome) = oneshot::channel();
            std::thread::spawn(move || drop(done.send(work())));
            Ok(tokio::select! {
                Ok(done) = outcome => done,
                Ok(signal) = async { stop.wait_for(Option::is_some).await.map(|signal| *signal) } => {
                    output::note("told to stop before the check was done; nothing was decided");
                    Done::ended(Ok(Exit::Stopped(signal.unwrap_or(Signal::Terminate))))
                }
                else => Done::ended(Err(Failure::Outside(anyhow!("check the descriptions: the check broke off")))),
            })
        })
    });
    waited.unwrap_or_else(|failure| Done::ended(Err(failure)))
}

fn checked(_prepared: &Prepared) -> Done {
    Done::ended(Err(Failure::Usage(anyhow!("this build has no `schema check`"))))
}
