//! Degrading never opens the gate, and nothing hangs.

use super::{api, findings};

const OK: &str = "{ responses: { '200': { description: d } } }";

#[test]
fn what_cannot_be_read_any_more_is_an_error() {
    let base = api(
        "/a:\n  get: { parameters: [{ name: q, in: query, schema: { type: string } }], responses: { '200': { description: d, content: { application/json: { schema: { type: string } } } } } }",
    );
    for (from, to) in [
        ("{ type: string } } } } } }", "{ $ref: '#/components/schemas/None' } } } } } }"),
        ("get: { parameters", "get: [nothing]\n  x: { parameters"),
        ("responses: {", "responses: 7, x-r: {"),
        ("content: {", "content: [], x-c: {"),
        ("{ name: q, in: query, schema: { type: string } }", "{ $ref: '#/components/parameters/None' }"),
    ] {
        let revision = base.replacen(from, to, 1);
        assert_ne!(base, revision, "{from}");
        let found = findings(&base, &revision);
        assert!(found.contains("error "), "{from} -> {to}:\n{found}");
    }
}

#[test]
fn a_revision_that_is_no_description_loses_everything() {
    let base = api(&format!("/a:\n  get: {OK}"));
    for revision in
        ["", "[]", "7", "openapi: 3.1.0", "{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {", "\u{0}\u{1}"]
    {
        let found = findings(&base, revision);
        assert!(found.contains("error "), "{revision:?}:\n{found}");
    }
}

#[test]
fn a_file_that_is_cut_off_is_an_error_even_where_what_is_left_is_enough() {
    let base =
        format!("{}components:\n  schemas:\n    A: {{ type: string }}\n", api(&format!("/a:\n  get: {OK}")));
    let cut = base.replace("{ type: string }\n", "{ type: str");
    let found = findings(&base, &cut);
    assert!(found.contains("error "), "{found}");
}

#[test]
fn what_could_not_be_read_before_either_blocks_nobody() {
    let broken = api(
        "/a:\n  get: { responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/nowhere' } } } } } }",
    );
    assert_eq!(findings(&broken, &broken), "");
}

#[test]
fn an_empty_base_admits_everything() {
    let revision = api(&format!("/a:\n  get: {OK}"));
    for base in ["", "[]", "openapi: 3.1.0\npaths: {}"] {
        assert!(!findings(base, &revision).contains("error "), "{base:?}");
    }
}

#[test]
fn twenty_thousand_media_types_are_told_one_by_one() {
    let body = |prefix: &str| {
        let types: Vec<String> = (0..20_000).map(|index| format!("{prefix}/t{index}: {{}}")).collect();
        format!("{{ description: d, content: {{ {} }} }}", types.join(", "))
    };
    let sent = |prefix: &str| {
        api(&format!(
            "/a:\n  post: {{ requestBody: {}, responses: {{ '200': {{ description: d }} }} }}",
            body(prefix)
        ))
    };
    let found = findings(&sent("x"), &sent("y"));
    assert_eq!(found.matches("request-body-media-type-removed").count(), 20_000);
    assert_eq!(found.matches("request-body-media-type-added").count(), 20_000);
    let received = |prefix: &str| api(&format!("/a:\n  get: {{ responses: {{ '200': {} }} }}", body(prefix)));
    let found = findings(&received("x"), &received("y"));
    assert_eq!(found.matches("response-media-type-removed").count(), 20_000);
    assert_eq!(found.matches("response-media-type-added").count(), 20_000);
    assert_eq!(findings(&received("x"), &received("x")), "");
}

#[test]
fn ranges_of_media_types_that_differ_in_parameters_only_end() {
    let body = |from: u32| {
        let types: Vec<String> =
            (from..from + 5_000).map(|index| format!("'*/*; version={index}': {{}}")).collect();
        api(&format!(
            "/a:\n  post: {{ requestBody: {{ content: {{ {} }} }}, responses: {{ '200': {{ description: d }} }} }}",
            types.join(", ")
        ))
    };
    let found = findings(&body(0), &body(5_000));
    assert!(found.contains("request-body-media-type-parameter-changed"), "{found}");
}
