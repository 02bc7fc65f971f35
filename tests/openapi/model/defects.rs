//! What is wrong with a description: told with its place and the mend, and of no consequence elsewhere.

use insta::assert_snapshot;

use super::{schemas, shown};

#[test]
fn references_that_lead_nowhere() {
    assert_snapshot!(schemas("3.0.0", "\
A: {$ref: '#/components/schemas/Gone'}
B: {properties: {b: {$ref: 'other.yaml#/B'}, c: {$ref: 'https://example.com/c'}}}
C: {$ref: '#/components/schemas/D'}
D: {$ref: '#/components/schemas/C'}
E: {allOf: [{$ref: '#/components/schemas/E'}, {type: string}]}
F: {$ref: '#/components/parameters/P'}
G: {$ref: '#/components/schemas/a~2b'}
H: {$ref: 7}
I: {discriminator: {propertyName: a, mapping: {x: './X.yaml', y: A}}}
J: {$ref: '#/components/schemas/K%20~1~0'}
K /~: {type: string}
L: {$ref: '#/paths'}"), @r"
schema A: BROKEN @?
schema B: {b: BROKEN @?, c: BROKEN @?}
schema C: BROKEN @?
schema D: BROKEN @?
schema E: allOf[BROKEN @?, string]
schema F: BROKEN @?
schema G: BROKEN @?
schema H: BROKEN
schema I: by a x=? y=A
schema J: @K /~
schema K /~: string
schema L: BROKEN @?
error broken-reference 6:9 /components/schemas/A/$ref
    `#/components/schemas/Gone` leads nowhere: there is no `Gone`; add it, or mend the reference
error external-reference 7:26 /components/schemas/B/properties/b/$ref
    `other.yaml#/B` leads out of this file, which is not followed: bundle the files into one
error external-reference 7:54 /components/schemas/B/properties/c/$ref
    `https://example.com/c` leads out of this file, which is not followed: bundle the files into one
error endless-reference 8:5 /components/schemas/C
    this schema refers to itself without a step into the value, so it says nothing: break the circle
error endless-reference 9:5 /components/schemas/D
    this schema refers to itself without a step into the value, so it says nothing: break the circle
error endless-reference 10:17 /components/schemas/E/allOf/0
    this schema refers to itself without a step into the value, so it says nothing: break the circle
error wrong-reference 11:9 /components/schemas/F/$ref
    `#/components/parameters/P` leads to one of `parameters` where one of `schemas` belongs: mend the reference
error broken-reference 12:9 /components/schemas/G/$ref
    `#/components/schemas/a~2b` is no JSON Pointer: write `~1` for `/`, `~0` for `~`, and `%25` for `%`
error wrong-type 13:9 /components/schemas/H/$ref
    `$ref` is a number: write a string
error external-reference 14:52 /components/schemas/I/discriminator/mapping/x
    `./X.yaml` leads out of this file, which is not followed: bundle the files into one
error wrong-reference 17:9 /components/schemas/L/$ref
    `#/paths` leads to something that is no schema: mend the reference
");
}

#[test]
fn references_to_things_of_another_kind() {
    assert_snapshot!(shown(r"
openapi: 3.0.0
info: {}
paths:
  /a:
    get:
      parameters:
        - $ref: '#/components/schemas/S'
        - $ref: '#/components/parameters/Chain'
        - $ref: '#/components/parameters/Circle'
      requestBody: {$ref: '#/components/responses/R'}
      responses: {'200': {$ref: '#/components/requestBodies/B'}, '300': {$ref: '#/paths/~1a/get/responses/400'}, '400': {description: x, content: {a/b: {}}}}
  /b: {$ref: '#/paths/~1b'}
  /c: {$ref: 'c.yaml'}
  /d: {$ref: '#/paths/~1a'}
components:
  schemas: {S: {type: string}}
  parameters:
    Chain: {$ref: '#/components/parameters/Link'}
    Link: {name: link, in: query, schema: {type: string}}
    Circle: {$ref: '#/components/parameters/Circle'}
"), @r"
V3_0 - -
Operation /a
  get
    query #/components/schemas/S: - as form explode BROKEN
    query link: string as form explode
    query #/components/parameters/Circle: - as form explode BROKEN
    body: nothing BROKEN
    200: nothing BROKEN
    300: a/b
    400: a/b
Operation /b BROKEN
Operation /c BROKEN
Operation /d
  get
    query #/components/schemas/S: - as form explode BROKEN
    query link: string as form explode
    query #/components/parameters/Circle: - as form explode BROKEN
    body: nothing BROKEN
    200: nothing BROKEN
    300: a/b
    400: a/b
schema S: string
error wrong-reference 8:11 /paths/~1a/get/parameters/0/$ref
    `#/components/schemas/S` leads to one of `schemas` where one of `parameters` belongs: mend the reference
error endless-reference 10:11 /paths/~1a/get/parameters/2
    this reference leads in a circle, or by too many others: refer to the thing itself
error wrong-reference 11:21 /paths/~1a/get/requestBody/$ref
    `#/components/responses/R` leads to one of `responses` where one of `requestBodies` belongs: mend the reference
error wrong-reference 12:27 /paths/~1a/get/responses/200/$ref
    `#/components/requestBodies/B` leads to one of `requestBodies` where one of `responses` belongs: mend the reference
error endless-reference 13:3 /paths/~1b
    this path refers to others in a circle: refer to the thing itself
error external-reference 14:8 /paths/~1c/$ref
    `c.yaml` leads out of this file, which is not followed: bundle the files into one
");
}

#[test]
fn keywords_of_the_wrong_type_break_their_schema_alone() {
    assert_snapshot!(schemas("3.0.0", "\
A: {maxLength: '5'}
B: {minLength: -1}
C: {type: strin}
D: {enum: []}
E: {required: true, properties: {a: {type: string}}}
F: {properties: [], additionalProperties: 7}
G: {allOf: [], oneOf: {}}
H: {multipleOf: 0, readOnly: 'yes'}
I: {required: [a, 1]}
J: {deprecated: 'no', type: string}
K: nothing
L: {minItems: 1.0, maxItems: 1.5}
M: {type: object, nullable: 1}"), @r"
schema A: BROKEN
schema B: BROKEN
schema C: BROKEN
schema D: enum=[]
schema E: {a: string}
schema F: BROKEN additional=(BROKEN)
schema G: BROKEN
schema H: BROKEN
schema I: BROKEN
schema J: string
schema K: BROKEN
schema L: BROKEN minItems=1
schema M: BROKEN object
error wrong-type 6:9 /components/schemas/A/maxLength
    `maxLength` is a string: write a whole number from 0
error wrong-type 7:9 /components/schemas/B/minLength
    `minLength` is a number: write a whole number from 0
error unknown-type 8:9 /components/schemas/C/type
    `strin` is no type: write one of array, boolean, integer, null, number, object, string
warn empty-list 9:9 /components/schemas/D/enum
    `enum` is empty, so no value is valid: list values, or remove it
warn wrong-type 10:9 /components/schemas/E/required
    `required` of a schema is a list of names: list the property under `required` of its owner
error wrong-type 11:9 /components/schemas/F/properties
    this is a list: write a mapping
error wrong-type 11:25 /components/schemas/F/additionalProperties
    this is a number: write a schema
warn empty-list 12:9 /components/schemas/G/allOf
    `allOf` is an empty list, which counts for nothing: list schemas, or remove it
error wrong-type 12:20 /components/schemas/G/oneOf
    `oneOf` is a mapping: write a list of schemas
error wrong-value 13:9 /components/schemas/H/multipleOf
    `multipleOf` has to be more than 0
error wrong-type 13:24 /components/schemas/H/readOnly
    `readOnly` is a string: write `true` or `false`
error wrong-type 14:23 /components/schemas/I/required/1
    `required` is a number: write a list of names
error wrong-type 15:9 /components/schemas/J/deprecated
    `deprecated` is a string: write `true` or `false`
error wrong-type 16:5 /components/schemas/K
    this is a string: write a schema
error wrong-type 17:24 /components/schemas/L/maxItems
    `maxItems` is a number: write a whole number from 0
error wrong-type 18:23 /components/schemas/M/nullable
    `nullable` is a number: write `true` or `false`
");
}

#[test]
fn operations_that_contradict_themselves_or_each_other() {
    assert_snapshot!(shown(r"
openapi: 3.0.0
info: {}
security: [{gone: []}]
paths:
  /a/{x}:
    get:
      operationId: same
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: q, in: query, schema: {type: integer}}
        - {name: X, in: header, schema: {}}
        - {name: x, in: header, schema: {}}
      responses: {2xx: {description: a}, 2XX: {description: b}}
    GET: {}
  /a/{y}:
    get:
      operationId: same
      parameters: [{name: z, in: path, schema: {}}, {name: y, in: path, style: form, schema: {}}]
      responses: {20O: {description: ok}}
    put:
      parameters: [{name: z, in: path, schema: {}}, {in: query}, {name: a, in: body}, 7]
      requestBody: {}
  b: {post: [], delete: {parameters: {}, responses: [], tags: x}}
"), @r"
V3_0 - -
security gone
Operation /a/{x}
  get id=same
    query q: string as form explode
    header X: anything as simple
    2XX: nothing
    2XX: nothing
    responses BROKEN
Operation /a/{y}
  get id=same
    path z!: anything as simple
    path y!: anything as simple BROKEN
    20O: nothing
  put
    path z!: anything as simple
    query : - as form explode BROKEN
    query a: - as form explode BROKEN
    query : - as form explode BROKEN
    body: nothing BROKEN
Operation b
  post BROKEN
  delete
    query : - as form explode BROKEN
    responses BROKEN
error unknown-security-scheme 4:13 /security/0/gone
    there is no security scheme `gone`: define it, or mend the name
warn undeclared-path-parameter 7:5 /paths/~1a~1{x}/get
    `{x}` of the path is no parameter of this operation: declare it with `in: path`
warn duplicate-parameter 11:11 /paths/~1a~1{x}/get/parameters/1
    `q` in query is there twice: remove one
warn duplicate-parameter 13:11 /paths/~1a~1{x}/get/parameters/3
    `x` in header is there twice: remove one
error duplicate-status 14:7 /paths/~1a~1{x}/get/responses
    `2XX` is there twice, as case means nothing in it: remove one
warn unknown-field 15:5 /paths/~1a~1{x}/GET
    `GET` is no field of a path in OpenAPI 3.0, and is not read
warn ambiguous-path 16:3 /paths/~1a~1{y}
    another path differs in names of variables only and has the same methods: keep one of them
warn duplicate-operation-id 18:7 /paths/~1a~1{y}/get/operationId
    `same` is the operationId of another operation too: give each its own
error unknown-style 19:73 /paths/~1a~1{y}/get/parameters/1/style
    `form` is no style of a value that is carried here: write one of simple, label, matrix
warn unknown-status 20:19 /paths/~1a~1{y}/get/responses/20O
    `20O` is no status: write three digits, `2XX` or the like, or `default`
warn missing-field 21:5 /paths/~1a~1{y}/put
    `responses` is missing: say what is answered
error missing-field 22:53 /paths/~1a~1{y}/put/parameters/1
    `name` is missing: add it
warn missing-field 22:53 /paths/~1a~1{y}/put/parameters/1
    neither `schema` nor `content` says what this holds: add one of them
warn missing-field 22:66 /paths/~1a~1{y}/put/parameters/2
    neither `schema` nor `content` says what this holds: add one of them
error unknown-type 22:76 /paths/~1a~1{y}/put/parameters/2/in
    `body` is no place of a parameter: write path, query, header or cookie
error wrong-type 22:87 /paths/~1a~1{y}/put/parameters/3
    this is a number: write a mapping
error missing-field 23:7 /paths/~1a~1{y}/put/requestBody
    `content` is missing: say which media types the body may have
warn wrong-path 24:3 /paths/b
    `b` is no path: begin it with `/`
error wrong-type 24:7 /paths/b/post
    this is a list: write a mapping
error wrong-type 24:26 /paths/b/delete/parameters
    this is a mapping: write a list
error wrong-type 24:42 /paths/b/delete/responses
    this is a list: write a mapping
error wrong-type 24:57 /paths/b/delete/tags
    `tags` is a string: write a list of names
");
}

#[test]
fn versions_that_are_not_known_are_read_as_the_nearest() {
    let told = |document: &str| {
        let page = shown(document);
        page.lines()
            .filter(|line| !line.starts_with("schema"))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    assert_snapshot!(told("openapi: 4.0.0\npaths: {}\n"), @r"
V3_2 - -
warn unknown-version 1:1 /openapi
    this version of the format is not known, known are 2.0, 3.0, 3.1 and 3.2; read as OpenAPI 3.2
");
    assert_snapshot!(told("openapi: 3.1\npaths: {}\n"), @r"
V3_1 - -
warn wrong-type 1:1 /openapi
    the version of the format is a string: write it in quotes
");
    assert_snapshot!(told("swagger: '1.2'\n"), @r"
V2 - -
error missing-paths 1:1 
    `paths` is missing: add it
warn unknown-version 1:1 /swagger
    this version of the format is not known, known are 2.0, 3.0, 3.1 and 3.2; read as Swagger 2.0
");
    assert_snapshot!(told("openapi: 3.0.0\n"), @r"
V3_0 - -
error missing-paths 1:1 
    `paths` is missing: add it
");
    assert_snapshot!(told("paths: []\n"), @r"
V3_0 - -
error unknown-version 1:1 
    `openapi` is missing: write the version of the format; read as OpenAPI 3.0
error wrong-type 1:1 /paths
    this is a list: write a mapping
");
    assert_snapshot!(told("- openapi\n"), @r"
V3_0 - -
error unreadable-description 1:1 
    this is no description: it has to be a mapping with `openapi`, `info` and `paths`
");
    assert_snapshot!(told(""), @r"
V3_0 - -
error empty-file 1:1 -
    the file holds no value: write a description, or remove the file
error unreadable-description 1:1 
    this is no description: it has to be a mapping with `openapi`, `info` and `paths`
");
}
