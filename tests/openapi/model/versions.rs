//! Each version of the format, and what its model is.

use insta::assert_snapshot;

use super::{schemas, shown};

#[test]
fn openapi_3_0() {
    assert_snapshot!(shown(r"
openapi: 3.0.3
info: {title: Pets, version: 1.2.0}
servers:
  - url: https://{region}.example.com/v1
    variables: {region: {default: eu, enum: [eu, us]}}
security: [{key: []}, {}]
tags: [{name: pets}]
paths:
  /pets/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, format: int64}}
      - {name: X-Trace, in: header, schema: {type: string}}
      - {name: Accept, in: header, schema: {type: string}}
    get:
      operationId: getPet
      tags: [pets, animals, pets]
      parameters:
        - {name: x-trace, in: header, required: true, schema: {type: string, maxLength: 8}}
        - {name: fields, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - $ref: '#/components/parameters/Filter'
      responses:
        '200':
          $ref: '#/components/responses/Pet'
        4xx: {description: no}
        default: {description: other, content: {text/plain: {}}}
    put:
      deprecated: true
      x-sunset: 2030-01-01
      security: [{oauth: [write, read], key: []}]
      servers: [{url: /other}]
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/Pet', maxProperties: 2}}
          multipart/form-data:
            schema: {type: object, properties: {photo: {type: string, format: binary}}}
            encoding: {photo: {contentType: image/png, headers: {X-Part: {schema: {type: string}}}}}
      responses: {'204': {description: done}}
      callbacks:
        onChange:
          '{$request.query.url}':
            post:
              requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
              responses: {'200': {description: ok}}
components:
  parameters:
    Filter: {name: filter, in: query, style: deepObject, content: {application/json: {schema: {type: object}}}}
  responses:
    Pet:
      description: a pet
      headers:
        X-Rate: {required: true, schema: {type: integer}}
        Content-Type: {schema: {type: string}}
      content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
      links: {owner: {operationId: getOwner}}
  securitySchemes:
    key: {type: apiKey, name: X-Key, in: header}
    oauth: {type: oauth2, flows: {implicit: {authorizationUrl: 'https://a', scopes: {write: w, read: r}}}}
    bearer: {type: http, scheme: bearer, bearerFormat: JWT}
    open: {type: openIdConnect, openIdConnectUrl: 'https://o'}
  schemas:
    Pet:
      type: object
      required: [name, id, id]
      discriminator: {propertyName: kind, mapping: {cat: Cat, dog: '#/components/schemas/Dog'}}
      properties:
        id: {type: integer, readOnly: true, minimum: 1, exclusiveMinimum: true}
        name: {type: string, nullable: true, enum: [a, null]}
        friend: {$ref: '#/components/schemas/Pet'}
      additionalProperties: false
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {type: object, minProperties: 1}]}
    Dog: {nullable: true, anyOf: [{type: string}, {type: number, multipleOf: 0.5, maximum: 1e2}]}
"), @r#"
V3_0 Pets 1.2.0
server https://{region}.example.com/v1 region=eu of [eu, us]
scheme key: key X-Key in header
scheme oauth: implicit https://a - - [read, write]
scheme bearer: http bearer Some("JWT")
scheme open: OpenID https://o
security key or anybody
Operation /pets/{id}
  get id=getPet tags=animals,pets
    path id!: integer format=int64 as simple
    header x-trace!: string maxLength=8 as simple
    query fields: array items=(string) as form
    query filter: application/json object as deepObject
    200: application/json @Pet header X-Rate!=integer as simple link owner={operationId: "getOwner"}
    4XX: nothing
    default: text/plain
  put security=key and oauth(read, write) deprecated sunset="2030-01-01"
    server /other
    path id!: integer format=int64 as simple
    header X-Trace: string as simple
    body!: application/json @Pet; multipart/form-data object {photo: string format=binary} part photo (Some("image/png"), None, None, false) header X-Part=string as simple
    204: nothing
Callback {$request.query.url} onChange of 1
  post
    body: application/json @Pet
    200: nothing
schema Pet: object {friend: @Pet, id!: integer >0.1e1 readOnly, name!: null|string enum=["a", null]} additional=(false) by kind cat=Cat dog=Dog
schema Cat: allOf[@Pet, object minProperties=1]
schema Dog: idle-nullable anyOf[string, number <=0.1e3 *0.5e0]
warn ignored-sibling 35:73 /paths/~1pets~1{id}/put/requestBody/content/application~1json/schema/maxProperties
    `maxProperties` means nothing beside `$ref` in OpenAPI 3.0: put the reference into `allOf`
warn idle-nullable 73:11 /components/schemas/Dog/nullable
    `nullable` means nothing without `type` beside it: add `type`, or an alternative that is null
"#);
}

#[test]
fn openapi_3_1() {
    assert_snapshot!(shown(r"
openapi: 3.1.0
info: {title: Trees, version: 2}
webhooks:
  grown: {post: {requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}}}}
paths:
  /trees:
    $ref: '#/components/pathItems/Trees'
    post: {responses: {'201': {description: made}}}
components:
  pathItems:
    Trees:
      get: {responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/List'}}}}}}
      post: {operationId: hidden}
  schemas:
    Tree:
      $ref: '#/components/schemas/Node'
      description: counts for nothing
      maxProperties: 3
    Node:
      $dynamicAnchor: node
      type: [object, 'null']
      properties:
        children: {type: array, items: {$dynamicRef: '#node'}}
        any: true
        never: false
        count: {type: [integer, string], exclusiveMinimum: 0, maximum: 10, exclusiveMaximum: 10}
      patternProperties: {^x-: {const: 1}}
      propertyNames: {pattern: ^a}
      dependentRequired: {b: [d, c]}
      dependentSchemas: {c: {required: [b]}}
      unevaluatedProperties: false
      if: {required: [a]}
      then: {minProperties: 2}
      else: {maxProperties: 1}
      not: {$ref: '#/components/schemas/List/$defs/inner'}
    List:
      type: array
      prefixItems: [{type: string}, {$anchor: second, type: boolean}]
      items: {$ref: '#second'}
      contains: {const: true}
      minContains: 2
      maxContains: 3
      uniqueItems: true
      unevaluatedItems: false
      $defs: {inner: {type: string, contentEncoding: base64, contentMediaType: image/png, contentSchema: true}}
    Own:
      $id: https://example.com/own
      properties: {a: {$ref: '#/$defs/a'}, b: {$ref: own#named}, c: {$ref: /own}}
      $defs: {a: {type: number}, b: {$anchor: named, type: integer}}
"), @r"
V3_1 Trees 2
Operation /trees
  post
    201: nothing
  get
    200: application/json @List
Webhook grown
  post
    body: application/json @Tree
schema Tree: @Node maxProperties=3
schema Node: null|object {any: true, children: array items=(@Node), count: integer|string >0.e0 <0.1e2, never: false} patterns{^x-: const=1} dependent{c: required=[b]} b asks [c, d] names=(pattern=^a) unevaluatedProperties=(false) not=(@/components/schemas/List/$defs/inner) if=(required=[a]) then=(minProperties=2) else=(maxProperties=1)
schema List: array minContains=2 maxContains=3 unique items=(@/components/schemas/List/prefixItems/1) contains=(const=true) unevaluatedItems=(false) prefix[string, boolean]
schema Own: {a: @/components/schemas/Own/$defs/a, b: @/components/schemas/Own/$defs/b, c: @Own}
");
}

#[test]
fn openapi_3_2() {
    assert_snapshot!(shown(r"
openapi: 3.2.0
info: {title: Streams, version: 1.0.0}
paths:
  /events:
    query:
      parameters: [{name: q, in: querystring, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}]
      responses:
        '200': {content: {text/event-stream: {itemSchema: {type: object}}, a/b: {$ref: '#/components/mediaTypes/B'}}}
    additionalOperations:
      COPY: {responses: {'204': {}}}
components:
  mediaTypes: {B: {schema: {type: string}}}
  securitySchemes:
    device: {type: oauth2, flows: {deviceAuthorization: {tokenUrl: 'https://t', scopes: {}}}}
  schemas:
    Either:
      oneOf: [{$ref: '#/components/schemas/One'}]
      discriminator: {propertyName: kind, defaultMapping: One}
    One: {type: object}
"), @r"
V3_2 Streams 1.0.0
scheme device: deviceAuthorization - https://t - []
Operation /events
  query
    querystring q: application/x-www-form-urlencoded object as form explode
    200: text/event-stream each object; a/b string
  COPY
    204: nothing
schema Either: oneOf[@One] by kind else One
schema One: object
");
}

#[test]
fn swagger_2_0() {
    assert_snapshot!(shown(r"
swagger: '2.0'
info: {title: Files, version: '3'}
host: example.com
basePath: /v1
schemes: [https, http]
consumes: [application/json, application/xml]
produces: [application/json]
securityDefinitions:
  plain: {type: basic}
  oauth: {type: oauth2, flow: accessCode, authorizationUrl: 'https://a', tokenUrl: 'https://t', scopes: {all: x}}
security: [{plain: []}]
paths:
  /files/{id}:
    parameters:
      - {name: id, in: path, required: true, type: string, maxLength: 4}
      - {name: kind, in: formData, type: string}
    post:
      parameters:
        - {name: file, in: formData, required: true, type: file}
        - {name: kind, in: formData, type: array, items: {type: string}}
        - {name: tags, in: query, type: array, collectionFormat: multi, items: {type: integer, enum: [1, 2]}}
      responses:
        200: {description: a file, schema: {type: file}, headers: {X-Rate: {type: integer}}}
  /pets:
    post:
      produces: [text/plain]
      parameters:
        - {$ref: '#/parameters/Pet'}
        - {name: ids, in: query, type: array, collectionFormat: pipes, items: {type: integer}}
      responses: {default: {$ref: '#/responses/Fail'}}
parameters:
  Pet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
responses:
  Fail: {description: no, schema: {type: string}}
definitions:
  Pet: {type: object, discriminator: kind, required: [kind], properties: {kind: {type: string, x-nullable: true}}}
"), @r#"
V2 Files 3
server http://example.com/v1
server https://example.com/v1
scheme plain: http basic None
scheme oauth: authorizationCode https://a https://t - [all]
security plain
Operation /files/{id}
  post
    path id!: string maxLength=4 as simple
    query tags: array items=(integer enum=[1, 2]) as form explode
    body!: multipart/form-data object {file!: string format=binary, kind: array items=(string)} part kind (None, Some("form"), Some(false), false)
    200: application/json string format=binary header X-Rate=integer as simple
Operation /pets
  post
    query ids: array items=(integer) as pipeDelimited
    body!: application/json @Pet; application/xml @Pet
    default: text/plain string
schema Pet: object {kind!: null|string} by kind
"#);
}

#[test]
fn keywords_of_other_versions_are_read_where_they_can_mean_one_thing_only() {
    assert_snapshot!(schemas("3.0.0", "A: {type: [string, 'null']}\nB: {minimum: 1, exclusiveMinimum: 2}\nC: {items: [{type: string}], additionalItems: false}\nD: {type: string, const: x}"), @r#"
schema A: null|string
schema B: >0.2e1
schema C: items=(false) prefix[string]
schema D: string const="x"
warn unknown-keyword 6:9 /components/schemas/A/type
    a list of types is not known to OpenAPI 3.0; it is read as OpenAPI 3.1 has it
warn wrong-type 7:21 /components/schemas/B/exclusiveMinimum
    `exclusiveMinimum` is true or false in OpenAPI 3.0; it is read as the other version has it
"#);
    assert_snapshot!(schemas("3.1.0", "A: {type: string, nullable: true}\nB: {minimum: 1, exclusiveMinimum: true}\nC: {items: [{type: string}], additionalItems: false}"), @r"
schema A: string
schema B: >0.1e1
schema C: items=(false) prefix[string]
warn unknown-keyword 6:23 /components/schemas/A/nullable
    `nullable` means nothing in OpenAPI 3.1: write `null` into `type`
warn wrong-type 7:21 /components/schemas/B/exclusiveMinimum
    `exclusiveMinimum` is a number in OpenAPI 3.1; it is read as the other version has it
warn wrong-type 8:5 /components/schemas/C
    a list of schemas is called `prefixItems` in this version; it is read as that
");
}
