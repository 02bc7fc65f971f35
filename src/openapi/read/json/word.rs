//! Numbers, literals, and words without quotes, which are neither.

use super::{Scanner, Want};
use crate::openapi::read::problems::shown;
use crate::openapi::read::scalar::{self, Word};
use crate::openapi::tree::Kind;

impl<'s> Scanner<'s> {
    /// The number that begins here.
    pub(super) fn number(&mut self) -> Want {
        let start = self.at;
        let mut at = start + usize::from(self.bytes[start] == b'-');
        let whole = at;
        at = self.digits(at);
        let mut valid = at > whole && (self.bytes[whole] != b'0' || at == whole + 1);
        if self.bytes.get(at) == Some(&b'.') {
            let part = at + 1;
            at = self.digits(part);
            valid &= at > part;
        }
        if matches!(self.bytes.get(at), Some(b'e' | b'E')) {
            at += 1;
            at += usize::from(matches!(self.bytes.get(at), Some(b'+' | b'-')));
            let power = at;
            at = self.digits(power);
            valid &= at > power;
        }
        if valid && self.ends_word(at) {
            self.at = at;
            let digits = self.builder.slice(start, at);
            return self.scalar(Kind::Number, start, digits);
        }
        self.word()
    }

    fn digits(&self, from: usize) -> usize {
        let mut at = from;
        while self.bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    }

    fn ends_word(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            None => true,
            Some(b'/') => matches!(self.bytes.get(at + 1), Some(b'/' | b'*')),
            Some(byte) => matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t'),
        }
    }

    /// `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Want {
        let start = self.at;
        for (word, kind) in [("true", Kind::Boolean), ("false", Kind::Boolean), ("null", Kind::Null)] {
            let end = start + word.len();
            if self.bytes[start..].starts_with(word.as_bytes()) && self.ends_word(end) {
                self.at = end;
                let text = self.builder.slice(start, end);
                return self.scalar(kind, start, text);
            }
        }
        self.word()
    }

    /// A value without quotes that JSON does not know.
    pub(super) fn word(&mut self) -> Want {
        let start = self.at;
        let Some(text) = self.take_word(false) else { return self.unexpected(Want::Value) };
        self.yaml_sign = true;
        let told = |meaning: &str| format!("`{}` is no value of JSON and is read as {meaning}", shown(text));
        let (kind, kept) = match scalar::resolve(text) {
            Word::Null => {
                self.problems.warn("bare-word", start, || format!("{}: write `null`", told("null")));
                (Kind::Null, self.builder.slice(start, start))
            }
            Word::Boolean(value) => {
                let value = if value { "true" } else { "false" };
                self.problems.warn("bare-word", start, || format!("{}: write `{value}`", told(value)));
                (Kind::Boolean, self.builder.keep(value))
            }
            Word::Number(digits) => {
                self.problems.warn("malformed-number", start, || {
                    format!("{}: write that", told(&format!("`{}`", shown(&digits))))
                });
                (Kind::Number, self.builder.keep(&digits))
            }
            Word::BeyondJson | Word::Text => {
                self.problems
                    .warn("bare-word", start, || format!("{}: write it in double quotes", told("text")));
                (Kind::String, self.builder.slice(start, start + text.len()))
            }
        };
        self.scalar(kind, start, kept)
    }

    /// A key without quotes.
    pub(super) fn bare_key(&mut self) -> Want {
        let start = self.at;
        let Some(text) = self.take_word(true) else { return self.unexpected(Want::More) };
        self.yaml_sign = true;
        self.problems.warn("bare-word", start, || {
            format!("the key `{}` has no quotes: write it in double quotes", shown(text))
        });
        let kept = self.builder.slice(start, start + text.len());
        self.key(kept, start)
    }

    /// Passes over a character that begins nothing. Something is still wanted.
    fn unexpected(&mut self, want: Want) -> Want {
        let character = self.source[self.at..].chars().next().unwrap_or_default();
        self.problems.warn("stray-character", self.at, || {
            format!("the character U+{:04X} does not belong here: remove it", u32::from(character))
        });
        self.at += character.len_utf8().max(1);
        match self.frames.last() {
            // A value that waits for its key is still wanted; an item may be missing.
            Some(frame) if frame.mapping && frame.key.is_none() => Want::More,
            Some(frame) if !frame.mapping => Want::First,
            _ => want,
        }
    }

    /// The text up to what ends it in a key or a value: brackets, a comma, a quote, the end of the line, a comment, or
    /// a colon (in a value, a colon before white space). None where there is nothing but that.
    fn take_word(&mut self, key: bool) -> Option<&'s str> {
        let start = self.at;
        let first = self.source.get(start..)?.chars().next()?;
        // White space that JSON does not know, and the byte order mark, are no beginning of a word.
        if first.is_whitespace() || first.is_control() || first == '\u{feff}' {
            return None;
        }
        let mut end = start;
        while let Some(&byte) = self.bytes.get(end) {
            let next = self.bytes.get(end + 1).copied().unwrap_or(b'\n');
            let ends = match byte {
                b',' | b'[' | b']' | b'{' | b'}' | b'"' | b'\n' | b'\r' => true,
                b':' => key || matches!(next, b' ' | b'\t' | b'\n' | b'\r' | b'"'),
                b'=' => key,
                b'/' => {
                    matches!(next, b'/' | b'*') && matches!(self.bytes[end.saturating_sub(1)], b' ' | b'\t')
                }
                _ => byte < b' ' && byte != b'\t',
            };
            if ends {
                break;
            }
            end += 1;
        }
        let text = self.source.get(start..end)?.trim_end();
        if text.is_empty() {
            return None;
        }
        self.at = start + text.len();
        Some(text)
    }
}
