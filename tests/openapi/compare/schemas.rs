//! What a change of a schema means for requests and for responses. Each case: what is said before and after, then what
//! is found in a request and in a response. The schemas stand under the property `p`.

use super::report;

fn api(schema: &str, components: &str, sent: bool) -> String {
    let object = format!("{{ type: object, properties: {{ p: {schema} }} }}");
    let content = format!("content: {{ application/json: {{ schema: {object} }} }}");
    let (request, response) = if sent {
        (format!("requestBody: {{ required: true, {content} }}, "), "{ description: d }".to_owned())
    } else {
        (String::new(), format!("{{ description: d, {content} }}"))
    };
    format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths: {{ /x: {{ post: {{ {request}responses: {{ '200': {response} }} }} }} }}\ncomponents: {{ schemas: {{ {components} }} }}\n"
    )
}

/// Level and id of what is found, in order.
fn found(old: &str, new: &str, components: (&str, &str), sent: bool) -> String {
    let found = report(&api(old, components.0, sent), &api(new, components.1, sent)).findings;
    let all: Vec<String> = found
        .iter()
        .filter(|finding| !finding.id.starts_with("api-schema"))
        .map(|finding| {
            let id = finding
                .id
                .strip_prefix("request-property-")
                .or(finding.id.strip_prefix("response-property-"));
            format!("{} {}", finding.level.as_str(), id.unwrap_or(&finding.id))
        })
        .collect();
    if all.is_empty() { "-".to_owned() } else { all.join(", ") }
}

/// Old, new, found in a request, found in a response.
type Case = (&'static str, &'static str, &'static str, &'static str);

fn hold(cases: &[Case]) {
    hold_with(("", ""), cases);
}

fn hold_with(components: (&str, &str), cases: &[Case]) {
    let mut wrong = Vec::new();
    for (old, new, request, response) in cases {
        for (sent, expected) in [(true, request), (false, response)] {
            let got = found(old, new, components, sent);
            if got != **expected {
                let place = if sent { "request" } else { "response" };
                wrong.push(format!("{old}\n  -> {new}\n  in a {place}: {got}\n  expected:      {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn types_are_sets() {
    hold(&[
        ("{ type: integer }", "{ type: number }", "info type-generalized", "error type-generalized"),
        ("{ type: number }", "{ type: integer }", "error type-changed", "info type-specialized"),
        ("{ type: string }", "{ type: integer }", "error type-changed", "error type-changed"),
        (
            "{ type: string }",
            "{ type: [string, integer] }",
            "info type-generalized",
            "error type-generalized",
        ),
        (
            "{ type: string }",
            "{ anyOf: [{ type: string }, { type: integer }] }",
            "info list-of-types-widened",
            "error list-of-types-widened",
        ),
        ("{ type: [integer, string] }", "{ type: [string, integer] }", "-", "-"),
        ("{ anyOf: [{ type: string }, { type: integer }] }", "{ type: [integer, string] }", "-", "-"),
        ("{}", "{ type: string }", "error type-changed", "info type-specialized"),
        ("true", "false", "error schema-became-false", "info schema-became-false"),
        ("{ type: string, minLength: 3, maxLength: 2 }", "false", "-", "-"),
        (
            "{ type: string }",
            "{ type: string, minLength: 3, maxLength: 2 }",
            "error schema-became-false",
            "info schema-became-false",
        ),
        // A list of types and one of their formats, the one wider and the other narrower.
        (
            "{ type: integer, format: int64 }",
            "{ type: [integer, string], format: int32 }",
            "error type-changed",
            "error type-changed",
        ),
    ]);
}

#[test]
fn null_is_one_value_however_it_is_spelled() {
    hold(&[
        ("{ type: string }", "{ type: [string, 'null'] }", "info became-nullable", "error became-nullable"),
        (
            "{ type: string }",
            "{ oneOf: [{ type: string }, { type: 'null' }] }",
            "info became-nullable",
            "error became-nullable",
        ),
        (
            "{ anyOf: [{ type: string }, { type: 'null' }] }",
            "{ type: string }",
            "error became-not-nullable",
            "info became-not-nullable",
        ),
        (
            "{ type: [string, 'null'] }",
            "{ type: [string, 'null'], enum: [a, null] }",
            "error became-enum",
            "info became-enum",
        ),
    ]);
}

#[test]
fn lists_of_values_are_sets() {
    hold(&[
        ("{ enum: [a, b] }", "{ enum: [b, a] }", "-", "-"),
        ("{ enum: [a] }", "{ enum: [a, b] }", "info enum-value-added", "error enum-value-added"),
        ("{ enum: [a, b] }", "{ enum: [a] }", "error enum-value-removed", "info enum-value-removed"),
        ("{ const: a }", "{ enum: [a] }", "-", "-"),
        ("{ const: 1 }", "{ const: 1.0 }", "-", "-"),
        ("{ const: a }", "{ const: b }", "error const-changed", "error const-changed"),
        ("{ type: string, enum: [a, b] }", "{ type: string }", "info enum-removed", "error enum-removed"),
        ("{ type: string }", "{ type: string, enum: [a, b] }", "error became-enum", "info became-enum"),
        ("{ anyOf: [{ const: a }, { const: b }] }", "{ enum: [a, b] }", "-", "-"),
        ("{ enum: [a, b] }", "{ enum: [a, b], maxLength: 5 }", "info max-length-set", "info max-length-set"),
        ("{ type: boolean }", "{ enum: [true, false] }", "-", "-"),
        (
            "{ type: string, enum: [a] }",
            "{ type: string, x-extensible-enum: [a] }",
            "info became-extensible-enum",
            "error became-extensible-enum",
        ),
        (
            "{ type: string, x-extensible-enum: [a] }",
            "{ type: string, x-extensible-enum: [b] }",
            "error x-extensible-enum-value-removed, info x-extensible-enum-value-added",
            "info x-extensible-enum-value-added, info x-extensible-enum-value-removed",
        ),
    ]);
}

#[test]
fn bounds_are_intervals() {
    hold(&[
        ("{ type: integer, minimum: 1 }", "{ type: integer, exclusiveMinimum: 0 }", "-", "-"),
        ("{ type: integer, maximum: 1.5 }", "{ type: integer, maximum: 1 }", "-", "-"),
        (
            "{ type: number, minimum: 1 }",
            "{ type: number, exclusiveMinimum: 1 }",
            "error exclusive-min-set",
            "info exclusive-min-set",
        ),
        (
            "{ type: number, maximum: 5 }",
            "{ type: number, maximum: 6 }",
            "info max-increased",
            "error max-increased",
        ),
        ("{ type: string, minLength: 0 }", "{ type: string }", "-", "-"),
        (
            "{ type: integer }",
            "{ type: integer, maxLength: 3 }",
            "info max-length-set",
            "info max-length-set",
        ),
        ("{ type: string }", "{ type: string, maxLength: 3 }", "error max-length-set", "info max-length-set"),
        ("{ type: array, maxItems: 3 }", "{ type: array }", "info max-items-unset", "error max-items-unset"),
        (
            "{ type: integer, multipleOf: 10 }",
            "{ type: integer, multipleOf: 5 }",
            "info multiple-of-generalized",
            "error multiple-of-changed",
        ),
        ("{ type: integer }", "{ type: integer, multipleOf: 1 }", "-", "-"),
        (
            "{ type: object, required: [a], properties: { a: {} } }",
            "{ type: object, required: [a], properties: { a: {} }, minProperties: 1 }",
            "-",
            "info min-properties-set",
        ),
    ]);
}

#[test]
fn formats_that_are_known_refine_each_other() {
    hold(&[
        (
            "{ type: integer, format: int32 }",
            "{ type: integer, format: int64 }",
            "info type-generalized",
            "error type-generalized",
        ),
        (
            "{ type: string, format: date-time }",
            "{ type: string, format: date }",
            "error type-changed",
            "error type-changed",
        ),
        ("{ type: string }", "{ type: string, format: uuid }", "error type-changed", "info type-specialized"),
        ("{ type: string }", "{ type: string, format: password }", "-", "-"),
        (
            "{ type: string }",
            "{ type: string, format: ours }",
            "warn became-undecided",
            "info type-specialized",
        ),
        ("{ type: boolean, format: date }", "{ type: boolean }", "info type-changed", "info type-changed"),
    ]);
}

#[test]
fn properties_come_and_go_by_direction_and_openness() {
    hold(&[
        (
            "{ type: object }",
            "{ type: object, properties: { q: { type: string } } }",
            "info new-optional-request-property",
            "info response-optional-property-added",
        ),
        (
            "{ type: object }",
            "{ type: object, required: [q], properties: { q: { type: string } } }",
            "error new-required-request-property",
            "info response-required-property-added",
        ),
        (
            "{ type: object, required: [q], properties: { q: { type: string } } }",
            "{ type: object }",
            "warn removed",
            "error response-required-property-removed",
        ),
        (
            "{ type: object, additionalProperties: false, properties: { q: { type: string } } }",
            "{ type: object, additionalProperties: false }",
            "error removed-from-closed",
            "info response-optional-property-removed",
        ),
        (
            "{ type: object, additionalProperties: false }",
            "{ type: object, additionalProperties: false, properties: { q: { type: string } } }",
            "info new-optional-request-property",
            "error added-to-closed",
        ),
        (
            "{ type: object, additionalProperties: { type: string } }",
            "{ type: object, additionalProperties: { type: string }, properties: { q: { type: integer } } }",
            "error type-changed, info new-optional-request-property",
            "error type-changed, info response-optional-property-added",
        ),
        (
            "{ type: object }",
            "{ type: object, required: [q] }",
            "error required-undeclared-added",
            "info required-undeclared-added",
        ),
        (
            "{ type: object, properties: { q: {} } }",
            "{ type: object, required: [q], properties: { q: {} } }",
            "error became-required",
            "info became-required",
        ),
        (
            "{ type: object }",
            "{ type: object, additionalProperties: false }",
            "error additional-properties-closed",
            "info additional-properties-closed",
        ),
        (
            "{ type: object, properties: { q: {} }, additionalProperties: false }",
            "{ type: object, properties: { q: {} }, unevaluatedProperties: false }",
            "-",
            "-",
        ),
    ]);
}

#[test]
fn what_a_direction_does_not_carry_is_not_compared_in_it() {
    hold(&[
        (
            "{ type: object, properties: { q: { type: string, readOnly: true } } }",
            "{ type: object, required: [q], properties: { q: { type: integer, readOnly: true } } }",
            "-",
            "error type-changed, info became-required",
        ),
        (
            "{ type: object, properties: { q: { readOnly: true, type: object, properties: { r: { type: string } } } } }",
            "{ type: object, properties: { q: { readOnly: true, type: object, properties: { r: { type: integer } } } } }",
            "-",
            "error type-changed",
        ),
        (
            "{ type: object, required: [q], properties: { q: { readOnly: true } } }",
            "{ type: object, required: [q], properties: { q: {} } }",
            "error request-required-property-became-not-read-only",
            "info response-required-property-became-not-read-only",
        ),
        (
            "{ type: object, required: [q], properties: { q: {} } }",
            "{ type: object, required: [q], properties: { q: { writeOnly: true } } }",
            "info request-required-property-became-write-only",
            "error response-required-property-became-write-only",
        ),
    ]);
}

#[test]
fn conjunctions_are_one_schema() {
    hold_with(
        (
            "Q: { type: object, properties: { q: { type: string } } }",
            "Q: { type: object, properties: { q: { type: string } } }",
        ),
        &[
            (
                "{ $ref: '#/components/schemas/Q' }",
                "{ allOf: [{ $ref: '#/components/schemas/Q' }] }",
                "-",
                "-",
            ),
            (
                "{ $ref: '#/components/schemas/Q' }",
                "{ type: object, properties: { q: { type: string } } }",
                "-",
                "-",
            ),
            (
                "{ allOf: [{ $ref: '#/components/schemas/Q' }, { required: [q] }] }",
                "{ type: object, required: [q], properties: { q: { type: string } } }",
                "-",
                "-",
            ),
            (
                "{ allOf: [{ properties: { q: { minLength: 1 } } }, { properties: { q: { maxLength: 5 } } }] }",
                "{ properties: { q: { minLength: 1, maxLength: 5 } } }",
                "-",
                "-",
            ),
            (
                "{ allOf: [{ properties: { q: { minLength: 1 } } }, { properties: { q: { maxLength: 5 } } }] }",
                "{ properties: { q: { minLength: 2, maxLength: 5 } } }",
                "error min-length-increased",
                "info min-length-increased",
            ),
        ],
    );
}

#[test]
fn alternatives_are_matched_by_what_they_are() {
    hold(&[
        ("{ oneOf: [{ type: string }] }", "{ type: string }", "-", "-"),
        (
            "{ oneOf: [{ type: object, required: [a] }, { type: object, required: [b] }] }",
            "{ oneOf: [{ type: object, required: [b] }, { type: object, required: [a] }] }",
            "-",
            "-",
        ),
        (
            "{ oneOf: [{ type: string, minLength: 1 }, { type: object }] }",
            "{ oneOf: [{ type: object }, { type: string, minLength: 2 }] }",
            "error min-length-increased",
            "info min-length-increased",
        ),
        (
            "{ anyOf: [{ type: string, minLength: 1 }, { type: object }] }",
            "{ anyOf: [{ type: string, minLength: 1 }, { type: object }, { type: boolean }] }",
            "info any-of-added",
            "error any-of-added",
        ),
        (
            "{ anyOf: [{ type: string, minLength: 1 }, { type: object }, { type: boolean }] }",
            "{ anyOf: [{ type: string, minLength: 1 }, { type: object }] }",
            "error any-of-removed",
            "info any-of-removed",
        ),
        // Both alternatives admit the empty object now, so `oneOf` refuses it.
        (
            "{ oneOf: [{ type: object, required: [a], properties: { a: {} } }, { type: object, required: [b], properties: { b: {} } }] }",
            "{ oneOf: [{ type: object, properties: { a: {} } }, { type: object, properties: { b: {} } }] }",
            "error one-of-overlaps, info became-optional, info became-optional",
            "error became-optional, error became-optional",
        ),
        // The same tag on both sides tells which is which.
        (
            "{ oneOf: [{ type: object, properties: { k: { const: x }, v: { type: string } } }, { type: object, properties: { k: { const: y }, v: { type: string } } }] }",
            "{ oneOf: [{ type: object, properties: { k: { const: y }, v: { type: integer } } }, { type: object, properties: { k: { const: x }, v: { type: string } } }] }",
            "error type-changed",
            "error type-changed",
        ),
    ]);
}

#[test]
fn a_discriminator_dispatches() {
    let schemas = "A: { type: object, properties: { k: { type: string }, a: {} } }, B: { type: object, properties: { k: { type: string }, b: {} } }";
    let union = |mapping: &str| {
        format!(
            "{{ oneOf: [{{ $ref: '#/components/schemas/A' }}, {{ $ref: '#/components/schemas/B' }}], discriminator: {{ propertyName: k, mapping: {{ {mapping} }} }} }}"
        )
    };
    let both = union("a: '#/components/schemas/A', b: '#/components/schemas/B'");
    for (new, expected) in [
        (
            union("a: '#/components/schemas/A', b: '#/components/schemas/A'"),
            "error discriminator-mapping-changed",
        ),
        (union("a: '#/components/schemas/A'"), "error discriminator-mapping-deleted"),
        (
            union("a: '#/components/schemas/A', b: '#/components/schemas/B', c: '#/components/schemas/B'"),
            "info discriminator-mapping-added",
        ),
        (both.replace("propertyName: k", "propertyName: a"), "error discriminator-property-name-changed"),
    ] {
        for sent in [true, false] {
            assert_eq!(found(&both, &new, (schemas, schemas), sent), expected, "{new}");
        }
    }
}

#[test]
fn what_stands_under_not_counts_the_other_way_round() {
    hold(&[
        ("{}", "{ not: { type: string } }", "error not-added", "info not-added"),
        (
            "{ not: { type: string } }",
            "{ not: { type: [string, integer] } }",
            "error not-added",
            "info not-added",
        ),
        (
            "{ not: { type: [string, integer] } }",
            "{ not: { type: string } }",
            "info not-removed",
            "error not-removed",
        ),
        (
            "{ not: { type: object, not: { required: [a] } } }",
            "{ not: { type: object, not: { required: [b] } } }",
            "warn not-changed",
            "warn not-changed",
        ),
    ]);
}

#[test]
fn items_are_compared_by_place() {
    hold(&[
        (
            "{ type: array, items: { type: string } }",
            "{ type: array, prefixItems: [{ type: string }], items: { type: string } }",
            "-",
            "-",
        ),
        (
            "{ type: array }",
            "{ type: array, prefixItems: [{ type: string }] }",
            "error prefix-items-added",
            "info prefix-items-added",
        ),
        (
            "{ type: array }",
            "{ type: array, items: { type: string } }",
            "error items-added",
            "info items-added",
        ),
        (
            "{ type: array, items: { type: string } }",
            "{ type: array, items: { type: integer } }",
            "error type-changed",
            "error type-changed",
        ),
        (
            "{ type: array }",
            "{ type: array, contains: { type: string } }",
            "error contains-added",
            "info contains-added",
        ),
        ("{ type: array }", "{ type: array, contains: { type: string }, minContains: 0 }", "-", "-"),
    ]);
}

#[test]
fn what_cannot_be_read_any_more_is_an_error_and_what_never_could_is_said() {
    hold(&[
        (
            "{ type: string }",
            "{ $ref: '#/components/schemas/None' }",
            "error revision-unreadable",
            "error revision-unreadable",
        ),
        (
            "{ $ref: '#/components/schemas/None' }",
            "{ type: string }",
            "warn base-unreadable",
            "warn base-unreadable",
        ),
    ]);
}

#[test]
fn a_change_of_a_component_is_found_once_however_it_is_reached() {
    let uses = "{ type: object, properties: { one: { $ref: '#/components/schemas/Q' }, two: { allOf: [{ $ref: '#/components/schemas/Q' }] }, three: { anyOf: [{ $ref: '#/components/schemas/Q' }, { type: 'null' }] } } }";
    let components = (
        "Q: { type: object, properties: { q: { type: string }, self: { $ref: '#/components/schemas/Q' } } }",
        "Q: { type: object, properties: { q: { type: integer }, self: { $ref: '#/components/schemas/Q' } } }",
    );
    hold_with(components, &[(uses, uses, "error type-changed", "error type-changed")]);
}

#[test]
fn a_keyword_that_speaks_of_no_value_is_told_and_shown_to_break_nobody() {
    hold(&[
        (
            "{ type: object, maximum: 3 }",
            "{ type: object, maximum: 2 }",
            "info max-decreased",
            "info max-decreased",
        ),
        (
            "{ type: string, enum: [a, b], maxLength: 9 }",
            "{ type: string, enum: [a, b], maxLength: 1 }",
            "info max-length-decreased",
            "info max-length-decreased",
        ),
        // Here it takes a value away.
        (
            "{ type: string, enum: [a, bb], maxLength: 9 }",
            "{ type: string, enum: [a, bb], maxLength: 1 }",
            "error enum-value-removed, error max-length-decreased",
            "info enum-value-removed, info max-length-decreased",
        ),
        // What stands beside another type.
        (
            "{ type: string, maxLength: 3 }",
            "{ type: object, required: [q], properties: { q: {} } }",
            "error type-changed, info new-required-request-property, info max-length-unset",
            "error type-changed, info max-length-unset, info response-required-property-added",
        ),
        (
            "{ type: string, properties: { q: { type: string } } }",
            "{ type: string, properties: { q: { type: integer } } }",
            "info type-changed",
            "info type-changed",
        ),
    ]);
    let object = |most: u32| format!("{{ type: object, maxLength: {most} }}");
    let found = report(&api(&object(3), "", true), &api(&object(2), "", true)).findings;
    assert_eq!(
        found[0].message,
        "the maximum length of the request property `p` falls from 3 to 2; no message breaks by it"
    );
    assert_eq!(found[0].proof, rollgate::openapi::finding::Proof::Proven);
}

#[test]
fn patterns_are_compared_by_the_texts_that_they_are_found_in() {
    hold(&[
        (
            "{ type: string, pattern: '^[a-c]$' }",
            "{ type: string, pattern: '^[a-d]$' }",
            "info pattern-generalized",
            "error pattern-changed",
        ),
        (
            "{ type: string, pattern: '^[a-d]$' }",
            "{ type: string, pattern: '^[a-c]$' }",
            "error pattern-changed",
            "info pattern-specialized",
        ),
        ("{ type: string, pattern: '^[0-9]+$' }", "{ type: string, pattern: '^\\d+$' }", "-", "-"),
        (
            "{ type: string, pattern: '^(?=a)' }",
            "{ type: string, pattern: '^(?=b)' }",
            "warn pattern-changed",
            "warn pattern-changed",
        ),
        // Of two patterns, the wider one asks for nothing.
        (
            "{ type: string, pattern: '^[a-c]+$' }",
            "{ type: string, pattern: '^[a-c]+$', allOf: [{ pattern: '^[a-z]+$' }] }",
            "-",
            "-",
        ),
    ]);
}

#[test]
fn what_requests_do_not_carry_is_told_under_the_ids_that_users_know() {
    let object =
        |property: &str| format!("{{ type: object, properties: {{ q: {{ readOnly: true, {property} }} }} }}");
    for (old, new, id) in [
        ("type: string, maxLength: 9", "type: string, maxLength: 3", "max-length-decreased"),
        ("type: integer, minimum: 1", "type: integer, minimum: 2", "min-increased"),
        ("enum: [a, b]", "enum: [a]", "enum-value-removed"),
    ] {
        assert_eq!(
            found(&object(old), &object(new), ("", ""), true),
            format!("info request-read-only-property-{id}")
        );
    }
}

#[test]
fn a_branch_is_held_together_with_what_stands_beside_its_union() {
    hold(&[(
        "{ type: object, required: [q], properties: { q: {} }, anyOf: [{ properties: { a: { type: string } } }, { properties: { b: { type: string } } }] }",
        "{ type: object, required: [q], properties: { q: {} }, anyOf: [{ required: [q], properties: { a: { type: string } } }, { properties: { b: { type: string } } }] }",
        "-",
        "info required-undeclared-added",
    )]);
}
