//! The pure state machine of a rollout: `(state, event, now) -> state`, and from a state what is due.
//!
//! What has to be done is never stored: it follows from the state alone, so a process that died leaves
//! nothing behind but the events of its journal, and whoever replays them knows what is due. Every effect
//! is idempotent: doing again what may already have been done is always right.
//!
//! Knows no clock, no driver and no policy.

use serde::{Deserialize, Serialize};

use super::plan::{Plan, Step};
use crate::config::model::OnEnd;
use crate::snapshot::model::{HISTORY, Past};
use crate::support::units::{Millis, Sha256, Timestamp, Weight};
use crate::verdict::model::{Decision, Verdict};

/// How often a forward shift is tried before the rollout goes back.
pub const SHIFT_ATTEMPTS: u32 = 5;

/// Pause before an effect that failed is tried again; doubles with each failure, up to [`RETRY_MOST`].
pub const RETRY_FIRST: Millis = Millis(250);

/// Longest pause between two tries.
pub const RETRY_MOST: Millis = Millis(5_000);

/// How long a rollback is tried before the run ends and says that it could not be confirmed.
pub const ROLLBACK_PATIENCE: Millis = Millis(300_000);

/// How long a rollback is tried once the process has been told to stop.
pub const SETTLE_PATIENCE: Millis = Millis(4_500);

/// A signal that tells the process to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Why all traffic goes to the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RollbackCause {
    /// The gate said so.
    Gate,
    /// The deadline passed without a decision.
    Deadline,
    /// Somebody asked for it.
    Command,
    /// The process was told to stop.
    Cancelled(Signal),
    /// The router could not be brought to a step's weight.
    Driver,
}

/// Why the canary gets all traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PromotionCause {
    /// The last step has passed.
    Completed,
    /// The gate said so before the last step.
    Early,
    /// Somebody asked for it.
    Command,
}

/// How a rollout ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// The canary has all traffic.
    Promoted(PromotionCause),
    /// The baseline has all traffic, read back.
    RolledBack(RollbackCause),
    /// The baseline should have all traffic, but that could not be read back.
    Unconfirmed(RollbackCause),
    /// The deadline passed and the config says to leave traffic as it is. `outside`: the last look could
    /// not decide because something outside failed.
    Undecided {
        /// Whether a provider or a policy had failed.
        outside: bool,
    },
    /// The process was told to stop and the config says to leave traffic as it is.
    Left(Signal),
    /// Somebody else moved the weights; traffic was left as found.
    Drifted,
}

impl End {
    /// The exit code of the process that carried the rollout to this end; documented, and stable.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Promoted(_) => 0,
            Self::RolledBack(RollbackCause::Cancelled(signal)) | Self::Left(signal) => match signal {
                Signal::Interrupt => 130,
                Signal::Terminate => 143,
            },
            Self::RolledBack(_) => 1,
            Self::Undecided { outside: false } => 3,
            Self::Unconfirmed(_) | Self::Drifted | Self::Undecided { outside: true } => 4,
        }
    }
}

/// Where a rollout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing has been done.
    Ready,
    /// The weight of `step` is being set.
    Shifting {
        /// Index of the step.
        step: usize,
    },
    /// The weight of `step` is confirmed and being watched.
    Observing {
        /// Index of the step.
        step: usize,
        /// When its weight was confirmed.
        since: Timestamp,
        /// When the next look is due.
        next_look: Timestamp,
    },
    /// All traffic is being given to the canary.
    Promoting {
        /// Why.
        cause: PromotionCause,
    },
    /// All traffic is being given to the baseline.
    RollingBack {
        /// Why.
        cause: RollbackCause,
        /// When trying ends.
        until: Timestamp,
    },
    /// Over.
    Ended(End),
}

/// The whole state of a rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct State {
    /// Where it stands.
    pub phase: Phase,
    /// The canary's share of traffic, as last read back.
    pub weight: Weight,
    /// The router's generation when the weight was read back.
    pub generation: Option<String>,
    /// When the canary first had traffic.
    pub started: Option<Timestamp>,
    /// When the rollout ends whatever has been decided.
    pub deadline: Option<Timestamp>,
    /// Whether somebody has paused it: looks go on and may roll back, nothing advances.
    pub paused: bool,
    /// Looks so far.
    pub looks: u32,
    /// Earlier looks, oldest first.
    pub history: Vec<Past>,
    /// Whether the last look could not decide because something outside failed.
    pub outside_trouble: bool,
    /// Failures of the effect that is due, since it is due.
    pub failures: u32,
    /// Not before this instant is the effect that is due tried again.
    pub retry_at: Timestamp,
}

impl Default for State {
    fn default() -> Self {
        Self {
            phase: Phase::Ready,
            weight: Weight::ZERO,
            generation: None,
            started: None,
            deadline: None,
            paused: false,
            looks: 0,
            history: Vec::new(),
            outside_trouble: false,
            failures: 0,
            retry_at: Timestamp(0),
        }
    }
}

/// What somebody may ask of a running rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Advance no further.
    Pause,
    /// Go on.
    Resume,
    /// Give the canary all traffic now.
    Promote,
    /// Give the baseline all traffic now.
    Rollback,
    /// End this step now.
    Skip,
}

/// What happened. The journal holds these, and replaying them gives the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The rollout begins.
    Started,
    /// The router shows this weight after it was set.
    Shifted {
        /// The weight.
        weight: Weight,
        /// The router's generation.
        generation: Option<String>,
    },
    /// The router could not be brought to this weight, or not be seen to show it.
    ShiftFailed {
        /// The weight.
        weight: Weight,
        /// What it said, sanitised.
        message: String,
        /// Whether trying again can help.
        retry: bool,
    },
    /// A look was taken and the gate concluded.
    Looked {
        /// Its number, from 1.
        look: u32,
        /// What the gate concluded.
        decision: Decision,
        /// Whether a provider or a policy had failed.
        outside_trouble: bool,
        /// Digest of the look's record; none where nothing is recorded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        record: Option<Sha256>,
    },
    /// The router restarted.
    RouterRestarted {
        /// Its new generation.
        generation: Option<String>,
        /// Whether it still shows the weight that was set.
        kept: bool,
        /// What it shows, for people.
        detail: String,
    },
    /// The router shows a weight that nobody here set.
    Drifted {
        /// What it shows, for people.
        detail: String,
    },
    /// Somebody asked for something.
    Commanded(Command),
    /// The process was told to stop.
    Stopped(Signal),
    /// A new process has taken over.
    Resumed,
    /// Time has passed.
    Elapsed,
}

/// What has to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Begin: nothing was done yet.
    Start,
    /// Give the canary this share, and read it back.
    Shift(Weight),
    /// Take a look.
    Look,
    /// Nothing before this instant.
    Wait(Timestamp),
    /// Nothing any more.
    Nothing(End),
}

/// What is due in `state` at `now`.
///
/// A [`Due::Wait`] ends at a retry, a look or the deadline; apply [`Event::Elapsed`] first, so that a deadline
/// that has passed is acted upon.
#[must_use]
pub fn due(plan: &Plan, state: &State, now: Timestamp) -> Due {
    let wait = |until: Timestamp| Due::Wait(state.deadline.map_or(until, |deadline| until.min(deadline)));
    let shift = |weight| if now < state.retry_at { wait(state.retry_at) } else { Due::Shift(weight) };
    match state.phase {
        Phase::Ready => Due::Start,
        Phase::Shifting { step } => shift(plan.steps[step].weight),
        Phase::Observing { next_look, .. } if now < next_look => wait(next_look),
        Phase::Observing { .. } => Due::Look,
        // What has been decided goes on past the deadline.
        Phase::Promoting { .. } | Phase::RollingBack { .. } if now < state.retry_at => {
            Due::Wait(state.retry_at)
        }
        Phase::Promoting { .. } => Due::Shift(Weight::FULL),
        Phase::RollingBack { .. } => Due::Shift(Weight::ZERO),
        Phase::Ended(end) => Due::Nothing(end),
    }
}

/// The state after `event` at `now`. An event that has no meaning in a state changes nothing.
#[must_use]
pub fn apply(plan: &Plan, state: &State, event: &Event, now: Timestamp) -> State {
    let mut next = state.clone();
    match (state.phase, event) {
        (Phase::Ended(_), _) => return next,
        (Phase::Ready, Event::Started) => {
            next.deadline = Some(now.after(plan.deadline));
            next.enter(Phase::Shifting { step: 0 });
        }
        // Nothing was touched yet, so there is nothing to take back; the weights are set all the same,
        // since a rollout that ends "rolled back" has been read back as such.
        (_, Event::Commanded(Command::Rollback)) => next.roll_back(RollbackCause::Command, now),
        (Phase::RollingBack { .. }, Event::Stopped(_)) => next.hurry(now),
        // Whatever the router shows is not ours yet.
        (Phase::Ready, Event::Stopped(signal)) => next.enter(Phase::Ended(End::Left(*signal))),
        (_, Event::Stopped(signal)) => match plan.on_cancel {
            OnEnd::Rollback => {
                next.roll_back(RollbackCause::Cancelled(*signal), now);
                next.hurry(now);
            }
            OnEnd::Leave => next.enter(Phase::Ended(End::Left(*signal))),
        },
        // The time in which nobody tried does not count.
        (Phase::RollingBack { cause, .. }, Event::Resumed) => {
            next.enter(Phase::RollingBack { cause, until: now.after(ROLLBACK_PATIENCE) });
        }
        // All traffic goes to the baseline whoever moved it before.
        (Phase::RollingBack { .. }, Event::Drifted { .. }) => {}
        (_, Event::Drifted { .. }) => next.enter(Phase::Ended(End::Drifted)),
        (phase, Event::Shifted { weight, generation }) => {
            next.generation.clone_from(generation);
            next.shifted(plan, phase, *weight, now);
        }
        (phase, Event::ShiftFailed { retry, .. }) => next.shift_failed(phase, *retry, now),
        (Phase::Observing { step, since, .. }, Event::Looked { look, decision, outside_trouble, .. }) => {
            next.looks = *look;
            next.outside_trouble = *outside_trouble;
            next.history.push(Past {
                now_ms: now,
                step: u32::try_from(step).unwrap_or(u32::MAX),
                weight: state.weight,
                verdict: decision.verdict.kind(),
            });
            let surplus = next.history.len().saturating_sub(HISTORY);
            next.history.drain(..surplus);
            next.looked(plan, step, since, decision.verdict, now);
        }
        (Phase::Observing { step, .. }, Event::RouterRestarted { .. }) => {
            next.enter(Phase::Shifting { step });
        }
        (Phase::Observing { .. } | Phase::Shifting { .. }, Event::Commanded(Command::Promote)) => {
            next.enter(Phase::Promoting { cause: PromotionCause::Command });
        }
        (Phase::Observing { step, .. }, Event::Commanded(Command::Skip)) => {
            next.paused = false;
            next.advance(plan, step, PromotionCause::Command);
        }
        (Phase::Observing { .. } | Phase::Shifting { .. }, Event::Commanded(Command::Pause)) => {
            next.paused = true;
        }
        (_, Event::Commanded(Command::Resume)) => next.paused = false,
        _ => {}
    }
    next.settle_deadline(plan, now);
    next
}

/// Whether `command` means anything in `state`, and if not, why.
pub fn admits(state: &State, command: Command) -> Result<(), &'static str> {
    match (state.phase, command) {
        (Phase::Ended(_), _) => Err("the rollout has ended"),
        (Phase::RollingBack { .. }, Command::Rollback) => Err("it is already rolling back"),
        (_, Command::Rollback) => Ok(()),
        (Phase::RollingBack { .. }, _) => Err("it is rolling back"),
        (Phase::Promoting { .. }, _) => Err("it is promoting; only a rollback can stop that"),
        (Phase::Ready, _) => Err("it has not begun"),
        (Phase::Shifting { .. }, Command::Skip) => Err("its weight is being set; try again in a moment"),
        (_, Command::Pause) if state.paused => Err("it is already paused"),
        (_, Command::Resume) if !state.paused => Err("it is not paused"),
        _ => Ok(()),
    }
}

impl State {
    /// Index of the step that is being set or watched.
    #[must_use]
    pub fn step(&self) -> Option<usize> {
        match self.phase {
            Phase::Shifting { step } | Phase::Observing { step, .. } => Some(step),
            _ => None,
        }
    }

    /// How it ended, if it has.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        match self.phase {
            Phase::Ended(end) => Some(end),
            _ => None,
        }
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.failures = 0;
        self.retry_at = Timestamp(0);
    }

    fn roll_back(&mut self, cause: RollbackCause, now: Timestamp) {
        if !matches!(self.phase, Phase::RollingBack { .. }) {
            self.enter(Phase::RollingBack { cause, until: now.after(ROLLBACK_PATIENCE) });
        }
    }

    /// The process was told to stop: what is left of a rollback has to be done in seconds.
    fn hurry(&mut self, now: Timestamp) {
        if let Phase::RollingBack { until, .. } = &mut self.phase {
            *until = (*until).min(now.after(SETTLE_PATIENCE));
        }
        self.retry_at = Timestamp(0);
    }

    fn shifted(&mut self, plan: &Plan, phase: Phase, weight: Weight, now: Timestamp) {
        self.weight = weight;
        if weight > Weight::ZERO && self.started.is_none() {
            self.started = Some(now);
        }
        match phase {
            Phase::Shifting { step } if weight == plan.steps[step].weight => {
                let hold = plan.steps[step].hold;
                // Nothing is watched in such a step; but whoever paused the rollout wants it to stay.
                if hold == Millis(0) && !self.paused {
                    self.advance(plan, step, PromotionCause::Completed);
                } else {
                    let every = plan.steps[step].every;
                    let next_look = now.after(if hold == Millis(0) { every } else { every.min(hold) });
                    self.enter(Phase::Observing { step, since: now, next_look });
                }
            }
            Phase::Promoting { cause } if weight == Weight::FULL => {
                self.enter(Phase::Ended(End::Promoted(cause)));
            }
            Phase::RollingBack { cause, .. } if weight == Weight::ZERO => {
                self.enter(Phase::Ended(End::RolledBack(cause)));
            }
            _ => {}
        }
    }

    fn shift_failed(&mut self, phase: Phase, retry: bool, now: Timestamp) {
        self.failures += 1;
        let doublings = (self.failures - 1).min(16);
        let pause = Millis(RETRY_FIRST.0 << doublings).min(RETRY_MOST);
        self.retry_at = now.after(pause);
        match phase {
            // A rollback is tried until its time is over, whatever the router says.
            Phase::RollingBack { cause, until } if self.retry_at > until => {
                self.enter(Phase::Ended(End::Unconfirmed(cause)));
            }
            Phase::Shifting { .. } | Phase::Promoting { .. } if !retry || self.failures >= SHIFT_ATTEMPTS => {
                self.roll_back(RollbackCause::Driver, now);
            }
            _ => {}
        }
    }

    fn looked(&mut self, plan: &Plan, step: usize, since: Timestamp, verdict: Verdict, now: Timestamp) {
        let Step { hold, every, .. } = plan.steps[step];
        let over = since.after(hold);
        // A last look falls on the very end of the step, so that a step never lasts longer than it must.
        let next_look = if now < over { now.after(every).min(over) } else { now.after(every) };
        self.phase = Phase::Observing { step, since, next_look };
        let baked = self.started.is_some_and(|started| now >= started.after(plan.min_bake));
        match verdict {
            Verdict::Rollback => self.roll_back(RollbackCause::Gate, now),
            _ if self.paused => {}
            Verdict::Promote if baked => {
                let last = step + 1 == plan.steps.len() && now >= over;
                let cause = if last { PromotionCause::Completed } else { PromotionCause::Early };
                self.promote(cause);
            }
            Verdict::Promote if now >= over => self.advance_baked(plan, step, baked),
            Verdict::Advance(Some(most)) if plan.steps[step].weight.percent() > most => {
                // Less than it has: back to the last step that is not above it. Below the first there is nothing.
                let lower = plan.steps[..step].iter().rposition(|earlier| earlier.weight.percent() <= most);
                if let Some(step) = lower {
                    self.enter(Phase::Shifting { step });
                }
            }
            Verdict::Advance(suggested) if now >= over => {
                let next_weight = plan.steps.get(step + 1).map_or(Weight::FULL, |next| next.weight);
                // A policy may ask for less than the next step; between steps there is nothing, so it stays.
                if suggested.is_none_or(|most| next_weight.percent() <= most) {
                    self.advance_baked(plan, step, baked);
                }
            }
            _ => {}
        }
    }

    /// The next step, unless that amounts to the promotion and the minimum bake time has not passed.
    fn advance_baked(&mut self, plan: &Plan, step: usize, baked: bool) {
        let promotes = plan.steps[step + 1..].iter().all(|later| later.hold == Millis(0));
        if baked || !promotes {
            self.advance(plan, step, PromotionCause::Completed);
        }
    }

    fn advance(&mut self, plan: &Plan, step: usize, cause: PromotionCause) {
        if step + 1 < plan.steps.len() {
            self.enter(Phase::Shifting { step: step + 1 });
        } else {
            self.promote(cause);
        }
    }

    fn promote(&mut self, cause: PromotionCause) {
        if self.weight == Weight::FULL {
            self.enter(Phase::Ended(End::Promoted(cause)));
        } else {
            self.enter(Phase::Promoting { cause });
        }
    }

    fn settle_deadline(&mut self, plan: &Plan, now: Timestamp) {
        let undecided = matches!(self.phase, Phase::Shifting { .. } | Phase::Observing { .. });
        if undecided && self.deadline.is_some_and(|deadline| now >= deadline) {
            match plan.on_deadline {
                OnEnd::Rollback => self.roll_back(RollbackCause::Deadline, now),
                OnEnd::Leave => self.enter(Phase::Ended(End::Undecided { outside: self.outside_trouble })),
            }
        }
    }
}

#[cfg(test)]
mod tests;
