//! The list of rules, held against the catalogue that users know.

mod examples;

use std::collections::{BTreeMap, BTreeSet};

use rollgate::openapi::finding::{Direction, Level};
use rollgate::openapi::rules::{self, Place, Rule, What, differences, silent};

use crate::support::shared_data::conformance;

/// A line of the known catalogue.
struct Known {
    level: Level,
    direction: Option<Direction>,
}

/// The known catalogue, by id.
fn catalogue() -> BTreeMap<String, Known> {
    let text = std::fs::read_to_string(conformance().join("oasdiff/rules.csv")).unwrap();
    let known = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let level = match cells[1] {
            "error" => Level::Error,
            "warning" => Level::Warn,
            "info" => Level::Info,
            other => panic!("level {other} of {}", cells[0]),
        };
        let direction = match cells[3] {
            "request" => Some(Direction::Request),
            "response" => Some(Direction::Response),
            "none" => Some(Direction::None),
            _ => None,
        };
        (cells[0].to_owned(), Known { level, direction })
    };
    text.lines().skip(1).map(known).collect()
}

#[test]
fn the_known_ids_are_all_there_and_no_other_claims_to_be_known() {
    let known: BTreeSet<String> = catalogue().into_keys().collect();
    let ours: BTreeSet<String> =
        rules::all().filter(|rule| rule.known()).map(|rule| rule.id.to_string()).collect();
    assert_eq!(known.len(), 755);
    assert_eq!(known.difference(&ours).collect::<Vec<_>>(), Vec::<&String>::new(), "missing here");
    assert_eq!(ours.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "not known");
    let foreign: Vec<_> =
        rules::all().filter(|rule| !rule.known() && known.contains(rule.id.as_ref())).collect();
    assert!(foreign.is_empty(), "known, and said to be ours: {foreign:?}");
}

#[test]
fn an_id_is_one_word_in_kebab_case_and_names_one_rule() {
    let ids: Vec<&str> = rules::all().map(|rule| rule.id.as_ref()).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted, "in order, each once");
    for id in ids {
        let kebab =
            id.split('-').all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()));
        assert!(kebab, "{id}");
        assert!(std::ptr::eq(rules::find(id).unwrap(), rules::find(id).unwrap()));
        assert_eq!(rules::find(id).unwrap().id, id);
    }
    assert!(rules::find("request-body-maximum-decreased").is_none());
}

#[test]
fn levels_are_those_that_users_know_but_for_the_listed_differences() {
    let known = catalogue();
    for rule in rules::all().filter(|rule| rule.known()) {
        let theirs = &known[rule.id.as_ref()];
        match differences::of(&rule.id) {
            None => assert_eq!(rule.level, theirs.level, "{}", rule.id),
            Some(difference) => {
                assert_eq!(difference.theirs, theirs.level, "{}", rule.id);
                assert_eq!(difference.ours, rule.level, "{}", rule.id);
                assert_ne!(difference.ours, difference.theirs, "{}", rule.id);
            }
        }
        if let Some(direction) = theirs.direction {
            assert_eq!(rule.direction, direction, "{}", rule.id);
        }
    }
    for id in differences::DIFFERENCES.iter().flat_map(|difference| difference.ids) {
        assert!(rules::find(id).is_some_and(Rule::known), "{id} is no known rule");
    }
}

#[test]
fn known_ids_that_are_never_found_are_few_and_each_has_its_reason() {
    let silent: Vec<&str> = silent::SILENT.iter().flat_map(|silent| silent.ids.iter().copied()).collect();
    assert!(silent.len() <= 40, "{} of 755", silent.len());
    for id in silent {
        let rule = rules::find(id).unwrap_or_else(|| panic!("{id} is no rule"));
        assert!(rule.known(), "{id}");
        assert!(rule.silent().is_some_and(|reason| reason.ends_with('.')), "{id}");
    }
}

#[test]
fn what_narrows_breaks_requests_and_what_widens_breaks_responses() {
    for (place, what, level) in [
        (Place::RequestProperty, What::MaxDecreased, Level::Error),
        (Place::ResponseProperty, What::MaxDecreased, Level::Info),
        (Place::RequestBody, What::EnumRemoved, Level::Info),
        (Place::ResponseBody, What::EnumRemoved, Level::Error),
        (Place::RequestParameter, What::StyleChanged, Level::Error),
        (Place::ResponseHeader, What::StyleChanged, Level::Error),
        (Place::RequestProperty, What::NotChanged, Level::Warn),
        (Place::ResponseProperty, What::DefaultValueChanged, Level::Info),
    ] {
        assert_eq!(rules::of(place, what).level, level, "{place:?} {what:?}");
    }
}

#[test]
fn every_pair_of_a_place_and_a_change_has_a_rule_of_that_name() {
    for place in Place::ALL {
        for &what in What::ALL {
            let rule = rules::of(place, what);
            if rule.id != "response-mediatype-enum-value-removed" {
                assert_eq!(rule.id, format!("{}-{}", place.as_str(), what.as_str()));
            }
            assert_eq!(rule.direction, place.direction());
        }
    }
}

#[test]
fn every_rule_says_what_it_reports_and_why_and_how_it_is_mended() {
    for rule in rules::all() {
        for text in [rule.what(), rule.why(), rule.mend()] {
            assert!(text.len() > 15 && text.ends_with('.'), "{}: {text}", rule.id);
            assert!(!text.contains(['{', '}', '[', ']', '|', '\n', '…']), "{}: {text}", rule.id);
            assert!(!text.contains("  ") && !text.contains(".."), "{}: {text}", rule.id);
            assert!(
                text.starts_with(|first: char| first.is_uppercase() || first == '`'),
                "{}: {text}",
                rule.id
            );
        }
    }
}

#[test]
fn a_sentence_reads_with_all_of_its_arguments_and_without_any() {
    let sentence = |id: &str, arguments: &[(&'static str, &str)]| {
        let arguments: Vec<_> = arguments.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        rules::find(id).unwrap().sentence(&arguments)
    };
    insta::assert_snapshot!(
        [
            sentence("request-property-max-decreased", &[("name", "age"), ("from", "10"), ("to", "5")]),
            sentence("request-property-max-decreased", &[("name", "age"), ("to", "5")]),
            sentence("request-property-max-decreased", &[]),
            sentence("request-body-became-enum", &[("name", "application/json")]),
            sentence("request-parameter-became-required", &[("name", "limit"), ("in", "query")]),
            sentence("request-parameter-became-required", &[("name", "limit")]),
            sentence("request-parameter-property-type-changed", &[("name", "a/b"), ("parameter", "filter")]),
            sentence("request-parameter-property-type-changed", &[("name", "a/b")]),
            sentence("response-property-became-undecided", &[("name", "a"), ("construct", "`if`")]),
            sentence("api-removed-before-sunset", &[("from", "2030-01-01")]),
            sentence("api-removed-before-sunset", &[]),
        ]
        .join("\n"),
        @r"
    the maximum of the request property `age` falls from 10 to 5
    the maximum of the request property `age` falls to 5
    the maximum of the request property `…` falls
    the request body of type `application/json` is now restricted to a list of values
    the query parameter `limit` is now required
    the parameter `limit` is now required
    the type of the property `a/b` of the parameter `filter` changes
    the type of the property `a/b` of a parameter changes
    it cannot be decided whether the change of the response property `a` is compatible: it turns on `if`
    the operation is gone before the day 2030-01-01 that was announced
    the operation is gone before the day that was announced
    "
    );
}

#[test]
fn a_foreign_argument_stays_one_line_of_bounded_length_and_is_no_template() {
    let value = format!("{{subject}}\n::error::[{}", "x".repeat(4000));
    let sentence = rules::of(Place::RequestProperty, What::PatternAdded)
        .sentence(&[("name", "{to}".to_owned()), ("to", value)]);
    assert!(
        sentence.starts_with("the request property `{to}` must now match a pattern: `{subject} : :error: :[")
    );
    assert!(sentence.chars().count() < 300, "{sentence}");
    assert!(!sentence.contains('\n'));
}
