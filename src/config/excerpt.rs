//! Excerpts of a config for error messages.
//!
//! What is shown is a line of bounded width (`support::excerpt`) that has every value masked that is, or may be, a
//! secret.

use super::error::Problem;
use super::location::{Extent, Position, Segment};
use super::redact::names_secret;
use crate::support::excerpt::Excerpt;

/// How many characters of a line are shown.
const WIDTH: usize = 120;

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
        let marked = end.clamp(start, length) - start;
        let place = |distance: isize| Position { line, column: (start + 1).saturating_add_signed(distance) };
        // A line may have thousands of them; no more of it is shown than this on either side.
        let (first, last) = (place(-WIDTH.cast_signed()), place(WIDTH.cast_signed()));
        let is_near = |extent: &&Extent| extent.start <= last && first < extent.end;
        let hidden: Vec<&Extent> = self.hidden.iter().filter(is_near).collect();
        let veil = |distance, character| {
            let here = place(distance);
            let is_hidden = hidden.iter().any(|extent| extent.start <= here && here < extent.end);
            if character != ' ' && is_hidden { '*' } else { character }
        };
        let middle = raw.char_indices().nth(start).map_or(raw.len(), |(offset, _)| offset);
        Some(Excerpt::new(line, raw.split_at(middle), marked, WIDTH, veil))
    }
}
