//! The forms of a report.

use rollgate::report::{json, markdown, text};

use super::sample;

#[test]
fn a_promoted_canary_in_markdown() {
    insta::assert_snapshot!(markdown::render(&sample::promoted()), @"");
}

#[test]
fn a_rolled_back_canary_in_markdown() {
    insta::assert_snapshot!(markdown::render(&sample::rolled_back()), @"");
}

#[test]
fn an_unconfirmed_rollback_is_loud_and_tells_every_problem_apart() {
    insta::assert_snapshot!(markdown::render(&sample::unconfirmed()), @"");
}

#[test]
fn a_rolled_back_canary_in_text() {
    insta::assert_snapshot!(text::render(&sample::rolled_back()), @"");
}
