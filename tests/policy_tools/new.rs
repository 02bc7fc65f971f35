//! `rollgate policy new`: what it writes builds by the commands that it names, and passes its own cases.

use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use rollgate::support::env::{Environment as _, ProcessEnvironment};

use super::{policy, told};

/// Runs a command that must succeed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = told(&output);
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// Runs `rollgate policy` with the tools of the machine.
fn with_tools(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollgate"));
    command.arg("policy").args(arguments).current_dir(folder);
    // Where the guests of other tests are compiled too.
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests"));
    run(&mut command)
}

#[test]
fn a_policy_in_rust_builds_and_passes_its_cases() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(told(&policy(folder.path(), &["new", "--lang", "rust", "error-limit"])), @"");
    let dir = folder.path().join("error-limit");
    with_tools(&dir, &["build", "--locked", ".", "-o", "policy.wasm"]);
    let said = told(&policy(&dir, &["test"]));
    assert_snapshot!(said, @"");
}

/// The folder with `componentize-qjs`, which `tests/run --set-up-only` fills; none on a machine without it that is not CI.
fn qjs() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/policy-js/node_modules");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(ProcessEnvironment.variable("CI").is_none(), "run: tests/run --set-up-only");
    None
}

#[test]
fn a_policy_in_javascript_builds_and_passes_its_cases() {
    let Some(modules) = qjs() else { return };
    let folder = tempfile::tempdir().unwrap();
    let said = told(&policy(folder.path(), &["new", "--lang", "js", "error-limit"]));
    assert!(said.starts_with("exit 0\nerror-limit\n  package.json\n"), "{said}");
    let dir = folder.path().join("error-limit");
    std::os::unix::fs::symlink(modules, dir.join("node_modules")).unwrap();
    run(Command::new("npm").args(["run", "build"]).current_dir(&dir));
    let said = told(&policy(&dir, &["test"]));
    assert!(said.starts_with("exit 0\n") && said.contains("2 cases: 2 as expected\n"), "{said}");
}

#[test]
fn a_policy_in_python_has_what_its_page_names() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(told(&policy(folder.path(), &["new", "--lang", "python", "error-limit"])), @"");
    let written = std::fs::read_to_string(folder.path().join("error-limit/app.py")).unwrap();
    assert!(written.contains("name=\"error-limit\""));
}

#[test]
fn nothing_is_written_over_and_names_are_plain() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("full")).unwrap();
    std::fs::write(folder.path().join("full/file"), "").unwrap();
    let all = ["full", "Full", "a/../../b c"]
        .map(|name| told(&policy(folder.path(), &["new", "--lang", "rust", name])));
    assert_snapshot!(all.join(""), @"");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_page_of_a_policy_has_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let said = told(&policy(folder.path(), &["docs", "builtin:schema"]));
    let digest = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    assert_snapshot!(digest.replace_all(&said, "…"), @"");
}

#[test]
fn a_bench_measures_the_policy_and_the_reference() {
    let folder = tempfile::tempdir().unwrap();
    let output = policy(folder.path(), &["bench", "builtin:schema", "--calls", "2", "--format", "json"]);
    let measured: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<_> =
        measured["policies"].as_array().unwrap().iter().map(|it| it["policy"].clone()).collect();
    assert_eq!(names, ["builtin:schema", "builtin:thresholds"]);
    assert!(measured["policies"][1]["fuel"].as_u64().unwrap() > 0);
    let said = told(&policy(folder.path(), &["bench", "builtin:thresholds", "--calls", "2"]));
    assert!(said.starts_with("exit 0\nbuiltin:thresholds: advance\n  component "), "{said}");
}
