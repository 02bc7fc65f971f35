//! `rollgate policy build` and `inspect`, as their users see them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use rollgate::policy::builtin;
use rollgate::support::units::Sha256;

use crate::policy::guest::{Guest, Verdict};

fn rollgate(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rollgate"));
    command.arg("policy").args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    // Where the guests of other tests are compiled too.
    command.env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("guests"));
    command
}

/// A core module that a policy can be made of.
fn guest() -> Vec<u8> {
    Guest::saying(Verdict::Promote, &[]).module()
}

/// Exit code, standard output and standard error, with `dir` left out.
fn told(output: &Output, dir: &Path) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let text = format!("exit {}\n{out}{err}", output.status.code().unwrap_or(-1));
    text.replace(&format!("{}/", dir.display()), "")
}

#[test]
fn building_a_crate_writes_a_component_and_tells_size_and_digest() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("error-cap.wasm");
    let output = rollgate(&["build", "--locked", "examples/policy-rust", "-o", file.to_str().unwrap()])
        .output()
        .unwrap();
    let component = std::fs::read(&file).unwrap();
    let expected =
        format!("{}: {} bytes, sha256:{}\n", file.display(), component.len(), Sha256::of(&component));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let inspected = rollgate(&["inspect", file.to_str().unwrap()]).output().unwrap();
    let inspected = told(&inspected, dir.path());
    assert!(inspected.starts_with("exit 0\nerror-cap.wasm: accepted\n"), "{inspected}");
    assert!(inspected.contains("\n  needs      errors (ratio, 100 requests)\n"), "{inspected}");
}

#[test]
fn building_without_the_target_names_it_and_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    let rustc = dir.path().join("rustc");
    std::fs::write(&rustc, format!("#!/bin/sh\necho {}\n", dir.path().display())).unwrap();
    std::fs::set_permissions(&rustc, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = rollgate(&["build", "examples/policy-rust"]).env("PATH", dir.path()).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 2
    error: the Rust target wasm32-unknown-unknown is not installed: run `rustup target add wasm32-unknown-unknown`
    ");
}

#[test]
fn building_without_a_toolchain_says_where_to_get_one() {
    let dir = tempfile::tempdir().unwrap();
    let output = rollgate(&["build", "examples/policy-rust"]).env("PATH", dir.path()).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 2
    error: install Rust from https://rustup.rs, since rustc cannot be started: No such file or directory (os error 2)
    ");
}

#[test]
fn a_build_never_replaces_its_own_source() {
    let dir = tempfile::tempdir().unwrap();
    let module = guest();
    let file = dir.path().join("p.wasm");
    std::fs::write(&file, &module).unwrap();
    let output = rollgate(&["build", "p.wasm"]).current_dir(dir.path()).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 2
    error: p.wasm would replace its own source: name another file with --output
    ");
    assert_eq!(std::fs::read(&file).unwrap(), module);
}

#[test]
fn a_build_makes_the_folder_of_its_output() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("core.wasm"), guest()).unwrap();
    let output = rollgate(&["build", "core.wasm", "-o", "policies/mine.wasm"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let shown = told(&output, dir.path());
    assert!(shown.starts_with("exit 0\npolicies/mine.wasm: "), "{shown}");
    assert!(dir.path().join("policies/mine.wasm").is_file());
}

#[test]
fn a_path_cannot_start_a_workflow_command_in_what_a_build_says() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("core.wasm"), guest()).unwrap();
    let output = rollgate(&["build", "core.wasm", "-o", "x\n::error::y\u{1b}[31m"])
        .current_dir(dir.path())
        .output()
        .unwrap();
    let shown = told(&output, dir.path());
    assert!(shown.starts_with("exit 0\nx : :error: :y [31m: "), "{shown}");
}

#[test]
fn a_module_that_makes_no_policy_is_refused_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("core.wasm"), wat::parse_str("(module)").unwrap()).unwrap();
    let output = rollgate(&["build", "core.wasm", "-o", "p.wasm"]).current_dir(dir.path()).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 2
    error: the component is no policy: it does not export `rollgate:policy/judge`: it exports nothing; build it for the world `policy` of the package `rollgate:policy@1.0.0`
    ");
    assert!(!dir.path().join("p.wasm").exists());
}

#[test]
fn a_pipe_in_place_of_a_policy_is_refused_without_waiting_for_a_writer() {
    let dir = tempfile::tempdir().unwrap();
    let made = Command::new("mkfifo").arg(dir.path().join("p.wasm")).status().unwrap();
    assert!(made.success());
    for command in ["inspect", "build"] {
        let output = Command::new("timeout")
            .args(["20", env!("CARGO_BIN_EXE_rollgate"), "policy", command, "p.wasm"])
            .current_dir(dir.path())
            .output()
            .unwrap();
        let expected = "exit 2\nerror: read p.wasm: it is not a regular file\n";
        assert_eq!(told(&output, dir.path()), expected, "{command}");
    }
}

#[test]
fn inspecting_a_built_in_policy_shows_what_it_is() {
    let output = rollgate(&["inspect", "builtin:thresholds"]).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let facts: Vec<_> = text.lines().take_while(|line| !line.starts_with("  settings")).collect();
    let thresholds = builtin::find("thresholds").unwrap();
    let (size, digest) = (thresholds.bytes.len(), thresholds.digest());
    assert_eq!(facts[1..3], [format!("  size       {size} bytes"), format!("  digest     sha256:{digest}")]);
    let fuel = facts[7].strip_prefix("  a look     ").and_then(|line| line.split_once(' ')).unwrap().0;
    assert!(fuel.parse::<u64>().unwrap() > 10_000, "{fuel}");
    insta::assert_snapshot!([&facts[..1], &facts[3..]].concat().join("\n").replace(fuel, "FUEL"), @"
    builtin:thresholds: accepted
      interface  1.0.0
      imports    rollgate:policy/log@1.0.0, rollgate:policy/types@1.0.0
      exports    rollgate:policy/judge@1.0.0
      compiler   winch
      a look     FUEL fuel of 1000 million, 20 metrics and no settings: declined (bad-settings): no limit is set: set at least one of error-rate, success-rate, p50, p95, p99, throughput-drop
      name       thresholds 1.0.0
      summary    Judges a canary by fixed limits on errors, latency and throughput
      read more  -
      needs      no metric of a fixed name
    ");
}

#[test]
fn inspecting_what_the_host_refuses_names_the_mend() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("p.wasm");
    std::fs::write(&file, wat::parse_str("(module)").unwrap()).unwrap();
    let output = rollgate(&["inspect", file.to_str().unwrap()]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 4
    p.wasm: not accepted
      size       8 bytes
      digest     sha256:93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476
      fault      not-a-policy: it is a core module, not a component
      mend       turn it into a component with `rollgate policy build`, or with `wasm-tools component new`
    ");
    let output = rollgate(&["inspect", "builtin:nix"]).output().unwrap();
    insta::assert_snapshot!(told(&output, dir.path()), @"
    exit 2
    error: there is no built-in policy `nix`: the built-in ones are business-hours, health, mann-whitney, quota, schema, sequential, slo, thresholds
    ");
}
