//! What a description objects to in a message as a whole: an operation that is not there, a parameter, a header or a body
//! that is missing, a media type or credentials that it does not know. Judged from the model alone; values are held
//! against their schemas elsewhere.

use std::sync::Arc;

use crate::openapi::compare::{BasePaths, stands_for};
use crate::openapi::finding::OperationKind;
use crate::openapi::model::{
    Description, MediaType, Operation, ParameterIn, Response, ResponseId, SchemeKind, Set,
};

/// Why a message is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::openapi) enum Objection {
    /// No operation has this method and path.
    NoOperation,
    /// A parameter must be there.
    MissingParameter(ParameterIn, String),
    /// A body must be there.
    MissingBody,
    /// The body is of a media type that is not described.
    MediaType,
    /// No alternative of the security lets these credentials in.
    Credentials,
    /// No media type that the client takes is described.
    NotAcceptable,
    /// A header must be there.
    MissingHeader(String),
}

/// Who calls: schemes of the description that they were made for, with scopes.
#[derive(Debug, Clone, Default)]
pub(super) struct Credentials<'t> {
    pub(super) schemes: Vec<(SchemeKind<'t>, Vec<&'t str>)>,
}

/// A request.
#[derive(Debug, Clone, Default)]
pub(super) struct Request<'t> {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) parameters: Vec<(ParameterIn, &'t str)>,
    pub(super) media_type: Option<String>,
    /// What the client takes, where it says.
    pub(super) accepts: Option<String>,
    pub(super) credentials: Credentials<'t>,
}

/// A response.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer<'t> {
    pub(super) headers: Vec<&'t str>,
    pub(super) media_type: Option<String>,
}

/// The operation of `description` that a request is for. `behind` are the paths of the servers of its operations, and
/// `before` that of the server which the path of the request is meant for.
pub(super) fn operation<'d, 't>(
    description: &'d Description<'t>,
    behind: &BasePaths,
    before: &str,
    request: &Request<'_>,
) -> Option<&'d Operation<'t>> {
    let path = format!("{before}{}", request.path);
    let fitting = |(operation, behind): &(&Operation<'t>, &Arc<[String]>)| {
        let item = &description.paths[operation.path as usize];
        item.kind == OperationKind::Operation
            && operation.method.eq_ignore_ascii_case(&request.method)
            && behind.iter().any(|behind| is_behind(behind, item.path, &path))
    };
    description.operations.iter().zip(behind).find(fitting).map(|(operation, _)| operation)
}

/// What an operation describes for a status: its own response, else that of its range, else the default one.
pub(super) fn holding(operation: &Operation<'_>, status: &str) -> Option<ResponseId> {
    let find =
        |wanted: &str| operation.responses.iter().find(|(name, ..)| *name == wanted).map(|(_, id, _)| *id);
    let class = status.get(..1).filter(|_| status.len() == 3);
    find(status).or_else(|| find(&format!("{}XX", class?))).or_else(|| find("default"))
}

/// The codes that an entry of the responses of an operation may hold for, the plainest first: of `default`, failures first
/// where successes have entries of their own.
fn codes(operation: &Operation<'_>, status: &str) -> Vec<String> {
    let of = |class: &str| (0..100).map(|code| format!("{class}{code:02}")).collect::<Vec<_>>();
    if let Some(class) = status.strip_suffix("XX") {
        return of(class);
    }
    if status != "default" {
        return vec![status.to_owned()];
    }
    let succeeds = operation.responses.iter().any(|(name, ..)| name.starts_with('2'));
    let classes = if succeeds { ["5", "4", "2", "3"] } else { ["2", "5", "4", "3"] };
    classes.into_iter().flat_map(of).collect()
}

/// A code that an operation answers with `response`, and that of the other side with `theirs` or with nothing where
/// there is none.
pub(in crate::openapi) fn code(
    (own, response): (&Operation<'_>, ResponseId),
    (other, theirs): (&Operation<'_>, Option<ResponseId>),
) -> Option<String> {
    let entries = own.responses.iter().filter(|(_, id, _)| *id == response);
    let mut all = entries.flat_map(|(status, ..)| codes(own, status));
    all.find(|code| holding(own, code) == Some(response) && holding(other, code) == theirs)
}

/// What `description` objects to in a request for `operation`.
pub(super) fn of_request(
    description: &Description<'_>,
    operation: &Operation<'_>,
    request: &Request<'_>,
) -> Vec<Objection> {
    let mut objections = Vec::new();
    for id in &operation.parameters {
        let parameter = &description.parameters[id.0 as usize];
        let is = |&(place, name): &(ParameterIn, &str)| {
            let same = if place == ParameterIn::Header {
                name.eq_ignore_ascii_case(parameter.name)
            } else {
                name == parameter.name
            };
            place == parameter.place && same
        };
        // Names of variables of a path say nothing; that it fits has them all there.
        let needed = parameter.required && parameter.place != ParameterIn::Path && !parameter.broken;
        if needed && !request.parameters.iter().any(is) {
            objections.push(Objection::MissingParameter(parameter.place, parameter.name.to_owned()));
        }
    }
    if let Some(id) = operation.body {
        let body = &description.bodies[id.0 as usize];
        match &request.media_type {
            None if body.required && !body.broken => objections.push(Objection::MissingBody),
            Some(media) if !body.broken && !described(&body.content, media) => {
                objections.push(Objection::MediaType);
            }
            _ => {}
        }
    }
    if !lets_in(description, operation, &request.credentials) {
        objections.push(Objection::Credentials);
    }
    if let Some(wanted) = &request.accepts {
        let good = operation.responses.iter().filter(|(status, ..)| status.starts_with('2'));
        let answers = good.map(|(_, id, _)| &description.responses[id.0 as usize]);
        let gives = |response: &Response<'_>| response.broken || described(&response.content, wanted);
        if !operation.responses_broken && !answers.into_iter().any(gives) {
            objections.push(Objection::NotAcceptable);
        }
    }
    objections
}

/// What `description` objects to in an answer that `response` describes.
pub(super) fn of_answer(
    description: &Description<'_>,
    response: &Response<'_>,
    answer: &Answer<'_>,
) -> Vec<Objection> {
    let mut objections = Vec::new();
    for (name, id) in &response.headers {
        let header = &description.headers[id.0 as usize];
        let there = answer.headers.iter().any(|other| other.eq_ignore_ascii_case(name));
        if header.required && !header.broken && !there {
            objections.push(Objection::MissingHeader((*name).to_owned()));
        }
    }
    match &answer.media_type {
        Some(media) if !described(&response.content, media) => objections.push(Objection::MediaType),
        None if !response.content.is_empty() => objections.push(Objection::MissingBody),
        _ => {}
    }
    objections
}

/// Whether one of `content` takes a body of the media type `media`.
pub(super) fn described(content: &[MediaType<'_>], media: &str) -> bool {
    content.iter().any(|range| range.broken || covers(range.name, media))
}

/// Whether the range `range` has the media type `media`.
pub(super) fn covers(range: &str, media: &str) -> bool {
    let split = |name: &str| -> (String, Vec<String>) {
        let mut parts = name.split(';').map(|part| part.trim().to_ascii_lowercase());
        (parts.next().unwrap_or_default(), parts.collect())
    };
    let ((range, wanted), (media, given)) = (split(range), split(media));
    let named = match range.strip_suffix("/*") {
        Some("*") => true,
        Some(kind) => media.split_once('/').is_some_and(|(own, _)| own == kind),
        None => range == media,
    };
    named && wanted.iter().all(|parameter| given.contains(parameter))
}

/// Whether these credentials let a client in. What cannot be read is no objection.
fn lets_in(description: &Description<'_>, operation: &Operation<'_>, credentials: &Credentials<'_>) -> bool {
    let Some(security) = operation.security.as_deref() else { return true };
    let holds = |name: &str, scopes: &[&str]| {
        let scheme = description.security_schemes.iter().find(|(other, _)| *other == name);
        scheme.is_none_or(|(_, scheme)| {
            matches!(scheme.kind, SchemeKind::Unknown(_))
                || credentials.schemes.iter().any(|(own, granted)| {
                    same(own, &scheme.kind) && scopes.iter().all(|scope| granted.contains(scope))
                })
        })
    };
    security.alternatives.is_empty()
        || security
            .alternatives
            .iter()
            .any(|alternative| alternative.iter().all(|(name, scopes, _)| holds(name, scopes)))
}

/// Whether what one scheme asks for serves the other.
fn same(one: &SchemeKind<'_>, other: &SchemeKind<'_>) -> bool {
    let url = |set: Option<Set<&str>>| set.map(|set| set.value.to_owned());
    match (one, other) {
        (SchemeKind::ApiKey { name, place }, SchemeKind::ApiKey { name: called, place: carried }) => {
            let header = place.value == "header";
            let named = if header {
                name.value.eq_ignore_ascii_case(called.value)
            } else {
                name.value == called.value
            };
            place.value == carried.value && named
        }
        (SchemeKind::Http { scheme, .. }, SchemeKind::Http { scheme: called, .. }) => {
            scheme.value.eq_ignore_ascii_case(called.value)
        }
        (SchemeKind::MutualTls, SchemeKind::MutualTls) => true,
        (SchemeKind::OAuth2(flows), SchemeKind::OAuth2(others)) => flows.iter().any(|flow| {
            others.iter().any(|other| {
                flow.kind == other.kind
                    && url(flow.authorization_url) == url(other.authorization_url)
                    && url(flow.token_url) == url(other.token_url)
            })
        }),
        (SchemeKind::OpenIdConnect { url }, SchemeKind::OpenIdConnect { url: other }) => {
            url.value == other.value
        }
        _ => false,
    }
}

/// Whether a path fits a template behind the path of a server, in which `{}` may be anything.
fn is_behind(server: &str, template: &str, path: &str) -> bool {
    if !server.contains("{}") {
        return path.strip_prefix(server).is_some_and(|rest| fits(template, rest));
    }
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    slashes.any(|at| stands_for(server, &path[..at]) && fits(template, &path[at..]))
}

/// Whether a path fits a template: each variable stands for one or more characters other than a slash.
fn fits(template: &str, path: &str) -> bool {
    let (own, theirs): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    own.len() == theirs.len() && own.iter().zip(theirs).all(|(own, theirs)| segment(own, theirs))
}

fn segment(template: &str, text: &str) -> bool {
    let Some(open) = template.find('{') else { return template == text };
    let Some(length) = template[open..].find('}') else { return template == text };
    let Some(rest) = text.strip_prefix(&template[..open]) else { return false };
    let after = &template[open + length + 1..];
    let ends = rest.char_indices().map(|(at, letter)| at + letter.len_utf8());
    ends.take(512).any(|end| segment(after, &rest[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_a_template_by_its_segments() {
        assert!(fits("/users/{id}/posts", "/users/7/posts"));
        assert!(fits("/files/{name}.json", "/files/a.b.json"));
        assert!(!fits("/files/{name}.json", "/files/.json"));
        assert!(!fits("/users/{id}", "/users/7/posts"));
        assert!(!fits("/users/{id}", "/users/"));
    }

    #[test]
    fn a_range_covers_media_types_with_its_parameters() {
        assert!(covers("*/*", "text/plain"));
        assert!(covers("application/*", "application/json"));
        assert!(covers("application/json", "Application/JSON; charset=utf-8"));
        assert!(!covers("application/json; version=2", "application/json"));
        assert!(!covers("application/json", "application/problem+json"));
    }
}
