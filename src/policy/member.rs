//! One policy and the worker that runs it.
//!
//! Invariant: whatever happens to the worker becomes a [`Fault`] of its policy, and the next question finds
//! a fresh worker. A worker is kept only while it has done exactly what it was asked.

use std::sync::Arc;

use super::anatomy::PRODUCERS;
use super::engine::{Called, Strategy};
use super::fault;
use super::limits::Limits;
use super::process::{Deadline, Lost, Worker, WorkerProgram, limits_in_words};
use super::protocol::{Ask, Loaded, Memory, Reply};
use super::{SettingsProblem, review};
use crate::snapshot::model::Snapshot;
use crate::support::text;
use crate::support::units::{Millis, Sha256};
use crate::verdict::model::{Answer, Fault, FaultKind, LogLine, Usage};

/// A policy that can be loaded again and again.
#[derive(Debug, Clone)]
pub struct Load {
    /// The program that is started as its worker.
    pub program: WorkerProgram,
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// What it may use.
    pub limits: Limits,
    /// Which compiler may be used.
    pub strategy: Strategy,
}

impl Load {
    /// Starts a worker and loads the policy there.
    pub async fn start(&self) -> Result<(Worker, Loaded), Fault> {
        let deadline = Deadline::within(self.limits.compile_wall);
        let mut worker = Worker::start(&self.program, &self.limits, deadline)
            .await
            .map_err(|lost| self.lost_while_loading(&lost))?;
        let ask = Ask::Load { limits: Box::new(self.limits), strategy: self.strategy };
        match worker.ask(ask, &self.bytes, deadline).await {
            Ok(Reply::Loaded(loaded)) => match self.review(*loaded) {
                Ok(loaded) => Ok((worker, loaded)),
                Err(fault) => {
                    worker.end().await;
                    Err(fault)
                }
            },
            Ok(Reply::Broken { fault, .. }) => {
                worker.end().await;
                Err(review::broken(fault))
            }
            Ok(_) => {
                worker.end().await;
                Err(out_of_place())
            }
            Err(lost) => Err(self.lost_while_loading(&lost)),
        }
    }

    fn review(&self, mut loaded: Loaded) -> Result<Loaded, Fault> {
        loaded.description = review::description(loaded.description, &self.limits)?;
        if loaded.anatomy.digest != Sha256::of(&self.bytes) {
            return Err(out_of_place());
        }
        for name in loaded.anatomy.imports.iter_mut().chain(&mut loaded.anatomy.exports) {
            *name = text::line(name, text::SHOWN);
        }
        loaded.anatomy.producers.truncate(PRODUCERS);
        for name in &mut loaded.anatomy.producers {
            *name = text::line(name, 200);
        }
        loaded.strategy = text::line(&loaded.strategy, 20);
        Ok(loaded)
    }

    fn lost_while_loading(&self, lost: &Lost) -> Fault {
        match lost {
            Lost::TimedOut(_) | Lost::Died(_) => fault::new(
                FaultKind::CompileLimit,
                format!(
                    "it could not be compiled within its limits of {}: its process {lost}",
                    limits_in_words(&self.limits)
                ),
            )
            .mend("make the component smaller: fewer and shorter functions, no unused dependencies")
            .into(),
            Lost::NotStarted(_) | Lost::Garbled(_) => {
                fault::new(FaultKind::WorkerDied, format!("the process that runs it {lost}")).into()
            }
        }
    }
}

/// The fault of a worker that answered something that its question does not allow.
fn out_of_place() -> Fault {
    fault::new(
        FaultKind::WorkerDied,
        "the process that runs it answered something else than it was asked".into(),
    )
    .into()
}

fn lost_while_asking(lost: &Lost, function: &str) -> Fault {
    match lost {
        Lost::TimedOut(span) => {
            fault::new(FaultKind::TimedOut, format!("`{function}` ran longer than {span}"))
                .mend("do less work for each metric; filling or copying much memory takes time too")
                .into()
        }
        Lost::Died(_) | Lost::Garbled(_) | Lost::NotStarted(_) => {
            fault::new(FaultKind::WorkerDied, format!("the process that runs it {lost}")).into()
        }
    }
}

/// What came of a look at one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What it said.
    pub answer: Answer,
    /// What it logged.
    pub log: Vec<LogLine>,
    /// What it used, if it ended by itself.
    pub usage: Option<Usage>,
}

impl From<Fault> for Asked {
    fn from(fault: Fault) -> Self {
        Self { answer: Answer::Fault(fault), log: Vec::new(), usage: None }
    }
}

/// Has the policy check its settings. The worker is given back unless it is gone.
pub async fn check_settings(
    mut worker: Worker,
    settings: &str,
    limits: &Limits,
) -> (Option<Worker>, Result<Vec<SettingsProblem>, Fault>) {
    let deadline = Deadline::within(limits.evaluate_wall);
    match worker.ask(Ask::CheckSettings { settings: settings.into() }, &[], deadline).await {
        Ok(Reply::Settings(problems)) => (Some(worker), Ok(review::settings_problems(problems, limits))),
        Ok(Reply::Broken { fault, .. }) => (Some(worker), Err(review::broken(fault))),
        Ok(_) => {
            worker.end().await;
            (None, Err(out_of_place()))
        }
        Err(lost) => (None, Err(lost_while_asking(&lost, "check-settings"))),
    }
}

/// What a policy is asked to judge.
#[derive(Debug)]
pub struct Question<'a> {
    /// The evidence.
    pub snapshot: &'a Snapshot,
    /// The same as JSON.
    pub body: &'a [u8],
    /// The settings as JSON text.
    pub settings: &'a str,
    /// What the policy returned at the last look.
    pub memory: &'a [u8],
}

/// Asks the policy, with `worker` if that is still fit, else with a fresh one, which is given back.
pub async fn evaluate(
    load: &Load,
    worker: Option<Worker>,
    question: &Question<'_>,
) -> (Option<Worker>, Asked) {
    let ask = Ask::Evaluate { settings: question.settings.into(), memory: question.memory.into() };
    answered(load, worker, question, ask, load.limits.evaluate_wall).await
}

/// Asks the policy so many times for one answer, without memory: what a call costs where it runs is the difference of two
/// such questions.
pub async fn evaluate_again(
    load: &Load,
    worker: Option<Worker>,
    question: &Question<'_>,
    times: u32,
) -> (Option<Worker>, Asked) {
    let ask = Ask::EvaluateAgain { settings: question.settings.into(), times };
    let wall = Millis(load.limits.evaluate_wall.0.saturating_mul(u64::from(times.max(1))));
    answered(load, worker, question, ask, wall).await
}

async fn answered(
    load: &Load,
    worker: Option<Worker>,
    question: &Question<'_>,
    ask: Ask,
    wall: Millis,
) -> (Option<Worker>, Asked) {
    let mut worker = match fit(worker).await {
        Some(worker) => worker,
        None => match load.start().await {
            Ok((worker, _)) => worker,
            Err(fault) => return (None, fault.into()),
        },
    };
    match worker.ask(ask, question.body, Deadline::within(wall)).await {
        Ok(Reply::Answered(called)) => (Some(worker), reviewed(*called, question, &load.limits)),
        Ok(_) => {
            worker.end().await;
            (None, out_of_place().into())
        }
        Err(lost) => (None, lost_while_asking(&lost, "evaluate").into()),
    }
}

/// Asks the policy to judge each of several snapshots, which costs less than asking for one after the other and gives
/// the same answers. What cannot be answered at once is asked for one by one.
pub async fn evaluate_each(
    load: &Load,
    worker: Option<Worker>,
    questions: &[Question<'_>],
) -> (Option<Worker>, Vec<Asked>) {
    let count = questions.len() as u64;
    let mut worker = fit(worker).await;
    if let (Some(at_once), Some(first)) = (worker.as_mut(), questions.first()) {
        let ask = Ask::EvaluateEach {
            settings: first.settings.into(),
            memories: questions.iter().map(|question| Memory(question.memory.into())).collect(),
            lengths: questions.iter().map(|question| question.body.len()).collect(),
        };
        let body: Vec<u8> = questions.iter().flat_map(|question| question.body).copied().collect();
        let deadline = Deadline::within(Millis(load.limits.evaluate_wall.0.saturating_mul(count)));
        match at_once.ask_for(count, ask, &body, deadline).await {
            Ok(Reply::AnsweredEach(answers)) if answers.len() == questions.len() => {
                let answers = answers.into_iter().zip(questions);
                let asked = answers.map(|(called, question)| reviewed(called, question, &load.limits));
                return (worker, asked.collect());
            }
            Ok(_) => {
                at_once.end().await;
                worker = None;
            }
            Err(_) => worker = None,
        }
    }
    let mut answers = Vec::with_capacity(questions.len());
    for question in questions {
        let (kept, asked) = evaluate(load, worker, question).await;
        worker = kept;
        answers.push(asked);
    }
    (worker, answers)
}

/// What the policy said, checked once more.
fn reviewed(called: Called<Answer>, question: &Question<'_>, limits: &Limits) -> Asked {
    let Called { result, log, usage } = called;
    let usage = Usage { strategy: text::line(&usage.strategy, 20), ..usage };
    let answer = review::answer(result, question.snapshot, limits);
    Asked { answer, log: review::log(log, limits), usage: Some(usage) }
}

async fn fit(worker: Option<Worker>) -> Option<Worker> {
    let mut worker = worker?;
    if worker.is_waiting().await {
        return Some(worker);
    }
    worker.end().await;
    None
}
