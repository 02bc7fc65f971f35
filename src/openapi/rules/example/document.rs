//! Descriptions with a hole for each place.

use crate::openapi::rules::Place;

/// What fills the hole of a description.
#[derive(Debug, Clone)]
pub(super) struct Sketch {
    /// The schema, in flow style; none where nothing carries it.
    pub(super) schema: Option<String>,
    /// Whether what carries it is required.
    pub(super) required: bool,
    /// Other keys of a parameter or header, each with a comma in front.
    pub(super) carrier: String,
    /// Whether the object around a property allows no others.
    pub(super) closed: bool,
}

impl Sketch {
    /// A schema, carried by something optional.
    pub(super) fn of(schema: &str) -> Self {
        Self { schema: Some(schema.to_owned()), required: false, carrier: String::new(), closed: false }
    }

    /// Nothing at all.
    pub(super) fn absent() -> Self {
        Self { schema: None, required: false, carrier: String::new(), closed: false }
    }

    /// The same, required.
    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same in an object that allows nothing else.
    pub(super) fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// The same with other keys beside the schema.
    pub(super) fn carried(self, keys: &str) -> Self {
        Self { carrier: format!(", {keys}"), ..self }
    }

    /// An object with the schema as its property `item`.
    fn object(&self) -> String {
        let property = self.schema.as_ref().map(|schema| format!(", item: {schema}")).unwrap_or_default();
        let required = if self.required { ", required: [item]" } else { "" };
        let closed = if self.closed { ", additionalProperties: false" } else { "" };
        format!("{{type: object, properties: {{id: {{type: string}}{property}}}{required}{closed}}}")
    }

    fn required_key(&self) -> &'static str {
        if self.required { ", required: true" } else { "" }
    }

    /// The description with this in the hole of `place`.
    pub(super) fn at(&self, place: Place) -> String {
        match (place, &self.schema) {
            (Place::RequestBody, Some(schema)) => self.body(&json(schema)),
            (Place::RequestProperty, _) => self.body(&json(&self.object())),
            (Place::RequestParameter, Some(schema)) => self.parameter("name: item, in: query", schema),
            (Place::RequestParameterProperty, _) => {
                parameter("name: filter, in: query, style: deepObject, explode: true", &self.object())
            }
            (Place::RequestHeaderProperty, _) => parameter("name: X-Filter, in: header", &self.object()),
            (Place::ResponseBody, Some(schema)) => response(&json(schema)),
            (Place::ResponseProperty, _) => response(&json(&self.object())),
            (Place::ResponseHeader, Some(schema)) => {
                header(&format!("X-Item: {{schema: {schema}{}{}}}", self.required_key(), self.carrier))
            }
            (Place::ResponseHeaderProperty, _) => header(&format!("X-Item: {{schema: {}}}", self.object())),
            (_, None) => operation("", ""),
        }
    }

    fn body(&self, content: &str) -> String {
        let required = if self.required && self.schema.is_some() && !content.contains("item") {
            "        required: true\n"
        } else {
            ""
        };
        operation(&format!("      requestBody:\n{required}        content:\n{}", indent(content, 10)), "")
    }

    fn parameter(&self, name: &str, schema: &str) -> String {
        parameter(&format!("{name}{}{}", self.required_key(), self.carrier), schema)
    }
}

/// Content of one media type.
pub(super) fn json(schema: &str) -> String {
    format!("application/json:\n  schema: {schema}\n")
}

/// A description whose request body has this content.
pub(super) fn request(content: &str) -> String {
    operation(&format!("      requestBody:\n        content:\n{}", indent(content, 10)), "")
}

/// A description whose response has this content.
pub(super) fn response(content: &str) -> String {
    operation("", &format!("          content:\n{}", indent(content, 12)))
}

/// A description whose response has this header.
pub(super) fn header(header: &str) -> String {
    operation("", &format!("          headers:\n            {header}\n"))
}

/// A description with one parameter.
pub(super) fn parameter(keys: &str, schema: &str) -> String {
    operation(&format!("      parameters:\n        - {{{keys}, schema: {schema}}}\n"), "")
}

/// A description of one operation, with lines of it, and with lines of its response.
pub(super) fn operation(lines: &str, response: &str) -> String {
    paths(&format!(
        "  /orders:\n    post:\n{lines}      responses:\n        '200':\n          description: Done\n{response}"
    ))
}

/// A description with these paths.
pub(super) fn paths(paths: &str) -> String {
    let components = if paths.contains("#/components/schemas/") { COMPONENTS } else { "" };
    format!("{HEAD}paths:\n{paths}{components}")
}

/// How every description begins.
pub(super) const HEAD: &str = "openapi: 3.1.0\ninfo: {title: Orders, version: VERSION}\n";

/// Schemas with names.
pub(super) const COMPONENTS: &str = "\
components:
  schemas:
    Cat: {type: object, required: [kind], properties: {kind: {const: cat}, lives: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {const: dog}, bark: {type: string}}}
    Bird: {type: object, required: [kind], properties: {kind: {const: bird}, wings: {type: integer}}}
";

/// The lines of `text`, deeper.
pub(super) fn indent(text: &str, by: usize) -> String {
    text.lines().fold(String::new(), |out, line| format!("{out}{:by$}{line}\n", ""))
}
