//! Adds to the list of accepted changes as a person would: by lines. Comments, order and spelling of what is there stay.
//!
//! What comes out is read again before it is handed on: an edit that did anything but what was asked for is an error.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::error::ConfigErrors;
use super::super::location::Position;
use super::super::yaml::{Node, Value};
use super::{Entry, LONGEST, MOST, located, parse};

/// A change to be accepted. At least one of subject, operation and fingerprint is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The rule.
    pub id: String,
    /// The JSON Pointer of the place.
    pub subject: Option<String>,
    /// The operation: its method in lower case, and its path.
    pub operation: Option<(String, String)>,
    /// The fingerprint of the finding.
    pub fingerprint: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day.
    pub expires: Option<Date>,
}

/// Why the list was not changed. Fits "failed to {…}".
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// What is there cannot be read.
    #[error("read the list of accepted changes: {0}")]
    Unreadable(#[from] ConfigErrors),
    /// What is there is written in a way that cannot be added to by lines.
    #[error(
        "add to {0}: its entries do not stand in lines of their own; write each as `- id: …` with its keys below"
    )]
    Form(String),
    /// A text is longer than the list may have it.
    #[error("add to {0}: the {1} is longer than {2} characters; shorten it")]
    Long(String, &'static str, usize),
    /// There would be too many.
    #[error("add to {0}: it would have more than {MOST} entries; remove those that are not found any more")]
    Full(String),
}

/// What entries are told apart by.
pub(super) type Key = (String, Option<String>, Option<(String, String)>, Option<String>);

impl NewEntry {
    fn key(&self) -> Key {
        (self.id.clone(), self.subject.clone(), self.operation.clone(), self.fingerprint.clone())
    }
}

pub(super) fn key(entry: &Entry) -> Key {
    (entry.id.clone(), entry.subject.clone(), entry.operation.clone(), entry.fingerprint.clone())
}

/// Lines to be put in place of others: from one line to before another, counted from 0.
struct Edit {
    from: usize,
    to: usize,
    lines: Vec<String>,
}

/// The text of `file` with these changes accepted as well: those that it has already get the new reason, day and owner.
/// `before` is what is there; none where there is no file.
///
/// # Errors
/// See [`EditError`].
pub fn with(file: &str, before: Option<&[u8]>, new: &[NewEntry]) -> Result<String, EditError> {
    let form = || EditError::Form(file.to_owned());
    for entry in new {
        let texts = [
            ("reason", Some(&entry.reason), LONGEST.0),
            ("owner", entry.owner.as_ref(), LONGEST.1),
            ("place", entry.subject.as_ref(), LONGEST.2),
            ("path", entry.operation.as_ref().map(|(_, path)| path), LONGEST.2),
        ];
        let is_long = |(_, text, most): &(_, Option<&String>, usize)| {
            text.is_some_and(|text| text.chars().count() > *most)
        };
        if let Some((what, _, most)) = texts.into_iter().find(is_long) {
            return Err(EditError::Long(file.to_owned(), what, most));
        }
    }
    let bytes = before.unwrap_or_default();
    let read = located(file, bytes)?;
    let text = std::str::from_utf8(bytes).map_err(|_| form())?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let known: BTreeMap<Key, usize> = read
        .iter()
        .flat_map(|(_, entries)| entries)
        .enumerate()
        .map(|(at, entry)| (key(entry), at))
        .collect();
    let mut added: Vec<&NewEntry> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    let items = read.as_ref().map(|(tree, _)| items(tree)).unwrap_or_default();
    for entry in new {
        if let Some(&at) = known.get(&entry.key()) {
            edits.push(replaced(&lines, items.get(at).ok_or_else(form)?, entry).ok_or_else(form)?);
        } else if !added.iter().any(|other| other.key() == entry.key()) {
            added.push(entry);
        }
    }
    if known.len() + added.len() > MOST {
        return Err(EditError::Full(file.to_owned()));
    }
    let all = |indent: usize| added.iter().flat_map(|entry| written(entry, indent)).collect::<Vec<String>>();
    match (&read, items.last()) {
        _ if added.is_empty() => {}
        (None, _) => {
            lines.extend(["version: 1".to_owned(), "accepted:".to_owned()]);
            lines.extend(all(2));
        }
        (Some(_), Some(last)) => {
            let line = last_line(last);
            let indent = dash(&lines, items.first().unwrap_or(last)).ok_or_else(form)?;
            edits.push(Edit { from: line, to: line, lines: all(indent) });
        }
        (Some((tree, _)), None) => match tree.entry("accepted") {
            None => {
                let head = vec!["accepted:".to_owned()];
                edits.push(Edit { from: lines.len(), to: lines.len(), lines: [head, all(2)].concat() });
            }
            Some(entry) => {
                // Nothing, or an empty list, which goes.
                let at = entry.key_at.start.line - 1;
                let mut line = lines.get(at).cloned().ok_or_else(form)?;
                if let Value::List(_) = entry.value.value {
                    let (start, end) = (entry.value.at.start, entry.value.at.end);
                    let is_here = start.line == at + 1 && end.line == at + 1;
                    let cut =
                        |column: usize| line.char_indices().nth(column - 1).map_or(line.len(), |it| it.0);
                    let (from, to) = (cut(start.column), cut(end.column));
                    if !is_here || from > to {
                        return Err(form());
                    }
                    line.replace_range(from..to, "");
                    line.truncate(line.trim_end().len());
                }
                edits.push(Edit { from: at, to: at + 1, lines: [vec![line], all(2)].concat() });
            }
        },
    }
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.from));
    for Edit { from, to, lines: put } in edits {
        if from > to || to > lines.len() {
            return Err(form());
        }
        lines.splice(from..to, put);
    }
    let text = lines.iter().flat_map(|line| [line.as_str(), end]).collect::<String>();
    check(file, &text, &known, &read.map(|(_, entries)| entries).unwrap_or_default(), new)?;
    Ok(text)
}

/// Whether the text says what it is to say.
fn check(
    file: &str,
    text: &str,
    known: &BTreeMap<Key, usize>,
    before: &[Entry],
    new: &[NewEntry],
) -> Result<(), EditError> {
    let form = || EditError::Form(file.to_owned());
    let after = parse(file, text.as_bytes()).map_err(|_| form())?;
    let after: BTreeMap<Key, Entry> = after.into_iter().map(|entry| (key(&entry), entry)).collect();
    let terms = |entry: &Entry| (entry.reason.clone(), entry.owner.clone(), entry.expires);
    let mut wanted: BTreeMap<Key, _> = before.iter().map(|entry| (key(entry), terms(entry))).collect();
    for entry in new {
        let owner = known.get(&entry.key()).and_then(|&at| before.get(at)?.owner.clone());
        let terms = (entry.reason.clone(), entry.owner.clone().or(owner), entry.expires);
        wanted.insert(entry.key(), terms);
    }
    let same = wanted.len() == after.len()
        && wanted.iter().all(|(key, wanted)| after.get(key).is_some_and(|entry| terms(entry) == *wanted));
    if same { Ok(()) } else { Err(form()) }
}

/// The entries as they stand.
fn items(tree: &Node) -> Vec<&Node> {
    match tree.entry("accepted").map(|entry| &entry.value.value) {
        Some(Value::List(items)) => items.iter().collect(),
        _ => Vec::new(),
    }
}

/// The number of the line behind the last one of a value, counted from 0: that of its last scalar.
fn last_line(node: &Node) -> usize {
    match &node.value {
        Value::List(items) => items.iter().map(last_line).max().unwrap_or(node.at.end.line),
        Value::Map(entries) => {
            entries.iter().map(|entry| last_line(&entry.value)).max().unwrap_or(node.at.end.line)
        }
        _ => {
            let Position { line, column } = node.at.end;
            // A block of text ends where the next line begins.
            if column == 1 && line > node.at.start.line { line - 1 } else { line }
        }
    }
}

/// How far the dash of an entry is indented; none where the entry does not begin behind one in its line.
fn dash(lines: &[String], item: &Node) -> Option<usize> {
    let line = lines.get(item.at.start.line.checked_sub(1)?)?;
    let indent = line.len() - line.trim_start_matches(' ').len();
    (line[indent..].starts_with("- ") && item.at.start.column > indent + 2).then_some(indent)
}

/// The entry at `item` with the terms of `entry`. An owner that is not named stays; a day that is not goes.
fn replaced(lines: &[String], item: &Node, entry: &NewEntry) -> Option<Edit> {
    dash(lines, item)?;
    let Value::Map(members) = &item.value else { return None };
    let first = item.at.start.line.checked_sub(1)?;
    let last = last_line(item);
    let mut put: Vec<String> = lines.get(first..last)?.to_vec();
    let mut drop: Vec<(usize, usize)> = Vec::new();
    let column = item.at.start.column - 1;
    let mut more: Vec<String> = Vec::new();
    let day = entry.expires.map(|day| day.to_string());
    let terms = [
        ("reason", Some(quoted(&entry.reason)), true),
        ("expires", day, true),
        ("owner", entry.owner.as_deref().map(quoted), false),
    ];
    for (name, value, goes) in terms {
        let member = members.iter().find(|member| member.key == name);
        match (member, value) {
            (None, None) => {}
            (None, Some(value)) => more.push(format!("{:column$}{name}: {value}", "")),
            (Some(_), None) if !goes => {}
            (Some(member), value) => {
                let (from, to) = (member.key_at.start.line - 1, last_line(&member.value));
                let line = lines.get(from)?;
                // Keys that share a line with others, or stand behind the dash, are not touched by lines.
                if line.trim_start_matches(' ').len() + column != line.len() {
                    return None;
                }
                match value {
                    Some(value) => {
                        put[from - first] = format!("{:column$}{name}: {value}", "");
                        drop.push((from + 1 - first, to - first));
                    }
                    None => drop.push((from - first, to - first)),
                }
            }
        }
    }
    drop.sort_unstable();
    for (from, to) in drop.into_iter().rev() {
        if from < to && to <= put.len() {
            put.drain(from..to);
        }
    }
    put.extend(more);
    Some(Edit { from: first, to: last, lines: put })
}

/// An entry in lines.
fn written(entry: &NewEntry, indent: usize) -> Vec<String> {
    let mut members = vec![("id", entry.id.clone())];
    members.extend(entry.subject.as_deref().map(|subject| ("subject", quoted(subject))));
    let operation = entry.operation.as_ref();
    members.extend(
        operation
            .map(|(method, path)| ("operation", quoted(&format!("{} {path}", method.to_ascii_uppercase())))),
    );
    members.extend(entry.fingerprint.as_deref().map(|digits| ("fingerprint", quoted(digits))));
    members.push(("reason", quoted(&entry.reason)));
    members.extend(entry.owner.as_deref().map(|owner| ("owner", quoted(owner))));
    members.extend(entry.expires.map(|day| ("expires", day.to_string())));
    let sign = |at: usize| if at == 0 { "- " } else { "  " };
    members
        .iter()
        .enumerate()
        .map(|(at, (name, value))| format!("{:indent$}{}{name}: {value}", "", sign(at)))
        .collect()
}

/// A text as a scalar: as it is where that reads as the same text, else in double quotes with escapes (YAML 1.2.2, 5.7).
fn quoted(text: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric()
            || matches!(character, '/' | '_' | '-' | '.' | '~' | '{' | '}' | ' ')
    };
    if text.starts_with('/') && text.chars().all(is_plain) && !text.ends_with(' ') {
        return text.to_owned();
    }
    let mut shown = String::from("\"");
    let mut before = ' ';
    for character in text.chars() {
        let last = std::mem::replace(&mut before, character);
        match character {
            // Markers of a runner's commands stay apart.
            '#' if last == '#' => shown.push_str("\\x23"),
            ':' if last == ':' => shown.push_str("\\x3a"),
            '"' | '\\' => {
                shown.push('\\');
                shown.push(character);
            }
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            ' '..='~' => shown.push(character),
            character if character.is_alphanumeric() && u32::from(character) < 0x1_0000 => {
                shown.push(character);
            }
            character => {
                let code = u32::from(character);
                let escape =
                    if code < 0x1_0000 { format!("\\u{code:04X}") } else { format!("\\U{code:08X}") };
                shown.push_str(&escape);
            }
        }
    }
    shown.push('"');
    shown
}
