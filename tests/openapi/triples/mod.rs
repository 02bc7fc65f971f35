//! What users of another tool are told about its own test documents, held against what is found here: every expected id
//! is found at its operation and path, or is one of the [`unnamed`] with a reason. Levels are set aside.

mod unnamed;

use std::collections::BTreeMap;
use std::fmt::Write;

use rollgate::openapi::rules;
use serde_json::Value;

use super::compared::per_operation;
use super::files;
use crate::support::shared_data::conformance;

/// An entry that users of the other tool see.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Expected {
    pair: String,
    id: String,
    operation: String,
    path: String,
}

/// Every expected entry, and those that are not found, with what is found in their place.
fn missing() -> (usize, Vec<(Expected, Vec<String>)>) {
    let folder = conformance().join("oasdiff");
    let triples: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(folder.join("triples.json")).unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let side = |name: &str| files::beneath(&folder.join("data"), name);
    let mut count = 0;
    let mut missing = Vec::new();
    for triple in &triples {
        let (base, revision) = (text(&triple["base"]), text(&triple["revision"]));
        let report = files::report(&side(&base), &side(&revision));
        let silent =
            |id: &str| rules::find(id).unwrap_or_else(|| panic!("{id} is no rule of the list")).silent();
        for finding in &report.findings {
            assert_eq!(silent(&finding.id), None, "{} is found in {base} {revision}", finding.id);
        }
        let mut found = per_operation(&report);
        for entry in triple["expected"].as_array().unwrap() {
            count += 1;
            let expected = Expected {
                pair: format!("{base} {revision}"),
                id: text(&entry["id"]),
                operation: text(&entry["operation"]),
                path: text(&entry["path"]),
            };
            let here = |operation: &str, path: &str| {
                // What is said of the whole description names no operation there.
                expected.operation.is_empty()
                    || (operation == expected.operation && shape(path) == shape(&expected.path))
            };
            let at = found
                .iter()
                .position(|(finding, operation, path)| finding.id == expected.id && here(operation, path));
            if let Some(at) = at {
                found.remove(at);
            } else {
                let others = found.iter().filter(|(_, operation, path)| here(operation, path));
                let others = others.map(|(finding, ..)| finding.id.clone()).collect();
                missing.push((expected, others));
            }
        }
    }
    (count, missing)
}

/// A path without the names of its variables: the other tool takes those of the base.
fn shape(path: &str) -> String {
    let pieces = path.split('{').map(|piece| piece.split_once('}').map_or(piece, |(_, rest)| rest));
    pieces.collect::<Vec<_>>().join("{}")
}

#[test]
fn every_expected_id_is_found_at_its_operation_and_path_or_has_a_reason() {
    let (count, missing) = missing();
    let mut named: BTreeMap<(&str, &str), (usize, &unnamed::Unnamed)> = BTreeMap::new();
    for entry in unnamed::UNNAMED {
        assert!(entry.reason.ends_with('.'), "{entry:?}");
        named.insert((entry.pair, entry.id), (entry.count, entry));
    }
    let reasoned: usize = named.values().map(|(count, _)| count).sum();
    let mut wrong = String::new();
    for (expected, others) in &missing {
        let key = (expected.pair.as_str(), expected.id.as_str());
        if let Some((left, entry)) = named.get_mut(&key).filter(|(left, _)| *left > 0) {
            *left -= 1;
            if !entry.ours.is_empty() && !others.iter().any(|id| id == entry.ours) {
                writeln!(wrong, "{expected:?}: not {}, but {others:?}", entry.ours).unwrap();
            }
        } else {
            writeln!(wrong, "{expected:?}: {others:?}").unwrap();
        }
    }
    let left = named.iter().map(|(key, (left, _))| (key, *left));
    for (key, left) in left.filter(|(_, left)| *left > 0) {
        writeln!(wrong, "found after all, {left} times: {key:?}").unwrap();
    }
    // For whoever works on the lists.
    let lines = missing.iter().map(|(expected, others)| format!("{expected:?}: {others:?}\n"));
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/missing.txt"), lines.collect::<String>()).unwrap();
    assert!(wrong.is_empty(), "{wrong}");
    let told = format!(
        "Of {count} findings, {} are found under the same id at the same operation and path; {reasoned} are named otherwise \
         or not at all.",
        count - missing.len()
    );
    println!("{told}");
    let documented = include_str!("../../../docs/benchmarks.md").replace('\n', " ");
    assert!(documented.contains(&told), "docs/benchmarks.md says otherwise: {told}");
    assert!(reasoned * 20 <= count, "{reasoned} of {count} are named otherwise: more than one in twenty");
}
