//! The looks of a run on disk: `looks/0001.json` and so on, each canonical and chained to the one before by
//! its digest. Edge.
//!
//! A look is written beside its place and then renamed, so it is there whole or not at all; what a dying process
//! left unfinished is named and left out. A look that was edited, or is missing between others, is an error that
//! names it: what is read is what was recorded.

use std::fs;
use std::path::{Path, PathBuf};

use super::record::{LookRecord, VERSION};
use super::store::{MOST_BYTES, StoreError, make_folder, read_if_there, write_whole};
use crate::snapshot::canonical;
use crate::support::units::Sha256;

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

/// The first `count` looks of the run in `folder`.
pub(super) fn read(folder: &Path, count: u32) -> Result<Vec<LookRecord>, StoreError> {
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
            if look.previous != previous || look.look != number {
                return Err(damaged(
                    "it does not follow the look before; the record was damaged or edited".into(),
                ));
            }
            previous = Some(Sha256::of(&bytes));
            Ok(look)
        })
        .collect()
}

/// What lies in the folder of a run's looks.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The highest number of a look.
    pub(super) last: u32,
    /// Files of looks that a dying process left unfinished, by name.
    pub(super) unfinished: Vec<String>,
}

/// Lists the looks of the run in `folder`.
pub(super) fn list(folder: &Path) -> Result<Listed, StoreError> {
    let folder = folder.join("looks");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Listed::default()),
        Err(error) => return Err(StoreError::Io { action: "list", path: folder, error }),
    };
    let mut listed = Listed::default();
    for entry in entries {
        let entry = entry.map_err(|error| StoreError::Io { action: "list", path: folder.clone(), error })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(number) = name.strip_suffix(".json").and_then(|number| number.parse().ok()) {
            listed.last = listed.last.max(number);
        } else if name.ends_with(".unfinished") {
            listed.unfinished.push(name);
        }
    }
    listed.unfinished.sort();
    Ok(listed)
}

/// Looks that belong to no rollout: single ones, and those of a check. Each goes to its own place in one chain.
#[derive(Debug)]
pub struct Chain {
    folder: PathBuf,
    next: u32,
    previous: Option<Sha256>,
}

impl Chain {
    /// A chain without looks in `folder`, which is made.
    pub(super) fn begin(folder: PathBuf) -> Result<Self, StoreError> {
        make_folder(&folder.join("looks"))?;
        Ok(Self { folder, next: 1, previous: None })
    }

    /// Writes `look` as the next one, with its number and what it follows.
    pub fn write(&mut self, look: &LookRecord) -> Result<(), StoreError> {
        let look = LookRecord { look: self.next, previous: self.previous, ..look.clone() };
        self.previous = Some(write(&self.folder, &look)?);
        self.next += 1;
        Ok(())
    }
}
