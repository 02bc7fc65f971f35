//! Every place where a reference may stand may refer to another file, and means what it would mean in one file.

use insta::assert_snapshot;

use super::{bundle, findings, report, told};

/// All kinds of parts, each referred to where it is used.
const WHOLE: &str = "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
security: [{ key: [] }]
paths:
  /pets/{id}:
    parameters: [{ $ref: '#/components/parameters/Id' }]
    get:
      responses:
        '200': { $ref: '#/components/responses/Pet' }
        default: { $ref: '#/components/responses/Problem' }
    put:
      parameters: [{ $ref: '#/components/parameters/Trace' }]
      requestBody: { $ref: '#/components/requestBodies/Pet' }
      responses: { '204': { description: done } }
      callbacks:
        done: { $ref: '#/components/callbacks/Done' }
webhooks:
  born: { $ref: '#/components/pathItems/Born' }
components:
  schemas:
    Id: { type: string, minLength: 1 }
    Pet:
      type: object
      required: [id, kind]
      properties:
        id: { $ref: '#/components/schemas/Id' }
        kind: { type: string }
        owner: { $ref: '#/components/schemas/Person' }
      discriminator: { propertyName: kind, mapping: { cat: '#/components/schemas/Cat' } }
    Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { claws: { type: integer } } }] }
    Person:
      type: object
      properties:
        name: { type: string }
        pets: { type: array, items: { $ref: '#/components/schemas/Pet' } }
  parameters:
    Id: { name: id, in: path, required: true, schema: { $ref: '#/components/schemas/Id' } }
    Trace: { name: trace, in: header, schema: { type: string } }
  headers:
    Left: { required: true, schema: { type: integer } }
  responses:
    Pet:
      description: a pet
      headers: { X-Left: { $ref: '#/components/headers/Left' } }
      content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } }
      links: { again: { $ref: '#/components/links/Again' } }
    Problem: { description: a problem, content: { text/plain: { schema: { type: string } } } }
  requestBodies:
    Pet: { content: { application/json: { schema: { $ref: '#/components/schemas/Pet' } } } }
  links:
    Again: { operationId: again }
  callbacks:
    Done:
      '{$request.body#/url}':
        post: { requestBody: { $ref: '#/components/requestBodies/Pet' }, responses: { '200': { description: fine } } }
  pathItems:
    Born: { post: { requestBody: { $ref: '#/components/requestBodies/Pet' }, responses: { '200': { description: fine } } } }
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
";

/// The same, every part in another file, YAML and JSON in turn, each referred to where it is used; with cycles between the
/// files of pets and people.
const PARTS: [(&str, &str); 12] = [
    (
        "api/openapi.yaml",
        "\
openapi: 3.1.0
info: { title: Shop, version: '1' }
security: [{ key: [] }]
paths:
  /pets/{id}: { $ref: ./paths/pet.yaml }
webhooks:
  born: { $ref: 'hooks.json#/born' }
components:
  securitySchemes:
    key: { $ref: ../common/security.yaml#/key }
",
    ),
    (
        "api/paths/pet.yaml",
        "\
parameters: [{ $ref: '../parameters.yaml#/Id' }]
get:
  responses:
    '200': { $ref: '../responses/Pet.yaml' }
    default: { $ref: '../../common/responses.json#/Problem' }
put:
  parameters: [{ $ref: '../parameters.yaml#/Trace' }]
  requestBody: { $ref: '../bodies.yaml#/Pet' }
  responses: { '204': { description: done } }
  callbacks:
    done: { $ref: ../callbacks.yaml }
",
    ),
    (
        "api/hooks.json",
        r#"{ "born": { "post": { "requestBody": { "$ref": "bodies.yaml#/Pet" }, "responses": { "200": { "description": "fine" } } } } }"#,
    ),
    (
        "api/schemas/pets.yaml",
        "\
Id: { type: string, minLength: 1 }
Pet:
  type: object
  required: [id, kind]
  properties:
    id: { $ref: '#/Id' }
    kind: { type: string }
    owner: { $ref: 'Person.json' }
  discriminator: { propertyName: kind, mapping: { cat: 'pets.yaml#/Cat' } }
Cat: { allOf: [{ $ref: '#/Pet' }, { properties: { claws: { type: integer } } }] }
",
    ),
    (
        "api/schemas/Person.json",
        r#"{ "type": "object", "properties": { "name": { "type": "string" }, "pets": { "type": "array", "items": { "$ref": "pets.yaml#/Pet" } } } }"#,
    ),
    (
        "api/parameters.yaml",
        "\
Id: { name: id, in: path, required: true, schema: { $ref: 'schemas/pets.yaml#/Id' } }
Trace: { name: trace, in: header, schema: { type: string } }
",
    ),
    (
        "api/bodies.yaml",
        "Pet: { content: { application/json: { schema: { $ref: './schemas/pets.yaml#/Pet' } } } }",
    ),
    (
        "api/responses/Pet.yaml",
        "\
description: a pet
headers: { X-Left: { $ref: ../../common/left.yaml } }
content: { application/json: { schema: { $ref: ../schemas/pets.yaml#/Pet } } }
links: { again: { $ref: ../links.yaml#/Again } }
",
    ),
    ("api/links.yaml", "Again: { operationId: again }"),
    (
        "api/callbacks.yaml",
        "\
'{$request.body#/url}':
  post: { requestBody: { $ref: 'bodies.yaml#/Pet' }, responses: { '200': { description: fine } } }
",
    ),
    ("common/left.yaml", "{ required: true, schema: { type: integer } }"),
    (
        "common/responses.json",
        r#"{ "Problem": { "description": "a problem", "content": { "text/plain": { "schema": { "type": "string" } } } } }"#,
    ),
];

fn parts(changed: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    let security = ("common/security.yaml", "key: { type: apiKey, in: header, name: X-Key }");
    let all = PARTS.iter().copied().chain([security]);
    let change = |(path, text): (&str, &str)| {
        let text =
            changed.iter().filter(|(file, ..)| *file == path).fold(text.to_owned(), |text, (_, from, to)| {
                assert!(text.contains(from), "{path} has no {from}");
                text.replacen(from, to, 1)
            });
        (path.to_owned(), text)
    };
    all.map(change).collect()
}

#[test]
fn a_description_in_parts_is_the_whole_description() {
    let (whole, parts) = (bundle(&[("openapi.yaml", WHOLE)]), bundle(&parts(&[])));
    assert_eq!(told(&whole), "");
    assert_eq!(told(&parts), "");
    assert_eq!(parts.trees().len(), 13);
    // Only that the names of components are gone is told, to those who generate code from them.
    let ids = |report: rollgate::openapi::finding::Report| {
        let ids: std::collections::BTreeSet<_> =
            report.findings.into_iter().map(|finding| finding.id).collect();
        ids.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(ids(report(&whole, &parts)), ["api-schema-removed"]);
    assert_eq!(ids(report(&parts, &whole)), [""; 0]);
}

#[test]
fn a_change_in_a_part_is_told_at_its_place_in_that_file() {
    let (old, new) = (
        bundle(&parts(&[])),
        bundle(&parts(&[
            (
                "api/schemas/Person.json",
                r#""name": { "type": "string" }"#,
                r#""name": { "type": "string", "maxLength": 9 }"#,
            ),
            ("api/schemas/pets.yaml", "minLength: 1", "minLength: 2"),
            ("api/parameters.yaml", "in: header,", "in: header, required: true,"),
            ("common/left.yaml", "required: true", "required: false"),
            ("common/responses.json", "text/plain", "text/html"),
            ("common/security.yaml", "X-Key", "X-Token"),
            ("api/paths/pet.yaml", "get:", "delete: { responses: { '200': { description: d } } }\nget:"),
        ])),
    );
    assert_snapshot!(findings(&old, &new), @r"
    error api-security-component-api-key-name-changed ../common/security.yaml#/key/name
        common/security.yaml:1:34 -> common/security.yaml:1:34
        the key of the security scheme `key` is now called `X-Token` instead of `X-Key`
    error request-parameter-became-required parameters.yaml#/Trace
        api/parameters.yaml:2:1 -> api/parameters.yaml:2:35
        the header parameter `trace` is now required
    error request-parameter-min-length-increased schemas/pets.yaml#/Id/minLength
        api/schemas/pets.yaml:1:21 -> api/schemas/pets.yaml:1:21
        the minimum length of the parameter `Id` rises from 1 to 2
    error request-property-max-length-set schemas/Person.json#/properties/name
        api/schemas/Person.json:1:37 -> api/schemas/Person.json:1:65
        the request property `name` gets a maximum length: 9
    error request-property-min-length-increased schemas/pets.yaml#/Id/minLength
        api/schemas/pets.yaml:1:21 -> api/schemas/pets.yaml:1:21
        the minimum length of the request property `Id` rises from 1 to 2
    error response-header-became-optional ../common/left.yaml#/required
        common/left.yaml:1:3 -> common/left.yaml:1:3
        the response header `X-Left` is no longer required
    error response-media-type-removed ../common/responses.json#/Problem/content/text~1plain
        common/responses.json:1:57 -> -
        the response body may no longer be `text/plain`
    info endpoint-added paths/pet.yaml#/delete
        - -> api/paths/pet.yaml:2:1
        the operation `DELETE /pets/{id}` is new
    info response-media-type-added ../common/responses.json#/Problem/content/text~1html
        - -> common/responses.json:1:57
        the response body may now be `text/html`
    info response-property-max-length-set schemas/Person.json#/properties/name
        api/schemas/Person.json:1:37 -> api/schemas/Person.json:1:65
        the response property `name` gets a maximum length: 9
    info response-property-min-length-increased schemas/pets.yaml#/Id/minLength
        api/schemas/pets.yaml:1:21 -> api/schemas/pets.yaml:1:21
        the minimum length of the response property `Id` rises from 1 to 2
    ");
}

#[test]
fn a_part_that_comes_and_goes_is_told_with_its_file() {
    let old = bundle(&parts(&[]));
    let new = bundle(&parts(&[(
        "api/schemas/pets.yaml",
        "kind: { type: string }",
        "kind: { type: string }\n    age: { type: integer }",
    )]));
    assert_snapshot!(findings(&new, &old), @"
    warn request-property-removed schemas/pets.yaml#/Pet/properties/age
        api/schemas/pets.yaml:8:5 -> api/schemas/pets.yaml:2:1
        the request property `age` is gone
    info response-optional-property-removed schemas/pets.yaml#/Pet/properties/age
        api/schemas/pets.yaml:8:5 -> api/schemas/pets.yaml:2:1
        the response property `age`, which was not always there, is gone
    ");
}

#[test]
fn maps_of_parts_may_be_kept_in_files_of_their_own() {
    let one = "\
openapi: 3.0.0
info: { title: Shop, version: '1' }
paths:
  /pets: { get: { responses: { '200': { $ref: '#/components/responses/Pets' } } } }
components:
  responses: { Pets: { description: d, content: { a/b: { schema: { $ref: '#/components/schemas/Pet' } } } } }
  schemas: { Pet: { type: string } }
";
    let several = [
        (
            "openapi.yaml",
            "openapi: 3.0.0\ninfo: { title: Shop, version: '1' }\npaths: { $ref: paths.yaml }\ncomponents: { $ref: components/all.yaml }\n",
        ),
        ("paths.yaml", "/pets: { get: { responses: { $ref: responses.yaml } } }"),
        ("responses.yaml", "'200': { $ref: 'openapi.yaml#/components/responses/Pets' }"),
        (
            "components/all.yaml",
            "responses: { Pets: { description: d, content: { a/b: { schema: { $ref: '../openapi.yaml#/components/schemas/Pet' } } } } }\nschemas: { $ref: schemas.yaml }\n",
        ),
        ("components/schemas.yaml", "Pet: { type: string }"),
    ];
    let (one, several) = (bundle(&[("openapi.yaml", one)]), bundle(&several));
    assert_eq!(told(&several), "");
    assert_eq!(findings(&one, &several) + &findings(&several, &one), "");
    assert_eq!(several.lower().named_schemas.len(), 1);
}

#[test]
fn swagger_is_read_from_several_files_as_well() {
    let one = "\
swagger: '2.0'
info: { title: Shop, version: '1' }
paths:
  /pets:
    post:
      parameters: [{ $ref: '#/parameters/Body' }, { $ref: '#/parameters/Limit' }]
      responses: { '200': { $ref: '#/responses/Pets' } }
parameters:
  Body: { name: body, in: body, schema: { $ref: '#/definitions/Pet' } }
  Limit: { name: limit, in: query, type: integer, maximum: 9 }
responses:
  Pets: { description: d, schema: { type: array, items: { $ref: '#/definitions/Pet' } } }
definitions:
  Pet: { type: object, properties: { name: { type: string } } }
";
    let several = [
        (
            "swagger.yaml",
            "\
swagger: '2.0'
info: { title: Shop, version: '1' }
paths:
  /pets:
    post:
      parameters: [{ $ref: 'parts.yaml#/parameters/Body' }, { $ref: 'parts.yaml#/parameters/Limit' }]
      responses: { '200': { $ref: 'parts.yaml#/responses/Pets' } }
definitions:
  Pet: { $ref: Pet.json }
",
        ),
        (
            "parts.yaml",
            "\
parameters:
  Body: { name: body, in: body, schema: { $ref: 'swagger.yaml#/definitions/Pet' } }
  Limit: { name: limit, in: query, type: integer, maximum: 9 }
responses:
  Pets: { description: d, schema: { type: array, items: { $ref: Pet.json } } }
",
        ),
        ("Pet.json", r#"{ "type": "object", "properties": { "name": { "type": "string" } } }"#),
    ];
    let (one, several) = (bundle(&[("swagger.yaml", one)]), bundle(&several));
    assert_eq!(told(&several), "");
    assert_eq!(findings(&one, &several) + &findings(&several, &one), "");
}

#[test]
fn what_an_example_says_is_no_reference() {
    let files = [(
        "openapi.yaml",
        "\
openapi: 3.0.0
info: { title: t, version: '1' }
paths:
  /a:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: { type: object, default: { $ref: ./none.yaml }, enum: [{ $ref: ./none.yaml }] }
              example: { $ref: ./none.yaml }
              examples: { one: { value: { $ref: ./none.yaml } }, two: { externalValue: ./none.yaml } }
",
    )];
    assert_eq!(told(&bundle(&files)), "");
}
