//! Whether a side accepts a value: asked of `jsonschema`, which shares no code with the comparison.
//!
//! Nothing is fetched, and patterns run on an engine whose time grows with the text alone. What does not compile, or would
//! take too long, answers nothing. Validators are made when they are first asked, and shared by all questions about the same kind of values.

use std::collections::BTreeMap;
use std::rc::Rc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Registry, ValidationOptions, Validator};
use serde_json::{Value, json};

use super::effort::{MOST, effort};
use super::export::{Reach, Stance, document};
use super::ground::{Ground, Part};

/// How many bytes a compiled pattern may have.
const PATTERN: usize = 1 << 18;

/// How many validators are kept.
const KEPT: usize = 64;

/// How many validators of a direction a report may have compiled.
const COMPILED: usize = 2_000;

/// How many schemas all validators of a direction may look at.
const ALL: u64 = 4_000_000;

/// What a document is called among the resources that validators are made from.
const DOCUMENT: &str = "urn:rollgate:document";

type Key = (Part, Stance);

/// Why a value is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reason {
    /// The keyword that does it.
    pub(super) keyword: String,
    /// The property that is missing, where that is why.
    pub(super) missing: Option<String>,
}

/// A validator, with the document that it was made from.
struct Built {
    document: Value,
    validator: Validator,
}

/// What was made from a schema for some values; nothing where it cannot be had.
type Made = (Reach, Option<Rc<Built>>);

/// Validators of both descriptions for messages of one direction.
pub(super) struct Checks {
    options: ValidationOptions<'static>,
    /// What was made from a schema, each with the values that it was made for.
    known: BTreeMap<Key, Vec<Made>>,
    kept: usize,
    /// How many may still be compiled.
    compilations: usize,
    /// How many schemas they may still look at, all together.
    left: u64,
}

impl std::fmt::Debug for Checks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checks").field("compilations", &self.compilations).finish_non_exhaustive()
    }
}

impl Checks {
    /// One of `share` that a direction of a report has.
    pub(super) fn new(share: usize) -> Self {
        let patterns = PatternOptions::regex().size_limit(PATTERN).dfa_size_limit(PATTERN);
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .offline()
            .with_pattern_options(patterns)
            .should_validate_formats(true)
            .with_format("byte", is_base64);
        let (compilations, left) = (COMPILED / share, ALL / share as u64);
        Self { options, known: BTreeMap::new(), kept: 0, compilations, left }
    }

    /// Whether no more may be asked.
    pub(super) fn are_spent(&self) -> bool {
        self.compilations == 0 || self.left == 0
    }

    fn validator(
        &mut self,
        ground: &Ground<'_, '_>,
        part: Part,
        stance: Stance,
        reach: &Reach,
    ) -> Option<Rc<Built>> {
        let mut known = self.known.get(&(part, stance)).into_iter().flatten();
        // One that was made for more says the same of these; where more could not be had, less may be.
        let fits = |(other, built): &&(Reach, Option<Rc<Built>>)| {
            other == reach || (built.is_some() && other.covers(reach))
        };
        if let Some((_, built)) = known.find(fits) {
            return built.clone();
        }
        if self.kept >= KEPT {
            self.known.clear();
            self.kept = 0;
        }
        self.compilations = self.compilations.saturating_sub(1);
        let built = document(ground, part, stance, reach).and_then(|document| {
            let validator = compiled(&self.options, &document)?;
            Some(Rc::new(Built { document, validator }))
        });
        self.known.entry((part, stance)).or_default().push((reach.clone(), built.clone()));
        self.kept += 1;
        built
    }

    /// Whether it is shown that the schema `part` accepts `value`.
    pub(super) fn accepts(
        &mut self,
        ground: &Ground<'_, '_>,
        part: Part,
        reach: &Reach,
        value: &Value,
    ) -> bool {
        self.validator(ground, part, Stance::Accepts, reach)
            .is_some_and(|built| self.pays(&built.document, value) && built.validator.is_valid(value))
    }

    /// Whether a validator is done with `value` in a bounded number of steps, and some are left.
    fn pays(&mut self, document: &Value, value: &Value) -> bool {
        let effort = effort(document, value);
        let pays = effort < MOST && self.left > 0;
        self.left = self.left.saturating_sub(effort);
        pays
    }

    /// Why the schema `part` refuses `value`; empty where that is not shown.
    pub(super) fn refuses(
        &mut self,
        ground: &Ground<'_, '_>,
        part: Part,
        reach: &Reach,
        value: &Value,
    ) -> Vec<Reason> {
        let Some(built) = self.validator(ground, part, Stance::Refuses, reach) else { return Vec::new() };
        if !self.pays(&built.document, value) {
            return Vec::new();
        }
        let reason = |error: jsonschema::ValidationError<'_>| Reason {
            keyword: error.kind().keyword().to_owned(),
            missing: match error.kind() {
                ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                _ => None,
            },
        };
        built.validator.iter_errors(value).take(16).map(reason).collect()
    }
}

/// The validator of `document`; none where it cannot be had.
///
/// The document is referred to as a resource: a schema that is handed over as such is first held against the meta-schema,
/// which takes several times as long as all the rest, and what [`document`] makes is well-formed by construction.
fn compiled(options: &ValidationOptions<'static>, document: &Value) -> Option<Validator> {
    let registry = Registry::new().draft(Draft::Draft202012).add(DOCUMENT, document).ok()?.prepare().ok()?;
    options.clone().with_registry(&registry).build(&json!({ "$ref": DOCUMENT })).ok()
}

/// RFC 4648, section 4, with padding.
fn is_base64(text: &str) -> bool {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).is_ok()
}
