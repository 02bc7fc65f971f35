//! What a comparison finds, in a line each: level, id, place, and the operations that it reaches.

mod hostile;
mod hostile_schemas;
mod lifecycle;
mod operations;
mod reach;
mod schemas;
mod security;

use std::fmt::Write as _;

use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::Report;
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;

/// The report on two texts, judged on 2026-06-01.
pub(super) fn report(base: &str, revision: &str) -> Report {
    let (old, old_defects) = read("base.yaml", base.as_bytes());
    let (new, new_defects) = read("revision.yaml", revision.as_bytes());
    let options = Options { today: Some(jiff::civil::date(2026, 6, 1)), ..Options::default() };
    compare(&lower(&old, old_defects), &lower(&new, new_defects), &options)
}

/// The findings of a report, a line each.
pub(super) fn lines(report: &Report) -> String {
    let mut lines = String::new();
    for finding in &report.findings {
        let reached: Vec<_> =
            report.reached(finding).map(|name| format!("{} {}", name.method, name.path)).collect();
        let reached = if reached.is_empty() { String::new() } else { format!("  [{}]", reached.join(", ")) };
        let _ = writeln!(lines, "{} {}: {}{reached}", finding.level.as_str(), finding.id, finding.message);
    }
    lines
}

/// The findings on two texts, a line each.
pub(super) fn findings(base: &str, revision: &str) -> String {
    lines(&report(base, revision))
}

/// A description whose paths are `paths`.
pub(super) fn api(paths: &str) -> String {
    format!("openapi: 3.1.0\ninfo: {{ title: t, version: '1' }}\npaths:\n{}", indented(paths, 2))
}

/// `text` with every line moved to the right.
pub(super) fn indented(text: &str, by: usize) -> String {
    let space = " ".repeat(by);
    text.lines().map(|line| format!("{space}{line}\n")).collect()
}
