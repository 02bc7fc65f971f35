//! What policies say and what a gate concludes.
//!
//! Outcome, refusal and fault are three types: a policy that broke never votes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::snapshot::model::{Fact, PastVerdict};
use crate::support::units::Sha256;

/// What a policy wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Next step once this step's time has passed, with the weight in percent it would choose.
    Advance(Option<u8>),
    /// Finish now, once the minimum bake time has passed.
    Promote,
    /// Not decided, with the seconds until asking again is worth it.
    Hold(Option<u32>),
    /// Go back to the baseline.
    Rollback,
}

impl Verdict {
    /// The verdict without its arguments.
    #[must_use]
    pub fn kind(self) -> PastVerdict {
        match self {
            Self::Advance(_) => PastVerdict::Advance,
            Self::Promote => PastVerdict::Promote,
            Self::Hold(_) => PastVerdict::Hold,
            Self::Rollback => PastVerdict::Rollback,
        }
    }
}

/// How grave a reason is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Close to a limit.
    Warning,
    /// Beyond a limit.
    Critical,
}

/// Why a policy decided as it did. The text has passed `support::text`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reason {
    /// How grave it is.
    pub severity: Severity,
    /// One sentence.
    pub text: String,
    /// The metric it speaks of; one that the snapshot has.
    pub metric: Option<String>,
    /// Numbers that carry it.
    pub evidence: Vec<Fact>,
}

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Outcome {
    /// What the policy wants.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
    /// What it wants to be given at the next look.
    #[serde(with = "crate::support::base64_bytes")]
    #[schemars(with = "String")]
    pub memory: Vec<u8>,
}

/// A policy that works but declines to judge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// It cannot work with these settings.
    BadSettings(String),
    /// It has too little to judge on.
    InsufficientData(String),
    /// Anything else.
    Other(String),
}

/// In which way a policy broke. The names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// The file is not a component that the host accepts.
    NotAPolicy,
    /// It imports something but `log`.
    ForeignImport,
    /// It has no `judge` of a version that the host speaks.
    WrongWorld,
    /// It could not be compiled within its limits.
    CompileLimit,
    /// It used up its fuel.
    FuelExhausted,
    /// It ran longer than the wall clock allows.
    TimedOut,
    /// It needed more memory, tables or instances than allowed.
    MemoryLimit,
    /// It trapped: unreachable, division by zero, access out of bounds, stack overflow.
    Trapped,
    /// It returned more than allowed.
    OutputTooLarge,
    /// What it returned is not what the interface says.
    ContractViolation,
    /// Its description is not usable.
    BadDescription,
    /// The process that ran it died.
    WorkerDied,
    /// The policy could not be read or does not match its digest.
    Unreadable,
    /// Nobody that the config names has signed it.
    Unattested,
}

impl FaultKind {
    /// The stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotAPolicy => "not-a-policy",
            Self::ForeignImport => "foreign-import",
            Self::WrongWorld => "wrong-world",
            Self::CompileLimit => "compile-limit",
            Self::FuelExhausted => "fuel-exhausted",
            Self::TimedOut => "timed-out",
            Self::MemoryLimit => "memory-limit",
            Self::Trapped => "trapped",
            Self::OutputTooLarge => "output-too-large",
            Self::ContractViolation => "contract-violation",
            Self::BadDescription => "bad-description",
            Self::WorkerDied => "worker-died",
            Self::Unreadable => "unreadable",
            Self::Unattested => "unattested",
        }
    }
}

/// A policy that broke; never a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[error("{}: {message}", kind.code())]
pub struct Fault {
    /// In which way.
    pub kind: FaultKind,
    /// What happened, fit for a user.
    pub message: String,
    /// What the policy's author can do.
    pub mend: Option<String>,
}

/// What came of asking one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It judged.
    Outcome(Outcome),
    /// It declined.
    Refusal(Refusal),
    /// It broke.
    Fault(Fault),
}

/// What an evaluation cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Usage {
    /// Fuel used by `evaluate` and the start of the policy before it.
    #[serde(deserialize_with = "crate::support::wide::unsigned")]
    pub fuel: u64,
    /// Fuel it was given.
    #[serde(deserialize_with = "crate::support::wide::unsigned")]
    pub fuel_limit: u64,
    /// Most linear memory it had, in bytes.
    #[serde(deserialize_with = "crate::support::wide::unsigned")]
    pub memory_bytes: u64,
    /// `winch` or `cranelift`; fuel differs between them.
    pub strategy: String,
}

/// One policy of a gate, after a look.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Member {
    /// Its path in the gate, such as `all[0]`: unique, and the key of its memory.
    pub id: String,
    /// The reference in the config, such as `builtin:thresholds`.
    pub policy: String,
    /// Digest of the bytes that ran, if they could be read.
    pub digest: Option<Sha256>,
    /// What it said.
    pub answer: Answer,
    /// What it logged, sanitised.
    pub log: Vec<LogLine>,
    /// What it cost.
    pub usage: Option<Usage>,
}

/// A line that a policy logged, sanitised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LogLine {
    /// `debug`, `info` or `warn`.
    pub level: String,
    /// The line.
    pub message: String,
}

/// How the policies of a gate are composed. Leaves are indices into the members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Composition {
    /// One policy, by the index of its member.
    Member(usize),
    /// Every part must agree.
    All(Vec<Composition>),
    /// One part suffices.
    Any(Vec<Composition>),
    /// So many parts must agree.
    Quorum {
        /// How many, at least one.
        needed: u32,
        /// The parts.
        of: Vec<Composition>,
    },
    /// Parts that weigh so much together must agree.
    Weighted {
        /// How much, at least one.
        needed: u32,
        /// The parts with their weights.
        of: Vec<Share>,
    },
}

/// A part of a weighted composition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Share {
    /// How much it counts.
    pub weight: u32,
    /// What counts.
    pub part: Composition,
}

impl Composition {
    /// Its direct parts; none of one policy.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Member(_) => Vec::new(),
            Self::All(parts) | Self::Any(parts) | Self::Quorum { of: parts, .. } => parts.iter().collect(),
            Self::Weighted { of, .. } => of.iter().map(|share| &share.part).collect(),
        }
    }
}

/// What the gate concludes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Decision {
    /// The combined verdict.
    pub verdict: Verdict,
    /// Why it holds although nobody asked for it: the members that broke or declined.
    pub blocked_by: Vec<String>,
    /// Whether one of them broke.
    pub fault: bool,
}
