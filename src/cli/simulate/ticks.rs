//! `--ticks`: one decision for each look at recorded traffic.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::Serialize;

use super::{Arguments, Format, gate, judges};
use crate::cli::{Exit, Failure, output};
use crate::config::CanaryPlan;
use crate::simulate::judge::{Decision, Explanation, Judge};
use crate::simulate::recorded::{self, Recording};
use crate::support::text;

/// A decision as it is printed.
#[derive(Debug, Serialize)]
struct Look<'l> {
    t: f64,
    /// Only where several judges were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<&'l str>,
    decision: &'static str,
    reasons: Vec<String>,
    evidence: serde_json::Value,
}

/// The looks of one judge, one for each tick.
pub(super) struct Judged {
    pub(super) name: String,
    pub(super) looks: Vec<(Decision, Explanation)>,
}

pub(super) fn run(arguments: &Arguments, file: &Path, plan: Option<&CanaryPlan>) -> Result<Exit, Failure> {
    if arguments.format == Format::Html {
        return Err(Failure::Usage(anyhow!("--ticks has no page: its decisions are JSON lines")));
    }
    let asked = judges(arguments, &[if plan.is_some() { gate::NAME } else { "rollgate" }])?;
    let name = if file.as_os_str() == "-" {
        "standard input".into()
    } else {
        text::line(&file.display().to_string(), text::SHOWN)
    };
    let bytes = bytes(file).with_context(|| format!("read {name}")).map_err(Failure::Usage)?;
    let recording = recorded::read(&bytes).map_err(|error| Failure::Usage(anyhow!("{name}, {error}")))?;
    let mut all = Vec::new();
    if let Some(plan) = plan.filter(|_| asked.gate) {
        all.push(gate::judge_recording(plan, &recording)?);
    }
    all.extend(asked.native.iter().map(|judge| judged(judge.as_ref(), &recording)));
    print(&recording, &all)?;
    Ok(match all.first().and_then(|first| first.looks.last()) {
        Some((Decision::Promote, _)) => Exit::Passed,
        Some((Decision::Rollback, _)) => Exit::Refused,
        _ => Exit::Undecided,
    })
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    let limit = recorded::LONGEST as u64 + 1;
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(limit).read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.take(limit).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn judged(judge: &dyn Judge, recording: &Recording) -> Judged {
    let mut sitting = judge.sit(&recording.edges);
    let mut standing = None;
    let looks = recording.ticks.iter().zip(&recording.instants).map(|(tick, instant)| {
        if let Some((decision, at)) = standing {
            return after(decision, at);
        }
        let decision = sitting.look(tick);
        if decision != Decision::Undecided {
            standing = Some((decision, *instant));
        }
        (decision, sitting.explain())
    });
    Judged { name: judge.name().to_owned(), looks: looks.collect() }
}

/// A look after the decision was made.
pub(super) fn after(decision: Decision, at: f64) -> (Decision, Explanation) {
    let reasons = vec![format!("decided at t = {at}")];
    (decision, Explanation { reasons, evidence: serde_json::Value::Null })
}

fn print(recording: &Recording, all: &[Judged]) -> Result<(), Failure> {
    let lines = recording.instants.iter().enumerate().flat_map(|(index, instant)| {
        all.iter().filter_map(move |judged| {
            let (decision, explained) = judged.looks.get(index)?;
            let look = Look {
                t: *instant,
                judge: (all.len() > 1).then_some(judged.name.as_str()),
                decision: decision.as_str(),
                reasons: explained.reasons.clone(),
                evidence: explained.evidence.clone(),
            };
            serde_json::to_string(&look).ok().map(|line| format!("{line}\n"))
        })
    });
    output::print_all(lines).map(|_| ())
}
