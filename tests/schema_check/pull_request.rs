//! Events: which commit is judged, and what it is compared with.

use insta::assert_snapshot;
use serde_json::json;

use super::scene::{PullRequest, Way};
use super::{broken, config, grown, notes, old, repository, run, told};

const CONFIG: &str = "web: { schema: { description: api.yaml } }";

#[test]
fn a_pull_request_is_judged_whatever_is_checked_out() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| _ = repo.write("openapi.yaml", broken()));
    assert_snapshot!(pull.in_every_way(&[]), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| _ = repo.write("openapi.yaml", grown()));
    assert_snapshot!(pull.in_every_way(&[]), @r"
    api passed: changed openapi.yaml endpoint-added
    exit code 0
    ");
}

#[test]
fn the_base_branchs_own_changes_are_none_of_the_pull_request() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| _ = repo.write("readme.md", ""));
    pull.repo.git(&["switch", "-q", "main"]);
    pull.repo.write("openapi.yaml", grown()).commit();
    for way in [Way::Merge, Way::Head, Way::Target] {
        assert_eq!(pull.checked(way, &[]), "api passed: unchanged openapi.yaml\nexit code 0", "{way:?}");
    }
}

#[test]
fn a_description_that_is_younger_than_the_branch_is_not_held_against_it() {
    let pull = PullRequest::of(&[("readme.md", "")], |repo| _ = repo.write("more.md", ""));
    pull.repo.git(&["switch", "-q", "main"]);
    pull.repo.write("api.yaml", old()).write(".rollgate.yaml", config(&[CONFIG]));
    let tip = pull.repo.commit().to_string();
    let pull = PullRequest { base: tip, ..pull };
    for way in [Way::Head, Way::Target] {
        assert_eq!(pull.checked(way, &[]), "web passed: unchanged api.yaml\nexit code 0", "{way:?}");
    }
}

#[test]
fn a_branch_from_before_the_description_cannot_bring_it_as_new() {
    let pull = PullRequest::of(&[("readme.md", "")], |repo| _ = repo.write("api.yaml", broken()));
    pull.repo.git(&["switch", "-q", "main"]);
    pull.repo.write("api.yaml", old()).write(".rollgate.yaml", config(&[CONFIG]));
    let tip = pull.repo.commit().to_string();
    let pull = PullRequest { base: tip, ..pull };
    for way in [Way::Head, Way::Target, Way::AfterRun] {
        assert_eq!(
            pull.checked(way, &[]),
            "web failed: changed api.yaml api-path-removed-without-deprecation\n  compared with commit BASE, since the \
             change began before the description was there\nexit code 1",
            "{way:?}"
        );
    }
}

#[test]
fn pushes_and_merge_groups_are_compared_with_what_was_there() {
    let repo = repository(&[("openapi.yaml", &old())]);
    let before = repo.sha("HEAD").to_string();
    repo.write("openapi.yaml", broken()).commit();
    let after = repo.write("note", "").commit().to_string();
    let event = tempfile::NamedTempFile::new().unwrap();
    let check = |name: &str, payload: serde_json::Value| {
        std::fs::write(event.path(), payload.to_string()).unwrap();
        let environment = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_EVENT_PATH", event.path().to_str().unwrap()),
            ("GITHUB_REPOSITORY", "octo/shop"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_SHA", &after),
        ];
        run(repo.path(), &environment, &["--format", "json"])
    };
    let push = check(
        "push",
        json!({ "before": before, "after": after, "repository": { "default_branch": "main" } }),
    );
    assert_snapshot!(told(&push), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    let group = check(
        "merge_group",
        json!({
            "action": "checks_requested",
            "merge_group": {
                "head_sha": after, "base_sha": before, "base_ref": "refs/heads/main",
                "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-x",
            },
        }),
    );
    assert_snapshot!(told(&group), @r"
    api failed: changed openapi.yaml api-path-removed-without-deprecation
    exit code 1
    ");
    // Without a change of its own, an event is a desk.
    let schedule = check("schedule", json!({ "repository": { "default_branch": "main" } }));
    assert_snapshot!(told(&schedule), @r"
    api passed: unchanged openapi.yaml
    exit code 0
    ");
    let release = check("release", json!({}));
    assert_eq!(notes(&release, "release").len(), 1);
    assert_eq!(told(&release), told(&schedule));
    // Behind these is a pull request, which would bring its own judge.
    let review = check("pull_request_review", json!({}));
    assert_snapshot!(told(&review), @r#"
    error: failed to read the event: "pull_request_review" is no event that Rollgate runs on; use one of push, pull_request, pull_request_target, merge_group, workflow_run, workflow_dispatch or schedule
    exit code 2
    "#);
}
