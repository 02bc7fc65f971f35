//! What the YAML parser reads from: the text, with a bound on how far it reads before it gives an event.

use std::cell::Cell;

use saphyr_parser::Input;

use crate::openapi::read::limits::MAX_INDICATORS_AHEAD;

/// How many indicators were read since the last event; past the bound, the text ends for the parser.
#[derive(Debug, Default)]
pub(super) struct Ahead(Cell<u32>);

impl Ahead {
    /// An event was given.
    pub(super) fn reset(&self) {
        if !self.is_exceeded() {
            self.0.set(0);
        }
    }

    /// Whether the text was ended before its end.
    pub(super) fn is_exceeded(&self) -> bool {
        self.0.get() > MAX_INDICATORS_AHEAD
    }
}

/// A text, read character by character.
#[derive(Debug)]
pub(super) struct Feed<'s> {
    text: &'s str,
    at: usize,
    lookahead: usize,
    ahead: &'s Ahead,
}

impl<'s> Feed<'s> {
    pub(super) fn new(text: &'s str, ahead: &'s Ahead) -> Self {
        Self { text, at: 0, lookahead: 0, ahead }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The character at an offset, with its length in bytes; NUL past the end.
    #[inline]
    fn character(&self, at: usize) -> (char, usize) {
        match self.text.as_bytes().get(at) {
            None => ('\0', 0),
            Some(&byte) if byte < 0x80 => (char::from(byte), 1),
            Some(_) => {
                let character = self.text[at..].chars().next().unwrap_or_default();
                (character, character.len_utf8())
            }
        }
    }
}

impl Input for Feed<'_> {
    #[inline]
    fn lookahead(&mut self, count: usize) {
        self.lookahead = self.lookahead.max(count);
    }

    #[inline]
    fn buflen(&self) -> usize {
        self.lookahead
    }

    #[inline]
    fn bufmaxlen(&self) -> usize {
        128
    }

    #[inline]
    fn raw_read_ch(&mut self) -> char {
        let (character, length) = self.character(self.at);
        self.at += length;
        character
    }

    #[inline]
    fn raw_read_non_breakz_ch(&mut self) -> Option<char> {
        let (character, length) = self.character(self.at);
        if matches!(character, '\0' | '\n' | '\r' | '\u{feff}') {
            return None;
        }
        self.at += length;
        Some(character)
    }

    #[inline]
    fn skip(&mut self) {
        match self.byte() {
            None => {}
            Some(byte) if byte < 0x80 => {
                self.at += 1;
                if matches!(byte, b',' | b':' | b'[' | b']' | b'{' | b'}') {
                    let read = self.ahead.0.get() + 1;
                    self.ahead.0.set(read);
                    if read > MAX_INDICATORS_AHEAD {
                        self.text = &self.text[..self.at];
                    }
                }
            }
            Some(_) => self.at += self.character(self.at).1,
        }
    }

    #[inline]
    fn skip_n(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    #[inline]
    fn peek(&self) -> char {
        self.character(self.at).0
    }

    #[inline]
    fn peek_nth(&self, n: usize) -> char {
        let mut at = self.at;
        for _ in 0..n {
            at += self.character(at).1;
        }
        self.character(at).0
    }

    #[inline]
    fn peek_opt(&self) -> Option<char> {
        (self.at < self.text.len()).then(|| self.peek())
    }

    #[inline]
    fn next_2_are(&self, first: char, second: char) -> bool {
        self.peek() == first && self.peek_nth(1) == second
    }

    #[inline]
    fn next_3_are(&self, first: char, second: char, third: char) -> bool {
        self.next_2_are(first, second) && self.peek_nth(2) == third
    }

    #[inline]
    fn next_is_document_start(&self) -> bool {
        self.marks_document(b'-')
    }

    #[inline]
    fn next_is_document_end(&self) -> bool {
        self.marks_document(b'.')
    }

    #[inline]
    fn next_is_document_indicator(&self) -> bool {
        self.marks_document(b'-') || self.marks_document(b'.')
    }

    #[inline]
    fn next_is_blank_or_break(&self) -> bool {
        matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r'))
    }

    #[inline]
    fn next_is_blank_or_breakz(&self) -> bool {
        matches!(self.byte(), None | Some(b' ' | b'\t' | b'\n' | b'\r' | 0))
    }

    #[inline]
    fn next_can_be_plain_scalar(&self, in_flow: bool) -> bool {
        match self.byte() {
            Some(b':') => match self.text.as_bytes().get(self.at + 1) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r' | 0) => false,
                Some(b',' | b'[' | b']' | b'{' | b'}') => !in_flow,
                Some(_) => true,
            },
            Some(b',' | b'[' | b']' | b'{' | b'}') => !in_flow,
            // A byte order mark, unless it is another character that begins like it.
            Some(0xEF) => self.peek() != '\u{feff}',
            _ => true,
        }
    }

    fn skip_while_non_breakz(&mut self) -> usize {
        let mut count = 0;
        while self.raw_read_non_breakz_ch().is_some() {
            count += 1;
        }
        count
    }

    fn skip_while_blank(&mut self) -> usize {
        let start = self.at;
        while matches!(self.byte(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at - start
    }
}

impl Feed<'_> {
    #[inline]
    fn marks_document(&self, mark: u8) -> bool {
        if self.byte() != Some(mark) {
            return false;
        }
        let rest = &self.text.as_bytes()[self.at..];
        rest.starts_with(&[mark, mark, mark])
            && matches!(rest.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r' | 0))
    }
}
