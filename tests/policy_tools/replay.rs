//! `rollgate policy replay`.

use insta::assert_snapshot;
use rollgate::policy::builtin;

use super::corpus::{failing, record, rollout};
use super::{holds, policy, told};
use crate::policy::gate::remembering;
use crate::policy::guest::{Guest, Reason, Verdict};

const LIMIT: &str = r#"{ "error-rate": 0.01 }"#;

fn run(policies: &[(&str, &str)], files: &[(&str, Vec<u8>)], bad: &[u64]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    record(folder.path(), "run-1", policies, bad.iter().map(|bad| failing(*bad)).collect());
    folder
}

fn saying(verdict: Verdict, text: &str) -> Vec<u8> {
    Guest::saying(verdict, &[Reason { text, ..Reason::default() }]).component()
}

#[test]
fn the_same_policies_give_the_same_answers_and_fuel() {
    let policies = [("builtin:thresholds", LIMIT), ("p.wasm", "{}")];
    let folder = run(&policies, &[("p.wasm", remembering())], &[1, 2, 30]);
    assert_snapshot!(told(&policy(folder.path(), &["replay", "run-1"])), @r"
    exit 0
    run run-1 of web: 3 looks, all as recorded
    ");
    let by_folder = policy(folder.path(), &["replay", ".rollgate/checks/run-1"]);
    assert_eq!(told(&by_folder), told(&policy(folder.path(), &["replay", "run-1"])));
}

#[test]
fn a_policy_that_was_changed_since_is_told_by_its_digest() {
    let folder = run(&[("p.wasm", "{}")], &[("p.wasm", saying(Verdict::Hold, "not yet"))], &[1, 2]);
    std::fs::write(folder.path().join("p.wasm"), saying(Verdict::Rollback, "now")).unwrap();
    let said = told(&policy(folder.path(), &["replay", "run-1"]));
    let digests = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    assert_eq!(digests.find_iter(&said).count(), 2);
    let fuel = regex_lite::Regex::new("fuel: [0-9]+, was [0-9]+").unwrap();
    let said = fuel.replace_all(&said, "fuel: …, was …");
    assert_snapshot!(digests.replace_all(&said, "…"), @r"
    exit 1
    run run-1 of web: 2 looks, 0 as recorded
      gate is p.wasm, sha256:…; recorded with p.wasm, sha256:…
    look 1 at 2026-01-01 10:00:00 UTC, web: rollback, was hold
      gate p.wasm, verdict: rollback, was hold
      gate p.wasm, reasons: info: now, was info: not yet
    look 2 at 2026-01-01 10:01:00 UTC, web: rollback, was hold
      gate p.wasm, verdict: rollback, was hold
      gate p.wasm, reasons: info: now, was info: not yet
    ");
}

#[test]
fn another_policy_can_be_asked_instead_of_one_of_several() {
    let policies = [("builtin:thresholds", LIMIT), ("p.wasm", "{}")];
    let folder = run(&policies, &[("p.wasm", saying(Verdict::Advance(None), "fine"))], &[1]);
    std::fs::write(folder.path().join("other.wasm"), saying(Verdict::Promote, "fine")).unwrap();
    let ask = |more: &[&str]| told(&policy(folder.path(), &[&["replay", "run-1"], more].concat()));
    assert_snapshot!(ask(&["--policy", "other.wasm"]), @r"
    exit 2
    error: the gate of this run has several policies: say with --member which one --policy stands for: all[0], all[1]
    ");
    assert_snapshot!(ask(&["--policy", "other.wasm", "--member", "any[0]"]), @r"
    exit 2
    error: the gate of this run has no policy `any[0]`: it has all[0], all[1]
    ");
    let said = ask(&["--policy", "other.wasm", "--member", "all[1]"]);
    assert!(
        said.starts_with("exit 1\n") && said.contains("all[1] other.wasm, verdict: promote, was advance"),
        "{said}"
    );
}

#[test]
fn settings_that_another_policy_refuses_are_no_verdict() {
    let folder = run(&[("p.wasm", r#"{ "x": 1 }"#)], &[("p.wasm", saying(Verdict::Promote, "fine"))], &[1]);
    let said = told(&policy(folder.path(), &["replay", "run-1", "--policy", "builtin:thresholds"]));
    assert!(said.contains("verdict: declined (bad-settings): settings"), "{said}");
    assert!(said.contains(": hold, was promote"), "{said}");
}

#[test]
fn the_form_for_programs_is_the_published_one() {
    let folder = run(&[("builtin:thresholds", LIMIT)], &[], &[1, 30]);
    let output = policy(folder.path(), &["replay", "run-1", "--format", "json"]);
    let report = String::from_utf8(output.stdout).unwrap();
    holds("replay.schema.json", &rollgate::report::policy::replay::schema(), &report);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["same"], &report["looks"][1]["replayed"]), (&true.into(), &"rollback".into()));
    let shipped = builtin::find("thresholds").unwrap().digest().to_string();
    assert_eq!(report["looks"][0]["members"][0]["replayed-sha256"], shipped.as_str());
}

#[test]
fn what_cannot_be_replayed_is_an_error_with_its_mend() {
    let folder = run(&[("p.wasm", "{}")], &[("p.wasm", saying(Verdict::Hold, ""))], &[1]);
    let path = folder.path().join(".rollgate/checks/run-1/looks/0001.json");
    let mut all = vec![told(&policy(folder.path(), &["replay", "../run"]))];
    std::fs::remove_file(folder.path().join("p.wasm")).unwrap();
    all.push(told(&policy(folder.path(), &["replay", "run-1"])));
    let text = std::fs::read_to_string(&path).unwrap().replacen("\"bad\":1", "\"bad\":2", 1);
    std::fs::write(&path, text).unwrap();
    all.push(told(&policy(folder.path(), &["replay", "run-1"])));
    assert_snapshot!(all.join("\n"), @r"
    exit 2
    error: there is no run ../run in .rollgate; name one of its `runs` or `checks`, or another folder with --state-dir

    exit 4
    error: load p.wasm: unreadable: `p.wasm` cannot be read: there is no such file

    exit 4
    error: read .rollgate/checks/run-1/looks/0001.json: it is not what was recorded, by its digest in the journal; it was damaged or edited
    ");
}

#[test]
fn a_folder_of_several_runs_lists_them() {
    let folder = run(&[("builtin:thresholds", LIMIT)], &[], &[1]);
    for at in 2..8 {
        rollout(folder.path(), &format!("run-{at}"), LIMIT, vec![failing(1)]);
    }
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    std::fs::remove_file(folder.path().join(".rollgate/runs/run-7/header.json")).unwrap();
    let ask = |run: &str| told(&policy(folder.path(), &["replay", run]));
    let said =
        [".rollgate", ".rollgate/checks", "empty", ".rollgate/runs/run-7", "run-7"].map(ask).join("\n");
    assert_snapshot!(said, @r"
    exit 2
    error: .rollgate is not one run, it holds 7 runs; name one of them, the latest first: .rollgate/runs/run-7, .rollgate/runs/run-6, .rollgate/runs/run-5, .rollgate/runs/run-4, .rollgate/runs/run-3, and 2 more

    exit 2
    error: .rollgate/checks is not a run, it holds one; name it: .rollgate/checks/run-1

    exit 2
    error: empty is the folder of no run and holds none

    exit 4
    error: read .rollgate/runs/run-7/header.json: it is not there, and journal.jsonl is that of a rollout, which has one; the record was damaged or edited

    exit 4
    error: read .rollgate/runs/run-7/header.json: it is not there, and journal.jsonl is that of a rollout, which has one; the record was damaged or edited
    ");
    assert!(ask(".rollgate/runs/run-2").starts_with("exit 0\nrun run-2 of web: 1 look, all as recorded"));
}
