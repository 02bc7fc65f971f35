//! The work of a comparison follows the size of the documents, whatever they share. Counted, never timed.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use rollgate::openapi::compare::{Cost, Options, measured};
use rollgate::openapi::finding::{Proof, Report};
use rollgate::openapi::model::{Description, lower};
use rollgate::openapi::read::read;
use rollgate::report::schema::json::{self, Listing};
use serde_json::{Value, json};

/// What a comparison was: what it did, what it held, what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Work {
    cost: Cost,
    /// Everything in both models that has an id.
    model: usize,
    /// Without those of which nothing is decided: a union of the family's whose alternatives overlap and lead back to it.
    findings: usize,
    /// Members of all sets of operations.
    reached: usize,
    /// Bytes of the report in JSON.
    bytes: usize,
}

fn size(side: &Description<'_>) -> usize {
    side.operations.len()
        + side.schemas.len()
        + side.parameters.len()
        + side.bodies.len()
        + side.responses.len()
        + side.headers.len()
}

fn worked(base: &str, revision: &str) -> (Report, Work) {
    let (old, old_defects) = read("base.json", base.as_bytes());
    let (new, new_defects) = read("revision.json", revision.as_bytes());
    let (old, new) = (lower(&old, old_defects), lower(&new, new_defects));
    let (report, cost) = measured(&old, &new, &Options::default());
    let work = Work {
        cost,
        model: size(&old) + size(&new),
        findings: report.findings.iter().filter(|finding| finding.proof != Proof::Undecided).count(),
        reached: report.operation_sets.iter().map(Vec::len).sum(),
        bytes: json::render(&report, Listing::PerPlace).len(),
    };
    (report, work)
}

/// What the generator says that it planted, and the work of finding it.
fn family(scale: usize) -> (Value, Work) {
    let folder = tempfile::tempdir().unwrap();
    let generator = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/schema/family.py");
    let made = Command::new("python3")
        .args([generator.as_os_str(), scale.to_string().as_ref(), folder.path().as_os_str()])
        .output()
        .expect("python3 makes the family: let it be found on PATH");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = |side: &str| std::fs::read_to_string(folder.path().join(side)).unwrap();
    let (report, work) = worked(&text("base.json"), &text("revision.json"));
    assert_eq!(report.diagnostics, []);
    (serde_json::from_slice(&made.stdout).unwrap(), work)
}

#[test]
fn operations_that_share_components_cost_no_more_than_their_number() {
    let [(planted, one), (_, two), (_, four)] = [1, 2, 4].map(family);
    // A component that changed is found once as what is sent and once as what is received, however many operations
    // reach it.
    let number = |key: &str| usize::try_from(planted[key].as_u64().unwrap()).unwrap();
    assert_eq!(one.findings, 2 * number("changed_components") + number("changed_operations"));

    let grows = |of: &dyn Fn(&Work) -> usize| {
        let [one, two, four] = [&one, &two, &four].map(of);
        assert_eq!(four - two, 2 * (two - one), "{one}, {two}, {four}: not in a straight line");
        assert!(two <= 2 * one, "{one}, {two}: more than double");
    };
    grows(&|work| work.cost.pairs);
    grows(&|work| work.cost.edges);
    grows(&|work| work.model);
    grows(&|work| work.findings);
    grows(&|work| work.reached);
    // A component is compared once as what is sent and once as what is received; an operation has a handful of parts.
    let parts = 2 * number("components") * 10 + number("operations") * 10;
    assert!(one.cost.pairs + one.cost.edges <= parts, "{one:?}");
    // Longer numbers in names make a report longer.
    assert!(
        two.bytes * 100 <= one.bytes * 205 && four.bytes * 100 <= two.bytes * 205,
        "{one:?} {two:?} {four:?}"
    );
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A description with one operation that sends and receives `root`.
fn api(root: &Value, schemas: impl IntoIterator<Item = (String, Value)>) -> String {
    let content = json!({ "application/json": { "schema": root } });
    let operation = json!({
        "requestBody": { "content": content },
        "responses": { "200": { "description": "d", "content": content } },
    });
    let schemas: serde_json::Map<_, _> = schemas.into_iter().collect();
    json!({
        "openapi": "3.1.0",
        "info": { "title": "t", "version": "1" },
        "paths": { "/a": { "post": operation } },
        "components": { "schemas": schemas },
    })
    .to_string()
}

/// The ids and subjects of the findings that are errors, a line each.
fn errors(report: &Report) -> String {
    let mut errors = String::new();
    for finding in report.findings.iter().filter(|finding| finding.level.as_str() == "error") {
        writeln!(errors, "{} {}", finding.id, finding.subject).unwrap();
    }
    errors
}

fn is_within(work: Work, most: usize) {
    assert!(work.cost.pairs + work.cost.edges <= most, "{work:?}, of {most}");
}

#[test]
fn a_cycle_of_many_components_is_walked_once() {
    const COUNT: usize = 20_000;
    let side = |kind: &str| {
        api(
            &reference("A0"),
            (0..COUNT).map(|at| {
                let kind = if at == COUNT - 1 { kind } else { "string" };
                let next = reference(&format!("A{}", (at + 1) % COUNT));
                let properties = json!({ "next": next, "value": { "type": kind } });
                (format!("A{at}"), json!({ "type": "object", "properties": properties }))
            }),
        )
    };
    let (report, work) = worked(&side("string"), &side("integer"));
    insta::assert_snapshot!(errors(&report), @r"
    request-property-type-changed /components/schemas/A19999/properties/value/type
    response-property-type-changed /components/schemas/A19999/properties/value/type
    ");
    // Sent and received, each component with two properties.
    is_within(work, 2 * COUNT * 6);
}

#[test]
fn references_to_references_are_followed_once() {
    const COUNT: usize = 20_000;
    let side = |kind: &str| {
        api(
            &reference("A0"),
            (0..COUNT).map(|at| {
                let last = at + 1 == COUNT;
                (
                    format!("A{at}"),
                    if last { json!({ "type": kind }) } else { reference(&format!("A{}", at + 1)) },
                )
            }),
        )
    };
    let (report, work) = worked(&side("string"), &side("integer"));
    assert!(!errors(&report).is_empty(), "{:?}", report.diagnostics);
    is_within(work, 2 * COUNT * 4);
}

#[test]
fn a_choice_of_many_branches_is_not_all_of_them_with_all() {
    const COUNT: usize = 500;
    let side = |is_revision: bool| {
        let mut branches: Vec<_> = (0..COUNT).map(|at| reference(&format!("A{at}"))).collect();
        if is_revision {
            branches.reverse();
        }
        api(
            &json!({ "oneOf": branches }),
            (0..COUNT).map(|at| {
                let value = if is_revision { "integer" } else { "string" };
                let properties = json!({ "kind": { "const": at }, "value": { "type": value } });
                let schema =
                    json!({ "type": "object", "required": ["kind", "value"], "properties": properties });
                (format!("A{at}"), schema)
            }),
        )
    };
    let (report, work) = worked(&side(false), &side(true));
    assert!(!errors(&report).is_empty());
    // Every branch changed and moved: each is compared with the one that it became.
    is_within(work, 2 * COUNT * 12);
    assert!(work.findings <= 2 * COUNT * 3, "{work:?}");
}

#[test]
fn what_all_of_multiplies_on_paper_is_not_multiplied() {
    const DEPTH: usize = 20;
    let side = |longest: u32| {
        let diamonds = (0..DEPTH).flat_map(|at| {
            let below = reference(&format!("D{}", at + 1));
            let one =
                |name: &str| json!({ "allOf": [below.clone(), { "required": [format!("{name}{at}")] }] });
            [
                (
                    format!("D{at}"),
                    json!({ "allOf": [reference(&format!("L{at}")), reference(&format!("R{at}"))] }),
                ),
                (format!("L{at}"), one("l")),
                (format!("R{at}"), one("r")),
            ]
        });
        let value = json!({ "type": "string", "maxLength": longest });
        let last = json!({ "type": "object", "properties": { "value": value } });
        api(&reference("D0"), diamonds.chain([(format!("D{DEPTH}"), last)]))
    };
    let (report, work) = worked(&side(9), &side(5));
    assert!(!errors(&report).is_empty());
    is_within(work, 2 * DEPTH * 30);
}

#[test]
fn references_in_a_circle_with_nothing_in_it_end() {
    let side = |last: &str| {
        let ring = [("A", "B"), ("B", "C"), ("C", last)];
        api(&reference("A"), ring.map(|(name, next)| (name.to_owned(), reference(next))))
    };
    let (report, work) = worked(&side("A"), &side("B"));
    assert!(!report.diagnostics.is_empty());
    is_within(work, 30);
}
