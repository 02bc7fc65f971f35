//! Scalars with their styles and tags.

use saphyr_parser::{ScalarStyle, Tag};

use super::events::Reader;
use crate::openapi::read::problems::shown;
use crate::openapi::read::scalar::{self, Word};
use crate::openapi::tree::{Kept, Kind, NodeId};

const CORE: &str = "tag:yaml.org,2002:";

/// What stands before a value.
#[derive(Debug)]
pub(super) struct Properties<'e> {
    /// The anchor's number; 0 for none.
    pub(super) anchor: usize,
    pub(super) tag: Option<&'e Tag>,
    /// Where they begin.
    at: usize,
}

/// What a tag stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Key,
    Sequence,
    Mapping,
}

impl<'e> Properties<'e> {
    pub(super) fn new(anchor: usize, tag: Option<&'e Tag>, at: usize) -> Self {
        Self { anchor, tag, at }
    }

    pub(super) fn is_any(&self) -> bool {
        self.anchor > 0 || self.tag.is_some()
    }

    /// The name of a tag of the core schema.
    fn core(&self) -> Option<&'e str> {
        let tag = self.tag?;
        if tag.handle.is_empty() {
            return tag.suffix.strip_prefix(CORE);
        }
        let rest = CORE.strip_prefix(tag.handle.as_str())?;
        tag.suffix.strip_prefix(rest)
    }

    /// `!`: not what it looks like, but text, a list or a mapping.
    fn is_non_specific(&self) -> bool {
        self.tag.is_some_and(|tag| tag.handle.is_empty() && tag.suffix == "!")
    }
}

impl Reader<'_> {
    /// Where the value begins whose tag or anchor stands at `at`.
    pub(super) fn behind_properties(&self, at: usize) -> usize {
        let bytes = self.source.as_bytes();
        let mut at = at;
        while let Some(&byte) = bytes.get(at) {
            let skip: fn(&u8) -> bool = match byte {
                b'&' | b'!' => {
                    |byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b'[' | b']' | b'{' | b'}')
                }
                b' ' | b'\t' | b'\n' | b'\r' => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
                b'#' => |byte| !matches!(byte, b'\n' | b'\r'),
                _ => break,
            };
            let length = bytes[at..].iter().position(|byte| !skip(byte)).unwrap_or(bytes.len() - at);
            if length == 0 {
                break;
            }
            at += length;
        }
        at
    }

    /// The text of a scalar, in the source where it stands there letter by letter.
    pub(super) fn keep(&mut self, text: &str, style: ScalarStyle, at: usize) -> Kept {
        let quote = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let start = at + usize::from(quote);
        let stands =
            self.source.as_bytes().get(start..).is_some_and(|rest| rest.starts_with(text.as_bytes()));
        if stands { self.builder.slice(start, start + text.len()) } else { self.builder.keep(text) }
    }

    /// The node of a scalar that is a value.
    pub(super) fn value(
        &mut self,
        text: &str,
        style: ScalarStyle,
        at: usize,
        properties: &Properties<'_>,
    ) -> NodeId {
        let plain = style == ScalarStyle::Plain;
        let word = match properties.tag {
            None if plain => scalar::resolve(text),
            None => Word::Text,
            Some(_) => self.tagged(text, plain, properties),
        };
        let (kind, kept) = match word {
            Word::Null => (Kind::Null, self.builder.slice(at, at)),
            Word::Boolean(value) => {
                (Kind::Boolean, self.keep(if value { "true" } else { "false" }, style, at))
            }
            Word::Number(digits) => (Kind::Number, self.keep(&digits, style, at)),
            Word::BeyondJson => {
                self.problems.warn("number-beyond-json", at, || {
                    format!("`{}` is a number that JSON does not have and is read as text: quote it, or write another", shown(text))
                });
                (Kind::String, self.keep(text, style, at))
            }
            Word::Text => (Kind::String, self.keep(text, style, at)),
        };
        self.builder.scalar(kind, at, kept)
    }

    fn tagged<'t>(&mut self, text: &'t str, plain: bool, properties: &Properties<'_>) -> Word<'t> {
        if properties.is_non_specific() {
            return Word::Text;
        }
        let untagged = |plain| if plain { scalar::resolve(text) } else { Word::Text };
        let Some(name) = properties.core() else {
            self.unknown_tag(properties);
            return untagged(plain);
        };
        let meant = scalar::resolve(text);
        let fits = match name {
            "str" => return Word::Text,
            "null" => meant == Word::Null,
            "bool" => matches!(meant, Word::Boolean(_)),
            "int" => matches!(&meant, Word::Number(digits) if !digits.contains(['.', 'e', 'E'])),
            "float" => matches!(meant, Word::Number(_) | Word::BeyondJson),
            "seq" | "map" => false,
            _ => {
                self.unknown_tag(properties);
                return untagged(plain);
            }
        };
        if fits {
            return meant;
        }
        self.tag_mismatch(name, properties.at);
        untagged(plain)
    }

    /// Reports a tag at a key or a collection that says nothing or something else.
    pub(super) fn check_tag(&mut self, properties: &Properties<'_>, shape: Shape) {
        if properties.tag.is_none() || properties.is_non_specific() {
            return;
        }
        match (properties.core(), shape) {
            (Some("seq"), Shape::Sequence)
            | (Some("map"), Shape::Mapping)
            | (Some("str" | "int" | "float" | "bool" | "null"), Shape::Key) => {}
            (Some(name @ ("seq" | "map" | "str" | "int" | "float" | "bool" | "null")), _) => {
                self.tag_mismatch(name, properties.at);
            }
            _ => self.unknown_tag(properties),
        }
    }

    fn tag_mismatch(&mut self, name: &str, at: usize) {
        self.problems.warn("tag-mismatch", at, || {
            format!("the tag `!!{}` does not fit this value and is ignored: remove it", shown(name))
        });
    }

    fn unknown_tag(&mut self, properties: &Properties<'_>) {
        self.problems.warn("unknown-tag", properties.at, || {
            let tag = match (properties.core(), properties.tag) {
                (Some(name), _) => format!("!!{name}"),
                (None, Some(tag)) if tag.handle == "!" => format!("!{}", tag.suffix),
                (None, Some(tag)) => format!("!<{}{}>", tag.handle, tag.suffix),
                (None, None) => String::new(),
            };
            format!("the tag `{}` means nothing in a description and is ignored: remove it", shown(&tag))
        });
    }
}
