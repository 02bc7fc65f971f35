//! The files beneath a root, as they are on disk now.
//!
//! A symbolic link leads to other files of the tree and nowhere else: not out of it, and not into Git's administration,
//! where checkouts keep credentials. The way is found first, and then opened without following any link, so that a tree
//! that changes meanwhile leads nowhere else either.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::way::{Step, Way};
use super::{RepoPath, Source, SourceError, Wanted, content, limits, looked_into};
use crate::support::{fs, text};

/// The files beneath a root.
#[derive(Debug, Clone)]
pub struct Worktree {
    root: PathBuf,
    shown: String,
}

impl Worktree {
    /// The files beneath `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), shown: String::new() }
    }

    /// The same, with names shown as they are written from elsewhere: `folder` and `/` come before them.
    #[must_use]
    pub fn shown_in(self, folder: &str) -> Self {
        let shown = match folder {
            "" => String::new(),
            folder => format!("{}/", folder.trim_end_matches('/')),
        };
        Self { shown, ..self }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }
}

#[async_trait]
impl Source for Worktree {
    fn describe(&self) -> String {
        "the worktree".into()
    }

    fn name_of(&self, path: &RepoPath) -> String {
        text::line(&format!("{}{path}", self.shown), limits::PATH)
    }

    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError> {
        let (root, wanted) = (self.root.clone(), path.clone());
        let name = self.name_of(path);
        let of = name.clone();
        let bytes = tokio::task::spawn_blocking(move || read(&root, &wanted, limit, of))
            .await
            .map_err(|error| SourceError::Unreadable { name: name.clone(), why: error.to_string() })??;
        content(|| name, bytes)
    }

    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        let root = self.root.clone();
        let files = tokio::task::spawn_blocking(move || Walk::new(&root).files())
            .await
            .map_err(|error| SourceError::Unreadable { name: self.describe(), why: error.to_string() })??;
        let mut found: Vec<_> = files.into_iter().filter(|path| wanted(path.as_str())).collect();
        if found.len() > limits::FOUND {
            return Err(too_many("matching files", limits::FOUND));
        }
        found.sort();
        Ok(found)
    }
}

fn read(root: &Path, path: &RepoPath, limit: usize, name: String) -> Result<Vec<u8>, SourceError> {
    let mut way = Way::to(path);
    loop {
        let next = way.next();
        let step = match step(&root.join(&next)) {
            Ok(Some(step)) => step,
            Ok(None) => return Err(SourceError::NotAFile { name, what: "a device, a socket or a pipe" }),
            Err(error) => return Err(SourceError::of_file(name, error.into())),
        };
        match way.step(step) {
            Ok(false) => {}
            Ok(true) => {
                return fs::read_unlinked(root, next.as_ref(), limit)
                    .map_err(|error| SourceError::of_file(name, error));
            }
            Err(end) => return Err(SourceError::of_way(name, end)),
        }
    }
}

/// What is at a path; nothing that a step can be for what is neither a file nor a folder.
fn step(path: &Path) -> std::io::Result<Option<Step>> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    let metadata = match std::fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(Some(Step::Nothing)),
        metadata => metadata?,
    };
    Ok(if metadata.is_symlink() {
        Some(Step::Link(std::fs::read_link(path)?.into_os_string().into_encoded_bytes()))
    } else if metadata.is_dir() {
        Some(Step::Folder)
    } else {
        metadata.is_file().then_some(Step::File)
    })
}

fn too_many(what: &'static str, limit: usize) -> SourceError {
    SourceError::TooMany { name: "the worktree".into(), what, limit }
}

/// One walk over the folders beneath a root.
struct Walk<'w> {
    root: &'w Path,
    seen: usize,
    files: Vec<RepoPath>,
    /// Folders still to be read, relative to the root, with their depth.
    folders: Vec<(String, usize)>,
}

impl<'w> Walk<'w> {
    fn new(root: &'w Path) -> Self {
        Self { root, seen: 0, files: Vec::new(), folders: vec![(String::new(), 0)] }
    }

    fn files(mut self) -> Result<Vec<RepoPath>, SourceError> {
        while let Some((folder, depth)) = self.folders.pop() {
            self.read(&folder, depth).map_err(|error| match error {
                Stop::Limit(error) => error,
                Stop::Io(error) => SourceError::Unreadable {
                    name: if folder.is_empty() { "the worktree".into() } else { text::line(&folder, 1024) },
                    why: error.to_string(),
                },
            })?;
        }
        Ok(self.files)
    }

    fn read(&mut self, folder: &str, depth: usize) -> Result<(), Stop> {
        let path = self.root.join(folder);
        if depth > 0 && std::fs::symlink_metadata(path.join(".git")).is_ok() {
            // A repository of its own: its files are none of this tree's.
            return Ok(());
        }
        let entries = match std::fs::read_dir(&path) {
            // Gone since its folder was read.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && depth > 0 => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            self.seen += 1;
            if self.seen > limits::ENTRIES {
                return Err(Stop::Limit(too_many("entries", limits::ENTRIES)));
            }
            // A name that is no text, or that no path may have, can be named by nobody.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let below = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() && looked_into(&name) {
                if depth >= limits::DEPTH {
                    return Err(Stop::Limit(too_many("nested folders", limits::DEPTH)));
                }
                self.folders.push((below, depth + 1));
            } else if kind.is_file() {
                self.files.extend(RepoPath::new(&below).ok());
            }
        }
        Ok(())
    }
}

enum Stop {
    Limit(SourceError),
    Io(std::io::Error),
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
