//! Random pairs of schemas, and values that are drawn without looking at how schemas are compared: none of them may
//! contradict what the comparison says.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::{Level, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use serde_json::{Map, Value, json};

use super::confirmed::{confirm, takes};
use crate::support::property;
use crate::support::tape::Tape;

const NAMES: [&str; 3] = ["a", "b", "c"];

fn schema(tape: &mut Tape, depth: usize) -> Value {
    let mut map = Map::new();
    match tape.pick(if depth == 0 { 6 } else { 11 }) {
        0 => {
            map.insert("type".into(), json!("string"));
            bounds(tape, &mut map, "minLength", "maxLength");
            if tape.one_in(4) {
                map.insert("pattern".into(), json!(["^a", "^[a-c]+$", "b$", "^x?y*$"][tape.pick(4)]));
            }
            if tape.one_in(8) {
                map.insert("format".into(), json!(["date", "uuid"][tape.pick(2)]));
            }
        }
        1 => {
            map.insert("type".into(), json!(["integer", "number"][tape.pick(2)]));
            bounds(tape, &mut map, "minimum", "maximum");
            bounds(tape, &mut map, "exclusiveMinimum", "exclusiveMaximum");
            if tape.one_in(4) {
                map.insert("multipleOf".into(), json!([2, 3, 5][tape.pick(3)]));
            }
        }
        2 => drop(map.insert("type".into(), json!(["boolean", "null"][tape.pick(2)]))),
        3 => drop(map.insert(
            "enum".into(),
            [json!(["x", "y"]), json!(["x", "z"]), json!([1, 2])][tape.pick(3)].clone(),
        )),
        4 => drop(map.insert("const".into(), [json!("x"), json!(1), json!(null)][tape.pick(3)].clone())),
        5 => {
            drop(map.insert("type".into(), json!([["string", "null"], ["integer", "string"]][tape.pick(2)])));
        }
        6 | 7 => object(tape, depth, &mut map),
        8 => {
            map.insert("type".into(), json!("array"));
            map.insert("items".into(), schema(tape, depth - 1));
            bounds(tape, &mut map, "minItems", "maxItems");
            if tape.one_in(4) {
                map.insert("uniqueItems".into(), json!(true));
            }
            if tape.one_in(5) {
                map.insert("contains".into(), schema(tape, depth - 1));
            }
        }
        9 => {
            let branches: Vec<Value> = (0..2 + tape.pick(2)).map(|_| schema(tape, depth - 1)).collect();
            map.insert(["anyOf", "oneOf", "allOf"][tape.pick(3)].into(), Value::Array(branches));
        }
        _ => match tape.pick(3) {
            0 => drop(map.insert("not".into(), schema(tape, depth - 1))),
            1 => {
                for word in ["if", "then", "else"] {
                    map.insert(word.into(), schema(tape, depth - 1));
                }
            }
            _ => drop(map.insert("$ref".into(), json!("#/components/schemas/Tree"))),
        },
    }
    Value::Object(map)
}

fn bounds(tape: &mut Tape, map: &mut Map<String, Value>, low: &str, high: &str) {
    if tape.one_in(3) {
        map.insert(low.into(), json!(tape.pick(4)));
    }
    if tape.one_in(3) {
        map.insert(high.into(), json!(1 + tape.pick(5)));
    }
}

fn object(tape: &mut Tape, depth: usize, map: &mut Map<String, Value>) {
    map.insert("type".into(), json!("object"));
    let mut properties = Map::new();
    for name in NAMES.iter().take(1 + tape.pick(3)) {
        properties.insert((*name).to_owned(), schema(tape, depth - 1));
    }
    let required: Vec<&str> =
        NAMES.into_iter().filter(|name| properties.contains_key(*name) && tape.one_in(3)).collect();
    map.insert("properties".into(), Value::Object(properties));
    if !required.is_empty() {
        map.insert("required".into(), json!(required));
    }
    if tape.one_in(3) {
        map.insert("additionalProperties".into(), json!(false));
    } else if tape.one_in(5) {
        map.insert("additionalProperties".into(), schema(tape, depth - 1));
    }
    bounds(tape, map, "minProperties", "maxProperties");
    if tape.one_in(8) {
        map.insert("dependentRequired".into(), json!({ "a": ["b"] }));
    }
}

/// A value, drawn for nothing in particular but from small letters and numbers, so that it often fits.
fn value(tape: &mut Tape, depth: usize) -> Value {
    match tape.pick(if depth == 0 { 4 } else { 7 }) {
        0 => {
            let texts = ["a", "b", "x", "y", "z", "", "ab", "abc", "xyy", "aaaaaa", "2024-01-31", "é"];
            json!(texts[tape.pick(texts.len())])
        }
        1 => json!(i64::try_from(tape.pick(12)).unwrap() - 2),
        2 => [json!(true), json!(false), json!(null)][tape.pick(3)].clone(),
        3 => json!([0.5, 1.5, 2.5, -0.5][tape.pick(4)]),
        4 | 5 => {
            let names = ["a", "b", "c", "d"];
            let mut members = Map::new();
            for name in names.into_iter().take(tape.pick(5)) {
                if !tape.one_in(4) {
                    members.insert(name.into(), value(tape, depth - 1));
                }
            }
            Value::Object(members)
        }
        _ => (0..tape.pick(4)).map(|_| value(tape, depth - 1)).collect(),
    }
}

/// Some values for a pair of schemas: drawn ones, and those that the schemas themselves spell out.
fn values(tape: &mut Tape) -> Vec<Value> {
    (0..40).map(|_| value(tape, 3)).collect()
}

fn description(schema: &Value, answered: bool) -> Value {
    let content = json!({ "application/json": { "schema": schema } });
    let tree = json!({ "type": "object", "properties": {
        "a": { "$ref": "#/components/schemas/Tree" }, "b": { "type": "integer" } } });
    let operation = if answered {
        json!({ "responses": { "200": { "description": "ok", "content": content } } })
    } else {
        json!({ "requestBody": { "required": true, "content": content }, "responses": {} })
    };
    json!({ "openapi": "3.1.0", "info": { "title": "T", "version": "1" },
        "paths": { "/x": { "post": operation } }, "components": { "schemas": { "Tree": tree } } })
}

fn between(base: &Value, revision: &Value, options: &Options) -> Report {
    let (old, of_old) = read("base", base.to_string().as_bytes());
    let (new, of_new) = read("revision", revision.to_string().as_bytes());
    compare(&lower(&old, of_old), &lower(&new, of_new), options)
}

/// A pair of schemas: the second is drawn from the same choices with a few of them changed, so that they are alike.
fn pair() -> impl Strategy<Value = (Value, Value, Tape)> {
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u16>()), 1..4);
    (Tape::any(48), changes, Tape::any(400)).prop_map(|(tape, changes, values)| {
        let mut other = tape.clone();
        for (index, choice) in changes {
            if !other.choices.is_empty() {
                let at = index.index(other.choices.len());
                other.choices[at] = choice;
            }
        }
        let (mut one, mut two) = (tape, other);
        (schema(&mut one, 3), schema(&mut two, 3), values)
    })
}

#[test]
fn no_value_contradicts_what_is_said_to_be_safe() {
    property::check(400, &pair(), |(old, new, mut tape)| {
        let (base, revision) = (description(&old, false), description(&new, false));
        let options = Options { strict: true, without_witnesses: true, ..Options::default() };
        let report = between(&base, &revision, &options);
        if report.findings.iter().any(|finding| finding.level != Level::Info) {
            return Ok(());
        }
        for value in values(&mut tape) {
            if takes(&base, &value) && !takes(&revision, &value) {
                return Err(TestCaseError::fail(format!(
                    "{value} is lost\nold {old}\nnew {new}\n{report:#?}"
                )));
            }
        }
        Ok(())
    });
}

#[test]
fn every_witness_holds_against_the_descriptions_as_they_were_written() {
    let shown = std::cell::Cell::new((0, 0));
    property::check(300, &pair(), |(old, new, _)| {
        for answered in [false, true] {
            let (base, revision) = (description(&old, answered), description(&new, answered));
            let report = between(&base, &revision, &Options::default());
            for finding in report.findings.iter().filter(|finding| finding.level == Level::Error) {
                let (held, all) = shown.get();
                shown.set((held + u32::from(confirm(&base, &revision, finding)), all + 1));
            }
        }
        Ok(())
    });
    let (held, all) = shown.get();
    assert!(held * 2 > all, "only {held} of {all} breaking changes are shown by a value in its place");
}

#[test]
fn the_same_descriptions_have_the_same_witnesses() {
    property::check(60, &pair(), |(old, new, _)| {
        let (base, revision) = (description(&old, true), description(&new, true));
        let report = || between(&base, &revision, &Options::default());
        prop_assert_eq!(report(), report());
        Ok(())
    });
}
