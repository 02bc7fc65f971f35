//! The gate of a config in the bench: its policies in their workers, the rollout machine in virtual time.
//!
//! Only the traffic is drawn. What the machine does next, how a look's window is cut, how the statistics are carried and
//! the snapshot is built, who is asked with which memory and how the answers are combined is what a real rollout runs.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use super::ticks::{Judged, after};
use super::{Arguments, work};
use crate::cli::judge::{self, Policies};
use crate::cli::{Failure, process};
use crate::config::CanaryPlan;
use crate::policy::gate::Gate;
use crate::rollout::machine::{self, Due, End, Event, Phase, RollbackCause, State};
use crate::rollout::plan::{Plan, window_start};
use crate::simulate::evidence::{evidence, instant};
use crate::simulate::generate::Course;
use crate::simulate::judge::{Decision, Ended, Explanation};
use crate::simulate::recorded::Recording;
use crate::simulate::scenario::Scenario;
use crate::simulate::tally::Tally;
use crate::simulate::tick::{EDGES, Exposure, Tick};
use crate::snapshot::build;
use crate::snapshot::model::{Context, Position, Snapshot, Stage};
use crate::snapshot::statistics::Statistics;
use crate::support::units::{Millis, Timestamp};
use crate::verdict::combine::combine;
use crate::verdict::model::{Answer, Member};

/// The judge's name.
pub(super) const NAME: &str = "gate";

/// When every simulated rollout begins: midnight of 1 January 2024, a Monday, UTC.
const BEGIN: Timestamp = Timestamp(1_704_067_200_000);

/// Rollouts that one gate carries before another may take some.
const BLOCK: u64 = 10;

/// What the gate is, in a phrase.
pub(super) fn about(plan: &CanaryPlan) -> String {
    let members: Vec<String> = plan.gate.members.iter().map(|member| member.policy.to_string()).collect();
    format!(
        "the gate of {} ({}) in its workers, over the steps of the config",
        plan.service,
        members.join(", ")
    )
}

/// What all tasks share.
struct Shared {
    plan: CanaryPlan,
    scenarios: Vec<Scenario>,
    seed: u64,
    /// Index of a scenario, and some of its replicates.
    blocks: Vec<(usize, Range<u64>)>,
    next: AtomicUsize,
}

/// A tally of the gate for each scenario.
pub(super) fn tallies(
    arguments: &Arguments,
    plan: &CanaryPlan,
    scenarios: &[Scenario],
) -> Result<Vec<Tally>, Failure> {
    let of = |(index, scenario): (usize, &Scenario)| {
        let count = arguments.replicates.of(scenario.kind);
        (0..count.div_ceil(BLOCK)).map(move |block| (index, block * BLOCK..((block + 1) * BLOCK).min(count)))
    };
    let shared = Arc::new(Shared {
        plan: plan.clone(),
        scenarios: scenarios.to_vec(),
        seed: arguments.seed,
        blocks: scenarios.iter().enumerate().flat_map(of).collect(),
        next: AtomicUsize::new(0),
    });
    let gates = work::threads(arguments).get().min(shared.blocks.len().max(1));
    let mut done: Vec<(usize, Vec<Ended>)> = process::runtime()?.block_on(async {
        let mut carrying = JoinSet::new();
        for _ in 0..gates {
            carrying.spawn(carry_blocks(Arc::clone(&shared)));
        }
        let mut done = Vec::new();
        while let Some(carried) = carrying.join_next().await {
            match carried {
                Ok(carried) => done.extend(carried?),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        Ok(done)
    })?;
    done.sort_by_key(|(block, _)| *block);
    let mut tallies: Vec<Tally> = scenarios.iter().map(|_| Tally::default()).collect();
    for (block, ended) in done {
        for one in ended {
            tallies[shared.blocks[block].0].add(one);
        }
    }
    Ok(tallies)
}

/// Opens a gate and carries blocks with it until none is left.
async fn carry_blocks(shared: Arc<Shared>) -> Result<Vec<(usize, Vec<Ended>)>, Failure> {
    let plan = &shared.plan;
    let mut gate = open(plan).await?;
    let mut done = Vec::new();
    loop {
        let block = shared.next.fetch_add(1, Ordering::Relaxed);
        let Some((index, replicates)) = shared.blocks.get(block) else { break };
        let mut scenario = shared.scenarios[*index];
        scenario.world.tick = plan.rollout.tick.as_secs_f64();
        scenario.world.horizon = plan.rollout.deadline.as_secs_f64();
        // The config says how much the canary gets; a scenario in which it gets nothing says that nothing arrives.
        let arrives = scenario.world.weight_at(0.0) > 0.0;
        let mut ended = Vec::new();
        for replicate in replicates.clone() {
            let mut course = Course::new(&scenario, shared.seed, replicate);
            let traffic = |weight: f64| course.next_tick(Some(if arrives { weight } else { 0.0 }));
            ended.push(Carried::new(plan, EDGES.to_vec()).carry(&mut gate, traffic).await);
        }
        done.push((block, ended));
    }
    gate.close().await;
    Ok(done)
}

async fn open(plan: &CanaryPlan) -> Result<Gate, Failure> {
    let metrics: Vec<_> =
        plan.metrics.iter().map(|metric| (metric.name.clone(), metric.query.kind())).collect();
    judge::open(&plan.gate, &metrics, Policies::Beneath(Path::new("."))).await
}

/// The looks of the gate at a recording, one for each tick.
pub(super) fn judge_recording(plan: &CanaryPlan, recording: &Recording) -> Result<Judged, Failure> {
    process::runtime()?.block_on(async {
        let mut gate = open(plan).await?;
        let mut carried = Carried::new(plan, recording.edges.clone());
        let mut looks: Vec<(Decision, Explanation)> = Vec::new();
        let mut standing = None;
        for (tick, at) in recording.ticks.iter().zip(&recording.instants) {
            if let Some((decision, at)) = standing {
                looks.push(after(decision, at));
                continue;
            }
            let seen = carried.see(tick.clone(), &mut gate).await;
            let decision = carried.decision().unwrap_or(Decision::Undecided);
            if decision != Decision::Undecided {
                standing = Some((decision, *at));
            }
            looks.push((decision, seen));
        }
        gate.close().await;
        Ok(Judged { name: NAME.into(), looks })
    })
}

/// A rollout that is being carried in virtual time.
struct Carried<'p> {
    plan: &'p CanaryPlan,
    edges: Vec<f64>,
    state: State,
    now: Timestamp,
    ticks: Vec<Tick>,
    exposed: Exposure,
    memories: BTreeMap<String, Vec<u8>>,
    statistics: Statistics,
    last: Vec<Member>,
}

impl<'p> Carried<'p> {
    fn new(plan: &'p CanaryPlan, edges: Vec<f64>) -> Self {
        Self {
            plan,
            edges,
            state: State::default(),
            now: BEGIN,
            ticks: Vec::new(),
            exposed: Exposure::default(),
            memories: BTreeMap::new(),
            statistics: Statistics::default(),
            last: Vec::new(),
        }
    }

    fn rollout(&self) -> &'p Plan {
        &self.plan.rollout
    }

    fn apply(&mut self, event: &Event) {
        self.state = machine::apply(self.rollout(), &self.state, event, self.now);
    }

    /// Does all that is due at this instant; tells when something is due again, or nothing if the rollout is over.
    async fn settle(&mut self, gate: &mut Gate) -> Option<Timestamp> {
        loop {
            match machine::due(self.rollout(), &self.state, self.now) {
                Due::Start => self.apply(&Event::Started),
                Due::Shift(weight) => self.apply(&Event::Shifted { weight, generation: None }),
                Due::Look => self.look(gate).await,
                Due::Wait(until) if until <= self.now => self.apply(&Event::Elapsed),
                Due::Wait(until) => return Some(until),
                Due::Nothing(_) => return None,
            }
        }
    }

    async fn look(&mut self, gate: &mut Gate) {
        let snapshot = self.snapshot();
        let members = gate.judge(&snapshot, &self.memories).await;
        for member in &members {
            if let Answer::Outcome(outcome) = &member.answer {
                self.memories.insert(member.id.clone(), outcome.memory.clone());
            }
        }
        let decision = combine(gate.composition(), &members);
        self.last = members;
        let look = self.state.looks.saturating_add(1);
        self.apply(&Event::Looked { look, decision, outside_trouble: false });
    }

    fn snapshot(&mut self) -> Snapshot {
        let (plan, since) = (self.rollout(), self.since());
        let end = self.now.before(plan.lag);
        let evidence: Vec<_> = self
            .plan
            .metrics
            .iter()
            .map(|metric| {
                let start = window_start(plan, metric.warm_up, since, end).min(end);
                evidence(metric, &self.ticks, &self.edges, BEGIN, (start, end))
            })
            .collect();
        let context = Context {
            service: self.plan.service.clone(),
            environment: self.plan.environment.clone(),
            run_id: "simulated".into(),
            labels: self.plan.labels.clone(),
            now_ms: self.now,
            ..Context::default()
        };
        self.statistics.take(&evidence, self.state.started.unwrap_or(since));
        let mut snapshot = build::snapshot(context, self.position(since), &evidence, &self.state.history);
        self.statistics.fill(&mut snapshot);
        snapshot
    }

    fn since(&self) -> Timestamp {
        match self.state.phase {
            Phase::Observing { since, .. } => since,
            _ => self.now,
        }
    }

    fn position(&self, since: Timestamp) -> Position {
        let (plan, step) = (self.rollout(), self.state.step().unwrap_or_default());
        let narrow = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Position {
            stage: Stage::Canary,
            step: narrow(step),
            steps: narrow(plan.steps.len()),
            weight: self.state.weight,
            elapsed_ms: self.state.started.map_or(Millis(0), |started| self.now.since(started)),
            step_elapsed_ms: self.now.since(since),
            step_duration_ms: plan.steps.get(step).map_or(Millis(0), |step| step.hold),
            min_bake_ms: plan.min_bake,
            deadline_ms: self.state.deadline.unwrap_or(self.now),
            looks: self.state.looks,
        }
    }

    /// Goes on to the end of a tick and does what is due until then.
    async fn see(&mut self, tick: Tick, gate: &mut Gate) -> Explanation {
        self.last.clear();
        if self.now == BEGIN && self.settle(gate).await.is_none() {
            return Explanation::default();
        }
        let end = instant(BEGIN, tick.end);
        self.ticks.push(tick);
        loop {
            match self.settle(gate).await {
                Some(until) if until <= end => self.now = until,
                Some(_) => {
                    self.now = end;
                    break;
                }
                None => break,
            }
        }
        self.explanation()
    }

    fn explanation(&self) -> Explanation {
        let mut reasons = Vec::new();
        for member in &self.last {
            match &member.answer {
                Answer::Outcome(outcome) => {
                    reasons.extend(outcome.reasons.iter().map(|reason| reason.text.clone()));
                }
                Answer::Refusal(_) | Answer::Fault(_) => {
                    reasons.push(format!("{} could not judge", member.policy));
                }
            }
        }
        if self.last.is_empty() {
            reasons.push("no look was due".into());
        }
        let verdict = self.state.history.last().map(|past| past.verdict);
        let evidence = json!({
            "step": self.state.step(),
            "weight": self.state.weight.percent(),
            "verdict": verdict,
            "looks": self.state.looks,
        });
        Explanation { reasons, evidence }
    }

    /// How it ended, once it has. A deadline that passes without a verdict decides nothing.
    fn decision(&self) -> Option<Decision> {
        Some(match self.state.end()? {
            End::Promoted(_) => Decision::Promote,
            End::RolledBack(RollbackCause::Gate) => Decision::Rollback,
            _ => Decision::Undecided,
        })
    }

    /// Carries the rollout to its end; `traffic` draws a tick with this share of the canary.
    async fn carry(
        &mut self,
        gate: &mut Gate,
        mut traffic: impl FnMut(f64) -> Option<(Tick, Exposure)> + Send,
    ) -> Ended {
        while self.settle(gate).await.is_some() {
            let share = f64::from(self.state.weight.percent()) / 100.0;
            let Some((tick, exposure)) = traffic(share) else { break };
            self.exposed.requests += exposure.requests;
            self.exposed.errors += exposure.errors;
            self.see(tick, gate).await;
        }
        Ended {
            decision: self.decision().unwrap_or(Decision::Undecided),
            seconds: self.now.since(BEGIN).as_secs_f64(),
            canary_requests: self.exposed.requests,
            canary_errors: self.exposed.errors,
        }
    }
}
