//! Paths, operations, parameters, content and responses.

use super::{api, findings};

/// An API with one operation, whose content is `operation`.
fn get(operation: &str) -> String {
    api(&format!("/a:\n  get: {operation}"))
}

const OK: &str = "{ responses: { '200': { description: d } } }";

#[test]
fn operations_come_and_go() {
    let both = api(&format!("/a:\n  get: {OK}\n  post: {OK}\n/b:\n  get: {OK}"));
    let one = api(&format!("/a:\n  get: {OK}"));
    insta::assert_snapshot!(findings(&both, &one), @"");
    insta::assert_snapshot!(findings(&one, &both), @"");
}

#[test]
fn names_of_path_variables_do_not_matter_and_positions_do() {
    let with = |path: &str, first: &str, second: &str| {
        api(&format!(
            "{path}:\n  get:\n    parameters:\n    - {{ name: {first}, in: path, required: true, schema: {{ type: string }} }}\n    - {{ name: {second}, in: path, required: true, schema: {{ type: integer }} }}\n    responses: {{ '200': {{ description: d }} }}"
        ))
    };
    let base = with("/a/{x}/b/{y}", "x", "y");
    assert_eq!(findings(&base, &with("/a/{p}/b/{q}", "p", "q")), "");
    insta::assert_snapshot!(findings(&base, &with("/a/{y}/b/{x}", "x", "y")), @"");
}

#[test]
fn templates_that_match_the_same_requests_keep_their_partners() {
    let base = api(&format!("/a/{{x}}:\n  get: {OK}\n/a/{{y}}:\n  get: {{ deprecated: true, responses: {{ '200': {{ description: d }} }} }}"));
    assert_eq!(findings(&base, &base), "");
}

#[test]
fn a_prefix_that_moves_into_the_servers_changes_no_call() {
    let base = api(&format!("/v1/a:\n  get: {OK}"));
    let moved = format!("{}servers: [{{ url: /v1 }}]\n", api(&format!("/a:\n  get: {OK}")));
    let base = format!("{base}servers: [{{ url: / }}]\n");
    insta::assert_snapshot!(findings(&base, &moved), @"");
    let elsewhere = format!("{}servers: [{{ url: /v2 }}]\n", api(&format!("/v1/a:\n  get: {OK}")));
    insta::assert_snapshot!(findings(&base, &elsewhere), @"");
}

#[test]
fn parameters_come_and_go() {
    let with = |parameters: &str| get(&format!("{{ parameters: [{parameters}], responses: {{ '200': {{ description: d }} }} }}"));
    let limit = "{ name: limit, in: query, schema: { type: integer } }";
    let key = "{ name: X-Key, in: header, required: true, schema: { type: string } }";
    insta::assert_snapshot!(findings(&with(""), &with(&format!("{limit}, {key}"))), @"");
    insta::assert_snapshot!(findings(&with(&format!("{limit}, {key}")), &with("")), @"");
    let moved = "{ name: limit, in: cookie, schema: { type: integer } }";
    insta::assert_snapshot!(findings(&with(limit), &with(moved)), @"");
    let lower = "{ name: x-key, in: header, required: true, schema: { type: string } }";
    assert_eq!(findings(&with(key), &with(lower)), "");
    let required = "{ name: limit, in: query, required: true, schema: { type: integer } }";
    insta::assert_snapshot!(findings(&with(limit), &with(required)), @"");
    insta::assert_snapshot!(findings(&with(required), &with(limit)), @"");
}

#[test]
fn how_a_list_is_written_matters_and_how_a_single_value_is_does_not() {
    let with = |kind: &str, more: &str| {
        get(&format!(
            "{{ parameters: [{{ name: q, in: query, schema: {{ type: {kind} }}{more} }}], responses: {{ '200': {{ description: d }} }} }}"
        ))
    };
    insta::assert_snapshot!(findings(&with("array", ""), &with("array", ", explode: false")), @"");
    insta::assert_snapshot!(findings(&with("array", ""), &with("array", ", style: pipeDelimited")), @"");
    assert_eq!(findings(&with("string", ""), &with("string", ", explode: false")), "");
    assert_eq!(findings(&with("array", ""), &with("array", ", style: form, explode: true")), "");
}

#[test]
fn a_parameter_of_the_path_is_one_of_each_operation() {
    let parameter = "{ name: q, in: query, schema: { type: string } }";
    let above = api(&format!("/a:\n  parameters: [{parameter}]\n  get: {OK}"));
    let below = get(&format!("{{ parameters: [{parameter}], responses: {{ '200': {{ description: d }} }} }}"));
    assert_eq!(findings(&above, &below), "");
    assert_eq!(findings(&below, &above), "");
}

#[test]
fn bodies_come_and_go() {
    let with = |body: &str| api(&format!("/a:\n  post: {{ {body} responses: {{ '200': {{ description: d }} }} }}"));
    let optional = "requestBody: { content: { application/json: {} } },";
    let required = "requestBody: { required: true, content: { application/json: {} } },";
    insta::assert_snapshot!(findings(&with(""), &with(optional)), @"");
    insta::assert_snapshot!(findings(&with(""), &with(required)), @"");
    insta::assert_snapshot!(findings(&with(optional), &with(required)), @"");
    insta::assert_snapshot!(findings(&with(required), &with(optional)), @"");
    insta::assert_snapshot!(findings(&with(optional), &with("")), @"");
}

#[test]
fn media_types_of_requests_may_only_grow() {
    let with = |types: &str| {
        api(&format!(
            "/a:\n  post: {{ requestBody: {{ content: {{ {types} }} }}, responses: {{ '200': {{ description: d }} }} }}"
        ))
    };
    let json = with("application/json: {}");
    insta::assert_snapshot!(findings(&json, &with("application/json: {}, text/csv: {}")), @"");
    insta::assert_snapshot!(findings(&json, &with("text/csv: {}")), @"");
    assert_eq!(findings(&json, &with("'*/*': {}")), "");
    assert_eq!(findings(&json, &with("application/*: {}")), "");
    insta::assert_snapshot!(findings(&with("'*/*': {}"), &json), @"");
    assert_eq!(findings(&json, &with("Application/JSON: {}")), "");
}

#[test]
fn media_types_of_responses_are_what_was_promised() {
    let with = |types: &str| {
        get(&format!("{{ responses: {{ '200': {{ description: d, content: {{ {types} }} }} }} }}"))
    };
    let json = with("application/json: {}");
    insta::assert_snapshot!(findings(&json, &with("application/json: {}, text/csv: {}")), @"");
    insta::assert_snapshot!(findings(&json, &with("text/csv: {}")), @"");
    insta::assert_snapshot!(findings(&json, &with("application/problem+json: {}")), @"");
    insta::assert_snapshot!(findings(&json, &with("'*/*': {}")), @"");
    insta::assert_snapshot!(findings(&with("application/*: {}"), &json), @"");
    let latin = with("text/plain;charset=latin1: {}");
    insta::assert_snapshot!(findings(&latin, &with("text/plain;charset=utf-8: {}")), @"");
    assert_eq!(findings(&latin, &with("'text/plain; charset=\"LATIN1\"': {}")), "");
}

#[test]
fn how_a_part_is_written_matters() {
    let with = |encoding: &str| {
        api(&format!(
            "/a:\n  post:\n    requestBody:\n      content:\n        multipart/form-data:\n          schema: {{ type: object, properties: {{ f: {{ type: string }} }} }}\n          encoding: {{ {encoding} }}\n    responses: {{ '200': {{ description: d }} }}"
        ))
    };
    insta::assert_snapshot!(
        findings(&with("f: { contentType: image/png }"), &with("f: { contentType: image/jpeg }")), @"");
    insta::assert_snapshot!(findings(&with(""), &with("f: { headers: { X-H: { schema: { type: string } } } }")), @"");
}

#[test]
fn a_status_of_its_own_is_compared_with_what_was_in_force() {
    let with = |responses: &str| get(&format!("{{ responses: {{ {responses} }} }}"));
    let text = "{ description: d, content: { text/plain: {} } }";
    let json = "{ description: d, content: { application/json: {} } }";
    let base = with(&format!("default: {json}"));
    assert_eq!(findings(&base, &with(&format!("default: {json}, '404': {json}"))), "");
    insta::assert_snapshot!(findings(&base, &with(&format!("default: {json}, '404': {text}"))), @"");
    let range = with(&format!("4XX: {json}"));
    assert_eq!(findings(&range, &with(&format!("'404': {json}"))), "");
    insta::assert_snapshot!(findings(&with(&format!("'200': {json}")), &with(&format!("'201': {json}"))), @"");
    insta::assert_snapshot!(findings(&with(&format!("'404': {json}")), &with(&format!("'200': {json}"))), @"");
}

#[test]
fn headers_of_responses() {
    let with = |headers: &str| {
        get(&format!("{{ responses: {{ '200': {{ description: d, headers: {{ {headers} }} }} }} }}"))
    };
    let required = "X-R: { required: true, schema: { type: string } }";
    let optional = "X-R: { schema: { type: string } }";
    insta::assert_snapshot!(findings(&with(required), &with("")), @"");
    insta::assert_snapshot!(findings(&with(optional), &with("")), @"");
    insta::assert_snapshot!(findings(&with(required), &with(optional)), @"");
    assert_eq!(findings(&with(required), &with("x-r: { required: true, schema: { type: string } }")), "");
    insta::assert_snapshot!(findings(&with(""), &with(required)), @"");
}

#[test]
fn a_webhook_swaps_the_roles() {
    let with = |body: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\nwebhooks:\n  made:\n    post:\n      requestBody: {{ content: {{ application/json: {{ schema: {{ type: object, {body} }} }} }} }}\n      responses: {{ '200': {{ description: d }} }}\n"
        )
    };
    let (required, optional) =
        (with("required: [a], properties: { a: { type: string } }"), with("properties: { a: { type: string } }"));
    insta::assert_snapshot!(findings(&optional, &required), @"");
    insta::assert_snapshot!(findings(&required, &optional), @"");
}

#[test]
fn a_callback_belongs_to_its_operation() {
    let with = |callbacks: &str| get(&format!("{{ responses: {{ '200': {{ description: d }} }}, callbacks: {{ {callbacks} }} }}"));
    let callback = "done: { '{$request.query.url}': { post: { responses: { '200': { description: d } } } } }";
    insta::assert_snapshot!(findings(&with(callback), &with("")), @"");
    insta::assert_snapshot!(findings(&with(""), &with(callback)), @"");
}

#[test]
fn what_generated_code_is_named_by_is_told() {
    let with = |id: &str, tags: &str| get(&format!("{{ {id} tags: [{tags}], responses: {{ '200': {{ description: d }} }} }}"));
    insta::assert_snapshot!(findings(&with("operationId: list,", "a, b"), &with("operationId: show,", "b, c")), @"");
    insta::assert_snapshot!(findings(&with("operationId: list,", ""), &with("", "")), @"");
}
