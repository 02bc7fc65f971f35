//! Edits of schemas such as people make: most keep the greater part, so that often one schema still holds the other.

use serde_json::{Map, Value, json};

use super::schemas::{self, COMPONENTS, Grammar, NAMES, Spot, schema};
use super::walk::{at, at_mut, paths};
use super::world::World;
use crate::support::tape::Tape;

/// The same world with one to three edits.
pub(super) fn edited(world: &World, tape: &mut Tape, grammar: Grammar) -> World {
    let mut new = world.clone();
    for _ in 0..=tape.pick(3) {
        once(&mut new, tape, grammar);
    }
    new
}

/// One edit, somewhere.
pub(super) fn once(world: &mut World, tape: &mut Tape, grammar: Grammar) {
    let component = tape.one_in(4).then(|| tape.of(&COMPONENTS));
    let (whole, spot) = match component {
        Some(name) => (&mut world.components[name], Spot::component(1)),
        None => (&mut world.schema, Spot::message(1)),
    };
    let all = paths(whole);
    let path = tape.of(&all);
    // A part of the value may lead anywhere; the value itself only where it did.
    let part = path.iter().any(|word| {
        matches!(
            word.as_str(),
            "properties"
                | "items"
                | "prefixItems"
                | "additionalProperties"
                | "patternProperties"
                | "contains"
        )
    });
    let spot = if part { Spot::message(1) } else { spot };
    let other = tape.of(&all);
    let other = at(whole, &other).clone();
    let place = at_mut(whole, &path);
    let leads = other.to_string().contains("$ref") && !spot.leads;
    if tape.one_in(12) && !leads {
        // What stands elsewhere.
        *place = other;
        return;
    }
    *place = one(place, tape, grammar, spot);
}

fn one(value: &Value, tape: &mut Tape, grammar: Grammar, spot: Spot) -> Value {
    let Value::Object(map) = value else { return schema(tape, grammar, spot) };
    let mut out = map.clone();
    match tape.pick(16) {
        0 | 1 => moved(&mut out, tape),
        2 => {
            if let Some(key) = out.keys().nth(tape.pick(out.len())).cloned() {
                out.remove(&key);
            }
        }
        3 => types(&mut out, tape),
        4 => values(&mut out, tape),
        6 => property(&mut out, tape, grammar, spot),
        7 => {
            let rest = match tape.pick(4) {
                0 => json!(false),
                1 => json!(true),
                _ => schema(tape, grammar, spot.part()),
            };
            out.insert(tape.of(&["additionalProperties", "items"]).into(), rest);
        }
        8 | 9 => branches(&mut out, tape, grammar, spot),
        10 => more(&mut out, tape, grammar, spot),
        11 => return wrapped(value, tape, grammar, spot),
        12 => {
            for word in ["not", "contains", "if", "then", "else", "propertyNames"] {
                if let Some(inner) = out.get_mut(word) {
                    *inner = one(inner, tape, grammar, spot.same());
                    break;
                }
            }
        }
        13 => drop(out.insert("pattern".into(), json!(tape.of(&schemas::PATTERNS).0))),
        14 => return schema(tape, grammar, spot),
        _ => required(&mut out, tape),
    }
    Value::Object(out)
}

/// A number of a keyword goes up or down.
fn moved(map: &mut Map<String, Value>, tape: &mut Tape) {
    let numbers: Vec<String> =
        map.iter().filter(|(_, value)| value.is_number()).map(|(key, _)| key.clone()).collect();
    if numbers.is_empty() {
        return more_of_type(map, tape);
    }
    let key = tape.of(&numbers);
    let new = match (map[&key].as_i64(), tape.pick(4)) {
        (Some(value), 0) => json!(value + 1),
        (Some(value), 1) => json!((value - 1).max(i64::from(key == "multipleOf" || key.starts_with('m')))),
        (Some(value), _) => json!((value * 2).max(1)),
        (None, _) => json!(2),
    };
    // Counts and steps have no negative numbers; bounds may.
    let bound = key.ends_with("inimum") || key.ends_with("aximum");
    let new = if bound && tape.one_in(3) { json!(-1) } else { new };
    map.insert(key, new);
}

/// Keywords of the type that is there.
fn more_of_type(map: &mut Map<String, Value>, tape: &mut Tape) {
    let mut more = Map::new();
    match map.get("type").and_then(Value::as_str) {
        Some("integer" | "number") => schemas::number(tape, &mut more),
        Some("string") => schemas::string(tape, &mut more),
        Some("object") => schemas::object(tape, Grammar::FULL, Spot::component(0), &mut more),
        Some("array") => schemas::array(tape, Grammar::FULL, Spot::component(0), &mut more),
        _ => return,
    }
    more.remove("type");
    map.extend(more);
}

fn types(map: &mut Map<String, Value>, tape: &mut Tape) {
    let all = ["string", "integer", "number", "boolean", "null", "object", "array"];
    let mut list: Vec<Value> = match map.get("type") {
        Some(Value::Array(list)) => list.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    let one = json!(tape.of(&all));
    if tape.one_in(2) && list.len() > 1 {
        let index = tape.pick(list.len());
        list.remove(index);
    } else if !list.contains(&one) {
        list.push(one);
    }
    map.insert("type".into(), if list.len() == 1 { list[0].clone() } else { Value::Array(list) });
}

fn values(map: &mut Map<String, Value>, tape: &mut Tape) {
    match map.get_mut("enum") {
        Some(Value::Array(list)) => {
            if tape.one_in(2) && list.len() > 1 {
                let index = tape.pick(list.len());
                list.remove(index);
            } else {
                list.push(tape.of(&[json!("z"), json!(3), json!(null), json!("b"), json!(2.5)]));
            }
        }
        _ => schemas::listed(tape, map),
    }
}

fn required(map: &mut Map<String, Value>, tape: &mut Tape) {
    let mut list: Vec<Value> = map.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let name = json!(tape.of(&NAMES));
    match list.iter().position(|one| *one == name) {
        Some(index) => drop(list.remove(index)),
        None => list.push(name),
    }
    map.insert("required".into(), Value::Array(list));
}

fn property(map: &mut Map<String, Value>, tape: &mut Tape, grammar: Grammar, spot: Spot) {
    let mut members = map.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let name = tape.of(&NAMES);
    if members.contains_key(name) && tape.one_in(2) {
        members.remove(name);
    } else {
        members.insert(name.into(), schema(tape, grammar, spot.part()));
    }
    map.insert("properties".into(), Value::Object(members));
}

fn branches(map: &mut Map<String, Value>, tape: &mut Tape, grammar: Grammar, spot: Spot) {
    let held = ["anyOf", "oneOf", "allOf", "prefixItems"];
    let Some(word) = held.into_iter().find(|word| map.contains_key(*word)) else {
        return more_of_type(map, tape);
    };
    let Some(Value::Array(list)) = map.get_mut(word) else { return };
    match tape.pick(4) {
        0 => list.push(schema(tape, grammar, spot.same())),
        1 if list.len() > 1 => {
            let index = tape.pick(list.len());
            list.remove(index);
        }
        2 => list.reverse(),
        _ => {
            let again = tape.of(list);
            list.push(again);
        }
    }
}

/// Other keywords beside those that are there.
fn more(map: &mut Map<String, Value>, tape: &mut Tape, grammar: Grammar, spot: Spot) {
    if let Value::Object(other) = schema(tape, grammar, spot) {
        for (key, value) in other {
            map.entry(key).or_insert(value);
        }
    }
}

fn wrapped(value: &Value, tape: &mut Tape, grammar: Grammar, spot: Spot) -> Value {
    let other = schema(tape, grammar, spot.same());
    match tape.pick(6) {
        0 => json!({ "anyOf": [value, other] }),
        1 => json!({ "allOf": [value, other] }),
        2 if grammar.exclusive => json!({ "oneOf": [value, other] }),
        3 if grammar.rare => json!({ "not": { "not": value } }),
        4 if grammar.rare => json!({ "if": other, "then": value, "else": value }),
        _ => json!({ "anyOf": [value] }),
    }
}
