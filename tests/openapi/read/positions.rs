//! Every value and every key stands where the tree says.

use proptest::prelude::*;
use rollgate::openapi::read::read;
use rollgate::openapi::tree::{Kind, Node, Tree};
use serde_json::Value;

use super::equal::values;
use super::value_of;
use crate::support::property::check;
use crate::support::shared_data::{SPECS, spec};

fn nodes(tree: &Tree) -> Vec<Node<'_>> {
    let mut nodes: Vec<Node<'_>> = tree.root().into_iter().collect();
    let mut next = 0;
    while next < nodes.len() {
        let node = nodes[next];
        nodes.extend(node.items());
        nodes.extend(node.members().map(|member| member.value));
        next += 1;
    }
    nodes
}

/// The value of JSON that begins at an offset.
fn json_at(tree: &Tree, at: u32) -> Value {
    let rest = &tree.source()[at as usize..];
    serde_json::Deserializer::from_str(rest).into_iter::<Value>().next().unwrap().unwrap()
}

#[test]
fn the_source_at_a_value_of_json_is_that_value() {
    check(256, &values(), |value| {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let (tree, _) = read("api.json", format!(" \n{text}").as_bytes());
            for node in nodes(&tree) {
                prop_assert_eq!(json_at(&tree, node.at()), value_of(node));
                for member in node.members() {
                    prop_assert_eq!(json_at(&tree, member.at), Value::String(member.key.to_owned()));
                }
            }
        }
        Ok(())
    });
}

/// Whether the text at an offset of YAML begins as the scalar `text` does.
fn begins(source: &str, at: u32, text: &str) -> bool {
    let rest = &source[at as usize..];
    let first = text.chars().next();
    match rest.as_bytes().first() {
        Some(b'\'') => {
            let inner = rest[1..].replace("''", "\0");
            let inner = &inner[..inner.find('\'').unwrap_or(inner.len())];
            inner.split_whitespace().eq(text.replace('\'', "\0").split_whitespace())
        }
        Some(b'"') => match rest[1..].chars().next() {
            Some('\\') => true,
            Some('"') => text.is_empty(),
            begin => begin == first,
        },
        // A block that begins with blanks or empty lines.
        _ if text.starts_with([' ', '\n', '\t']) => true,
        _ => rest.chars().next() == first || text.is_empty(),
    }
}

fn prove(tree: &Tree) -> Result<(), TestCaseError> {
    let source = tree.source();
    for node in nodes(tree) {
        let rest = &source[node.at() as usize..];
        let stands = match node.kind() {
            Kind::Null => true,
            Kind::Boolean | Kind::Number => {
                let text =
                    node.as_number().unwrap_or(if node.as_bool() == Some(true) { "true" } else { "false" });
                rest.to_ascii_lowercase().starts_with(&text.to_ascii_lowercase())
            }
            Kind::String => begins(source, node.at(), node.as_str().unwrap()),
            Kind::Sequence => rest.starts_with('[') || rest.starts_with('-'),
            Kind::Mapping => {
                rest.starts_with('{')
                    || rest.starts_with('?')
                    || node.members().next().is_some_and(|member| member.at == node.at())
            }
        };
        prop_assert!(stands, "{:?} does not begin {:?}", node, rest.chars().take(40).collect::<String>());
        for member in node.members() {
            prop_assert!(begins(source, member.at, member.key), "{:?} is not at {}", member.key, member.at);
        }
    }
    Ok(())
}

#[test]
fn the_source_at_a_value_of_yaml_begins_as_that_value() {
    check(256, &values(), |value| {
        let text = serde_yaml::to_string(&value).unwrap();
        let (tree, _) = read("api.yaml", text.as_bytes());
        prove(&tree)
    });
}

#[test]
fn every_value_of_the_real_descriptions_is_where_it_is_said_to_be() {
    for name in SPECS.into_iter().filter(|name| name.contains("base")) {
        let (tree, _) = read(name, &spec(name));
        // The rest of a file is looked at for each value: a prefix is as good.
        let source = tree.source();
        let mut scalars = 0;
        for node in nodes(&tree) {
            let at = node.at() as usize;
            let begin = source.as_bytes()[at];
            match node.kind() {
                Kind::Mapping => assert!(
                    begin == b'{' || node.members().next().is_some_and(|member| member.at == node.at()),
                    "{name} {node:?}"
                ),
                Kind::Sequence => assert!(matches!(begin, b'[' | b'-'), "{name} {node:?}"),
                Kind::Number => {
                    assert!(source[at..].starts_with(node.as_number().unwrap()), "{name} {node:?}");
                }
                Kind::Boolean | Kind::Null => {}
                Kind::String => {
                    scalars += 1;
                    let text = node.as_str().unwrap();
                    let plain =
                        !matches!(begin, b'"' | b'\'') && !text.contains('\n') && !text.starts_with(' ');
                    if plain {
                        let line: String = source[at..].chars().take_while(|&c| c != '\n').collect();
                        assert!(
                            text.starts_with(line.trim_end()) || line.starts_with(text),
                            "{name} {node:?} {line}"
                        );
                    }
                }
            }
        }
        assert!(scalars > 1000, "{name}");
    }
}
