//! What other readers accept is read as they read it.

use std::path::Path;

use proptest::prelude::*;
use rollgate::openapi::read::read;
use serde_json::{Map, Number, Value};

use super::{codes, value};
use crate::support::property::check;
use crate::support::shared_data::{SPECS, spec};

/// Any value of JSON, with numbers that survive a round trip as text.
pub(crate) fn values() -> impl Strategy<Value = Value> {
    let text = || {
        prop_oneof![
            any::<String>(),
            "[ -~]{0,12}",
            "(true|no|~|null|0x1F|1e3|012|-|[.]inf|- a|a: b|#c|&a|[*]a)"
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

/// With the keys that are no texts as their values, not as they were written.
fn with_values_as_keys(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(with_values_as_keys).collect(),
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| {
                let key = match key.as_str() {
                    "" | "~" => "null".to_owned(),
                    _ => key,
                };
                (key, with_values_as_keys(value))
            })
            .collect(),
        other => other,
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
        if Path::new(name).extension().is_some_and(|extension| extension == "json") {
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

#[test]
fn what_serde_json_writes_is_read() {
    check(256, &values(), |expected| {
        for text in [expected.to_string(), serde_json::to_string_pretty(&expected).unwrap()] {
            // Under either name.
            for name in ["api.json", "api.yaml"] {
                let (tree, diagnostics) = read(name, text.as_bytes());
                prop_assert_eq!(&diagnostics, &[], "{}", text);
                prop_assert_eq!(value(&tree), expected.clone(), "{}", text);
            }
        }
        Ok(())
    });
}

#[test]
fn what_serde_json_accepts_is_read() {
    // Pieces of JSON in any order: now and then they are a text of JSON.
    let piece = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"\"",
        "\"a\"",
        "\"a\":",
        "\"b\" : ",
        "\"\\u0061\"",
        "\"\\ud83d\\ude00\"",
        "1",
        "-0",
        "2.5e1",
        "0",
        "1E-2",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\r\n",
        "\t",
        "[]",
        "{}",
        "\"é\"",
        "1,",
        "\"a\":1,",
        "\"\\\"\"",
    ]);
    let filler = prop::collection::vec(piece.clone(), 0..6).prop_map(|pieces| pieces.concat());
    let text = prop_oneof![
        filler.clone(),
        filler.clone().prop_map(|inner| format!("[{inner}]")),
        filler.clone().prop_map(|inner| format!("{{{inner}}}")),
        (filler.clone(), filler).prop_map(|(one, two)| format!("[1,{{\"a\":[{one}],\"b\":{two}}}]")),
    ];
    let accepted = std::cell::Cell::new(0);
    check(8192, &text, |text| {
        if let Ok(expected) = serde_json::from_str::<Value>(&text) {
            accepted.set(accepted.get() + 1);
            let (tree, diagnostics) = read("api.json", text.as_bytes());
            let codes = codes(&diagnostics);
            prop_assert!(codes.is_empty() || codes == ["duplicate-key"], "{:?}", diagnostics);
            prop_assert_eq!(value(&tree), expected);
        } else {
            let (_, diagnostics) = read("api.json", text.as_bytes());
            // Without a bracket it may be YAML.
            let is_json = text.trim_start().starts_with(['{', '[']);
            prop_assert!(
                !is_json || !diagnostics.is_empty(),
                "{:?} is no JSON, and nothing is said of it",
                text
            );
        }
        Ok(())
    });
    assert!(accepted.get() > 500, "{} texts are too few", accepted.get());
}

#[test]
fn what_yaml_serde_writes_is_read() {
    check(256, &values(), |expected| {
        let text = serde_yaml::to_string(&expected).unwrap();
        // The writer is of YAML 1.1, where these break a line and an indentation follows; in 1.2 they are text.
        if text.contains(['\u{85}', '\u{2028}', '\u{2029}']) {
            return Ok(());
        }
        let (tree, diagnostics) = read("api.yaml", text.as_bytes());
        prop_assert_eq!(&diagnostics, &[], "{}", text);
        prop_assert_eq!(rounded(value(&tree)), rounded(expected.clone()), "{}", text);
        Ok(())
    });
}

#[test]
fn what_yaml_serde_accepts_is_read() {
    let piece = prop::sample::select(vec![
        "a",
        "b: ",
        "c:\n",
        "\n",
        "  ",
        " ",
        "- ",
        "? ",
        ": ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'x'",
        "\"y\\n\"",
        "|\n  m\n",
        ">-\n  n\n",
        "# z\n",
        "&p ",
        "*p",
        "1",
        "-2.5",
        "~",
        "true",
        "yes",
        "!!str ",
        "<<: ",
        "é",
        "---\n",
        "\n  - ",
        "\n- ",
        "\na: ",
        "\n  k: ",
    ]);
    let text = prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat());
    let (accepted, refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    check(8192, &text, |text| {
        let Ok(mut expected) = serde_yaml::from_str::<serde_yaml::Value>(&text) else { return Ok(()) };
        if expected.apply_merge().is_err() {
            return Ok(());
        }
        let (tree, diagnostics) = read("api.yaml", text.as_bytes());
        accepted.set(accepted.get() + 1);
        // The two parsers differ at the edges of the grammar: what ours refuses is reported, and rare. A
        // collection as a key is refused by design.
        if diagnostics
            .iter()
            .any(|diagnostic| diagnostic.code.starts_with("yaml-") || diagnostic.code == "key-not-text")
        {
            refused.set(refused.get() + 1);
            return Ok(());
        }
        let read = with_values_as_keys(value(&tree));
        prop_assert_eq!(
            rounded(read),
            rounded(with_values_as_keys(from_yaml(&expected))),
            "{:?} {:?}",
            text,
            diagnostics
        );
        Ok(())
    });
    assert!(accepted.get() > 500, "{} texts are too few", accepted.get());
    assert!(refused.get() * 20 < accepted.get(), "{} of {} are refused", refused.get(), accepted.get());
}
