//! Every case that Kayenta's own test suites hold its judge to, from `judge/mann-whitney-judge.json` of the shared
//! conformance data, which names its source, commit and licence.

use rollgate::stats::rank::classify::{Class, Classified, Direction, EffectMeasure, Limits, Rule};
use rollgate::stats::rank::interval::Pair;
use rollgate::stats::rank::sample::{self, NanStrategy, Outliers};
use rollgate::stats::rank::score::{self, Scored};
use rollgate::stats::rank::{classify, effect, normal};
use serde_json::{Value, json};

use crate::support::shared_data::conformance;

#[test]
fn every_case_of_kayentas_own_suites_agrees() {
    let path = conformance().join("judge/mann-whitney-judge.json");
    let data: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let cases = data["cases"].as_array().unwrap();
    assert!(cases.len() >= 62, "{} cases", cases.len());
    let differing: Vec<String> =
        cases.iter().enumerate().filter_map(|(at, case)| differs(at, case)).collect();
    assert!(differing.is_empty(), "\n{}\n", differing.join("\n"));
}

/// In which way a case comes out otherwise than expected.
fn differs(at: usize, case: &Value) -> Option<String> {
    let computed = compute(case);
    let expected = case["expect"].as_object().unwrap();
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(key, value)| !agrees(&computed[key.as_str()], value, tolerance(case, key)))
        .map(|(key, value)| format!("{key} is {} instead of {value}", computed[key.as_str()]))
        .collect();
    (!wrong.is_empty()).then(|| format!("case {at}, {}: {}", case["test"], wrong.join(", ")))
}

fn tolerance(case: &Value, key: &str) -> f64 {
    case["abs_tol"].as_f64().or_else(|| case["abs_tol"][key].as_f64()).unwrap_or(0.0)
}

fn agrees(computed: &Value, expected: &Value, tolerance: f64) -> bool {
    match (computed, expected) {
        (Value::Number(computed), Value::Number(expected)) => {
            (computed.as_f64().unwrap() - expected.as_f64().unwrap()).abs() <= tolerance
        }
        (Value::Array(computed), Value::Array(expected)) => {
            let pairs = computed.iter().zip(expected);
            computed.len() == expected.len() && { pairs }
                .all(|(computed, expected)| agrees(computed, expected, tolerance))
        }
        _ => computed == expected,
    }
}

/// A number, or `"NaN"` as the data have it.
fn number(value: f64) -> Value {
    if value.is_nan() { json!("NaN") } else { json!(value) }
}

fn numbers(values: &Value) -> Vec<f64> {
    let number = |value: &Value| {
        value.as_f64().unwrap_or_else(|| {
            assert_eq!(value, "NaN");
            f64::NAN
        })
    };
    values.as_array().unwrap().iter().map(number).collect()
}

fn compute(case: &Value) -> Value {
    let config = &case["config"];
    let setting = |key: &str| config[key].as_f64().unwrap_or_else(|| panic!("{key} is missing in {config}"));
    let arms = || (numbers(&case["experiment"]), numbers(&case["control"]));
    let pair = || {
        let (experiment, control) = arms();
        Pair::new(&experiment, &control).unwrap()
    };
    let iqr = || Outliers::Iqr {
        factor: setting("factor"),
        reduce_sensitivity: config["reduceSensitivity"] == true,
    };
    let measured = |measure: fn(&[f64], &[f64]) -> f64| {
        let (experiment, control) = arms();
        json!({ "value": number(measure(&experiment, &control)) })
    };
    match case["kind"].as_str().unwrap() {
        "wilcoxon_diff" => json!({ "value": pair().statistic(setting("mu"), setting("quantile")) }),
        "mann_whitney_ci" => {
            let found = pair().interval(setting("confidence")).unwrap();
            json!({ "ci_lower": found.lower, "ci_upper": found.upper, "estimate": found.estimate })
        }
        "mann_whitney_intermediates" => {
            let (pair, confidence) = (pair(), setting("confidence"));
            let z = normal::quantile(1.0 - (1.0 - confidence) / 2.0);
            let ((low, high), found) = (pair.range(), pair.interval(confidence).unwrap());
            json!({
                "mu_min": low, "mu_max": high, "z_lower": z, "z_upper": -z,
                "f_lower_at_mumin": pair.statistic(low, z), "f_lower_at_mumax": pair.statistic(high, z),
                "f_upper_at_mumin": pair.statistic(low, -z), "f_upper_at_mumax": pair.statistic(high, -z),
                "ci_lower": found.lower, "ci_upper": found.upper, "estimate": found.estimate,
            })
        }
        "mann_whitney_classify" => classified(case, classify::mann_whitney),
        "mean_inequality_classify" => classified(case, classify::mean_inequality),
        "weighted_sum_score" => scored(case),
        "ksigma_detect" => {
            json!({ "outlier_mask": sample::outliers(&numbers(&case["values"]), Outliers::KSigma { k: setting("k") }) })
        }
        "iqr_detect" => json!({ "outlier_mask": sample::outliers(&numbers(&case["values"]), iqr()) }),
        "remove_nan" => prepared(case, NanStrategy::Remove, Outliers::Keep),
        "replace_nan" => prepared(case, NanStrategy::Replace, Outliers::Keep),
        "iqr_remove" => prepared(case, NanStrategy::Remove, iqr()),
        "ksigma_remove" => prepared(case, NanStrategy::Remove, Outliers::KSigma { k: setting("k") }),
        "summary" => {
            let found = sample::summary(&numbers(&case["values"]));
            json!({ "min": found.min, "max": found.max, "mean": found.mean, "std": found.std, "count": found.count })
        }
        "percentile_r7" => {
            json!({ "value": sample::percentile(&sample::sorted(&numbers(&case["values"])), setting("p")) })
        }
        "mean_ratio" => measured(effect::mean_ratio),
        "cles" => measured(effect::cles),
        "cohen_d" => measured(effect::cohen_d),
        kind => panic!("cases of kind {kind} are not known"),
    }
}

fn prepared(case: &Value, nan: NanStrategy, outliers: Outliers) -> Value {
    json!({ "values": sample::prepare(&numbers(&case["values"]), nan, outliers) })
}

fn classified(case: &Value, classify: fn(&[f64], &[f64], &Rule) -> Classified) -> Value {
    let config = &case["config"];
    let text = |key: &str| config[key].as_str().unwrap_or_default();
    let effect =
        if text("effectSizeMeasure") == "cles" { EffectMeasure::Cles } else { EffectMeasure::MeanRatio };
    let limit = |key: &str| config[key].as_f64().unwrap_or_else(|| effect.none());
    let usual = Rule::default();
    let rule = Rule {
        direction: match text("direction") {
            "increase" => Direction::Increase,
            "decrease" => Direction::Decrease,
            _ => Direction::Either,
        },
        nan: if text("nanStrategy") == "replace" { NanStrategy::Replace } else { NanStrategy::Remove },
        outliers: Outliers::Keep,
        effect,
        allowed: Limits { increase: limit("allowedIncrease"), decrease: limit("allowedDecrease") },
        critical_limits: Limits { increase: limit("criticalIncrease"), decrease: limit("criticalDecrease") },
        critical: config["critical"] == true,
        must_have_data: config["mustHaveData"] == true,
        tolerance: config["tolerance"].as_f64().unwrap_or(usual.tolerance),
        confidence: config["confidence"].as_f64().unwrap_or(usual.confidence),
    };
    let found = classify(&numbers(&case["experiment"]), &numbers(&case["control"]), &rule);
    json!({ "classification": found.class.as_str(), "critical": found.critical })
}

fn scored(case: &Value) -> Value {
    let class = |name: &Value| {
        let all =
            [Class::Pass, Class::High, Class::Low, Class::Nodata, Class::NodataFailMetric, Class::Error];
        all.into_iter().find(|class| *name == class.as_str()).unwrap_or_else(|| panic!("no class {name}"))
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let metrics = case["metrics"].as_array().unwrap().iter().map(|metric| Scored {
        class: class(&metric["classification"]),
        critical: metric["critical"] == true,
        muted: metric["muted"] == true,
        groups: metric["groups"].as_array().unwrap().iter().map(text).collect(),
    });
    let weights = case["config"]["groupWeights"].as_object().unwrap();
    let weights: Vec<_> =
        weights.iter().map(|(name, weight)| (name.clone(), weight.as_f64().unwrap())).collect();
    let found = score::score(&metrics.collect::<Vec<_>>(), &weights);
    let groups = sample::sorted(&found.groups.iter().map(|group| group.score).collect::<Vec<_>>());
    json!({ "summaryScore": found.summary, "groupScoresSorted": groups })
}
