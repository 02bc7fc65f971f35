//! Work that holds no traffic, ended by the first signal.
//!
//! Process 1 of a container is stopped by no signal that it does not listen for. Where nothing has to be settled, the
//! step ends at once, and the process with it.

use anyhow::anyhow;
use tokio::sync::oneshot;

use super::dispatch::Done;
use crate::cli::{Exit, Failure, output, process};
use crate::rollout::machine::Signal;

/// What comes of `work`, unless a signal comes first; the work ends with the process then.
pub(super) fn unless_stopped(work: impl FnOnce() -> Done + Send + 'static) -> Done {
    let waited = process::runtime().and_then(|runtime| {
        runtime.block_on(async {
            let mut stop = process::signals()?;
            let (done, outcome) = oneshot::channel();
            std::thread::spawn(move || drop(done.send(work())));
            Ok(tokio::select! {
                // A check that broke off is known at once: nobody is left to send what came of it.
                outcome = outcome => outcome.unwrap_or_else(|_| {
                    let error = anyhow!("check the descriptions: the check broke off; please report this bug");
                    Done::ended(Err(Failure::Outside(error)))
                }),
                Ok(signal) = async { stop.wait_for(Option::is_some).await.map(|signal| *signal) } => {
                    output::note("told to stop before the check was done; nothing was decided");
                    Done::ended(Ok(Exit::Stopped(signal.unwrap_or(Signal::Terminate))))
                }
            })
        })
    });
    waited.unwrap_or_else(|failure| Done::ended(Err(failure)))
}

#[cfg(test)]
mod tests {
    use rustix::process::{Signal as Kind, getpid, kill_process};

    use super::*;

    /// One test: a signal reaches everybody in the process who listens.
    #[test]
    fn work_ends_by_itself_or_by_a_signal() {
        let done = unless_stopped(|| Done::ended(Ok(Exit::Undecided)));
        assert!(matches!(done.ended, Ok(Exit::Undecided)), "{:?}", done.ended);
        let broken = unless_stopped(|| panic!("as a bug does"));
        assert!(matches!(broken.ended, Err(Failure::Outside(_))), "{:?}", broken.ended);
        let endless = unless_stopped(|| {
            // Whoever began this listens already.
            kill_process(getpid(), Kind::INT).unwrap();
            loop {
                std::thread::park();
            }
        });
        assert!(matches!(endless.ended, Ok(Exit::Stopped(Signal::Interrupt))), "{:?}", endless.ended);
    }
}
