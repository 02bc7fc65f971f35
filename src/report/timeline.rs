//! What happened in a rollout, as sentences: the timeline of a report and the lines of a running view.
//!
//! The journal holds events; what an event led to is found by replaying them through the state machine.

use schemars::JsonSchema;
use serde::Serialize;

use super::canary::Grade;
use super::numbers;
use crate::rollout::journal::{Entry, Intent, Line};
use crate::rollout::machine::{
    Command, End, Event, Phase, PromotionCause, RollbackCause, Signal, State, apply,
};
use crate::rollout::plan::Plan;
use crate::support::text;
use crate::support::units::{Millis, Timestamp, Weight};
use crate::verdict::model::Verdict;

const SENTENCE: usize = 300;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Row {
    /// When, in UTC.
    pub at: String,
    /// Time since the run began.
    pub elapsed_ms: u64,
    /// How grave it is.
    pub grade: Grade,
    /// What, in one sentence.
    pub text: String,
    /// How often it happened in a row.
    pub times: u32,
}

impl Row {
    /// The sentence, and how often it is true.
    #[must_use]
    pub fn sentence(&self) -> String {
        if self.times > 1 { format!("{} ({} times)", self.text, self.times) } else { self.text.clone() }
    }
}

/// The whole history of a run.
#[derive(Debug, Default)]
pub(super) struct History {
    /// What happened, in order.
    pub(super) rows: Vec<Row>,
    /// For each step when its weight was first confirmed, since the run began.
    pub(super) reached: Vec<Option<Millis>>,
}

/// The history that `lines` tell.
pub(super) fn history(plan: &Plan, lines: &[Line], began: Timestamp) -> History {
    let mut history = History { rows: Vec::new(), reached: vec![None; plan.steps.len()] };
    let mut state = State::default();
    for line in lines {
        let Entry::Event(event) = &line.entry else { continue };
        let before = state.phase;
        if let (Phase::Shifting { step }, Event::Shifted { weight, .. }) = (before, event)
            && plan.steps.get(step).is_some_and(|planned| planned.weight == *weight)
        {
            history.reached[step].get_or_insert(line.at.since(began));
        }
        state = apply(plan, &state, event, line.at);
        for (grade, text) in sentences(plan, before, event, &state) {
            history.add(line.at, began, grade, text);
        }
    }
    if let Some(Line { at, entry: Entry::Intent(Intent::Shift(weight)), .. }) = lines.last() {
        let text = format!("the weight {weight} is being set; what came of it is not known yet");
        history.add(*at, began, Grade::Info, text);
    }
    history
}

impl History {
    fn add(&mut self, at: Timestamp, began: Timestamp, grade: Grade, text: String) {
        match self.rows.last_mut() {
            Some(row) if row.grade == grade && row.text == text => row.times = row.times.saturating_add(1),
            _ => {
                let (at, elapsed_ms) = (numbers::rfc3339(at), at.since(began).0);
                self.rows.push(Row { at, elapsed_ms, grade, text, times: 1 });
            }
        }
    }
}

/// What `event` and the change from the phase `before` to `after` say to people; nothing if they are not news.
#[must_use]
pub fn sentences(plan: &Plan, before: Phase, event: &Event, after: &State) -> Vec<(Grade, String)> {
    let mut said: Vec<_> = happened(plan, event).into_iter().collect();
    if std::mem::discriminant(&before) != std::mem::discriminant(&after.phase) {
        said.extend(entered(after.phase));
    }
    said
}

fn happened(plan: &Plan, event: &Event) -> Option<(Grade, String)> {
    let shown = |foreign: &str| text::line(foreign, SENTENCE);
    Some(match event {
        Event::Started => (Grade::Info, format!("the rollout begins: {}", outline(plan))),
        Event::Shifted { weight: Weight::ZERO, .. } => {
            (Grade::Info, "the baseline gets all traffic, read back".into())
        }
        Event::Shifted { weight, .. } => {
            (Grade::Info, format!("the canary gets {weight} of traffic, read back"))
        }
        Event::ShiftFailed { weight, message, retry } => {
            let then = if *retry { "" } else { "; trying again cannot help" };
            (Grade::Warning, format!("the weight {weight} could not be set: {}{then}", shown(message)))
        }
        Event::Looked { look, decision, .. } => {
            let verdict = verdict(decision.verdict);
            if decision.blocked_by.is_empty() {
                let grade = if decision.verdict == Verdict::Rollback { Grade::Critical } else { Grade::Info };
                (grade, format!("look {look}: {verdict}"))
            } else {
                let ids: Vec<_> = decision.blocked_by.iter().take(8).map(|id| text::line(id, 60)).collect();
                let how = if decision.fault { "broke" } else { "declined to judge" };
                (Grade::Warning, format!("look {look}: {verdict}; {} {how}", ids.join(", ")))
            }
        }
        Event::RouterRestarted { detail, kept: true, .. } => {
            (Grade::Warning, format!("the router restarted and kept its weight: {}", shown(detail)))
        }
        Event::RouterRestarted { detail, kept: false, .. } => (
            Grade::Warning,
            format!("the router restarted and shows {}; the weight is set again", shown(detail)),
        ),
        Event::Drifted { detail } => {
            (Grade::Critical, format!("somebody else moved the weights: the router shows {}", shown(detail)))
        }
        Event::Commanded(command) => {
            let asked = match command {
                Command::Pause => "pause",
                Command::Resume => "go on",
                Command::Promote => "promote",
                Command::Rollback => "roll back",
                Command::Skip => "skip the rest of the step",
            };
            (Grade::Info, format!("somebody asked to {asked}"))
        }
        Event::Stopped(signal) => (Grade::Warning, format!("told to stop by {}", signal_name(*signal))),
        Event::Resumed => (Grade::Info, "another process took over".into()),
        Event::Elapsed => return None,
    })
}

fn entered(phase: Phase) -> Option<(Grade, String)> {
    Some(match phase {
        Phase::Ready | Phase::Shifting { .. } | Phase::Observing { .. } => return None,
        Phase::Promoting { cause } => (Grade::Info, format!("promoting: {}", promotion(cause))),
        Phase::RollingBack { cause, .. } => (Grade::Warning, format!("rolling back: {}", rollback(cause))),
        Phase::Ended(End::Promoted(cause)) => (Grade::Info, format!("promoted: {}", promotion(cause))),
        Phase::Ended(End::RolledBack(cause)) => (Grade::Warning, format!("rolled back: {}", rollback(cause))),
        Phase::Ended(End::Unconfirmed(cause)) => {
            (Grade::Critical, format!("the rollback could not be confirmed ({})", rollback(cause)))
        }
        Phase::Ended(End::Undecided { .. }) => {
            (Grade::Critical, "the deadline passed without a decision; traffic stays as it is".into())
        }
        Phase::Ended(End::Left(_)) => (Grade::Critical, "stopped; traffic stays as it is".into()),
        Phase::Ended(End::Drifted) => (Grade::Critical, "stopped; traffic is left as it was found".into()),
    })
}

/// Why the canary gets all traffic, as a clause.
#[must_use]
pub fn promotion(cause: PromotionCause) -> &'static str {
    match cause {
        PromotionCause::Completed => "the last step has passed",
        PromotionCause::Early => "the gate said so before the last step",
        PromotionCause::Command => "somebody asked for it",
    }
}

/// Why the baseline gets all traffic, as a clause.
#[must_use]
pub fn rollback(cause: RollbackCause) -> &'static str {
    match cause {
        RollbackCause::Gate => "the gate said so",
        RollbackCause::Deadline => "the deadline passed without a decision",
        RollbackCause::Command => "somebody asked for it",
        RollbackCause::Cancelled(Signal::Interrupt) => "the run was interrupted",
        RollbackCause::Cancelled(Signal::Terminate) => "the run was terminated",
        RollbackCause::Driver => "the router could not be brought to a step's weight",
    }
}

fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::Interrupt => "SIGINT",
        Signal::Terminate => "SIGTERM",
    }
}

/// A verdict with its arguments: `advance, at most to 20 %`.
#[must_use]
pub fn verdict(verdict: Verdict) -> String {
    match verdict {
        Verdict::Promote => "promote".into(),
        Verdict::Advance(None) => "advance".into(),
        Verdict::Advance(Some(weight)) => format!("advance, at most to {weight} %"),
        Verdict::Hold(None) => "hold".into(),
        Verdict::Hold(Some(seconds)) => {
            format!("hold, ask again in {}", numbers::span(Millis(u64::from(seconds) * 1000)))
        }
        Verdict::Rollback => "rollback".into(),
    }
}

/// The steps of a plan in a line: `10 % for 15 min, 50 % for 5 min, 100 %`.
#[must_use]
pub fn outline(plan: &Plan) -> String {
    const MOST: usize = 8;
    let mut steps: Vec<_> = plan
        .steps
        .iter()
        .take(MOST)
        .map(|step| match step.hold {
            Millis(0) => step.weight.to_string(),
            hold => format!("{} for {}", step.weight, numbers::span(hold)),
        })
        .collect();
    if plan.steps.len() > MOST {
        steps.push(format!("and {} more", plan.steps.len() - MOST));
    }
    steps.join(", ")
}
