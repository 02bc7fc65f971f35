//! What changed between two commits, by path: what `git diff --name-status --no-renames` lists.
//!
//! Folders that are equal on both sides are not opened, so that the cost follows the change.

use std::cmp::Ordering;

use gix::ObjectId;
use gix::objs::tree::{EntryKind, name_order};

use super::tree::root_of;
use super::{Entry, GitError, entries};
use crate::source::{RepoPath, limits};

/// A path that differs between two commits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Relative to the root, as Git has it, with what is no text replaced: it may name what no [`RepoPath`] can.
    pub path: String,
    /// How it differs.
    pub kind: ChangeKind,
}

/// How a path differs between two commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Only the new commit has it.
    Added,
    /// Both have it, with other content, mode or kind.
    Modified,
    /// Only the old commit has it.
    Deleted,
}

/// A folder that differs: its path, and its tree on either side.
type Pair = (Vec<u8>, Option<ObjectId>, Option<ObjectId>);

/// What changed beneath the root.
pub(super) fn between(
    repository: &gix::Repository,
    old: ObjectId,
    new: ObjectId,
    prefix: Option<&RepoPath>,
) -> Result<Vec<Change>, GitError> {
    let (old, new) = (root_of(repository, old, prefix)?, root_of(repository, new, prefix)?);
    let mut walk = Walk { repository, seen: 0, changes: Vec::new(), pairs: Vec::new() };
    if old != new {
        walk.pairs.push((Vec::new(), old, new));
    }
    while let Some(pair) = walk.pairs.pop() {
        walk.compare(&pair)?;
    }
    walk.changes.sort();
    Ok(walk.changes)
}

struct Walk<'r> {
    repository: &'r gix::Repository,
    seen: usize,
    changes: Vec<Change>,
    pairs: Vec<Pair>,
}

impl Walk<'_> {
    fn compare(&mut self, (folder, old, new): &Pair) -> Result<(), GitError> {
        let (old, new) = (self.entries(*old)?, self.entries(*new)?);
        let (mut old, mut new) = (old.into_iter().peekable(), new.into_iter().peekable());
        loop {
            let order = match (old.peek(), new.peek()) {
                (None, None) => return Ok(()),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(old), Some(new)) => name_order(&old.name, is_tree(old), &new.name, is_tree(new)),
            };
            let was = if order.is_le() { old.next() } else { None };
            let is = if order.is_ge() { new.next() } else { None };
            self.differ(folder, was, is)?;
        }
    }

    fn entries(&mut self, tree: Option<ObjectId>) -> Result<Vec<Entry>, GitError> {
        let entries = tree.map_or(Ok(Vec::new()), |tree| entries(self.repository, tree))?;
        self.seen += entries.len();
        if self.seen > limits::ENTRIES {
            return Err(GitError::TooMuch { what: "entries", limit: limits::ENTRIES });
        }
        Ok(entries)
    }

    /// Two entries of one name, of which both or neither are folders, or one that has no counterpart.
    fn differ(&mut self, folder: &[u8], was: Option<Entry>, is: Option<Entry>) -> Result<(), GitError> {
        let kind = match (&was, &is) {
            (Some(was), Some(is)) if was.id == is.id && was.kind == is.kind => return Ok(()),
            (Some(_), Some(_)) => ChangeKind::Modified,
            (None, _) => ChangeKind::Added,
            (_, None) => ChangeKind::Deleted,
        };
        let Some(any) = was.as_ref().or(is.as_ref()) else { return Ok(()) };
        let mut path = folder.to_vec();
        if !path.is_empty() {
            path.push(b'/');
        }
        path.extend_from_slice(&any.name);
        if path.len() > limits::PATH {
            return Err(GitError::TooMuch { what: "bytes in a path", limit: limits::PATH });
        }
        if is_tree(any) {
            self.pairs.push((path, was.map(|entry| entry.id), is.map(|entry| entry.id)));
        } else {
            if self.changes.len() >= limits::CHANGES {
                return Err(GitError::TooMuch { what: "changed files", limit: limits::CHANGES });
            }
            self.changes.push(Change { path: String::from_utf8_lossy(&path).into_owned(), kind });
        }
        Ok(())
    }
}

fn is_tree(entry: &Entry) -> bool {
    entry.kind == EntryKind::Tree
}
