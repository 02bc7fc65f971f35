//! What each event tells: the commit to publish on, the pull request, the base, and whom to trust.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use rollgate::github::{Event, Overrides};
use serde_json::{Value, json};

use super::{HEAD, pull_request, runner};

/// The other commit names of the examples.
fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

fn read(environment: &BTreeMap<String, String>, payload: &Value) -> String {
    read_with(environment, payload, &Overrides::default())
}

fn read_with(environment: &BTreeMap<String, String>, payload: &Value, overrides: &Overrides) -> String {
    match Event::read(environment, payload.to_string().as_bytes(), overrides) {
        Ok(event) => shown(&event),
        Err(error) => format!("error: {error}"),
    }
}

fn shown(event: &Event) -> String {
    let mut lines = vec![format!("{} in {} by {}", event.kind.as_str(), event.repository, event.actor)];
    lines.push(format!("publish on {}", &event.commit.as_str()[..8]));
    if let Some(number) = event.pull_request {
        lines.push(format!("pull request #{number}"));
    }
    if let Some(base) = &event.base {
        let at = base.sha.as_ref().map_or("?", |sha| &sha.as_str()[..8]);
        lines.push(format!("base {} at {at}", base.branch));
    }
    if let Some(head) = &event.head {
        let of = head.repository.as_ref().map_or("?".to_owned(), ToString::to_string);
        lines.push(format!("head {} of {of}", head.branch));
    }
    if let Some(before) = &event.before {
        lines.push(format!("before {}", &before.as_str()[..8]));
    }
    if event.is_fork {
        lines.push("from a fork".into());
    }
    lines.push(if event.trusted { "trusted".into() } else { "not trusted".into() });
    lines.join("\n")
}

#[test]
fn a_push_is_published_on_what_was_pushed() {
    let payload = json!({ "ref": "refs/heads/main", "before": sha('a'), "after": sha('9'),
        "repository": { "full_name": "octo/shop", "default_branch": "main" } });
    assert_snapshot!(read(&runner("push"), &payload), @"
    push in octo/shop by mona
    publish on 99999999
    head main of octo/shop
    before aaaaaaaa
    trusted
    ");
    let first = json!({ "before": sha('0'), "after": sha('9') });
    assert_snapshot!(read(&runner("push"), &first), @"
    push in octo/shop by mona
    publish on 99999999
    head main of octo/shop
    trusted
    ");
}

#[test]
fn a_pull_request_is_published_on_its_head_and_not_on_its_merge() {
    let payload: Value = serde_json::from_str(&pull_request("Octo/Shop")).unwrap();
    assert_snapshot!(read(&runner("pull_request"), &payload), @"
    pull_request in octo/shop by mona
    publish on 11111111
    pull request #7
    base main at bbbbbbbb
    head feature of Octo/Shop
    trusted
    ");
}

#[test]
fn a_fork_is_not_trusted() {
    let payload: Value = serde_json::from_str(&pull_request("mallory/shop")).unwrap();
    assert_snapshot!(read(&runner("pull_request"), &payload), @"
    pull_request in octo/shop by mona
    publish on 11111111
    pull request #7
    base main at bbbbbbbb
    head feature of mallory/shop
    from a fork
    not trusted
    ");
}

#[test]
fn a_head_whose_repository_is_gone_is_not_trusted() {
    let mut payload: Value = serde_json::from_str(&pull_request("octo/shop")).unwrap();
    payload["pull_request"]["head"]["repo"] = Value::Null;
    assert_snapshot!(read(&runner("pull_request"), &payload), @"
    pull_request in octo/shop by mona
    publish on 11111111
    pull request #7
    base main at bbbbbbbb
    head feature of ?
    from a fork
    not trusted
    ");
}

#[test]
fn pull_request_target_trusts_nobodys_head() {
    let payload: Value = serde_json::from_str(&pull_request("octo/shop")).unwrap();
    assert_snapshot!(read(&runner("pull_request_target"), &payload), @"
    pull_request_target in octo/shop by mona
    publish on 11111111
    pull request #7
    base main at bbbbbbbb
    head feature of octo/shop
    not trusted
    ");
}

#[test]
fn a_merge_group_is_published_on_the_queues_commit() {
    let payload = json!({ "action": "checks_requested", "merge_group": {
        "head_sha": sha('3'), "base_sha": sha('b'), "base_ref": "refs/heads/release/1.x",
        "head_ref": format!("refs/heads/gh-readonly-queue/release/1.x/pr-104-{}", sha('b')) } });
    assert_snapshot!(read(&runner("merge_group"), &payload).replace(&sha('b'), "B"), @"
    merge_group in octo/shop by mona
    publish on 33333333
    pull request #104
    base release/1.x at bbbbbbbb
    head gh-readonly-queue/release/1.x/pr-104-B of octo/shop
    trusted
    ");
}

#[test]
fn a_push_to_a_queues_branch_names_its_pull_request() {
    let mut environment = runner("push");
    let branch = format!("refs/heads/gh-readonly-queue/main/pr-7-{}", sha('b'));
    environment.insert("GITHUB_REF".into(), branch);
    assert_snapshot!(read(&environment, &json!({ "after": sha('3') })).replace(&sha('b'), "B"), @"
    push in octo/shop by mona
    publish on 33333333
    pull request #7
    base main at ?
    head gh-readonly-queue/main/pr-7-B of octo/shop
    trusted
    ");
}

#[test]
fn branches_that_only_look_like_a_queues_name_no_pull_request() {
    for branch in
        ["gh-readonly-queue/main/pr-x-1", "gh-readonly-queue/pr-1-2", "gh-readonly-queue/main/pr-0-", "x"]
    {
        let mut environment = runner("push");
        environment.insert("GITHUB_REF".into(), format!("refs/heads/{branch}"));
        assert!(!read(&environment, &json!({ "after": sha('3') })).contains('#'), "{branch}");
    }
}

#[test]
fn a_workflow_run_is_published_on_the_commit_of_the_run_before() {
    let pull = |number: u64, head: char| json!({ "number": number, "head": { "ref": "feature", "sha": sha(head) }, "base": { "ref": "main", "sha": sha('b') } });
    let payload = json!({ "action": "completed", "workflow_run": {
        "head_sha": HEAD, "head_branch": "feature", "head_repository": { "full_name": "octo/shop" },
        "pull_requests": [pull(6, '2'), pull(7, '1')] } });
    assert_snapshot!(read(&runner("workflow_run"), &payload), @"
    workflow_run in octo/shop by mona
    publish on 11111111
    pull request #7
    base main at bbbbbbbb
    head feature of octo/shop
    not trusted
    ");
    let fork = json!({ "workflow_run": { "head_sha": HEAD, "head_branch": "patch-1",
        "head_repository": { "full_name": "mallory/shop" }, "pull_requests": [] } });
    assert_snapshot!(read(&runner("workflow_run"), &fork), @"
    workflow_run in octo/shop by mona
    publish on 11111111
    head patch-1 of mallory/shop
    from a fork
    not trusted
    ");
}

#[test]
fn by_hand_and_by_the_clock_it_is_the_checked_out_commit_or_the_given_one() {
    let none = json!({});
    assert_snapshot!(read(&runner("schedule"), &none), @"
    schedule in octo/shop by mona
    publish on 99999999
    head main of octo/shop
    trusted
    ");
    let given = Overrides { commit: Some(sha('5').parse().unwrap()), pull_request: Some(7) };
    assert_snapshot!(read_with(&runner("workflow_dispatch"), &none, &given), @"
    workflow_dispatch in octo/shop by mona
    publish on 55555555
    pull request #7
    head main of octo/shop
    trusted
    ");
}

#[test]
fn a_commit_is_not_given_to_an_event_that_tells_its_own() {
    let payload: Value = serde_json::from_str(&pull_request("octo/shop")).unwrap();
    let given = Overrides { commit: Some(sha('5').parse().unwrap()), pull_request: None };
    assert_snapshot!(read_with(&runner("pull_request"), &payload, &given), @"error: read the event: the commit is given, but pull_request tells it itself; leave it out, or use workflow_dispatch or schedule");
}

#[test]
fn the_workflow_run_is_named_and_has_a_page() {
    let event = Event::read(&runner("schedule"), b"{}", &Overrides::default()).unwrap();
    assert_eq!(event.run_url.as_deref(), Some("https://github.com/octo/shop/actions/runs/1234"));
    assert_eq!(event.run.as_deref(), Some("1234.2"));
    let mut enterprise = runner("schedule");
    enterprise.insert("GITHUB_SERVER_URL".into(), "https://git.example.com/".into());
    let event = Event::read(&enterprise, b"{}", &Overrides::default()).unwrap();
    assert_eq!(event.run_url.as_deref(), Some("https://git.example.com/octo/shop/actions/runs/1234"));
}
