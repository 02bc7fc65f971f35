//! Excerpts of a config for error messages.
//!
//! What is shown has passed `support::text`, is at most [`WIDTH`] characters of one line, and has every value
//! masked that is, or may be, a secret.

use std::fmt;

use super::error::Problem;
use super::location::{Extent, Position, Segment};
use super::redact::names_secret;
use crate::support::text;

/// How many characters of a line are shown.
const WIDTH: usize = 120;

/// How many of them may stand before what the error points at.
const LEAD: usize = 70;

/// The text of a config by lines, with the places of values that must not be shown.
#[derive(Debug)]
pub struct Source {
    file: String,
    lines: Vec<String>,
    hidden: Vec<Extent>,
}

impl Source {
    /// The text of `file`. Lines end where YAML ends them: at CR LF, LF and CR.
    #[must_use]
    pub fn new(file: &str, text: &str) -> Self {
        let lines = text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect();
        Self { file: file.to_owned(), lines, hidden: Vec::new() }
    }

    /// The file as the user named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Masks these places in every excerpt from now on.
    pub fn hide(&mut self, hidden: Vec<Extent>) {
        self.hidden = hidden;
    }

    /// Masks what may be a secret in a text that is no tree: the given line, the lines of problems beneath a
    /// key that names a secret, and every line that names one or has a URL with user information.
    pub fn hide_suspicious(&mut self, line: Option<usize>, problems: &[Problem]) {
        let secret_keys = |problem: &&Problem| {
            problem.path.0.iter().any(|segment| matches!(segment, Segment::Key(key) if names_secret(key)))
        };
        let mut lines: Vec<usize> = line.into_iter().collect();
        lines.extend(problems.iter().filter(secret_keys).filter_map(|problem| Some(problem.at?.start.line)));
        let suspicious =
            |text: &str| names_secret(text) || (text.contains("://") && text.contains(['@', '?']));
        let named = self.lines.iter().enumerate().filter(|(_, text)| suspicious(text));
        lines.extend(named.map(|(at, _)| at + 1));
        self.hidden = lines
            .into_iter()
            .map(|line| Extent {
                start: Position { line, column: 1 },
                end: Position { line, column: usize::MAX },
            })
            .collect();
    }

    /// The line that `at` starts on, with a mark under it.
    #[must_use]
    pub fn excerpt(&self, at: Extent) -> Excerpt {
        let line = at.start.line;
        let raw = self.lines.get(line.saturating_sub(1)).map_or("", String::as_str);
        let masked: Vec<char> = raw
            .chars()
            .enumerate()
            .map(|(index, character)| {
                let here = Position { line, column: index + 1 };
                if character != ' '
                    && self.hidden.iter().any(|extent| extent.start <= here && here < extent.end)
                {
                    '*'
                } else {
                    character
                }
            })
            .collect();
        let start = at.start.column.saturating_sub(1).min(masked.len());
        let end = if at.end.line == line { at.end.column.saturating_sub(1) } else { masked.len() };
        let end = end.clamp(start, masked.len());

        let first = start.saturating_sub(LEAD);
        let last = masked.len().min(first + WIDTH);
        let cut = |from: usize, to: usize| -> String {
            let ellipsis = if first > 0 { "…" } else { "" };
            ellipsis.chars().chain(masked[from..to].iter().copied()).collect()
        };
        let mut shown = text::error_line(&cut(first, last));
        if last < masked.len() {
            shown.push('…');
        }
        let lead = shown_length(&cut(first, start), masked.get(start).copied());
        let pointed_at: String = masked[start..end.min(last)].iter().collect();
        let marks = shown_length(&format!("x{}", pointed_at.trim_end()), None).saturating_sub(1).max(1);
        Excerpt { line, shown, lead, marks }
    }
}

/// How many characters of the shown form come before the one that follows `prefix`.
fn shown_length(prefix: &str, next: Option<char>) -> usize {
    let next = next.filter(char::is_ascii_punctuation).unwrap_or('x');
    text::error_line(&format!("{prefix}{next}")).chars().count().saturating_sub(1)
}

/// One line of a file with a mark under a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    line: usize,
    shown: String,
    lead: usize,
    marks: usize,
}

impl Excerpt {
    /// Width of the line number.
    #[must_use]
    pub fn gutter(&self) -> usize {
        self.line.to_string().len()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let margin = " ".repeat(self.gutter());
        let shown = if self.shown.is_empty() { String::new() } else { format!(" {}", self.shown) };
        writeln!(f, "{margin} |")?;
        writeln!(f, "{} |{shown}", self.line)?;
        write!(f, "{margin} | {}{}", " ".repeat(self.lead), "^".repeat(self.marks))
    }
}
