//! What users of another comparison have written, carried over: its levels, and the changes that it was told to ignore.
//!
//! Nothing is carried over by guessing. A line whose rule or operation is not sure is left out and named, with the reason.
//! One that means more here than it did there is named as well.

mod controllers;
mod kayenta;
mod phrases;
mod queries;
mod rollout;

pub use self::controllers::{argo, flagger};
pub use self::kayenta::kayenta;
pub use self::rollout::Rollout;
use std::collections::BTreeMap;

use super::accepted::NewEntry;
use super::model::FailOn;
use super::nearest;
use super::yaml::{Node, Value};
use crate::openapi::finding::Level;
use crate::openapi::judge::Setting;
use crate::openapi::rules;

/// How many lines of a file are read.
const LINES: usize = 20_000;

/// How long a reason becomes.
const REASON: usize = 400;

/// The methods by which a line names an operation.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// What was carried over.
#[derive(Debug, Default)]
pub struct Imported {
    /// Levels of single rules.
    pub levels: BTreeMap<String, Setting>,
    /// Accepted changes.
    pub accepted: Vec<NewEntry>,
    /// The mildest level that fails.
    pub fail_on: Option<FailOn>,
    /// What was not carried over, or means something else here.
    pub remarks: Vec<Remark>,
}

/// What is to be said of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The file as the user named it.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
    /// What is to be said.
    pub message: String,
}

/// The files that a config of the other tool names, and where.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// `severity-levels`.
    pub severity_levels: Option<String>,
    /// `err-ignore`.
    pub err_ignore: Option<String>,
    /// `warn-ignore`.
    pub warn_ignore: Option<String>,
}

impl Imported {
    fn remark(&mut self, file: &str, line: usize, message: impl Into<String>) {
        self.remarks.push(Remark { file: file.to_owned(), line, message: message.into() });
    }

    /// Lines of `id level`: `err`, `warn`, `info`, or `none`.
    pub fn levels(&mut self, file: &str, text: &str) {
        for (number, line) in self.lines(file, text) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [id, word] = words[..] else {
                self.remark(file, number, "expected a rule and its level; the line is left out");
                continue;
            };
            let Some(rule) = rules::find(id) else {
                let message =
                    format!("there is no rule `{id}` ({}); the line is left out", nearest::rule(id));
                self.remark(file, number, message);
                continue;
            };
            let setting = match word {
                "ERR" | "err" => Setting::Error,
                "WARN" | "warn" => Setting::Warn,
                "INFO" | "info" => Setting::Info,
                "NONE" | "none" => Setting::Off,
                _ => {
                    let message = format!("`{word}` is no level; the line is left out");
                    self.remark(file, number, message);
                    continue;
                }
            };
            if let Some(reason) = rule.silent() {
                self.remark(
                    file,
                    number,
                    format!("no finding has the id `{id}` here, so its level changes nothing: {reason}"),
                );
            }
            if self.levels.insert(id.to_owned(), setting).is_some_and(|before| before != setting) {
                self.remark(file, number, format!("`{id}` stands twice; the last line holds, as it did"));
            }
        }
    }

    /// Lines that name an operation and say what changed, in any order and with anything around.
    /// Only findings of `level` were ignored by them.
    pub fn ignored(&mut self, file: &str, level: Level, text: &str) {
        for (number, line) in self.lines(file, text) {
            let operation = operation(line);
            let component = line.to_lowercase().contains("components");
            if operation.is_none() && !component {
                self.remark(file, number, "the line names no operation, such as `GET /pets`; it is left out");
                continue;
            }
            let Some(id) = rule(line) else {
                let message = "no rule is known by these words; it is left out: write the id in brackets behind \
                               them, or accept the change with `rollgate schema accept` when it comes";
                self.remark(file, number, message);
                continue;
            };
            let is_schema = operation.is_none() && id == "api-schema-removed";
            let subject = quoted(line)
                .filter(|_| is_schema)
                .map(|name| format!("/components/schemas/{}", name.replace('~', "~0").replace('/', "~1")));
            if operation.is_none() && subject.is_none() {
                self.remark(file, number, "the line does not say which component; it is left out");
                continue;
            }
            let reason = format!("ignored by {file}:{number}: {}", short(line));
            if let Some((method, path)) = &operation {
                let told = format!("{} {path}", method.to_uppercase());
                let message = format!(
                    "`{id}` is accepted for {told} as a whole, not only for what the line names; add a `subject` to narrow it"
                );
                self.remark(file, number, message);
            }
            if let Some(rule) = rules::find(&id).filter(|rule| rule.level < level) {
                let (is, was) = (rule.level.as_str(), level.as_str());
                self.remark(file, number, format!("`{id}` is of level {is} here, and was ignored as {was}"));
            }
            let entry =
                NewEntry { id, subject, operation, fingerprint: None, reason, owner: None, expires: None };
            let same = |known: &NewEntry| {
                (&known.id, &known.subject, &known.operation) == (&entry.id, &entry.subject, &entry.operation)
            };
            if !self.accepted.iter().any(same) {
                self.accepted.push(entry);
            }
        }
    }

    /// The keys of a config of the other tool: the files that it names, and what can be said here.
    pub fn config(&mut self, file: &str, tree: &Node) -> Named {
        let mut named = Named::default();
        let Value::Map(entries) = &tree.value else {
            self.remark(file, tree.at.start.line, "expected a map of options; nothing is carried over");
            return named;
        };
        for entry in entries {
            let line = entry.key_at.start.line;
            let text = match &entry.value.value {
                Value::Text(text) => Some(text.clone()),
                _ => None,
            };
            match (entry.key.as_str(), text) {
                ("severity-levels", Some(path)) => named.severity_levels = Some(path),
                ("err-ignore", Some(path)) => named.err_ignore = Some(path),
                ("warn-ignore", Some(path)) => named.warn_ignore = Some(path),
                ("fail-on", Some(word)) => match word.to_ascii_lowercase().as_str() {
                    "err" => self.fail_on = Some(FailOn::Error),
                    "warn" => self.fail_on = Some(FailOn::Warn),
                    "info" => self.fail_on = Some(FailOn::Info),
                    _ => self.remark(file, line, format!("`{word}` is no level; `fail-on` is left out")),
                },
                (key, _) => {
                    let why = OPTIONS
                        .iter()
                        .find(|(known, _)| *known == key)
                        .map_or("there is no such setting here; it is left out", |(_, why)| *why);
                    self.remark(file, line, format!("`{key}`: {why}"));
                }
            }
        }
        named
    }

    /// The lines that say something, with their numbers.
    fn lines<'t>(&mut self, file: &str, text: &'t str) -> Vec<(usize, &'t str)> {
        let says = |(_, line): &(usize, &str)| !line.is_empty() && !line.starts_with('#');
        let lines: Vec<(usize, &str)> =
            (1..).zip(text.lines().map(str::trim)).take(LINES).filter(says).collect();
        if text.lines().nth(LINES).is_some() {
            self.remark(file, LINES + 1, format!("only the first {LINES} lines are read"));
        }
        lines
    }
}

/// Options of the other tool that have no counterpart, and why.
const OPTIONS: [(&str, &str); 12] = [
    ("flatten-allof", "not needed: a conjunction is always compared by what it admits"),
    ("flatten-params", "not needed: parameters of a path always hold for its operations"),
    ("case-insensitive-headers", "not needed: names of headers are always compared so"),
    ("match-path", "a regular expression: write `include` with paths such as `/api/**`"),
    ("unmatch-path", "a regular expression: write `exclude` with paths such as `/internal/**`"),
    ("filter-extension", "operations are not chosen by extension: write `exclude` with `tag:NAME` or paths"),
    ("exclude-elements", "not needed: what does not matter to clients is not reported"),
    ("format", "an option of the command: `--format`"),
    ("color", "an option of the command: `--color`"),
    ("level", "an option of the command: `--fail-on` chooses what fails, everything is listed"),
    ("lang", "reports are in English"),
    (
        "allow-external-refs",
        "files beneath the root are always read; URLs by `--follow-urls` of `schema diff`, and never by `schema check`",
    ),
];

/// The operation that a line names: the first word that begins with a slash, behind a method.
fn operation(line: &str) -> Option<(String, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| word.starts_with('/'))?;
    let method = words.get(at.checked_sub(1)?)?.to_ascii_uppercase();
    METHODS.contains(&method.as_str()).then(|| (method.to_ascii_lowercase(), words[at].to_owned()))
}

/// The rule that a line names, by its id in brackets as reports in one line have it, else by its words.
fn rule(line: &str) -> Option<String> {
    let bracketed = line.split('[').skip(1).filter_map(|rest| rest.split_once(']'));
    let by_id = bracketed.map(|(id, _)| id.trim()).find(|id| rules::find(id).is_some());
    by_id.map(str::to_owned).or_else(|| phrases::rule(&line.to_lowercase()))
}

/// The first word in quotes.
fn quoted(line: &str) -> Option<&str> {
    let (at, mark) = line.char_indices().find(|(_, character)| matches!(character, '\'' | '`'))?;
    let (word, _) = line[at + 1..].split_once(mark)?;
    (!word.is_empty()).then_some(word)
}

fn short(line: &str) -> String {
    let mut shown: String = line.chars().filter(|character| !character.is_control()).take(REASON).collect();
    if line.chars().count() > REASON {
        shown.push('…');
    }
    shown
}
