//! Both descriptions as the search sees them: schemas by side, and which names messages of a direction do not carry.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::export::tags;
use crate::openapi::finding::Direction;
use crate::openapi::model::{Description, Discriminator, Schema, SchemaId};

/// One of the two descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Base,
    Revision,
}

impl Side {
    /// The side that accepts what a witness of `direction` is: whoever knows the base sends requests, and the revision
    /// writes responses.
    pub(super) fn accepting(direction: Direction) -> Self {
        if direction == Direction::Response { Self::Revision } else { Self::Base }
    }

    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Base => Self::Revision,
            Self::Revision => Self::Base,
        }
    }
}

/// A schema of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Part {
    pub(super) side: Side,
    pub(super) id: SchemaId,
}

/// The most schemas that are looked at where one leads to others by references and `allOf`.
const GATHERED: usize = 256;

/// Names of properties.
pub(super) type Names<'t> = Rc<BTreeSet<&'t str>>;

/// Values of a discriminator, each with the branch that it leads to.
pub(super) type Tags = Rc<Vec<(Value, SchemaId)>>;

/// Both descriptions, for messages of one direction.
#[derive(Debug)]
pub(super) struct Ground<'d, 't> {
    sides: [&'d Description<'t>; 2],
    pub(super) direction: Direction,
    hidden: RefCell<BTreeMap<Part, bool>>,
    names: RefCell<BTreeMap<Part, Names<'t>>>,
    /// By the schema with the first of its branches and their number: it may have two unions.
    tags: RefCell<BTreeMap<(Part, SchemaId, usize), Tags>>,
}

impl<'d, 't> Ground<'d, 't> {
    pub(super) fn new(sides: [&'d Description<'t>; 2], direction: Direction) -> Self {
        Self {
            sides,
            direction,
            hidden: RefCell::default(),
            names: RefCell::default(),
            tags: RefCell::default(),
        }
    }

    pub(super) fn description(&self, side: Side) -> &'d Description<'t> {
        self.sides[side as usize]
    }

    pub(super) fn schema(&self, part: Part) -> &'d Schema<'t> {
        &self.sides[part.side as usize].schemas[part.id.0 as usize]
    }

    /// What `part` leads to by references and `allOf` alone, itself first.
    fn gathered(&self, part: Part) -> Vec<&'d Schema<'t>> {
        let (mut seen, mut waiting) = (BTreeSet::from([part.id]), vec![part.id]);
        let mut gathered = Vec::new();
        while let Some(id) = waiting.pop() {
            let schema = self.schema(Part { id, ..part });
            gathered.push(schema);
            if gathered.len() == GATHERED {
                break;
            }
            let single = |branches: &[SchemaId]| if let &[only] = branches { Some(only) } else { None };
            let inner = schema.reference.iter().chain(&schema.all_of).copied();
            let inner = inner.chain(single(&schema.any_of)).chain(single(&schema.one_of));
            waiting.extend(inner.filter(|&id| seen.insert(id)));
        }
        gathered
    }

    /// Whether messages of the direction do not carry a property that has the schema `part`.
    pub(super) fn hides(&self, part: Part) -> bool {
        if let Some(&known) = self.hidden.borrow().get(&part) {
            return known;
        }
        let hides = |schema: &Schema<'_>| match self.direction {
            Direction::Request => schema.read_only.is_some(),
            Direction::Response => schema.write_only.is_some(),
            Direction::None => false,
        };
        let hidden = self.gathered(part).into_iter().any(hides);
        self.hidden.borrow_mut().insert(part, hidden);
        hidden
    }

    /// The names that `part` declares, by references and `allOf` too, and that messages of the direction do not carry.
    pub(super) fn hidden_names(&self, part: Part) -> Names<'t> {
        if let Some(known) = self.names.borrow().get(&part) {
            return Rc::clone(known);
        }
        let mut names = BTreeSet::new();
        for schema in self.gathered(part) {
            for property in &schema.properties {
                if self.hides(Part { id: property.schema, ..part }) {
                    names.insert(property.name);
                }
            }
        }
        let names = Rc::new(names);
        self.names.borrow_mut().insert(part, Rc::clone(&names));
        names
    }

    /// The tags of a union of `part` with the branches that they lead to.
    pub(super) fn tags(&self, part: Part, discriminator: &Discriminator<'_>, branches: &[SchemaId]) -> Tags {
        let Some(&first) = branches.first() else { return Tags::default() };
        let key = (part, first, branches.len());
        if let Some(known) = self.tags.borrow().get(&key) {
            return Rc::clone(known);
        }
        let tags = Rc::new(tags(self, part.side, discriminator, branches));
        self.tags.borrow_mut().insert(key, Rc::clone(&tags));
        tags
    }
}
