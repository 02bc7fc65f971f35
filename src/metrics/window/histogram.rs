//! Ticks of a histogram, as a counter for each upper edge: a classic one, or a native one that was read so.
//!
//! Series that differ in nothing but `le` are one histogram and restart together. Histograms of different
//! layout are summed over the edges that all of them have: cumulative counts at a common edge add up
//! exactly, so nothing is interpolated.

use std::collections::BTreeMap;

use crate::metrics::{ArmTicks, RawSeries, Window, absent, exposition};
use crate::snapshot::model::{Absence, AbsenceCode};
use crate::support::units::Timestamp;

use super::increase::{Counter, exporter, increases, shown, two_values, values};
use super::{some_series, some_traffic};

/// Most edges that one histogram may have.
const EDGES: usize = 256;

/// A finite, or the infinite, upper edge that can be a key.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Edge(f64);

impl Eq for Edge {}

impl PartialOrd for Edge {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Edge {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

type Buckets = BTreeMap<Edge, BTreeMap<Timestamp, Option<f64>>>;

/// Durations as bucket counts.
///
/// # Errors
/// Says why there is no data; `malformed` where the series are no histogram, or have no edge in common.
pub fn histogram(series: &[RawSeries], window: Window) -> Result<ArmTicks, Absence> {
    some_series(series)?;
    let malformed = |message: String| absent(AbsenceCode::Malformed, &message);
    let mut histograms: BTreeMap<BTreeMap<String, String>, Buckets> = BTreeMap::new();
    for one in series {
        let mut labels = one.labels.clone();
        let edge = labels.remove("le").and_then(|le| exposition::number(&le)).filter(|edge| !edge.is_nan());
        let Some(edge) = edge else {
            return Err(malformed(format!("{} has no upper edge in the label `le`", shown(&one.labels))));
        };
        let buckets = histograms.entry(labels).or_default();
        // Adding zero makes an edge of -0 the same as 0.
        let points = buckets.entry(Edge(edge + 0.0)).or_default();
        for (at, value) in values(one)? {
            if *points.entry(at).or_insert(value) != value {
                return Err(two_values(&one.labels, at));
            }
        }
    }
    let mut common: Option<Vec<Edge>> = None;
    for (labels, buckets) in &histograms {
        if !buckets.contains_key(&Edge(f64::INFINITY)) {
            return Err(malformed(format!("{} has no bucket le=\"+Inf\"", shown(labels))));
        }
        match &mut common {
            None => common = Some(buckets.keys().copied().collect()),
            Some(common) => common.retain(|edge| buckets.contains_key(edge)),
        }
    }
    let common = common.unwrap_or_default();
    if common.len() < 2 {
        return Err(malformed("the histograms have no finite edge in common".into()));
    }
    if common.len() > EDGES {
        return Err(malformed(format!("the histogram has more than {EDGES} edges")));
    }
    let counters: Vec<Counter> = histograms
        .iter()
        .map(|(labels, buckets)| Counter {
            exporter: exporter(labels),
            offset: 0,
            points: complete_points(buckets, &common),
        })
        .collect();

    let mut arm = increases(&counters, common.len(), window)?;
    for tick in &mut arm.ticks {
        for at in 1..tick.buckets.len() {
            let (lower, upper) = (tick.buckets[at - 1], tick.buckets[at]);
            if lower > upper * (1.0 + 1e-9) {
                return Err(malformed(format!(
                    "the buckets are not cumulative: {lower} events up to {} s, {upper} up to {} s",
                    common[at - 1].0,
                    common[at].0
                )));
            }
            // Sums of fractions differ in their last bits.
            tick.buckets[at] = upper.max(lower);
        }
        tick.requests = tick.buckets.last().copied().unwrap_or_default();
    }
    arm.edges = common.iter().map(|edge| edge.0).filter(|edge| edge.is_finite()).collect();
    some_traffic(arm)
}

/// The instants at which all of `edges` have a point; none where one of them is not a number.
fn complete_points(buckets: &Buckets, edges: &[Edge]) -> BTreeMap<Timestamp, Option<Vec<f64>>> {
    let columns: Vec<_> = edges.iter().map(|edge| &buckets[edge]).collect();
    let mut points = BTreeMap::new();
    for at in columns[0].keys() {
        let row: Option<Vec<Option<f64>>> = columns.iter().map(|column| column.get(at).copied()).collect();
        if let Some(row) = row {
            points.insert(*at, row.into_iter().collect());
        }
    }
    points
}
