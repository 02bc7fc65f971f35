//! One policy and one worker for many questions: gates, replays, comparisons and tests ask a policy again and again.
//!
//! Invariant: every call gets a fresh instance; only the compiled code is kept. A worker that is lost, or was busy with a
//! question that nobody waits for any more, is replaced before the next one.

use super::SettingsProblem;
use super::member::{self, Asked, Load, Question};
use super::process::Worker;
use super::protocol::Loaded;
use crate::verdict::model::Fault;

/// A loaded policy. The worker is missing after a fault and after a question that was cut off.
#[derive(Debug)]
pub struct Seat {
    load: Load,
    loaded: Loaded,
    worker: Option<Worker>,
}

impl Seat {
    /// Loads a policy.
    pub async fn open(load: Load) -> Result<Self, Fault> {
        let (worker, loaded) = load.start().await?;
        Ok(Self { load, loaded, worker: Some(worker) })
    }

    /// What was found when it was loaded.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// What of its worker's jail this machine does not offer.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        self.worker.as_ref().map_or(&[], Worker::notes)
    }

    /// Process id of its worker, if that runs now.
    #[must_use]
    pub fn worker(&self) -> Option<u32> {
        self.worker.as_ref().and_then(Worker::id)
    }

    /// Has the policy check its settings.
    pub async fn check_settings(&mut self, settings: &str) -> Result<Vec<SettingsProblem>, Fault> {
        let worker = match self.worker.take() {
            Some(worker) => worker,
            None => self.load.start().await?.0,
        };
        let (worker, checked) = member::check_settings(worker, settings, &self.load.limits).await;
        self.worker = worker;
        checked
    }

    /// Asks the policy. May be dropped at any time.
    pub async fn evaluate(&mut self, question: Question<'_>) -> Asked {
        let (worker, asked) = member::evaluate(&self.load, self.worker.take(), &question).await;
        self.worker = worker;
        asked
    }

    /// Asks the policy several questions with the same settings: the answers are those of [`Seat::evaluate`] and come sooner.
    pub async fn evaluate_each(&mut self, questions: &[Question<'_>]) -> Vec<Asked> {
        let (worker, asked) = member::evaluate_each(&self.load, self.worker.take(), questions).await;
        self.worker = worker;
        asked
    }

    /// Asks the policy so many times, and gives the last answer.
    pub async fn evaluate_again(&mut self, question: Question<'_>, times: u32) -> Asked {
        let (worker, asked) = member::evaluate_again(&self.load, self.worker.take(), &question, times).await;
        self.worker = worker;
        asked
    }

    /// Ends the worker and waits until it is gone.
    pub async fn close(self) {
        if let Some(mut worker) = self.worker {
            worker.end().await;
        }
    }
}
