//! Descriptions that nobody would write: those of the probes with parts of them gone, doubled, swapped or of another
//! kind. Each still has a report, the same one every time, in a bounded number of steps.

use std::fmt::Write as _;

use proptest::prelude::*;
use rollgate::openapi::compare::{Options, measured};
use rollgate::openapi::finding::{Level, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;
use serde_json::{Value, json};

use crate::support::property;
use crate::support::shared_data::conformance;

/// The documents of the probes, in the order of their names.
fn documents() -> Vec<Value> {
    let folder = conformance().join("probes/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).collect()
}

/// How many values there are in a document, it included.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum::<usize>(),
        _ => 0,
    }
}

/// The value at a place in the order of reading.
fn at<'v>(value: &'v mut Value, place: &mut usize) -> Option<&'v mut Value> {
    if *place == 0 {
        return Some(value);
    }
    *place -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| at_within(item, place)),
        Value::Object(members) => members.values_mut().find_map(|member| at_within(member, place)),
        _ => None,
    }
}

fn at_within<'v>(value: &'v mut Value, place: &mut usize) -> Option<&'v mut Value> {
    let size = size(value);
    if *place >= size {
        *place -= size;
        return None;
    }
    at(value, place)
}

/// What happens to one place of a document: where, what, and with which other place.
type Edit = (u16, u8, u16);

fn edited(mut document: Value, edits: &[Edit]) -> Value {
    for (place, what, other) in edits {
        let all = size(&document);
        let other = at(&mut document.clone(), &mut (usize::from(*other) % all)).cloned().unwrap_or_default();
        let Some(value) = at(&mut document, &mut (usize::from(*place) % all)) else { continue };
        match (what % 12, value) {
            (0, value) => *value = Value::Null,
            (1, value) => *value = json!([value.clone(), value.clone()]),
            (2, value) => *value = other,
            (3, Value::Object(members)) => {
                let name = members.keys().next().cloned();
                name.map(|name| members.remove(&name));
            }
            (4, Value::Object(members)) => {
                members.insert("$ref".to_owned(), json!("#/paths"));
            }
            (5, Value::Object(members)) => {
                members.insert("x".repeat(300), other);
            }
            (6, Value::String(text)) => text.push('\u{202e}'),
            (7, Value::String(text)) => text.clear(),
            (8, value) => *value = json!(-1),
            (9, value) => *value = json!(1e300),
            (10, value) => *value = json!(true),
            (_, value) => *value = json!({ "allOf": [value.clone()] }),
        }
    }
    document
}

fn report(base: &str, revision: &str, in_full: bool) -> (Report, usize) {
    let (old, of_old) = read("base.json", base.as_bytes());
    let (new, of_new) = read("revision.json", revision.as_bytes());
    let options = Options { in_full, without_witnesses: true, ..Options::default() };
    let (report, cost) = measured(&lower(&old, of_old), &lower(&new, of_new), &options);
    (report, cost.pairs)
}

#[test]
fn whatever_is_done_to_a_description_it_has_one_report() {
    let documents = documents();
    let edits = || proptest::collection::vec(any::<Edit>(), 0..6);
    let cases = (0..documents.len(), edits(), edits());
    let found = std::cell::Cell::new(0);
    property::check(1024, &cases, |(document, old, new)| {
        let base = edited(documents[document].clone(), &old);
        let revision = edited(documents[document].clone(), &new);
        let bound = 40 * (size(&base) + size(&revision));
        let (base, revision) = (base.to_string(), revision.to_string());
        let (there, pairs) = report(&base, &revision, false);
        prop_assert_eq!(&there, &report(&base, &revision, false).0);
        prop_assert!(pairs < bound, "{} pairs", pairs);
        let counted = |level| there.findings.iter().filter(|finding| finding.level == level).count();
        prop_assert_eq!(counted(Level::Error), there.summary.error as usize);
        for finding in &there.findings {
            prop_assert!(
                !finding.message.is_empty()
                    && finding.operation_count as usize == there.reached(finding).len()
            );
        }
        // Neither side differs from itself, whatever it is.
        for side in [&base, &revision] {
            let (same, _) = report(side, side, false);
            let mut told = String::new();
            for finding in &same.findings {
                writeln!(told, "{} {}", finding.id, finding.message).unwrap();
            }
            prop_assert_eq!(&told, "");
        }
        found.set(found.get() + there.findings.len());
        Ok(())
    });
    assert!(found.get() > 1024, "{} findings are too few to say anything", found.get());
}
