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
use rollgate::support::units::{Millis, Sha256};
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
    answers_its_cases(&dir, std::fs::read(dir.join("policy.wasm")).unwrap()).await;
}

/// Asks the two cases of a new policy, as `policy test` does but with all the time that a busy machine takes to compile it.
async fn answers_its_cases(dir: &Path, bytes: Vec<u8>) {
    let limits = Limits { compile_wall: Millis(300_000), ..Limits::default() };
    let bytes = bytes.into();
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

/// The guest in Python of the museum, which is not kept for its size: it is built of the template, once for each state of
/// that, and must answer as all the others.
#[tokio::test]
async fn a_policy_in_python_builds_and_passes_its_cases() {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/policy-py/bin");
    if !tools.is_dir() {
        assert!(ProcessEnvironment.variable("CI").is_none(), "run: tests/run --set-up-only");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    told(&policy(folder.path(), &["new", "--lang", "python", "error-limit"]));
    let dir = folder.path().join("error-limit");
    let sources =
        ["app.py", "requirements.txt", "wit/policy.wit"].map(|file| std::fs::read(dir.join(file)).unwrap());
    let state = Sha256::of(&sources.concat());
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("python-{state}.wasm"));
    if !built.is_file() {
        let mut build = Command::new(tools.join("componentize-py"));
        build.args(["-d", "wit", "-w", "policy", "componentize", "-s", "app", "-o", "policy.wasm"]);
        run(build.current_dir(&dir));
        std::fs::copy(dir.join("policy.wasm"), &built).unwrap();
    }
    answers_its_cases(&dir, std::fs::read(built).unwrap()).await;
}

#[test]
fn a_policy_in_c_builds_and_passes_its_cases() {
    let has = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    if !(has("clang") && has("wasm-ld")) {
        assert!(ProcessEnvironment.variable("CI").is_none(), "run: tests/run --set-up-only");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    assert_snapshot!(told(&policy(folder.path(), &["new", "--lang", "c", "error-limit"])), @r"
    exit 0
    error-limit
      Makefile
      judge.c
      bindings/policy.c
      bindings/policy.h
      runtime/runtime.c
      runtime/stdlib.h
      runtime/string.h
      README.md
      .github/workflows/policy.yml
      .gitignore
      cases/basics.yaml
      wit/policy.wit
    build and test it there:
      make
      rollgate policy test
    ");
    let dir = folder.path().join("error-limit");
    // `rollgate` is on the path of whoever builds it.
    let bin = Path::new(env!("CARGO_BIN_EXE_rollgate")).parent().unwrap().to_owned();
    let path = ProcessEnvironment.variable("PATH").unwrap_or_default();
    run(Command::new("make").current_dir(&dir).env("PATH", format!("{}:{path}", bin.display())));
    assert_snapshot!(told(&policy(&dir, &["test"])), @r"
    exit 0
    cases/basics.yaml: policy.wasm
      ok       a canary with few errors advances
      ok       a canary that fails one request in twenty is rolled back

    2 cases: 2 as expected

    coverage     advance  promote  hold  rollback  refusal  fault  settings
    policy.wasm        1        -     -         1        -      -         -
    ");
    assert!(std::fs::metadata(dir.join("policy.wasm")).unwrap().len() < 32 * 1024);
}

/// The commands of the README's walk in a language, up to where the gate is asked.
fn walk(language: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once(&format!("<!-- walk: {language} -->\n```console\n")).unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    block.lines().filter_map(|line| line.strip_prefix("$ ")).map(str::to_owned).collect()
}

/// What a gate of the policy at `path` beneath `root` says of a canary of which so many of 1000 requests failed.
async fn gated(root: &Path, path: &str, bad: u64) -> rollgate::verdict::model::Verdict {
    use rollgate::policy::gate::{Gate, GatePlan, MemberPlan};
    use rollgate::policy::source::PolicySource;
    let (head, _) = rollgate::config::minimal().split_once("gate: ").unwrap();
    let config = format!("{head}gate: {{ policy: {path} }}\n");
    let config = rollgate::config::parse("config", config.as_bytes(), None).unwrap();
    let spec = &config.canary(None).unwrap().gate;
    let limits = Limits { compile_wall: Millis(300_000), ..Limits::default() };
    let policy = spec.members[0].policy.to_string();
    let bytes = PolicySource { root: root.into() }.read(&policy, &limits);
    let member = MemberPlan { id: "gate".into(), policy, bytes, settings: spec.members[0].settings.clone() };
    let worker = WorkerProgram::at(env!("CARGO_BIN_EXE_rollgate"));
    let plan = GatePlan { composition: spec.composition.clone(), members: vec![member], worker };
    let metrics = [("errors".to_owned(), rollgate::snapshot::model::MetricKind::Ratio)];
    let mut gate = Gate::open(plan, &metrics, limits).await.unwrap();
    let members = gate.judge(&super::corpus::failing(bad), &std::collections::BTreeMap::new()).await;
    let decision = rollgate::verdict::combine::combine(gate.composition(), &members);
    gate.close().await;
    decision.verdict
}

/// The walk of the README, command by command, to a gate that passes a good canary and stops a bad one.
async fn walked(language: &str, folder: &Path) {
    use rollgate::verdict::model::Verdict;
    let bin = Path::new(env!("CARGO_BIN_EXE_rollgate")).parent().unwrap().to_owned();
    let path = format!("{}:{}", bin.display(), ProcessEnvironment.variable("PATH").unwrap_or_default());
    let guests = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests");
    let mut at = folder.to_owned();
    for command in walk(language) {
        if let Some(dir) = command.strip_prefix("cd ") {
            at = at.join(dir);
            continue;
        }
        if command == "npm install" {
            // What it installs is there.
            std::os::unix::fs::symlink(qjs().unwrap(), at.join("node_modules")).unwrap();
            continue;
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(&at).env("PATH", &path).env("CARGO_TARGET_DIR", &guests);
        run(&mut shell);
    }
    assert_eq!(gated(folder, "policies/error-limit/policy.wasm", 1).await, Verdict::Advance(None));
    assert_eq!(gated(folder, "policies/error-limit/policy.wasm", 50).await, Verdict::Rollback);
}

#[tokio::test]
async fn the_walk_of_the_readme_in_rust_ends_in_a_gate_that_decides() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("walk-rust");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("policies")).unwrap();
    walked("rust", &folder).await;
}

#[tokio::test]
async fn the_walk_of_the_readme_in_javascript_ends_in_a_gate_that_decides() {
    if qjs().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("policies")).unwrap();
    walked("js", folder.path()).await;
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
fn what_is_in_the_way_of_a_new_policy_is_named() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("Here");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("file"), "").unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("link")).unwrap();
    let all = [".", "/", "file", "file/sub/subsub", "link", "link/sub"]
        .map(|name| told(&policy(&folder, &["new", "--lang", "c", name])));
    std::fs::create_dir(folder.join("below")).unwrap();
    let above = told(&policy(&folder.join("below"), &["new", "--lang", "c", ".."]));
    assert_snapshot!(all.join("") + &above, @r"
    exit 2
    error: `Here` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first
    exit 2
    error: `/` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first
    exit 2
    error: file is there already and is no folder: name another one
    exit 2
    error: file is there already and is no folder: name another one
    exit 2
    error: link is a symbolic link to nothing: remove it, or name another folder
    exit 2
    error: link is a symbolic link to nothing: remove it, or name another folder
    exit 2
    error: `Here` cannot be the name of a policy: name the folder with lower-case letters, digits and dashes, a letter first
    ");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 3);
}

#[test]
fn the_job_of_a_new_policy_runs_in_its_folder_beneath_the_root_of_the_repository() {
    let outer = tempfile::tempdir().unwrap();
    let repository = outer.path().join("repository");
    std::fs::create_dir_all(repository.join(".git")).unwrap();
    std::fs::create_dir(repository.join("policies")).unwrap();
    std::fs::create_dir(outer.path().join("none")).unwrap();
    for (from, dir, written) in [
        ("repository", "policies/one", "policies/one"),
        ("repository/policies", "two", "policies/two"),
        ("none", "../repository/policies/three", "policies/three"),
        ("none", "policies/four", "policies/four"),
    ] {
        let from = outer.path().join(from);
        let said = told(&policy(&from, &["new", "--lang", "rust", dir]));
        assert!(said.starts_with("exit 0\n"), "{said}");
        let read = |file: &str| std::fs::read_to_string(from.join(dir).join(file)).unwrap();
        let job = read(".github/workflows/policy.yml");
        assert!(job.contains(&format!("working-directory: {written}\n")), "{job}");
        assert!(read("README.md").contains(&format!("the root of the repository, `{written}`.")));
    }
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
