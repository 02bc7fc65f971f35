//! What a person names to be compared: a file, a file at a revision, a URL, the standard input.
//!
//! The form alone decides, so that the same words mean the same on every machine:
//! `-` is the standard input; `http://` and `https://` begin a URL; what begins with `/`, `./` or `../`, or has no
//! colon, is a file; anything else is `REVISION:PATH`. A file with a colon in its name is written `./a:b.yaml`.

use std::path::{Path, PathBuf};

use super::{
    CommitSha, GitError, Given, PathError, RepoPath, Repository, Source, SourceError, UrlFile, Worktree,
    limits,
};
use crate::support::http::{self, Client, HttpError, Url};
use crate::support::text;

/// One side of a comparison, as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// A file, relative to the working directory or absolute.
    File(PathBuf),
    /// A file at a revision.
    Revision {
        /// The revision.
        revision: String,
        /// The file: from the top of the repository, or with `./` from the working directory.
        path: String,
    },
    /// A URL.
    Url(Url),
    /// The standard input.
    StandardInput,
}

/// Why an operand was not opened. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum OperandError {
    /// The text is none of the four forms.
    #[error("understand {operand:?}: {why}")]
    Unclear {
        /// What was written.
        operand: String,
        /// Why it is none.
        why: String,
    },
    /// The path cannot be read from.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A revision was named where there is no repository.
    #[error(
        "read {operand:?}: the working directory is in no Git repository; name two files, or change into a clone (a \
         file with a colon in its name is written with `./` before it)"
    )]
    NoRepository {
        /// What was written.
        operand: String,
    },
    /// The revision is not there.
    #[error("read {operand:?}: {error}")]
    Git {
        /// What was written.
        operand: String,
        /// Why.
        error: GitError,
    },
    /// There is no client for the URL.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The file was not read.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A tree, and the file in it that was named.
pub struct Opened {
    /// The tree.
    pub source: Box<dyn Source>,
    /// The file.
    pub path: RepoPath,
    /// The commit, where a revision was named.
    pub commit: Option<CommitSha>,
}

impl Operand {
    /// Reads what a person wrote.
    ///
    /// # Errors
    /// Refuses what is none of the four forms, and URLs with credentials.
    pub fn parse(written: &str) -> Result<Self, OperandError> {
        let unclear =
            |why: &str| Err(OperandError::Unclear { operand: text::line(written, 200), why: why.to_owned() });
        if written == "-" {
            return Ok(Self::StandardInput);
        }
        if written.is_empty() || written.len() > limits::PATH {
            return unclear("it is empty or too long; name a file, REVISION:PATH, a URL, or `-`");
        }
        if written.chars().any(char::is_control) {
            return unclear("it has control characters");
        }
        let lower = written.to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            return match http::url(written) {
                Ok(url) => Ok(Self::Url(url)),
                Err(why) => unclear(&why),
            };
        }
        if lower.contains("://") {
            return unclear("only http and https URLs are read; download it and name the file");
        }
        let is_file = ["/", "./", "../"].iter().any(|start| written.starts_with(start));
        match written.split_once(':') {
            Some((revision, path)) if !is_file => {
                if revision.is_empty() {
                    return unclear(
                        "the index is not read; name a commit before the colon, such as `HEAD:PATH`",
                    );
                }
                if path.is_empty() {
                    return unclear("a path is missing after the colon");
                }
                Ok(Self::Revision { revision: revision.into(), path: path.into() })
            }
            _ => Ok(Self::File(written.into())),
        }
    }

    /// Opens the tree that has the file. Nothing is read of the file itself; the standard input, which only the
    /// command line reads, is asked for with `standard_input`.
    ///
    /// # Errors
    /// See [`OperandError`].
    pub async fn open(
        &self,
        working_directory: &Path,
        standard_input: impl FnOnce() -> std::io::Result<Vec<u8>>,
    ) -> Result<Opened, OperandError> {
        let commit = None;
        match self {
            Self::File(path) => {
                let (source, path) = file(working_directory, path)?;
                Ok(Opened { source: Box::new(source), path, commit })
            }
            Self::Revision { revision, path } => at_revision(working_directory, revision, path).await,
            Self::Url(url) => {
                let (source, path) = UrlFile::new(Client::new()?, url.clone())?;
                Ok(Opened { source: Box::new(source), path, commit })
            }
            Self::StandardInput => {
                let bytes = standard_input().map_err(|error| SourceError::Unreadable {
                    name: "the standard input".into(),
                    why: error.to_string(),
                })?;
                let (source, path) = Given::standard_input(bytes)?;
                Ok(Opened { source: Box::new(source), path, commit })
            }
        }
    }

    /// The tree that the references of a file lead into, and its path there: the worktree of the repository that it lies
    /// in, or its own folder and what is beneath it. None for other operands, which are opened in that tree.
    ///
    /// # Errors
    /// Refuses a file that has no path there.
    pub async fn surroundings(
        &self,
        working_directory: &Path,
    ) -> Result<Option<(Worktree, RepoPath)>, OperandError> {
        let Self::File(path) = self else { return Ok(None) };
        let found = around(&working_directory.join(path)).await;
        let unclear = || OperandError::Unclear {
            operand: text::line(&path.to_string_lossy(), 200),
            why: "it names no file".to_owned(),
        };
        found.ok_or_else(unclear).map(Some)
    }
}

/// The worktree with a file, or its own folder where it lies in no repository that can be read; and its path there.
async fn around(whole: &Path) -> Option<(Worktree, RepoPath)> {
    let name = RepoPath::new(whole.file_name()?.to_str()?).ok()?;
    let folder = whole.parent()?;
    let alone = (Worktree::new(folder), name.clone());
    let Ok(Some(repository)) = Repository::discover(folder).await else { return Some(alone) };
    // As the repository was found: by the folder itself, not by links to it.
    let Ok(mut top) = folder.canonicalize() else { return Some(alone) };
    let prefix = repository.prefix();
    let depth = prefix.map_or(0, |prefix| prefix.parts().count());
    Some(if (0..depth).all(|_| top.pop()) { (Worktree::new(top), name.beneath(prefix)) } else { alone })
}

/// A file beneath the working directory is named from there; one from elsewhere from its own folder.
fn file(working_directory: &Path, path: &Path) -> Result<(Worktree, RepoPath), OperandError> {
    let unclear = |why: &str| OperandError::Unclear {
        operand: text::line(&path.to_string_lossy(), 200),
        why: why.to_owned(),
    };
    let within = path.strip_prefix(working_directory).unwrap_or(path);
    if within.is_relative()
        && let Some(text) = within.to_str()
        && let Ok(inner) = RepoPath::written(text)
        // `a/../b` may lead elsewhere than it says where `a` is a symbolic link.
        && !text.split('/').any(|part| part == "..")
    {
        return Ok((Worktree::new(working_directory), inner));
    }
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| unclear("it names no file"))?;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let source = Worktree::new(working_directory.join(folder)).shown_in(match folder.to_str() {
        Some("/") => "",
        Some(folder) => folder,
        None => return Err(unclear("its path is no text")),
    });
    Ok((source, RepoPath::new(name)?))
}

async fn at_revision(working_directory: &Path, revision: &str, path: &str) -> Result<Opened, OperandError> {
    let operand = || text::line(&format!("{revision}:{path}"), 200);
    let failed = |error| OperandError::Git { operand: operand(), error };
    let repository = Repository::discover(working_directory).await.map_err(failed)?;
    let repository = repository.ok_or_else(|| OperandError::NoRepository { operand: operand() })?;
    // As in Git: from the top, unless it begins with a dot.
    let (repository, path) = if path.starts_with("./") || path.starts_with("../") {
        let here = repository.prefix().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        let path = RepoPath::written(&format!("{here}{path}"))?;
        (repository.at_top(), path)
    } else {
        (repository.at_top(), RepoPath::written(path)?)
    };
    let commit = repository.resolve(revision).await.map_err(failed)?;
    Ok(Opened { source: Box::new(repository.commit(commit.clone())), path, commit: Some(commit) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_alone_decides() {
        let told = |text: &str| match Operand::parse(text) {
            Ok(Operand::File(path)) => format!("{text} is the file {}", path.display()),
            Ok(Operand::Revision { revision, path }) => format!("{text} is {path} at {revision}"),
            Ok(Operand::Url(url)) => format!("{text} is the URL {url}"),
            Ok(Operand::StandardInput) => format!("{text} is the standard input"),
            Err(error) => format!("failed to {error}"),
        };
        let all = [
            "openapi.yaml",
            "-",
            "./-",
            "main:openapi.yaml",
            "HEAD~2:./api/openapi.yaml",
            "origin/main:a:b.yaml",
            "./a:b.yaml",
            "/tmp/a:b.yaml",
            "https://example.com/openapi.yaml",
            "HTTP://example.com/a",
            "-x:openapi.yaml",
            "",
            ":openapi.yaml",
            "main:",
            "ftp://example.com/a",
            "https://user:secret@example.com/",
            "a\u{1b}[31m",
        ];
        insta::assert_snapshot!(all.map(told).join("\n"), @r#"
        openapi.yaml is the file openapi.yaml
        - is the standard input
        ./- is the file ./-
        main:openapi.yaml is openapi.yaml at main
        HEAD~2:./api/openapi.yaml is ./api/openapi.yaml at HEAD~2
        origin/main:a:b.yaml is a:b.yaml at origin/main
        ./a:b.yaml is the file ./a:b.yaml
        /tmp/a:b.yaml is the file /tmp/a:b.yaml
        https://example.com/openapi.yaml is the URL https://example.com/openapi.yaml
        HTTP://example.com/a is the URL http://example.com/a
        -x:openapi.yaml is openapi.yaml at -x
        failed to understand "": it is empty or too long; name a file, REVISION:PATH, a URL, or `-`
        failed to understand ":openapi.yaml": the index is not read; name a commit before the colon, such as `HEAD:PATH`
        failed to understand "main:": a path is missing after the colon
        failed to understand "ftp://example.com/a": only http and https URLs are read; download it and name the file
        failed to understand "https://user:secret@example.com/": the URL https://example.com/ has credentials; put them into a secret field
        failed to understand "a [31m": it has control characters
        "#);
    }
}
