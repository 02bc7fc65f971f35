//! What schemas are called: by `$id` and `$anchor`, by dynamic anchors, and by the names of files.

use insta::assert_snapshot;

use super::{bundle, findings, told};

fn description(schemas: &str) -> String {
    let indented: String = schemas.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths:\n  /a: {{ get: {{ responses: {{ '200': {{ description: d, content: {{ a/b: {{ schema: {{ $ref: '#/components/schemas/A' }} }} }} }} }} }} }}\ncomponents:\n  schemas:\n{indented}"
    )
}

/// The same as one file in which `A` is an object of strings `x` and `y`.
fn is_the_plain_one(files: &[(&str, String)]) {
    let plain = description("A: { type: object, properties: { x: { type: string }, y: { type: string } } }");
    let (plain, found) = (bundle(&[("a.yaml", plain)]), bundle(files));
    assert_eq!(told(&found), "");
    let gone = |line: &&str| !line.contains("api-schema-removed");
    let told = findings(&plain, &found) + &findings(&found, &plain);
    assert_eq!(told.lines().filter(|line| !line.starts_with(' ')).filter(gone).count(), 0, "{told}");
}

#[test]
fn a_schema_is_found_by_its_identifier_wherever_it_stands() {
    // In the description, in another file by its own identifier, and relative to the identifier of what refers to it.
    is_the_plain_one(&[
        (
            "api.yaml",
            description(
                "A: { type: object, properties: { x: { $ref: 'https://example.com/x' }, y: { $ref: 'y.yaml' } } }\n\
                 X: { $id: 'https://example.com/x', type: string }",
            ),
        ),
        ("y.yaml", "{ $id: 'https://example.com/schemas/y', $ref: z }".to_owned()),
        ("z", "{ $id: 'https://example.com/schemas/z', type: string }".to_owned()),
    ]);
    is_the_plain_one(&[
        (
            "api.yaml",
            description(
                "A: { type: object, properties: { x: { $ref: 'defs.json#text' }, y: { $ref: 'urn:y' } } }\n\
                 B: { $ref: defs.json }",
            ),
        ),
        (
            "defs.json",
            r#"{ "$defs": { "one": { "$anchor": "text", "type": "string" }, "two": { "$id": "urn:y", "type": "string" } } }"#
                .to_owned(),
        ),
    ]);
}

#[test]
fn a_pointer_counts_from_the_schema_that_has_the_identifier() {
    is_the_plain_one(&[
        ("api.yaml", description("A: { type: object, properties: { x: { $ref: 'b.yaml#/$defs/B' }, y: { type: string } } }")),
        (
            "b.yaml",
            "{ $defs: { B: { $id: b, $ref: '#/$defs/C', $defs: { C: { type: string } } }, C: { type: integer } } }".to_owned(),
        ),
    ]);
}

#[test]
fn a_dynamic_reference_leads_to_the_only_anchor_of_its_name() {
    is_the_plain_one(&[
        (
            "api.yaml",
            description(
                "A: { type: object, properties: { x: { $dynamicRef: 'b.yaml#text' }, y: { type: string } } }",
            ),
        ),
        ("b.yaml", "{ $defs: { B: { $dynamicAnchor: text, type: string } } }".to_owned()),
    ]);
    let two = bundle(&[
        ("api.yaml", description("A: { $dynamicRef: 'b.yaml#text' }\nB: { $dynamicAnchor: text }")),
        ("b.yaml", "{ $defs: { B: { $dynamicAnchor: text, type: string } } }".to_owned()),
    ]);
    assert_snapshot!(told(&two), @"
    error dynamic-reference api.yaml:7:10 /components/schemas/A/$dynamicRef
        `b.yaml#text` leads to one of several `$dynamicAnchor`: which one cannot be told; use `$ref`
    ");
}

/// A discriminator without a mapping takes the names of the alternatives for tags. The name of an alternative in another
/// file is that of its key or its file, as tools that bundle descriptions have it.
#[test]
fn alternatives_in_other_files_have_the_names_of_their_files() {
    let union = |schemas: &str| {
        description(&format!(
            "A: {{ oneOf: [{{ $ref: '{schemas}' }}, {{ $ref: 'more.yaml#/Dog' }}], discriminator: {{ propertyName: kind }} }}"
        ))
    };
    let part = "{ type: object, required: [kind], properties: { kind: { type: string } } }".to_owned();
    let files = |main: String, cat: &'static str| {
        bundle(&[("api.yaml", main), (cat, part.clone()), ("more.yaml", format!("Dog: {part}"))])
    };
    let before = files(union("animals/Cat.yaml"), "animals/Cat.yaml");
    let moved = files(union("pets/Cat.json"), "pets/Cat.json");
    let renamed = files(union("animals/Lion.yaml"), "animals/Lion.yaml");
    assert_eq!(findings(&before, &moved), "");
    assert_snapshot!(findings(&before, &renamed), @r"
    error response-body-discriminator-mapping-deleted /components/schemas/A/discriminator
        api.yaml:7:77 -> api.yaml:7:78
        the discriminator of the response body of type `A` loses the tag `Cat`; no message was found that shows it: it turns on `discriminator`
    ");
    // In one file, with components of these names.
    let one = description(&format!(
        "A: {{ oneOf: [{{ $ref: '#/components/schemas/Cat' }}, {{ $ref: '#/components/schemas/Dog' }}], discriminator: {{ propertyName: kind }} }}\nCat: {part}\nDog: {part}"
    ));
    assert_eq!(findings(&before, &bundle(&[("api.yaml", one)])), "");
}

#[test]
fn parts_of_the_same_name_in_two_files_are_not_taken_for_one_another() {
    let files = |one: &str, other: &str| {
        bundle(&[
            (
                "api.yaml",
                description(
                    "A: { type: object, properties: { x: { $ref: 'x/Node.yaml' }, y: { $ref: 'y/Node.yaml' } } }",
                ),
            ),
            (
                "x/Node.yaml",
                format!(
                    "{{ type: object, properties: {{ next: {{ $ref: {one} }}, value: {{ type: string }} }} }}"
                ),
            ),
            (
                "y/Node.yaml",
                format!(
                    "{{ type: object, properties: {{ next: {{ $ref: {other} }}, value: {{ type: integer }} }} }}"
                ),
            ),
        ])
    };
    // Each leads to itself; or each leads to the other.
    let (apart, crossed) = (files("Node.yaml", "Node.yaml"), files("../y/Node.yaml", "../x/Node.yaml"));
    let hashes = |bundle: &rollgate::openapi::bundle::Bundle| {
        let model = bundle.lower();
        model.named_schemas.iter().map(|(_, id)| model.schemas[id.0 as usize].hash).collect::<Vec<_>>()
    };
    assert_ne!(hashes(&apart), hashes(&crossed));
    assert_snapshot!(findings(&apart, &crossed), @"
    error response-property-type-changed x/Node.yaml#/properties/value/type
        x/Node.yaml:1:67 -> y/Node.yaml:1:72
        the type of the response property `value` changes from string to integer
    error response-property-type-changed y/Node.yaml#/properties/value/type
        y/Node.yaml:1:67 -> x/Node.yaml:1:72
        the type of the response property `value` changes from integer to string
    ");
}

#[test]
fn a_schema_that_leads_back_to_itself_is_the_same_in_every_file() {
    let whole = |trace: &str, leads_to: &str| {
        let both = format!(
            "A: {{ allOf: [ {{ type: object, properties: {{ x: {{ type: string }} }} }}, {{ type: object, properties: {{ trace: {{ $ref: '{leads_to}' }} }} }} ] }}"
        );
        description(&format!("{both}\nTrace: {trace}"))
    };
    let trace = |leads_to: &str| {
        format!(
            "{{ type: array, items: {{ type: object, properties: {{ trace: {{ $ref: '{leads_to}' }} }} }} }}"
        )
    };
    let inner = "#/components/schemas/Trace";
    let plain = bundle(&[("a.yaml", whole(&trace(inner), inner))]);
    let ways = [
        // To the file from everywhere, also from itself.
        vec![("a.yaml", whole("{ $ref: trace.yaml }", "trace.yaml")), ("trace.yaml", trace("trace.yaml"))],
        vec![
            ("a.yaml", whole("{ $ref: 't.yaml#/Trace' }", "t.yaml#/Trace")),
            ("t.yaml", format!("Trace: {}", trace("#/Trace"))),
        ],
        // From the file back to the description, whose component only refers.
        vec![
            ("a.yaml", whole("{ $ref: trace.yaml }", inner)),
            ("trace.yaml", trace("a.yaml#/components/schemas/Trace")),
        ],
    ];
    for files in ways {
        let split = bundle(&files);
        assert_eq!(told(&split), "");
        assert_eq!(findings(&plain, &split) + &findings(&split, &plain), "", "{files:?}");
    }
}

#[test]
fn schemas_of_one_name_that_lead_to_one_another_are_told_apart_by_their_files() {
    // Each has itself or the other beneath `same`; only the files that the references name tell which.
    let pets = |same: &str, other: &str| {
        let pet = |kind: &str, own: &str, its: &str| {
            format!(
                "{{ type: object, properties: {{ kind: {{ type: {kind} }}, same: {{ $ref: ../{own}/pet.yaml }}, other: {{ $ref: ../{its}/pet.yaml }} }} }}"
            )
        };
        let swap = |folder: &str| if folder == "a" { "b" } else { "a" };
        bundle(&[
            ("api.yaml", description("A: { $ref: a/pet.yaml }")),
            ("a/pet.yaml", pet("string", same, other)),
            ("b/pet.yaml", pet("integer", swap(same), swap(other))),
        ])
    };
    let (own, other) = (pets("a", "b"), pets("b", "a"));
    assert_eq!(told(&own) + &told(&other), "");
    assert!(findings(&own, &other).contains("response-property-type-changed"), "{}", findings(&own, &other));
}
