//! The JSON Schema of the config, for editors.
//!
//! An overlay has the schema of the base with nothing required: every definition that it may change gets a
//! twin, except what stands in lists, since lists are replaced as a whole.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::model::Config;

/// What the names of the definitions of overlays end with.
const OVERLAID: &str = "Overlay";

const DEFINITIONS: &str = "#/$defs/";

/// The schema, JSON Schema 2020-12.
#[must_use]
pub fn schema() -> Value {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Config>();
    let mut schema = schema.to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".into(), "Rollgate configuration".into());
        if let Some(Value::Object(definitions)) = root.get_mut("$defs") {
            let twin = |name: &str| definitions.get(name).is_some_and(changes_in_overlay);
            let twins: Map<String, Value> = definitions
                .iter()
                .filter(|(_, definition)| changes_in_overlay(definition))
                .map(|(name, definition)| (format!("{name}{OVERLAID}"), overlaid(definition, &twin)))
                .collect();
            if let Some(services) = definitions
                .get_mut("Overlay")
                .and_then(|overlay| overlay.pointer_mut("/properties/services/additionalProperties"))
            {
                *services = serde_json::json!({ "$ref": format!("{DEFINITIONS}Service{OVERLAID}") });
            }
            let unused = ["Overlay", "Config"].map(|name| format!("{name}{OVERLAID}"));
            definitions.extend(twins.into_iter().filter(|(name, _)| !unused.contains(name)));
        }
    }
    schema
}

/// Whether an overlay can change a part of such a value: a map, or a choice among maps.
fn changes_in_overlay(definition: &Value) -> bool {
    definition.get("properties").is_some()
        || definition["oneOf"]
            .as_array()
            .is_some_and(|choices| choices.iter().any(|choice| choice.get("properties").is_some()))
}

/// The definition with nothing required, and with references to its likes.
fn overlaid(definition: &Value, has_twin: &dyn Fn(&str) -> bool) -> Value {
    let Value::Object(fields) = definition else { return definition.clone() };
    let is_map = fields.contains_key("properties");
    let kept = fields.iter().filter(|(key, _)| !(is_map && matches!(key.as_str(), "required" | "oneOf")));
    let relaxed = kept.map(|(key, value)| {
        let value = match (key.as_str(), value) {
            // The keys of a choice stay required: they make it.
            ("oneOf", Value::Array(choices)) => {
                choices.iter().map(|choice| with_references(choice, has_twin)).collect()
            }
            // The empty default of a map is no default of what overlays it.
            _ => with_references(value, has_twin),
        };
        (key.clone(), value)
    });
    Value::Object(relaxed.collect())
}

/// The value with references to twins, except in lists' items.
fn with_references(value: &Value, has_twin: &dyn Fn(&str) -> bool) -> Value {
    match value {
        Value::Object(fields) => {
            let changed = fields.iter().map(|(key, value)| {
                let name = value.as_str().and_then(|reference| reference.strip_prefix(DEFINITIONS));
                let value = match (key.as_str(), name) {
                    ("$ref", Some(name)) if has_twin(name) => format!("{DEFINITIONS}{name}{OVERLAID}").into(),
                    ("items", _) => value.clone(),
                    _ => with_references(value, has_twin),
                };
                (key.clone(), value)
            });
            Value::Object(changed.collect())
        }
        Value::Array(items) => items.iter().map(|item| with_references(item, has_twin)).collect(),
        _ => value.clone(),
    }
}
