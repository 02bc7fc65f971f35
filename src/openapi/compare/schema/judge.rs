//! What is asked again and again while two descriptions are compared: remembered for the whole comparison.

use super::answer::Answer;
use super::meaning::Meanings;
use super::pattern::Patterns;
use super::view::Conjunction;
use super::{Side, included};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Description, Schema, SchemaId};
use crate::support::lookup::{Lookup, Seed};

/// Both descriptions, and answers about them.
#[derive(Debug)]
pub(in crate::openapi::compare) struct Judge<'c, 't> {
    base: &'c Description<'t>,
    revision: &'c Description<'t>,
    /// By side and schema, whether it admits null.
    pub(super) null: [Vec<Option<Answer>>; 2],
    /// By side and schema, whether it is read-only and write-only.
    hidden: [Vec<Option<Access>>; 2],
    /// Inclusions that are settled.
    pub(super) settled: Lookup<included::Question, Answer>,
    /// Inclusions that are being looked into.
    pub(super) open: Vec<included::Open>,
    /// How much may still be looked into for the question at hand.
    pub(super) steps: usize,
    /// What is known of patterns.
    pub(super) patterns: Patterns<'t>,
    /// What schemas mean, as far as anybody asked.
    pub(super) meanings: Meanings,
    /// Whether names that nothing declares count as well.
    pub(in crate::openapi::compare) strict: bool,
}

/// Who does not see a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Access {
    /// Requests do not carry it.
    pub(super) read_only: bool,
    /// Responses do not carry it.
    pub(super) write_only: bool,
}

impl Access {
    /// Whether messages of `direction` do not carry it.
    pub(super) fn hides(self, direction: Direction) -> bool {
        match direction {
            Direction::Request => self.read_only,
            Direction::Response => self.write_only,
            Direction::None => false,
        }
    }
}

impl<'c, 't> Judge<'c, 't> {
    /// Nothing asked yet.
    pub(in crate::openapi::compare) fn new(
        base: &'c Description<'t>,
        revision: &'c Description<'t>,
        seed: Seed,
    ) -> Self {
        Self {
            base,
            revision,
            null: [vec![None; base.schemas.len()], vec![None; revision.schemas.len()]],
            hidden: [vec![None; base.schemas.len()], vec![None; revision.schemas.len()]],
            settled: Lookup::new(seed),
            open: Vec::new(),
            steps: 0,
            patterns: Patterns::new(seed),
            meanings: Meanings::new(seed),
            strict: false,
        }
    }

    /// The schema of a side.
    pub(super) fn schema(&self, side: Side, schema: SchemaId) -> &'c Schema<'t> {
        let description = match side {
            Side::Base => self.base,
            Side::Revision => self.revision,
        };
        &description.schemas[schema.0 as usize]
    }

    /// What tells schemas apart: equal for two that mean the same.
    pub(super) fn hash(&self, side: Side, schema: SchemaId) -> u128 {
        self.schema(side, schema).hash
    }

    /// The hashes of a conjunction, ascending, each once.
    pub(super) fn hashes(&self, conjunction: &Conjunction) -> Vec<u128> {
        let mut hashes: Vec<u128> =
            conjunction.schemas.iter().map(|&schema| self.hash(conjunction.side, schema)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        hashes
    }

    /// Whether every schema of `whole` is one of `part`, as far as hashes tell.
    pub(super) fn asks_no_more(&self, part: &Conjunction, whole: &Conjunction) -> bool {
        // Mostly there is one of each: nothing is worth a list.
        if part.schemas.len() <= 4 {
            let own = |&schema: &SchemaId| {
                let hash = self.hash(whole.side, schema);
                part.schemas.iter().any(|&other| self.hash(part.side, other) == hash)
            };
            return whole.schemas.iter().all(own);
        }
        let (few, many) = (self.hashes(whole), self.hashes(part));
        few.iter().all(|hash| many.binary_search(hash).is_ok())
    }

    /// Whether two conjunctions mean the same, as far as hashes tell.
    pub(super) fn same(&self, one: &Conjunction, other: &Conjunction) -> bool {
        if !one.chosen.is_empty() || !other.chosen.is_empty() || one.types != other.types {
            return false;
        }
        match (one.schemas.as_slice(), other.schemas.as_slice()) {
            (&[first], &[second]) => self.hash(one.side, first) == self.hash(other.side, second),
            _ => self.hashes(one) == self.hashes(other),
        }
    }

    /// Whether `schema`, or a wrapper between it and the component that it leads to, says more than where to go.
    pub(super) fn annotated(&self, side: Side, schema: SchemaId) -> bool {
        let mut at = schema;
        for _ in 0..8 {
            let here = self.schema(side, at);
            if here.name.is_some() && at != schema {
                return false;
            }
            if here.default.is_some()
                || here.deprecated.is_some()
                || here.sunset.is_some()
                || here.stability.is_some()
            {
                return true;
            }
            match here.reference.or(here.all_of.first().copied()) {
                Some(inner) => at = inner,
                None => return false,
            }
        }
        false
    }

    /// Whether other schemas say what `schema` is.
    pub(super) fn has_inner(&self, side: Side, schema: SchemaId) -> bool {
        let mut found = false;
        self.schema(side, schema).edges(|_, _| found = true);
        found
    }

    /// Whether a schema is shown to lose no message of `direction` by becoming another.
    pub(in crate::openapi::compare) fn keeps(
        &mut self,
        old: SchemaId,
        new: SchemaId,
        direction: Direction,
    ) -> bool {
        let (old, new) = (Conjunction::one(Side::Base, old), Conjunction::one(Side::Revision, new));
        let (part, whole) = if direction == Direction::Response { (&new, &old) } else { (&old, &new) };
        self.included(part, whole, direction).is_yes()
    }

    /// Whether one of two schemas is a union of several branches.
    pub(in crate::openapi::compare) fn has_alternatives(&mut self, old: SchemaId, new: SchemaId) -> bool {
        [(Side::Base, old), (Side::Revision, new)]
            .into_iter()
            .any(|(side, schema)| !self.view(&Conjunction::one(side, schema)).groups.is_empty())
    }

    /// Who does not see a property that has `schema`.
    pub(super) fn access(&mut self, side: Side, schema: SchemaId) -> Access {
        if let Some(known) = self.hidden[side as usize][schema.0 as usize] {
            return known;
        }
        let view = self.view(&Conjunction::one(side, schema));
        let access = view.parts.iter().fold(Access::default(), |access, part| Access {
            read_only: access.read_only || part.schema.read_only.is_some(),
            write_only: access.write_only || part.schema.write_only.is_some(),
        });
        self.hidden[side as usize][schema.0 as usize] = Some(access);
        access
    }
}
