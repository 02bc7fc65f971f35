//! The list of accepted changes: a file of the repository that says which differences were agreed upon, and why.
//!
//! Read as strictly as the config: an entry that is not understood would accept something else than was meant, so any
//! defect is an error with its place, and nothing of the file counts. `edit` adds to it without touching what is there.

mod edit;

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

pub use edit::{EditError, NewEntry, with};

use super::check::Findings;
use super::error::{ConfigErrors, Problem};
use super::excerpt::Source;
use super::location::{Extent, Path};
use super::nearest;
use super::read;
use super::yaml::{self, Node};
use crate::openapi::finding::Location;
use crate::openapi::judge::Entry;
use crate::openapi::rules;

/// Where the list is looked for, beneath the root of the repository.
pub const FILE: &str = ".rollgate-accepted.yaml";

/// How many entries there may be.
pub const MOST: usize = 1_000;

/// How long a reason, an owner and a place may be, in characters.
const LONGEST: (usize, usize, usize) = (1_000, 200, 4_096);

/// The file.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Accepted changes")]
struct Written {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    version: u32,
    /// The changes.
    accepted: Option<Vec<Change>>,
}

/// A change that was agreed upon: of a rule, at a place.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["subject"] }, { "required": ["operation"] }, { "required": ["fingerprint"] },
]))]
struct Change {
    /// Id of the rule.
    id: String,
    /// JSON Pointer of the place, as the report's `subject` has it: behind a file and `#` where that is another one, empty
    /// for the description as a whole.
    subject: Option<String>,
    /// The operation that the change reaches, such as `GET /pets/{id}`. A change that reaches several is accepted where
    /// all of them are.
    operation: Option<String>,
    /// The change itself, by the report's `fingerprint`: what is changed again counts again.
    fingerprint: Option<String>,
    /// Why it is accepted.
    reason: String,
    /// The last day on which it is, such as `2026-12-31`. Default none.
    expires: Option<String>,
    /// Who answers for it.
    owner: Option<String>,
}

/// The JSON Schema of the file, for editors.
#[must_use]
pub fn schema() -> String {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    format!("{:#}\n", settings.into_generator().into_root_schema_for::<Written>().to_value())
}

/// Reads the list from the bytes of `file`.
///
/// # Errors
/// Everything that is wrong with it, with its place.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Vec<Entry>, ConfigErrors> {
    Ok(located(file, bytes)?.map_or_else(Vec::new, |(_, entries)| entries))
}

/// The entries with the tree that they stand in; none for a file without any content.
fn located(file: &str, bytes: &[u8]) -> Result<Option<(Node, Vec<Entry>)>, ConfigErrors> {
    let text = yaml::decode(bytes).map_err(|problem| {
        let problem = if problem.message.contains("longer than") {
            problem.mend("remove entries that are not found any more")
        } else {
            problem
        };
        ConfigErrors::new(&Source::new(file, ""), vec![problem])
    })?;
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(None);
    }
    let (source, tree) = super::tree(file, bytes)?;
    let of_file = |problems| ConfigErrors::new(&source, problems);
    let written: Written = read::read(&tree).map_err(of_file)?;
    let entries = entries(&tree, file, written).map_err(of_file)?;
    Ok(Some((tree, entries)))
}

fn entries(tree: &Node, file: &str, written: Written) -> Result<Vec<Entry>, Vec<Problem>> {
    let mut found = Findings::new(tree, file);
    let root = Path::default();
    if written.version != 1 {
        let message = format!("there is no version {} of this format", written.version);
        found.add(&root.key("version"), message, "write `version: 1`");
    }
    let path = root.key("accepted");
    let changes = written.accepted.unwrap_or_default();
    if changes.len() > MOST {
        let message = format!("there are {} entries", changes.len());
        found.add_key(
            &path,
            message,
            format!("keep at most {MOST}: remove those that are not found any more"),
        );
        return Err(found.into_problems());
    }
    let mut lines: BTreeMap<edit::Key, usize> = BTreeMap::new();
    let mut entries = Vec::new();
    for (at, change) in changes.into_iter().enumerate() {
        let path = path.index(at);
        let place = found.location(&path).position;
        let Some(entry) = entry(&mut found, &path, file, tree.locate(&path), change) else { continue };
        if let Some(line) = lines.insert(edit::key(&entry), place.line) {
            let mend = format!("the first is in line {line}; keep one");
            found.add(&path, "the same change is accepted twice", mend);
        }
        entries.push(entry);
    }
    let problems = found.into_problems();
    if problems.is_empty() { Ok(entries) } else { Err(problems) }
}

/// The entry at `path`; none where something is wrong with it, which is then among the findings.
fn entry(found: &mut Findings<'_>, path: &Path, file: &str, at: Extent, change: Change) -> Option<Entry> {
    let Change { id, subject, operation, fingerprint, reason, expires, owner } = change;
    let mut is_fine = true;
    let mut wrong = |key: &str, message: String, mend: &str| {
        is_fine = false;
        found.add(&path.key(key), message, mend);
    };
    if rules::find(&id).is_none() {
        wrong("id", format!("there is no rule `{id}`"), &nearest::rule(&id));
    }
    if subject.is_none() && operation.is_none() && fingerprint.is_none() {
        let message = "the entry names no place, and would accept every change of its rule".to_owned();
        wrong("id", message, "add the `subject`, `operation` or `fingerprint` that the report shows");
    }
    if subject.as_ref().is_some_and(|subject| !is_place(subject)) {
        let message = "this is no JSON Pointer".to_owned();
        let mend =
            "write it as the report has it, such as `/components/schemas/Pet` or `pet.yaml#/properties/id`";
        wrong("subject", message, mend);
    }
    let named = operation.as_deref().map(read_operation);
    if named == Some(None) {
        let message = "this is no operation".to_owned();
        wrong("operation", message, "write the method and the path, such as `GET /pets/{id}`");
    }
    let is_digits = |digits: &String| {
        digits.len() == 16 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if fingerprint.as_ref().is_some_and(|digits| !is_digits(digits)) {
        let message = "a fingerprint has 16 hexadecimal digits".to_owned();
        wrong("fingerprint", message, "copy it from the report, in quotes if it is digits only");
    }
    if reason.trim().is_empty() {
        wrong("reason", "there is no reason".to_owned(), "say why this change is accepted");
    }
    let day = expires.as_deref().map(read_date);
    if day == Some(None) {
        let message = format!("`{}` is no day", expires.as_deref().unwrap_or_default());
        wrong("expires", message, "write the last day as in `2026-12-31`");
    }
    let texts = [
        ("reason", Some(&reason), LONGEST.0),
        ("owner", owner.as_ref(), LONGEST.1),
        ("subject", subject.as_ref(), LONGEST.2),
        ("operation", operation.as_ref(), LONGEST.2),
    ];
    for (key, text, most) in texts {
        if text.is_some_and(|text| text.chars().count() > most) {
            wrong(key, format!("this is longer than {most} characters"), "shorten it");
        }
    }
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let at = Location { file: file.to_owned(), line: number(at.start.line), column: number(at.start.column) };
    let entry = Entry {
        id,
        subject,
        operation: named.flatten(),
        fingerprint,
        reason,
        owner,
        expires: day.flatten(),
        at,
    };
    is_fine.then_some(entry)
}

/// Whether a text names a place as reports do: a JSON Pointer, behind a file and `#` where that is another one.
fn is_place(subject: &str) -> bool {
    let pointer = subject.split_once('#').filter(|_| !subject.starts_with('/')).map(|(_, pointer)| pointer);
    let pointer = pointer.unwrap_or(subject);
    pointer.is_empty() || pointer.starts_with('/')
}

/// `GET /pets` as its method in lower case and its path.
#[must_use]
pub fn read_operation(text: &str) -> Option<(String, String)> {
    let (method, path) = text.trim().split_once(' ')?;
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    let path = path.trim();
    (is_method && !path.is_empty()).then(|| (method.to_ascii_lowercase(), path.to_owned()))
}

/// A day written `2026-12-31`, and in no other way.
#[must_use]
pub fn read_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}
