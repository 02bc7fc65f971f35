//! The decision: the gravest finding against `fail-on`, then what is undecided, then whether it was accepted.

use crate::settings::{Settings, Undecided};
use kit::types::{
    Fact, FactValue, Finding, Level, Outcome, PolicyError, Proof, Reason, SchemaReport, Severity, Snapshot,
    Stage, Verdict,
};

/// How many findings are given as reasons; the report has them all.
const TOLD: usize = 10;

/// Decides on one change.
pub(crate) fn judge(snapshot: &Snapshot, settings: Settings) -> Result<Outcome, PolicyError> {
    if snapshot.position.stage != Stage::PullRequest {
        return Err(PolicyError::Other(
            "schema judges changes of descriptions, not canaries: use another policy here".into(),
        ));
    }
    let Some(report) = &snapshot.schema else {
        return Err(PolicyError::InsufficientData("no descriptions were compared".into()));
    };
    let failing = failing(report, settings);
    let undecided = u64::from(report.undecided);
    let fails = failing > 0 || (undecided > 0 && settings.undecided == Undecided::Fail);
    let mut reasons = vec![counts(report, fails)];
    reasons.extend(told(report, settings));
    let verdict = if fails {
        match accepted(snapshot) {
            Some(who) => {
                reasons.insert(0, reason(Severity::Warning, format!("what breaks is accepted{who}")));
                Verdict::Promote
            }
            None => Verdict::Rollback,
        }
    } else if undecided > 0 && settings.undecided == Undecided::Hold {
        Verdict::Hold(None)
    } else {
        Verdict::Promote
    };
    Ok(Outcome { verdict, reasons, memory: Vec::new() })
}

/// How many findings fail the change by their level.
fn failing(report: &SchemaReport, settings: Settings) -> u64 {
    let (errors, warnings, infos) =
        (u64::from(report.errors), u64::from(report.warnings), u64::from(report.infos));
    match settings.fail_on {
        None => 0,
        Some(Level::Error) => errors,
        Some(Level::Warn) => errors + warnings,
        Some(Level::Info) => errors + warnings + infos,
    }
}

fn fails(finding: &Finding, settings: Settings) -> bool {
    let by_level = match finding.level {
        Level::Error => settings.fail_on.is_some(),
        Level::Warn => matches!(settings.fail_on, Some(Level::Warn | Level::Info)),
        Level::Info => settings.fail_on == Some(Level::Info),
    };
    by_level || (settings.undecided == Undecided::Fail && finding.proof == Proof::Undecided)
}

/// Who accepted what breaks, as the end of a sentence.
fn accepted(snapshot: &Snapshot) -> Option<String> {
    let fact = |name: &str| snapshot.facts.iter().find(|fact| fact.name == name).map(|fact| &fact.value);
    if fact("accepted") != Some(&FactValue::Boolean(true)) {
        return None;
    }
    Some(match fact("accepted-by") {
        Some(FactValue::Text(who)) => format!(" by {who}"),
        _ => String::new(),
    })
}

fn counts(report: &SchemaReport, fails: bool) -> Reason {
    let counted =
        |count: u32, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    let text = if report.errors + report.warnings + report.infos == 0 {
        "no client can notice the change".to_owned()
    } else {
        format!(
            "{}, {}, {}",
            counted(report.errors, "change that breaks clients", "changes that break clients"),
            counted(report.warnings, "that may", "that may"),
            counted(report.infos, "that is worth knowing", "that are worth knowing")
        )
    };
    let severity = if fails { Severity::Critical } else { Severity::Info };
    let evidence = [("errors", report.errors), ("warnings", report.warnings), ("infos", report.infos)]
        .map(|(name, count)| Fact { name: name.into(), value: FactValue::Integer(i64::from(count)) });
    Reason { evidence: evidence.into(), ..reason(severity, text) }
}

/// The findings that fail the change, the gravest first, as the report orders them.
fn told(report: &SchemaReport, settings: Settings) -> Vec<Reason> {
    let failing = report.findings.iter().filter(|finding| fails(finding, settings));
    failing.take(TOLD).map(|finding| reason(Severity::Critical, sentence(finding))).collect()
}

fn sentence(finding: &Finding) -> String {
    let place = match (finding.example_operations.first(), finding.operation_count) {
        (None, _) => String::new(),
        (Some(operation), 0 | 1) => format!(" ({} {})", operation.method.to_uppercase(), operation.path),
        (Some(operation), count) => {
            format!(" ({} {} and {} more)", operation.method.to_uppercase(), operation.path, count - 1)
        }
    };
    format!("{}: {}{place}", finding.id, finding.message)
}

fn reason(severity: Severity, text: String) -> Reason {
    Reason { severity, text, metric: None, evidence: Vec::new() }
}
