//! Where a change that admits more, taken by itself, admits more as a whole too.
//!
//! What holds a schema mostly lets more in when the schema does: references, conjunctions, alternatives, properties, items.
//! Not so `oneOf`, which refuses what two of its branches admit, unless these are apart; and what is left over for
//! `unevaluatedProperties` follows what its neighbours say. Beneath such a schema nothing is concluded, unless it is shown
//! as a whole to lose nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::pairs::{Graph, Key, PairId};
use super::schema::Judge;
use crate::openapi::finding::Direction;
use crate::openapi::model::{Description, Schema, SchemaId, Types};

/// How many schemas are looked at that apply to one value.
const IN_PLACE: usize = 300;

/// The most branches that are held against each other.
const BRANCHES: usize = 80;

/// The most values of a property that are held against each other.
const VALUES: usize = 200;

/// For each pair whether nothing may be concluded from one change of it, because of what it is or of what holds it.
pub(super) fn exposed(
    base: &Description<'_>,
    revision: &Description<'_>,
    graph: &Graph,
    judge: &mut Judge<'_, '_>,
) -> Vec<bool> {
    let mut exposed = vec![false; graph.keys.len()];
    let mut waiting: Vec<u32> = Vec::new();
    let (mut old_side, mut new_side) = (Known::new(base), Known::new(revision));
    for (pair, key) in (0_u32..).zip(&graph.keys) {
        let &Key::Schema(old, new, place, _) = key else { continue };
        // A value is taken from the one set and looked for in the other: it is there that branches must be apart.
        let is_exposed = if place.direction() == Direction::Response {
            old_side.is_exposed(old)
        } else {
            new_side.is_exposed(new)
        };
        if is_exposed && !judge.keeps(old, new, place.direction()) {
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

/// How many schemas that hold others are asked whether they lose anything.
const ASKED: usize = 200;

/// Which pairs lose nothing as a whole.
pub(super) struct Shields<'g> {
    graph: &'g Graph,
    kept: BTreeMap<PairId, bool>,
}

impl<'g> Shields<'g> {
    /// Those of `graph`, of which nobody has asked yet.
    pub(super) fn new(graph: &'g Graph) -> Self {
        Self { graph, kept: BTreeMap::new() }
    }

    /// Whether no message tells what happened at `pairs`: on every way from an operation something is shown to lose nothing
    /// as a whole. Unions are no shield: by the letter open alternatives take each other's messages, and nobody means that.
    pub(super) fn cover(&mut self, judge: &mut Judge<'_, '_>, pairs: &[PairId]) -> bool {
        let mut seen: BTreeSet<PairId> = pairs.iter().copied().collect();
        let mut waiting: Vec<PairId> = pairs.to_vec();
        let mut covered = false;
        while let Some(pair) = waiting.pop() {
            for &holder in self.graph.holding(pair) {
                let Key::Schema(old, new, place, _) = self.graph.keys[holder.0 as usize] else {
                    return false;
                };
                if judge.has_alternatives(old, new) {
                    return false;
                }
                let asked = self.kept.len();
                let keeps = *self
                    .kept
                    .entry(holder)
                    .or_insert_with(|| asked < ASKED && judge.keeps(old, new, place.direction()));
                if keeps {
                    covered = true;
                } else if seen.insert(holder) {
                    waiting.push(holder);
                }
            }
        }
        covered
    }
}

/// What is known of the schemas of a side, each looked at once.
struct Known<'d, 't> {
    side: &'d Description<'t>,
    exposed: Vec<Option<bool>>,
}

impl<'d, 't> Known<'d, 't> {
    fn new(side: &'d Description<'t>) -> Self {
        Self { side, exposed: vec![None; side.schemas.len()] }
    }

    /// Whether a schema, or what applies to the same value, is one that may admit less where a part of it admits more.
    fn is_exposed(&mut self, id: SchemaId) -> bool {
        // Each entry is a schema, and whether what applies beside it has been walked.
        let mut waiting = vec![(id, false)];
        while let Some((id, walked)) = waiting.pop() {
            if !walked && self.exposed[id.0 as usize].is_some() {
                continue;
            }
            let schema = &self.side.schemas[id.0 as usize];
            if walked {
                let mut inner = false;
                schema.edges_in_place(|other, _| inner |= self.exposed[other.0 as usize] == Some(true));
                self.exposed[id.0 as usize] = Some(inner);
            } else if is_exposed(self.side, schema) {
                self.exposed[id.0 as usize] = Some(true);
            } else {
                // What leads to itself in the same place says nothing by that.
                self.exposed[id.0 as usize] = Some(false);
                waiting.push((id, true));
                schema.edges_in_place(|other, _| waiting.push((other, false)));
            }
        }
        self.exposed[id.0 as usize] == Some(true)
    }
}

/// Whether a schema by itself may admit less where a part of it admits more.
fn is_exposed(side: &Description<'_>, schema: &Schema<'_>) -> bool {
    schema.unevaluated_properties.is_some()
        || schema.unevaluated_items.is_some()
        || (schema.one_of.len() > 1 && schema.discriminator.is_none() && !are_apart(side, &schema.one_of))
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
