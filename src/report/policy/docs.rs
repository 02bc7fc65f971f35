//! A policy's page, made from what it says of itself and from the JSON Schema of its settings. Pure.

use std::fmt::Write as _;

use serde_json::Value;

use crate::support::text;

/// How many settings are listed.
const SETTINGS: usize = 500;

/// How deep settings are listed.
const DEEPEST: usize = 8;

/// What a page is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<'p> {
    /// The reference by which a gate names it.
    pub reference: &'p str,
    /// Its name.
    pub name: &'p str,
    /// Its version.
    pub version: &'p str,
    /// One sentence.
    pub summary: &'p str,
    /// Where more is to be read.
    pub documentation_url: Option<&'p str>,
    /// Version of the interface.
    pub interface: &'p str,
    /// Digest of its bytes.
    pub sha256: &'p str,
    /// Name, kind and least requests of each metric that it cannot do without.
    pub needs: Vec<(String, String, u64)>,
    /// JSON Schema of its settings.
    pub schema: &'p Value,
}

/// The page as Markdown.
#[must_use]
pub fn markdown(page: &Page<'_>) -> String {
    let escaped = |line: &str| text::markdown(line, text::SHOWN);
    let mut shown = format!("# {} {}\n\n", escaped(page.name), escaped(page.version));
    if !page.summary.is_empty() {
        let _ = writeln!(shown, "{}\n", escaped(page.summary));
    }
    let _ = writeln!(shown, "| | |\n|---|---|\n| policy | {} |", escaped(page.reference));
    let _ = writeln!(shown, "| interface | {} |\n| sha256 | `{}` |", escaped(page.interface), page.sha256);
    if let Some(url) = page.documentation_url {
        let _ = writeln!(shown, "| read more | {} |", escaped(url));
    }
    if !page.needs.is_empty() {
        shown.push_str("\n## Metrics that it needs\n\n| metric | kind | requests per arm |\n|---|---|---|\n");
        for (name, kind, requests) in &page.needs {
            let _ = writeln!(shown, "| {} | {} | {requests} |", escaped(name), escaped(kind));
        }
    }
    shown.push_str("\n## Settings\n\n");
    let mut rows = Vec::new();
    list(page.schema, page.schema, "", 0, &mut rows);
    if rows.is_empty() {
        shown.push_str("It has none.\n");
    } else {
        shown.push_str("| setting | value | default | means |\n|---|---|---|---|\n");
        for row in &rows {
            let _ = writeln!(shown, "| {} |", row.each_ref().map(|cell| escaped(cell)).join(" | "));
        }
    }
    text::page(&shown)
}

/// A row for each property, with those of objects beneath it.
fn list(root: &Value, schema: &Value, prefix: &str, depth: usize, rows: &mut Vec<[String; 4]>) {
    let Some(properties) = resolve(root, schema).get("properties").and_then(Value::as_object) else { return };
    let required = resolve(root, schema).get("required").and_then(Value::as_array);
    for (name, property) in properties {
        if rows.len() >= SETTINGS || depth >= DEEPEST {
            return;
        }
        let at = format!("{prefix}{name}");
        let resolved = resolve(root, property);
        let is_required = required.is_some_and(|required| required.iter().any(|it| it == name.as_str()));
        let default = property.get("default").or(resolved.get("default")).map(Value::to_string);
        let default = default.unwrap_or_else(|| if is_required { "required".into() } else { String::new() });
        let about = |key: &str| property.get(key).or(resolved.get(key)).and_then(Value::as_str);
        let means = about("description").or(about("title")).unwrap_or_default();
        rows.push([at.clone(), kind(root, property, 0), default, means.to_owned()]);
        list(root, property, &format!("{at}."), depth + 1, rows);
        if let Some(items) = resolved.get("items") {
            list(root, items, &format!("{at}[]."), depth + 1, rows);
        }
        for choice in choices(resolved) {
            list(root, choice, &format!("{at}."), depth + 1, rows);
        }
    }
}

/// What a schema accepts, in a few words.
fn kind(root: &Value, schema: &Value, depth: usize) -> String {
    let schema = resolve(root, schema);
    if depth > 3 {
        return "…".into();
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().take(20).map(Value::to_string).collect::<Vec<_>>().join(", ");
    }
    if let Some(value) = schema.get("const") {
        return value.to_string();
    }
    let mut choices: Vec<String> =
        choices(schema).iter().map(|choice| kind(root, choice, depth + 1)).collect();
    choices.dedup();
    if !choices.is_empty() {
        return choices.join(" or ");
    }
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => "any".into(),
    };
    let mut words = match (name.as_str(), schema.get("items")) {
        ("array", Some(items)) => format!("list of {}", kind(root, items, depth + 1)),
        _ => name,
    };
    for (key, sign) in
        [("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<")]
    {
        if let Some(limit) = schema.get(key).filter(|limit| limit.is_number()) {
            let _ = write!(words, " {sign} {limit}");
        }
    }
    words
}

fn choices(schema: &Value) -> Vec<&Value> {
    let of = |key: &str| schema.get(key).and_then(Value::as_array);
    of("oneOf").or_else(|| of("anyOf")).map(|choices| choices.iter().collect()).unwrap_or_default()
}

/// What a reference within the schema leads to; at most eight in a row.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let mut found = schema;
    for _ in 0..8 {
        let target = found.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix('#'));
        match target.and_then(|pointer| root.pointer(pointer)) {
            Some(target) => found = target,
            None => break,
        }
    }
    if found.is_object() { found } else { &Value::Null }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_every_setting() {
        let schema = serde_json::json!({
            "type": "object",
            "properties": {
                "limit": { "type": "number", "minimum": 0, "default": 0.01, "description": "Highest *share* of bad events" },
                "mode": { "enum": ["strict", "lax"] },
                "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } },
            },
            "required": ["mode"],
            "$defs": { "step": { "type": "object", "properties": { "up-to": { "type": ["integer", "string"] } } } },
        });
        let page = Page {
            reference: "p.wasm",
            name: "cap",
            version: "1.0.0",
            summary: "Judges <b>errors</b>",
            documentation_url: None,
            interface: "1.0.0",
            sha256: "00",
            needs: vec![("errors".into(), "ratio".into(), 100)],
            schema: &schema,
        };
        insta::assert_snapshot!(markdown(&page), @r#"
        # cap 1.0.0

        Judges &lt;b&gt;errors&lt;/b&gt;

        | | |
        |---|---|
        | policy | p.wasm |
        | interface | 1.0.0 |
        | sha256 | `00` |

        ## Metrics that it needs

        | metric | kind | requests per arm |
        |---|---|---|
        | errors | ratio | 100 |

        ## Settings

        | setting | value | default | means |
        |---|---|---|---|
        | limit | number ≥ 0 | 0.01 | Highest \*share\* of bad events |
        | mode | "strict", "lax" | required |  |
        | steps | list of object |  |  |
        | steps\[\].up-to | integer or string |  |  |
        "#);
    }

    #[test]
    fn a_schema_that_refers_to_itself_ends() {
        let schema = serde_json::json!({
            "$ref": "#/$defs/a",
            "$defs": { "a": { "properties": { "a": { "$ref": "#/$defs/a" }, "b": { "$ref": "#/$defs/b" } } }, "b": { "$ref": "#/$defs/b" } },
        });
        let mut rows = Vec::new();
        list(&schema, &schema, "", 0, &mut rows);
        assert_eq!(rows.len(), 2 * DEEPEST);
    }
}
