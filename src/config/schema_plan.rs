//! How changes of a service's OpenAPI description are judged: from the `schema` of a config to its plan.
//!
//! Invariant: the path of a plan lies beneath the root, and its gate has at least one policy. Knows nothing of Git, of
//! where descriptions are read, or of how they are compared.

use std::collections::BTreeMap;

use serde_json::json;

use super::base::{self, BasePlan};
use super::check::{self, Findings};
use super::gate;
use super::limits;
use super::location::{Location, Path};
use super::model::{FailOn, SchemaGate};
use super::nearest;
use super::plan::GateSpec;
use crate::openapi::judge::{Filter, NotAPattern, Pattern, Setting};
use crate::openapi::rules::{self, Profile};
use crate::policy::limits::Limits;
use crate::source::RepoPath;

/// The policy that judges where the config names none.
const BUILTIN: &str = "schema";

/// How changes of a description are judged, with every default in place.
#[derive(Debug, Clone)]
pub struct SchemaPlan {
    /// Name of the service.
    pub service: String,
    /// The description, beneath the root of the repository.
    pub description: RepoPath,
    /// The level that `builtin:schema` was given; none where it is the default, or the gate is the config's own.
    pub fail_on: Option<FailOn>,
    /// The policies that decide.
    pub gate: GateSpec,
    /// Whether the config names them.
    pub own_gate: bool,
    /// What it is compared with.
    pub base: BasePlan,
    /// What counts, and how much.
    pub counting: Counting,
    /// Whether a pull request of a branch of the same repository brings the policies that judge it.
    pub allow_pr_policies: bool,
}

/// What of the differences counts, and how much. By default everything, at the levels of the catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counting {
    /// The promise that is made to clients.
    pub profile: Profile,
    /// Levels of single rules, by id.
    pub levels: BTreeMap<String, Setting>,
    /// The operations that count.
    pub filter: Filter,
    /// The list of accepted changes that the config names, beneath the root of the repository.
    pub accepted: Option<RepoPath>,
}

impl SchemaPlan {
    /// The plan of a description that no config speaks of: `builtin:schema` decides.
    #[must_use]
    pub fn unconfigured(service: String, description: RepoPath, fail_on: Option<FailOn>) -> Self {
        let at = Location { file: description.to_string(), position: super::Position { line: 1, column: 1 } };
        Self {
            service,
            description,
            fail_on,
            gate: builtin(fail_on, Limits::default(), &at),
            own_gate: false,
            base: BasePlan::MergeBase,
            counting: Counting::default(),
            allow_pr_policies: false,
        }
    }

    /// The same with another level; none where the gate is the config's own, which has its settings there.
    #[must_use]
    pub fn failing_on(self, level: FailOn) -> Option<Self> {
        if self.own_gate {
            return None;
        }
        let at = self.gate.members.first()?.at.clone();
        Some(Self { fail_on: Some(level), gate: builtin(Some(level), self.gate.limits, &at), ..self })
    }
}

/// `builtin:schema` alone.
fn builtin(fail_on: Option<FailOn>, limits: Limits, at: &Location) -> GateSpec {
    let settings = fail_on.map(|level| ("fail-on".to_owned(), json!(level.as_str()))).into_iter().collect();
    GateSpec::builtin(BUILTIN, settings, limits, at)
}

/// The plan of the `schema` at `path`; none where something is wrong with it, which is then among the findings.
pub(super) fn plan(
    found: &mut Findings<'_>,
    path: &Path,
    service: &str,
    schema: &SchemaGate,
) -> Option<SchemaPlan> {
    let description = match RepoPath::written(&schema.description) {
        Ok(description) => Some(description),
        Err(error) => {
            let mend = "write the path of a file beneath the root of the repository, such as `services/web/openapi.yaml`";
            found.add(&path.key("description"), format!("failed to {error}"), mend);
            None
        }
    };
    if schema.gate.is_some() && schema.fail_on.is_some() {
        found.add_key(
            &path.key("fail-on"),
            "`fail-on` stands beside a `gate` of its own, which would not see it",
            "write it into the gate: `{ policy: builtin:schema, settings: { fail-on: … } }`",
        );
    }
    let limits = limits::plan(found, &path.key("limits"), schema.limits.as_ref());
    let gate = match &schema.gate {
        Some(gate) => gate::spec(found, &path.key("gate"), gate, limits),
        None => Some(builtin(schema.fail_on, limits, &found.location(path))),
    };
    let base = match &schema.base {
        Some(base) => base::plan(found, &path.key("base"), base),
        None => Some(BasePlan::MergeBase),
    };
    let counting = counting(found, path, schema);
    Some(SchemaPlan {
        service: service.to_owned(),
        description: description?,
        fail_on: schema.fail_on,
        gate: gate?,
        own_gate: schema.gate.is_some(),
        base: base?,
        counting,
        allow_pr_policies: schema.allow_pr_policies.unwrap_or_default(),
    })
}

fn counting(found: &mut Findings<'_>, path: &Path, schema: &SchemaGate) -> Counting {
    for id in schema.levels.keys().filter(|id| rules::find(id).is_none()) {
        let path = path.key("levels").key(id);
        found.add_key(&path, format!("there is no rule `{id}`"), nearest::rule(id));
    }
    let mut patterns = |key: &str, written: &[String]| {
        let path = path.key(key);
        check::few(found, &path, "patterns", written.len());
        let mut patterns: Vec<Pattern> = Vec::new();
        for (at, text) in written.iter().enumerate() {
            match text.parse() {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => {
                    let error: NotAPattern = error;
                    found.add(&path.index(at), error.to_string(), NotAPattern::MEND);
                }
            }
        }
        patterns
    };
    let filter = Filter {
        include: patterns("include", &schema.include),
        exclude: patterns("exclude", &schema.exclude),
    };
    let accepted = schema.accepted.as_deref().and_then(|written| match RepoPath::written(written) {
        Ok(accepted) => Some(accepted),
        Err(error) => {
            let mend = "write the path of a file beneath the root of the repository, such as `services/web/accepted.yaml`";
            found.add(&path.key("accepted"), format!("failed to {error}"), mend);
            None
        }
    });
    Counting { profile: schema.profile.unwrap_or_default(), levels: schema.levels.clone(), filter, accepted }
}
