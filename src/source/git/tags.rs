//! The tags of the local object database.

use super::open::commit_of;
use super::{GitError, sha_of};
use crate::source::{CommitSha, limits};

/// A tag and the commit that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its name, without `refs/tags/`.
    pub name: String,
    /// The commit.
    pub commit: CommitSha,
}

/// The tags whose names begin with `start`. A tag of something else than a commit is none of a release.
pub(super) fn beginning(repository: &gix::Repository, start: &str) -> Result<Vec<Tag>, GitError> {
    let platform = repository.references().map_err(|error| GitError::of_gix(&error))?;
    let found = platform.tags().map_err(|error| GitError::of_gix(&error))?;
    let mut tags = Vec::new();
    for (seen, reference) in found.enumerate() {
        if seen >= limits::TAGS {
            return Err(GitError::TooMuch { what: "tags", limit: limits::TAGS });
        }
        let mut reference = reference.map_err(|error| GitError::broken(&error))?;
        let name = match std::str::from_utf8(reference.name().shorten()) {
            Ok(name) if name.starts_with(start) => name.to_owned(),
            _ => continue,
        };
        let id = reference.peel_to_id().map_err(|error| GitError::of_gix(&error))?.detach();
        if let Some(commit) = commit_of(repository, id)? {
            tags.push(Tag { name, commit: sha_of(&commit)? });
        }
    }
    tags.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(tags)
}
