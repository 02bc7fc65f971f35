//! The files at a commit, by the trees and blobs of the Git database API.
//!
//! One question lists a whole repository; where the server cuts that list, folders are asked for one at a time. The
//! contents API is not used: it follows links on its own account and returns files inline only up to 1 MB.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::{Api, ApiError, Ask, JSON, RAW, malformed, read};
use crate::source::way::{End, Step, Way};
use crate::source::{CommitSha, RepoPath, Source, SourceError, Wanted, content, limits, looked_into};
use crate::support::http::{BODY, HttpFault};
use crate::support::text;

/// The files at a commit at GitHub. Cloning shares what was listed.
#[derive(Debug, Clone)]
pub struct ApiCommit {
    api: Api,
    commit: CommitSha,
    root: Option<RepoPath>,
    listed: Arc<Mutex<Listed>>,
}

/// The folders that were listed so far, by path.
#[derive(Debug, Default)]
struct Listed {
    folders: BTreeMap<String, Folder>,
    /// Whether `folders` has everything.
    whole: bool,
    asked: usize,
}

type Folder = Arc<BTreeMap<String, Entry>>;

#[derive(Debug, Clone)]
struct Entry {
    kind: EntryKind,
    /// Names an object, which is named as commits are.
    sha: CommitSha,
    size: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    Folder,
    File,
    Link,
    Submodule,
}

#[derive(Deserialize)]
struct Tree {
    #[serde(default)]
    truncated: bool,
    tree: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    path: String,
    mode: String,
    sha: CommitSha,
    size: Option<u64>,
}

/// Why a file was not read, before it has a name.
enum Fault {
    Way(End),
    TooLong,
    TooMany,
    Api(ApiError),
}

impl From<ApiError> for Fault {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

impl ApiCommit {
    pub(super) fn new(api: Api, commit: CommitSha, root: Option<RepoPath>) -> Self {
        Self { api, commit, root, listed: Arc::default() }
    }

    /// The commit.
    #[must_use]
    pub fn sha(&self) -> &CommitSha {
        &self.commit
    }

    fn fault(&self, name: String, fault: Fault, limit: usize) -> SourceError {
        match fault {
            Fault::Way(end) => SourceError::of_way(name, end),
            Fault::TooLong => SourceError::TooLong { name, limit },
            Fault::TooMany => SourceError::TooMany {
                name: self.describe(),
                what: "folders that the GitHub API lists one at a time",
                limit: limits::API_TREES,
            },
            Fault::Api(error) => SourceError::Api { name, error },
        }
    }

    /// The folder at a path from the top, which must be one.
    async fn folder(&self, path: &str) -> Result<Folder, Fault> {
        let mut listed = self.listed.lock().await;
        if listed.asked == 0 {
            self.list_all(&mut listed).await?;
        }
        let mut at = String::new();
        let mut folder = self.listed_folder(&mut listed, "", &self.commit).await?;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            if !at.is_empty() {
                at.push('/');
            }
            at.push_str(part);
            let sha = match folder.get(part) {
                Some(entry) if entry.kind == EntryKind::Folder => entry.sha.clone(),
                _ => return Err(Fault::Way(End::Missing)),
            };
            folder = self.listed_folder(&mut listed, &at, &sha).await?;
        }
        Ok(folder)
    }

    async fn list_all(&self, listed: &mut Listed) -> Result<(), Fault> {
        let tree = self.tree(listed, &self.commit, true).await?;
        if tree.truncated {
            return Ok(());
        }
        let mut folders: BTreeMap<String, BTreeMap<String, Entry>> = BTreeMap::new();
        folders.insert(String::new(), BTreeMap::new());
        for line in tree.tree {
            let (folder, name) = line.path.rsplit_once('/').unwrap_or(("", &line.path));
            let (folder, name) = (folder.to_owned(), name.to_owned());
            let Some(entry) = entry_of(line) else { continue };
            if entry.kind == EntryKind::Folder {
                let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                folders.entry(path).or_default();
            }
            folders.entry(folder).or_default().insert(name, entry);
        }
        listed.folders = folders.into_iter().map(|(path, folder)| (path, Arc::new(folder))).collect();
        listed.whole = true;
        Ok(())
    }

    async fn listed_folder(&self, listed: &mut Listed, path: &str, sha: &CommitSha) -> Result<Folder, Fault> {
        if let Some(folder) = listed.folders.get(path) {
            return Ok(Arc::clone(folder));
        }
        if listed.whole {
            return Err(Fault::Way(End::Missing));
        }
        let tree = self.tree(listed, sha, false).await?;
        if tree.truncated {
            return Err(malformed("one folder has more entries than the server lists").into());
        }
        let lines = tree.tree.into_iter().filter(|line| !line.path.contains('/'));
        let folder: BTreeMap<_, _> =
            lines.filter_map(|line| Some((line.path.clone(), entry_of(line)?))).collect();
        let folder = Arc::new(folder);
        listed.folders.insert(path.to_owned(), Arc::clone(&folder));
        Ok(folder)
    }

    async fn tree(&self, listed: &mut Listed, sha: &CommitSha, recursive: bool) -> Result<Tree, Fault> {
        if listed.asked >= limits::API_TREES {
            return Err(Fault::TooMany);
        }
        listed.asked += 1;
        let query: &[(&str, &str)] = if recursive { &[("recursive", "1")] } else { &[] };
        let ask = Ask { accept: JSON, limit: BODY, query };
        let response = self.api.get(&["git", "trees", sha.as_str()], ask).await?;
        Ok(read(&response)?)
    }

    async fn entry(&self, path: &str) -> Result<Option<Entry>, Fault> {
        let root = self.root.as_ref().map(RepoPath::as_str).unwrap_or_default();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folder = match self.folder(&format!("{root}/{folder}")).await {
            Err(Fault::Way(End::Missing)) => return Ok(None),
            folder => folder?,
        };
        Ok(folder.get(name).cloned())
    }

    async fn read_file(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, Fault> {
        let mut way = Way::to(path);
        loop {
            let found = self.entry(&way.next()).await?;
            let step = match &found {
                None => Step::Nothing,
                Some(entry) => match entry.kind {
                    EntryKind::Folder => Step::Folder,
                    EntryKind::File => Step::File,
                    EntryKind::Link => Step::Link(self.blob(entry, limits::LINK).await?),
                    EntryKind::Submodule => Step::Submodule,
                },
            };
            if way.step(step).map_err(Fault::Way)? {
                let entry = found.ok_or(Fault::Way(End::Missing))?;
                return self.blob(&entry, limit).await;
            }
        }
    }

    async fn blob(&self, entry: &Entry, limit: usize) -> Result<Vec<u8>, Fault> {
        if entry.size.is_some_and(|size| size > limit as u64) {
            return Err(Fault::TooLong);
        }
        let ask = Ask { accept: RAW, limit, query: &[] };
        let response = match self.api.get(&["git", "blobs", entry.sha.as_str()], ask).await {
            Err(ApiError::Unreachable(error)) if matches!(error.fault, HttpFault::TooLong(_)) => {
                return Err(Fault::TooLong);
            }
            response => response?,
        };
        let hash = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, &response.body)
            .map_err(|error| malformed(&error.to_string()))?;
        // Objects of the other hash are taken as they come.
        if entry.sha.as_str().len() == 40 && hash.to_hex() != *entry.sha.as_str() {
            return Err(malformed("the content of a file is not what its hash says").into());
        }
        Ok(response.body)
    }

    async fn all_files(&self) -> Result<Vec<RepoPath>, Fault> {
        let root = self.root.as_ref().map(RepoPath::as_str).unwrap_or_default();
        let mut files = BTreeSet::new();
        let mut folders = vec![(String::new(), 0)];
        while let Some((within, depth)) = folders.pop() {
            let folder = match self.folder(&format!("{root}/{within}")).await {
                // A root that the commit does not have: there are no files beneath it.
                Err(Fault::Way(End::Missing)) if depth == 0 => return Ok(Vec::new()),
                folder => folder?,
            };
            for (name, entry) in folder.iter() {
                let below = if within.is_empty() { name.clone() } else { format!("{within}/{name}") };
                match entry.kind {
                    EntryKind::Folder if looked_into(name) && depth < limits::DEPTH => {
                        folders.push((below, depth + 1));
                    }
                    EntryKind::Folder if looked_into(name) => return Err(Fault::TooMany),
                    EntryKind::File => files.extend(RepoPath::new(&below).ok()),
                    _ => {}
                }
            }
        }
        Ok(files.into_iter().collect())
    }
}

/// The entry that a line describes; none of a kind that Git does not have.
fn entry_of(line: Line) -> Option<Entry> {
    let kind = match line.mode.as_str() {
        "040000" => EntryKind::Folder,
        "100644" | "100755" | "100664" => EntryKind::File,
        "120000" => EntryKind::Link,
        "160000" => EntryKind::Submodule,
        _ => return None,
    };
    Some(Entry { kind, sha: line.sha, size: line.size })
}

#[async_trait]
impl Source for ApiCommit {
    fn describe(&self) -> String {
        format!("commit {} at GitHub", self.commit.short())
    }

    fn name_of(&self, path: &RepoPath) -> String {
        let path = path.beneath(self.root.as_ref());
        text::line(&format!("{}:{path}", self.commit.short()), limits::PATH)
    }

    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError> {
        let name = self.name_of(path);
        match self.read_file(path, limit).await {
            Ok(bytes) => content(|| name, bytes),
            Err(fault) => Err(self.fault(name, fault, limit)),
        }
    }

    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        let files = self.all_files().await.map_err(|fault| self.fault(self.describe(), fault, 0))?;
        let found: Vec<_> = files.into_iter().filter(|path| wanted(path.as_str())).collect();
        if found.len() > limits::FOUND {
            let (name, what) = (self.describe(), "matching files");
            return Err(SourceError::TooMany { name, what, limit: limits::FOUND });
        }
        Ok(found)
    }
}
