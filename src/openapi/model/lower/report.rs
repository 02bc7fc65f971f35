//! Defects that lowering finds: located, in one line, and no more of them than anybody reads.

use std::fmt::Arguments;

use super::{At, Lowering, Place};
use crate::openapi::diagnostic::{Diagnostic, Gravity, Location};
use crate::openapi::tree::{Kind, Lines};
use crate::support::text;

/// How many defects are told one by one.
const TOLD: usize = 1_000;

/// What was found so far.
#[derive(Default)]
pub(super) struct Reporter<'t> {
    /// Of each file that something was found in.
    lines: Vec<Option<Lines<'t>>>,
    /// With the number of the file.
    found: Vec<(u32, Diagnostic)>,
    untold: usize,
    /// Keywords beside `$ref` that OpenAPI 3.0 does not look at.
    pub(super) beside_reference: Repeated<'t>,
    /// `nullable` without `type`.
    pub(super) idle_nullable: Repeated<'t>,
    /// `nullable` in versions that do not know it.
    pub(super) foreign_nullable: Repeated<'t>,
    /// `required` as in old drafts.
    pub(super) boolean_required: Repeated<'t>,
}

impl Reporter<'_> {
    /// Whether what else is found is only counted.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= TOLD
    }

    /// Counts a defect that is not told.
    pub(super) fn add_untold(&mut self) {
        self.untold += 1;
    }

    pub(super) fn finish(self) -> Vec<(u32, Diagnostic)> {
        let mut found = self.found;
        if self.untold > 0 {
            let more = Diagnostic {
                code: "more-defects".to_owned(),
                level: Gravity::Warn,
                message: format!("{} more defects are not told one by one; mend these first", self.untold),
                location: None,
                pointer: None,
            };
            found.push((0, more));
        }
        found
    }
}

/// A habit of a whole document, told once.
#[derive(Default)]
pub(super) struct Repeated<'t> {
    first: Option<(At, &'t str)>,
    count: usize,
}

impl<'t> Repeated<'t> {
    pub(super) fn add(&mut self, at: At, keyword: &'t str) {
        self.first.get_or_insert((at, keyword));
        self.count += 1;
    }
}

/// A foreign name in a message.
pub(super) fn quoted(name: &str) -> String {
    text::line(name, 80)
}

/// What a value is, in words.
pub(super) fn described(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Boolean => "a boolean",
        Kind::Number => "a number",
        Kind::String => "a string",
        Kind::Sequence => "a list",
        Kind::Mapping => "a mapping",
    }
}

impl<'t> Lowering<'t> {
    pub(super) fn report(&mut self, level: Gravity, code: &str, at: At, message: Arguments<'_>) {
        if self.reporter.is_full() {
            return self.reporter.add_untold();
        }
        let file = self.trails.file(at.trail);
        let Some(&tree) = self.files.get(file as usize) else { return };
        self.reporter.lines.resize_with(self.files.len(), || None);
        let lines = self.reporter.lines[file as usize].get_or_insert_with(|| Lines::of(tree.source()));
        let defect = Diagnostic {
            code: code.to_owned(),
            level,
            message: message.to_string(),
            location: Some(Location::new(tree.name(), lines.position(at.offset))),
            pointer: Some(self.trails.pointer(at.trail)),
        };
        self.reporter.found.push((file, defect));
    }

    /// Reports a value that is not what its keyword asks for. `wanted` fits "write ...".
    pub(super) fn wrong_type(&mut self, place: Place<'t>, keyword: &str, wanted: &str) {
        let (keyword, found) = (quoted(keyword), described(place.node.kind()));
        let message = format_args!("`{keyword}` is {found}: write {wanted}");
        self.report(Gravity::Error, "wrong-type", place.at, message);
    }

    /// Whether it is a mapping; reports where it is not.
    pub(super) fn is_mapping(&mut self, place: Place<'t>) -> bool {
        self.is(place, Kind::Mapping)
    }

    /// Whether it is a list; reports where it is not.
    pub(super) fn is_list(&mut self, place: Place<'t>) -> bool {
        self.is(place, Kind::Sequence)
    }

    fn is(&mut self, place: Place<'t>, kind: Kind) -> bool {
        let found = place.node.kind();
        if found != kind {
            let message = format_args!("this is {}: write {}", described(found), described(kind));
            self.report(Gravity::Error, "wrong-type", place.at, message);
        }
        found == kind
    }

    /// Tells what was gathered over the whole document.
    pub(super) fn report_repeated(&mut self) {
        let version = self.format.name();
        let reporter = &mut self.reporter;
        let told = [
            (
                std::mem::take(&mut reporter.beside_reference),
                "ignored-sibling",
                format!("means nothing beside `$ref` in {version}: put the reference into `allOf`"),
            ),
            (
                std::mem::take(&mut reporter.idle_nullable),
                "idle-nullable",
                "means nothing without `type` beside it: add `type`, or an alternative that is null"
                    .to_owned(),
            ),
            (
                std::mem::take(&mut reporter.foreign_nullable),
                "unknown-keyword",
                format!("means nothing in {version}: write `null` into `type`"),
            ),
            (
                std::mem::take(&mut reporter.boolean_required),
                "wrong-type",
                "of a schema is a list of names: list the property under `required` of its owner".to_owned(),
            ),
        ];
        for (repeated, code, message) in told {
            let Some((at, keyword)) = repeated.first else { continue };
            let more = match repeated.count - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            self.report(Gravity::Warn, code, at, format_args!("`{}` {message}{more}", quoted(keyword)));
        }
    }
}
