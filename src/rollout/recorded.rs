//! Runs as they were recorded, to be read again: those of rollouts, single looks, and checks of descriptions. Edge.
//!
//! What is damaged is an error with its place; what a dying process left unfinished is named and left out.

use std::fs;
use std::path::{Path, PathBuf};

use super::journal::{Entry, Journal, Line, replay};
use super::looks;
use super::machine::Event;
use super::record::{Header, LookRecord};
use super::store::{Store, StoreError, read_header};
use crate::snapshot::canonical;

/// The most runs of one folder that are read.
const MOST_RUNS: usize = 10_000;

/// How many looks without a line in the journal are told of one by one.
const MOST_TOLD: usize = 8;

/// A recorded run.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its id: the name of its folder.
    pub id: String,
    /// Its header; none of what is no rollout.
    pub header: Option<Header>,
    /// Its looks, in order.
    pub looks: Vec<LookRecord>,
    /// What a dying process left unfinished, and is left out; for people.
    pub left_out: Vec<String>,
}

impl Recorded {
    /// The service that its looks are about; the first, where a check has several.
    #[must_use]
    pub fn service(&self) -> &str {
        let look = self.looks.first().map(|look| look.snapshot.context.service.as_str());
        look.or(self.header.as_ref().map(|header| header.context.service.as_str())).unwrap_or_default()
    }
}

/// Reads the run in `folder`.
pub fn read(folder: &Path) -> Result<Recorded, StoreError> {
    let id = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let listed = looks::list(folder)?;
    let mut left_out: Vec<String> = listed
        .unfinished
        .iter()
        .map(|name| format!("looks/{name} was not finished by the process that wrote it"))
        .collect();
    let (header, journal) = parts(folder)?;
    let (lines, torn) = Journal::read_with_rest(&journal)?;
    if torn > 0 {
        let journal = journal.file_name().unwrap_or_default().to_string_lossy();
        left_out.push(format!(
            "the last line of {journal} ({torn} bytes) was not finished by the process that wrote it"
        ));
    }
    let counted = match &header {
        Some(header) => replay(&header.plan, &lines).looks,
        None => lines.iter().filter_map(looked).max().unwrap_or(0),
    };
    let looks = looks::read(folder, counted, &lines)?;
    let more: Vec<u32> = listed.numbers.into_iter().filter(|number| *number > counted).collect();
    left_out.extend(more.iter().take(MOST_TOLD).map(|number| {
        let why = if *number == counted + 1 { ": its process ended before it acted on it" } else { "" };
        format!("look {number} has no line in the journal{why}")
    }));
    if more.len() > MOST_TOLD {
        left_out.push(format!("{} more looks have no line in the journal", more.len() - MOST_TOLD));
    }
    for look in &looks {
        sound(look).map_err(|message| StoreError::Damaged {
            path: looks::path(folder, look.look),
            message: format!("{message}; the record was damaged or edited"),
        })?;
    }
    Ok(Recorded { id, header, looks, left_out })
}

/// The header of the run in `folder`, none of what is no rollout, and where its journal is.
fn parts(folder: &Path) -> Result<(Option<Header>, PathBuf), StoreError> {
    let [header, journal] = ["header.json", "journal.jsonl"].map(|name| folder.join(name));
    if is_there(&header) {
        return Ok((Some(read_header(folder)?), journal));
    }
    let damaged = |path: PathBuf, message: &str| StoreError::Damaged { path, message: message.into() };
    // Without its header a rollout would pass for something that has none.
    if is_there(&journal) {
        let message = "it is not there, and journal.jsonl is that of a rollout, which has one; \
                       the record was damaged or edited";
        return Err(damaged(header, message));
    }
    let journal = looks::journal_of_chain(folder);
    if is_there(&journal) {
        return Ok((None, journal));
    }
    if !folder.join("looks").is_dir() {
        return Err(damaged(folder.into(), "it is not the record of a run: it has no looks"));
    }
    let message = "it is not there, and has the digests of the looks; the record was damaged or edited";
    Err(damaged(journal, message))
}

/// Whether something is at `path`, if only a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The number of the look that a line is about.
fn looked(line: &Line) -> Option<u32> {
    match line.entry {
        Entry::Event(Event::Looked { look, .. }) => Some(look),
        Entry::Event(_) | Entry::Intent(_) => None,
    }
}

/// Holds a look's snapshot against its digest, and its answers against the policies that were asked.
fn sound(look: &LookRecord) -> Result<(), &'static str> {
    if canonical::digest(&look.snapshot).ok() != Some(look.snapshot_sha256) {
        return Err("its snapshot is not the one of its digest");
    }
    let asked = look.asked.members.iter().map(|member| &member.id);
    if !asked.eq(look.members.iter().map(|member| &member.id)) {
        return Err("its answers are not those of the policies that were asked");
    }
    Ok(())
}

/// Whether `folder` is that of a run, whole or damaged.
#[must_use]
pub fn is_run(folder: &Path) -> bool {
    folder.join("looks").is_dir()
        || ["header.json", "journal.jsonl", "looks.jsonl"].iter().any(|name| is_there(&folder.join(name)))
}

/// The folders of the runs beneath `folder`, which is a state folder, a folder of runs, or a run; in the order of
/// their names, which is that of time.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if is_run(folder) {
        return Ok(vec![folder.into()]);
    }
    let mut found = Vec::new();
    for folder in [folder.to_owned(), folder.join("runs"), folder.join("checks")] {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(StoreError::Io { action: "list", path: folder, error }),
        };
        let folders = entries.filter_map(Result::ok).map(|entry| entry.path());
        found.extend(folders.filter(|path| is_run(path)));
        if found.len() > MOST_RUNS {
            let message = format!("it holds more than {MOST_RUNS} runs: name a part of them");
            return Err(StoreError::Damaged { path: folder, message });
        }
    }
    found.sort_by(|one, other| one.file_name().cmp(&other.file_name()));
    Ok(found)
}

impl Store {
    /// The folder of the recorded run `id`: a rollout, a single look or a check; none where there is none.
    #[must_use]
    pub fn recorded(&self, id: &str) -> Option<PathBuf> {
        let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let folders = [self.run(id), self.check(id)];
        folders.into_iter().filter(|_| plain).find(|folder| folder.is_dir())
    }
}
