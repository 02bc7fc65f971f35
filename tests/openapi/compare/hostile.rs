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
