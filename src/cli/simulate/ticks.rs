//! `--ticks` and `--trace`: one decision for each look at traffic that was recorded, or at one rollout that is drawn.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use serde::Serialize;

use super::{Arguments, Format, gate, judges, scenarios};
use crate::cli::{Exit, Failure, output};
use crate::config::CanaryPlan;
use crate::report::simulate::looks::{self, Look, Story, Teller};
use crate::simulate::generate;
use crate::simulate::judge::{Decision, Explanation, Judge};
use crate::simulate::recorded::{self, Recording};
use crate::support::text;

/// A decision as it is printed.
#[derive(Debug, Serialize)]
struct Line<'l> {
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
    let name = if file.as_os_str() == "-" {
        "standard input".into()
    } else {
        text::line(&file.display().to_string(), text::SHOWN)
    };
    let bytes = bytes(file).with_context(|| format!("read {name}")).map_err(Failure::Usage)?;
    let recording = recorded::read(&bytes).map_err(|error| Failure::Usage(anyhow!("{name}, {error}")))?;
    judge(arguments, &name, &recording, plan)
}

/// `--trace`: one drawn rollout instead of a recorded one.
pub(super) fn trace(
    arguments: &Arguments,
    replicate: u64,
    plan: Option<&CanaryPlan>,
) -> Result<Exit, Failure> {
    let chosen = scenarios(arguments)?;
    let [scenario] = chosen.as_slice() else {
        return Err(Failure::Usage(anyhow!(
            "--trace follows one rollout: name one scenario with `--scenario`, not {}",
            chosen.len()
        )));
    };
    let rollout = generate::rollout(scenario, arguments.seed, replicate);
    let instants = rollout.ticks.iter().map(|tick| tick.end).collect();
    let recording = Recording { edges: rollout.edges, ticks: rollout.ticks, instants };
    let name = format!("{}, seed {}, rollout {replicate}: {}", scenario.name, arguments.seed, scenario.about);
    judge(arguments, &name, &recording, plan)
}

fn judge(
    arguments: &Arguments,
    name: &str,
    recording: &Recording,
    plan: Option<&CanaryPlan>,
) -> Result<Exit, Failure> {
    let asked = judges(arguments, plan, false)?;
    let mut all = Vec::new();
    for judging in &asked.gates {
        all.push(gate::judge_recording(judging, recording)?);
    }
    all.extend(asked.native.iter().map(|judge| judged(judge.as_ref(), recording)));
    match arguments.format {
        Format::Html => output::print(&looks::page(&story(name, recording, &all))).map(|_| ())?,
        _ if arguments.explain => output::print(&looks::text(&story(name, recording, &all))).map(|_| ())?,
        _ => print(recording, &all)?,
    }
    Ok(match all.first().and_then(|first| first.looks.last()) {
        Some((Decision::Promote, _)) => Exit::Passed,
        Some((Decision::Rollback, _)) => Exit::Refused,
        _ => Exit::Undecided,
    })
}

fn story(title: &str, recording: &Recording, all: &[Judged]) -> Story {
    let told = |judged: &Judged| Teller {
        name: judged.name.clone(),
        looks: recording
            .instants
            .iter()
            .zip(&judged.looks)
            .map(|(t, (decision, explained))| Look {
                t: *t,
                decision: *decision,
                reasons: explained.reasons.clone(),
                evidence: explained.evidence.clone(),
            })
            .collect(),
    };
    Story { title: title.into(), judges: all.iter().map(told).collect() }
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
            let look = Line {
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
