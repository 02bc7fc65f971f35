//! Rules and defaults for metrics.

use super::super::check::{Findings, few, name_is_plain};
use super::super::location::Path;
use super::super::model::{Canary, Metric, Provider};
use crate::metrics::{MetricPlan, MetricQuery};
use crate::snapshot::model::Direction;
use crate::support::units::Millis;

type Kind = fn(String) -> MetricQuery;

/// What stands for the arm in a query.
const ARM: &str = "{{arm}}";

/// How long a query may be, in bytes.
const LONGEST_QUERY: usize = 8192;

/// The metrics in the order of their names.
pub(in crate::config) fn plans(
    found: &mut Findings<'_>,
    path: &Path,
    canary: &Canary,
    warm_up: Millis,
    defaults: &mut Vec<String>,
) -> Vec<MetricPlan> {
    few(found, path, "metrics", canary.metrics.len());
    let mut plans = Vec::new();
    for (name, metric) in &canary.metrics {
        let path = path.key(name);
        name_is_plain(found, &path, "a metric", name);
        let Some(query) = query(found, &path, metric, &canary.provider) else { continue };
        let direction = metric.direction.unwrap_or_else(|| {
            defaults.push(format!("metrics.{name}.direction"));
            match query {
                MetricQuery::Rate(_) => Direction::HigherIsBetter,
                _ => Direction::LowerIsBetter,
            }
        });
        if metric.margin.is_some_and(|margin| margin <= 0.0) {
            let mend = "write the allowed ratio canary / baseline, such as `1.2`";
            found.add(&path.key("margin"), "a margin is greater than 0", mend);
        }
        if metric.unit.is_some() && !matches!(query, MetricQuery::Gauge(_)) {
            found.add(&path.key("unit"), "only a gauge has a unit of its own", "remove it");
        }
        if metric.unit.as_ref().is_some_and(|unit| unit.chars().count() > 32) {
            found.add(&path.key("unit"), "the unit is longer than 32 characters", "shorten it");
        }
        let unit = match &query {
            MetricQuery::Ratio { .. } => "1".to_owned(),
            MetricQuery::Histogram(_) => "s".to_owned(),
            MetricQuery::Rate(_) => "1/s".to_owned(),
            MetricQuery::Gauge(_) => metric.unit.clone().unwrap_or_default(),
        };
        plans.push(MetricPlan {
            name: name.clone(),
            query,
            unit,
            direction,
            margin: metric.margin,
            floor: metric.floor.map(|floor| floor.0),
            warm_up: metric.warm_up.map_or(warm_up, |span| span.0),
        });
    }
    plans
}

fn query(found: &mut Findings<'_>, path: &Path, metric: &Metric, provider: &Provider) -> Option<MetricQuery> {
    let Metric { ratio, histogram, rate, gauge, .. } = metric;
    let mut queries = Vec::new();
    if let Some(ratio) = ratio {
        let path = path.key("ratio");
        for (key, query) in [("bad", &ratio.bad), ("total", &ratio.total)] {
            check_query(found, &path.key(key), query, provider);
            check_counter(found, &path.key(key), query);
        }
        queries.push(MetricQuery::Ratio { bad: ratio.bad.clone(), total: ratio.total.clone() });
    }
    let single: [(_, _, Kind); 3] = [
        ("histogram", histogram, MetricQuery::Histogram),
        ("rate", rate, MetricQuery::Rate),
        ("gauge", gauge, MetricQuery::Gauge),
    ];
    for (key, query, kind) in single {
        if let Some(query) = query {
            check_query(found, &path.key(key), query, provider);
            if key != "gauge" {
                check_counter(found, &path.key(key), query);
            }
            queries.push(kind(query.clone()));
        }
    }
    let count = queries.len();
    let query = queries.pop();
    if count != 1 {
        let message =
            if count == 0 { "the metric asks nothing" } else { "the metric asks for several things" };
        found.add(path, message, "give it exactly one of `ratio`, `histogram`, `rate`, `gauge`");
        return None;
    }
    query
}

/// A counter must come as it stands: the fall of a rate, or of a sum that lost a summand, would read as a restart
/// of a counter, and its whole value as an increase.
fn check_counter(found: &mut Findings<'_>, path: &Path, query: &str) {
    let calls = calls(query);
    let named = |names: &[&str]| calls.iter().find(|call| names.contains(&call.as_str())).cloned();
    if let Some(function) = named(&["rate", "irate", "increase", "delta", "idelta", "deriv"]) {
        found.add(
            path,
            format!("`{function}` gives no counter"),
            "select the counters themselves, such as `http_requests_total{…}`; their increases are taken here",
        );
    } else if let Some(function) = named(&["sum", "avg", "min", "max", "count", "group"]) {
        found.add(
            path,
            format!("`{function}` gives no counter that tells a restart from a pod that left"),
            "select the counters themselves, such as `http_requests_total{…}`; their increases are summed here",
        );
    }
}

/// The names outside quotes that stand before `(`, or before `by` or `without`: functions and aggregations.
fn calls(query: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut calls = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for character in query.chars().chain([' ']) {
        if let Some(open) = quote {
            let closes = character == open && !escaped;
            escaped = character == '\\' && !escaped && open != '`';
            if closes {
                quote = None;
            }
            continue;
        }
        if character.is_ascii_alphanumeric() || matches!(character, '_' | ':') {
            word.push(character);
            continue;
        }
        if !word.is_empty() {
            if matches!(word.as_str(), "by" | "without") {
                calls.extend(words.last().cloned());
            }
            words.push(std::mem::take(&mut word));
        }
        match character {
            '"' | '\'' | '`' => quote = Some(character),
            '(' => calls.extend(words.last().cloned()),
            c if c.is_whitespace() => {}
            _ => words.clear(),
        }
    }
    calls
}

fn check_query(found: &mut Findings<'_>, path: &Path, query: &str, provider: &Provider) {
    if query.trim().is_empty() {
        found.add(path, "the query is empty", "write what selects the series");
        return;
    }
    if query.len() > LONGEST_QUERY {
        found.add(path, format!("the query is longer than {LONGEST_QUERY} bytes"), "shorten it");
        return;
    }
    match provider {
        Provider::Prometheus(_) => {
            if let Some(unknown) = placeholders(query).find(|placeholder| *placeholder != ARM) {
                let message = format!("`{unknown}` stands for nothing");
                found.add(path, message, "`{{arm}}` is the one placeholder; write it without blanks");
            } else if !query.contains(ARM) {
                found.add(
                    path,
                    "the query would ask the same of both arms",
                    "select the arm's series with `{{arm}}`, as in `http_requests_total{arm=\"{{arm}}\"}`",
                );
            }
        }
        Provider::Scrape(_) => {
            if query.contains("{{") {
                found.add(
                    path,
                    "a scraped metric has no placeholders",
                    "remove it: each arm is read from its own URLs",
                );
            }
        }
    }
}

/// What stands between double braces, with them.
fn placeholders(query: &str) -> impl Iterator<Item = &str> {
    let mut rest = query;
    std::iter::from_fn(move || {
        let start = rest.find("{{")?;
        let length = rest[start..].find("}}").map_or(rest.len() - start, |length| length + 2);
        let placeholder = &rest[start..start + length];
        rest = &rest[start + length..];
        Some(placeholder)
    })
}
