//! Rules and defaults for the error budget.

use super::super::check::Findings;
use super::super::location::Path;
use super::super::model::{Budget, Provider};
use super::super::nearest;
use crate::metrics::{BudgetPlan, MetricPlan, MetricQuery};

/// How long a query may be, in bytes.
const LONGEST_QUERY: usize = 8192;

/// The budget that is asked for.
pub(in crate::config) fn plan(
    found: &mut Findings<'_>,
    path: &Path,
    budget: &Budget,
    provider: &Provider,
    metrics: &[MetricPlan],
) -> Option<BudgetPlan> {
    if matches!(provider, Provider::Scrape(_)) {
        found.add_key(
            path,
            "scraped counters know nothing of a period",
            "remove `budget`, or use the provider `prometheus`",
        );
        return None;
    }
    let objective = budget.objective.0;
    if !(objective > 0.0 && objective < 1.0) {
        let message = "the objective leaves no budget, or nothing but budget";
        found.add(&path.key("objective"), message, "write a share between 0% and 100%, such as `99.9%`");
    }
    for (key, query) in [("total", &budget.total), ("bad", &budget.bad)] {
        check_query(found, &path.key(key), query);
    }
    let metric = metric(found, path, budget, metrics)?;
    Some(BudgetPlan { metric, objective, total: budget.total.clone(), bad: budget.bad.clone() })
}

/// Whether a query can be asked.
pub(super) fn is_query(found: &mut Findings<'_>, path: &Path, query: &str) -> bool {
    if query.trim().is_empty() {
        found.add(path, "the query is empty", "write what answers one number");
    } else if query.len() > LONGEST_QUERY {
        found.add(path, format!("the query is longer than {LONGEST_QUERY} bytes"), "shorten it");
    } else {
        return true;
    }
    false
}

fn check_query(found: &mut Findings<'_>, path: &Path, query: &str) {
    if is_query(found, path, query) && query.contains("{{") {
        found.add(
            path,
            "the budget is of the service, not of an arm",
            "ask for both arms, without `{{arm}}`",
        );
    }
}

fn metric(found: &mut Findings<'_>, path: &Path, budget: &Budget, metrics: &[MetricPlan]) -> Option<String> {
    let ratios: Vec<&str> = metrics
        .iter()
        .filter(|metric| matches!(metric.query, MetricQuery::Ratio { .. }))
        .map(|metric| metric.name.as_str())
        .collect();
    match (&budget.metric, ratios.as_slice()) {
        (Some(name), ratios) if ratios.contains(&name.as_str()) => Some(name.clone()),
        (Some(name), ratios) => {
            let mend = nearest::of(name, ratios.iter().copied());
            found.add(&path.key("metric"), format!("no ratio is called `{name}`"), mend);
            None
        }
        (None, [only]) => Some((*only).to_owned()),
        (None, []) => {
            let message = "no ratio counts what uses the budget up";
            found.add_key(path, message, "add one to `metrics`, such as `errors: { ratio: … }`");
            None
        }
        (None, several) => {
            let mend = format!("name one of {}", nearest::list(several.iter().copied()));
            found.add_key(path, "several ratios could use the budget up", format!("{mend} with `metric`"));
            None
        }
    }
}
