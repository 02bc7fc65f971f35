//! What a report of a canary says, whatever its form: gathered once from the record of the run, laid out by
//! the renderers. Its JSON form is published as `schema/canary-report.schema.json`.
//!
//! Every text in it has passed `support::text`. Its size is bounded: lists have a most, and what was left out
//! is counted in [`LeftOut`].

use schemars::JsonSchema;
use serde::Serialize;

use super::problems::Problem;
use super::timeline::Row;
use crate::rollout::record::RunRecord;
use crate::snapshot::model::MetricKind;
use crate::support::text;
use crate::verdict::model::{Severity, Verdict};

/// Version of the JSON form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// No report in one piece is larger. GitHub rejects a job summary beyond 1 MiB as a whole.
pub const MOST_BYTES: usize = 900 << 10;

/// A canary, as far as it has come.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CanaryReport {
    /// Version of this form: 1.
    pub version: u32,
    /// Identifies the rollout.
    pub run_id: String,
    /// Name of the service in the config.
    pub service: String,
    /// Name of the environment overlay in force.
    pub environment: Option<String>,
    /// Revision behind the baseline arm.
    pub baseline_revision: Option<String>,
    /// Revision behind the canary arm.
    pub canary_revision: Option<String>,
    /// Commit that is being released.
    pub commit: Option<String>,
    /// Who started the run.
    pub actor: Option<String>,
    /// What moves traffic, in the driver's words.
    pub driver: String,
    /// How it ended, or that it runs.
    pub outcome: Outcome,
    /// Why it ended so.
    pub cause: Option<Cause>,
    /// The exit code that stands for it; none while it runs.
    pub exit_code: Option<u8>,
    /// Whether somebody has to look after the traffic by hand.
    pub action_required: bool,
    /// The outcome in one line.
    pub headline: String,
    /// What happened, in a few sentences.
    pub summary: Vec<String>,
    /// What to do now.
    pub next: Vec<String>,
    /// When the run began, in UTC.
    pub began: String,
    /// When it ended, or was last heard of, in UTC.
    pub last: String,
    /// Time from the one to the other.
    pub elapsed_ms: u64,
    /// The canary's share of traffic in percent, as last read back.
    pub weight: u8,
    /// Whether somebody has paused it.
    pub paused: bool,
    /// The requests that the looks saw reach the canary; none where no metric counts them.
    pub exposure: Option<Exposure>,
    /// The steps of the plan.
    pub steps: Vec<StepRow>,
    /// The looks, in order.
    pub looks: Vec<LookRow>,
    /// Policies that broke or declined, metrics without data, weights that could not be set.
    pub problems: Vec<Problem>,
    /// The policies of the gate.
    pub policies: Vec<PolicyRow>,
    /// What happened, in order.
    pub timeline: Vec<Row>,
    /// What this report leaves out to stay readable.
    pub left_out: LeftOut,
}

/// How a rollout ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It has not ended.
    Running,
    /// The canary has all traffic.
    Promoted,
    /// The baseline has all traffic, read back.
    RolledBack,
    /// The baseline should have all traffic, but that could not be read back.
    RollbackUnconfirmed,
    /// The deadline passed; traffic was left as it is.
    Undecided,
    /// The process was told to stop; traffic was left as it is.
    Left,
    /// Somebody else moved the weights; traffic was left as found.
    Drifted,
}

/// Why a rollout ended as it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The last step has passed.
    Completed,
    /// The gate promoted before the last step.
    Early,
    /// The gate said so.
    Gate,
    /// The deadline passed without a decision.
    Deadline,
    /// The deadline passed, and the last look could not decide because something outside failed.
    OutsideFailure,
    /// Somebody asked for it.
    Command,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
    /// The router could not be brought to a step's weight.
    Driver,
}

/// The requests that the looks saw reach the canary: for each stay at a weight the most that one look
/// counted, so at least as many have been there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Exposure {
    /// All of them.
    pub requests: u64,
    /// Those that the first ratio metric counts as bad; none where there is no such metric.
    pub failed: Option<u64>,
}

/// A step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct StepRow {
    /// The canary's share of traffic in percent.
    pub weight: u8,
    /// How long the step lasts at least.
    pub hold_ms: u64,
    /// When its weight was first confirmed, since the run began; none if that has not happened.
    pub reached_ms: Option<u64>,
}

/// A look.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LookRow {
    /// Its number, from 1.
    pub look: u32,
    /// Its instant, in UTC.
    pub at: String,
    /// Time since the run began.
    pub elapsed_ms: u64,
    /// Number of its step, from 1.
    pub step: u32,
    /// The canary's share of traffic in percent.
    pub weight: u8,
    /// What the gate concluded.
    pub verdict: VerdictName,
    /// Ids of the policies that broke or declined, so that the gate could not go on.
    pub blocked_by: Vec<String>,
    /// The metrics that the policies saw.
    pub metrics: Vec<MetricRow>,
    /// Why, the gravest first; where the gate rolled back only the reasons of the policies that wanted it.
    pub reasons: Vec<ReasonRow>,
    /// Digest of the recorded snapshot.
    pub snapshot_sha256: String,
}

/// A verdict without its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictName {
    /// Finish early.
    Promote,
    /// Go on.
    Advance,
    /// Wait.
    Hold,
    /// Go back.
    Rollback,
}

impl VerdictName {
    /// The name of `verdict`.
    #[must_use]
    pub fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Promote => Self::Promote,
            Verdict::Advance(_) => Self::Advance,
            Verdict::Hold(_) => Self::Hold,
            Verdict::Rollback => Self::Rollback,
        }
    }

    /// As it is written in the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Advance => "advance",
            Self::Hold => "hold",
            Self::Rollback => "rollback",
        }
    }
}

/// A metric at a look.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct MetricRow {
    /// Its name.
    pub name: String,
    /// What it measures.
    pub kind: Kind,
    /// Unit of its value.
    pub unit: String,
    /// `ok`, `warming-up`, or the code of why there is no data.
    pub state: String,
    /// The baseline arm.
    pub baseline: ArmRow,
    /// The canary arm.
    pub canary: ArmRow,
}

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Bad events over all events.
    Ratio,
    /// Durations in seconds; the value is the P95.
    Latency,
    /// A level.
    Gauge,
    /// Events per second.
    Rate,
}

impl From<MetricKind> for Kind {
    fn from(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Ratio => Self::Ratio,
            MetricKind::Latency => Self::Latency,
            MetricKind::Gauge => Self::Gauge,
            MetricKind::Rate => Self::Rate,
        }
    }
}

impl From<Kind> for MetricKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Ratio => Self::Ratio,
            Kind::Latency => Self::Latency,
            Kind::Gauge => Self::Gauge,
            Kind::Rate => Self::Rate,
        }
    }
}

/// One arm of a metric at a look.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ArmRow {
    /// Events counted.
    pub requests: u64,
    /// Events counted as bad.
    pub bad: u64,
    /// The metric's value.
    pub value: Option<f64>,
    /// The median in seconds, of a latency.
    pub p50: Option<f64>,
}

/// Why a policy said what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ReasonRow {
    /// How grave it is.
    pub severity: Grade,
    /// The policy's reference in the config.
    pub policy: String,
    /// One sentence.
    pub text: String,
    /// The metric it speaks of.
    pub metric: Option<String>,
}

/// How grave a reason or an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Worth knowing.
    Info,
    /// Close to a limit, or not as it should be.
    Warning,
    /// Beyond a limit, or in need of somebody.
    Critical,
}

impl Grade {
    /// As it is written in the interface.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

impl From<Severity> for Grade {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        }
    }
}

/// A policy of the gate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct PolicyRow {
    /// Its path in the gate.
    pub id: String,
    /// Its reference in the config.
    pub policy: String,
    /// SHA-256 of the bytes that ran.
    pub digest: Option<String>,
    /// In how many looks it judged.
    pub judged: u32,
    /// Most fuel that a look took.
    pub fuel: Option<u64>,
    /// Fuel that a look may take.
    pub fuel_limit: Option<u64>,
    /// Most linear memory that it had, in bytes.
    pub memory_bytes: Option<u64>,
    /// The compiler that it ran with; fuel differs between them.
    pub strategy: Option<String>,
}

/// How many entries of each list are not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct LeftOut {
    /// Looks, from the middle.
    pub looks: usize,
    /// Rows of the timeline, from the middle.
    pub timeline: usize,
    /// Steps, from the end.
    pub steps: usize,
    /// Metrics of each look at most, from the end.
    pub metrics: usize,
    /// Reasons of each look at most, the least grave.
    pub reasons: usize,
    /// Problems, from the end.
    pub problems: usize,
    /// Policies, from the end.
    pub policies: usize,
}

/// Renders the report of `record` with as many looks and rows of its timeline, at most `rows` of each, as
/// keep it within [`MOST_BYTES`].
#[must_use]
pub fn fitted(record: &RunRecord, mut rows: usize, render: impl Fn(&CanaryReport) -> String) -> String {
    let mut report = CanaryReport::of(record, rows);
    loop {
        let page = text::page(&render(&report));
        if page.len() <= MOST_BYTES || rows <= 2 {
            return page;
        }
        rows = rows.min(report.looks.len().max(report.timeline.len())) / 2;
        report.shorten(rows);
    }
}

impl CanaryReport {
    /// Leaves at most `rows` looks and rows of the timeline, the first and the last.
    pub fn shorten(&mut self, rows: usize) {
        cut_middle(&mut self.looks, rows, &mut self.left_out.looks);
        cut_middle(&mut self.timeline, rows, &mut self.left_out.timeline);
    }
}

/// Leaves the first and the last of `list`, `most` in all; adds what is left out of the middle to `over`.
pub(super) fn cut_middle<T>(list: &mut Vec<T>, most: usize, over: &mut usize) {
    let surplus = list.len().saturating_sub(most);
    if surplus > 0 {
        *over += surplus;
        let head = most / 2;
        list.drain(head..head + surplus);
    }
}
