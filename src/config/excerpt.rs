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

    /// Masks what may be a secret in a text that is no tree: of the lines that the problems stand on, the given
    /// one, those beneath a key that names a secret, and those that name one or have a URL that may carry one.
    pub fn hide_suspicious(&mut self, line: Option<usize>, problems: &[Problem]) {
        let names = |segment: &Segment| matches!(segment, Segment::Key(key) if names_secret(key));
        let suspicious =
            |text: &str| names_secret(text) || (text.contains("://") && text.contains(['@', '?']));
        for problem in problems {
            let Some(number) = problem.at.map(|at| at.start.line) else { continue };
            let text = self.lines.get(number.saturating_sub(1)).map_or("", String::as_str);
            if line == Some(number) || problem.path.0.iter().any(names) || suspicious(text) {
                let start = Position { line: number, column: 1 };
                self.hidden.push(Extent { start, end: Position { line: number, column: usize::MAX } });
            }
        }
    }

    /// The line that `at` starts on, with a mark under it; none where nothing stands on it.
    #[must_use]
    pub fn excerpt(&self, at: Extent) -> Option<Excerpt> {
        let line = at.start.line;
        let raw = self.lines.get(line.saturating_sub(1)).filter(|raw| !raw.trim().is_empty())?;
        let length = raw.chars().count();
        let start = at.start.column.saturating_sub(1).min(length);
        let end = if at.end.line == line { at.end.column.saturating_sub(1) } else { length };
        let end = end.clamp(start, length);
        let first = start.saturating_sub(LEAD);
        let last = length.min(first + WIDTH);

        let place = |index: usize| Position { line, column: index + 1 };
        let is_near = |extent: &&Extent| extent.start <= place(last) && place(first) < extent.end;
        let hidden: Vec<&Extent> = self.hidden.iter().filter(is_near).collect();
        let masked = raw.chars().enumerate().skip(first).take(last - first).map(|(index, character)| {
            let here = place(index);
            let is_hidden = hidden.iter().any(|extent| extent.start <= here && here < extent.end);
            if character != ' ' && is_hidden { '*' } else { character }
        });
        let masked: Vec<char> = masked.collect();
        let cut = |from: usize, to: usize| -> String {
            let ellipsis = if first > 0 { "…" } else { "" };
            ellipsis.chars().chain(masked[from - first..to - first].iter().copied()).collect()
        };
        let mut shown = text::error_line(&cut(first, last));
        if last < length {
            shown.push('…');
        }
        let lead = shown_length(&cut(first, start), masked.get(start - first).copied());
        let pointed_at: String = masked[start - first..end.min(last) - first].iter().collect();
        let marks = shown_length(&format!("x{}", pointed_at.trim_end()), None).saturating_sub(1).max(1);
        Some(Excerpt { line, shown, lead, marks })
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
        writeln!(f, "{margin} |")?;
        writeln!(f, "{} | {}", self.line, self.shown)?;
        write!(f, "{margin} | {}{}", " ".repeat(self.lead), "^".repeat(self.marks))
    }
}
