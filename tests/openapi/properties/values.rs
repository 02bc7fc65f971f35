//! Values, drawn by what a schema asks, near its bounds on either side of them, and others that have nothing to do with it.
//!
//! Nothing here is meant to be exact: who is right about a value is asked of the validator.

use serde_json::{Map, Value, json};

use super::schemas::{FORMATS, NAMES, PATTERNS};
use super::world::World;
use crate::support::tape::Tape;

/// Values for a pair of worlds: some made for the one, some for the other, changed ones, and some made for nothing.
pub(super) fn values(tape: &mut Tape, one: &World, other: &World) -> Vec<Value> {
    let mut values = Vec::new();
    for _ in 0..8 {
        for world in [one, other] {
            let value = like(tape, &world.schema, world, 4);
            if tape.one_in(3) {
                values.push(changed(tape, &value));
            }
            values.push(value);
        }
    }
    values.extend((0..6).map(|_| any(tape, 2)));
    values
}

/// A value that has to do with nothing.
pub(super) fn any(tape: &mut Tape, depth: usize) -> Value {
    match tape.pick(if depth == 0 { 5 } else { 7 }) {
        0 => json!(tape.of(&["a", "b", "x", "", "ab", "abc", "zz", "aaaaaa", "é", "0", "2024-01-31"])),
        1 => json!(i64::try_from(tape.pick(12)).unwrap() - 3),
        2 => tape.of(&[json!(true), json!(false)]),
        3 => Value::Null,
        4 => tape.of(&[json!(0.5), json!(1.5), json!(2.5), json!(-0.5), json!(1.0), json!(-2.5)]),
        5 => {
            let mut members = Map::new();
            for name in ["a", "b", "c", "kind", "d"].into_iter().take(tape.pick(6)) {
                if !tape.one_in(3) {
                    members.insert(name.into(), any(tape, depth - 1));
                }
            }
            Value::Object(members)
        }
        _ => (0..tape.pick(4)).map(|_| any(tape, depth - 1)).collect(),
    }
}

/// A value that `schema` may admit.
fn like(tape: &mut Tape, schema: &Value, world: &World, depth: usize) -> Value {
    let Value::Object(map) = schema else { return any(tape, 1) };
    if depth == 0 || tape.one_in(24) {
        return any(tape, 1);
    }
    if let Some(target) = map.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap();
        let value = like(tape, world.components.get(name).unwrap_or(&Value::Null), world, depth - 1);
        if map.len() == 1 || !tape.one_in(4) {
            return value;
        }
    }
    if let Some(only) = map.get("const") {
        return only.clone();
    }
    if let Some(Value::Array(list)) = map.get("enum") {
        return tape.of(list);
    }
    // What several schemas ask of one value: objects are put together, of others one is taken.
    let mut asked: Vec<&Value> = Vec::new();
    for word in ["anyOf", "oneOf"] {
        if let Some(Value::Array(list)) = map.get(word) {
            asked.push(&list[tape.pick(list.len())]);
            if tape.one_in(4) {
                asked.push(&list[tape.pick(list.len())]);
            }
        }
    }
    if let Some(Value::Array(list)) = map.get("allOf") {
        asked.extend(list);
    }
    if map.contains_key("if") {
        let ways = if tape.one_in(2) { ["if", "then"] } else { ["else", "else"] };
        asked.extend(ways.iter().filter_map(|word| map.get(*word)));
    }
    if let Some(Value::Object(members)) = map.get("dependentSchemas")
        && tape.one_in(2)
    {
        asked.extend(members.values());
    }
    let own = typed(tape, map, world, depth);
    let mut values: Vec<Value> = asked.into_iter().map(|inner| like(tape, inner, world, depth - 1)).collect();
    let alone = values.is_empty();
    values.extend(own.filter(|_| alone || map.keys().any(|word| OF_TYPES.contains(&word.as_str()))));
    if values.iter().all(Value::is_object) && !values.is_empty() {
        let mut members = Map::new();
        for value in values {
            if let Value::Object(more) = value {
                members.extend(more);
            }
        }
        return Value::Object(members);
    }
    if values.is_empty() { any(tape, 1) } else { tape.of(&values) }
}

const OF_TYPES: [&str; 14] = [
    "type",
    "properties",
    "required",
    "items",
    "prefixItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "additionalProperties",
];

fn typed(tape: &mut Tape, map: &Map<String, Value>, world: &World, depth: usize) -> Option<Value> {
    let kind = match map.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        Some(Value::Array(list)) => tape.of(list).as_str()?.to_owned(),
        _ => {
            let says = |words: &[&str]| words.iter().any(|word| map.contains_key(*word));
            let mut kinds = Vec::new();
            if says(&["properties", "required", "additionalProperties", "minProperties", "maxProperties"]) {
                kinds.extend(["object", "object"]);
            }
            if says(&["items", "prefixItems", "contains", "minItems", "maxItems"]) {
                kinds.push("array");
            }
            if says(&["minLength", "maxLength", "pattern", "format"]) {
                kinds.push("string");
            }
            if says(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
                kinds.push("number");
            }
            if kinds.is_empty() || tape.one_in(5) {
                return Some(any(tape, 2));
            }
            tape.of(&kinds).to_owned()
        }
    };
    Some(match kind.as_str() {
        "string" => text(tape, map),
        "integer" => number(tape, map, true),
        "number" => number(tape, map, false),
        "boolean" => json!(tape.one_in(2)),
        "null" => Value::Null,
        "object" => object(tape, map, world, depth),
        _ => array(tape, map, world, depth),
    })
}

fn text(tape: &mut Tape, map: &Map<String, Value>) -> Value {
    if let Some(format) = map.get("format").and_then(Value::as_str)
        && let Some((_, text)) = FORMATS.iter().find(|(name, _)| *name == format)
    {
        return json!(text);
    }
    if let Some(pattern) = map.get("pattern").and_then(Value::as_str)
        && let Some((_, texts)) = PATTERNS.iter().find(|(name, _)| *name == pattern)
    {
        return json!(tape.of(texts));
    }
    let count = count(tape, map, "minLength", "maxLength", 3);
    match tape.pick(4) {
        0 | 1 => json!("a".repeat(count)),
        2 => json!("b".repeat(count)),
        _ => json!("é".repeat(count)),
    }
}

/// How many there are: at a bound, beside it, or a few.
fn count(tape: &mut Tape, map: &Map<String, Value>, low: &str, high: &str, few: usize) -> usize {
    let bound = |word: &str| map.get(word).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let mut counts = Vec::new();
    if let Some(low) = bound(low) {
        counts.extend([low, low, low.saturating_sub(1), low + 1]);
    }
    if let Some(high) = bound(high) {
        counts.extend([high, high, high + 1, high.saturating_sub(1)]);
    }
    if counts.is_empty() { tape.pick(few + 1) } else { tape.of(&counts).min(8) }
}

fn number(tape: &mut Tape, map: &Map<String, Value>, whole: bool) -> Value {
    let mut near: Vec<f64> = vec![0.0, 1.0, 2.0, 6.0, -1.0, 3.0];
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] {
        if let Some(bound) = map.get(word).and_then(Value::as_f64) {
            near.extend([bound, bound + 1.0, bound - 1.0, bound * 2.0, bound + 0.5, bound - 0.5]);
        }
    }
    let number = tape.of(&near);
    let number = if whole { number.floor() } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "all of them are small")]
    if number.fract() == 0.0 && !tape.one_in(6) { json!(number as i64) } else { json!(number) }
}

fn object(tape: &mut Tape, map: &Map<String, Value>, world: &World, depth: usize) -> Value {
    let properties = map.get("properties").and_then(Value::as_object);
    let listed = |word: &str| map.get(word).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut names: Vec<(String, bool)> = Vec::new();
    for name in listed("required") {
        names.push((name.as_str().unwrap().to_owned(), !tape.one_in(10)));
    }
    for name in properties.into_iter().flat_map(Map::keys) {
        names.push((name.clone(), tape.one_in(2)));
    }
    for name in NAMES.into_iter().chain(["d", "ab"]) {
        names.push((name.to_owned(), tape.one_in(8)));
    }
    let mut members = Map::new();
    for (name, there) in names {
        if !there || members.contains_key(&name) {
            continue;
        }
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        let by_pattern = patterns.and_then(|patterns| {
            let found = |pattern: &str| match pattern {
                "^a" => name.starts_with('a'),
                "^[bc]$" => name == "b" || name == "c",
                _ => name.contains('d'),
            };
            patterns.iter().find(|(pattern, _)| found(pattern)).map(|(_, inner)| inner)
        });
        let inner = properties
            .and_then(|properties| properties.get(&name))
            .or(by_pattern)
            .or_else(|| map.get("additionalProperties"))
            .or_else(|| map.get("unevaluatedProperties"));
        let value = match inner {
            Some(inner) => like(tape, inner, world, depth - 1),
            None => any(tape, 1),
        };
        members.insert(name, value);
    }
    Value::Object(members)
}

fn array(tape: &mut Tape, map: &Map<String, Value>, world: &World, depth: usize) -> Value {
    let count = count(tape, map, "minItems", "maxItems", 3);
    let prefix = map.get("prefixItems").and_then(Value::as_array);
    let mut items = Vec::new();
    for index in 0..count {
        let contains = map.get("contains").filter(|_| tape.one_in(2));
        let inner = contains
            .or_else(|| prefix.and_then(|prefix| prefix.get(index)))
            .or_else(|| map.get("items"))
            .or_else(|| map.get("unevaluatedItems"));
        let again = tape.one_in(4).then(|| items.last().cloned()).flatten();
        items.push(match (again, inner) {
            (Some(again), _) => again,
            (None, Some(inner)) => like(tape, inner, world, depth - 1),
            (None, None) => any(tape, 1),
        });
    }
    Value::Array(items)
}

/// The same with something of it changed.
fn changed(tape: &mut Tape, value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members = members.clone();
            let name = members.keys().nth(tape.pick(members.len())).cloned();
            match (name, tape.pick(3)) {
                (Some(name), 0) => drop(members.remove(&name)),
                (Some(name), 1) => {
                    let inner = changed(tape, &members[&name]);
                    members.insert(name, inner);
                }
                _ => drop(members.insert(tape.of(&NAMES).into(), any(tape, 1))),
            }
            Value::Object(members)
        }
        Value::Array(items) => {
            let mut items = items.clone();
            match tape.pick(3) {
                0 => drop(items.pop()),
                1 if !items.is_empty() => {
                    let index = tape.pick(items.len());
                    items[index] = changed(tape, &items[index].clone());
                }
                _ => items.push(any(tape, 1)),
            }
            Value::Array(items)
        }
        Value::Number(number) if tape.one_in(2) => number.as_f64().map_or(Value::Null, |n| json!(n + 0.5)),
        Value::String(text) if tape.one_in(2) => json!(format!("{text}a")),
        _ => any(tape, 1),
    }
}
