//! Where a repository is: the folder of its administration, and who owns it.
//!
//! Only a `.git` counts as a repository around a folder. A pull request can add files named `HEAD`, `objects` and
//! `refs`, and so the likeness of a bare repository, to any folder; Git lets nobody add a `.git`.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::GitError;
use crate::source::RepoPath;
use crate::support::{fs, text};

/// A repository that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The folder of its administration, which for a linked worktree is its own.
    pub(super) git_dir: PathBuf,
    /// Whether it belongs to the user who runs Rollgate.
    pub(super) ours: bool,
    /// The root within the worktree.
    pub(super) prefix: Option<RepoPath>,
}

/// The repository whose worktree `root` is, or is a folder of.
pub(super) fn around(root: &Path) -> Result<Option<Found>, GitError> {
    let root = root.canonicalize().map_err(|error| GitError::broken(&error))?;
    let owner = std::fs::metadata(&root).map_err(|error| GitError::broken(&error))?.uid();
    for folder in root.ancestors() {
        let Some(git_dir) = administration(&folder.join(".git"))? else { continue };
        let ours = rustix::process::geteuid().as_raw();
        let uid = owner_of(&git_dir)?;
        if !counts(uid, ours, owner) {
            return Err(GitError::Refused {
                file: shown(&git_dir),
                why: "belongs to another user than the folder it was found for; change its owner, or run Rollgate as \
                      that user",
            });
        }
        let within = root.strip_prefix(folder).unwrap_or(Path::new(""));
        let prefix = match within.to_str() {
            Some("") => None,
            Some(within) => Some(RepoPath::new(within).map_err(|error| GitError::broken(&error))?),
            None => return Err(GitError::Broken("the path of the root is no text".into())),
        };
        return Ok(Some(Found { git_dir, ours: uid == ours, prefix }));
    }
    Ok(None)
}

/// Whether the repository of user `uid` counts as that of a folder: it could have been put there by nobody who could
/// not have changed the folder itself.
fn counts(uid: u32, ours: u32, owner: u32) -> bool {
    uid == ours || uid == owner || uid == 0
}

/// The repository at a path that somebody named.
pub(super) fn at(path: &Path) -> Result<Found, GitError> {
    let missing = || GitError::NotARepository(shown(path));
    let path = path.canonicalize().map_err(|_| missing())?;
    let git_dir = match administration(&path.join(".git"))? {
        Some(git_dir) => git_dir,
        None => administration(&path)?.ok_or_else(missing)?,
    };
    let ours = owner_of(&git_dir)? == rustix::process::geteuid().as_raw();
    Ok(Found { git_dir, ours, prefix: None })
}

/// The folder of administration that `path` is, or, as a file, leads to.
fn administration(path: &Path) -> Result<Option<PathBuf>, GitError> {
    let Ok(metadata) = std::fs::metadata(path) else { return Ok(None) };
    let folder = if metadata.is_dir() {
        path.to_owned()
    } else {
        let refused = |why| GitError::Refused { file: shown(path), why };
        let text = fs::read_start(path, 4_096).map_err(|_| refused("is no readable file"))?;
        let Some(target) = text.strip_prefix(b"gitdir: ") else { return Ok(None) };
        let target = std::str::from_utf8(target).map_err(|_| refused("leads to a path that is no text"))?;
        path.parent().unwrap_or(Path::new("/")).join(target.trim_end_matches(['\r', '\n']))
    };
    // As Git itself tells a repository; a linked worktree has its objects and references elsewhere.
    let has = |name: &str| std::fs::symlink_metadata(folder.join(name)).is_ok();
    let complete = has("HEAD") && (has("commondir") || (has("objects") && has("refs")));
    Ok(complete.then(|| folder.canonicalize().unwrap_or(folder)))
}

fn owner_of(path: &Path) -> Result<u32, GitError> {
    Ok(std::fs::metadata(path).map_err(|error| GitError::broken(&error))?.uid())
}

pub(super) fn shown(path: &Path) -> String {
    text::line(&path.to_string_lossy(), 300)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_counts_where_nobody_else_could_have_put_it() {
        let (root, runner, other) = (0, 1001, 1002);
        // In a container: root, on a workspace of the runner's.
        assert!(counts(runner, root, runner));
        assert!(counts(runner, runner, runner));
        assert!(counts(root, runner, runner));
        assert!(counts(other, other, runner));
        // `/tmp/.git` of somebody else, above a folder of ours.
        assert!(!counts(other, runner, runner));
        assert!(!counts(other, root, root));
    }
}
