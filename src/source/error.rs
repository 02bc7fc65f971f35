//! Why something was not read, and what mends it.

use super::api::ApiError;
use super::git::GitError;
use super::way::End;
use crate::support::fs::ReadError;
use crate::support::http::HttpError;

/// Why a file was not read. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The tree has no such file. A fact about the tree, not a failure to read it.
    #[error("read {name}: there is no such file")]
    Missing {
        /// The file.
        name: String,
    },
    /// A folder, a submodule, a device.
    #[error("read {name}: it is {what}, not a regular file")]
    NotAFile {
        /// The file.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// More bytes than are read.
    #[error("read {name}: it is longer than {limit} bytes")]
    TooLong {
        /// The file.
        name: String,
        /// How many bytes are read.
        limit: usize,
    },
    /// A symbolic link, or the path, leads out of the tree.
    #[error("read {name}: it leads out of the tree; move it there, without a symbolic link out of it")]
    Outside {
        /// The file.
        name: String,
    },
    /// A symbolic link leads to itself, or over too many others.
    #[error("read {name}: its symbolic links do not end; name the file itself")]
    Loop {
        /// The file.
        name: String,
    },
    /// What is there is the place holder of Git LFS.
    #[error(
        "read {name}: it is a pointer of Git LFS, and the file itself was not fetched; set `lfs: true` on \
         actions/checkout for the worktree, and keep descriptions out of Git LFS to compare them with other commits"
    )]
    LargeFileStorage {
        /// The file.
        name: String,
    },
    /// There are more files than are looked at.
    #[error("search {name}: it has more than {limit} {what}; name the descriptions in the config")]
    TooMany {
        /// The tree.
        name: String,
        /// Of what there are too many.
        what: &'static str,
        /// How many are looked at.
        limit: usize,
    },
    /// The system, or a broken repository, said no.
    #[error("read {name}: {why}")]
    Unreadable {
        /// The file.
        name: String,
        /// What was said.
        why: String,
    },
    /// The local object database did not answer.
    #[error("read {name}: {error}")]
    Git {
        /// The file.
        name: String,
        /// Why.
        error: GitError,
    },
    /// The API did not answer.
    #[error("read {name}: {error}")]
    Api {
        /// The file.
        name: String,
        /// Why.
        error: ApiError,
    },
    /// A URL did not answer.
    #[error(transparent)]
    Http(HttpError),
    /// Which tree it is that the file would be in is not known.
    #[error("{why}")]
    Unknown {
        /// Why. Fits "failed to {…}".
        why: String,
        /// Whether something outside failed.
        is_outside: bool,
    },
    /// A URL answered with something else than the file.
    #[error("read {name}: {why}")]
    Refused {
        /// The URL.
        name: String,
        /// The status and what came with it.
        why: String,
    },
}

impl SourceError {
    /// Whether the tree was read and has no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }

    /// What is wrong with a file, in words that are the same on every machine and at every commit; none where the file was
    /// not come to.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        Some(match self {
            Self::NotAFile { what, .. } => format!("it is {what}, not a regular file"),
            Self::TooLong { limit, .. } => format!("it is longer than {limit} bytes"),
            Self::Outside { .. } => {
                "it leads out of the tree; move it there, without a symbolic link out of it".to_owned()
            }
            Self::Loop { .. } => "its symbolic links do not end; refer to the file itself".to_owned(),
            Self::LargeFileStorage { .. } => {
                "it is a pointer of Git LFS, and the file itself was not fetched; keep it out of Git LFS"
                    .to_owned()
            }
            Self::Unreadable { why, .. } => why.clone(),
            Self::Missing { .. }
            | Self::TooMany { .. }
            | Self::Git { .. }
            | Self::Api { .. }
            | Self::Http(_)
            | Self::Unknown { .. }
            | Self::Refused { .. } => return None,
        })
    }

    /// Whether something outside of the tree failed, so that asking again, or with other rights, may bring another
    /// answer.
    #[must_use]
    pub fn is_outside_failure(&self) -> bool {
        matches!(
            self,
            Self::Api { .. } | Self::Http(_) | Self::Refused { .. } | Self::Unknown { is_outside: true, .. }
        )
    }

    pub(super) fn of_way(name: String, end: End) -> Self {
        match end {
            End::Missing => Self::Missing { name },
            End::Outside => Self::Outside { name },
            End::Loop => Self::Loop { name },
            End::NotAFile(what) => Self::NotAFile { name, what },
        }
    }

    pub(super) fn of_file(name: String, error: ReadError) -> Self {
        match error {
            ReadError::Missing => Self::Missing { name },
            ReadError::Outside => Self::Outside { name },
            ReadError::NotAFile => Self::NotAFile { name, what: "a folder, a device, a socket or a pipe" },
            ReadError::TooLong(limit) => Self::TooLong { name, limit },
            // A part of the path that is a file: there is nothing beneath it.
            ReadError::Io(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
                Self::Missing { name }
            }
            ReadError::Io(error) => Self::Unreadable { name, why: error.to_string() },
        }
    }
}
