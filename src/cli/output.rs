//! What every command prints with. Results go to standard output, everything else to standard error.

use std::io::{BufWriter, ErrorKind, Write as _};

use super::{Exit, Failure};
use crate::support::text;

/// Prints a result piece by piece. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print_all(pieces: impl Iterator<Item = String>) -> Result<Exit, Failure> {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = pieces.map(|piece| out.write_all(piece.as_bytes())).find(Result::is_err).unwrap_or(Ok(()));
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::Outside(anyhow::Error::new(error).context("write to standard output")))
        }
        _ => Ok(Exit::Passed),
    }
}

/// Prints a result. A reader that has gone away, as `head` does, is no failure.
pub(super) fn print(shown: &str) -> Result<Exit, Failure> {
    print_all(std::iter::once(shown.to_owned()))
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
