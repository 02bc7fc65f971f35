//! A canary config of Kayenta: its metrics, groups and judge, as settings of `builtin:mann-whitney`.

use serde_json::{Map, Value as Json, json};

use super::rollout::{Query, Rollout, at, list, number, text};
use crate::config::yaml::{Node, Value};

/// Effect sizes of a metric, under their names there and here.
const EFFECTS: [(&str, &str); 4] = [
    ("allowedIncrease", "allowed-increase"),
    ("allowedDecrease", "allowed-decrease"),
    ("criticalIncrease", "critical-increase"),
    ("criticalDecrease", "critical-decrease"),
];

/// Keys of a metric's analysis that are carried over.
const ANALYSIS: [&str; 7] =
    ["direction", "nanStrategy", "critical", "mustHaveData", "muted", "effectSize", "outliers"];

/// What a canary config of Kayenta becomes.
#[must_use]
pub fn kayenta(file: &str, tree: &Node) -> Rollout {
    let mut found = Rollout::of(file);
    if list(tree, &["metrics"]).is_empty() {
        found.remark(tree, "there are no `metrics`: this is no canary config of Kayenta");
        return found;
    }
    found.leave(
        tree,
        &[
            "id",
            "name",
            "description",
            "configVersion",
            "applications",
            "metrics",
            "classifier",
            "judge",
            "createdTimestamp",
            "updatedTimestamp",
            "createdTimestampIso",
            "updatedTimestampIso",
        ],
        "of the canary config",
    );
    let judge = text(tree, &["judge", "name"]).unwrap_or("NetflixACAJudge-v1.0");
    if judge != "NetflixACAJudge-v1.0" {
        found.remark(
            tree,
            format!("the judge `{judge}` is not known; its metrics are judged as NetflixACAJudge-v1.0 does"),
        );
    }
    let mut groups: Map<String, Json> = Map::new();
    let (mut critical, mut required, mut muted) = (Vec::new(), Vec::new(), Vec::new());
    let mut metrics: Map<String, Json> = Map::new();
    for metric in list(tree, &["metrics"]) {
        let named = text(metric, &["name"]).unwrap_or("metric");
        let query = query(&mut found, metric, named);
        let name = found.add(named, query);
        for group in list(metric, &["groups"]) {
            if let Value::Text(group) = &group.value {
                let entry = groups.entry(group.clone()).or_insert_with(|| json!({ "metrics": [] }));
                if let Some(Json::Array(members)) = entry.get_mut("metrics") {
                    members.push(name.as_str().into());
                }
            }
        }
        let Some(analysis) = at(metric, &["analysisConfigurations", "canary"]) else { continue };
        found.leave(analysis, &ANALYSIS, "of a metric's analysis");
        let is = |key: &str| matches!(at(analysis, &[key]).map(|node| &node.value), Some(Value::Bool(true)));
        for (key, names) in
            [("critical", &mut critical), ("mustHaveData", &mut required), ("muted", &mut muted)]
        {
            if is(key) {
                names.push(name.clone());
            }
        }
        let own = of_metric(&mut found, analysis);
        if !own.is_empty() {
            metrics.insert(name, Json::Object(own));
        }
    }
    for (group, settings) in &mut groups {
        if let Some(weight) = number(tree, &["classifier", "groupWeights", group]) {
            settings["weight"] = json!(weight);
        }
    }
    let (pass, marginal) = thresholds(&mut found, tree);
    let mut settings = Map::new();
    settings.insert("pass".into(), json!(pass));
    settings.insert("marginal".into(), json!(marginal));
    // As Kayenta has it: it judges however little there is.
    settings.insert("min-samples".into(), json!(0));
    settings.insert("no-data".into(), json!("fail"));
    for (key, value) in [("critical", critical), ("must-have-data", required), ("muted", muted)] {
        if !value.is_empty() {
            settings.insert(key.into(), json!(value));
        }
    }
    for (key, value) in [("groups", groups), ("metrics", metrics)] {
        if !value.is_empty() {
            settings.insert(key.into(), Json::Object(value));
        }
    }
    found.gate = Some(("builtin:mann-whitney", settings));
    found.remark(
        tree,
        "`min-samples: 0` and `no-data: fail` are what Kayenta does; without them too few samples and missing data wait",
    );
    found.remark(
        tree,
        "Kayenta's lifetime and interval stand in the pipeline, not here: write `steps` for them",
    );
    found
}

/// The thresholds of the score; they stand in the pipeline as a rule.
fn thresholds(found: &mut Rollout, tree: &Node) -> (f64, f64) {
    let of = |key: &str| {
        number(tree, &["classifier", "scoreThresholds", key])
            .or_else(|| number(tree, &["scoreThresholds", key]))
    };
    if let (Some(pass), Some(marginal)) = (of("pass"), of("marginal")) {
        return (pass, marginal);
    }
    found.remark(
        tree,
        "the thresholds of the score stand in the pipeline: `pass` 95 and `marginal` 75 are its usual ones",
    );
    (95.0, 75.0)
}

fn of_metric(found: &mut Rollout, analysis: &Node) -> Map<String, Json> {
    let mut own = Map::new();
    if let Some(direction) = text(analysis, &["direction"]) {
        if ["increase", "decrease", "either"].contains(&direction) {
            own.insert("direction".into(), direction.into());
        } else {
            found.remark(analysis, format!("the direction `{direction}` is not known; it is left out"));
        }
    }
    if let Some(nan @ ("remove" | "replace")) = text(analysis, &["nanStrategy"]) {
        own.insert("nan".into(), nan.into());
    }
    if let Some(outliers @ ("remove" | "keep")) = text(analysis, &["outliers", "strategy"]) {
        own.insert("outliers".into(), outliers.into());
        let factor = number(analysis, &["outliers", "outlierFactor"]).unwrap_or(3.0);
        if (factor - 3.0).abs() > 0.0 {
            found.remark(analysis, format!("the outlier factor of {factor} becomes 3"));
        }
    }
    if let Some(Value::Map(entries)) = at(analysis, &["effectSize"]).map(|node| &node.value) {
        for entry in entries {
            let known = EFFECTS.iter().find(|(there, _)| *there == entry.key);
            let value = number(analysis, &["effectSize", &entry.key]);
            match (known, value, entry.key.as_str(), &entry.value.value) {
                (Some((_, here)), Some(value), ..) => {
                    own.insert((*here).into(), json!(value));
                }
                (_, _, "measure", Value::Text(measure)) if measure == "cles" => {
                    own.insert("effect".into(), "cles".into());
                }
                (_, _, "measure", Value::Text(measure)) if measure == "meanRatio" => {}
                _ => found.remark(&entry.value, format!("`effectSize.{}` is left out", entry.key)),
            }
        }
    }
    own
}

fn query(found: &mut Rollout, metric: &Node, name: &str) -> Query {
    let Some(asked) = at(metric, &["query"]) else {
        found.remark(metric, format!("`{name}` has no query"));
        return Query::Unknown;
    };
    let store = text(asked, &["serviceType"]).or_else(|| text(asked, &["type"])).unwrap_or("unknown");
    let inline = text(asked, &["customInlineTemplate"]).map(|query| query.trim_start_matches("PromQL:"));
    match (store, inline) {
        ("prometheus", Some(query)) if !query.is_empty() => {
            let plain = query.replace("${scope}", "{{arm}}");
            if plain == query || plain.contains("${") {
                found.remark(
                    asked,
                    format!("the query of `{name}` has variables, or none for the scope: write `{{{{arm}}}}` where the arm stands"),
                );
            }
            Query::Gauge(plain)
        }
        _ => {
            found.remark(
                asked,
                format!("the query of `{name}` at {store} is not carried over: write one for it"),
            );
            Query::Unknown
        }
    }
}
