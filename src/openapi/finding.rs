//! What a comparison of two descriptions says: the report, in the form of its published JSON.
//!
//! A finding belongs to the place where the change was made and carries the operations that it reaches. Operation sets
//! are shared: a finding names its set by index. All lists are in a fixed order: findings by level, id, subject and
//! location; operations by path and method.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::advice::{Step, VersionAdvice};
pub use super::diagnostic::{Diagnostic, Gravity, Location};
pub use super::rules::Profile;

/// Version of the JSON form; raised when a reader of the old form would misread the new one.
pub const VERSION: u32 = 1;

/// The differences of two descriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Version of this form: 1.
    pub version: u32,
    /// The side that clients know.
    pub base: Side,
    /// The side that is to replace it.
    pub revision: Side,
    /// The whole in numbers.
    pub summary: Summary,
    /// What the change means for `info.version`; none where a side has no version as Semantic Versioning has them.
    pub version_advice: Option<VersionAdvice>,
    /// Operations that any finding reaches.
    pub operations: Vec<OperationName>,
    /// Sets of indices into `operations`, each ascending.
    pub operation_sets: Vec<Vec<u32>>,
    /// Defects of either side.
    pub diagnostics: Vec<Diagnostic>,
    /// The changes.
    pub findings: Vec<Finding>,
    /// The promise that the levels follow; not there where it is `wire`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub profile: Profile,
    /// How many changes were left out because they reach only operations that nobody asked for; not there where it is 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub filtered: u32,
    /// How many changes were left out because their rules are set to `off`; not there where it is 0.
    #[serde(default, skip_serializing_if = "is_default")]
    pub off: u32,
    /// Changes that somebody accepted, which do not count; not there where it is empty.
    #[serde(default, skip_serializing_if = "is_default")]
    pub accepted: Vec<Accepted>,
}

/// A change that somebody accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The change, with the level that it would have.
    pub finding: Finding,
    /// Why it is accepted. Foreign text.
    pub reason: String,
    /// Who answers for that. Foreign text.
    pub owner: Option<String>,
    /// The last day on which it is accepted, such as `2026-12-31`.
    pub expires: Option<String>,
    /// Where that is written.
    pub entry: Location,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// One of the two descriptions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Side {
    /// The file as locations name it; none where the description does not exist on this side.
    pub file: Option<String>,
    /// `openapi` or `swagger` of the file, as it stands there.
    pub openapi: Option<String>,
    /// `info.title`.
    pub title: Option<String>,
    /// `info.version`.
    pub version: Option<String>,
    /// How many operations it has, callbacks and webhooks included.
    pub operations: u32,
}

/// The whole in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// There is a finding of level error.
    Breaking,
    /// There is none of level error, but one that is undecided.
    Undecided,
    /// Neither.
    Compatible,
}

/// The whole in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// The whole in one word.
    pub verdict: Verdict,
    /// Findings of level error.
    pub error: u32,
    /// Findings of level warn.
    pub warn: u32,
    /// Findings of level info.
    pub info: u32,
    /// Findings that are proven.
    pub proven: u32,
    /// Findings that are undecided.
    pub undecided: u32,
    /// Findings that rest on the catalogue's judgement.
    pub rule: u32,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Breaks clients.
    Error,
    /// May break clients.
    Warn,
    /// Worth knowing.
    Info,
}

impl Level {
    /// The word in output and configs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
        }
    }
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// A confirmed witness, or a shown inclusion.
    Proven,
    /// The proof stopped at a construct that the message names.
    Undecided,
    /// The catalogue's judgement.
    Rule,
}

/// Which way the messages go that a finding speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the API's client to its server.
    Request,
    /// From the server to the client.
    Response,
    /// Neither.
    None,
}

/// What kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OperationKind {
    /// Of `paths`.
    Operation,
    /// Of `webhooks`.
    Webhook,
    /// Of a callback of an operation.
    Callback,
}

/// Names an operation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperationName {
    /// What kind.
    pub kind: OperationKind,
    /// HTTP method in lower case.
    pub method: String,
    /// Path template, name of the webhook, or expression of the callback.
    pub path: String,
}

/// Which of the two descriptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SideName {
    /// The side that clients know.
    Base,
    /// The side that is to replace it.
    Revision,
}

/// Where a value stands in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Carried {
    /// It is the body.
    Body,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// The whole query string.
    Querystring,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
    /// Wherever the schema is used.
    Schema,
    /// The message as a whole is shown.
    Message,
}

/// A message, or what of it matters, that one side accepts and the other refuses, or takes for something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Witness {
    /// Who accepts it; the other side refuses it, or takes it for something else.
    pub accepted_by: SideName,
    /// Where the value stands.
    pub carried: Carried,
    /// The operation whose message it is; not there where a schema is shown by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<OperationName>,
    /// The status of the response, as the description has it; not there for requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The media type of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The name of the parameter, of the header, or of the schema. Foreign text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The value. Made from the description: foreign text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<serde_json::Value>,
    /// The message as it is sent, for HTTP/1.1. Foreign text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What either side takes it for, where neither refuses it and they do not agree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_as: Option<ReadAs>,
}

/// What the sides take one message for: a value, or the name of the alternative that a discriminator leads to. Made from the
/// description: foreign text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadAs {
    /// The base; null where it reads nothing.
    pub base: serde_json::Value,
    /// The revision; null where it reads nothing.
    pub revision: serde_json::Value,
}

impl From<[serde_json::Value; 2]> for ReadAs {
    fn from([base, revision]: [serde_json::Value; 2]) -> Self {
        Self { base, revision }
    }
}

/// A change, judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Rule id.
    pub id: String,
    /// How bad it is.
    pub level: Level,
    /// How sure that is.
    pub proof: Proof,
    /// A message that one side accepts and the other refuses.
    pub witness: Option<Witness>,
    /// Which way the messages go.
    pub direction: Direction,
    /// What changed, in one sentence. Quotes the description: foreign text.
    pub message: String,
    /// JSON Pointer of the place that was changed: in the base, or in the revision for what was added. In another file than
    /// the description itself, before it that file as seen from the description, and `#`.
    pub subject: String,
    /// Where it stands in the base; none for what was added.
    pub base_location: Option<Location>,
    /// Where it stands in the revision; none for what was removed.
    pub revision_location: Option<Location>,
    /// Index into the report's `operation_sets`.
    pub operation_set: u32,
    /// How many operations it reaches.
    pub operation_count: u32,
    /// Identifies the finding across runs and machines: 16 hexadecimal digits.
    pub fingerprint: String,
}

impl Finding {
    /// The order of reports: the gravest first, then by rule and place.
    #[must_use]
    pub fn in_order(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }

    fn rank(&self) -> impl Ord + '_ {
        (self.level, &self.id, &self.subject, &self.base_location, &self.revision_location, &self.message)
    }
}

impl Summary {
    /// The numbers of `findings`.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let count = |matches: &dyn Fn(&Finding) -> bool| {
            u32::try_from(findings.iter().filter(|finding| matches(finding)).count()).unwrap_or(u32::MAX)
        };
        let error = count(&|finding| finding.level == Level::Error);
        let undecided = count(&|finding| finding.proof == Proof::Undecided);
        Self {
            verdict: match (error, undecided) {
                (1.., _) => Verdict::Breaking,
                (0, 1..) => Verdict::Undecided,
                (0, 0) => Verdict::Compatible,
            },
            error,
            warn: count(&|finding| finding.level == Level::Warn),
            info: count(&|finding| finding.level == Level::Info),
            proven: count(&|finding| finding.proof == Proof::Proven),
            undecided,
            rule: count(&|finding| finding.proof == Proof::Rule),
        }
    }
}

impl Report {
    /// The operations that `finding` reaches.
    pub fn reached<'r>(&'r self, finding: &Finding) -> impl ExactSizeIterator<Item = &'r OperationName> {
        let set = self.operation_sets.get(finding.operation_set as usize).map_or(&[][..], Vec::as_slice);
        set.iter().map(|&index| &self.operations[index as usize])
    }
}
