//! Content by media type: which types are partners, ranges of them, and how parts are written.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::pairs::{Change, Comparison, Flow, Writing, says_nothing};
use super::parts;
use super::schema::is_octets;
use crate::openapi::finding::Proof;
use crate::openapi::model::{At, Description, MediaType, SchemaId};
use crate::openapi::rules::{Place, Rule, What, of, single};

/// The name of a media type, read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    kind: String,
    subtype: String,
    /// Ascending, names in lower case.
    parameters: Vec<(String, String)>,
}

impl Name {
    pub(super) fn of(text: &str) -> Self {
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
        // JSON is UTF-8 whatever is said of it (RFC 8259, sections 8.1 and 11).
        if subtype == "json" || subtype.ends_with("+json") {
            parameters.retain(|(name, value)| name != "charset" || value != "utf-8");
        }
        Self { kind: kind.to_owned(), subtype: subtype.to_owned(), parameters }
    }

    /// Whether every message of type `other` is one of this range.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let wide = |mine: &str, theirs: &str| mine == "*" || mine == theirs;
        wide(&self.kind, &other.kind)
            && wide(&self.subtype, &other.subtype)
            && self.parameters.iter().all(|parameter| other.parameters.contains(parameter))
    }

    /// Whether one is written in the syntax of the other, as `application/problem+json` is in JSON's: close enough that
    /// the one took the place of the other, and not the same to a client.
    fn related(&self, other: &Self) -> bool {
        self.kind == other.kind && self.syntax() == other.syntax()
    }

    /// What the subtype is written in.
    fn syntax(&self) -> &str {
        self.subtype.rsplit('+').next().unwrap_or_default()
    }

    pub(super) fn is_multipart(&self) -> bool {
        self.kind == "multipart"
    }

    pub(super) fn is_urlencoded(&self) -> bool {
        self.subtype == "x-www-form-urlencoded"
    }

    /// Whether it is a form, whose fields are the properties of an object.
    pub(super) fn is_form(&self) -> bool {
        self.is_urlencoded() || (self.is_multipart() && self.subtype == "form-data")
    }

    fn same_essence(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subtype == other.subtype
    }
}

/// How many types of one essence, which differ in their parameters, are asked whether they cover another one.
const VARIANTS: usize = 256;

/// How many types are looked through for one that took the place of a type that is gone.
const LOOKED_THROUGH: usize = 1_000;

/// What a body, a response or a field lists. Whoever lists a hundred thousand types is served as well.
struct Listed<'m, 't> {
    types: &'m [MediaType<'t>],
    names: &'m [Name],
    /// The first type of each name.
    exact: BTreeMap<&'m Name, usize>,
    /// By kind and subtype.
    variants: BTreeMap<(&'m str, &'m str), Vec<usize>>,
}

impl<'m, 't> Listed<'m, 't> {
    fn of(types: &'m [MediaType<'t>], names: &'m [Name]) -> Self {
        let mut exact = BTreeMap::new();
        let mut variants: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            exact.entry(name).or_insert(index);
            let those = variants.entry((&*name.kind, &*name.subtype)).or_default();
            if those.len() < VARIANTS {
                those.push(index);
            }
        }
        Self { types, names, exact, variants }
    }

    fn entries(&self) -> impl Iterator<Item = (usize, &'m MediaType<'t>, &'m Name)> {
        self.types.iter().zip(self.names).enumerate().map(|(index, (media, name))| (index, media, name))
    }

    /// Whether there is an entry for `name` itself.
    fn has(&self, name: &Name) -> bool {
        self.exact.contains_key(name)
    }

    /// The index of what holds for a message of type `name`: itself, else the narrowest range that covers it.
    fn holding(&self, name: &Name) -> Option<usize> {
        self.exact.get(name).copied().or_else(|| {
            let (kind, subtype) = (&*name.kind, &*name.subtype);
            let narrowest_first = [(kind, subtype), (kind, "*"), ("*", subtype), ("*", "*")];
            narrowest_first.into_iter().find_map(|essence| {
                let variants = self.variants_of(essence).iter().copied();
                let covering = variants.filter(|&index| self.names[index].covers(name));
                covering.max_by_key(|&index| self.names[index].parameters.len())
            })
        })
    }

    /// The index of the first type that differs from `name` in parameters at most.
    fn same_essence(&self, name: &Name) -> Option<usize> {
        self.variants_of((&name.kind, &name.subtype)).first().copied()
    }

    /// The index of the first type of which every message is of type `name`.
    fn within(&self, name: &Name) -> Option<usize> {
        self.names.iter().take(LOOKED_THROUGH).position(|other| name.covers(other))
    }

    fn variants_of<'l>(&'l self, essence: (&'l str, &'l str)) -> &'l [usize] {
        self.variants.get(&essence).map_or(&[], Vec::as_slice)
    }
}

/// Whether no body at all is one of these: an empty form, which is the same message.
pub(super) fn takes_nothing(
    comparison: &Comparison<'_, '_>,
    revision: bool,
    types: &[MediaType<'_>],
) -> bool {
    types.iter().any(|media| {
        let empty = |schema| comparison.judge.admits_empty(revision, schema);
        !media.broken && Name::of(media.name).is_form() && media.schema.is_none_or(empty)
    })
}

/// Whether whoever receives a message says which types it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// In `Accept`, for an answer: one of another type is none of its business, and one that is gone is missed.
    ByHeader,
    /// Requests come as their sender likes.
    Never,
}

/// Compares what a body or a response may carry.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    old: &[MediaType<'_>],
    new: &[MediaType<'_>],
    flow: Flow,
    asked: Asked,
) {
    let names = |types: &[MediaType<'_>]| types.iter().map(|media| Name::of(media.name)).collect::<Vec<_>>();
    let (old_names, new_names) = (names(old), names(new));
    let (old, new) = (Listed::of(old, &old_names), Listed::of(new, &new_names));
    match flow {
        Flow::Sent => sent(comparison, &old, &new, flow),
        Flow::Received => received(comparison, &old, &new, asked),
    }
}

/// Whatever clients write must still be taken: each old type is held against what takes it now, and each new one against
/// what took it before, since the narrowest entry is the one that holds for a message.
fn sent(comparison: &mut Comparison<'_, '_>, old: &Listed<'_, '_>, new: &Listed<'_, '_>, flow: Flow) {
    // No content at all promises nothing about what may be sent.
    if old.types.is_empty() {
        return;
    }
    let mut told = vec![false; new.types.len()];
    let mut held = BTreeSet::new();
    let mut pair = |comparison: &mut Comparison<'_, '_>, was: usize, is: usize| {
        if held.insert((was, is)) {
            media_type(comparison, &old.types[was], &new.types[is], flow);
        }
    };
    for (index, was, name) in old.entries() {
        if let Some(at) = new.holding(name) {
            let (taking, is) = (&new.names[at], &new.types[at]);
            if taking.same_essence(name) {
                told[at] = true;
                parameters(comparison, was, is, &REQUEST_PARAMETERS);
            } else if !old.has(taking) && !std::mem::replace(&mut told[at], true) {
                renamed(comparison, &single::REQUEST_BODY_MEDIA_TYPE_NAME_GENERALIZED, was, is);
            }
            pair(comparison, index, at);
        } else if let Some(at) = new.same_essence(name) {
            told[at] = true;
            parameters(comparison, was, &new.types[at], &REQUEST_PARAMETERS);
            pair(comparison, index, at);
        } else if let Some(at) = new.within(name) {
            // A range of which single types are left.
            told[at] = true;
            renamed(comparison, &single::REQUEST_BODY_MEDIA_TYPE_NAME_SPECIALIZED, was, &new.types[at]);
            pair(comparison, index, at);
        } else {
            named(comparison, of(Place::RequestBody, What::MediaTypeRemoved), was, None);
        }
    }
    for (at, is, name) in new.entries() {
        match old.holding(name) {
            Some(was) => pair(comparison, was, at),
            None if told[at] => {}
            None => named(comparison, of(Place::RequestBody, What::MediaTypeAdded), is, Some(())),
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
fn received(comparison: &mut Comparison<'_, '_>, old: &Listed<'_, '_>, new: &Listed<'_, '_>, asked: Asked) {
    let flow = Flow::Received;
    let (added, removed) = match asked {
        Asked::ByHeader => (&single::RESPONSE_MEDIA_TYPE_ADDED, &single::RESPONSE_MEDIA_TYPE_REMOVED),
        Asked::Never => (&single::PAYLOAD_MEDIA_TYPE_ADDED, &single::PAYLOAD_MEDIA_TYPE_REMOVED),
    };
    let (mut gone, mut come) = (Vec::new(), VecDeque::new());
    let mut used = vec![false; old.types.len()];
    for (_, is, name) in new.entries() {
        match old.holding(name) {
            Some(at) => {
                used[at] = true;
                let (promised, was) = (&old.names[at], &old.types[at]);
                media_type(comparison, was, is, flow);
                if promised.same_essence(name) {
                    parameters(comparison, was, is, &RESPONSE_PARAMETERS);
                } else if !new.has(promised) {
                    renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_SPECIALIZED, was, is);
                }
            }
            None => come.push_back((is, name)),
        }
    }
    for (at, was, name) in old.entries() {
        if used[at] {
            continue;
        }
        // What is one of a range that was promised beside it still comes, as the range says.
        let range = new.holding(name);
        match range.filter(|&is| old.holding(&new.names[is]).is_some()) {
            Some(is) => media_type(comparison, was, &new.types[is], flow),
            None => gone.push((was, name)),
        }
    }
    gone.retain(|(was, name)| {
        let partner = come
            .iter()
            .take(LOOKED_THROUGH)
            .position(|(_, other)| other.covers(name) || other.same_essence(name) || other.related(name));
        let Some((is, other)) = partner.and_then(|partner| come.remove(partner)) else { return true };
        // One type in the place of another that does not promise as much.
        if name.same_essence(other) {
            parameters(comparison, was, is, &RESPONSE_PARAMETERS);
        } else if other.covers(name) {
            renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_GENERALIZED, was, is);
        } else {
            renamed(comparison, &single::RESPONSE_MEDIA_TYPE_NAME_CHANGED, was, is);
        }
        media_type(comparison, was, is, flow);
        false
    });
    for (was, _) in gone {
        named(comparison, removed, was, None);
    }
    for (is, _) in come {
        named(comparison, added, is, Some(()));
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

/// How values are written where the one type is in the place of the other.
pub(super) fn writing(was: &MediaType<'_>, is: &MediaType<'_>) -> Writing {
    let of = |media: &MediaType<'_>| {
        let name = Name::of(media.name);
        // A part may be JSON by itself.
        let is_text =
            |said: Option<&str>| said.is_none_or(|said| said.trim().eq_ignore_ascii_case("text/plain"));
        match () {
            () if name.kind == "text" && name.subtype == "plain" => Writing::Text,
            () if name.is_form() && media.encoding.iter().all(|part| is_text(part.content_type)) => {
                Writing::Form
            }
            () => Writing::Typed,
        }
    };
    let (was, is) = (of(was), of(is));
    if was == is { was } else { Writing::Typed }
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
        (Some(old), Some(new)) => comparison.schema(old, new, place, writing(was, is)),
        (None, Some(new)) => {
            let at = comparison.revision.schemas[new.0 as usize].at;
            if !says_nothing(comparison.revision, new) {
                note(comparison, What::MediaTypeSchemaAdded, Some(was.at), Some(at));
            }
        }
        (Some(old), None) if says_nothing(comparison.base, old) => {}
        (Some(old), None) => {
            let at = comparison.base.schemas[old.0 as usize].at;
            note(comparison, What::MediaTypeSchemaRemoved, Some(at), Some(is.at));
        }
        (None, None) => {}
    }
    match (was.item_schema, is.item_schema) {
        (Some(old), Some(new)) => comparison.schema(old, new, place.inside(), Writing::Typed),
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
    parts::compare(comparison, was, is, flow);
}

/// Whether both sides say of the body that it is plain octets, or nothing, as OpenAPI 3.1 has it: the same, where the media
/// type is of none that has a structure of its own.
fn octets(comparison: &Comparison<'_, '_>, was: &MediaType<'_>, is: &MediaType<'_>) -> bool {
    let name = Name::of(is.name);
    let structured = ["*", "multipart"].contains(&name.kind.as_str())
        || ["*", "json", "xml", "yaml", "x-yaml", "x-www-form-urlencoded"].contains(&name.syntax());
    let plain = |side: &Description<'_>, schema: Option<SchemaId>| {
        schema.is_none_or(|id| says_nothing(side, id) || is_octets(&side.schemas, id))
    };
    !structured
        && Name::of(was.name).same_essence(&name)
        && plain(comparison.base, was.schema)
        && plain(comparison.revision, is.schema)
}
