//! What a command that waits for the network needs of the process: a runtime, and word of signals.

use anyhow::Context as _;
use tokio::sync::watch;

use super::Failure;
use crate::rollout::machine::Signal;

/// A runtime of two threads.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("start the runtime")
        .map_err(Failure::Outside)
}

/// SIGINT and SIGTERM, from now on; the first one counts. Called within the runtime.
pub(super) fn signals() -> Result<watch::Receiver<Option<Signal>>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(None);
    let listen = |kind| signal(kind).context("listen for signals").map_err(Failure::Outside);
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    tokio::spawn(async move {
        loop {
            let signal = tokio::select! {
                Some(()) = interrupt.recv() => Signal::Interrupt,
                Some(()) = terminate.recv() => Signal::Terminate,
                else => return,
            };
            // Settling has begun with the first and cannot be begun again.
            sender.send_if_modified(|held| held.is_none() && held.replace(signal).is_none());
        }
    });
    Ok(receiver)
}
