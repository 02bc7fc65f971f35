//! Schemas that are written to hurt: each comparison ends, and what was not looked at is said.

use std::fmt::Write as _;

use super::report;
use rollgate::openapi::finding::{Report, Verdict};

/// A description with these components, whose one request is the first.
fn api(components: &str, root: &str) -> String {
    let body = format!(
        "{{ content: {{ application/json: {{ schema: {{ $ref: '#/components/schemas/{root}' }} }} }} }}"
    );
    format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths: {{ /x: {{ post: {{ requestBody: {body}, responses: {{ '200': {{ description: d }} }} }} }} }}\ncomponents:\n  schemas:\n{components}"
    )
}

fn says_that_a_bound_was_met(report: &Report) -> bool {
    report.findings.iter().any(|finding| finding.id.contains("undecided"))
}

#[test]
fn a_chain_of_conjunctions_without_end_is_cut_and_said() {
    let chain = |last: &str| {
        let mut text = String::new();
        for index in 0..2_000 {
            let _ = writeln!(
                text,
                "    C{index}: {{ allOf: [{{ $ref: '#/components/schemas/C{}' }}, {{ minLength: 1 }}] }}",
                index + 1
            );
        }
        let _ = writeln!(text, "    C2000: {last}");
        api(&text, "C0")
    };
    let found = report(&chain("{ type: string }"), &chain("{ type: integer }"));
    assert!(says_that_a_bound_was_met(&found));
}

#[test]
fn conjunctions_that_double_at_every_step_are_one_each() {
    let doubled = |last: &str| {
        let mut text = String::new();
        for index in 0..60 {
            let next = index + 1;
            let _ = writeln!(
                text,
                "    D{index}: {{ allOf: [{{ $ref: '#/components/schemas/D{next}' }}, {{ $ref: '#/components/schemas/D{next}' }}] }}"
            );
        }
        let _ = writeln!(text, "    D60: {last}");
        api(&text, "D0")
    };
    let found = report(&doubled("{ type: string }"), &doubled("{ type: integer }"));
    assert_eq!(found.summary.verdict, Verdict::Breaking);
}

#[test]
fn alternatives_that_double_at_every_step_end() {
    let doubled = |last: &str| {
        let mut text = String::new();
        for index in 0..40 {
            let next = index + 1;
            let _ = writeln!(
                text,
                "    D{index}: {{ oneOf: [{{ type: object, properties: {{ a: {{ $ref: '#/components/schemas/D{next}' }} }} }}, {{ type: object, properties: {{ b: {{ $ref: '#/components/schemas/D{next}' }} }} }}] }}"
            );
        }
        let _ = writeln!(text, "    D40: {last}");
        api(&text, "D0")
    };
    let found = report(&doubled("{ type: string }"), &doubled("{ type: integer }"));
    assert_eq!(found.summary.verdict, Verdict::Breaking);
}

#[test]
fn a_very_wide_union_is_cut_and_said() {
    let wide = |from: usize| {
        let branches: Vec<String> =
            (from..from + 1_500).map(|index| format!("{{ type: object, required: [r{index}] }}")).collect();
        api(&format!("    W: {{ oneOf: [{}] }}\n", branches.join(", ")), "W")
    };
    assert!(says_that_a_bound_was_met(&report(&wide(0), &wide(3))));
}

#[test]
fn unions_of_a_hundred_that_all_changed_end() {
    let wide = |kind: &str| {
        let branches: Vec<String> = (0..100)
            .map(|index| {
                format!("{{ type: object, properties: {{ common: {{ type: {kind} }}, p{index}: {{}} }} }}")
            })
            .collect();
        api(&format!("    W: {{ oneOf: [{}] }}\n", branches.join(", ")), "W")
    };
    let found = report(&wide("string"), &wide("integer"));
    assert_eq!(found.summary.verdict, Verdict::Breaking);
}

#[test]
fn lists_of_a_hundred_thousand_values_are_merged_and_counted() {
    let list = |from: usize| {
        let values: Vec<String> = (from..from + 100_000).map(|index| format!("v{index}")).collect();
        api(&format!("    L: {{ enum: [{}] }}\n", values.join(", ")), "L")
    };
    let found = report(&list(0), &list(50_000));
    assert!(found.findings.len() < 1_000);
    assert!(found.findings.iter().any(|finding| finding.message.contains("more")));
}

#[test]
fn components_that_are_conjunctions_of_each_other_end() {
    let tangle = |kind: &str| {
        let mut text = String::new();
        for index in 0..30 {
            let parts: Vec<String> = (0..30)
                .filter(|other| *other != index)
                .map(|other| {
                    format!("{{ type: object, properties: {{ p{other}: {{ $ref: '#/components/schemas/T{other}' }}, q: {{ $ref: '#/components/schemas/T{}' }} }} }}", (index + other) % 30)
                })
                .collect();
            let _ = writeln!(
                text,
                "    T{index}: {{ allOf: [{}, {{ properties: {{ k: {{ type: {kind} }} }} }}] }}",
                parts.join(", ")
            );
        }
        api(&text, "T0")
    };
    assert_ne!(report(&tangle("string"), &tangle("integer")).summary.verdict, Verdict::Compatible);
}

#[test]
fn numbers_and_patterns_beyond_measure_are_told_apart_or_undecided() {
    let of = |schema: &str| api(&format!("    N: {schema}\n"), "N");
    for (old, new, verdict) in [
        ("{ type: integer, maximum: 1e400 }", "{ type: integer, maximum: 1e399 }", Verdict::Breaking),
        (
            "{ type: integer, maximum: 1e4000000 }",
            "{ type: integer, exclusiveMaximum: 1e4000000 }",
            Verdict::Breaking,
        ),
        // No arithmetic decides this; a number does.
        ("{ type: number, multipleOf: 1e-300 }", "{ type: number, multipleOf: 3e300 }", Verdict::Breaking),
        (
            "{ type: string, pattern: '(((((a*)*)*)*)*)*$' }",
            "{ type: string, pattern: '(a{1000}){1000}' }",
            Verdict::Undecided,
        ),
        (
            "{ enum: [aaaaaaaaaaaaaaaaaaaaaaaaaaaa!] }",
            "{ type: string, pattern: '(a|aa)+$' }",
            Verdict::Breaking,
        ),
    ] {
        assert_eq!(report(&of(old), &of(new)).summary.verdict, verdict, "{old} -> {new}");
    }
}
