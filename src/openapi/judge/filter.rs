//! Which operations somebody wants to hear of: patterns of paths, of operations, of their ids and tags.
//!
//! Matching takes time in proportion to the pattern times the text, whatever either says.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use crate::openapi::diagnostic::{Diagnostic, Gravity};
use crate::openapi::finding::OperationName;
use crate::openapi::model::Description;
use crate::support::text;

/// How long a pattern may be, in bytes.
const LONGEST: usize = 500;

/// Code of what is said of a pattern that includes no operation.
pub(super) const IDLE: &str = "filter-idle";

/// Operations that count, and operations that do not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only these count; all, where there are none.
    pub include: Vec<Pattern>,
    /// These do not, even where they are included.
    pub exclude: Vec<Pattern>,
}

/// A pattern of operations: `/pets/**`, `GET /pets/*`, `operation:listPets`, `tag:internal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// As somebody wrote it. Foreign text.
    written: String,
    of: Of,
    /// `*` stands for anything within a segment, `**` for anything, `?` for one character within a segment.
    glob: Vec<Piece>,
}

/// What a pattern speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Of {
    /// Paths, with the method in lower case where one is named.
    Path(Option<String>),
    /// `operationId`.
    Id,
    /// A tag.
    Tag,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Character(char),
    /// `?`
    One,
    /// `*`
    Some,
    /// `**`
    Any,
}

/// Why a text is no pattern. Fits "failed to {…}".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAPattern(&'static str);

impl NotAPattern {
    /// What to write instead.
    pub const MEND: &'static str =
        "write paths such as `/internal/**`, operations such as `GET /pets/*`, `operation:ID`, or `tag:NAME`";
}

impl FromStr for Pattern {
    type Err = NotAPattern;

    fn from_str(text: &str) -> Result<Self, NotAPattern> {
        let text = text.trim();
        if text.len() > LONGEST {
            return Err(NotAPattern("the pattern is longer than 500 bytes"));
        }
        let (of, glob) = if let Some(id) = text.strip_prefix("operation:") {
            (Of::Id, id.trim())
        } else if let Some(tag) = text.strip_prefix("tag:") {
            (Of::Tag, tag.trim())
        } else if let Some((method, path)) = text.split_once(' ') {
            if !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
                return Err(NotAPattern("what stands before the space is no method"));
            }
            (Of::Path(Some(method.to_ascii_lowercase())), path.trim())
        } else if text.starts_with(['/', '*']) {
            (Of::Path(None), text)
        } else {
            return Err(NotAPattern("this is no pattern of operations"));
        };
        if glob.is_empty() {
            return Err(NotAPattern("the pattern is empty"));
        }
        Ok(Self { written: text.to_owned(), of, glob: pieces(glob) })
    }
}

fn pieces(glob: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    for character in glob.chars() {
        match (character, pieces.last_mut()) {
            ('*', Some(last @ (Piece::Some | Piece::Any))) => *last = Piece::Any,
            ('*', _) => pieces.push(Piece::Some),
            ('?', _) => pieces.push(Piece::One),
            (character, _) => pieces.push(Piece::Character(character)),
        }
    }
    pieces
}

/// Whether the whole of `text` is what the pieces stand for: which numbers of pieces can have been used up so far.
fn matches(glob: &[Piece], text: &str) -> bool {
    // A star may stand for nothing.
    let skip = |reached: &mut Vec<bool>| {
        for at in 0..glob.len() {
            if reached[at] && matches!(glob[at], Piece::Some | Piece::Any) {
                reached[at + 1] = true;
            }
        }
    };
    let mut reached = vec![false; glob.len() + 1];
    reached[0] = true;
    skip(&mut reached);
    for character in text.chars() {
        let mut next = vec![false; glob.len() + 1];
        for at in (0..glob.len()).filter(|&at| reached[at]) {
            match glob[at] {
                Piece::Character(expected) => next[at + 1] |= expected == character,
                Piece::One => next[at + 1] |= character != '/',
                Piece::Some => next[at] |= character != '/',
                Piece::Any => next[at] = true,
            }
        }
        skip(&mut next);
        if !next.contains(&true) {
            return false;
        }
        reached = next;
    }
    reached[glob.len()]
}

/// What an operation is called beside its path, on each of the sides that have it, the base first.
type Called<'t> = Vec<Names<'t>>;

#[derive(Debug)]
struct Names<'t> {
    id: Option<&'t str>,
    tags: Vec<&'t str>,
}

/// Answers for each operation of a report whether it counts.
pub(in crate::openapi) struct Counting<'f, 't> {
    filter: &'f Filter,
    /// By the operation, whatever the variables of its path are called.
    called: BTreeMap<OperationName, Called<'t>>,
}

/// Which sides say what an operation is called.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// Either.
    Ever,
    /// The base, where that has the operation: a change does not take itself out.
    Before,
}

impl Filter {
    /// Whether it leaves everything as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }

    /// What is to be said of patterns that include operations and meet none of these descriptions: what was meant does
    /// not count, and nobody would see it. A pattern that excludes nothing does no harm.
    pub(super) fn idle(&self, sides: &[&Description<'_>]) -> Vec<Diagnostic> {
        let counting = self.counting(sides);
        let operations: BTreeSet<OperationName> = sides.iter().flat_map(|side| names(side)).collect();
        let is_idle = |pattern: &&Pattern| !operations.iter().any(|it| counting.is(pattern, it, Said::Ever));
        let idle = self.include.iter().filter(|_| !operations.is_empty()).filter(is_idle);
        idle.map(|pattern| Diagnostic {
            code: IDLE.to_owned(),
            level: Gravity::Warn,
            message: format!(
                "`include` has `{}`, and no operation of either side is so called: mend the pattern, or take it out",
                text::line(&pattern.written, LONGEST)
            ),
            location: None,
            pointer: None,
        })
        .collect()
    }

    /// The filter for operations of these descriptions.
    pub(in crate::openapi) fn counting<'f, 't>(&'f self, sides: &[&'f Description<'t>]) -> Counting<'f, 't> {
        let mut called: BTreeMap<OperationName, Called<'t>> = BTreeMap::new();
        let by_name = |pattern: &Pattern| matches!(pattern.of, Of::Id | Of::Tag);
        if self.include.iter().chain(&self.exclude).any(by_name) {
            for side in sides {
                for (operation, name) in side.operations.iter().zip(names(side)) {
                    called.entry(unnamed(&name)).or_default().push(Names {
                        id: operation.operation_id.as_ref().map(|id| id.value),
                        tags: operation.tags.iter().map(|tag| tag.value).collect(),
                    });
                }
            }
        }
        Counting { filter: self, called }
    }
}

/// What the operations of a description are called, in their order.
fn names(side: &Description<'_>) -> impl Iterator<Item = OperationName> {
    side.operations.iter().map(|operation| {
        let item = &side.paths[operation.path as usize];
        OperationName { kind: item.kind, method: operation.method.to_owned(), path: item.path.to_owned() }
    })
}

/// The operation without the names of the variables in its path, which may differ between the sides.
fn unnamed(operation: &OperationName) -> OperationName {
    let mut path = String::with_capacity(operation.path.len());
    for (at, part) in operation.path.split('{').enumerate() {
        if at > 0 {
            path.push('{');
        }
        path.push_str(part.find('}').filter(|_| at > 0).map_or(part, |end| &part[end..]));
    }
    OperationName { path, ..operation.clone() }
}

impl Counting<'_, '_> {
    /// Whether somebody wants to hear of `operation`.
    pub(in crate::openapi) fn counts(&self, operation: &OperationName) -> bool {
        let Filter { include, exclude } = self.filter;
        let any =
            |patterns: &[Pattern], said| patterns.iter().any(|pattern| self.is(pattern, operation, said));
        (include.is_empty() || any(include, Said::Ever)) && !any(exclude, Said::Before)
    }

    fn is(&self, pattern: &Pattern, operation: &OperationName, said: Said) -> bool {
        let called = |is: &dyn Fn(&Names<'_>) -> bool| {
            let all = self.called.get(&unnamed(operation)).map_or(&[][..], Vec::as_slice);
            let until = match said {
                Said::Ever => all.len(),
                Said::Before => all.len().min(1),
            };
            all[..until].iter().any(is)
        };
        match &pattern.of {
            Of::Path(method) => {
                method.as_ref().is_none_or(|method| operation.method.eq_ignore_ascii_case(method))
                    && matches(&pattern.glob, &operation.path)
            }
            Of::Id => called(&|names| names.id.is_some_and(|id| matches(&pattern.glob, id))),
            Of::Tag => called(&|names| names.tags.iter().any(|tag| matches(&pattern.glob, tag))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::finding::OperationKind;

    fn counts(pattern: &str, method: &str, path: &str) -> bool {
        let filter = Filter { include: vec![pattern.parse().unwrap()], ..Filter::default() };
        let operation =
            OperationName { kind: OperationKind::Operation, method: method.into(), path: path.into() };
        filter.counting(&[]).counts(&operation)
    }

    #[test]
    fn stars_stand_for_what_they_stand_for() {
        for (pattern, path, expected) in [
            ("/pets", "/pets", true),
            ("/pets", "/pets/{id}", false),
            ("/pets/*", "/pets/{id}", true),
            ("/pets/*", "/pets/", true),
            ("/pets/*", "/pets/{id}/toys", false),
            ("/pets/**", "/pets/{id}/toys", true),
            ("/pets/**", "/pets", false),
            ("**/toys", "/pets/{id}/toys", true),
            ("/p?ts", "/pats", true),
            ("/p?ts", "/p/ts", false),
            ("/{id}", "/{id}", true),
            ("**", "", true),
            ("/a*b*c", "/abbbc", true),
            ("/a*b*c", "/abbb", false),
            ("get /pets", "/pets", true),
            ("POST /pets", "/pets", false),
            ("GET newPet", "newPet", true),
        ] {
            assert_eq!(counts(pattern, "get", path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_so() {
        let wrong = ["", "pets", "operation:", "tag: ", "GET  ", "a:b /pets", &"/".repeat(501)];
        let told = wrong.map(|text| text.parse::<Pattern>().map_err(|error| error.to_string()));
        for (text, told) in wrong.iter().zip(told) {
            assert!(told.is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_made_to_take_long_takes_no_longer() {
        let pattern = format!("/{}b", "*a".repeat(200));
        assert!(!counts(&pattern, "get", &format!("/{}", "a".repeat(20_000))));
    }
}
