//! `rollgate policy diff`.

use insta::assert_snapshot;

use super::corpus::{failing, record, record_all, rollout};
use super::{holds, policy, told};
use crate::policy::guest::{Guest, Verdict};

const LIMIT: &str = r#"{ "error-rate": 0.01 }"#;

/// Forty runs of two looks, under a gate of a limit of 1 % beside a policy that lets everything pass: in run n, n of 1000
/// requests failed at the second look.
fn forty() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let passing = Guest::saying(Verdict::Advance(None), &[]).component();
    std::fs::write(folder.path().join("passing.wasm"), passing).unwrap();
    let policies = [("builtin:thresholds", LIMIT), ("passing.wasm", "{}")];
    let runs = (0..40).map(|run| (format!("run-{run:02}"), vec![failing(0), failing(run)])).collect();
    record_all(folder.path(), &policies, runs);
    folder
}

#[test]
fn a_stricter_limit_is_tried_on_past_runs() {
    let folder = forty();
    std::fs::write(folder.path().join("stricter.json"), r#"{ "error-rate": 0.007 }"#).unwrap();
    let arguments = [
        "diff",
        "builtin:thresholds",
        "builtin:thresholds",
        "--corpus",
        ".rollgate",
        "--settings-b",
        "stricter.json",
    ];
    let said = told(&policy(folder.path(), &arguments));
    let digests = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    // More than 7 and not more than 10 of 1000: the runs 8, 9 and 10.
    assert_snapshot!(digests.replace_all(&said, "…"), @r"
    exit 1
    A is builtin:thresholds (thresholds 1.0.0), sha256:…
    B is builtin:thresholds (thresholds 1.0.0), sha256:…
    40 runs, 80 looks: 3 looks in 3 runs decided differently
    B alone rolls back 3 runs
    run run-08 of web: A lets it go on, B rolls it back at look 2
      look 2 at 2026-01-01 10:01:00 UTC: A advance, B rollback; recorded advance
    run run-09 of web: A lets it go on, B rolls it back at look 2
      look 2 at 2026-01-01 10:01:00 UTC: A advance, B rollback; recorded advance
    run run-10 of web: A lets it go on, B rolls it back at look 2
      look 2 at 2026-01-01 10:01:00 UTC: A advance, B rollback; recorded advance
    ");
    let output = policy(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let report = String::from_utf8(output.stdout).unwrap();
    holds("policy-diff.schema.json", &rollgate::report::policy::diff::schema(), &report);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["summary"]["rolled-back-by-b-alone"], 3);
    assert_eq!(report["summary"]["looks"], 80);
    assert_eq!(report["runs"].as_array().unwrap().len(), 40);
}

#[test]
fn a_run_that_cannot_be_read_is_named_and_neither_alike_nor_different() {
    let folder = tempfile::tempdir().unwrap();
    let policies = [("builtin:thresholds", LIMIT)];
    for run in ["run-1", "run-2"] {
        record(folder.path(), run, &policies, vec![failing(0), failing(30)]);
    }
    std::fs::write(folder.path().join(".rollgate/checks/run-2/looks/0001.json"), "{}").unwrap();
    let arguments = ["diff", "builtin:thresholds", "builtin:thresholds", "--corpus", ".rollgate/checks"];
    let said = told(&policy(folder.path(), &arguments));
    let digests = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    assert_snapshot!(digests.replace_all(&said, "…"), @r"
    exit 4
    A is builtin:thresholds (thresholds 1.0.0), sha256:…
    B is builtin:thresholds (thresholds 1.0.0), sha256:…
    1 run, 2 looks: 0 looks in 0 runs decided differently
    1 run could not be read
    left out: read .rollgate/checks/run-2/looks/0001.json: missing field `version` at line 1 column 2
    ");
}

#[test]
fn a_policy_that_was_never_asked_needs_settings() {
    let folder = tempfile::tempdir().unwrap();
    let passing = Guest::saying(Verdict::Promote, &[]).component();
    std::fs::write(folder.path().join("passing.wasm"), passing).unwrap();
    record(folder.path(), "run-1", &[("passing.wasm", "{}")], vec![failing(30)]);
    let arguments = ["diff", "builtin:thresholds", "passing.wasm", "--corpus", ".rollgate"];
    let said = told(&policy(folder.path(), &arguments));
    assert_snapshot!(said, @r"
    exit 2
    error: builtin:thresholds was asked in none of the looks of .rollgate, so there is nothing to compare: its gates have passing.wasm as gate; name one of these as A, say with --member which one both stand for, or give --settings and both are asked alone
    ");
    std::fs::write(folder.path().join("limit.json"), LIMIT).unwrap();
    std::fs::write(folder.path().join("none.json"), "{}").unwrap();
    let given = ["--settings", "limit.json", "--settings-b", "none.json"];
    let said = told(&policy(folder.path(), &[&arguments[..], &given].concat()));
    assert!(said.contains("run run-1 of web: A rolls it back at look 1, B promotes it at look 1"), "{said}");
    let said =
        told(&policy(folder.path(), &["diff", "builtin:schema", "passing.wasm", "--corpus", "nowhere"]));
    assert!(said.starts_with("exit 2\nerror: nowhere holds no recorded run"), "{said}");
}

#[test]
fn a_policy_of_no_gate_is_an_error_that_names_those_there_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("limit.json"), LIMIT).unwrap();
    record(folder.path(), "run-1", &[("builtin:thresholds", LIMIT)], vec![failing(0), failing(1)]);
    let thresholds = ["diff", "builtin:thresholds", "builtin:thresholds", "--corpus", ".rollgate"];
    let ask = |more: &[&str]| told(&policy(folder.path(), &[&thresholds[..], more].concat()));
    let error =
        "exit 2\nerror: no gate of .rollgate has a policy `nosuch`: they have builtin:thresholds as gate\n";
    assert_eq!(ask(&["--member", "nosuch"]), error);
    assert_eq!(ask(&["--member", "nosuch", "--settings", "limit.json"]), error);
    assert!(ask(&["--member", "gate"]).starts_with("exit 0\n"));
    std::fs::create_dir_all(folder.path().join("empty/runs/run-1/looks")).unwrap();
    let empty = ["diff", "builtin:thresholds", "builtin:thresholds", "--corpus", "empty"];
    let said = told(&policy(folder.path(), &empty));
    assert!(
        said.starts_with("exit 4\n") && said.contains("left out: read empty/runs/run-1/looks.jsonl"),
        "{said}"
    );
}

#[test]
fn what_was_not_asked_is_told_once_for_each_run() {
    let folder = tempfile::tempdir().unwrap();
    let passing = Guest::saying(Verdict::Advance(None), &[]).component();
    std::fs::write(folder.path().join("passing.wasm"), passing).unwrap();
    record(folder.path(), "run-1", &[("passing.wasm", "{}")], vec![failing(0), failing(0), failing(0)]);
    let run = rollout(folder.path(), "run-2", LIMIT, vec![failing(0), failing(1)]);
    let arguments = ["diff", "builtin:thresholds", "builtin:thresholds", "--corpus", ".rollgate"];
    let said = told(&policy(folder.path(), &arguments));
    assert!(said.starts_with("exit 0\n") && said.contains("\n1 run, 2 looks: 0 looks"), "{said}");
    let left: Vec<_> = said.lines().filter(|line| line.starts_with("left out")).collect();
    assert_eq!(left, ["left out: run run-1: builtin:thresholds was not asked in any of its looks (3)"]);
    // What no line of the journal knows is not compared, and is not kept quiet about.
    std::fs::copy(run.join("looks/0002.json"), run.join("looks/0003.json")).unwrap();
    let said = told(&policy(folder.path(), &arguments));
    assert!(said.starts_with("exit 0\n") && said.contains("\n1 run, 2 looks: 0 looks"), "{said}");
    assert!(said.contains("left out: run run-2: look 3 has no line in the journal"), "{said}");
    // Without its looks it is a run all the same, and damaged.
    std::fs::remove_dir_all(run.join("looks")).unwrap();
    let said = told(&policy(folder.path(), &arguments));
    assert!(said.starts_with("exit 4\n") && said.contains("1 run could not be read"), "{said}");
    assert!(said.contains("left out: read .rollgate/runs/run-2/looks/0001.json: it is not there"), "{said}");
}
