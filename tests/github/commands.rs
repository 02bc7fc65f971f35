//! Workflow commands, read back by what the runner's own parser does (actions/runner, `ActionCommand.TryParseV2` and
//! `TryParse`).

use insta::assert_snapshot;
use proptest::prelude::*;
use rollgate::github::commands::{self, Budget, Enclosure, annotation, annotations, message};
use rollgate::report::publication::{Annotation, AnnotationLevel};
use rollgate::support::secret::SecretValue;

use crate::support::property;

fn one(path: &str, title: &str, text: &str) -> Annotation {
    Annotation {
        path: path.into(),
        line: 12,
        column: Some(5),
        level: AnnotationLevel::Failure,
        title: title.into(),
        message: text.into(),
    }
}

/// A command as the runner understands it.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    properties: Vec<(String, String)>,
    data: String,
}

/// As the runner does: the line begins with `::` after white space; the command ends at the next `::`.
fn parsed(line: &str) -> Option<Command> {
    let rest = line.trim_start().strip_prefix("::")?;
    let (info, data) = rest.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let properties = properties
        .split(',')
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(key, value)| {
            let value =
                value.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
            (key.to_owned(), value.replace("%25", "%"))
        })
        .collect();
    let data = data.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    Some(Command { name: name.to_owned(), properties, data })
}

#[test]
fn an_annotation_is_one_command_at_its_place() {
    assert_snapshot!(annotation(&one("api/openapi.yaml", "request-required", "50% of clients, or more: break")), @"::error file=api/openapi.yaml,line=12,col=5,title=request-required::50%25 of clients, or more: break");
    let bare = Annotation {
        column: None,
        title: String::new(),
        level: AnnotationLevel::Notice,
        ..one("a b,c:d.yaml", "", "x")
    };
    assert_snapshot!(annotation(&bare), @"::notice file=a b%2Cc%3Ad.yaml,line=12::x");
    assert_snapshot!(message(AnnotationLevel::Warning, "not published", "GitHub answered 403"), @"::warning title=not published::GitHub answered 403");
    assert_snapshot!(message(AnnotationLevel::Notice, "", "passed"), @"::notice::passed");
}

#[test]
fn ways_to_break_out_of_a_command_are_closed() {
    let hostile = [
        "x\n::add-mask::y",
        "x\r::error::y",
        "x\r\n##[add-mask]y",
        "x\u{2028}::set-output name=a::b",
        "x%0A::error::y",
        "x%250A::error::y",
        "##[error]x",
        ",line=1::",
        "::stop-commands::x",
        "\u{1b}[31mred\u{85}",
    ];
    let lines: Vec<String> = hostile.iter().map(|text| annotation(&one(text, text, text))).collect();
    assert_snapshot!(lines.join("\n"), @r"
    ::error file=x %3A %3Aadd-mask%3A %3Ay,line=12,col=5,title=x %3A %3Aadd-mask%3A %3Ay::x : :add-mask: :y
    ::error file=x %3A %3Aerror%3A %3Ay,line=12,col=5,title=x %3A %3Aerror%3A %3Ay::x : :error: :y
    ::error file=x ## [add-mask]y,line=12,col=5,title=x ## [add-mask]y::x ## [add-mask]y
    ::error file=x %3A %3Aset-output name=a%3A %3Ab,line=12,col=5,title=x %3A %3Aset-output name=a%3A %3Ab::x : :set-output name=a: :b
    ::error file=x%250A%3A %3Aerror%3A %3Ay,line=12,col=5,title=x%250A%3A %3Aerror%3A %3Ay::x%250A: :error: :y
    ::error file=x%25250A%3A %3Aerror%3A %3Ay,line=12,col=5,title=x%25250A%3A %3Aerror%3A %3Ay::x%25250A: :error: :y
    ::error file=## [error]x,line=12,col=5,title=## [error]x::## [error]x
    ::error file=%2Cline=1%3A %3A,line=12,col=5,title=%2Cline=1%3A %3A::,line=1: :
    ::error file=%3A %3Astop-commands%3A %3Ax,line=12,col=5,title=%3A %3Astop-commands%3A %3Ax::: :stop-commands: :x
    ::error file=[31mred,line=12,col=5,title=[31mred::[31mred
    ");
}

#[test]
fn ten_of_each_level_are_shown_and_the_others_counted() {
    let mut all: Vec<Annotation> = (0..12).map(|at| one("a", &format!("{at}"), "x")).collect();
    all.extend((0..11).map(|_| Annotation { level: AnnotationLevel::Warning, ..one("a", "w", "x") }));
    let mut budget = Budget::default();
    let shown = annotations(&all, &mut budget);
    assert_eq!(shown.lines().filter(|line| line.starts_with("::error ")).count(), 10);
    assert_eq!(shown.lines().filter(|line| line.starts_with("::warning ")).count(), 10);
    assert_snapshot!(shown.lines().last().unwrap(), @"3 more annotations; GitHub shows 10 of each level, the job's summary has all");
    // The budget is the step's, not the call's.
    let notice = Annotation { level: AnnotationLevel::Notice, ..one("a", "n", "x") };
    let later = annotations(&[one("a", "late", "x"), notice], &mut budget);
    assert_snapshot!(later, @r"
    ::notice file=a,line=12,col=5,title=n::x
    1 more annotation; GitHub shows 10 of each level, the job's summary has all
    ");
}

#[test]
fn a_message_has_at_most_what_the_runner_keeps() {
    let long = annotation(&one("a", &"t".repeat(10_000), &"é".repeat(10_000)));
    let command = parsed(&long).unwrap();
    assert_eq!(command.data.chars().count(), 4096);
    assert_eq!(command.properties[3].1.chars().count(), 255);
}

#[test]
fn a_secret_is_named_to_the_runner_as_it_is() {
    let secret = SecretValue::new("100%::sure").unwrap();
    assert_eq!(commands::add_mask(&secret), "::add-mask::100%25::sure");
}

#[test]
fn foreign_output_stands_between_two_lines_that_nobody_can_guess() {
    let (first, second) = (Enclosure::new().unwrap(), Enclosure::new().unwrap());
    assert_ne!(first, second);
    let token = first.begin().strip_prefix("::stop-commands::").unwrap().to_owned();
    assert_eq!(token.len(), 32);
    assert_eq!(first.end(), format!("::{token}::"));
}

/// Text with much of what could do harm in it.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("::".to_owned()),
        Just("##[".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("%0A".to_owned()),
        Just("%".to_owned()),
        Just("25".to_owned()),
        Just(",".to_owned()),
        Just("=".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("error".to_owned()),
        Just(" ".to_owned()),
        any::<String>(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

#[test]
fn no_text_makes_another_command_than_the_one_that_was_meant() {
    property::check(1_000, &(hostile(), hostile(), hostile()), |(path, title, text)| {
        let line = annotation(&one(&path, &title, &text));
        prop_assert!(!line.contains(['\n', '\r', '\u{2028}', '\u{85}']), "{:?}", line);
        prop_assert!(!line.contains("##["));
        let command = parsed(&line).unwrap();
        prop_assert_eq!(command.name, "error");
        let names: Vec<&str> = command.properties.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert!(
            names == ["file", "line", "col", "title"] || names == ["file", "line", "col"],
            "{:?}",
            names
        );
        prop_assert_eq!(&command.properties[1].1, "12");
        // What the runner shows is what the sanitiser made of it, no more and no less.
        prop_assert_eq!(command.data, rollgate::support::text::line(&text, 4096));
        prop_assert_eq!(&command.properties[0].1, &rollgate::support::text::line(&path, 1024));
        Ok(())
    });
}
