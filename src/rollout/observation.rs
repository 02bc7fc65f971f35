//! What a look observes: the providers are asked, their ticks become statistics, and both become the snapshot.

use super::machine::State;
use super::plan::window_start;
use crate::health::Checks;
use crate::metrics::provider::Provider;
use crate::metrics::{BudgetPlan, MetricPlan, Window, collect};
use crate::snapshot::model::{Context, Fact, FactValue, Position, Snapshot, Stage};
use crate::snapshot::statistics::Statistics;
use crate::snapshot::{budget, build, canonical};
use crate::support::units::{Millis, Sha256, Timestamp};
/// What a look observes, and with what.
pub struct Observation<'a> {
    /// What is asked of the provider.
    pub metrics: &'a [MetricPlan],
    /// The error budget that is asked for beside them.
    pub budget: Option<&'a BudgetPlan>,
    /// The canary's health checks.
    pub checks: &'a Checks,
    /// What answers.
    pub provider: &'a dyn Provider,
    /// What the run is meant to do.
    pub plan: &'a super::plan::Plan,
    /// Who is judged.
    pub context: &'a Context,
}

impl Observation<'_> {
    /// The snapshot of a look at `now`, in a step whose weight was confirmed at `since`, with the statistics of
    /// the looks before, to which those of this one are added.
    pub async fn snapshot(
        &self,
        state: &State,
        since: Timestamp,
        now: Timestamp,
        statistics: &mut Statistics,
    ) -> Snapshot {
        let end = now.before(self.plan.lag);
        let window = |metric: &MetricPlan| {
            let start = window_start(self.plan, metric.warm_up, since, end).min(end);
            Window::new(start, end, self.plan.tick)
        };
        let period = async {
            match self.budget {
                Some(plan) => Some((plan, collect::period(self.provider, plan, end).await)),
                None => None,
            }
        };
        let (evidence, period, health) = tokio::join!(
            collect::evidence(self.provider, self.metrics, window),
            period,
            self.checks.ask(self.provider, end),
        );
        let utc_offset_seconds = self.plan.utc_offset_seconds(now);
        let context = Context { now_ms: now, utc_offset_seconds, ..self.context.clone() };
        let share = f64::from(state.weight.percent()) / 100.0;
        statistics.take(&evidence, state.started.unwrap_or(since), Some(share));
        let mut snapshot =
            build::snapshot(context, self.position(state, since, now), &evidence, &state.history);
        snapshot.health = health;
        statistics.fill(&mut snapshot);
        if let Some((plan, period)) = &period {
            budget::fill(&mut snapshot, plan, period);
        }
        if let Ok(lag @ 1..) = i64::try_from(self.plan.lag.0) {
            snapshot.facts.push(Fact { name: "data-lag-ms".into(), value: FactValue::Integer(lag) });
        }
        snapshot
    }

    fn position(&self, state: &State, since: Timestamp, now: Timestamp) -> Position {
        let step = state.step().unwrap_or_default();
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Position {
            stage: Stage::Canary,
            step: narrow(step),
            steps: narrow(self.plan.steps.len()),
            weight: state.weight,
            elapsed_ms: state.started.map_or(Millis(0), |started| now.since(started)),
            step_elapsed_ms: now.since(since),
            step_duration_ms: self.plan.steps[step].hold,
            min_bake_ms: self.plan.min_bake,
            deadline_ms: state.deadline.unwrap_or(now),
            looks: state.looks,
        }
    }
}

/// Digest of the snapshot's canonical form.
#[must_use]
pub fn digest(snapshot: &Snapshot) -> Sha256 {
    // A snapshot holds nothing that its canonical form cannot; if it did, the look's record would fail too.
    canonical::digest(snapshot).unwrap_or_else(|_| Sha256::of(&[]))
}
