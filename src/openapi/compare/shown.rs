//! From a finding to the message that shows it: which schemas a search is to look at, and where its value stands.

use super::pairs::{Change, Graph, Key, PairId};
use crate::openapi::finding::Direction;
use crate::openapi::finding::{Carried, SideName, Witness};
use crate::openapi::model::{Description, SchemaId};
use crate::openapi::rules::Place;
use crate::openapi::witness::{Search, Task};

/// Finds the witnesses of a report.
pub(super) struct Witnesses<'g, 'd, 't> {
    graph: &'g Graph,
    sides: [&'d Description<'t>; 2],
    search: Search<'d, 't>,
}

impl<'g, 'd, 't> Witnesses<'g, 'd, 't> {
    pub(super) fn new(base: &'d Description<'t>, revision: &'d Description<'t>, graph: &'g Graph) -> Self {
        Self { graph, sides: [base, revision], search: Search::new(base, revision) }
    }

    /// A message that shows `change`, which was found at `pairs`.
    pub(super) fn of(&mut self, pairs: &[PairId], change: &Change) -> Option<Witness> {
        pairs.iter().find_map(|pair| match self.graph.keys[pair.0 as usize] {
            Key::Schema(old, new, place) => self.schema(old, new, place, change),
            _ => None,
        })
    }

    fn schema(&mut self, old: SchemaId, new: SchemaId, place: Place, change: &Change) -> Option<Witness> {
        let direction = place.direction();
        let value = self.search.value(&Task {
            old,
            new,
            direction,
            rule: change.rule,
            base: change.base,
            revision: change.revision,
            written: matches!(place, Place::RequestParameter | Place::ResponseHeader),
            arguments: &change.arguments,
        })?;
        let (accepted_by, accepting) =
            if direction == Direction::Response { (SideName::Revision, new) } else { (SideName::Base, old) };
        let schema = &self.sides[accepted_by as usize].schemas[accepting.0 as usize];
        Some(Witness {
            accepted_by,
            carried: Carried::Schema,
            operation: None,
            status: None,
            media_type: None,
            name: schema.name.map(str::to_owned),
            value: Some(value),
            message: None,
        })
    }
}
