//! The looks of a run on disk: `looks/0001.json` and so on, each canonical and chained to the one before by
//! its digest. Edge.
//!
//! A look is written beside its place and then renamed, so it is there whole or not at all; what a dying process
//! left unfinished is named and left out. The journal's line of a look has the digest of its file, so that the last
//! one, which no other look names, is sealed as well: a look that was edited, formatted or is missing is an error that
//! names it, and what is read is what was recorded. There is no key in it: whoever writes the whole record anew is
//! not found out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::journal::{Entry, Journal, Line};
use super::machine::Event;
use super::record::{LookRecord, VERSION};
use super::store::{MOST_BYTES, StoreError, make_folder, read_if_there, sync_folder, write_whole};
use crate::snapshot::canonical;
use crate::support::units::Sha256;
use crate::verdict::model::Decision;

/// The most looks that are read of one run: as many as fit two years of one a minute.
const MOST: u32 = 1 << 20;

/// Where the look of this number is.
pub(super) fn path(folder: &Path, look: u32) -> PathBuf {
    folder.join("looks").join(format!("{look:04}.json"))
}

/// Writes a look and waits until it is on disk; gives the digest that the next one names.
pub(super) fn write(folder: &Path, look: &LookRecord) -> Result<Sha256, StoreError> {
    let path = path(folder, look.look);
    let damaged = |message| StoreError::Damaged { path: path.clone(), message };
    let bytes = canonical::bytes(look).map_err(|error| damaged(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(damaged("the record of the look is longer than any that would be read".into()));
    }
    write_whole(&path, &bytes)?;
    Ok(Sha256::of(&bytes))
}

/// The first `count` looks of the run in `folder`, held against the lines of its journal.
pub(super) fn read(folder: &Path, count: u32, lines: &[Line]) -> Result<Vec<LookRecord>, StoreError> {
    let held = held(lines);
    let mut previous = None;
    (1..=count.min(MOST))
        .map(|number| {
            let path = path(folder, number);
            let damaged = |message: String| StoreError::Damaged { path: path.clone(), message };
            let bytes = read_if_there(&path)?.ok_or_else(|| damaged("it is not there".into()))?;
            let look: LookRecord =
                serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
            if look.version != VERSION {
                let version = look.version;
                return Err(damaged(format!(
                    "it has version {version}, this program reads version {VERSION}"
                )));
            }
            let digest = Sha256::of(&bytes);
            let (decision, sealed) = held.get(&number).copied().unzip();
            match sealed.flatten() {
                Some(sealed) if sealed == digest => {}
                // What nobody edited, but something formatted, is told as that.
                _ if !is_canonical(&bytes) => {
                    return Err(damaged(
                        "it is not canonical JSON (RFC 8785), as it was written; it was formatted or edited"
                            .into(),
                    ));
                }
                Some(_) => {
                    return Err(damaged(
                        "it is not what was recorded, by its digest in the journal; it was damaged or edited"
                            .into(),
                    ));
                }
                None => {}
            }
            if look.look != number {
                return Err(damaged(format!(
                    "it says that it is look {}; the record was damaged or edited",
                    look.look
                )));
            }
            if look.previous != previous {
                return Err(damaged(broken_chain(number)));
            }
            if decision.is_some_and(|decision| *decision != look.decision) {
                return Err(damaged(
                    "its decision is not the one in the journal; the record was damaged or edited".into(),
                ));
            }
            previous = Some(digest);
            Ok(look)
        })
        .collect()
}

/// What the journal has of each look: its decision, and the digest of its record.
fn held(lines: &[Line]) -> BTreeMap<u32, (&Decision, Option<Sha256>)> {
    let looked = lines.iter().filter_map(|line| match &line.entry {
        Entry::Event(Event::Looked { look, decision, record, .. }) => Some((*look, (decision, *record))),
        Entry::Event(_) | Entry::Intent(_) => None,
    });
    looked.collect()
}

/// Whether these are the bytes that this program would write of the same content.
fn is_canonical(bytes: &[u8]) -> bool {
    let content = serde_json::from_slice::<serde_json::Value>(bytes).ok();
    content.and_then(|content| canonical::bytes(&content).ok()).is_some_and(|canonical| canonical == bytes)
}

/// Look `number` names another digest than the look before has.
fn broken_chain(number: u32) -> String {
    match number - 1 {
        0 => "it names a look before it, and is the first; the record was damaged or edited".into(),
        before => format!(
            "it names another digest of look {before} than {before:04}.json has: look {before} or look {number} was \
             damaged or edited"
        ),
    }
}

/// What lies in the folder of a run's looks.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The numbers of the looks that are there, in order.
    pub(super) numbers: Vec<u32>,
    /// Files of looks that a dying process left unfinished, by name.
    pub(super) unfinished: Vec<String>,
}

/// Lists the looks of the run in the folder `run`.
pub(super) fn list(run: &Path) -> Result<Listed, StoreError> {
    let folder = run.join("looks");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Listed::default()),
        Err(error) => return Err(StoreError::Io { action: "list", path: folder, error }),
    };
    let mut listed = Listed::default();
    for entry in entries {
        let entry = entry.map_err(|error| StoreError::Io { action: "list", path: folder.clone(), error })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let number = name.strip_suffix(".json").and_then(|number| number.parse().ok());
        // Another spelling of a number is no look.
        if let Some(number) =
            number.filter(|number| path(run, *number).file_name() == Some(&entry.file_name()))
        {
            listed.numbers.push(number);
        } else if name.ends_with(".unfinished") {
            listed.unfinished.push(name);
        }
    }
    listed.numbers.sort_unstable();
    listed.unfinished.sort();
    Ok(listed)
}

/// Where the journal of looks is that belong to no rollout.
pub(super) fn journal_of_chain(folder: &Path) -> PathBuf {
    folder.join("looks.jsonl")
}

/// Looks that belong to no rollout: single ones, and those of a check. Each goes to its own place in one chain, and
/// has its line in a journal of nothing else.
#[derive(Debug)]
pub struct Chain {
    folder: PathBuf,
    journal: Journal,
    next: u32,
    previous: Option<Sha256>,
}

impl Chain {
    /// A chain without looks in `folder`, which is made.
    pub(super) fn begin(folder: PathBuf) -> Result<Self, StoreError> {
        make_folder(&folder.join("looks"))?;
        let (journal, _) = Journal::open(&journal_of_chain(&folder))?;
        sync_folder(&folder)?;
        Ok(Self { folder, journal, next: 1, previous: None })
    }

    /// Writes `look` as the next one, with its number and what it follows.
    pub fn write(&mut self, look: &LookRecord) -> Result<(), StoreError> {
        let look = LookRecord { look: self.next, previous: self.previous, ..look.clone() };
        let digest = write(&self.folder, &look)?;
        let looked = Event::Looked {
            look: look.look,
            outside_trouble: look.decision.fault,
            decision: look.decision,
            record: Some(digest),
        };
        self.journal.append(look.at, Entry::Event(looked))?;
        self.previous = Some(digest);
        self.next += 1;
        Ok(())
    }
}
