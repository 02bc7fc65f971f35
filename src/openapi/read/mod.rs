//! From bytes to a located tree: JSON and YAML, in whatever state they are.
//!
//! Reading never fails: a defect costs its place and is reported, and what was read before and behind it stays. The
//! cost is linear in the length of the file, memory is bounded ([`limits`]), and no frame of the stack depends on the
//! file. Nothing here knows OpenAPI, and nothing is opened: bytes come in, values go out.

mod decode;
mod json;
pub mod limits;
mod members;
mod problems;
mod scalar;
mod yaml;

use problems::Problems;

use super::diagnostic::Diagnostic;
use super::tree::{Builder, NodeId, Tree};

/// What a reader made of a text.
#[derive(Debug)]
struct Reading {
    builder: Builder,
    root: Option<NodeId>,
    problems: Problems,
}

/// The values of the file `name`, and what is wrong with it, in the order of the file.
///
/// A text that begins with a bracket is JSON, read leniently, unless what is wrong with it as JSON is right in
/// YAML; anything else is YAML. The diagnostics say so where that matters.
#[must_use]
pub fn read(name: &str, bytes: &[u8]) -> (Tree, Vec<Diagnostic>) {
    let mut problems = Problems::default();
    let source = decode::decode(bytes, &mut problems);
    let mut reading = read_text(name, &source, problems);
    if reading.root.is_none() && reading.problems.is_empty() {
        reading.problems.error("empty-file", 0, || {
            "the file holds no value: write a description, or remove the file".to_owned()
        });
    }
    let diagnostics = reading.problems.finish(name, &source);
    (reading.builder.finish_over(source, reading.root), diagnostics)
}

fn read_text(name: &str, source: &str, problems: Problems) -> Reading {
    match first_significant(source) {
        None => Reading { builder: Builder::detached(name), root: None, problems },
        Some(b'{' | b'[') => {
            let json = json::read(name, source, problems.clone());
            if !json.may_be_yaml || has_extension(name, &["json"]) {
                return json.reading;
            }
            match yaml::read(name, source, &problems) {
                (yaml, true) => yaml,
                (_, false) => json.reading,
            }
        }
        Some(first) => {
            // A file that is one scalar of JSON is that, whatever YAML makes of its escapes.
            if matches!(first, b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') {
                let json = json::read(name, source, problems.clone());
                if json.is_clean {
                    return json.reading;
                }
            }
            yaml::read(name, source, &problems).0
        }
    }
}

fn has_extension(name: &str, extensions: &[&str]) -> bool {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    extensions.iter().any(|extension| end.eq_ignore_ascii_case(extension))
}

/// The first byte that is neither white space nor part of a comment.
fn first_significant(source: &str) -> Option<u8> {
    let mut rest = source;
    loop {
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
        if rest.starts_with('#') || rest.starts_with("//") {
            rest = &rest[rest.find(['\n', '\r']).unwrap_or(rest.len())..];
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.find("*/").map_or("", |end| &comment[end + 2..]);
        } else {
            return rest.bytes().next();
        }
    }
}
