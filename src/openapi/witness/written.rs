//! The text of a request: the parts of it as they are sent, put together for HTTP/1.1.

use std::fmt::Write as _;

use serde_json::Value;

use super::exchange::Request;
use super::wire::{Form, Pairs, encoded, write};
use crate::openapi::model::{Parameter, ParameterIn, SchemeKind};

/// The parts of a request as text.
#[derive(Debug, Clone)]
pub(super) struct Written {
    method: String,
    pub(super) path: String,
    query: Vec<String>,
    headers: Vec<String>,
    cookies: Vec<String>,
}

impl Written {
    pub(super) fn new(method: &str, template: &str) -> Self {
        Self {
            method: method.to_ascii_uppercase(),
            path: template.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            cookies: Vec::new(),
        }
    }

    /// Writes something for the variables of the path that no parameter describes.
    pub(super) fn fill(&mut self) {
        while let Some(open) = self.path.find('{') {
            let Some(length) = self.path[open..].find('}') else { return };
            self.path.replace_range(open..=open + length, "a");
        }
    }

    /// Writes the value of a parameter; none where it is of a form that is not written here.
    pub(super) fn parameter(&mut self, parameter: &Parameter<'_>, value: &Value) -> Option<()> {
        let form = Form::of(parameter.name, parameter.place, &parameter.serialisation);
        self.pairs(parameter, write(&form, value)?)
    }

    /// Puts in what a parameter is written as.
    pub(super) fn pairs(&mut self, parameter: &Parameter<'_>, pairs: Pairs) -> Option<()> {
        for (name, text) in pairs {
            match parameter.place {
                ParameterIn::Path if text.is_empty() => return None,
                ParameterIn::Path => {
                    self.path = self.path.replace(&format!("{{{}}}", parameter.name), &text);
                }
                ParameterIn::Query => self.query.push(format!("{name}={text}")),
                ParameterIn::Querystring => self.query.push(text),
                ParameterIn::Header => {
                    self.headers.push(format!("{}: {}", clean(parameter.name), clean(&text)));
                }
                ParameterIn::Cookie => self.cookies.push(format!("{name}={text}")),
            }
        }
        Some(())
    }

    pub(super) fn text(&self, request: &Request<'_>, body: Option<&str>) -> String {
        let mut query = self.query.clone();
        let mut headers = self.headers.clone();
        let mut cookies = self.cookies.clone();
        for (scheme, scopes) in &request.credentials.schemes {
            credentials(scheme, scopes, &mut query, &mut headers, &mut cookies);
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

/// Shows who calls: words in capitals stand for secrets.
fn credentials(
    scheme: &SchemeKind<'_>,
    scopes: &[&str],
    query: &mut Vec<String>,
    headers: &mut Vec<String>,
    cookies: &mut Vec<String>,
) {
    let mut terms: Vec<String> = Vec::new();
    match scheme {
        SchemeKind::OAuth2(flows) => {
            if let [flow] = flows.as_slice() {
                let from = flow.token_url.or(flow.authorization_url);
                let from = from.map(|url| format!(" from {}", clean(url.value))).unwrap_or_default();
                terms.push(format!("{}{from}", clean(flow.kind)));
            }
        }
        SchemeKind::OpenIdConnect { url } => terms.push(format!("from {}", clean(url.value))),
        _ => {}
    }
    if !scopes.is_empty() {
        terms.push(format!("with {}", clean(&scopes.join(" "))));
    }
    let terms = if terms.is_empty() { String::new() } else { format!(" ({})", terms.join(", ")) };
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
            headers.push(format!("Authorization: Bearer TOKEN{terms}"));
        }
        SchemeKind::MutualTls | SchemeKind::Unknown(_) => {}
    }
}

/// A value as text: a list joined; none of an object.
pub(super) fn joined(value: &Value, separator: &str) -> Option<String> {
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

/// Without control characters, which would end a line.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
