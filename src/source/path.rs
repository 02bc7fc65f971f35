//! Paths within a tree. Pure.
//!
//! Invariant: relative, `/` between the parts, no empty part, no `.` or `..`, no control character, and nothing of
//! Git's own administration (`.git`), where checkouts keep credentials.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::limits;
use crate::support::text;

/// A path relative to the root of a tree, with `/` between folders.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepoPath(String);

/// Why a text is no path within a tree. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("use the path {:?}: {fault}", text::line(path, 200))]
pub struct PathError {
    path: String,
    fault: &'static str,
}

impl PathError {
    fn new(path: &str, fault: &'static str) -> Self {
        Self { path: path.chars().take(400).collect(), fault }
    }
}

impl PathError {
    /// What is wrong with the path, without the path.
    #[must_use]
    pub fn fault(&self) -> &'static str {
        self.fault
    }
}

const OUT: &str = "it leads out of the root; name a file beneath it";

impl RepoPath {
    /// The path that `text` is, as it stands.
    ///
    /// # Errors
    /// Refuses what the invariant of this module excludes.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let refuse = |fault| Err(PathError::new(text, fault));
        if text.is_empty() {
            return refuse("it is empty; name a file");
        }
        if text.len() > limits::PATH {
            return refuse("it is longer than 4,096 bytes");
        }
        if text.starts_with('/') {
            return refuse("it is absolute; write it relative to the root");
        }
        if text.chars().any(char::is_control) {
            return refuse("it has control characters");
        }
        for part in text.split('/') {
            match part {
                ".." => return refuse(OUT),
                "" | "." => return refuse("it has an empty part or `.`; leave those out"),
                part if part.eq_ignore_ascii_case(".git") => {
                    return refuse("nothing of Git's administration is read");
                }
                _ => {}
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// The path that a person wrote: as [`RepoPath::new`], but `./`, doubled `/` and `a/../` are taken out.
    ///
    /// # Errors
    /// Refuses what leads out of the root.
    pub fn written(text: &str) -> Result<Self, PathError> {
        if text.starts_with('/') {
            return Self::new(text);
        }
        Self::resolved("", text)
    }

    /// The path that `reference` names as seen from this file, as a relative reference in a description does.
    ///
    /// # Errors
    /// Refuses what leads out of the root.
    pub fn join(&self, reference: &str) -> Result<Self, PathError> {
        if reference.starts_with('/') {
            return Self::new(reference);
        }
        Self::resolved(self.folder(), reference)
    }

    fn resolved(folder: &str, reference: &str) -> Result<Self, PathError> {
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        for part in reference.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| PathError::new(reference, OUT))?;
                }
                part => parts.push(part),
            }
        }
        Self::new(&parts.join("/"))
    }

    /// The path of this file as seen from a folder above the root.
    #[must_use]
    pub fn beneath(&self, folder: Option<&Self>) -> Self {
        folder.map_or_else(|| self.clone(), |folder| Self(format!("{folder}/{self}")))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }

    /// Everything before the last part; empty at the root.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The parts in order.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }
}

impl AsRef<std::path::Path> for RepoPath {
    fn as_ref(&self) -> &std::path::Path {
        self.0.as_ref()
    }
}

impl FromStr for RepoPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::new(text)
    }
}

impl TryFrom<String> for RepoPath {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Self::new(&text)
    }
}

impl From<RepoPath> for String {
    fn from(path: RepoPath) -> Self {
        path.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_could_leave_the_tree_or_hide_in_it_is_no_path() {
        let refusals =
            ["", "/etc/passwd", "a/../b", "..", "./a", "a//b", "a/", "a\nb", ".git/config", "a/.GIT/config"]
                .map(|text| RepoPath::new(text).unwrap_err().to_string());
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        use the path "": it is empty; name a file
        use the path "/etc/passwd": it is absolute; write it relative to the root
        use the path "a/../b": it leads out of the root; name a file beneath it
        use the path "..": it leads out of the root; name a file beneath it
        use the path "./a": it has an empty part or `.`; leave those out
        use the path "a//b": it has an empty part or `.`; leave those out
        use the path "a/": it has an empty part or `.`; leave those out
        use the path "a b": it has control characters
        use the path ".git/config": nothing of Git's administration is read
        use the path "a/.GIT/config": nothing of Git's administration is read
        "#);
        assert!(RepoPath::new(&"a/".repeat(5_000)).is_err());
        assert!(RepoPath::new(".github/openapi.yaml").is_ok());
    }

    #[test]
    fn a_reference_is_seen_from_the_folder_of_its_file() {
        let file = RepoPath::new("api/v1/openapi.yaml").unwrap();
        let joined =
            |reference: &str| file.join(reference).map(String::from).map_err(|error| error.to_string());
        assert_eq!(joined("schemas/pet.yaml"), Ok("api/v1/schemas/pet.yaml".into()));
        assert_eq!(joined("./../common.yaml"), Ok("api/common.yaml".into()));
        assert_eq!(joined("../../x.yaml"), Ok("x.yaml".into()));
        for out in ["../../../x.yaml", "/etc/passwd", "../../.git/config", "..//..//.."] {
            assert!(joined(out).is_err(), "{out}");
        }
        assert_eq!(RepoPath::written("./a/./b//c/../d.yaml").unwrap().as_str(), "a/b/d.yaml");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn no_reference_leads_out(reference in "[./a\\\\ g:it]{0,24}") {
            let file = RepoPath::new("a/b.yaml").unwrap();
            if let Ok(path) = file.join(&reference) {
                prop_assert!(path.parts().all(|part| !part.is_empty() && part != ".." && part != "."));
                prop_assert_eq!(RepoPath::new(path.as_str()).unwrap(), path);
            }
        }
    }
}
