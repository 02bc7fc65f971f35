//! Values that a description spells out: of `enum`, `const` and `default`. Two spellings of one value are one value.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::openapi::decimal::Decimal;
use crate::openapi::model::Types;
use crate::openapi::tree::{Kind, Node};

/// The most characters of a value that an argument of a finding holds.
const SHOWN: usize = 200;

/// A value in the form in which equal values are equal. Ordered, so that sets of values merge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value<'t> {
    /// `null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A number; of one that cannot be read, nothing is known but its text.
    Number(Decimal),
    /// A string.
    String(&'t str),
    /// An array or an object, in canonical text.
    Compound(bool, String),
}

impl<'t> Value<'t> {
    /// The value of `node`.
    pub(super) fn of(node: Node<'t>) -> Self {
        match node.kind() {
            Kind::Null => Self::Null,
            Kind::Boolean => Self::Boolean(node.as_bool() == Some(true)),
            Kind::Number => {
                let digits = node.as_number().unwrap_or_default();
                Decimal::parse(digits).map_or(Self::String(digits), Self::Number)
            }
            Kind::String => Self::String(node.as_str().unwrap_or_default()),
            Kind::Sequence => Self::Compound(false, canonical(node)),
            Kind::Mapping => Self::Compound(true, canonical(node)),
        }
    }

    /// The one type that it is of.
    pub(super) fn types(&self) -> Types {
        match self {
            Self::Null => Types::NULL,
            Self::Boolean(_) => Types::BOOLEAN,
            Self::Number(number) if number.is_integer() => Types::INTEGER,
            Self::Number(_) => Types::FRACTION,
            Self::String(_) => Types::STRING,
            Self::Compound(false, _) => Types::ARRAY,
            Self::Compound(true, _) => Types::OBJECT,
        }
    }
}

/// The most nodes that a canonical text covers: aliases of YAML can make a small file a huge value.
const NODES: usize = 10_000;

/// Text that is equal for equal values: keys in order, numbers in their shortest form. A value beyond all measure is cut,
/// with its place as its mark, so that it equals itself alone.
fn canonical(node: Node<'_>) -> String {
    let mut text = String::new();
    let mut left = NODES;
    write_canonical(&mut text, node, &mut left, 64);
    text
}

fn write_canonical(text: &mut String, node: Node<'_>, left: &mut usize, depth: usize) {
    if *left == 0 || depth == 0 {
        let _ = write!(text, "#{}", node.at());
        return;
    }
    *left -= 1;
    match node.kind() {
        Kind::Sequence => {
            text.push('[');
            for item in node.items() {
                write_canonical(text, item, left, depth - 1);
                text.push(',');
            }
            text.push(']');
        }
        Kind::Mapping => {
            let mut members: Vec<_> = node.members().collect();
            members.sort_by_key(|member| member.key);
            text.push('{');
            for member in members {
                let _ = write!(text, "{:?}:", member.key);
                write_canonical(text, member.value, left, depth - 1);
                text.push(',');
            }
            text.push('}');
        }
        _ => match Value::of(node) {
            Value::Number(number) => {
                let (digits, exponent) = number.parts();
                let _ = write!(text, "{}0.{digits}e{exponent}", if number.is_negative() { "-" } else { "" });
            }
            Value::String(string) => {
                let _ = write!(text, "{string:?}");
            }
            Value::Boolean(boolean) => {
                let _ = write!(text, "{boolean}");
            }
            _ => text.push_str("null"),
        },
    }
}

/// The value as a reader knows it: JSON in one line, cut where it is long.
pub(super) fn shown(node: Node<'_>) -> String {
    let mut text = String::new();
    write_shown(&mut text, node, 32);
    if text.len() > SHOWN {
        let end = (0..=SHOWN).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    text
}

fn write_shown(text: &mut String, node: Node<'_>, depth: usize) {
    if text.len() > SHOWN || depth == 0 {
        return;
    }
    match node.kind() {
        Kind::Null => text.push_str("null"),
        Kind::Boolean => text.push_str(if node.as_bool() == Some(true) { "true" } else { "false" }),
        Kind::Number => text.push_str(node.as_number().unwrap_or_default()),
        Kind::String => quoted(text, node.as_str().unwrap_or_default()),
        Kind::Sequence => {
            text.push('[');
            for (index, item) in node.items().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                write_shown(text, item, depth - 1);
                if text.len() > SHOWN {
                    return;
                }
            }
            text.push(']');
        }
        Kind::Mapping => {
            text.push('{');
            for (index, member) in node.members().enumerate() {
                text.push_str(if index == 0 { "" } else { ", " });
                quoted(text, member.key);
                text.push_str(": ");
                write_shown(text, member.value, depth - 1);
                if text.len() > SHOWN {
                    return;
                }
            }
            text.push('}');
        }
    }
}

fn quoted(text: &mut String, string: &str) {
    let short: Cow<'_, str> = match string.char_indices().nth(SHOWN) {
        Some((end, _)) => string[..end].into(),
        None => string.into(),
    };
    text.push_str(&serde_json::Value::from(short.as_ref()).to_string());
}

/// A number as a reader knows it, within reason.
pub(super) fn number(decimal: &Decimal) -> String {
    let (digits, exponent) = decimal.parts();
    let sign = if decimal.is_negative() { "-" } else { "" };
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    match exponent {
        _ if digits.is_empty() => "0".to_owned(),
        whole if whole >= length && whole <= 40 => {
            format!("{sign}{digits}{}", "0".repeat(usize::try_from(whole - length).unwrap_or(0)))
        }
        inside if inside > 0 && inside < length => {
            let (whole, fraction) = digits.split_at(usize::try_from(inside).unwrap_or(0));
            format!("{sign}{whole}.{fraction}")
        }
        below if below <= 0 && below > -20 => {
            format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-below).unwrap_or(0)))
        }
        _ => format!("{sign}0.{digits}e{exponent}"),
    }
}
