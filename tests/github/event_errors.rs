//! Payloads and environments that no GitHub sends: each error says where it is wrong and what mends it.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use rollgate::github::event::{PAYLOAD, payload};
use rollgate::github::{Event, EventKind, Overrides};
use serde_json::{Value, json};

use super::{pull_request, runner};
use crate::support::property;

fn error(environment: &BTreeMap<String, String>, payload: &[u8]) -> String {
    Event::read(environment, payload, &Overrides::default()).unwrap_err().to_string()
}

#[test]
fn the_runners_variables_are_needed_and_checked() {
    let without = |name: &str| {
        let mut environment = runner("schedule");
        environment.remove(name);
        error(&environment, b"{}")
    };
    let with = |name: &str, value: &str| {
        let mut environment = runner("schedule");
        environment.insert(name.into(), value.into());
        error(&environment, b"{}")
    };
    let told = [
        without("GITHUB_EVENT_NAME"),
        with("GITHUB_EVENT_NAME", ""),
        with("GITHUB_EVENT_NAME", "issue_comment\n::error::x"),
        without("GITHUB_REPOSITORY"),
        with("GITHUB_REPOSITORY", "octo/../shop"),
        with("GITHUB_REPOSITORY", "octo/.."),
        without("GITHUB_SHA"),
        with("GITHUB_SHA", "0000000000000000000000000000000000000000"),
        with("GITHUB_SHA", "main"),
        with("GITHUB_RUN_ID", "1/../2"),
    ];
    assert_snapshot!(told.join("\n"), @r#"
    read the event: GITHUB_EVENT_NAME is not set; inside a GitHub workflow the runner sets it
    read the event: GITHUB_EVENT_NAME is not set; inside a GitHub workflow the runner sets it
    read the event: "issue_comment : :error: :x" is no event that Rollgate runs on; use one of push, pull_request, pull_request_target, merge_group, workflow_run, workflow_dispatch or schedule
    read the event: GITHUB_REPOSITORY is not set; inside a GitHub workflow the runner sets it
    read the event: GITHUB_REPOSITORY is "octo/../shop", expected owner/name
    read the event: GITHUB_REPOSITORY is "octo/..", expected owner/name
    read the event: GITHUB_SHA is not set; inside a GitHub workflow the runner sets it
    read the event: GITHUB_SHA is "0000000000000000000000000000000000000000", expected a commit's name of 40 or 64 hexadecimal digits
    read the event: GITHUB_SHA is "main", expected a commit's name of 40 or 64 hexadecimal digits
    read the event: GITHUB_RUN_ID is "1/../2", expected a number
    "#);
}

/// A pull request's event with one field replaced.
fn with(path: &str, value: Value) -> String {
    let mut payload: Value = serde_json::from_str(&pull_request("octo/shop")).unwrap();
    *payload.pointer_mut(path).unwrap() = value;
    error(&runner("pull_request"), payload.to_string().as_bytes())
}

#[test]
fn a_field_of_another_type_is_named_by_its_path() {
    let told = [
        with("/pull_request", json!([])),
        with("/pull_request", Value::Null),
        with("/pull_request/head", json!("x")),
        with("/pull_request/head/sha", json!(5)),
        with("/pull_request/head/sha", json!("HEAD")),
        with("/pull_request/head/sha", json!("0".repeat(40))),
        with("/pull_request/head/ref", json!({})),
        with("/pull_request/head/ref", json!("a\nb")),
        with("/pull_request/head/repo", json!(true)),
        with("/pull_request/head/repo/full_name", json!("a/b/c")),
        with("/pull_request/base/sha", json!([1])),
        with("/pull_request/base/ref", json!("x".repeat(1025))),
        with("/pull_request/number", json!(-7)),
        with("/pull_request/number", json!(0)),
        with("/pull_request/number", json!(7.5)),
        with("/pull_request/number", json!("7")),
        with("/pull_request/number", json!(u64::MAX)),
        with("/action", json!(1)),
        with("/repository", json!("octo/shop")),
    ];
    assert_snapshot!(told.join("\n"), @r#"
    read the event: `pull_request` of the payload is a list, expected an object
    read the event: `pull_request` of the payload is missing, expected an object
    read the event: `pull_request.head` of the payload is a text, expected an object
    read the event: `pull_request.head.sha` of the payload is a number, expected a commit's name of 40 or 64 hexadecimal digits
    read the event: `pull_request.head.sha` of the payload is "HEAD", expected a commit's name of 40 or 64 hexadecimal digits
    read the event: `pull_request.head.sha` of the payload is "0000000000000000000000000000000000000000", expected a commit's name of 40 or 64 hexadecimal digits
    read the event: `pull_request.head.ref` of the payload is an object, expected a name
    read the event: `pull_request.head.ref` of the payload is "a b", expected a name of 1 to 1024 bytes without control characters
    read the event: `pull_request.head.repo` of the payload is a boolean, expected an object
    read the event: `pull_request.head.repo.full_name` of the payload is "a/b/c", expected owner/name
    read the event: `pull_request.base.sha` of the payload is a list, expected a commit's name of 40 or 64 hexadecimal digits
    read the event: `pull_request.base.ref` of the payload is "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…", expected a name of 1 to 1024 bytes without control characters
    read the event: `pull_request.number` of the payload is a negative number, expected a pull request's number
    read the event: `pull_request.number` of the payload is 0, expected a pull request's number
    read the event: `pull_request.number` of the payload is a fraction, expected a pull request's number
    read the event: `pull_request.number` of the payload is a text, expected a pull request's number
    read the event: `pull_request.number` of the payload is 18446744073709551615, expected a pull request's number
    read the event: `action` of the payload is a number, expected a name
    read the event: `repository` of the payload is a text, expected an object
    "#);
}

#[test]
fn an_event_without_its_part_of_the_payload_says_which() {
    let told: Vec<String> = EventKind::ALL
        .into_iter()
        .filter_map(|kind| Event::read(&runner(kind.as_str()), b"{}", &Overrides::default()).err())
        .map(|error| error.to_string())
        .collect();
    assert_snapshot!(told.join("\n"), @r"
    read the event: `pull_request` of the payload is missing, expected an object
    read the event: `pull_request` of the payload is missing, expected an object
    read the event: `merge_group` of the payload is missing, expected an object
    read the event: `workflow_run` of the payload is missing, expected an object
    ");
    let told = error(&runner("push"), br#"{"after": "0000000000000000000000000000000000000000"}"#);
    assert_snapshot!(told, @"read the event: the push deleted its branch or tag, so there is no commit to check");
    let told = error(&runner("workflow_run"), br#"{"workflow_run": {"head_sha": "1111111111111111111111111111111111111111", "pull_requests": [{"head": 5}]}}"#);
    assert_snapshot!(told, @"read the event: `workflow_run.pull_requests[0].head` of the payload is a number, expected an object");
}

#[test]
fn what_is_no_json_object_is_told_with_its_place() {
    let deep = "[".repeat(100_000);
    let told = [
        "",
        "null",
        "[]",
        "7",
        "{\"a\": }",
        "{\"action\": \"a\", \"action\": \"b\"}",
        "{",
        "\u{feff}{}",
        &deep,
    ]
    .map(|text| error(&runner("pull_request"), text.as_bytes()));
    assert_snapshot!(told.join("\n"), @r"
    read the event: its payload is no JSON object: EOF while parsing a value at line 1, column 0
    read the event: its payload is no JSON object: it is null
    read the event: its payload is no JSON object: it is a list
    read the event: its payload is no JSON object: it is a number
    read the event: its payload is no JSON object: expected value at line 1, column 7
    read the event: its payload is no JSON object: duplicate field `action` at line 1, column 24
    read the event: its payload is no JSON object: EOF while parsing an object at line 1, column 1
    read the event: its payload is no JSON object: expected value at line 1, column 1
    read the event: its payload is no JSON object: EOF while parsing a list at line 1, column 100000
    ");
    assert_snapshot!(error(&runner("pull_request"), b"{\"action\": \"\xff\"}"), @"read the event: its payload is no JSON object: invalid unicode code point at line 1, column 13");
}

#[test]
fn a_payload_that_is_too_long_is_refused_unread() {
    let long = vec![b' '; 64 * 1024 * 1024];
    assert_snapshot!(error(&runner("push"), &long), @"read the event: its payload is longer than 25 MiB, more than GitHub sends");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).display().to_string();
    std::fs::File::create(file("long")).unwrap().set_len(64 * 1024 * 1024).unwrap();
    std::fs::write(file("good"), "{}").unwrap();
    let read = |path: String| {
        payload(&BTreeMap::from([("GITHUB_EVENT_PATH".to_owned(), path)]))
            .map(|bytes| bytes.len())
            .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "FOLDER"))
    };
    assert_eq!(read(file("good")), Ok(2));
    let told = [
        read(file("long")),
        read(file("none")),
        read(folder.path().display().to_string()),
        read(String::new()),
    ];
    assert_snapshot!(told.map(Result::unwrap_err).join("\n"), @r"
    read the event: its payload is longer than 25 MiB, more than GitHub sends
    read the event's file FOLDER/none: there is no such file
    read the event's file FOLDER: it is not a regular file
    read the event: GITHUB_EVENT_PATH is not set; inside a GitHub workflow the runner sets it
    ");
}

#[test]
fn a_payload_as_long_as_github_sends_is_read() {
    let mut text = pull_request("octo/shop");
    text.pop();
    text.push_str(",\"filler\":[");
    while text.len() < PAYLOAD - 100 {
        text.push_str("[0],");
    }
    text.push_str("0]}");
    let event = Event::read(&runner("pull_request"), text.as_bytes(), &Overrides::default()).unwrap();
    assert_eq!(event.pull_request, Some(7));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "[0-9a-f]{40}".prop_map(Value::from),
        Just(Value::from("octo/shop")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            Just("sha"),
            Just("ref"),
            Just("repo"),
            Just("full_name"),
            Just("number"),
            Just("head"),
            Just("base")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn no_payload_makes_anything_but_an_event_or_one_safe_line() {
    let payloads = (
        prop::sample::select(EventKind::ALL.to_vec()),
        prop::collection::btree_map(
            prop::sample::select(vec![
                "pull_request",
                "merge_group",
                "workflow_run",
                "after",
                "before",
                "number",
                "repository",
            ])
            .prop_map(str::to_owned),
            any_json(),
            0..6,
        ),
    );
    property::check(500, &payloads, |(kind, members)| {
        let text = Value::Object(members.into_iter().collect()).to_string();
        match Event::read(&runner(kind.as_str()), text.as_bytes(), &Overrides::default()) {
            Ok(event) => prop_assert!(event.pull_request != Some(0)),
            Err(error) => {
                let said = error.to_string();
                prop_assert!(!said.contains(['\n', '\r']) && !said.contains("::"), "{}", said);
            }
        }
        Ok(())
    });
}
