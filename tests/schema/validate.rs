//! `rollgate schema validate`.

use insta::assert_snapshot;

use super::{folder, rollgate, rollgate_reading};
use crate::report::schema::sample::BASE;

fn validate(text: &str) -> String {
    rollgate(folder(&[("api.yaml", text)]).path(), &["validate", "api.yaml"])
}

#[test]
fn a_sound_description_is_valid() {
    assert_snapshot!(validate(BASE), @"");
}

#[test]
fn every_defect_of_a_3_0_description_is_shown_where_it_stands() {
    let broken = BASE
        .replace("in: query, schema", "in: query, required: often, schema")
        .replace("{ description: made }", "{ }")
        .replace("id: { type: integer }", "id: { type: [integer, 'null'] }")
        .replace("title: Pet store, ", "");
    assert_snapshot!(validate(&broken), @"");
}

#[test]
fn what_3_1_allows_is_not_held_against_3_0() {
    let told = validate(&BASE.replace("3.0.3", "3.1.0").replace("id: { type: integer }", "id: { type: [integer, 'null'] }"));
    assert!(told.ends_with("exit code 0"), "{told}");
}

#[test]
fn a_reference_to_nothing_is_a_defect() {
    assert_snapshot!(validate(&BASE.replace("schemas/Pet\"", "schemas/Dog\"")), @"");
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
    let told = rollgate_reading(std::path::Path::new("."), "openapi: 3.0.3\n", &["validate", "-", "--format", "json"]);
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
