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
    assert!(told.ends_with("`rollgate schema explain ID` says what a rule means, with an example.\nexit code 0"));
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
    assert_snapshot!(here(&["explain", "request-parameter-removed"]), @"");
}

#[test]
fn every_rule_can_be_explained() {
    for rule in rules::all() {
        assert!(!rule.what().is_empty() && !rule.why().is_empty() && !rule.mend().is_empty(), "{}", rule.id);
    }
}

#[test]
fn a_mistyped_id_is_answered_with_the_nearest() {
    assert_snapshot!(here(&["explain", "request-paramter-removed"]), @"");
    assert_snapshot!(here(&["explain", "Request_Parameter_Removed"]), @"");
    assert_snapshot!(here(&["explain", "zzz"]), @"");
    assert_snapshot!(here(&["explain", "\u{1b}[31m::error::x"]), @"");
    assert!(here(&["explain", &"a".repeat(100_000)]).ends_with("exit code 2"));
}
