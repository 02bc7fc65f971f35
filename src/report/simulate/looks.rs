//! One rollout, look by look: the evidence as curves, and what was said. As a page, or for a terminal. Pure.
//!
//! The curves come from the numbers that each look carries, and from nothing else: a judge that gives none has none.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::curve::{Band, Chart, Curve, Level};
use super::plot;
use crate::simulate::judge::Decision;
use crate::support::text;

const STYLE: &str = include_str!("page.css");

/// Looks that a page tells in words: the first ones and the last ones of a judge, and every change of its mind.
const TOLD: usize = 40;

/// A rollout as several judges saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Story {
    /// What was judged.
    pub title: String,
    /// The judges, in the order in which they were asked.
    pub judges: Vec<Teller>,
}

/// What one judge said.
#[derive(Debug, Clone, PartialEq)]
pub struct Teller {
    /// Its name.
    pub name: String,
    /// Its looks, in the order of time.
    pub looks: Vec<Look>,
}

/// One look.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// When, in seconds.
    pub t: f64,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub reasons: Vec<String>,
    /// In numbers.
    pub evidence: Value,
}

/// What a metric showed at one look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Point {
    t: f64,
    against: Option<f64>,
    against_at: Option<f64>,
    safe: Option<f64>,
    safe_at: Option<f64>,
    ratio: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

impl Teller {
    /// For each metric what it showed, look by look; a look after the decision shows nothing.
    fn curves(&self) -> BTreeMap<&str, Vec<Point>> {
        let mut curves: BTreeMap<&str, Vec<Point>> = BTreeMap::new();
        for look in &self.looks {
            let Some(metrics) = look.evidence.get("metrics").and_then(Value::as_object) else { continue };
            for (name, shown) in metrics {
                let number = |key: &str| shown.get(key).and_then(Value::as_f64);
                curves.entry(name).or_default().push(Point {
                    t: look.t,
                    against: number("e-rollback"),
                    against_at: number("e-rollback-needed"),
                    safe: number("e-promote"),
                    safe_at: number("e-promote-needed"),
                    ratio: number("events-ratio"),
                    low: number("events-ratio-low"),
                    high: number("events-ratio-high"),
                });
            }
        }
        curves.retain(|_, points| points.iter().any(|point| point.against.is_some()));
        curves
    }

    /// The decision, and when it was made.
    fn decided(&self) -> Option<(Decision, f64)> {
        let first = self.looks.iter().find(|look| look.decision != Decision::Undecided)?;
        Some((first.decision, first.t))
    }

    /// The looks that are told: those that say something else than the one before, the last ones if they are too many.
    fn told(&self) -> Vec<&Look> {
        let mut told: Vec<&Look> = Vec::new();
        for look in &self.looks {
            let again = told.last().is_some_and(|last| last.reasons == look.reasons);
            if !again {
                told.push(look);
            }
        }
        let from = told.len().saturating_sub(TOLD);
        told.split_off(from)
    }
}

/// The verdict of a judge in a phrase.
fn verdict(teller: &Teller) -> String {
    match teller.decided() {
        Some((decision, t)) => format!("{} at {t} s", decision.as_str()),
        None => "undecided to the end".into(),
    }
}

/// For a terminal: the verdicts, the evidence as sparklines, and the reasons of the last look.
#[must_use]
pub fn text(story: &Story) -> String {
    let mut page = format!("{}\n", text::line(&story.title, text::SHOWN));
    for teller in &story.judges {
        let _ = writeln!(page, "\n{}: {}", text::line(&teller.name, 40), verdict(teller));
        for (name, points) in teller.curves() {
            let name = text::line(name, 40);
            let last = points.iter().rev().find(|point| point.against.is_some());
            let Some(last) = last else { continue };
            let line = |of: fn(&Point) -> Option<f64>, at: Option<f64>| {
                spark(&points.iter().map(of).collect::<Vec<_>>(), at)
            };
            let _ = writeln!(
                page,
                "  {name:20} against {} {}",
                line(|point| point.against, last.against_at),
                reached(last.against, last.against_at, "rolls back")
            );
            let _ = writeln!(
                page,
                "  {:20} safe    {} {}",
                "",
                line(|point| point.safe, last.safe_at),
                reached(last.safe, last.safe_at, "is safe")
            );
            if let (Some(ratio), Some(low), Some(high)) = (last.ratio, last.low, last.high) {
                let _ = writeln!(
                    page,
                    "  {:20} ratio   {} {}, between {} and {} (95 % confidence sequence)",
                    "",
                    line(|point| point.ratio, None),
                    short(ratio),
                    short(low),
                    short(high)
                );
            }
        }
        let spoke = teller.looks.iter().rev().find(|look| !look.evidence.is_null());
        for reason in spoke.map(|look| look.reasons.as_slice()).unwrap_or_default() {
            let _ = writeln!(page, "  {}", text::line(reason, text::SHOWN));
        }
    }
    page
}

fn reached(value: Option<f64>, at: Option<f64>, what: &str) -> String {
    let value = value.map_or_else(|| "-".into(), short);
    at.map_or_else(|| value.clone(), |at| format!("{value} ({what} at {})", short(at)))
}

/// A number in about three digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 1e6 || (size > 0.0 && size < 1e-3) => format!("{value:.1e}"),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// The logarithms of values as bars: the lowest bar is the least of them, the highest `top` or the greatest.
fn spark(values: &[Option<f64>], top: Option<f64>) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const MOST: usize = 60;
    let log = |value: f64| value.max(1e-300).ln();
    let step = values.len().div_ceil(MOST).max(1);
    let shown: Vec<Option<f64>> =
        values.chunks(step).map(|chunk| chunk.iter().rev().find_map(|value| value.map(log))).collect();
    let known = || shown.iter().flatten().copied();
    let low = known().fold(f64::INFINITY, f64::min);
    let high = known().chain(top.map(log)).fold(f64::NEG_INFINITY, f64::max);
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        Some(value) if high > low => {
            let share = (value - low) / (high - low) * 7.0;
            let near = (0..8_u8).min_by(|one, other| {
                (share - f64::from(*one)).abs().total_cmp(&(share - f64::from(*other)).abs())
            });
            BARS[usize::from(near.unwrap_or(0))]
        }
        Some(_) => BARS[0],
    };
    shown.iter().map(bar).collect()
}

/// The curves of one judge, as a part of a page.
#[must_use]
pub fn curves(teller: &Teller) -> String {
    let mut part = String::new();
    for (name, points) in teller.curves() {
        metric(&mut part, name, &points);
    }
    part
}

/// The verdict of one judge in a phrase.
#[must_use]
pub fn ended(teller: &Teller) -> String {
    verdict(teller)
}

/// One page that needs nothing else.
#[must_use]
pub fn page(story: &Story) -> String {
    let title = text::html(&story.title, text::SHOWN);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    );
    page.push_str("<table>\n<thead><tr><th>judge</th><th>verdict</th></tr></thead>\n<tbody>\n");
    for teller in &story.judges {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td></tr>",
            text::html(&teller.name, 60),
            text::html(&verdict(teller), 80)
        );
    }
    page.push_str("</tbody>\n</table>\n");
    for teller in &story.judges {
        let _ = writeln!(page, "<h2>{}</h2>\n{}", text::html(&teller.name, 60), curves(teller));
        reasons(&mut page, teller);
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn metric(page: &mut String, name: &str, points: &[Point]) {
    let of = |value: fn(&Point) -> Option<f64>| -> Vec<(f64, f64)> {
        points.iter().filter_map(|point| Some((point.t, value(point)?))).collect()
    };
    let last = |value: fn(&Point) -> Option<f64>| points.iter().rev().find_map(value);
    let mut levels = vec![Level { value: 1.0, label: "1".into() }];
    if let Some(at) = last(|point| point.against_at) {
        levels.push(Level { value: at, label: format!("rolls back at {}", short(at)) });
    }
    if let Some(at) = last(|point| point.safe_at) {
        levels.push(Level { value: at, label: format!("is safe at {}", short(at)) });
    }
    let evidence = Chart {
        curves: vec![
            Curve {
                points: of(|point| point.against),
                colour: plot::COLOURS[4],
                label: "against the canary",
            },
            Curve { points: of(|point| point.safe), colour: plot::COLOURS[3], label: "that it is safe" },
        ],
        band: None,
        levels,
        least: 1e-3,
        most: 1e6,
    };
    let band = points.iter().filter_map(|point| Some((point.t, point.low?, point.high?))).collect();
    let ratio = Chart {
        curves: vec![Curve {
            points: of(|point| point.ratio),
            colour: plot::COLOURS[0],
            label: "ratio of rates",
        }],
        band: Some(Band { points: band, colour: plot::COLOURS[2] }),
        levels: vec![Level { value: 1.0, label: "the same".into() }],
        least: 0.02,
        most: 50.0,
    };
    let _ = writeln!(
        page,
        "<h3>{}</h3>\n<p>Evidence (e-values), on a logarithmic scale: the odds at which each look speaks for its side.</p>\n{}\n<p>The canary's rate of events over the baseline's, with its 95 % confidence sequence: it holds at all looks at once.</p>\n{}",
        text::html(name, 60),
        evidence.svg(),
        ratio.svg()
    );
}

fn reasons(page: &mut String, teller: &Teller) {
    let _ = writeln!(
        page,
        "<h3>What {} said</h3>\n<table class=\"words\">\n<thead><tr><th>t</th><th>decision</th><th>why</th></tr></thead>\n<tbody>",
        text::html(&teller.name, 60)
    );
    for look in teller.told() {
        let why: Vec<String> = look.reasons.iter().map(|reason| text::html(reason, text::SHOWN)).collect();
        let _ = writeln!(
            page,
            "<tr><td>{} s</td><td>{}</td><td>{}</td></tr>",
            look.t,
            look.decision.as_str(),
            why.join("<br>")
        );
    }
    page.push_str("</tbody>\n</table>\n");
}
