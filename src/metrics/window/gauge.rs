//! Ticks of a gauge: each sample in the window is one.

use std::collections::{BTreeMap, BTreeSet};

use crate::metrics::{ArmTicks, RawSeries, Tick, Window, absent};
use crate::snapshot::model::{Absence, AbsenceCode};

use super::increase::two_values;
use super::{accounted, some_series};

/// The level of one series.
///
/// # Errors
/// Says why there is no data; `several-series` names the labels that differ.
pub fn gauge(series: &[RawSeries], window: Window) -> Result<ArmTicks, Absence> {
    some_series(series)?;
    let sets: BTreeSet<_> = series.iter().map(|one| &one.labels).collect();
    if sets.len() > 1 {
        return Err(absent(AbsenceCode::SeveralSeries, &differences(&sets)));
    }
    let mut levels = BTreeMap::new();
    for one in series {
        for (at, level) in &one.points {
            let known = levels.entry(*at).or_insert(*level);
            if known.total_cmp(level).is_ne() {
                return Err(two_values(&one.labels, *at));
            }
        }
    }
    levels.retain(|at, _| *at > window.start && *at <= window.end);
    let saw_not_a_number = levels.values().any(|level| !level.is_finite());
    levels.retain(|_, level| level.is_finite());

    let mut ticks: Vec<Tick> = Vec::new();
    for (at, level) in levels {
        // A sample speaks for the tick that it ends, or for what of it the sample before leaves over.
        let since_last = ticks.last().map_or(window.tick, |last| at.since(last.end));
        let span = window.tick.min(since_last).min(at.since(window.start));
        ticks.push(Tick { end: at, span, requests: 0.0, bad: 0.0, level, buckets: Vec::new() });
    }
    accounted(ticks, saw_not_a_number, "sample", window)
}

/// Which labels tell the series apart, with some of their values.
fn differences(sets: &BTreeSet<&BTreeMap<String, String>>) -> String {
    let names: BTreeSet<&String> = sets.iter().flat_map(|labels| labels.keys()).collect();
    let differing: Vec<String> = names
        .into_iter()
        .filter_map(|name| {
            let values: BTreeSet<&str> =
                sets.iter().map(|labels| labels.get(name).map_or("", String::as_str)).collect();
            let shown: Vec<String> = values.iter().take(3).map(|value| format!("{value:?}")).collect();
            let more = if values.len() > 3 { ", …" } else { "" };
            (values.len() > 1).then(|| format!("`{name}` ({}{more})", shown.join(", ")))
        })
        .take(5)
        .collect();
    format!("{} series came where one was expected; they differ in {}", sets.len(), differing.join(", "))
}
