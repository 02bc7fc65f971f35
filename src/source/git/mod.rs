//! The local object database, by gix. Sees commits, trees and references; never the index or the worktree.
//!
//! The repository is a stranger's: nothing in it is run. Its own config is not believed, configs of the machine and
//! the environment are not read, replacement objects are not followed, and a repository around the root counts only
//! if it is a `.git` of the root's owner, of root, or of the user who runs Rollgate. A bare repository that lies among the files is never
//! taken for one.
//!
//! All work happens on one thread that owns the database and answers questions in turn: asking waits without
//! blocking, for a bounded time, and a repository that is broken in a way that makes gix panic costs an error.

mod changes;
mod find;
mod history;
mod open;
mod tags;
mod tree;

use std::path::Path;
use std::sync::mpsc;

use gix::ObjectId;
use tokio::sync::oneshot;

pub use changes::{Change, ChangeKind};
pub use tags::Tag;
pub use tree::GitCommit;

use super::{CommitSha, RepoPath, limits};
use crate::support::text;

/// Why the local object database did not answer. Fits "failed to {…}" after the name of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GitError {
    /// There is none at this path.
    #[error("there is no Git repository at {0}")]
    NotARepository(String),
    /// What the repository's administration has where a small regular file belongs.
    #[error("the repository is not read: {file} {why}")]
    Refused {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// No commit has this name.
    #[error(
        "the revision {revision:?} names no commit here; fetch it (`fetch-depth: 0` on actions/checkout fetches all \
         branches and tags)"
    )]
    Unknown {
        /// What was asked for.
        revision: String,
    },
    /// The revision cannot be one.
    #[error("{revision:?} is no revision: {why}")]
    NotARevision {
        /// What was asked for.
        revision: String,
        /// Why.
        why: &'static str,
    },
    /// The clone ends before the answer is sure.
    #[error(
        "the history of this clone is cut off at commit {boundary}, so that their merge base cannot be told; fetch \
         the whole history (`fetch-depth: 0` on actions/checkout)"
    )]
    Shallow {
        /// A commit whose parents are not here.
        boundary: CommitSha,
    },
    /// A partial clone has not fetched the object, or it was lost.
    #[error(
        "object {object} is not in this clone; fetch it (a clone without `--filter`, and `fetch-depth: 0` on \
         actions/checkout)"
    )]
    ObjectsMissing {
        /// The object.
        object: String,
    },
    /// Beyond one of the limits.
    #[error("the repository has more than {limit} {what} on the way to the answer")]
    TooMuch {
        /// Of what there is too much.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The time limit passed.
    #[error("the repository gave no answer within {} s", limits::LOCAL.as_secs())]
    TimedOut,
    /// Corrupted, or in a form that is not supported.
    #[error("the repository cannot be read: {0}")]
    Broken(String),
}

impl GitError {
    fn broken(error: &impl ToString) -> Self {
        Self::Broken(text::line(&error.to_string(), 300))
    }

    fn of_gix(error: &gix::Error) -> Self {
        let (said, cause) = (error.to_string(), error.probable_cause().to_string());
        if said == cause { Self::broken(&said) } else { Self::broken(&format!("{said}: {cause}")) }
    }

    /// Whether a more complete clone, or the API, may have the answer.
    #[must_use]
    pub fn is_incomplete_clone(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::Shallow { .. } | Self::ObjectsMissing { .. })
    }
}

type Job = Box<dyn FnOnce(&gix::Repository) + Send>;

/// The local object database, as seen from a root that may be a folder within its worktree. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Repository {
    jobs: mpsc::Sender<Job>,
    prefix: Option<RepoPath>,
}

/// The default branch of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultBranch {
    /// Its name, such as `main`.
    pub name: String,
    /// Its last commit.
    pub tip: CommitSha,
    /// Whether this is what `origin` had when it was last asked, rather than the branch of the clone itself.
    pub remote: bool,
}

impl DefaultBranch {
    /// As Git names it.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.remote { format!("origin/{}", self.name) } else { self.name.clone() }
    }
}

impl Repository {
    /// The repository whose worktree `root` is, or is a folder of; none where there is none.
    ///
    /// # Errors
    /// A repository that is there and cannot be read is an error.
    pub async fn discover(root: &Path) -> Result<Option<Self>, GitError> {
        let root = root.to_owned();
        let found = tokio::task::spawn_blocking(move || find::around(&root))
            .await
            .map_err(|error| GitError::broken(&error))??;
        match found {
            Some(found) => Self::start(found).await.map(Some),
            None => Ok(None),
        }
    }

    /// The repository at `path`: a worktree, its `.git`, or a bare repository.
    ///
    /// # Errors
    /// Fails where there is none, or it cannot be read.
    pub async fn open(path: &Path) -> Result<Self, GitError> {
        let path = path.to_owned();
        let found = tokio::task::spawn_blocking(move || find::at(&path))
            .await
            .map_err(|error| GitError::broken(&error))??;
        Self::start(found).await
    }

    async fn start(found: find::Found) -> Result<Self, GitError> {
        let (jobs, asked) = mpsc::channel::<Job>();
        let (opened, outcome) = oneshot::channel();
        let serve = move || {
            let repository = match open::open(&found.git_dir, found.ours) {
                Ok(repository) => repository,
                Err(error) => return drop(opened.send(Err(error))),
            };
            if opened.send(Ok(())).is_err() {
                return;
            }
            while let Ok(job) = asked.recv() {
                // What broke tells its asker by never answering; the database itself holds no state between jobs.
                let job = std::panic::AssertUnwindSafe(|| job(&repository));
                drop(std::panic::catch_unwind(job));
            }
        };
        std::thread::Builder::new()
            .name("git objects".into())
            .spawn(serve)
            .map_err(|error| GitError::broken(&error))?;
        answer(outcome).await?;
        Ok(Self { jobs, prefix: found.prefix })
    }

    /// Asks the thread that owns the database.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&gix::Repository) -> Result<T, GitError> + Send + 'static,
    ) -> Result<T, GitError> {
        let (reply, outcome) = oneshot::channel();
        let job: Job = Box::new(move |repository| drop(reply.send(question(repository))));
        self.jobs.send(job).map_err(|_| gone())?;
        answer(outcome).await
    }

    /// The path of the root within the worktree; none where it is the top.
    #[must_use]
    pub fn prefix(&self) -> Option<&RepoPath> {
        self.prefix.as_ref()
    }

    /// The same database as seen from the top of the worktree.
    #[must_use]
    pub fn at_top(&self) -> Self {
        Self { jobs: self.jobs.clone(), prefix: None }
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// A branch without any commit is [`GitError::Unknown`]; one whose commit is lost is another error.
    pub async fn head(&self) -> Result<CommitSha, GitError> {
        self.ask(open::head).await
    }

    /// The branch that is checked out; none where a commit is.
    pub async fn head_branch(&self) -> Result<Option<String>, GitError> {
        self.ask(|repository| {
            let name = repository.head_name().map_err(|error| GitError::of_gix(&error))?;
            Ok(name.map(|name| name.shorten().to_string()))
        })
        .await
    }

    /// The tip of a branch as `origin` has it, else of the local branch; none where there is no such branch.
    pub async fn branch(&self, name: &str) -> Result<Option<CommitSha>, GitError> {
        Ok(self.default_branch_named(name).await?.map(|branch| branch.tip))
    }

    /// The tip of a branch as `origin` has it; none where there is no such branch.
    pub async fn remote_branch(&self, name: &str) -> Result<Option<CommitSha>, GitError> {
        let name = format!("refs/remotes/origin/{name}");
        self.ask(move |repository| open::reference(repository, &name)).await
    }

    /// The default branch with its tip: what `origin/HEAD` names, else `main`, else `master`.
    pub async fn default_branch(&self) -> Result<Option<DefaultBranch>, GitError> {
        self.ask(open::default_branch).await
    }

    /// The default branch, known by its name, with its tip.
    pub async fn default_branch_named(&self, name: &str) -> Result<Option<DefaultBranch>, GitError> {
        let name = name.to_owned();
        self.ask(move |repository| open::branch(repository, &name)).await
    }

    /// The commit that a revision names, as `git rev-parse` reads it; a branch that only `origin` has may be named
    /// without its remote.
    ///
    /// # Errors
    /// [`GitError::Unknown`] where there is no such commit here.
    pub async fn resolve(&self, revision: &str) -> Result<CommitSha, GitError> {
        let revision = revision.to_owned();
        self.ask(move |repository| open::resolve(repository, &revision)).await
    }

    /// The tags whose names begin with `start`, in the order of their names.
    ///
    /// # Errors
    /// More tags than [`limits::TAGS`] are an error, never a shorter list.
    pub async fn tags(&self, start: &str) -> Result<Vec<Tag>, GitError> {
        let start = start.to_owned();
        self.ask(move |repository| tags::beginning(repository, &start)).await
    }

    /// Whether the clone was cut off, so that it may lack tags and commits that its origin has.
    pub async fn is_shallow(&self) -> Result<bool, GitError> {
        self.ask(|repository| {
            let boundary = repository.shallow_commits().map_err(|error| GitError::of_gix(&error))?;
            Ok(boundary.is_some_and(|commits| !commits.is_empty()))
        })
        .await
    }

    /// Whether the commit is here.
    pub async fn has(&self, commit: &CommitSha) -> Result<bool, GitError> {
        let commit = commit.clone();
        self.ask(move |repository| {
            let id = id_of(&commit)?;
            let header = repository.try_find_header(id).map_err(|error| GitError::of_gix(&error))?;
            Ok(header.is_some_and(|header| header.kind() == gix::objs::Kind::Commit))
        })
        .await
    }

    /// The parents that a commit names, whether they are here or not.
    pub async fn parents(&self, commit: &CommitSha) -> Result<Vec<CommitSha>, GitError> {
        let commit = commit.clone();
        self.ask(move |repository| history::parents(repository, id_of(&commit)?)).await
    }

    /// The best common ancestor of two commits, the one that `git merge-base` prints; none where they have none.
    ///
    /// # Errors
    /// [`GitError::Shallow`] where the boundary of the clone leaves the answer open.
    pub async fn merge_base(&self, one: &CommitSha, two: &CommitSha) -> Result<Option<CommitSha>, GitError> {
        let (one, two) = (one.clone(), two.clone());
        self.ask(move |repository| history::merge_base(repository, id_of(&one)?, id_of(&two)?)).await
    }

    /// The files beneath the root at a commit.
    #[must_use]
    pub fn commit(&self, commit: CommitSha) -> GitCommit {
        GitCommit::new(self.clone(), commit)
    }

    /// What changed beneath the root between two commits, by path.
    pub async fn changed_paths(&self, old: &CommitSha, new: &CommitSha) -> Result<Vec<Change>, GitError> {
        let (old, new, prefix) = (old.clone(), new.clone(), self.prefix.clone());
        self.ask(move |repository| changes::between(repository, id_of(&old)?, id_of(&new)?, prefix.as_ref()))
            .await
    }
}

async fn answer<T>(outcome: oneshot::Receiver<Result<T, GitError>>) -> Result<T, GitError> {
    match tokio::time::timeout(limits::LOCAL, outcome).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(gone()),
        Err(_) => Err(GitError::TimedOut),
    }
}

fn gone() -> GitError {
    GitError::Broken("its objects are corrupted".into())
}

fn id_of(commit: &CommitSha) -> Result<ObjectId, GitError> {
    ObjectId::from_hex(commit.as_str().as_bytes())
        .map_err(|_| GitError::Broken(format!("{commit} is named by another hash than its objects")))
}

fn sha_of(id: &gix::oid) -> Result<CommitSha, GitError> {
    id.to_hex().to_string().parse().map_err(|error| GitError::broken(&error))
}

/// The bytes of an object of this kind.
fn object(repository: &gix::Repository, id: ObjectId, kind: gix::objs::Kind) -> Result<Vec<u8>, GitError> {
    let found = repository.try_find_object(id).map_err(|error| GitError::of_gix(&error))?;
    let Some(mut found) = found else {
        return Err(GitError::ObjectsMissing { object: id.to_string() });
    };
    if found.kind != kind {
        return Err(GitError::Broken(format!("object {id} is a {}, not a {kind}", found.kind)));
    }
    Ok(std::mem::take(&mut found.data))
}

/// The tree of a commit.
fn tree_of(repository: &gix::Repository, commit: ObjectId) -> Result<ObjectId, GitError> {
    let data = object(repository, commit, gix::objs::Kind::Commit)?;
    gix::objs::CommitRefIter::from_bytes(&data, repository.object_hash())
        .tree_id()
        .map_err(|error| GitError::of_gix(&error))
}

/// An entry of a tree.
#[derive(Debug, Clone)]
struct Entry {
    name: Vec<u8>,
    kind: gix::objs::tree::EntryKind,
    id: ObjectId,
}

/// The entries of a tree, in Git's order.
fn entries(repository: &gix::Repository, tree: ObjectId) -> Result<Vec<Entry>, GitError> {
    let data = object(repository, tree, gix::objs::Kind::Tree)?;
    gix::objs::TreeRefIter::from_bytes(&data, repository.object_hash())
        .map(|entry| {
            let entry = entry.map_err(|error| GitError::of_gix(&error))?;
            Ok(Entry { name: entry.filename.to_vec(), kind: entry.mode.kind(), id: entry.oid.to_owned() })
        })
        .collect()
}
