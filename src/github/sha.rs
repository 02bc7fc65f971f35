//! The name of a commit. Pure.

use std::fmt;
use std::str::FromStr;

use crate::support::text;

/// The full name of a commit: 40 or 64 hexadecimal digits in lower case, not all of them zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommitSha(String);

/// A text that names no commit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no full commit name of 40 or 64 hexadecimal digits in lower case")]
pub struct NotACommit(String);

impl CommitSha {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommitSha {
    type Err = NotACommit;

    fn from_str(text: &str) -> Result<Self, NotACommit> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        let zero = text.bytes().all(|byte| byte == b'0');
        if matches!(text.len(), 40 | 64) && digits && !zero {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotACommit(text::line(text, 80)))
        }
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CommitSha {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
