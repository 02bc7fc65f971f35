//! What stands in the way of a search, and whether a value keeps to what a side declares.

use std::collections::BTreeSet;

use serde_json::Value;

use super::export::TEXTS;
use super::ground::{Ground, Part, Side};
use crate::openapi::model::{Schema, SchemaId};

/// The most schemas that are looked at.
const SCHEMAS: usize = 300;

/// The most values of a list that is exported.
const LISTED: usize = 1_900;

/// How many schemas are looked at for a value.
const LOOKS: usize = 500;

/// How deep a value is looked at.
const DEPTH: usize = 16;

/// Formats of numbers, which are ranges.
const NUMBERS: &[&str] =
    &["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"];

/// What `part` leads to that applies to the same value, itself first.
fn in_place<'d, 't>(ground: &Ground<'d, 't>, part: Part) -> Vec<(Part, &'d Schema<'t>)> {
    let (mut seen, mut waiting, mut all) = (BTreeSet::from([part.id]), vec![part.id], Vec::new());
    while let Some(id) = waiting.pop().filter(|_| all.len() < SCHEMAS) {
        let part = Part { id, ..part };
        let schema = ground.schema(part);
        all.push((part, schema));
        schema.edges_in_place(|inner, _| {
            if seen.insert(inner) {
                waiting.push(inner);
            }
        });
    }
    all
}

/// The construct of two schemas that makes values hard to find, the hardest first; none where they have none.
pub(super) fn of(ground: &Ground<'_, '_>, old: SchemaId, new: SchemaId) -> Option<String> {
    let parts = [Part { side: Side::Base, id: old }, Part { side: Side::Revision, id: new }];
    let all: Vec<&Schema<'_>> =
        parts.into_iter().flat_map(|part| in_place(ground, part)).map(|(_, schema)| schema).collect();
    let any = |is: &dyn Fn(&Schema<'_>) -> bool| all.iter().any(|schema| is(schema));
    let word = |word: &str| Some(format!("`{word}`"));
    if parts.into_iter().any(|part| is_oversized(ground, part)) {
        return word("enum");
    }
    if any(&|schema| schema.broken) {
        return Some("a schema that cannot be read".to_owned());
    }
    if any(&|schema| schema.pattern.is_some()) {
        return word("pattern");
    }
    if any(&|schema| schema.unevaluated_properties.is_some() || schema.unevaluated_items.is_some()) {
        return word("unevaluatedProperties");
    }
    if any(&|schema| schema.not.is_some()) {
        return word("not");
    }
    if any(&|schema| schema.when.is_some()) {
        return word("if");
    }
    if any(&|schema| schema.contains.is_some()) {
        return word("contains");
    }
    if any(&|schema| schema.property_names.is_some()) {
        return word("propertyNames");
    }
    if any(&|schema| schema.discriminator.is_some()) {
        return word("discriminator");
    }
    if any(&|schema| schema.one_of.len() > 1) {
        return word("oneOf");
    }
    if any(&|schema| schema.any_of.len() > 1) {
        return word("anyOf");
    }
    let formats = all.iter().filter_map(|schema| schema.format).map(|format| format.value);
    let unknown = formats.filter(|format| !TEXTS.contains(format) && !NUMBERS.contains(format)).max();
    unknown.map(|format| format!("`format: {format}`"))
}

/// Whether a schema spells out more values than any document holds.
pub(super) fn is_oversized(ground: &Ground<'_, '_>, part: Part) -> bool {
    let listed = in_place(ground, part).into_iter().filter_map(|(_, schema)| schema.enumeration);
    listed.map(|set| set.value.items().take(LISTED + 1).count()).any(|count| count > LISTED)
}

/// Whether every name in `value` is one that `part` declares, or that it says something of.
pub(super) fn is_declared(ground: &Ground<'_, '_>, part: Part, value: &Value) -> bool {
    declared(ground, &[part], value, DEPTH, &mut { LOOKS })
}

fn declared(ground: &Ground<'_, '_>, parts: &[Part], value: &Value, depth: usize, left: &mut usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let Some(fewer) = left.checked_sub(1 + parts.len()) else { return false };
    *left = fewer;
    let all: Vec<(Part, &Schema<'_>)> = parts.iter().flat_map(|&part| in_place(ground, part)).collect();
    match value {
        Value::Object(members) => members.iter().all(|(name, member)| {
            let mut inner: Vec<Part> = Vec::new();
            for (part, schema) in &all {
                let own = schema.properties.iter().filter(|named| named.name == name);
                inner.extend(own.map(|named| Part { id: named.schema, ..*part }));
            }
            if inner.is_empty() {
                let rest =
                    all.iter().filter_map(|(part, schema)| Some((part, schema.additional_properties?)));
                inner.extend(rest.map(|(part, id)| Part { id, ..*part }));
                inner.retain(|&part| ground.schema(part).always != Some(true));
            }
            inner.sort_unstable();
            inner.dedup();
            !inner.is_empty() && declared(ground, &inner, member, depth, left)
        }),
        Value::Array(items) => {
            let mut inner: Vec<Part> = Vec::new();
            for (part, schema) in &all {
                let ids = schema.items.iter().chain(&schema.prefix_items).chain(&schema.contains);
                inner.extend(ids.map(|&id| Part { id, ..*part }));
            }
            inner.sort_unstable();
            inner.dedup();
            items.iter().all(|item| declared(ground, &inner, item, depth, left))
        }
        _ => true,
    }
}
