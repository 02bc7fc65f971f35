//! Raw samples become ticks. Pure: no clock, no provider.
//!
//! The rules, each with a test below or in the file it lives in:
//!
//! * All series of an answer share their instants. A tick is the time between two adjacent instants that
//!   both lie in the window; its counts are the increase of every counter in it, summed.
//! * A counter that fell has restarted: its increase is its new value.
//! * A point that is missing or not a number makes its ticks missing. Missing is never zero.
//! * Series are told apart by who exports them: by `job` and `instance`, where they have an `instance`, else
//!   the arm as a whole. Where an exporter was seen without a series that it has one tick later, the series
//!   stood at zero (the first `code="500"`), and its first value counts. The first values of an exporter that
//!   was not seen before are of unknown age and do not count.
//! * A series that vanishes while its exporter stays has ended, and adds nothing. An exporter that vanishes and
//!   comes back leaves a gap: the arm's ticks are missing until it is back, since the others alone would look
//!   like a drop. One that never comes back has left the arm.
//! * An arm that has been silent for the last [`SILENT`] ticks has no data, whatever it showed before.

mod gauge;
mod histogram;
mod increase;

use crate::snapshot::model::{Absence, AbsenceCode};

use super::{ArmTicks, RawSeries, Tick, Window, absent};
use increase::{Counter, increases};

/// How many ticks without data at the end of the window take away what was seen before.
pub const SILENT: u64 = 3;

pub use gauge::gauge;
pub use histogram::histogram;

/// Bad events over all events. No series in `bad` means that none were bad.
///
/// # Errors
/// Says why there is no data; `malformed` where more events were bad than there were.
pub fn ratio(bad: &[RawSeries], total: &[RawSeries], window: Window) -> Result<ArmTicks, Absence> {
    some_series(total)?;
    let no_bad_series = bad.is_empty();
    let mut counters = Counter::of_each(total, 0)?;
    let totals = counters.len();
    counters.extend(Counter::of_each(bad, 1)?);
    // Bad events counted by somebody who counts no totals belong to the arm as a whole.
    let (total, bad) = counters.split_at_mut(totals);
    for counter in bad {
        if !total.iter().any(|other| other.exporter == counter.exporter) {
            counter.exporter.clone_from(&total[0].exporter);
        }
    }
    let mut ticks = increases(&counters, 2, window)?;
    ticks.noted.no_bad_series = no_bad_series;
    // The two counters of one event are not read at the same instant: what is bad before it was counted at
    // all belongs to the next tick.
    let mut early = 0.0;
    let (mut all, mut all_bad) = (0.0, 0.0);
    for tick in &mut ticks.ticks {
        (tick.requests, tick.bad) = (tick.buckets[0], tick.buckets[1]);
        tick.buckets.clear();
        all += tick.requests;
        all_bad += tick.bad;
        let due = tick.bad + early;
        tick.bad = due.min(tick.requests);
        early = due - tick.bad;
    }
    // What is bad at the very end may be counted before it is in the total, since the two are not read at one
    // instant: an arm whose every answer is bad must not lose its evidence over one of them.
    if all_bad > all * 1.01 + 1.0 {
        return Err(absent(
            AbsenceCode::Malformed,
            &format!("{all_bad} events were bad, but only {all} were counted in all"),
        ));
    }
    some_traffic(ticks)
}

/// Events per second.
///
/// # Errors
/// Says why there is no data.
pub fn rate(series: &[RawSeries], window: Window) -> Result<ArmTicks, Absence> {
    some_series(series)?;
    let mut ticks = increases(&Counter::of_each(series, 0)?, 1, window)?;
    for tick in &mut ticks.ticks {
        tick.requests = tick.buckets[0];
        tick.buckets.clear();
    }
    some_traffic(ticks)
}

fn some_series(series: &[RawSeries]) -> Result<(), Absence> {
    if series.is_empty() {
        return Err(absent(AbsenceCode::Empty, "the query matched no series"));
    }
    Ok(())
}

fn some_traffic(ticks: ArmTicks) -> Result<ArmTicks, Absence> {
    if ticks.ticks.iter().all(|tick| tick.requests == 0.0) {
        return Err(absent(AbsenceCode::NoTraffic, "the counters are there, but nothing was counted"));
    }
    Ok(ticks)
}

/// Counts the ticks of the window that `ticks` leaves out, and refuses an arm that has fallen silent.
/// A part of a tick at either end of the window is not missing.
fn accounted(
    ticks: Vec<Tick>,
    saw_not_a_number: bool,
    needed: &str,
    window: Window,
) -> Result<ArmTicks, Absence> {
    let tick = window.tick.0.max(1);
    let nothing = |message: String| {
        if saw_not_a_number {
            absent(AbsenceCode::NotANumber, &format!("samples are NaN or infinite; {message}"))
        } else {
            absent(AbsenceCode::Empty, &message)
        }
    };
    let Some(last) = ticks.last().map(|tick| tick.end) else {
        return Err(nothing(format!("the window has no {needed}")));
    };
    let mut missing = 0;
    let mut covered = window.start;
    for (at, tick_with_data) in ticks.iter().enumerate() {
        let gap = tick_with_data.end.before(tick_with_data.span).since(covered).0;
        missing += if at == 0 { gap / tick } else { (gap + tick / 2) / tick };
        covered = tick_with_data.end;
    }
    let silent = window.end.since(last).0 / tick;
    if silent >= SILENT {
        return Err(nothing(format!("the last usable sample is {} old", window.end.since(last))));
    }
    let missing = u32::try_from(missing + silent).unwrap_or(u32::MAX);
    Ok(ArmTicks { ticks, missing, ..ArmTicks::default() })
}

#[cfg(test)]
mod tests;
