//! The differences of two descriptions as the XML of `JUnit`: a test case for each finding. A breaking change fails, one
//! that was accepted is skipped, anything else passes and is told in its output.

use std::fmt::Write as _;

use super::place::Place;
use super::words;
use crate::openapi::finding::{Accepted, Finding, Level, Report};
use crate::support::text;

/// How many findings are listed: more than any reader of such files shows.
const CASES: usize = 10_000;

/// The report as XML.
#[must_use]
pub fn render(report: &Report) -> String {
    let findings = &report.findings[..report.findings.len().min(CASES)];
    let failures = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let accepted = &report.accepted[..report.accepted.len().min(CASES)];
    let skipped = accepted.len();
    let tests = (findings.len() + skipped).max(1);
    let name = text::html(&words::title(report), text::SHOWN);
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"");
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rollgate schema\" {counts}>\n  \
         <testsuite name=\"{name}\" {counts}>\n"
    );
    if findings.is_empty() && accepted.is_empty() {
        xml.push_str("    <testcase classname=\"the description as a whole\" name=\"no changes\"/>\n");
    }
    for finding in findings {
        case(&mut xml, report, finding, None);
    }
    for one in accepted {
        case(&mut xml, report, &one.finding, Some(one));
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    text::page(&xml)
}

fn case(xml: &mut String, report: &Report, finding: &Finding, accepted: Option<&Accepted>) {
    let escaped = |foreign: &str| text::html(foreign, text::SHOWN);
    let place = Place::of(&finding.subject).to_string();
    let location = finding.revision_location.as_ref().or(finding.base_location.as_ref());
    let at = location
        .map(|at| format!(" file=\"{}\" line=\"{}\"", escaped(&at.file), at.line))
        .unwrap_or_default();
    // Two findings of one rule at one place are two cases.
    let name = format!("{}: {}", text::line(&finding.id, 200), text::line(&finding.message, words::MESSAGE));
    let _ = writeln!(xml, "    <testcase classname=\"{}\" name=\"{}\"{at}>", escaped(&place), escaped(&name));
    let message = escaped(&finding.message);
    let concerns = escaped(&words::concerns(report, finding, ""));
    let places = [&finding.base_location, &finding.revision_location];
    let places: Vec<String> = places.into_iter().flatten().map(|at| escaped(&words::place(at))).collect();
    let detail = format!("{concerns}\n{}", places.join("\n"));
    let _ = match (finding.level, accepted) {
        (_, Some(accepted)) => {
            let reason = format!("accepted: {}", words::reason(accepted));
            writeln!(xml, "      <skipped message=\"{}\"/>", escaped(&reason))
        }
        (Level::Error, None) => writeln!(
            xml,
            "      <failure type=\"{}\" message=\"{message}\">{detail}</failure>",
            escaped(&finding.id)
        ),
        (level, None) => {
            writeln!(xml, "      <system-out>{}: {message}\n{detail}</system-out>", level.as_str())
        }
    };
    xml.push_str("    </testcase>\n");
}
