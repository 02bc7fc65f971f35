//! What one side writes and the other reads otherwise: parameters, headers and the parts of forms whose form has changed.
//!
//! Who sends writes a value as its side says; the text is then read as the other side says. It is refused where that side
//! reads nothing from it, or nothing that its schema admits; else what either side takes it for is told apart.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::exchange::covers;
use super::facets::{Facets, facets, flat};
use super::ground::{Part, Side};
use super::message::{Forced, Sent, answered, head, json as is_json, parameter_schema, sampled};
use super::sample::{Sampler, types};
use super::wire::{Form, Pairs, Read, encoded, read, texts, write};
use super::written::{clean, joined};
use super::{Reach, Search, Way, readings};
use crate::openapi::model::{
    Description, Encoding, Header, MediaType, ParameterId, ParameterIn, ResponseId, SchemaId, Serialisation,
    Types,
};

/// How many steps it may take to make values.
const STEPS: usize = 200;

/// The most branches of a union that are looked at.
const BRANCHES: usize = 6;

/// The most values that are tried.
const VALUES: usize = 16;

/// How deep values go.
const DEPTH: usize = 4;

/// A message that the sides do not read alike.
#[derive(Debug)]
pub(in crate::openapi) struct Reads {
    /// The message.
    pub(in crate::openapi) sent: Sent,
    /// What the base and the revision take it for; none where the one that gets it refuses it.
    pub(in crate::openapi) read_as: Option<[Value; 2]>,
}

/// What a side makes of a text.
enum Taken {
    Refused,
    Absent,
    As(Value),
}

impl Search<'_, '_> {
    /// A request with the parameter `ids`, of the base and of the revision, which the other side does not read as it is
    /// meant; `operations` are those that it stands in.
    pub(in crate::openapi) fn misread(
        &mut self,
        operations: (u32, u32),
        ids: (ParameterId, ParameterId),
        received: bool,
    ) -> Option<Reads> {
        let sender = if received { Side::Revision } else { Side::Base };
        let way = &mut self.ways[usize::from(received)];
        let description = |side: Side| way.ground.description(side);
        let own = &description(sender).parameters[pick(sender, (ids.0.0, ids.1.0)) as usize];
        let theirs =
            &description(sender.other()).parameters[pick(sender.other(), (ids.0.0, ids.1.0)) as usize];
        let (pairs, read_as) = unlike(
            way,
            sender,
            (&Form::of(own.name, own.place, &own.serialisation), &own.serialisation),
            (&Form::of(theirs.name, theirs.place, &theirs.serialisation), &theirs.serialisation),
            theirs.required,
        )?;
        let id = ParameterId(pick(sender, (ids.0.0, ids.1.0)));
        let forced = Forced { parameter: Some((id, pairs)), ..Forced::default() };
        let sent = self.plain(sender, pick(sender, operations), &forced)?;
        Some(Reads { sent, read_as })
    }

    /// A request with the parameter `ids` and nothing behind its name, which the other side takes for no value of it.
    pub(in crate::openapi) fn emptied(
        &mut self,
        operations: (u32, u32),
        ids: (ParameterId, ParameterId),
        received: bool,
    ) -> Option<Sent> {
        let sender = if received { Side::Revision } else { Side::Base };
        let way = &mut self.ways[usize::from(received)];
        let id = |side| ParameterId(pick(side, (ids.0.0, ids.1.0)));
        let parameter = |side| &way.ground.description(side).parameters[id(side).0 as usize];
        let (own, theirs) = (parameter(sender), parameter(sender.other()));
        let part = Part { side: sender.other(), id: theirs.serialisation.schema? };
        let pairs = vec![(encoded(own.name, false), String::new())];
        let readings = [json!(""), json!([""]), json!([]), Value::Null];
        if !readings.iter().all(|value| refuses(way, part, value)) {
            return None;
        }
        let forced = Forced { parameter: Some((id(sender), pairs)), ..Forced::default() };
        self.plain(sender, pick(sender, operations), &forced)
    }

    /// What [`Search::misread`] is, of a header of an answer.
    pub(in crate::openapi) fn misread_header(
        &mut self,
        responses: (ResponseId, ResponseId),
        name: &str,
        status: &str,
    ) -> Option<Reads> {
        fn header<'d, 't>(
            side: &'d Description<'t>,
            response: ResponseId,
            wanted: &str,
        ) -> Option<(&'t str, &'d Header<'t>)> {
            let headers = &side.responses[response.0 as usize].headers;
            let (name, id) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some((name, &side.headers[id.0 as usize]))
        }
        let way = &mut self.ways[1];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let ((_, was), (own_name, is)) =
            (header(base, responses.0, name)?, header(revision, responses.1, name)?);
        let form = |written| Form::of("", ParameterIn::Header, written);
        let (pairs, read_as) = unlike(
            way,
            Side::Revision,
            (&form(&is.serialisation), &is.serialisation),
            (&form(&was.serialisation), &was.serialisation),
            was.required,
        )?;
        let response = &revision.responses[responses.1.0 as usize];
        let (mut head, _) = head(way, Side::Revision, response, status, Some(own_name))?;
        for (_, text) in pairs {
            let _ = writeln!(head, "{}: {}", clean(own_name), clean(&text));
        }
        Some(Reads { sent: answered(&head, None), read_as })
    }

    /// A form as the base (`received`: the revision) writes it, with the part `name`, which the other side does not read as
    /// it is meant.
    pub(in crate::openapi) fn misread_part(
        &mut self,
        (old, new): (&MediaType<'_>, &MediaType<'_>),
        name: &str,
        received: bool,
    ) -> Option<(String, String, Option<[Value; 2]>)> {
        let sender = if received { Side::Revision } else { Side::Base };
        let (own, theirs) = if received { (new, old) } else { (old, new) };
        let way = &mut self.ways[usize::from(received)];
        if own.name.to_ascii_lowercase().starts_with("multipart/") {
            let (media, text) = multipart(way, sender, (own, theirs), name)?;
            return Some((media, text, None));
        }
        let (text, read_as) = urlencoded(way, sender, (own, theirs), name)?;
        Some((own.name.to_owned(), text, read_as))
    }

    /// A request of the operation `own` of the sender's side with this body.
    pub(in crate::openapi) fn with_body(
        &mut self,
        own: u32,
        received: bool,
        body: (String, String),
    ) -> Option<Sent> {
        let sender = if received { Side::Revision } else { Side::Base };
        self.plain(sender, own, &Forced { body: Some(body), ..Forced::default() })
    }

    /// An answer with this body, as the revision describes it.
    pub(in crate::openapi) fn answer_with_body(
        &mut self,
        response: ResponseId,
        status: &str,
        body: (String, String),
    ) -> Option<Sent> {
        let way = &mut self.ways[1];
        let is = &way.ground.description(Side::Revision).responses[response.0 as usize];
        let (head, _) = head(way, Side::Revision, is, status, None)?;
        Some(answered(&head, Some(body)))
    }

    /// A plain value that a schema of the side that gets the message refuses, where the other side has no schema.
    pub(in crate::openapi) fn refused(&mut self, schema: SchemaId, received: bool) -> Option<Value> {
        let way = &mut self.ways[usize::from(received)];
        let part = Part { side: if received { Side::Base } else { Side::Revision }, id: schema };
        let plain =
            [json!({}), json!("a"), json!(0), json!([]), json!(true), json!(0.5), Value::Null, json!("")];
        plain.into_iter().find(|value| refuses(way, part, value))
    }
}

fn pick(side: Side, (old, new): (u32, u32)) -> u32 {
    if side == Side::Base { old } else { new }
}

fn refuses(way: &mut Way<'_, '_>, part: Part, value: &Value) -> bool {
    let mut reach = Reach::default();
    reach.add(value);
    !way.checks.refuses(&way.ground, part, &reach, value).is_empty()
}

fn accepts(way: &mut Way<'_, '_>, part: Part, value: &Value) -> bool {
    let mut reach = Reach::default();
    reach.add(value);
    way.checks.accepts(&way.ground, part, &reach, value)
}

/// What the sender writes and the other side does not read alike, with what both take it for.
fn unlike(
    way: &mut Way<'_, '_>,
    sender: Side,
    (own, serialisation): (&Form<'_>, &Serialisation<'_>),
    (theirs, read_by): (&Form<'_>, &Serialisation<'_>),
    required: bool,
) -> Option<(Pairs, Option<[Value; 2]>)> {
    let schema = parameter_schema(serialisation)?;
    let part = parameter_schema(read_by).map(|id| Part { side: sender.other(), id });
    several(way, Part { side: sender, id: schema }).into_iter().find_map(|value| {
        let pairs = write(own, &value)?;
        let read_as = told(way, sender, &value, own, (theirs, part), &pairs, required)?;
        Some((pairs, read_as))
    })
}

/// What both sides take `pairs` for, which were written for `value`; none where that is the same, and nothing within that
/// where the other side refuses them.
#[expect(clippy::option_option, reason = "that a text is refused is not that it is read alike")]
fn told(
    way: &mut Way<'_, '_>,
    sender: Side,
    value: &Value,
    own: &Form<'_>,
    (theirs, part): (&Form<'_>, Option<Part>),
    pairs: &Pairs,
    required: bool,
) -> Option<Option<[Value; 2]>> {
    // What its own side does not read back shows nothing.
    match read(own, kind(value), pairs) {
        Read::Value(back) if texts(&back) == texts(value) => {}
        _ => return None,
    }
    let both = |other: Value| {
        if sender == Side::Base { [value.clone(), other] } else { [other, value.clone()] }
    };
    match taken(way, theirs, part, pairs) {
        Taken::Refused => Some(None),
        Taken::Absent if required => Some(None),
        Taken::Absent => Some(Some(both(Value::Null))),
        Taken::As(other) if texts(&other) == texts(value) => None,
        Taken::As(other) => Some(Some(both(other))),
    }
}

/// How a value is looked for: a list, an object, or a single text.
fn kind(value: &Value) -> Types {
    match types(value) {
        kind @ (Types::ARRAY | Types::OBJECT) => kind,
        _ => Types::STRING,
    }
}

/// What the side of `part` takes `pairs` for. Texts are read as whatever its schema asks for, and in doubt it takes them.
fn taken(way: &mut Way<'_, '_>, form: &Form<'_>, part: Option<Part>, pairs: &Pairs) -> Taken {
    let admitted = part.map_or(Types::ANY, |part| {
        let widest = flat(&way.ground, &[part], 0, None).widest.clamp(1, BRANCHES * BRANCHES);
        (0..widest).fold(Types::NONE, |all, choice| {
            let flat = flat(&way.ground, &[part], choice, None);
            all.or(facets(&way.ground, &flat, None).admitted())
        })
    });
    let mut absent = false;
    for kind in [Types::ARRAY, Types::OBJECT, Types::STRING] {
        let several = Types::ARRAY.or(Types::OBJECT);
        let wanted = if kind == Types::STRING { Types::ANY.without(several) } else { kind };
        if !admitted.meets(wanted) {
            continue;
        }
        match read(form, kind, pairs) {
            Read::Refused => {}
            Read::Absent => absent = true,
            Read::Value(value) => {
                let Some(part) = part else { return Taken::As(value) };
                let mut all = readings(&value);
                all.push(typed(way, part, &value, DEPTH));
                all.insert(0, value);
                if let Some(value) = all.into_iter().find(|value| !refuses(way, part, value)) {
                    return Taken::As(value);
                }
            }
        }
    }
    if absent { Taken::Absent } else { Taken::Refused }
}

/// A value of texts with those as numbers and truth values that the schema has as nothing else.
fn typed(way: &Way<'_, '_>, part: Part, value: &Value, depth: usize) -> Value {
    let demands = facets(&way.ground, &flat(&way.ground, &[part], 0, None), None);
    let inner =
        |parts: Option<&Vec<Part>>, value: &Value| match (parts.and_then(|parts| parts.first()), depth) {
            (None, _) | (_, 0) => value.clone(),
            (Some(part), _) => typed(way, *part, value, depth - 1),
        };
    match value {
        Value::Array(items) => items.iter().map(|item| inner(Some(&demands.items), item)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), inner(demands.properties.get(name.as_str()), member)))
            .collect(),
        Value::String(text) if !demands.admitted().meets(Types::STRING) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        other => other.clone(),
    }
}

/// Confirmed values of `part` that show how it is written: lists and objects of two members first.
fn several(way: &mut Way<'_, '_>, part: Part) -> Vec<Value> {
    let mut values: Vec<Value> = Vec::new();
    let mut sampler = Sampler::new(&way.ground, STEPS, 2);
    let widest = flat(&way.ground, &[part], 0, None).widest.clamp(1, BRANCHES);
    for choice in 0..widest {
        let flat = flat(&way.ground, &[part], choice, None);
        let asked = facets(&way.ground, &flat, None);
        let kinds =
            [Types::ARRAY, Types::OBJECT, Types::STRING, Types::INTEGER, Types::FRACTION, Types::BOOLEAN];
        for kind in kinds.into_iter().filter(|&kind| asked.admitted().meets(kind)) {
            for many in [true, false] {
                let mut demands = Facets { types: Some(kind), ..asked.clone() };
                if many && kind == Types::ARRAY {
                    demands.count.0 = demands.count.0.max(2);
                    demands.unique = true;
                } else if many && kind == Types::OBJECT {
                    let free = asked.properties.keys().filter(|name| !asked.absent.contains(*name));
                    demands.required.extend(free.take(2).copied());
                }
                values.extend(sampler.make(&demands, DEPTH));
            }
        }
    }
    let mut known: Vec<Value> = Vec::new();
    for value in values {
        if known.len() < VALUES && !known.contains(&value) && accepts(way, part, &value) {
            known.push(value);
        }
    }
    known
}

fn encoding<'e, 't>(media: &'e MediaType<'t>, name: &str) -> Option<&'e Encoding<'t>> {
    media.encoding.iter().find(|part| part.name == name)
}

/// How the part of a form that is a query is written.
fn of_part<'e>(media: &'e MediaType<'_>, name: &'e str) -> Form<'e> {
    let said = encoding(media, name);
    let style = said.and_then(|part| part.style).unwrap_or("form");
    let explode = said.and_then(|part| part.explode).unwrap_or(style == "form");
    Form { name, place: ParameterIn::Query, style, explode, json: false }
}

/// Bodies of the sender's form that have the part, each with the part's value and schema; the plainest are not the first.
fn with_part(
    way: &mut Way<'_, '_>,
    side: Side,
    media: &MediaType<'_>,
    name: &str,
) -> Option<Vec<(Value, serde_json::Map<String, Value>)>> {
    let part = Part { side, id: media.schema? };
    let asked = facets(&way.ground, &flat(&way.ground, &[part], 0, None), None);
    let own = asked.properties.get(name)?.first().copied()?;
    let mut bodies = Vec::new();
    for value in several(way, own) {
        let mut demands = Facets { types: Some(Types::OBJECT), ..asked.clone() };
        demands.planted.insert(name.to_owned(), value.clone());
        let whole = Sampler::new(&way.ground, STEPS, 2).make(&demands, DEPTH);
        if let Some(whole) = whole
            && accepts(way, part, &whole)
            && let Value::Object(members) = whole
        {
            bodies.push((value, members));
        }
    }
    Some(bodies)
}

fn urlencoded(
    way: &mut Way<'_, '_>,
    sender: Side,
    (own, theirs): (&MediaType<'_>, &MediaType<'_>),
    name: &str,
) -> Option<(String, Option<[Value; 2]>)> {
    let read_by = Part { side: sender.other(), id: theirs.schema? };
    let asked = facets(&way.ground, &flat(&way.ground, &[read_by], 0, None), None);
    let part = asked.properties.get(name).and_then(|parts| parts.first().copied());
    let required = asked.required.contains(name);
    with_part(way, sender, own, name)?.into_iter().find_map(|(value, members)| {
        let (writes, reads) = (of_part(own, name), of_part(theirs, name));
        let pairs = write(&writes, &value)?;
        let read_as = told(way, sender, &value, &writes, (&reads, part), &pairs, required)?;
        let mut all = Vec::new();
        for (name, member) in &members {
            all.extend(write(&of_part(own, name), member)?);
        }
        let text: Vec<String> = all.into_iter().map(|(name, text)| format!("{name}={text}")).collect();
        Some((text.join("&"), read_as))
    })
}

/// What a part of this value is where nobody says.
fn usual(value: &Value) -> &'static str {
    match value {
        Value::Array(items) => items.first().map_or("text/plain", usual),
        Value::Object(_) => "application/json",
        _ => "text/plain",
    }
}

fn multipart(
    way: &mut Way<'_, '_>,
    sender: Side,
    (own, theirs): (&MediaType<'_>, &MediaType<'_>),
    name: &str,
) -> Option<(String, String)> {
    let names = |side: &Description<'_>, media: &MediaType<'_>| -> Option<Vec<String>> {
        let said = encoding(media, name).and_then(|part| part.content_type);
        let usual = || side.usual_content_type(side.part_of(media.schema, name)?);
        Some(said.or_else(usual)?.split(',').map(|name| name.trim().to_owned()).collect())
    };
    let asks = |side: &Description<'_>, media: &MediaType<'_>| -> Vec<String> {
        let headers = encoding(media, name).map_or(&[][..], |part| &part.headers);
        let needed = headers.iter().filter(|(_, id)| side.headers[id.0 as usize].required);
        needed.map(|(name, _)| name.to_ascii_lowercase()).collect()
    };
    let (near, far) = (way.ground.description(sender), way.ground.description(sender.other()));
    let (given, wanted) = (asks(near, own), asks(far, theirs));
    let lacks = wanted.iter().any(|name| !given.contains(name));
    let (each, described) = (names(near, own)?, names(far, theirs)?);
    with_part(way, sender, own, name)?.into_iter().find_map(|(value, members)| {
        let concrete =
            each.iter().map(|name| if name.ends_with("/*") { usual(&value) } else { name.as_str() });
        let chosen = concrete.into_iter().find(|media| {
            each.iter().any(|range| covers(range, media))
                && (lacks || !described.iter().any(|range| covers(range, media)))
        })?;
        let mut text = String::new();
        for (member, value) in &members {
            let media = if member == name { chosen } else { usual(value) };
            let mut head =
                format!("--b\nContent-Disposition: form-data; name=\"{}\"\n", encoded(member, false));
            if member == name {
                for (header, id) in encoding(own, name).map_or(&[][..], |part| &part.headers) {
                    let header_is = &near.headers[id.0 as usize];
                    if header_is.required {
                        let value = sampled(way, sender, parameter_schema(&header_is.serialisation))?;
                        let _ = writeln!(head, "{}: {}", clean(header), clean(&joined(&value, ",")?));
                    }
                }
            }
            // The items of a list are parts of their own, unless the list is written as a whole.
            let pieces = match value {
                Value::Array(items) if !is_json(media) => items.as_slice(),
                value => std::slice::from_ref(value),
            };
            for piece in pieces {
                let shown =
                    if is_json(media) { piece.to_string() } else { joined(piece, ",").unwrap_or_default() };
                let _ = write!(text, "{head}Content-Type: {}\n\n{}\n", clean(media), clean(&shown));
            }
        }
        text.push_str("--b--");
        Some((format!("{}; boundary=b", own.name), text))
    })
}
