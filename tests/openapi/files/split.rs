//! It means nothing in which file a part stands: a description that is taken apart is the same description, and what
//! changes in it is found as if it were in one file. Held with the pairs of the shared data.

use std::collections::BTreeMap;

use rollgate::openapi::diagnostic::Gravity;
use rollgate::openapi::finding::Report;
use serde_json::{Map, Value, json};

use super::{bundle, report};
use crate::support::shared_data::conformance;

/// How a description is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Each component into its own file, with a reference to it in its place; each path as well.
    Each,
    /// All components into one file, which everything refers to.
    Together,
}

type Files = Vec<(String, String)>;

/// Where parts are kept that everything may refer to; the name of the section comes behind.
fn sections(document: &Value) -> Vec<Vec<&'static str>> {
    if document.get("swagger").is_some() {
        return vec![vec!["definitions"], vec!["parameters"], vec!["responses"]];
    }
    let names =
        ["schemas", "parameters", "responses", "requestBodies", "headers", "callbacks", "links", "pathItems"];
    names.map(|name| vec!["components", name]).to_vec()
}

fn at<'v>(document: &'v mut Value, way: &[&str]) -> Option<&'v mut Map<String, Value>> {
    way.iter().try_fold(document, |value, key| value.get_mut(*key))?.as_object_mut()
}

/// Calls `rewrite` with every reference in a value, `mapping` of a discriminator included; not with what only looks like
/// one, in examples and the like.
fn references(value: &mut Value, key: &str, rewrite: &dyn Fn(&str) -> Option<String>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| references(item, key, rewrite)),
        Value::Object(members) => {
            for (name, value) in members {
                let is_named = matches!(key, "properties" | "schemas" | "definitions" | "patternProperties");
                match value {
                    _ if !is_named
                        && matches!(name.as_str(), "example" | "examples" | "default" | "enum" | "const") => {
                    }
                    Value::String(text) if name == "$ref" || key == "mapping" => {
                        if let Some(new) = rewrite(text) {
                            *text = new;
                        }
                    }
                    _ => references(value, name, rewrite),
                }
            }
        }
        _ => {}
    }
}

/// The file of a component, and the rest of a pointer into it.
fn file_of(pointer: &str, document: &Value) -> Option<(String, String)> {
    sections(document).into_iter().find_map(|section| {
        let rest = pointer.strip_prefix(&format!("#/{}/", section.join("/")))?;
        let (name, tail) =
            rest.split_once('/').map_or((rest, String::new()), |(name, tail)| (name, format!("#/{tail}")));
        let known = section.iter().try_fold(document, |value, key| value.get(*key))?.get(name).is_some();
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        (known && plain).then(|| (format!("{}/{name}.json", section.last().unwrap()), tail))
    })
}

fn each(document: &Value) -> Files {
    let mut main = document.clone();
    let mut files = Files::new();
    for section in sections(document) {
        let Some(components) = at(&mut main, &section) else { continue };
        for (name, component) in components {
            let pointer = format!("#/{}/{name}", section.join("/"));
            let Some((file, _)) = file_of(&pointer, document) else { continue };
            let mut content = std::mem::replace(component, json!({ "$ref": file }));
            let seen = |reference: &str| match file_of(reference, document) {
                Some((file, tail)) => Some(format!("../{file}{tail}")),
                None => reference.starts_with('#').then(|| format!("../openapi.json{reference}")),
            };
            references(&mut content, section.last().unwrap(), &seen);
            files.push((file, content.to_string()));
        }
    }
    if let Some(paths) = at(&mut main, &["paths"]) {
        for (number, (path, item)) in paths.iter_mut().enumerate() {
            if item.get("$ref").is_none() && path.starts_with('/') {
                let file = format!("paths/{number}.json");
                let mut content = std::mem::replace(item, json!({ "$ref": file }));
                let seen = |reference: &str| {
                    reference.starts_with('#').then(|| format!("../openapi.json{reference}"))
                };
                references(&mut content, "", &seen);
                files.push((file, content.to_string()));
            }
        }
    }
    files.insert(0, ("openapi.json".to_owned(), main.to_string()));
    files
}

fn together(document: &Value) -> Files {
    let (mut main, mut common) = (document.clone(), json!({}));
    for section in sections(document) {
        let taken = match section.as_slice() {
            [section] => {
                main.as_object_mut().unwrap().remove(*section).map(|content| (vec![*section], content))
            }
            [outer, section] => at(&mut main, &[*outer])
                .and_then(|outer| outer.remove(*section))
                .map(|content| (vec![*outer, *section], content)),
            _ => None,
        };
        let Some((way, content)) = taken else { continue };
        let mut holder = &mut common;
        for key in way {
            holder = holder.as_object_mut().unwrap().entry(key).or_insert_with(|| json!({}));
        }
        *holder = content;
    }
    let moved = |reference: &str| file_or_section(reference, document);
    let into = |reference: &str| {
        let schemas = document.pointer("/components/schemas").or(document.get("definitions"));
        match () {
            () if moved(reference) => Some(format!("shared/common.json{reference}")),
            // The name of a schema, in a mapping.
            () if !reference.contains(['#', '/', '.'])
                && schemas.is_some_and(|it| it.get(reference).is_some()) =>
            {
                Some(format!("shared/common.json#/components/schemas/{reference}"))
            }
            () => None,
        }
    };
    let out = |reference: &str| match into(reference) {
        Some(inner) => Some(inner.replacen("shared/", "", 1)),
        None => reference.starts_with('#').then(|| format!("../openapi.json{reference}")),
    };
    references(&mut main, "", &into);
    references(&mut common, "", &out);
    vec![("openapi.json".to_owned(), main.to_string()), ("shared/common.json".to_owned(), common.to_string())]
}

fn file_or_section(reference: &str, document: &Value) -> bool {
    sections(document).iter().any(|section| reference.starts_with(&format!("#/{}/", section.join("/"))))
}

/// The description taken apart; none where that would not be the same description.
fn split(text: &str, way: Way) -> Option<Files> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(_) => serde_yaml::from_str(text).ok()?,
    };
    // What is found by an anchor, or from an identifier, is found in its file.
    if ["$id", "nchor", "$dynamicRef", "$self"].iter().any(|word| text.contains(word)) {
        return None;
    }
    let whole = bundle(&[("openapi.json", document.to_string())]);
    if whole.lower().diagnostics.iter().any(|defect| defect.level == Gravity::Error) {
        return None;
    }
    Some(match way {
        Way::Each => each(&document),
        Way::Together => together(&document),
    })
}

/// What was found, without places: id, level, and the operations.
fn found(report: &Report) -> Vec<(String, &'static str, String)> {
    let mut found: Vec<_> = report
        .findings
        .iter()
        // Who generates code from a description misses the names of components that it no longer has itself.
        .filter(|finding| finding.id != "api-schema-removed")
        .map(|finding| {
            let reached: Vec<_> =
                report.reached(finding).map(|it| format!("{} {}", it.method, it.path)).collect();
            (finding.id.clone(), finding.level.as_str(), reached.join(", "))
        })
        .collect();
    found.sort();
    found
}

/// All pairs of the shared data, by name.
fn pairs() -> BTreeMap<String, [String; 2]> {
    let text = |path: std::path::PathBuf| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let mut pairs = BTreeMap::new();
    let probes = conformance().join("probes");
    let index: Vec<Value> = serde_json::from_str(&text(probes.join("index.json"))).unwrap();
    for probe in &index {
        let case = probe["case"].as_str().unwrap();
        let side = |side: &str| text(probes.join("cases").join(format!("{case}-{side}.json")));
        pairs.insert(format!("probe {case}"), [side("base"), side("rev")]);
    }
    let folder = conformance().join("oasdiff");
    let triples: Vec<Value> = serde_json::from_str(&text(folder.join("triples.json"))).unwrap();
    for triple in &triples {
        let side = |side: &str| triple[side].as_str().unwrap();
        let texts = [side("base"), side("revision")].map(|name| text(folder.join("data").join(name)));
        pairs.insert(format!("{} {}", side("base"), side("revision")), texts);
    }
    pairs
}

fn holds(way: Way, at_least: usize) {
    let (mut held, mut wrong) = (0, String::new());
    for (name, [base, revision]) in pairs() {
        let (Some(old), Some(new)) = (split(&base, way), split(&revision, way)) else { continue };
        let [whole_old, whole_new] = [&base, &revision].map(|text| bundle(&[("openapi.json", text)]));
        let (old, new) = (bundle(&old), bundle(&new));
        held += 1;
        for (what, one, other) in
            [("apart", &whole_old, &old), ("together", &old, &whole_old), ("apart", &whole_new, &new)]
        {
            let same = report(one, other);
            if !found(&same).is_empty()
                || same.diagnostics.iter().any(|defect| defect.level == Gravity::Error)
            {
                wrong += &format!("{name}, taken {what}: {:?} {:?}\n", found(&same), same.diagnostics);
            }
        }
        let (expected, found) = (found(&report(&whole_old, &whole_new)), found(&report(&old, &new)));
        if expected != found {
            wrong += &format!("{name}:\n  {expected:?}\n  {found:?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(held >= at_least, "only {held} pairs could be taken apart");
}

#[test]
fn each_component_and_path_in_its_own_file() {
    holds(Way::Each, 500);
}

#[test]
fn all_components_in_one_other_file() {
    holds(Way::Together, 500);
}
