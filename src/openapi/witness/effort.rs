//! How much work it is to hold a value against a document: a validator walks a schema as often as something leads there,
//! and a few lines can lead there more often than anybody can wait for. Counted before anything is validated.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How many schemas a validator may look at for one value.
pub(super) const MOST: u64 = 10_000;

/// How deep it may go.
const DEPTH: usize = 400;

/// How many schemas a validator looks at for `value`; [`MOST`] where it is no fewer.
pub(super) fn effort(document: &Value, value: &Value) -> u64 {
    let definitions = document.get("$defs").and_then(Value::as_object);
    let mut count = Count { definitions, known: BTreeMap::new() };
    count.of(document, value, DEPTH)
}

struct Count<'v> {
    definitions: Option<&'v Map<String, Value>>,
    /// By definition and by the value's address, which stays as long as the value does.
    known: BTreeMap<(&'v str, *const Value), u64>,
}

impl<'v> Count<'v> {
    /// How many schemas are looked at; [`MOST`] where it is no fewer.
    fn of(&mut self, schema: &'v Value, value: &'v Value, depth: usize) -> u64 {
        let Value::Object(schema) = schema else { return 1 };
        let Some(depth) = depth.checked_sub(1) else { return MOST };
        let mut sum = 1_u64;
        for (keyword, inner) in schema {
            sum = sum.saturating_add(self.keyword(keyword, inner, schema, value, depth));
            if sum >= MOST {
                return MOST;
            }
        }
        // What is left over is found by looking at everything once more.
        let again =
            ["unevaluatedProperties", "unevaluatedItems"].iter().any(|word| schema.contains_key(*word));
        sum.saturating_mul(if again { 2 } else { 1 }).min(MOST)
    }

    fn keyword(
        &mut self,
        keyword: &str,
        inner: &'v Value,
        schema: &'v Map<String, Value>,
        value: &'v Value,
        depth: usize,
    ) -> u64 {
        let mut all: Vec<(&'v Value, &'v Value)> = Vec::new();
        match (keyword, inner) {
            ("$ref", Value::String(reference)) => return self.referred(reference, value, depth),
            ("allOf" | "anyOf" | "oneOf", Value::Array(inner)) => {
                all.extend(inner.iter().map(|one| (one, value)));
            }
            ("dependentSchemas", Value::Object(inner)) => all.extend(inner.values().map(|one| (one, value))),
            ("not" | "if" | "then" | "else", one) => all.push((one, value)),
            ("properties", Value::Object(inner)) => {
                all.extend(inner.iter().filter_map(|(name, one)| Some((one, value.get(name)?))));
            }
            ("patternProperties", Value::Object(inner)) => {
                all.extend(inner.values().flat_map(|one| members(value).map(move |member| (one, member))));
            }
            ("additionalProperties" | "unevaluatedProperties" | "propertyNames", one) => {
                all.extend(members(value).map(|member| (one, member)));
            }
            ("prefixItems", Value::Array(inner)) => all.extend(inner.iter().zip(items(value))),
            ("items", one) => {
                let before = schema.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
                all.extend(items(value).skip(before).map(|item| (one, item)));
            }
            ("contains" | "unevaluatedItems", one) => all.extend(items(value).map(|item| (one, item))),
            _ => {}
        }
        let mut sum = 0_u64;
        for (one, value) in all {
            sum = sum.saturating_add(self.of(one, value, depth));
            if sum >= MOST {
                break;
            }
        }
        sum
    }

    fn referred(&mut self, reference: &'v str, value: &'v Value, depth: usize) -> u64 {
        let Some(name) = reference.strip_prefix("#/$defs/") else { return MOST };
        let key = (name, std::ptr::from_ref(value));
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let Some(target) = self.definitions.and_then(|all| all.get(name)) else { return MOST };
        let count = self.of(target, value, depth);
        self.known.insert(key, count);
        count
    }
}

fn members(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(Map::values)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_doubles_at_every_step_is_not_bounded() {
        let doubled = |steps: usize| {
            let mut definitions = Map::new();
            for step in 0..steps {
                let next = json!({ "$ref": format!("#/$defs/s{}", step + 1) });
                definitions.insert(format!("s{step}"), json!({ "allOf": [next.clone(), next] }));
            }
            definitions.insert(format!("s{steps}"), json!({ "type": "string" }));
            json!({ "$ref": "#/$defs/s0", "$defs": definitions })
        };
        assert!(effort(&doubled(8), &json!("a")) < MOST);
        assert_eq!(effort(&doubled(60), &json!("a")), MOST);
    }

    #[test]
    fn what_leads_to_itself_follows_the_value() {
        let list = json!({ "$ref": "#/$defs/s0", "$defs": { "s0": { "properties": { "next": { "$ref": "#/$defs/s0" } } } } });
        assert!(effort(&list, &json!({ "next": { "next": {} } })) < 20);
    }
}
