//! One fact is one finding, whatever it reaches.

use super::{findings, indented, report};

fn with(schema: &str, operations: usize) -> String {
    let mut text = "openapi: 3.1.0\ninfo: { title: t, version: '1' }\npaths:\n".to_owned();
    for number in 0..operations {
        text.push_str(&indented(
            &format!(
                "/p{number}:\n  get: {{ responses: {{ '200': {{ description: d, content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/Node' }} }} }} }} }} }}"
            ),
            2,
        ));
    }
    text.push_str("components:\n  schemas:\n    Node:\n");
    text.push_str(&indented(schema, 6));
    text
}

const NODE: &str = "type: object\nrequired: [id]\nproperties:\n  id: { type: string }\n  next: { $ref: '#/components/schemas/Node' }";

#[test]
fn a_change_in_a_shared_schema_is_one_finding_that_reaches_all_operations() {
    let revision = NODE.replace("{ type: string }", "{ type: [string, 'null'] }");
    insta::assert_snapshot!(findings(&with(NODE, 3), &with(&revision, 3)), @"error response-property-became-nullable: the response property `id` may now be null  [get /p0, get /p1, get /p2]");
}

#[test]
fn what_two_operations_of_many_share_reaches_these_two() {
    let extra = |kind: &str| {
        format!(
            "{}    Other: {{ type: {kind} }}\n",
            with(NODE, 2).replacen("'#/components/schemas/Node'", "'#/components/schemas/Other'", 1)
        )
    };
    insta::assert_snapshot!(findings(&extra("string"), &extra("integer")), @"error response-body-type-changed: the type of the response body of type `Other` changes from string to integer  [get /p0]");
}

#[test]
fn a_fingerprint_names_the_change_and_not_the_file_or_its_lines() {
    let revision = NODE.replace("{ type: string }", "{ type: integer }");
    let before = report(&with(NODE, 1), &with(&revision, 1));
    let moved = report(&format!("# a comment\n\n{}", with(NODE, 1)), &with(&revision, 7));
    let prints = |report: &rollgate::openapi::finding::Report| -> Vec<String> {
        report
            .findings
            .iter()
            .filter(|finding| finding.id != "endpoint-added")
            .map(|finding| finding.fingerprint.clone())
            .collect()
    };
    assert_eq!(prints(&before), prints(&moved));
    assert_eq!(prints(&before).len(), 1);
}
