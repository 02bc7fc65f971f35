//! `rollgate canary look`, and the self-check of `rollgate canary run`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::anyhow;

use super::{Common, Format, open};
use crate::cli::{Exit, Failure, output, process};
use crate::config::CanaryPlan;
use crate::metrics::provider::Provider;
use crate::metrics::{MetricQuery, Window, collect};
use crate::report;
use crate::rollout::machine::{Phase, State};
use crate::rollout::observation::{Observation, digest};
use crate::rollout::record::{LookRecord, VERSION};
use crate::rollout::store::{Store, run_id};
use crate::snapshot::fitness::{self, Fitness};
use crate::snapshot::model::{AbsenceCode, ArmName, Context, Health, MetricState};
use crate::snapshot::statistics::Statistics;
use crate::support::text;
use crate::support::units::{Millis, Timestamp};
use crate::verdict::combine::combine;
use crate::verdict::model::Verdict;

/// Ticks that a self-check looks back at.
const SELF_CHECK_TICKS: u64 = 10;

/// Ticks that the baseline is compared with itself over.
const FITNESS_TICKS: u64 = 60;

/// Arguments of `rollgate canary look`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    common: Common,
}

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    shown(arguments).map(|(exit, _)| exit)
}

/// Takes a look, prints it, and returns it as Markdown with how it ended.
pub(super) fn shown(arguments: &Arguments) -> Result<(Exit, String), Failure> {
    let look = evaluate(arguments)?;
    print(&look, arguments.common.format)?;
    Ok((verdict_exit(&look), report::look::markdown(&look)))
}

fn evaluate(arguments: &Arguments) -> Result<LookRecord, Failure> {
    let common = &arguments.common;
    let plan = open::plan(common)?;
    let store = open::store(common);
    let id = super::carry::unfinished(&store, &plan.service)?.ok_or_else(|| {
        Failure::Usage(anyhow!("look: {} has no unfinished rollout in this state folder", plan.service))
    })?;
    let record = store.read(&id).map_err(super::carry::outside)?;
    let Phase::Observing { since, .. } = record.state.phase else {
        return Err(Failure::Usage(anyhow!("look: traffic is being moved; try again in a moment")));
    };
    let memories = record.memories();
    process::runtime()?.block_on(async {
        let mut provider = open::provider(&plan)?;
        provider.restore(store.polls(&id).map_err(super::carry::outside)?);
        let statistics = record.looks.last().map(|look| look.statistics.clone()).unwrap_or_default();
        let look = take(&plan, provider, &record.header.context, &record.state, since, &memories, statistics)
            .await?;
        keep(&store, &look);
        Ok(look)
    })
}

/// Records a look that is none of a rollout's own. One that cannot be recorded is a look all the same.
fn keep(store: &Store, look: &LookRecord) {
    let kept = run_id(look.at).map_err(|error| error.to_string()).and_then(|id| {
        store.begin_check(&id).and_then(|mut chain| chain.write(look)).map_err(|error| error.to_string())
    });
    if let Err(why) = kept {
        output::note(&format!("the look is not recorded: {why}"));
    }
}

/// Asks the driver, the provider and the policies once, as they would be asked in a rollout.
pub(super) async fn self_check(plan: &CanaryPlan, format: Format) -> Result<Exit, Failure> {
    let mut driver = open::driver(plan);
    let reading = driver.read().await;
    let mut provider = open::provider(plan)?;
    // Two polls make the first delta of a provider that keeps its own history.
    let first = open::clock().now();
    let polls = provider.poll(first).await.is_some();
    let mut seen = first;
    if polls {
        tokio::time::sleep(Duration::from(plan.rollout.tick)).await;
        seen = open::clock().now();
        provider.poll(seen).await;
    }
    let (lines, unmatched) = matched(plan, provider.as_ref()).await;
    for line in lines {
        output::note(&line);
    }
    for line in fitness(plan, provider.as_ref(), seen).await {
        output::note(&line);
    }
    let since = first.before(Millis(plan.rollout.tick.0 * if polls { 0 } else { SELF_CHECK_TICKS }));
    let context =
        Context { service: plan.service.clone(), labels: plan.labels.clone(), ..Context::default() };
    let weight = reading.as_ref().ok().and_then(|reading| reading.weight).unwrap_or_default();
    let state =
        State { phase: Phase::Observing { step: 0, since, next_look: since }, weight, ..State::default() };
    // What is asked for here is whether there is an answer, so nothing is left out as warm-up.
    let mut unwarmed = plan.clone();
    for metric in &mut unwarmed.metrics {
        metric.warm_up = Millis(0);
    }
    let look =
        take(&unwarmed, provider, &context, &state, since, &BTreeMap::new(), Statistics::default()).await?;
    print(&look, format)?;
    for check in &look.snapshot.health {
        let state = match check.state {
            Health::Healthy => "healthy",
            Health::Unhealthy => "unhealthy",
            Health::Unknown => "unknown",
        };
        output::note(&format!("health check {}: {state}, {}", check.name, check.message));
    }
    for query in &unmatched {
        output::note(&format!(
            "no series of the baseline matches {query}: mend the query, or wait until there are any"
        ));
    }
    let outside = look.decision.fault
        || !unmatched.is_empty()
        || look.snapshot.health.iter().any(|check| check.state == Health::Unknown)
        || look.snapshot.metrics.iter().any(|metric| {
            matches!(&metric.state, MetricState::NoData(absence)
            if !matches!(absence.code, AbsenceCode::NoTraffic | AbsenceCode::Empty))
        });
    match reading {
        Ok(reading) => {
            output::note(&format!("the driver shows {}", text::line(&reading.detail, text::SHOWN)));
        }
        Err(error) => return Err(Failure::Outside(anyhow::Error::new(error).context("read the split"))),
    }
    Ok(if outside { Exit::Outside } else { Exit::Passed })
}

/// Whether the metrics are fit for judging, from the baseline of the last ticks.
async fn fitness(plan: &CanaryPlan, provider: &dyn Provider, now: Timestamp) -> Vec<String> {
    let rollout = &plan.rollout;
    let end = now.before(rollout.lag);
    let start = end.before(Millis(rollout.tick.0.saturating_mul(FITNESS_TICKS)));
    let evidence =
        collect::evidence(provider, &plan.metrics, |_| Window::new(start, end, rollout.tick)).await;
    // The canary of the first step: what it cannot show, nobody sees before the second.
    let share = rollout.steps.first().map_or(0.0, |step| f64::from(step.weight.percent()) / 100.0);
    let time = rollout.steps.iter().fold(Millis(0), |sum, step| Millis(sum.0.saturating_add(step.hold.0)));
    fitness::fitness(&evidence, share, time).iter().map(Fitness::in_words).collect()
}

/// How many series each query selects now, so that one that is misspelt is seen before it is missed; and the queries that
/// select none of the baseline's where there have to be some. A canary need not run yet, and bad events need not occur.
async fn matched(plan: &CanaryPlan, provider: &dyn Provider) -> (Vec<String>, Vec<String>) {
    let at = open::clock().now();
    let (mut lines, mut unmatched) = (Vec::new(), Vec::new());
    for metric in &plan.metrics {
        for query in metric.query.queries() {
            for arm in ArmName::BOTH {
                let answer = provider.latest(arm, query, at).await;
                let none = match &answer {
                    Ok(series) => series.is_empty(),
                    Err(absence) => absence.code == AbsenceCode::Empty,
                };
                let of_bad = matches!(&metric.query, MetricQuery::Ratio { bad, .. } if bad == query);
                if none && !of_bad && arm == ArmName::Baseline {
                    unmatched.push(format!("{} of {}", text::line(query, 200), metric.name));
                }
                let found = match answer {
                    Ok(series) => format!("{} series", series.len()),
                    Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
                };
                lines.push(format!("{} of {}, {}: {found}", query, metric.name, arm.as_str()));
            }
        }
    }
    if let Some(budget) = &plan.budget {
        let found = match collect::period(provider, budget, at).await {
            Ok(period) => format!("{} of {} events of the period were bad", period.bad, period.total),
            Err(absence) => format!("{}: {}", absence.code.as_str(), absence.message),
        };
        lines.push(format!("error budget: {found}"));
    }
    (lines, unmatched)
}

async fn take(
    plan: &CanaryPlan,
    mut provider: Box<dyn Provider>,
    context: &Context,
    state: &State,
    since: Timestamp,
    memories: &BTreeMap<String, Vec<u8>>,
    mut statistics: Statistics,
) -> Result<LookRecord, Failure> {
    let mut gate = open::gate(plan).await?;
    let checks = open::checks(plan)?;
    let now = open::clock().now();
    provider.poll(now).await;
    let observation = Observation {
        metrics: &plan.metrics,
        budget: plan.budget.as_ref(),
        checks: &checks,
        provider: provider.as_ref(),
        plan: &plan.rollout,
        context,
    };
    let snapshot = observation.snapshot(state, since, now, &mut statistics).await;
    let asked = gate.asked(memories);
    let members = gate.judge(&snapshot, memories).await;
    let decision = combine(gate.composition(), &members);
    let snapshot_sha256 = digest(&snapshot);
    Ok(LookRecord {
        version: VERSION,
        look: state.looks + 1,
        at: now,
        snapshot,
        snapshot_sha256,
        asked,
        members,
        decision,
        previous: None,
        statistics,
    })
}

fn print(look: &LookRecord, format: Format) -> Result<Exit, Failure> {
    output::print(&match format {
        Format::Text => report::look::plain(look),
        Format::Json => report::look::json(look),
        Format::Markdown => report::look::markdown(look),
    })
}

fn verdict_exit(look: &LookRecord) -> Exit {
    match look.decision.verdict {
        _ if look.decision.fault => Exit::Outside,
        Verdict::Advance(_) | Verdict::Promote => Exit::Passed,
        Verdict::Hold(_) => Exit::Undecided,
        Verdict::Rollback => Exit::Refused,
    }
}
