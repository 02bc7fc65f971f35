//! What is published of the action's inputs and outputs: `action.yml`, `action-types.yml`, and the tables of its
//! documentation, all made from [`super::inputs`]. Pure.

use std::fmt::Write as _;

use super::inputs::{INPUTS, Kind, OUTPUTS, Scope};

/// What a made file begins with.
const MADE: &str =
    "# Made by `rollgate action-metadata`; a test holds it. Change src/config/inputs.rs instead.\n";

/// How wide a made file is.
const WIDTH: usize = 110;

/// The file of metadata that the runner reads.
///
/// `image` is what the runner builds or pulls; on the main branch the `Dockerfile`. A release has the digest of its
/// published image instead.
#[must_use]
pub fn action(image: &str) -> String {
    let mut yaml = String::from(MADE);
    yaml.push_str("name: Rollgate\n");
    folded(
        &mut yaml,
        0,
        "description",
        "Guards releases: checks pull requests for breaking API changes, and carries a canary from first traffic to \
         verdict, decided by WebAssembly policies.",
    );
    yaml.push_str("author: The Rollgate authors\nbranding:\n  icon: shield\n  color: green\n\ninputs:\n");
    for input in INPUTS {
        let _ = writeln!(yaml, "  {}:", input.name);
        let told = format!("{} Default: {}.", told(input.description, input.kind), input.unset);
        folded(&mut yaml, 4, "description", &told);
        yaml.push_str("    required: false\n");
        // Any other default would hide what the configuration file says.
        if let Some(preset) = input.preset {
            let _ = writeln!(yaml, "    default: {preset}");
        }
    }
    yaml.push_str("\noutputs:\n");
    for output in OUTPUTS {
        let _ = writeln!(yaml, "  {}:", output.name);
        folded(&mut yaml, 4, "description", &told(output.description, output.kind));
    }
    let _ = write!(
        yaml,
        "
runs:
  using: docker
  image: {image}
  # Kubernetes runners need the entrypoint to be named. Inputs come in the environment: arguments would pass a shell there.
  entrypoint: /usr/local/bin/rollgate-action
  # Settles what a cancelled or killed step has left.
  post-entrypoint: /usr/local/bin/rollgate-settle
  post-if: always()
"
    );
    yaml
}

/// The types of inputs and outputs, for github-actions-typing.
#[must_use]
pub fn types() -> String {
    let mut yaml = String::from(MADE);
    yaml.push_str("# See https://github.com/typesafegithub/github-actions-typing\ninputs:\n");
    for input in INPUTS {
        typed(&mut yaml, input.name, input.kind);
    }
    yaml.push_str("outputs:\n");
    for output in OUTPUTS {
        typed(&mut yaml, output.name, output.kind);
    }
    yaml
}

/// The table of inputs, as Markdown.
#[must_use]
pub fn inputs_table() -> String {
    let mut table = String::from("| input | value | |\n|---|---|---|\n");
    for input in INPUTS {
        let scope = match input.of {
            Scope::All => "",
            Scope::Schema => " Only with `schema-check`.",
            Scope::Canary => " Only with the `canary-…` commands.",
            Scope::Run => " Only with `canary-run`.",
        };
        let _ = writeln!(
            table,
            "| `{}` | {} | {}{scope} *Default:* {}. |",
            input.name,
            value(input.kind),
            cell(input.description),
            cell(input.unset)
        );
    }
    table
}

/// The table of outputs, as Markdown.
#[must_use]
pub fn outputs_table() -> String {
    let mut table = String::from("| output | value | |\n|---|---|---|\n");
    for output in OUTPUTS {
        let _ =
            writeln!(table, "| `{}` | {} | {} |", output.name, value(output.kind), cell(output.description));
    }
    table
}

/// `document` with the tables between its marks made anew; none where a mark is missing.
#[must_use]
pub fn documented(document: &str) -> Option<String> {
    let document = between(document, "inputs", &inputs_table())?;
    between(&document, "outputs", &outputs_table())
}

/// Replaces what stands between the marks `<!-- NAME -->` and `<!-- end of NAME -->`.
fn between(document: &str, name: &str, content: &str) -> Option<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let (before, rest) = document.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{content}\n{end}{after}"))
}

/// What a value is for, and what it may be.
fn told(description: &str, kind: Kind) -> String {
    match kind {
        Kind::Choice(words) => format!("{description} One of {}.", listed(&words(), ", ")),
        Kind::Switch => format!("{description} `true` or `false`."),
        Kind::Text | Kind::Number | Kind::Lines => description.to_owned(),
    }
}

fn listed(words: &[&str], separator: &str) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(separator)
}

fn value(kind: Kind) -> String {
    match kind {
        Kind::Text => "text".into(),
        Kind::Number => "whole number".into(),
        Kind::Lines => "list, one a line".into(),
        Kind::Switch => "`true` or `false`".into(),
        Kind::Choice(words) => listed(&words(), ", "),
    }
}

fn cell(text: &str) -> String {
    // Within code a bar still ends a cell.
    text.replace('|', "\\|")
}

fn typed(yaml: &mut String, name: &str, kind: Kind) {
    let _ = writeln!(yaml, "  {name}:");
    match kind {
        Kind::Text => yaml.push_str("    type: string\n"),
        Kind::Number => yaml.push_str("    type: integer\n"),
        Kind::Switch => yaml.push_str("    type: boolean\n"),
        Kind::Lines => {
            yaml.push_str("    type: list\n    separator: '\\n'\n    list-item:\n      type: string\n");
        }
        Kind::Choice(words) => {
            yaml.push_str("    type: enum\n    allowed-values:\n");
            for word in words() {
                // Some readers take `off` for a boolean.
                let _ = writeln!(yaml, "      - '{word}'");
            }
        }
    }
}

/// A text as a folded block of YAML, which needs no quoting.
fn folded(yaml: &mut String, indent: usize, key: &str, text: &str) {
    let _ = writeln!(yaml, "{:indent$}{key}: >-", "");
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && indent + 2 + line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(yaml, "{:width$}{line}", "", width = indent + 2);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(yaml, "{:width$}{line}", "", width = indent + 2);
}

#[cfg(test)]
mod tests {
    use super::super::inputs::Input;
    use super::*;

    #[test]
    fn only_the_token_has_a_default_that_the_runner_fills_in() {
        let preset: Vec<_> = INPUTS.iter().filter(|input| input.preset.is_some()).collect();
        assert!(matches!(preset[..], [Input { name: "token", .. }]), "{preset:?}");
        let yaml = action("Dockerfile");
        assert_eq!(yaml.matches("    default: ").count(), 1, "{yaml}");
    }

    #[test]
    fn names_are_unique_and_kebab_case() {
        let names = INPUTS.iter().map(|input| input.name).collect::<Vec<_>>();
        let outputs = OUTPUTS.iter().map(|output| output.name).collect::<Vec<_>>();
        for mut names in [names, outputs] {
            assert!(
                names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
            );
            let all = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), all);
        }
    }

    #[test]
    fn a_document_keeps_everything_but_its_tables() {
        let document = "a\n<!-- inputs -->\nstale table\n<!-- end of inputs -->\nb\n<!-- outputs -->\n<!-- end of outputs -->\nc\n";
        let made = documented(document).unwrap();
        assert!(made.starts_with("a\n<!-- inputs -->\n\n| input |"), "{made}");
        assert!(made.ends_with("\n<!-- end of outputs -->\nc\n") && !made.contains("stale"), "{made}");
        assert_eq!(documented(&made).as_deref(), Some(made.as_str()));
        assert_eq!(documented("no marks"), None);
    }

    #[test]
    fn long_descriptions_are_folded() {
        let mut yaml = String::new();
        folded(&mut yaml, 4, "description", &"word ".repeat(40));
        insta::assert_snapshot!(yaml, @r"
            description: >-
              word word word word word word word word word word word word word word word word word word word word word
              word word word word word word word word word word word word word word word word word word word
        ");
    }
}
