//! What is published, on which commit, and how often.

use insta::{assert_debug_snapshot, assert_snapshot};
use rollgate::github::{CommentMode, Settings};
use rollgate::report::publication::{Conclusion, SUMMARY};
use serde_json::json;

use super::{HEAD, Scene, publication, pull_request};

fn commenting(comment: CommentMode) -> Settings {
    Settings { comment, ..Settings::default() }
}

#[tokio::test]
async fn a_verdict_becomes_a_status_a_check_run_and_a_comment() {
    let scene = Scene::checked("all-three");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let gates = [publication("web", Conclusion::Failed, 2), publication("pay", Conclusion::Passed, 0)];
    let published = scene.publish(&gates, &scene.pull_request(), &commenting(CommentMode::Always)).await;
    assert_snapshot!(published.replace(&scene.repository.name, "REPO"), @r"
    Status rollgate/web/schema: https://github.com/REPO/actions/runs/1234
    Status rollgate/pay/schema: https://github.com/REPO/actions/runs/1234
    Check rollgate/web/schema: https://github.com/octo/repository/runs/4
    Check rollgate/pay/schema: https://github.com/octo/repository/runs/5
    Comment : https://github.com/octo/repository/pull/7#issuecomment-6
    annotated: rollgate/pay/schema
    annotated: rollgate/web/schema
    ");
    assert_snapshot!(scene.requests(), @r"
    POST /repos/REPO/statuses/1111111111111111111111111111111111111111
    POST /repos/REPO/statuses/1111111111111111111111111111111111111111
    GET /repos/REPO/commits/1111111111111111111111111111111111111111/check-runs?check_name=rollgate%2Fweb%2Fschema&filter=all&per_page=100
    POST /repos/REPO/check-runs
    GET /repos/REPO/commits/1111111111111111111111111111111111111111/check-runs?check_name=rollgate%2Fpay%2Fschema&filter=all&per_page=100
    POST /repos/REPO/check-runs
    GET /repos/REPO/pulls/7
    POST /graphql
    GET /repos/REPO/issues/7/comments?per_page=100&page=1
    POST /repos/REPO/issues/7/comments
    ");
    assert_snapshot!(scene.repository.statuses().join("\n").replace(&scene.repository.name, "REPO"), @r"
    rollgate/web/schema failure: 2 breaking changes -> https://github.com/REPO/actions/runs/1234
    rollgate/pay/schema success: no breaking change -> https://github.com/REPO/actions/runs/1234
    ");
    assert_snapshot!(scene.repository.check_runs().join("\n"), @r"
    rollgate/web/schema completed failure: 2 breaking changes, 2 annotations
    rollgate/pay/schema completed success: no breaking change, 0 annotations
    ");
    assert_snapshot!(scene.repository.comments().join("\n"), @r"
    github-actions[bot]: <!-- rollgate:schema: -->

    ## web
    - change 0
    - change 1
    Read on in the report.

    ## pay
    Read on in the report.
    ");
    let mut first = scene.repository.bodies("POST", "/check-runs").remove(0);
    first["details_url"] = "".into();
    assert_snapshot!(serde_json::to_string_pretty(&first).unwrap(), @r###"
    {
      "conclusion": "failure",
      "details_url": "",
      "external_id": "rollgate:1234.2",
      "head_sha": "1111111111111111111111111111111111111111",
      "name": "rollgate/web/schema",
      "output": {
        "annotations": [
          {
            "annotation_level": "failure",
            "end_column": 3,
            "end_line": 1,
            "message": "the parameter is required now",
            "path": "api/openapi.yaml",
            "start_column": 3,
            "start_line": 1,
            "title": "change 000"
          },
          {
            "annotation_level": "failure",
            "end_column": 3,
            "end_line": 2,
            "message": "the parameter is required now",
            "path": "api/openapi.yaml",
            "start_column": 3,
            "start_line": 2,
            "title": "change 001"
          }
        ],
        "summary": "## web\n- change 0\n- change 1\nRead on in the report.",
        "title": "2 breaking changes"
      },
      "status": "completed"
    }
    "###);
}

#[tokio::test]
async fn writing_requests_keep_a_second_apart() {
    let scene = Scene::checked("paced");
    let gates = [publication("web", Conclusion::Passed, 0), publication("pay", Conclusion::Passed, 0)];
    let settings = Settings { check: false, ..Settings::default() };
    scene.publish(&gates, &scene.pull_request(), &settings).await;
    assert_eq!(scene.pauses(), ["1s"]);
}

#[tokio::test]
async fn a_request_names_its_sender_and_the_version_of_the_api() {
    let scene = Scene::direct("head");
    let settings = Settings { check: false, ..Settings::default() };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &scene.pull_request(), &settings).await;
    let head = scene.repository.first_head();
    for part in [
        concat!("\"user-agent\": \"rollgate/", env!("CARGO_PKG_VERSION"), "\""),
        "\"accept\": \"application/vnd.github+json\"",
        "\"x-github-api-version\": \"2022-11-28\"",
    ] {
        assert!(head.contains(part), "{part} in {head}");
    }
    assert!(!format!("{:?}", scene.api).contains(&scene.repository.token()));
}

#[tokio::test]
async fn each_conclusion_has_its_state() {
    let scene = Scene::checked("conclusions");
    for conclusion in [
        Conclusion::Pending,
        Conclusion::Passed,
        Conclusion::Failed,
        Conclusion::Undecided,
        Conclusion::Fault,
        Conclusion::Cancelled,
    ] {
        let service = format!("{conclusion:?}").to_lowercase();
        let gate = [publication(&service, conclusion, 0)];
        assert!(!scene.publish(&gate, &scene.pull_request(), &Settings::default()).await.contains("note"));
    }
    let states: Vec<String> = scene
        .repository
        .statuses()
        .into_iter()
        .zip(scene.repository.check_runs())
        .map(|(status, run)| format!("{} | {run}", status.split(" -> ").next().unwrap()))
        .collect();
    assert_snapshot!(states.join("\n"), @r"
    rollgate/pending/schema pending: comparing | rollgate/pending/schema in_progress -: comparing, 0 annotations
    rollgate/passed/schema success: no breaking change | rollgate/passed/schema completed success: no breaking change, 0 annotations
    rollgate/failed/schema failure: 1 breaking changes | rollgate/failed/schema completed failure: 1 breaking changes, 0 annotations
    rollgate/undecided/schema failure: 1 breaking changes | rollgate/undecided/schema completed action_required: 1 breaking changes, 0 annotations
    rollgate/fault/schema error: 1 breaking changes | rollgate/fault/schema completed failure: 1 breaking changes, 0 annotations
    rollgate/cancelled/schema error: 1 breaking changes | rollgate/cancelled/schema completed cancelled: 1 breaking changes, 0 annotations
    ");
}

#[tokio::test]
async fn a_pending_check_run_is_the_one_that_is_completed_later() {
    let scene = Scene::checked("pending");
    let event = scene.pull_request();
    scene.publish(&[publication("web", Conclusion::Pending, 0)], &event, &Settings::default()).await;
    scene.publish(&[publication("web", Conclusion::Failed, 3)], &event, &Settings::default()).await;
    assert_snapshot!(scene.repository.check_runs().join("\n"), @"rollgate/web/schema completed failure: 3 breaking changes, 3 annotations");
}

#[tokio::test]
async fn publishing_the_same_again_changes_nothing_but_the_status() {
    let scene = Scene::checked("again");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let event = scene.pull_request();
    for _ in 0..3 {
        let gate = [publication("web", Conclusion::Failed, 60)];
        scene.publish(&gate, &event, &commenting(CommentMode::Always)).await;
    }
    assert_snapshot!(scene.repository.check_runs().join("\n"), @"rollgate/web/schema completed failure: 60 breaking changes, 60 annotations");
    assert_eq!(scene.repository.comments().len(), 1);
    assert_eq!(scene.repository.bodies("PATCH", "/comments/").len(), 0);
}

#[tokio::test]
async fn annotations_are_sent_fifty_at_a_time_and_five_hundred_at_most() {
    let scene = Scene::checked("many-annotations");
    let gate = [publication("web", Conclusion::Failed, 501)];
    let settings = Settings { status: false, ..Settings::default() };
    let published = scene.publish(&gate, &scene.pull_request(), &settings).await;
    assert_snapshot!(published, @r"
    Check rollgate/web/schema: https://github.com/octo/repository/runs/2
    annotated: rollgate/web/schema
    note: the check run rollgate/web/schema has 500 of 501 annotations
    ");
    assert_snapshot!(scene.repository.check_runs().join("\n"), @"rollgate/web/schema completed failure: 501 breaking changes, 500 annotations");
    assert_eq!(scene.repository.bodies("PATCH", "/check-runs/").len(), 9);
}

#[tokio::test]
async fn texts_that_are_too_long_are_cut_to_what_github_takes() {
    let scene = Scene::checked("long");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let mut gate = publication("web", Conclusion::Failed, 1);
    gate.headline = "é".repeat(1_000);
    gate.body.blocks = vec!["ü".repeat(1_000); SUMMARY / 1_000];
    gate.annotations[0].title = "t".repeat(1_000);
    gate.annotations[0].message = "m".repeat(100_000);
    let published =
        scene.publish(&[gate.clone(), gate], &scene.pull_request(), &commenting(CommentMode::Always)).await;
    assert!(!published.contains("note"), "{published}");
    let status = &scene.repository.bodies("POST", "/statuses/")[0]["description"];
    assert_eq!(status.as_str().unwrap().chars().count(), 140);
    let comment = &scene.repository.bodies("POST", "/comments")[0]["body"];
    assert!(comment.as_str().unwrap().len() <= 65_536);
    assert_eq!(comment.as_str().unwrap().matches("more that do not fit here").count(), 2);
}

#[tokio::test]
async fn secrets_are_masked_wherever_they_would_be_published() {
    let scene = Scene::checked("masked");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let token = scene.repository.token();
    let mut gate = publication("web", Conclusion::Failed, 1);
    gate.headline = format!("saw {token}");
    gate.body.head = format!("saw {token}");
    gate.annotations[0].title = token.clone();
    gate.annotations[0].message = token.clone();
    scene.publish(&[gate], &scene.pull_request(), &commenting(CommentMode::Always)).await;
    let bodies: Vec<String> = scene.repository.bodies("POST", "").iter().map(ToString::to_string).collect();
    assert_eq!(bodies.len(), 4);
    assert!(!bodies.join("").contains(&token));
}

#[tokio::test]
async fn a_comment_appears_when_its_mode_says_so_and_is_kept_up_to_date_from_then_on() {
    let mut told = Vec::new();
    for mode in [CommentMode::Always, CommentMode::OnFailure, CommentMode::Changes, CommentMode::Off] {
        let scene = Scene::checked(&format!("mode-{}", mode.as_str()));
        scene.repository.pull(7, HEAD, "feature", &[]);
        let event = scene.pull_request();
        let mut silent = publication("web", Conclusion::Passed, 0);
        silent.body.blocks.clear();
        let mut changed = silent.clone();
        changed.body.blocks.push("- a new operation".into());
        let failed = publication("web", Conclusion::Failed, 1);
        let mut comments = Vec::new();
        for gate in [&silent, &changed, &failed, &silent] {
            let settings = Settings { status: false, check: false, comment: mode, ..Settings::default() };
            scene.publish(std::slice::from_ref(gate), &event, &settings).await;
            let now = scene.repository.comments();
            comments.push(now.first().map_or("-", |body| {
                if body.contains("- a new") {
                    "changed"
                } else if body.contains("- change") {
                    "failed"
                } else {
                    "silent"
                }
            }));
            assert!(now.len() <= 1);
        }
        told.push(format!("{}: {}", mode.as_str(), comments.join(", ")));
    }
    // Verdicts in turn: passed without a change, passed with one, failed, passed without a change.
    assert_snapshot!(told.join("\n"), @r"
    always: silent, changed, failed, silent
    on-failure: -, -, failed, silent
    changes: -, changed, failed, silent
    off: -, -, -, -
    ");
}

#[tokio::test]
async fn only_our_own_comment_is_written_to() {
    let scene = Scene::checked("planted");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let marker = "<!-- rollgate:schema: -->";
    scene.repository.comment("mallory", "User", &format!("{marker}\n\nplanted"));
    scene.repository.comment("github-actions", "User", &format!("{marker}\n\nplanted"));
    scene.repository.comment("github-actions[bot]", "Bot", &format!("quoting {marker}"));
    scene.repository.comment("github-actions[bot]", "Bot", "<!-- rollgate:canary: -->\n\nof the canary");
    let settings = Settings { status: false, check: false, ..commenting(CommentMode::Always) };
    for service in ["web", "pay"] {
        let gate = [publication(service, Conclusion::Passed, 0)];
        scene.publish(&gate, &scene.pull_request(), &settings).await;
    }
    assert_snapshot!(scene.repository.comments().join("\n---\n"), @r"
    mallory: <!-- rollgate:schema: -->

    planted
    ---
    github-actions: <!-- rollgate:schema: -->

    planted
    ---
    github-actions[bot]: quoting <!-- rollgate:schema: -->
    ---
    github-actions[bot]: <!-- rollgate:canary: -->

    of the canary
    ---
    github-actions[bot]: <!-- rollgate:schema: -->

    ## pay
    Read on in the report.
    ");
}

#[tokio::test]
async fn our_comment_is_found_on_any_page() {
    let scene = Scene::checked("pages");
    scene.repository.pull(7, HEAD, "feature", &[]);
    for at in 0..250 {
        scene.repository.comment("mona", "User", &format!("remark {at}"));
    }
    scene.repository.comment("github-actions[bot]", "Bot", "<!-- rollgate:schema: -->\n\nold");
    let settings = Settings { status: false, check: false, ..commenting(CommentMode::Always) };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &scene.pull_request(), &settings).await;
    assert_snapshot!(scene.requests(), @r"
    GET /repos/REPO/pulls/7
    POST /graphql
    GET /repos/REPO/issues/7/comments?per_page=100&page=1
    GET /repos/REPO/issues/7/comments?per_page=100&page=2
    GET /repos/REPO/issues/7/comments?per_page=100&page=3
    PATCH /repos/REPO/issues/comments/252
    ");
    assert_eq!(scene.repository.comments().len(), 251);
}

#[tokio::test]
async fn a_person_and_an_app_know_their_own_comments() {
    for (at, login, graphql) in
        [(0, "mona", true), (1, "mona", false), (2, "github-actions[bot]", false), (3, "our-app[bot]", true)]
    {
        let scene = Scene::direct(&format!("viewer-{at}"));
        scene.repository.acts_for(login, graphql);
        scene.repository.pull(7, HEAD, "feature", &[]);
        let settings = Settings { status: false, check: false, ..commenting(CommentMode::Always) };
        for service in ["web", "pay"] {
            let gate = [publication(service, Conclusion::Passed, 0)];
            scene.publish(&gate, &scene.pull_request(), &settings).await;
        }
        let comments = scene.repository.comments();
        assert_eq!(comments.len(), 1, "{login}: {comments:?}");
        assert!(comments[0].starts_with(login) && comments[0].contains("## pay"));
    }
}

#[tokio::test]
async fn comments_of_several_workflows_are_told_apart_by_their_name() {
    let scene = Scene::checked("names");
    scene.repository.pull(7, HEAD, "feature", &[]);
    for name in ["nightly", "--> <b>", "nightly"] {
        let settings = Settings {
            status: false,
            check: false,
            comment_name: name.into(),
            ..commenting(CommentMode::Always)
        };
        let gate = [publication("web", Conclusion::Passed, 0)];
        scene.publish(&gate, &scene.pull_request(), &settings).await;
    }
    let first_lines: Vec<String> =
        scene.repository.comments().iter().map(|body| body.lines().next().unwrap().to_owned()).collect();
    assert_debug_snapshot!(first_lines, @r#"
    [
        "github-actions[bot]: <!-- rollgate:schema:nightly -->",
        "github-actions[bot]: <!-- rollgate:schema:_____b_ -->",
    ]
    "#);
}

#[tokio::test]
async fn a_run_that_was_overtaken_does_not_write_over_the_newer_comment() {
    let scene = Scene::checked("overtaken");
    scene.repository.pull(7, &"2".repeat(40), "feature", &[]);
    let settings = commenting(CommentMode::Always);
    let gate = [publication("web", Conclusion::Passed, 0)];
    let published = scene.publish(&gate, &scene.pull_request(), &settings).await;
    assert!(
        published.ends_with(
            "note: the comment was not written: pull request #7 is at 2222222222222222222222222222222222222222 now"
        ),
        "{published}"
    );
    assert_eq!(scene.repository.comments().len(), 0);
    // The commit itself keeps its verdict.
    assert_eq!(scene.repository.statuses().len(), 1);
}

#[tokio::test]
async fn a_merge_queue_gets_a_status_on_its_own_commit_and_no_comment() {
    let scene = Scene::checked("queue");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let group = json!({ "action": "checks_requested", "merge_group": {
        "head_sha": "3".repeat(40), "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-7-{}", "b".repeat(40)),
        "base_sha": "b".repeat(40), "base_ref": "refs/heads/main" } });
    let event = scene.event("merge_group", &group.to_string());
    let settings = Settings { check: false, ..commenting(CommentMode::Always) };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &event, &settings).await;
    assert_snapshot!(scene.requests(), @"POST /repos/REPO/statuses/3333333333333333333333333333333333333333");
}

#[tokio::test]
async fn the_second_stage_of_a_fork_finds_its_pull_request() {
    let scene = Scene::checked("second-stage");
    scene.repository.pull(7, HEAD, "patch-1", &[]);
    let run = json!({ "action": "completed", "workflow_run": {
        "head_sha": HEAD, "head_branch": "patch-1", "head_repository": { "full_name": "mallory/shop" },
        "pull_requests": [] } });
    let event = scene.event("workflow_run", &run.to_string());
    let settings = Settings { check: false, ..commenting(CommentMode::Always) };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &event, &settings).await;
    assert_snapshot!(scene.requests(), @r"
    POST /repos/REPO/statuses/1111111111111111111111111111111111111111
    GET /repos/REPO/commits/1111111111111111111111111111111111111111/pulls?per_page=100
    GET /repos/REPO/pulls/7
    POST /graphql
    GET /repos/REPO/issues/7/comments?per_page=100&page=1
    POST /repos/REPO/issues/7/comments
    ");
    assert_eq!(scene.repository.comments().len(), 1);
}

#[tokio::test]
async fn the_second_stage_does_not_guess_between_pull_requests() {
    let scene = Scene::checked("ambiguous");
    for number in [7, 8] {
        scene.repository.pull(number, HEAD, "patch-1", &[]);
    }
    let run = json!({ "workflow_run": {
        "head_sha": HEAD, "head_branch": "patch-1", "head_repository": { "full_name": "mallory/shop" } } });
    let event = scene.event("workflow_run", &run.to_string());
    let settings = Settings { status: false, check: false, ..commenting(CommentMode::Always) };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &event, &settings).await;
    assert_eq!(scene.repository.comments().len(), 0);
}

#[tokio::test]
async fn an_enterprise_server_has_its_apis_below_a_path() {
    use rollgate::github::{Api, Endpoint, Limits};
    use rollgate::support::{http::Client, secret::SecretValue};

    let mut scene = Scene::direct("enterprise");
    scene.repository.pull(7, HEAD, "feature", &[]);
    let environment: std::collections::BTreeMap<String, String> =
        [("GITHUB_API_URL".to_owned(), format!("{}/api/v3", scene.repository.direct))].into();
    let endpoint = Endpoint::from_environment(&environment).unwrap();
    let token = SecretValue::new(&scene.repository.token()).unwrap();
    let timer = scene.timer.clone();
    scene.api = Api::open(&Client::new().unwrap(), endpoint, &token, timer, Limits::default()).unwrap();
    let settings = Settings { check: false, ..commenting(CommentMode::Always) };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &scene.pull_request(), &settings).await;
    assert_snapshot!(scene.requests(), @r"
    POST /api/v3/repos/REPO/statuses/1111111111111111111111111111111111111111
    GET /api/v3/repos/REPO/pulls/7
    POST /api/graphql
    GET /api/v3/repos/REPO/issues/7/comments?per_page=100&page=1
    POST /api/v3/repos/REPO/issues/7/comments
    ");
}

#[tokio::test]
async fn a_pull_request_of_a_fork_is_published_on_its_own_head() {
    let scene = Scene::checked("fork");
    let event = scene.event("pull_request", &pull_request("mallory/shop"));
    let settings = Settings { check: false, ..Settings::default() };
    scene.publish(&[publication("web", Conclusion::Passed, 0)], &event, &settings).await;
    assert_snapshot!(scene.requests(), @"POST /repos/REPO/statuses/1111111111111111111111111111111111111111");
}
