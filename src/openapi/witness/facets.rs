//! What several schemas of either side ask of one value together: the demands from which a value is made.
//!
//! Of a union one branch is taken, by number, so that whoever wants another value asks with another number. What a value
//! cannot be made from (`not` in general, conditions beyond their consequence) is left out: a value is only a candidate,
//! and whether it holds is for a validator to say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::export::value;
use super::ground::{Ground, Part, Side};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Schema, SchemaId, Types};
use crate::openapi::tree::Node;

/// The most schemas that are taken together.
const PARTS: usize = 200;

/// The most values of a list that are looked at.
const VALUES: usize = 2_000;

/// What of a schema is left out, because a value is to break it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Aspect {
    Types,
    Values,
    Minimum,
    Maximum,
    Multiple,
    MinLength,
    MaxLength,
    Pattern,
    Format,
    MinItems,
    MaxItems,
    Unique,
    Items,
    Contains,
    Required,
    Others,
    Names,
    MinProperties,
    MaxProperties,
    Dependent,
    /// Which alternative a discriminator takes a value for.
    Tag,
    /// Unions, negation, conditions, and whatever else has no value of its own to break it.
    Whole,
}

/// Schemas that all hold, with their references and `allOf`, and the branches that were taken.
#[derive(Debug, Default)]
pub(super) struct Flat<'d, 't> {
    pub(super) schemas: Vec<(Part, &'d Schema<'t>)>,
    /// The most branches that one of their unions has.
    pub(super) widest: usize,
    /// How many unions of several branches there are.
    pub(super) unions: usize,
    /// The branches that were taken.
    pub(super) taken: Vec<Part>,
    /// Tags that the branches taken ask for.
    tags: Vec<(&'t str, Value)>,
}

/// Choices from here on take another branch of each further union: twice this, two branches on, and so forth.
pub(super) const TURN: usize = 1 << 12;

/// Gathers `parts`. Of each union the branch `choice` is taken, counted round; of those of `closed` none.
pub(super) fn flat<'d, 't>(
    ground: &Ground<'d, 't>,
    parts: &[Part],
    choice: usize,
    closed: Option<Side>,
) -> Flat<'d, 't> {
    let mut flat = Flat::default();
    let mut seen = BTreeSet::new();
    let mut waiting: Vec<Part> = parts.iter().rev().copied().collect();
    while let Some(part) = waiting.pop() {
        if !seen.insert(part) || flat.schemas.len() >= PARTS {
            continue;
        }
        let schema = ground.schema(part);
        flat.schemas.push((part, schema));
        let mut inner: Vec<SchemaId> = schema.reference.iter().chain(&schema.all_of).copied().collect();
        for branches in [&schema.one_of, &schema.any_of] {
            flat.widest = flat.widest.max(branches.len());
            let lone = branches.len() == 1;
            if branches.is_empty() || (closed == Some(part.side) && !lone) {
                continue;
            }
            let turned = choice / TURN * flat.unions;
            flat.unions += usize::from(!lone);
            let branch = branches[(choice % TURN + turned) % branches.len()];
            flat.taken.push(Part { id: branch, ..part });
            inner.push(branch);
            if let Some(discriminator) = &schema.discriminator {
                let target = ground.schema(Part { id: branch, ..part }).reference.unwrap_or(branch);
                let tags = ground.tags(part, discriminator, branches);
                let tag = tags.iter().find(|&&(_, leads)| leads == target || leads == branch);
                flat.tags.extend(tag.map(|(tag, _)| (discriminator.property, tag.clone())));
            }
        }
        if schema.when.is_some() {
            flat.widest = flat.widest.max(2);
            let taken =
                if choice.is_multiple_of(2) { [schema.when, schema.then] } else { [None, schema.otherwise] };
            inner.extend(taken.into_iter().flatten());
        }
        waiting.extend(inner.into_iter().rev().map(|id| Part { id, ..part }));
    }
    flat
}

/// What is asked of one value.
#[derive(Debug, Clone, Default)]
pub(super) struct Facets<'t> {
    /// The types, where something is said.
    pub(super) types: Option<Types>,
    /// The only values, where they are spelled out.
    pub(super) finite: Option<Vec<Value>>,
    pub(super) forbidden: Vec<Value>,
    pub(super) low: Option<(Decimal, bool)>,
    pub(super) high: Option<(Decimal, bool)>,
    pub(super) steps: Vec<Decimal>,
    pub(super) length: (u64, Option<u64>),
    pub(super) patterns: Vec<&'t str>,
    /// A pattern that a text is not to match.
    pub(super) outside: Option<&'t str>,
    pub(super) formats: Vec<&'t str>,
    /// Schemas whose author may show values.
    pub(super) examples: Vec<Node<'t>>,
    pub(super) count: (u64, Option<u64>),
    pub(super) unique: bool,
    pub(super) prefix: Vec<Vec<Part>>,
    pub(super) items: Vec<Part>,
    pub(super) contains: Vec<(Part, u64)>,
    pub(super) properties: BTreeMap<&'t str, Vec<Part>>,
    pub(super) required: BTreeSet<&'t str>,
    pub(super) absent: BTreeSet<&'t str>,
    pub(super) others: Vec<Part>,
    pub(super) size: (u64, Option<u64>),
    pub(super) dependent: Vec<(&'t str, Vec<&'t str>)>,
    /// Members that are already there.
    pub(super) planted: BTreeMap<String, Value>,
    /// Numbers near this one are wanted rather than near zero.
    pub(super) near: Option<Decimal>,
    /// Nothing is admitted.
    pub(super) never: bool,
}

impl Facets<'_> {
    /// Asks for more than an empty value of the types that are not among `empties`.
    pub(super) fn fill(&mut self, empties: Types) {
        let least = |kind: Types| Some(u64::from(!empties.meets(kind)));
        raise(&mut self.length.0, least(Types::STRING));
        raise(&mut self.count.0, least(Types::ARRAY));
        raise(&mut self.size.0, least(Types::OBJECT));
    }
}

fn raise(own: &mut u64, other: Option<u64>) {
    *own = (*own).max(other.unwrap_or_default());
}

fn lower(own: &mut Option<u64>, other: Option<u64>) {
    *own = own.iter().chain(&other).min().copied();
}

/// The demands of `flat`; of the schemas of `loose` without those of an aspect.
pub(super) fn facets<'t>(
    ground: &Ground<'_, 't>,
    flat: &Flat<'_, 't>,
    loose: Option<(Side, Aspect)>,
) -> Facets<'t> {
    let mut facets = Facets::default();
    // What one schema hides is hidden from all that hold in the same place.
    let mut hidden: [BTreeSet<&'t str>; 2] = [BTreeSet::new(), BTreeSet::new()];
    for &(part, schema) in &flat.schemas {
        if !schema.properties.is_empty() {
            hidden[part.side as usize].extend(ground.hidden_names(part).iter());
        }
    }
    for &(part, schema) in &flat.schemas {
        let keeps = |aspect: Aspect| loose != Some((part.side, aspect));
        facets.never |= schema.always == Some(false) || schema.broken;
        facets.values(schema, &keeps);
        facets.scalars(schema, &keeps);
        facets.arrays(part, schema, &keeps);
        facets.objects(&hidden[part.side as usize], part, schema, &keeps);
        if let Some(not) = schema.not
            && keeps(Aspect::Whole)
        {
            let not = ground.schema(Part { id: not, ..part });
            let plain = not.properties.is_empty() && not.types.is_none();
            if plain {
                facets.forbidden.extend(spelled(not).map(|(value, _)| value));
                facets.absent.extend(not.required.iter().map(|&(name, _)| name));
            }
        }
    }
    for (name, tag) in &flat.tags {
        if !facets.absent.contains(name) {
            facets.required.insert(name);
            facets.planted.insert((*name).to_owned(), tag.clone());
        }
    }
    facets
}

/// The values that a schema spells out, each with its place.
pub(super) fn spelled(schema: &Schema<'_>) -> impl Iterator<Item = (Value, At)> {
    let listed = schema.enumeration.into_iter().flat_map(|set| {
        let at = set.at.trail;
        set.value.items().take(VALUES).map(move |node| (node, At { trail: at, offset: node.at() }))
    });
    let constant = schema.constant.into_iter().map(|set| (set.value, set.at));
    listed.chain(constant).filter_map(|(node, at)| Some((value(node)?, at)))
}

impl<'t> Facets<'t> {
    fn values(&mut self, schema: &Schema<'t>, keeps: &impl Fn(Aspect) -> bool) {
        if let Some(types) = schema.types
            && keeps(Aspect::Types)
        {
            self.types = Some(self.admitted().and(types.value));
        }
        if (schema.enumeration.is_some() || schema.constant.is_some()) && keeps(Aspect::Values) {
            let own: Vec<Value> = match (schema.enumeration, schema.constant) {
                (_, Some(constant)) => value(constant.value).into_iter().collect(),
                _ => spelled(schema).map(|(value, _)| value).collect(),
            };
            self.finite = Some(match self.finite.take() {
                None => own,
                Some(mut known) => {
                    known.retain(|value| own.contains(value));
                    known
                }
            });
        }
        self.examples.extend(schema.node);
    }

    fn scalars(&mut self, schema: &Schema<'t>, keeps: &impl Fn(Aspect) -> bool) {
        if let Some(bound) = &schema.minimum
            && keeps(Aspect::Minimum)
        {
            self.at_least(&bound.value, bound.exclusive);
        }
        if let Some(bound) = &schema.maximum
            && keeps(Aspect::Maximum)
        {
            self.at_most(&bound.value, bound.exclusive);
        }
        if let Some(bound) = &schema.multiple_of
            && keeps(Aspect::Multiple)
        {
            self.steps.push(bound.value.clone());
        }
        if keeps(Aspect::MinLength) {
            raise(&mut self.length.0, schema.min_length.map(|set| set.value));
        }
        if keeps(Aspect::MaxLength) {
            lower(&mut self.length.1, schema.max_length.map(|set| set.value));
        }
        if let Some(pattern) = schema.pattern
            && keeps(Aspect::Pattern)
        {
            self.patterns.push(pattern.value);
        }
        if let Some(format) = schema.format
            && keeps(Aspect::Format)
        {
            self.formats.push(format.value);
        }
    }

    fn arrays(&mut self, part: Part, schema: &Schema<'t>, keeps: &impl Fn(Aspect) -> bool) {
        if keeps(Aspect::MinItems) {
            raise(&mut self.count.0, schema.min_items.map(|set| set.value));
        }
        if keeps(Aspect::MaxItems) {
            lower(&mut self.count.1, schema.max_items.map(|set| set.value));
        }
        self.unique |= schema.unique_items.is_some() && keeps(Aspect::Unique);
        if keeps(Aspect::Items) {
            for (index, &id) in schema.prefix_items.iter().enumerate() {
                if self.prefix.len() <= index {
                    self.prefix.push(Vec::new());
                }
                self.prefix[index].push(Part { id, ..part });
            }
            self.items.extend(schema.items.map(|id| Part { id, ..part }));
        }
        if let Some(id) = schema.contains
            && keeps(Aspect::Contains)
        {
            let least = schema.min_contains.map_or(1, |set| set.value);
            self.contains.push((Part { id, ..part }, least));
        }
    }

    fn objects(
        &mut self,
        hidden: &BTreeSet<&'t str>,
        part: Part,
        schema: &Schema<'t>,
        keeps: &impl Fn(Aspect) -> bool,
    ) {
        for property in &schema.properties {
            if hidden.contains(property.name) {
                self.absent.insert(property.name);
            } else {
                let part = Part { id: property.schema, ..part };
                self.properties.entry(property.name).or_default().push(part);
            }
        }
        if keeps(Aspect::Required) {
            let required = schema.required.iter().map(|&(name, _)| name);
            self.required.extend(required.filter(|name| !hidden.contains(name)));
        }
        if keeps(Aspect::Others) {
            self.others.extend(schema.additional_properties.map(|id| Part { id, ..part }));
        }
        if keeps(Aspect::MinProperties) {
            raise(&mut self.size.0, schema.min_properties.map(|set| set.value));
        }
        if keeps(Aspect::MaxProperties) {
            lower(&mut self.size.1, schema.max_properties.map(|set| set.value));
        }
        if keeps(Aspect::Dependent) {
            let needs = schema.dependent_required.iter();
            self.dependent.extend(needs.map(|(name, needed, _)| (*name, needed.clone())));
        }
    }

    /// Texts that the author shows.
    pub(super) fn shown(&self) -> impl Iterator<Item = &'t str> {
        self.examples.iter().flat_map(|node| {
            let listed = node.get("examples").into_iter().flat_map(|examples| examples.items().take(3));
            ["example", "default"]
                .into_iter()
                .filter_map(|key| node.get(key))
                .chain(listed)
                .filter_map(Node::as_str)
        })
    }

    /// The types that are admitted.
    pub(super) fn admitted(&self) -> Types {
        self.types.unwrap_or(Types::ANY)
    }

    /// Raises the least number.
    pub(super) fn at_least(&mut self, value: &Decimal, exclusive: bool) {
        if self.low.as_ref().is_none_or(|(low, out)| (value, exclusive) > (low, *out)) {
            self.low = Some((value.clone(), exclusive));
        }
    }

    /// Lowers the greatest number.
    pub(super) fn at_most(&mut self, value: &Decimal, exclusive: bool) {
        if self.high.as_ref().is_none_or(|(high, out)| (value, !exclusive) < (high, !*out)) {
            self.high = Some((value.clone(), exclusive));
        }
    }
}
