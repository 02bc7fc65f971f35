//! The bench as tables for a terminal.

use std::fmt::Write as _;

use super::{Bench, minutes, percent};
use crate::simulate::scenario::Kind;
use crate::simulate::tally::Row;
use crate::support::text;

/// Width of the column of names.
const NAMES: usize = 22;
/// Least width of a judge's column.
const JUDGE: usize = 15;

/// All tables.
#[must_use]
pub fn page(bench: &Bench) -> String {
    let mut page = String::new();
    let _ = writeln!(
        page,
        "canary bench, seed {}: {} replicates of each scenario without a regression, {} of each with one",
        bench.seed,
        bench.replicates(Kind::Null),
        bench.replicates(Kind::Regression)
    );
    page.push_str("shares in % with the upper end of their exact 95 % interval (Clopper-Pearson); * is left out of the mean\n");
    let mean = |kind: Kind| move |judge: &str| bench.mean(kind, judge);
    let rolled_back =
        |row: &Row| format!("{} ≤{}", percent(row.rollback_rate.value), percent(row.rollback_rate.high));
    let at_least =
        |row: &Row| format!("{} ≥{}", percent(row.rollback_rate.value), percent(row.rollback_rate.low));
    let time = |row: &Row| row.time_to_rollback.median.map_or_else(|| "-".into(), minutes);
    let promoted = |row: &Row| {
        let time =
            row.time_to_promote.median.map(|seconds| format!(" {}", minutes(seconds))).unwrap_or_default();
        format!("{}{time}", percent(row.promote_rate.value))
    };
    table(&mut page, bench, Kind::Null, "false rollbacks", rolled_back);
    mean_line(&mut page, bench, |judge| mean(Kind::Null)(judge).map(|mean| percent(mean.rollback)));
    table(&mut page, bench, Kind::Null, "promoted, and when (median)", promoted);
    table(&mut page, bench, Kind::Regression, "detected: rolled back", at_least);
    mean_line(&mut page, bench, |judge| mean(Kind::Regression)(judge).map(|mean| percent(mean.rollback)));
    table(&mut page, bench, Kind::Regression, "time to rollback (median)", time);
    summary(&mut page, bench);
    page
}

fn widths(bench: &Bench) -> Vec<usize> {
    bench.judges.iter().map(|(name, _)| name.chars().count().max(JUDGE) + 2).collect()
}

fn line(page: &mut String, bench: &Bench, name: &str, cell: impl Fn(&str) -> String) {
    let _ = write!(page, "{name:NAMES$}");
    for ((judge, _), width) in bench.judges.iter().zip(widths(bench)) {
        let _ = write!(page, "{:>width$}", cell(judge));
    }
    page.push('\n');
}

fn table(page: &mut String, bench: &Bench, kind: Kind, title: &str, cell: impl Fn(&Row) -> String) {
    if bench.of(kind).next().is_none() {
        return;
    }
    page.push('\n');
    line(page, bench, title, |_| String::new());
    line(page, bench, "", |judge| text::line(judge, 40));
    for scenario in bench.of(kind) {
        let mark = if scenario.in_mean { "" } else { " *" };
        let name = format!("{}{mark}", scenario.name);
        line(page, bench, &name, |judge| bench.row(scenario.name, judge).map_or_else(String::new, &cell));
    }
}

fn mean_line(page: &mut String, bench: &Bench, cell: impl Fn(&str) -> Option<String>) {
    line(page, bench, "mean", |judge| cell(judge).unwrap_or_else(|| "-".into()));
}

fn summary(page: &mut String, bench: &Bench) {
    page.push_str("\njudges\n");
    for (name, about) in &bench.judges {
        let _ = writeln!(page, "  {:16} {}", text::line(name, 40), text::line(about, text::SHOWN));
        let mut told = Vec::new();
        if let Some(null) = bench.mean(Kind::Null, name) {
            told.push(format!(
                "false rollbacks {} % on average over {}, at worst {} % (at most {} %)",
                percent(null.rollback),
                null.scenarios,
                percent(null.worst_rollback),
                percent(null.worst_bound)
            ));
        }
        if let Some(regression) = bench.mean(Kind::Regression, name) {
            told.push(format!(
                "detects {} % on average over {}, promotes {} % of the bad ones",
                percent(regression.rollback),
                regression.scenarios,
                percent(regression.promote)
            ));
            if let (Some(time), Some(requests)) = (regression.time_to_rollback, regression.canary_requests) {
                told.push(format!(
                    "rolls back after {} and {requests:.0} canary requests on average",
                    minutes(time)
                ));
            }
        }
        for sentence in told {
            let _ = writeln!(page, "{:19}{sentence}", "");
        }
    }
}
