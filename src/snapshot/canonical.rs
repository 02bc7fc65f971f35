//! The canonical form of a record: RFC 8785 JSON, the bytes that are hashed and kept.
//!
//! Pure. RFC 8785 writes every number as a double, so whole numbers beyond 2^53 are written as text
//! (`support::wide` reads them back). A number that is not finite has no form and is refused.

mod finite;

use serde::Serialize;
use serde_json::{Number, Value};

use crate::support::units::Sha256;

/// The greatest whole number that every reader of JSON keeps exactly, with its neighbours (RFC 7493, 2.2).
const EXACT: u64 = (1 << 53) - 1;

/// The value has no canonical form. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
#[error("write the canonical form: {0}")]
pub struct CanonicalError(#[from] serde_json::Error);

/// The canonical bytes of `value`.
///
/// # Errors
/// Fails for NaN, infinities, and map keys that are no text.
pub fn bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    finite::check(value)?;
    let mut value = serde_json::to_value(value)?;
    write_out(&mut value);
    Ok(serde_json_canonicalizer::to_vec(&value)?)
}

/// The digest of the canonical bytes.
///
/// # Errors
/// As [`bytes`].
pub fn digest<T: Serialize>(value: &T) -> Result<Sha256, CanonicalError> {
    bytes(value).map(|bytes| Sha256::of(&bytes))
}

/// Turns whole numbers that a double may not hold into text.
fn write_out(value: &mut Value) {
    match value {
        Value::Number(number) if is_inexact(number) => *value = Value::String(number.to_string()),
        Value::Array(entries) => entries.iter_mut().for_each(write_out),
        Value::Object(entries) => entries.values_mut().for_each(write_out),
        _ => {}
    }
}

fn is_inexact(number: &Number) -> bool {
    let magnitude = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    magnitude.is_some_and(|magnitude| magnitude > EXACT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::snapshot::model::{
        Absence, AbsenceCode, Arm, ArmName, Comparison, Context, Direction, Fact, FactValue, Label, Metric,
        MetricKind, MetricState, Past, PastVerdict, Position, Snapshot, Stage,
    };
    use crate::support::units::{Millis, Timestamp, Weight};

    fn written<T: Serialize>(value: &T) -> String {
        String::from_utf8(bytes(value).unwrap()).unwrap()
    }

    #[test]
    fn the_example_of_the_standard_is_written_as_there() {
        // RFC 8785, section 3.2.2 and 3.2.3.
        let text = "{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],\
            \"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}";
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(
            written(&value),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn whole_numbers_beyond_two_to_the_53_are_text() {
        let value = json!({ "b": [9_007_199_254_740_991_u64, 9_007_199_254_740_992_u64], "a": -9_007_199_254_740_993_i64 });
        assert_eq!(written(&value), r#"{"a":"-9007199254740993","b":[9007199254740991,"9007199254740992"]}"#);
        assert_eq!(written(&u64::MAX), "\"18446744073709551615\"");
    }

    #[test]
    fn what_is_not_finite_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(bytes(&number).is_err());
            assert!(bytes(&vec![Some((1, number))]).is_err());
            let arm = Arm { value: Some(number), ..Arm::default() };
            let message = format!("write the canonical form: the number {number} is not finite, in value");
            assert_eq!(bytes(&arm).unwrap_err().to_string(), message);
            let fact = Fact { name: "x".into(), value: FactValue::Number(number) };
            assert!(bytes(&fact).is_err());
        }
    }

    #[test]
    fn the_digest_is_that_of_the_bytes() {
        // printf '{"a":1,"b":2}' | sha256sum
        assert_eq!(
            digest(&json!({ "b": 2, "a": 1 })).unwrap().to_string(),
            "43258cff783fe7036d8a43033f830adfc60ec037382473548ac742b888292777"
        );
    }

    fn number() -> impl Strategy<Value = f64> {
        any::<f64>().prop_filter("finite", |number| number.is_finite())
    }

    fn arm() -> impl Strategy<Value = Arm> {
        let counts = prop::collection::vec(any::<u64>(), 0..4);
        (
            any::<u64>(),
            prop::option::of(number()),
            prop::collection::vec(number(), 0..4),
            counts,
            any::<u32>(),
        )
            .prop_map(|(requests, value, series, bucket_counts, missing)| Arm {
                requests,
                bad: requests / 2,
                value,
                bucket_edges: series.clone(),
                series,
                missing,
                observed_ms: Millis(requests),
                bucket_counts,
            })
    }

    fn metric() -> impl Strategy<Value = Metric> {
        let state = prop_oneof![
            Just(MetricState::Ok),
            any::<String>().prop_map(|message| {
                MetricState::NoData(Absence { arm: Some(ArmName::Canary), code: AbsenceCode::Empty, message })
            }),
        ];
        let fact = prop_oneof![
            any::<bool>().prop_map(FactValue::Boolean),
            any::<i64>().prop_map(FactValue::Integer),
            number().prop_map(FactValue::Number),
            any::<String>().prop_map(FactValue::Text),
        ];
        let needed = prop::option::of(any::<u64>());
        (any::<String>(), arm(), arm(), state, fact, needed).prop_map(
            |(name, baseline, canary, state, value, needed_requests)| Metric {
                name: name.clone(),
                kind: MetricKind::Latency,
                unit: "s".into(),
                direction: Direction::TwoSided,
                margin: canary.value,
                floor: None,
                baseline,
                canary,
                comparison: Some(Comparison { needed_requests, ..Comparison::default() }),
                state,
                facts: vec![Fact { name, value }],
            },
        )
    }

    fn snapshot() -> impl Strategy<Value = Snapshot> {
        (prop::collection::vec(metric(), 0..3), any::<String>(), any::<u64>(), any::<i32>()).prop_map(
            |(metrics, text, now, offset)| Snapshot {
                context: Context {
                    service: text.clone(),
                    labels: vec![Label { name: "9007199254740993".into(), value: "9007199254740993".into() }],
                    now_ms: Timestamp(now),
                    utc_offset_seconds: offset,
                    ..Context::default()
                },
                position: Position {
                    stage: Stage::Canary,
                    step: 0,
                    steps: 1,
                    weight: Weight::FULL,
                    elapsed_ms: Millis(now),
                    step_elapsed_ms: Millis(0),
                    step_duration_ms: Millis(u64::MAX),
                    min_bake_ms: Millis(1 << 53),
                    deadline_ms: Timestamp((1 << 53) - 1),
                    looks: 7,
                },
                metrics,
                health: Vec::new(),
                schema: None,
                history: vec![Past {
                    now_ms: Timestamp(now),
                    step: 0,
                    weight: Weight::ZERO,
                    verdict: PastVerdict::Hold,
                }],
                budget: None,
                facts: Vec::new(),
            },
        )
    }

    proptest! {
        #[test]
        fn a_snapshot_comes_back_the_same_and_is_written_the_same_again(snapshot in snapshot()) {
            let written = bytes(&snapshot).unwrap();
            let read: Snapshot = serde_json::from_slice(&written).unwrap();
            prop_assert_eq!(&read, &snapshot);
            prop_assert_eq!(bytes(&read).unwrap(), written);
        }
    }
}
