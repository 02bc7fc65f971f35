//! The files by which a step talks to the runner: outputs, state and the job's summary.
//!
//! The invariant: a value cannot end its own entry, since the delimiter is random and not in it; what was written before stays; and what
//! the runner would refuse whole is not written. Absent on purpose: `GITHUB_ENV` and `GITHUB_PATH`, through which a
//! value would reach the steps that follow.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use crate::report::publication::{Publication, SUMMARY};
use crate::support::env::Environment;
use crate::support::{secret, text};

use super::random;

/// The most bytes of one output, counted in UTF-8 and as the runner does in UTF-16.
pub const OUTPUT: usize = 1024 * 1024;

/// Why something was not written. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The runner has given no such file.
    #[error("write {what}: {variable} is not set; inside a GitHub workflow the runner sets it")]
    Unset {
        /// What was to be written.
        what: String,
        /// The variable that names the file.
        variable: &'static str,
    },
    /// The name is none that an output can have.
    #[error(
        "write an output: {0:?} is no name of ASCII letters, digits, `-` and `_` that begins with a letter"
    )]
    Name(String),
    /// The value is longer than [`OUTPUT`].
    #[error("write {0}: it is longer than {limit} KiB, more than the runner takes", limit = OUTPUT / 1024)]
    TooLong(String),
    /// The system has no randomness to give.
    #[error("write {0}: {1}")]
    Random(String, random::NoRandomness),
    /// The file was not written.
    #[error("write {what}: {error}")]
    Io {
        /// What was to be written.
        what: String,
        /// Why.
        error: io::Error,
    },
}

/// The runner's files for this step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunnerFiles {
    output: Option<PathBuf>,
    state: Option<PathBuf>,
    summary: Option<PathBuf>,
}

impl RunnerFiles {
    /// The files that the runner's environment names.
    #[must_use]
    pub fn from_environment(environment: &dyn Environment) -> Self {
        let path = |name: &str| environment.variable(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        Self {
            output: path("GITHUB_OUTPUT"),
            state: path("GITHUB_STATE"),
            summary: path("GITHUB_STEP_SUMMARY"),
        }
    }

    /// Sets the step's output `name`. Known secrets in `value` are masked.
    pub fn output(&self, name: &str, value: &str) -> Result<(), FileError> {
        entry(self.output.as_deref(), "GITHUB_OUTPUT", "the output", name, value)
    }

    /// Keeps `value` for the post step, which finds it in `STATE_<name>`. Known secrets in it are masked.
    pub fn state(&self, name: &str, value: &str) -> Result<(), FileError> {
        entry(self.state.as_deref(), "GITHUB_STATE", "the state", name, value)
    }

    /// Appends the reports to the job's summary, cut so that the runner takes the whole.
    pub fn summary(&self, publications: &[Publication]) -> Result<(), FileError> {
        let what = "the job's summary";
        let path = named(self.summary.as_deref(), "GITHUB_STEP_SUMMARY", what)?;
        let failed = |error| FileError::Io { what: what.to_owned(), error };
        let mut file = open(path).map_err(failed)?;
        let there = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or(usize::MAX);
        let mut written = String::new();
        for (at, publication) in publications.iter().enumerate() {
            let left = SUMMARY.saturating_sub(there).saturating_sub(written.len());
            // What one does not use is left to those after it.
            let share = left / (publications.len() - at);
            if share > 2 {
                written.push_str(&secret::mask(&publication.body.within(share - 2)));
                written.push_str("\n\n");
            }
        }
        file.write_all(written.as_bytes()).map_err(failed)
    }
}

/// One entry as the runner reads it: the name, a delimiter, the value, and the delimiter again.
fn entry(
    path: Option<&Path>,
    variable: &'static str,
    kind: &str,
    name: &str,
    value: &str,
) -> Result<(), FileError> {
    let good = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= 100
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !good {
        return Err(FileError::Name(text::line(name, 80)));
    }
    let what = format!("{kind} {name}");
    let path = named(path, variable, &what)?;
    let value = secret::mask(value);
    if value.len().max(2 * value.encode_utf16().count()) > OUTPUT {
        return Err(FileError::TooLong(what));
    }
    let delimiter = loop {
        let word = random::word().map_err(|error| FileError::Random(what.clone(), error))?;
        let delimiter = format!("rollgate_{word}");
        if !value.contains(&delimiter) {
            break delimiter;
        }
    };
    let entry = format!("{name}<<{delimiter}\n{value}\n{delimiter}\n");
    let write = || open(path)?.write_all(entry.as_bytes());
    write().map_err(|error| FileError::Io { what, error })
}

fn named<'a>(path: Option<&'a Path>, variable: &'static str, what: &str) -> Result<&'a Path, FileError> {
    path.ok_or_else(|| FileError::Unset { what: what.to_owned(), variable })
}

/// Opens a regular file to write at its end.
fn open(path: &Path) -> io::Result<File> {
    // Without NONBLOCK, opening a pipe would wait for somebody to read from it.
    let flags = OFlags::WRONLY
        | OFlags::APPEND
        | OFlags::CREATE
        | OFlags::CLOEXEC
        | OFlags::NOCTTY
        | OFlags::NONBLOCK;
    let file = File::from(rustix::fs::open(path, flags, Mode::from_raw_mode(0o644))?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a regular file")) }
}
