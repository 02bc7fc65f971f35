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

/// A runtime of this thread alone.
pub(super) fn runtime_of_this_thread() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("start the runtime")
        .map_err(Failure::Outside)
}

/// SIGINT and SIGTERM, from now on; the first one counts. A terminal that is closed tells the process to stop
/// as SIGTERM does, unless whoever started it wanted that ignored. Called within the runtime.
pub(super) fn signals() -> Result<watch::Receiver<Option<Signal>>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = watch::channel(None);
    let listen = |kind| signal(kind).context("listen for signals").map_err(Failure::Outside);
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    let mut hangup = if ignores_hangup() { None } else { Some(listen(SignalKind::hangup())?) };
    tokio::spawn(async move {
        loop {
            let signal = tokio::select! {
                Some(()) = interrupt.recv() => Signal::Interrupt,
                Some(()) = terminate.recv() => Signal::Terminate,
                Some(()) = received(hangup.as_mut()) => Signal::Terminate,
                else => return,
            };
            // Settling has begun with the first and cannot be begun again.
            sender.send_if_modified(|held| held.is_none() && held.replace(signal).is_none());
        }
    });
    Ok(receiver)
}

/// The next signal of a kind that is listened for.
async fn received(listener: Option<&mut tokio::signal::unix::Signal>) -> Option<()> {
    match listener {
        Some(listener) => listener.recv().await,
        None => std::future::pending().await,
    }
}

/// Whether this process was started to outlive its terminal, as `nohup` does (`SigIgn` in proc(5)).
fn ignores_hangup() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & HANGUP != 0)
}
