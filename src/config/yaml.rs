//! From bytes to a tree in which every key and value knows its place.
//!
//! YAML 1.2 with the core schema: a plain `yes` is text, `0o17` is fifteen. Accepted is one document of UTF-8
//! without byte order mark, at most [`MAX_BYTES`] long and [`MAX_DEPTH`] deep. Anchors, aliases, merge keys,
//! tags and keys that are not scalars are refused: a config says what it says where it says it.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::error::{MOST, Problem};
use super::location::{Extent, Path, Position, Segment};

/// How long a config may be.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep its values may be nested.
pub const MAX_DEPTH: usize = 64;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub at: Extent,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// Any other number, `.inf` and `.nan` included.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file; keys are unique.
    Map(Vec<Entry>),
}

impl Value {
    /// What it is, for people; never what it says.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Float(number) if !number.is_finite() => "infinity, or what is not a number",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_at: Extent,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The entry of `key`, if this is a map that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The place that `path` leads to: of the value where it is on one line, else of its key; where there is
    /// no such value, of the nearest one above that exists.
    #[must_use]
    pub fn locate(&self, path: &Path) -> Extent {
        let mut node = self;
        let mut place = self.at;
        for segment in &path.0 {
            let (next, key_at) = match (segment, &node.value) {
                (Segment::Key(key), _) => match node.entry(key) {
                    Some(entry) => (&entry.value, Some(entry.key_at)),
                    None => return place,
                },
                (Segment::Index(index), Value::List(items)) if *index < items.len() => (&items[*index], None),
                (Segment::Index(_), _) => return place,
            };
            place = next.place(key_at);
            node = next;
        }
        place
    }

    /// The place of the last key of `path`; where there is none, as [`Node::locate`].
    #[must_use]
    pub fn locate_key(&self, path: &Path) -> Extent {
        let holder = path.0.split_last().and_then(|(last, above)| {
            let Segment::Key(key) = last else { return None };
            let node = above.iter().try_fold(self, |node, segment| match (segment, &node.value) {
                (Segment::Key(key), _) => node.entry(key).map(|entry| &entry.value),
                (Segment::Index(index), Value::List(items)) => items.get(*index),
                (Segment::Index(_), _) => None,
            });
            node?.entry(key)
        });
        holder.map_or_else(|| self.locate(path), |entry| entry.key_at)
    }

    /// Where an error about this value points.
    #[must_use]
    pub fn place(&self, key_at: Option<Extent>) -> Extent {
        match (&self.value, key_at) {
            (Value::List(_) | Value::Map(_) | Value::Null, Some(key_at)) => key_at,
            _ => self.at,
        }
    }
}

/// A config that is no tree, and whether the line of a fatal problem may hold a secret.
#[derive(Debug)]
pub struct Malformed {
    /// What is wrong; never empty.
    pub problems: Vec<Problem>,
    /// A line that must not be shown, because what stands on it cannot be told.
    pub hidden_line: Option<usize>,
}

/// Text from bytes.
pub fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    let at_start = |message: &str| Problem::new(Extent::at(1, 1), Path::default(), message);
    if bytes.len() > MAX_BYTES {
        return Err(
            at_start("the file is longer than 1 MiB").mend("a config is short: remove what is not one")
        );
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(at_start("the file is UTF-16").mend("save it as UTF-8"));
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        return Err(at_start("the file starts with a byte order mark").mend("save it as UTF-8 without one"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok());
        let place = position_behind(valid.unwrap_or_default());
        let at = Extent::at(place.line, place.column);
        Problem::new(at, Path::default(), "the file is not UTF-8 here").mend("save it as UTF-8")
    })?;
    // The parser takes a NUL for the end of the file; what comes behind it would be passed over in silence.
    if let Some((at, character)) = text.char_indices().find(|(_, character)| !is_printable(*character)) {
        let place = position_behind(&text[..at]);
        return Err(Problem::new(
            Extent::at(place.line, place.column),
            Path::default(),
            format!("the character U+{:04X} cannot stand in YAML", u32::from(character)),
        )
        .mend("remove it, or write it as an escape in double quotes"));
    }
    Ok(text)
}

fn position_behind(text: &str) -> Position {
    let text = text.replace("\r\n", "\n");
    let mut lines = text.split(['\n', '\r']);
    let last = lines.next_back().unwrap_or_default();
    Position { line: lines.count() + 1, column: last.chars().count() + 1 }
}

/// YAML 1.2.2, production 1 (`c-printable`), without the byte order mark.
fn is_printable(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}' | '\u{10000}'..)
}

/// The tree of the one document in `text`, which [`decode`] returned.
pub fn parse(text: &str) -> Result<Node, Malformed> {
    build(text, Builder::default())
}

/// The same of a config, whose mends name what configs alone have.
pub fn parse_config(text: &str) -> Result<Node, Malformed> {
    build(text, Builder { is_config: true, ..Builder::default() })
}

fn build(text: &str, mut builder: Builder) -> Result<Node, Malformed> {
    let fatal = builder.read(text).err();
    let hidden_line =
        fatal.as_ref().filter(|_| builder.in_secret()).and_then(|p| p.at).map(|at| at.start.line);
    let mut problems = builder.problems;
    problems.extend(fatal);
    match (builder.root, problems.is_empty()) {
        (Some(root), true) => Ok(root),
        (None, true) => {
            let at = Extent::at(1, 1);
            let problem = Problem::new(at, Path::default(), "the file is empty").mend(super::minimal());
            Err(Malformed { problems: vec![problem], hidden_line: None })
        }
        _ => Err(Malformed { problems, hidden_line }),
    }
}

#[derive(Default)]
struct Builder {
    is_config: bool,
    open: Vec<Open>,
    root: Option<Node>,
    problems: Vec<Problem>,
}

enum Open {
    List { start: Extent, items: Vec<Node> },
    Map { start: Extent, entries: Vec<Entry>, seen: BTreeMap<String, usize>, key: Option<(String, Extent)> },
}

impl Builder {
    fn read(&mut self, text: &str) -> Result<(), Problem> {
        let mut parser = Parser::new_from_str(text);
        let mut documents = 0;
        while let Some(event) = parser.next_event()
            && self.problems.len() < MOST
        {
            let (event, span) = event.map_err(|error| {
                let marker = *error.marker();
                self.syntax(text, error.info(), Extent::at(marker.line().max(1), marker.col() + 1))
            })?;
            let at = extent(span);
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(self.problem(at, "the file holds a second document").mend(format!(
                            "{} is one document: remove the `---` and what follows it",
                            if self.is_config { "a config" } else { "the file" }
                        )));
                    }
                }
                Event::Alias(_) => {
                    let problem = self.no_anchors(at, "an alias");
                    self.problems.push(problem);
                    self.close(Node { value: Value::Null, at })?;
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.check_properties(at, anchor, tag.is_some());
                    self.scalar(&text, style, at)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.check_properties(at, anchor, tag.is_some());
                    self.nest(at)?;
                    self.open.push(Open::List { start: at, items: Vec::new() });
                }
                Event::MappingStart(anchor, tag) => {
                    self.check_properties(at, anchor, tag.is_some());
                    self.nest(at)?;
                    self.open.push(Open::Map {
                        start: at,
                        entries: Vec::new(),
                        seen: BTreeMap::new(),
                        key: None,
                    });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let node = match self.open.pop() {
                        Some(Open::List { start, items }) => {
                            Node { value: Value::List(items), at: Extent { start: start.start, end: at.end } }
                        }
                        Some(Open::Map { start, entries, .. }) => Node {
                            value: Value::Map(entries),
                            at: Extent { start: start.start, end: at.end },
                        },
                        None => continue,
                    };
                    self.close(node)?;
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, at: Extent) -> Result<(), Problem> {
        let plain = style == ScalarStyle::Plain;
        let problem = if let Some(Open::Map { key: key @ None, seen, .. }) = self.open.last_mut() {
            *key = Some((text.to_owned(), at));
            if plain && text == "<<" {
                Some(("merge keys are not supported", self.written_out("keys")))
            } else if text.is_empty() {
                Some(("a key is empty", "give it a name".to_owned()))
            } else {
                seen.insert(text.to_owned(), at.start.line).map(|line| {
                    let mend = format!("the first is in line {line}; keep one");
                    ("this key stands twice in the same map", mend)
                })
            }
        } else {
            let value = if plain { resolve(text) } else { Some(Value::Text(text.to_owned())) };
            let too_large = value.is_none();
            self.close(Node { value: value.unwrap_or(Value::Null), at })?;
            too_large.then(|| ("the number is too large", "write a smaller one, or quote it".to_owned()))
        };
        if let Some((message, mend)) = problem {
            let problem = self.problem(at, message).mend(mend);
            self.problems.push(problem);
        }
        Ok(())
    }

    /// Checks that a list or map may begin here.
    fn nest(&mut self, at: Extent) -> Result<(), Problem> {
        if let Some(Open::Map { key: None, .. }) = self.open.last() {
            return Err(self
                .problem(at, "a key is text, not a list or a map")
                .mend("quote what stands here if it is text: braces and brackets begin maps and lists"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.problem(at, format!("values are nested more than {MAX_DEPTH} deep")));
        }
        Ok(())
    }

    fn close(&mut self, node: Node) -> Result<(), Problem> {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                Some((key, key_at)) => entries.push(Entry { key, key_at, value: node }),
                None => return Err(self.problem(node.at, "a key is text").mend("write a name here")),
            },
        }
        Ok(())
    }

    fn check_properties(&mut self, at: Extent, anchor: usize, tagged: bool) {
        if anchor != 0 {
            let problem = self.no_anchors(at, "an anchor");
            self.problems.push(problem);
        }
        if tagged {
            let problem = self.problem(at, "tags are not supported").mend("write the value without its tag");
            self.problems.push(problem);
        }
    }

    fn no_anchors(&self, at: Extent, what: &str) -> Problem {
        self.problem(at, format!("this is {what}, and anchors and aliases are not supported"))
            .mend(self.written_out("value"))
    }

    fn written_out(&self, what: &str) -> String {
        let instead = if self.is_config { ", or use `environments`" } else { "" };
        format!("write the {what} out{instead}")
    }

    fn syntax(&self, text: &str, message: &str, at: Extent) -> Problem {
        let line = text.replace("\r\n", "\n");
        let line = line.split(['\n', '\r']).nth(at.start.line - 1).unwrap_or_default().to_owned();
        let indent = &line[..line.len() - line.trim_start().len()];
        match indent.chars().position(|character| character == '\t') {
            Some(tab) => self
                .problem(Extent::at(at.start.line, tab + 1), "a tab cannot indent YAML")
                .mend("indent with spaces"),
            None => self.problem(at, format!("this is not YAML: {message}")),
        }
    }

    fn problem(&self, at: Extent, message: impl Into<String>) -> Problem {
        Problem::new(at, self.path(), message)
    }

    fn path(&self) -> Path {
        let segments = self.open.iter().filter_map(|open| match open {
            Open::List { items, .. } => Some(Segment::Index(items.len())),
            Open::Map { key, .. } => key.as_ref().map(|(key, _)| Segment::Key(key.clone())),
        });
        Path(segments.collect())
    }

    /// Whether what is being read belongs to a secret field, or may.
    fn in_secret(&self) -> bool {
        self.open.iter().any(|open| match open {
            Open::List { .. } => false,
            Open::Map { key, entries, .. } => {
                let last = key.as_ref().map(|(key, _)| key).or(entries.last().map(|entry| &entry.key));
                last.is_some_and(|key| super::redact::names_secret(key))
            }
        })
    }
}

fn extent(span: Span) -> Extent {
    let position =
        |marker: saphyr_parser::Marker| Position { line: marker.line().max(1), column: marker.col() + 1 };
    Extent { start: position(span.start), end: position(span.end) }
}

/// The value of a plain scalar in the core schema (YAML 1.2.2, section 10.3.2); none where it is a number
/// beyond 128 bits.
fn resolve(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_all = |text: &str, digit: fn(&char) -> bool| !text.is_empty() && text.chars().all(|c| digit(&c));
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Value::Float(f64::NAN),
        _ if matches!(digits, ".inf" | ".Inf" | ".INF") => Value::Float(f64::INFINITY),
        _ if is_all(digits, char::is_ascii_digit) => Value::Integer(text.parse().ok()?),
        _ if text.strip_prefix("0o").is_some_and(|octal| is_all(octal, |c| c.is_digit(8))) => {
            Value::Integer(i128::from_str_radix(&text[2..], 8).ok()?)
        }
        _ if text.strip_prefix("0x").is_some_and(|hex| is_all(hex, char::is_ascii_hexdigit)) => {
            Value::Integer(i128::from_str_radix(&text[2..], 16).ok()?)
        }
        _ if is_float(digits) => Value::Float(text.parse().ok()?),
        _ => Value::Text(text.to_owned()),
    })
}

/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix(['-', '+']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(part)
        && digits(exponent)
        && !exponent.is_empty()
        && !(whole.is_empty() && (part.is_empty() || !mantissa.contains('.')))
}
