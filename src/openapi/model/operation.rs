//! Operations and what they exchange.

use std::sync::Arc;

use super::schema::{SchemaId, Set, Types};
use super::security::SecurityRequirement;
use super::trail::At;
use crate::openapi::finding::OperationKind;
use crate::openapi::tree::Node;

/// Names a parameter of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParameterId(pub u32);

/// Names a request body of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyId(pub u32);

/// Names a response of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseId(pub u32);

/// Names a header of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeaderId(pub u32);

/// A path, a webhook, or an expression of a callback.
#[derive(Debug, Clone, Copy)]
pub struct PathItem<'t> {
    /// Of which kind its operations are.
    pub kind: OperationKind,
    /// The template, the name, or the expression, as it stands there.
    pub path: &'t str,
    /// For a callback: its name, and the operation that it belongs to, by index into `operations`.
    pub callback: Option<(&'t str, u32)>,
    /// Where it stands.
    pub at: At,
    /// It could not be read: nothing may be concluded from what it lacks.
    pub broken: bool,
}

/// An operation.
#[derive(Debug, Clone)]
pub struct Operation<'t> {
    /// Its path, by index into `paths`.
    pub path: u32,
    /// HTTP method in lower case; `additionalOperations` in the case of the document.
    pub method: &'t str,
    /// Where it stands.
    pub at: At,
    /// It could not be read: nothing may be concluded from what it lacks.
    pub broken: bool,
    /// `operationId`.
    pub operation_id: Option<Set<&'t str>>,
    /// `tags`, ascending, each once.
    pub tags: Vec<Set<&'t str>>,
    /// Effective parameters: those of the path merged with those of the operation, by (in, name).
    pub parameters: Vec<ParameterId>,
    /// `requestBody`, with Swagger's body and form parameters lowered to it.
    pub body: Option<BodyId>,
    /// `responses` by status: `200`, `2XX` (upper case) or `default`, in the order of the document.
    pub responses: Vec<(&'t str, ResponseId, At)>,
    /// `responses` could not be read.
    pub responses_broken: bool,
    /// Effective security: that of the operation, else that of the document, which webhooks and callbacks do not inherit;
    /// none where neither says.
    pub security: Option<Arc<SecurityRequirement<'t>>>,
    /// Whether `security` is that of the document.
    pub security_inherited: bool,
    /// `servers` of the operation or of its path; none where those of the document hold.
    pub servers: Option<Arc<[Server<'t>]>>,
    /// Lifecycle.
    pub lifecycle: Lifecycle<'t>,
}

/// Deprecation, announced end, and maturity.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lifecycle<'t> {
    /// `deprecated`, where it is true.
    pub deprecated: Option<At>,
    /// `x-sunset`.
    pub sunset: Option<Set<Node<'t>>>,
    /// `x-stability-level`.
    pub stability: Option<Set<Node<'t>>>,
}

/// A server.
#[derive(Debug, Clone)]
pub struct Server<'t> {
    /// `url`, with variables as they stand there.
    pub url: std::borrow::Cow<'t, str>,
    /// Variables: name, default, and the values it may take (empty: any).
    pub variables: Vec<(&'t str, Option<&'t str>, Vec<&'t str>)>,
    /// Where it stands.
    pub at: At,
}

/// Where a parameter is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterIn {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// The whole query string, of OpenAPI 3.2.
    Querystring,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

impl ParameterIn {
    /// The word in a description.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Querystring => "querystring",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter<'t> {
    /// Where it stands.
    pub at: At,
    /// Its name, as it stands there. Names of headers are compared without regard to case.
    pub name: &'t str,
    /// Where it is carried.
    pub place: ParameterIn,
    /// Whether a request must have it; always for one of the path.
    pub required: bool,
    /// Where `required` stands; the parameter where it does not.
    pub required_at: At,
    /// How its value is written.
    pub serialisation: Serialisation<'t>,
    /// Lifecycle.
    pub lifecycle: Lifecycle<'t>,
    /// It could not be read.
    pub broken: bool,
    /// Two of any two descriptions with the same hash mean the same, whatever they refer to included.
    pub hash: u128,
}

impl Parameter<'_> {
    /// The types whose empty value can be written: a path with an empty segment is another path, and a list or an object that
    /// is written member by member is not there without members.
    #[must_use]
    pub fn empties(&self) -> Types {
        let written = &self.serialisation;
        let in_pairs = matches!(self.place, ParameterIn::Query | ParameterIn::Cookie);
        let by_member = written.style == "deepObject" || (in_pairs && written.explode);
        match self.place {
            _ if !written.content.is_empty() => Types::ANY,
            ParameterIn::Path if written.style == "simple" => Types::NONE,
            _ if by_member => Types::ANY.without(Types::ARRAY).without(Types::OBJECT),
            _ => Types::ANY,
        }
    }
}

/// How the value of a parameter or header is written.
#[derive(Debug, Clone)]
pub struct Serialisation<'t> {
    /// `schema`.
    pub schema: Option<SchemaId>,
    /// The effective style: `form`, `simple`, `spaceDelimited`, `pipeDelimited`, `deepObject`, `matrix`, `label`, `cookie`;
    /// Swagger's `collectionFormat` lowered to it (`tsv` is a style of its own).
    pub style: &'t str,
    /// The effective `explode`.
    pub explode: bool,
    /// `allowReserved`.
    pub allow_reserved: bool,
    /// `allowEmptyValue`.
    pub allow_empty: bool,
    /// `content`, which then takes the place of schema and style.
    pub content: Vec<MediaType<'t>>,
    /// Where style, explode and the like stand; the owner where they do not.
    pub at: At,
}

/// A request body.
#[derive(Debug, Clone)]
pub struct Body<'t> {
    /// Where it stands.
    pub at: At,
    /// Whether a request must have one.
    pub required: bool,
    /// Where `required` stands; the body where it does not.
    pub required_at: At,
    /// By media type, in the order of the document.
    pub content: Vec<MediaType<'t>>,
    /// It could not be read.
    pub broken: bool,
    /// Two of any two descriptions with the same hash mean the same, whatever they refer to included.
    pub hash: u128,
}

/// A media type, or a range of them, with what it carries.
#[derive(Debug, Clone)]
pub struct MediaType<'t> {
    /// The name as it stands there.
    pub name: &'t str,
    /// Where it stands.
    pub at: At,
    /// `schema`.
    pub schema: Option<SchemaId>,
    /// `itemSchema`, of OpenAPI 3.2.
    pub item_schema: Option<SchemaId>,
    /// `encoding` by part, ascending.
    pub encoding: Vec<Encoding<'t>>,
    /// It could not be read.
    pub broken: bool,
}

/// How a part of a form or multipart body is written.
#[derive(Debug, Clone)]
pub struct Encoding<'t> {
    /// The property.
    pub name: &'t str,
    /// Where it stands.
    pub at: At,
    /// `contentType`.
    pub content_type: Option<&'t str>,
    /// Headers, ascending by name in lower case.
    pub headers: Vec<(&'t str, HeaderId)>,
    /// `style`, where it is said.
    pub style: Option<&'t str>,
    /// `explode`, where it is said.
    pub explode: Option<bool>,
    /// `allowReserved`.
    pub allow_reserved: bool,
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response<'t> {
    /// Where it stands.
    pub at: At,
    /// By media type, in the order of the document.
    pub content: Vec<MediaType<'t>>,
    /// Headers, ascending by name in lower case; `Content-Type` is ignored, as the format says.
    pub headers: Vec<(&'t str, HeaderId)>,
    /// Links by name, ascending.
    pub links: Vec<(&'t str, Node<'t>, At)>,
    /// It could not be read.
    pub broken: bool,
    /// Two of any two descriptions with the same hash mean the same, whatever they refer to included.
    pub hash: u128,
}

/// A header.
#[derive(Debug, Clone)]
pub struct Header<'t> {
    /// Where it stands.
    pub at: At,
    /// Whether it is always there.
    pub required: bool,
    /// Where `required` stands; the header where it does not.
    pub required_at: At,
    /// How its value is written.
    pub serialisation: Serialisation<'t>,
    /// `deprecated` and the like.
    pub lifecycle: Lifecycle<'t>,
    /// It could not be read.
    pub broken: bool,
    /// Two of any two descriptions with the same hash mean the same, whatever they refer to included.
    pub hash: u128,
}
