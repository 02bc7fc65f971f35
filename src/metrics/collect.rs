//! Asks a provider for all metrics of a plan, both arms of each for the same window.

use super::provider::Provider;
use super::{
    Answer, ArmTicks, BudgetPlan, MetricEvidence, MetricPlan, MetricQuery, Period, Window, absent, window,
};
use crate::snapshot::model::{Absence, AbsenceCode, ArmName};
use crate::support::futures::all;
use crate::support::units::Timestamp;

/// How many metrics are asked for at once; each has up to four queries under way.
const CONCURRENT: usize = 8;

/// The evidence on every metric of `plans`, in the order of their names.
///
/// A window that ends before it begins is one that the metric's warm-up covers: nothing is asked. What goes
/// wrong is part of the evidence.
pub async fn evidence(
    provider: &dyn Provider,
    plans: &[MetricPlan],
    window_for: impl Fn(&MetricPlan) -> Window,
) -> Vec<MetricEvidence> {
    let window_for = |plan| {
        let window = window_for(plan);
        Window { longest: provider.longest_tick(window.longest), ..window }
    };
    let mut sorted: Vec<(&MetricPlan, Window)> = plans.iter().map(|plan| (plan, window_for(plan))).collect();
    sorted.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    let mut evidence = Vec::with_capacity(sorted.len());
    for some in sorted.chunks(CONCURRENT) {
        evidence
            .extend(all(some.iter().map(|(plan, window)| metric(provider, plan, *window)).collect()).await);
    }
    evidence
}

async fn metric(provider: &dyn Provider, plan: &MetricPlan, window: Window) -> MetricEvidence {
    let warming_up = window.end <= window.start;
    let (baseline, canary) = tokio::join!(
        arm(provider, plan, ArmName::Baseline, window),
        arm(provider, plan, ArmName::Canary, window),
    );
    MetricEvidence { plan: plan.clone(), baseline, canary, warming_up }
}

async fn arm(
    provider: &dyn Provider,
    plan: &MetricPlan,
    arm: ArmName,
    window: Window,
) -> Result<ArmTicks, Absence> {
    let ticks = if window.end <= window.start {
        Err(absent(AbsenceCode::Empty, "the metric is warming up"))
    } else {
        ticks(provider, &plan.query, arm, window).await
    };
    ticks.map_err(|absence| Absence { arm: Some(arm), ..absence })
}

async fn ticks(
    provider: &dyn Provider,
    query: &MetricQuery,
    arm: ArmName,
    window: Window,
) -> Result<ArmTicks, Absence> {
    match query {
        MetricQuery::Ratio { bad, total } => {
            let (bad, total) =
                tokio::join!(provider.select(arm, bad, window), provider.select(arm, total, window));
            window::ratio(&none_is_empty(bad)?, &total?, window)
        }
        MetricQuery::Histogram(query) => {
            window::histogram(&provider.select(arm, query, window).await?, window)
        }
        MetricQuery::Rate(query) => window::rate(&provider.select(arm, query, window).await?, window),
        MetricQuery::Gauge(query) => window::gauge(&provider.select(arm, query, window).await?, window),
    }
}

/// What the period of a budget has had until `at`. No answer to how many were bad means that none were.
///
/// # Errors
/// Says why it is not known.
pub async fn period(provider: &dyn Provider, plan: &BudgetPlan, at: Timestamp) -> Result<Period, Absence> {
    // The queries are of the service, not of an arm.
    let ask = |query| provider.latest(ArmName::Baseline, query, at);
    let (total, bad) = tokio::join!(ask(&plan.total), ask(&plan.bad));
    let total = number(&total?, "`total`")?
        .ok_or_else(|| absent(AbsenceCode::Empty, "`total` of the budget matched no series"))?;
    let bad = number(&none_is_empty(bad)?, "`bad`")?.unwrap_or(0.0);
    if total <= 0.0 {
        return Err(absent(AbsenceCode::NoTraffic, "the budget's period has had no events"));
    }
    if bad > total {
        let message = format!("the budget's period has had {bad} bad events, but only {total} in all");
        return Err(absent(AbsenceCode::Malformed, &message));
    }
    Ok(Period { total, bad })
}

/// The one number of an answer; none where it is empty.
fn number(answer: &[super::RawSeries], what: &str) -> Result<Option<f64>, Absence> {
    if answer.len() > 1 {
        let message = format!("{what} of the budget answers {} series: sum them up", answer.len());
        return Err(absent(AbsenceCode::SeveralSeries, &message));
    }
    let Some((_, number)) = answer.first().and_then(|one| one.points.last()) else { return Ok(None) };
    if !number.is_finite() {
        return Err(absent(AbsenceCode::NotANumber, &format!("{what} of the budget answers {number}")));
    }
    if *number < 0.0 {
        return Err(absent(AbsenceCode::Malformed, &format!("{what} of the budget answers {number}")));
    }
    Ok(Some(*number))
}

/// No counter of bad events is an answer.
fn none_is_empty(answer: Answer) -> Answer {
    match answer {
        Err(Absence { code: AbsenceCode::Empty, .. }) => Ok(Vec::new()),
        answer => answer,
    }
}
