//! `rollgate schema validate`.

use insta::assert_snapshot;

use super::{folder, rollgate, rollgate_reading};
use crate::report::schema::sample::BASE;

fn validate(text: &str) -> String {
    rollgate(folder(&[("api.yaml", text)]).path(), &["validate", "api.yaml"])
}

#[test]
fn a_sound_description_is_valid() {
    assert_snapshot!(validate(BASE), @"
    api.yaml (OpenAPI 3.0.3, 3 operations): valid
    exit code 0
    ");
}

#[test]
fn every_defect_of_a_3_0_description_is_shown_where_it_stands() {
    let broken = BASE
        .replace("in: query, schema", "in: query, required: often, schema")
        .replace("{ description: made }", "{ }")
        .replace("id: { type: integer }", "id: { type: [integer, 'null'] }")
        .replace("title: Pet store, ", "");
    assert_snapshot!(validate(&broken), @r#"
    api.yaml (OpenAPI 3.0.3, 3 operations): not valid, 4 errors, 1 warning

    error[not-openapi-3.0] OpenAPI 3.0 does not allow this info: missing field `title`
      --> api.yaml:2:1 (/info)
         2 |   info: { version: 1.4.0 }
           |   ^^^^

    error[wrong-type] `required` is a string: write `true` or `false`
      --> api.yaml:7:37 (/paths/~1pets/get/parameters/0/required)
         7 |   - { name: limit, in: query, required: often, schema: { type: integer, maximum: 100 } }
           |                               ^^^^^^^^

    error[not-openapi-3.0] OpenAPI 3.0 does not allow this response: missing field `description`
      --> api.yaml:16:9 (/paths/~1pets/post/responses/201)
        16 |   "201": { }
           |   ^^^^^

    error[not-openapi-3.0] OpenAPI 3.0 does not allow `type` of this schema: invalid type: sequence, expected a string
      --> api.yaml:27:15 (/components/schemas/Pet/properties/id/type)
        27 |   id: { type: [integer, 'null'] }
           |         ^^^^

    warn[unknown-keyword] a list of types is not known to OpenAPI 3.0; it is read as OpenAPI 3.1 has it
      --> api.yaml:27:15 (/components/schemas/Pet/properties/id/type)
        27 |   id: { type: [integer, 'null'] }
           |         ^^^^
    exit code 1
    "#);
}

#[test]
fn what_3_1_allows_is_not_held_against_3_0() {
    let told = validate(
        &BASE.replace("3.0.3", "3.1.0").replace("id: { type: integer }", "id: { type: [integer, 'null'] }"),
    );
    assert!(told.ends_with("exit code 0"), "{told}");
}

#[test]
fn a_reference_to_nothing_is_a_defect() {
    assert_snapshot!(validate(&BASE.replace("schemas/Pet\"", "schemas/Dog\"")), @r##"
    api.yaml (OpenAPI 3.0.3, 3 operations): not valid, 1 error

    error[broken-reference] `#/components/schemas/Dog` leads nowhere: there is no `Dog`; add it, or mend the reference
      --> api.yaml:14:23 (/paths/~1pets/post/requestBody/content/application~1json/schema/$ref)
        14 |   schema: { $ref: "#/components/schemas/Dog" }
           |             ^^^^
    exit code 1
    "##);
}

#[test]
fn what_is_no_description_is_not_valid() {
    for text in ["", "[]", "just words", "openapi: 3.0.3", "{", "\u{0}\u{1}\u{2}"] {
        let told = validate(text);
        assert!(told.ends_with("exit code 1"), "{text:?}: {told}");
    }
}

#[test]
fn the_result_for_programs() {
    let told = rollgate_reading(
        std::path::Path::new("."),
        "openapi: 3.0.3\n",
        &["validate", "-", "--format", "json"],
    );
    let result: serde_json::Value = serde_json::from_str(told.strip_suffix("exit code 1").unwrap()).unwrap();
    assert_eq!((&result["version"], &result["valid"]), (&1.into(), &false.into()));
    assert_eq!(result["description"]["file"], "stdin");
}

/// Each level of nesting would double the work of a reader that tries several forms of a schema in turn.
#[test]
fn deep_nesting_ends() {
    let mut schema = "{ type: bogus, oneOf: 1 }".to_owned();
    for _ in 0..60 {
        schema = format!("{{ not: {schema} }}");
    }
    let told = validate(&BASE.replace("id: { type: integer }", &format!("id: {schema}")));
    assert!(told.ends_with("exit code 1"), "{told}");
}
