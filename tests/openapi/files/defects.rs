//! What is wrong with references to other files, and with these files: told at its place, in the file where it stands, and
//! of no consequence elsewhere.

use insta::assert_snapshot;
use rollgate::openapi::bundle::{Absence, Bundle};
use rollgate::openapi::read::read;

use super::{bundle, findings, told};

fn description(schemas: &str) -> String {
    let indented: String = schemas.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "openapi: 3.0.0\ninfo: {{ title: t, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{indented}"
    )
}

#[test]
fn references_that_lead_to_no_file() {
    let files = [
        (
            "api/openapi.yaml",
            description(
                "\
A: { $ref: none.yaml }
B: { $ref: '../../../etc/passwd' }
C: { $ref: /etc/passwd }
D: { $ref: file:///etc/passwd }
E: { $ref: 'https://example.com/e.yaml#/E' }
F: { $ref: '%2e%2e/%2e%2e/f.yaml' }
G: { $ref: 'schemas\\g.yaml' }
H: { $ref: 'h%00.yaml' }
I: { $ref: 'PET.yaml' }
J: { $ref: 'pet.yaml#/properties/none' }
K: { $ref: 'pet.yaml#K' }
L: { $ref: 'pet.yaml#/a~2b' }
M: { $ref: 'empty.yaml' }
N: { $ref: '//example.com/n.yaml' }
O: { discriminator: { propertyName: o, mapping: { a: ./none.yaml, b: None } } }
P: { $ref: ' pet.yaml' }",
            ),
        ),
        ("api/pet.yaml", "type: string".to_owned()),
        ("api/empty.yaml", "# nothing".to_owned()),
    ];
    assert_snapshot!(told(&bundle(&files)), @r"
    error missing-file api/openapi.yaml:6:10 /components/schemas/A/$ref
        `none.yaml` leads to `none.yaml`, and there is no such file: add it, or mend the reference
    error external-reference api/openapi.yaml:7:10 /components/schemas/B/$ref
        `../../../etc/passwd` leads out of the folder beneath which files are read: move what it names there, and begin the reference with `./` or `../`
    error external-reference api/openapi.yaml:8:10 /components/schemas/C/$ref
        `/etc/passwd` leads out of the folder beneath which files are read: move what it names there, and begin the reference with `./` or `../`
    error external-reference api/openapi.yaml:9:10 /components/schemas/D/$ref
        `file:///etc/passwd` names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with `https`
    error external-reference api/openapi.yaml:10:10 /components/schemas/E/$ref
        `https://example.com/e.yaml#/E` is a URL, and only `schema diff` and `schema validate` follow those, with `--follow-urls`: add that, or keep what it names as a file and refer to it
    error external-reference api/openapi.yaml:11:10 /components/schemas/F/$ref
        `%2e%2e/%2e%2e/f.yaml` leads out of the folder beneath which files are read: move what it names there, and begin the reference with `./` or `../`
    error broken-reference api/openapi.yaml:12:10 /components/schemas/G/$ref
        `schemas\g.yaml` names no file: write a path with `/` between folders, and `%25` for `%`
    error broken-reference api/openapi.yaml:13:10 /components/schemas/H/$ref
        `h%00.yaml` names no file: write a path with `/` between folders, and `%25` for `%`
    error missing-file api/openapi.yaml:14:10 /components/schemas/I/$ref
        `PET.yaml` leads to `PET.yaml`, and there is no such file: add it, or mend the reference
    error broken-reference api/openapi.yaml:15:10 /components/schemas/J/$ref
        `pet.yaml#/properties/none` leads nowhere: there is no `properties`; add it, or mend the reference
    error broken-reference api/openapi.yaml:16:10 /components/schemas/K/$ref
        `pet.yaml#K` leads nowhere: there is no `K`; add it, or mend the reference
    error broken-reference api/openapi.yaml:17:10 /components/schemas/L/$ref
        `pet.yaml#/a~2b` is no JSON Pointer: write `~1` for `/`, `~0` for `~`, and `%25` for `%`
    error unreadable-file api/openapi.yaml:18:10 /components/schemas/M/$ref
        `empty.yaml` leads to `empty.yaml`, which cannot be read: it holds no value
    error external-reference api/openapi.yaml:19:10 /components/schemas/N/$ref
        `//example.com/n.yaml` names nothing that is ever read: refer to a file by its path, or to a document by its whole URL with `https`
    error missing-file api/openapi.yaml:20:55 /components/schemas/O/discriminator/mapping/a
        `./none.yaml` leads to `none.yaml`, and there is no such file: add it, or mend the reference
    error broken-reference api/openapi.yaml:20:71 /components/schemas/O/discriminator/mapping/b
        `None` leads nowhere: there is no `None`; add it, or mend the reference
    error broken-reference api/openapi.yaml:21:10 /components/schemas/P/$ref
        `pet.yaml` names no file: write a path with `/` between folders, and `%25` for `%`
    error empty-file api/empty.yaml:1:1 -
        the file holds no value: write a description, or remove the file
    ");
}

#[test]
fn files_that_cannot_be_read() {
    let text = description("A: { $ref: folder }\nB: { $ref: big.yaml }\nC: { $ref: folder/c.yaml }");
    let (tree, defects) = read("openapi.yaml", text.as_bytes());
    let mut bundle = Bundle::rooted("openapi.yaml", tree, defects);
    assert_eq!(bundle.wanted(), ["big.yaml", "folder", "folder/c.yaml"]);
    bundle.lack("folder".to_owned(), Absence::Unreadable("it is a folder, not a regular file".to_owned()));
    bundle.lack("big.yaml".to_owned(), Absence::TooMuch("there are too many".to_owned()));
    bundle.lack("folder/c.yaml".to_owned(), Absence::Unreadable("\u{1b}[2J".to_owned()));
    assert_eq!(bundle.wanted(), [""; 0]);
    assert_snapshot!(told(&bundle), @"
    error unreadable-file openapi.yaml:6:10 /components/schemas/A/$ref
        `folder` leads to `folder`, which cannot be read: it is a folder, not a regular file
    error too-many-files openapi.yaml:7:10 /components/schemas/B/$ref
        `big.yaml` leads to `big.yaml`, which is not read: there are too many
    error unreadable-file openapi.yaml:8:10 /components/schemas/C/$ref
        `folder/c.yaml` leads to `folder/c.yaml`, which cannot be read: [2J
    ");
}

#[test]
fn a_description_that_nothing_is_around_has_no_other_files() {
    let text = description("A: { $ref: a.yaml }\nB: { $ref: 'openapi.yaml#/B' }");
    let (tree, defects) = read("the standard input", text.as_bytes());
    let mut bundle = Bundle::alone(tree, defects);
    assert_eq!(bundle.wanted(), [""; 0]);
    assert_snapshot!(told(&bundle), @"
    error external-reference the standard input:6:10 /components/schemas/A/$ref
        `a.yaml` leads out of this file, which is not followed: bundle the files into one
    error external-reference the standard input:7:10 /components/schemas/B/$ref
        `openapi.yaml#/B` leads out of this file, which is not followed: bundle the files into one
    ");
}

#[test]
fn references_to_parts_of_another_kind() {
    let main = "\
openapi: 3.0.0
info: { title: t, version: '1' }
paths:
  /a:
    $ref: parts.yaml#/schema
  /b:
    get:
      parameters: [{ $ref: 'parts.yaml#/schema' }, { $ref: 'parts.yaml#/path' }, { $ref: 'full.yaml#/components/schemas/S' }]
      requestBody: { $ref: 'parts.yaml#/parameter' }
      responses:
        '200': { $ref: 'parts.yaml#/schema' }
        '201': { $ref: 'parts.yaml#/list' }
        '202': { description: d, headers: { X: { $ref: 'parts.yaml#/path' } } }
        '203': { description: d, content: { a/b: { schema: { $ref: 'parts.yaml#/response' } } } }
        '204': { description: d, content: { a/b: { schema: { $ref: 'parts.yaml#/parameter' } } } }
        '205': { description: d, content: { a/b: { schema: { $ref: 'parts.yaml' } } } }
        '206': { description: d, content: { a/b: { schema: { $ref: 'full.yaml' } } } }
        '207': { description: d, content: { a/b: { schema: { $ref: 'parts.yaml#/list' } } } }
        '208': { description: d, content: { a/b: { schema: { $ref: 'full.yaml#/components/parameters/P' } } } }
        '226': { description: d, content: { a/b: { schema: { $ref: 'full.yaml#/components/schemas/S' } } } }
";
    let parts = "\
schema: { type: object, properties: { a: { type: string } } }
parameter: { name: p, in: query, schema: { type: string } }
path: { get: { responses: {} } }
response: { description: d, content: {} }
list: [{ type: string }]
";
    let full = "\
openapi: 3.0.1
info: { title: full, version: '1' }
paths: {}
components:
  schemas: { S: { description: anything } }
  parameters: { P: { name: p, in: query, schema: { type: string } } }
";
    assert_snapshot!(told(&bundle(&[("openapi.yaml", main), ("parts.yaml", parts), ("full.yaml", full)])), @"
    error wrong-reference openapi.yaml:5:5 /paths/~1a/$ref
        `parts.yaml#/schema` leads to a schema where a path item belongs: mend the reference
    error wrong-reference openapi.yaml:8:54 /paths/~1b/get/parameters/1/$ref
        `parts.yaml#/path` leads to a path item where another kind of part belongs: mend the reference
    error wrong-reference openapi.yaml:8:84 /paths/~1b/get/parameters/2/$ref
        `full.yaml#/components/schemas/S` leads to one of `schemas` where one of `parameters` belongs: mend the reference
    error wrong-reference openapi.yaml:11:18 /paths/~1b/get/responses/200/$ref
        `parts.yaml#/schema` leads to a schema where a response belongs: mend the reference
    error wrong-reference openapi.yaml:13:50 /paths/~1b/get/responses/202/headers/X/$ref
        `parts.yaml#/path` leads to a path item where another kind of part belongs: mend the reference
    error wrong-reference openapi.yaml:14:62 /paths/~1b/get/responses/203/content/a~1b/schema/$ref
        `parts.yaml#/response` leads to a body or a response where a schema belongs: mend the reference
    error wrong-reference openapi.yaml:15:62 /paths/~1b/get/responses/204/content/a~1b/schema/$ref
        `parts.yaml#/parameter` leads to a parameter where a schema belongs: mend the reference
    error wrong-reference openapi.yaml:16:62 /paths/~1b/get/responses/205/content/a~1b/schema/$ref
        `parts.yaml` leads to something else where a schema belongs: mend the reference
    error wrong-reference openapi.yaml:17:62 /paths/~1b/get/responses/206/content/a~1b/schema/$ref
        `full.yaml` leads to a whole description where a schema belongs: mend the reference
    error wrong-reference openapi.yaml:19:62 /paths/~1b/get/responses/208/content/a~1b/schema/$ref
        `full.yaml#/components/parameters/P` leads to one of `parameters` where one of `schemas` belongs: mend the reference
    error missing-field parts.yaml:1:1 /schema
        `in` is missing: add it
    error missing-field parts.yaml:1:1 /schema
        `name` is missing: add it
    warn missing-field parts.yaml:1:1 /schema
        neither `schema` nor `content` says what this holds: add one of them
    error missing-field parts.yaml:2:1 /parameter
        `content` is missing: say which media types the body may have
    error wrong-type parts.yaml:5:1 /list
        this is a list: write a mapping
    error wrong-type parts.yaml:5:1 /list
        this is a list: write a schema
    ");
}

#[test]
fn circles_of_references_through_files() {
    let files = [
        (
            "openapi.yaml",
            "\
openapi: 3.0.0
info: { title: t, version: '1' }
paths:
  /a: { $ref: a.yaml }
  /b: { get: { parameters: [{ $ref: 'p.yaml' }], responses: { default: { $ref: 'openapi.yaml#/components/responses/R' } } } }
components:
  responses: { R: { $ref: r.yaml } }
  schemas:
    A: { $ref: s.yaml }
    B: { $ref: 'openapi.yaml#/components/schemas/B' }
"
            .to_owned(),
        ),
        ("a.yaml", "{ $ref: b.yaml }".to_owned()),
        ("b.yaml", "{ $ref: a.yaml }".to_owned()),
        ("p.yaml", "{ $ref: p.yaml }".to_owned()),
        ("r.yaml", "{ $ref: 'openapi.yaml#/components/responses/R' }".to_owned()),
        ("s.yaml", "{ allOf: [{ $ref: t.yaml }] }".to_owned()),
        ("t.yaml", "{ oneOf: [{ $ref: s.yaml }, { type: string }] }".to_owned()),
    ];
    assert_snapshot!(told(&bundle(&files)), @"
    error endless-reference openapi.yaml:4:3 /paths/~1a
        this path refers to others in a circle: refer to the thing itself
    error endless-reference openapi.yaml:5:29 /paths/~1b/get/parameters/0
        this reference leads in a circle, or by too many others: refer to the thing itself
    error endless-reference openapi.yaml:5:63 /paths/~1b/get/responses/default
        this reference leads in a circle, or by too many others: refer to the thing itself
    error endless-reference openapi.yaml:10:5 /components/schemas/B
        this schema refers to itself without a step into the value, so it says nothing: break the circle
    error endless-reference s.yaml:1:11 /allOf/0
        this schema refers to itself without a step into the value, so it says nothing: break the circle
    error endless-reference t.yaml:1:11 /oneOf/0
        this schema refers to itself without a step into the value, so it says nothing: break the circle
    ");
}

/// What the readers find in the description itself they find in any file: duplicate keys, merge keys, unknown aliases,
/// deep nesting, numbers without end, bytes that are no UTF-8, and what is not well-formed. A byte order mark is nothing.
#[test]
fn defects_of_other_files_are_told_in_them() {
    let deep = format!("{{ \"type\": \"object\", \"default\": {}1{} }}", "[".repeat(600), "]".repeat(600));
    let files: Vec<(&str, Vec<u8>)> = vec![
        (
            "openapi.yaml",
            description(
                "\
A: { $ref: 'twice.yaml' }
B: { $ref: 'merged.yaml#/B' }
C: { $ref: 'alias.yaml' }
D: { $ref: 'deep.json' }
E: { $ref: 'huge.json' }
F: { $ref: 'latin.yaml' }
G: { $ref: 'bom.json' }
H: { $ref: 'cut.json' }
I: { $ref: 'keyword.yaml' }",
            )
            .into_bytes(),
        ),
        ("twice.yaml", b"type: string\ntype: integer".to_vec()),
        (
            "merged.yaml",
            b"base: &base { type: string, maxLength: 9 }\nB: { <<: *base, minLength: 1 }".to_vec(),
        ),
        ("alias.yaml", b"type: string\nmaxLength: *none".to_vec()),
        ("deep.json", deep.into_bytes()),
        (
            "huge.json",
            format!("{{ \"type\": \"integer\", \"maxLength\": 1{} }}", "0".repeat(400)).into_bytes(),
        ),
        ("latin.yaml", b"type: string\ndescription: caf\xe9".to_vec()),
        ("bom.json", b"\xef\xbb\xbf{ \"type\": \"string\" }".to_vec()),
        ("cut.json", b"{ \"type\": \"string\", ".to_vec()),
        ("keyword.yaml", b"type: string\nproperties:\n  a: { minLength: -1 }".to_vec()),
    ];
    assert_snapshot!(told(&bundle(&files)), @"
    error wrong-type alias.yaml:2:1 /maxLength
        `maxLength` is null: write a whole number from 0
    error unknown-anchor alias.yaml:2:12 -
        an alias names an anchor that does not stand before it, and is read as null: set the anchor
    error truncated cut.json:1:21 -
        the file ends inside what a `{` opens, and the rest is missing: complete it; it begins in line 1
    error too-deep deep.json:1:287 -
        values are nested more than 256 deep, and what lies deeper is not read: flatten them
    error wrong-type huge.json:1:22 /maxLength
        `maxLength` is a number: write a whole number from 0
    error wrong-type keyword.yaml:3:8 /properties/a/minLength
        `minLength` is a number: write a whole number from 0
    warn not-utf-8 latin.yaml:2:17 -
        the file is not UTF-8 from here on, and what cannot be read is replaced: save it as UTF-8
    warn duplicate-key twice.yaml:2:1 -
        the key `type` stands more than once in this mapping and the last counts: keep one; the first is in line 1
    ");
}

#[test]
fn defects_of_files_that_no_reference_leads_into_are_none_of_the_description() {
    let files = [
        (
            "openapi.yaml",
            "openapi: 3.0.0\ninfo: { title: t, version: '1', x-example: { $ref: other.yaml } }\npaths: {}\n",
        ),
        ("other.yaml", "a: 1\na: 2"),
    ];
    let bundle = bundle(&files);
    assert_eq!(bundle.trees().len(), 2);
    assert_eq!(told(&bundle), "");
}

#[test]
fn a_file_of_another_version_is_read_as_the_description_is() {
    let files = [
        ("openapi.yaml", description("A: { $ref: 'other.yaml#/components/schemas/A' }")),
        (
            "other.yaml",
            "openapi: 3.1.0\npaths: {}\ncomponents: { schemas: { A: { type: string } } }".to_owned(),
        ),
    ];
    assert_snapshot!(told(&bundle(&files)), @"
    warn mixed-versions other.yaml:1:1 /openapi
        this file says version 3.1.0; it is read as OpenAPI 3.0, as the description that refers to it: give both the same version
    ");
}

#[test]
fn a_part_that_the_revision_cannot_read_any_more_is_an_error() {
    let main = "\
openapi: 3.0.0
info: { title: t, version: '1' }
paths:
  /a:
    post:
      requestBody: { content: { a/b: { schema: { $ref: schemas/A.yaml } } } }
      responses: { '200': { $ref: responses.yaml#/Fine } }
";
    let responses = "Fine: { description: fine, content: { a/b: { schema: { type: string } } } }";
    let old =
        bundle(&[("openapi.yaml", main), ("responses.yaml", responses), ("schemas/A.yaml", "type: string")]);
    for (name, files) in [
        ("gone", vec![("openapi.yaml", main), ("responses.yaml", responses)]),
        ("both gone", vec![("openapi.yaml", main)]),
        (
            "not well-formed",
            vec![("openapi.yaml", main), ("responses.yaml", responses), ("schemas/A.yaml", "type: [")],
        ),
        (
            "of another kind",
            vec![("openapi.yaml", main), ("responses.yaml", responses), ("schemas/A.yaml", "get: {}")],
        ),
        ("emptied", vec![("openapi.yaml", main), ("responses.yaml", responses), ("schemas/A.yaml", "")]),
    ] {
        let new = bundle(&files);
        let found = findings(&old, &new);
        let errors = || found.lines().filter(|line| line.starts_with("error "));
        assert!(errors().any(|line| line.contains("unreadable")), "{name}: {found}");
        // What was broken before blocks nobody, and what can be read again is no break.
        assert_eq!(findings(&new, &new), "", "{name}");
        assert!(!findings(&new, &old).contains("error "), "{name}: {}", findings(&new, &old));
    }
}
