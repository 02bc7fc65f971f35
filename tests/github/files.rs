//! The runner's files, read back by what the runner does (actions/runner, `FileCommandManager`).

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;
use rollgate::github::files::{OUTPUT, RunnerFiles};
use rollgate::report::publication::{Conclusion, Publication};
use rollgate::support::secret::SecretValue;

use super::publication;
use crate::support::property;

struct Step {
    folder: tempfile::TempDir,
    files: RunnerFiles,
}

impl Step {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let environment: BTreeMap<String, String> = [
            ("GITHUB_OUTPUT", path("output")),
            ("GITHUB_STATE", path("state")),
            ("GITHUB_STEP_SUMMARY", path("summary")),
            ("GITHUB_ENV", path("env")),
            ("GITHUB_PATH", path("path")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        Self { files: RunnerFiles::from_environment(&environment), folder }
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }
}

/// The entries of an output file as the runner reads them: `name=value`, or `name<<end` and lines up to `end`.
fn entries(text: &str) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    let mut rest = text;
    let mut line = || {
        let (line, after) = rest.split_once('\n')?;
        rest = after;
        Some(line)
    };
    while let Some(head) = line() {
        let head = head.strip_suffix('\r').unwrap_or(head);
        if head.is_empty() {
            continue;
        }
        let (equals, heredoc) = (head.find('='), head.find("<<"));
        if let Some(at) = equals
            && heredoc.is_none_or(|other| at < other)
        {
            entries.push((head[..at].to_owned(), head[at + 1..].to_owned()));
            continue;
        }
        let (name, end) = head.split_once("<<").expect("the runner refuses the file");
        let mut value = Vec::new();
        loop {
            let next = line().expect("the runner misses the delimiter");
            if next.strip_suffix('\r').unwrap_or(next) == end {
                break;
            }
            value.push(next);
        }
        entries.push((name.to_owned(), value.join("\n")));
    }
    entries
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn outputs_and_state_are_appended() {
    let step = Step::new();
    std::fs::write(step.folder.path().join("output"), "earlier=1\n").unwrap();
    step.files.output("verdict", "fail").unwrap();
    step.files.output("report-json", "{\n  \"version\": 1\n}").unwrap();
    step.files.state("rollout", "42").unwrap();
    let expected = [("earlier", "1"), ("verdict", "fail"), ("report-json", "{\n  \"version\": 1\n}")];
    assert_eq!(entries(&step.read("output")), pairs(&expected));
    assert_eq!(entries(&step.read("state")), pairs(&[("rollout", "42")]));
    assert_eq!((step.read("env"), step.read("path")), (String::new(), String::new()));
}

#[test]
fn no_value_ends_its_own_entry() {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("EOF".to_owned()),
        Just("rollgate_".to_owned()),
        Just("verdict=pass".to_owned()),
        Just("verdict<<x".to_owned()),
        Just("ghadelimiter_".to_owned()),
        Just("=".to_owned()),
        any::<String>(),
    ];
    let value = prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat());
    property::check(300, &(value.clone(), value), |(first, second)| {
        let step = Step::new();
        step.files.output("first", &first).unwrap();
        step.files.output("second", &second).unwrap();
        prop_assert_eq!(entries(&step.read("output")), pairs(&[("first", &first), ("second", &second)]));
        Ok(())
    });
}

#[test]
fn two_entries_never_have_the_same_delimiter() {
    let step = Step::new();
    for _ in 0..2 {
        step.files.output("verdict", "pass").unwrap();
    }
    let text = step.read("output");
    let delimiters: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("verdict<<")).collect();
    assert_ne!(delimiters[0], delimiters[1]);
}

#[test]
fn a_secret_is_not_written() {
    let step = Step::new();
    let _secret = SecretValue::new("swordfish-of-the-files").unwrap();
    step.files.output("said", "it is swordfish-of-the-files").unwrap();
    let mut gate = publication("web", Conclusion::Failed, 0);
    gate.body.head = "it is swordfish-of-the-files".into();
    step.files.summary(&[gate]).unwrap();
    assert_eq!(entries(&step.read("output")), pairs(&[("said", "it is ***")]));
    assert!(step.read("summary").starts_with("it is ***"));
}

#[test]
fn what_the_runner_would_refuse_is_told_before() {
    let step = Step::new();
    let told = |outcome: Result<(), rollgate::github::files::FileError>| outcome.unwrap_err().to_string();
    let nothing = RunnerFiles::default();
    std::fs::create_dir(step.folder.path().join("state")).unwrap();
    let told = [
        told(step.files.output("", "x")),
        told(step.files.output("a=b\nc", "x")),
        told(step.files.output("9", "x")),
        told(step.files.output("report", &"x".repeat(OUTPUT / 2 + 1))),
        told(nothing.output("verdict", "x")),
        told(nothing.summary(&[])),
        told(step.files.state("rollout", "x")),
    ];
    assert_snapshot!(told.join("\n"), @r#"
    write an output: "" is no name of ASCII letters, digits, `-` and `_` that begins with a letter
    write an output: "a=b c" is no name of ASCII letters, digits, `-` and `_` that begins with a letter
    write an output: "9" is no name of ASCII letters, digits, `-` and `_` that begins with a letter
    write the output report: it is longer than 1024 KiB, more than the runner takes
    write the output verdict: GITHUB_OUTPUT is not set; inside a GitHub workflow the runner sets it
    write the job's summary: GITHUB_STEP_SUMMARY is not set; inside a GitHub workflow the runner sets it
    write the state rollout: Is a directory (os error 21)
    "#);
    assert_eq!(step.read("output"), "");
    step.files.output("report", &"x".repeat(OUTPUT / 2)).unwrap();
}

fn long(service: &str, blocks: usize) -> Publication {
    let mut gate = publication(service, Conclusion::Failed, 0);
    gate.body.blocks = (0..blocks).map(|at| format!("- {at} {}", "x".repeat(1000))).collect();
    gate
}

#[test]
fn the_summary_of_several_gates_stays_below_what_the_runner_takes() {
    let step = Step::new();
    step.files.summary(&[long("web", 2_000), long("pay", 10), long("ads", 2_000)]).unwrap();
    let text = step.read("summary");
    assert!(text.len() < 1024 * 1024 && text.len() > 800 * 1024, "{}", text.len());
    assert_eq!(text.matches("more that do not fit here").count(), 2);
    assert_eq!(text.matches("Read on in the report.").count(), 3);
    // What a later part of the step adds does not make the whole file too long either.
    step.files.summary(&[long("late", 2_000)]).unwrap();
    assert!(step.read("summary").len() < 1024 * 1024);
    assert!(step.read("summary").starts_with(&text));
}

#[test]
fn a_summary_is_the_reports_one_after_the_other() {
    let step = Step::new();
    step.files
        .summary(&[publication("web", Conclusion::Failed, 1), publication("pay", Conclusion::Passed, 0)])
        .unwrap();
    assert_snapshot!(step.read("summary"), @r"
    ## web
    - change 0
    Read on in the report.

    ## pay
    Read on in the report.
    ");
}
