//! What goes over the wire, in the form of OpenAPI 3: parameters, bodies, responses, media types.

use super::report::quoted;
use super::{At, Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{
    Body, BodyId, Encoding, Lifecycle, MediaType, Parameter, ParameterId, ParameterIn, Response, ResponseId,
    Serialisation, Set,
};
use crate::openapi::tree::Node;

impl<'t> Lowering<'t> {
    /// The parameter at `place`, behind any references.
    pub(super) fn parameter(&mut self, place: Place<'t>) -> ParameterId {
        let Some(found) = self.followed(place, "parameters") else { return self.broken_parameter(place) };
        if let Some(&known) = self.parameter_at.get(&found.node.id()) {
            return known;
        }
        let parameter = self.read_parameter(found);
        let id = self.add_parameter(found.node, parameter);
        self.parameter_at.insert(found.node.id(), id);
        id
    }

    pub(super) fn add_parameter(&mut self, node: Node<'t>, parameter: Parameter<'t>) -> ParameterId {
        self.parameter_nodes.push(node);
        let id = ParameterId(u32::try_from(self.parameters.len()).unwrap_or(u32::MAX));
        self.parameters.push(parameter);
        id
    }

    /// In the place of one that cannot be read. Its name is what the document says of it: that of its component, or none.
    pub(super) fn broken_parameter(&mut self, place: Place<'t>) -> ParameterId {
        if let Some(&known) = self.parameter_at.get(&place.node.id()) {
            return known;
        }
        let name = place.node.get("name").or_else(|| place.node.get("$ref")).and_then(Node::as_str);
        let id = self.add_parameter(
            place.node,
            Parameter {
                at: place.at,
                name: name.unwrap_or_default(),
                place: ParameterIn::Query,
                required: false,
                required_at: place.at,
                serialisation: Serialisation::unsaid("form", true, place.at),
                lifecycle: Lifecycle::default(),
                broken: true,
                hash: 0,
            },
        );
        self.parameter_at.insert(place.node.id(), id);
        id
    }

    fn read_parameter(&mut self, place: Place<'t>) -> Parameter<'t> {
        let name = self.required_text(place, "name");
        let within = self.required_text(place, "in").and_then(|within| self.place_of_parameter(within));
        let carried = within.unwrap_or(ParameterIn::Query);
        let mut broken = name.is_none() || within.is_none();
        let (mut required, mut required_at) = (carried == ParameterIn::Path, place.at);
        if let Some(said) = self.member(place, "required") {
            match self.boolean(said, "required") {
                Some(said) => required |= said,
                None => broken = true,
            }
            required_at = said.at;
        }
        let default =
            if carried == ParameterIn::Path || carried == ParameterIn::Header { "simple" } else { "form" };
        let (serialisation, readable) = self.serialisation(place, default, Some(carried));
        let lifecycle = self.lifecycle(place);
        Parameter {
            at: place.at,
            name: name.map_or("", |name| name.value),
            place: carried,
            required,
            required_at,
            serialisation,
            lifecycle,
            broken: broken || !readable,
            hash: 0,
        }
    }

    pub(super) fn place_of_parameter(&mut self, within: Set<&'t str>) -> Option<ParameterIn> {
        let known = match within.value {
            "path" => ParameterIn::Path,
            "query" => ParameterIn::Query,
            "header" => ParameterIn::Header,
            "cookie" => ParameterIn::Cookie,
            "querystring" if self.format == Format::V3_2 => ParameterIn::Querystring,
            other => {
                let other = quoted(other);
                let message =
                    format_args!("`{other}` is no place of a parameter: write path, query, header or cookie");
                self.report(Gravity::Error, "unknown-type", within.at, message);
                return None;
            }
        };
        Some(known)
    }

    /// How a value is written; and whether that could be read.
    pub(super) fn serialisation(
        &mut self,
        place: Place<'t>,
        default: &'static str,
        within: Option<ParameterIn>,
    ) -> (Serialisation<'t>, bool) {
        let mut said = Serialisation::unsaid(default, default == "form", place.at);
        let mut readable = true;
        let mut explode = None;
        for member in place.node.members() {
            let key = member.key;
            if !matches!(
                key,
                "schema" | "content" | "style" | "explode" | "allowReserved" | "allowEmptyValue"
            ) {
                continue;
            }
            let value = Place { node: member.value, at: self.below(place.at, member) };
            match key {
                "schema" => said.schema = Some(self.schema(value)),
                "content" => {
                    let content = self.content(value);
                    readable &= content.is_some();
                    said.content = content.unwrap_or_default();
                }
                "style" => {
                    let style =
                        self.string(value, key).filter(|style| self.knows_style(value.at, style, within));
                    readable &= style.is_some();
                    said.style = style.unwrap_or(default);
                    said.at = value.at;
                }
                flag => {
                    let flag_value = self.boolean(value, flag);
                    readable &= flag_value.is_some();
                    let on = flag_value == Some(true);
                    match flag {
                        "explode" => explode = Some(on),
                        "allowReserved" => said.allow_reserved = on,
                        _ => said.allow_empty = on,
                    }
                    if said.at == place.at {
                        said.at = value.at;
                    }
                }
            }
        }
        said.explode = explode.unwrap_or(matches!(said.style, "form" | "cookie"));
        if said.schema.is_none() && said.content.is_empty() && readable {
            let message =
                format_args!("neither `schema` nor `content` says what this holds: add one of them");
            self.report(Gravity::Warn, "missing-field", place.at, message);
        }
        (said, readable)
    }

    fn knows_style(&mut self, at: At, style: &str, within: Option<ParameterIn>) -> bool {
        let known: &[&str] = match within {
            Some(ParameterIn::Path) => &["simple", "label", "matrix"],
            Some(ParameterIn::Query | ParameterIn::Querystring) => {
                &["form", "spaceDelimited", "pipeDelimited", "deepObject"]
            }
            Some(ParameterIn::Cookie) if self.format == Format::V3_2 => &["form", "cookie"],
            Some(ParameterIn::Cookie) => &["form"],
            Some(ParameterIn::Header) | None => &["simple"],
        };
        if known.contains(&style) {
            return true;
        }
        let (style, known) = (quoted(style), known.join(", "));
        let message =
            format_args!("`{style}` is no style of a value that is carried here: write one of {known}");
        self.report(Gravity::Error, "unknown-style", at, message);
        false
    }

    pub(super) fn lifecycle(&mut self, place: Place<'t>) -> Lifecycle<'t> {
        let mut lifecycle = Lifecycle::default();
        for member in place.node.members() {
            if !matches!(member.key, "deprecated" | "x-sunset" | "x-stability-level") {
                continue;
            }
            let value = Place { node: member.value, at: self.below(place.at, member) };
            let set = Some(Set { value: value.node, at: value.at });
            match member.key {
                "deprecated" => {
                    let deprecated = self.boolean(value, "deprecated") == Some(true);
                    lifecycle.deprecated = deprecated.then_some(value.at);
                }
                "x-sunset" => lifecycle.sunset = set,
                _ => lifecycle.stability = set,
            }
        }
        lifecycle
    }

    /// Media types with what they carry, in the order of the document; none where they cannot be read.
    pub(super) fn content(&mut self, place: Place<'t>) -> Option<Vec<MediaType<'t>>> {
        if !self.is_mapping(place) {
            return None;
        }
        let mut content = Vec::with_capacity(place.node.len());
        for member in place.node.members() {
            let at = self.below(place.at, member);
            content.push(self.media_type(member.key, Place { node: member.value, at }));
        }
        Some(content)
    }

    fn media_type(&mut self, name: &'t str, place: Place<'t>) -> MediaType<'t> {
        let mut media = MediaType {
            name,
            at: place.at,
            schema: None,
            item_schema: None,
            encoding: Vec::new(),
            broken: false,
        };
        let found = if self.format == Format::V3_2 {
            self.followed(place, "mediaTypes")
        } else {
            self.is_mapping(place).then_some(place)
        };
        let Some(found) = found else {
            media.broken = true;
            return media;
        };
        for member in found.node.members() {
            if !matches!(member.key, "schema" | "itemSchema" | "encoding") {
                continue;
            }
            let value = Place { node: member.value, at: self.below(found.at, member) };
            match member.key {
                "schema" => media.schema = Some(self.schema(value)),
                "encoding" => match self.encoding(value) {
                    Some(encoding) => media.encoding = encoding,
                    None => media.broken = true,
                },
                _ if self.format == Format::V3_2 => media.item_schema = Some(self.schema(value)),
                _ => {}
            }
        }
        media
    }

    fn encoding(&mut self, place: Place<'t>) -> Option<Vec<Encoding<'t>>> {
        if !self.is_mapping(place) {
            return None;
        }
        let mut parts = Vec::with_capacity(place.node.len());
        let mut readable = true;
        for member in place.node.members() {
            let at = self.below(place.at, member);
            let part = Place { node: member.value, at };
            if !self.is_mapping(part) {
                readable = false;
                continue;
            }
            let headers = match self.member(part, "headers") {
                Some(headers) => self.header_map(headers),
                None => Some(Vec::new()),
            };
            let mut flag = |key| match self.member(part, key) {
                Some(value) => {
                    let flag = self.boolean(value, key);
                    readable &= flag.is_some();
                    flag
                }
                None => None,
            };
            let (explode, allow_reserved) = (flag("explode"), flag("allowReserved") == Some(true));
            readable &= headers.is_some();
            let mut text = |key| {
                let value = self.text_member(part, key).map(|it| it.value);
                readable &= value.is_some() || part.node.get(key).is_none();
                value
            };
            let (content_type, style) = (text("contentType"), text("style"));
            parts.push(Encoding {
                name: member.key,
                at,
                content_type,
                headers: headers.unwrap_or_default(),
                style,
                explode,
                allow_reserved,
            });
        }
        parts.sort_by_key(|part| part.name);
        readable.then_some(parts)
    }

    /// The request body at `place`, behind any references.
    pub(super) fn body(&mut self, place: Place<'t>) -> BodyId {
        let found = self.followed(place, "requestBodies");
        let node = found.unwrap_or(place).node;
        if let Some(&known) = self.body_at.get(&node.id()) {
            return known;
        }
        let body = match found {
            Some(found) => self.read_body(found),
            None => Body { broken: true, ..Body::empty(place.at) },
        };
        let id = self.add_body(node, body);
        self.body_at.insert(node.id(), id);
        id
    }

    pub(super) fn add_body(&mut self, node: Node<'t>, body: Body<'t>) -> BodyId {
        self.body_nodes.push(node);
        let id = BodyId(u32::try_from(self.bodies.len()).unwrap_or(u32::MAX));
        self.bodies.push(body);
        id
    }

    fn read_body(&mut self, place: Place<'t>) -> Body<'t> {
        let mut body = Body::empty(place.at);
        if let Some(required) = self.member(place, "required") {
            match self.boolean(required, "required") {
                Some(said) => body.required = said,
                None => body.broken = true,
            }
            body.required_at = required.at;
        }
        if let Some(content) = self.member(place, "content") {
            let content = self.content(content);
            body.broken |= content.is_none();
            body.content = content.unwrap_or_default();
        } else {
            let message = format_args!("`content` is missing: say which media types the body may have");
            self.report(Gravity::Error, "missing-field", place.at, message);
            body.broken = true;
        }
        body
    }

    /// The response at `place`, behind any references.
    pub(super) fn response(&mut self, place: Place<'t>) -> ResponseId {
        let found = self.followed(place, "responses");
        let node = found.unwrap_or(place).node;
        if let Some(&known) = self.response_at.get(&node.id()) {
            return known;
        }
        let response = match found {
            Some(found) => self.read_response(found),
            None => Response { broken: true, ..Response::empty(place.at) },
        };
        let id = self.add_response(node, response);
        self.response_at.insert(node.id(), id);
        id
    }

    pub(super) fn add_response(&mut self, node: Node<'t>, response: Response<'t>) -> ResponseId {
        self.response_nodes.push(node);
        let id = ResponseId(u32::try_from(self.responses.len()).unwrap_or(u32::MAX));
        self.responses.push(response);
        id
    }

    fn read_response(&mut self, place: Place<'t>) -> Response<'t> {
        let mut response = Response::empty(place.at);
        if let Some(content) = self.member(place, "content") {
            match self.content(content) {
                Some(content) => response.content = content,
                None => response.broken = true,
            }
        }
        if let Some(headers) = self.member(place, "headers") {
            match self.header_map(headers) {
                Some(headers) => response.headers = headers,
                None => response.broken = true,
            }
        }
        if let Some(links) = self.member(place, "links")
            && self.is_mapping(links)
        {
            for member in links.node.members() {
                let at = self.below(links.at, member);
                if let Some(link) = self.followed(Place { node: member.value, at }, "links") {
                    response.links.push((member.key, link.node, at));
                }
            }
            response.links.sort_by_key(|&(name, _, _)| name);
        }
        response
    }
}

impl Serialisation<'_> {
    pub(super) fn unsaid(style: &'static str, explode: bool, at: At) -> Self {
        Self {
            schema: None,
            style,
            explode,
            allow_reserved: false,
            allow_empty: false,
            content: Vec::new(),
            at,
        }
    }
}

impl Body<'_> {
    pub(super) fn empty(at: At) -> Self {
        Self { at, required: false, required_at: at, content: Vec::new(), broken: false, hash: 0 }
    }
}

impl Response<'_> {
    pub(super) fn empty(at: At) -> Self {
        Self { at, content: Vec::new(), headers: Vec::new(), links: Vec::new(), broken: false, hash: 0 }
    }
}
