//! The name of a commit. Pure.
//!
//! Invariant: 40 (SHA-1) or 64 (SHA-256) hexadecimal digits in lower case, not all of them zero, by which events say
//! that there is no commit. It does not know whether there is a commit of that name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The full name of a commit: 40 or 64 hexadecimal digits in lower case, not all of them zero.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CommitSha(String);

/// What was given is no full name of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a commit is named by 40 or 64 hexadecimal digits that are not all zero")]
pub struct NotASha;

impl CommitSha {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, for people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..7).unwrap_or(&self.0)
    }
}

impl FromStr for CommitSha {
    type Err = NotASha;

    fn from_str(text: &str) -> Result<Self, NotASha> {
        let digits = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digits && text.bytes().any(|byte| byte != b'0') {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotASha)
        }
    }
}

impl TryFrom<String> for CommitSha {
    type Error = NotASha;

    fn try_from(text: String) -> Result<Self, NotASha> {
        text.parse()
    }
}

impl From<CommitSha> for String {
    fn from(sha: CommitSha) -> Self {
        sha.0
    }
}

impl fmt::Display for CommitSha {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for CommitSha {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_40_or_64_digits_and_is_lower_case() {
        let sha: CommitSha = "0123456789ABCDEF0123456789abcdef01234567".parse().unwrap();
        assert_eq!(sha.as_str(), "0123456789abcdef0123456789abcdef01234567");
        assert_eq!(sha.short(), "0123456");
        assert!("f".repeat(64).parse::<CommitSha>().is_ok());
        for text in
            ["", "0123456", &"f".repeat(41), &"g".repeat(40), &"é".repeat(20), &"0".repeat(40), "HEAD"]
        {
            assert_eq!(text.parse::<CommitSha>(), Err(NotASha), "{text}");
        }
    }

    #[test]
    fn it_is_a_checked_text_in_json() {
        let text = format!("\"{}\"", "a".repeat(40));
        let sha: CommitSha = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&sha).unwrap(), text);
        assert!(serde_json::from_str::<CommitSha>("\"HEAD\"").is_err());
    }
}
