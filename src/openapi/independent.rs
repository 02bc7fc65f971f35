//! A second opinion on descriptions of OpenAPI 3.0, by the crate `openapiv3`: is every object what the format asks for?
//!
//! That crate stops at its first mismatch, knows no places, and takes exponential time on what is wrong deep inside. So
//! it is asked of each object by itself, with what lies in it taken out: an objection then has a place, and the cost
//! is the size of the document. It is never asked on the way to a comparison.

use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};

use super::diagnostic::{Diagnostic, Gravity, Location};
use super::model::{At, Description, Format, Segment, Trails};
use super::tree::{Kind, Lines, Node};
use crate::support::lookup::{Lookup, Seed};
use crate::support::text;

/// How many objections are told.
const TOLD: usize = 1_000;

/// Kinds of objects that are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Object {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    Header,
    Body,
    Response,
    MediaType,
    Schema,
    SecurityScheme,
}

/// How what lies in an object is held there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    /// As it is.
    One,
    /// In a list.
    List,
    /// By name.
    Named,
    /// By name, and by name again: callbacks.
    Twice,
}

impl Object {
    /// What an object under `key` of this one is, and how it is held.
    fn within(self, key: &str) -> Option<(Object, Held)> {
        let within = match (self, key) {
            (Self::Document, "paths") => (Self::PathItem, Held::Named),
            (Self::Document, "components") => (Self::Components, Held::One),
            (Self::Components | Self::Response, "headers") => (Self::Header, Held::Named),
            (Self::Components, "schemas") | (Self::Schema, "properties") => (Self::Schema, Held::Named),
            (Self::Components | Self::Operation, "responses") => (Self::Response, Held::Named),
            (Self::Components, "parameters") => (Self::Parameter, Held::Named),
            (Self::Components, "requestBodies") => (Self::Body, Held::Named),
            (Self::Components, "securitySchemes") => (Self::SecurityScheme, Held::Named),
            (Self::Components | Self::Operation, "callbacks") => (Self::PathItem, Held::Twice),
            (Self::PathItem | Self::Operation, "parameters") => (Self::Parameter, Held::List),
            (Self::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => {
                (Self::Operation, Held::One)
            }
            (Self::Operation, "requestBody") => (Self::Body, Held::One),
            (Self::Parameter | Self::Header | Self::Body | Self::Response, "content") => {
                (Self::MediaType, Held::Named)
            }
            (Self::Parameter | Self::Header | Self::MediaType, "schema")
            | (Self::Schema, "items" | "additionalProperties" | "not") => (Self::Schema, Held::One),
            (Self::Schema, "allOf" | "anyOf" | "oneOf") => (Self::Schema, Held::List),
            _ => return None,
        };
        Some(within)
    }

    /// The objection to an object with nothing in it.
    fn objection(self, shallow: Value) -> Option<String> {
        match self {
            Self::Document => refused::<openapiv3::OpenAPI>(shallow),
            Self::Components => refused::<openapiv3::Components>(shallow),
            Self::PathItem => refused::<openapiv3::PathItem>(shallow),
            Self::Operation => refused::<openapiv3::Operation>(shallow),
            Self::Parameter => refused::<openapiv3::Parameter>(shallow),
            Self::Header => refused::<openapiv3::Header>(shallow),
            Self::Body => refused::<openapiv3::RequestBody>(shallow),
            Self::Response => refused::<openapiv3::Response>(shallow),
            Self::MediaType => refused::<openapiv3::MediaType>(shallow),
            Self::Schema => refused::<openapiv3::Schema>(shallow),
            Self::SecurityScheme => refused::<openapiv3::SecurityScheme>(shallow),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Document => "description",
            Self::Components => "components object",
            Self::PathItem => "path item",
            Self::Operation => "operation",
            Self::Parameter => "parameter",
            Self::Header => "header",
            Self::Body => "request body",
            Self::Response => "response",
            Self::MediaType => "media type",
            Self::Schema => "schema",
            Self::SecurityScheme => "security scheme",
        }
    }
}

fn refused<T: DeserializeOwned>(value: Value) -> Option<String> {
    serde_json::from_value::<T>(value).err().map(|error| error.to_string())
}

/// What `openapiv3` objects to, in the order of the file; nothing for other versions than 3.0, which it does not know.
#[must_use]
pub fn objections(description: &Description<'_>) -> Vec<Diagnostic> {
    let Some(root) = description.tree.root().filter(|_| description.format == Format::V3_0) else {
        return Vec::new();
    };
    let lines = Lines::of(description.tree.source());
    let mut trails = Trails::default();
    let mut seen = Lookup::new(Seed(0));
    let mut objections = Vec::new();
    let mut open = vec![(Object::Document, root, At { trail: Trails::ROOT, offset: root.at() })];
    while let Some((object, node, at)) = open.pop() {
        if node.get("$ref").is_some() || seen.insert((object, node.id()), ()).is_some() {
            continue;
        }
        if let Some(message) = object.objection(shallow(object, node)) {
            let message = text::line(&message, 300);
            objections.push(Diagnostic {
                code: "not-openapi-3.0".to_owned(),
                level: Gravity::Error,
                message: format!("this is no {} of OpenAPI 3.0: {message}", object.name()),
                location: Some(Location::new(description.tree.name(), lines.position(at.offset))),
                pointer: Some(trails.pointer(at.trail)),
            });
            if objections.len() >= TOLD {
                break;
            }
        }
        for member in node.members() {
            let Some((inner, held)) = object.within(member.key) else { continue };
            let at = At { trail: trails.below(at.trail, Segment::Key(member.key)), offset: member.at };
            hold(&mut open, &mut trails, (inner, held), member.value, at);
        }
    }
    objections.sort_by(|one, other| one.location.cmp(&other.location));
    objections
}

/// Notes the objects that lie at `node`.
fn hold<'t>(
    open: &mut Vec<(Object, Node<'t>, At)>,
    trails: &mut Trails<'t>,
    (object, held): (Object, Held),
    node: Node<'t>,
    at: At,
) {
    match held {
        // `additionalProperties` may be a boolean.
        Held::One if node.kind() == Kind::Boolean => {}
        Held::One => open.push((object, node, at)),
        Held::List => {
            for (index, item) in node.items().enumerate() {
                let segment = Segment::Index(u32::try_from(index).unwrap_or(u32::MAX));
                open.push((object, item, At { trail: trails.below(at.trail, segment), offset: item.at() }));
            }
        }
        Held::Named | Held::Twice => {
            for member in node.members().filter(|member| !member.key.starts_with("x-")) {
                let at = At { trail: trails.below(at.trail, Segment::Key(member.key)), offset: member.at };
                if held == Held::Named {
                    open.push((object, member.value, at));
                } else if member.value.get("$ref").is_none() {
                    hold(open, trails, (object, Held::Named), member.value, at);
                }
            }
        }
    }
}

/// An object without the objects that lie in it, of which there are other ways to tell what they are.
fn shallow(object: Object, node: Node<'_>) -> Value {
    if node.kind() != Kind::Mapping {
        return value(node, 0);
    }
    let mut members = Map::new();
    for member in node.members() {
        let inner = match object.within(member.key) {
            Some((Object::Body | Object::Operation, Held::One)) => continue,
            Some((_, Held::One)) if member.value.kind() == Kind::Mapping => Value::Object(Map::new()),
            Some((_, Held::List)) if member.value.kind() == Kind::Sequence => Value::Array(Vec::new()),
            Some((_, Held::Named | Held::Twice)) if member.value.kind() == Kind::Mapping => {
                Value::Object(Map::new())
            }
            // Of examples and extensions the format asks nothing.
            None if matches!(member.key, "example" | "examples" | "default")
                || member.key.starts_with("x-") =>
            {
                continue;
            }
            _ => value(member.value, 0),
        };
        members.insert(member.key.to_owned(), inner);
    }
    Value::Object(members)
}

/// How deep values are taken over; readers go no deeper.
const DEEP: usize = 256;

fn value(node: Node<'_>, depth: usize) -> Value {
    if depth > DEEP {
        return Value::Null;
    }
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Boolean => Value::Bool(node.as_bool() == Some(true)),
        Kind::Number => {
            let number = node.as_number().and_then(|digits| digits.parse::<Number>().ok());
            number.map_or(Value::Null, Value::Number)
        }
        Kind::String => Value::String(node.as_str().unwrap_or_default().to_owned()),
        Kind::Sequence => node.items().map(|item| value(item, depth + 1)).collect(),
        Kind::Mapping => node
            .members()
            .map(|member| (member.key.to_owned(), value(member.value, depth + 1)))
            .collect::<Map<_, _>>()
            .into(),
    }
}
