//! The gate of a pull request as the runner starts it, with the inputs of the README: none. Once for somebody with
//! rights in the repository, once for a stranger's fork, on every event that a workflow can have for it.

use serde_json::Value;

use super::engine::image;
use super::runner::{Job, Step};
use crate::schema_check::scene::{PullRequest, Way};
use crate::schema_check::{broken, grown, old, shop};
use crate::source::repo::Repo;
use crate::support::fake_github::{Fault, Repository};

/// The refusal that a fork's token meets.
const READ_ONLY: &str = "Resource not accessible by integration";

/// A pull request that takes an operation away.
fn breaking() -> PullRequest {
    PullRequest::of(&[("openapi.yaml", &old())], |repo| {
        repo.write("openapi.yaml", broken());
    })
}

/// The job of a workflow for `pull`, with what the event has checked out.
fn job(pull: &PullRequest, way: Way, github: &Repository) -> Job {
    image();
    let sha = pull.check_out(way);
    Job::on_push(pull.repo.path())
        .on(way.event(), pull.payload(&github.name, way))
        .with("GITHUB_SHA", &sha)
        .on_github(&github.name, &github.token(), &github.direct)
}

/// What the steps after it read.
fn outputs(step: &Step) -> String {
    let shown = |name: &&str| {
        format!(
            "{name} {}",
            step.outputs.get(*name).map_or("-", |value| if value.is_empty() { "-" } else { value })
        )
    };
    ["verdict", "passed", "exit-code", "errors", "warnings", "infos"]
        .iter()
        .map(shown)
        .collect::<Vec<_>>()
        .join(", ")
}

const FAILED: &str = "verdict failed, passed false, exit-code 1, errors 1, warnings 0, infos 0";

#[test]
fn an_owners_break_fails_and_is_shown_on_its_commit() {
    let pull = breaking();
    let github = Repository::new("check-owner");
    let pull = PullRequest { from: github.name.clone(), ..pull };
    github.pull(7, &pull.head, "change", &[]);
    let job = job(&pull, Way::Merge, &github).input("comment", "on-failure");
    let step = job.step();
    assert_eq!((step.code, outputs(&step)), (Some(1), FAILED.to_owned()), "{}", step.log);
    let findings: Value = serde_json::from_str(&step.outputs["findings"]).unwrap();
    assert_eq!(findings[0]["id"], "api-path-removed-without-deprecation");
    assert_eq!(findings[0]["base_location"]["file"], "openapi.yaml");

    let statuses = github.statuses();
    assert!(
        matches!(&statuses[..], [status] if status.starts_with("rollgate/api/schema failure: breaking: 1 error; the path `/toys` is gone")),
        "{statuses:?}"
    );
    let on_head = format!("/statuses/{}", pull.head);
    assert!(github.requests().iter().any(|request| request.ends_with(&on_head)), "{:?}", github.requests());
    let runs = github.check_runs();
    assert!(
        matches!(&runs[..], [run] if run.starts_with("rollgate/api/schema completed failure")
            && run.ends_with("1 annotations")),
        "{runs:?}"
    );
    let comments = github.comments();
    assert!(
        matches!(&comments[..], [comment] if comment.contains("api-path-removed-without-deprecation")),
        "{comments:?}"
    );
    assert!(step.summary.contains("api-path-removed-without-deprecation"), "{}", step.summary);
    assert_eq!(job.strange_files(), Vec::<std::path::PathBuf>::new());
    assert_eq!(job.files_with(&github.token()), Vec::<std::path::PathBuf>::new());
    assert!(!step.log.contains(&github.token()), "{}", step.log);

    // A second run on the same commit leaves one comment and one check run.
    let again = job.step();
    assert_eq!(again.code, Some(1), "{}", again.log);
    assert_eq!((github.comments().len(), github.check_runs().len()), (1, 1));
}

#[test]
fn an_owners_addition_passes() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| {
        repo.write("openapi.yaml", grown());
    });
    let github = Repository::new("check-addition");
    let step = job(&pull, Way::Merge, &github).step();
    assert_eq!(
        (step.code, outputs(&step)),
        (Some(0), "verdict passed, passed true, exit-code 0, errors 0, warnings 0, infos 1".to_owned()),
        "{}",
        step.log
    );
    let statuses = github.statuses();
    assert!(statuses[0].starts_with("rollgate/api/schema success"), "{statuses:?}");
}

/// The change brings its own judge and moves the description out of sight; its token may write nothing.
#[test]
fn a_forks_break_fails_and_is_told_in_log_and_summary() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| {
        repo.write("openapi.yaml", broken());
        repo.write(
            ".rollgate.yaml",
            "version: 1\nservices:\n  x: { schema: { description: x.yaml, fail-on: none } }\n",
        );
        repo.write("x.yaml", shop(&[]));
    });
    let github = Repository::new("check-fork");
    github.pull(7, &pull.head, "change", &[]);
    github.always("POST", "/", &Fault::refusal(403, READ_ONLY));
    let job = job(&pull, Way::Merge, &github).input("comment", "always");
    let step = job.step();
    assert_eq!((step.code, outputs(&step)), (Some(1), FAILED.to_owned()), "{}", step.log);
    assert!(step.log.contains("permissions: statuses: write"), "{}", step.log);
    // The runner shows it on the line all the same.
    let told: Vec<_> =
        step.log.lines().filter(|line| line.starts_with("::error file=openapi.yaml,line=")).collect();
    assert_eq!(told.len(), 1, "{}", step.log);
    assert!(step.summary.contains("api-path-removed-without-deprecation"), "{}", step.summary);
    assert_eq!((github.statuses().len(), github.check_runs().len(), github.comments().len()), (0, 0, 0));
}

/// With the rights of the base: what is checked out does not count, and what the clone lacks is asked for.
#[test]
fn a_forks_break_fails_where_the_workflow_is_the_bases() {
    let pull = breaking();
    for (way, name) in [(Way::Target, "check-target"), (Way::AfterRun, "check-after")] {
        let github = Repository::new(name);
        github.pull(7, &pull.head, "change", &[]);
        github.onto(7, &pull.base);
        github.holds(pull.repo.path());
        // As actions/checkout leaves it: the base branch, without a history.
        let clone = Repo::clone_of(&pull.repo, &["--depth", "1", "--branch", "main", "--single-branch"]);
        let step = job(&pull, way, &github).within(clone.path()).step();
        assert_eq!((step.code, outputs(&step)), (Some(1), FAILED.to_owned()), "{way:?} {}", step.log);
        let statuses = github.statuses();
        assert!(statuses[0].starts_with("rollgate/api/schema failure"), "{way:?} {statuses:?}");
        let on_head = format!("/statuses/{}", pull.head);
        assert!(
            github.requests().iter().any(|request| request.ends_with(&on_head)),
            "{:?}",
            github.requests()
        );
    }
}

/// What `actions/checkout` leaves unless it is told otherwise: the trial merge alone. The rest comes over the API, whose
/// requests and answers GitHub's own description allows.
#[test]
fn a_clone_without_a_history_is_enough() {
    let pull = breaking();
    let github = Repository::new("check-shallow");
    github.pull(7, &pull.head, "change", &[]);
    github.holds(pull.repo.path());
    pull.repo.git(&["branch", "trial", &pull.merge]);
    let clone = Repo::clone_of(&pull.repo, &["--depth", "1", "--branch", "trial", "--single-branch"]);
    let job = job(&pull, Way::Merge, &github).on_github(&github.name, &github.token(), &github.checked());
    let job = job.within(clone.path());
    let step = job.step();
    assert_eq!((step.code, outputs(&step)), (Some(1), FAILED.to_owned()), "{}", step.log);
    let requests = github.requests();
    assert!(requests.iter().any(|request| request.contains("/git/blobs/")), "{requests:?}");
    assert_eq!(github.statuses().len(), 1, "{requests:?}");

    // Where the API does not answer, nothing is taken for the base.
    let silent = Repository::new("check-shallow-without");
    silent.always("GET", "/", &Fault::Closed);
    let step = job.on_github(&silent.name, &silent.token(), &silent.direct).step();
    assert_eq!(step.code, Some(4), "{}", step.log);
    assert_eq!(step.outputs["passed"], "false");
}
