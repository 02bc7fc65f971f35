//! Requests and responses as they are sent, made from the side that accepts them: the least that it asks for.
//!
//! What an operation asks for beside schemas (parameters that must be there, media types, credentials, headers) is judged
//! by [`super::exchange`]; the values in it are confirmed by the validator like any other.

use std::fmt::Write as _;

use serde_json::Value;

use super::exchange::{Answer, Credentials, Objection, Request, holding, of_answer, of_request, operation};
use super::facets::{facets, flat};
use super::ground::{Part, Side};
use super::sample::Sampler;
use super::wire::{Pairs, encoded};
use super::written::{Written, clean, joined};
use super::{Reach, Search, Way, can_be_written};
use crate::openapi::compare::BasePaths;
use crate::openapi::finding::{Direction, OperationKind};
use crate::openapi::model::{
    Description, MediaType, Operation, Parameter, ParameterId, ParameterIn, Response, ResponseId, SchemaId,
    SchemeKind, Serialisation, Types,
};

/// How many steps it may take to make a message.
const STEPS: usize = 200;

/// The most alternatives of a security requirement, and of bodies, that are tried.
const ALTERNATIVES: usize = 8;

/// The most operations that are looked at for one that is called elsewhere.
const CALLED: usize = 50;

/// Values of a variable of a server that may be anything.
const ANYTHING: [&str; 4] = ["v1", "v2", "v3", "other"];

/// How deep values go.
const DEPTH: usize = 8;

/// Media types that stand for a range.
const CONCRETE: [&str; 4] = ["application/json", "text/plain", "application/xml", "application/octet-stream"];

/// A message that one side objects to.
#[derive(Debug)]
pub(in crate::openapi) struct Sent {
    /// As it is sent.
    pub(in crate::openapi) message: String,
    /// The media type of its body.
    pub(in crate::openapi) media_type: Option<String>,
}

/// What a request has besides the least that is asked for.
#[derive(Debug, Default)]
pub(super) struct Forced {
    /// A parameter, as it is written.
    pub(super) parameter: Option<(ParameterId, Pairs)>,
    /// A body with its media type.
    pub(super) body: Option<(String, String)>,
    /// Whether there is a body where none is asked for.
    pub(super) any_body: bool,
}

/// A request with the text of its body.
type Draft<'t> = (Request<'t>, Option<String>);

impl Search<'_, '_> {
    /// The plainest request for an operation that its sender's side takes, and to which the other side objects as `wanted`
    /// tells. `own` is the operation of the side `sender`, `theirs` that of the other one, where there is one.
    pub(in crate::openapi) fn request(
        &mut self,
        (own, theirs): (u32, Option<u32>),
        received: bool,
        wanted: &Objection,
        media: Option<&str>,
    ) -> Option<Sent> {
        let sender = if received { Side::Revision } else { Side::Base };
        let bases = &self.bases;
        let way = &mut self.ways[usize::from(received)];
        let (near, far) = (way.ground.description(sender), way.ground.description(sender.other()));
        let asked = &near.operations[own as usize];
        let forced = Forced { any_body: *wanted == Objection::MediaType, ..Forced::default() };
        let (mut written, drafts) = drafts(way, sender, asked, &forced)?;
        written.path.insert_str(0, server(bases, near, sender, own));
        for (mut request, body) in drafts {
            if *wanted == Objection::NotAcceptable {
                request.accepts = media.map(str::to_owned);
            }
            let refused = match theirs.map(|index| &far.operations[index as usize]) {
                None if received => Vec::new(),
                None if operation(
                    far,
                    &bases[sender.other() as usize],
                    bases[sender as usize][own as usize].first().map_or("", String::as_str),
                    &request,
                )
                .is_none() =>
                {
                    vec![Objection::NoOperation]
                }
                None => Vec::new(),
                Some(operation) => of_request(far, operation, &request),
            };
            if refused.contains(wanted) && of_request(near, asked, &request).is_empty() {
                let message = written.text(&request, body.as_deref());
                return Some(Sent { message, media_type: request.media_type });
            }
        }
        None
    }

    /// A request that the base takes, with what is forced upon it.
    pub(super) fn plain(&mut self, side: Side, own: u32, forced: &Forced) -> Option<Sent> {
        let bases = &self.bases;
        let way = &mut self.ways[usize::from(side == Side::Revision)];
        let description = way.ground.description(side);
        let asked = &description.operations[own as usize];
        let (mut written, drafts) = drafts(way, side, asked, forced)?;
        written.path.insert_str(0, server(bases, description, side, own));
        let (request, body) =
            drafts.into_iter().find(|(request, _)| of_request(description, asked, request).is_empty())?;
        Some(Sent { message: written.text(&request, body.as_deref()), media_type: request.media_type })
    }

    /// The request of a webhook or callback that the base promises and the revision does not have.
    pub(in crate::openapi) fn silenced(&mut self, old: u32) -> Option<Sent> {
        self.plain(Side::Base, old, &Forced::default())
    }

    /// A request that finds an operation behind a base path of the base's servers, and none behind those of the
    /// revision's; with the operation.
    pub(in crate::openapi) fn elsewhere(&mut self) -> Option<(u32, Sent)> {
        let bases = &self.bases;
        let way = &mut self.ways[0];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let called = (0_u32..).zip(&base.operations).filter(|(_, operation)| {
            base.paths[operation.path as usize].kind == OperationKind::Operation && !operation.broken
        });
        called.take(CALLED).find_map(|(index, asked)| {
            let (mut written, drafts) = drafts(way, Side::Base, asked, &Forced::default())?;
            let (request, body) = drafts.into_iter().next()?;
            if !of_request(base, asked, &request).is_empty() {
                return None;
            }
            // What may be anything is called as something that is none of what is left.
            let known = bases[0][index as usize].iter().flat_map(|path| {
                let values = if path.contains("{}") { &ANYTHING[..] } else { &ANYTHING[..1] };
                values.iter().map(|value| path.replace("{}", value))
            });
            let mut called = known.filter(|path| !path.contains('{'));
            let before = called.find(|before| operation(revision, &bases[1], before, &request).is_none())?;
            written.path.insert_str(0, &before);
            let message = written.text(&request, body.as_deref());
            Some((index, Sent { message, media_type: request.media_type }))
        })
    }

    /// The plainest answer that its sender's side describes and to which the other side objects as `wanted` tells. `old`
    /// and `new` are what the sides describe; clients answer to webhooks and callbacks, where `received` does not hold.
    pub(in crate::openapi) fn answer(
        &mut self,
        (old, new): (ResponseId, ResponseId),
        received: bool,
        status: &str,
        wanted: &Objection,
    ) -> Option<Sent> {
        let sender = if received { Side::Revision } else { Side::Base };
        let way = &mut self.ways[usize::from(received)];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let (was, is) = (&base.responses[old.0 as usize], &revision.responses[new.0 as usize]);
        let ((near, own), (far, theirs)) =
            if received { ((revision, is), (base, was)) } else { ((base, was), (revision, is)) };
        let left_out = match wanted {
            Objection::MissingHeader(name) => Some(name.as_str()),
            _ => None,
        };
        let (head, headers) = head(way, sender, own, status, left_out)?;
        bodies(way, sender, own).into_iter().find_map(|body| {
            let media_type = body.as_ref().map(|(media, _)| media.clone());
            let answer = Answer { headers: headers.clone(), media_type };
            let is_shown =
                of_answer(far, theirs, &answer).contains(wanted) && of_answer(near, own, &answer).is_empty();
            is_shown.then(|| answered(&head, body))
        })
    }

    /// An answer that the base promises and the revision cannot give to its operation `new`: of the status `code`, or of a
    /// media type under it, that is no longer described.
    pub(in crate::openapi) fn lost(
        &mut self,
        new: u32,
        response: ResponseId,
        code: &str,
        media: Option<&str>,
    ) -> Option<Sent> {
        let way = &mut self.ways[1];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let was = &base.responses[response.0 as usize];
        let after = &revision.operations[new as usize];
        let is = holding(after, code).map(|id| &revision.responses[id.0 as usize]);
        let (head, headers) = head(way, Side::Base, was, code, None)?;
        bodies(way, Side::Base, was).into_iter().find_map(|body| {
            let media_type = body.as_ref().map(|(media, _)| media.clone());
            let answer = Answer { headers: headers.clone(), media_type: media_type.clone() };
            let gone = match (is, media) {
                _ if after.responses_broken => false,
                (None, _) => true,
                (Some(is), Some(media)) => {
                    media_type.as_deref() == Some(media)
                        && of_answer(revision, is, &answer).contains(&Objection::MediaType)
                }
                (Some(_), None) => false,
            };
            (gone && of_answer(base, was, &answer).is_empty()).then(|| answered(&head, body))
        })
    }
}

/// The path of the first server that an operation is called at; none where that may be anything, and where the operation is
/// no one's to call.
fn server<'b>(
    bases: &'b [BasePaths; 2],
    description: &Description<'_>,
    side: Side,
    operation: u32,
) -> &'b str {
    let item = &description.paths[description.operations[operation as usize].path as usize];
    let first = bases[side as usize][operation as usize].first().map_or("", String::as_str);
    if item.kind == OperationKind::Operation && !first.contains('{') { first } else { "" }
}

/// Requests for the operation `asked`: the parts that all share, and each of its bodies with each of its credentials.
pub(super) fn drafts<'d, 't>(
    way: &mut Way<'d, 't>,
    side: Side,
    asked: &'d Operation<'t>,
    forced: &Forced,
) -> Option<(Written, Vec<Draft<'t>>)> {
    let description = way.ground.description(side);
    let item = &description.paths[asked.path as usize];
    let target = match item.kind {
        // Where it goes is the receiver's to say.
        OperationKind::Webhook => format!("{{{}}}", item.path),
        _ => item.path.to_owned(),
    };
    let mut written = Written::new(asked.method, &target);
    let mut parameters = Vec::new();
    for id in &asked.parameters {
        let parameter = &description.parameters[id.0 as usize];
        let needed = parameter.required || parameter.place == ParameterIn::Path;
        match &forced.parameter {
            Some((own, pairs)) if own == id => written.pairs(parameter, pairs.clone())?,
            _ if needed && carried(parameter) => {
                let schema = parameter_schema(&parameter.serialisation);
                let value = filled(way, side, schema, parameter.empties())?;
                written.parameter(parameter, &value)?;
            }
            _ => continue,
        }
        parameters.push((parameter.place, parameter.name));
    }
    if item.kind == OperationKind::Operation {
        written.fill();
    }
    let body = asked.body.map(|id| &description.bodies[id.0 as usize]);
    let mut bodies: Vec<Option<(String, String)>> = Vec::new();
    match (body, &forced.body) {
        (_, Some(body)) => bodies.push(Some(body.clone())),
        (Some(body), None) if body.required || forced.any_body => {
            for content in body.content.iter().take(ALTERNATIVES) {
                bodies.extend(payload(way, side, content).into_iter().flatten().map(Some));
            }
            // The plainest first, where any will do.
            bodies.sort_by_key(|body| body.as_ref().is_none_or(|(media, _)| media != "application/json"));
        }
        _ => bodies.push(None),
    }
    let mut drafts = Vec::new();
    for credentials in credentials(description, asked)? {
        for body in &bodies {
            let request = Request {
                method: asked.method.to_owned(),
                path: written.path.clone(),
                parameters: parameters.clone(),
                media_type: body.as_ref().map(|(media, _)| media.clone()),
                accepts: None,
                credentials: credentials.clone(),
            };
            drafts.push((request, body.as_ref().map(|(_, text)| text.clone())));
        }
    }
    Some((written, drafts))
}

/// Each of the credentials that let somebody in; a flow of OAuth is one of its own.
fn credentials<'t>(description: &Description<'t>, asked: &Operation<'t>) -> Option<Vec<Credentials<'t>>> {
    let alternatives = match asked.security.as_deref() {
        Some(security) if !security.alternatives.is_empty() => security.alternatives.clone(),
        _ => vec![Vec::new()],
    };
    let mut all = Vec::new();
    for alternative in alternatives.iter().take(ALTERNATIVES) {
        let mut several = vec![Credentials::default()];
        for (name, scopes, _) in alternative {
            let (_, scheme) = description.security_schemes.iter().find(|(other, _)| other == name)?;
            let kinds: Vec<SchemeKind<'t>> = match &scheme.kind {
                SchemeKind::OAuth2(flows) if !flows.is_empty() => {
                    let each = flows.iter().take(ALTERNATIVES);
                    each.map(|flow| SchemeKind::OAuth2(vec![flow.clone()])).collect()
                }
                kind => vec![kind.clone()],
            };
            let mut grown = Vec::new();
            for one in several {
                for kind in &kinds {
                    let mut one = one.clone();
                    one.schemes.push((kind.clone(), scopes.clone()));
                    grown.push(one);
                }
            }
            grown.truncate(ALTERNATIVES);
            several = grown;
        }
        all.extend(several);
    }
    Some(all)
}

/// The line of the status with the headers that are always there, and the names of these.
pub(super) fn head<'t>(
    way: &mut Way<'_, 't>,
    side: Side,
    response: &Response<'t>,
    status: &str,
    left_out: Option<&str>,
) -> Option<(String, Vec<&'t str>)> {
    let mut head = format!("HTTP/1.1 {}\n", clean(status));
    let mut headers = Vec::new();
    let description = way.ground.description(side);
    for (name, id) in &response.headers {
        let header = &description.headers[id.0 as usize];
        if header.required && !left_out.is_some_and(|left| left.eq_ignore_ascii_case(name)) {
            let value = sampled(way, side, parameter_schema(&header.serialisation))?;
            let _ = writeln!(head, "{}: {}", clean(name), clean(&joined(&value, ",")?));
            headers.push(*name);
        }
    }
    Some((head, headers))
}

/// The bodies that a response may have; none where it has no content.
fn bodies(way: &mut Way<'_, '_>, side: Side, response: &Response<'_>) -> Vec<Option<(String, String)>> {
    let mut bodies: Vec<Option<(String, String)>> = Vec::new();
    for content in response.content.iter().take(ALTERNATIVES) {
        bodies.extend(payload(way, side, content).into_iter().flatten().map(Some));
    }
    if response.content.is_empty() {
        bodies.push(None);
    }
    bodies
}

pub(super) fn answered(head: &str, body: Option<(String, String)>) -> Sent {
    let mut message = head.to_owned();
    let media_type = body.map(|(media, text)| {
        let _ = write!(message, "Content-Type: {}\n\n{text}", clean(&media));
        media
    });
    Sent { message: message.trim_end().to_owned(), media_type }
}

/// Whether a parameter is sent as one: some headers are said elsewhere.
fn carried(parameter: &Parameter<'_>) -> bool {
    let said = ["accept", "content-type", "authorization"];
    parameter.place != ParameterIn::Header || !said.contains(&parameter.name.to_ascii_lowercase().as_str())
}

pub(super) fn parameter_schema(serialisation: &Serialisation<'_>) -> Option<SchemaId> {
    serialisation.schema.or_else(|| serialisation.content.first().and_then(|media| media.schema))
}

/// A confirmed value of a schema of `side`; any text where there is no schema.
pub(super) fn sampled(way: &mut Way<'_, '_>, side: Side, schema: Option<SchemaId>) -> Option<Value> {
    filled(way, side, schema, Types::ANY)
}

/// As [`sampled`], and not empty but for the types `empties`.
fn filled(way: &mut Way<'_, '_>, side: Side, schema: Option<SchemaId>, empties: Types) -> Option<Value> {
    let Some(id) = schema else { return Some(Value::String("a".to_owned())) };
    let part = Part { side, id };
    let mut sampler = Sampler::new(&way.ground, STEPS, 2);
    let mut value = sampler.of(&[part], DEPTH)?;
    if !can_be_written(&value, empties) {
        let mut demands = facets(&way.ground, &flat(&way.ground, &[part], 0, None), None);
        demands.fill(empties);
        value = sampler.make(&demands, DEPTH)?;
    }
    let mut reach = Reach::default();
    reach.add(&value);
    way.checks.accepts(&way.ground, part, &reach, &value).then_some(value)
}

/// Bodies of a media type as text, each with its concrete media type: several for a range, none where none can be written.
fn payload(way: &mut Way<'_, '_>, side: Side, content: &MediaType<'_>) -> Option<Vec<(String, String)>> {
    let value = sampled(way, side, content.schema)?;
    let name = content.name.to_ascii_lowercase();
    let media: Vec<&str> = match name.split_once('/') {
        Some((_, "*")) => {
            let kind = name.trim_end_matches('*');
            CONCRETE.into_iter().filter(|media| kind == "*/" || media.starts_with(kind)).collect()
        }
        _ => vec![content.name],
    };
    let text = |media: &str| match &value {
        _ if json(media) => Some(value.to_string()),
        Value::Object(members) if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") => {
            let pairs = members.iter().map(|(name, value)| {
                Some(format!("{}={}", encoded(name, false), encoded(&joined(value, ",")?, false)))
            });
            Some(pairs.collect::<Option<Vec<_>>>()?.join("&"))
        }
        Value::String(text) => Some(text.clone()),
        // Any other form is somebody else's to write: what matters here is its name.
        _ => Some("...".to_owned()),
    };
    Some(media.into_iter().filter_map(|media| Some((media.to_owned(), text(media)?))).collect())
}

/// Whether a body of this media type is JSON.
pub(super) fn json(media: &str) -> bool {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Which way a message goes that shows an objection.
#[must_use]
pub(in crate::openapi) fn answers(objection: &Objection, rule: Direction) -> bool {
    match objection {
        Objection::MissingHeader(_) => true,
        Objection::MediaType => rule == Direction::Response,
        _ => false,
    }
}
