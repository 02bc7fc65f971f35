//! Ticks that somebody measured, as JSON lines.
//!
//! Each line is one arm in one tick: `{"t": seconds, "arm": "baseline"|"canary", "requests": n, "errors": k,
//! "le": [seconds...], "counts": [...]}`, where `t` is the end of the tick, the counts are of that tick alone, and
//! `counts[i]` says how many of its requests took at most `le[i]`. An arm without a line at a tick is a gap, and one
//! without latencies where other lines have them is a gap of the latency. The order of the lines does not matter. Invariant: what is read is sound, or the line that is not is named.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::tick::{Counts, Tick};
use crate::support::text;

/// Longest recording in bytes.
pub const LONGEST: usize = 64 * 1024 * 1024;
/// Most bucket edges.
const EDGES: usize = 500;
/// Greatest instant and latency in seconds; beyond it neither is meant.
const SECONDS: f64 = 1e12;
/// Greatest count: beyond it neighbouring counts are the same number to the statistics.
const COUNT: u64 = 1 << 53;

/// Recorded ticks, in the order of their ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Upper edges of the latency buckets in seconds; empty without latencies.
    pub edges: Vec<f64>,
    /// The ticks, on a clock that begins with the first of them.
    pub ticks: Vec<Tick>,
    /// The instant of each tick as it stands in the recording.
    pub instants: Vec<f64>,
}

/// Why a recording cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RecordedError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it, and what to do; sanitised.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Arm {
    Baseline,
    Canary,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    t: f64,
    arm: Arm,
    requests: u64,
    errors: u64,
    #[serde(default)]
    le: Option<Vec<f64>>,
    #[serde(default)]
    counts: Option<Vec<u64>>,
}

/// Reads a recording.
pub fn read(bytes: &[u8]) -> Result<Recording, RecordedError> {
    if bytes.len() > LONGEST {
        let message =
            format!("the recording has {} bytes, {LONGEST} at most: judge it in parts", bytes.len());
        return Err(RecordedError { line: 1, message });
    }
    let mut edges: Option<(usize, Vec<f64>)> = None;
    // By the order of the instants; finite doubles that are not negative zero compare as their total order does.
    let mut found: BTreeMap<Instant, [Option<(usize, Counts)>; 2]> = BTreeMap::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let fail = |message: String| RecordedError { line: number, message };
        let line: Line = serde_json::from_slice(line).map_err(|error| fail(syntax(&error)))?;
        let counts = counts(&line, &mut edges, number).map_err(fail)?;
        let arm = &mut found.entry(Instant::of(line.t)).or_default()[line.arm as usize];
        if let Some((earlier, _)) = arm {
            return Err(fail(format!(
                "line {earlier} has the same arm at the same `t`: keep one line for each arm and tick"
            )));
        }
        *arm = Some((number, counts));
    }
    if found.is_empty() {
        let message = "the recording is empty: give it one line for each arm and tick".into();
        return Err(RecordedError { line: 1, message });
    }
    let edges = edges.map(|(_, edges)| edges).unwrap_or_default();
    Ok(placed(edges, found))
}

/// What the parser found, without its position within the line's own text.
fn syntax(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let place = if error.column() > 0 { format!("column {}: ", error.column()) } else { String::new() };
    let mend = r#"write {"t": 15, "arm": "canary", "requests": 150, "errors": 1, "le": [0.1, 0.5], "counts": [120, 149]}"#;
    format!("{place}{}; {mend}", text::line(said, 200))
}

/// The counts of a line, held against its own rules and the edges of the lines before it.
fn counts(line: &Line, edges: &mut Option<(usize, Vec<f64>)>, number: usize) -> Result<Counts, String> {
    if !line.t.is_finite() || line.t.abs() > SECONDS {
        return Err(format!("`t` is {:?}: give the end of the tick in seconds", line.t));
    }
    if line.requests > COUNT {
        return Err(format!("`requests` is {}: counts go up to 2^53", line.requests));
    }
    if line.errors > line.requests {
        return Err(format!(
            "{} of {} requests are errors: `errors` are those among `requests`",
            line.errors, line.requests
        ));
    }
    let cumulative = match (&line.le, &line.counts) {
        (None, None) => Vec::new(),
        (Some(le), Some(counts)) => {
            latencies(line.requests, le, counts)?;
            match edges {
                None => *edges = Some((number, le.clone())),
                Some((first, known)) if known != le => {
                    return Err(format!(
                        "`le` differs from that of line {first}: give the same edges in all lines"
                    ));
                }
                Some(_) => {}
            }
            counts.clone()
        }
        (Some(_), None) => return Err("`le` stands without `counts`: give both or neither".into()),
        (None, Some(_)) => return Err("`counts` stand without `le`: give both or neither".into()),
    };
    let untimed = if line.le.is_none() { line.requests } else { 0 };
    Ok(Counts { requests: line.requests, errors: line.errors, cumulative, untimed })
}

fn latencies(requests: u64, le: &[f64], counts: &[u64]) -> Result<(), String> {
    if le.is_empty() || le.len() > EDGES {
        return Err(format!("`le` has {} edges: give 1 to {EDGES}", le.len()));
    }
    if le.len() != counts.len() {
        return Err(format!(
            "`le` has {} entries and `counts` {}: give one count for each edge",
            le.len(),
            counts.len()
        ));
    }
    if !le.iter().all(|edge| edge.is_finite() && *edge > 0.0 && *edge <= SECONDS) {
        return Err(
            "an edge in `le` is not a positive number of seconds: `+Inf` is implied by `requests`".into()
        );
    }
    if le.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err("`le` does not ascend: sort the edges, each once".into());
    }
    if counts.windows(2).any(|pair| pair[0] > pair[1]) {
        return Err("`counts` fall: they are cumulative over `le`".into());
    }
    if counts.last().is_some_and(|last| *last > requests) {
        return Err("the last of `counts` is more than `requests`: both are of this tick".into());
    }
    Ok(())
}

/// An instant that can be ordered.
#[derive(Debug, Clone, Copy)]
struct Instant(f64);

impl Instant {
    /// Negative zero is zero.
    fn of(t: f64) -> Self {
        Self(t + 0.0)
    }
}

impl PartialEq for Instant {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The ticks on a clock of their own: a tick is as long as the shortest time between two of them, and the first begins
/// at zero. A single one is as long as its instant says, if that is a usual length.
fn placed(edges: Vec<f64>, found: BTreeMap<Instant, [Option<(usize, Counts)>; 2]>) -> Recording {
    let instants: Vec<f64> = found.keys().map(|instant| instant.0).collect();
    let between = instants.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    let first = instants.first().copied().unwrap_or(0.0);
    let seconds = match between {
        between if between.is_finite() => between,
        _ if first > 0.0 && first <= 3600.0 => first,
        _ => 15.0,
    };
    let tick = |(instant, arms): (Instant, [Option<(usize, Counts)>; 2])| {
        let [baseline, canary] = arms.map(|arm| arm.map(|(_, counts)| counts));
        Tick { end: instant.0 - first + seconds, seconds, weight: None, baseline, canary }
    };
    Recording { edges, ticks: found.into_iter().map(tick).collect(), instants }
}
