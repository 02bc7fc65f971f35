//! From a place of a model to the file, line and column that people look it up by.

use std::cell::OnceCell;

use super::{At, Description, Trails};
use crate::openapi::diagnostic::Location;
use crate::openapi::tree::{Lines, Tree};

/// Finds the locations of places of one description. The lines of a file are looked for once, when they are needed.
#[derive(Debug)]
pub struct Places<'d, 't> {
    trails: &'d Trails<'t>,
    files: Vec<(&'t Tree, OnceCell<Lines<'t>>)>,
}

impl<'d, 't> Places<'d, 't> {
    /// Those of `description`.
    #[must_use]
    pub fn of(description: &'d Description<'t>) -> Self {
        let files = description.files.iter().map(|&tree| (tree, OnceCell::new())).collect();
        Self { trails: &description.trails, files }
    }

    /// The location of a place.
    #[must_use]
    pub fn location(&self, at: At) -> Location {
        let number = self.trails.file(at.trail);
        let (tree, lines) =
            self.files.iter().find(|(tree, _)| tree.number() == number).unwrap_or(&self.files[0]);
        let lines = lines.get_or_init(|| Lines::of(tree.source()));
        Location::new(tree.name(), lines.position(at.offset))
    }

    /// The beginning of the line that a location is on; of the description itself where there is none.
    #[must_use]
    pub fn line(&self, location: Option<&Location>) -> At {
        let named = location.and_then(|location| {
            let (tree, lines) = self.files.iter().find(|(tree, _)| tree.name() == location.file)?;
            let lines = lines.get_or_init(|| Lines::of(tree.source()));
            Some(At { trail: Trails::root(tree.number()), offset: lines.offset(location.line) })
        });
        named.unwrap_or_else(At::root)
    }
}
