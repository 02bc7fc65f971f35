//! What the canary bench found: a table, JSON, and a page with plots. Pure.
//!
//! `Bench` holds the figures; the renderers only lay them out, in the order of the scenarios and of the judges.

mod curve;
pub mod html;
pub mod looks;
mod plot;
pub mod power;
pub mod text;

use crate::simulate::scenario::{Kind, Scenario};
use crate::simulate::tally::Row;

/// The figures of one bench.
#[derive(Debug, Clone, PartialEq)]
pub struct Bench {
    /// The seed of all random numbers.
    pub seed: u64,
    /// Names and descriptions of the judges.
    pub judges: Vec<(String, String)>,
    /// The scenarios.
    pub scenarios: Vec<Scenario>,
    /// One for each scenario and judge, scenarios first.
    pub rows: Vec<Row>,
    /// One rollout of each scenario, as a judge saw it look by look; none where that was not asked for.
    pub examples: Vec<looks::Teller>,
}

/// What a judge is over all scenarios of a kind that count in means.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Mean {
    /// Scenarios that count.
    pub scenarios: usize,
    /// Mean of the shares that were rolled back.
    pub rollback: f64,
    /// The greatest of these shares.
    pub worst_rollback: f64,
    /// The greatest upper end of their intervals.
    pub worst_bound: f64,
    /// Mean of the shares that were promoted.
    pub promote: f64,
    /// Mean of the median times to a rollback in seconds, where there was one.
    pub time_to_rollback: Option<f64>,
    /// Mean of the requests that the canary got before a rollback, where there was one.
    pub canary_requests: Option<f64>,
}

impl Bench {
    /// The rows as JSON: an array with one object for each scenario and judge.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{}\n", serde_json::to_string_pretty(&self.rows)?))
    }

    /// The figures of a judge in a scenario.
    #[must_use]
    pub fn row(&self, scenario: &str, judge: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.scenario == scenario && row.judge == judge)
    }

    /// The scenarios of a kind.
    fn of(&self, kind: Kind) -> impl Iterator<Item = &Scenario> {
        self.scenarios.iter().filter(move |scenario| scenario.kind == kind)
    }

    /// The means of a judge over the scenarios of a kind that count; none where none does.
    #[must_use]
    pub fn mean(&self, kind: Kind, judge: &str) -> Option<Mean> {
        let counted = self.of(kind).filter(|scenario| scenario.in_mean);
        let rows: Vec<&Row> = counted.filter_map(|scenario| self.row(scenario.name, judge)).collect();
        let mean =
            |values: Vec<f64>| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        let most = |value: fn(&Row) -> f64| rows.iter().map(|row| value(row)).fold(0.0, f64::max);
        Some(Mean {
            scenarios: rows.len(),
            rollback: mean(rows.iter().map(|row| row.rollback_rate.value).collect())?,
            worst_rollback: most(|row| row.rollback_rate.value),
            worst_bound: most(|row| row.rollback_rate.high),
            promote: mean(rows.iter().map(|row| row.promote_rate.value).collect())?,
            time_to_rollback: mean(rows.iter().filter_map(|row| row.time_to_rollback.median).collect()),
            canary_requests: mean(
                rows.iter().filter_map(|row| row.canary_requests_before_rollback).collect(),
            ),
        })
    }

    /// How many replicates the scenarios of a kind have.
    fn replicates(&self, kind: Kind) -> u64 {
        let of_kind = self.rows.iter().filter(|row| row.kind == kind.as_str());
        of_kind.map(|row| row.replicates).max().unwrap_or(0)
    }
}

/// A share in percent.
fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

/// Seconds as minutes, as long as they are many.
fn minutes(seconds: f64) -> String {
    if seconds < 120.0 { format!("{seconds:.0} s") } else { format!("{:.1} min", seconds / 60.0) }
}
