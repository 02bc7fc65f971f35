//! The action's step: a label that accepts what breaks, outputs, summary, and what is published.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use super::scene::{PullRequest, Way};
use super::{broken, old};
use crate::support::fake_github::Repository;

const LABEL: &str = "rollgate:accept-breaking";

struct Step {
    code: i32,
    log: String,
    outputs: String,
    summary: String,
}

impl Step {
    fn output(&self, name: &str) -> &str {
        let (_, rest) =
            self.outputs.split_once(&format!("{name}<<")).unwrap_or_else(|| panic!("{}", self.outputs));
        let (mark, rest) = rest.split_once('\n').unwrap();
        rest.split_once(&format!("\n{mark}")).map_or("", |(value, _)| value)
    }
}

/// Does the step of the action as a process, with these inputs.
fn step(pull: &PullRequest, way: Way, github: &Repository, inputs: &[(&str, &str)]) -> Step {
    let files = tempfile::tempdir().unwrap();
    let path = |name: &str| files.path().join(name);
    for name in ["output", "summary", "state"] {
        std::fs::write(path(name), "").unwrap();
    }
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate"))
        .arg("action")
        .current_dir("/")
        .env_clear()
        .envs(pull.environment(&github.name, way))
        .env("GITHUB_WORKSPACE", pull.repo.path())
        .env("RUNNER_TEMP", files.path())
        .env("GITHUB_API_URL", &github.direct)
        .env("GITHUB_OUTPUT", path("output"))
        .env("GITHUB_STEP_SUMMARY", path("summary"))
        .env("GITHUB_STATE", path("state"))
        .env("INPUT_TOKEN", github.token())
        .envs(inputs.iter().map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value)))
        .output()
        .unwrap();
    Step {
        code: output.status.code().unwrap(),
        log: String::from_utf8([output.stdout, output.stderr].concat()).unwrap(),
        outputs: read(&path("output")),
        summary: read(&path("summary")),
    }
}

fn breaking() -> PullRequest {
    PullRequest::of(&[("openapi.yaml", &old())], |repo| _ = repo.write("openapi.yaml", broken()))
}

#[test]
fn a_break_fails_the_step_and_is_published_on_the_head() {
    let (pull, github) = (breaking(), Repository::new("check-break"));
    github.pull(7, &pull.head, "change", &[]);
    let step = step(&pull, Way::Merge, &github, &[("report", "out/report.md")]);
    assert_eq!(step.code, 1, "{}", step.log);
    assert_eq!(
        ["verdict", "exit-code", "errors", "warnings"].map(|name| step.output(name)),
        ["failed", "1", "1", "0"]
    );
    let findings: serde_json::Value = serde_json::from_str(step.output("findings")).unwrap();
    assert_eq!(findings[0]["id"], "api-path-removed-without-deprecation");
    assert_eq!(findings[0]["service"], "api");
    assert!(step.summary.starts_with("## ❌ api (Shop 1): breaking"), "{}", step.summary);
    let statuses = github.statuses();
    assert!(statuses[0].starts_with("rollgate/api/schema failure: breaking: 1 error"), "{statuses:?}");
    assert!(github.check_runs()[0].ends_with("1 annotations"), "{:?}", github.check_runs());
    let posted = format!("/statuses/{}", pull.head);
    assert!(github.requests().iter().any(|request| request.ends_with(&posted)), "{:?}", github.requests());
    assert!(pull.repo.join("out/report.md").is_file());
}

#[test]
fn a_label_of_somebody_who_may_accepts_the_break_and_the_report_says_who() {
    for (at, way) in [Way::Merge, Way::Target].into_iter().enumerate() {
        let (pull, github) = (breaking(), Repository::new(&format!("check-accepted-{at}")));
        github.pull(7, &pull.head, "change", &[LABEL]);
        github.rights("mona", "write", "write");
        github.label_event("labeled", LABEL, Some("mona"), "2026-11-20T13:00:00Z");
        let step = step(&pull, way, &github, &[]);
        assert_eq!(step.code, 0, "{}", step.log);
        assert_eq!((step.output("verdict"), step.output("errors")), ("passed", "1"));
        let statuses = github.statuses();
        let said = "breaking changes are accepted by the label rollgate:accept-breaking, set by mona";
        assert!(statuses[0].starts_with(&format!("rollgate/api/schema success: {said}")), "{statuses:?}");
        assert!(step.summary.contains("set by mona"), "{}", step.summary);
    }
}

#[test]
fn a_label_of_a_stranger_accepts_nothing() {
    let (pull, github) = (breaking(), Repository::new("check-stranger"));
    github.pull(7, &pull.head, "change", &[LABEL]);
    github.label_event("labeled", LABEL, Some("mallory"), "2026-11-20T13:00:00Z");
    let step = step(&pull, Way::Target, &github, &[]);
    assert_eq!(step.code, 1, "{}", step.log);
    assert!(step.summary.contains("mallory, who set it, is no collaborator"), "{}", step.summary);
}

#[test]
fn nobody_is_asked_for_a_label_where_nothing_breaks() {
    let pull = PullRequest::of(&[("openapi.yaml", &old())], |repo| _ = repo.write("x", ""));
    let github = Repository::new("check-unchanged");
    let step = step(&pull, Way::Merge, &github, &[]);
    assert_eq!(step.code, 0, "{}", step.log);
    assert!(github.requests().iter().all(|request| !request.contains("/pulls/")), "{:?}", github.requests());
    assert_snapshot!(github.statuses()[0].split(" -> ").next().unwrap(), @r"rollgate/api/schema success: openapi.yaml is unchanged");
}

#[test]
fn a_service_that_cannot_be_compared_has_a_status_of_its_own_and_the_step_is_invalid() {
    let config = super::config(&[
        "pay: { schema: { description: pay.yaml, base: ./gone.yaml } }",
        "web: { schema: { description: web.yaml } }",
    ]);
    let files = [(".rollgate.yaml", config), ("pay.yaml", old()), ("web.yaml", old())];
    let files = files.each_ref().map(|(path, content)| (*path, content.as_str()));
    let pull = PullRequest::of(&files, |repo| _ = repo.write("web.yaml", super::grown()));
    let github = Repository::new("check-apart");
    let step = step(&pull, Way::Merge, &github, &[]);
    assert_eq!(step.code, 2, "{}", step.log);
    assert_eq!(["verdict", "passed", "exit-code"].map(|name| step.output(name)), ["invalid", "false", "2"]);
    let statuses = github.statuses();
    let of = |service: &str| {
        let start = format!("rollgate/{service}/schema ");
        statuses.iter().find_map(|status| status.strip_prefix(&start)).unwrap_or_default().to_owned()
    };
    assert!(of("pay").starts_with("error: pay.yaml was not compared: `base` of the service"), "{statuses:?}");
    assert!(of("web").starts_with("success: compatible: 1 info"), "{statuses:?}");
    assert!(step.summary.starts_with("## ❌ pay: not compared"), "{}", step.summary);
}

#[test]
fn inputs_say_what_is_checked() {
    let pull = PullRequest::of(&[("a/openapi.yaml", &old()), ("b/openapi.yaml", &old())], |repo| {
        repo.write("a/openapi.yaml", broken()).write("b/openapi.yaml", broken());
    });
    let github = Repository::new("check-inputs");
    let step = step(
        &pull,
        Way::Merge,
        &github,
        &[("description", "b/openapi.yaml\n"), ("fail-on", "none"), ("check", "false")],
    );
    assert_eq!(step.code, 0, "{}", step.log);
    assert_eq!(github.statuses().len(), 1);
    assert!(github.statuses()[0].starts_with("rollgate/b/schema success"), "{:?}", github.statuses());
}
