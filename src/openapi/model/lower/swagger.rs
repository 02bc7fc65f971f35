//! What Swagger 2.0 says in another way: parameters that are their own schemas, bodies and forms among the parameters,
//! media types for all bodies at once.
//!
//! Where it names no media type, `application/json` is taken, as converters to OpenAPI 3 do.

use std::sync::Arc;

use super::operation::Declared;
use super::report::quoted;
use super::{At, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{
    Body, BodyId, Encoding, Header, MediaType, Named, Parameter, ParameterId, ParameterIn, Response,
    ResponseId, Schema, SchemaId, Serialisation, Set, Types,
};
use crate::openapi::tree::Node;

/// Names of media types, with whether they are those of the whole document.
#[derive(Debug, Clone)]
pub(super) struct MediaNames<'t> {
    names: Arc<[(&'t str, Option<At>)]>,
    of_document: bool,
}

impl Default for MediaNames<'_> {
    fn default() -> Self {
        Self { names: Arc::new([]), of_document: true }
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

impl<'t> Lowering<'t> {
    pub(super) fn swagger(&mut self, root: Place<'t>) {
        self.servers = self.swagger_servers(root);
        if let Some(consumes) = self.member(root, "consumes") {
            self.consumes = self.media_names(consumes, "consumes", true);
        }
        if let Some(produces) = self.member(root, "produces") {
            self.produces = self.media_names(produces, "produces", true);
        }
    }

    fn media_names(&mut self, place: Place<'t>, keyword: &str, of_document: bool) -> MediaNames<'t> {
        let names = self.names(place, keyword).unwrap_or_default();
        MediaNames { names: names.into_iter().map(|(name, at)| (name, Some(at))).collect(), of_document }
    }

    pub(super) fn produces_of(&mut self, operation: Place<'t>) -> MediaNames<'t> {
        match self.member(operation, "produces") {
            Some(produces) => self.media_names(produces, "produces", false),
            None => self.produces.clone(),
        }
    }

    /// One item of a list of parameters.
    pub(super) fn swagger_declared(&mut self, place: Place<'t>, declared: &mut Declared<'t>) {
        let Some(found) = self.followed(place, "parameters") else {
            declared.ids.push(self.broken_parameter(place));
            return;
        };
        match found.node.get("in").and_then(Node::as_str) {
            Some("body" | "formData") => declared.payload.push(found),
            _ => declared.ids.push(self.swagger_parameter(found)),
        }
    }

    fn swagger_parameter(&mut self, place: Place<'t>) -> ParameterId {
        if let Some(&known) = self.parameter_at.get(&place.node.id()) {
            return known;
        }
        let name = self.required_text(place, "name");
        let within = self.required_text(place, "in").and_then(|within| self.place_of_parameter(within));
        let carried = within.unwrap_or(ParameterIn::Query);
        let (required, required_at, readable) = self.required(place);
        let (serialisation, known) = self.flat_serialisation(place, carried);
        let lifecycle = self.lifecycle(place);
        let id = self.add_parameter(
            place.node,
            Parameter {
                at: place.at,
                name: name.map_or("", |name| name.value),
                place: carried,
                required: required || carried == ParameterIn::Path,
                required_at,
                serialisation,
                lifecycle,
                broken: name.is_none() || within.is_none() || !known || !readable,
                hash: 0,
            },
        );
        self.parameter_at.insert(place.node.id(), id);
        id
    }

    fn required(&mut self, place: Place<'t>) -> (bool, At, bool) {
        let Some(required) = self.member(place, "required") else { return (false, place.at, true) };
        let said = self.boolean(required, "required");
        (said == Some(true), required.at, said.is_some())
    }

    /// The schema that a parameter or header is.
    fn flat_schema(&mut self, place: Place<'t>) -> SchemaId {
        let before = self.schemas.len();
        let id = self.schema(place);
        if self.schemas.len() > before {
            self.flat.push(id);
        }
        id
    }

    /// How Swagger writes a value; and whether that could be read.
    fn flat_serialisation(&mut self, place: Place<'t>, within: ParameterIn) -> (Serialisation<'t>, bool) {
        let simple = matches!(within, ParameterIn::Path | ParameterIn::Header);
        let default = if simple { "simple" } else { "form" };
        let mut said = Serialisation::unsaid(default, !simple, place.at);
        let mut readable = true;
        said.schema = Some(self.flat_schema(place));
        if let Some(flag) = self.member(place, "allowEmptyValue") {
            let flag = self.boolean(flag, "allowEmptyValue");
            said.allow_empty = flag == Some(true);
            readable = flag.is_some();
        }
        if place.node.get("type").and_then(Node::as_str) != Some("array") {
            return (said, readable);
        }
        said.explode = false;
        if let Some(format) = self.text_member(place, "collectionFormat") {
            said.at = format.at;
            let known = match format.value {
                "csv" => Some(default),
                "ssv" => Some("spaceDelimited"),
                "tsv" => Some("tsv"),
                "pipes" => Some("pipeDelimited"),
                "multi" if !simple => {
                    said.explode = true;
                    Some("form")
                }
                _ => None,
            };
            if known.is_none() {
                let name = quoted(format.value);
                let message = format_args!(
                    "`{name}` is no collectionFormat of a value that is carried here: write csv, ssv, tsv, pipes, or, in a query or a form, multi"
                );
                self.report(Gravity::Error, "unknown-style", format.at, message);
                readable = false;
            }
            said.style = known.unwrap_or(default);
        } else if place.node.get("collectionFormat").is_some() {
            readable = false;
        }
        (said, readable)
    }

    pub(super) fn swagger_header(&mut self, place: Place<'t>) -> Header<'t> {
        let (serialisation, readable) = self.flat_serialisation(place, ParameterIn::Header);
        let lifecycle = self.lifecycle(place);
        Header { serialisation, lifecycle, broken: !readable, ..Header::empty(place) }
    }

    /// The body that body and form parameters make together.
    pub(super) fn swagger_payload(
        &mut self,
        operation: Place<'t>,
        parameters_at: At,
        shared: &[Place<'t>],
        own: &[Place<'t>],
    ) -> Option<BodyId> {
        let is_body = |place: &&Place<'t>| place.node.get("in").and_then(Node::as_str) == Some("body");
        let mut own_bodies = own.iter().filter(is_body);
        let body = own_bodies.next().or_else(|| shared.iter().find(is_body)).copied();
        if let Some(second) = own_bodies.next() {
            let message =
                format_args!("an operation has one body at most: remove this one, or that before it");
            self.report(Gravity::Warn, "duplicate-parameter", second.at, message);
        }
        let name = |place: &Place<'t>| place.node.get("name").and_then(Node::as_str);
        let mut named: Vec<_> = own.iter().map(name).collect();
        named.sort_unstable();
        let inherited = shared.iter().filter(|place| named.binary_search(&name(place)).is_err());
        let fields: Vec<Place<'t>> = inherited.chain(own).filter(|place| !is_body(place)).copied().collect();
        let consumes = match self.member(operation, "consumes") {
            Some(consumes) => self.media_names(consumes, "consumes", false),
            None => self.consumes.clone(),
        };
        match body {
            Some(body) => Some(self.swagger_body(body, &consumes)),
            None if fields.is_empty() => None,
            None => Some(self.swagger_form(operation.node, parameters_at, &fields, &consumes)),
        }
    }

    fn swagger_body(&mut self, place: Place<'t>, consumes: &MediaNames<'t>) -> BodyId {
        if consumes.of_document
            && let Some(&known) = self.body_at.get(&place.node.id())
        {
            return known;
        }
        let (required, required_at, readable) = self.required(place);
        let schema = self.member(place, "schema").map(|schema| self.schema(schema));
        if schema.is_none() {
            let message = format_args!("`schema` is missing: say what the body holds");
            self.report(Gravity::Error, "missing-field", place.at, message);
        }
        let content = self.media_types(consumes, place.at, schema);
        let broken = !readable || schema.is_none() || content.is_none();
        let id = self.add_body(
            place.node,
            Body {
                at: place.at,
                required,
                required_at,
                content: content.unwrap_or_default(),
                broken,
                hash: 0,
            },
        );
        if consumes.of_document {
            self.body_at.insert(place.node.id(), id);
        }
        id
    }

    /// The same schema under each name; none where that is too much.
    fn media_types(
        &mut self,
        names: &MediaNames<'t>,
        at: At,
        schema: Option<SchemaId>,
    ) -> Option<Vec<MediaType<'t>>> {
        if !self.spend(names.names.len()) {
            self.too_large(at);
            return None;
        }
        let carried = |&(name, written): &(&'t str, Option<At>)| MediaType {
            name,
            at: written.filter(|_| !names.of_document).unwrap_or(at),
            schema,
            item_schema: None,
            encoding: Vec::new(),
            broken: false,
        };
        if names.names.is_empty() {
            return Some(vec![carried(&(JSON, None))]);
        }
        Some(names.names.iter().map(carried).collect())
    }

    /// An object with the form's fields as properties.
    fn swagger_form(
        &mut self,
        operation: Node<'t>,
        at: At,
        fields: &[Place<'t>],
        consumes: &MediaNames<'t>,
    ) -> BodyId {
        let mut schema = Schema::anything(at, None);
        schema.types = Some(Set { value: Types::OBJECT, at });
        let mut encoding = Vec::new();
        let (mut has_file, mut broken) = (false, !self.spend(fields.len()));
        for &field in fields {
            let Some(name) = self.required_text(field, "name") else {
                broken = true;
                continue;
            };
            let (required, required_at, readable) = self.required(field);
            let (written, known) = self.flat_serialisation(field, ParameterIn::Query);
            broken |= !readable || !known;
            has_file |= field.node.get("type").and_then(Node::as_str) == Some("file");
            if let Some(id) = written.schema {
                schema.properties.push(Named { name: name.value, schema: id, at: field.at });
            }
            if required {
                schema.required.push((name.value, required_at));
            }
            if !written.explode || written.style != "form" {
                encoding.push(Encoding {
                    name: name.value,
                    at: written.at,
                    content_type: None,
                    headers: Vec::new(),
                    style: Some(written.style),
                    explode: Some(written.explode),
                    allow_reserved: false,
                });
            }
        }
        schema.properties.sort_by_key(|property| property.name);
        schema.properties.dedup_by_key(|property| property.name);
        encoding.sort_by_key(|part| part.name);
        encoding.dedup_by_key(|part| part.name);
        schema.required.sort_by_key(|&(name, _)| name);
        schema.required.dedup_by_key(|(name, _)| *name);
        let (required, required_at) = schema.required.first().map_or((false, at), |&(_, at)| (true, at));
        let id = Some(self.made_schema(schema));
        let forms = consumes.names.iter().filter(|(name, _)| [FORM, MULTIPART].contains(name));
        let mut names: Vec<(&'t str, Option<At>)> = forms.copied().collect();
        if names.is_empty() {
            names.push((if has_file { MULTIPART } else { FORM }, None));
        }
        let names = MediaNames { names: names.into(), of_document: consumes.of_document };
        let mut content = self.media_types(&names, at, id).unwrap_or_default();
        for media in &mut content {
            media.encoding.clone_from(&encoding);
        }
        self.add_body(operation, Body { at, required, required_at, content, broken, hash: 0 })
    }

    pub(super) fn swagger_response(&mut self, place: Place<'t>, produces: &MediaNames<'t>) -> ResponseId {
        let found = self.followed(place, "responses");
        let node = found.unwrap_or(place).node;
        if produces.of_document
            && let Some(&known) = self.response_at.get(&node.id())
        {
            return known;
        }
        let mut response = Response::empty(found.map_or(place.at, |found| found.at));
        response.broken = found.is_none();
        if let Some(found) = found {
            if let Some(schema) = self.member(found, "schema") {
                let schema = Some(self.schema(schema));
                match self.media_types(produces, found.at, schema) {
                    Some(content) => response.content = content,
                    None => response.broken = true,
                }
            }
            if let Some(headers) = self.member(found, "headers") {
                match self.header_map(headers) {
                    Some(headers) => response.headers = headers,
                    None => response.broken = true,
                }
            }
        }
        let id = self.add_response(node, response);
        if produces.of_document {
            self.response_at.insert(node.id(), id);
        }
        id
    }
}
