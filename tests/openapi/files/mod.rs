//! Descriptions of several files: what references to other files lead to, what is wrong with them, and that it means
//! nothing in which file something stands.

mod defects;
mod hostile;
mod identity;
mod places;
mod split;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::date;
use rollgate::openapi::bundle::{Absence, Bundle};
use rollgate::openapi::compare::{Options, compare};
use rollgate::openapi::finding::Report;
use rollgate::openapi::read::read;

/// A description, the first of these files, with those of them that it asks for.
pub(crate) fn bundle<P: AsRef<str>, T: AsRef<[u8]>>(files: &[(P, T)]) -> Bundle {
    let by_path: BTreeMap<&str, &[u8]> =
        files.iter().map(|(path, text)| (path.as_ref(), text.as_ref())).collect();
    gathered(files[0].0.as_ref(), |path| by_path.get(path).map(|text| text.to_vec()))
}

/// The description at `path` beneath a folder, with its files.
pub(crate) fn beneath(folder: &Path, path: &str) -> Bundle {
    gathered(path, |path| std::fs::read(folder.join(path)).ok())
}

fn gathered(main: &str, file: impl Fn(&str) -> Option<Vec<u8>>) -> Bundle {
    let (tree, defects) = read(main, &file(main).unwrap_or_else(|| panic!("there is no {main}")));
    let mut bundle = Bundle::rooted(main, tree, defects);
    loop {
        let wanted = bundle.wanted();
        if wanted.is_empty() {
            return bundle;
        }
        for path in wanted {
            match file(&path) {
                Some(bytes) => {
                    let (tree, defects) = read(&path, &bytes);
                    bundle.add(&path, tree, defects);
                }
                None => bundle.lack(path, Absence::Missing),
            }
        }
    }
}

/// The differences of two descriptions, on a day on which 2025 is over and 2999 is far away.
pub(crate) fn report(base: &Bundle, revision: &Bundle) -> Report {
    let options = Options { today: Some(date(2026, 7, 1)), ..Options::default() };
    compare(&base.lower(), &revision.lower(), &options)
}

/// The differences, a line each, with the places on both sides.
fn findings(base: &Bundle, revision: &Bundle) -> String {
    let at = |location: &Option<rollgate::openapi::diagnostic::Location>| {
        location
            .as_ref()
            .map_or_else(|| "-".to_owned(), |at| format!("{}:{}:{}", at.file, at.line, at.column))
    };
    let line = |finding: &rollgate::openapi::finding::Finding| {
        let (base, revision) = (at(&finding.base_location), at(&finding.revision_location));
        let level = finding.level.as_str();
        format!(
            "{level} {} {}\n    {base} -> {revision}\n    {}\n",
            finding.id, finding.subject, finding.message
        )
    };
    report(base, revision).findings.iter().map(line).collect()
}

/// What is wrong with a description, with the file of each place.
fn told(bundle: &Bundle) -> String {
    let line = |defect: &rollgate::openapi::diagnostic::Diagnostic| {
        let level =
            if defect.level == rollgate::openapi::diagnostic::Gravity::Error { "error" } else { "warn" };
        let at = defect
            .location
            .as_ref()
            .map_or_else(String::new, |at| format!("{}:{}:{}", at.file, at.line, at.column));
        let pointer = defect.pointer.as_deref().unwrap_or("-");
        format!("{level} {} {at} {pointer}\n    {}\n", defect.code, defect.message)
    };
    bundle.lower().diagnostics.iter().map(line).collect()
}
