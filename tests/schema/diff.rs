//! `rollgate schema diff`.

use insta::assert_snapshot;
use rollgate::openapi::finding::Report;

use super::{folder, rollgate, rollgate_reading};
use crate::report::schema::sample::BASE;

/// The description without the operations of `/owners`.
fn revision() -> String {
    let (before, after) = BASE.split_once("  /owners:\n").unwrap();
    let (_, after) = after.split_once("components:").unwrap();
    format!("{}components:{after}", before.replace("1.4.0", "2.0.0"))
}

fn pair() -> tempfile::TempDir {
    folder(&[("v1.yaml", BASE), ("v2.yaml", &revision())])
}

#[test]
fn breaking_changes_are_shown_with_their_lines_and_fail() {
    assert_snapshot!(rollgate(pair().path(), &["diff", "v1.yaml", "v2.yaml"]), @r"
    Pet store 1.4.0 → 2.0.0: breaking
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  v2.yaml (OpenAPI 3.0.3, 2 operations)
      findings  1 error in 1 place, reaching 1 operation
      version   needs a major step; 1.4.0 → 2.0.0 makes a major one, which is enough

    GET /owners  1 error
    ────────────────────
    error[api-path-removed-without-deprecation] the path `/owners` is gone, and this operation of it was not deprecated
      proven
      for example GET /owners (the base accepts it, the revision does not)
      --> v1.yaml:18:5, removed
        18 | - get:
           |   ^^^
    exit code 1
    ");
}

#[test]
fn the_same_description_twice_passes() {
    assert_snapshot!(rollgate(pair().path(), &["diff", "v1.yaml", "v1.yaml"]), @"
    Pet store 1.4.0: no changes
      base      v1.yaml (OpenAPI 3.0.3, 3 operations)
      revision  v1.yaml (OpenAPI 3.0.3, 3 operations)
    exit code 0
    ");
}

#[test]
fn what_fails_is_chosen() {
    let folder = pair();
    let exit = |arguments: &[&str]| {
        let told = rollgate(folder.path(), &[&["diff"], arguments].concat());
        told.lines().last().unwrap().to_owned()
    };
    for level in ["error", "warn", "info"] {
        assert_eq!(exit(&["v1.yaml", "v2.yaml", "--fail-on", level]), "exit code 1", "{level}");
        assert_eq!(exit(&["v1.yaml", "v1.yaml", "--fail-on", level]), "exit code 0", "{level}");
    }
    assert_eq!(exit(&["v1.yaml", "v2.yaml", "--fail-on", "none"]), "exit code 0");
    // What is added breaks nobody, and is worth knowing.
    std::fs::write(folder.path().join("v3.yaml"), revision()).unwrap();
    assert_eq!(exit(&["v3.yaml", "v1.yaml"]), "exit code 0");
    assert_eq!(exit(&["v3.yaml", "v1.yaml", "--fail-on", "info"]), "exit code 1");
}

#[test]
fn the_report_for_programs_is_the_same_from_run_to_run() {
    let folder = pair();
    let json = || rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--format", "json"]);
    let first = json();
    assert_eq!(first, json());
    let report: Report = serde_json::from_str(first.strip_suffix("exit code 1").unwrap()).unwrap();
    assert_eq!(report.base.file.as_deref(), Some("v1.yaml"));
    assert!(report.summary.error > 0);
    let markdown = || rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--format", "markdown"]);
    assert_eq!(markdown(), markdown());
}

#[test]
fn the_report_is_written_to_a_file() {
    let folder = pair();
    let arguments = ["diff", "v1.yaml", "v2.yaml", "--format", "json", "--output", "out/diff.json"];
    assert_snapshot!(rollgate(folder.path(), &arguments), @"
    note: breaking: 1 error; the path `/owners` is gone, and this operation of it was not deprecated; out/diff.json has the report
    exit code 1
    ");
    let written = std::fs::read_to_string(folder.path().join("out/diff.json")).unwrap();
    let report: Report = serde_json::from_str(&written).unwrap();
    assert_eq!(report.version, 1);
}

#[test]
fn annotations_stand_on_the_lines_of_the_revision() {
    let arguments = ["diff", "v1.yaml", "v2.yaml", "--format", "github"];
    assert_snapshot!(rollgate(pair().path(), &arguments), @r"
    ::error file=v2.yaml,line=3,title=api-path-removed-without-deprecation::the path `/owners` is gone, and this operation of it was not deprecated (GET /owners · proven · was at v1.yaml:18:5)
    breaking: 1 error; the path `/owners` is gone, and this operation of it was not deprecated
    exit code 1
    ");
}

#[test]
fn one_side_can_be_the_standard_input() {
    let folder = pair();
    let told = rollgate_reading(folder.path(), &revision(), &["diff", "v1.yaml", "-", "--fail-on", "none"]);
    assert!(told.contains("\n  revision  stdin (OpenAPI 3.0.3, "), "{told}");
    assert!(told.ends_with("exit code 0"), "{told}");
    assert_snapshot!(rollgate_reading(folder.path(), &revision(), &["diff", "-", "-"]), @"
    error: `-` can stand for one side only: name a file for the other
    exit code 2
    ");
}

#[test]
fn what_cannot_be_compared_is_told_with_the_mend() {
    let folder = pair();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    for (arguments, said) in [
        (&["v1.yaml", "v9.yaml"][..], "error: failed to read v9.yaml: there is no such file\nexit code 2"),
        (&["v1.yaml", "folder"], "exit code 2"),
        (&["v1.yaml", "main:v2.yaml"], "is in no Git repository"),
        (&["v1.yaml", "ftp://example.com/v2.yaml"], "only http and https URLs are read"),
        (
            &["v1.yaml", "v2.yaml", "--per-operation"],
            "error: --per-operation repeats findings for programs: add --format json\nexit code 2",
        ),
        (&["v1.yaml", "v2.yaml", "--today", "tomorrow"], "exit code 2"),
        (&["v1.yaml"], "exit code 2"),
    ] {
        let told = rollgate(folder.path(), &[&["diff"], arguments].concat());
        assert!(told.contains(said), "{arguments:?}: {told}");
        assert!(told.ends_with("exit code 2"), "{told}");
    }
}

#[test]
fn a_revision_that_cannot_be_read_does_not_pass() {
    let folder = folder(&[("v1.yaml", BASE), ("v2.yaml", "openapi: [3.0\n  nothing: {")]);
    let told = rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml"]);
    assert!(told.ends_with("exit code 1"), "{told}");
}

#[test]
fn colour_is_asked_for() {
    let folder = pair();
    let always = rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml", "--color", "always"]);
    assert!(always.contains("\u{1b}[1;31mbreaking\u{1b}[0m"), "{always}");
    // Standard output is no terminal here.
    assert!(!rollgate(folder.path(), &["diff", "v1.yaml", "v2.yaml"]).contains('\u{1b}'));
}
