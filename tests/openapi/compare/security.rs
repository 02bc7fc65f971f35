//! Who may call.

use super::findings;

const SCHEMES: &str = "
components:
  securitySchemes:
    key: { type: apiKey, in: header, name: X-Key }
    other: { type: apiKey, in: header, name: X-Other }
    same: { type: apiKey, in: header, name: x-key }
    oauth: { type: oauth2, flows: { clientCredentials: { tokenUrl: https://t.example, scopes: { r: read, w: write } } } }
";

fn with(global: &str, operation: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\n{global}\npaths:\n  /a:\n    get: {{ {operation} responses: {{ '200': {{ description: d }} }} }}\n  /b:\n    get: {{ responses: {{ '200': {{ description: d }} }} }}{SCHEMES}"
    )
}

fn operation(requirement: &str) -> String {
    with("", &format!("security: {requirement},"))
}

#[test]
fn an_operation_that_asks_for_credentials_where_it_asked_for_none_breaks() {
    insta::assert_snapshot!(findings(&with("", ""), &operation("[{ key: [] }]")), @"error api-security-tightened: the operation now asks for credentials: key  [get /a]");
    insta::assert_snapshot!(findings(&operation("[{}, { key: [] }]"), &operation("[{ key: [] }]")), @"error api-security-tightened: the operation now asks for credentials: key  [get /a]");
    insta::assert_snapshot!(findings(&operation("[{ key: [] }]"), &with("", "")), @"info api-security-loosened: the operation no longer asks for credentials: key  [get /a]");
}

#[test]
fn alternatives_may_come_and_not_go() {
    let (one, two) = (operation("[{ key: [] }]"), operation("[{ key: [] }, { other: [] }]"));
    insta::assert_snapshot!(findings(&one, &two), @"info api-security-added: the operation may now also be called with `other`  [get /a]");
    insta::assert_snapshot!(findings(&two, &one), @"error api-security-removed: the operation may no longer be called with `other`  [get /a]");
    insta::assert_snapshot!(findings(&one, &operation("[{ key: [], other: [] }]")), @r"
    error api-security-removed: the operation may no longer be called with `key`  [get /a]
    info api-security-added: the operation may now also be called with `key and other`  [get /a]
    ");
    // Whoever has both keys has one of them.
    assert_eq!(findings(&operation("[{ key: [], other: [] }]"), &one), "");
}

#[test]
fn an_alternative_that_is_said_twice_is_one() {
    let (once, twice) = (
        operation("[{ key: [], oauth: [r] }]"),
        operation("[{ key: [], oauth: [r] }, { oauth: [r], same: [] }]"),
    );
    for (base, revision) in [(&once, &twice), (&twice, &once), (&twice, &twice)] {
        assert_eq!(findings(base, revision), "");
    }
}

#[test]
fn scopes_are_part_of_a_credential() {
    let (read, both) = (operation("[{ oauth: [r] }]"), operation("[{ oauth: [r, w] }]"));
    insta::assert_snapshot!(findings(&read, &both), @"error api-security-scope-added: the operation now asks for the scope `w` of `oauth`  [get /a]");
    insta::assert_snapshot!(findings(&both, &read), @"info api-security-scope-removed: the operation no longer asks for the scope `w` of `oauth`  [get /a]");
}

#[test]
fn a_scheme_is_what_it_asks_for_and_not_its_name() {
    assert_eq!(findings(&operation("[{ key: [] }]"), &operation("[{ same: [] }]")), "");
    insta::assert_snapshot!(findings(&operation("[{ key: [] }]"), &operation("[{ other: [] }]")), @r"
    error api-security-removed: the operation may no longer be called with `key`  [get /a]
    info api-security-added: the operation may now also be called with `other`  [get /a]
    ");
    let moved = operation("[{ key: [] }]")
        .replace("key: { type: apiKey, in: header", "key: { type: apiKey, in: query");
    insta::assert_snapshot!(findings(&operation("[{ key: [] }]"), &moved), @"error api-security-component-api-key-in-changed: the key of the security scheme `key` is now carried in the query instead of the header  [get /a]");
}

#[test]
fn what_all_operations_ask_for_is_one_finding_that_reaches_those_that_inherit_it() {
    insta::assert_snapshot!(findings(&with("", ""), &with("security: [{ key: [] }]", "")), @"error api-global-security-tightened: every operation without security of its own now asks for credentials: key  [get /a, get /b]");
    insta::assert_snapshot!(
        findings(&with("security: [{ key: [] }]", ""), &with("security: [{ other: [] }]", "security: [],")), @r"
    error api-global-security-removed: every operation without security of its own may no longer be called with `key`  [get /b]
    info api-global-security-added: every operation without security of its own may now also be called with `other`  [get /b]
    info api-security-loosened: the operation no longer asks for credentials: key  [get /a]
    ");
}

#[test]
fn a_scheme_that_cannot_be_read_is_never_safe() {
    let broken = operation("[{ key: [] }]")
        .replace("key: { type: apiKey, in: header, name: X-Key }", "key: { type: magic }");
    insta::assert_snapshot!(findings(&operation("[{ key: [] }]"), &broken), @"error revision-unreadable: the security scheme cannot be read in the revision  [get /a]");
}
