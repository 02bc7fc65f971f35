//! Whose label accepts a breaking change.

use insta::assert_snapshot;
use rollgate::github::accept::{self, LABEL};

use super::{HEAD, Scene};
use crate::support::fake_github::Fault;

const SET: &str = "2026-11-20T13:00:00Z";

async fn told(scene: &Scene) -> String {
    let acceptance = accept::read(&scene.api, &scene.pull_request(), LABEL).await;
    let word = if acceptance.is_accepted() { "accepted" } else { "not accepted" };
    acceptance.note(LABEL).map_or_else(|| word.to_owned(), |note| format!("{word}: {note}"))
}

/// A pull request with the label on it.
fn labelled(name: &str) -> Scene {
    let scene = Scene::checked(name);
    scene.repository.pull(7, HEAD, "feature", &["bug", LABEL]);
    scene
}

#[tokio::test]
async fn without_the_label_nothing_is_accepted() {
    let scene = Scene::checked("no-label");
    scene.repository.pull(7, HEAD, "feature", &["bug"]);
    assert_snapshot!(told(&scene).await, @"not accepted");
}

#[tokio::test]
async fn whoever_may_triage_accepts() {
    let mut all = Vec::new();
    for (role, permission) in
        [("triage", "read"), ("write", "write"), ("maintain", "write"), ("admin", "admin"), ("read", "read")]
    {
        let scene = labelled(&format!("role-{role}"));
        scene.repository.rights("mona", permission, role);
        scene.repository.label_event("labeled", "bug", Some("hubot"), SET);
        scene.repository.label_event("labeled", LABEL, Some("mona"), SET);
        all.push(format!("{role}: {}", told(&scene).await));
    }
    assert_snapshot!(all.join("\n"), @r"
    triage: accepted: breaking changes are accepted by the label rollgate:accept-breaking, set by mona at 2026-11-20T13:00:00Z
    write: accepted: breaking changes are accepted by the label rollgate:accept-breaking, set by mona at 2026-11-20T13:00:00Z
    maintain: accepted: breaking changes are accepted by the label rollgate:accept-breaking, set by mona at 2026-11-20T13:00:00Z
    admin: accepted: breaking changes are accepted by the label rollgate:accept-breaking, set by mona at 2026-11-20T13:00:00Z
    read: not accepted: the label rollgate:accept-breaking does not count: mona, who set it, may not triage; somebody with that right has to set it
    ");
}

#[tokio::test]
async fn a_stranger_does_not_accept() {
    let scene = labelled("stranger");
    scene.repository.label_event("labeled", LABEL, Some("mallory"), SET);
    assert_snapshot!(told(&scene).await, @"not accepted: the label rollgate:accept-breaking does not count: mallory, who set it, is no collaborator");
}

#[tokio::test]
async fn who_set_it_last_counts() {
    let scene = labelled("set-again");
    scene.repository.rights("mona", "admin", "admin");
    scene.repository.rights("mallory", "read", "read");
    scene.repository.label_event("labeled", LABEL, Some("mona"), "2026-11-20T13:00:00Z");
    scene.repository.label_event("unlabeled", LABEL, Some("mona"), "2026-11-20T14:00:00Z");
    scene.repository.label_event("labeled", &LABEL.to_uppercase(), Some("mallory"), "2026-11-20T15:00:00Z");
    assert_snapshot!(told(&scene).await, @"not accepted: the label rollgate:accept-breaking does not count: mallory, who set it, may not triage; somebody with that right has to set it");
}

#[tokio::test]
async fn a_label_that_is_off_by_its_events_does_not_count() {
    let scene = labelled("taken-off");
    scene.repository.rights("mona", "admin", "admin");
    scene.repository.label_event("labeled", LABEL, Some("mona"), SET);
    scene.repository.label_event("unlabeled", LABEL, Some("mona"), SET);
    assert_snapshot!(told(&scene).await, @"not accepted");
}

#[tokio::test]
async fn a_label_set_before_the_newest_commit_counts_and_the_report_says_so() {
    let scene = labelled("before-head");
    scene.repository.rights("mona", "write", "write");
    scene.repository.label_event("labeled", LABEL, Some("mona"), "2026-11-19T13:00:00Z");
    assert_snapshot!(told(&scene).await, @"accepted: breaking changes are accepted by the label rollgate:accept-breaking, set by mona at 2026-11-19T13:00:00Z, before the newest commit");
}

#[tokio::test]
async fn a_label_that_nobody_set_or_somebody_who_is_gone_does_not_count() {
    let nobody = labelled("nobody");
    assert_snapshot!(told(&nobody).await, @"not accepted: the label rollgate:accept-breaking does not count: no event tells who set it; take it off and set it again");
    // GitHub's description knows no event without an actor, GitHub does.
    let gone = Scene::direct("gone");
    gone.repository.pull(7, HEAD, "feature", &[LABEL]);
    gone.repository.label_event("labeled", LABEL, None, SET);
    assert_snapshot!(told(&gone).await, @"not accepted: the label rollgate:accept-breaking does not count: who set it has no account any more; set it again");
}

#[tokio::test]
async fn the_event_on_a_later_page_is_found() {
    let scene = labelled("event-pages");
    scene.repository.rights("mona", "write", "write");
    for _ in 0..101 {
        scene.repository.label_event("labeled", "bug", Some("hubot"), SET);
    }
    scene.repository.label_event("labeled", LABEL, Some("mona"), SET);
    assert!(told(&scene).await.starts_with("accepted"));
}

#[tokio::test]
async fn what_cannot_be_read_is_not_accepted() {
    let scene = Scene::direct("unreadable");
    scene.repository.pull(7, HEAD, "feature", &[LABEL]);
    scene.repository.always("GET", "/events", &Fault::refusal(403, "Resource not accessible by integration"));
    assert_snapshot!(told(&scene).await, @"not accepted: whether the label rollgate:accept-breaking is set could not be read: GitHub answered 403: Resource not accessible by integration; the job needs `permissions: pull-requests: read` and `issues: read`");
}
