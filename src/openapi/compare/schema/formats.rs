//! What is known of formats: which are checked at all, and which admit fewer texts or numbers than others.

use super::admits::matches;
use super::answer::Answer;
use super::implied::Edge;
use super::view::View;
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{Schema, Set, Types};

/// How the values of one format lie to those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// They are the same.
    Same,
    /// All of the first are of the second.
    Narrower,
    /// All of the second are of the first.
    Wider,
    /// Some of either are not of the other.
    Apart,
    /// Nothing is known.
    Unknown,
}

/// Formats of numbers.
const NUMBERS: &[&str] =
    &["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float", "double"];

/// Formats of strings that say which texts are meant.
const TEXTS: &[&str] = &[
    "byte",
    "binary",
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

/// Formats that say how a value is shown, not which it is.
const IDLE: &[&str] = &["html", "markdown", "password", "string", "text", "textarea"];

/// Formats of which the first admits less than the second; chains are spelled out.
const NARROWER: &[(&str, &str)] = &[
    ("int8", "int16"),
    ("int8", "int32"),
    ("int8", "int64"),
    ("int16", "int32"),
    ("int16", "int64"),
    ("int32", "int64"),
    ("uint8", "uint16"),
    ("uint8", "uint32"),
    ("uint8", "uint64"),
    ("uint16", "uint32"),
    ("uint16", "uint64"),
    ("uint32", "uint64"),
    ("uint8", "int16"),
    ("uint8", "int32"),
    ("uint8", "int64"),
    ("uint16", "int32"),
    ("uint16", "int64"),
    ("uint32", "int64"),
    ("float", "double"),
    ("email", "idn-email"),
    ("hostname", "idn-hostname"),
    ("iri", "iri-reference"),
    ("uri", "iri"),
    ("uri", "iri-reference"),
    ("uri", "uri-reference"),
    ("uri-reference", "iri-reference"),
];

/// The least and the greatest number of formats that are ranges of whole numbers.
const RANGES: &[(&str, &str, &str)] = &[
    ("int8", "-128", "127"),
    ("int16", "-32768", "32767"),
    ("int32", "-2147483648", "2147483647"),
    ("int64", "-9223372036854775808", "9223372036854775807"),
    ("uint8", "0", "255"),
    ("uint16", "0", "65535"),
    ("uint32", "0", "4294967295"),
    ("uint64", "0", "18446744073709551615"),
];

/// What every text of a format has: a pattern that all of them match, and that others may match too.
const WRITTEN: &[(&str, &str)] = &[
    ("date", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    ("date-time", "^[0-9]{4}-[0-9]{2}-[0-9]{2}[\\s\\S][0-9]{2}:[0-9]{2}:[0-9]{2}"),
    ("duration", "^P"),
    ("email", "^[\\s\\S]+@[\\s\\S]+$"),
    ("hostname", "^[\\s\\S]"),
    (
        "ipv4",
        "^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$",
    ),
    // One colon at least, after four digits at most; 45 letters in all, where an address of version 4 ends one that is written out.
    ("ipv6", "^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}$"),
    ("time", "^[0-9]{2}:[0-9]{2}:[0-9]{2}"),
    ("uri", "^[A-Za-z][A-Za-z0-9+.\\-]*:"),
    ("uuid", "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"),
];

/// Those of them of which every text is that the pattern matches.
const EXACT: &[&str] = &["ipv4", "uuid"];

/// The greatest number of formats that are ranges of numbers with a fraction, as far as they say anything: a number of JSON is
/// read as a `double` unless somebody says otherwise (RFC 8259, section 6), so that format asks for nothing more.
const REACHES: &[(&str, Option<&str>)] = &[("float", Some("3.4028234663852886e38")), ("double", None)];

/// Whether all numbers between two edges, where there are any, are in the range of `format`, which has numbers with a
/// fraction.
pub(super) fn reaches(format: &str, (low, high): &(Edge, Edge)) -> bool {
    let Some((_, most)) = REACHES.iter().find(|&&(name, _)| name == format) else { return false };
    let Some(most) = most else { return true };
    let bound = |sign: &str| Decimal::parse(&format!("{sign}{most}"));
    match (low, high, bound("-"), bound("")) {
        (Some((low, _)), Some((high, _)), Some(least), Some(most)) => *low >= least && *high <= most,
        _ => false,
    }
}

/// The least and the greatest number of `format`, where it is a range of whole numbers.
pub(super) fn range(format: &str) -> Option<(Decimal, Decimal)> {
    let &(_, low, high) = RANGES.iter().find(|&&(name, ..)| name == format)?;
    Some((Decimal::parse(low)?, Decimal::parse(high)?))
}

/// A pattern that every text of `format` matches.
pub(super) fn written(format: &str) -> Option<&'static str> {
    WRITTEN.iter().find(|&&(name, _)| name == format).map(|&(_, pattern)| pattern)
}

/// A pattern that every text of `format` matches, and no other one.
pub(in crate::openapi) fn exact_pattern(format: &str) -> Option<&'static str> {
    written(format).filter(|_| EXACT.contains(&format))
}

/// Whether `text` is of `format`, where that is plain to see.
pub(super) fn holds(format: &str, text: &str) -> Answer {
    if idle(format) {
        return Answer::Yes;
    }
    if written(format).is_some_and(|pattern| matches(pattern, text).is_no()) {
        return Answer::No;
    }
    match format {
        "date" => Answer::of(is_date(text)),
        _ if EXACT.contains(&format) => Answer::Yes,
        _ => Answer::Unknown,
    }
}

/// Whether `text`, which is written as one, is a day of the calendar (RFC 3339, section 5.7).
fn is_date(text: &str) -> bool {
    let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// Formats of OpenAPI 3.0 and what says the same since: `contentEncoding`, or `contentMediaType`.
const CODED: &[(&str, &str, bool)] = &[
    ("byte", "base64", true),
    // As the examples of OpenAPI 3.0 have it.
    ("base64", "base64", true),
    ("binary", "application/octet-stream", false),
];

/// What `schema` itself says of the encoding of texts, or of the media type that they hold, in either word.
pub(super) fn content<'t>(schema: &Schema<'t>, encoding: bool) -> Option<Set<&'t str>> {
    let own = if encoding { schema.content_encoding } else { schema.content_media_type };
    let format = || {
        let format = schema.format?;
        let &(_, value, _) =
            CODED.iter().find(|&&(name, _, coded)| name == format.value && coded == encoding)?;
        Some(Set { value, at: format.at })
    };
    own.or_else(format)
}

/// Whether `schema` says by a keyword what `format` says.
pub(super) fn codes(schema: &Schema<'_>, format: &str) -> bool {
    CODED.iter().any(|&(name, value, encoding)| {
        let own = if encoding { schema.content_encoding } else { schema.content_media_type };
        // Text that is encoded besides is no plain octets.
        let plain = encoding || schema.content_encoding.is_none();
        name == format && plain && own.is_some_and(|own| own.value.eq_ignore_ascii_case(value))
    })
}

/// Whether `format` is known to speak of numbers.
pub(super) fn numeric(format: &str) -> bool {
    NUMBERS.contains(&format)
}

/// Whether `format` is known to constrain nothing.
pub(super) fn idle(format: &str) -> bool {
    IDLE.contains(&format)
}

/// Whether nothing is known of `format`.
pub(super) fn custom(format: &str) -> bool {
    !numeric(format) && !idle(format) && !TEXTS.contains(&format)
}

/// How the values of `one` lie to those of `other`.
pub(super) fn order(one: &str, other: &str) -> Order {
    if one == other {
        Order::Same
    } else if NARROWER.contains(&(one, other)) {
        Order::Narrower
    } else if NARROWER.contains(&(other, one)) {
        Order::Wider
    } else if custom(one) || custom(other) {
        Order::Unknown
    } else {
        match (idle(one), idle(other)) {
            (true, true) => Order::Same,
            (true, false) => Order::Wider,
            (false, true) => Order::Narrower,
            (false, false) => Order::Apart,
        }
    }
}

/// The formats that `view` asks for, of numbers or of strings, each once.
pub(super) fn of<'t>(view: &View<'_, 't>, numbers: bool) -> Vec<Set<&'t str>> {
    let types = if numbers { Types::NUMBER } else { Types::STRING };
    let mut formats: Vec<Set<&'t str>> = Vec::new();
    if !view.types.meets(types) {
        return formats;
    }
    for format in view.parts.iter().filter_map(|part| part.schema.format) {
        let of_numbers = numeric(format.value) || (custom(format.value) && !view.types.meets(Types::STRING));
        if of_numbers == numbers && !formats.iter().any(|known| known.value == format.value) {
            formats.push(format);
        }
    }
    formats
}
