//! Analyses of Argo Rollouts and canaries of Flagger, as queries, steps and settings of `builtin:thresholds`.

use serde_json::{Map, Value as Json, json};

use super::queries::{self, Asked};
use super::rollout::{Query, Rollout, list, number, seconds, text};
use crate::config::yaml::Node;

/// A limit on a measurement.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Limit {
    /// Not below.
    Least(f64),
    /// Not above.
    Most(f64),
}

/// What an `AnalysisTemplate` of Argo Rollouts becomes.
#[must_use]
pub fn argo(file: &str, tree: &Node) -> Rollout {
    let mut found = Rollout::of(file);
    let metrics = list(tree, &["spec", "metrics"]);
    if metrics.is_empty() {
        found.remark(tree, "there are no `spec.metrics`: this is no AnalysisTemplate of Argo Rollouts");
        return found;
    }
    let mut settings = Map::new();
    let mut sustained = 0_u64;
    for metric in metrics {
        let named = text(metric, &["name"]).unwrap_or("metric");
        found.leave(
            metric,
            &[
                "name",
                "interval",
                "initialDelay",
                "count",
                "successCondition",
                "failureCondition",
                "failureLimit",
                "inconclusiveLimit",
                "consecutiveErrorLimit",
                "provider",
            ],
            "of a metric",
        );
        let Some(query) = text(metric, &["provider", "prometheus", "query"]) else {
            found.remark(metric, format!("`{named}` does not ask Prometheus: write a query for it"));
            found.add(named, Query::Unknown);
            continue;
        };
        if let Some(address) = text(metric, &["provider", "prometheus", "address"]) {
            provider(&mut found, metric, address);
        }
        let limit = condition(&mut found, metric);
        take(&mut found, metric, (named, query), limit, 1.0, &mut settings);
        let every = text(metric, &["interval"]).and_then(seconds);
        let failures = number(metric, &["failureLimit"]).unwrap_or(0.0);
        if let (Some(every), true) = (every, failures > 0.0) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a small count, or it saturates"
            )]
            let lasting = every.saturating_mul(failures as u64);
            sustained = sustained.max(lasting);
            found.remark(
                metric,
                format!("`failureLimit: {failures}` counts failed measurements in all; here a breach has to last for {lasting} s without a break"),
            );
        }
        if found.steps.is_empty()
            && let Some(every) = every
        {
            let count = number(metric, &["count"]).unwrap_or(10.0).clamp(1.0, 10_000.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 1 and 10,000"
            )]
            let hold = every.saturating_mul(count as u64);
            found.steps.push((10, hold, every));
            found.remark(metric, "the weights stand in the Rollout: one step of 10 % stands for them");
        }
        if number(metric, &["consecutiveErrorLimit"]).is_some()
            || number(metric, &["inconclusiveLimit"]).is_some()
        {
            found.remark(
                metric,
                "`consecutiveErrorLimit` and `inconclusiveLimit` have no counterpart: what has no data is waited for, to the deadline",
            );
        }
    }
    found.remark(tree, "NaN and an empty result are never a failed measurement here, nor a successful one");
    finish(&mut found, settings, sustained);
    found
}

/// What a `Canary` of Flagger becomes.
#[must_use]
pub fn flagger(file: &str, tree: &Node) -> Rollout {
    let mut found = Rollout::of(file);
    let place = if tree.entry("spec").is_some_and(|spec| spec.value.entry("analysis").is_some()) {
        ["spec", "analysis"]
    } else {
        ["spec", "canaryAnalysis"]
    };
    let Some(analysis) = super::rollout::at(tree, &place) else {
        found.remark(tree, "there is no `spec.analysis`: this is no Canary of Flagger");
        return found;
    };
    found.leave(
        analysis,
        &["interval", "threshold", "maxWeight", "stepWeight", "stepWeights", "metrics", "iterations"],
        "of the analysis",
    );
    let every = text(analysis, &["interval"]).and_then(seconds).unwrap_or(60);
    steps(&mut found, analysis, every);
    let mut settings = Map::new();
    for metric in list(analysis, &["metrics"]) {
        let named = text(metric, &["name"]).unwrap_or("metric");
        let limit =
            match (number(metric, &["thresholdRange", "min"]), number(metric, &["thresholdRange", "max"])) {
                (Some(least), None) => Some(Limit::Least(least)),
                (None, Some(most)) => Some(Limit::Most(most)),
                (None, None) => number(metric, &["threshold"]).map(|limit| {
                    if named == "request-success-rate" { Limit::Least(limit) } else { Limit::Most(limit) }
                }),
                (Some(_), Some(_)) => {
                    found.remark(
                        metric,
                        format!("`{named}` has a lower and an upper limit: neither is carried over"),
                    );
                    None
                }
            };
        match (named, text(metric, &["query"])) {
            ("request-success-rate", None) => {
                let query = Query::Ratio {
                    bad: r#"istio_requests_total{reporter="destination",destination_workload="{{arm}}",response_code=~"5.*"}"#.into(),
                    total: r#"istio_requests_total{reporter="destination",destination_workload="{{arm}}"}"#.into(),
                };
                let name = found.add(named, query);
                found.remark(metric, "`request-success-rate` is asked of Istio as Flagger asks it: change its labels for another mesh");
                limited(&mut found, metric, &name, Kind::Good, limit, 100.0, &mut settings);
            }
            ("request-duration", None) => {
                let query = Query::Histogram(
                    r#"istio_request_duration_milliseconds_bucket{reporter="destination",destination_workload="{{arm}}"}"#.into(),
                );
                let name = found.add(named, query);
                found.remark(
                    metric,
                    "`request-duration` is asked of Istio, whose buckets are in milliseconds, as is the limit: divide it by 1000 where buckets are in seconds",
                );
                // The limit is in milliseconds, as the buckets are.
                limited(&mut found, metric, &name, Kind::Quantile(0.99), limit, 1.0, &mut settings);
            }
            (_, Some(query)) => take(&mut found, metric, (named, query), limit, 1.0, &mut settings),
            _ => {
                found.remark(
                    metric,
                    format!("`{named}` is a template that stands elsewhere: write a query for it"),
                );
                found.add(named, Query::Unknown);
            }
        }
    }
    let threshold = number(analysis, &["threshold"]).unwrap_or(1.0);
    let lasting = every.saturating_mul(whole(threshold));
    found.remark(
        analysis,
        format!("`threshold: {threshold}` counts failed checks in all; here a breach has to last for {lasting} s without a break"),
    );
    found.remark(analysis, "no values, NaN and a failing query are failed checks there; here they are waited for, to the deadline");
    finish(&mut found, settings, lasting);
    found
}

fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let whole = number.clamp(0.0, 1e6) as u64;
    whole
}

/// Weights up to the greatest, each for one interval; without weights, one step of as many as there are iterations.
fn steps(found: &mut Rollout, analysis: &Node, every: u64) {
    let most = number(analysis, &["maxWeight"]).unwrap_or(50.0).clamp(1.0, 99.0);
    let own: Vec<f64> = list(analysis, &["stepWeights"])
        .iter()
        .filter_map(|node| match &node.value {
            #[expect(clippy::cast_precision_loss, reason = "a percentage")]
            crate::config::yaml::Value::Integer(weight) => Some(*weight as f64),
            _ => None,
        })
        .collect();
    let weights: Vec<f64> = match number(analysis, &["stepWeight"]) {
        _ if !own.is_empty() => own,
        Some(step) if step >= 1.0 => (1..=100_u8)
            .map(|at| f64::from(at) * step)
            .take_while(|weight| *weight < most + step)
            .map(|weight| weight.min(most))
            .collect(),
        _ => {
            let iterations = whole(number(analysis, &["iterations"]).unwrap_or(10.0)).max(1);
            found.remark(analysis, "there are no weights: one step of 10 % stands for the iterations");
            found.steps.push((10, every.saturating_mul(iterations), every));
            return;
        }
    };
    for weight in weights.into_iter().filter(|weight| (1.0..=100.0).contains(weight)).take(100) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 100")]
        let percent = weight as u8;
        found.steps.push((percent, every, every));
    }
}

fn provider(found: &mut Rollout, node: &Node, address: &str) {
    match &found.provider {
        None => found.provider = Some(address.into()),
        Some(known) if known != address => {
            let message = format!("`{address}` is a second server: all metrics are asked of `{known}`");
            found.remark(node, message);
        }
        Some(_) => {}
    }
}

/// The limit that a metric's conditions state.
fn condition(found: &mut Rollout, metric: &Node) -> Option<Limit> {
    let (success, failure) = (text(metric, &["successCondition"]), text(metric, &["failureCondition"]));
    let (condition, fails) = match (success, failure) {
        (Some(condition), None) => (condition, false),
        (None, Some(condition)) => (condition, true),
        (Some(condition), Some(_)) => {
            found.remark(
                metric,
                "of two conditions `successCondition` alone is carried over: what lies between waits there",
            );
            (condition, false)
        }
        (None, None) => {
            found.remark(metric, "a metric without a condition always succeeds there: no limit is set");
            return None;
        }
    };
    let read = compared(condition).map(|(above, limit)| {
        // What has to be above succeeds; what is above fails.
        if above == fails { Limit::Most(limit) } else { Limit::Least(limit) }
    });
    if read.is_none() {
        found.remark(
            metric,
            format!("the condition `{condition}` is not one comparison of the result: no limit is set"),
        );
    }
    read
}

/// `result[0] >= 0.95` as whether it has to be above, and what.
fn compared(condition: &str) -> Option<(bool, f64)> {
    let plain: String = condition.chars().filter(|character| !character.is_whitespace()).collect();
    let rest = plain.strip_prefix("result[0]").or_else(|| plain.strip_prefix("result"))?;
    let (above, limit) = match rest.strip_prefix('>') {
        Some(limit) => (true, limit),
        None => (false, rest.strip_prefix('<')?),
    };
    let limit: f64 = limit.strip_prefix('=').unwrap_or(limit).parse().ok()?;
    limit.is_finite().then_some((above, limit))
}

/// What a limit is on.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Good,
    Bad,
    Quantile(f64),
}

/// Takes a metric by what its query asks for; `scale` is what its limit was multiplied by.
fn take(
    found: &mut Rollout,
    node: &Node,
    (named, query): (&str, &str),
    limit: Option<Limit>,
    scale: f64,
    settings: &mut Map<String, Json>,
) {
    let query = with_arm(found, node, query);
    match queries::asked(&query) {
        Some(Asked::Share(share)) => {
            // A share that has to be high is one of good events.
            let good = matches!(limit, Some(Limit::Least(_)));
            let (bad, total) = share.selectors(good);
            let name = found.add(named, Query::Ratio { bad, total });
            let kind = if good { Kind::Good } else { Kind::Bad };
            limited(found, node, &name, kind, limit, scale * share.scale, settings);
        }
        // Which events are the others cannot be told.
        Some(Asked::Two { some, all, scale: times }) if matches!(limit, Some(Limit::Most(_))) => {
            let name = found.add(named, Query::Ratio { bad: some, total: all });
            limited(found, node, &name, Kind::Bad, limit, scale * times, settings);
        }
        Some(Asked::Quantile { buckets, quantile }) => {
            let name = found.add(named, Query::Histogram(buckets));
            limited(found, node, &name, Kind::Quantile(quantile), limit, scale, settings);
        }
        Some(Asked::Two { .. }) | None => {
            found.add(named, Query::Gauge(query));
            found.remark(
                node,
                format!("the query of `{named}` is neither a share of bad events nor a quantile: it is shown as a gauge, and `builtin:thresholds` sets no limit on it"),
            );
        }
    }
}

/// The one argument of a query is the arm.
fn with_arm(found: &mut Rollout, node: &Node, query: &str) -> String {
    let mut arguments: Vec<&str> = Vec::new();
    let mut left = query;
    while let Some((_, rest)) = left.split_once("{{") {
        let Some((argument, rest)) = rest.split_once("}}") else { break };
        if !arguments.contains(&argument) {
            arguments.push(argument);
        }
        left = rest;
    }
    match arguments.as_slice() {
        [one] => {
            found.remark(
                node,
                format!("`{{{{{one}}}}}` became `{{{{arm}}}}`: say beneath `provider` what it is called in each arm"),
            );
            query.replace(&format!("{{{{{one}}}}}"), "{{arm}}")
        }
        [] => {
            found.remark(node, "the query selects no arm: select one with `{{arm}}`");
            query.into()
        }
        _ => {
            found.remark(node, "the query has several arguments: write `{{arm}}` for the one that tells the arms apart, and values for the others");
            query.into()
        }
    }
}

fn limited(
    found: &mut Rollout,
    node: &Node,
    name: &str,
    kind: Kind,
    limit: Option<Limit>,
    scale: f64,
    settings: &mut Map<String, Json>,
) {
    let Some(limit) = limit else { return };
    let key = match (kind, limit) {
        (Kind::Good, Limit::Least(_)) => "success-rate",
        (Kind::Bad, Limit::Most(_)) => "error-rate",
        (Kind::Quantile(quantile), Limit::Most(_)) => match (quantile * 100.0).round() {
            50.0 => "p50",
            95.0 => "p95",
            99.0 => "p99",
            _ => {
                found.remark(
                    node,
                    format!("`{name}`: there are limits on p50, p95 and p99, not on the quantile {quantile}"),
                );
                return;
            }
        },
        _ => {
            found.remark(node, format!("`{name}`: a limit on this side has no counterpart"));
            return;
        }
    };
    let (Limit::Least(value) | Limit::Most(value)) = limit;
    if settings.contains_key(key) {
        found.remark(node, format!("`{key}` is set by another metric: that of `{name}` is left out"));
        return;
    }
    settings.insert(key.into(), json!({ "critical": value / scale, "metric": name }));
}

fn finish(found: &mut Rollout, mut settings: Map<String, Json>, sustained: u64) {
    if settings.is_empty() {
        return;
    }
    // They judge however little traffic there is.
    settings.insert("min-requests".into(), json!(1));
    if sustained > 0 {
        settings.insert("sustained-for".into(), json!(format!("{sustained}s")));
    }
    found.gate = Some(("builtin:thresholds", settings));
}
