//! Environments: a deep merge of one overlay over the base, on the located tree, so that an error in an
//! overlay points into the overlay.
//!
//! Maps merge key by key; lists and scalars replace. Where a map makes one choice among several (a driver, a
//! provider, the kind of a metric, the shape of a gate), an overlay that chooses otherwise replaces the choice.

use std::collections::BTreeMap;

use super::error::Problem;
use super::location::{Path, Segment};
use super::nearest;
use super::yaml::{Entry, Node, Value};

/// Key of the overlays.
pub const KEY: &str = "environments";

/// Where a choice is made, and what hangs together with it. `*` stands for any key.
const CHOICES: [(&[&str], &[&str]); 8] = [
    (&["services", "*", "canary", "driver"], &["haproxy", "none"]),
    (&["services", "*", "canary", "provider"], &["scrape", "prometheus"]),
    (&["services", "*", "canary", "metrics", "*"], &["ratio", "histogram", "rate", "gauge"]),
    (&["services", "*", "canary", "health", "*"], &["url", "query"]),
    (&["services", "*", "canary", "gate"], &["all", "any", "policy"]),
    (
        &["services", "*", "canary", "gate", "attestation"],
        &["certificate-identity", "certificate-identity-regexp"],
    ),
    (&["services", "*", "schema", "base"], &["revision", "file", "url", "published"]),
    (&["services", "*", "schema", "base", "published"], &["folder", "s3", "gcs", "azure", "tag"]),
];

/// The names of the environments.
#[must_use]
pub fn names(tree: &Node) -> Vec<&str> {
    match tree.entry(KEY).map(|entry| &entry.value.value) {
        Some(Value::Map(entries)) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// How many environments and services there may be: each environment is a config of its own to check.
const MOST: usize = 100;

/// Checks that there are not too many environments and services to go through.
pub fn few(tree: &Node) -> Result<(), Problem> {
    for key in [KEY, "services"] {
        let Some(Entry { key_at, value: Node { value: Value::Map(entries), .. }, .. }) = tree.entry(key)
        else {
            continue;
        };
        if entries.len() > MOST {
            let message = format!("there are {} {key}", entries.len());
            return Err(
                Problem::new(*key_at, Path::default().key(key), message).mend(format!("keep at most {MOST}"))
            );
        }
    }
    Ok(())
}

/// The tree with the overlay of `environment` merged in.
pub fn merge(tree: &Node, environment: &str) -> Result<Node, Problem> {
    let environments = tree.entry(KEY);
    let path = Path::default().key(KEY);
    let Some(overlay) = environments.and_then(|entry| entry.value.entry(environment)) else {
        let at = environments.map_or(tree.at, |entry| entry.key_at);
        let problem = Problem::new(at, path, format!("there is no environment `{environment}`"));
        let names = names(tree);
        return Err(if names.is_empty() {
            problem.mend(
                "the config has no environments: leave `--environment` out, or add one under `environments`",
            )
        } else {
            problem.mend(nearest::of(environment, names.iter().copied()))
        });
    };
    let mut merged = tree.clone();
    let path = path.key(environment);
    let Some(services) = overlay.value.entry("services") else { return Ok(merged) };
    if let (Value::Map(overlaid), Value::Map(base)) = (&services.value.value, &mut merged.value) {
        let Some(base) = base.iter_mut().find(|entry| entry.key == "services") else { return Ok(merged) };
        for service in overlaid {
            if base.value.entry(&service.key).is_none() {
                let known = services_of(&base.value);
                return Err(Problem::new(
                    service.key_at,
                    path.key("services").key(&service.key),
                    format!("the overlay changes a service `{}` that there is not", service.key),
                )
                .mend(nearest::of(&service.key, known.into_iter())));
            }
        }
        merge_into(&mut base.value, &services.value, &Path::default().key("services"));
    }
    Ok(merged)
}

fn services_of(services: &Node) -> Vec<&str> {
    match &services.value {
        Value::Map(entries) => entries.iter().map(|entry| entry.key.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn merge_into(base: &mut Node, overlay: &Node, path: &Path) {
    let (Value::Map(entries), Value::Map(overlaid)) = (&mut base.value, &overlay.value) else {
        *base = overlay.clone();
        return;
    };
    if let Some((_, choices)) = CHOICES.iter().find(|(pattern, _)| matches(path, pattern)) {
        let chosen =
            |entry: &Entry| choices.contains(&entry.key.as_str()) && entry.value.value != Value::Null;
        if overlaid.iter().any(chosen) {
            let keeps = |key: &str| overlaid.iter().any(|entry| entry.key == key);
            let chooses_otherwise = entries.iter().any(|entry| chosen(entry) && !keeps(&entry.key));
            // The settings of a gate belong to the policy that it no longer names.
            let stale =
                |key: &str| choices.contains(&key) || (choices.contains(&"policy") && key == "settings");
            if chooses_otherwise {
                entries.retain(|entry| !stale(&entry.key) || keeps(&entry.key));
            }
        }
    }
    let places: BTreeMap<String, usize> =
        entries.iter().enumerate().map(|(at, entry)| (entry.key.clone(), at)).collect();
    for entry in overlaid {
        match places.get(&entry.key).and_then(|at| entries.get_mut(*at)) {
            Some(known) => {
                known.key_at = entry.key_at;
                merge_into(&mut known.value, &entry.value, &path.key(&entry.key));
            }
            None => entries.push(entry.clone()),
        }
    }
}

fn matches(path: &Path, pattern: &[&str]) -> bool {
    path.0.len() == pattern.len()
        && path.0.iter().zip(pattern).all(|(segment, expected)| match segment {
            Segment::Key(key) => *expected == "*" || key == expected,
            Segment::Index(_) => false,
        })
}
