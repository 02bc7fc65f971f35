//! All evidence and context of one look: the only thing a policy sees, and the unit of record and replay.
//!
//! The types mirror `wit/v1` field by field; `policy::abi` converts. Numbers are always finite: what
//! cannot be computed is absent. Units are in the names; rates and latencies are per second and in seconds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::support::units::{Millis, Timestamp, Weight};

/// Version of the recorded form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// Everything a verdict may depend on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Snapshot {
    /// Who is judged, and when.
    pub context: Context,
    /// Where the rollout stands.
    pub position: Position,
    /// In the order of their names.
    pub metrics: Vec<Metric>,
    /// Health checks.
    pub health: Vec<HealthCheck>,
    /// Differences between two OpenAPI descriptions.
    pub schema: Option<SchemaReport>,
    /// Earlier looks, oldest first, at most the last [`HISTORY`].
    pub history: Vec<Past>,
    /// The error budget of the service.
    pub budget: Option<Budget>,
    /// The open slot.
    pub facts: Vec<Fact>,
}

/// How many earlier looks a snapshot carries at most.
pub const HISTORY: usize = 100;

/// Who is judged, and when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Context {
    /// Name of the service in the config.
    pub service: String,
    /// Name of the environment overlay in force.
    pub environment: Option<String>,
    /// Identifies this rollout.
    pub run_id: String,
    /// Revision behind the baseline arm.
    pub baseline_revision: Option<String>,
    /// Revision behind the canary arm.
    pub canary_revision: Option<String>,
    /// Commit that is being released.
    pub commit: Option<String>,
    /// Who started the run.
    pub actor: Option<String>,
    /// Event that started the run.
    pub event: Option<String>,
    /// Labels of the config.
    pub labels: Vec<Label>,
    /// The instant of this look.
    pub now_ms: Timestamp,
    /// Offset of the configured time zone from UTC at `now_ms`.
    pub utc_offset_seconds: i32,
}

/// A name and a value that the user gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What is being judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A change of a description.
    PullRequest,
    /// A canary.
    Canary,
}

/// Where the rollout stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Position {
    /// What is being judged.
    pub stage: Stage,
    /// Index of the current step, from 0.
    pub step: u32,
    /// How many steps the plan has.
    pub steps: u32,
    /// Share of traffic that the canary is meant to get.
    pub weight: Weight,
    /// Time since the first canary traffic.
    pub elapsed_ms: Millis,
    /// Time since this step's weight was confirmed.
    pub step_elapsed_ms: Millis,
    /// How long this step lasts at least.
    pub step_duration_ms: Millis,
    /// Promotion before this much time has elapsed is not acted upon.
    pub min_bake_ms: Millis,
    /// When the rollout ends whatever has been decided.
    pub deadline_ms: Timestamp,
    /// Looks before this one.
    pub looks: u32,
}

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MetricKind {
    /// Bad events over all events.
    Ratio,
    /// Durations, as bucket counts.
    Latency,
    /// A level.
    Gauge,
    /// Events per second.
    Rate,
}

/// Which way is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// A higher canary is worse.
    LowerIsBetter,
    /// A lower canary is worse.
    HigherIsBetter,
    /// Both are worse.
    TwoSided,
}

/// One side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArmName {
    /// What runs today.
    Baseline,
    /// What is to replace it.
    Canary,
}

impl ArmName {
    /// Both arms, baseline first.
    pub const BOTH: [Self; 2] = [Self::Baseline, Self::Canary];

    /// The name as it stands in configs and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Canary => "canary",
        }
    }
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AbsenceCode {
    /// The query matched no series, or no sample in the window.
    Empty,
    /// A sample was NaN or infinite.
    NotANumber,
    /// Several series came where one was expected.
    SeveralSeries,
    /// The series are there, but nothing was counted in the window.
    NoTraffic,
    /// The provider could not be asked, or answered an error.
    ProviderDown,
    /// The provider answered something that is not what its protocol says.
    Malformed,
}

impl AbsenceCode {
    /// The stable name, as a policy sees it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotANumber => "not-a-number",
            Self::SeveralSeries => "several-series",
            Self::NoTraffic => "no-traffic",
            Self::ProviderDown => "provider-down",
            Self::Malformed => "malformed",
        }
    }
}

/// Why a metric has no value. Never evidence, in either direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The arm at fault; none where both are.
    pub arm: Option<ArmName>,
    /// Its stable name.
    pub code: AbsenceCode,
    /// What was seen, for people.
    pub message: String,
}

/// Whether a metric may be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MetricState {
    /// Both arms have data.
    Ok,
    /// The warm-up time has not passed.
    WarmingUp,
    /// There is no evidence.
    NoData(Absence),
}

/// What one arm showed in the window of this look.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Arm {
    /// Events counted; 0 for a gauge.
    #[serde(deserialize_with = "crate::support::wide::unsigned")]
    pub requests: u64,
    /// Events counted as bad; 0 unless the metric is a ratio.
    #[serde(deserialize_with = "crate::support::wide::unsigned")]
    pub bad: u64,
    /// The metric's value over the whole window.
    pub value: Option<f64>,
    /// The same value for each tick with data, oldest first.
    pub series: Vec<f64>,
    /// Ticks of the window without data.
    pub missing: u32,
    /// Time that the ticks with data cover.
    pub observed_ms: Millis,
    /// Upper edges of the latency buckets in seconds, ascending, without the infinite one.
    pub bucket_edges: Vec<f64>,
    /// Events at or below each edge, cumulative; one more entry than edges, the last counts all.
    #[serde(deserialize_with = "crate::support::wide::unsigned_list")]
    pub bucket_counts: Vec<u64>,
}

/// The host's statistics on canary against baseline. Absent entries were not computed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Comparison {
    /// Canary value / baseline value.
    pub ratio: Option<f64>,
    /// Canary value - baseline value.
    pub difference: Option<f64>,
    /// Lower end of the confidence interval of the ratio.
    pub interval_low: Option<f64>,
    /// Upper end of the confidence interval of the ratio.
    pub interval_high: Option<f64>,
    /// Evidence against "the canary is no worse than the margin allows".
    pub e_rollback: Option<f64>,
    /// Evidence against "the canary is worse than allowed".
    pub e_promote: Option<f64>,
    /// Effect size.
    pub effect: Option<f64>,
    /// p-value.
    pub p_value: Option<f64>,
    /// Canary requests still needed for a decision.
    #[serde(default, deserialize_with = "crate::support::wide::unsigned_if_any")]
    pub needed_requests: Option<u64>,
}

/// One metric of both arms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Metric {
    /// Its name in the config.
    pub name: String,
    /// What it measures.
    pub kind: MetricKind,
    /// Unit of its value.
    pub unit: String,
    /// Which way is worse.
    pub direction: Direction,
    /// Allowed ratio canary / baseline.
    pub margin: Option<f64>,
    /// Absolute difference that does not matter, in the metric's unit.
    pub floor: Option<f64>,
    /// The baseline arm.
    pub baseline: Arm,
    /// The canary arm.
    pub canary: Arm,
    /// The host's statistics.
    pub comparison: Option<Comparison>,
    /// Whether it may be judged.
    pub state: MetricState,
    /// The open slot.
    pub facts: Vec<Fact>,
}

/// State of a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    /// It answers as it should.
    Healthy,
    /// It does not.
    Unhealthy,
    /// Not known.
    Unknown,
}

/// One health check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// Its name in the config.
    pub name: String,
    /// What it says.
    pub state: Health,
    /// How sure it is, 0 to 1.
    pub confidence: f64,
    /// For people.
    pub message: String,
}

/// Level of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Breaks clients.
    Error,
    /// May break clients.
    Warn,
    /// Worth knowing.
    Info,
}

/// Proof state of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A confirmed witness, or a shown inclusion.
    Proven,
    /// The proof stopped.
    Undecided,
    /// The catalogue's judgement.
    Rule,
}

/// An operation of a description.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// HTTP method in lower case.
    pub method: String,
    /// Path template.
    pub path: String,
}

/// A change of a description, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Finding {
    /// Rule id.
    pub id: String,
    /// How bad it is.
    pub level: Level,
    /// How sure that is.
    pub proof: Proof,
    /// For people.
    pub message: String,
    /// A message that one side accepts and the other refuses.
    pub witness: Option<String>,
    /// Identifies the finding across runs.
    pub fingerprint: String,
    /// How many operations it reaches.
    pub operation_count: u32,
    /// Some of them.
    pub example_operations: Vec<Operation>,
}

/// Differences between two descriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SchemaReport {
    /// Findings of level error.
    pub errors: u32,
    /// Findings of level warn.
    pub warnings: u32,
    /// Findings of level info.
    pub infos: u32,
    /// Findings that are proven.
    pub proven: u32,
    /// Findings that are undecided.
    pub undecided: u32,
    /// At most 50 of them, the gravest first.
    pub findings: Vec<Finding>,
}

/// The error budget of the service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Budget {
    /// Objective, such as 0.999.
    pub objective: f64,
    /// Share of the period's budget that is left, 0 to 1.
    pub remaining: f64,
    /// Share of the period's budget that this canary has burnt.
    pub burnt_by_canary: f64,
    /// Error rate / (1 - objective), now.
    pub burn_rate: f64,
}

/// What an earlier look concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PastVerdict {
    /// Finish early.
    Promote,
    /// Go on.
    Advance,
    /// Wait.
    Hold,
    /// Go back.
    Rollback,
}

/// An earlier look of this rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Past {
    /// Its instant.
    pub now_ms: Timestamp,
    /// Its step.
    pub step: u32,
    /// The weight then.
    pub weight: Weight,
    /// What it concluded.
    pub verdict: PastVerdict,
}

/// A value of an open slot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FactValue {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    #[serde(deserialize_with = "crate::support::wide::signed")]
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A text.
    Text(String),
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: FactValue,
}
