//! The recorded form of a poll: by arm and target, so that a later process finds its targets again.
//!
//! Pure. Numbers that JSON does not have are written as text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::metrics::Poll;
use crate::metrics::exposition::{self, Sample};

use super::{Arm, Outcome, Polled, Reading};

#[derive(Serialize, Deserialize)]
struct Recorded {
    baseline: Vec<RecordedTarget>,
    canary: Vec<RecordedTarget>,
}

#[derive(Serialize, Deserialize)]
struct RecordedTarget {
    instance: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failed: Option<String>,
    #[serde(default)]
    samples: Vec<RecordedSample>,
}

#[derive(Serialize, Deserialize)]
struct RecordedSample {
    name: String,
    labels: BTreeMap<String, String>,
    value: Value,
    cumulative: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Value {
    Finite(f64),
    Other(String),
}

pub(super) fn write(arms: &[Arm; 2], polled: &Polled) -> Poll {
    let arm = |arm: usize| {
        let targets = arms[arm].targets.iter().zip(&polled.outcomes[arm]);
        targets.map(|(target, outcome)| recorded(&target.instance, outcome)).collect()
    };
    let recorded = Recorded { baseline: arm(0), canary: arm(1) };
    // Nothing in it can fail to be written: names are texts and numbers are finite.
    Poll { at: polled.at, samples: serde_json::to_value(recorded).unwrap_or_default() }
}

fn recorded(instance: &str, outcome: &Outcome) -> RecordedTarget {
    let samples = outcome.iter().flatten().map(|(series, value)| {
        let mut labels = series.labels.clone();
        labels.remove("instance");
        if let Some(own) = labels.remove("exported_instance") {
            labels.insert("instance".to_owned(), own);
        }
        RecordedSample {
            name: series.name.clone(),
            labels,
            value: if value.is_finite() { Value::Finite(*value) } else { Value::Other(value.to_string()) },
            cumulative: series.cumulative,
        }
    });
    RecordedTarget {
        instance: instance.to_owned(),
        failed: outcome.as_ref().err().cloned(),
        samples: samples.collect(),
    }
}

/// The samples of each target of each arm, as they were read.
pub(super) fn read(poll: &Poll, arms: &[Arm; 2]) -> Result<[Vec<Reading>; 2], String> {
    let recorded = Recorded::deserialize(&poll.samples).map_err(|error| error.to_string())?;
    let arm = |arm: usize, mut recorded: Vec<RecordedTarget>| {
        let targets = arms[arm].targets.iter().map(|target| {
            let at = recorded.iter().position(|one| one.instance == target.instance);
            at.map_or_else(
                || Err(format!("{} is not in the record", target.instance)),
                |at| samples(recorded.swap_remove(at)),
            )
        });
        targets.collect()
    };
    Ok([arm(0, recorded.baseline), arm(1, recorded.canary)])
}

fn samples(target: RecordedTarget) -> Reading {
    if let Some(failure) = target.failed {
        return Err(failure);
    }
    let sample = |RecordedSample { name, labels, value, cumulative }| {
        let value = match value {
            Value::Finite(value) => value,
            Value::Other(text) => exposition::number(&text).ok_or("a recorded value is no number")?,
        };
        Ok(Sample { name, labels, value, cumulative })
    };
    target.samples.into_iter().map(sample).collect()
}
