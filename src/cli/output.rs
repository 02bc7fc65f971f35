//! What every command prints with. Results go to standard output, everything else to standard error.

use std::io::{ErrorKind, Write as _};

use super::{Exit, Failure};
use crate::support::text;

/// Prints a result. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print(shown: &str) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(shown.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Outside(anyhow::Error::new(error).context("write to standard output")))
        }
        _ => Ok(Exit::Passed),
    }
}

/// Prints a remark, in one line, to standard error.
pub(super) fn note(remark: &str) {
    tell(&format!("note: {}", text::line(remark, text::SHOWN)));
}

/// Writes one safe line to standard error, in one piece: a runner's log mixes what comes in pieces with what goes to
/// standard output.
pub(super) fn tell(line: &str) {
    // Nobody is left to be told if even this fails.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
