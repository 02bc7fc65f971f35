//! A rollout that is carried in virtual time, by the machine that carries real ones.
//!
//! It says when a look is due and is told the answers; who answers, and how many rollouts are carried side by side, is
//! not known here. Only the traffic is drawn: what the machine does next, how a look's window is cut, how the statistics
//! are carried and how the snapshot is built is what a real rollout runs.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::config::CanaryPlan;
use crate::rollout::machine::{self, Due, End, Event, Phase, RollbackCause, State};
use crate::rollout::plan::{Plan, window_start};
use crate::simulate::evidence::{evidence, instant};
use crate::simulate::judge::{Decision, Ended, Explanation};
use crate::simulate::tick::{Exposure, Tick};
use crate::snapshot::build;
use crate::snapshot::model::{Context, FactValue, Metric, MetricState, Position, Snapshot, Stage};
use crate::snapshot::statistics::Statistics;
use crate::support::units::{Millis, Timestamp};
use crate::verdict::combine::combine;
use crate::verdict::model::{Answer, Composition, Member};

/// When every simulated rollout begins: midnight of 1 January 2024, a Monday, UTC.
pub(super) const BEGIN: Timestamp = Timestamp(1_704_067_200_000);

/// A look that is due: what is to be judged, and what each member remembers.
pub(super) type Question = (Snapshot, BTreeMap<String, Vec<u8>>);

/// What a rollout does next.
enum Next {
    Look(Box<Snapshot>),
    Wait(Timestamp),
    Over,
}

/// A rollout that is being carried.
pub(super) struct Carried<'p> {
    plan: &'p CanaryPlan,
    edges: Vec<f64>,
    state: State,
    now: Timestamp,
    /// Until when traffic was seen.
    seen: Timestamp,
    ticks: Vec<Tick>,
    exposed: Exposure,
    memories: BTreeMap<String, Vec<u8>>,
    statistics: Statistics,
    /// The metrics of the last look, and what was said of them.
    shown: Vec<Metric>,
    last: Vec<Member>,
}

impl<'p> Carried<'p> {
    pub(super) fn new(plan: &'p CanaryPlan, edges: Vec<f64>) -> Self {
        Self {
            plan,
            edges,
            state: State::default(),
            now: BEGIN,
            seen: BEGIN,
            ticks: Vec::new(),
            exposed: Exposure::default(),
            memories: BTreeMap::new(),
            statistics: Statistics::default(),
            shown: Vec::new(),
            last: Vec::new(),
        }
    }

    fn rollout(&self) -> &'p Plan {
        &self.plan.rollout
    }

    fn apply(&mut self, event: &Event) {
        self.state = machine::apply(self.rollout(), &self.state, event, self.now);
    }

    /// Does all that is due at this instant but looks.
    fn next(&mut self) -> Next {
        loop {
            match machine::due(self.rollout(), &self.state, self.now) {
                Due::Start => self.apply(&Event::Started),
                Due::Shift(weight) => self.apply(&Event::Shifted { weight, generation: None }),
                Due::Look => return Next::Look(Box::new(self.snapshot())),
                Due::Wait(until) if until <= self.now => self.apply(&Event::Elapsed),
                Due::Wait(until) => return Next::Wait(until),
                Due::Nothing(_) => return Next::Over,
            }
        }
    }

    /// Goes on to the next look that is due by the end of the traffic that was seen; none where there is none.
    pub(super) fn look_due(&mut self) -> Option<Question> {
        loop {
            match self.next() {
                Next::Look(snapshot) => return Some((*snapshot, self.memories.clone())),
                Next::Wait(until) if until <= self.seen => self.now = until,
                Next::Wait(_) => {
                    self.now = self.seen;
                    return None;
                }
                Next::Over => return None,
            }
        }
    }

    /// The canary's share of the traffic now.
    pub(super) fn share(&self) -> f64 {
        f64::from(self.state.weight.percent()) / 100.0
    }

    /// Whether nothing is due any more.
    pub(super) fn is_over(&self) -> bool {
        self.state.end().is_some()
    }

    /// Sees a tick of traffic; what it makes due comes from [`Carried::look_due`].
    pub(super) fn see(&mut self, tick: Tick) {
        self.seen = instant(BEGIN, tick.end);
        self.ticks.push(tick);
        self.last.clear();
    }

    /// Goes on to the next look, with traffic that is drawn with this share of the canary; none once it is over.
    pub(super) fn next_look(
        &mut self,
        mut traffic: impl FnMut(f64) -> Option<(Tick, Exposure)>,
    ) -> Option<Question> {
        loop {
            if let Some(question) = self.look_due() {
                return Some(question);
            }
            if self.is_over() {
                return None;
            }
            let (tick, exposure) = traffic(self.share())?;
            self.exposed.requests += exposure.requests;
            self.exposed.errors += exposure.errors;
            self.see(tick);
        }
    }

    /// Takes the answers of all members to the look that was due.
    pub(super) fn answer(&mut self, composition: &Composition, members: Vec<Member>) {
        for member in &members {
            if let Answer::Outcome(outcome) = &member.answer {
                self.memories.insert(member.id.clone(), outcome.memory.clone());
            }
        }
        let decision = combine(composition, &members);
        self.last = members;
        let look = self.state.looks.saturating_add(1);
        self.apply(&Event::Looked { look, decision, outside_trouble: false, record: None });
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
        // What the router was told; a recording does not say.
        let share = self.ticks.last().and_then(|tick| tick.weight);
        self.statistics.take(&evidence, self.state.started.unwrap_or(since), share);
        let mut snapshot = build::snapshot(context, self.position(since), &evidence, &self.state.history);
        self.statistics.fill(&mut snapshot);
        self.shown.clone_from(&snapshot.metrics);
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

    /// Why the looks since the last tick came out as they did.
    pub(super) fn explanation(&self) -> Explanation {
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
        let mut metrics: Map<String, Value> =
            self.shown.iter().map(|metric| (metric.name.clone(), shown(metric))).collect();
        self.add_facts(&mut metrics);
        let evidence = json!({
            "step": self.state.step(),
            "weight": self.state.weight.percent(),
            "verdict": verdict,
            "looks": self.state.looks,
            "metrics": metrics,
        });
        Explanation { reasons, evidence }
    }

    /// What the policies gave as facts of a metric, beside the host's: thresholds, above all.
    fn add_facts(&self, metrics: &mut Map<String, Value>) {
        for member in &self.last {
            let Answer::Outcome(outcome) = &member.answer else { continue };
            for reason in &outcome.reasons {
                let metric = reason.metric.as_ref().and_then(|name| metrics.get_mut(name));
                let Some(Value::Object(shown)) = metric else { continue };
                for fact in &reason.evidence {
                    if !shown.contains_key(&fact.name) {
                        shown.insert(fact.name.clone(), value(&fact.value));
                    }
                }
            }
        }
    }

    /// How it ended, once it has. A deadline that passes without a verdict decides nothing.
    pub(super) fn decision(&self) -> Option<Decision> {
        Some(match self.state.end()? {
            End::Promoted(_) => Decision::Promote,
            End::RolledBack(RollbackCause::Gate) => Decision::Rollback,
            _ => Decision::Undecided,
        })
    }

    /// How it ended, or stands.
    pub(super) fn ended(&self) -> Ended {
        Ended {
            decision: self.decision().unwrap_or(Decision::Undecided),
            seconds: self.now.since(BEGIN).as_secs_f64(),
            canary_requests: self.exposed.requests,
            canary_errors: self.exposed.errors,
        }
    }
}

/// What a metric showed at a look, as far as it is a number.
fn shown(metric: &Metric) -> Value {
    let mut shown = Map::new();
    let state = match &metric.state {
        MetricState::Ok => "ok".to_owned(),
        MetricState::WarmingUp => "warming-up".to_owned(),
        MetricState::NoData(absence) => absence.code.as_str().to_owned(),
    };
    shown.insert("state".into(), state.into());
    for (name, value) in [("canary", metric.canary.value), ("baseline", metric.baseline.value)] {
        shown.insert(name.into(), value.map_or(Value::Null, Value::from));
    }
    if let Some(comparison) = &metric.comparison {
        let numbers = [
            ("ratio", comparison.ratio),
            ("interval-low", comparison.interval_low),
            ("interval-high", comparison.interval_high),
            ("e-rollback", comparison.e_rollback),
            ("e-promote", comparison.e_promote),
        ];
        for (name, value) in numbers.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            shown.insert(name.into(), value.into());
        }
        if let Some(needed) = comparison.needed_requests {
            shown.insert("needed-requests".into(), needed.into());
        }
    }
    for fact in &metric.facts {
        shown.insert(fact.name.clone(), value(&fact.value));
    }
    Value::Object(shown)
}

fn value(fact: &FactValue) -> Value {
    match fact {
        FactValue::Boolean(value) => Value::from(*value),
        FactValue::Integer(value) => Value::from(*value),
        FactValue::Number(value) => Value::from(*value),
        FactValue::Text(value) => Value::from(value.as_str()),
    }
}
