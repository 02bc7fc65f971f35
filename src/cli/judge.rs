//! Opens gates for the commands that ask one: a canary at every look, a change of a description once.
//!
//! A gate is opened before anything depends on it: its policies are read, their workers started and all settings
//! checked, and all that is wrong is said at once. Where the bytes of a policy come from is the caller's choice, since a
//! pull request must not bring its own judge.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use anyhow::anyhow;

use super::{Failure, output};
use crate::config::lock::{self, Lock};
use crate::config::{
    AttestationSpec, CanaryPlan, ConfigErrors, Configuration, GateSpec, Location, PolicyReference, yaml,
};
use crate::health::CheckPlan;
use crate::metrics::{MetricEvidence, MetricPlan};
use crate::policy::attestation::{self, Evidence};
use crate::policy::builtin;
use crate::policy::gate::{Gate, GateError, GatePlan, MemberPlan, Problem};
use crate::policy::limits::Limits;
use crate::policy::process::WorkerProgram;
use crate::policy::source::PolicySource;
use crate::snapshot::build;
use crate::snapshot::model::{
    Absence, AbsenceCode, ArmName, Budget, Context, Health, HealthCheck, MetricKind, Position, Snapshot,
    Stage,
};
use crate::source::registry::{self, Reference};
use crate::source::{RepoPath, Source};
use crate::support::http::Client;
use crate::support::units::{Millis, Sha256, Timestamp, Weight};
use crate::support::{fs, text};
use crate::verdict::model::{Composition, Fault, FaultKind};

/// Where the policies of a gate are read that do not ship with the program.
#[derive(Clone, Copy)]
pub(super) enum Policies<'s> {
    /// Beneath a folder.
    Beneath(&'s Path),
    /// In a tree of files.
    In(&'s dyn Source),
}

impl Policies<'_> {
    /// The bytes of a file, at most `limit`; or in words why they are not to be had.
    async fn read(self, path: &str, limit: usize) -> Result<Vec<u8>, String> {
        match self {
            Self::Beneath(root) => {
                fs::read_beneath(root, Path::new(path), limit).map_err(|error| error.to_string())
            }
            Self::In(tree) => {
                let path = RepoPath::written(path).map_err(|error| error.to_string())?;
                tree.read(&path, limit).await.map_err(|error| format!("{error} (in {})", tree.describe()))
            }
        }
    }
}

/// Opens the gate of a canary.
pub(super) async fn of_canary(plan: &CanaryPlan, policies: Policies<'_>) -> Result<Gate, Failure> {
    let first = first(plan);
    let mut gate = open(&plan.gate, &kinds(&first), policies).await?;
    match gate.settle(&first).await {
        Ok(()) => Ok(gate),
        Err(error) => {
            gate.close().await;
            Err(Failure::Usage(placed(error, &plan.gate).into()))
        }
    }
}

/// What the policies of a canary see before anything was measured: what is configured, and no data.
fn first(plan: &CanaryPlan) -> Snapshot {
    let context = Context {
        service: plan.service.clone(),
        environment: plan.environment.clone(),
        run_id: "settings".into(),
        ..Context::default()
    };
    let first = plan.rollout.steps.first();
    let position = Position {
        stage: Stage::Canary,
        step: 0,
        steps: u32::try_from(plan.rollout.steps.len()).unwrap_or(u32::MAX),
        weight: first.map_or(Weight::FULL, |step| step.weight),
        elapsed_ms: Millis(0),
        step_elapsed_ms: Millis(0),
        step_duration_ms: first.map_or(Millis(0), |step| step.hold),
        min_bake_ms: plan.rollout.min_bake,
        deadline_ms: Timestamp(0).after(plan.rollout.deadline),
        looks: 0,
    };
    let nothing = |arm| {
        let message = "nothing is measured yet".into();
        Err(Absence { arm: Some(arm), code: AbsenceCode::Empty, message })
    };
    let unmeasured = |plan: &MetricPlan| MetricEvidence {
        plan: plan.clone(),
        baseline: nothing(ArmName::Baseline),
        canary: nothing(ArmName::Canary),
        warming_up: true,
    };
    let evidence: Vec<MetricEvidence> = plan.metrics.iter().map(unmeasured).collect();
    let unknown = |check: &CheckPlan| HealthCheck {
        name: check.name.clone(),
        state: Health::Unknown,
        confidence: 0.0,
        message: String::new(),
    };
    Snapshot {
        health: plan.health.iter().map(unknown).collect(),
        budget: plan.budget.as_ref().map(|budget| Budget {
            objective: budget.objective,
            remaining: 1.0,
            burnt_by_canary: 0.0,
            burn_rate: 0.0,
        }),
        ..build::snapshot(context, position, &evidence, &[])
    }
}

fn kinds(snapshot: &Snapshot) -> Vec<(String, MetricKind)> {
    snapshot.metrics.iter().map(|metric| (metric.name.clone(), metric.kind)).collect()
}

/// What the policies that ship with the program find wrong with their settings in any of the configurations, each once.
/// Those of files and registries are for the commands that open their gates.
pub(super) async fn check(configurations: &[Configuration]) -> Result<(), ConfigErrors> {
    let mut asked = BTreeSet::new();
    let mut problems = Vec::new();
    for service in configurations.iter().flat_map(|configuration| configuration.services.values()) {
        let canary = service.canary.as_ref().map(|canary| (&canary.gate, Some(first(canary))));
        let schema = service.schema.as_ref().map(|schema| (&schema.gate, None));
        for (spec, first) in canary.into_iter().chain(schema) {
            let plan = shipped(spec);
            // An environment that changes nothing of it has the same gate again.
            let same = format!("{:?} {:?} {first:?}", spec.members, spec.limits);
            if plan.members.is_empty() || !asked.insert(same) {
                continue;
            }
            let metrics = first.as_ref().map(kinds).unwrap_or_default();
            let opened = match Gate::open(plan, &metrics, spec.limits).await {
                Ok(mut gate) => {
                    let settled = match &first {
                        Some(first) => gate.settle(first).await,
                        None => Ok(()),
                    };
                    gate.close().await;
                    settled
                }
                Err(error) => Err(error),
            };
            problems.extend(opened.err().into_iter().flat_map(|error| located(error, spec)));
        }
    }
    problems.dedup();
    let told = |(at, problem): (Option<Location>, Problem)| {
        let Problem { policy, pointer, message, mend, .. } = problem;
        let message = match pointer.as_deref() {
            None => format!("{policy}: {message}"),
            Some(pointer) => format!("settings{pointer} of {policy}: {message}"),
        };
        (at, message, mend)
    };
    if problems.is_empty() {
        Ok(())
    } else {
        Err(ConfigErrors::of_places(problems.into_iter().map(told).collect()))
    }
}

/// The gate with those policies alone that ship with the program.
fn shipped(spec: &GateSpec) -> GatePlan {
    let mut members = Vec::new();
    for member in &spec.members {
        if let PolicyReference::Builtin(name) = &member.policy
            && let Some(builtin) = builtin::find(name)
        {
            members.push(MemberPlan {
                id: member.id.clone(),
                policy: member.policy.to_string(),
                bytes: Ok(builtin.bytes.into()),
                settings: member.settings.clone(),
            });
        }
    }
    let composition = Composition::All((0..members.len()).map(Composition::Member).collect());
    GatePlan { composition, members, worker: WorkerProgram::default() }
}

/// Opens the gate of `spec` for a configuration with these metrics.
pub(super) async fn open(
    spec: &GateSpec,
    metrics: &[(String, MetricKind)],
    policies: Policies<'_>,
) -> Result<Gate, Failure> {
    let limits = spec.limits;
    let lock = lock(policies).await?;
    let mut members = Vec::with_capacity(spec.members.len());
    for member in &spec.members {
        let read = bytes(&member.policy, policies, &limits)
            .await
            .and_then(|bytes| held(&member.policy, bytes, lock.as_ref()));
        let bytes = match (read, &member.attestation) {
            (Ok(bytes), Some(asked)) => attested(asked, &bytes, policies).await.map(|_| bytes),
            (read, _) => read,
        };
        members.push(MemberPlan {
            id: member.id.clone(),
            policy: member.policy.to_string(),
            bytes,
            settings: member.settings.clone(),
        });
    }
    let plan = GatePlan { composition: spec.composition.clone(), members, worker: WorkerProgram::default() };
    let gate = Gate::open(plan, metrics, limits)
        .await
        .map_err(|error| Failure::Usage(placed(error, spec).into()))?;
    for note in gate.notes() {
        output::note(note);
    }
    Ok(gate)
}

/// The problems with their places in the configuration.
fn located(error: GateError, spec: &GateSpec) -> Vec<(Option<Location>, Problem)> {
    let place = |problem: Problem| {
        let member = spec.members.iter().find(|member| member.id == problem.member);
        let of_settings = problem.pointer.is_some();
        let at = member.map(|member| if of_settings { &member.settings_at } else { &member.at });
        (at.cloned(), problem)
    };
    error.problems.into_iter().map(place).collect()
}

/// The error with the places of the configuration that it is about.
fn placed(error: GateError, spec: &GateSpec) -> GateError {
    let named = |(at, problem): (Option<Location>, Problem)| Problem {
        place: at.map(|at| at.to_string()),
        ..problem
    };
    GateError { problems: located(error, spec).into_iter().map(named).collect() }
}

/// The lock file of where the policies come from; none where there is none.
async fn lock(policies: Policies<'_>) -> Result<Option<Lock>, Failure> {
    let failed =
        |why: String| Failure::Outside(anyhow!("read {}: {}", lock::FILE, text::line(&why, text::SHOWN)));
    let bytes = match policies {
        Policies::Beneath(root) => match fs::read_beneath(root, Path::new(lock::FILE), yaml::MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(fs::ReadError::Missing) => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        },
        Policies::In(tree) => {
            let path = RepoPath::written(lock::FILE).map_err(|error| failed(error.to_string()))?;
            match tree.read(&path, yaml::MAX_BYTES).await {
                Ok(bytes) => bytes,
                Err(error) if error.is_missing() => return Ok(None),
                Err(error) => return Err(failed(error.to_string())),
            }
        }
    };
    lock::parse(lock::FILE, &bytes).map(Some).map_err(|errors| Failure::Usage(errors.into()))
}

/// The bytes of a policy, if they are those of the lock file. Built-in ones are not in it.
fn held(policy: &PolicyReference, bytes: Arc<[u8]>, lock: Option<&Lock>) -> Result<Arc<[u8]>, Fault> {
    let (PolicyReference::File(_) | PolicyReference::Registry(_), Some(lock)) = (policy, lock) else {
        return Ok(bytes);
    };
    let refused = |message: String, mend: &str| Fault {
        kind: FaultKind::Unreadable,
        message: text::line(&message, text::SHOWN),
        mend: Some(mend.to_owned()),
    };
    let digest = Sha256::of(&bytes);
    match lock.of(&policy.to_string()) {
        Some(entry) if entry.sha256 == digest => Ok(bytes),
        Some(entry) => Err(refused(
            format!("its bytes are sha256:{digest}, and {} has sha256:{}", lock::FILE, entry.sha256),
            "restore the policy, or lock the new one with `rollgate policy lock` and check both in",
        )),
        None => Err(refused(
            format!("it is not in {}", lock::FILE),
            "run `rollgate policy lock` and check the file in",
        )),
    }
}

/// Who has signed a policy, if it is whom the config asks for. The bundle and the trusted root come from where the policies
/// come from: a pull request cannot bring its own.
pub(super) async fn attested(
    asked: &AttestationSpec,
    bytes: &[u8],
    policies: Policies<'_>,
) -> Result<Evidence, Fault> {
    let refused = |is_of_root: bool, message: &str, mend: String| {
        let file = if is_of_root { asked.root.file() } else { Some(&asked.bundle) };
        let file = file.map_or("the trusted root".to_owned(), |file| format!("`{file}`"));
        let does = if is_of_root { "cannot be used as the trusted root" } else { "does not attest it" };
        let message = text::line(&format!("{file} {does}: {message}"), text::SHOWN);
        Fault { kind: FaultKind::Unattested, message, mend: Some(mend) }
    };
    let unread = |is_of_root: bool, why: &str| {
        let mend = "check the file in beside the policy, where the config is read";
        refused(is_of_root, &format!("it cannot be read: {why}"), mend.to_owned())
    };
    let bundles =
        policies.read(&asked.bundle, attestation::LONGEST_BUNDLE).await.map_err(|why| unread(false, &why))?;
    let kept = match asked.root.file() {
        Some(file) => {
            policies.read(file, attestation::LONGEST_ROOT).await.map_err(|why| unread(true, &why))?
        }
        None => Vec::new(),
    };
    let root = asked.root.clone().map(|_| kept);
    attestation::verify(bytes, &bundles, &asked.requirement, &root)
        .map_err(|refusal| refused(refusal.is_of_root, &refusal.message, refusal.mend))
}

/// The bytes of a policy that somebody names in a text: built in, of a registry by its digest, or beneath `root`.
pub(super) async fn read(policy: &str, root: &Path, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
    if !Reference::is_meant(policy) {
        return PolicySource { root: root.into() }.read(policy, limits);
    }
    match policy.parse() {
        Ok(reference) => from_registry(&reference, limits).await,
        Err(error) => Err(Fault {
            kind: FaultKind::Unreadable,
            message: format!("`{}` does not say which policy of a registry", text::line(policy, 300)),
            mend: Some(error.mend().to_owned()),
        }),
    }
}

/// The bytes that a registry has of a digest: nobody can change them, so it does not matter who names it.
async fn from_registry(reference: &Reference, limits: &Limits) -> Result<Arc<[u8]>, Fault> {
    let fetched = match Client::new() {
        Ok(client) => registry::fetch(&client, reference, limits.component_bytes)
            .await
            .map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    fetched.map(Arc::from).map_err(|why| Fault {
        kind: FaultKind::Unreadable,
        message: text::line(&format!("{reference} cannot be read: {why}"), text::SHOWN),
        mend: None,
    })
}

async fn bytes(
    policy: &PolicyReference,
    policies: Policies<'_>,
    limits: &Limits,
) -> Result<Arc<[u8]>, Fault> {
    let (path, tree) = match (policy, policies) {
        (PolicyReference::File(path), Policies::In(tree)) => (path, tree),
        (PolicyReference::Registry(reference), _) => return from_registry(reference, limits).await,
        (policy, Policies::Beneath(root)) => {
            return PolicySource { root: root.into() }.read(&policy.to_string(), limits);
        }
        (policy @ PolicyReference::Builtin(_), Policies::In(_)) => {
            // Built-in policies are nowhere but in the program.
            return PolicySource { root: ".".into() }.read(&policy.to_string(), limits);
        }
    };
    let limit = usize::try_from(limits.component_bytes).unwrap_or(usize::MAX);
    let read = match RepoPath::written(path) {
        Ok(path) => tree.read(&path, limit).await.map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    read.map(Arc::from).map_err(|why| Fault {
        kind: FaultKind::Unreadable,
        message: text::line(&format!("failed to {why} (in {})", tree.describe()), text::SHOWN),
        mend: None,
    })
}
