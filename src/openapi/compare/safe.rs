//! Where a change that admits more, taken by itself, admits more as a whole too.
//!
//! What holds a schema mostly lets more in when the schema does: references, conjunctions, alternatives, properties, items.
//! Not so `oneOf`, which refuses what two of its branches admit, unless these are apart; and what is left over for
//! `unevaluatedProperties` follows what its neighbours say. Beneath such a schema nothing is concluded.

use std::collections::BTreeSet;

use super::pairs::{Graph, Key};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Description, Schema, SchemaId, Types};

/// How many schemas are looked at that apply to one value.
const IN_PLACE: usize = 300;

/// The most branches that are held against each other.
const BRANCHES: usize = 80;

/// The most values of a property that are held against each other.
const VALUES: usize = 200;

/// For each pair whether nothing may be concluded from one change of it, because of what it is or of what holds it.
pub(super) fn exposed(base: &Description<'_>, revision: &Description<'_>, graph: &Graph) -> Vec<bool> {
    let mut exposed = vec![false; graph.keys.len()];
    let mut waiting: Vec<u32> = Vec::new();
    for (pair, key) in (0_u32..).zip(&graph.keys) {
        let &Key::Schema(old, new, place) = key else { continue };
        // A value is taken from the one set and looked for in the other: it is there that branches must be apart.
        let looked_in = if place.direction() == Direction::Response { (base, old) } else { (revision, new) };
        if is_exposed(looked_in.0, looked_in.1) {
            exposed[pair as usize] = true;
            waiting.push(pair);
        }
    }
    while let Some(pair) = waiting.pop() {
        for held in &graph.held[pair as usize] {
            if !exposed[held.0 as usize] {
                exposed[held.0 as usize] = true;
                waiting.push(held.0);
            }
        }
    }
    exposed
}

/// Whether a schema, or what applies to the same value, is one that may admit less where a part of it admits more.
fn is_exposed(side: &Description<'_>, id: SchemaId) -> bool {
    let (mut seen, mut waiting) = (BTreeSet::from([id]), vec![id]);
    while let Some(id) = waiting.pop() {
        if seen.len() > IN_PLACE {
            return true;
        }
        let schema = &side.schemas[id.0 as usize];
        if schema.unevaluated_properties.is_some() || schema.unevaluated_items.is_some() {
            return true;
        }
        if schema.one_of.len() > 1 && schema.discriminator.is_none() && !are_apart(side, &schema.one_of) {
            return true;
        }
        // Other schemas stand in other pairs; what a reference leads to is the same value.
        schema.edges_in_place(|inner, _| {
            if seen.insert(inner) {
                waiting.push(inner);
            }
        });
    }
    false
}

/// What tells a value of a branch: its types, and the values of properties that must be there.
struct Marks<'t> {
    types: Types,
    required: BTreeSet<&'t str>,
    values: Vec<(&'t str, BTreeSet<String>)>,
}

impl<'t> Marks<'t> {
    fn of(side: &Description<'t>, id: SchemaId) -> Self {
        let mut marks = Self { types: Types::ANY, required: BTreeSet::new(), values: Vec::new() };
        let all = conjunction(side, id);
        for schema in &all {
            marks.types = marks.types.and(schema.types.map_or(Types::ANY, |set| set.value));
            marks.required.extend(schema.required.iter().map(|&(name, _)| name));
        }
        for property in all.iter().flat_map(|schema| &schema.properties) {
            for schema in conjunction(side, property.schema) {
                let listed =
                    schema.enumeration.map(|set| set.value.items().take(VALUES + 1).collect::<Vec<_>>());
                let constant = schema.constant.map(|set| vec![set.value]);
                if let Some(nodes) = constant.or(listed).filter(|nodes| nodes.len() <= VALUES) {
                    let texts = nodes.iter().map(|node| node.as_str().map(str::to_owned));
                    if let Some(texts) = texts.collect::<Option<BTreeSet<String>>>() {
                        marks.values.push((property.name, texts));
                    }
                }
            }
        }
        marks
    }

    fn is_apart_from(&self, other: &Self) -> bool {
        let shared = self.types.and(other.types);
        if shared.is_none() {
            return true;
        }
        // A property tells objects apart, and nothing else.
        shared == Types::OBJECT
            && self.values.iter().any(|(name, values)| {
                self.required.contains(name)
                    && other.required.contains(name)
                    && other.values.iter().any(|(known, own)| known == name && own.is_disjoint(values))
            })
    }
}

/// The schemas that a schema leads to by references and `allOf` alone, itself first.
fn conjunction<'d, 't>(side: &'d Description<'t>, id: SchemaId) -> Vec<&'d Schema<'t>> {
    let (mut seen, mut waiting, mut all) = (BTreeSet::from([id]), vec![id], Vec::new());
    while let Some(id) = waiting.pop().filter(|_| all.len() < IN_PLACE) {
        let schema = &side.schemas[id.0 as usize];
        all.push(schema);
        waiting.extend(schema.reference.iter().chain(&schema.all_of).copied().filter(|&id| seen.insert(id)));
    }
    all
}

fn are_apart(side: &Description<'_>, branches: &[SchemaId]) -> bool {
    if branches.len() > BRANCHES {
        return false;
    }
    let marks: Vec<Marks<'_>> = branches.iter().map(|&branch| Marks::of(side, branch)).collect();
    let mut pairs =
        marks.iter().enumerate().flat_map(|(at, one)| marks[at + 1..].iter().map(move |two| (one, two)));
    pairs.all(|(one, two)| one.is_apart_from(two))
}
