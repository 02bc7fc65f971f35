//! The last released version by the tags of a repository: which of the names that fit a pattern is the highest. Pure but
//! for asking the places that have tags.

use std::fmt;
use std::str::FromStr;

use super::store::Semantic;
use super::{ApiError, BaseError, CommitSha, GitError, Places, limits};
use crate::support::text;

/// Which tags are releases: a name in which `*` stands for a semantic version, such as `v*` or `web-api/v*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    after: String,
}

/// Why a text is no pattern of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAPattern(&'static str);

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Self, NotAPattern> {
        let is_plain = |text: &str| {
            text.chars().all(|character| {
                !character.is_control() && !character.is_whitespace() && !"~^:?[\\*@{".contains(character)
            })
        };
        let Some((before, after)) = text.split_once('*') else {
            return Err(NotAPattern("a pattern of tags without `*`, which stands for the version"));
        };
        if text.len() > limits::REVISION || !is_plain(before) || !is_plain(after) || text.contains("..") {
            return Err(NotAPattern(
                "no tag has a name of this pattern, in which one `*` stands for the version",
            ));
        }
        Ok(Self { before: before.to_owned(), after: after.to_owned() })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}*{}", self.before, self.after)
    }
}

impl Pattern {
    /// The version that a tag of this name releases; none where it is no release.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<Semantic> {
        let version = name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        // `v*` is not the pattern of `vv1.0.0`, but `*` is that of `v1.0.0`.
        if version.starts_with('v') && !self.before.is_empty() && !self.before.ends_with('/') {
            return None;
        }
        Semantic::of(version)
    }

    /// The highest of these names; of several that are equal, the last by name.
    #[must_use]
    pub fn highest<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
        let ranked = names.into_iter().filter_map(|name| Some((self.version(name)?, name)));
        ranked.max().map(|(_, name)| name)
    }

    /// The tag of the highest version in the clone, or, where that was cut off or has none, at the API; none where no tag
    /// fits.
    ///
    /// # Errors
    /// A clone that was cut off without an API to ask is an error: it may lack the tag.
    pub async fn last(&self, places: &Places) -> Result<Option<(String, CommitSha)>, BaseError> {
        let mut is_whole = false;
        if let Some(repository) = &places.repository {
            is_whole = !repository.is_shallow().await?;
            let tags = repository.tags(&self.before).await?;
            let highest = self.highest(tags.iter().map(|tag| tag.name.as_str()));
            if let Some(tag) = highest.and_then(|name| tags.iter().find(|tag| tag.name == name))
                && is_whole
            {
                return Ok(Some((tag.name.clone(), tag.commit.clone())));
            }
        }
        let what = || format!("the last tag of the form {}", text::line(&self.to_string(), 100));
        let Some(api) = &places.api else {
            return if is_whole { Ok(None) } else { Err(self.cut_off(&what(), places)) };
        };
        let failed = |error: ApiError| BaseError::OutOfReach {
            what: what(),
            local: "the clone does not have it for sure".to_owned(),
            api: Some(error),
        };
        let names = api.tags(&self.before).await.map_err(failed)?;
        let Some(name) = self.highest(names.iter().map(String::as_str)) else { return Ok(None) };
        let commit = api.resolve(&format!("tags/{name}")).await.map_err(failed)?;
        Ok(Some((name.to_owned(), commit)))
    }

    fn cut_off(&self, what: &str, places: &Places) -> BaseError {
        let local = match &places.repository {
            Some(_) => format!(
                "this clone is cut off and may lack tags such as {}; fetch them all (`fetch-depth: 0` on actions/checkout)",
                text::line(&self.to_string(), 100)
            ),
            None => GitError::NotARepository(text::line(&places.root.to_string_lossy(), 300)).to_string(),
        };
        BaseError::OutOfReach { what: what.to_owned(), local, api: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn highest(pattern: &str, names: &[&str]) -> String {
        pattern.parse::<Pattern>().unwrap().highest(names.iter().copied()).unwrap_or("none").to_owned()
    }

    #[test]
    fn the_highest_version_of_the_pattern_is_the_last_release() {
        let tags = [
            "v1.9.0",
            "v1.10.0",
            "v2.0.0-rc.1",
            "nightly",
            "web/v3.0.0",
            "v1.10.0+meta",
            "vv9.0.0",
            "1.11.0",
        ];
        assert_eq!(highest("v*", &tags), "v2.0.0-rc.1");
        assert_eq!(highest("v1.*", &["v1.9.0", "v1.10.0", "v2.0.0"]), "v1.10.0");
        assert_eq!(highest("web/v*", &tags), "web/v3.0.0");
        assert_eq!(highest("*", &tags), "v2.0.0-rc.1");
        assert_eq!(highest("pay/*", &tags), "none");
        assert_eq!(highest("api-*-final", &["api-1.0.0-final", "api-2.0.0"]), "api-1.0.0-final");
    }

    #[test]
    fn a_pattern_has_one_star_and_fits_names_of_tags() {
        for text in ["", "v1.0.0", "v**", "v *", "v*:x", "a..*", "-\u{7}*", "v[0-9]*"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
