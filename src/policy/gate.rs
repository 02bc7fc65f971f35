//! The policies of a gate, each with its worker: opened once, asked at every look.
//!
//! Invariants. [`Gate::open`] refuses what is wrong before a rollout begins, all problems at once;
//! [`Gate::judge`] never fails: what breaks then is an answer. A member's memory goes to that member alone.
//! How the answers are combined is not known here.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::engine::{RUNTIME, Strategy};
use super::limits::{Limits, size};
use super::member::{self, Load, Question};
use super::process::WorkerProgram;
use super::protocol::Loaded;
use super::seat::Seat;
use super::{Description, fault};
use crate::snapshot::model::{MetricKind, Snapshot};
use crate::support::futures::all;
use crate::support::text;
use crate::verdict::asked::{Asked, AskedMember};
use crate::verdict::model::{Answer, Composition, Fault, FaultKind, Member, Refusal};

/// How many policies are compiled at the same time; more would share the processors and miss their deadlines.
const LOADING: usize = 2;

/// What a gate is made of.
#[derive(Debug, Clone)]
pub struct GatePlan {
    /// How the answers are combined; leaves are indices into `members`.
    pub composition: Composition,
    /// The policies.
    pub members: Vec<MemberPlan>,
    /// The program that is started as a worker; [`WorkerProgram::default`] is this very program.
    pub worker: WorkerProgram,
}

/// One policy of a gate.
#[derive(Debug, Clone)]
pub struct MemberPlan {
    /// Its path in the gate: `gate` for a single policy, else `all[0]`, `all[1].any[0]`.
    pub id: String,
    /// The reference as the config has it.
    pub policy: String,
    /// What [`PolicySource::read`](super::source::PolicySource::read) gave for the reference.
    pub bytes: Result<Arc<[u8]>, Fault>,
    /// Its settings.
    pub settings: serde_json::Map<String, serde_json::Value>,
}

/// Something wrong with a gate that the user can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The member's path in the gate.
    pub member: String,
    /// The member's reference; sanitised.
    pub policy: String,
    /// Where a file says so, for people; none where no file does.
    pub place: Option<String>,
    /// JSON Pointer into the member's settings, where that is the place.
    pub pointer: Option<String>,
    /// In which way the policy is broken, if it is.
    pub kind: Option<FaultKind>,
    /// What is wrong; sanitised.
    pub message: String,
    /// What to do; sanitised.
    pub mend: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.member, self.policy)?;
        if let Some(pointer) = &self.pointer {
            write!(f, ", settings{pointer}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(kind) = self.kind {
            write!(f, " [{}]", kind.code())?;
        }
        match &self.mend {
            Some(mend) => write!(f, "\n  mend: {mend}"),
            None => Ok(()),
        }
    }
}

/// A gate that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct GateError {
    /// All that is wrong, in the order of the members.
    pub problems: Vec<Problem>,
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "the gate has a problem")?,
            count => write!(f, "the gate has {count} problems")?,
        }
        self.problems.iter().try_for_each(|problem| {
            f.write_str("\n")?;
            if let Some(place) = &problem.place {
                write!(f, "{place}: ")?;
            }
            write!(f, "{problem}")
        })
    }
}

/// An opened gate.
#[derive(Debug)]
pub struct Gate {
    composition: Composition,
    places: Vec<Place>,
    limits: Limits,
    notes: Vec<String>,
}

/// One member.
#[derive(Debug)]
struct Place {
    id: String,
    policy: String,
    settings: String,
    seat: Seat,
}

impl Gate {
    /// Loads, describes and checks every member against its settings and the configured metrics.
    pub async fn open(
        plan: GatePlan,
        metrics: &[(String, MetricKind)],
        limits: Limits,
    ) -> Result<Self, GateError> {
        shape(&plan, &limits)?;
        let turns = Arc::new(Semaphore::new(LOADING));
        let mut opening = JoinSet::new();
        for (at, member) in plan.members.into_iter().enumerate() {
            let (program, turns, metrics) = (plan.worker.clone(), Arc::clone(&turns), metrics.to_vec());
            opening.spawn(async move {
                // The semaphore is never closed.
                let _turn = turns.acquire().await;
                (at, open(member, program, limits, &metrics).await)
            });
        }
        let (mut places, mut problems) = (BTreeMap::new(), BTreeMap::new());
        while let Some(opened) = opening.join_next().await {
            match opened {
                Ok((at, Ok(place))) => _ = places.insert(at, place),
                Ok((at, Err(found))) => _ = problems.insert(at, found),
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            }
        }
        if !problems.is_empty() {
            return Err(GateError { problems: problems.into_values().flatten().collect() });
        }
        let places: Vec<Place> = places.into_values().collect();
        let mut notes: Vec<String> = Vec::new();
        for note in places.iter().flat_map(|place| place.seat.notes()) {
            if !notes.contains(note) {
                notes.push(note.clone());
            }
        }
        Ok(Self { composition: plan.composition, places, limits, notes })
    }

    /// How the answers are combined.
    #[must_use]
    pub fn composition(&self) -> &Composition {
        &self.composition
    }

    /// What of the workers' jail this machine does not offer; to be shown to people.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The members' ids, references and what was found when they were loaded.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str, &Loaded)> {
        self.places.iter().map(|place| (place.id.as_str(), place.policy.as_str(), place.seat.loaded()))
    }

    /// Process ids of the workers that run now.
    pub fn workers(&self) -> impl Iterator<Item = u32> {
        self.places.iter().filter_map(|place| place.seat.worker())
    }

    /// With what the members are asked beside the snapshot, for the record.
    #[must_use]
    pub fn asked(&self, memories: &BTreeMap<String, Vec<u8>>) -> Asked {
        let member = |place: &Place| AskedMember {
            id: place.id.clone(),
            policy: place.policy.clone(),
            digest: place.seat.loaded().anatomy.digest,
            interface: place.seat.loaded().anatomy.spoken(),
            strategy: place.seat.loaded().strategy.clone(),
            settings: place.settings.clone(),
            memory: memories.get(&place.id).cloned().unwrap_or_default(),
        };
        Asked {
            program: format!("rollgate {}", env!("CARGO_PKG_VERSION")),
            runtime: RUNTIME.into(),
            architecture: std::env::consts::ARCH.into(),
            limits: self.limits,
            composition: self.composition.clone(),
            members: self.places.iter().map(member).collect(),
        }
    }

    /// Asks every member about `first`, in which nothing is measured yet, and forgets the answers: where a policy says that
    /// its settings cannot work with what is configured, they are problems before a rollout begins.
    pub async fn settle(&mut self, first: &Snapshot) -> Result<(), GateError> {
        let answered = self.judge(first, &BTreeMap::new()).await;
        let problem = |member: Member| match member.answer {
            Answer::Refusal(Refusal::BadSettings(message)) => Some(Problem {
                member: member.id,
                policy: member.policy,
                place: None,
                pointer: Some(String::new()),
                kind: None,
                message,
                mend: None,
            }),
            _ => None,
        };
        let problems: Vec<Problem> = answered.into_iter().filter_map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(GateError { problems }) }
    }

    /// Asks every member at once, each with its own memory, by its id. The answers come in the order of the
    /// plan. May be dropped at any time.
    pub async fn judge(&mut self, snapshot: &Snapshot, memories: &BTreeMap<String, Vec<u8>>) -> Vec<Member> {
        let body = match serde_json::to_vec(snapshot) {
            Ok(body) => body,
            Err(error) => {
                let fault: Fault =
                    fault::new(FaultKind::WorkerDied, format!("the snapshot cannot be written: {error}"))
                        .into();
                return self.places.iter().map(|place| place.answered(fault.clone().into())).collect();
            }
        };
        let asking = self.places.iter_mut().map(async |place| {
            let memory = memories.get(&place.id).map_or(&[][..], Vec::as_slice);
            let question = Question { snapshot, body: &body, settings: &place.settings, memory };
            let asked = place.seat.evaluate(question).await;
            place.answered(asked)
        });
        all(asking.collect()).await
    }

    /// Asks every member about each of several looks, which have nothing to do with each other: the answers are those of
    /// [`Gate::judge`], in the same order, and come sooner.
    pub async fn judge_each(&mut self, looks: &[(Snapshot, BTreeMap<String, Vec<u8>>)]) -> Vec<Vec<Member>> {
        let bodies: Result<Vec<Vec<u8>>, _> =
            looks.iter().map(|(snapshot, _)| serde_json::to_vec(snapshot)).collect();
        let Ok(bodies) = bodies else {
            let mut answers = Vec::with_capacity(looks.len());
            for (snapshot, memories) in looks {
                answers.push(self.judge(snapshot, memories).await);
            }
            return answers;
        };
        let mut answers: Vec<Vec<Member>> =
            looks.iter().map(|_| Vec::with_capacity(self.places.len())).collect();
        for place in &mut self.places {
            let questions: Vec<Question<'_>> = looks
                .iter()
                .zip(&bodies)
                .map(|((snapshot, memories), body)| Question {
                    snapshot,
                    body,
                    settings: &place.settings,
                    memory: memories.get(&place.id).map_or(&[], Vec::as_slice),
                })
                .collect();
            let asked = place.seat.evaluate_each(&questions).await;
            for (answers, asked) in answers.iter_mut().zip(asked) {
                answers.push(place.answered(asked));
            }
        }
        answers
    }

    /// Ends all workers and waits until they are gone.
    pub async fn close(self) {
        for place in self.places {
            place.seat.close().await;
        }
    }
}

impl Place {
    fn answered(&self, asked: member::Asked) -> Member {
        Member {
            id: self.id.clone(),
            policy: self.policy.clone(),
            digest: Some(self.seat.loaded().anatomy.digest),
            answer: asked.answer,
            log: asked.log,
            usage: asked.usage,
        }
    }
}

/// Checks what needs no policy: number, names and composition.
fn shape(plan: &GatePlan, limits: &Limits) -> Result<(), GateError> {
    let problem = |message: String| GateError {
        problems: vec![Problem {
            member: "gate".into(),
            policy: "composition".into(),
            place: None,
            pointer: None,
            kind: None,
            message,
            mend: None,
        }],
    };
    if plan.members.len() as u64 > limits.members {
        return Err(problem(format!("at most {} policies are accepted", limits.members)));
    }
    for (at, member) in plan.members.iter().enumerate() {
        if plan.members[..at].iter().any(|earlier| earlier.id == member.id) {
            return Err(problem(format!("`{}` is the name of two members", text::line(&member.id, 100))));
        }
    }
    if fits(&plan.composition, plan.members.len()) {
        Ok(())
    } else {
        Err(problem(
            "it is composed of members that it does not have, of none, or needs more than all".into(),
        ))
    }
}

fn fits(composition: &Composition, members: usize) -> bool {
    match composition {
        Composition::Member(at) => *at < members,
        composition => {
            let parts = composition.parts();
            let reachable = match composition {
                Composition::Quorum { needed, of } => (1..=of.len()).contains(&(*needed as usize)),
                Composition::Weighted { needed, of } => {
                    let all: u64 = of.iter().map(|share| u64::from(share.weight)).sum();
                    (1..=all).contains(&u64::from(*needed))
                }
                _ => true,
            };
            reachable && !parts.is_empty() && parts.into_iter().all(|part| fits(part, members))
        }
    }
}

async fn open(
    plan: MemberPlan,
    program: WorkerProgram,
    limits: Limits,
    metrics: &[(String, MetricKind)],
) -> Result<Place, Vec<Problem>> {
    let policy = text::line(&plan.policy, 200);
    let problem = |pointer: Option<String>, message: String, mend: Option<String>| Problem {
        member: plan.id.clone(),
        policy: policy.clone(),
        place: None,
        pointer,
        kind: None,
        message,
        mend,
    };
    let broken = |fault: Fault| {
        let kind = Some(fault.kind);
        vec![Problem { kind, ..problem(None, fault.message, fault.mend) }]
    };
    let settings = canonical(plan.settings).map_err(|message| vec![problem(None, message, None)])?;
    if settings.len() as u64 > limits.settings_bytes {
        let (length, most) = (size(settings.len() as u64), size(limits.settings_bytes));
        let message = format!("the settings have {length}, of which at most {most} are accepted");
        return Err(vec![problem(None, message, None)]);
    }
    let bytes = plan.bytes.map_err(broken)?;
    let load = Load { program, bytes, limits, strategy: Strategy::Automatic };
    let mut seat = Seat::open(load).await.map_err(broken)?;
    let checked = seat.check_settings(&settings).await;
    let mut problems: Vec<Problem> = checked
        .map_err(broken)?
        .into_iter()
        .map(|found| problem(Some(found.pointer), found.message, None))
        .collect();
    problems.extend(
        unmet(&seat.loaded().description, metrics)
            .into_iter()
            .map(|(message, mend)| problem(None, message, mend)),
    );
    if problems.is_empty() {
        Ok(Place { id: plan.id.clone(), policy: policy.clone(), settings, seat })
    } else {
        Err(problems)
    }
}

/// RFC 8785: the same settings are always the same text, and so cost the same fuel.
fn canonical(settings: serde_json::Map<String, serde_json::Value>) -> Result<String, String> {
    let text = serde_json_canonicalizer::to_string(&serde_json::Value::Object(settings));
    text.map_err(|error| format!("the settings cannot be written as JSON: {error}"))
}

/// What a policy needs and the configuration does not have, with what to do.
fn unmet(description: &Description, metrics: &[(String, MetricKind)]) -> Vec<(String, Option<String>)> {
    let missing = |need: &super::MetricNeed| {
        let wanted = format!("the {} metric `{}`", kind_name(need.kind), need.name);
        match metrics.iter().find(|(name, _)| *name == need.name) {
            Some((_, kind)) if *kind == need.kind => None,
            Some((_, kind)) => Some((
                format!("it needs {wanted}, which is configured as {}", kind_name(*kind)),
                Some(format!("configure `{}` as {}", need.name, kind_name(need.kind))),
            )),
            None => {
                let near = metrics
                    .iter()
                    .map(|(name, _)| (likeness(name, &need.name), name))
                    .filter(|(likeness, _)| *likeness > 0.8)
                    .max_by(|a, b| a.0.total_cmp(&b.0));
                let mend = match near {
                    Some((_, name)) => format!("rename `{name}`, or add `{}`", need.name),
                    None => format!("add `{}` to the metrics", need.name),
                };
                Some((format!("it needs {wanted}, which is not configured"), Some(mend)))
            }
        }
    };
    description.needs.iter().filter_map(missing).collect()
}

/// How alike two names are, from 0 to 1, with their words in either order: `latency_p99` is `p99_latency`.
fn likeness(one: &str, other: &str) -> f64 {
    let sorted = |name: &str| {
        let mut words: Vec<_> = name.split(['_', '-', '.', ':']).collect();
        words.sort_unstable();
        words.join(" ")
    };
    strsim::jaro_winkler(one, other).max(strsim::jaro_winkler(&sorted(one), &sorted(other)))
}

fn kind_name(kind: MetricKind) -> &'static str {
    match kind {
        MetricKind::Ratio => "ratio",
        MetricKind::Latency => "latency",
        MetricKind::Gauge => "gauge",
        MetricKind::Rate => "rate",
    }
}
