//! Bytes from worktrees, clones and servers, held against what Git itself says of the same repositories.

mod api;
mod base;
mod changes;
mod clones;
mod history;
mod hostile;
mod operand;
pub(crate) mod registry;
mod release;
pub(crate) mod repo;
pub(crate) mod server;
mod store;
mod worktree;

use rollgate::source::{CommitSha, RepoPath, Repository, Source, SourceError};

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

/// The repository that this one is, seen from its top.
async fn opened(repo: &repo::Repo) -> Repository {
    Repository::discover(repo.path()).await.unwrap().unwrap()
}

/// What reading came to, with the bytes as text.
async fn read(source: &dyn Source, file: &str) -> Result<String, String> {
    told(source.read(&path(file), 1_000).await)
}

fn told(outcome: Result<Vec<u8>, SourceError>) -> Result<String, String> {
    outcome.map(|bytes| String::from_utf8(bytes).unwrap()).map_err(|error| error.to_string())
}

async fn all(source: &dyn Source) -> Vec<String> {
    source.find(&|_| true).await.unwrap().into_iter().map(String::from).collect()
}

/// The text with hashes shown as what they name.
fn with_names(text: &str, names: &[(&CommitSha, &str)]) -> String {
    let mut text = text.to_owned();
    for (sha, name) in names {
        text = text.replace(sha.as_str(), name).replace(sha.short(), name);
    }
    text
}
