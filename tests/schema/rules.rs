//! `rollgate schema rules` and `rollgate schema explain`.

use std::path::Path;

use insta::assert_snapshot;
use rollgate::openapi::rules;
use serde_json::Value;

use super::rollgate;

fn here(arguments: &[&str]) -> String {
    rollgate(Path::new("."), arguments)
}

#[test]
fn every_rule_is_listed_once_with_its_level() {
    let told = here(&["rules"]);
    let listed: Vec<&str> = told.lines().take_while(|line| !line.is_empty()).collect();
    let ids: Vec<&str> = listed.iter().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    let known: Vec<&str> = rules::all().map(|rule| rule.id.as_ref()).collect();
    assert_eq!(ids, known);
    for (line, rule) in listed.iter().zip(rules::all()) {
        assert!(line.starts_with(rule.level.as_str()), "{line}");
    }
    assert!(
        told.ends_with("`rollgate schema explain ID` says what a rule means, with an example.\nexit code 0")
    );
}

#[test]
fn the_list_for_programs_counts_what_is_never_emitted() {
    let told = here(&["rules", "--format", "json"]);
    let list: Value = serde_json::from_str(told.strip_suffix("exit code 0").unwrap()).unwrap();
    let silent = list["rules"].as_array().unwrap().iter().filter(|rule| !rule["never_emitted"].is_null());
    assert_eq!(list["never_emitted"], silent.count());
    assert_eq!(list["rules"].as_array().unwrap().len(), rules::all().len());
}

#[test]
fn a_rule_is_explained() {
    let told = here(&["explain", "request-parameter-removed"]);
    let mut rest = told.as_str();
    for part in [
        "request-parameter-removed warn\nrequest · known from the shared catalogue\n",
        "\nWhat happened\n  ",
        "\nWhy it matters\n  ",
        "\nWhat to do\n  ",
        "\nThis has the finding\n    openapi: 3.",
        "\n  -         - {name: ",
        "\nThis does not\n    openapi: 3.",
        "exit code 0",
    ] {
        rest = rest.split_once(part).unwrap_or_else(|| panic!("{part:?} is not in its place: {told}")).1;
    }
}

#[test]
fn every_rule_can_be_explained() {
    for rule in rules::all() {
        assert!(!rule.what().is_empty() && !rule.why().is_empty() && !rule.mend().is_empty(), "{}", rule.id);
    }
}

#[test]
fn a_mistyped_id_is_answered_with_the_nearest() {
    assert_snapshot!(here(&["explain", "request-paramter-removed"]), @"
    error: there is no rule `request-paramter-removed`: did you mean `request-parameter-removed`, `request-parameter-if-removed` or `request-parameter-not-removed`?
    exit code 2
    ");
    assert_snapshot!(here(&["explain", "Request_Parameter_Removed"]), @"
    error: there is no rule `Request_Parameter_Removed`: did you mean `request-parameter-removed`, `request-parameter-if-removed` or `request-parameter-not-removed`?
    exit code 2
    ");
    assert_snapshot!(here(&["explain", "zzz"]), @"
    error: there is no rule `zzz`: `rollgate schema rules` lists all
    exit code 2
    ");
    assert_snapshot!(here(&["explain", "\u{1b}[31m::error::x"]), @"
    error: there is no rule `[31m: :error: :x`: `rollgate schema rules` lists all
    exit code 2
    ");
    assert!(here(&["explain", &"a".repeat(100_000)]).ends_with("exit code 2"));
}
