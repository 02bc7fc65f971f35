//! The reference of the config's keys, made from the JSON Schema, so that it cannot drift from what is read.

use std::fmt::Write as _;

use serde_json::Value;

use super::schema::schema;

/// The reference as Markdown: one table for each map, in the order in which they are reached from the root.
#[must_use]
pub fn markdown() -> String {
    let schema = schema();
    let mut written = String::new();
    let mut queue = vec![("The file".to_owned(), &schema)];
    let mut seen: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some((title, definition)) = queue.get(at).cloned() {
        at += 1;
        section(&mut written, &title, definition);
        for name in references(definition) {
            if seen.contains(&name) || is_twin(&name) {
                continue;
            }
            if let Some(next) = schema["$defs"].get(&name) {
                if is_described(next) {
                    queue.push((format!("`{name}`"), next));
                }
                seen.push(name);
            }
        }
    }
    let _ = write!(written, "### Values\n\n| value | | written |\n|---|---|---|\n");
    for (name, definition) in schema["$defs"].as_object().into_iter().flatten() {
        if let Some(examples) = definition["examples"].as_array() {
            let examples: Vec<_> = examples
                .iter()
                .map(|example| format!("`{}`", example.as_str().map_or(example.to_string(), str::to_owned)))
                .collect();
            let _ = writeln!(written, "| `{name}` | {} | {} |", sentence(definition), examples.join(", "));
        }
    }
    written
}

/// Whether a definition is that of another one in an overlay.
fn is_twin(name: &str) -> bool {
    name != "Overlay" && name.ends_with("Overlay")
}

fn is_described(definition: &Value) -> bool {
    definition.get("properties").is_some() || definition.get("oneOf").is_some()
}

fn section(written: &mut String, title: &str, definition: &Value) {
    let _ = write!(written, "### {title}\n\n{}\n\n", sentence(definition));
    let _ = writeln!(written, "| key | value | |\n|---|---|---|");
    let required = |holder: &Value, key: &str| {
        holder["required"].as_array().is_some_and(|keys| keys.iter().any(|required| required == key))
    };
    let rows = |written: &mut String, holder: &Value, is_choice: bool| {
        for (key, value) in holder["properties"].as_object().into_iter().flatten() {
            let needed = if !is_choice && required(holder, key) { " **Required.**" } else { "" };
            let own = if is_choice { sentence(holder) } else { sentence(value) };
            let _ = writeln!(written, "| `{key}` | {} | {own}{needed} |", kind(value));
        }
    };
    rows(written, definition, false);
    for choice in definition["oneOf"].as_array().into_iter().flatten() {
        rows(written, choice, true);
        if let Some(name) = choice["const"].as_str() {
            let _ = writeln!(written, "| `{name}` | | {} |", sentence(choice));
        }
    }
    written.push('\n');
}

fn sentence(definition: &Value) -> String {
    definition["description"].as_str().unwrap_or_default().replace('\n', " ").replace('|', "\\|")
}

/// What a value may be, in a few words.
fn kind(value: &Value) -> String {
    if let Some(name) = reference(value) {
        let name = if is_twin(name) { name.trim_end_matches("Overlay") } else { name };
        return format!("`{name}`");
    }
    if let Some(choices) = value["anyOf"].as_array() {
        let kinds: Vec<_> = choices.iter().filter(|choice| choice["type"] != "null").map(kind).collect();
        return kinds.join(" or ");
    }
    let kinds: Vec<&str> = match &value["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null").collect()
        }
        _ => vec![],
    };
    match kinds.first() {
        Some(&"array") => format!("list of {}", kind(&value["items"])),
        Some(&"object") if value["additionalProperties"].is_object() => {
            format!("map of {}", kind(&value["additionalProperties"]))
        }
        Some(&"object") => "map".to_owned(),
        Some(&"string") => "text".to_owned(),
        Some(&"integer") => "whole number".to_owned(),
        Some(kind) => (*kind).to_owned(),
        None => "anything".to_owned(),
    }
}

fn reference(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.strip_prefix("#/$defs/")
}

fn references(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = reference(value).map(str::to_owned).into_iter().collect();
    match value {
        Value::Object(fields) => {
            for (_, value) in fields.iter().filter(|(key, _)| *key != "$defs") {
                found.extend(references(value));
            }
        }
        Value::Array(items) => found.extend(items.iter().flat_map(references)),
        _ => {}
    }
    found
}
