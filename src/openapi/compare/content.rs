//! Content by media type: which types are partners, ranges of them, and how parts are written.

use super::pairs::{Change, Comparison, Flow, Key};
use super::parameters;
use super::schema::is_octets;
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, Description, Encoding, HeaderId, MediaType, SchemaId};
use crate::openapi::rules::{Place, Rule, What, of, single};
use crate::openapi::tree::Kind;

/// The name of a media type, read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    kind: String,
    subtype: String,
    /// Ascending, names in lower case.
    parameters: Vec<(String, String)>,
}

impl Name {
    fn of(text: &str) -> Self {
        let mut parts = text.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
        let mut parameters: Vec<_> = parts
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| {
                // The values that are written today, character sets above all, have no case.
                (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"').to_ascii_lowercase())
            })
            .collect();
        parameters.sort();
        Self { kind: kind.to_owned(), subtype: subtype.to_owned(), parameters }
    }

    /// Whether every message of type `other` is one of this range.
    fn covers(&self, other: &Self) -> bool {
        let wide = |mine: &str, theirs: &str| mine == "*" || mine == theirs;
        wide(&self.kind, &other.kind)
            && wide(&self.subtype, &other.subtype)
            && self.parameters.iter().all(|parameter| other.parameters.contains(parameter))
    }

    /// Whether one is written in the syntax of the other, as `application/problem+json` is in JSON's: close enough that
    /// the one took the place of the other, and not the same to a client.
    fn related(&self, other: &Self) -> bool {
        let syntax = |name: &Self| name.subtype.rsplit('+').next().unwrap_or_default().to_owned();
        self.kind == other.kind && syntax(self) == syntax(other)
    }

    fn same_essence(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subtype == other.subtype
    }
}

/// The index of what holds for a message of type `name`: itself, else the narrowest range that covers it.
fn holding(types: &[MediaType<'_>], name: &Name) -> Option<usize> {
    let names: Vec<_> = types.iter().map(|media| Name::of(media.name)).collect();
    names.iter().position(|other| other == name).or_else(|| {
        let covering = names.iter().enumerate().filter(|(_, other)| other.covers(name));
        covering
            .max_by_key(|(_, other)| (other.kind != "*", other.subtype != "*", other.parameters.len()))
            .map(|(at, _)| at)
    })
}

/// Compares what a body, a response or a field may carry.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    old: &[MediaType<'_>],
    new: &[MediaType<'_>],
    flow: Flow,
) {
    match flow {
        Flow::Sent => sent(comparison, old, new, flow),
        Flow::Received => received(comparison, old, new, flow),
    }
}

/// Whatever clients write must still be taken: each old type is held against what takes it now.
fn sent(comparison: &mut Comparison<'_, '_>, old: &[MediaType<'_>], new: &[MediaType<'_>], flow: Flow) {
    // No content at all promises nothing about what may be sent.
    if old.is_empty() {
        return;
    }
    let mut told = vec![false; new.len()];
    for was in old {
        let name = Name::of(was.name);
        if let Some(at) = holding(new, &name) {
            let taking = Name::of(new[at].name);
            if taking.same_essence(&name) {
                told[at] = true;
                parameters(comparison, was, &new[at], &REQUEST_PARAMETERS);
            } else if taking != name && !std::mem::replace(&mut told[at], true) {
                renamed(comparison, &single::REQUEST_BODY_MEDIA_TYPE_NAME_GENERALIZED, was, &new[at]);
            }
            media_type(comparison, was, &new[at], flow);
            continue;
        }
        // A range of which single types are left.
        let within = new.iter().position(|is| name.covers(&Name::of(is.name)));
        let same = new.iter().position(|is| name.same_essence(&Name::of(is.name)));
        if let Some(at) = same {
            told[at] = true;
            parameters(comparison, was, &new[at], &REQUEST_PARAMETERS);
            media_type(comparison, was, &new[at], flow);
        } else if let Some(at) = within {
            told[at] = true;
            renamed(comparison, &single::REQUEST_BODY_MEDIA_TYPE_NAME_SPECIALIZED, was, &new[at]);
            media_type(comparison, was, &new[at], flow);
        } else {
            named(comparison, of(Place::RequestBody, What::MediaTypeRemoved), was, None);
        }
    }
    for (is, told) in new.iter().zip(told) {
        if !told && holding(old, &Name::of(is.name)).is_none() {
            named(comparison, of(Place::RequestBody, What::MediaTypeAdded), is, Some(()));
        }
    }
}

/// The rules of parameters of media types that are added, changed and removed.
type ParameterRules = [&'static Rule; 3];

static REQUEST_PARAMETERS: ParameterRules = [
    &single::REQUEST_BODY_MEDIA_TYPE_PARAMETER_ADDED,
    &single::REQUEST_BODY_MEDIA_TYPE_PARAMETER_CHANGED,
    &single::REQUEST_BODY_MEDIA_TYPE_PARAMETER_REMOVED,
];

static RESPONSE_PARAMETERS: ParameterRules = [
    &single::RESPONSE_MEDIA_TYPE_PARAMETER_ADDED,
    &single::RESPONSE_MEDIA_TYPE_PARAMETER_CHANGED,
    &single::RESPONSE_MEDIA_TYPE_PARAMETER_REMOVED,
];

/// Notes how the parameters of a media type differ.
fn parameters(
    comparison: &mut Comparison<'_, '_>,
    was: &MediaType<'_>,
    is: &MediaType<'_>,
    [added, changed, removed]: &ParameterRules,
) {
    let (old, new) = (Name::of(was.name), Name::of(is.name));
    for (name, value) in &old.parameters {
        match new.parameters.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other == value => {}
            Some(_) => renamed(comparison, changed, was, is),
            None => renamed(comparison, removed, was, is),
        }
    }
    if new.parameters.iter().any(|(name, _)| !old.parameters.iter().any(|(other, _)| other == name)) {
        renamed(comparison, added, was, is);
    }
}

/// Whatever comes now must have been promised: each new type is held against what promised it.
fn received(comparison: &mut Comparison<'_, '_>, old: &[MediaType<'_>], new: &[MediaType<'_>], flow: Flow) {
    let (mut gone, mut come): (Vec<_>, Vec<_>) = (Vec::new(), Vec::new());
    let mut used = vec![false; old.len()];
    for is in new {
        let name = Name::of(is.name);
        match holding(old, &name) {
            Some(at) => {
                used[at] = true;
                media_type(comparison, &old[at], is, flow);
                let promised = Name::of(old[at].name);
                if promised.same_essence(&name) {
                    parameters(comparison, &old[at], is, &RESPONSE_PARAMETERS);
                } else if promised != name {
                    renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_SPECIALIZED, &old[at], is);
                }
            }
            None => come.push(is),
        }
    }
    for (at, was) in old.iter().enumerate() {
        if !used[at] {
            gone.push(was);
        }
    }
    gone.retain(|was| {
        let name = Name::of(was.name);
        let partner = come.iter().position(|is| {
            let other = Name::of(is.name);
            other.covers(&name) || other.same_essence(&name) || other.related(&name)
        });
        let Some(partner) = partner else { return true };
        let is = come.remove(partner);
        renaming(comparison, was, is);
        media_type(comparison, was, is, flow);
        false
    });
    for was in gone {
        named(comparison, &single::RESPONSE_MEDIA_TYPE_REMOVED, was, None);
    }
    for is in come {
        named(comparison, &single::RESPONSE_MEDIA_TYPE_ADDED, is, Some(()));
    }
}

/// One type in the place of another that does not promise as much.
fn renaming(comparison: &mut Comparison<'_, '_>, was: &MediaType<'_>, is: &MediaType<'_>) {
    if Name::of(was.name).same_essence(&Name::of(is.name)) {
        parameters(comparison, was, is, &RESPONSE_PARAMETERS);
    } else if Name::of(is.name).covers(&Name::of(was.name)) {
        renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_GENERALIZED, was, is);
    } else {
        renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_CHANGED, was, is);
    }
}

fn renamed(
    comparison: &mut Comparison<'_, '_>,
    rule: &'static Rule,
    was: &MediaType<'_>,
    is: &MediaType<'_>,
) {
    comparison.note(Change {
        rule,
        proof: Proof::Rule,
        base: Some(was.at),
        revision: Some(is.at),
        arguments: vec![
            ("name", is.name.to_owned()),
            ("from", was.name.to_owned()),
            ("to", is.name.to_owned()),
        ],
    });
}

/// Notes a type that came (with `come`) or went.
fn named(comparison: &mut Comparison<'_, '_>, rule: &'static Rule, media: &MediaType<'_>, come: Option<()>) {
    let (base, revision) = match come {
        Some(()) => (None, Some(media.at)),
        None => (Some(media.at), None),
    };
    let arguments = vec![("name", media.name.to_owned())];
    comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
}

/// Compares what two media types carry.
fn media_type(comparison: &mut Comparison<'_, '_>, was: &MediaType<'_>, is: &MediaType<'_>, flow: Flow) {
    if comparison.unreadable_side((was.broken, was.at), (is.broken, is.at), "the media type") {
        return;
    }
    let place = flow.body();
    let note = |comparison: &mut Comparison<'_, '_>, what: What, base: Option<At>, revision: Option<At>| {
        let arguments = vec![("name", is.name.to_owned())];
        comparison.note(Change { rule: of(place, what), proof: Proof::Rule, base, revision, arguments });
    };
    match (was.schema, is.schema) {
        _ if octets(comparison, was, is) => {}
        (Some(old), Some(new)) => comparison.schema(old, new, place),
        (None, Some(new)) => {
            let at = comparison.revision.schemas[new.0 as usize].at;
            if !comparison.admits_all(new) {
                note(comparison, What::MediaTypeSchemaAdded, Some(was.at), Some(at));
            }
        }
        (Some(old), None) => {
            let at = comparison.base.schemas[old.0 as usize].at;
            note(comparison, What::MediaTypeSchemaRemoved, Some(at), Some(is.at));
        }
        (None, None) => {}
    }
    match (was.item_schema, is.item_schema) {
        (Some(old), Some(new)) => comparison.schema(old, new, place.inside()),
        (None, Some(new)) => {
            let at = comparison.revision.schemas[new.0 as usize].at;
            note(comparison, What::MediaTypeItemSchemaAdded, Some(was.at), Some(at));
        }
        (Some(old), None) => {
            let at = comparison.base.schemas[old.0 as usize].at;
            let untyped = flow == Flow::Received && is.schema.is_none();
            let what = if untyped {
                What::MediaTypeItemSchemaRemovedUntyped
            } else {
                What::MediaTypeItemSchemaRemoved
            };
            note(comparison, what, Some(at), Some(is.at));
        }
        (None, None) => {}
    }
    encodings(comparison, was, is, flow);
}

/// Whether one side says that the body is plain octets, and the other nothing, as OpenAPI 3.1 has it: the same, where the
/// media type is of none that has a structure of its own.
fn octets(comparison: &Comparison<'_, '_>, was: &MediaType<'_>, is: &MediaType<'_>) -> bool {
    let name = Name::of(is.name);
    let syntax = name.subtype.rsplit('+').next().unwrap_or_default();
    let structured = ["*", "multipart"].contains(&name.kind.as_str())
        || ["*", "json", "xml", "yaml", "x-yaml", "x-www-form-urlencoded"].contains(&syntax);
    let side = |description: &Description<'_>, schema: Option<SchemaId>| {
        let Some(id) = schema else { return (true, false) };
        let schema = &description.schemas[id.0 as usize];
        let empty = schema.node.is_some_and(|node| node.kind() == Kind::Mapping && node.is_empty());
        (schema.always == Some(true) || empty, is_octets(&description.schemas, id))
    };
    let (old, new) = (side(comparison.base, was.schema), side(comparison.revision, is.schema));
    !structured && Name::of(was.name).same_essence(&name) && ((old.0 && new.1) || (old.1 && new.0))
}

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

/// Compares how the parts of a form are written. A part of which nothing is said has the default encoding.
fn encodings(comparison: &mut Comparison<'_, '_>, was: &MediaType<'_>, is: &MediaType<'_>, flow: Flow) {
    // Encodings speak of forms only.
    let name = Name::of(is.name);
    if !(name.kind == "multipart" || name.subtype == "x-www-form-urlencoded") {
        return;
    }
    let mut parts: Vec<&str> = was.encoding.iter().chain(&is.encoding).map(|part| part.name).collect();
    parts.sort_unstable();
    parts.dedup();
    for part in parts {
        let find = |media: &'_ MediaType<'_>| media.encoding.iter().position(|other| other.name == part);
        let old = find(was).map(|at| &was.encoding[at]);
        let new = find(is).map(|at| &is.encoding[at]);
        // A part that only one side has comes and goes with its encoding: its property is what is told.
        let schemas =
            (part_of(comparison.base, was.schema, part), part_of(comparison.revision, is.schema, part));
        let both = (old.is_some() || schemas.0.is_some()) && (new.is_some() || schemas.1.is_some());
        if !both {
            continue;
        }
        let owners = (old.map_or(was.at, |old| old.at), new.map_or(is.at, |new| new.at));
        // A single value looks the same in any style; what is not described may be anything.
        let may = |side: &Description<'_>, schema: Option<SchemaId>| {
            schema.is_none_or(|schema| parameters::several(side, schema))
        };
        let several = may(comparison.base, schemas.0) && may(comparison.revision, schemas.1);
        encoding(comparison, part, (old, new), owners, (flow, several));
    }
}

/// The schema of a part of a form, as far as the form's schema names its properties: through references and conjunctions.
fn part_of(side: &Description<'_>, schema: Option<SchemaId>, part: &str) -> Option<SchemaId> {
    /// How many schemas are looked at: a form that hides its parts deeper is taken to have none that it does not encode.
    const LOOKS: usize = 64;
    let mut waiting: Vec<SchemaId> = schema.into_iter().collect();
    let mut looks = 0;
    while let Some(id) = waiting.pop() {
        looks += 1;
        let schema = &side.schemas[id.0 as usize];
        if let Ok(at) = schema.properties.binary_search_by(|property| property.name.cmp(part)) {
            return Some(schema.properties[at].schema);
        }
        if looks < LOOKS {
            waiting.extend(schema.reference);
            waiting.extend(&schema.all_of);
        }
    }
    None
}

fn encoding(
    comparison: &mut Comparison<'_, '_>,
    part: &str,
    (old, new): (Option<&Encoding<'_>>, Option<&Encoding<'_>>),
    (base, revision): (At, At),
    (flow, several): (Flow, bool),
) {
    let rules = part_rules(flow);
    let mut note = |rule: &'static Rule, more: &[(&'static str, String)]| {
        let arguments = [&[("name", part.to_owned())], more].concat();
        let (base, revision) = (Some(base), Some(revision));
        comparison.note(Change { rule, proof: Proof::Rule, base, revision, arguments });
    };
    let mut moved = |rule: &'static Rule, from: Option<String>, to: Option<String>| {
        if from != to {
            let mut more = Vec::new();
            more.extend(from.map(|from| ("from", from)));
            more.extend(to.map(|to| ("to", to)));
            note(rule, &more);
        }
    };
    let content_types = |encoding: Option<&Encoding<'_>>| {
        encoding.and_then(|encoding| encoding.content_type).map(|text| {
            let mut names: Vec<_> = text.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
            names.sort();
            names.join(", ")
        })
    };
    moved(rules.content_type, content_types(old), content_types(new));
    let style = |encoding: Option<&Encoding<'_>>| {
        encoding.and_then(|encoding| encoding.style).unwrap_or("form").to_owned()
    };
    if several {
        moved(rules.style, Some(style(old)), Some(style(new)));
    }
    let explode = |encoding: Option<&Encoding<'_>>| {
        let said = encoding.and_then(|encoding| encoding.explode);
        said.unwrap_or_else(|| style(encoding) == "form").to_string()
    };
    // Another style has another default: that is told once.
    if several && style(old) == style(new) {
        moved(rules.explode, Some(explode(old)), Some(explode(new)));
    }
    let reserved = |encoding: Option<&Encoding<'_>>| {
        encoding.is_some_and(|encoding| encoding.allow_reserved).to_string()
    };
    moved(rules.allow_reserved, Some(reserved(old)), Some(reserved(new)));
    let headers = |encoding: Option<&Encoding<'_>>| -> Vec<(String, HeaderId)> {
        let listed = encoding.map_or(&[][..], |encoding| &encoding.headers);
        listed.iter().map(|(name, id)| (name.to_ascii_lowercase(), *id)).collect()
    };
    let (before, after) = (headers(old), headers(new));
    for (name, _) in before.iter().filter(|(name, _)| !after.iter().any(|(other, _)| other == name)) {
        note(rules.header_removed, &[("value", name.clone())]);
    }
    for (name, _) in after.iter().filter(|(name, _)| !before.iter().any(|(other, _)| other == name)) {
        note(rules.header_added, &[("value", name.clone())]);
    }
    for (name, old) in &before {
        if let Some((_, new)) = after.iter().find(|(other, _)| other == name) {
            comparison.hold(Key::Header(*old, *new, flow));
        }
    }
}
