//! A description in one form, whatever version of the format it was written in: schemas in the terms of JSON Schema
//! 2020-12, operations with their effective parameters, responses and security.
//!
//! Whatever can be shared by reference (schemas, parameters, bodies, responses, headers, security schemes) is lowered
//! once and named by an id, so the size of a model follows the size of the document. The model borrows all text from the
//! trees. It does not judge and knows nothing of a second description.

mod lower;
mod operation;
mod part;
mod schema;
mod security;
mod places;
mod trail;

pub use lower::lower;
pub(super) use lower::lower_bundle;
pub use operation::*;
pub use places::Places;
pub use schema::*;
pub use security::*;
pub use trail::{At, Segment, TrailId, Trails};

use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::tree::Tree;

/// The version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// Swagger 2.0.
    V2,
    /// OpenAPI 3.0.
    V3_0,
    /// OpenAPI 3.1.
    V3_1,
    /// OpenAPI 3.2.
    V3_2,
}

/// One side of a comparison.
#[derive(Debug)]
pub struct Description<'t> {
    /// The file that it was read from.
    pub tree: &'t Tree,
    /// That file, and those that its references lead into.
    pub files: Vec<&'t Tree>,
    /// The version of the format; an unknown one is read as the nearest known one, with a diagnostic.
    pub format: Format,
    /// `openapi` or `swagger` as it stands there.
    pub openapi: Option<&'t str>,
    /// `info`.
    pub info: Info<'t>,
    /// Operations of paths, webhooks and callbacks, in the order of the document.
    pub operations: Vec<Operation<'t>>,
    /// Paths, webhooks and callbacks, which operations name by index.
    pub paths: Vec<PathItem<'t>>,
    /// `servers`, with Swagger's host, base path and schemes lowered to them.
    pub servers: Vec<Server<'t>>,
    /// All schemas.
    pub schemas: Vec<Schema<'t>>,
    /// Named schemas: `components.schemas` or `definitions`, in the order of the document.
    pub named_schemas: Vec<(&'t str, SchemaId)>,
    /// All parameters.
    pub parameters: Vec<Parameter<'t>>,
    /// All request bodies.
    pub bodies: Vec<Body<'t>>,
    /// All responses.
    pub responses: Vec<Response<'t>>,
    /// All headers of responses and of parts.
    pub headers: Vec<Header<'t>>,
    /// Security schemes by name, in the order of the document.
    pub security_schemes: Vec<(&'t str, SecurityScheme<'t>)>,
    /// `security` of the whole document; none where it is not said.
    pub security: Option<Arc<SecurityRequirement<'t>>>,
    /// The document, or its `paths`, could not be read: nothing may be concluded from operations that it lacks.
    pub broken: bool,
    /// Why something that a reference leads to is not known, where asking again may bring it. Fits "failed to {…}".
    pub unanswered: Option<String>,
    /// Where everything stands.
    pub trails: Trails<'t>,
    /// Defects, of reading and of lowering.
    pub diagnostics: Vec<Diagnostic>,
}

/// What `info` says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Info<'t> {
    /// `title`.
    pub title: Option<&'t str>,
    /// `version`, as it stands there, also where it is a number.
    pub version: Option<&'t str>,
    /// Where `version` stands; where there is none, `info`.
    pub at: Option<At>,
}
