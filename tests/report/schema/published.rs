//! The published JSON Schemas are those of the reports.

use std::path::Path;

use rollgate::report::schema::json::{self, Listing};
use rollgate::report::schema::{catalogue, validation};
use rollgate::support::env::{Environment as _, ProcessEnvironment};
use serde_json::Value;

use super::sample;

/// A schema is the published one.
pub(crate) fn published(name: &str, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    if ProcessEnvironment.variable("UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(published, schema, "run the tests once with UPDATE_SCHEMA=1 and commit {}", path.display());
}

/// The report is valid by the schema, and is not with a member that has another shape.
fn holds(schema: &str, report: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let report: Value = serde_json::from_str(report).unwrap();
    let wrong: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(wrong, [""; 0]);
    for key in report.as_object().unwrap().keys() {
        let mut broken = report.clone();
        broken[key] = serde_json::json!([{ "no": "such thing" }]);
        assert!(!validator.is_valid(&broken), "{key}");
    }
}

#[test]
fn the_differences() {
    let schema = json::schema();
    published("diff.schema.json", &schema);
    for report in
        [sample::breaking(), sample::equal(), sample::deleted(), sample::long(300), sample::set_aside()]
    {
        for listing in [Listing::PerPlace, Listing::PerOperation] {
            holds(&schema, &json::render(&report, listing));
        }
    }
}

#[test]
fn the_list_of_accepted_changes() {
    let schema = rollgate::config::accepted::schema();
    published("accepted.schema.json", &schema);
    let entry = serde_json::json!({ "id": "endpoint-added", "subject": "/paths", "reason": "fine" });
    holds(&schema, &serde_json::json!({ "version": 1, "accepted": [entry] }).to_string());
}

#[test]
fn the_rules() {
    let schema = catalogue::rules_schema();
    published("rules.schema.json", &schema);
    holds(&schema, &super::catalogue::sample().json());
}

#[test]
fn the_explanation_of_a_rule() {
    let schema = catalogue::explanation_schema();
    published("explanation.schema.json", &schema);
    holds(&schema, &super::catalogue::explanation().json());
}

#[test]
fn the_defects_of_a_description() {
    let schema = validation::schema();
    published("validation.schema.json", &schema);
    holds(&schema, &super::catalogue::validation().json());
}
