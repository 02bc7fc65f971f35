//! The files at a commit.

use async_trait::async_trait;
use gix::ObjectId;
use gix::objs::Kind;
use gix::objs::tree::EntryKind;

use super::{Entry, GitError, Repository, entries, id_of, object, tree_of};
use crate::source::way::{End, Step, Way};
use crate::source::{CommitSha, RepoPath, Source, SourceError, Wanted, content, limits, looked_into};
use crate::support::text;

/// The files beneath the root at a commit of the local object database.
#[derive(Debug, Clone)]
pub struct GitCommit {
    repository: Repository,
    commit: CommitSha,
}

/// What reading came to, before it has a name.
enum Fault {
    Way(End),
    TooLong,
    Git(GitError),
}

impl From<GitError> for Fault {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}

impl GitCommit {
    pub(super) fn new(repository: Repository, commit: CommitSha) -> Self {
        Self { repository, commit }
    }

    /// The commit.
    #[must_use]
    pub fn sha(&self) -> &CommitSha {
        &self.commit
    }
}

#[async_trait]
impl Source for GitCommit {
    fn describe(&self) -> String {
        format!("commit {}", self.commit.short())
    }

    fn name_of(&self, path: &RepoPath) -> String {
        let path = path.beneath(self.repository.prefix());
        text::line(&format!("{}:{path}", self.commit.short()), limits::PATH)
    }

    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError> {
        let (commit, wanted, prefix) = (self.commit.clone(), path.clone(), self.repository.prefix.clone());
        let answer = self
            .repository
            .ask(move |repository| {
                let read = || {
                    let root = root_of(repository, id_of(&commit)?, prefix.as_ref())?;
                    let root = root.ok_or(Fault::Way(End::Missing))?;
                    read_file(repository, root, &wanted, limit)
                };
                match read() {
                    Ok(bytes) => Ok(Ok(bytes)),
                    Err(Fault::Git(error)) => Err(error),
                    Err(fault) => Ok(Err(fault)),
                }
            })
            .await;
        let name = self.name_of(path);
        match answer {
            Ok(Ok(bytes)) => content(|| name, bytes),
            Ok(Err(Fault::Way(end))) => Err(SourceError::of_way(name, end)),
            Ok(Err(Fault::TooLong)) => Err(SourceError::TooLong { name, limit }),
            Ok(Err(Fault::Git(error))) | Err(error) => Err(SourceError::Git { name, error }),
        }
    }

    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError> {
        let (commit, prefix) = (self.commit.clone(), self.repository.prefix.clone());
        let files = self
            .repository
            .ask(move |repository| match root_of(repository, id_of(&commit)?, prefix.as_ref())? {
                Some(root) => all_files(repository, root),
                None => Ok(Vec::new()),
            })
            .await
            .map_err(|error| SourceError::Git { name: self.describe(), error })?;
        let mut found: Vec<_> = files.into_iter().filter(|path| wanted(path.as_str())).collect();
        if found.len() > limits::FOUND {
            let (name, what) = (self.describe(), "matching files");
            return Err(SourceError::TooMany { name, what, limit: limits::FOUND });
        }
        found.sort();
        Ok(found)
    }
}

/// The tree of the root; none where the commit has no such folder.
pub(super) fn root_of(
    repository: &gix::Repository,
    commit: ObjectId,
    prefix: Option<&RepoPath>,
) -> Result<Option<ObjectId>, GitError> {
    let mut tree = tree_of(repository, commit)?;
    for part in prefix.into_iter().flat_map(RepoPath::parts) {
        match entry(repository, tree, part)? {
            Some(entry) if entry.kind == EntryKind::Tree => tree = entry.id,
            _ => return Ok(None),
        }
    }
    Ok(Some(tree))
}

fn entry(repository: &gix::Repository, tree: ObjectId, name: &str) -> Result<Option<Entry>, GitError> {
    Ok(entries(repository, tree)?.into_iter().find(|entry| entry.name == name.as_bytes()))
}

fn read_file(
    repository: &gix::Repository,
    root: ObjectId,
    path: &RepoPath,
    limit: usize,
) -> Result<Vec<u8>, Fault> {
    let mut way = Way::to(path);
    loop {
        // From the root each time: a link may have led anywhere.
        let mut tree = root;
        let next = way.next();
        let mut parts = next.split('/').peekable();
        let mut found = None;
        while let Some(part) = parts.next() {
            found = entry(repository, tree, part)?;
            match &found {
                Some(entry) if entry.kind == EntryKind::Tree => tree = entry.id,
                _ if parts.peek().is_some() => return Err(Fault::Way(End::Missing)),
                _ => {}
            }
        }
        let step = match &found {
            None => Step::Nothing,
            Some(entry) => match entry.kind {
                EntryKind::Tree => Step::Folder,
                EntryKind::Blob | EntryKind::BlobExecutable => Step::File,
                EntryKind::Link => Step::Link(blob(repository, entry.id, limits::LINK)?),
                EntryKind::Commit => Step::Submodule,
            },
        };
        if way.step(step).map_err(Fault::Way)? {
            let entry = found.ok_or(Fault::Way(End::Missing))?;
            return blob(repository, entry.id, limit);
        }
    }
}

fn blob(repository: &gix::Repository, id: ObjectId, limit: usize) -> Result<Vec<u8>, Fault> {
    let header = repository.try_find_header(id).map_err(|error| GitError::of_gix(&error))?;
    match header {
        None => Err(GitError::ObjectsMissing { object: id.to_string() }.into()),
        Some(header) if header.size() > limit as u64 => Err(Fault::TooLong),
        Some(_) => Ok(object(repository, id, Kind::Blob)?),
    }
}

/// Every regular file beneath a tree that discovery may look at.
fn all_files(repository: &gix::Repository, root: ObjectId) -> Result<Vec<RepoPath>, GitError> {
    let mut files = Vec::new();
    let mut seen = 0;
    let mut trees = vec![(String::new(), root, 0)];
    while let Some((folder, tree, depth)) = trees.pop() {
        for entry in entries(repository, tree)? {
            seen += 1;
            if seen > limits::ENTRIES {
                return Err(GitError::TooMuch { what: "entries", limit: limits::ENTRIES });
            }
            let Ok(name) = std::str::from_utf8(&entry.name) else { continue };
            let below = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match entry.kind {
                EntryKind::Tree if looked_into(name) => {
                    if depth >= limits::DEPTH {
                        return Err(GitError::TooMuch { what: "nested folders", limit: limits::DEPTH });
                    }
                    trees.push((below, entry.id, depth + 1));
                }
                EntryKind::Blob | EntryKind::BlobExecutable => files.extend(RepoPath::new(&below).ok()),
                _ => {}
            }
        }
    }
    Ok(files)
}
