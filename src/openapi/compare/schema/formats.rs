//! What is known of formats: which are checked at all, and which admit fewer texts or numbers than others.

use super::view::View;
use crate::openapi::model::{Set, Types};

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
