//! The documents about descriptions say what the program does.

use std::path::Path;

use super::rollgate;

fn text(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The words of a command line; what stands between double quotes is one.
fn words(line: &str) -> Vec<&str> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(part, text)| {
            let one = if part % 2 == 1 { vec![text] } else { text.split_whitespace().collect() };
            one.into_iter()
        })
        .collect()
}

#[test]
fn every_command_in_the_documentation_is_understood() {
    let folder = super::folder(&[]);
    let documentation = text("docs/schema.md");
    let lines = documentation.lines().filter_map(|line| line.strip_prefix("rollgate schema "));
    let mut tried = 0;
    for line in lines {
        let line = line.split(" | ").next().unwrap().split(['<', '>']).next().unwrap();
        let line = line.split("  #").next().unwrap().trim_end();
        let told = rollgate(folder.path(), &words(line));
        assert!(!told.contains("Usage:"), "{line}: {told}");
        tried += 1;
    }
    assert!(tried >= 5, "{tried} commands were found");
}

#[test]
fn the_documented_rules_are_those_of_the_program() {
    let folder = super::folder(&[]);
    let told = rollgate(folder.path(), &["rules", "--format", "markdown"]);
    let page = text("docs/rules.md");
    let (_, documented) =
        page.split_once("<!-- Made by `rollgate schema rules --format markdown`. -->\n\n").unwrap();
    assert_eq!(
        format!("{documented}exit code 0"),
        told,
        "write what follows the mark anew with `cargo run -- schema rules --format markdown`"
    );
}
