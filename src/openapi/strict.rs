//! Holds a description of OpenAPI 3.0 against the types of `openapiv3`, for those who want to know what a strict reader
//! would refuse. A comparison never asks for this.
//!
//! Every part is held against its type by itself, with a stand-in for each part inside of it. So a defect is found in
//! the innermost part that has it, all defects are found and not the first alone, and the cost follows the file: the
//! types try several forms of a schema in turn, which would double the work with each level of nesting.

use std::collections::BTreeSet;

use openapiv3::{
    Components, Header, Info, MediaType, OpenAPI, Operation, Parameter, PathItem, RequestBody, Response,
    Schema, SecurityScheme, Server, Tag,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::diagnostic::{Diagnostic, Gravity, Location};
use super::tree::{Kind, Lines, Node, NodeId, Tree};

/// How many values are looked at, those of YAML aliases once for each place that they stand in.
const VALUES: usize = 5_000_000;

/// How deep values outside of schemas may be nested, such as examples.
const DEPTH: usize = 256;

/// How many defects are looked for.
const DEFECTS: usize = 1_000;

/// How many members of a part are tried as the culprit of a defect.
const SUSPECTS: usize = 64;

/// What `openapiv3` refuses in the description, in the order of the file. Empty for other versions than 3.0.
#[must_use]
pub fn check(tree: &Tree) -> Vec<Diagnostic> {
    let Some(root) = tree.root() else { return Vec::new() };
    let is_3_0 = root.get("openapi").and_then(Node::as_str).is_some_and(|version| version.starts_with("3.0"));
    if !is_3_0 {
        return Vec::new();
    }
    let mut check =
        Check { lines: Lines::of(tree.source()), seen: BTreeSet::new(), left: VALUES, found: Vec::new() };
    check.part(Part::Document, root, root.at(), "");
    let mut found = check.found;
    if check.left == 0 {
        found.push(Diagnostic {
            code: "too-large-for-strict-reading".into(),
            level: Gravity::Warn,
            message: format!("only the first {VALUES} values were held against OpenAPI 3.0"),
            location: None,
            pointer: None,
        });
    }
    found.sort_by(|a, b| a.location.cmp(&b.location));
    found
}

/// The parts of a description that have a type of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Document,
    Info,
    Server,
    Tag,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    MediaType,
    Header,
    Schema,
    Components,
    SecurityScheme,
}

/// How parts stand in a member of a part.
#[derive(Debug, Clone, Copy)]
enum Shape {
    One(Part),
    List(Part),
    Map(Part),
    MapOfMaps(Part),
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Document => "description",
            Self::Info => "info",
            Self::Server => "server",
            Self::Tag => "tag",
            Self::PathItem => "path item",
            Self::Operation => "operation",
            Self::Parameter => "parameter",
            Self::RequestBody => "request body",
            Self::Response => "response",
            Self::MediaType => "media type",
            Self::Header => "header",
            Self::Schema => "schema",
            Self::Components => "components",
            Self::SecurityScheme => "security scheme",
        }
    }

    /// What stands in the member of this name.
    fn inside(self, member: &str) -> Option<Shape> {
        use Shape::{List, Map, MapOfMaps, One};
        Some(match (self, member) {
            (Self::Document, "info") => One(Self::Info),
            (Self::Document, "paths") => Map(Self::PathItem),
            (Self::Document, "components") => One(Self::Components),
            (Self::Document, "tags") => List(Self::Tag),
            (Self::Document | Self::PathItem | Self::Operation, "servers") => List(Self::Server),
            (Self::Components, "schemas") | (Self::Schema, "properties") => Map(Self::Schema),
            (Self::Components | Self::Operation, "responses") => Map(Self::Response),
            (Self::Components, "parameters") => Map(Self::Parameter),
            (Self::Components, "requestBodies") => Map(Self::RequestBody),
            (Self::Components | Self::Response, "headers") => Map(Self::Header),
            (Self::Components, "securitySchemes") => Map(Self::SecurityScheme),
            (Self::Components | Self::Operation, "callbacks") => MapOfMaps(Self::PathItem),
            (Self::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => {
                One(Self::Operation)
            }
            (Self::PathItem | Self::Operation, "parameters") => List(Self::Parameter),
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => {
                Map(Self::MediaType)
            }
            (Self::Parameter | Self::Header | Self::MediaType, "schema")
            | (Self::Schema, "items" | "not" | "additionalProperties") => One(Self::Schema),
            (Self::Schema, "allOf" | "oneOf" | "anyOf") => List(Self::Schema),
            _ => return None,
        })
    }

    /// A stand-in that is right wherever such a part may stand.
    fn stand_in(self) -> Value {
        match self {
            Self::Info => serde_json::json!({ "title": "", "version": "" }),
            Self::Server => serde_json::json!({ "url": "" }),
            Self::Tag => serde_json::json!({ "name": "" }),
            Self::Operation => serde_json::json!({ "responses": {} }),
            Self::Document | Self::PathItem | Self::MediaType | Self::Schema | Self::Components => {
                Value::Object(Map::new())
            }
            Self::Parameter | Self::RequestBody | Self::Response | Self::Header | Self::SecurityScheme => {
                serde_json::json!({ "$ref": "" })
            }
        }
    }

    /// Whether the type of the part takes it.
    fn takes(self, value: &Value) -> Result<(), String> {
        fn of<'v, T: Deserialize<'v>>(value: &'v Value) -> Result<(), String> {
            T::deserialize(value).map(drop).map_err(|error| error.to_string())
        }
        match self {
            Self::Document => of::<OpenAPI>(value),
            Self::Info => of::<Info>(value),
            Self::Server => of::<Server>(value),
            Self::Tag => of::<Tag>(value),
            Self::PathItem => of::<PathItem>(value),
            Self::Operation => of::<Operation>(value),
            Self::Parameter => of::<Parameter>(value),
            Self::RequestBody => of::<RequestBody>(value),
            Self::Response => of::<Response>(value),
            Self::MediaType => of::<MediaType>(value),
            Self::Header => of::<Header>(value),
            Self::Schema => of::<Schema>(value),
            Self::Components => of::<Components>(value),
            Self::SecurityScheme => of::<SecurityScheme>(value),
        }
    }
}

struct Check<'t> {
    lines: Lines<'t>,
    /// What YAML aliases share is looked at once.
    seen: BTreeSet<(NodeId, Part)>,
    left: usize,
    found: Vec<Diagnostic>,
}

impl<'t> Check<'t> {
    /// Holds a part against its type, after the parts inside of it.
    fn part(&mut self, part: Part, node: Node<'t>, at: u32, pointer: &str) {
        if self.left == 0 || self.found.len() >= DEFECTS || !self.seen.insert((node.id(), part)) {
            return;
        }
        if node.get("$ref").is_some_and(|reference| reference.as_str().is_some()) {
            return;
        }
        let mut value = Map::new();
        let mut places = Vec::new();
        for member in node.members() {
            self.left = self.left.saturating_sub(1);
            let inner = format!("{pointer}/{}", escaped(member.key));
            let held = match part.inside(member.key) {
                Some(shape) => self.shape(shape, member.value, member.at, &inner),
                None => self.plain(member.value, 0),
            };
            value.insert(member.key.to_owned(), held);
            places.push((member.key, member.at));
        }
        let value = if node.kind() == Kind::Mapping { Value::Object(value) } else { self.plain(node, 0) };
        let Err(error) = part.takes(&value) else { return };
        let culprit = culprit(part, &value);
        let (place, at) = match culprit.as_ref().and_then(|key| places.iter().find(|(name, _)| name == key)) {
            Some((key, at)) => (format!("{pointer}/{}", escaped(key)), *at),
            None => (pointer.to_owned(), at),
        };
        let what = culprit.map_or_else(
            || format!("this {}", part.name()),
            |key| format!("`{key}` of this {}", part.name()),
        );
        let tree = node.tree();
        self.found.push(Diagnostic {
            code: "not-openapi-3.0".into(),
            level: Gravity::Error,
            message: format!("OpenAPI 3.0 does not allow {what}: {error}"),
            location: Some(Location::new(tree.name(), self.lines.position(at))),
            pointer: Some(place),
        });
    }

    /// The parts in a member, each replaced by a stand-in.
    fn shape(&mut self, shape: Shape, node: Node<'t>, at: u32, pointer: &str) -> Value {
        match (shape, node.kind()) {
            // `additionalProperties: false`, and what is no part at all.
            (Shape::One(_), kind) if kind != Kind::Mapping => self.plain(node, 0),
            (Shape::One(part), _) => {
                self.part(part, node, at, pointer);
                part.stand_in()
            }
            (Shape::List(part), Kind::Sequence) => node
                .items()
                .enumerate()
                .map(|(index, item)| {
                    self.shape(Shape::One(part), item, item.at(), &format!("{pointer}/{index}"))
                })
                .collect(),
            (Shape::Map(_) | Shape::MapOfMaps(_), Kind::Mapping) => {
                let mut held = Map::new();
                for member in node.members() {
                    self.left = self.left.saturating_sub(1);
                    let inner = format!("{pointer}/{}", escaped(member.key));
                    let value = match shape {
                        Shape::Map(part) if is_part(part, member.key) => {
                            self.shape(Shape::One(part), member.value, member.at, &inner)
                        }
                        Shape::MapOfMaps(part) if !member.key.starts_with("x-") => {
                            self.shape(Shape::Map(part), member.value, member.at, &inner)
                        }
                        _ => self.plain(member.value, 0),
                    };
                    held.insert(member.key.to_owned(), value);
                }
                Value::Object(held)
            }
            _ => self.plain(node, 0),
        }
    }

    /// A value as it stands; null where it is too deep or too much.
    fn plain(&mut self, node: Node<'t>, depth: usize) -> Value {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || depth > DEPTH {
            return Value::Null;
        }
        match node.kind() {
            Kind::Null => Value::Null,
            Kind::Boolean => Value::Bool(node.as_bool().unwrap_or_default()),
            Kind::Number => {
                node.as_number().and_then(|digits| digits.parse().ok()).map_or(Value::Null, Value::Number)
            }
            Kind::String => Value::String(node.as_str().unwrap_or_default().to_owned()),
            Kind::Sequence => node.items().map(|item| self.plain(item, depth + 1)).collect(),
            Kind::Mapping => node
                .members()
                .map(|member| (member.key.to_owned(), self.plain(member.value, depth + 1)))
                .collect(),
        }
    }
}

/// The one member without which the part is right.
fn culprit(part: Part, value: &Value) -> Option<String> {
    let members = value.as_object()?;
    let is_right_without = |key: &&String| {
        let mut others = members.clone();
        others.remove(*key);
        part.takes(&Value::Object(others)).is_ok()
    };
    members.keys().take(SUSPECTS).find(is_right_without).cloned()
}

/// Whether a map's member is a part. Only a schema may be called what elsewhere is an extension.
fn is_part(part: Part, key: &str) -> bool {
    part == Part::Schema || !key.starts_with("x-")
}

/// A reference token of a JSON Pointer (RFC 6901).
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
