//! What the gate on a description makes known on the forge: the differences as a [`Publication`].

use super::sources::Sources;
use super::{markdown, words};
use crate::openapi::finding::{Diagnostic, Finding, Level, Location, Report};
use crate::report::link::Links;
use crate::report::publication::{Annotation, AnnotationLevel, Conclusion, Publication, Subject};
use crate::support::text;

/// How many annotations are made: no reader takes more.
const ANNOTATIONS: usize = 1_000;

/// What the gate said of the differences.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Of which service.
    pub subject: Subject,
    /// How the gate ended.
    pub conclusion: Conclusion,
    /// The gate's own sentences: who accepted a break, which policy broke. Plain text, shown below the verdict; the
    /// first stands in the headline where the gate did not just follow the report.
    pub remarks: Vec<String>,
}

/// What is made known of `report`, judged so.
#[must_use]
pub fn of(report: &Report, sources: &Sources<'_>, links: &Links, judgement: Judgement) -> Publication {
    let body = markdown::body(report, sources, links, Some(&judgement));
    let Judgement { subject, conclusion, remarks } = judgement;
    let headline = words::headline(report);
    let headline = match remarks.first() {
        Some(remark) => format!("{}; {headline}", text::line(remark, text::SHOWN)),
        None => headline,
    };
    Publication {
        subject,
        conclusion,
        headline: text::line(&headline, text::SHOWN),
        body,
        annotations: annotations(report, sources),
    }
}

/// A remark for each finding at its line of the revision; for what was removed at the nearest part that remains, and
/// for a deleted description at its beginning.
#[must_use]
pub fn annotations(report: &Report, sources: &Sources<'_>) -> Vec<Annotation> {
    let findings = report.findings.iter().take(ANNOTATIONS);
    let (_, of_settings) = words::defects(report);
    let remarks = of_settings.into_iter().filter_map(remark);
    findings
        .filter_map(|finding| annotation(report, finding, sources))
        .chain(remarks)
        .take(ANNOTATIONS)
        .collect()
}

/// What is to be said of an entry of the list of accepted changes, where it stands.
fn remark(diagnostic: &Diagnostic) -> Option<Annotation> {
    let location = diagnostic.location.as_ref()?;
    Some(Annotation {
        path: location.file.clone(),
        line: location.line,
        column: Some(location.column),
        level: AnnotationLevel::Warning,
        title: text::line(&diagnostic.code, 255),
        message: text::line(&diagnostic.message, words::MESSAGE),
    })
}

/// Where a finding stands in the revision, or the nearest part of it that remains; for a deleted description its
/// beginning.
pub(super) fn place_of(report: &Report, finding: &Finding, sources: &Sources<'_>) -> Option<Location> {
    let beginning = |file: &String| Location { file: file.clone(), line: 1, column: 1 };
    sources
        .nearest(finding)
        .or_else(|| report.revision.file.as_ref().map(beginning))
        .or_else(|| report.base.file.as_ref().map(beginning))
}

fn annotation(report: &Report, finding: &Finding, sources: &Sources<'_>) -> Option<Annotation> {
    let is_here = finding.revision_location.is_some();
    let location = place_of(report, finding, sources)?;
    let level = match finding.level {
        Level::Error => AnnotationLevel::Failure,
        Level::Warn => AnnotationLevel::Warning,
        Level::Info => AnnotationLevel::Notice,
    };
    let removed = match &finding.base_location {
        Some(base) if !is_here => format!(" · was at {}", words::place(base)),
        _ => String::new(),
    };
    let message = text::line(&finding.message, words::MESSAGE);
    Some(Annotation {
        path: location.file,
        line: location.line,
        column: is_here.then_some(location.column),
        level,
        title: text::line(&finding.id, 255),
        message: format!("{message} ({}{removed})", words::concerns(report, finding, "")),
    })
}
