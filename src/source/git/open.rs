//! Opening the object database, and names for its commits.

use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::objs::Kind;
use gix::revision::spec::parse::Error::AmbiguousPrefix;

use super::find::shown;
use super::{DefaultBranch, GitError, sha_of};
use crate::source::{CommitSha, limits};
use crate::support::{fs, text};

/// Where branches of `origin` are.
const REMOTE: &str = "refs/remotes/origin/";

/// Opens the repository with this folder of administration, believing nothing of its config.
pub(super) fn open(git_dir: &Path, ours: bool) -> Result<gix::Repository, GitError> {
    let common = common_folder(git_dir)?;
    inspect(git_dir, &common, ours)?;
    let options = gix::open::Options::isolated()
        .open_path_as_is(true)
        .with(gix::sec::Trust::Reduced)
        // Whatever the repository's config says about anything but its own format.
        .filter_config_section(|section| section.source == gix::config::Source::Api)
        .config_overrides([
            "core.useReplaceRefs=false".to_owned(),
            format!("gitoxide.objects.allocLimit={}", limits::OBJECT),
        ]);
    let repository = options.open(git_dir).map_err(|error| {
        if error.probable_cause().to_string().starts_with("Object format") {
            return GitError::Broken(
                "its objects are not named by SHA-1, and no other hash is supported".into(),
            );
        }
        GitError::of_gix(&error)
    })?;
    Ok(repository.to_thread_local())
}

/// The folder with the objects and references, which linked worktrees share.
fn common_folder(git_dir: &Path) -> Result<PathBuf, GitError> {
    regular(&git_dir.join("commondir"), limits::ADMINISTRATION)?;
    match fs::read_start(&git_dir.join("commondir"), 4_096) {
        Ok(text) => {
            let text = std::str::from_utf8(&text).map_err(|error| GitError::broken(&error))?;
            Ok(git_dir.join(text.trim_end_matches(['\r', '\n'])))
        }
        Err(fs::ReadError::Missing) => Ok(git_dir.to_owned()),
        Err(error) => Err(GitError::broken(&error)),
    }
}

/// Refuses what opening would wait for, or read without a bound.
fn inspect(git_dir: &Path, common: &Path, ours: bool) -> Result<(), GitError> {
    for name in ["HEAD", "config.worktree"] {
        regular(&git_dir.join(name), limits::ADMINISTRATION)?;
    }
    for name in ["config", "shallow"] {
        regular(&common.join(name), limits::ADMINISTRATION)?;
    }
    regular(&common.join("packed-refs"), limits::PACKED_REFERENCES)?;
    let reftable = common.join("reftable");
    if reftable.exists() {
        return Err(GitError::Refused {
            file: shown(&reftable),
            why: "keeps references in a form that is not supported; convert it (`git refs migrate --ref-format=files`)",
        });
    }
    let alternates = common.join("objects/info/alternates");
    regular(&alternates, limits::ADMINISTRATION)?;
    if !ours && std::fs::metadata(&alternates).is_ok_and(|metadata| metadata.len() > 0) {
        return Err(GitError::Refused {
            file: shown(&alternates),
            why: "borrows objects from elsewhere in the name of another user; run Rollgate as the repository's owner, \
                  or make a clone of its own",
        });
    }
    Ok(())
}

fn regular(path: &Path, most: u64) -> Result<(), GitError> {
    let refused = |why| Err(GitError::Refused { file: shown(path), why });
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => refused("is not a regular file"),
        Ok(metadata) if metadata.len() > most => refused("is too long to be what its name says"),
        _ => Ok(()),
    }
}

/// The commit that a reference of this full name leads to.
pub(super) fn reference(repository: &gix::Repository, name: &str) -> Result<Option<CommitSha>, GitError> {
    if name.len() > limits::REVISION || gix::refs::FullName::try_from(name).is_err() {
        return Ok(None);
    }
    let found = repository.try_find_reference(name).map_err(|error| GitError::of_gix(&error))?;
    let Some(mut found) = found else { return Ok(None) };
    let id = found.peel_to_id().map_err(|error| GitError::of_gix(&error))?.detach();
    commit_of(repository, id)?.map(|id| sha_of(&id)).transpose()
}

/// What `origin/HEAD` names, else `main`, else `master`.
pub(super) fn default_branch(repository: &gix::Repository) -> Result<Option<DefaultBranch>, GitError> {
    let head = repository.try_find_reference("refs/remotes/origin/HEAD").ok().flatten();
    let named = head.and_then(|head| match head.target() {
        gix::refs::TargetRef::Symbolic(name) => {
            name.as_bstr().to_string().strip_prefix(REMOTE).map(str::to_owned)
        }
        gix::refs::TargetRef::Object(_) => None,
    });
    for name in named.into_iter().chain(["main".to_owned(), "master".to_owned()]) {
        if let Some(found) = branch(repository, &name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The branch of this name as `origin` has it, else of the clone itself.
pub(super) fn branch(repository: &gix::Repository, name: &str) -> Result<Option<DefaultBranch>, GitError> {
    for (start, remote) in [(REMOTE, true), ("refs/heads/", false)] {
        if let Some(tip) = reference(repository, &format!("{start}{name}"))? {
            return Ok(Some(DefaultBranch { name: name.to_owned(), tip, remote }));
        }
    }
    Ok(None)
}

/// The commit that is checked out. A branch that has none yet is told apart from one whose commit is lost: only the first
/// has nothing before it.
pub(super) fn head(repository: &gix::Repository) -> Result<CommitSha, GitError> {
    let resolved = resolve(repository, "HEAD");
    if !matches!(resolved, Err(GitError::Unknown { .. })) {
        return resolved;
    }
    let head = repository.head().map_err(|error| GitError::of_gix(&error))?;
    match head.id() {
        Some(id) => Err(GitError::ObjectsMissing { object: id.to_string() }),
        None => resolved,
    }
}

/// The commit that a revision names.
pub(super) fn resolve(repository: &gix::Repository, revision: &str) -> Result<CommitSha, GitError> {
    let safe = || text::line(revision, 200);
    let not_one = |why| Err(GitError::NotARevision { revision: safe(), why });
    if revision.is_empty() || revision.len() > limits::REVISION {
        return not_one("it is empty or too long");
    }
    if revision.contains(':') || revision.contains("..") || revision.contains("{/") {
        return not_one("name one commit: a branch, a tag, a hash, or one of these with `~` or `^`");
    }
    if revision.chars().any(|character| character.is_control() || character == ' ') {
        return not_one("it has blanks or control characters");
    }
    if ["@{u", "@{push"].iter().any(|upstream| revision.to_ascii_lowercase().contains(upstream)) {
        return not_one(
            "which branch is upstream stands in the config, which is not believed; name the branch",
        );
    }
    let unknown = || GitError::Unknown { revision: safe() };
    let found = match revision.parse::<CommitSha>() {
        Ok(sha) => super::id_of(&sha)?,
        Err(_) => match repository.rev_parse_single(revision) {
            Ok(id) => id.detach(),
            Err(error) => {
                if let Some(tip) = reference(repository, &format!("{REMOTE}{revision}"))? {
                    return Ok(tip);
                }
                return match error.downcast_any_ref() {
                    Some(AmbiguousPrefix { .. }) => {
                        not_one("more than one object begins so; write more digits")
                    }
                    _ => Err(unknown()),
                };
            }
        },
    };
    let commit = commit_of(repository, found)?.ok_or_else(unknown)?;
    sha_of(&commit)
}

/// The commit that an object is, or as a tag leads to; none where it is not here or something else.
pub(super) fn commit_of(repository: &gix::Repository, id: ObjectId) -> Result<Option<ObjectId>, GitError> {
    let mut id = id;
    // A tag of a tag of a tag is possible, and seldom meant.
    for _ in 0..limits::LINKS {
        let Some(found) = repository.try_find_object(id).map_err(|error| GitError::of_gix(&error))? else {
            return Ok(None);
        };
        match found.kind {
            Kind::Commit => return Ok(Some(id)),
            Kind::Tag => {
                id = found.to_tag_ref_iter().target_id().map_err(|error| GitError::of_gix(&error))?;
            }
            Kind::Tree | Kind::Blob => return Ok(None),
        }
    }
    Ok(None)
}
