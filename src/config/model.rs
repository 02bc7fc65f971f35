//! The configuration as the user writes it. A value of these types has the right shape; what relates
//! several values to each other is checked by `config::check`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};

use super::values::{Fraction, Secret, Span, TEXT_OR_MAP, WeightPercent};
use crate::openapi::judge::Setting;
use crate::openapi::rules::Profile;
use crate::snapshot::model::Direction;

/// The root of `.rollgate.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// Services by name.
    pub services: BTreeMap<String, Service>,
    /// Overlays by the name of the environment, merged over the rest of the file.
    #[serde(default)]
    pub environments: BTreeMap<String, Overlay>,
}

/// What an environment changes. Its content is read after it was merged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Overlay {
    /// Services by name, with the keys that differ.
    #[schemars(with = "Option<BTreeMap<String, Service>>")]
    #[expect(
        clippy::zero_sized_map_values,
        reason = "the shape is checked, the content is read after merging"
    )]
    pub services: Option<BTreeMap<String, IgnoredAny>>,
}

/// One service.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("anyOf" = [{ "required": ["schema"] }, { "required": ["canary"] }]))]
pub struct Service {
    /// How changes of its OpenAPI description are judged.
    pub schema: Option<SchemaGate>,
    /// How its canaries are carried out.
    pub canary: Option<Canary>,
}

/// How changes of a service's OpenAPI description are judged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct SchemaGate {
    /// Path of the description beneath the root of the repository.
    pub description: String,
    /// The mildest level of a finding that fails the change: a setting of `builtin:schema`, so not beside a `gate` of its
    /// own. Default error.
    pub fail_on: Option<FailOn>,
    /// The policies that decide. Default `builtin:schema`.
    pub gate: Option<Gate>,
    /// What each of them may use, where that is less than the program allows.
    pub limits: Option<LoweredLimits>,
    /// What the description is compared with: `merge-base`, a revision, `REVISION:PATH`, a URL, the path of a file beneath
    /// the root (one that ends in `.yaml`, `.yml` or `.json`, or begins with `./`), or one of these by its name. Default
    /// `merge-base`.
    pub base: Option<SchemaBase>,
    /// Which promise is made to clients: what counts as breaking. Default wire.
    pub profile: Option<Profile>,
    /// Levels of single rules, by id, whatever the profile says.
    #[serde(default)]
    pub levels: BTreeMap<String, Setting>,
    /// Operations that count: `/pets/**`, `GET /pets/*`, `operation:listPets`, `tag:public`. Default all.
    #[serde(default)]
    pub include: Vec<String>,
    /// Operations that do not count, in the same form.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Path of the list of accepted changes beneath the root of the repository. Default `.rollgate-accepted.yaml`.
    pub accepted: Option<String>,
    /// Whether a pull request of a branch of this repository is judged by the policies, and the `policies.lock`, that it
    /// brings. The rest of the config stays that of the base branch, and a fork brings nothing. Default false.
    pub allow_pr_policies: Option<bool>,
}

/// What a description is compared with.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged, inline)]
pub enum SchemaBase {
    /// `merge-base`, a revision, `REVISION:PATH`, the path of a file beneath the root that ends in `.yaml`, `.yml` or
    /// `.json` or begins with `./`, or a URL.
    Written(String),
    /// One of these by its name.
    Named(Box<NamedBase>),
}

impl<'de> Deserialize<'de> for SchemaBase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = SchemaBase;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a map")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<SchemaBase, E> {
                Ok(SchemaBase::Written(text.to_owned()))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, parts: D) -> Result<SchemaBase, D::Error> {
                NamedBase::deserialize(parts).map(Box::new).map(SchemaBase::Named)
            }
        }

        deserializer.deserialize_newtype_struct(TEXT_OR_MAP, Reader)
    }
}

/// What a description is compared with, by name: exactly one of `revision`, `file`, `url` and `published`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["revision"] }, { "required": ["file"] }, { "required": ["url"] }, { "required": ["published"] },
]))]
pub struct NamedBase {
    /// A revision, or `REVISION:PATH`.
    pub revision: Option<String>,
    /// Path of a file beneath the root of the repository.
    pub file: Option<String>,
    /// A URL, by https or on this machine.
    pub url: Option<String>,
    /// Bearer token for the URL.
    pub bearer: Option<Secret>,
    /// The last published version.
    pub published: Option<PublishedIn>,
}

/// Where descriptions are published: exactly one of `folder`, `s3`, `gcs`, `azure` and `tag`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["folder"] }, { "required": ["s3"] }, { "required": ["gcs"] }, { "required": ["azure"] },
    { "required": ["tag"] },
]))]
pub struct PublishedIn {
    /// Path of a folder beneath the root of the repository, or an absolute one.
    pub folder: Option<String>,
    /// A bucket of S3, or of what speaks its protocol. Credentials come from the environment (`AWS_ACCESS_KEY_ID` and so on).
    pub s3: Option<S3Store>,
    /// A bucket of Google Cloud Storage. Credentials come from the environment (`GOOGLE_APPLICATION_CREDENTIALS` and so on).
    pub gcs: Option<GcsStore>,
    /// A container of Azure Blob Storage. Credentials come from the environment (`AZURE_CLIENT_ID` and so on).
    pub azure: Option<AzureStore>,
    /// Which tags of the repository are releases, such as `v*` or `web-api/v*`: the description at the one with the
    /// highest version counts.
    pub tag: Option<String>,
}

/// A bucket of S3.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct S3Store {
    /// Name of the bucket.
    pub bucket: String,
    /// Folder in the bucket.
    pub prefix: Option<String>,
    /// Its region. Default `AWS_REGION` of the environment.
    pub region: Option<String>,
    /// URL of a server that is not Amazon's, such as `https://minio.example.com`.
    pub endpoint: Option<String>,
}

/// A bucket of Google Cloud Storage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GcsStore {
    /// Name of the bucket.
    pub bucket: String,
    /// Folder in the bucket.
    pub prefix: Option<String>,
    /// URL of a server that is not Google's.
    pub endpoint: Option<String>,
}

/// A container of Azure Blob Storage.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AzureStore {
    /// Name of the storage account.
    pub account: String,
    /// Name of the container.
    pub container: String,
    /// Folder in the container.
    pub prefix: Option<String>,
    /// URL of the account where that is not `https://ACCOUNT.blob.core.windows.net`.
    pub endpoint: Option<String>,
}

/// The mildest level of a finding that fails a change of a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// What breaks clients.
    Error,
    /// What may break clients too.
    Warn,
    /// Whatever is found.
    Info,
    /// Nothing.
    None,
}

impl FailOn {
    /// The word in configs and in the settings of `builtin:schema`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::None => "none",
        }
    }
}

/// How a canary of a service is carried out.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Canary {
    /// What moves traffic.
    pub driver: Driver,
    /// What answers metric queries.
    pub provider: Provider,
    /// Metrics by name.
    pub metrics: BTreeMap<String, Metric>,
    /// From first canary traffic to all of it.
    pub steps: Vec<Step>,
    /// Time between two samples of the metrics. By default 15s, or the shortest `every` if that is less.
    pub tick: Option<Span>,
    /// How far behind the clock the provider's data is; the window of a look ends this much before now. Default 0s.
    pub lag: Option<Span>,
    /// Time after each change of weight whose samples are not judged. Default 0s.
    pub warm_up: Option<Span>,
    /// How far back a look sees; by default to the end of the step's warm-up.
    pub window: Option<Span>,
    /// Promotion before this much time has passed is not acted upon. Default 0s.
    pub min_bake: Option<Span>,
    /// How long the rollout may take in all. By default twice the sum of the steps, at least one minute more than it.
    pub deadline: Option<Span>,
    /// What happens at the deadline without a decision.
    #[serde(default)]
    pub on_deadline: OnEnd,
    /// What happens on SIGINT or SIGTERM.
    #[serde(default)]
    pub on_cancel: OnEnd,
    /// The service's error budget, as policies see it.
    pub budget: Option<Budget>,
    /// Health checks of the canary by name, asked at every look. `builtin:health` judges them.
    #[serde(default)]
    pub health: BTreeMap<String, Check>,
    /// The policies that decide. Default `builtin:sequential`.
    pub gate: Option<Gate>,
    /// What each of them may use, where that is less than the program allows.
    pub limits: Option<LoweredLimits>,
    /// Labels that policies see.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Name of the time zone, such as `Europe/Berlin`, whose local time policies see. Default UTC.
    pub time_zone: Option<String>,
}

/// What becomes of the traffic when a rollout ends without a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnEnd {
    /// All of it goes to the baseline.
    #[default]
    Rollback,
    /// It stays as it is, and the report says so.
    Leave,
}

/// What moves traffic.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Driver {
    /// HAProxy's runtime API.
    Haproxy(Haproxy),
    /// Something else moves traffic; Rollgate only judges.
    None(NoDriver),
}

/// No settings.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoDriver {}

/// Two servers of one HAProxy backend, one for each arm.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Haproxy {
    /// Path of the runtime API's unix socket, or `host:port` of its TCP socket.
    pub socket: String,
    /// Name of the backend.
    pub backend: String,
    /// Server of the baseline arm.
    pub baseline: String,
    /// Server of the canary arm.
    pub canary: String,
}

/// What answers metric queries.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Provider {
    /// Reads Prometheus text exposition from the arms themselves.
    Scrape(Scrape),
    /// Asks a server that speaks Prometheus' HTTP API.
    Prometheus(Prometheus),
}

/// The arms' own `/metrics`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scrape {
    /// URLs of the baseline's instances.
    pub baseline: Vec<String>,
    /// URLs of the canary's instances.
    pub canary: Vec<String>,
}

/// A server that speaks Prometheus' HTTP API.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Prometheus {
    /// Its base URL.
    pub url: String,
    /// What `{{arm}}` in a query stands for.
    #[serde(default)]
    pub arms: ArmLabels,
    /// Bearer token.
    pub bearer: Option<Secret>,
    /// User and password.
    pub basic: Option<Basic>,
    /// Further request headers, such as `X-Scope-OrgID`.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
}

/// User and password.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Basic {
    /// The user.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// What `{{arm}}` in a query stands for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ArmLabels {
    /// For the baseline arm.
    pub baseline: String,
    /// For the canary arm.
    pub canary: String,
}

impl Default for ArmLabels {
    fn default() -> Self {
        Self { baseline: "baseline".into(), canary: "canary".into() }
    }
}

/// One metric: exactly one of `ratio`, `histogram`, `rate` and `gauge`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["ratio"] }, { "required": ["histogram"] }, { "required": ["rate"] }, { "required": ["gauge"] },
]))]
pub struct Metric {
    /// Two counters: bad events and all events.
    pub ratio: Option<RatioQueries>,
    /// The `_bucket` counters of a classic histogram, or a native histogram, in seconds.
    pub histogram: Option<String>,
    /// A counter, judged by its rate per second; by `builtin:sequential` if it has a `margin`.
    pub rate: Option<String>,
    /// A single series, judged by its level; by `builtin:sequential` if it has a `margin` or a `floor`.
    pub gauge: Option<String>,
    /// Which way is worse. Default lower-is-better; higher-is-better for `rate`.
    pub direction: Option<Direction>,
    /// Allowed ratio canary / baseline.
    pub margin: Option<f64>,
    /// Absolute difference that does not matter.
    pub floor: Option<Fraction>,
    /// Unit of a gauge.
    pub unit: Option<String>,
    /// Time after each change of weight whose samples of this metric are not judged, instead of the canary's.
    pub warm_up: Option<Span>,
}

/// Two counters.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RatioQueries {
    /// Selects the counters of bad events. No match with traffic in `total` means none were bad.
    pub bad: String,
    /// Selects the counters of all events.
    pub total: String,
}

/// The error budget of the service: what its objective allows, and what of that is left. Takes a provider that answers
/// queries.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Budget {
    /// Share of the events that has to be good, such as `99.9%`.
    pub objective: Fraction,
    /// Name of the ratio whose bad events use it up. Default the only ratio.
    pub metric: Option<String>,
    /// A query for how many events the period has had, as one number: `sum(increase(http_requests_total[30d]))`.
    pub total: String,
    /// A query for how many of them were bad, as one number. No answer means that none were.
    pub bad: String,
}

/// One health check: a `url` that the canary answers, or a `query` for the provider.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["url"] }, { "required": ["query"] }]))]
pub struct Check {
    /// A URL that the canary answers, such as `http://canary:8080/healthz`. Redirects are not followed.
    pub url: Option<String>,
    /// The status of a good answer. Default any from 200 to 299.
    #[schemars(range(min = 200, max = 599))]
    pub expect: Option<u16>,
    /// How long an answer may take, at most 10s. Default 2s.
    pub timeout: Option<Span>,
    /// How many requests are sent, all at once; the share of good answers says how sure the check is. Default 3.
    #[schemars(range(min = 1, max = 10))]
    pub attempts: Option<u32>,
    /// Bearer token.
    pub bearer: Option<Secret>,
    /// Further request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// A query whose series are each between 0 and 1, such as `up{job="web",track="canary"}`; their mean counts. Takes a
    /// provider that answers queries.
    pub query: Option<String>,
}

/// One step.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// The canary's share of traffic.
    pub weight: WeightPercent,
    /// How long the step lasts at least. Default 0s: the next step follows at once.
    #[serde(default, rename = "for")]
    pub hold: Span,
    /// Time between two looks; by default as in the step before, 60s in the first.
    pub every: Option<Span>,
}

/// The policies that decide: one policy, `all`, `any`, a `quorum` or a `weighted` majority of several, or a `preset`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["all"] }, { "required": ["any"] }, { "required": ["quorum"] }, { "required": ["weighted"] },
    { "required": ["policy"] }, { "required": ["preset"] },
]))]
pub struct Gate {
    /// Every part must agree.
    pub all: Option<Vec<Gate>>,
    /// One part suffices.
    pub any: Option<Vec<Gate>>,
    /// So many parts must agree.
    pub quorum: Option<Majority>,
    /// Parts that weigh so much together must agree.
    pub weighted: Option<Majority>,
    /// `builtin:NAME`, the path of a component beneath the root of the repository, or one of a registry by its digest.
    pub policy: Option<String>,
    /// Settings of that policy.
    pub settings: Option<serde_json::Map<String, serde_json::Value>>,
    /// Who has to have signed that policy.
    pub attestation: Option<Attestation>,
    /// A gate that ships with the program, by its name: `aurigraph`, `aurum`, `decalogo`, `utxoiq`.
    pub preset: Option<String>,
    /// How much this part of a `weighted` gate counts. Default 1.
    pub weight: Option<u32>,
}

/// Who has to have signed a policy, in the words of `gh attestation verify` and cosign. Verified without network, each time
/// that the gate is opened.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["certificate-identity"] }, { "required": ["certificate-identity-regexp"] },
]))]
pub struct Attestation {
    /// Path of the sigstore bundle beneath the root of the repository: JSON, or a line of JSON for each of several.
    pub bundle: String,
    /// Who has to have signed, exactly: `https://github.com/OWNER/REPO/.github/workflows/FILE@REF`, or an address.
    pub certificate_identity: Option<String>,
    /// A regular expression that the whole identity has to match, in place of `certificate-identity`.
    pub certificate_identity_regexp: Option<String>,
    /// Who has to have vouched for the signer: `https://token.actions.githubusercontent.com` for workflows of GitHub.
    pub certificate_oidc_issuer: String,
    /// Type of the statement. Default `https://slsa.dev/provenance/v1`, or a plain signature of the policy.
    pub predicate_type: Option<String>,
    /// Whose certificates and logs count: `sigstore`, `github` for private repositories, or the path of a
    /// `trusted_root.json` beneath the root of the repository. Default sigstore.
    pub trusted_root: Option<String>,
}

macro_rules! lowered_limits {
    (@written u64) => { u64 };
    (@written Millis) => { Span };
    ($($(#[doc = $doc:literal])* $name:ident: $type:ident = $default:expr;)*) => {
        /// What a policy may use, each limit lowered. Sizes are in bytes.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
        #[serde(rename_all = "kebab-case", deny_unknown_fields)]
        pub struct LoweredLimits {
            $($(#[doc = $doc])* pub $name: Option<lowered_limits!(@written $type)>,)*
        }
    };
}

crate::policy::limits::table!(lowered_limits);

/// How many must agree, and who.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Majority {
    /// How many parts of a `quorum`, or how much weight of a `weighted` gate, must agree.
    #[schemars(range(min = 1))]
    pub needed: u32,
    /// The parts.
    pub of: Vec<Gate>,
}
