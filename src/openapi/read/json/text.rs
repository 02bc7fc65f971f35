//! Strings of JSON: found word by word where they are plain, unescaped character by character where they are not.

use super::Scanner;
use crate::openapi::tree::Kept;

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Offset of the first byte from `at` on that is `quote`, a backslash or a control character; the end if there is none.
pub(super) fn find_special(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    let quotes = u64::from(quote) * ONES;
    let slashes = u64::from(b'\\') * ONES;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    while let Some(chunk) = bytes.get(at..at + 8) {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        let word = u64::from_le_bytes(word);
        // The lowest mark is true; above it a borrow may have left false ones.
        let controls = word.wrapping_sub(0x20 * ONES) & !word;
        let marks = (zero(word ^ quotes) | zero(word ^ slashes) | controls) & HIGHS;
        if marks != 0 {
            return at + marks.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|&byte| byte == quote || byte == b'\\' || byte < 0x20).unwrap_or(rest.len())
}

impl Scanner<'_> {
    /// The string whose opening quote is here.
    pub(super) fn string(&mut self) -> Kept {
        let quote = self.bytes[self.at];
        let start = self.at + 1;
        let end = find_special(self.bytes, start, quote);
        if self.bytes.get(end) == Some(&quote) {
            self.at = end + 1;
            return self.builder.slice(start, end);
        }
        self.escaped(start, end, quote)
    }

    /// The string from `start`, which is plain up to `end`.
    fn escaped(&mut self, start: usize, mut end: usize, quote: u8) -> Kept {
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        let mut from = start;
        loop {
            text.push_str(self.source.get(from..end).unwrap_or_default());
            self.at = end;
            match self.bytes.get(end) {
                Some(&byte) if byte == quote => {
                    self.at = end + 1;
                    break;
                }
                Some(b'\\') => self.escape(&mut text),
                Some(b'\n' | b'\r') | None => {
                    self.problems.error("unclosed-text", start - 1, || {
                        "the text that begins here has no closing quote in its line: write one".to_owned()
                    });
                    // The comma belonged to the list or mapping before the quote was lost.
                    let whole = text.trim_end_matches([' ', '\t']).len();
                    if text[..whole].ends_with(',')
                        && self.source[..end].trim_end_matches([' ', '\t']).ends_with(',')
                    {
                        text.truncate(whole - 1);
                        self.at = self.source[..end].trim_end_matches([' ', '\t']).len() - 1;
                    }
                    break;
                }
                Some(_) => {
                    self.problems.warn("control-character", end, || {
                        "a control character stands in a text: write it as an escape such as `\\t`".to_owned()
                    });
                    let character = self.source[end..].chars().next().unwrap_or_default();
                    text.push(character);
                    self.at = end + character.len_utf8();
                }
            }
            from = self.at;
            end = find_special(self.bytes, from, quote);
        }
        let kept = self.builder.keep(&text);
        self.scratch = text;
        kept
    }

    /// The escape whose backslash is here.
    fn escape(&mut self, text: &mut String) {
        let at = self.at;
        let Some(letter) = self.source[at + 1..].chars().next() else {
            self.at += 1;
            return;
        };
        self.at += 1 + letter.len_utf8();
        let meant = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let meant = self.code_point(at);
                text.push(meant);
                return;
            }
            _ => {
                if letter == '\n' || letter == '\r' {
                    // The text ends with its line; the backslash stays.
                    self.at -= 1;
                    text.push('\\');
                    return;
                }
                self.problems.warn("bad-escape", at, || {
                    "a backslash stands before a character that needs none and means that character: remove the \
                     backslash, or double it"
                        .to_owned()
                });
                letter
            }
        };
        text.push(meant);
    }

    /// The character of the `\u` before here, which begins at `at`.
    fn code_point(&mut self, at: usize) -> char {
        let Some(first) = self.hex() else {
            self.problems.warn("bad-escape", at, || {
                "four hexadecimal digits follow `\\u`: write them, or double the backslash".to_owned()
            });
            return 'u';
        };
        let mut code = first;
        if (0xD800..0xDC00).contains(&first) && self.bytes[self.at..].starts_with(b"\\u") {
            let behind = self.at;
            self.at += 2;
            match self.hex() {
                Some(second) if (0xDC00..0xE000).contains(&second) => {
                    code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                }
                _ => self.at = behind,
            }
        }
        char::from_u32(code).unwrap_or_else(|| {
            self.problems.warn("half-surrogate", at, || {
                "half of a surrogate pair stands alone and is replaced: write the whole character".to_owned()
            });
            char::REPLACEMENT_CHARACTER
        })
    }

    /// Four hexadecimal digits, if they are here.
    fn hex(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.at..self.at + 4)?;
        let value =
            digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))?;
        self.at += 4;
        Some(value)
    }
}
