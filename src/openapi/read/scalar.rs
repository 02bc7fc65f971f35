//! What a word without quotes means: the core schema of YAML 1.2 (YAML 1.2.2, section 10.3.2), with numbers in the
//! grammar of JSON.

use std::borrow::Cow;

/// The value of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word<'t> {
    /// Nothing, `~` or `null`.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// The digits of a number in JSON's grammar.
    Number(Cow<'t, str>),
    /// Infinity, what is not a number, or a number in another base of more than 128 bits.
    BeyondJson,
    /// Anything else.
    Text,
}

/// What `text` means.
pub(super) fn resolve(text: &str) -> Word<'_> {
    let Some(&first) = text.as_bytes().first() else { return Word::Null };
    match first {
        b'~' | b'n' | b'N' if matches!(text, "~" | "null" | "Null" | "NULL") => Word::Null,
        b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Word::Boolean(true),
        b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Word::Boolean(false),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => Word::Text,
    }
}

fn number(text: &str) -> Word<'_> {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Word::BeyondJson;
    }
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
                return Word::Text;
            }
            return u128::from_str_radix(digits, base)
                .map_or(Word::BeyondJson, |value| Word::Number(value.to_string().into()));
        }
    }
    let (minus, unsigned) = match text.as_bytes()[0] {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Word::BeyondJson;
    }
    let Some((whole, part, exponent)) = parts(unsigned) else { return Word::Text };
    let stripped = whole.trim_start_matches('0');
    let plain = text.as_bytes()[0] != b'+'
        && !whole.is_empty()
        && (whole.len() == 1 || whole.len() == stripped.len())
        && part.is_none_or(|part| !part.is_empty());
    if plain {
        return Word::Number(text.into());
    }
    let whole = if stripped.is_empty() { "0" } else { stripped };
    let part = match part {
        None => String::new(),
        Some("") => ".0".to_owned(),
        Some(digits) => format!(".{digits}"),
    };
    Word::Number(format!("{minus}{whole}{part}{exponent}").into())
}

/// The digits before the point, those behind it, and the exponent with its letter, of
/// `( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`.
fn parts(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_at(text.find(['e', 'E']).unwrap_or(text.len()));
    if let Some(power) = exponent.get(1..) {
        let power = power.strip_prefix(['-', '+']).unwrap_or(power);
        if power.is_empty() || !digits(power) {
            return None;
        }
    }
    let (whole, part) = match mantissa.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (mantissa, None),
    };
    let any = !whole.is_empty() || part.is_some_and(|part| !part.is_empty());
    (any && digits(whole) && part.is_none_or(digits)).then_some((whole, part, exponent))
}
