//! Other words for the same values.
//!
//! What is [`plain`] is what people write for another when they tidy up. What is [`odd`] takes some thought to see
//! through: it may be left undecided, and is no breaking change all the same.

use serde_json::{Map, Value, json};

use super::walk::{at, at_mut, paths};
use super::world::World;
use crate::support::tape::Tape;

/// The same values in other words, in up to four places.
pub(super) fn respelled(world: &World, tape: &mut Tape, with_odd: bool) -> World {
    let mut new = world.clone();
    for _ in 0..=tape.pick(4) {
        let all = paths(&new.schema);
        let path = tape.of(&all);
        let value = at(&new.schema, &path).clone();
        let seen = asked_for(&new);
        let respelled = if with_odd && tape.one_in(2) {
            odd(&value, tape)
        } else {
            plain(&value, tape, &mut new.components, seen)
        };
        *at_mut(&mut new.schema, &path) = respelled;
    }
    new
}

/// Whether something may ask what was evaluated: a word that hides this, or adds to it, is no other spelling then.
fn asked_for(world: &World) -> bool {
    world.schema.to_string().contains("unevaluated")
}

fn plain(value: &Value, tape: &mut Tape, components: &mut Map<String, Value>, seen: bool) -> Value {
    let wrapped = match tape.pick(16) {
        1 => json!({ "allOf": [value] }),
        2 => json!({ "anyOf": [value] }),
        3 => json!({ "oneOf": [value] }),
        4 => json!({ "allOf": [value, value] }),
        5 => json!({ "anyOf": [value, value] }),
        6 => json!({ "allOf": [value, true] }),
        7 => json!({ "anyOf": [value, false] }),
        8 => {
            let name = format!("Extracted{}", components.len());
            components.insert(name.clone(), value.clone());
            json!({ "$ref": format!("#/components/schemas/{name}") })
        }
        _ => Value::Null,
    };
    if !wrapped.is_null() {
        return wrapped;
    }
    let Value::Object(map) = value else {
        return if *value == json!(true) { json!({}) } else { json!({ "not": {} }) };
    };
    let mut out = map.clone();
    match tape.pick(9) {
        0 => one_value(&mut out),
        1 => listed(&mut out),
        2 => reordered(&mut out),
        3 => idle(&mut out, tape, seen),
        4 => return nullable(map, tape).unwrap_or_else(|| value.clone()),
        5 => return taken_apart(map, tape),
        6 => return inlined(map, components).unwrap_or_else(|| value.clone()),
        7 => bounds(&mut out),
        _ => {
            out.insert("description".into(), json!("said otherwise"));
            out.insert("examples".into(), json!([1]));
        }
    }
    Value::Object(out)
}

/// `const` and a list of one value.
fn one_value(map: &mut Map<String, Value>) {
    if map.contains_key("const") && !map.contains_key("enum") {
        let only = map.remove("const").unwrap();
        map.insert("enum".into(), json!([only]));
    } else if let Some(Value::Array(list)) = map.get("enum")
        && let ([only], false) = (list.as_slice(), map.contains_key("const"))
    {
        let only = only.clone();
        map.remove("enum");
        map.insert("const".into(), only);
    }
}

/// A type and a list of one type.
fn listed(map: &mut Map<String, Value>) {
    let other = match map.get("type") {
        Some(Value::String(one)) => json!([one]),
        Some(Value::Array(list)) if list.len() == 1 => list[0].clone(),
        _ => return,
    };
    map.insert("type".into(), other);
}

/// Lists whose order means nothing.
fn reordered(map: &mut Map<String, Value>) {
    for word in ["allOf", "anyOf", "oneOf", "enum", "required", "type"] {
        if let Some(Value::Array(list)) = map.get_mut(word) {
            list.reverse();
        }
    }
}

/// Keywords that say nothing.
fn idle(map: &mut Map<String, Value>, tape: &mut Tape, seen: bool) {
    let words = [
        ("minLength", json!(0)),
        ("minItems", json!(0)),
        ("minProperties", json!(0)),
        ("uniqueItems", json!(false)),
        ("additionalProperties", json!(true)),
        ("items", json!({})),
        ("required", json!([])),
        ("pattern", json!("")),
        ("propertyNames", json!(true)),
        ("then", json!(false)),
        ("maxContains", json!(0)),
        ("$comment", json!("nothing")),
    ];
    let (word, value) = tape.of(&words);
    // Without `if` and `contains` two of them say nothing; two others say what is evaluated.
    let says = (word == "then" && map.contains_key("if"))
        || (word == "maxContains" && map.contains_key("contains"))
        || (seen && matches!(word, "items" | "additionalProperties"));
    if !says {
        map.entry(word).or_insert(value);
    }
}

/// Keywords that hold for a value of any type or depend on what stands beside them.
const APART: [&str; 12] = [
    "enum",
    "const",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "$ref",
    "unevaluatedProperties",
    "unevaluatedItems",
];

/// Null as one of two types, and as one of two alternatives.
fn nullable(map: &Map<String, Value>, tape: &mut Tape) -> Option<Value> {
    let Some(Value::Array(types)) = map.get("type") else { return None };
    if !types.contains(&json!("null"))
        || types.len() < 2
        || map.keys().any(|key| APART.contains(&key.as_str()))
    {
        return None;
    }
    let mut rest = map.clone();
    let others: Vec<&Value> = types.iter().filter(|one| **one != json!("null")).collect();
    rest.insert("type".into(), json!(others));
    let nothing = tape.of(&[json!({ "type": "null" }), json!({ "const": null }), json!({ "enum": [null] })]);
    let word = tape.of(&["anyOf", "oneOf"]);
    Some(if tape.one_in(2) { json!({ word: [rest, nothing] }) } else { json!({ word: [nothing, rest] }) })
}

/// Keywords that have to stand side by side.
const TOGETHER: [&[&str]; 4] = [
    &["properties", "patternProperties", "additionalProperties"],
    &["prefixItems", "items"],
    &["contains", "minContains", "maxContains"],
    &["if", "then", "else"],
];

/// A schema as the conjunction of two; what looks at all that was evaluated stays outside.
fn taken_apart(map: &Map<String, Value>, tape: &mut Tape) -> Value {
    let (mut one, mut other, mut outside) = (Map::new(), Map::new(), Map::new());
    let mut sides = [false; TOGETHER.len()];
    for side in &mut sides {
        *side = tape.one_in(2);
    }
    for (key, value) in map {
        if key.starts_with("unevaluated") {
            outside.insert(key.clone(), value.clone());
            continue;
        }
        let group = TOGETHER.iter().position(|group| group.contains(&key.as_str()));
        let first = group.map_or_else(|| tape.one_in(2), |group| sides[group]);
        if first { &mut one } else { &mut other }.insert(key.clone(), value.clone());
    }
    // What one part says, the other may say again.
    if let (Some(kind), true) = (map.get("type"), tape.one_in(2)) {
        one.insert("type".into(), kind.clone());
        other.insert("type".into(), kind.clone());
    }
    if tape.one_in(2) && !one.contains_key("allOf") {
        one.insert("allOf".into(), json!([other]));
        one.extend(outside);
        return Value::Object(one);
    }
    outside.insert("allOf".into(), json!([one, other]));
    Value::Object(outside)
}

/// What a reference without siblings leads to, in its place.
fn inlined(map: &Map<String, Value>, components: &Map<String, Value>) -> Option<Value> {
    let target = map.get("$ref")?.as_str()?;
    (map.len() == 1).then(|| components[target.rsplit('/').next().unwrap()].clone())
}

/// Bounds of integers, with the bound and without.
fn bounds(map: &mut Map<String, Value>) {
    if map.get("type") != Some(&json!("integer")) {
        return;
    }
    for (with, without, step) in [
        ("minimum", "exclusiveMinimum", -1),
        ("maximum", "exclusiveMaximum", 1),
        ("exclusiveMinimum", "minimum", 1),
    ] {
        if let Some(bound) = map.get(with).and_then(Value::as_i64)
            && !map.contains_key(without)
        {
            map.remove(with);
            map.insert(without.into(), json!(bound + step));
            return;
        }
    }
}

fn odd(value: &Value, tape: &mut Tape) -> Value {
    match tape.pick(4) {
        0 => {
            if let Some(Value::Array(list)) = value.get("enum")
                && value.as_object().is_some_and(|map| map.len() == 1)
            {
                let all: Vec<Value> = list.iter().map(|one| json!({ "const": one })).collect();
                return json!({ "anyOf": all });
            }
            value.clone()
        }
        1 if value == &json!({ "type": "boolean" }) => json!({ "enum": [true, false] }),
        // One of two alternatives, whatever the type.
        2 => {
            let Some(Value::Array(types)) = value.get("type") else { return value.clone() };
            let map = value.as_object().unwrap();
            if map.keys().any(|key| APART.contains(&key.as_str())) {
                return value.clone();
            }
            let each = types.iter().map(|one| {
                let mut map = map.clone();
                map.insert("type".into(), one.clone());
                Value::Object(map)
            });
            json!({ "anyOf": each.collect::<Vec<_>>() })
        }
        _ => json!({ "anyOf": [{ "allOf": [value, { "type": "string" }] }, value] }),
    }
}
