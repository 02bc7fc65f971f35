//! The reference of what breaks and why: cases in Markdown, each with its verdict by hand, held against the comparison and,
//! where they speak of plain values, against the `jsonschema` crate. `docs/semantics.md` is made of them, with the rules
//! and the messages that the comparison found; `UPDATE_SEMANTICS=1` makes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use rollgate::openapi::compare::compare;
use rollgate::openapi::finding::{Gravity, Level, Proof, Report, SideName};
use rollgate::openapi::judge::{Judgement, judge};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use rollgate::openapi::rules::Profile;
use rollgate::report::schema::words;
use rollgate::support::env::{Environment as _, ProcessEnvironment};
use serde_json::{Map, Value, json};

use super::properties::contradiction;
use super::witness::confirmed::{confirm, is_plain};

/// What a case is expected to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// A message is lost.
    Breaking,
    /// Nothing proves it either way.
    Undecided,
    /// A promise may be broken that no schema tells of.
    Warning,
    /// Something changed, and no message is lost.
    Safe,
    /// There is nothing to tell.
    Silent,
}

impl Verdict {
    const ALL: [(&str, Self); 5] = [
        ("breaking", Self::Breaking),
        ("undecided", Self::Undecided),
        ("warning", Self::Warning),
        ("safe", Self::Safe),
        ("silent", Self::Silent),
    ];

    fn of(report: &Report) -> Self {
        let any = |level: Level| report.findings.iter().any(|finding| finding.level == level);
        let undecided = report.findings.iter().any(|finding| finding.proof == Proof::Undecided);
        match () {
            () if any(Level::Error) => Self::Breaking,
            () if undecided => Self::Undecided,
            () if any(Level::Warn) => Self::Warning,
            () if any(Level::Info) => Self::Safe,
            () => Self::Silent,
        }
    }

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, verdict)| *verdict == self).unwrap().0
    }
}

/// One line of expectation.
#[derive(Debug)]
struct Expected {
    /// `request`, `response`, or empty for the description as it is.
    place: String,
    profile: Option<Profile>,
    verdict: Verdict,
}

/// A pair, with what is said of it.
#[derive(Debug)]
struct Case {
    title: String,
    text: String,
    kind: String,
    version: String,
    diff: String,
    expected: Vec<Expected>,
}

/// Cases that belong together.
#[derive(Debug)]
struct Topic {
    title: String,
    text: String,
    cases: Vec<Case>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi/semantics")
}

fn topics() -> Vec<Topic> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    files
        .iter()
        .map(|file| topic(&std::fs::read_to_string(file).unwrap(), &file.display().to_string()))
        .collect()
}

/// Reads one file: `# Topic`, text, and cases of `## Title`, text, a block of `diff` and lines of expectation.
fn topic(source: &str, name: &str) -> Topic {
    let mut parts = source.split("\n## ");
    let (title, text) = parts.next().unwrap().split_once('\n').unwrap();
    let title = title.strip_prefix("# ").unwrap_or_else(|| panic!("{name} begins with its title")).to_owned();
    Topic { title, text: text.trim().to_owned(), cases: parts.map(|part| case(part, name)).collect() }
}

fn case(source: &str, name: &str) -> Case {
    let (title, rest) = source.split_once('\n').unwrap();
    let bad = |what: &str| -> ! { panic!("{name}: {title}: {what}") };
    let (text, rest) = rest.split_once("```diff ").unwrap_or_else(|| bad("no block of diff"));
    let (info, rest) = rest.split_once('\n').unwrap();
    let (diff, rest) = rest.split_once("```\n").unwrap_or_else(|| bad("the block does not end"));
    let (kind, version) = info.split_once(' ').unwrap_or((info, "3.1.0"));
    let expected: Vec<Expected> = rest
        .lines()
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (place, verdict) = line.split_once(": ").unwrap_or_else(|| bad(line));
            let (place, profile) = place.split_once(", ").map_or((place, None), |(place, profile)| {
                (place, Some(profile.parse().unwrap_or_else(|_| bad(line))))
            });
            let verdict =
                Verdict::ALL.iter().find(|(word, _)| *word == verdict).unwrap_or_else(|| bad(line)).1;
            let place = if place == "verdict" { String::new() } else { place.to_owned() };
            Expected { place, profile, verdict }
        })
        .collect();
    if expected.is_empty() || text.trim().is_empty() {
        bad("nothing is said of it");
    }
    let (title, kind, version) = (title.trim().to_owned(), kind.trim().to_owned(), version.trim().to_owned());
    Case { title, text: text.trim().to_owned(), kind, version, diff: diff.to_owned(), expected }
}

impl Case {
    /// One of the sides, as it was written.
    fn fragment(&self, revision: bool) -> Value {
        let mut lines = String::new();
        for line in self.diff.lines() {
            let (mark, line) = line.split_at_checked(1).unwrap_or((" ", ""));
            match (mark, revision) {
                (" ", _) | ("-", false) | ("+", true) => writeln!(lines, "{line}").unwrap(),
                ("-" | "+", _) => {}
                _ => panic!("{}: a line begins with a blank, - or +: {mark}{line}", self.title),
            }
        }
        serde_yaml::from_str(&lines).unwrap_or_else(|error| panic!("{}: {error}\n{lines}", self.title))
    }

    /// A whole description of one of the sides.
    fn description(&self, revision: bool, place: &str) -> Value {
        let fragment = self.fragment(revision);
        let mut whole = json!({ "openapi": self.version, "info": { "title": "Orders", "version": "1.0.0" } });
        let responses = json!({ "200": { "description": "ok" } });
        match self.kind.as_str() {
            "schema" | "schemas" => {
                let (schema, components) = self.schemas(&fragment);
                let content = json!({ "application/json": { "schema": schema } });
                whole["paths"] = if place == "request" {
                    let body = json!({ "required": true, "content": content });
                    json!({ "/orders": { "post": { "requestBody": body, "responses": responses } } })
                } else {
                    let answers = json!({ "200": { "description": "ok", "content": content } });
                    json!({ "/orders": { "get": { "responses": answers } } })
                };
                if !components.is_empty() {
                    whole["components"] = json!({ "schemas": components });
                }
            }
            "operation" => {
                let body = self.diff.contains("requestBody");
                let mut operation = fragment;
                if operation.get("responses").is_none() {
                    operation["responses"] = responses;
                }
                whole["paths"] = json!({ "/orders": { if body { "post" } else { "get" }: operation } });
            }
            "paths" => whole["paths"] = with_responses(fragment),
            "document" => {
                for (key, mut value) in fragment.as_object().unwrap().clone() {
                    if key == "paths" || key == "webhooks" {
                        value = with_responses(value);
                    }
                    whole[key] = value;
                }
                if whole.get("swagger").is_some() {
                    whole.as_object_mut().unwrap().remove("openapi");
                }
                if whole.get("paths").is_none() && whole.get("webhooks").is_none() {
                    whole["paths"] = json!({ "/orders": { "get": { "responses": responses } } });
                }
            }
            other => panic!("{}: no such kind: {other}", self.title),
        }
        whole
    }

    /// The schema of the body and the components.
    fn schemas(&self, fragment: &Value) -> (Value, Map<String, Value>) {
        if self.kind == "schema" {
            return (fragment.clone(), Map::new());
        }
        // The first that is written is the body's.
        let first = self.diff.lines().next().unwrap()[1..].split(':').next().unwrap();
        (json!({ "$ref": format!("#/components/schemas/{first}") }), fragment.as_object().unwrap().clone())
    }

    fn judged(&self, expected: &Expected) -> (Value, Value, Report) {
        let sides = [false, true].map(|revision| self.description(revision, &expected.place));
        let texts = sides.each_ref().map(ToString::to_string);
        let (old, of_old) = read("base", texts[0].as_bytes());
        let (new, of_new) = read("revision", texts[1].as_bytes());
        let (old, new) = (lower(&old, of_old), lower(&new, of_new));
        let judgement = Judgement {
            profile: expected.profile.unwrap_or_default(),
            today: Some(date(2026, 7, 1)),
            ..Judgement::default()
        };
        let report = judge(compare(&old, &new, &judgement.options()), &[&old, &new], &judgement).report;
        let [base, revision] = sides;
        (base, revision, report)
    }
}

/// Operations that say nothing of their responses answer 200.
fn with_responses(mut paths: Value) -> Value {
    for item in paths.as_object_mut().unwrap().values_mut() {
        for method in ["get", "put", "post", "delete", "patch"] {
            if let Some(operation) = item.get_mut(method)
                && operation.get("responses").is_none()
            {
                operation["responses"] = json!({ "200": { "description": "ok" } });
            }
        }
    }
    paths
}

/// What the comparison says, in the words of the document.
fn told(expected: &Expected, report: &Report) -> String {
    let mut line = format!("- **{}**", expected.verdict.word());
    match expected.place.as_str() {
        "" => {}
        place => write!(line, " as a {place}").unwrap(),
    }
    if let Some(profile) = expected.profile {
        write!(line, " under `{profile}`").unwrap();
    }
    // Each rule once, with the surest of its findings.
    let mut rules: BTreeMap<(Level, &str), (Proof, Option<String>)> = BTreeMap::new();
    for finding in &report.findings {
        let shown = finding.witness.as_ref().map(|witness| {
            let message = words::message(witness).replace('`', "'");
            match witness.accepted_by {
                SideName::Base => format!("the base accepts `{message}`, the revision does not"),
                SideName::Revision => {
                    format!("the revision may send `{message}`, which the base does not promise")
                }
            }
        });
        let known = rules.entry((finding.level, &finding.id)).or_insert((finding.proof, shown.clone()));
        if known.1.is_none() && shown.is_some() {
            *known = (finding.proof, shown);
        }
    }
    let mut seen = BTreeSet::new();
    for (index, ((level, id), (proof, shown))) in rules.into_iter().enumerate() {
        let sure = match (level, proof) {
            (Level::Info, Proof::Rule) => "",
            (_, Proof::Rule) => " (rule)",
            (_, Proof::Proven) => " (proven)",
            (_, Proof::Undecided) => " (undecided)",
        };
        write!(line, "{} `{id}`{sure}", if index == 0 { ":" } else { ";" }).unwrap();
        if let Some(shown) = shown
            && seen.insert(shown.clone())
        {
            write!(line, ", {shown}").unwrap();
        }
    }
    line
}

/// What a heading is called in links.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter.to_ascii_lowercase() }).collect()
}

const HEAD: &str = include_str!("head.txt");

/// The document.
fn document(topics: &[Topic]) -> String {
    let cases: usize = topics.iter().map(|topic| topic.cases.len()).sum();
    let mut text = HEAD.replace("CASES", &cases.to_string());
    text.push_str("\n## Contents\n\n");
    for topic in topics {
        writeln!(text, "- [{}](#{}) ({})", topic.title, anchor(&topic.title), topic.cases.len()).unwrap();
    }
    for topic in topics {
        write!(text, "\n## {}\n\n{}\n", topic.title, topic.text).unwrap();
        for case in &topic.cases {
            write!(text, "\n### {}\n\n{}\n\n", case.title, case.text).unwrap();
            let of = match case.kind.as_str() {
                "schemas" => format!("`{}` is the body.\n\n", case.diff[1..].split(':').next().unwrap()),
                _ => String::new(),
            };
            write!(text, "{of}```diff\n{}```\n\n", case.diff).unwrap();
            for expected in &case.expected {
                writeln!(text, "{}", told(expected, &case.judged(expected).2)).unwrap();
            }
        }
    }
    text
}

#[test]
fn every_case_has_its_verdict() {
    let mut wrong = String::new();
    for topic in topics() {
        for case in &topic.cases {
            for expected in &case.expected {
                let (_, _, report) = case.judged(expected);
                let found = Verdict::of(&report);
                let read = report.diagnostics.iter().all(|defect| defect.level != Gravity::Error)
                    || matches!(expected.verdict, Verdict::Breaking | Verdict::Undecided);
                if found != expected.verdict || !read {
                    writeln!(
                        wrong,
                        "{} / {}: {} is expected, {}\n    {:?}",
                        topic.title,
                        case.title,
                        expected.verdict.word(),
                        told(
                            &Expected {
                                verdict: found,
                                ..Expected { place: expected.place.clone(), ..*expected }
                            },
                            &report
                        ),
                        report.diagnostics
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The verdicts were written by hand; whoever wrote them, and the comparison, may err alike. A validator does not know
/// either.
#[test]
fn no_verdict_is_contradicted_by_a_validator() {
    let (mut messages, mut verdicts) = (0, 0);
    for topic in topics() {
        for case in &topic.cases {
            for expected in &case.expected {
                let (base, revision, report) = case.judged(expected);
                let confirmed = report.findings.iter().filter(|finding| confirm(&base, &revision, finding));
                messages += confirmed.count();
                let of_values = case.kind.starts_with("schema") && case.version.starts_with("3.1");
                let of_values = of_values && is_plain(&base) && is_plain(&revision);
                if !of_values || !matches!(expected.verdict, Verdict::Safe | Verdict::Silent) {
                    continue;
                }
                verdicts += 1;
                let (old, new) = (case.schemas(&case.fragment(false)), case.schemas(&case.fragment(true)));
                let (narrow, wide) = if expected.place == "request" { (old, new) } else { (new, old) };
                let lost = contradiction(narrow, wide);
                assert_eq!(lost, None, "{} as a {}", case.title, expected.place);
            }
        }
    }
    assert!(messages >= 60 && verdicts >= 60, "{messages} messages and {verdicts} verdicts were held");
}

#[test]
fn titles_are_told_apart() {
    let mut seen = BTreeSet::new();
    for topic in topics() {
        for title in std::iter::once(&topic.title).chain(topic.cases.iter().map(|case| &case.title)) {
            assert!(seen.insert(anchor(title)), "{title} is there twice");
        }
    }
}

#[test]
fn the_reference_is_made_of_the_cases() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/semantics.md");
    let made = document(&topics());
    if ProcessEnvironment.variable("UPDATE_SEMANTICS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == made, "run the tests once with UPDATE_SEMANTICS=1 and commit {}", path.display());
}
