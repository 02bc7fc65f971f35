//! Deprecation, announced ends and maturity. Judged on 2026-06-01.

use super::{api, findings};

fn with(lifecycle: &str) -> String {
    api(&format!(
        "/a:\n  get: {{ {lifecycle} responses: {{ '200': {{ description: d }} }} }}\n/b:\n  get: {{ responses: {{ '200': {{ description: d }} }} }}"
    ))
}

fn gone() -> String {
    api("/b:\n  get: { responses: { '200': { description: d } } }")
}

#[test]
fn an_announced_date_is_a_promise_until_it_has_come() {
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: '2026-07-01',"), &gone()), @"error api-path-removed-before-sunset: the path `/a` is gone before the day 2026-07-01 that was announced  [get /a]");
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: '2026-06-01',"), &gone()), @"info api-path-removed-with-deprecation: the path `/a` is gone after the end that was announced  [get /a]");
    insta::assert_snapshot!(findings(&with("deprecated: true,"), &gone()), @"info api-path-removed-with-deprecation: the path `/a` is gone after the end that was announced  [get /a]");
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: soon,"), &gone()), @"error api-path-sunset-parse: the path `/a` is gone, and `x-sunset` of this operation is no date  [get /a]");
}

#[test]
fn deprecating_is_told_and_its_date_is_held() {
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true,")), @"info endpoint-deprecated: the operation `GET /a` is now deprecated  [get /a]");
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true, x-sunset: '2027-01-01',")), @"info endpoint-deprecated-with-sunset: the operation `GET /a` is now deprecated and ends on 2027-01-01  [get /a]");
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true, x-sunset: '2026-05-01',")), @"error api-sunset-date-too-small: the end of the operation `GET /a` on 2026-05-01 is too near for its stability  [get /a]");
    insta::assert_snapshot!(findings(&with("deprecated: true,"), &with("")), @"info endpoint-reactivated: the operation `GET /a` is no longer deprecated  [get /a]");
    let (far, near) =
        ("deprecated: true, x-sunset: '2027-06-01',", "deprecated: true, x-sunset: '2027-01-01',");
    insta::assert_snapshot!(findings(&with(far), &with(near)), @"error api-sunset-date-changed-too-small: the end of the operation `GET /a` moves to an earlier day: from 2027-06-01 to 2027-01-01  [get /a]");
    assert_eq!(findings(&with(near), &with(far)), "");
    insta::assert_snapshot!(findings(&with(far), &with("deprecated: true,")), @"error sunset-deleted: the operation `GET /a` loses the day of its end: 2027-06-01  [get /a]");
}

#[test]
fn what_is_not_stable_yet_promises_nothing() {
    assert_eq!(findings(&with("x-stability-level: alpha,"), &gone()), "");
    assert_eq!(findings(&with("x-stability-level: draft,"), &gone()), "");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &gone()), @"error api-path-removed-without-deprecation: the path `/a` is gone, and this operation of it was not deprecated  [get /a]");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &with("x-stability-level: alpha,")), @"error api-stability-decreased: the stability of the operation `GET /a` falls from `beta` to `alpha`  [get /a]");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &with("x-stability-level: stable,")), @"info api-stability-increased: the stability of the operation `GET /a` rises from `beta` to `stable`  [get /a]");
    insta::assert_snapshot!(findings(&with(""), &with("x-stability-level: solid,")), @"error api-invalid-stability-level: the stability of the operation `GET /a` is none that is known: `solid`  [get /a]");
}
