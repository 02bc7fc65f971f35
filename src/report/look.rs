//! The report of one look. Pure.

use std::fmt::Write as _;

use super::numbers;
use crate::rollout::record::LookRecord;
use crate::snapshot::model::{Arm, Metric, MetricKind, MetricState};
use crate::support::text;
use crate::verdict::model::{Answer, Member, Refusal, Severity, Verdict};

/// As plain text.
#[must_use]
pub fn plain(look: &LookRecord) -> String {
    let position = &look.snapshot.position;
    let mut shown = format!(
        "look {} at {}, step {} of {}, {}: {}\n",
        look.look,
        numbers::utc(look.at),
        position.step + 1,
        position.steps,
        position.weight,
        verdict(look.decision.verdict)
    );
    for metric in &look.snapshot.metrics {
        let _ = writeln!(
            shown,
            "  {}: {}; canary {}; baseline {}",
            text::line(&metric.name, 100),
            state(metric),
            arm(metric, &metric.canary),
            arm(metric, &metric.baseline)
        );
    }
    for member in &look.members {
        for line in answer(member) {
            let _ = writeln!(shown, "  {line}");
        }
    }
    shown
}

/// As Markdown.
#[must_use]
pub fn markdown(look: &LookRecord) -> String {
    let escaped = |line: &str| text::markdown(line, 4 * text::SHOWN);
    let plain = plain(look);
    let mut lines = plain.lines();
    let heading = lines.next().unwrap_or_default();
    let items: Vec<_> = lines.map(|line| format!("- {}", escaped(line))).collect();
    format!("### {}\n\n{}\n", escaped(heading), items.join("\n"))
}

/// As JSON: the record itself, as a run keeps it.
#[must_use]
pub fn json(look: &LookRecord) -> String {
    // A record holds nothing that JSON cannot.
    serde_json::to_string_pretty(look).unwrap_or_default() + "\n"
}

fn state(metric: &Metric) -> String {
    match &metric.state {
        MetricState::Ok => "ok".into(),
        MetricState::WarmingUp => "warming up".into(),
        MetricState::NoData(absence) => {
            format!("no data ({}: {})", absence.code.as_str(), text::line(&absence.message, 300))
        }
    }
}

fn arm(metric: &Metric, arm: &Arm) -> String {
    let value =
        arm.value.map_or_else(|| "none".into(), |value| numbers::value(metric.kind, value, &metric.unit));
    let what = if metric.kind == MetricKind::Latency { "P95 " } else { "" };
    if metric.kind == MetricKind::Gauge {
        return value;
    }
    format!("{what}{value} of {}", numbers::counted(arm.requests, "request"))
}

fn answer(member: &Member) -> Vec<String> {
    let name = format!("{} {}", member.id, text::line(&member.policy, 200));
    match &member.answer {
        Answer::Outcome(outcome) => {
            let mut lines = vec![format!("{name}: {}", verdict(outcome.verdict))];
            lines.extend(outcome.reasons.iter().map(|reason| {
                let severity = match reason.severity {
                    Severity::Info => "info",
                    Severity::Warning => "warning",
                    Severity::Critical => "critical",
                };
                format!("  {severity}: {}", text::line(&reason.text, text::SHOWN))
            }));
            lines
        }
        Answer::Refusal(Refusal::BadSettings(why) | Refusal::InsufficientData(why) | Refusal::Other(why)) => {
            vec![format!("{name}: declined: {}", text::line(why, text::SHOWN))]
        }
        Answer::Fault(fault) => {
            let mut lines = vec![format!("{name}: broke: {}", text::line(&fault.to_string(), text::SHOWN))];
            lines.extend(fault.mend.iter().map(|mend| format!("  mend: {}", text::line(mend, text::SHOWN))));
            lines
        }
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Advance(_) => "advance",
        Verdict::Promote => "promote",
        Verdict::Hold(_) => "hold",
        Verdict::Rollback => "rollback",
    }
}
