//! The bench as one page that needs nothing else: plots, then every figure.

use std::fmt::Write as _;

use super::{Bench, looks, minutes, percent, plot};
use crate::simulate::scenario::Kind;
use crate::support::text;

const STYLE: &str = include_str!("page.css");

/// The page.
#[must_use]
pub fn page(bench: &Bench) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Canary bench</title>\n",
    );
    let _ = write!(page, "<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>Canary bench</h1>\n");
    let _ = writeln!(
        page,
        "<p>Seed {}; {} replicates of each scenario without a regression, {} of each with one. Bars are exact 95 % intervals (Clopper-Pearson).</p>",
        bench.seed,
        bench.replicates(Kind::Null),
        bench.replicates(Kind::Regression)
    );
    legend(&mut page, bench);
    let mut figure = |title: &str, about: &str, kind: Kind, svg: String| {
        if bench.of(kind).next().is_some() {
            let _ = writeln!(page, "<h2>{title}</h2>\n<p>{about}</p>\n{svg}");
        }
    };
    figure(
        "False rollbacks",
        "Share of canaries that are no worse than the baseline and were rolled back.",
        Kind::Null,
        plot::shares(bench, Kind::Null),
    );
    figure(
        "Detected regressions",
        "Share of canaries that are worse and were rolled back before the deadline.",
        Kind::Regression,
        plot::shares(bench, Kind::Regression),
    );
    figure(
        "Time to rollback",
        "Dots are medians; bars reach to the 90th percentile.",
        Kind::Regression,
        plot::times(bench),
    );
    table(&mut page, bench);
    examples(&mut page, bench);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// One rollout of each scenario, folded away.
fn examples(page: &mut String, bench: &Bench) {
    if bench.examples.is_empty() {
        return;
    }
    page.push_str("<h2>One rollout of each scenario, look by look</h2>\n");
    for (scenario, teller) in bench.scenarios.iter().zip(&bench.examples) {
        let _ = writeln!(
            page,
            "<details><summary>{}: {} ({})</summary>\n{}</details>",
            text::html(scenario.name, 60),
            text::html(scenario.about, text::SHOWN),
            text::html(&looks::ended(teller), 80),
            looks::curves(teller)
        );
    }
}

fn legend(page: &mut String, bench: &Bench) {
    page.push_str("<ul class=\"legend\">\n");
    for (at, (name, about)) in bench.judges.iter().enumerate() {
        let _ = writeln!(
            page,
            "<li><span style=\"background:{}\"></span><b>{}</b> {}</li>",
            plot::colour(at),
            text::html(name, 60),
            text::html(about, text::SHOWN)
        );
    }
    page.push_str("</ul>\n");
}

fn table(page: &mut String, bench: &Bench) {
    page.push_str("<h2>All figures</h2>\n<table>\n<thead><tr><th>scenario</th><th>judge</th><th>replicates</th><th>rollback</th><th>95 % interval</th><th>promote</th><th>undecided</th><th>time to rollback</th><th>p90</th><th>time to promote</th><th>canary requests before rollback</th></tr></thead>\n<tbody>\n");
    for row in &bench.rows {
        let about =
            bench.scenarios.iter().find(|scenario| scenario.name == row.scenario).map_or("", |it| it.about);
        let time = |seconds: Option<f64>| seconds.map_or_else(|| "-".into(), minutes);
        let undecided = row.undecided as f64 / row.replicates.max(1) as f64;
        let _ = writeln!(
            page,
            "<tr class=\"{}\"><td title=\"{}\">{}</td><td>{}</td><td>{}</td><td>{} %</td><td>{} to {}</td><td>{} %</td><td>{} %</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            text::html(&row.kind, 20),
            text::html(about, text::SHOWN),
            text::html(&row.scenario, 60),
            text::html(&row.judge, 60),
            row.replicates,
            percent(row.rollback_rate.value),
            percent(row.rollback_rate.low),
            percent(row.rollback_rate.high),
            percent(row.promote_rate.value),
            percent(undecided),
            time(row.time_to_rollback.median),
            time(row.time_to_rollback.p90),
            time(row.time_to_promote.median),
            row.canary_requests_before_rollback
                .map_or_else(|| "-".into(), |requests| format!("{requests:.0}"))
        );
    }
    page.push_str("</tbody>\n</table>\n");
}
