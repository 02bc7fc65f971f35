//! The report of a canary as plain text: the end of a run in a terminal or a log, and `canary status`.
//!
//! No colour and no control sequence; tables are aligned with spaces.

use super::canary::{CanaryReport, fitted};
use super::markdown::{arm_in_full, columns, fuel, memory, missing, occasions, pair, requests};
use super::next::{self, deciding_look};
use super::numbers;
use super::problems::ProblemKind;
use crate::rollout::record::RunRecord;

/// How many looks and rows of the timeline people are shown.
const ROWS: usize = 24;

/// The report of `record`.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    fitted(record, ROWS, sheet)
}

fn sheet(report: &CanaryReport) -> String {
    let mut lines = vec![report.headline.clone(), String::new()];
    lines.extend(report.summary.iter().cloned());
    let mark = if report.action_required { "ATTENTION: " } else { "" };
    lines.extend(report.next.iter().map(|advice| format!("{mark}{advice}")));
    section(&mut lines, "looks (canary / baseline)", looks(report));
    if let Some(look) = deciding_look(report) {
        let reasons = look
            .reasons
            .iter()
            .map(|reason| format!("  {}: {}: {}", reason.severity.name(), reason.policy, reason.text));
        section(&mut lines, &format!("reasons of look {}", look.look), reasons.collect());
        let metrics = look.metrics.iter().map(|metric| {
            vec![
                metric.name.clone(),
                format!("canary {}", arm_in_full(metric, &metric.canary)),
                format!("baseline {}", arm_in_full(metric, &metric.baseline)),
                metric.state.clone(),
            ]
        });
        section(&mut lines, &format!("metrics at look {}", look.look), aligned(&metrics.collect::<Vec<_>>()));
    }
    section(&mut lines, "problems", problems(report));
    section(&mut lines, "policies", policies(report));
    section(&mut lines, "timeline", timeline(report));
    let missing = missing(report);
    if !missing.is_empty() {
        lines.push(format!("\nleft out here, and in the record of the run: {}", missing.join(", ")));
    }
    lines.push(String::new());
    lines.push(format!("run {}, began {}", report.run_id, next::utc(&report.began)));
    lines.push(format!("plan {}", next::plan(report)));
    lines.push(format!("traffic by {}", report.driver));
    lines.join("\n") + "\n"
}

fn section(lines: &mut Vec<String>, heading: &str, body: Vec<String>) {
    if !body.is_empty() {
        lines.push(String::new());
        lines.push(heading.to_owned());
        lines.extend(body);
    }
}

fn looks(report: &CanaryReport) -> Vec<String> {
    if report.looks.is_empty() {
        return Vec::new();
    }
    let names: Vec<_> = columns(report).into_iter().map(|(name, _)| name).collect();
    let mut rows = vec![vec!["look".to_owned(), "time".into(), "step".into(), "requests".into()]];
    rows[0].extend(columns(report).into_iter().map(|(name, p95)| format!("{name}{p95}")));
    rows[0].push("verdict".into());
    let mut before = None;
    for look in &report.looks {
        if before.is_some_and(|before: u32| before + 1 < look.look) {
            rows.push(vec!["...".into()]);
        }
        before = Some(look.look);
        let mut row = vec![
            look.look.to_string(),
            next::since(look.elapsed_ms),
            format!("{}, {} %", look.step, look.weight),
            requests(look),
        ];
        row.extend(names.iter().map(|name| pair(look, name)));
        row.push(look.verdict.name().into());
        rows.push(row);
    }
    aligned(&rows)
}

fn problems(report: &CanaryReport) -> Vec<String> {
    let mut lines = Vec::new();
    for problem in &report.problems {
        let kind = match problem.kind {
            ProblemKind::Fault => "policy broke",
            ProblemKind::Driver => "weight not set",
            ProblemKind::Refusal => "policy declined",
            ProblemKind::NoData => "no data",
        };
        let code = problem.code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
        lines.push(format!(
            "  {kind}: {}{code} ({}): {}",
            problem.subject,
            occasions(problem),
            problem.message
        ));
        lines.extend(problem.mend.as_ref().map(|mend| format!("    mend: {mend}")));
    }
    lines
}

fn policies(report: &CanaryReport) -> Vec<String> {
    let rows: Vec<_> = report
        .policies
        .iter()
        .map(|policy| {
            vec![
                policy.id.clone(),
                policy.policy.clone(),
                policy
                    .digest
                    .as_ref()
                    .map_or(numbers::NONE.into(), |digest| digest.chars().take(16).collect()),
                format!("judged {}", numbers::counted(u64::from(policy.judged), "look")),
                fuel(policy),
                policy.memory_bytes.map_or(numbers::NONE.into(), memory),
            ]
        })
        .collect();
    aligned(&rows)
}

fn timeline(report: &CanaryReport) -> Vec<String> {
    let gap = (report.left_out.timeline > 0).then_some(report.timeline.len() / 2);
    let mut rows = Vec::new();
    for (at, row) in report.timeline.iter().enumerate() {
        if gap == Some(at) {
            rows.push(vec!["...".to_owned()]);
        }
        rows.push(vec![next::since(row.elapsed_ms), row.sentence()]);
    }
    aligned(&rows)
}

/// Rows with their columns under each other, indented by two.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<_> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    rows.iter()
        .map(|row| {
            let cells: Vec<_> = row
                .iter()
                .zip(&widths)
                .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.chars().count())))
                .collect();
            format!("  {}", cells.join("  ")).trim_end().to_owned()
        })
        .collect()
}
