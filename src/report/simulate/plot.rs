//! Plots of the bench as SVG: for each scenario a line, for each judge a dot with its interval.

use std::fmt::Write as _;

use super::Bench;
use crate::simulate::scenario::Kind;
use crate::simulate::tally::Row;
use crate::support::text;

/// Colours that people with the usual colour deficiencies tell apart (Okabe and Ito, 2008).
pub(super) const COLOURS: [&str; 8] =
    ["#0072b2", "#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#8a8a8a", "#000000"];

const LEFT: f64 = 170.0;
const WIDTH: f64 = 620.0;
const DOT: f64 = 9.0;

/// The colour of the judge at this place.
pub(super) fn colour(at: usize) -> &'static str {
    COLOURS[at % COLOURS.len()]
}

/// The shares that were rolled back, 0 to 100 %.
pub(super) fn shares(bench: &Bench, kind: Kind) -> String {
    let marks: Vec<(f64, String)> =
        (0..=10_u8).map(|tenth| (f64::from(tenth) / 10.0, format!("{} %", tenth * 10))).collect();
    dots(bench, kind, &marks, |row| {
        let rate = row.rollback_rate;
        Some((rate.value, rate.low, rate.high))
    })
}

/// The times to a rollback, from the median to the 90th percentile.
pub(super) fn times(bench: &Bench) -> String {
    let rows = bench.rows.iter().filter(|row| row.kind == Kind::Regression.as_str());
    let longest = rows.filter_map(|row| row.time_to_rollback.p90).fold(60.0, f64::max);
    let step = (longest / 60.0 / 5.0).ceil().max(1.0);
    let marks: Vec<(f64, String)> = (0..=5_u8)
        .map(|at| f64::from(at) * step)
        .filter(|minutes| minutes * 60.0 <= longest)
        .map(|minutes| (minutes * 60.0 / longest, format!("{minutes} min")))
        .collect();
    dots(bench, Kind::Regression, &marks, |row| {
        let median = row.time_to_rollback.median? / longest;
        Some((median, median, row.time_to_rollback.p90.map_or(median, |p90| p90 / longest)))
    })
}

fn dots(
    bench: &Bench,
    kind: Kind,
    marks: &[(f64, String)],
    value: impl Fn(&Row) -> Option<(f64, f64, f64)>,
) -> String {
    let judges = bench.judges.len() as f64;
    let band = (judges * DOT + 8.0).max(18.0);
    let height = bench.of(kind).count() as f64 * band + 30.0;
    let at = |share: f64| LEFT + share.clamp(0.0, 1.0) * WIDTH;
    let mut svg = String::new();
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {} {height:.0}\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">",
        LEFT + WIDTH + 30.0
    );
    for (share, label) in marks {
        let x = at(*share);
        let _ = write!(
            svg,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{:.0}\" class=\"grid\"/><text x=\"{x:.1}\" y=\"{:.0}\" class=\"mark\">{label}</text>",
            height - 24.0,
            height - 8.0
        );
    }
    for (index, scenario) in bench.of(kind).enumerate() {
        let top = index as f64 * band;
        let shade = if index % 2 == 0 { "even" } else { "odd" };
        let _ = write!(
            svg,
            "<rect x=\"0\" y=\"{top:.0}\" width=\"{:.0}\" height=\"{band:.0}\" class=\"{shade}\"/><text x=\"{:.0}\" y=\"{:.0}\" class=\"name\">{}</text>",
            LEFT + WIDTH,
            LEFT - 8.0,
            top + band / 2.0 + 4.0,
            text::html(scenario.name, 60)
        );
        for (place, (judge, _)) in bench.judges.iter().enumerate() {
            let found = bench.row(scenario.name, judge).and_then(&value);
            let Some((middle, low, high)) = found else { continue };
            let (y, colour) = (top + 8.0 + place as f64 * DOT, colour(place));
            let _ = write!(
                svg,
                "<line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\" stroke=\"{colour}\"/><circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>",
                at(low),
                at(high),
                at(middle)
            );
        }
    }
    svg.push_str("</svg>");
    svg
}
