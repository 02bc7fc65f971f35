//! From bytes to located trees: what is read, where it stands, what is said of it, and what it costs.

mod equal;
mod hostile;
mod json;
mod limits;
mod positions;
mod yaml;

use std::fmt::Write as _;

use rollgate::openapi::diagnostic::{Diagnostic, Gravity};
use rollgate::openapi::read::read;
use rollgate::openapi::tree::{Kind, Lines, Node, Tree};
use serde_json::Value;

/// The tree of a file with its places, and what is said of it: a line per value and per diagnostic.
pub(crate) fn shown(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let (tree, diagnostics) = read(name, bytes.as_ref());
    let mut page = String::new();
    match tree.root() {
        None => page.push_str("nothing\n"),
        Some(root) => {
            let lines = Lines::of(tree.source());
            show(root, &lines, 0, "", &mut page);
        }
    }
    for Diagnostic { code, level, message, location, pointer } in diagnostics {
        assert_eq!(pointer, None);
        let location = location.unwrap();
        assert_eq!(location.file, name);
        let level = if level == Gravity::Error { "error" } else { "warn" };
        writeln!(page, "{level} {code} {}:{} {message}", location.line, location.column).unwrap();
    }
    page
}

fn show(node: Node<'_>, lines: &Lines<'_>, depth: usize, key: &str, page: &mut String) {
    let place = |at| {
        let position = lines.position(at);
        format!("{}:{}", position.line, position.column)
    };
    let indent = "  ".repeat(depth);
    let at = place(node.at());
    let value = match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Boolean => node.as_bool().unwrap().to_string(),
        Kind::Number => node.as_number().unwrap().to_owned(),
        Kind::String => format!("{:?}", node.as_str().unwrap()),
        Kind::Sequence => "[]".to_owned(),
        Kind::Mapping => "{}".to_owned(),
    };
    writeln!(page, "{indent}{key}{value} {at}").unwrap();
    for item in node.items() {
        show(item, lines, depth + 1, "- ", page);
    }
    for member in node.members() {
        let key = format!("{} {} = ", member.key, place(member.at));
        show(member.value, lines, depth + 1, &key, page);
    }
}

/// What a tree says, as `serde_json` would have it.
pub(crate) fn value_of(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(node.as_bool().unwrap()),
        Kind::Number => {
            let digits = node.as_number().unwrap();
            serde_json::from_str(digits).unwrap_or_else(|error| panic!("{digits} is no number: {error}"))
        }
        Kind::String => Value::String(node.as_str().unwrap().to_owned()),
        Kind::Sequence => node.items().map(value_of).collect(),
        Kind::Mapping => {
            node.members().map(|member| (member.key.to_owned(), value_of(member.value))).collect()
        }
    }
}

/// As [`value_of`], of a whole file.
pub(crate) fn value(tree: &Tree) -> Value {
    tree.root().map_or(Value::Null, value_of)
}

/// The codes of what is said of a file, once each, in order.
pub(crate) fn codes(diagnostics: &[Diagnostic]) -> Vec<&str> {
    let mut codes: Vec<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect();
    codes.dedup();
    codes
}
