//! What is wrong with a config, and how a person is told.
//!
//! A [`Problem`] is what the passes over a config find; [`ConfigErrors`] is what leaves the room: each problem
//! with its place, an excerpt and the mend. The excerpt never shows a value that is, or may be, a secret.

use std::fmt::{self, Write as _};

use super::excerpt::Source;
use super::location::{Extent, Location, Path};
use crate::support::excerpt::Excerpt;
use crate::support::text;

/// How many problems are looked for: somebody who mends the first hundred asks again.
pub(super) const MOST: usize = 100;

/// How many errors are shown at most.
const SHOWN: usize = 20;

/// Something wrong with a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub mend: Option<String>,
    /// Where it is; none where the file itself is the problem.
    pub at: Option<Extent>,
    /// The keys that lead there.
    pub path: Path,
}

impl Problem {
    /// A problem at a place in the file.
    #[must_use]
    pub fn new(at: Extent, path: Path, message: impl Into<String>) -> Self {
        Self { message: message.into(), mend: None, at: Some(at), path }
    }

    /// The problem with what to do about it.
    #[must_use]
    pub fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = Some(mend.into());
        self
    }
}

/// A problem with everything that a person needs to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do about it.
    pub mend: Option<String>,
    /// Where it is; none where the file itself is the problem.
    pub location: Option<Location>,
    /// The keys that lead there, such as `services.web-api.canary.steps[1].weight`; empty at the root.
    pub path: String,
    excerpt: Option<Excerpt>,
}

/// Everything found wrong with a config; never empty.
///
/// Its text is safe to show, starts with the first message, and separates further ones by an empty line and
/// `error: `, so that it reads well behind a leading `error: `.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors {
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// An error about the file itself.
    #[must_use]
    pub fn of_file(message: impl Into<String>, mend: Option<String>) -> Self {
        let error =
            ConfigError { message: message.into(), mend, location: None, path: String::new(), excerpt: None };
        Self { errors: vec![error] }
    }

    /// Errors that were found where the file itself is no more at hand: place, message and mend of each.
    #[must_use]
    pub fn of_places(found: Vec<(Option<Location>, String, Option<String>)>) -> Self {
        let error = |(location, message, mend)| ConfigError {
            message,
            mend,
            location,
            path: String::new(),
            excerpt: None,
        };
        Self { errors: found.into_iter().map(error).collect() }
    }

    /// The problems in the order of their places, each once.
    pub(super) fn new(source: &Source, mut problems: Vec<Problem>) -> Self {
        problems.sort_by(|a, b| (a.at, &a.message, &a.path).cmp(&(b.at, &b.message, &b.path)));
        problems.dedup();
        problems.truncate(MOST);
        let errors = problems
            .into_iter()
            .map(|problem| ConfigError {
                location: problem
                    .at
                    .map(|at| Location { file: source.file().to_owned(), position: at.start }),
                excerpt: problem.at.and_then(|at| source.excerpt(at)),
                path: problem.path.to_string(),
                message: problem.message,
                mend: problem.mend,
            })
            .collect();
        Self { errors }
    }

    /// The errors.
    #[must_use]
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }
}

impl std::error::Error for ConfigErrors {}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, error) in self.errors.iter().take(SHOWN).enumerate() {
            if at > 0 {
                f.write_str("\n\nerror: ")?;
            }
            error.fmt(f)?;
        }
        match self.errors.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n\nerror: {more} more errors are not shown"),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::line(&self.message, text::SHOWN))?;
        let gutter = self.excerpt.as_ref().map_or(1, Excerpt::gutter);
        let margin = " ".repeat(gutter);
        if let Some(location) = &self.location {
            let place = text::line(&location.file, text::SHOWN);
            write!(f, "\n{margin}--> {place}:{}:{}", location.position.line, location.position.column)?;
            if !self.path.is_empty() {
                write!(f, " ({})", text::line(&self.path, 200))?;
            }
        }
        if let Some(excerpt) = &self.excerpt {
            write!(f, "\n{excerpt}")?;
        }
        if let Some(mend) = &self.mend {
            let mut lines = mend.lines();
            write!(f, "\n{margin} = help: {}", text::line(lines.next().unwrap_or_default(), text::SHOWN))?;
            for line in lines {
                let mut shown = String::new();
                write!(shown, "\n{margin}   {line}")?;
                write!(f, "\n{}", text::error_line(&shown[1..]))?;
            }
        }
        Ok(())
    }
}
