//! Asks the gate of a description and turns its answers into a conclusion.
//!
//! Promote is pass, rollback is fail, hold is undecided; a policy that broke is a fault, and neither that nor a refusal
//! ever passes. The host has one word of its own: a revision that cannot be read does not pass, whatever the gate says.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::compared::Compared;
use super::find::Target;
use super::trees::{Job, Trees};
use crate::cli::Failure;
use crate::cli::judge::{self, Policies};
use crate::github::Acceptance;
use crate::openapi::finding::Verdict as Differences;
use crate::policy::builtin;
use crate::report::publication::Conclusion;
use crate::rollout::observation::digest;
use crate::rollout::record::{LookRecord, VERSION};
use crate::snapshot::model::{Context, Fact, FactValue};
use crate::snapshot::schema;
use crate::snapshot::statistics::Statistics;
use crate::support::clock::{Clock as _, SystemClock};
use crate::support::text;
use crate::verdict::combine::combine;
use crate::verdict::model::{Answer, Decision, Member, Outcome, Refusal, Verdict};

/// How many reasons of a policy are told.
const REASONS: usize = 10;

/// Who can say whether somebody accepted what breaks.
#[async_trait]
pub(in crate::cli) trait Accept: Send + Sync {
    /// Asks. What cannot be read is not accepted.
    async fn ask(&self) -> Acceptance;

    /// The label by which it is accepted.
    fn label(&self) -> &str;
}

/// Where nobody can accept anything.
#[derive(Debug)]
pub(in crate::cli) struct Nobody;

#[async_trait]
impl Accept for Nobody {
    async fn ask(&self) -> Acceptance {
        Acceptance::Absent
    }

    fn label(&self) -> &str {
        crate::github::accept::LABEL
    }
}

/// What a gate concluded.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) conclusion: Conclusion,
    /// The gate's own sentences, each one safe line.
    pub(super) remarks: Vec<String>,
    /// What the gate was asked and said; none where it was not.
    pub(super) look: Option<Box<LookRecord>>,
}

impl Judged {
    /// Without an answer: it could not be compared, or nobody could be asked.
    pub(super) fn failed(why: String) -> Self {
        Self { conclusion: Conclusion::Fault, remarks: vec![why], look: None }
    }

    /// Without a question: there is nothing to object to.
    pub(super) fn passed() -> Self {
        Self { conclusion: Conclusion::Passed, remarks: Vec::new(), look: None }
    }
}

/// Whether whoever accepts what breaks has to be asked at all.
pub(super) fn may_break(compared: &Compared) -> bool {
    compared
        .report
        .as_ref()
        .is_some_and(|report| report.summary.verdict != Differences::Compatible || report.summary.warn > 0)
}

/// Asks the gate of `target`.
pub(super) async fn ask(
    target: &Target,
    compared: &Compared,
    trees: &Trees,
    job: &Job,
    acceptance: &Acceptance,
    label: &str,
) -> Result<Judged, Failure> {
    let Some(report) = &compared.report else { return Ok(Judged::passed()) };
    // The config that says so is that of the governing tree.
    let is_own = target.plan.allow_pr_policies && job.may_bring_policies();
    let from = if is_own { trees.revision.as_ref() } else { trees.base.governing.as_ref() };
    let policies = Policies::In(from);
    let mut gate = judge::open(&target.plan.gate, &[], policies).await?;
    let snapshot =
        schema::snapshot(context(target, compared, trees, job), schema::report(report), facts(acceptance));
    let asked = gate.asked(&BTreeMap::new());
    let members = gate.judge(&snapshot, &BTreeMap::new()).await;
    let decision = combine(gate.composition(), &members);
    gate.close().await;
    let mut remarks = Vec::new();
    if may_break(compared) {
        remarks.extend(acceptance.note(label));
    }
    for member in &members {
        said(member, &mut remarks);
    }
    let mut conclusion = conclusion(&decision);
    if compared.is_unreadable {
        remarks.insert(0, format!("{} cannot be read, so it does not pass", text::line(&compared.path, 300)));
        if conclusion == Conclusion::Passed {
            conclusion = Conclusion::Failed;
        }
    }
    let look = LookRecord {
        version: VERSION,
        look: 1,
        at: snapshot.context.now_ms,
        snapshot_sha256: digest(&snapshot),
        snapshot,
        asked,
        members,
        decision,
        previous: None,
        statistics: Statistics::default(),
    };
    Ok(Judged { conclusion, remarks, look: Some(Box::new(look)) })
}

fn conclusion(decision: &Decision) -> Conclusion {
    match decision.verdict {
        Verdict::Rollback => Conclusion::Failed,
        _ if decision.fault => Conclusion::Fault,
        Verdict::Promote => Conclusion::Passed,
        Verdict::Hold(_) => Conclusion::Undecided,
        // A pull request has no steps: the review of answers has made a fault of it.
        Verdict::Advance(_) => Conclusion::Fault,
    }
}

fn facts(acceptance: &Acceptance) -> Vec<Fact> {
    let fact = |name: &str, value| Fact { name: name.into(), value };
    let mut facts = vec![fact("accepted", FactValue::Boolean(acceptance.is_accepted()))];
    if let Acceptance::Accepted(by) = acceptance {
        facts.push(fact("accepted-by", FactValue::Text(by.login.clone())));
    }
    facts
}

fn context(target: &Target, compared: &Compared, trees: &Trees, job: &Job) -> Context {
    let event = job.event.as_ref();
    Context {
        service: target.plan.service.clone(),
        run_id: event.and_then(|event| event.run.clone()).unwrap_or_else(|| "local".into()),
        baseline_revision: compared.against.commit.as_ref().map(ToString::to_string),
        canary_revision: trees.commit.as_ref().map(ToString::to_string),
        commit: trees.commit.as_ref().map(ToString::to_string),
        actor: event.map(|event| text::line(&event.actor, 200)).filter(|actor| !actor.is_empty()),
        event: event.map(|event| event.kind.as_str().to_owned()),
        now_ms: SystemClock::start().now(),
        ..Context::default()
    }
}

/// What a policy said that the report does not say already.
fn said(member: &Member, remarks: &mut Vec<String>) {
    let name = text::line(&member.policy, 200);
    match &member.answer {
        Answer::Fault(fault) => {
            let mend = fault.mend.as_deref().map(|mend| format!("; {mend}")).unwrap_or_default();
            remarks.push(text::line(&format!("the policy {name} broke: {fault}{mend}"), text::SHOWN));
        }
        Answer::Refusal(refusal) => {
            let (Refusal::BadSettings(why) | Refusal::InsufficientData(why) | Refusal::Other(why)) = refusal;
            remarks.push(text::line(&format!("the policy {name} does not judge: {why}"), text::SHOWN));
        }
        // Its reasons are the report's findings and the acceptance, which are told anyway.
        Answer::Outcome(_) if member.policy == format!("{}schema", builtin::SCHEME) => {}
        Answer::Outcome(Outcome { verdict, reasons, .. }) => {
            let word = match verdict {
                Verdict::Rollback => "fails the change",
                Verdict::Hold(_) => "does not decide",
                Verdict::Promote | Verdict::Advance(_) => "passes the change",
            };
            let reasons: Vec<&str> = reasons
                .iter()
                .map(|reason| reason.text.as_str())
                .filter(|text| !text.is_empty())
                .take(REASONS)
                .collect();
            let why = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join("; ")) };
            remarks.push(text::line(&format!("the policy {name} {word}{why}"), text::SHOWN));
        }
    }
}
