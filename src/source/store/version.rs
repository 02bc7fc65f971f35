//! The version that a description is published under. Pure.
//!
//! Invariant: it is one part of a file's name on every system and in every store, and never the name of the index.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::source::limits;
use crate::support::text;

/// The name of the index beside the versions, without its extension.
pub(super) const INDEX: &str = "index";

/// A version, such as `1.4.0` or `2026-11-21`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

/// Why a text is no version to publish under. Fits "failed to {…}".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("publish under the version {:?}: {fault}; give another one with `--as`", text::line(version, 60))]
pub struct NotAVersion {
    version: String,
    fault: &'static str,
}

impl Version {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The version in the order of Semantic Versioning 2.0.0; none where it is none. A leading `v` does not count, and
    /// parts that are left out are 0, as in `1.4`.
    #[must_use]
    pub fn semantic(&self) -> Option<Semantic> {
        Semantic::of(&self.0)
    }
}

impl FromStr for Version {
    type Err = NotAVersion;

    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let refuse = |fault| Err(NotAVersion { version: text.chars().take(120).collect(), fault });
        if text.is_empty() {
            return refuse("it is empty");
        }
        if text.len() > limits::VERSION {
            return refuse("it is longer than 100 characters");
        }
        if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            return refuse("it does not begin with a letter or a digit");
        }
        let is_plain = |character: char| character.is_ascii_alphanumeric() || ".+-_".contains(character);
        if !text.chars().all(is_plain) {
            return refuse("it has other characters than letters, digits, `.`, `+`, `-` and `_`");
        }
        if text.eq_ignore_ascii_case(INDEX) {
            return refuse("that is the name of the list of versions");
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Version {
    type Error = String;

    /// As a list of versions has it.
    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|NotAVersion { version, fault }| {
            format!("the version {:?} is none: {fault}", text::line(&version, 60))
        })
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.0
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The precedence of a semantic version. What stands after a `+` does not count.
#[derive(Debug, Clone)]
pub struct Semantic(semver::Version);

impl Semantic {
    /// What `text` says, see [`Version::semantic`].
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let ends = text.find(['-', '+']).unwrap_or(text.len());
        let (numbers, rest) = text.split_at(ends);
        let missing = 2_usize.checked_sub(numbers.matches('.').count())?;
        let whole = format!("{numbers}{}{rest}", ".0".repeat(missing));
        // `2026-11-21` is a day, not version 2026 before its release; a part that is left out ends the numbers.
        if missing > 0 && rest.starts_with('-') {
            return None;
        }
        semver::Version::parse(&whole).ok().map(Self)
    }
}

impl PartialEq for Semantic {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Semantic {}

impl PartialOrd for Semantic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Semantic {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp_precedence(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_one_plain_part_of_a_name() {
        for version in ["1.0.0", "1.0.0-rc.1+build.7", "v2", "2026-11-21", "r_7", "1..2", &"9".repeat(100)] {
            assert_eq!(version.parse::<Version>().unwrap().as_str(), version);
        }
        let refused =
            ["", "1/2", "..", "../1", ".1", "-rf", "1 2", "1\n2", "ünf", "index", "INDEX", &"9".repeat(101)];
        let told = refused.map(|version| version.parse::<Version>().unwrap_err().to_string());
        insta::assert_snapshot!(told.join("\n"), @r#"
        publish under the version "": it is empty; give another one with `--as`
        publish under the version "1/2": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
        publish under the version "..": it does not begin with a letter or a digit; give another one with `--as`
        publish under the version "../1": it does not begin with a letter or a digit; give another one with `--as`
        publish under the version ".1": it does not begin with a letter or a digit; give another one with `--as`
        publish under the version "-rf": it does not begin with a letter or a digit; give another one with `--as`
        publish under the version "1 2": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
        publish under the version "1 2": it has other characters than letters, digits, `.`, `+`, `-` and `_`; give another one with `--as`
        publish under the version "ünf": it does not begin with a letter or a digit; give another one with `--as`
        publish under the version "index": that is the name of the list of versions; give another one with `--as`
        publish under the version "INDEX": that is the name of the list of versions; give another one with `--as`
        publish under the version "999999999999999999999999999999999999999999999999999999999999…": it is longer than 100 characters; give another one with `--as`
        "#);
    }

    #[test]
    fn versions_have_the_order_of_semantic_versioning() {
        // The chain of §11.4.4 of the specification, with versions of fewer parts between.
        let chain = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "v1",
            "1.0.1",
            "1.2",
            "1.10.0",
            "v2.0.0",
        ];
        let all: Vec<Semantic> = chain.iter().map(|version| Semantic::of(version).unwrap()).collect();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
        assert_eq!(Semantic::of("1.0.0+a"), Semantic::of("1+b"));
        for other in ["2026-11-21", "1.2.3.4", "x", "01.0.0", "latest", "1.", "v", ""] {
            assert_eq!(Semantic::of(other), None, "{other}");
        }
    }
}
