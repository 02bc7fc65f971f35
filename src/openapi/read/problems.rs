//! Diagnostics while they are found: by offset, without the cost of lines and of texts that nobody will see.

use super::limits::{MAX_DIAGNOSTICS, SHOWN};
use crate::openapi::diagnostic::{Diagnostic, Gravity, Location};
use crate::openapi::tree::Lines;

/// What was found so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Problems {
    kept: Vec<Problem>,
    more: usize,
    gravest: Option<Gravity>,
}

#[derive(Debug, Clone)]
struct Problem {
    code: &'static str,
    level: Gravity,
    at: usize,
    message: String,
    /// What the message ends with the line of.
    other: Option<(&'static str, usize)>,
}

impl Problems {
    /// Something that is ambiguous or ignored.
    pub(super) fn warn(&mut self, code: &'static str, at: usize, message: impl FnOnce() -> String) {
        self.add(code, Gravity::Warn, at, None, message);
    }

    /// Something that could not be read.
    pub(super) fn error(&mut self, code: &'static str, at: usize, message: impl FnOnce() -> String) {
        self.add(code, Gravity::Error, at, None, message);
    }

    /// As the others, with a second place: its line stands behind `words` at the end of the message.
    pub(super) fn add(
        &mut self,
        code: &'static str,
        level: Gravity,
        at: usize,
        other: Option<(&'static str, usize)>,
        message: impl FnOnce() -> String,
    ) {
        if self.kept.len() < MAX_DIAGNOSTICS {
            self.kept.push(Problem { code, level, at, message: message(), other });
        } else {
            self.more += 1;
            // `Error` is the lesser variant.
            self.gravest = Some(self.gravest.map_or(level, |gravest| gravest.min(level)));
        }
    }

    /// Whether nothing was found.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// How many were found.
    pub(super) fn count(&self) -> usize {
        self.kept.len() + self.more
    }

    /// The diagnostics in the order of the file.
    pub(super) fn finish(mut self, name: &str, source: &str) -> Vec<Diagnostic> {
        if self.kept.is_empty() {
            return Vec::new();
        }
        let lines = Lines::of(source);
        let narrow = |wide: usize| u32::try_from(wide).unwrap_or(u32::MAX);
        self.kept.sort_by_key(|problem| problem.at);
        let mut found: Vec<Diagnostic> = self
            .kept
            .into_iter()
            .map(|problem| {
                let mut message = problem.message;
                if let Some((words, at)) = problem.other {
                    let line = lines.position(narrow(at)).line;
                    message.push_str(words);
                    message.push(' ');
                    message.push_str(&line.to_string());
                }
                Diagnostic {
                    code: problem.code.to_owned(),
                    level: problem.level,
                    message,
                    location: Some(Location::new(name, lines.position(narrow(problem.at)))),
                    pointer: None,
                }
            })
            .collect();
        if let Some(level) = self.gravest {
            let (more, kept) = (self.more, found.len());
            found.push(Diagnostic {
                code: "more-diagnostics".to_owned(),
                level,
                message: format!("{more} more problems of this file are not listed: mend the first {kept}"),
                location: found.last().and_then(|last| last.location.clone()),
                pointer: None,
            });
        }
        found
    }
}

/// A foreign text as a message quotes it: its beginning.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
