//! The report of a canary as GitHub's Markdown: a job summary, a comment, a file.
//!
//! Every text goes through `support::text::markdown`, our own sentences too, since they quote. Symbols stand
//! beside words, never instead of them.

use super::canary::{ArmRow, CanaryReport, Kind, LookRow, MetricRow, PolicyRow, fitted};
use super::next::{self, deciding_look};
use super::numbers::{self, NONE};
use super::problems::{Problem, ProblemKind};
use super::publication::Body;
use crate::rollout::record::RunRecord;
use crate::support::text;

/// How many looks and rows of the timeline people are shown.
const ROWS: usize = 60;

/// The report of `record`.
#[must_use]
pub fn render(record: &RunRecord) -> String {
    fitted(record, ROWS, |report| Page::default().report(report))
}

/// The report of `record` in blocks, for readers that allow no more than some bytes: what decided comes first.
#[must_use]
pub fn body(record: &RunRecord) -> Body {
    let report = CanaryReport::of(record, ROWS);
    let laid = |lay: fn(&mut Page, &CanaryReport)| {
        let mut page = Page::default();
        lay(&mut page, &report);
        text::page(page.0.trim_start_matches('\n'))
    };
    let blocks = [
        Page::reasons,
        Page::problems,
        Page::looks,
        Page::last_look,
        |page: &mut Page, report: &CanaryReport| page.policies(&report.policies),
        Page::timeline,
        Page::left_out,
    ];
    Body {
        head: laid(Page::head),
        blocks: blocks.into_iter().map(laid).filter(|block| !block.is_empty()).collect(),
        tail: laid(Page::footer),
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn report(mut self, report: &CanaryReport) -> String {
        self.head(report);
        self.looks(report);
        self.reasons(report);
        self.last_look(report);
        self.problems(report);
        self.policies(&report.policies);
        self.timeline(report);
        self.left_out(report);
        self.footer(report);
        self.0
    }

    fn head(&mut self, report: &CanaryReport) {
        self.line(&format!("## {} {}", next::symbol(report), escaped(&report.headline)));
        self.summary(report);
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line(&format!("\n### {heading}\n"));
    }

    fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn summary(&mut self, report: &CanaryReport) {
        let summary: Vec<_> = report.summary.iter().map(|sentence| escaped(sentence)).collect();
        self.line(&format!("\n{}", summary.join(" ")));
        if report.next.is_empty() {
            return;
        }
        if report.action_required {
            self.line("\n> [!CAUTION]");
            for (at, advice) in report.next.iter().enumerate() {
                if at > 0 {
                    self.line(">");
                }
                self.line(&format!("> **{}**", escaped(advice)));
            }
        } else {
            self.line("");
            for advice in &report.next {
                self.line(&format!("- {}", escaped(advice)));
            }
        }
    }

    fn looks(&mut self, report: &CanaryReport) {
        if report.looks.is_empty() {
            return;
        }
        let columns = columns(report);
        self.heading("Looks");
        let titles: Vec<_> = columns.iter().map(|(name, p95)| format!("{}{p95}", escaped(name))).collect();
        let all = |middle: &[String], first: [&str; 4], last: &str| {
            let cells: Vec<_> =
                first.into_iter().chain(middle.iter().map(String::as_str)).chain([last]).collect();
            format!("| {} |", cells.join(" | "))
        };
        self.line(&all(&titles, ["look", "time", "step", "requests"], "verdict"));
        let rules = vec!["---:".to_owned(); columns.len()];
        self.line(&all(&rules, ["---:", "---:", ":---", "---:"], ":---"));
        let mut before: Option<u32> = None;
        for look in &report.looks {
            if before.is_some_and(|before| before + 1 < look.look) {
                let gap = vec!["⋮".to_owned(); columns.len()];
                self.line(&all(&gap, ["⋮", "⋮", "⋮", "⋮"], "⋮"));
            }
            before = Some(look.look);
            let cells: Vec<_> = columns.iter().map(|(name, _)| pair(look, name)).collect();
            let step =
                format!("{}/{} · {} %", look.step, report.steps.len() + report.left_out.steps, look.weight);
            let verdict = format!("{} {}", next::verdict_symbol(look.verdict), look.verdict.name());
            let blocked = if look.blocked_by.is_empty() { "" } else { " ⚠️" };
            self.line(&all(
                &cells,
                [&look.look.to_string(), &next::since(look.elapsed_ms), &step, &requests(look)],
                &format!("{verdict}{blocked}"),
            ));
        }
        self.line("\nPairs are canary / baseline, over the window of the look.");
    }

    fn reasons(&mut self, report: &CanaryReport) {
        let Some(look) = deciding_look(report).filter(|look| !look.reasons.is_empty()) else { return };
        self.heading(&format!("Reasons of look {}", look.look));
        for reason in &look.reasons {
            let metric =
                reason.metric.as_ref().map(|name| format!(" on *{}*", escaped(name))).unwrap_or_default();
            self.line(&format!(
                "- {}**{}** · {}{metric}: {}",
                next::grade_symbol(reason.severity),
                reason.severity.name(),
                escaped(&reason.policy),
                escaped(&reason.text)
            ));
        }
    }

    fn last_look(&mut self, report: &CanaryReport) {
        let Some(look) = report.looks.last().filter(|look| !look.metrics.is_empty()) else { return };
        self.heading(&format!("Metrics at look {}", look.look));
        self.row(["metric", "canary", "baseline", "state"]);
        self.row([":---", "---:", "---:", ":---"]);
        for metric in &look.metrics {
            let state =
                if metric.state == "ok" { "ok".into() } else { format!("⚠️ {}", escaped(&metric.state)) };
            let shown = |arm: &ArmRow| escaped(&arm_in_full(metric, arm));
            self.row([&escaped(&metric.name), &shown(&metric.canary), &shown(&metric.baseline), &state]);
        }
    }

    fn problems(&mut self, report: &CanaryReport) {
        let groups = [
            (
                ProblemKind::Fault,
                "Policies that broke",
                "A policy that breaks never votes; the gate does not advance without it.",
            ),
            (
                ProblemKind::Driver,
                "Weights that could not be set",
                "Shifting was tried again where that could help.",
            ),
            (
                ProblemKind::Refusal,
                "Policies that declined to judge",
                "They work, but had no verdict; the gate does not advance without one.",
            ),
            (
                ProblemKind::NoData,
                "Metrics without data",
                "Missing data is never evidence, in either direction.",
            ),
        ];
        for (kind, heading, meaning) in groups {
            let problems: Vec<_> = report.problems.iter().filter(|problem| problem.kind == kind).collect();
            if problems.is_empty() {
                continue;
            }
            self.heading(&format!("{heading} ({})", problems.len()));
            self.line(&format!("{meaning}\n"));
            for problem in problems {
                self.problem(problem);
            }
        }
    }

    fn problem(&mut self, problem: &Problem) {
        let code = problem.code.as_ref().map(|code| format!(" · `{code}`")).unwrap_or_default();
        self.line(&format!(
            "- **{}**{code} · {}: {}",
            escaped(&problem.subject),
            occasions(problem),
            escaped(&problem.message)
        ));
        if let Some(mend) = &problem.mend {
            self.line(&format!("  - Mend: {}", escaped(mend)));
        }
    }

    fn policies(&mut self, policies: &[PolicyRow]) {
        if policies.is_empty() {
            return;
        }
        self.line("\n<details><summary>Policies</summary>\n");
        self.row(["in the gate", "policy", "SHA-256", "judged", "fuel", "memory"]);
        self.row([":---", ":---", ":---", "---:", ":---", "---:"]);
        for policy in policies {
            let digest = policy.digest.as_ref().map_or(NONE.into(), |digest| {
                format!("`{}`", digest.chars().filter(char::is_ascii_hexdigit).take(16).collect::<String>())
            });
            self.row([
                &escaped(&policy.id),
                &escaped(&policy.policy),
                &digest,
                &numbers::counted(u64::from(policy.judged), "look"),
                &escaped(&fuel(policy)),
                &policy.memory_bytes.map_or(NONE.into(), memory),
            ]);
        }
        self.line("\n</details>");
    }

    fn timeline(&mut self, report: &CanaryReport) {
        if report.timeline.is_empty() {
            return;
        }
        self.line("\n<details><summary>Timeline</summary>\n");
        self.row(["time", "UTC", "event"]);
        self.row(["---:", ":---", ":---"]);
        let gap = (report.left_out.timeline > 0).then_some(report.timeline.len() / 2);
        for (at, row) in report.timeline.iter().enumerate() {
            if gap == Some(at) {
                self.row(["⋮", "⋮", "⋮"]);
            }
            let event = format!("{}{}", next::grade_symbol(row.grade), escaped(&row.sentence()));
            self.row([&next::since(row.elapsed_ms), row.at.get(11..19).unwrap_or(&row.at), &event]);
        }
        self.line("\n</details>");
    }

    fn left_out(&mut self, report: &CanaryReport) {
        let missing = missing(report);
        if !missing.is_empty() {
            self.line(&format!("\n*Left out here, and in the record of the run: {}.*", missing.join(", ")));
        }
    }

    fn footer(&mut self, report: &CanaryReport) {
        let mut facts = vec![
            format!("run {}", escaped(&report.run_id)),
            format!("began {}", next::utc(&report.began)),
            format!("plan {}", escaped(&next::plan(report))),
            format!("traffic by {}", escaped(&report.driver)),
        ];
        let named =
            [("environment", &report.environment), ("commit", &report.commit), ("started by", &report.actor)];
        facts.extend(
            named
                .into_iter()
                .filter_map(|(what, value)| value.as_ref().map(|value| format!("{what} {}", escaped(value)))),
        );
        self.line(&format!("\n<sub>{}</sub>", facts.join(" · ")));
    }
}

fn escaped(foreign: &str) -> String {
    text::markdown(foreign, text::SHOWN)
}

/// The metrics that have a column in the table of looks, each with what its title says besides its name: the
/// first ratio and the first latency.
pub(super) fn columns(report: &CanaryReport) -> Vec<(String, &'static str)> {
    [(Kind::Ratio, ""), (Kind::Latency, " P95")]
        .into_iter()
        .filter_map(|(kind, title)| {
            let metrics = report.looks.iter().rev().flat_map(|look| &look.metrics);
            metrics.into_iter().find(|metric| metric.kind == kind).map(|metric| (metric.name.clone(), title))
        })
        .collect()
}

/// What a report leaves out, in words.
pub(super) fn missing(report: &CanaryReport) -> Vec<String> {
    let left_out = &report.left_out;
    [
        (left_out.looks, "look"),
        (left_out.timeline, "event"),
        (left_out.steps, "step"),
        (left_out.metrics, "metric"),
        (left_out.reasons, "reason"),
        (left_out.problems, "problem"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, noun)| numbers::counted(number as u64, noun))
    .chain((left_out.policies > 0).then(|| format!("policies: {}", left_out.policies)))
    .collect()
}

/// How often and when a problem was met.
pub(super) fn occasions(problem: &Problem) -> String {
    match (problem.first_look, problem.last_look) {
        (Some(first), Some(last)) if first == last => format!("look {first}"),
        (Some(first), Some(last)) => {
            format!("{}, from look {first} to {last}", numbers::counted(u64::from(problem.times), "time"))
        }
        _ => numbers::counted(u64::from(problem.times), "time"),
    }
}

/// The requests of both arms at a look, by the metric that counts them.
pub(super) fn requests(look: &LookRow) -> String {
    [Kind::Ratio, Kind::Latency, Kind::Rate]
        .into_iter()
        .find_map(|kind| look.metrics.iter().find(|metric| metric.kind == kind))
        .filter(|metric| metric.canary.requests > 0 || metric.baseline.requests > 0)
        .map_or(NONE.into(), |metric| {
            format!(
                "{} / {}",
                numbers::count(metric.canary.requests),
                numbers::count(metric.baseline.requests)
            )
        })
}

/// The values of both arms of the metric `name` at a look.
pub(super) fn pair(look: &LookRow, name: &str) -> String {
    look.metrics.iter().find(|metric| metric.name == name).map_or(NONE.into(), |metric| {
        format!("{} / {}", value(metric, &metric.canary), value(metric, &metric.baseline))
    })
}

fn value(metric: &MetricRow, arm: &ArmRow) -> String {
    arm.value.map_or(NONE.into(), |value| numbers::value(metric.kind.into(), value, &metric.unit))
}

/// All that a report says of one arm of a metric.
pub(super) fn arm_in_full(metric: &MetricRow, arm: &ArmRow) -> String {
    let value = value(metric, arm);
    match (metric.kind, arm.p50) {
        _ if arm.value.is_none() => value,
        (Kind::Ratio, _) => {
            format!("{value} ({} of {})", numbers::count(arm.bad), numbers::count(arm.requests))
        }
        (Kind::Latency, Some(p50)) => format!("P50 {}, P95 {value}", numbers::latency(p50)),
        (Kind::Latency, None) => format!("P95 {value}"),
        (Kind::Rate | Kind::Gauge, _) => value,
    }
}

/// How much of its fuel a policy used at most.
pub(super) fn fuel(policy: &PolicyRow) -> String {
    match (policy.fuel, policy.fuel_limit) {
        (Some(fuel), Some(limit)) if limit > 0 => {
            let compiler = policy.strategy.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            format!("used {} of its fuel{compiler}", numbers::percent(fuel as f64 / limit as f64))
        }
        _ => NONE.into(),
    }
}

/// An amount of memory: `1.1 MiB`.
pub(super) fn memory(bytes: u64) -> String {
    if bytes < 1 << 20 {
        format!("{} KiB", bytes.div_ceil(1 << 10))
    } else {
        format!("{} MiB", numbers::digits(bytes as f64 / f64::from(1 << 20), 3))
    }
}
