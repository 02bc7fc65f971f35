//! Runs as they were recorded, to be read again: those of rollouts, single looks, and checks of descriptions. Edge.
//!
//! What is damaged is an error with its place; what a dying process left unfinished is named and left out.

use std::fs;
use std::path::{Path, PathBuf};

use super::journal::{Entry, Journal, replay};
use super::looks;
use super::machine::Event;
use super::record::{Header, LookRecord};
use super::store::{Store, StoreError, read_header};
use crate::snapshot::canonical;

/// The most runs of one folder that are read.
const MOST_RUNS: usize = 10_000;

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
    if !folder.join("header.json").exists() {
        if !folder.join("looks").is_dir() {
            let message = "it is not the record of a run: it has no looks".into();
            return Err(StoreError::Damaged { path: folder.into(), message });
        }
        let looks = looks::read(folder, listed.last)?;
        return checked(folder, Recorded { id, header: None, looks, left_out });
    }
    let header = read_header(folder)?;
    let (lines, torn) = Journal::read_with_rest(&folder.join("journal.jsonl"))?;
    if torn > 0 {
        left_out.push(format!(
            "the last line of journal.jsonl ({torn} bytes) was not finished by the process that wrote it"
        ));
    }
    let counted = replay(&header.plan, &lines).looks;
    let looks = looks::read(folder, counted)?;
    for number in counted + 1..=listed.last {
        left_out.push(format!(
            "look {number} has no line in the journal: its process ended before it acted on it"
        ));
    }
    // The journal holds the decisions too: the last look, which no other one names, is held against it.
    for line in &lines {
        if let Entry::Event(Event::Looked { look, decision, .. }) = &line.entry
            && let Some(record) = usize::try_from(*look).ok().and_then(|at| looks.get(at.checked_sub(1)?))
            && record.decision != *decision
        {
            let message =
                "its decision is not the one in the journal; the record was damaged or edited".into();
            return Err(StoreError::Damaged { path: looks::path(folder, *look), message });
        }
    }
    checked(folder, Recorded { id, header: Some(header), looks, left_out })
}

/// Holds each look's snapshot against its digest.
fn checked(folder: &Path, recorded: Recorded) -> Result<Recorded, StoreError> {
    for look in &recorded.looks {
        let digest = canonical::digest(&look.snapshot).ok();
        if digest != Some(look.snapshot_sha256) {
            let message =
                "its snapshot is not the one of its digest; the record was damaged or edited".into();
            return Err(StoreError::Damaged { path: looks::path(folder, look.look), message });
        }
    }
    Ok(recorded)
}

/// The folders of the runs beneath `folder`, which is a state folder, a folder of runs, or a run; in the order of
/// their names, which is that of time.
pub fn folders(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    if folder.join("looks").is_dir() {
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
        found.extend(folders.filter(|path| path.join("looks").is_dir()));
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
