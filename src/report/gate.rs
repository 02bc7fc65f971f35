//! What a canary makes known on the forge: the same record as its report, as a [`Publication`]. Pure.

use super::canary::{CanaryReport, Cause, Outcome};
use super::markdown;
use super::publication::{Conclusion, GateKind, Publication, Subject};
use crate::rollout::record::RunRecord;
use crate::support::text;

/// What `record` makes known.
#[must_use]
pub fn publication(record: &RunRecord) -> Publication {
    // The numbers of the whole run are in the summary's sentences; no look is needed for the headline.
    let report = CanaryReport::of(record, 2);
    let service = report.service.clone();
    Publication {
        subject: Subject { service, gate: GateKind::Canary },
        conclusion: conclusion(&report),
        headline: text::line(&format!("{}. {}", report.headline, report.summary.join(" ")), text::SHOWN),
        body: markdown::body(record),
        annotations: Vec::new(),
    }
}

/// How a run ended, in the words of all gates.
#[must_use]
pub fn conclusion(report: &CanaryReport) -> Conclusion {
    match (report.outcome, report.cause) {
        (Outcome::Running, _) => Conclusion::Pending,
        (Outcome::Promoted, _) => Conclusion::Passed,
        (Outcome::RolledBack, Some(Cause::Interrupted | Cause::Terminated)) | (Outcome::Left, _) => {
            Conclusion::Cancelled
        }
        (Outcome::RolledBack, _) => Conclusion::Failed,
        (Outcome::Undecided, Some(Cause::OutsideFailure))
        | (Outcome::RollbackUnconfirmed | Outcome::Drifted, _) => Conclusion::Fault,
        (Outcome::Undecided, _) => Conclusion::Undecided,
    }
}
