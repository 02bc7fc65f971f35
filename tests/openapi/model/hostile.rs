//! Descriptions that nobody would write: lowered in bounded time and space, whatever they hold.

use std::fmt::Write as _;

use proptest::prelude::*;
use rollgate::openapi::model::{Description, lower};
use rollgate::openapi::read::read;
use serde_json::{Value, json};

use super::with;
use crate::support::property::check;
use crate::support::shared_data::{SPECS, spec};

/// What every model owes whoever walks it.
fn is_sound(model: &Description<'_>) {
    let schema = |id: rollgate::openapi::model::SchemaId| &model.schemas[id.0 as usize];
    for it in &model.schemas {
        it.edges(|id, _| {
            schema(id);
        });
        assert!(
            it.reference
                .is_none_or(|target| it.broken || !schema(target).broken || schema(target).node.is_some())
        );
    }
    // Ways in place end.
    let mut rank = vec![0_u8; model.schemas.len()];
    for start in 0..model.schemas.len() {
        let mut open = vec![(start, false)];
        while let Some((at, done)) = open.pop() {
            if done {
                rank[at] = 2;
            } else if rank[at] == 0 {
                rank[at] = 1;
                open.push((at, true));
                model.schemas[at].edges_in_place(|id, _| {
                    let to = id.0 as usize;
                    assert!(rank[to] != 1, "an endless schema");
                    if rank[to] == 0 {
                        open.push((to, false));
                    }
                });
            }
        }
    }
    for operation in &model.operations {
        assert!((operation.path as usize) < model.paths.len());
        operation.parameters.iter().for_each(|id| assert!((id.0 as usize) < model.parameters.len()));
        operation.responses.iter().for_each(|(_, id, _)| assert!((id.0 as usize) < model.responses.len()));
        operation.body.iter().for_each(|id| assert!((id.0 as usize) < model.bodies.len()));
    }
    assert!(model.diagnostics.len() <= 1_001 + 1_001);
}

#[test]
fn real_descriptions_have_few_defects() {
    let mut page = String::new();
    for name in SPECS {
        let bytes = spec(name);
        let (tree, diagnostics) = read(name, &bytes);
        let model = lower(&tree, diagnostics);
        is_sound(&model);
        let broken = model.schemas.iter().filter(|schema| schema.broken).count()
            + model.parameters.iter().filter(|it| it.broken).count()
            + model.bodies.iter().filter(|it| it.broken).count()
            + model.responses.iter().filter(|it| it.broken).count();
        let codes: std::collections::BTreeSet<&str> =
            model.diagnostics.iter().map(|it| it.code.as_str()).collect();
        let codes: Vec<&str> = codes.into_iter().collect();
        writeln!(
            page,
            "{name}: {} operations, {} diagnostics ({}), {broken} broken",
            model.operations.len(),
            model.diagnostics.len(),
            codes.join(", ")
        )
        .unwrap();
    }
    insta::assert_snapshot!(page, @r"
box/base.json: 271 operations, 1 diagnostics (idle-nullable), 0 broken
box/revision.json: 296 operations, 1 diagnostics (idle-nullable), 0 broken
cloudflare/base.json: 1533 operations, 1 diagnostics (idle-nullable), 0 broken
cloudflare/revision.json: 1533 operations, 1 diagnostics (idle-nullable), 0 broken
github/base.json: 749 operations, 1 diagnostics (idle-nullable), 0 broken
github/revision.json: 874 operations, 1 diagnostics (idle-nullable), 0 broken
okta/base.yaml: 705 operations, 1 diagnostics (ignored-sibling), 0 broken
okta/revision.yaml: 732 operations, 1 diagnostics (ignored-sibling), 0 broken
openai/base.yaml: 55 operations, 2 diagnostics (idle-nullable, ignored-sibling), 0 broken
openai/revision.yaml: 304 operations, 8 diagnostics (unknown-keyword, wrong-type), 0 broken
pagerduty/base.json: 265 operations, 13 diagnostics (external-reference, idle-nullable), 0 broken
pagerduty/revision.json: 467 operations, 3 diagnostics (idle-nullable, wrong-reference), 2 broken
stripe/base.yaml: 384 operations, 1 diagnostics (idle-nullable), 0 broken
stripe/revision.yaml: 468 operations, 1 diagnostics (idle-nullable), 0 broken
");
}

#[test]
fn chains_and_circles_of_any_length_take_no_stack() {
    let chain = |length: usize, last: &str| {
        let mut schemas = String::new();
        for index in 0..length {
            let next = if index + 1 < length { format!("S{}", index + 1) } else { last.to_owned() };
            writeln!(schemas, "    S{index}: {{$ref: '#/components/schemas/{next}'}}").unwrap();
        }
        format!("openapi: 3.0.0\npaths: {{}}\ncomponents:\n  schemas:\n    End: {{type: string}}\n{schemas}")
    };
    with(&chain(50_000, "End"), |model| {
        is_sound(model);
        assert_eq!(model.diagnostics, []);
        assert_eq!(model.schemas[0].hash, model.schemas[1].hash);
    });
    with(&chain(50_000, "S0"), |model| {
        is_sound(model);
        assert!(model.schemas.iter().filter(|schema| schema.broken).count() >= 50_000);
        assert_eq!(model.diagnostics.last().unwrap().code, "endless-reference");
    });
    let nested = chain(20_000, "S0").replace("{$ref: ", "{items: {$ref: ").replace("'}\n", "'}}\n");
    with(&nested, |model| {
        is_sound(model);
        assert_eq!(model.diagnostics, []);
    });
}

#[test]
fn what_many_places_share_is_counted_at_each_and_ends() {
    let mut document = String::from("openapi: 3.1.0\npaths:\n");
    for index in 0..2_000 {
        writeln!(document, "  /p{index}: {{$ref: '#/components/pathItems/P'}}").unwrap();
    }
    document.push_str("components:\n  pathItems:\n    P:\n      get: {}\n      parameters:\n");
    for index in 0..3_000 {
        writeln!(document, "        - {{name: p{index}, in: query, schema: {{}}}}").unwrap();
    }
    with(&document, |model| {
        is_sound(model);
        assert!(model.operations.iter().map(|it| it.parameters.len()).sum::<usize>() <= 4_000_000);
        assert!(model.operations.iter().any(|it| it.broken));
        assert_eq!(model.diagnostics.iter().filter(|it| it.code == "too-large").count(), 1);
    });
}

#[test]
fn callbacks_of_callbacks_end() {
    let document = "openapi: 3.0.0\npaths:\n  /a: {post: {responses: {}, callbacks: {c: {$ref: '#/components/callbacks/C'}}}}\n\
        components: {callbacks: {C: {x: {post: {responses: {}, callbacks: {a: {$ref: '#/components/callbacks/C'}, b: {$ref: '#/components/callbacks/C'}}}}}}}\n";
    with(document, |model| {
        is_sound(model);
        assert_eq!(model.operations.len(), 1 + 1 + 2 + 4 + 8);
        assert!(model.paths.iter().any(|path| path.broken));
    });
}

/// Descriptions that have a bit of everything, by version.
const EVERYTHING: [&str; 3] = [
    include_str!("everything_2_0.json"),
    include_str!("everything_3_0.json"),
    include_str!("everything_3_1.json"),
];

/// How many values a document has.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

/// Puts `other` in the place of the value of this number.
fn replace(value: &mut Value, number: &mut usize, other: &Value) {
    if *number == 0 {
        *value = other.clone();
        *number = usize::MAX;
        return;
    }
    *number = number.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| {
            if *number != usize::MAX {
                replace(item, number, other);
            }
        }),
        Value::Object(members) => members.values_mut().for_each(|member| {
            if *number != usize::MAX {
                replace(member, number, other);
            }
        }),
        _ => {}
    }
}

#[test]
fn whatever_stands_in_the_place_of_whatever_costs_that_place_only() {
    let other = prop_oneof![
        Just(json!(null)),
        Just(json!(true)),
        Just(json!(-1.5)),
        Just(json!("")),
        Just(json!("#/components/schemas/S")),
        Just(json!([])),
        Just(json!([null, [], {}])),
        Just(json!({})),
        Just(json!({"$ref": "#/components/schemas/S"})),
        Just(json!({"$ref": "#"})),
        Just(json!({"$ref": 1, "type": "object"})),
        Just(json!({"x": {"$ref": "#/paths/~1a/post"}})),
    ];
    check(600, &(0..3_usize, any::<prop::sample::Index>(), other), |(document, place, other)| {
        let mut value: Value = serde_json::from_str(EVERYTHING[document]).unwrap();
        let mut number = place.index(size(&value));
        replace(&mut value, &mut number, &other);
        with(&value.to_string(), is_sound);
        Ok(())
    });
}
