//! The words of a report that every form shares: the outcome in a line, what happened in a few sentences, and
//! what to do now.

use super::canary::{CanaryReport, Cause, Grade, LookRow, Outcome, StepRow, VerdictName};
use super::numbers;
use super::problems::ProblemKind;
use crate::rollout::journal::Entry;
use crate::rollout::machine::Event;
use crate::rollout::record::RunRecord;
use crate::support::text;
use crate::support::units::Millis;

/// The outcome in a line, with the name of the service.
pub(super) fn headline(report: &CanaryReport) -> String {
    let how = match (report.outcome, report.cause) {
        (Outcome::Running, _) if report.paused => format!("paused at {} %", report.weight),
        (Outcome::Running, _) => format!("running at {} %", report.weight),
        (Outcome::Promoted, Some(Cause::Early)) => "promoted early".into(),
        (Outcome::Promoted, Some(Cause::Command)) => "promoted by hand".into(),
        (Outcome::Promoted, _) => "promoted".into(),
        (Outcome::RolledBack, Some(Cause::Deadline)) => "rolled back, no decision by the deadline".into(),
        (Outcome::RolledBack, Some(Cause::Command)) => "rolled back by hand".into(),
        (Outcome::RolledBack, Some(Cause::Driver)) => "rolled back, the router did not take a weight".into(),
        (Outcome::RolledBack, Some(Cause::Interrupted | Cause::Terminated)) => {
            "rolled back, the run was cancelled".into()
        }
        (Outcome::RolledBack, _) => "rolled back by the gate".into(),
        (Outcome::RollbackUnconfirmed, _) => "ROLLBACK NOT CONFIRMED".into(),
        (Outcome::Undecided, _) => "undecided at the deadline, traffic left as it is".into(),
        (Outcome::Left, _) => "cancelled, traffic left as it is".into(),
        (Outcome::Drifted, _) => "stopped, somebody else moved the traffic".into(),
    };
    format!("{}: canary {how}", report.service)
}

/// What happened: why, after how long, and how many requests of the canary it took.
pub(super) fn summary(report: &CanaryReport, record: &RunRecord) -> Vec<String> {
    let mut sentences = vec![what(report)];
    if let Some(reason) = reason(report) {
        sentences.push(reason);
    }
    if let Some(exposure) = report.exposure {
        let requests = numbers::counted(exposure.requests, "request");
        let mut sentence = format!("At least {requests} reached the canary");
        if let Some(failed) = exposure.failed {
            let failed = if failed == 0 { "none".into() } else { numbers::count(failed) };
            sentence = format!("{sentence}, {failed} of them failed");
        }
        sentences.push(sentence + ".");
    }
    if let Some(detail) = drift(record) {
        sentences.push(format!("The router showed: {detail}."));
    }
    sentences
}

fn what(report: &CanaryReport) -> String {
    let arms = match (&report.canary_revision, &report.baseline_revision) {
        (Some(canary), Some(baseline)) => format!("canary {canary} against baseline {baseline}"),
        (Some(canary), None) => format!("canary {canary}"),
        _ => "the canary".into(),
    };
    let after = numbers::span(Millis(report.elapsed_ms));
    let at = report.looks.last().map(|look| format!(" at {} % of traffic", look.weight)).unwrap_or_default();
    match (report.outcome, report.cause) {
        (Outcome::Running, _) => {
            let step = report.steps.iter().filter(|step| step.reached_ms.is_some()).count();
            format!(
                "{}: {after} since the start, step {} of {}, {} % of traffic.",
                capital(&arms),
                step.max(1),
                report.steps.len(),
                report.weight
            )
        }
        (Outcome::Promoted, cause) => {
            let why = match cause {
                Some(Cause::Early) => "the gate saw enough before the last step",
                Some(Cause::Command) => "somebody asked for it",
                _ => "every step passed",
            };
            format!("{} got all traffic after {after}: {why}.", capital(&arms))
        }
        (Outcome::RolledBack, cause) => format!(
            "{} was taken back after {after}{at}: {}. All traffic is on the baseline, read back from the router.",
            capital(&arms),
            cause.map_or("", cause_clause)
        ),
        (Outcome::RollbackUnconfirmed, cause) => format!(
            "{} was to be taken back after {after}{at}: {}. The router could not be brought to show that all traffic is on the baseline.",
            capital(&arms),
            cause.map_or("", cause_clause)
        ),
        (Outcome::Undecided, cause) => {
            let why = if cause == Some(Cause::OutsideFailure) {
                ", since a provider or a policy had failed"
            } else {
                ""
            };
            format!(
                "The deadline passed after {after} without a decision{why}. As configured, {} keeps {} % of traffic.",
                arms, report.weight
            )
        }
        (Outcome::Left, _) => {
            format!(
                "The run was told to stop after {after}. As configured, {} keeps {} % of traffic.",
                arms, report.weight
            )
        }
        (Outcome::Drifted, _) => {
            format!(
                "After {after} the router showed a weight that this run had not set. Traffic was left as it was found."
            )
        }
    }
}

fn cause_clause(cause: Cause) -> &'static str {
    match cause {
        Cause::Completed => "every step passed",
        Cause::Early | Cause::Gate => "the gate said so",
        Cause::Deadline | Cause::OutsideFailure => "the deadline passed without a decision",
        Cause::Command => "somebody asked for it",
        Cause::Interrupted => "the run was interrupted",
        Cause::Terminated => "the run was terminated",
        Cause::Driver => "the router could not be brought to a step's weight",
    }
}

/// The gravest reason of the look that decided.
fn reason(report: &CanaryReport) -> Option<String> {
    let look = deciding_look(report)?;
    let reason = look.reasons.first()?;
    let text = reason.text.trim_end_matches('.');
    Some(format!("At look {}, {} said: {text}.", look.look, reason.policy))
}

/// The look that ended the rollout, or the last one.
pub(super) fn deciding_look(report: &CanaryReport) -> Option<&LookRow> {
    report.looks.last()
}

fn drift(record: &RunRecord) -> Option<String> {
    record.lines.iter().rev().find_map(|line| match &line.entry {
        Entry::Event(Event::Drifted { detail }) => Some(text::line(detail, 300)),
        _ => None,
    })
}

/// What to do now, the most urgent first.
pub(super) fn advice(report: &CanaryReport) -> Vec<String> {
    let mut advice: Vec<String> = Vec::new();
    let weight = report.weight;
    match (report.outcome, report.cause) {
        (Outcome::RollbackUnconfirmed, _) => {
            advice.push(format!(
                "Look at the router now ({}): the canary last showed {weight} % of traffic. Give all traffic to the baseline by hand.",
                report.driver
            ));
        }
        (Outcome::Drifted, _) => {
            advice.push(format!(
                "Look at the router now ({}) and decide who gets the traffic: this run does not touch it any more.",
                report.driver
            ));
            advice.push("Find out who moved the weights; two owners of one split undo each other.".into());
        }
        (Outcome::Undecided | Outcome::Left, _) => {
            advice.push(format!(
                "The canary still gets {weight} % of traffic and nobody watches it. Promote it or take it back by hand, or start a new run ({}).",
                report.driver
            ));
        }
        (Outcome::RolledBack, Some(Cause::Gate)) => {
            advice.push("Find the cause in the reasons below before the next try; the canary's instances still run, without traffic.".into());
        }
        (Outcome::RolledBack, Some(Cause::Deadline)) => {
            advice.push("See below what kept the gate from deciding; give the steps more time or traffic if it was too little to judge.".into());
        }
        (Outcome::RolledBack, Some(Cause::Driver)) => {
            advice.push(format!(
                "Check that the router runs and takes weights ({}), then start again.",
                report.driver
            ));
        }
        (Outcome::RolledBack, _) => {
            advice.push("Start again when you are ready; the baseline serves everybody.".into());
        }
        (Outcome::Promoted, _) => {
            advice.push(
                "The baseline's instances get no traffic any more and can be brought to the same revision."
                    .into(),
            );
        }
        (Outcome::Running, _) if report.paused => {
            advice.push(
                "It is paused: looks go on and may roll back, nothing advances until it is resumed.".into(),
            );
        }
        (Outcome::Running, _) => {}
    }
    if report.problems.iter().any(|problem| problem.kind == ProblemKind::Fault) {
        advice.push("Mend the policy that broke: while it is in the gate, the gate cannot advance.".into());
    }
    advice
}

/// What stands before the headline, beside the words and never instead of them.
pub(super) fn symbol(report: &CanaryReport) -> &'static str {
    match report.outcome {
        Outcome::Running => "⏳",
        Outcome::Promoted => "✅",
        Outcome::RolledBack => "❌",
        _ => "⚠️",
    }
}

/// What stands before a verdict.
pub(super) fn verdict_symbol(verdict: VerdictName) -> &'static str {
    match verdict {
        VerdictName::Promote | VerdictName::Advance => "✅",
        VerdictName::Hold => "⏸️",
        VerdictName::Rollback => "❌",
    }
}

/// What stands before a reason or an event.
pub(super) fn grade_symbol(grade: Grade) -> &'static str {
    match grade {
        Grade::Info => "",
        Grade::Warning => "⚠️ ",
        Grade::Critical => "❌ ",
    }
}

/// A sentence of ours with its first letter in upper case.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The time since the start, short.
pub(super) fn since(elapsed_ms: u64) -> String {
    format!("+{}", numbers::span(Millis(elapsed_ms)))
}

/// The steps of the plan in a line.
pub(super) fn plan(report: &CanaryReport) -> String {
    let step = |step: &StepRow| match step.hold_ms {
        0 => format!("{} %", step.weight),
        hold => format!("{} % for {}", step.weight, numbers::span(Millis(hold))),
    };
    report.steps.iter().map(step).collect::<Vec<_>>().join(", ")
}

/// An instant of the report to the second, for people.
pub(super) fn utc(rfc3339: &str) -> String {
    rfc3339.get(..19).map_or_else(|| rfc3339.to_owned(), |text| format!("{} UTC", text.replace('T', " ")))
}
