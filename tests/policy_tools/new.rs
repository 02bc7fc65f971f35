//! `rollgate policy new`: what it writes builds by the commands that it names, and passes its own cases.

use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use rollgate::config::cases;
use rollgate::policy::engine::Strategy;
use rollgate::policy::limits::Limits;
use rollgate::policy::member::{Load, Question};
use rollgate::policy::process::WorkerProgram;
use rollgate::policy::seat::Seat;
use rollgate::support::env::{Environment as _, ProcessEnvironment};
use rollgate::support::units::Millis;
use rollgate::verdict::compare;

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
    // Always the same place: what was compiled for it before is taken again.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-policy");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    assert_snapshot!(told(&policy(&folder, &["new", "--lang", "rust", "error-limit"])), @r"
    exit 0
    error-limit
      Cargo.toml
      src/lib.rs
      README.md
      .github/workflows/policy.yml
      .gitignore
      cases/basics.yaml
      wit/policy.wit
      Cargo.lock
    build and test it there:
      rollgate policy build . -o policy.wasm
      rollgate policy test
    ");
    let dir = folder.join("error-limit");
    with_tools(&dir, &["build", "--locked", ".", "-o", "policy.wasm"]);
    let said = told(&policy(&dir, &["test"]));
    assert_snapshot!(said, @r"
    exit 0
    cases/basics.yaml: policy.wasm
      ok       a canary with few errors advances
      ok       a canary that fails one request in twenty is rolled back

    2 cases: 2 as expected

    coverage     advance  promote  hold  rollback  refusal  fault  settings
    policy.wasm        1        -     -         1        -      -         -
    ");
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

#[tokio::test]
async fn a_policy_in_javascript_builds_and_passes_its_cases() {
    let Some(modules) = qjs() else { return };
    let folder = tempfile::tempdir().unwrap();
    let said = told(&policy(folder.path(), &["new", "--lang", "js", "error-limit"]));
    assert!(said.starts_with("exit 0\nerror-limit\n  package.json\n"), "{said}");
    let dir = folder.path().join("error-limit");
    std::os::unix::fs::symlink(modules, dir.join("node_modules")).unwrap();
    run(Command::new("npm").args(["run", "build"]).current_dir(&dir));
    // As `policy test` does, with all the time that a busy machine takes to compile it.
    let limits = Limits { compile_wall: Millis(300_000), ..Limits::default() };
    let bytes = std::fs::read(dir.join("policy.wasm")).unwrap().into();
    let program = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
    let load = Load { program, bytes, limits, strategy: Strategy::Automatic };
    let mut seat = Seat::open(load).await.unwrap();
    let file = std::fs::read(dir.join("cases/basics.yaml")).unwrap();
    let cases = cases::parse("basics.yaml", &file, &|_| Err(String::new())).unwrap().cases;
    for case in &cases {
        let body = serde_json::to_vec(&case.snapshot).unwrap();
        let question = Question { snapshot: &case.snapshot, body: &body, settings: "{}", memory: &[] };
        let asked = seat.evaluate(question).await;
        let expected = case.expected.as_ref().unwrap().kind.as_str();
        assert_eq!(compare::answer(&asked.answer), expected, "{}", case.name);
    }
    assert_eq!(cases.len(), 2);
    seat.close().await;
}

#[test]
fn a_policy_in_python_has_what_its_page_names() {
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(told(&policy(folder.path(), &["new", "--lang", "python", "error-limit"])), @r"
    exit 0
    error-limit
      requirements.txt
      app.py
      README.md
      .github/workflows/policy.yml
      .gitignore
      cases/basics.yaml
      wit/policy.wit
    build and test it there:
      python3 -m venv .venv
      .venv/bin/pip install -r requirements.txt
      .venv/bin/componentize-py -d wit -w policy componentize -s app -o policy.wasm
      rollgate policy test
    ");
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
    assert_snapshot!(all.join(""), @r"
    exit 2
    error: full is there already: name a folder that is new or empty
    exit 2
    error: `Full` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first
    exit 2
    error: `b c` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first
    ");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_page_of_a_policy_has_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let said = told(&policy(folder.path(), &["docs", "builtin:schema"]));
    let digest = regex_lite::Regex::new("[0-9a-f]{64}").unwrap();
    assert_snapshot!(digest.replace_all(&said, "…"), @r#"
    exit 0
    # schema 1.0.0

    Judges a change of an OpenAPI description by the gravest level of its findings

    | | |
    |---|---|
    | policy | builtin:schema |
    | interface | 1.0.0 |
    | sha256 | `…` |

    ## Settings

    | setting | value | default | means |
    |---|---|---|---|
    | fail-on | "error", "warn", "info", "none" |  | The mildest level of a finding that fails the change; \`none\` fails nothing. Default: error. |
    | undecided | "pass", "hold", "fail" |  | What findings do whose proof stopped and that do not fail the change by their level. Default: pass. |
    "#);
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
