//! A folder as a store: on disk, where it can be written to, and within a tree of files, such as a commit.
//!
//! Whoever writes holds a lock on the service's folder, and a file appears as a whole or not at all.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;

use super::{Edition, Put, Shelf, Store, StoreError, Stored, index};
use crate::source::{RepoPath, Source, SourceError, limits};
use crate::support::{fs, text};

/// How long another writer of the same service is waited for.
const LOCK: Duration = Duration::from_secs(10);

/// A folder on disk.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    /// The tree that it is beneath and is not led out of, and its path there.
    tree: Option<(PathBuf, PathBuf)>,
    is_made: bool,
}

impl Folder {
    /// The folder at `root`, which has to be there: a share that is not mounted is no store without versions.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), tree: None, is_made: false }
    }

    /// The folder at `path` beneath `tree`, which is made where it is not there. No link leads out of the tree: what is
    /// published there could not be compared with.
    #[must_use]
    pub fn beneath(tree: &Path, path: &Path) -> Self {
        let here = if tree.as_os_str().is_empty() { Path::new(".") } else { tree };
        Self { root: tree.join(path), tree: Some((here.to_owned(), path.to_owned())), is_made: true }
    }

    fn failed(&self, task: &'static str, path: &str, why: &impl ToString) -> StoreError {
        StoreError::Failed { task, name: self.name_of(path), why: text::line(&why.to_string(), 300) }
    }

    fn read(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, StoreError> {
        let read = match &self.tree {
            Some((tree, folder)) => fs::read_beneath(tree, &folder.join(path), limit),
            None => fs::read_beneath(&self.root, Path::new(path), limit),
        };
        match read {
            Ok(bytes) => Ok(Some(bytes)),
            Err(fs::ReadError::Missing) if self.is_made || self.root.is_dir() => Ok(None),
            Err(fs::ReadError::Missing) => {
                let why = "it is not there; make it, or name another in `folder`";
                Err(StoreError::Failed { task: "read", name: self.describe(), why: why.into() })
            }
            Err(error) => Err(self.failed("read", path, &error)),
        }
    }

    fn write(&self, path: &str, bytes: &[u8], over: Option<&str>) -> Result<Put, StoreError> {
        let failed = |error: std::io::Error| self.failed("write", path, &error);
        if !self.is_made && !self.root.is_dir() {
            return self.read(path, 0).map(|_| Put::Changed);
        }
        let target = self.root.join(path);
        let folder = target.parent().unwrap_or(&self.root);
        // Nothing is made behind a link that leads elsewhere either.
        let there = folder.ancestors().find(|there| there.exists()).unwrap_or(Path::new("."));
        self.hold_within(there, path)?;
        std::fs::create_dir_all(folder).map_err(failed)?;
        let within = self.hold_within(folder, path)?;
        let lock = File::open(&within).map_err(failed)?;
        self.lock(&lock, path)?;
        // From here on nobody else writes here.
        let there = self.read(path, limits::DESCRIPTION)?;
        if there.map(|bytes| index::digest(&bytes)).as_deref() != over {
            return Ok(Put::Changed);
        }
        let name = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let part = within.join(format!(".{name}.part"));
        // What a writer left that was killed is nobody's any more.
        drop(std::fs::remove_file(&part));
        let mut file = File::create_new(&part).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
        std::fs::rename(&part, within.join(name)).and_then(|()| lock.sync_all()).map_err(failed)?;
        Ok(Put::Done)
    }

    /// Where `folder` is, which is not out of the store, nor of the tree that the store is beneath.
    fn hold_within(&self, folder: &Path, path: &str) -> Result<PathBuf, StoreError> {
        let failed = |error: std::io::Error| self.failed("write", path, &error);
        let (outer, what) = match &self.tree {
            Some((tree, _)) => (tree, "repository"),
            None => (&self.root, "store"),
        };
        let is = folder.canonicalize().map_err(failed)?;
        if is.starts_with(outer.canonicalize().map_err(failed)?) {
            return Ok(is);
        }
        let why = format!("a symbolic link on its way leads out of the {what}; name the folder itself");
        Err(self.failed("write", path, &why))
    }

    fn lock(&self, folder: &File, path: &str) -> Result<(), StoreError> {
        let begun = Instant::now();
        loop {
            match folder.try_lock() {
                Ok(()) => return Ok(()),
                Err(std::fs::TryLockError::WouldBlock) if begun.elapsed() < LOCK => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(std::fs::TryLockError::WouldBlock) => {
                    return Err(self.failed("write", path, &"another process holds its lock; run again"));
                }
                Err(std::fs::TryLockError::Error(error)) => return Err(self.failed("lock", path, &error)),
            }
        }
    }
}

#[async_trait]
impl Shelf for Folder {
    fn describe(&self) -> String {
        text::line(&format!("the folder {}", self.root.display()), limits::PATH)
    }

    fn name_of(&self, path: &str) -> String {
        text::line(&self.root.join(path).to_string_lossy(), limits::PATH)
    }

    async fn get(&self, path: &str, limit: usize) -> Result<Option<Stored>, StoreError> {
        let (folder, wanted) = (self.clone(), path.to_owned());
        let bytes = tokio::task::spawn_blocking(move || folder.read(&wanted, limit))
            .await
            .map_err(|error| self.failed("read", path, &error))??;
        Ok(bytes.map(|bytes| Stored { edition: Edition::Content(index::digest(&bytes)), bytes }))
    }
}

#[async_trait]
impl Store for Folder {
    async fn put(&self, path: &str, bytes: &[u8], over: Option<&Stored>) -> Result<Put, StoreError> {
        let over = over.map(|over| match &over.edition {
            Edition::Content(digest) => digest.clone(),
            Edition::Server(_) => String::new(),
        });
        let (folder, target, bytes) = (self.clone(), path.to_owned(), bytes.to_vec());
        tokio::task::spawn_blocking(move || folder.write(&target, &bytes, over.as_deref()))
            .await
            .map_err(|error| self.failed("write", path, &error))?
    }
}

/// A folder within a tree of files: what a commit has of a store.
pub struct Released<'s> {
    tree: &'s dyn Source,
    folder: RepoPath,
}

impl<'s> Released<'s> {
    /// The store at `folder` of `tree`.
    #[must_use]
    pub fn new(tree: &'s dyn Source, folder: RepoPath) -> Self {
        Self { tree, folder }
    }

    fn path(&self, path: &str) -> Option<RepoPath> {
        RepoPath::new(&format!("{}/{path}", self.folder)).ok()
    }
}

#[async_trait]
impl Shelf for Released<'_> {
    fn describe(&self) -> String {
        text::line(&format!("the folder {} of {}", self.folder, self.tree.describe()), limits::PATH)
    }

    fn name_of(&self, path: &str) -> String {
        self.path(path).map_or_else(|| text::line(path, limits::PATH), |path| self.tree.name_of(&path))
    }

    async fn get(&self, path: &str, limit: usize) -> Result<Option<Stored>, StoreError> {
        let Some(within) = self.path(path) else { return Ok(None) };
        match self.tree.read(&within, limit).await {
            Ok(bytes) => Ok(Some(Stored { edition: Edition::Content(index::digest(&bytes)), bytes })),
            Err(SourceError::Missing { .. }) => Ok(None),
            Err(error) => {
                let (name, said) = (self.name_of(path), error.to_string());
                // Its own words begin in the same way.
                let why = said.strip_prefix(&format!("read {name}: ")).unwrap_or(&said).to_owned();
                Err(StoreError::Failed { task: "read", name, why })
            }
        }
    }
}
