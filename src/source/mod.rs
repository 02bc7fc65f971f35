//! Where the bytes of descriptions, configs and policies come from: the worktree, a commit of the local object
//! database, a commit at GitHub, a URL, the standard input, a store of what was published. Edge.
//!
//! Everything is read through [`Source`], a tree of files at one moment, so that nobody downstream can tell where a
//! description came from. What is not there ([`SourceError::Missing`]) is told apart from what could not be read:
//! the first is a fact about the tree, the second is none. Nothing that a repository says is ever run: no hook, no
//! filter, no configured command. This room knows nothing of OpenAPI, of GitHub's events, or of reports.

mod api;
mod base;
mod error;
mod git;
pub mod limits;
mod path;
pub mod registry;
pub mod release;
mod rev_path;
mod sha;
mod single;
pub mod store;
mod way;
mod worktree;

pub use api::{Api, ApiCommit, ApiError, Patience, RepositoryName};
pub use base::{Base, BaseError, Kind, Known, Places};
pub use error::SourceError;
pub use git::{Change, ChangeKind, DefaultBranch, GitCommit, GitError, Repository, Tag};
pub use path::{PathError, RepoPath};
pub use rev_path::{Opened, Operand, OperandError};
pub use sha::{CommitSha, NotASha};
pub use single::{Given, UrlFile};
pub use worktree::Worktree;

use async_trait::async_trait;

/// Chooses paths: relative to the root, with `/` between folders.
pub type Wanted<'w> = dyn for<'a> Fn(&'a str) -> bool + Send + Sync + 'w;

/// A tree of files at one moment: the worktree, a commit of the local object database, a commit at GitHub.
#[async_trait]
pub trait Source: Send + Sync {
    /// What this is, for people: `the worktree`, `commit 1a2b3c4`.
    fn describe(&self) -> String;

    /// The file as locations show it: `openapi.yaml`, or `1a2b3c4:openapi.yaml`.
    fn name_of(&self, path: &RepoPath) -> String;

    /// Whether the tree has other files beside the one that it was opened for.
    fn has_others(&self) -> bool {
        true
    }

    /// The whole file. Symbolic links are followed within the tree.
    ///
    /// # Errors
    /// A file of more than `limit` bytes is [`SourceError::TooLong`]; it is never cut.
    async fn read(&self, path: &RepoPath, limit: usize) -> Result<Vec<u8>, SourceError>;

    /// The regular files that are `wanted`, sorted. Symbolic links are not followed; hidden folders, `node_modules`
    /// and repositories within the tree are left out.
    ///
    /// # Errors
    /// A tree beyond the [`limits`] is an error, never a shorter list.
    async fn find(&self, wanted: &Wanted<'_>) -> Result<Vec<RepoPath>, SourceError>;
}

/// Whether discovery looks into a folder of this name.
fn looked_into(folder: &str) -> bool {
    !folder.starts_with('.') && folder != "node_modules"
}

/// Refuses the place holder that Git LFS leaves where it has not fetched a file.
fn content(name: impl FnOnce() -> String, bytes: Vec<u8>) -> Result<Vec<u8>, SourceError> {
    const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
    // The specification of pointers limits them to less than 1,024 bytes.
    if bytes.len() < 1_024 && bytes.starts_with(POINTER) {
        return Err(SourceError::LargeFileStorage { name: name() });
    }
    Ok(bytes)
}
