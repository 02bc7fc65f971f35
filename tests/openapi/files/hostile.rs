//! References that are made to cost: bounded, and no panic.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::{bundle, findings, report, told};
use crate::support::property::check;

fn description(schemas: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths: {{}}\ncomponents:\n  schemas:\n{schemas}"
    )
}

#[test]
fn references_to_one_missing_file_ask_for_it_once_however_many_they_are() {
    let mut schemas = String::new();
    for number in 0..100_000 {
        writeln!(schemas, "    {number}: {{$ref: n.yaml}}").unwrap();
    }
    let text = description(&schemas);
    let (tree, defects) = rollgate::openapi::read::read("a.yaml", text.as_bytes());
    let mut bundle = rollgate::openapi::bundle::Bundle::rooted("a.yaml", tree, defects);
    assert_eq!(bundle.wanted(), ["n.yaml"]);
    bundle.lack("n.yaml".to_owned(), rollgate::openapi::bundle::Absence::Missing);
    assert_eq!(bundle.wanted(), [""; 0]);
    let model = bundle.lower();
    assert_eq!(model.diagnostics.iter().filter(|defect| defect.code == "missing-file").count(), 1_000);
    assert_eq!(model.diagnostics[0].code, "more-defects");
}

#[test]
fn a_chain_through_many_files_is_followed_to_its_end() {
    let mut files = vec![("0.yaml".to_owned(), description("    A: { $ref: 1.yaml }\n"))];
    for number in 1..900 {
        files.push((format!("{number}.yaml"), format!("$ref: {}.yaml", number + 1)));
    }
    files.push(("900.yaml".to_owned(), "type: string".to_owned()));
    let bundle = bundle(&files);
    assert_eq!(told(&bundle), "");
    assert_eq!(bundle.lower().schemas.len(), 901);
}

#[test]
fn pointers_that_lead_through_references_again_and_again_come_to_an_end() {
    // Each step of each pointer leads through a reference whose pointer has as many steps.
    let mut schemas = String::new();
    let way = "/x".repeat(400);
    for number in 0..300 {
        writeln!(schemas, "    S{number}: {{ $ref: 'b.yaml#/S{}{way}' }}", (number * 7 + 1) % 300).unwrap();
    }
    let files = [
        ("a.yaml", description(&schemas)),
        ("b.yaml", schemas.replace("    S", "S").replace("b.yaml", "a.yaml#/components/schemas/S1")),
    ];
    let found = told(&bundle(&files));
    assert!(found.contains("error"), "{found}");
}

#[test]
fn a_file_that_everything_refers_to_is_lowered_once() {
    let mut schemas = String::new();
    for number in 0..2_000 {
        writeln!(
            schemas,
            "    S{number}: {{ properties: {{ p: {{ $ref: 'many.yaml#/P{}' }} }} }}",
            number % 100
        )
        .unwrap();
    }
    let many: String =
        (0..100).map(|number| format!("P{number}: {{ type: string, maxLength: {number} }}\n")).collect();
    let bundle = bundle(&[("a.yaml", description(&schemas)), ("many.yaml", many)]);
    let model = bundle.lower();
    // Each of the 2,000, its property, and the hundred.
    assert_eq!(model.schemas.len(), 2_000 + 2_000 + 100);
}

#[test]
fn any_references_between_any_files_are_survived() {
    let uri = prop::sample::select(vec![
        "",
        "a.yaml",
        "b.yaml",
        "c/d.json",
        "../b.yaml",
        "./a.yaml",
        "c/../a.yaml",
        "%61.yaml",
        "e",
        "urn:x",
        "..",
        ".",
        "/a.yaml",
        "https://example.com/b.yaml",
        "x?y",
        "\\",
        "%",
        "%2e%2e/b.yaml",
    ]);
    let fragment = prop::sample::select(vec![
        "",
        "#",
        "#/",
        "#/A",
        "#/components/schemas/A",
        "#/A/properties/x",
        "#/0",
        "#anchor",
        "#/A/~2",
        "#/%zz",
        "#/paths/~1p/get",
    ]);
    let reference = (uri, fragment).prop_map(|(uri, fragment)| format!("{uri}{fragment}"));
    let part = (prop::collection::vec(reference, 4), 0_u8..6).prop_map(|(refs, kind)| match kind {
        0 => format!("{{ $ref: '{}' }}", refs[0]),
        1 => format!(
            "{{ properties: {{ x: {{ $ref: '{}' }} }}, allOf: [{{ $ref: '{}' }}] }}",
            refs[0], refs[1]
        ),
        2 => format!(
            "{{ $id: '{}', $anchor: anchor, items: {{ $ref: '{}' }} }}",
            refs[0].replace('#', ""),
            refs[1]
        ),
        3 => format!(
            "{{ discriminator: {{ propertyName: x, mapping: {{ a: '{}' }} }}, oneOf: [{{ $ref: '{}' }}] }}",
            refs[0], refs[1]
        ),
        4 => format!("{{ $dynamicRef: '{}', $dynamicAnchor: anchor }}", refs[0]),
        _ => format!(
            "{{ get: {{ parameters: [{{ $ref: '{}' }}], responses: {{ '200': {{ $ref: '{}' }} }} }} }}",
            refs[0], refs[1]
        ),
    });
    let files = prop::collection::vec(part, 9);
    let whole = |parts: &[String]| {
        vec![
            (
                "a.yaml".to_owned(),
                format!(
                    "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths: {{ /p: {}, /q: {} }}\ncomponents: {{ schemas: {{ A: {}, B: {} }} }}\n",
                    parts[0], parts[1], parts[2], parts[3]
                ),
            ),
            ("b.yaml".to_owned(), format!("A: {}\nB: {}\n", parts[4], parts[5])),
            ("c/d.json".to_owned(), parts[6].clone()),
            ("e".to_owned(), format!("[{}, {}]", parts[7], parts[8])),
        ]
    };
    check(400, &(files.clone(), files), |(one, other)| {
        let (one, other) = (bundle(&whole(&one)), bundle(&whole(&other)));
        prop_assert_eq!(findings(&one, &one), "");
        let report = report(&one, &other);
        let names = ["a.yaml", "b.yaml", "c/d.json", "e"];
        for location in
            report.findings.iter().flat_map(|it| it.base_location.iter().chain(&it.revision_location))
        {
            prop_assert!(names.contains(&location.file.as_str()));
        }
        for defect in &report.diagnostics {
            prop_assert!(defect.location.as_ref().is_none_or(|at| names.contains(&at.file.as_str())));
        }
        Ok(())
    });
}
