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
    assert_snapshot!(told(&bundle(&files)), @"");
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
    assert_snapshot!(told(&bundle), @"");
}

#[test]
fn a_description_that_nothing_is_around_has_no_other_files() {
    let text = description("A: { $ref: a.yaml }\nB: { $ref: 'openapi.yaml#/B' }");
    let (tree, defects) = read("the standard input", text.as_bytes());
    let mut bundle = Bundle::alone(tree, defects);
    assert_eq!(bundle.wanted(), [""; 0]);
    assert_snapshot!(told(&bundle), @"");
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
    assert_snapshot!(told(&bundle(&[("openapi.yaml", main), ("parts.yaml", parts), ("full.yaml", full)])), @"");
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
    assert_snapshot!(told(&bundle(&files)), @"");
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
    assert_snapshot!(told(&bundle(&files)), @"");
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
    assert_snapshot!(told(&bundle(&files)), @"");
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
        let errors: Vec<_> = found.lines().filter(|line| line.starts_with("error ")).collect();
        assert!(
            !errors.is_empty() && errors.iter().all(|line| line.contains("unreadable")),
            "{name}: {found}"
        );
        // What was broken before blocks nobody, and what can be read again is no break.
        assert_eq!(findings(&new, &new), "", "{name}");
        assert!(!findings(&new, &old).contains("error "), "{name}: {}", findings(&new, &old));
    }
}
