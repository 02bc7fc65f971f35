//! One policy and one worker for many questions: replays, comparisons and tests ask a policy again and again.
//!
//! Invariant: every call gets a fresh instance, as in a gate; only the compiled code is kept. A worker that is
//! lost is replaced before the next question.

use super::SettingsProblem;
use super::member::{self, Asked, Load, Question};
use super::process::Worker;
use super::protocol::Loaded;
use crate::verdict::model::Fault;

/// A loaded policy.
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

    /// Asks the policy.
    pub async fn evaluate(&mut self, question: Question<'_>) -> Asked {
        let (worker, asked) = member::evaluate(&self.load, self.worker.take(), &question).await;
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
