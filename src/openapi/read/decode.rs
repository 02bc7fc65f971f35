//! From bytes to text. Every encoding that JSON and YAML know is read (RFC 4627, section 3; YAML 1.2.2, section 5.2);
//! what is none of them is read as UTF-8 with replacement characters.

use super::limits::MAX_BYTES;
use super::problems::Problems;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big: bool },
    Utf32 { big: bool },
}

/// The text of a file without its byte order mark.
pub(super) fn decode(bytes: &[u8], problems: &mut Problems) -> String {
    if bytes.len() > MAX_BYTES {
        problems.error("file-too-long", 0, || {
            format!(
                "the file has {} bytes and at most {MAX_BYTES} are read: split the description",
                bytes.len()
            )
        });
        return String::new();
    }
    let (encoding, mark) = encoding(bytes);
    let bytes = &bytes[mark..];
    let units = match encoding {
        Encoding::Utf8 => return utf8(bytes, problems),
        Encoding::Utf16 { big } => {
            let units = bytes.chunks_exact(2).map(|pair| {
                if big {
                    u16::from_be_bytes([pair[0], pair[1]])
                } else {
                    u16::from_le_bytes([pair[0], pair[1]])
                }
            });
            let mut text = String::with_capacity(bytes.len() / 2);
            let mut broken = (!bytes.len().is_multiple_of(2)).then_some(usize::MAX);
            for unit in char::decode_utf16(units) {
                text.push(unit.unwrap_or_else(|_| {
                    broken = Some(broken.unwrap_or(usize::MAX).min(text.len()));
                    char::REPLACEMENT_CHARACTER
                }));
            }
            (text, broken, "UTF-16")
        }
        Encoding::Utf32 { big } => {
            let mut text = String::with_capacity(bytes.len() / 4);
            let mut broken = (!bytes.len().is_multiple_of(4)).then_some(usize::MAX);
            for unit in bytes.chunks_exact(4) {
                let unit = [unit[0], unit[1], unit[2], unit[3]];
                let code = if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
                text.push(char::from_u32(code).unwrap_or_else(|| {
                    broken = Some(broken.unwrap_or(usize::MAX).min(text.len()));
                    char::REPLACEMENT_CHARACTER
                }));
            }
            (text, broken, "UTF-32")
        }
    };
    let (text, broken, name) = units;
    if let Some(at) = broken {
        problems.warn("not-unicode", at.min(text.len()), || {
            format!("this is not {name}, which the file begins as: save it as UTF-8")
        });
    }
    text
}

fn encoding(bytes: &[u8]) -> (Encoding, usize) {
    let begins = |mark: &[u8]| bytes.starts_with(mark);
    if begins(&[0xEF, 0xBB, 0xBF]) {
        return (Encoding::Utf8, 3);
    }
    // Before UTF-16, whose mark is its beginning.
    if begins(&[0xFF, 0xFE, 0, 0]) {
        return (Encoding::Utf32 { big: false }, 4);
    }
    if begins(&[0, 0, 0xFE, 0xFF]) {
        return (Encoding::Utf32 { big: true }, 4);
    }
    if begins(&[0xFF, 0xFE]) {
        return (Encoding::Utf16 { big: false }, 2);
    }
    if begins(&[0xFE, 0xFF]) {
        return (Encoding::Utf16 { big: true }, 2);
    }
    // Without a mark: a description begins with characters of ASCII.
    let encoding = match *bytes {
        [0, 0, 0, 1..=127, ..] => Encoding::Utf32 { big: true },
        [1..=127, 0, 0, 0, ..] => Encoding::Utf32 { big: false },
        [0, 1..=127, 0, 1..=127, ..] => Encoding::Utf16 { big: true },
        [1..=127, 0, 1..=127, 0, ..] => Encoding::Utf16 { big: false },
        _ => Encoding::Utf8,
    };
    (encoding, 0)
}

fn utf8(bytes: &[u8], problems: &mut Problems) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            problems.warn("not-utf-8", error.valid_up_to(), || {
                "the file is not UTF-8 from here on, and what cannot be read is replaced: save it as UTF-8".to_owned()
            });
            String::from_utf8_lossy(bytes).into_owned()
        }
    }
}
