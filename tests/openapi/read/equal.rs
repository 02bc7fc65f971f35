//! What other readers accept is read as they read it.

use proptest::prelude::*;
use rollgate::openapi::read::read;
use serde_json::{Map, Number, Value};

use super::{codes, value, value_of};
use crate::support::property::check;
use crate::support::shared_data::{SPECS, spec};

/// Any value of JSON, with numbers that survive a round trip as text.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let text = || {
        prop_oneof![
            any::<String>(),
            "[ -~]{0,12}",
            "(true|no|~|null|<<|0x1F|1e3|012|-|[.]inf|- a|a: b|#c|&a|[*]a)"
        ]
    };
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(|number| Value::Number(number.into())),
        any::<u64>().prop_map(|number| Value::Number(number.into())),
        (-1e12..1e12_f64).prop_map(|number| Value::Number(Number::from_f64(number).unwrap())),
        text().prop_map(Value::String),
    ];
    scalar.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text(), inner), 0..20)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// What `yaml_serde` makes of a document, with merge keys carried out and keys as text.
fn from_yaml(value: &serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Null => Value::Null,
        serde_yaml::Value::Bool(value) => Value::Bool(*value),
        serde_yaml::Value::Number(number) => {
            serde_json::from_str(&number.to_string()).unwrap_or_else(|_| Value::String(number.to_string()))
        }
        serde_yaml::Value::String(text) => Value::String(text.clone()),
        serde_yaml::Value::Sequence(items) => items.iter().map(from_yaml).collect(),
        serde_yaml::Value::Mapping(members) => members
            .iter()
            .map(|(key, value)| {
                let key = match from_yaml(key) {
                    Value::String(key) => key,
                    other => other.to_string(),
                };
                (key, from_yaml(value))
            })
            .collect(),
        serde_yaml::Value::Tagged(tagged) => from_yaml(&tagged.value),
    }
}

/// Numbers as floating-point ones, since readers differ in which of them they take for whole.
fn rounded(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            number.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number)
        }
        Value::Array(items) => items.into_iter().map(rounded).collect(),
        Value::Object(members) => members.into_iter().map(|(key, value)| (key, rounded(value))).collect(),
        other => other,
    }
}

#[test]
fn every_real_description_is_read_as_the_strict_readers_read_it() {
    for name in SPECS {
        let bytes = spec(name);
        let (tree, diagnostics) = read(name, &bytes);
        let read = value(&tree);
        if name.ends_with(".json") {
            assert_eq!(diagnostics, [], "{name}");
            let expected: Value = serde_json::from_slice(&bytes).unwrap();
            assert!(read == expected, "{name} differs");
        } else {
            // The strict reader refuses one number, which is below every `i64`, and would take it with a point.
            let text =
                String::from_utf8(bytes).unwrap().replace("-9223372036854776000", "-9223372036854776000.0");
            let mut expected: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
            expected.apply_merge().unwrap();
            assert_eq!(diagnostics, [], "{name}");
            assert!(rounded(read) == rounded(from_yaml(&expected)), "{name} differs");
        }
    }
}
