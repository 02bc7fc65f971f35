//! Major version 1 of the interface, `wit/v1`.
//!
//! Field by field in both directions. What the guest returned is not checked here. What a guest is handed is borrowed from
//! the snapshot: a copy of it would cost as much as a short policy.

mod generated {
    #![expect(missing_docs, reason = "written by a macro from wit/v1, which is documented")]

    wasmtime::component::bindgen!({
        path: "wit/v1",
        world: "policy",
        ownership: Borrowing { duplicate_if_necessary: true },
    });
}

pub use generated::rollgate::policy::log;

use wasmtime::component::InstancePre;

use generated::exports::rollgate::policy::judge;
use generated::rollgate::policy::types as wit;

use super::{Store, WrongShape};
use crate::policy::engine::Host;
use crate::policy::{Description, MetricNeed, SettingsProblem};
use crate::snapshot::model as snapshot;
use crate::verdict::model as verdict;

/// A policy whose exports have the names of this version's.
pub struct Exports {
    instance: InstancePre<Host>,
    // Names are looked up once, not for every call.
    indices: generated::PolicyIndices,
}

impl Exports {
    /// Finds the exports.
    pub fn find(instance: InstancePre<Host>) -> wasmtime::Result<Self> {
        let indices = generated::PolicyIndices::new(&instance)?;
        Ok(Self { instance, indices })
    }

    /// Runs the policy's start function, and checks what its functions take and return.
    fn instantiate(&self, store: &mut Store) -> wasmtime::Result<generated::Policy> {
        let instance = self.instance.instantiate(&mut *store)?;
        store.data_mut().started();
        self.indices.load(store, &instance).map_err(|error| WrongShape(format!("{error:#}")).into())
    }
}

/// Instantiates and calls `describe`.
pub fn describe(policy: &Exports, store: &mut Store) -> wasmtime::Result<Description> {
    let instance = policy.instantiate(store)?;
    let described = instance.rollgate_policy_judge().call_describe(store)?;
    Ok(Description {
        name: described.name,
        version: described.version,
        summary: described.summary,
        documentation_url: described.documentation_url,
        settings_schema: described.settings_schema,
        needs: described
            .needs
            .into_iter()
            .map(|need| MetricNeed {
                name: need.name,
                kind: from_kind(need.kind),
                min_requests: need.min_requests,
            })
            .collect(),
    })
}

/// Instantiates and calls `check-settings`.
pub fn check_settings(
    policy: &Exports,
    store: &mut Store,
    settings: &str,
) -> wasmtime::Result<Vec<SettingsProblem>> {
    let instance = policy.instantiate(store)?;
    let problems = instance.rollgate_policy_judge().call_check_settings(store, settings)?;
    Ok(problems
        .into_iter()
        .map(|problem| SettingsProblem { pointer: problem.pointer, message: problem.message })
        .collect())
}

/// Instantiates and calls `evaluate`.
pub fn evaluate(
    policy: &Exports,
    store: &mut Store,
    snapshot: &snapshot::Snapshot,
    settings: &str,
    memory: &[u8],
) -> wasmtime::Result<Result<verdict::Outcome, verdict::Refusal>> {
    let instance = policy.instantiate(store)?;
    let innermost = Innermost::of(snapshot);
    let lists = Lists::of(snapshot, &innermost);
    let shown = lists.snapshot(snapshot);
    let judged = instance.rollgate_policy_judge().call_evaluate(store, shown, settings, memory)?;
    Ok(match judged {
        Ok(outcome) => Ok(from_outcome(outcome)),
        Err(judge::PolicyError::BadSettings(text)) => Err(verdict::Refusal::BadSettings(text)),
        Err(judge::PolicyError::InsufficientData(text)) => Err(verdict::Refusal::InsufficientData(text)),
        Err(judge::PolicyError::Other(text)) => Err(verdict::Refusal::Other(text)),
    })
}

fn from_outcome(outcome: wit::Outcome) -> verdict::Outcome {
    verdict::Outcome {
        verdict: match outcome.verdict {
            wit::Verdict::Advance(weight) => verdict::Verdict::Advance(weight),
            wit::Verdict::Promote => verdict::Verdict::Promote,
            wit::Verdict::Hold(seconds) => verdict::Verdict::Hold(seconds),
            wit::Verdict::Rollback => verdict::Verdict::Rollback,
        },
        reasons: outcome
            .reasons
            .into_iter()
            .map(|reason| verdict::Reason {
                severity: match reason.severity {
                    wit::Severity::Info => verdict::Severity::Info,
                    wit::Severity::Warning => verdict::Severity::Warning,
                    wit::Severity::Critical => verdict::Severity::Critical,
                },
                text: reason.text,
                metric: reason.metric,
                evidence: reason.evidence.into_iter().map(from_fact).collect(),
            })
            .collect(),
        memory: outcome.memory,
    }
}

fn from_fact(fact: wit::FactResult) -> snapshot::Fact {
    snapshot::Fact {
        name: fact.name,
        value: match fact.value {
            wit::FactValueResult::Boolean(value) => snapshot::FactValue::Boolean(value),
            wit::FactValueResult::Integer(value) => snapshot::FactValue::Integer(value),
            wit::FactValueResult::Number(value) => snapshot::FactValue::Number(value),
            wit::FactValueResult::Text(value) => snapshot::FactValue::Text(value),
        },
    }
}

fn from_kind(kind: wit::MetricKind) -> snapshot::MetricKind {
    match kind {
        wit::MetricKind::Ratio => snapshot::MetricKind::Ratio,
        wit::MetricKind::Latency => snapshot::MetricKind::Latency,
        wit::MetricKind::Gauge => snapshot::MetricKind::Gauge,
        wit::MetricKind::Rate => snapshot::MetricKind::Rate,
    }
}

/// Lists within lists: those of all owners one after the other.
struct Innermost<'s> {
    /// Of the metrics.
    facts: Vec<wit::FactParam<'s>>,
    /// Of the findings.
    operations: Vec<wit::Operation<'s>>,
}

impl<'s> Innermost<'s> {
    fn of(from: &'s snapshot::Snapshot) -> Self {
        let findings = from.schema.iter().flat_map(|schema| &schema.findings);
        let operations = findings.flat_map(|finding| &finding.example_operations);
        Self {
            facts: from.metrics.iter().flat_map(|metric| &metric.facts).map(to_fact).collect(),
            operations: operations
                .map(|operation| wit::Operation { method: &operation.method, path: &operation.path })
                .collect(),
        }
    }
}

/// What a snapshot has several of.
struct Lists<'s> {
    labels: Vec<wit::Label<'s>>,
    metrics: Vec<wit::Metric<'s>>,
    health: Vec<wit::HealthCheck<'s>>,
    findings: Vec<wit::Finding<'s>>,
    history: Vec<wit::Past>,
    facts: Vec<wit::FactParam<'s>>,
}

impl<'s> Lists<'s> {
    fn of(from: &'s snapshot::Snapshot, innermost: &'s Innermost<'s>) -> Self {
        let (mut facts, mut operations) = (innermost.facts.as_slice(), innermost.operations.as_slice());
        let metric = |metric| to_metric(metric, &mut facts);
        let finding = |finding| to_finding(finding, &mut operations);
        Self {
            labels: from
                .context
                .labels
                .iter()
                .map(|label| wit::Label { name: &label.name, value: &label.value })
                .collect(),
            metrics: from.metrics.iter().map(metric).collect(),
            health: from.health.iter().map(to_health_check).collect(),
            findings: from.schema.iter().flat_map(|schema| &schema.findings).map(finding).collect(),
            history: from.history.iter().map(to_past).collect(),
            facts: from.facts.iter().map(to_fact).collect(),
        }
    }

    fn snapshot(&'s self, from: &'s snapshot::Snapshot) -> wit::Snapshot<'s> {
        wit::Snapshot {
            context: to_context(&from.context, &self.labels),
            position: to_position(&from.position),
            metrics: &self.metrics,
            health: &self.health,
            schema: from.schema.as_ref().map(|schema| wit::SchemaReport {
                errors: schema.errors,
                warnings: schema.warnings,
                infos: schema.infos,
                proven: schema.proven,
                undecided: schema.undecided,
                findings: &self.findings,
            }),
            history: &self.history,
            budget: from.budget.as_ref().map(|budget| wit::Budget {
                objective: budget.objective,
                remaining: budget.remaining,
                burnt_by_canary: budget.burnt_by_canary,
                burn_rate: budget.burn_rate,
            }),
            facts: &self.facts,
        }
    }
}

/// The next `count` of `rest`, which is left with what comes after them.
fn next<'s, T>(rest: &mut &'s [T], count: usize) -> &'s [T] {
    let (taken, left) = rest.split_at(count.min(rest.len()));
    *rest = left;
    taken
}

fn to_context<'s>(from: &'s snapshot::Context, labels: &'s [wit::Label<'s>]) -> wit::Context<'s> {
    wit::Context {
        service: &from.service,
        environment: from.environment.as_deref(),
        run_id: &from.run_id,
        baseline_revision: from.baseline_revision.as_deref(),
        canary_revision: from.canary_revision.as_deref(),
        commit: from.commit.as_deref(),
        actor: from.actor.as_deref(),
        event: from.event.as_deref(),
        labels,
        now_ms: from.now_ms.0,
        utc_offset_seconds: from.utc_offset_seconds,
    }
}

fn to_position(from: &snapshot::Position) -> wit::Position {
    wit::Position {
        stage: match from.stage {
            snapshot::Stage::PullRequest => wit::Stage::PullRequest,
            snapshot::Stage::Canary => wit::Stage::Canary,
        },
        step: from.step,
        steps: from.steps,
        weight: from.weight.percent(),
        elapsed_ms: from.elapsed_ms.0,
        step_elapsed_ms: from.step_elapsed_ms.0,
        step_duration_ms: from.step_duration_ms.0,
        min_bake_ms: from.min_bake_ms.0,
        deadline_ms: from.deadline_ms.0,
        looks: from.looks,
    }
}

fn to_metric<'s>(from: &'s snapshot::Metric, facts: &mut &'s [wit::FactParam<'s>]) -> wit::Metric<'s> {
    wit::Metric {
        name: &from.name,
        kind: match from.kind {
            snapshot::MetricKind::Ratio => wit::MetricKind::Ratio,
            snapshot::MetricKind::Latency => wit::MetricKind::Latency,
            snapshot::MetricKind::Gauge => wit::MetricKind::Gauge,
            snapshot::MetricKind::Rate => wit::MetricKind::Rate,
        },
        unit: &from.unit,
        direction: match from.direction {
            snapshot::Direction::LowerIsBetter => wit::Direction::LowerIsBetter,
            snapshot::Direction::HigherIsBetter => wit::Direction::HigherIsBetter,
            snapshot::Direction::TwoSided => wit::Direction::TwoSided,
        },
        margin: from.margin,
        floor: from.floor,
        baseline: to_arm(&from.baseline),
        canary: to_arm(&from.canary),
        comparison: from.comparison.as_ref().map(|comparison| wit::Comparison {
            ratio: comparison.ratio,
            difference: comparison.difference,
            interval_low: comparison.interval_low,
            interval_high: comparison.interval_high,
            e_rollback: comparison.e_rollback,
            e_promote: comparison.e_promote,
            effect: comparison.effect,
            p_value: comparison.p_value,
            needed_requests: comparison.needed_requests,
        }),
        state: match &from.state {
            snapshot::MetricState::Ok => wit::MetricState::Ok,
            snapshot::MetricState::WarmingUp => wit::MetricState::WarmingUp,
            snapshot::MetricState::NoData(absence) => wit::MetricState::NoData(wit::Absence {
                arm: absence.arm.map(|arm| match arm {
                    snapshot::ArmName::Baseline => wit::ArmName::Baseline,
                    snapshot::ArmName::Canary => wit::ArmName::Canary,
                }),
                code: absence.code.as_str(),
                message: &absence.message,
            }),
        },
        facts: next(facts, from.facts.len()),
    }
}

fn to_arm(from: &snapshot::Arm) -> wit::Arm<'_> {
    wit::Arm {
        requests: from.requests,
        bad: from.bad,
        value: from.value,
        series: &from.series,
        missing: from.missing,
        observed_ms: from.observed_ms.0,
        bucket_edges: &from.bucket_edges,
        bucket_counts: &from.bucket_counts,
    }
}

fn to_health_check(from: &snapshot::HealthCheck) -> wit::HealthCheck<'_> {
    wit::HealthCheck {
        name: &from.name,
        state: match from.state {
            snapshot::Health::Healthy => wit::Health::Healthy,
            snapshot::Health::Unhealthy => wit::Health::Unhealthy,
            snapshot::Health::Unknown => wit::Health::Unknown,
        },
        confidence: from.confidence,
        message: &from.message,
    }
}

fn to_finding<'s>(
    from: &'s snapshot::Finding,
    operations: &mut &'s [wit::Operation<'s>],
) -> wit::Finding<'s> {
    wit::Finding {
        id: &from.id,
        level: match from.level {
            snapshot::Level::Error => wit::Level::Error,
            snapshot::Level::Warn => wit::Level::Warn,
            snapshot::Level::Info => wit::Level::Info,
        },
        proof: match from.proof {
            snapshot::Proof::Proven => wit::Proof::Proven,
            snapshot::Proof::Undecided => wit::Proof::Undecided,
            snapshot::Proof::Rule => wit::Proof::Rule,
        },
        message: &from.message,
        witness: from.witness.as_deref(),
        fingerprint: &from.fingerprint,
        operation_count: from.operation_count,
        example_operations: next(operations, from.example_operations.len()),
    }
}

fn to_past(from: &snapshot::Past) -> wit::Past {
    wit::Past {
        now_ms: from.now_ms.0,
        step: from.step,
        weight: from.weight.percent(),
        verdict: match from.verdict {
            snapshot::PastVerdict::Promote => wit::PastVerdict::Promote,
            snapshot::PastVerdict::Advance => wit::PastVerdict::Advance,
            snapshot::PastVerdict::Hold => wit::PastVerdict::Hold,
            snapshot::PastVerdict::Rollback => wit::PastVerdict::Rollback,
        },
    }
}

fn to_fact(from: &snapshot::Fact) -> wit::FactParam<'_> {
    wit::FactParam {
        name: &from.name,
        value: match &from.value {
            snapshot::FactValue::Boolean(value) => wit::FactValueParam::Boolean(*value),
            snapshot::FactValue::Integer(value) => wit::FactValueParam::Integer(*value),
            snapshot::FactValue::Number(value) => wit::FactValueParam::Number(*value),
            snapshot::FactValue::Text(value) => wit::FactValueParam::Text(value),
        },
    }
}
