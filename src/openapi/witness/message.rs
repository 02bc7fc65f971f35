//! Requests and responses as they are sent, made from the side that accepts them: the least that it asks for.
//!
//! What an operation asks for beside schemas (parameters that must be there, media types, credentials, headers) is judged
//! by [`super::exchange`]; the values in it are confirmed by the validator like any other.

use std::fmt::Write as _;

use serde_json::Value;

use super::exchange::{Answer, Credentials, Objection, Request, of_answer, of_request, operation};
use super::ground::{Part, Side};
use super::sample::Sampler;
use super::{Reach, Search, Way};
use crate::openapi::finding::Direction;
use crate::openapi::model::{
    MediaType, Parameter, ParameterIn, ResponseId, SchemaId, SchemeKind, Serialisation,
};

/// How many steps it may take to make a message.
const STEPS: usize = 200;

/// The most alternatives of a security requirement that are tried.
const ALTERNATIVES: usize = 8;

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

impl Search<'_, '_> {
    /// The plainest request for the operation `old` of the base that the base takes and to which the revision objects as
    /// `wanted` tells; `new` is the operation of the revision, where there is one.
    pub(in crate::openapi) fn request(
        &mut self,
        old: u32,
        new: Option<u32>,
        wanted: &Objection,
        media: Option<&str>,
    ) -> Option<Sent> {
        let way = &mut self.ways[usize::from(false)];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let asked = &base.operations[old as usize];
        let template = base.paths[asked.path as usize].path;
        let mut written = Written::new(asked.method, template);
        let mut parameters = Vec::new();
        for id in &asked.parameters {
            let parameter = &base.parameters[id.0 as usize];
            let needed = parameter.required || parameter.place == ParameterIn::Path;
            if needed && carried(parameter) {
                let value = sampled(way, Side::Base, parameter_schema(&parameter.serialisation))?;
                written.parameter(parameter, &value)?;
                parameters.push((parameter.place, parameter.name));
            }
        }
        written.fill();
        let body = asked.body.map(|id| &base.bodies[id.0 as usize]);
        let needed = body.filter(|body| body.required || *wanted == Objection::MediaType);
        let mut bodies: Vec<Option<(String, String)>> = Vec::new();
        if let Some(body) = needed {
            for content in body.content.iter().take(ALTERNATIVES) {
                let text = payload(way, Side::Base, content);
                bodies.extend(text.into_iter().flatten().map(Some));
            }
            // The plainest first, where any will do.
            bodies.sort_by_key(|body| body.as_ref().is_none_or(|(media, _)| media != "application/json"));
        } else {
            bodies.push(None);
        }
        let alternatives = match asked.security.as_deref() {
            Some(security) if !security.alternatives.is_empty() => security.alternatives.clone(),
            _ => vec![Vec::new()],
        };
        for alternative in alternatives.iter().take(ALTERNATIVES) {
            let mut credentials = Credentials::default();
            for (name, scopes, _) in alternative {
                let (_, scheme) = base.security_schemes.iter().find(|(other, _)| other == name)?;
                credentials.schemes.push((scheme.kind.clone(), scopes.clone()));
            }
            for body in &bodies {
                let request = Request {
                    method: asked.method.to_owned(),
                    path: written.path.clone(),
                    parameters: parameters.clone(),
                    media_type: body.as_ref().map(|(media, _)| media.clone()),
                    accepts: media.filter(|_| *wanted == Objection::NotAcceptable).map(str::to_owned),
                    credentials: credentials.clone(),
                };
                let refused = match new.map(|index| &revision.operations[index as usize]) {
                    None if operation(revision, &request).is_none() => vec![Objection::NoOperation],
                    None => Vec::new(),
                    Some(operation) => of_request(revision, operation, &request),
                };
                if refused.contains(wanted) && of_request(base, asked, &request).is_empty() {
                    return Some(Sent {
                        message: written.text(&request, body.as_ref().map(|(_, text)| text.as_str())),
                        media_type: request.media_type,
                    });
                }
            }
        }
        None
    }

    /// The plainest answer that the response `new` of the revision describes and to which the base, which has `old` in its
    /// place, objects as `wanted` tells. Starts with the line of `status`.
    pub(in crate::openapi) fn answer(
        &mut self,
        old: ResponseId,
        new: ResponseId,
        status: &str,
        wanted: &Objection,
    ) -> Option<Sent> {
        let way = &mut self.ways[usize::from(true)];
        let (base, revision) = (way.ground.description(Side::Base), way.ground.description(Side::Revision));
        let (was, is) = (&base.responses[old.0 as usize], &revision.responses[new.0 as usize]);
        let mut head = format!("HTTP/1.1 {}\n", clean(&status.replace("XX", "00")));
        let mut headers = Vec::new();
        for (name, id) in &is.headers {
            let header = &revision.headers[id.0 as usize];
            if header.required && *wanted != Objection::MissingHeader((*name).to_owned()) {
                let value = sampled(way, Side::Revision, parameter_schema(&header.serialisation))?;
                let _ = writeln!(head, "{}: {}", clean(name), clean(&joined(&value, ",")?));
                headers.push(*name);
            }
        }
        let mut bodies: Vec<Option<(String, String)>> = Vec::new();
        for content in is.content.iter().take(ALTERNATIVES) {
            bodies.extend(payload(way, Side::Revision, content).into_iter().flatten().map(Some));
        }
        if is.content.is_empty() {
            bodies.push(None);
        }
        bodies.into_iter().find_map(|body| {
            let media_type = body.as_ref().map(|(media, _)| media.clone());
            let answer = Answer { headers: headers.clone(), media_type };
            let refused = of_answer(base, was, &answer);
            if !refused.contains(wanted) || !of_answer(revision, is, &answer).is_empty() {
                return None;
            }
            let mut message = head.clone();
            if let Some((media, text)) = body {
                let _ = write!(message, "Content-Type: {}\n\n{text}", clean(&media));
            }
            Some(Sent { message: message.trim_end().to_owned(), media_type: answer.media_type })
        })
    }
}

/// Whether a parameter is sent as one: some headers are said elsewhere.
fn carried(parameter: &Parameter<'_>) -> bool {
    let said = ["accept", "content-type", "authorization"];
    parameter.place != ParameterIn::Header || !said.contains(&parameter.name.to_ascii_lowercase().as_str())
}

fn parameter_schema(serialisation: &Serialisation<'_>) -> Option<SchemaId> {
    serialisation.schema.or_else(|| serialisation.content.first().and_then(|media| media.schema))
}

/// A confirmed value of a schema of `side`; any text where there is no schema.
fn sampled(way: &mut Way<'_, '_>, side: Side, schema: Option<SchemaId>) -> Option<Value> {
    let Some(id) = schema else { return Some(Value::String("a".to_owned())) };
    let part = Part { side, id };
    let value = Sampler::new(&way.ground, STEPS, 2).of(&[part], DEPTH)?;
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
    let json = |media: &str| {
        let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || essence.ends_with("+json")
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
        _ => None,
    };
    Some(media.into_iter().filter_map(|media| Some((media.to_owned(), text(media)?))).collect())
}

/// The parts of a request as text.
#[derive(Debug)]
struct Written {
    method: String,
    path: String,
    query: Vec<String>,
    headers: Vec<String>,
    cookies: Vec<String>,
}

impl Written {
    fn new(method: &str, template: &str) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            path: template.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
        }
    }

    /// Writes something for the variables of the path that no parameter describes.
    fn fill(&mut self) {
        while let Some(open) = self.path.find('{') {
            let Some(length) = self.path[open..].find('}') else { return };
            self.path.replace_range(open..=open + length, "a");
        }
    }

    /// Writes the value of a parameter; none where it is of a form that is not written here.
    fn parameter(&mut self, parameter: &Parameter<'_>, value: &Value) -> Option<()> {
        let name = parameter.name;
        let serialisation = &parameter.serialisation;
        let json = !serialisation.content.is_empty();
        let separator = match serialisation.style {
            "pipeDelimited" => "|",
            "spaceDelimited" => " ",
            _ => ",",
        };
        let text = if json { value.to_string() } else { joined(value, separator)? };
        match parameter.place {
            ParameterIn::Path => {
                let text = match serialisation.style {
                    "label" => format!(".{}", encoded(&text, true)),
                    "matrix" => format!(";{name}={}", encoded(&text, true)),
                    _ => encoded(&text, true),
                };
                if text.is_empty() {
                    return None;
                }
                self.path = self.path.replace(&format!("{{{name}}}"), &text);
            }
            ParameterIn::Query => match value {
                Value::Array(items) if serialisation.explode && !json => {
                    for item in items {
                        self.query.push(format!(
                            "{}={}",
                            encoded(name, false),
                            encoded(&joined(item, ",")?, false)
                        ));
                    }
                }
                _ => self.query.push(format!("{}={}", encoded(name, false), encoded(&text, false))),
            },
            ParameterIn::Querystring => self.query.push(encoded(&text, false)),
            ParameterIn::Header => self.headers.push(format!("{}: {}", clean(name), clean(&text))),
            ParameterIn::Cookie => self.cookies.push(format!("{}={}", clean(name), clean(&text))),
        }
        Some(())
    }

    fn text(&self, request: &Request<'_>, body: Option<&str>) -> String {
        let mut query = self.query.clone();
        let mut headers = self.headers.clone();
        let mut cookies = self.cookies.clone();
        for (scheme, scopes) in &request.credentials.schemes {
            let bearer = || match scopes.as_slice() {
                [] => "Authorization: Bearer TOKEN".to_owned(),
                scopes => format!("Authorization: Bearer TOKEN (with {})", clean(&scopes.join(" "))),
            };
            match scheme {
                SchemeKind::ApiKey { name, place } => match place.value {
                    "query" => query.push(format!("{}=KEY", encoded(name.value, false))),
                    "cookie" => cookies.push(format!("{}=KEY", clean(name.value))),
                    _ => headers.push(format!("{}: KEY", clean(name.value))),
                },
                SchemeKind::Http { scheme, .. } if scheme.value.eq_ignore_ascii_case("basic") => {
                    headers.push("Authorization: Basic CREDENTIALS".to_owned());
                }
                SchemeKind::Http { scheme, .. } if !scheme.value.eq_ignore_ascii_case("bearer") => {
                    headers.push(format!("Authorization: {} CREDENTIALS", clean(scheme.value)));
                }
                SchemeKind::Http { .. } | SchemeKind::OAuth2(_) | SchemeKind::OpenIdConnect { .. } => {
                    headers.push(bearer());
                }
                SchemeKind::MutualTls | SchemeKind::Unknown(_) => {}
            }
        }
        if !cookies.is_empty() {
            headers.push(format!("Cookie: {}", cookies.join("; ")));
        }
        headers.extend(request.accepts.as_deref().map(|media| format!("Accept: {}", clean(media))));
        headers.extend(request.media_type.as_deref().map(|media| format!("Content-Type: {}", clean(media))));
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let mut message = format!("{} {}{query} HTTP/1.1", self.method, clean(&self.path));
        for header in headers {
            let _ = write!(message, "\n{header}");
        }
        if let Some(body) = body {
            let _ = write!(message, "\n\n{body}");
        }
        message
    }
}

/// A value as text: a list joined; none of an object.
fn joined(value: &Value, separator: &str) -> Option<String> {
    Some(match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items
                .iter()
                .map(|item| if item.is_array() { None } else { joined(item, separator) })
                .collect();
            items?.join(separator)
        }
        Value::Object(_) => return None,
        scalar => scalar.to_string(),
    })
}

/// Percent-encodes what a URL does not take literally (RFC 3986, section 2.3); a comma stays, and a colon in a path.
fn encoded(text: &str, path: bool) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,".contains(&byte) || (path && b":@".contains(&byte)) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Without control characters, which would end a line.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Which way a message goes that shows an objection.
#[must_use]
pub(in crate::openapi) fn way(objection: &Objection, rule: Direction) -> Direction {
    match objection {
        Objection::MissingHeader(_) => Direction::Response,
        Objection::MediaType if rule == Direction::Response => Direction::Response,
        _ => Direction::Request,
    }
}
