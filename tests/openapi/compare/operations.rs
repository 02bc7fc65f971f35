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
    insta::assert_snapshot!(findings(&both, &one), @r"
    error api-path-removed-without-deprecation: the path `/b` is gone, and this operation of it was not deprecated  [get /b]
    error api-removed-without-deprecation: the operation `POST /a` is gone, and it was not deprecated  [post /a]
    ");
    insta::assert_snapshot!(findings(&one, &both), @r"
    info endpoint-added: the operation `POST /a` is new  [post /a]
    info endpoint-added: the operation `GET /b` is new  [get /b]
    ");
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
    insta::assert_snapshot!(findings(&base, &with("/a/{y}/b/{x}", "x", "y")), @r"
    error request-parameter-type-changed: the type of the path parameter `y` changes from string to integer  [get /a/{y}/b/{x}]
    info request-parameter-type-generalized: the type of the path parameter `x` becomes wider: from integer to string  [get /a/{y}/b/{x}]
    ");
}

#[test]
fn templates_that_match_the_same_requests_keep_their_partners() {
    let base = api(&format!(
        "/a/{{x}}:\n  get: {OK}\n/a/{{y}}:\n  get: {{ deprecated: true, responses: {{ '200': {{ description: d }} }} }}"
    ));
    assert_eq!(findings(&base, &base), "");
}

#[test]
fn a_prefix_that_moves_into_the_servers_changes_no_call() {
    let base = api(&format!("/v1/a:\n  get: {OK}"));
    let moved = format!("{}servers: [{{ url: /v1 }}]\n", api(&format!("/a:\n  get: {OK}")));
    let base = format!("{base}servers: [{{ url: / }}]\n");
    insta::assert_snapshot!(findings(&base, &moved), @"");
    let elsewhere = format!("{}servers: [{{ url: /v2 }}]\n", api(&format!("/v1/a:\n  get: {OK}")));
    insta::assert_snapshot!(findings(&base, &elsewhere), @"error api-base-path-changed: the base path of the servers changes from `/` to `/v2`, so every call goes elsewhere");
}

#[test]
fn parameters_come_and_go() {
    let with = |parameters: &str| {
        get(&format!("{{ parameters: [{parameters}], responses: {{ '200': {{ description: d }} }} }}"))
    };
    let limit = "{ name: limit, in: query, schema: { type: integer } }";
    let key = "{ name: X-Key, in: header, required: true, schema: { type: string } }";
    insta::assert_snapshot!(findings(&with(""), &with(&format!("{limit}, {key}"))), @r"
    error new-required-request-parameter: the header parameter `X-Key` is new and must be sent  [get /a]
    info new-optional-request-parameter: the query parameter `limit` is new and need not be sent  [get /a]
    ");
    insta::assert_snapshot!(findings(&with(&format!("{limit}, {key}")), &with("")), @r"
    warn request-parameter-removed: the query parameter `limit` is gone  [get /a]
    warn request-parameter-removed: the header parameter `X-Key` is gone  [get /a]
    ");
    let moved = "{ name: limit, in: cookie, schema: { type: integer } }";
    insta::assert_snapshot!(findings(&with(limit), &with(moved)), @r"
    warn request-parameter-removed: the query parameter `limit` is gone  [get /a]
    info new-optional-request-parameter: the cookie parameter `limit` is new and need not be sent  [get /a]
    ");
    let lower = "{ name: x-key, in: header, required: true, schema: { type: string } }";
    assert_eq!(findings(&with(key), &with(lower)), "");
    let required = "{ name: limit, in: query, required: true, schema: { type: integer } }";
    insta::assert_snapshot!(findings(&with(limit), &with(required)), @"error request-parameter-became-required: the query parameter `limit` is now required  [get /a]");
    insta::assert_snapshot!(findings(&with(required), &with(limit)), @"info request-parameter-became-optional: the query parameter `limit` is no longer required  [get /a]");
}

#[test]
fn how_a_list_is_written_matters_and_how_a_single_value_is_does_not() {
    let with = |kind: &str, more: &str| {
        get(&format!(
            "{{ parameters: [{{ name: q, in: query, schema: {{ type: {kind} }}{more} }}], responses: {{ '200': {{ description: d }} }} }}"
        ))
    };
    insta::assert_snapshot!(findings(&with("array", ""), &with("array", ", explode: false")), @"error request-parameter-explode-changed: `explode` of the query parameter `q` goes from true to false  [get /a]");
    insta::assert_snapshot!(findings(&with("array", ""), &with("array", ", style: pipeDelimited")), @"error request-parameter-style-changed: the style of the query parameter `q` changes from `form` to `pipeDelimited`  [get /a]");
    assert_eq!(findings(&with("string", ""), &with("string", ", explode: false")), "");
    assert_eq!(findings(&with("array", ""), &with("array", ", style: form, explode: true")), "");
}

#[test]
fn a_parameter_of_the_path_is_one_of_each_operation() {
    let parameter = "{ name: q, in: query, schema: { type: string } }";
    let above = api(&format!("/a:\n  parameters: [{parameter}]\n  get: {OK}"));
    let below =
        get(&format!("{{ parameters: [{parameter}], responses: {{ '200': {{ description: d }} }} }}"));
    assert_eq!(findings(&above, &below), "");
    assert_eq!(findings(&below, &above), "");
}

#[test]
fn bodies_come_and_go() {
    let with =
        |body: &str| api(&format!("/a:\n  post: {{ {body} responses: {{ '200': {{ description: d }} }} }}"));
    let optional = "requestBody: { content: { application/json: {} } },";
    let required = "requestBody: { required: true, content: { application/json: {} } },";
    insta::assert_snapshot!(findings(&with(""), &with(optional)), @"info request-body-added-optional: the request body is new, and may be left out  [post /a]");
    insta::assert_snapshot!(findings(&with(""), &with(required)), @"error request-body-added-required: the request body is new, and always there  [post /a]");
    insta::assert_snapshot!(findings(&with(optional), &with(required)), @"error request-body-became-required: the request body is now required  [post /a]");
    insta::assert_snapshot!(findings(&with(required), &with(optional)), @"info request-body-became-optional: the request body is no longer required  [post /a]");
    insta::assert_snapshot!(findings(&with(optional), &with("")), @"error request-body-removed: the request body is gone  [post /a]");
}

#[test]
fn media_types_of_requests_may_only_grow() {
    let with = |types: &str| {
        api(&format!(
            "/a:\n  post: {{ requestBody: {{ content: {{ {types} }} }}, responses: {{ '200': {{ description: d }} }} }}"
        ))
    };
    let json = with("application/json: {}");
    insta::assert_snapshot!(findings(&json, &with("application/json: {}, text/csv: {}")), @"info request-body-media-type-added: the request body may now be `text/csv`  [post /a]");
    insta::assert_snapshot!(findings(&json, &with("text/csv: {}")), @r"
    error request-body-media-type-removed: the request body may no longer be `application/json`  [post /a]
    info request-body-media-type-added: the request body may now be `text/csv`  [post /a]
    ");
    insta::assert_snapshot!(findings(&json, &with("'*/*': {}")), @"info request-body-media-type-name-generalized: the request body may now be any `*/*` instead of `application/json` only  [post /a]");
    insta::assert_snapshot!(findings(&json, &with("application/*: {}")), @"info request-body-media-type-name-generalized: the request body may now be any `application/*` instead of `application/json` only  [post /a]");
    insta::assert_snapshot!(findings(&with("'*/*': {}"), &json), @"error request-body-media-type-name-specialized: the request body may now be `application/json` only instead of any `*/*`  [post /a]");
    assert_eq!(findings(&json, &with("Application/JSON: {}")), "");
}

#[test]
fn media_types_of_responses_are_what_was_promised() {
    let with = |types: &str| {
        get(&format!("{{ responses: {{ '200': {{ description: d, content: {{ {types} }} }} }} }}"))
    };
    let json = with("application/json: {}");
    insta::assert_snapshot!(findings(&json, &with("application/json: {}, text/csv: {}")), @"info response-media-type-added: the response body may now be `text/csv`  [get /a]");
    insta::assert_snapshot!(findings(&json, &with("text/csv: {}")), @r"
    error response-media-type-removed: the response body may no longer be `application/json`  [get /a]
    info response-media-type-added: the response body may now be `text/csv`  [get /a]
    ");
    insta::assert_snapshot!(findings(&json, &with("application/problem+json: {}")), @"error response-media-type-name-changed: the media type of the response body changes from `application/json` to `application/problem+json`  [get /a]");
    insta::assert_snapshot!(findings(&json, &with("'*/*': {}")), @"error response-media-type-name-generalized: the response body may now be any `*/*` instead of `application/json` only  [get /a]");
    insta::assert_snapshot!(findings(&with("application/*: {}"), &json), @"info response-media-type-name-specialized: the response body is now `application/json` only instead of any `application/*`  [get /a]");
    let latin = with("text/plain;charset=latin1: {}");
    insta::assert_snapshot!(findings(&latin, &with("text/plain;charset=utf-8: {}")), @"error response-media-type-parameter-changed: a parameter of the media type `text/plain;charset=utf-8` of the response body changes from `text/plain;charset=latin1` to `text/plain;charset=utf-8`  [get /a]");
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
        findings(&with("f: { contentType: image/png }"), &with("f: { contentType: image/jpeg }")), @"error request-body-encoding-content-type-changed: the content type of the part `f` of the request body changes from `image/png` to `image/jpeg`  [post /a]");
    insta::assert_snapshot!(findings(&with(""), &with("f: { headers: { X-H: { schema: { type: string } } } }")), @"info request-body-encoding-header-added: the part `f` of the request body gets the header `x-h`; no message breaks by it  [post /a]");
}

#[test]
fn a_status_of_its_own_is_compared_with_what_was_in_force() {
    let with = |responses: &str| get(&format!("{{ responses: {{ {responses} }} }}"));
    let text = "{ description: d, content: { text/plain: {} } }";
    let json = "{ description: d, content: { application/json: {} } }";
    let base = with(&format!("default: {json}"));
    assert_eq!(findings(&base, &with(&format!("default: {json}, '404': {json}"))), "");
    insta::assert_snapshot!(findings(&base, &with(&format!("default: {json}, '404': {text}"))), @r"
    error response-media-type-removed: the response body may no longer be `application/json`  [get /a]
    info response-media-type-added: the response body may now be `text/plain`  [get /a]
    ");
    let range = with(&format!("4XX: {json}"));
    assert_eq!(findings(&range, &with(&format!("'404': {json}"))), "");
    insta::assert_snapshot!(findings(&with(&format!("'200': {json}")), &with(&format!("'201': {json}"))), @r"
    error response-success-status-removed: the success status `200` is gone  [get /a]
    info response-success-status-added: the success status `201` is new  [get /a]
    ");
    insta::assert_snapshot!(findings(&with(&format!("'404': {json}")), &with(&format!("'200': {json}"))), @r"
    info response-non-success-status-removed: the status `404` is gone  [get /a]
    info response-success-status-added: the success status `200` is new  [get /a]
    ");
}

#[test]
fn headers_of_responses() {
    let with = |headers: &str| {
        get(&format!("{{ responses: {{ '200': {{ description: d, headers: {{ {headers} }} }} }} }}"))
    };
    let required = "X-R: { required: true, schema: { type: string } }";
    let optional = "X-R: { schema: { type: string } }";
    insta::assert_snapshot!(findings(&with(required), &with("")), @"error required-response-header-removed: the response header `X-R`, which was always there, is gone  [get /a]");
    insta::assert_snapshot!(findings(&with(optional), &with("")), @"info optional-response-header-removed: the response header `X-R`, which was not always there, is gone  [get /a]");
    insta::assert_snapshot!(findings(&with(required), &with(optional)), @"error response-header-became-optional: the response header `X-R` is no longer required  [get /a]");
    assert_eq!(findings(&with(required), &with("x-r: { required: true, schema: { type: string } }")), "");
    insta::assert_snapshot!(findings(&with(""), &with(required)), @"info response-header-added: the response header `X-R` is new  [get /a]");
}

#[test]
fn a_webhook_swaps_the_roles() {
    let with = |body: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\nwebhooks:\n  made:\n    post:\n      requestBody: {{ content: {{ application/json: {{ schema: {{ type: object, {body} }} }} }} }}\n      responses: {{ '200': {{ description: d }} }}\n"
        )
    };
    let (required, optional) = (
        with("required: [a], properties: { a: { type: string } }"),
        with("properties: { a: { type: string } }"),
    );
    insta::assert_snapshot!(findings(&optional, &required), @"info response-property-became-required: the response property `a` is now required  [post made]");
    insta::assert_snapshot!(findings(&required, &optional), @"error response-property-became-optional: the response property `a` is no longer required  [post made]");
}

#[test]
fn a_callback_belongs_to_its_operation() {
    let with = |callbacks: &str| {
        get(&format!("{{ responses: {{ '200': {{ description: d }} }}, callbacks: {{ {callbacks} }} }}"))
    };
    let callback = "done: { '{$request.query.url}': { post: { responses: { '200': { description: d } } } } }";
    insta::assert_snapshot!(findings(&with(callback), &with("")), @"error callback-removed: the callback `POST {$request.query.url}` is gone  [post {$request.query.url}]");
    insta::assert_snapshot!(findings(&with(""), &with(callback)), @"info callback-added: the callback `POST {$request.query.url}` is new  [post {$request.query.url}]");
}

#[test]
fn what_generated_code_is_named_by_is_told() {
    let with = |id: &str, tags: &str| {
        get(&format!("{{ {id} tags: [{tags}], responses: {{ '200': {{ description: d }} }} }}"))
    };
    insta::assert_snapshot!(findings(&with("operationId: list,", "a, b"), &with("operationId: show,", "b, c")), @r"
    info api-operation-id-removed: the operation loses the id `list` and gets `show`  [get /a]
    info api-tag-added: the operation gets the tag `c`  [get /a]
    info api-tag-removed: the operation loses the tag `a`  [get /a]
    ");
    insta::assert_snapshot!(findings(&with("operationId: list,", ""), &with("", "")), @"info api-operation-id-removed: the operation loses the id `list`  [get /a]");
}
