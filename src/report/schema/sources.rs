//! The lines of both descriptions that a report quotes, and the lines that remain where something was removed.

use super::place::{in_file, tokens};
use crate::openapi::finding::{Finding, Location};
use crate::openapi::tree::{Kind, Lines, Tree};
use crate::support::excerpt::Excerpt;

/// A column beyond this counts bytes and not characters (`Lines::position`).
const IN_CHARACTERS: usize = 64 * 1024;

/// Longest mark under a line.
const MARK: usize = 80;

/// The files of both sides. Empty where there are none to quote.
#[derive(Debug, Default)]
pub struct Sources<'t> {
    base: Vec<File<'t>>,
    revision: Vec<File<'t>>,
}

#[derive(Debug)]
struct File<'t> {
    tree: &'t Tree,
    lines: Lines<'t>,
}

impl<'t> Sources<'t> {
    /// The files of both sides, the description itself first.
    #[must_use]
    pub fn of(
        base: impl IntoIterator<Item = &'t Tree>,
        revision: impl IntoIterator<Item = &'t Tree>,
    ) -> Self {
        let file = |tree: &'t Tree| File { tree, lines: Lines::of(tree.source()) };
        Self {
            base: base.into_iter().map(file).collect(),
            revision: revision.into_iter().map(file).collect(),
        }
    }

    /// The line of the base that a finding speaks of.
    #[must_use]
    pub fn of_base(&self, finding: &Finding, width: usize) -> Option<Excerpt> {
        excerpt(&self.base, finding.base_location.as_ref()?, width)
    }

    /// The line of the revision that a finding speaks of.
    #[must_use]
    pub fn of_revision(&self, finding: &Finding, width: usize) -> Option<Excerpt> {
        excerpt(&self.revision, finding.revision_location.as_ref()?, width)
    }

    /// The line of a place of either side; none where both have a file of that name and differ there.
    #[must_use]
    pub fn of_either(&self, location: &Location, width: usize) -> Option<Excerpt> {
        let both = [&self.base, &self.revision].map(|files| excerpt(files, location, width));
        match both {
            [Some(base), Some(revision)] => (base == revision).then_some(revision),
            [base, revision] => revision.or(base),
        }
    }

    /// Where the revision has what a finding speaks of; for what was removed the nearest part around it that remains.
    /// None where there is no revision.
    #[must_use]
    pub fn nearest(&self, finding: &Finding) -> Option<Location> {
        if let Some(location) = &finding.revision_location {
            return Some(location.clone());
        }
        let (path, pointer) = in_file(&finding.subject);
        let Some(file) = self.revision.iter().find(|file| file.tree.path() == path) else {
            // The file itself is gone, or nothing refers to it any more.
            let main = self.revision.first()?;
            return Some(Location::new(main.tree.name(), main.lines.position(main.tree.root()?.at())));
        };
        let mut node = file.tree.root()?;
        let mut at = node.at();
        // The items of a sequence move when one is removed: an index of the base says nothing in the revision.
        for token in tokens(pointer) {
            if node.kind() != Kind::Mapping {
                break;
            }
            let Some(member) = node.members().find(|member| member.key == token) else { break };
            (node, at) = (member.value, member.at);
        }
        Some(Location::new(file.tree.name(), file.lines.position(at)))
    }
}

fn excerpt(files: &[File<'_>], location: &Location, width: usize) -> Option<Excerpt> {
    let file = files.iter().find(|file| file.tree.name() == location.file)?;
    let line = file.lines.line(location.line);
    if line.trim().is_empty() {
        return None;
    }
    let column = (location.column as usize).saturating_sub(1);
    let offset = if column > IN_CHARACTERS {
        (0..=column.min(line.len())).rev().find(|&offset| line.is_char_boundary(offset)).unwrap_or(0)
    } else {
        line.char_indices().nth(column).map_or(line.len(), |(offset, _)| offset)
    };
    let (before, from) = line.split_at(offset);
    // How deep a line stands says less than what would be cut off for it.
    let around =
        if before.trim_start().is_empty() { ("", from.trim_start()) } else { (before.trim_start(), from) };
    Some(Excerpt::new(location.line as usize, around, token(around.1), width, |_, character| character))
}

/// How many characters the key or scalar has that begins here.
fn token(from: &str) -> usize {
    let mut characters = from.chars().take(MARK).peekable();
    let Some(first) = characters.next() else { return 1 };
    let mut length = 1;
    if matches!(first, '"' | '\'') {
        let mut is_escaped = false;
        for character in characters {
            length += 1;
            if character == first && !is_escaped {
                break;
            }
            is_escaped = first == '"' && character == '\\' && !is_escaped;
        }
        return length;
    }
    if matches!(first, '{' | '[') {
        return 1;
    }
    while let Some(character) = characters.next() {
        let ends_key = character == ':' && characters.peek().is_none_or(|next| next.is_whitespace());
        if ends_key || character.is_whitespace() || matches!(character, ',' | '}' | ']') {
            break;
        }
        length += 1;
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_covers_the_key_or_scalar_that_begins_there() {
        for (from, length) in [
            ("name: x", 4),
            ("http://a:1 b", 10),
            ("\"a\\\"b\": 1", 6),
            ("'it': 1", 4),
            ("12, 13]", 2),
            ("[a, b]", 1),
            ("last:", 4),
            ("", 1),
        ] {
            assert_eq!(token(from), length, "{from}");
        }
    }
}
