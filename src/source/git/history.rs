//! Ancestry: parents, and the merge base.
//!
//! The merge base is the one that `git merge-base` prints: commits are painted from both ends in the order of their
//! dates (`paint_down_to_common` of Git's `commit-reach.c`), what is reachable from another candidate is dropped, and
//! the youngest is taken. Where the clone ends before the answer is sure, that is an error and no guess.

use std::collections::BinaryHeap;

use gix::ObjectId;
use gix::hashtable::HashMap;
use gix::objs::{CommitRefIter, Kind};

use super::{GitError, object, sha_of};
use crate::source::{CommitSha, limits};

const ONE: u8 = 1;
const TWO: u8 = 2;
const BOTH: u8 = ONE | TWO;
/// Reachable from a common ancestor: no better one than that.
const STALE: u8 = 4;
const RESULT: u8 = 8;

/// What the search needs of a commit.
#[derive(Debug, Clone)]
struct Commit {
    parents: Vec<ObjectId>,
    date: i64,
}

/// The commits seen so far, and where the clone ends.
struct History<'r> {
    repository: &'r gix::Repository,
    boundary: Vec<ObjectId>,
    commits: HashMap<ObjectId, Commit>,
}

/// Commits painted from both ends.
struct Painted {
    flags: HashMap<ObjectId, u8>,
    /// In the order in which they were found, youngest first.
    common: Vec<(i64, ObjectId)>,
    /// Commits at the boundary of the clone that were come across.
    cut: Vec<ObjectId>,
}

/// The order of Git's queue: youngest first, then first come.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Queued {
    date: i64,
    earlier: std::cmp::Reverse<usize>,
    id: ObjectId,
}

/// The parents that a commit names.
pub(super) fn parents(repository: &gix::Repository, id: ObjectId) -> Result<Vec<CommitSha>, GitError> {
    read(repository, id)?.parents.iter().map(|id| sha_of(id)).collect()
}

fn read(repository: &gix::Repository, id: ObjectId) -> Result<Commit, GitError> {
    let bytes = object(repository, id, Kind::Commit)?;
    let commit = CommitRefIter::from_bytes(&bytes, repository.object_hash());
    // A commit whose date cannot be read counts as the oldest, as in Git.
    let date = commit.committer().map_or(0, |committer| committer.seconds());
    Ok(Commit { parents: commit.parent_ids().collect(), date })
}

/// The best common ancestor of two commits.
pub(super) fn merge_base(
    repository: &gix::Repository,
    one: ObjectId,
    two: ObjectId,
) -> Result<Option<CommitSha>, GitError> {
    let boundary = repository.shallow_commits().map_err(|error| GitError::of_gix(&error))?;
    let boundary = boundary.map(|commits| commits.iter().copied().collect()).unwrap_or_default();
    let mut history = History { repository, boundary, commits: HashMap::default() };
    history.boundary.sort_unstable();
    history.get(one)?;
    history.get(two)?;
    if one == two {
        return sha_of(&one).map(Some);
    }
    let painted = history.paint(one, &[two])?;
    // Behind a cut that only one side reaches may lie what the other side reaches as well.
    if let Some(open) = painted.cut.iter().find(|id| painted.flags(**id) & BOTH != BOTH) {
        return Err(GitError::Shallow { boundary: sha_of(open)? });
    }
    let common: Vec<_> =
        painted.common.iter().filter(|(_, id)| painted.flags(*id) & STALE == 0).copied().collect();
    let best = match common.as_slice() {
        [] => None,
        [(_, only)] => Some(*only),
        // Which of them lies behind another one, a cut may hide.
        several => match painted.cut.first() {
            Some(open) => return Err(GitError::Shallow { boundary: sha_of(open)? }),
            None => history.youngest_independent(several)?,
        },
    };
    best.map(|id| sha_of(&id)).transpose()
}

impl Painted {
    fn flags(&self, id: ObjectId) -> u8 {
        self.flags.get(&id).copied().unwrap_or(0)
    }
}

impl History<'_> {
    fn get(&mut self, id: ObjectId) -> Result<&Commit, GitError> {
        if !self.commits.contains_key(&id) {
            if self.commits.len() >= limits::COMMITS {
                return Err(GitError::TooMuch { what: "commits", limit: limits::COMMITS });
            }
            let mut commit = read(self.repository, id)?;
            if self.boundary.binary_search(&id).is_ok() {
                commit.parents = Vec::new();
            }
            self.commits.insert(id, commit);
        }
        self.commits.get(&id).ok_or(GitError::Broken("a commit was lost".into()))
    }

    fn paint(&mut self, one: ObjectId, others: &[ObjectId]) -> Result<Painted, GitError> {
        let mut painted = Painted { flags: HashMap::default(), common: Vec::new(), cut: Vec::new() };
        let mut queue = BinaryHeap::new();
        let mut count = 0;
        let mut put = |queue: &mut BinaryHeap<Queued>, id, date| {
            count += 1;
            queue.push(Queued { date, earlier: std::cmp::Reverse(count), id });
        };
        for (id, flag) in std::iter::once((one, ONE)).chain(others.iter().map(|id| (*id, TWO))) {
            *painted.flags.entry(id).or_insert(0) |= flag;
            put(&mut queue, id, self.get(id)?.date);
        }
        // How many of the queue are not stale: when none is, nothing better comes.
        while queue.iter().any(|queued| painted.flags(queued.id) & STALE == 0) {
            let Some(Queued { date, id, .. }) = queue.pop() else { break };
            let all = painted.flags(id);
            let mut flags = all & (BOTH | STALE);
            if flags == BOTH {
                if all & RESULT == 0 {
                    painted.flags.insert(id, all | RESULT);
                    painted.common.push((date, id));
                }
                flags |= STALE;
            }
            if self.boundary.binary_search(&id).is_ok() {
                painted.cut.push(id);
            }
            for parent in self.get(id)?.parents.clone() {
                let known = painted.flags(parent);
                if known & flags == flags {
                    continue;
                }
                painted.flags.insert(parent, known | flags);
                put(&mut queue, parent, self.get(parent)?.date);
            }
        }
        Ok(painted)
    }

    /// The youngest of these common ancestors that is no ancestor of another one.
    fn youngest_independent(&mut self, common: &[(i64, ObjectId)]) -> Result<Option<ObjectId>, GitError> {
        let mut candidates = common.to_vec();
        // Stable: of the same date, the first that was found is taken.
        candidates.sort_by_key(|(date, _)| std::cmp::Reverse(*date));
        let mut redundant = vec![false; candidates.len()];
        for this in 0..candidates.len() {
            if redundant[this] {
                continue;
            }
            let rest: Vec<usize> =
                (0..candidates.len()).filter(|other| *other != this && !redundant[*other]).collect();
            let others: Vec<ObjectId> = rest.iter().map(|other| candidates[*other].1).collect();
            let painted = self.paint(candidates[this].1, &others)?;
            if let Some(open) = painted.cut.first() {
                return Err(GitError::Shallow { boundary: sha_of(open)? });
            }
            redundant[this] = painted.flags(candidates[this].1) & TWO != 0;
            for (other, id) in rest.into_iter().zip(others) {
                redundant[other] |= painted.flags(id) & ONE != 0;
            }
        }
        let best = candidates.iter().zip(&redundant).find(|(_, redundant)| !**redundant);
        Ok(best.map(|((_, id), _)| *id))
    }
}
