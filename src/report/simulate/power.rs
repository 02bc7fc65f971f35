//! What a gate can see in the traffic that somebody has: the share of regressions of each size that it finds in time.

use std::fmt::Write as _;

use serde::Serialize;

use super::{minutes, percent};
use crate::simulate::tally::Row;
use crate::support::text;

/// A regression of some size, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What is worse.
    pub what: String,
    /// How bad it is, in the unit that `what` names.
    pub factor: f64,
    /// The figures.
    pub row: Row,
}

/// Share of the regressions that has to be found for a size to count as seen.
pub const SEEN: f64 = 0.9;

/// The table for a terminal, with the least size that is seen of each kind.
#[must_use]
pub fn page(traffic: &str, steps: &[Step]) -> String {
    let mut page = format!("what {} can show\n\n", text::line(traffic, text::SHOWN));
    let _ = writeln!(
        page,
        "{:26}{:>8}{:>14}{:>14}{:>12}",
        "worse", "size", "detected %", "median time", "promoted %"
    );
    for step in steps {
        let _ = writeln!(
            page,
            "{:26}{:>8}{:>14}{:>14}{:>12}",
            text::line(&step.what, 40),
            step.factor,
            percent(step.row.rollback_rate.value),
            step.row.time_to_rollback.median.map_or_else(|| "-".into(), minutes),
            percent(step.row.promote_rate.value)
        );
    }
    page.push('\n');
    let mut told: Vec<&str> = Vec::new();
    for step in steps {
        if told.contains(&step.what.as_str()) {
            continue;
        }
        told.push(&step.what);
        let seen =
            steps.iter().find(|other| other.what == step.what && other.row.rollback_rate.value >= SEEN);
        let share = percent(SEEN);
        let most = steps
            .iter()
            .filter(|other| other.what == step.what)
            .map(|other| other.factor)
            .fold(0.0, f64::max);
        let what = text::line(&step.what, 40);
        let _ = match seen {
            Some(seen) => writeln!(page, "{what}: from {} on, {share} % or more are found", seen.factor),
            None => writeln!(
                page,
                "{what}: up to {most}, fewer than {share} % are found: give it more traffic or time"
            ),
        };
    }
    page
}
