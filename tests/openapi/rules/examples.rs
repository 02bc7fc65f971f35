//! Examples of rules, compared.

use std::fmt::Write;

use rollgate::openapi::finding::Level;
use rollgate::openapi::rules;

use crate::openapi::compared::compared;

/// Rules without an example: they are about descriptions as a whole, which a comparison of two of them does not find.
const WITHOUT: [&str; 1] = ["description-removed"];

/// Changes that come with another: a condition has a consequence, alternatives begin to overlap only where one of them
/// grows or comes, and a version is held against what breaks.
const TOGETHER: [(&str, &str); 4] = [
    ("if-added", "then-added"),
    ("if-removed", "then-removed"),
    ("one-of-overlaps", "one-of-added"),
    ("api-major-version-not-bumped", "api-removed-without-deprecation"),
];

#[test]
fn every_example_yields_its_rule_and_nothing_else_and_mended_it_yields_nothing() {
    let mut wrong = String::new();
    let mut count = 0;
    for rule in rules::all().filter(|rule| rule.silent().is_none()) {
        let Some(example) = rule.example() else {
            if !WITHOUT.contains(&rule.id.as_ref()) {
                writeln!(wrong, "{}: no example", rule.id).unwrap();
            }
            continue;
        };
        count += 1;
        let found = |revision: &str| -> Vec<String> {
            let report = compared(example.base.as_bytes(), revision.as_bytes());
            report.findings.iter().map(|finding| finding.id.clone()).collect()
        };
        let (mut bad, mended) = (found(&example.bad), found(&example.mended));
        if let Some((_, with)) = TOGETHER.iter().find(|(what, _)| rule.id.ends_with(what)) {
            assert!(bad.iter().any(|id| id.ends_with(with)), "{} comes alone", rule.id);
            bad.retain(|id| !id.ends_with(with));
        }
        if bad != [rule.id.as_ref()] {
            writeln!(wrong, "{}: {bad:?}", rule.id).unwrap();
        }
        if !mended.is_empty() {
            writeln!(wrong, "{} mended: {mended:?}", rule.id).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{} of {count}\n{wrong}", wrong.lines().count());
}

#[test]
fn an_example_is_a_description_without_defects_unless_it_is_about_one() {
    for rule in rules::all().filter(|rule| !rule.id.contains("unreadable") && rule.silent().is_none()) {
        let Some(example) = rule.example() else { continue };
        let report = compared(example.base.as_bytes(), example.bad.as_bytes());
        // A variable that its path does not have is a defect, and the only new one that keeps the path.
        if rule.id == "new-request-path-parameter" {
            continue;
        }
        assert_eq!(report.diagnostics, [], "{}\n{}\n{}", rule.id, example.base, example.bad);
    }
}

#[test]
fn the_finding_of_an_example_has_the_level_of_its_rule() {
    for rule in rules::all().filter(|rule| rule.silent().is_none()) {
        let Some(example) = rule.example() else { continue };
        let report = compared(example.base.as_bytes(), example.bad.as_bytes());
        for finding in report.findings.iter().filter(|finding| finding.id == rule.id) {
            // What was not decided is an error where a message shows that it breaks.
            let shown = finding.level == Level::Error && finding.witness.is_some();
            assert!(finding.level == rule.level || finding.level == Level::Warn || shown, "{}", rule.id);
        }
    }
}
