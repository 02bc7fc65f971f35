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
    /// The text is not YAML: in the parser's words, with the offset where the outermost collection in brackets begins that
    /// is open there.
    Syntax { words: String, opened: Option<usize> },
    /// A collection in brackets is too large to be held.
    Ahead,
    /// The file is nested without end.
    Deep,
}

/// How a place is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mend {
    /// Its line is blanked.
    Line,
    /// The line before it is blanked, which the parser understood too late.
    Before,
    /// Tabs at the beginning of lines become spaces.
    Tabs,
    /// Surrogates of the text become replacement characters.
    Surrogates,
    /// Characters that no YAML has become spaces.
    Characters,
    /// A comment is blanked.
    Comment,
    /// Its line, or what a bracket opens before it.
    Brackets,
}

/// A piece of the parser's words; the code, what is said, and how reading goes on.
type Known = (&'static str, &'static str, &'static str, Mend);

/// The first that fits counts.
const KNOWN: [Known; 27] = [
    (
        "comments must be separated",
        "yaml-comment",
        "a comment begins right behind a value: write a space before it",
        Mend::Comment,
    ),
    ("unprintable", "control-character", "a NUL stands in the file: remove it", Mend::Characters),
    (
        "byte order mark",
        "control-character",
        "a byte order mark stands inside the document: remove it",
        Mend::Characters,
    ),
    (
        "invalid Unicode character",
        "half-surrogate",
        "an escape names half of a surrogate pair, which YAML does not have, and is replaced: write the character itself",
        Mend::Surrogates,
    ),
    ("tabs disallowed", "yaml-tab", TAB, Mend::Tabs),
    ("a tab", "yaml-tab", TAB, Mend::Tabs),
    ("tab cannot", "yaml-tab", TAB, Mend::Tabs),
    ("valid YAML whitespace", "yaml-tab", "a tab stands behind an indicator: write a space", Mend::Line),
    (
        "found unexpected end of stream",
        "unclosed-text",
        "the text that begins here has no closing quote: write one",
        Mend::Line,
    ),
    (
        "found unexpected document indicator",
        "unclosed-text",
        "the text that begins here has no closing quote: write one",
        Mend::Line,
    ),
    (
        "invalid indentation in quoted",
        "unclosed-text",
        "the text that begins here has no closing quote, or its lines are indented less than it: close it, or indent them",
        Mend::Line,
    ),
    (
        "trailing content after",
        "yaml-quotes",
        "something stands behind a closing quote: quote the whole text, or escape the inner quotes",
        Mend::Line,
    ),
    (
        "mapping values are not allowed",
        "yaml-colon",
        "a colon with a space behind it stands inside a text, or a key is longer than 1024 characters or than its line: quote the text",
        Mend::Line,
    ),
    (
        "simple key expect",
        "yaml-colon",
        "a colon is missing behind this key: write it, or indent the line as part of the text above",
        Mend::Before,
    ),
    (
        "unknown escape",
        "bad-escape",
        "a backslash in double quotes begins no escape that YAML has: double it, or use single quotes",
        Mend::Line,
    ),
    (
        "hexadecimal number",
        "bad-escape",
        "hexadecimal digits are missing in an escape: write them, or double the backslash",
        Mend::Line,
    ),
    (
        "illegal placement of ':'",
        "yaml-brackets",
        "a comma or a closing bracket is missing before this: write it, or quote the text before it",
        Mend::Brackets,
    ),
    (
        "expected ',' or '}'",
        "yaml-brackets",
        "a comma or a `}` is missing before this: write it, or quote the text before it",
        Mend::Brackets,
    ),
    (
        "expected ',' or ']'",
        "yaml-brackets",
        "a comma or a `]` is missing before this: write it, or quote the text before it",
        Mend::Brackets,
    ),
    (
        "flow",
        "yaml-brackets",
        "a bracket is not closed before this, or a comma is missing: write it",
        Mend::Brackets,
    ),
    ("cannot start with '-'", "yaml-brackets", "a dash stands alone in brackets: quote it", Mend::Brackets),
    (
        "only valid inside a block",
        "yaml-brackets",
        "a dash stands alone in brackets: close them before it, or quote it",
        Mend::Brackets,
    ),
    (
        "misplaced bracket",
        "yaml-brackets",
        "a bracket closes what is not open: remove it, or quote the text",
        Mend::Line,
    ),
    ("unexpected character", "yaml-quotes", "a text cannot begin with this character: quote it", Mend::Line),
    (
        "handle wasn't declared",
        "unknown-tag",
        "a tag has a prefix that no `%TAG` directive declares: remove the tag",
        Mend::Line,
    ),
    (
        "expected key",
        "yaml-indentation",
        "this is neither a key beside those above nor part of a value: align it, or quote the text above",
        Mend::Line,
    ),
    (
        "ndentation",
        "yaml-indentation",
        "this line is indented neither as what stands above nor as anything around it: align it",
        Mend::Line,
    ),
];

const TAB: &str = "a tab cannot indent YAML: indent with spaces";

fn known(words: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|(piece, ..)| words.contains(piece))
}

impl Fault {
    /// Adds what is to be said, of what stands in `text`.
    pub(super) fn report(&self, text: &str, problems: &mut Problems) {
        match &self.reason {
            Reason::Syntax { words, .. } => match known(words) {
                Some(&(_, code, message, mend)) => {
                    let at = match mend {
                        Mend::Tabs => tab(text, self.at).unwrap_or(self.at),
                        Mend::Before => late(text, self.at).0,
                        Mend::Characters => text[self.at..].find(BAD).map_or(self.at, |length| self.at + length),
                        _ => self.at,
                    };
                    match mend {
                        // Nothing of the file is lost.
                        Mend::Characters | Mend::Comment => problems.warn(code, at, || message.to_owned()),
                        _ => problems.error(code, at, || message.to_owned()),
                    }
                }
                None => problems.error("yaml-syntax", self.at, || {
                    format!("this is not YAML ({}): mend the line, or quote its text", shown(words))
                }),
            },
            Reason::Ahead => problems.error("brackets-too-large", self.at, || {
                "what stands in brackets behind this is too large, and the rest of the file is not read: write it \
                 without brackets, or the file as JSON"
                    .to_owned()
            }),
            Reason::Deep => problems.error("too-deep", self.at, || {
                "values are nested without end, and the rest of the file is not read: flatten them".to_owned()
            }),
        }
    }
}

/// Characters that no YAML has inside a document.
const BAD: [char; 2] = ['\0', '\u{feff}'];

/// The first tab from the line of `at` on that indents something.
fn tab(text: &str, at: usize) -> Option<usize> {
    let mut start = line_of(text, at).0;
    for line in text[start..].split_inclusive(['\n', '\r']) {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        if let Some(tab) = line[..indent].find('\t')
            && !line.trim().is_empty()
        {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

/// The line that the parser understood only at `at`: that of `at`, or, at the beginning of one, the one before.
fn late(text: &str, at: usize) -> (usize, usize) {
    let (start, end) = line_of(text, at);
    let (start, end) = if text[start..at.clamp(start, end)].trim().is_empty() {
        line_of(text, text[..start].trim_end().len().saturating_sub(1))
    } else {
        (start, end)
    };
    (start + text[start..end].len() - text[start..end].trim_start().len(), end)
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

    /// The text with the place of `fault` passed over, where that is possible and worth it.
    pub(super) fn mend(&mut self, text: &str, fault: &Fault) -> Option<String> {
        let Reason::Syntax { words, opened } = &fault.reason else { return None };
        self.count += 1;
        self.reread += text.len();
        if self.count > MAX_REPAIRS || self.reread > MAX_REREAD {
            return None;
        }
        let mended = match known(words).map_or(Mend::Line, |&(.., mend)| mend) {
            Mend::Surrogates => without_surrogates(text, fault.at),
            Mend::Tabs => without_tabs(text, fault.at),
            Mend::Characters => {
                Some(text.replace(BAD[0], " ").replace(BAD[1], "   ")).filter(|mended| mended != text)
            }
            Mend::Comment => {
                let (_, end) = line_of(text, fault.at);
                text[fault.at..end].find('#').and_then(|length| blank(text, fault.at + length, end))
            }
            Mend::Before => {
                let (start, end) = late(text, fault.at);
                blank(text, start, end)
            }
            // At the end of the file, what was read before it stays.
            Mend::Brackets if text[fault.at..].trim().is_empty() => return None,
            Mend::Brackets => opened.and_then(|opened| without_brackets(text, opened, fault.at)),
            Mend::Line => None,
        };
        mended.or_else(|| {
            let (start, end) = line_of(text, fault.at);
            blank(text, start, end)
        })
    }
}

/// The text with blanks from `start` to `end`; none where they are there.
fn blank(text: &str, start: usize, end: usize) -> Option<String> {
    let place = text.get(start..end)?;
    // Where everything is one line, passing over it leaves nothing.
    if place.trim().is_empty() || (text[..start].trim().is_empty() && text[end..].trim().is_empty()) {
        return None;
    }
    let mut mended = String::with_capacity(text.len());
    mended.push_str(&text[..start]);
    mended
        .extend(place.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }));
    mended.push_str(&text[end..]);
    Some(mended)
}

/// The text without what a bracket opens at `opened`, where the line of `at` is outside of it by its indentation.
fn without_brackets(text: &str, opened: usize, at: usize) -> Option<String> {
    let (start, end) = line_of(text, opened);
    let (noticed, noticed_end) = line_of(text, at);
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    if noticed > start && indent(&text[noticed..noticed_end]) <= indent(&text[start..end]) {
        return blank(text, start, noticed);
    }
    None
}

/// The text with spaces for the tabs that begin its lines, or else for those that indent the line of the first tab
/// from `at` on.
fn without_tabs(text: &str, at: usize) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    for line in text.split_inclusive(['\n', '\r']) {
        let rest = line.trim_start_matches('\t');
        mended.extend(std::iter::repeat_n(' ', line.len() - rest.len()));
        mended.push_str(rest);
    }
    if mended != text {
        return Some(mended);
    }
    let tab = tab(text, at)?;
    let indent = text[tab..].len() - text[tab..].trim_start_matches([' ', '\t']).len();
    mended.replace_range(tab..tab + indent, &" ".repeat(indent));
    Some(mended)
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
