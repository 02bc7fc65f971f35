//! Two descriptions as texts, compared.

use jiff::civil::date;
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::{Finding, Report};
use rollgate::openapi::model::lower;
use rollgate::openapi::read::read;

/// The differences of two descriptions, on a day on which 2025 is over and 2999 is far away.
pub(crate) fn compared(base: &[u8], revision: &[u8]) -> Report {
    let (old, old_defects) = read("base", base);
    let (new, new_defects) = read("revision", revision);
    let (old, new) = (lower(&old, old_defects), lower(&new, new_defects));
    compare(&old, &new, &Options { today: Some(date(2026, 7, 1)), ..Options::default() })
}

/// A finding for every operation that it reaches, as people list them who come from other tools: with the method in
/// upper case and the path, both empty where it reaches none.
pub(crate) fn per_operation(report: &Report) -> Vec<(&Finding, String, String)> {
    let mut listed = Vec::new();
    for finding in &report.findings {
        if finding.operation_count == 0 {
            listed.push((finding, String::new(), String::new()));
        }
        for operation in report.reached(finding) {
            listed.push((finding, operation.method.to_uppercase(), operation.path.clone()));
        }
    }
    listed
}
