//! What becomes of publishing when GitHub refuses, breaks off, is slow or is not there: a note, never a second copy.
//!
//! These answers are no valid ones by GitHub's description, so the fake is asked directly.

use std::time::Duration;

use insta::assert_snapshot;
use rollgate::github::{CommentMode, Limits, Settings};
use rollgate::report::publication::Conclusion;
use rollgate::support::units::Millis;

use super::{HEAD, NOW, Scene, publication};
use crate::support::fake_github::Fault;

fn everything() -> Settings {
    Settings { comment: CommentMode::Always, ..Settings::default() }
}

/// A pull request whose gate failed with three annotations.
fn scene(name: &str) -> Scene {
    let scene = Scene::direct(name);
    scene.repository.pull(7, HEAD, "feature", &[]);
    scene
}

async fn published(scene: &Scene) -> String {
    scene.publish(&[publication("web", Conclusion::Failed, 3)], &scene.pull_request(), &everything()).await
}

/// The notes, and how many of each there are in the end.
async fn outcome(scene: &Scene) -> String {
    let published = published(scene).await;
    let notes: Vec<&str> = published.lines().filter(|line| !line.contains("https://")).collect();
    let (statuses, runs, comments) = (
        scene.repository.statuses().len(),
        scene.repository.check_runs().join("; "),
        scene.repository.comments().len(),
    );
    format!("{}\nstatuses {statuses}, comments {comments}, check runs: {runs}", notes.join("\n"))
}

#[tokio::test]
async fn a_token_that_may_only_read_leaves_three_notes() {
    let scene = scene("read-only");
    let refusal = Fault::refusal(403, "Resource not accessible by integration");
    for part in ["/statuses/", "/check-runs", "/comments"] {
        scene.repository.always("POST", part, &refusal);
    }
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub answered 403: Resource not accessible by integration; the job needs `permissions: statuses: write`, which a pull request from a fork never gets
    note: the check run rollgate/web/schema was not written: GitHub answered 403: Resource not accessible by integration; the job needs `permissions: checks: write`, which a pull request from a fork never gets
    note: the comment was not written: GitHub answered 403: Resource not accessible by integration; the job needs `permissions: pull-requests: write`, which a pull request from a fork never gets
    ");
}

#[tokio::test]
async fn a_personal_token_makes_no_check_run() {
    let scene = scene("personal");
    let refusal = Fault::refusal(403, "You must authenticate via a GitHub App.");
    scene.repository.always("POST", "/check-runs", &refusal);
    assert_snapshot!(outcome(&scene).await, @r"
    note: the check run rollgate/web/schema was not written: GitHub answered 403: You must authenticate via a GitHub App; check runs need GITHUB_TOKEN or the token of an app, not a personal access token
    statuses 1, comments 1, check runs:
    ");
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_tried_once() {
    let scene = scene("bad-token");
    scene.repository.always("POST", "/statuses/", &Fault::refusal(401, "Bad credentials"));
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub answered 401: Bad credentials; the token is not valid or has expired
    note: nothing else was published to GitHub
    ");
    assert_eq!(scene.repository.requests().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_valid_are_told_with_githubs_words() {
    let scene = scene("refusals");
    scene.repository.always("POST", "/statuses/", &Fault::refusal(404, "Not Found"));
    let invalid = r#"{"message": "Validation Failed", "errors": [{"message": "title is a workflow ::error:: command"}, "x\ny"]}"#;
    scene.repository.always("POST", "/check-runs", &Fault::Answer(422, Vec::new(), invalid.into()));
    scene.repository.always("POST", "/comments", &Fault::refusal(410, "Issues are disabled for this repo"));
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub answered 404: Not Found; the job needs `permissions: statuses: write`, which a pull request from a fork never gets
    note: the check run rollgate/web/schema was not written: GitHub answered 422: Validation Failed: title is a workflow : :error: : command; x y
    note: the comment was not written: GitHub answered 410: Issues are disabled for this repo
    ");
}

#[tokio::test]
async fn an_annotation_that_github_does_not_take_costs_the_annotations_and_not_the_report() {
    let scene = scene("bad-annotation");
    let invalid = Fault::refusal(422, "Invalid request. No subschema in anyOf matched.");
    scene.repository.next("POST", "/check-runs", [Some(invalid)]);
    assert_snapshot!(published(&scene).await, @r"
    Status rollgate/web/schema: https://github.com/octo/bad-annotation/actions/runs/1234
    Check rollgate/web/schema: https://github.com/octo/repository/runs/3
    Comment : https://github.com/octo/repository/pull/7#issuecomment-4
    note: a part of the check run rollgate/web/schema was not written: GitHub answered 422: Invalid request. No subschema in anyOf matched
    ");
    assert_snapshot!(scene.repository.check_runs().join("\n"), @"rollgate/web/schema completed failure: 3 breaking changes, 0 annotations");
}

/// Everything is done in the end, once.
const ONCE: &str = "annotated: rollgate/web/schema
statuses 1, comments 1, check runs: rollgate/web/schema completed failure: 3 breaking changes, 3 annotations";

#[tokio::test]
async fn a_lost_answer_duplicates_nothing() {
    for (name, fault) in [
        ("lost", Fault::Lost),
        ("half", Fault::Half),
        ("garbled", Fault::Garbled),
        ("bad-gateway", Fault::DoneThen(502, "<html>".into())),
    ] {
        let scene = scene(name);
        for part in ["/statuses/", "/check-runs", "/comments"] {
            scene.repository.next("POST", part, [Some(fault.clone())]);
        }
        assert_eq!(outcome(&scene).await, ONCE, "{name}");
    }
}

#[tokio::test]
async fn what_was_not_done_is_done_again() {
    for (name, fault) in [
        ("closed", Fault::Closed),
        ("server-error", Fault::Answer(500, Vec::new(), "oops".into())),
        (
            "rate-limited",
            Fault::Answer(429, vec![("retry-after", "7".into())], "{\"message\": \"slow down\"}".into()),
        ),
    ] {
        let scene = scene(name);
        for part in ["/statuses/", "/check-runs", "/comments"] {
            scene.repository.next("POST", part, [Some(fault.clone()), Some(fault.clone())]);
        }
        assert_eq!(outcome(&scene).await, ONCE, "{name}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_appended_annotations_appends_none_twice() {
    let scene = scene("lost-append");
    scene.repository.next(
        "PATCH",
        "/check-runs/",
        [Some(Fault::Lost), None, Some(Fault::Closed), Some(Fault::Half)],
    );
    let gate = [publication("web", Conclusion::Failed, 230)];
    let settings = Settings { status: false, ..Settings::default() };
    scene.publish(&gate, &scene.pull_request(), &settings).await;
    assert_snapshot!(scene.repository.check_runs().join("\n"), @"rollgate/web/schema completed failure: 230 breaking changes, 230 annotations");
}

#[tokio::test]
async fn a_lost_answer_to_an_updated_comment_is_looked_for() {
    let scene = scene("lost-update");
    scene.repository.comment("github-actions[bot]", "Bot", "<!-- rollgate:schema: -->\n\nold");
    scene.repository.next("PATCH", "/comments/", [Some(Fault::Lost)]);
    assert_eq!(outcome(&scene).await, ONCE);
    assert_eq!(scene.repository.bodies("PATCH", "/comments/").len(), 1);
}

#[tokio::test]
async fn a_server_that_only_fails_leaves_notes_after_four_attempts_each() {
    let scene = scene("down");
    for part in ["/statuses/", "/check-runs", "/comments"] {
        scene.repository.always("POST", part, &Fault::Answer(503, Vec::new(), "\u{1b}[31municorn".into()));
    }
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub gave no clear answer: status 503: [31municorn
    note: the check run rollgate/web/schema was not written: GitHub gave no clear answer: status 503: [31municorn
    note: the comment was not written: GitHub gave no clear answer: status 503: [31municorn
    ");
    assert_eq!(scene.repository.bodies("POST", "/statuses/").len(), 4);
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_not_sent_again() {
    let scene = scene("blind");
    scene.repository.next("POST", "/comments", [Some(Fault::Lost)]);
    // The first list is read before the comment is written.
    let mut lists = vec![None];
    lists.resize(40, Some(Fault::Answer(500, Vec::new(), String::new())));
    scene.repository.next("GET", "/comments", lists);
    assert_snapshot!(outcome(&scene).await, @r"
    annotated: rollgate/web/schema
    note: the comment was not written: GitHub gave no clear answer: the answer broke off: connection closed before message completed
    statuses 1, comments 1, check runs: rollgate/web/schema completed failure: 3 breaking changes, 3 annotations
    ");
    assert_eq!(scene.repository.bodies("POST", "/comments").len(), 1);
}

#[tokio::test]
async fn a_status_that_cannot_be_looked_for_is_set_again_since_the_newest_counts() {
    let scene = scene("blind-status");
    scene.repository.next("POST", "/statuses/", [Some(Fault::Closed)]);
    scene.repository.always(
        "GET",
        "/statuses",
        &Fault::refusal(403, "Resource not accessible by integration"),
    );
    assert_eq!(outcome(&scene).await, ONCE);
}

/// The limit of a request is real time here: short, since nothing comes.
fn impatient(name: &str) -> Scene {
    let limits = Limits { request: Millis(2_000), attempts: 2, ..Limits::default() };
    let scene = Scene::direct_with(name, limits);
    scene.repository.pull(7, HEAD, "feature", &[]);
    scene
}

#[tokio::test]
async fn an_answer_that_never_comes_is_not_waited_for() {
    let scene = impatient("silent");
    scene.repository.next("POST", "/check-runs", [Some(Fault::Silent)]);
    scene.repository.next("POST", "/comments", [Some(Fault::DoneSilent)]);
    let outcome = tokio::time::timeout(Duration::from_mins(1), outcome(&scene)).await.unwrap();
    // Nobody knows whether the silent server is still about to make the check run, so it is not sent again.
    assert_snapshot!(outcome, @r"
    note: the check run rollgate/web/schema was not written: GitHub gave no clear answer: no complete answer within 2s
    statuses 1, comments 1, check runs:
    ");
    assert_eq!(scene.repository.bodies("POST", "/check-runs").len(), 1);
}

#[tokio::test]
async fn a_reading_request_is_repeated_freely() {
    let scene = scene("reading");
    let faults = [Fault::Closed, Fault::Answer(502, Vec::new(), String::new()), Fault::Garbled];
    scene.repository.next("GET", "/check-runs", faults.map(Some));
    assert_eq!(outcome(&scene).await, ONCE);
}

#[tokio::test]
async fn rate_limits_are_waited_for_as_long_as_github_asks() {
    let reset = (NOW.0 / 1000 + 90).to_string();
    for (name, status, headers, message, pause) in [
        (
            "retry-after",
            403,
            vec![("retry-after", "20".to_owned())],
            "You have exceeded a secondary rate limit",
            "20s",
        ),
        (
            "reset",
            403,
            vec![("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", reset)],
            "API rate limit exceeded",
            "1m31s",
        ),
        ("secondary", 403, vec![], "You have exceeded a secondary rate limit. Please wait", "1m"),
        ("too-many", 429, vec![], "", "1m"),
    ] {
        let scene = scene(name);
        let body = serde_json::json!({ "message": message }).to_string();
        scene.repository.next("POST", "/statuses/", [Some(Fault::Answer(status, headers, body))]);
        assert_eq!(outcome(&scene).await, ONCE, "{name}");
        assert_eq!(scene.pauses()[0], pause, "{name}");
    }
}

#[tokio::test]
async fn a_limit_of_unknown_length_is_waited_for_longer_each_time() {
    let scene = scene("advised");
    let limited = || Some(Fault::refusal(403, "You have exceeded a secondary rate limit"));
    scene.repository.next("POST", "/statuses/", [limited(), limited()]);
    assert_eq!(outcome(&scene).await, ONCE);
    assert_eq!(scene.pauses()[..2], ["1m", "2m"]);
}

#[tokio::test]
async fn a_rate_limit_beyond_the_time_that_is_left_ends_in_a_note() {
    let scene = scene("long-limit");
    let far = Fault::Answer(429, vec![("retry-after", "3600".into())], "{\"message\": \"x\"}".into());
    scene.repository.always("POST", "/statuses/", &far);
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub's rate limit asks for a pause of 1h, longer than is left
    note: nothing else was published to GitHub
    ");
    assert_eq!(scene.pauses(), Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_once() {
    let scene = {
        let scene = scene("gone-server");
        // The port of a listener that is closed again.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Scene::at(scene.repository, &format!("http://127.0.0.1:{port}"), Limits::default())
    };
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub is not reached: Connection refused (os error 111)
    note: nothing else was published to GitHub
    ");
    assert_eq!(scene.pauses(), ["1s", "2s", "4s"]);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let scene = scene("redirect");
    let moved = Fault::Answer(307, vec![("location", scene.repository.direct.clone())], String::new());
    for part in ["/statuses/", "/check-runs", "/comments"] {
        scene.repository.always("POST", part, &moved);
    }
    assert_snapshot!(published(&scene).await, @r"
    note: the commit status rollgate/web/schema was not written: GitHub answered 307: a redirect, which is not followed
    note: the check run rollgate/web/schema was not written: GitHub answered 307: a redirect, which is not followed
    note: the comment was not written: GitHub answered 307: a redirect, which is not followed
    ");
}

#[tokio::test]
async fn a_dying_process_keeps_its_time() {
    let limits = Limits::of_a_dying_process();
    let scene = Scene::direct_with("dying", limits);
    scene.repository.always("POST", "/statuses/", &Fault::Answer(500, Vec::new(), String::new()));
    let settings = Settings { check: false, ..Settings::default() };
    let gate = [publication("web", Conclusion::Cancelled, 0)];
    let told = scene.publish(&gate, &scene.pull_request(), &settings).await;
    assert_snapshot!(told, @"note: the commit status rollgate/web/schema was not written: GitHub gave no clear answer: status 500: without a word");
    assert_eq!(scene.pauses(), ["1s", "2s"]);
}
