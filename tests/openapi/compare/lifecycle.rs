//! Deprecation, announced ends and maturity. Judged on 2026-06-01.

use super::{api, findings};

fn with(lifecycle: &str) -> String {
    api(&format!("/a:\n  get: {{ {lifecycle} responses: {{ '200': {{ description: d }} }} }}\n/b:\n  get: {{ responses: {{ '200': {{ description: d }} }} }}"))
}

fn gone() -> String {
    api("/b:\n  get: { responses: { '200': { description: d } } }")
}

#[test]
fn an_announced_date_is_a_promise_until_it_has_come() {
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: '2026-07-01',"), &gone()), @"");
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: '2026-06-01',"), &gone()), @"");
    insta::assert_snapshot!(findings(&with("deprecated: true,"), &gone()), @"");
    insta::assert_snapshot!(findings(&with("deprecated: true, x-sunset: soon,"), &gone()), @"");
}

#[test]
fn deprecating_is_told_and_its_date_is_held() {
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true,")), @"");
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true, x-sunset: '2027-01-01',")), @"");
    insta::assert_snapshot!(findings(&with(""), &with("deprecated: true, x-sunset: '2026-05-01',")), @"");
    insta::assert_snapshot!(findings(&with("deprecated: true,"), &with("")), @"");
    let (far, near) = ("deprecated: true, x-sunset: '2027-06-01',", "deprecated: true, x-sunset: '2027-01-01',");
    insta::assert_snapshot!(findings(&with(far), &with(near)), @"");
    assert_eq!(findings(&with(near), &with(far)), "");
    insta::assert_snapshot!(findings(&with(far), &with("deprecated: true,")), @"");
}

#[test]
fn what_is_not_stable_yet_promises_nothing() {
    assert_eq!(findings(&with("x-stability-level: alpha,"), &gone()), "");
    assert_eq!(findings(&with("x-stability-level: draft,"), &gone()), "");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &gone()), @"");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &with("x-stability-level: alpha,")), @"");
    insta::assert_snapshot!(findings(&with("x-stability-level: beta,"), &with("x-stability-level: stable,")), @"");
    insta::assert_snapshot!(findings(&with(""), &with("x-stability-level: solid,")), @"");
}
