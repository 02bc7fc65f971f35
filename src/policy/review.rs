//! Checks what a guest said, whoever passes it on.
//!
//! Pure. It runs in the worker, so that a guest's mistake gets its name where it happened, and once more in
//! the host, because a worker that was taken over is no more to be trusted than its guest. Reviewing twice
//! changes nothing. Afterwards every text is sanitised, every number finite, every metric one that the
//! snapshot has, every list within its limit.

use super::fault;
use super::limits::{Limits, size};
use super::{Description, SettingsProblem};
use crate::snapshot::model::{Fact, FactValue, Snapshot, Stage};
use crate::support::text;
use crate::verdict::model::{Answer, Fault, FaultKind, LogLine, Outcome, Refusal, Verdict};

/// How many characters of a name are kept.
const NAME: usize = 100;
/// How many characters of a mend or of a fault's message are kept.
const FAULT: usize = 2000;

fn characters(limit: u64) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// An answer to `snapshot`; a fault where it is not what the interface says.
#[must_use]
pub fn answer(answer: Answer, snapshot: &Snapshot, limits: &Limits) -> Answer {
    match answer {
        Answer::Outcome(said) => match outcome(said, snapshot, limits) {
            Ok(outcome) => Answer::Outcome(outcome),
            Err(fault) => Answer::Fault(fault),
        },
        Answer::Refusal(said) => Answer::Refusal(refusal(said, limits)),
        Answer::Fault(said) => Answer::Fault(broken(said)),
    }
}

fn violation(message: String) -> Fault {
    fault::new(FaultKind::ContractViolation, message).into()
}

fn too_much(message: String) -> Fault {
    fault::new(FaultKind::OutputTooLarge, message).into()
}

fn outcome(said: Outcome, snapshot: &Snapshot, limits: &Limits) -> Result<Outcome, Fault> {
    match said.verdict {
        Verdict::Advance(_) if snapshot.position.stage == Stage::PullRequest => {
            return Err(violation("it says `advance` of a pull request, which has no steps".into()));
        }
        Verdict::Advance(Some(weight)) if weight > 100 => {
            return Err(violation(format!("it suggests a weight of {weight} %")));
        }
        _ => {}
    }
    if said.reasons.len() as u64 > limits.reasons {
        return Err(too_much(format!(
            "it gives {} reasons, of which at most {} are accepted",
            said.reasons.len(),
            limits.reasons
        )));
    }
    let held = said.memory.len() as u64;
    if held > limits.policy_memory_bytes {
        return Err(too_much(format!(
            "it wants {} kept for the next look, of which at most {} are accepted",
            size(held),
            size(limits.policy_memory_bytes)
        )));
    }
    let length = held + said.reasons.iter().map(reason_length).sum::<u64>();
    if length > limits.outcome_bytes {
        return Err(too_much(format!(
            "its outcome has {}, of which at most {} are accepted",
            size(length),
            size(limits.outcome_bytes)
        )));
    }
    let reasons = said.reasons.into_iter().enumerate();
    let reasons = reasons
        .map(|(at, reason)| {
            if let Some(metric) = &reason.metric
                && !snapshot.metrics.iter().any(|known| known.name == *metric)
            {
                return Err(violation(format!(
                    "reason {at} names the metric `{}`, which the snapshot does not have",
                    text::line(metric, NAME)
                )));
            }
            if reason.evidence.len() as u64 > limits.evidence {
                return Err(too_much(format!(
                    "reason {at} has {} facts as evidence, of which at most {} are accepted",
                    reason.evidence.len(),
                    limits.evidence
                )));
            }
            let evidence = reason.evidence.into_iter().map(|given| fact(given, at, limits));
            Ok(crate::verdict::model::Reason {
                severity: reason.severity,
                text: text::line(&reason.text, characters(limits.text_characters)),
                metric: reason.metric,
                evidence: evidence.collect::<Result<_, _>>()?,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(Outcome { verdict: said.verdict, reasons, memory: said.memory })
}

fn reason_length(reason: &crate::verdict::model::Reason) -> u64 {
    let fact_length =
        |fact: &Fact| fact.name.len() + if let FactValue::Text(text) = &fact.value { text.len() } else { 8 };
    (reason.text.len() + reason.evidence.iter().map(fact_length).sum::<usize>()) as u64
}

fn fact(given: Fact, reason: usize, limits: &Limits) -> Result<Fact, Fault> {
    let name = text::line(&given.name, NAME);
    let value = match given.value {
        FactValue::Number(number) if !number.is_finite() => {
            return Err(violation(format!("the fact `{name}` of reason {reason} is not a finite number")));
        }
        FactValue::Text(value) => FactValue::Text(text::line(&value, characters(limits.text_characters))),
        value => value,
    };
    Ok(Fact { name, value })
}

fn refusal(said: Refusal, limits: &Limits) -> Refusal {
    let line = |said: String| text::line(&said, characters(limits.text_characters));
    match said {
        Refusal::BadSettings(said) => Refusal::BadSettings(line(said)),
        Refusal::InsufficientData(said) => Refusal::InsufficientData(line(said)),
        Refusal::Other(said) => Refusal::Other(line(said)),
    }
}

/// A fault as a worker reports it.
#[must_use]
pub fn broken(said: Fault) -> Fault {
    Fault {
        kind: said.kind,
        message: text::line(&said.message, FAULT),
        mend: said.mend.map(|mend| text::line(&mend, FAULT)),
    }
}

/// Log lines as a worker passes them on. The host's own notes may follow the guest's lines.
#[must_use]
pub fn log(said: Vec<LogLine>, limits: &Limits) -> Vec<LogLine> {
    const NOTES: usize = 3;
    let kept = said.into_iter().take(characters(limits.log_lines).saturating_add(NOTES));
    kept.map(|line| LogLine {
        level: match line.level.as_str() {
            "debug" | "info" => line.level,
            _ => "warn".into(),
        },
        message: text::line(&line.message, characters(limits.log_characters)),
    })
    .collect()
}

/// Problems that a policy found in its settings.
#[must_use]
pub fn settings_problems(said: Vec<SettingsProblem>, limits: &Limits) -> Vec<SettingsProblem> {
    let shown = characters(limits.text_characters);
    said.into_iter()
        .take(characters(limits.settings_problems))
        .map(|problem| SettingsProblem {
            pointer: text::line(&problem.pointer, shown),
            message: text::line(&problem.message, shown),
        })
        .collect()
}

/// What a policy says of itself.
pub fn description(said: Description, limits: &Limits) -> Result<Description, Fault> {
    let bad = |message: String| -> Fault { fault::new(FaultKind::BadDescription, message).into() };
    let name = text::line(&said.name, NAME);
    if name.is_empty() {
        return Err(bad("its name is empty".into()));
    }
    let length = said.settings_schema.len() as u64;
    if length > limits.schema_bytes {
        return Err(bad(format!(
            "the schema of its settings has {}, of which at most {} are accepted",
            size(length),
            size(limits.schema_bytes)
        )));
    }
    if said.needs.len() as u64 > limits.needs {
        return Err(bad(format!(
            "it needs {} metrics, of which at most {} are accepted",
            said.needs.len(),
            limits.needs
        )));
    }
    let documentation_url = said.documentation_url.map(|url| text::line(&url, NAME * 5));
    if let Some(url) = &documentation_url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        return Err(bad(format!("its documentation is at `{url}`, which is not an HTTP address")));
    }
    let needs = said.needs.into_iter().map(|mut need| {
        need.name = text::line(&need.name, NAME);
        need
    });
    Ok(Description {
        name,
        version: text::line(&said.version, NAME),
        summary: text::line(&said.summary, characters(limits.text_characters)),
        documentation_url,
        needs: needs.collect(),
        settings_schema: said.settings_schema,
    })
}
