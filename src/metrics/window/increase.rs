//! Increases of counters between adjacent instants.
//!
//! A counter here is a vector of counters of one process that restart together: one number, or the buckets
//! of a histogram. Work and memory are linear in the number of points, whatever instants they are at.

use std::collections::{BTreeMap, BTreeSet};

use crate::metrics::{ArmTicks, RawSeries, Tick, Window, absent};
use crate::snapshot::model::{Absence, AbsenceCode};
use crate::support::units::Timestamp;

/// A vector of counters that restart together.
pub(super) struct Counter {
    /// Who exports it.
    pub(super) exporter: String,
    /// Where its first entry goes in the sum over all counters.
    pub(super) offset: usize,
    /// Its values; none where one of them was not a number.
    pub(super) points: BTreeMap<Timestamp, Option<Vec<f64>>>,
}

impl Counter {
    /// One counter for each distinct label set; `offset` is its place in the sum.
    pub(super) fn of_each(series: &[RawSeries], offset: usize) -> Result<Vec<Self>, Absence> {
        let mut counters: BTreeMap<&BTreeMap<String, String>, Self> = BTreeMap::new();
        for one in series {
            let counter = counters.entry(&one.labels).or_insert_with(|| Self {
                exporter: exporter(&one.labels),
                offset,
                points: BTreeMap::new(),
            });
            for (at, value) in values(one)? {
                let value = value.map(|value| vec![value]);
                let known = counter.points.entry(at).or_insert_with(|| value.clone());
                if *known != value {
                    return Err(two_values(&one.labels, at));
                }
            }
        }
        Ok(counters.into_values().collect())
    }
}

/// The points of a counter; none for what is not a number.
pub(super) fn values(
    series: &RawSeries,
) -> Result<impl Iterator<Item = (Timestamp, Option<f64>)> + '_, Absence> {
    if let Some((_, negative)) = series.points.iter().find(|(_, value)| *value < 0.0 && value.is_finite()) {
        return Err(absent(
            AbsenceCode::Malformed,
            &format!("{} is no counter: it stands at {negative}", shown(&series.labels)),
        ));
    }
    Ok(series.points.iter().map(|(at, value)| (*at, value.is_finite().then_some(*value))))
}

pub(super) fn two_values(labels: &BTreeMap<String, String>, at: Timestamp) -> Absence {
    let message = format!("{} has two values at {} ms", shown(labels), at.0);
    absent(AbsenceCode::Malformed, &message)
}

/// A series for people: `{code="200",method="get"}`.
pub(super) fn shown(labels: &BTreeMap<String, String>) -> String {
    let pairs: Vec<String> =
        labels.iter().take(10).map(|(name, value)| format!("{name}={value:?}")).collect();
    format!("the series {{{}}}", pairs.join(","))
}

/// Who exports a series: the scraped process where the series names it, else the arm as a whole.
pub(super) fn exporter(labels: &BTreeMap<String, String>) -> String {
    match (labels.get("instance"), labels.get("job")) {
        (None, _) => String::new(),
        (Some(instance), None) => instance.clone(),
        (Some(instance), Some(job)) => format!("{job}\u{0}{instance}"),
    }
}

/// The ticks of the window, with the sum of the increases of all counters in `buckets`, `width` entries.
pub(super) fn increases(counters: &[Counter], width: usize, window: Window) -> Result<ArmTicks, Absence> {
    let earliest = window.start.before(window.tick).before(window.tick);
    let mut grid: Vec<Timestamp> = counters
        .iter()
        .flat_map(|counter| counter.points.range(earliest..=window.end.max(earliest)).map(|(at, _)| *at))
        .collect();
    grid.sort_unstable();
    grid.dedup();
    let expected = window.end.since(earliest).0 / window.tick.0.max(1);
    if grid.len() as u64 > 4 * expected + 16 {
        return Err(absent(
            AbsenceCode::Malformed,
            &format!("the series have {} instants where about {expected} were expected", grid.len()),
        ));
    }

    // When each exporter was seen, as ascending indices into the grid.
    let mut seen: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for counter in counters {
        let indices = seen.entry(&counter.exporter).or_default();
        indices.extend(counter.points.keys().filter_map(|at| grid.binary_search(at).ok()));
    }
    let mut pairs = Pairs::new(grid.len(), width);
    for indices in seen.values_mut() {
        indices.sort_unstable();
        indices.dedup();
        for pair in indices.windows(2) {
            pairs.saw_exporter(pair[0], pair[1]);
        }
    }
    let mut restarts: BTreeSet<(&str, usize)> = BTreeSet::new();
    for counter in counters {
        let mut before: Option<(usize, &Option<Vec<f64>>)> = None;
        for (at, now) in &counter.points {
            let Ok(index) = grid.binary_search(at) else { continue };
            let Some(now_values) = now else {
                pairs.not_a_number(index);
                before = Some((index, now));
                continue;
            };
            let was_there = index > 0 && seen[counter.exporter.as_str()].binary_search(&(index - 1)).is_ok();
            match before {
                // Where the exporter was there all along and only the series was not, what it counted in between
                // counts now: from its last value, not from zero.
                Some((last, Some(then))) if last + 1 == index || was_there => {
                    let restarted = now_values.iter().zip(then).any(|(now, then)| now < then);
                    let base = if restarted { None } else { Some(then) };
                    if restarted && grid[index - 1] >= window.start && *at <= window.end {
                        restarts.insert((&counter.exporter, index));
                    }
                    pairs.add(index - 1, counter.offset, now_values, base);
                }
                // Its pair is marked already.
                Some((last, None)) if last + 1 == index => {}
                // What it stood at before is not known.
                Some((_, None)) => pairs.not_a_number(index),
                None if was_there => pairs.add(index - 1, counter.offset, now_values, None),
                _ => {}
            }
            before = Some((index, now));
        }
    }
    let saw_not_a_number = pairs.saw_not_a_number;
    let mut arm =
        super::accounted(pairs.ticks(&grid, window), saw_not_a_number, "two adjacent samples", window)?;
    arm.noted.restarts = u32::try_from(restarts.len()).unwrap_or(u32::MAX);
    Ok(arm)
}

/// What is known of the time between each two adjacent instants.
struct Pairs {
    width: usize,
    sums: Vec<f64>,
    /// Some exporter was seen at both ends.
    present: Vec<bool>,
    /// How many gaps begin, less how many end, at each index.
    gaps: Vec<i64>,
    saw_not_a_number: bool,
}

impl Pairs {
    fn new(instants: usize, width: usize) -> Self {
        Self {
            width,
            sums: vec![0.0; instants * width],
            present: vec![false; instants],
            gaps: vec![0; instants + 1],
            saw_not_a_number: false,
        }
    }

    fn saw_exporter(&mut self, from: usize, to: usize) {
        if from + 1 == to {
            self.present[from] = true;
        } else {
            self.gaps[from] += 1;
            self.gaps[to] -= 1;
        }
    }

    fn not_a_number(&mut self, at: usize) {
        self.saw_not_a_number = true;
        self.gaps[at.saturating_sub(1)] += 1;
        self.gaps[at + 1] -= 1;
    }

    fn add(&mut self, pair: usize, offset: usize, now: &[f64], base: Option<&Vec<f64>>) {
        let sums = &mut self.sums[pair * self.width + offset..(pair + 1) * self.width];
        for (entry, (sum, now)) in sums.iter_mut().zip(now).enumerate() {
            *sum += now - base.map_or(0.0, |base| base[entry]);
        }
    }

    fn ticks(&self, grid: &[Timestamp], window: Window) -> Vec<Tick> {
        let mut open_gaps = 0;
        let mut ticks = Vec::new();
        for (pair, ends) in grid.windows(2).enumerate() {
            open_gaps += self.gaps[pair];
            let span = ends[1].since(ends[0]);
            let adjacent = span <= window.longest;
            let inside = ends[0] >= window.start && ends[1] <= window.end;
            if inside && adjacent && open_gaps == 0 && self.present[pair] {
                ticks.push(Tick {
                    end: ends[1],
                    span,
                    requests: 0.0,
                    bad: 0.0,
                    level: 0.0,
                    buckets: self.sums[pair * self.width..(pair + 1) * self.width].to_vec(),
                });
            }
        }
        ticks
    }
}
