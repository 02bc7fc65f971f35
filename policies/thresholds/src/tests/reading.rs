//! Numbers, durations, JSON and quantiles.

use kit::json::{self, Value};
use kit::limits::quantile::{NoQuantile, Quantile, quantile};
use kit::units;

#[test]
fn a_percentage_is_the_nearest_double_of_what_is_written() {
    let read: Vec<_> = ["1%", "0.1%", "0.7%", "99.95%", "100%", "0%"].map(units::fraction).into();
    assert_eq!(read, [Some(0.01), Some(0.001), Some(0.007), Some(0.9995), Some(1.0), Some(0.0)]);
    for wrong in ["", "%", "1", "-1%", "1 %", "1%%", "1e2%", ".5%", "5.%", "NaN%", "inf%", "½%"] {
        assert_eq!(units::fraction(wrong), None, "{wrong}");
    }
}

#[test]
fn a_duration_is_read_in_seconds() {
    let read: Vec<_> = ["500ms", "0.3ms", "1.5s", "5m", "1h30m", "24h", "0s"].map(units::seconds).into();
    let expected = [0.5, 0.0003, 1.5, 300.0, 5400.0, 86_400.0, 0.0].map(Some);
    assert_eq!(read, expected);
    for wrong in ["", "5", "s", "5 m", "5min", "-5m", "1.2.3s", "5m3", "1e3s", "5µs"] {
        assert_eq!(units::seconds(wrong), None, "{wrong}");
    }
}

#[test]
fn numbers_are_shown_with_the_decimals_that_they_have() {
    let fractions = [(0.01, 2), (0.012_345, 2), (0.012_345, 4), (1.0, 2), (0.0, 2), (0.999_999, 2)];
    let shown: Vec<_> = fractions.map(|(value, decimals)| units::show_fraction(value, decimals)).into();
    assert_eq!(shown, ["1 %", "1.23 %", "1.2345 %", "100 %", "0 %", "100 %"]);
    let shown: Vec<_> = [0.0005, 0.25, 1.0, 61.5].map(|value| units::show_seconds(value, 2)).into();
    assert_eq!(shown, ["0.5 ms", "250 ms", "1 s", "61.5 s"]);
    let shown: Vec<_> = [0, 1, 1500, 300_000, 5_400_000, 86_400_000].map(units::show_span).into();
    assert_eq!(shown, ["0s", "0.001s", "1.5s", "5m", "1h30m", "24h"]);
}

/// Test data of Prometheus, `promql/testdata/histograms.test`: the counts of `testhistogram` and what
/// `histogram_quantile` answers, to its test's own precision.
#[test]
fn quantiles_are_those_of_prometheus() {
    let positive = |percent| quantile(percent, &[0.1, 0.2, 1.0], &[5, 7, 11, 12]).unwrap();
    let negative = |percent| quantile(percent, &[-0.2, -0.1, 0.3], &[1, 2, 2, 3]).unwrap();
    let is = |quantile, expected: f64| matches!(quantile, Quantile::At(at) if (at - expected).abs() < 1e-6);
    for (percent, expected) in [(0, 0.0), (20, 0.048), (50, 0.15), (80, 0.72)] {
        assert!(is(positive(percent), expected), "{percent}: {:?}", positive(percent));
    }
    for (percent, expected) in [(0, -0.2), (20, -0.2), (50, -0.15)] {
        assert!(is(negative(percent), expected), "{percent}: {:?}", negative(percent));
    }
    // Prometheus answers the last finite edge for these.
    assert_eq!(positive(100), Quantile::Beyond(1.0));
    assert_eq!(negative(80), Quantile::Beyond(0.3));
}

#[test]
fn a_quantile_on_an_edge_is_that_edge() {
    for total in (20..20_000).step_by(20) {
        let counts = [total / 2, total * 95 / 100, total, total];
        assert_eq!(quantile(95, &[0.1, 0.3, 0.7], &counts), Ok(Quantile::At(0.3)), "{total}");
    }
}

#[test]
fn empty_buckets_below_a_quantile_are_passed_over() {
    assert_eq!(quantile(50, &[1.0, 2.0, 3.0], &[0, 0, 10, 10]), Ok(Quantile::At(2.5)));
    assert_eq!(quantile(50, &[-1.0, 0.0, 1.0], &[10, 10, 10, 10]), Ok(Quantile::At(-1.0)));
}

#[test]
fn without_counts_or_edges_there_is_no_quantile() {
    assert_eq!(quantile(50, &[1.0], &[0, 0]), Err(NoQuantile::Empty));
    assert_eq!(quantile(50, &[], &[5]), Err(NoQuantile::NoEdges));
    assert_eq!(quantile(50, &[1.0], &[5]), Err(NoQuantile::Malformed));
    assert_eq!(quantile(99, &[1.0], &[u64::MAX, u64::MAX]), Ok(Quantile::At(0.99)));
}

#[test]
fn json_is_read_as_rfc_8259_has_it() {
    let text = |text: &str| Value::String(text.into());
    assert_eq!(
        json::read(" { \"a\" : [ 1 , -0.5e1 , null ] , \"a\" : \"\\u00e9\\ud83d\\ude00\\n/\" } "),
        Some(Value::Object(vec![
            ("a".into(), Value::Array(vec![Value::Number(1.0), Value::Number(-5.0), Value::Word])),
            ("a".into(), text("é😀\n/")),
        ]))
    );
    assert_eq!(json::read("0.30000000000000004"), Some(Value::Number(0.1 + 0.2)));
    let wrong = [
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "'a'",
        "01",
        "+1",
        ".5",
        "5.",
        "1.e3",
        "-",
        "1 2",
        "nul",
        "NaN",
        "\"\n\"",
        "\"\\x\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"a",
        "[1",
        "{\"a\"}",
        "1e",
        "--1",
    ];
    for wrong in wrong {
        assert_eq!(json::read(wrong), None, "{wrong}");
    }
}

#[test]
fn deep_json_is_refused() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(json::read(&nested(32)).is_some());
    assert_eq!(json::read(&nested(33)), None);
    assert_eq!(json::read(&"[".repeat(1_000_000)), None);
}
