//! What is shown of a breaking change, as one line of a report.

use rollgate::openapi::finding::Level;
use rollgate::report::schema::words;

use super::super::compared::compared;

/// The witnesses of the errors between two descriptions in YAML, each as reports show it.
pub(super) fn shown(base: &str, revision: &str) -> String {
    let whole = |paths: &str| format!("openapi: 3.1.0\ninfo: {{ title: T, version: '1' }}\n{paths}");
    let report = compared(whole(base).as_bytes(), whole(revision).as_bytes());
    let mut lines = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.level == Level::Error) {
        let shown = words::witness(finding).unwrap_or_else(|| "nothing".to_owned());
        lines.push(format!("{}: {shown}", finding.id));
    }
    lines.join("\n")
}

#[test]
fn a_value_is_shown_in_the_body_that_holds_it() {
    let paths = |most: u32| {
        format!(
            "paths:
  /pets/{{id}}:
    put:
      parameters: [{{ name: id, in: path, required: true, schema: {{ type: string }} }}]
      requestBody:
        required: true
        content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Pet' }} }} }}
      responses: {{ '204': {{ description: done }} }}
components:
  schemas:
    Pet:
      type: object
      required: [name]
      properties:
        name: {{ type: string, minLength: 3 }}
        owner: {{ type: object, properties: {{ phones: {{ type: array, items: {{ $ref: '#/components/schemas/Phone' }} }} }} }}
    Phone: {{ type: string, maxLength: {most} }}
"
        )
    };
    insta::assert_snapshot!(shown(&paths(8), &paths(6)), @r#"request-property-max-length-decreased: PUT /pets/{id} with {"name":"aaa","owner":{"phones":["aaaaaaa"]}} (the base accepts it, the revision does not)"#);
}

#[test]
fn a_webhook_is_shown_by_what_its_receiver_may_get() {
    let paths = |values: &str| {
        format!(
            "webhooks:
  changed:
    post:
      requestBody:
        content: {{ application/json: {{ schema: {{ type: object, additionalProperties: {{ $ref: '#/components/schemas/State' }} }} }} }}
      responses: {{ '204': {{ description: done }} }}
components: {{ schemas: {{ State: {{ type: string, enum: [{values}] }} }} }}
"
        )
    };
    insta::assert_snapshot!(shown(&paths("on"), &paths("on, off")), @r#"response-property-enum-value-added: webhook POST changed with {"key":"off"} (the revision may send it, the base does not promise it)"#);
}

#[test]
fn a_parameter_and_a_header_are_shown_with_their_names() {
    let paths = |kind: &str, most: u32| {
        format!(
            "paths:
  /pets:
    get:
      parameters:
        - {{ name: limit, in: query, schema: {{ type: integer, maximum: {most} }} }}
        - {{ name: X-Trace, in: header, schema: {{ type: {kind} }} }}
      responses: {{ '200': {{ description: ok, headers: {{ X-Left: {{ required: true, schema: {{ type: integer, maximum: {} }} }} }} }} }}
",
            150 - most
        )
    };
    insta::assert_snapshot!(shown(&paths("string", 100), &paths("integer", 50)), @r#"
    request-parameter-max-decreased: GET /pets with limit = 51 in the query (the base accepts it, the revision does not)
    request-parameter-type-changed: GET /pets with X-Trace = "a" in a header (the base accepts it, the revision does not)
    response-header-max-increased: GET /pets answered with 200 and X-Left = 51 in a header (the revision may send it, the base does not promise it)
    "#);
}

#[test]
fn a_call_is_shown_where_no_schema_is_at_fault() {
    let base = "paths:
  /pets/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string, pattern: '^p[0-9]{3}$' } }
        - { name: view, in: query, required: true, schema: { type: string, enum: [all, some] } }
      security: [{ key: [] }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: integer } } } } }
    delete: { responses: { '204': { description: done } } }
  /owners:
    post:
      requestBody: { content: { application/json: { schema: { type: object } } } }
      responses: { '204': { description: done } }
components: { securitySchemes: { key: { type: apiKey, in: header, name: X-Key } } }
";
    let revision = "paths:
  /pets/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string, pattern: '^p[0-9]{3}$' } }
        - { name: view, in: query, required: true, schema: { type: string, enum: [all, some] } }
        - { name: page, in: query, required: true, schema: { type: integer } }
      security: [{ token: [] }]
      responses: { '200': { description: ok, content: { application/problem+json: { schema: { type: integer } } } } }
  /owners:
    post:
      requestBody: { required: true, content: { application/json: { schema: { type: object } } } }
      responses: { '204': { description: done } }
components: { securitySchemes: { token: { type: http, scheme: bearer } } }
";
    insta::assert_snapshot!(shown(base, revision), @r"
    api-removed-without-deprecation: DELETE /pets/a (the base accepts it, the revision does not)
    api-security-removed: GET /pets/p000?view=all, X-Key: KEY (the base accepts it, the revision does not)
    new-required-request-parameter: GET /pets/p000?view=all, X-Key: KEY (the base accepts it, the revision does not)
    request-body-became-required: POST /owners (the base accepts it, the revision does not)
    response-media-type-name-changed: GET /pets/{id} answered with 200 and Content-Type: application/problem+json, 0 (the revision may send it, the base does not promise it)
    ");
}

#[test]
fn text_of_a_description_stays_on_its_line() {
    let paths = |most: u32| {
        format!(
            "paths:
  \"/a\\n::error::b\":
    post:
      parameters: [{{ name: \"x\\r\\ny\", in: header, required: true, schema: {{ type: integer, maximum: {most} }} }}]
      responses: {{ '204': {{ description: done }} }}
"
        )
    };
    let shown = shown(&paths(2), &paths(1));
    assert_eq!(shown.lines().count(), 1, "{shown:?}");
    assert!(!shown.contains(['\r', '\u{1b}']));
}
