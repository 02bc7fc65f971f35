//! JSON in one pass over its bytes, read leniently: what is missing is supplied, what is too much is passed over, and
//! both are reported where they stand.
//!
//! Open collections lie on a stack of their own. Every turn of the loop consumes a byte or closes a collection.

mod text;
mod word;

use super::Reading;
use super::limits::{MAX_DEPTH, MAX_NODES};
use super::members::{Counts, Entry, hash, unite};
use super::problems::Problems;
use crate::openapi::diagnostic::Gravity;
use crate::openapi::tree::{Builder, Kept, Kind, NodeId};

/// JSON as it was read.
#[derive(Debug)]
pub(super) struct Json {
    pub(super) reading: Reading,
    /// Whether nothing was found, apart from what the file brought along.
    pub(super) is_clean: bool,
    /// Whether something stands in it that is wrong in JSON and right in YAML.
    pub(super) may_be_yaml: bool,
}

/// Reads `source` as JSON.
pub(super) fn read(name: &str, source: &str, problems: Problems) -> Json {
    let brought = problems.count();
    let mut scanner = Scanner {
        source,
        bytes: source.as_bytes(),
        at: 0,
        builder: Builder::detached(name),
        problems,
        frames: Vec::new(),
        items: Vec::new(),
        entries: Vec::new(),
        scratch: String::new(),
        root: None,
        nodes: 0,
        told: Told::default(),
        yaml_sign: false,
        slash_comment: false,
    };
    scanner.run();
    let is_clean = scanner.problems.count() == brought && scanner.root.is_some();
    Json {
        is_clean,
        may_be_yaml: scanner.yaml_sign && !scanner.slash_comment,
        reading: Reading { builder: scanner.builder, root: scanner.root, problems: scanner.problems },
    }
}

/// What the scanner looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// The value of a key, or of the file.
    Value,
    /// The first item or key of a collection, or its end.
    First,
    /// An item or a key: a comma was read.
    More,
    /// A comma, or the end of the collection.
    Next,
    /// The end of the file.
    End,
}

/// A collection that is open.
#[derive(Debug)]
struct Frame {
    mapping: bool,
    at: usize,
    /// Where its items or entries begin.
    base: usize,
    /// The key whose value is read; none where the value belongs to no key and is dropped.
    key: Option<(Kept, usize, u32)>,
}

/// What is reported once per file.
#[derive(Debug, Default)]
struct Told {
    comment: bool,
    depth: bool,
    nodes: bool,
}

#[derive(Debug)]
struct Scanner<'s> {
    source: &'s str,
    bytes: &'s [u8],
    at: usize,
    builder: Builder,
    problems: Problems,
    frames: Vec<Frame>,
    items: Vec<NodeId>,
    entries: Vec<Entry>,
    scratch: String,
    root: Option<NodeId>,
    nodes: u64,
    told: Told,
    /// Something was read that YAML knows and JSON does not.
    yaml_sign: bool,
    /// A comment with slashes was read, which YAML would take for text.
    slash_comment: bool,
}

impl Scanner<'_> {
    fn run(&mut self) {
        let mut want = Want::Value;
        loop {
            self.blanks();
            let Some(&byte) = self.bytes.get(self.at) else { break };
            want = match want {
                Want::End => {
                    self.trailing();
                    break;
                }
                Want::Value => self.value(byte),
                Want::First | Want::More | Want::Next => match self.frames.last() {
                    Some(frame) if frame.mapping => self.in_mapping(want, byte),
                    Some(_) => self.in_sequence(want, byte),
                    None => Want::End,
                },
            };
            if self.told.nodes {
                break;
            }
        }
        self.finish(want);
    }

    /// Passes over white space and comments.
    fn blanks(&mut self) {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ') => {
                    // Indentation comes in runs.
                    while self.bytes.get(self.at..self.at + 8) == Some(b"        ") {
                        self.at += 8;
                    }
                    while self.bytes.get(self.at) == Some(&b' ') {
                        self.at += 1;
                    }
                }
                Some(b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(b'#') => {
                    self.yaml_sign = true;
                    self.comment();
                    self.at = self.line_end(self.at);
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    self.slash_comment = true;
                    self.comment();
                    self.at = self.line_end(self.at);
                }
                Some(b'/') if self.bytes.get(self.at + 1) == Some(&b'*') => {
                    self.slash_comment = true;
                    self.comment();
                    let start = self.at;
                    if let Some(length) = self.source[start + 2..].find("*/") {
                        self.at = start + 2 + length + 2;
                    } else {
                        self.problems.error("unclosed-comment", start, || {
                            "the comment that begins here is never closed: write `*/`".to_owned()
                        });
                        self.at = self.bytes.len();
                    }
                }
                _ => return,
            }
        }
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    fn comment(&mut self) {
        if !std::mem::replace(&mut self.told.comment, true) {
            self.problems.warn("comment", self.at, || {
                "JSON has no comments, and most readers refuse the file: remove it, or write the file as YAML"
                    .to_owned()
            });
        }
    }

    fn value(&mut self, byte: u8) -> Want {
        let at = self.at;
        match byte {
            b'{' | b'[' => self.open(byte == b'{'),
            b'"' => {
                let text = self.string();
                self.scalar(Kind::String, at, text)
            }
            b'-' | b'0'..=b'9' => self.number(),
            b't' | b'f' | b'n' => self.literal(),
            b'\'' => {
                self.single_quote();
                let text = self.string();
                self.scalar(Kind::String, at, text)
            }
            b',' | b'}' | b']' if self.frames.last().is_some_and(|frame| frame.mapping) => {
                self.problems.error("missing-value", at, || "a value is missing here: write one".to_owned());
                // The comma or bracket is looked at again.
                self.null(at)
            }
            b':' => {
                self.extra("a colon stands here that belongs to no key: remove it");
                Want::Value
            }
            b',' | b'}' | b']' => {
                self.extra("this does not belong here: remove it");
                Want::Value
            }
            _ => self.word(),
        }
    }

    fn in_sequence(&mut self, want: Want, byte: u8) -> Want {
        match byte {
            b']' => {
                self.trailing_comma(want);
                self.close(self.at + 1)
            }
            b'}' => self.wrong_bracket(true),
            b',' if want == Want::Next => {
                self.at += 1;
                Want::More
            }
            b',' => {
                self.extra("a comma stands here without a value before it: remove it");
                want
            }
            b':' => {
                self.extra("a colon stands in a list: remove it, or write the list as a mapping");
                if want == Want::Next { Want::More } else { want }
            }
            _ => {
                self.missing_comma(want);
                self.value(byte)
            }
        }
    }

    fn in_mapping(&mut self, want: Want, byte: u8) -> Want {
        match byte {
            b'}' => {
                self.trailing_comma(want);
                self.close(self.at + 1)
            }
            b']' => self.wrong_bracket(false),
            b',' if want == Want::Next => {
                self.at += 1;
                Want::More
            }
            b',' => {
                self.extra("a comma stands here without a member before it: remove it");
                want
            }
            b'"' | b'\'' => {
                self.missing_comma(want);
                if byte == b'\'' {
                    self.single_quote();
                }
                let at = self.at;
                let text = self.string();
                self.key(text, at)
            }
            b':' => {
                self.problems.error("missing-key", self.at, || {
                    "a key is missing before this colon, and its value is not read: write the key".to_owned()
                });
                self.at += 1;
                self.no_key()
            }
            b'{' | b'[' => {
                self.problems.error("missing-key", self.at, || {
                    "a key is missing before this value, which is not read: write the key".to_owned()
                });
                self.no_key()
            }
            _ => {
                self.missing_comma(want);
                self.bare_key()
            }
        }
    }

    fn no_key(&mut self) -> Want {
        if let Some(frame) = self.frames.last_mut() {
            frame.key = None;
        }
        Want::Value
    }

    /// Takes a key and the colon behind it.
    fn key(&mut self, text: Kept, at: usize) -> Want {
        let hash = hash(self.builder.text_in(self.source, text).as_bytes());
        if let Some(frame) = self.frames.last_mut() {
            frame.key = Some((text, at, hash));
        }
        if self.bytes.get(self.at) != Some(&b':') {
            self.blanks();
        }
        match self.bytes.get(self.at) {
            Some(b':') => self.at += 1,
            Some(_) => {
                self.problems.warn("missing-colon", self.at, || {
                    "a colon is missing between the key and its value: write it".to_owned()
                });
                if self.bytes.get(self.at) == Some(&b'=') {
                    self.at += 1;
                }
            }
            // The end of the file is reported there.
            None => {}
        }
        Want::Value
    }

    fn single_quote(&mut self) {
        self.yaml_sign = true;
        self.problems.warn("single-quotes", self.at, || {
            "JSON writes texts in double quotes: replace the single ones".to_owned()
        });
    }

    fn trailing_comma(&mut self, want: Want) {
        if want == Want::More {
            self.problems.warn("trailing-comma", self.at, || {
                "a comma stands before this bracket, which JSON does not allow: remove it".to_owned()
            });
        }
    }

    fn missing_comma(&mut self, want: Want) {
        if want == Want::Next {
            self.problems
                .warn("missing-comma", self.at, || "a comma is missing before this: write it".to_owned());
        }
    }

    /// Passes over a character that is too much.
    fn extra(&mut self, message: &'static str) {
        self.problems.warn("stray-character", self.at, || message.to_owned());
        self.at += 1;
    }

    /// A bracket that closes a mapping (`mapping`) or a list, where the other is open.
    fn wrong_bracket(&mut self, mapping: bool) -> Want {
        let (bracket, other) = if mapping { ('}', ']') } else { (']', '}') };
        let opened = self.frames.last().map_or(0, |frame| frame.at);
        let outer = self.frames.iter().any(|frame| frame.mapping == mapping);
        let (code, message) = if outer {
            (
                "unclosed-bracket",
                format!(
                    "a `{other}` is missing before this `{bracket}`: write it; what is open begins in line"
                ),
            )
        } else {
            (
                "wrong-bracket",
                format!(
                    "a `{other}` closes what is open here, and this is a `{bracket}`: replace it; what is open begins in line"
                ),
            )
        };
        // The line completes the message.
        self.problems.add(code, Gravity::Error, self.at, Some(("", opened)), || message);
        if outer {
            // What is open ends here; the bracket is looked at again.
            self.complete_key(self.at);
            self.close(self.at)
        } else {
            self.close(self.at + 1)
        }
    }

    fn open(&mut self, mapping: bool) -> Want {
        let at = self.at;
        if self.frames.len() >= MAX_DEPTH {
            if !std::mem::replace(&mut self.told.depth, true) {
                self.problems.error("too-deep", at, || {
                    format!("values are nested more than {MAX_DEPTH} deep, and what lies deeper is not read: flatten them")
                });
            }
            self.skip();
            return self.null(at);
        }
        self.at += 1;
        let base = if mapping { self.entries.len() } else { self.items.len() };
        self.frames.push(Frame { mapping, at, base, key: None });
        Want::First
    }

    /// Passes over a collection by its brackets.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.at = self.string_end(self.at);
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                b'/' | b'#' => {
                    let before = self.at;
                    self.blanks();
                    if self.at > before {
                        continue;
                    }
                }
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Where the string that begins at `at` ends, or its line.
    fn string_end(&self, at: usize) -> usize {
        let mut end = at + 1;
        loop {
            end = text::find_special(self.bytes, end, b'"');
            match self.bytes.get(end) {
                Some(b'"') => return end + 1,
                Some(b'\\') => end = (end + 2).min(self.bytes.len()),
                Some(b'\n' | b'\r') | None => return end,
                Some(_) => end += 1,
            }
        }
    }

    /// Closes the innermost collection; reading goes on at `behind`.
    fn close(&mut self, behind: usize) -> Want {
        let Some(frame) = self.frames.pop() else { return Want::End };
        self.at = behind;
        let id = if frame.mapping {
            unite(
                &mut self.entries,
                frame.base,
                Counts::Last,
                (self.source, &self.builder),
                &mut self.problems,
            );
            let members = self.entries[frame.base..].iter().map(|entry| (entry.key, entry.at, entry.value));
            let id = self.builder.mapping_of(frame.at, members);
            self.entries.truncate(frame.base);
            id
        } else {
            let id = self.builder.sequence(frame.at, &self.items[frame.base..]);
            self.items.truncate(frame.base);
            id
        };
        self.place(id)
    }

    fn scalar(&mut self, kind: Kind, at: usize, text: Kept) -> Want {
        let id = self.builder.scalar(kind, at, text);
        self.place(id)
    }

    fn null(&mut self, at: usize) -> Want {
        let text = self.builder.slice(at, at);
        self.scalar(Kind::Null, at, text)
    }

    /// Puts a value where it belongs.
    fn place(&mut self, id: NodeId) -> Want {
        self.nodes += 1;
        if self.nodes >= MAX_NODES && !self.told.nodes {
            self.told.nodes = true;
            self.problems.error("too-many-values", self.at, || {
                format!("the file holds more than {MAX_NODES} values, and what follows is not read: split the description")
            });
        }
        match self.frames.last_mut() {
            None => {
                self.root = Some(id);
                return Want::End;
            }
            Some(frame) if frame.mapping => {
                if let Some((key, at, hash)) = frame.key.take() {
                    self.entries.push(Entry { key, at, value: id, hash });
                }
            }
            Some(_) => self.items.push(id),
        }
        Want::Next
    }

    /// Gives a key that waits for its value none.
    fn complete_key(&mut self, at: usize) {
        if self.frames.last().is_some_and(|frame| frame.key.is_some()) {
            self.null(at);
        }
    }

    fn trailing(&mut self) {
        let rest = &self.source[self.at..];
        self.yaml_sign |= rest.starts_with("---") || rest.starts_with("...");
        self.problems.error("trailing-text", self.at, || {
            "the value of the file ends before this, and what follows is not read: remove it, or the bracket too \
             many before it"
                .to_owned()
        });
    }

    /// Closes what is open at the end of the file.
    fn finish(&mut self, want: Want) {
        let end = self.bytes.len();
        if let (Some(frame), false) = (self.frames.last(), self.told.nodes) {
            let bracket = if frame.mapping { '{' } else { '[' };
            let opened = frame.at;
            self.problems.add("truncated", Gravity::Error, end, Some(("", opened)), || {
                format!("the file ends inside what a `{bracket}` opens, and the rest is missing: complete it; it begins in line")
            });
        } else if want == Want::Value && self.root.is_none() {
            self.problems.error("truncated", end, || "the file ends before its value: write it".to_owned());
        }
        while !self.frames.is_empty() {
            self.complete_key(end);
            self.close(end);
        }
    }
}
