//! Places that are not YAML: what to say of them, and how to read on behind them.

use crate::openapi::read::limits::{MAX_REPAIRS, MAX_REREAD, MAX_TAG_DIRECTIVE};
use crate::openapi::read::problems::{Problems, shown};

/// Where and why the parser gave up.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    /// Offset in the source.
    pub(super) at: usize,
    pub(super) reason: Reason,
}

/// Why the parser gave up.
#[derive(Debug, Clone)]
pub(super) enum Reason {
    /// In the parser's words.
    Syntax(String),
    /// A collection in brackets is too large to be held.
    Ahead,
    /// The file is nested without end.
    Deep,
}

/// The parser's words, and ours.
const MENDS: [(&str, &str, &str); 16] = [
    ("tab", "yaml-tab", "a tab cannot indent YAML: indent with spaces"),
    ("end of stream", "unclosed-text", "the text that begins here has no closing quote: write one"),
    ("document indicator", "unclosed-text", "the text that begins here has no closing quote: write one"),
    (
        "invalid indentation in quoted",
        "yaml-indentation",
        "the lines of this text are indented less than what it belongs to: indent them",
    ),
    (
        "trailing content after double-quoted",
        "yaml-quotes",
        "something stands behind the closing quote: quote the whole text, or escape the inner quotes",
    ),
    (
        "mapping values are not allowed",
        "yaml-colon",
        "a colon with a space behind it stands inside a text, or a key is too long or spans lines: quote the text",
    ),
    (
        "unknown escape",
        "bad-escape",
        "a backslash in double quotes begins no escape that YAML knows: double it, or use single quotes",
    ),
    (
        "hexadecimal number",
        "bad-escape",
        "hexadecimal digits are missing in an escape: write them, or double the backslash",
    ),
    (
        "invalid Unicode character",
        "half-surrogate",
        "an escape names half of a surrogate pair, which YAML does not know: write the character itself",
    ),
    ("unprintable", "control-character", "a NUL stands in the file: remove it"),
    ("byte order mark", "control-character", "a byte order mark stands inside the document: remove it"),
    (
        "did not find expected ',' or '}'",
        "yaml-flow",
        "a comma or `}` is missing: write it, or quote the text before it",
    ),
    ("expected ',' or ']'", "yaml-flow", "a comma or `]` is missing: write it, or quote the text before it"),
    ("misplaced bracket", "yaml-flow", "a bracket closes what is not open: remove it, or quote the text"),
    (
        "simple key expect",
        "yaml-colon",
        "a colon is missing behind a key: write it, or indent the line as part of the text above",
    ),
    (
        "indentation",
        "yaml-indentation",
        "this line is indented neither as what stands above nor as anything outside of it: align it",
    ),
];

impl Fault {
    /// Adds what is to be said.
    pub(super) fn report(&self, source: &str, problems: &mut Problems) {
        match &self.reason {
            Reason::Syntax(words) => {
                let line = line_of(source, self.at);
                let text = &source[line.0..line.1];
                let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
                if let (Some(tab), false) = (indent.find('\t'), words.contains("quoted")) {
                    let (_, code, message) = MENDS[0];
                    problems.error(code, line.0 + tab, || message.to_owned());
                    return;
                }
                let mend = MENDS.iter().find(|(needle, ..)| words.contains(needle));
                match mend {
                    Some(&(_, code, message)) => problems.error(code, self.at, || message.to_owned()),
                    None => problems.error("yaml-syntax", self.at, || {
                        format!("this line is not YAML ({}): mend it, or quote the text", shown(words))
                    }),
                }
            }
            Reason::Ahead => problems.error("flow-too-large", self.at, || {
                "a collection in brackets that begins here is too large, and what follows is not read: write it as \
                 block YAML or as JSON"
                    .to_owned()
            }),
            Reason::Deep => problems.error("too-deep", self.at, || {
                "values are nested without end, and what follows is not read: flatten them".to_owned()
            }),
        }
    }
}

/// What was passed over so far.
#[derive(Debug)]
pub(super) struct Repairs {
    count: usize,
    reread: usize,
    /// Where the part ends that the parser may see.
    end: usize,
}

impl Repairs {
    pub(super) fn new(source: &str) -> Self {
        Self { count: 0, reread: 0, end: fence(source) }
    }

    pub(super) fn end(&self) -> usize {
        self.end
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The text with the place of `fault` blanked, where that is possible and worth it.
    pub(super) fn mend(&mut self, text: &str, fault: &Fault) -> Option<String> {
        let Reason::Syntax(words) = &fault.reason else { return None };
        self.count += 1;
        self.reread += text.len();
        if self.count > MAX_REPAIRS || self.reread > MAX_REREAD {
            return None;
        }
        if words.contains("invalid Unicode character")
            && let Some(mended) = without_surrogates(text, fault.at)
        {
            return Some(mended);
        }
        let (start, end) = line_of(text, fault.at);
        let (start, end) = if text[start..end].trim().is_empty() {
            // The place is where the parser noticed: behind the line that it concerns.
            line_of(text, text[..start].trim_end().len().saturating_sub(1))
        } else {
            (start, end)
        };
        let line = &text[start..end];
        // The line that holds the whole document in brackets, or its start, is not passed over.
        if line.trim().is_empty() || (start == 0 && end == text.len()) {
            return None;
        }
        let mut mended = String::with_capacity(text.len());
        mended.push_str(&text[..start]);
        mended.extend(std::iter::repeat_n(' ', end - start));
        mended.push_str(&text[end..]);
        Some(mended)
    }
}

/// The text with the surrogates in the double-quoted scalar at `at` replaced by escapes of the same length.
fn without_surrogates(text: &str, at: usize) -> Option<String> {
    let bytes = text.as_bytes();
    let start = at + text.get(at..)?.find('"')? + 1;
    let mut mended = text.as_bytes().to_vec();
    let mut place = start;
    let mut any = false;
    while let Some(&byte) = bytes.get(place) {
        match byte {
            b'"' => break,
            b'\\' => {
                let escape = bytes.get(place + 1..place + 4).unwrap_or_default();
                if matches!(escape, [b'u', b'd' | b'D', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F'])
                    && let Some(code) = mended.get_mut(place + 2..place + 6)
                    && code.iter().all(u8::is_ascii_hexdigit)
                {
                    code.copy_from_slice(b"FFFD");
                    any = true;
                }
                place += 2;
            }
            _ => place += 1,
        }
    }
    if any { String::from_utf8(mended).ok() } else { None }
}

/// Where the line of `at` begins and ends, without its end.
pub(super) fn line_of(text: &str, at: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let at = at.min(bytes.len());
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let start = bytes[..at].iter().rposition(is_end).map_or(0, |end| end + 1);
    let end = bytes[at..].iter().position(is_end).map_or(bytes.len(), |length| at + length);
    (start, end)
}

/// Where the text ends for the parser: at a `%TAG` directive that would make tags expensive.
fn fence(source: &str) -> usize {
    let mut from = 0;
    while let Some(found) = source[from..].find("%TAG") {
        let at = from + found;
        let (start, end) = line_of_start(source, at);
        if start == at && end - start > MAX_TAG_DIRECTIVE {
            return at;
        }
        from = at + 4;
    }
    source.len()
}

/// As [`line_of`], looking no farther than the directive's bound.
fn line_of_start(source: &str, at: usize) -> (usize, usize) {
    let bytes = source.as_bytes();
    let begins = at == 0 || matches!(bytes[at - 1], b'\n' | b'\r');
    let bound = bytes.len().min(at + MAX_TAG_DIRECTIVE + 1);
    let end = bytes[at..bound]
        .iter()
        .position(|byte| matches!(byte, b'\n' | b'\r'))
        .map_or(bound, |length| at + length);
    (if begins { at } else { at + 1 }, end.max(at + 1))
}
