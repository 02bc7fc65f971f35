//! What kept a rollout from being judged or carried out: policies that broke or declined, metrics without
//! data, weights that could not be set. The same problem of many looks is one entry with their number.

use schemars::JsonSchema;
use serde::Serialize;

use super::gather::{NAME, SENTENCE};
use crate::rollout::journal::Entry;
use crate::rollout::machine::Event;
use crate::rollout::record::RunRecord;
use crate::snapshot::model::{AbsenceCode, ArmName, MetricState};
use crate::support::text;
use crate::verdict::model::{Answer, Refusal};

/// How many different problems a report shows.
pub const MOST: usize = 32;

/// Something that kept a rollout from being judged or carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// The policy, metric or router that it is about.
    pub subject: String,
    /// Its stable name, where it has one.
    pub code: Option<String>,
    /// What was seen the last time.
    pub message: String,
    /// What can be done about it.
    pub mend: Option<String>,
    /// How often it was seen.
    pub times: u32,
    /// The first look that met it; none if it was no look.
    pub first_look: Option<u32>,
    /// The last look that met it.
    pub last_look: Option<u32>,
}

/// Kinds of problems, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// A policy broke.
    Fault,
    /// The router did not do or show what it was told.
    Driver,
    /// A policy declined to judge.
    Refusal,
    /// A metric had no data.
    NoData,
}

/// The problems of a run, the gravest first, then in the order of their first appearance.
#[must_use]
pub fn of(record: &RunRecord) -> Vec<Problem> {
    let mut found = Found::default();
    for look in &record.looks {
        for member in &look.members {
            let subject = format!("{} ({})", text::line(&member.policy, NAME), text::line(&member.id, NAME));
            match &member.answer {
                Answer::Outcome(_) => {}
                Answer::Refusal(refusal) => found.refusal(look.look, subject, refusal),
                Answer::Fault(fault) => {
                    let mend = fault.mend.as_deref().map(|mend| text::line(mend, SENTENCE));
                    found.add(
                        Some(look.look),
                        ProblemKind::Fault,
                        subject,
                        Some(fault.kind.code()),
                        &fault.message,
                        mend,
                    );
                }
            }
        }
        for metric in &look.snapshot.metrics {
            if let MetricState::NoData(absence) = &metric.state {
                let arm = match absence.arm {
                    Some(ArmName::Baseline) => "baseline",
                    Some(ArmName::Canary) => "canary",
                    None => "both arms",
                };
                let subject = format!("{}, {arm}", text::line(&metric.name, NAME));
                let mend = Some(absence_mend(absence.code).to_owned());
                found.add(
                    Some(look.look),
                    ProblemKind::NoData,
                    subject,
                    Some(absence.code.as_str()),
                    &absence.message,
                    mend,
                );
            }
        }
    }
    for line in &record.lines {
        if let Entry::Event(Event::ShiftFailed { weight, message, .. }) = &line.entry {
            let subject = format!("weight {weight}");
            let mend = Some("check that the router runs and that its address and names are right".to_owned());
            found.add(None, ProblemKind::Driver, subject, None, message, mend);
        }
    }
    found.0.sort_by_key(|problem| problem.kind);
    found.0
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn refusal(&mut self, look: u32, subject: String, refusal: &Refusal) {
        let (code, message, mend) = match refusal {
            Refusal::BadSettings(message) => {
                ("bad-settings", message, Some("mend the settings of this policy in the configuration"))
            }
            Refusal::InsufficientData(message) => (
                "insufficient-data",
                message,
                Some("give the step more time or traffic, or ask the policy for fewer requests"),
            ),
            Refusal::Other(message) => ("other", message, None),
        };
        let mend = mend.map(str::to_owned);
        self.add(Some(look), ProblemKind::Refusal, subject, Some(code), message, mend);
    }

    fn add(
        &mut self,
        look: Option<u32>,
        kind: ProblemKind,
        subject: String,
        code: Option<&str>,
        message: &str,
        mend: Option<String>,
    ) {
        let message = text::line(message, SENTENCE);
        let known = self
            .0
            .iter_mut()
            .find(|known| known.kind == kind && known.subject == subject && known.code.as_deref() == code);
        if let Some(known) = known {
            known.times = known.times.saturating_add(1);
            known.last_look = look.or(known.last_look);
            known.message = message;
            known.mend = mend;
        } else if self.0.len() < MOST * 4 {
            let code = code.map(str::to_owned);
            self.0.push(Problem {
                kind,
                subject,
                code,
                message,
                mend,
                times: 1,
                first_look: look,
                last_look: look,
            });
        }
    }
}

fn absence_mend(code: AbsenceCode) -> &'static str {
    match code {
        AbsenceCode::Empty => "check the query, its labels, and that the arm is being scraped",
        AbsenceCode::NotANumber => "make the query return numbers: a division by zero is the usual cause",
        AbsenceCode::SeveralSeries => "make the query select or aggregate to one series per arm",
        AbsenceCode::NoTraffic => "check that the arm gets requests, and that the query counts them",
        AbsenceCode::ProviderDown => "check that the provider runs and can be reached from here",
        AbsenceCode::Malformed => "check that the address is that of the provider the configuration names",
    }
}
