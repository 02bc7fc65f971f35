//! How the parts of a form are written: the encodings of its properties.

use std::collections::BTreeMap;

use super::content::Name;
use super::pairs::{Change, Comparison, Flow, Key};
use super::parameters::{self, Shape};
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, Description, Encoding, Format, HeaderId, MediaType, SchemaId};
use crate::openapi::rules::{Rule, single};

/// How many media types of a part are held against each other.
const CONTENT_TYPES: usize = 256;

/// The rules of the parts of a form, by the way that the message goes.
struct PartRules {
    content_type: &'static Rule,
    style: &'static Rule,
    explode: &'static Rule,
    allow_reserved: &'static Rule,
    header_added: &'static Rule,
    header_removed: &'static Rule,
}

fn part_rules(flow: Flow) -> PartRules {
    match flow {
        Flow::Sent => PartRules {
            content_type: &single::REQUEST_BODY_ENCODING_CONTENT_TYPE_CHANGED,
            style: &single::REQUEST_BODY_ENCODING_STYLE_CHANGED,
            explode: &single::REQUEST_BODY_ENCODING_EXPLODE_CHANGED,
            allow_reserved: &single::REQUEST_BODY_ENCODING_ALLOW_RESERVED_CHANGED,
            header_added: &single::REQUEST_BODY_ENCODING_HEADER_ADDED,
            header_removed: &single::REQUEST_BODY_ENCODING_HEADER_REMOVED,
        },
        Flow::Received => PartRules {
            content_type: &single::RESPONSE_BODY_ENCODING_CONTENT_TYPE_CHANGED,
            style: &single::RESPONSE_BODY_ENCODING_STYLE_CHANGED,
            explode: &single::RESPONSE_BODY_ENCODING_EXPLODE_CHANGED,
            allow_reserved: &single::RESPONSE_BODY_ENCODING_ALLOW_RESERVED_CHANGED,
            header_added: &single::RESPONSE_BODY_ENCODING_HEADER_ADDED,
            header_removed: &single::RESPONSE_BODY_ENCODING_HEADER_REMOVED,
        },
    }
}

/// A part of a form as one side has it.
#[derive(Clone, Copy)]
struct Part<'p, 't> {
    side: &'p Description<'t>,
    encoding: Option<&'p Encoding<'t>>,
    schema: Option<SchemaId>,
    /// Whether style, explode and `allowReserved` mean something here.
    is_styled: bool,
    at: At,
}

impl<'p, 't> Part<'p, 't> {
    /// The part `name` of `media`; none where this side has no such part.
    fn of(side: &'p Description<'t>, media: &'p MediaType<'t>, name: &str) -> Option<Self> {
        let encoding = media.encoding.iter().find(|part| part.name == name);
        let schema = side.part_of(media.schema, name);
        let form = Name::of(media.name);
        let is_styled = match side.format {
            Format::V2 => true,
            Format::V3_0 => form.is_urlencoded(),
            Format::V3_1 | Format::V3_2 => form.is_form(),
        };
        let is_there = encoding.is_some() || schema.is_some();
        let at = encoding.map_or(media.at, |encoding| encoding.at);
        is_there.then_some(Self { side, encoding, schema, is_styled, at })
    }

    fn styled(&self) -> Option<&'p Encoding<'t>> {
        self.encoding.filter(|_| self.is_styled)
    }

    fn style(&self) -> &'t str {
        self.styled().and_then(|encoding| encoding.style).unwrap_or("form")
    }

    fn explode(&self) -> bool {
        let said = self.styled().and_then(|encoding| encoding.explode);
        said.unwrap_or_else(|| self.style() == "form")
    }

    fn allow_reserved(&self) -> bool {
        self.styled().is_some_and(|encoding| encoding.allow_reserved)
    }

    /// A single value looks the same in any style; what is not described may be anything.
    fn shape(&self) -> Shape {
        self.schema.map_or(Shape::ANY, |schema| Shape::of(self.side, Some(schema)))
    }

    /// The media types that it may have, in the words of the description; none where nothing is said.
    fn said(&self) -> Option<Vec<String>> {
        let said = self.encoding.and_then(|encoding| encoding.content_type)?;
        let mut names: Vec<_> = said.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        names.sort();
        Some(names)
    }

    /// The same, with what holds where nothing is said; none where that is not known, or too many are listed.
    fn content_types(&self) -> Option<Vec<Name>> {
        match self.said() {
            Some(names) if names.len() > CONTENT_TYPES => None,
            Some(names) => Some(names.iter().map(|name| Name::of(name)).collect()),
            None => Some(vec![Name::of(self.side.usual_content_type(self.schema?)?)]),
        }
    }

    /// Its headers by name in lower case, each with whether it is always there.
    fn headers(&self) -> BTreeMap<String, (HeaderId, bool)> {
        let listed = self.encoding.map_or(&[][..], |encoding| &encoding.headers);
        let header = |&(name, id): &(&str, HeaderId)| {
            (name.to_ascii_lowercase(), (id, self.side.headers[id.0 as usize].required))
        };
        listed.iter().map(header).collect()
    }
}

/// Compares how the parts of a form are written. A part of which nothing is said has the default encoding.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    was: &MediaType<'_>,
    is: &MediaType<'_>,
    flow: Flow,
) {
    // Encodings speak of forms only.
    let name = Name::of(is.name);
    if !(name.is_multipart() || name.is_urlencoded()) {
        return;
    }
    let mut parts: Vec<&str> = was.encoding.iter().chain(&is.encoding).map(|part| part.name).collect();
    parts.sort_unstable();
    parts.dedup();
    for part in parts {
        // A part that only one side has comes and goes with its encoding: its property is what is told.
        let old = Part::of(comparison.base, was, part);
        if let (Some(old), Some(new)) = (old, Part::of(comparison.revision, is, part)) {
            pair(comparison, part, (old, new), flow, name.is_multipart());
        }
    }
}

fn pair(
    comparison: &mut Comparison<'_, '_>,
    name: &str,
    (old, new): (Part<'_, '_>, Part<'_, '_>),
    flow: Flow,
    is_multipart: bool,
) {
    let rules = part_rules(flow);
    let note = |comparison: &mut Comparison<'_, '_>,
                rule: &'static Rule,
                is_safe: bool,
                more: &[(&'static str, String)]| {
        let arguments = [&[("name", name.to_owned())], more].concat();
        let proof = if is_safe { Proof::Proven } else { Proof::Rule };
        comparison.note(Change { rule, proof, base: Some(old.at), revision: Some(new.at), arguments });
    };
    let (before, after) = (old.content_types(), new.content_types());
    let (from, to) = (old.said(), new.said());
    let is_same = match (&before, &after) {
        _ if from.is_none() && to.is_none() => true,
        (Some(before), Some(after)) => is_within(before, after) && is_within(after, before),
        _ => from == to,
    };
    if !is_same {
        let (sent, taken) = if flow == Flow::Sent { (before, after) } else { (after, before) };
        let is_safe = sent.zip(taken).is_some_and(|(sent, taken)| is_within(&sent, &taken));
        let word = |key, said: Option<Vec<String>>| said.map(|names| (key, names.join(", ")));
        let more: Vec<_> = word("from", from).into_iter().chain(word("to", to)).collect();
        note(comparison, rules.content_type, is_safe, &more);
    }
    let mut moved = |rule: &'static Rule, from: String, to: String| {
        if from != to {
            note(comparison, rule, false, &[("from", from), ("to", to)]);
        }
    };
    let shape = old.shape().and(new.shape());
    if shape.is_several() {
        moved(rules.style, old.style().to_owned(), new.style().to_owned());
    }
    // Another style has another default: that is told once.
    if old.style() == new.style() && parameters::minds_explode(old.style(), shape) {
        moved(rules.explode, old.explode().to_string(), new.explode().to_string());
    }
    moved(rules.allow_reserved, old.allow_reserved().to_string(), new.allow_reserved().to_string());
    // Only the parts of multipart messages have headers.
    if !is_multipart {
        return;
    }
    let (before, after) = (old.headers(), new.headers());
    for (name, (old, required)) in &before {
        if let Some((new, _)) = after.get(name) {
            comparison.hold(Key::Header(*old, *new, flow));
        } else {
            let is_safe = flow == Flow::Received && !required;
            note(comparison, rules.header_removed, is_safe, &[("value", name.clone())]);
        }
    }
    for (name, (_, required)) in after.iter().filter(|(name, _)| !before.contains_key(*name)) {
        let is_safe = flow == Flow::Sent && !required;
        note(comparison, rules.header_added, is_safe, &[("value", name.clone())]);
    }
}

/// Whether each of the media types `sent` is one of `taken`.
fn is_within(sent: &[Name], taken: &[Name]) -> bool {
    sent.iter().all(|sent| taken.iter().any(|taken| taken.covers(sent)))
}
