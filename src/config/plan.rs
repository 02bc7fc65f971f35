//! The one validated plan: what the rest of the program knows of the config.

use std::collections::BTreeMap;

use super::location::Location;
use super::model;
use super::nearest;
use super::schema_plan::SchemaPlan;
use crate::health::CheckPlan;
use crate::metrics::{BudgetPlan, MetricPlan};
use crate::policy::attestation::{Requirement, Root};
use crate::policy::limits::Limits;
use crate::rollout;
use crate::snapshot::model::Label;
use crate::source::registry::Reference;
use crate::verdict::model::Composition;

/// A valid config, with the overlay of at most one environment merged in.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// The file it was read from, as the user named it.
    pub file: String,
    /// The environment in force.
    pub environment: Option<String>,
    /// All environments of the file, in its order.
    pub environments: Vec<String>,
    /// All services in the order of their names.
    pub services: BTreeMap<String, ServicePlan>,
}

/// What is planned for one service; at least one of the two.
#[derive(Debug, Clone)]
pub struct ServicePlan {
    /// How changes of its description are judged.
    pub schema: Option<SchemaPlan>,
    /// How its canaries are carried out.
    pub canary: Option<CanaryPlan>,
}

/// Why there is no canary to carry out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCanary {
    /// No service has this name.
    #[error("{file} has no service `{service}`; {mend}")]
    UnknownService {
        /// The file.
        file: String,
        /// What was asked for.
        service: String,
        /// The nearest known one, or all.
        mend: String,
    },
    /// The service has no `canary`.
    #[error("the service `{service}` in {file} has no `canary`; add one to its entry")]
    Missing {
        /// The file.
        file: String,
        /// What was asked for.
        service: String,
    },
    /// None was asked for, and there is more than one, or none.
    #[error("{file} has {count} services with a canary; name one of {known}")]
    Ambiguous {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// Their names.
        known: String,
    },
}

impl Configuration {
    /// The canary of `service`; without a name, of the only service that has one.
    pub fn canary(&self, service: Option<&str>) -> Result<&CanaryPlan, NoCanary> {
        let file = || self.file.clone();
        if let Some(service) = service {
            return match self.services.get(service) {
                Some(ServicePlan { canary: Some(canary), .. }) => Ok(canary),
                Some(_) => Err(NoCanary::Missing { file: file(), service: service.to_owned() }),
                None => Err(NoCanary::UnknownService {
                    file: file(),
                    service: service.to_owned(),
                    mend: nearest::of(service, self.services.keys().map(String::as_str)),
                }),
            };
        }
        let canaries: Vec<&CanaryPlan> =
            self.services.values().filter_map(|service| service.canary.as_ref()).collect();
        match canaries.as_slice() {
            [canary] => Ok(canary),
            canaries => Err(NoCanary::Ambiguous {
                file: file(),
                count: canaries.len(),
                known: nearest::list(canaries.iter().map(|canary| canary.service.as_str())),
            }),
        }
    }
}

/// How a canary of a service is carried out, with every default in place.
#[derive(Debug, Clone)]
pub struct CanaryPlan {
    /// Name of the service.
    pub service: String,
    /// The environment in force.
    pub environment: Option<String>,
    /// What moves traffic.
    pub driver: model::Driver,
    /// What answers metric queries.
    pub provider: model::Provider,
    /// In the order of their names.
    pub metrics: Vec<MetricPlan>,
    /// The error budget that policies see.
    pub budget: Option<BudgetPlan>,
    /// In the order of their names.
    pub health: Vec<CheckPlan>,
    /// Steps and times.
    pub rollout: rollout::plan::Plan,
    /// The policies that decide.
    pub gate: GateSpec,
    /// In the order of their names.
    pub labels: Vec<Label>,
    /// Keys whose value is the built-in default, such as `deadline` and `steps[1].every`.
    pub defaults: Vec<String>,
}

/// The policies that decide, by reference.
#[derive(Debug, Clone)]
pub struct GateSpec {
    /// How they are composed; leaves are indices into `members`.
    pub composition: Composition,
    /// The policies, in the order of the file; at least one.
    pub members: Vec<MemberSpec>,
    /// What each of them may use.
    pub limits: Limits,
}

impl GateSpec {
    /// One policy that ships with the program, for what is configured at `at` and names no gate.
    pub(super) fn builtin(
        name: &str,
        settings: serde_json::Map<String, serde_json::Value>,
        limits: Limits,
        at: &Location,
    ) -> Self {
        let policy = PolicyReference::Builtin(name.to_owned());
        let member = MemberSpec {
            id: "gate".to_owned(),
            policy,
            settings,
            attestation: None,
            at: at.clone(),
            settings_at: at.clone(),
        };
        Self { composition: Composition::Member(0), members: vec![member], limits }
    }
}

/// One policy of a gate.
#[derive(Debug, Clone)]
pub struct MemberSpec {
    /// Its path in the gate: `gate` where it is the only one, else such as `all[1].any[0]`. Unique.
    pub id: String,
    /// Which policy.
    pub policy: PolicyReference,
    /// Its settings; empty where there are none.
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Who has to have signed it.
    pub attestation: Option<AttestationSpec>,
    /// Where the policy is named, for errors about it.
    pub at: Location,
    /// Where its settings stand, for errors about them; where there are none, as `at`.
    pub settings_at: Location,
}

/// Who has to have signed a policy, and what shows it.
#[derive(Debug, Clone)]
pub struct AttestationSpec {
    /// Path of the bundle, beneath the root of the repository.
    pub bundle: String,
    /// Whose certificates and logs count; a file is beneath the root of the repository.
    pub root: Root<String>,
    /// What is asked.
    pub requirement: Requirement,
}

/// Which policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PolicyReference {
    /// One that ships with the program, by its name.
    Builtin(String),
    /// The path of a component beneath the root of the repository, without `..`.
    File(String),
    /// One in a registry, by its digest.
    Registry(Reference),
}

impl std::fmt::Display for PolicyReference {
    /// As it is written in a config.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Builtin(name) => write!(f, "builtin:{name}"),
            Self::File(path) => f.write_str(path),
            Self::Registry(reference) => reference.fmt(f),
        }
    }
}
