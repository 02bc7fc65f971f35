//! Where schemas stand within a schema.

use serde_json::Value;

/// How a schema stands to the one around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// It is asked of the same value.
    Same,
    /// It is asked of a part of the value: a member, an item.
    Part,
    /// It is asked in another way: not, or to decide about something else.
    Other,
}

/// Calls `visit` for every schema directly beneath `schema`, by its path from there.
pub(super) fn beneath(schema: &Value, mut visit: impl FnMut(Vec<String>, Hold, &Value)) {
    let Value::Object(map) = schema else { return };
    for (word, inner) in map {
        let hold = match word.as_str() {
            "allOf" | "anyOf" | "oneOf" | "then" | "else" | "dependentSchemas" => Hold::Same,
            "properties"
            | "patternProperties"
            | "additionalProperties"
            | "items"
            | "prefixItems"
            | "unevaluatedProperties"
            | "unevaluatedItems" => Hold::Part,
            "not" | "if" | "contains" | "propertyNames" => Hold::Other,
            _ => continue,
        };
        match (word.as_str(), inner) {
            ("properties" | "patternProperties" | "dependentSchemas", Value::Object(members)) => {
                for (name, one) in members {
                    visit(vec![word.clone(), name.clone()], hold, one);
                }
            }
            ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(items)) => {
                for (index, one) in items.iter().enumerate() {
                    visit(vec![word.clone(), index.to_string()], hold, one);
                }
            }
            (_, one) => visit(vec![word.clone()], hold, one),
        }
    }
}

/// The paths of all schemas within `schema`, its own first.
pub(super) fn paths(schema: &Value) -> Vec<Vec<String>> {
    let mut found = vec![Vec::new()];
    let mut next = 0;
    while next < found.len() {
        let path: Vec<String> = found[next].clone();
        beneath(at(schema, &path), |inner, _, _| {
            found.push(path.iter().cloned().chain(inner).collect());
        });
        next += 1;
    }
    found
}

/// What stands at `path`.
pub(super) fn at<'v>(schema: &'v Value, path: &[String]) -> &'v Value {
    path.iter().fold(schema, |value, segment| match value {
        Value::Array(items) => &items[segment.parse::<usize>().unwrap()],
        value => &value[segment],
    })
}

/// The same, to be changed.
pub(super) fn at_mut<'v>(schema: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(schema, |value, segment| match value {
        Value::Array(items) => &mut items[segment.parse::<usize>().unwrap()],
        value => &mut value[segment],
    })
}
