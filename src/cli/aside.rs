//! Writing that nobody waits for: a reader that is stuck, as a full pipe or a terminal held by Ctrl-S, must not
//! hold up what is being told of.

use std::io::{ErrorKind, Result};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, channel, sync_channel};
use std::time::Duration;

/// How long what is still to be written is waited for at the end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Passes text on to a thread that writes it. At most so many pieces wait as it was made for.
pub(super) struct Aside {
    /// None once it is being given up.
    pieces: Option<SyncSender<String>>,
    /// Closes when the thread has ended.
    ended: Receiver<()>,
}

impl Aside {
    /// Writes with `write`, until that fails. At most `waiting` pieces wait for it.
    pub(super) fn new(waiting: usize, mut write: impl FnMut(&str) -> Result<()> + Send + 'static) -> Self {
        let (pieces, given) = sync_channel::<String>(waiting);
        let (end, ended) = channel::<()>();
        std::thread::spawn(move || {
            let _end = end;
            for piece in given {
                if write(&piece).is_err() {
                    return;
                }
            }
        });
        Self { pieces: Some(pieces), ended }
    }

    /// Takes a piece, at once. [`ErrorKind::WouldBlock`]: too many wait, and this one is lost. Any other error:
    /// nothing is written any more.
    pub(super) fn write(&self, piece: String) -> Result<()> {
        let sent = self.pieces.as_ref().map(|pieces| pieces.try_send(piece));
        match sent {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(ErrorKind::WouldBlock.into()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(ErrorKind::BrokenPipe.into()),
        }
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        self.pieces = None;
        // An error is the end that is waited for, or that it did not come in time.
        let _ = self.ended.recv_timeout(PATIENCE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn everything_is_written_in_order_before_it_is_gone() {
        let paper = Arc::new(Mutex::new(String::new()));
        let written = paper.clone();
        let aside = Aside::new(100, move |piece| {
            written.lock().unwrap().push_str(piece);
            Ok(())
        });
        for piece in ["a", "b", "c"] {
            aside.write(piece.into()).unwrap();
        }
        drop(aside);
        assert_eq!(*paper.lock().unwrap(), "abc");
    }

    #[test]
    fn a_reader_that_is_stuck_holds_nobody_up() {
        let (_never, silence) = channel::<()>();
        let aside = Aside::new(2, move |_| {
            let _ = silence.recv();
            Ok(())
        });
        let lost = (0..10).filter(|_| aside.write("x".into()).is_err()).count();
        assert!(lost >= 7, "{lost}");
        drop(aside);
    }

    #[test]
    fn a_reader_that_is_gone_is_told_of() {
        let (told, seen) = channel();
        let aside = Aside::new(2, move |_| {
            let _ = told.send(());
            Err(ErrorKind::BrokenPipe.into())
        });
        aside.write("x".into()).unwrap();
        seen.recv().unwrap();
        let _ = aside.ended.recv();
        assert_eq!(aside.write("x".into()).unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
