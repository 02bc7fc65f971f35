//! Whoever is asked about a rollout: sees it tick by tick and may decide after each.

use super::tick::{Rollout, Tick};

/// What a judge says after a tick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing yet.
    Undecided,
    /// The canary takes over.
    Promote,
    /// The canary goes back.
    Rollback,
}

impl Decision {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Promote => "promote",
            Self::Rollback => "rollback",
        }
    }
}

/// A judge, before any rollout.
pub trait Judge: Send + Sync {
    /// Its name in reports.
    fn name(&self) -> &str;

    /// What it does, in a phrase.
    fn about(&self) -> String;

    /// Begins a rollout with these latency bucket edges in seconds.
    fn sit(&self, edges: &[f64]) -> Box<dyn Sitting>;
}

/// A judge within a rollout.
pub trait Sitting {
    /// Sees the next tick and decides, or not.
    fn look(&mut self, tick: &Tick) -> Decision;

    /// Decides at the deadline, or leaves the rollout undecided.
    fn close(&mut self) -> Decision;

    /// Why the last look came out as it did.
    fn explain(&self) -> Explanation {
        Explanation::default()
    }
}

/// Why a look came out as it did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// In words.
    pub reasons: Vec<String>,
    /// In numbers, by metric.
    pub evidence: serde_json::Value,
}

/// How a rollout ended under a judge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    /// The decision.
    pub decision: Decision,
    /// When it was made, in seconds since the rollout began.
    pub seconds: f64,
    /// Requests that the canary got until then.
    pub canary_requests: u64,
    /// Those of them that failed.
    pub canary_errors: u64,
}

/// How `rollout` ends under `judge`.
#[must_use]
pub fn judged(judge: &dyn Judge, rollout: &Rollout) -> Ended {
    let mut sitting = judge.sit(&rollout.edges);
    let mut decided = None;
    for (index, tick) in rollout.ticks.iter().enumerate() {
        let decision = sitting.look(tick);
        if decision != Decision::Undecided {
            decided = Some((decision, index));
            break;
        }
    }
    let last = rollout.ticks.len().saturating_sub(1);
    let (decision, index) = decided.unwrap_or_else(|| (sitting.close(), last));
    ended(rollout, decision, index)
}

/// The end of `rollout` by a decision after the tick at `index`.
#[must_use]
pub fn ended(rollout: &Rollout, decision: Decision, index: usize) -> Ended {
    let exposed = rollout.exposed(index);
    Ended {
        decision,
        seconds: rollout.ticks.get(index).map_or(0.0, |tick| tick.end),
        canary_requests: exposed.requests,
        canary_errors: exposed.errors,
    }
}
