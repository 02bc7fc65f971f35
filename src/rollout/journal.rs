//! The journal of a run: what happened and what was about to be done, one JSON line each, on disk before
//! anything is done about it. Edge.
//!
//! Append-only. Each line carries the digest of the line before, so a record that was edited shows it. A
//! line that a dying process left unfinished at the end is dropped; damage anywhere else is an error.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

pub use super::entry::{Entry, Intent, Line};
use super::machine::{Event, State, apply};
use super::plan::Plan;
use crate::support::fs::{ReadError, open_regular};
use crate::support::units::{Sha256, Timestamp, Weight};

/// Version of the format.
const VERSION: u32 = 1;

/// A journal is read whole; a larger one was not written by this program.
const MOST_BYTES: u64 = 256 << 20;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file system refused.
    #[error("{action} {}: {error}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// A line is not what this program writes.
    #[error("read {} line {line}: {message}; the record was damaged or edited, so its run cannot be carried on", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

/// An open journal, positioned at its end.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    sequence: u64,
    previous: Option<Sha256>,
}

impl Journal {
    /// Opens or creates the journal at `path` for writing, and reads what is there. The caller holds the
    /// lock of the service.
    pub fn open(path: &Path) -> Result<(Self, Vec<Line>), JournalError> {
        let io = |action| move |error| JournalError::Io { action, path: path.to_owned(), error };
        let mut file =
            OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io("open"))?;
        if !file.metadata().map_err(io("open"))?.is_file() {
            return Err(io("open")(std::io::Error::other(ReadError::NotAFile)));
        }
        let Sound { lines, bytes, previous } = parse(path, &read_bounded(&mut file, path)?)?;
        file.set_len(bytes).map_err(io("cut the unfinished last line of"))?;
        file.seek(SeekFrom::End(0)).map_err(io("seek in"))?;
        Ok((Self { path: path.to_owned(), file, sequence: lines.len() as u64, previous }, lines))
    }

    /// Reads the journal at `path` without touching it.
    pub fn read(path: &Path) -> Result<Vec<Line>, JournalError> {
        Self::read_with_rest(path).map(|(lines, _)| lines)
    }

    /// As [`Self::read`], with the length of an unfinished last line, which is left out.
    pub fn read_with_rest(path: &Path) -> Result<(Vec<Line>, u64), JournalError> {
        let mut file = open_regular(path).map_err(|error| JournalError::Io {
            action: "open",
            path: path.to_owned(),
            error: match error {
                ReadError::Io(error) => error,
                error => std::io::Error::other(error),
            },
        })?;
        let text = read_bounded(&mut file, path)?;
        let Sound { lines, bytes, .. } = parse(path, &text)?;
        Ok((lines, (text.len() as u64).saturating_sub(bytes)))
    }

    /// Appends a line and waits until it is on disk.
    pub fn append(&mut self, at: Timestamp, entry: Entry) -> Result<Line, JournalError> {
        let line = Line { version: VERSION, sequence: self.sequence, at, entry, previous: self.previous };
        let mut text = render(&line);
        self.previous = Some(Sha256::of(text.as_bytes()));
        self.sequence += 1;
        text.push('\n');
        let io = |action| {
            let path = self.path.clone();
            move |error| JournalError::Io { action, path, error }
        };
        self.file.write_all(text.as_bytes()).map_err(io("write"))?;
        self.file.sync_data().map_err(io("flush"))?;
        Ok(line)
    }
}

/// The state that the events of `lines` lead to.
#[must_use]
pub fn replay(plan: &Plan, lines: &[Line]) -> State {
    lines.iter().fold(State::default(), |state, line| match &line.entry {
        Entry::Event(event) => apply(plan, &state, event, line.at),
        Entry::Intent(_) => state,
    })
}

/// The weights that the router may show because of us: the last one that was read back, and those that were
/// set since without an answer.
#[must_use]
pub fn own_weights(lines: &[Line]) -> Vec<Weight> {
    let mut own = vec![Weight::ZERO];
    for line in lines {
        match &line.entry {
            Entry::Intent(Intent::Shift(weight)) => own.push(*weight),
            Entry::Event(Event::Shifted { weight, .. }) => own = vec![*weight],
            Entry::Event(_) => {}
        }
    }
    own
}

fn render(line: &Line) -> String {
    // The types of a line hold nothing that JSON cannot.
    serde_json::to_string(line).unwrap_or_default()
}

fn read_bounded(file: &mut File, path: &Path) -> Result<Vec<u8>, JournalError> {
    let io = |error| JournalError::Io { action: "read", path: path.to_owned(), error };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(JournalError::Damaged {
            path: path.to_owned(),
            line: 0,
            message: "larger than any journal".into(),
        });
    }
    Ok(bytes)
}

/// The whole lines of a file; what follows them is an unfinished last line.
struct Sound {
    lines: Vec<Line>,
    /// How many bytes they take.
    bytes: u64,
    /// Digest of the last one.
    previous: Option<Sha256>,
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Sound, JournalError> {
    let mut lines: Vec<Line> = Vec::new();
    let mut sound = 0;
    let mut previous = None;
    for (at, text) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let damaged =
            |message: String| JournalError::Damaged { path: path.to_owned(), line: at + 1, message };
        let Some(text) = text.strip_suffix(b"\n") else { break };
        let line: Line = serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
        if line.version != VERSION {
            return Err(damaged(format!(
                "it has version {}, this program writes version {VERSION}",
                line.version
            )));
        }
        if line.sequence != at as u64 || line.previous != previous {
            return Err(damaged("it does not follow the line before".into()));
        }
        previous = Some(Sha256::of(text));
        sound += text.len() as u64 + 1;
        lines.push(line);
    }
    Ok(Sound { lines, bytes: sound, previous })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(journal: &mut Journal, at: u64, event: Event) {
        journal.append(Timestamp(at), Entry::Event(event)).unwrap();
    }

    fn written() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let (mut journal, _) = Journal::open(&path).unwrap();
        event(&mut journal, 1, Event::Started);
        journal.append(Timestamp(2), Entry::Intent(Intent::Shift(Weight::FULL))).unwrap();
        (folder, path)
    }

    #[test]
    fn what_was_appended_is_read_back_and_chained() {
        let (_folder, path) = written();
        let lines = Journal::read(&path).unwrap();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].previous, Some(Sha256::of(render(&lines[0]).as_bytes())));
        assert_eq!(own_weights(&lines), [Weight::ZERO, Weight::FULL]);
    }

    #[test]
    fn an_unfinished_last_line_is_dropped_and_written_over() {
        let (_folder, path) = written();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - 7);
        std::fs::write(&path, &bytes).unwrap();
        let (mut journal, lines) = Journal::open(&path).unwrap();
        assert_eq!(lines.len(), 1);
        event(&mut journal, 3, Event::Resumed);
        assert_eq!(Journal::read(&path).unwrap()[1].entry, Entry::Event(Event::Resumed));
    }

    #[test]
    fn an_edited_line_is_found() {
        let (_folder, path) = written();
        let text = std::fs::read_to_string(&path).unwrap().replacen("\"at\":1", "\"at\":9", 1);
        std::fs::write(&path, text).unwrap();
        let error = Journal::open(&path).unwrap_err().to_string();
        assert!(error.contains("line 2: it does not follow the line before"), "{error}");
    }

    #[test]
    fn garbage_is_an_error_that_names_the_line() {
        let (_folder, path) = written();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"\xff\xfe\n");
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(Journal::read(&path), Err(JournalError::Damaged { line: 3, .. })));
    }
}
