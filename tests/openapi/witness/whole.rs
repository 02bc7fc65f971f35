//! Whole messages, for what no schema says: how values are written, which alternative a tag leads to, who may call, what is
//! no longer sent. Each as one line of a report.

use super::messages::shown;

/// A pair that differs in one line.
fn differ(template: &str, old: &str, new: &str) -> String {
    shown(&template.replace("HERE", old), &template.replace("HERE", new))
}

#[test]
fn a_list_that_is_written_otherwise_is_read_otherwise() {
    let query = "paths:
  /pets:
    get:
      parameters: [{ name: ids, in: query, HERE, schema: { type: array, items: { type: string } } }]
      responses: { '204': { description: done } }
";
    insta::assert_snapshot!(differ(query, "explode: true", "explode: false"), @"request-parameter-explode-changed: GET /pets?ids=a&ids=b (the base accepts it, the revision does not)");
    insta::assert_snapshot!(differ(query, "explode: false", "explode: true"), @r#"request-parameter-explode-changed: GET /pets?ids=a,b (the base takes it for ["a","b"], the revision for ["a,b"])"#);
    insta::assert_snapshot!(differ(query, "explode: false, style: form", "explode: false, style: pipeDelimited"), @r#"request-parameter-style-changed: GET /pets?ids=a,b (the base takes it for ["a","b"], the revision for ["a,b"])"#);
    let path = "paths:
  /pets/{ids}:
    get:
      parameters: [{ name: ids, in: path, required: true, HERE, schema: { type: array, minItems: 1, items: { type: integer } } }]
      responses: { '204': { description: done } }
";
    insta::assert_snapshot!(differ(path, "style: simple", "style: label"), @"request-parameter-style-changed: GET /pets/0,1 (the base accepts it, the revision does not)");
    insta::assert_snapshot!(differ(path, "style: matrix, explode: true", "style: matrix, explode: false"), @"request-parameter-explode-changed: GET /pets/;ids=0;ids=1 (the base accepts it, the revision does not)");
}

#[test]
fn an_object_that_is_written_otherwise_is_read_otherwise() {
    let query = "paths:
  /pets:
    get:
      parameters: [{ name: by, in: query, required: true, HERE, schema: { type: object, properties: { age: { type: integer }, name: { type: string } } } }]
      responses: { '204': { description: done } }
";
    insta::assert_snapshot!(differ(query, "style: deepObject", "style: form, explode: false"), @"request-parameter-style-changed: GET /pets?by[age]=0&by[name]=a (the base accepts it, the revision does not)");
    let written = "paths:
  /pets:
    get:
      parameters: [{ name: by, in: query, HERE }]
      responses: { '204': { description: done } }
";
    let schema = "schema: { type: array, items: { type: string } }";
    let content = "content: { application/json: { schema: { type: array, items: { type: string } } } }";
    insta::assert_snapshot!(differ(written, schema, content), @"request-parameter-content-changed: GET /pets?by=a&by=b (the base accepts it, the revision does not)");
    insta::assert_snapshot!(differ(written, content, schema), @r#"request-parameter-content-changed: GET /pets?by=%5B%22a%22%2C%22b%22%5D (the base takes it for ["a","b"], the revision for ["[\"a\",\"b\"]"])"#);
}

#[test]
fn a_header_of_an_answer_that_is_written_otherwise() {
    let answer = "paths:
  /pets:
    get:
      responses: { '200': { description: ok, headers: { X-Ids: { required: true, HERE } } } }
";
    let schema = "schema: { type: array, minItems: 1, items: { type: integer } }";
    let content =
        "content: { application/json: { schema: { type: array, minItems: 1, items: { type: integer } } } }";
    insta::assert_snapshot!(differ(answer, content, schema), @"response-header-content-changed: GET /pets answered with 200 and X-Ids: 0,1 (the revision may send it, the base does not promise it)");
    insta::assert_snapshot!(differ(answer, schema, content), @"response-header-content-changed: GET /pets answered with 200 and X-Ids: [0,1] (the revision may send it, the base does not promise it)");
}

#[test]
fn parts_of_forms_are_written_otherwise() {
    let form = |media: &str| {
        format!(
            "paths:
  /pets:
    post:
      requestBody:
        required: true
        content:
          {media}:
            schema: {{ type: object, required: [f], properties: {{ f: {{ type: array, items: {{ type: string }} }}, g: {{ type: string }} }} }}
            encoding: {{ f: {{ HERE }} }}
      responses: {{ '204': {{ description: done }} }}
"
        )
    };
    let (multipart, query) = (form("multipart/form-data"), form("application/x-www-form-urlencoded"));
    insta::assert_snapshot!(differ(&multipart, "contentType: application/json", "contentType: text/csv"), @r#"request-body-encoding-content-type-changed: POST /pets, Content-Type: multipart/form-data; boundary=b, --b, Content-Disposition: form-data; name="f", Content-Type: application/json, ["a","b"], --b-- (the base accepts it, the revision does not)"#);
    insta::assert_snapshot!(
        differ(&multipart, "headers: {}", "headers: { X-Sum: { required: true, schema: { type: string } } }"), @r#"request-body-encoding-header-added: POST /pets, Content-Type: multipart/form-data; boundary=b, --b, Content-Disposition: form-data; name="f", Content-Type: text/plain, a, --b, Content-Disposition: form-data; name="f", Content-Type: text/plain, b, --b-- (the base accepts it, the revision does not)"#);
    insta::assert_snapshot!(differ(&query, "explode: true", "explode: false"), @"request-body-encoding-explode-changed: POST /pets, Content-Type: application/x-www-form-urlencoded, f=a&f=b (the base accepts it, the revision does not)");
    insta::assert_snapshot!(differ(&query, "style: form, explode: false", "style: spaceDelimited, explode: false"), @r#"request-body-encoding-style-changed: POST /pets, Content-Type: application/x-www-form-urlencoded, f=a,b (the base takes it for ["a","b"], the revision for ["a,b"])"#);
}

#[test]
fn another_way_where_one_has_no_message() {
    let shared = "paths:
  /a: { post: { requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } }, responses: { '204': { description: done } } } }
  /b: { post: { requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/B' } } } }, responses: { '204': { description: done } } } }
components:
  schemas:
    A: { type: object, additionalProperties: false, required: [forgotten], properties: { shared: { $ref: '#/components/schemas/Shared' } } }
    B: { type: object, properties: { inner: { type: array, items: { $ref: '#/components/schemas/Shared' } } } }
    Shared: { type: string, maxLength: HERE }
";
    insta::assert_snapshot!(differ(shared, "2", "1"), @r#"request-property-max-length-decreased: POST /b with {"inner":["aa"]} (the base accepts it, the revision does not)"#);
    let alone = shared.replace("items: { $ref: '#/components/schemas/Shared' }", "items: {}");
    insta::assert_snapshot!(differ(&alone, "2", "1"), @"request-property-max-length-decreased: nothing");
}

#[test]
fn a_tag_that_leads_elsewhere() {
    let union = "paths:
  /pets:
    post:
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
      responses: { '204': { description: done } }
components:
  schemas:
    Pet:
      oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }]
      discriminator: { propertyName: kind, mapping: { HERE } }
    Cat: { type: object, required: [kind], properties: { kind: { type: string }, lives: { type: integer } } }
    Dog: { type: object, required: [kind], properties: { kind: { type: string }, barks: { type: boolean } } }
";
    let mapping =
        |one: &str, two: &str| format!("a: '#/components/schemas/{one}', b: '#/components/schemas/{two}'");
    insta::assert_snapshot!(differ(union, &mapping("Cat", "Dog"), &mapping("Dog", "Cat")), @r#"
    request-body-discriminator-mapping-changed: POST /pets with {"kind":"a"} (the base takes it for "Cat", the revision for "Dog")
    request-body-discriminator-mapping-changed: POST /pets with {"kind":"b"} (the base takes it for "Dog", the revision for "Cat")
    "#);
    insta::assert_snapshot!(differ(union, &mapping("Cat", "Dog"), "a: '#/components/schemas/Cat'"), @r#"request-body-discriminator-mapping-deleted: POST /pets with {"kind":"b"} (the base accepts it, the revision does not)"#);
}

#[test]
fn calls_that_go_elsewhere_and_tokens_that_no_longer_serve() {
    let server = "servers: [{ url: 'https://example.com/HERE' }]
paths:
  /pets: { get: { responses: { '204': { description: done } } } }
";
    insta::assert_snapshot!(differ(server, "v1", "v2"), @"api-base-path-changed: GET /v1/pets (the base accepts it, the revision does not)");
    let flow = "paths:
  /pets: { get: { security: [{ o: [read] }], responses: { '204': { description: done } } } }
components:
  securitySchemes:
    o: { type: oauth2, flows: { HERE } }
";
    let client = |url: &str| format!("clientCredentials: {{ tokenUrl: '{url}', scopes: {{ read: all }} }}");
    let both = format!(
        "{}, password: {{ tokenUrl: 'https://a.example/t', scopes: {{ read: all }} }}",
        client("https://a.example/t")
    );
    insta::assert_snapshot!(
        differ(flow, &client("https://a.example/t"), &client("https://b.example/t")), @"api-security-component-oauth-token-url-changed: GET /pets, Authorization: Bearer TOKEN (clientCredentials from https://a.example/t, with read) (the base accepts it, the revision does not)");
    insta::assert_snapshot!(differ(flow, &both, &client("https://a.example/t")), @"api-security-component-oauth-flow-removed: GET /pets, Authorization: Bearer TOKEN (password from https://a.example/t, with read) (the base accepts it, the revision does not)");
    let id = "paths:
  /pets: { get: { security: [{ o: [] }], responses: { '204': { description: done } } } }
components: { securitySchemes: { o: { type: openIdConnect, openIdConnectUrl: 'https://HERE.example/' } } }
";
    insta::assert_snapshot!(differ(id, "a", "b"), @"api-security-component-open-id-connect-url-changed: GET /pets, Authorization: Bearer TOKEN (from https://a.example/) (the base accepts it, the revision does not)");
}

#[test]
fn what_is_no_longer_sent() {
    let status = "paths:
  /pets: { get: { responses: { '200': { description: ok }, HERE } } }
";
    insta::assert_snapshot!(
        differ(status, "'202': { description: later, content: { application/json: { schema: { type: integer } } } }", "'404': { description: no }"), @"response-success-status-removed: GET /pets answered with 202 and Content-Type: application/json, 0 (the base promises it, the revision does not send it)");
    let hook = "webhooks:
  HERE:
    post:
      requestBody: { required: true, content: { application/json: { schema: { type: integer } } } }
      responses: { '204': { description: done } }
";
    insta::assert_snapshot!(differ(hook, "changed", "altered"), @"webhook-removed: webhook POST {changed}, Content-Type: application/json, 0 (the base promises it, the revision does not send it)");
}

#[test]
fn what_webhooks_bring_and_how_clients_answer() {
    let hook = "webhooks:
  changed:
    post:
      requestBody: { required: REQUIRED, content: { MEDIA: { schema: { type: integer } } } }
      responses: { '200': { description: done, content: { ANSWER: { schema: { type: integer } } } } }
";
    let of = |required: &str, media: &str, answer: &str| {
        hook.replace("REQUIRED", required).replace("MEDIA", media).replace("ANSWER", answer)
    };
    let (json, problem) = ("application/json", "application/problem+json");
    insta::assert_snapshot!(shown(&of("true", json, json), &of("false", json, json)), @"response-body-became-optional: webhook POST {changed} (the revision may send it, the base does not promise it)");
    insta::assert_snapshot!(shown(&of("true", json, json), &of("true", problem, json)), @"response-media-type-name-changed: webhook POST {changed}, Content-Type: application/problem+json, 0 (the revision may send it, the base does not promise it)");
    insta::assert_snapshot!(shown(&of("true", json, json), &of("true", json, "text/plain")), @"request-body-media-type-removed: webhook POST changed answered with 200 and Content-Type: application/json, 0 (the base accepts it, the revision does not)");
}

#[test]
fn a_media_type_that_gets_a_schema() {
    let body = "paths:
  /pets:
    post:
      requestBody: { required: true, content: { application/json: { HERE } } }
      responses: { '204': { description: done } }
";
    insta::assert_snapshot!(differ(body, "", "schema: { type: object }"), @r#"request-body-media-type-schema-added: POST /pets with "a" (the base accepts it, the revision does not)"#);
}
