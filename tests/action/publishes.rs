//! A canary's step as the runner starts it: what it publishes, with a token that may write and with one that may not.

use std::path::PathBuf;

use serde_json::json;

use super::engine::image;
use super::runner::{COMMIT, Job};
use crate::canary::stage::Stage;
use crate::support::fake_github::{Fault, Repository};

const SHORT: &str = "      steps: [ { weight: 20%, for: 400ms, every: 200ms }, { weight: 100% } ]\n";

fn job(stage: &Stage, github: &Repository) -> Job {
    image();
    Job::on_push(stage.folder.path())
        .on_github(&github.name, &github.token(), &github.direct)
        .input("command", "canary-run")
        .input("canary-revision", "v2")
        .mount(stage.haproxy.socket().parent().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_published_on_the_commit_of_the_push() {
    let stage = Stage::set(SHORT).await;
    let github = Repository::new("step-canary");
    let job = job(&stage, &github).input("report", "reports/canary.md");
    let step = job.step();
    assert_eq!(step.code, Some(0), "{}", step.log);
    assert_eq!(stage.weights(), (100, 0));

    let shown = |name: &str| step.outputs.get(name).map(String::as_str);
    assert_eq!(shown("verdict"), Some("passed"));
    assert_eq!(shown("passed"), Some("true"));
    assert_eq!(shown("exit-code"), Some("0"));
    assert_eq!(shown("outcome"), Some("promoted"));
    assert_eq!(shown("weight"), Some("100"));
    assert_eq!(shown("report"), Some("reports/canary.md"));
    assert!(shown("check-url").unwrap().starts_with("https://github.com/"), "{:?}", step.outputs);

    let requests = github.requests();
    assert!(requests.iter().any(|request| request.ends_with(&format!("/statuses/{COMMIT}"))), "{requests:?}");
    let statuses = github.statuses();
    assert!(statuses[0].starts_with("rollgate/web/canary success: web: canary promoted"), "{statuses:?}");
    assert!(statuses[0].ends_with("-> https://github.com/octo/step-canary/actions/runs/77"), "{statuses:?}");
    let runs = github.check_runs();
    assert!(runs[0].starts_with("rollgate/web/canary completed success"), "{runs:?}");

    assert!(step.summary.starts_with("## ✅ web: canary promoted"), "{}", step.summary);
    let report = std::fs::read_to_string(job.workspace().join("reports/canary.md")).unwrap();
    assert!(report.contains("### Looks"), "{report}");
    // The runner's user can remove everything, and the token is nowhere.
    assert_eq!(job.strange_files(), [""; 0].map(PathBuf::from));
    assert_eq!(job.files_with(&github.token()), [""; 0].map(PathBuf::from));
    assert!(!step.log.contains(&github.token()), "{}", step.log);
    // What others say stands between marks that nobody can guess.
    let marks: Vec<_> = step.log.lines().filter(|line| line.starts_with("::")).collect();
    let token = marks[0].strip_prefix("::stop-commands::").unwrap();
    assert_eq!(marks, [format!("::stop-commands::{token}"), format!("::{token}::")]);
    assert!(token.len() >= 32, "{token}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_may_not_write_costs_notes_and_nothing_else() {
    let stage = Stage::set(SHORT).await;
    stage.canary.fail(0.5);
    let github = Repository::new("step-read-only");
    github.always("POST", "/", &Fault::refusal(403, "Resource not accessible by integration"));
    let step = job(&stage, &github).step();
    assert_eq!(step.code, Some(1), "{}", step.log);
    assert_eq!(stage.weights(), (0, 100));
    assert_eq!(step.outputs["verdict"], "failed");
    assert_eq!(step.outputs["outcome"], "rolled-back");
    assert!(step.log.contains("Resource not accessible by integration"), "{}", step.log);
    assert!(step.log.contains("permissions: statuses: write"), "{}", step.log);
    assert!(step.summary.contains("rolled back by the gate"), "{}", step.summary);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_canary_is_not_carried_with_a_strangers_configuration() {
    let stage = Stage::set(SHORT).await;
    let github = Repository::new("step-stranger");
    let pull = |fork: bool| {
        let head = if fork { "mallory/shop" } else { github.name.as_str() };
        json!({
            "action": "opened",
            "number": 7,
            "pull_request": {
                "number": 7,
                "head": { "ref": "change", "sha": COMMIT, "repo": { "full_name": head } },
                "base": { "ref": "main", "sha": "b".repeat(40), "repo": { "full_name": github.name } },
            },
            "repository": { "full_name": github.name, "default_branch": "main" },
        })
    };
    let fork = job(&stage, &github).on("pull_request", pull(true)).step();
    assert_eq!(fork.code, Some(2), "{}", fork.log);
    assert!(
        fork.log.contains("carry a canary on `pull_request`: the change comes from another repository"),
        "{}",
        fork.log
    );

    // The head of the pull request is checked out where the base has to be.
    let folder = stage.folder.path();
    super::workflow::git(folder, &["init", "--quiet", "--initial-branch", "change"]);
    let head = super::workflow::commit(folder);
    let target =
        job(&stage, &github).on("pull_request_target", pull(true)).with("GITHUB_SHA", &"b".repeat(40)).step();
    assert_eq!(target.code, Some(2), "{}", target.log);
    assert!(
        target.log.contains(&format!("what is checked out ({head}) is not the commit")),
        "{}",
        target.log
    );
    assert_eq!(target.outputs["verdict"], "invalid");
    assert_eq!(stage.weights(), (0, 100));
    assert_eq!(github.requests(), [""; 0]);

    let base = job(&stage, &github).on("pull_request_target", pull(true)).with("GITHUB_SHA", &head).step();
    assert_eq!(base.code, Some(0), "{}", base.log);
    assert_eq!(stage.weights(), (100, 0));
}

#[test]
fn inputs_that_are_not_understood_are_told_in_log_outputs_and_summary() {
    let workspace = tempfile::tempdir().unwrap();
    let step = Job::on_push(workspace.path()).input("comment", "::error::x").step();
    assert_eq!(step.code, Some(2), "{}", step.log);
    assert_eq!(step.outputs["verdict"], "invalid");
    assert_eq!(step.outputs["exit-code"], "2");
    let told = "read the input `comment`: `: :error: :x` is none of `always`, `on-failure`, `changes`, `off`";
    assert!(step.log.contains(&format!("::error title=Rollgate::{told}")), "{}", step.log);
    assert!(step.summary.contains("Rollgate could not do its work"), "{}", step.summary);
}
