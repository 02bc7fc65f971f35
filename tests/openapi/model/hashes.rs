//! Hashes by content: equal where the meaning is, different where any keyword that the model holds is.

use proptest::prelude::*;
use rollgate::openapi::model::SchemaId;
use serde_json::{Value, json};

use super::with;
use crate::support::property::check;

/// The hash of the schema `A` among these, and whether it is broken.
fn hash(version: &str, schemas: &Value) -> u128 {
    let holder = if version == "2.0" {
        json!({ "definitions": schemas })
    } else {
        json!({ "components": { "schemas": schemas } })
    };
    let mut document = holder;
    let key = if version == "2.0" { "swagger" } else { "openapi" };
    document[key] = version.into();
    document["paths"] = json!({});
    with(&document.to_string(), |model| {
        let (_, SchemaId(id)) = model.named_schemas.iter().find(|(name, _)| *name == "A").unwrap();
        model.schemas[*id as usize].hash
    })
}

#[expect(clippy::needless_pass_by_value, reason = "pairs are written where they are compared")]
fn same(one: (&str, Value), other: (&str, Value)) {
    assert_eq!(hash(one.0, &one.1), hash(other.0, &other.1), "{} and {}", one.1, other.1);
}

#[test]
fn spellings_of_one_schema_are_one() {
    let nullable = json!({"A": {"type": "string", "nullable": true}});
    same(("3.0.0", nullable.clone()), ("3.1.0", json!({"A": {"type": ["string", "null"]}})));
    same(("3.0.0", nullable.clone()), ("3.1.0", json!({"A": {"type": ["null", "string", "null"]}})));
    same(("3.0.0", nullable.clone()), ("2.0", json!({"A": {"type": "string", "x-nullable": true}})));
    same(
        ("3.0.0", nullable),
        ("3.0.0", json!({"A": {"nullable": true, "description": "d", "type": "string", "example": 1}})),
    );
    same(
        ("3.0.0", json!({"A": {"type": "integer", "minimum": 1, "exclusiveMinimum": true}})),
        ("3.1.0", json!({"A": {"type": "integer", "exclusiveMinimum": 1.0}})),
    );
    same(
        ("3.0.0", json!({"A": {"type": "number", "maximum": 10, "exclusiveMaximum": false}})),
        ("3.1.0", json!({"A": {"type": "number", "maximum": 1e1, "exclusiveMaximum": 11}})),
    );
    same(
        ("3.1.0", json!({"A": {"enum": [1, "a", {"b": 1, "c": 2}]}})),
        ("3.1.0", json!({"A": {"enum": ["a", {"c": 2, "b": 1.0}, 1, 1]}})),
    );
    same(
        ("3.1.0", json!({"A": {"required": ["a", "b"], "anyOf": [{"type": "string"}, true]}})),
        ("3.1.0", json!({"A": {"anyOf": [true, {"type": "string"}], "required": ["b", "a"]}})),
    );
}

#[test]
fn names_of_components_count_where_a_schema_refers_to_itself_or_is_told_by_its_name_and_nowhere_else() {
    let plain = |name: &str| json!({"A": {"properties": {"x": {"$ref": format!("#/components/schemas/{name}")}}}, name: {"type": "string"}});
    same(("3.0.0", plain("B")), ("3.0.0", plain("C")));
    same(("3.0.0", plain("B")), ("3.0.0", json!({"A": {"properties": {"x": {"type": "string"}}}})));
    let tagged = |name: &str| {
        hash(
            "3.0.0",
            &json!({
                "A": {"oneOf": [{"$ref": format!("#/components/schemas/{name}")}], "discriminator": {"propertyName": "k"}},
                name: {"type": "object"}
            }),
        )
    };
    assert_ne!(tagged("B"), tagged("C"));
    let child = |name: &str| {
        hash(
            "3.0.0",
            &json!({
                "A": {"items": {"$ref": format!("#/components/schemas/{name}")}},
                name: {"allOf": [{"$ref": "#/components/schemas/Base"}]},
                "Base": {"discriminator": {"propertyName": "k"}}
            }),
        )
    };
    assert_ne!(child("B"), child("C"));
    // A list of itself is the same wherever the document is read from, and unlike one with another member.
    let list = |next: &str, also: &Value| {
        json!({
            "A": {"properties": {"next": {"$ref": "#/components/schemas/B"}, "also": also}},
            "B": {"properties": {"next": {"$ref": format!("#/components/schemas/{next}")}}}
        })
    };
    same(
        ("3.0.0", list("A", &json!({"type": "string"}))),
        ("3.1.0", list("A", &json!({"type": ["string"]}))),
    );
    assert_ne!(hash("3.0.0", &list("A", &json!({}))), hash("3.0.0", &list("A", &json!({"type": "string"}))));
    assert_ne!(hash("3.0.0", &list("A", &json!({}))), hash("3.0.0", &list("B", &json!({}))));
}

#[test]
fn a_change_deep_in_a_circle_reaches_everything_that_leads_to_it() {
    let circle = |deep: Value| {
        json!({
            "A": {"items": {"$ref": "#/components/schemas/B"}},
            "B": {"properties": {"c": {"allOf": [{"$ref": "#/components/schemas/C"}]}, "d": {"$ref": "#/components/schemas/B"}}},
            "C": {"properties": {"b": {"items": {"$ref": "#/components/schemas/B"}}, "deep": deep}}
        })
    };
    assert_ne!(
        hash("3.0.0", &circle(json!({"maxLength": 1}))),
        hash("3.0.0", &circle(json!({"maxLength": 2})))
    );
}

/// A schema that says something with every keyword.
fn rich() -> Value {
    let text = r#"{
        "type": ["object", "array"], "format": "f", "enum": [1, 2], "const": 3, "minimum": 1, "maximum": 2,
        "multipleOf": 2, "minLength": 1, "maxLength": 2, "pattern": "p", "minItems": 1, "maxItems": 2,
        "uniqueItems": true, "prefixItems": [{"type": "string"}, {"type": "null"}], "items": {"type": "number"},
        "unevaluatedItems": {"minimum": 7}, "contains": {"minimum": 8}, "minContains": 1, "maxContains": 2,
        "properties": {"a": {"type": "string"}, "b": true}, "required": ["a"], "additionalProperties": {"minimum": 9},
        "patternProperties": {"x": {"minimum": 1}}, "propertyNames": {"minLength": 1},
        "unevaluatedProperties": {"minimum": 2}, "minProperties": 1, "maxProperties": 2,
        "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"a": {"minimum": 3}},
        "allOf": [{"minimum": 4}], "anyOf": [{"minimum": 5}], "oneOf": [{"minimum": 6}], "not": {"minimum": 10},
        "if": {"minimum": 11}, "then": {"minimum": 12}, "else": {"minimum": 13}, "contentEncoding": "e",
        "contentMediaType": "m", "contentSchema": {"minimum": 14}, "discriminator": {"propertyName": "a"},
        "readOnly": true, "writeOnly": true, "deprecated": true, "x-sunset": "s", "x-stability-level": "l",
        "x-extensible-enum": [1], "default": 1
    }"#;
    serde_json::from_str(text).unwrap()
}

/// Another value of a keyword, still of its type.
fn edited(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => json!(number.as_u64().unwrap() + 1),
        Value::String(text) => json!(format!("{text}x")),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| {
                if at == 0 && item != "object" {
                    edited(item)
                } else if at == 0 {
                    json!("boolean")
                } else {
                    item.clone()
                }
            })
            .collect(),
        Value::Object(members) => {
            let mut members = members.clone();
            let key = members.keys().next().unwrap().clone();
            let value = members[&key].clone();
            members[&key] = if value == "string" { json!("null") } else { edited(&value) };
            Value::Object(members)
        }
        Value::Null => json!(0),
    }
}

#[test]
fn every_keyword_counts() {
    let whole = hash("3.1.0", &json!({"A": rich()}));
    for (keyword, value) in rich().as_object().unwrap() {
        let mut without = rich();
        without.as_object_mut().unwrap().remove(keyword);
        assert_ne!(whole, hash("3.1.0", &json!({"A": without})), "without {keyword}");
        let mut other = rich();
        other[keyword] = edited(value);
        assert_ne!(whole, hash("3.1.0", &json!({"A": other})), "another {keyword}: {}", other[keyword]);
    }
}

/// Schemas of a few keywords, with references among `A`, `B` and `C`.
fn small() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!(true)),
        (0..3_u8).prop_map(
            |name| json!({"$ref": format!("#/components/schemas/{}", ["A", "B", "C"][name as usize])})
        ),
        (0..3_u8).prop_map(|length| json!({"type": "string", "maxLength": length})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::btree_map("[a-c]", inner.clone(), 0..3)
                .prop_map(|properties| json!({"properties": properties})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|any_of| json!({"anyOf": any_of})),
            inner.prop_map(|items| json!({"type": "array", "items": items})),
        ]
    })
}

/// Everything the other way round where order means nothing.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(members) => {
            members.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect()
        }
        other => other.clone(),
    }
}

/// References to `B` and `C` once replaced by what they lead to.
fn inlined(value: &Value, components: &Value) -> Value {
    match value {
        Value::Object(members) if members.contains_key("$ref") => {
            let name = members["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
            if name == "A" { value.clone() } else { components[name].clone() }
        }
        Value::Array(items) => items.iter().map(|item| inlined(item, components)).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), inlined(value, components))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn order_and_naming_mean_nothing() {
    check(300, &(small(), small(), small()), |(a, b, c)| {
        let components = json!({"A": a, "B": b, "C": c});
        let whole = hash("3.1.0", &components);
        prop_assert_eq!(whole, hash("3.1.0", &reversed(&components)));
        let acyclic = !format!("{b}{c}").contains("$ref");
        if acyclic && !a.to_string().contains("schemas/A") {
            prop_assert_eq!(whole, hash("3.1.0", &json!({"A": inlined(&a, &components)})));
        }
        Ok(())
    });
}

#[test]
fn what_differs_in_meaning_differs_in_its_hash() {
    // The marker is meaningful wherever it stands, so a schema that leads to it never equals one that does not.
    check(200, &(small(), small()), |(a, b)| {
        let marked = |length: u8| json!({"A": a, "B": b, "C": {"type": "string", "minLength": length}});
        let reaches = a.to_string().contains("schemas/C")
            || (a.to_string().contains("schemas/B") && b.to_string().contains("schemas/C"));
        prop_assert_eq!(hash("3.1.0", &marked(1)) != hash("3.1.0", &marked(2)), reaches);
        Ok(())
    });
}

const OLD: &str = r"
swagger: '2.0'
consumes: [application/json]
produces: [application/json]
paths:
  /a:
    post:
      parameters:
        - {name: q, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: n, in: header, type: integer, required: true}
        - {name: b, in: body, required: true, schema: {$ref: '#/definitions/B'}}
      responses: {200: {description: x, schema: {$ref: '#/definitions/B'}, headers: {X-A: {type: string}}}}
definitions: {B: {type: object, properties: {f: {type: string, x-nullable: true}}}}
";

const NEW: &str = r"
openapi: VERSION
paths:
  /a:
    post:
      parameters:
        - {name: q, in: query, schema: {type: array, items: {type: string}}}
        - {name: N, in: header, schema: {type: integer}, required: true, description: d}
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/X'}}}}
      responses: {'200': {description: y, content: {application/json: {schema: {$ref: '#/components/schemas/X'}}}, headers: {x-a: {schema: {type: string}}}}}
components: {schemas: {X: {type: object, properties: {f: NULLABLE}}}}
";

#[test]
fn one_api_in_three_versions_has_the_same_hashes() {
    let hashes = |document: &str| {
        with(document, |model| {
            assert_eq!(model.diagnostics, []);
            let operation = &model.operations[0];
            let parameters: Vec<u128> =
                operation.parameters.iter().map(|id| model.parameters[id.0 as usize].hash).collect();
            let body = model.bodies[operation.body.unwrap().0 as usize].hash;
            (parameters, body, model.responses[operation.responses[0].1.0 as usize].hash)
        })
    };
    let new = |version: &str, nullable: &str| NEW.replace("VERSION", version).replace("NULLABLE", nullable);
    let (old, v3_0, v3_1) = (
        hashes(OLD),
        hashes(&new("3.0.0", "{type: string, nullable: true}")),
        hashes(&new("3.1.0", "{type: ['null', string]}")),
    );
    assert_eq!(old, v3_0);
    assert_eq!(v3_0, v3_1);
    assert_ne!(v3_1, hashes(&new("3.1.0", "{type: [string]}")));
}
