//! What the README says is so: its configuration is one, what it quotes is there, its links lead somewhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use rollgate::config;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// A fenced block: the words after its fence, the line before it, and its text.
#[derive(Debug, PartialEq)]
struct Block<'a> {
    info: &'a str,
    before: &'a str,
    text: String,
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let (mut lines, mut before) = (markdown.lines(), "");
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```") {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            let text = text.join("\n") + "\n";
            blocks.push(Block { info, before, text });
        }
        before = line;
    }
    blocks
}

/// Lines without their indentation, which a quotation may leave out.
fn flush(text: &str) -> String {
    text.lines().map(|line| line.trim().to_owned() + "\n").collect()
}

/// Quotations whose words are not in the file they name.
fn misquoted(markdown: &str, read: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let quoted = blocks(markdown).into_iter().filter_map(|block| {
        let path = block.before.strip_prefix("<!-- quoted from ")?.strip_suffix(" -->")?;
        Some((path.to_owned(), block.text))
    });
    quoted
        .filter(|(path, text)| !read(path).is_some_and(|file| flush(&file).contains(&flush(text))))
        .map(|(path, _)| path)
        .collect()
}

#[test]
fn quotations_are_in_the_files_they_name() {
    let readme = readme();
    let read = |path: &str| std::fs::read_to_string(root().join(path)).ok();
    assert!(readme.contains("<!-- quoted from "));
    assert_eq!(misquoted(&readme, read), [""; 0]);
}

#[test]
fn a_misquotation_is_caught() {
    let markdown =
        "<!-- quoted from a -->\n```rust\nfn one() {}\n```\n\n<!-- quoted from b -->\n```\nx\n```\n";
    let read = |path: &str| (path == "a").then(|| "fn one() { }\n".to_owned());
    assert_eq!(misquoted(markdown, read), ["a", "b"]);
    assert_eq!(misquoted(markdown, |_| Some("fn one() {}\nx\n".into())), [""; 0]);
}

/// The configurations that the README shows.
fn configurations() -> Vec<String> {
    let readme = readme();
    blocks(&readme).into_iter().filter(|block| block.info == "yaml config").map(|block| block.text).collect()
}

#[test]
fn configurations_are_valid_in_every_environment() {
    let configurations = configurations();
    assert_eq!(configurations.len(), 1);
    for text in configurations {
        let all = config::parse_all("README.md", text.as_bytes()).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(all.len(), 2, "the base and one environment");
        for configuration in all {
            configuration.canary(Some("web-api")).unwrap();
        }
    }
}

#[test]
fn links_lead_to_files() {
    let readme = readme();
    let targets: BTreeSet<&str> =
        readme.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(targets.contains("SECURITY.md"), "{targets:?}");
    let lost: Vec<_> = targets
        .into_iter()
        .filter(|target| !target.starts_with("http") && !root().join(target).exists())
        .collect();
    assert_eq!(lost, [""; 0]);
}

/// The first column of the table whose head begins with `head`.
fn column<'a>(markdown: &'a str, head: &str) -> Vec<&'a str> {
    markdown
        .lines()
        .skip_while(|line| !line.starts_with(&format!("| {head} |")))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .collect()
}

#[test]
fn exit_codes_are_those_that_the_help_names() {
    let help = Command::new(env!("CARGO_BIN_EXE_rollgate")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let told = help.split("Exit codes: ").nth(1).unwrap();
    let codes = |text: &str| -> BTreeSet<u8> {
        text.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
    };
    let readme = readme();
    let listed: BTreeSet<u8> = column(&readme, "exit code").into_iter().flat_map(codes).collect();
    assert_eq!(listed, codes(told));
    assert_eq!(listed, [0, 1, 2, 3, 4, 130, 143].into());
}

fn help(arguments: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_rollgate")).args(arguments).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Names that a help text lists beneath `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(String::from).collect()
}

/// Every command that does something, as words.
fn commands(words: &[&str]) -> Vec<String> {
    let below = subcommands(&help(words).unwrap());
    if below.is_empty() {
        return vec![words.join(" ")];
    }
    below.iter().flat_map(|name| commands(&[words, &[name.as_str()]].concat())).collect()
}

#[test]
fn the_table_has_every_command_and_its_options() {
    let readme = readme();
    let listed: BTreeSet<String> = column(&readme, "command")
        .iter()
        .map(|cell| cell.replace("`rollgate ", "").replace('`', ""))
        .collect();
    assert_eq!(listed, commands(&[]).into_iter().collect());

    let run = help(&["canary", "run"]).unwrap();
    let told = readme.lines().filter(|line| {
        line.starts_with("| `rollgate canary run`") || line.starts_with("The `canary` commands")
    });
    let options: Vec<&str> = told
        .flat_map(|line| line.split('`'))
        .filter_map(|code| code.split(' ').next())
        .filter(|code| code.starts_with("--"))
        .collect();
    assert!(options.len() > 5, "{options:?}");
    for option in options {
        assert!(
            run.contains(&format!("{option} ")) || run.contains(&format!("{option}\n")),
            "{option} in {run}"
        );
    }
}

#[test]
fn the_help_of_every_command_on_policies_has_examples_and_exit_codes() {
    for command in commands(&["policy"]) {
        let words: Vec<&str> = command.split(' ').collect();
        let help = help(&words).unwrap();
        let (_, behind) =
            help.split_once("\nExamples:\n").unwrap_or_else(|| panic!("{command}: no examples"));
        assert!(behind.starts_with(&format!("  rollgate {command}")), "{command}: {behind}");
        assert!(behind.contains("\nExit codes: 0 "), "{command}: {behind}");
    }
}
