//! Gathers what a report of a canary says from the record of its run.

use super::canary::{
    ArmRow, CanaryReport, Cause, Exposure, LeftOut, LookRow, MetricRow, Outcome, PolicyRow, ReasonRow,
    StepRow, VERSION, VerdictName, cut_middle,
};
use super::{next, numbers, problems, timeline};
use crate::rollout::machine::{End, PromotionCause, RollbackCause, Signal};
use crate::rollout::record::{LookRecord, RunRecord};
use crate::snapshot::model::{self, MetricKind, MetricState};
use crate::stats::histogram;
use crate::support::text;
use crate::support::units::{Millis, Timestamp};
use crate::verdict::model::{Answer, Member, Reason, Verdict};

const MOST_STEPS: usize = 100;
const MOST_METRICS: usize = 32;
const MOST_REASONS: usize = 12;
const MOST_POLICIES: usize = 32;

/// How much of a name is shown.
pub(super) const NAME: usize = 120;

/// How much of a sentence is shown.
pub(super) const SENTENCE: usize = 400;

impl CanaryReport {
    /// The report of `record` with at most `rows` looks and rows of its timeline.
    #[must_use]
    pub fn of(record: &RunRecord, rows: usize) -> Self {
        let context = &record.header.context;
        let named = |text: &Option<String>| text.as_deref().map(|text| text::line(text, NAME));
        let began = record.lines.first().map_or(record.header.created, |line| line.at);
        let last = record.lines.last().map_or(began, |line| line.at);
        let history = timeline::history(&record.header.plan, &record.lines, began);
        let (outcome, cause) = outcome(record.state.end());
        let mut left_out = LeftOut::default();
        let all_problems = problems::of(record);
        let mut report = Self {
            version: VERSION,
            run_id: text::line(&context.run_id, NAME),
            service: text::line(&context.service, NAME),
            environment: named(&context.environment),
            baseline_revision: named(&context.baseline_revision),
            canary_revision: named(&context.canary_revision),
            commit: named(&context.commit),
            actor: named(&context.actor),
            driver: text::line(&record.header.driver, SENTENCE),
            outcome,
            cause,
            exit_code: record.state.end().map(End::exit_code),
            action_required: matches!(
                outcome,
                Outcome::RollbackUnconfirmed | Outcome::Undecided | Outcome::Left | Outcome::Drifted
            ),
            headline: String::new(),
            summary: Vec::new(),
            next: Vec::new(),
            began: numbers::rfc3339(began),
            last: numbers::rfc3339(last),
            elapsed_ms: last.since(began).0,
            weight: record.state.weight.percent(),
            paused: record.state.paused,
            exposure: exposure(&record.looks),
            steps: ends(steps(record, &history.reached), MOST_STEPS, &mut left_out.steps),
            looks: Vec::new(),
            problems: ends(all_problems, problems::MOST, &mut left_out.problems),
            policies: ends(policies(record), MOST_POLICIES, &mut left_out.policies),
            timeline: history.rows,
            left_out: LeftOut::default(),
        };
        let mut looks: Vec<_> = record.looks.iter().collect();
        cut_middle(&mut looks, rows, &mut left_out.looks);
        cut_middle(&mut report.timeline, rows, &mut left_out.timeline);
        report.looks = looks.into_iter().map(|look| look_row(look, began, &mut left_out)).collect();
        report.left_out = left_out;
        report.headline = next::headline(&report);
        report.summary = next::summary(&report, record);
        report.next = next::advice(&report);
        report
    }
}

fn outcome(end: Option<End>) -> (Outcome, Option<Cause>) {
    let stopped = |signal| match signal {
        Signal::Interrupt => Cause::Interrupted,
        Signal::Terminate => Cause::Terminated,
    };
    let rollback = |cause| match cause {
        RollbackCause::Gate => Cause::Gate,
        RollbackCause::Deadline => Cause::Deadline,
        RollbackCause::Command => Cause::Command,
        RollbackCause::Cancelled(signal) => stopped(signal),
        RollbackCause::Driver => Cause::Driver,
    };
    match end {
        None => (Outcome::Running, None),
        Some(End::Promoted(PromotionCause::Completed)) => (Outcome::Promoted, Some(Cause::Completed)),
        Some(End::Promoted(PromotionCause::Early)) => (Outcome::Promoted, Some(Cause::Early)),
        Some(End::Promoted(PromotionCause::Command)) => (Outcome::Promoted, Some(Cause::Command)),
        Some(End::RolledBack(cause)) => (Outcome::RolledBack, Some(rollback(cause))),
        Some(End::Unconfirmed(cause)) => (Outcome::RollbackUnconfirmed, Some(rollback(cause))),
        Some(End::Undecided { outside: false }) => (Outcome::Undecided, Some(Cause::Deadline)),
        Some(End::Undecided { outside: true }) => (Outcome::Undecided, Some(Cause::OutsideFailure)),
        Some(End::Left(signal)) => (Outcome::Left, Some(stopped(signal))),
        Some(End::Drifted) => (Outcome::Drifted, None),
    }
}

fn steps(record: &RunRecord, reached: &[Option<Millis>]) -> Vec<StepRow> {
    let plan = &record.header.plan;
    plan.steps
        .iter()
        .enumerate()
        .map(|(at, step)| StepRow {
            weight: step.weight.percent(),
            hold_ms: step.hold.0,
            reached_ms: reached.get(at).copied().flatten().map(|since| since.0),
        })
        .collect()
}

fn exposure(looks: &[LookRecord]) -> Option<Exposure> {
    let mut total: Option<Exposure> = None;
    let mut stay: Option<(u32, Millis, Exposure)> = None;
    let mut add = |seen: Exposure| {
        let sum = total.get_or_insert(Exposure { requests: 0, failed: None });
        sum.requests = sum.requests.saturating_add(seen.requests);
        if let Some(failed) = seen.failed {
            sum.failed = Some(sum.failed.unwrap_or(0).saturating_add(failed));
        }
    };
    for look in looks {
        let Some(seen) = seen_in(look) else { continue };
        let position = &look.snapshot.position;
        // A step that is watched anew, after the router restarted, begins with a new window.
        let same =
            stay.filter(|(step, elapsed, _)| *step == position.step && *elapsed <= position.step_elapsed_ms);
        let most = match (same, stay) {
            (Some((_, _, before)), _) if before.requests > seen.requests => before,
            (None, Some((_, _, before))) => {
                add(before);
                seen
            }
            _ => seen,
        };
        stay = Some((position.step, position.step_elapsed_ms, most));
    }
    if let Some((_, _, seen)) = stay {
        add(seen);
    }
    total
}

fn seen_in(look: &LookRecord) -> Option<Exposure> {
    let metrics = &look.snapshot.metrics;
    if let Some(ratio) = metrics.iter().find(|metric| metric.kind == MetricKind::Ratio) {
        return Some(Exposure { requests: ratio.canary.requests, failed: Some(ratio.canary.bad) });
    }
    metrics
        .iter()
        .find(|metric| metric.kind != MetricKind::Gauge)
        .map(|metric| Exposure { requests: metric.canary.requests, failed: None })
}

/// A look as reports show it, with times since `began`.
#[must_use]
pub fn look_of(look: &LookRecord, began: Timestamp) -> LookRow {
    look_row(look, began, &mut LeftOut::default())
}

fn look_row(look: &LookRecord, began: Timestamp, left_out: &mut LeftOut) -> LookRow {
    let over = |all: usize, most: usize| all.saturating_sub(most);
    left_out.metrics = left_out.metrics.max(over(look.snapshot.metrics.len(), MOST_METRICS));
    let reasons = grave_reasons(look);
    left_out.reasons = left_out.reasons.max(over(reasons.len(), MOST_REASONS));
    LookRow {
        look: look.look,
        at: numbers::rfc3339(look.at),
        elapsed_ms: look.at.since(began).0,
        step: look.snapshot.position.step.saturating_add(1),
        weight: look.snapshot.position.weight.percent(),
        verdict: VerdictName::of(look.decision.verdict),
        blocked_by: look
            .decision
            .blocked_by
            .iter()
            .take(MOST_POLICIES)
            .map(|id| text::line(id, NAME))
            .collect(),
        metrics: look.snapshot.metrics.iter().take(MOST_METRICS).map(metric_row).collect(),
        reasons: reasons.into_iter().take(MOST_REASONS).map(reason_row).collect(),
        snapshot_sha256: look.snapshot_sha256.to_string(),
    }
}

/// A metric as reports show it.
#[must_use]
pub fn metric_row(metric: &model::Metric) -> MetricRow {
    let arm = |arm: &model::Arm| ArmRow {
        requests: arm.requests,
        bad: arm.bad,
        value: arm.value.filter(|value| value.is_finite()),
        p50: median(arm),
    };
    MetricRow {
        name: text::line(&metric.name, NAME),
        kind: metric.kind.into(),
        unit: text::line(&metric.unit, 16),
        state: match &metric.state {
            MetricState::Ok => "ok".into(),
            MetricState::WarmingUp => "warming-up".into(),
            MetricState::NoData(absence) => absence.code.as_str().into(),
        },
        baseline: arm(&metric.baseline),
        canary: arm(&metric.canary),
    }
}

/// The median of an arm's buckets in seconds.
fn median(arm: &model::Arm) -> Option<f64> {
    let counts: Vec<_> = arm.bucket_counts.iter().map(|count| *count as f64).collect();
    histogram::quantile(&arm.bucket_edges, &counts, 0.5)
}

/// The reasons of a look, the gravest first. Where the gate rolled back, only those of the policies that
/// wanted it: what the others said did not matter.
fn grave_reasons(look: &LookRecord) -> Vec<(&Member, &Reason)> {
    let rolled_back = look.decision.verdict == Verdict::Rollback;
    let mut reasons: Vec<_> = look
        .members
        .iter()
        .filter_map(|member| match &member.answer {
            Answer::Outcome(outcome) if !rolled_back || outcome.verdict == Verdict::Rollback => {
                Some((member, &outcome.reasons))
            }
            _ => None,
        })
        .flat_map(|(member, reasons)| reasons.iter().map(move |reason| (member, reason)))
        .collect();
    reasons.sort_by_key(|(_, reason)| std::cmp::Reverse(reason.severity));
    reasons
}

fn reason_row((member, reason): (&Member, &Reason)) -> ReasonRow {
    ReasonRow {
        severity: reason.severity.into(),
        policy: text::line(&member.policy, NAME),
        text: text::line(&reason.text, SENTENCE),
        metric: reason.metric.as_deref().map(|name| text::line(name, NAME)),
    }
}

fn policies(record: &RunRecord) -> Vec<PolicyRow> {
    let mut rows: Vec<PolicyRow> = record.header.policies.iter().map(|text| announced(text)).collect();
    for member in record.looks.iter().flat_map(|look| &look.members) {
        let id = text::line(&member.id, NAME);
        let at = rows.iter().position(|row| row.id == id).unwrap_or_else(|| {
            rows.push(PolicyRow { id, ..announced("") });
            rows.len() - 1
        });
        account(&mut rows[at], member);
        if rows.len() > MOST_POLICIES * 4 {
            break;
        }
    }
    rows
}

/// A policy as the run's header announces it: `id policy sha256`.
fn announced(text: &str) -> PolicyRow {
    let (id, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (policy, digest) = rest.rsplit_once(' ').unwrap_or((rest, ""));
    PolicyRow {
        id: text::line(id, NAME),
        policy: text::line(policy, NAME),
        digest: Some(text::line(digest, 64)).filter(|digest| !digest.is_empty()),
        judged: 0,
        fuel: None,
        fuel_limit: None,
        memory_bytes: None,
        strategy: None,
    }
}

fn account(row: &mut PolicyRow, member: &Member) {
    row.policy = text::line(&member.policy, NAME);
    if let Some(digest) = member.digest {
        row.digest = Some(digest.to_string());
    }
    if matches!(member.answer, Answer::Outcome(_)) {
        row.judged = row.judged.saturating_add(1);
    }
    if let Some(usage) = &member.usage {
        row.fuel = row.fuel.max(Some(usage.fuel));
        row.fuel_limit = row.fuel_limit.max(Some(usage.fuel_limit));
        row.memory_bytes = row.memory_bytes.max(Some(usage.memory_bytes));
        row.strategy = Some(text::line(&usage.strategy, 16));
    }
}

/// The first `most` of `list`; adds what is left out to `over`.
fn ends<T>(mut list: Vec<T>, most: usize, over: &mut usize) -> Vec<T> {
    *over += list.len().saturating_sub(most);
    list.truncate(most);
    list
}
