//! Whether what a reference leads to is of the kind that is asked for.
//!
//! In the description itself the section that a part stands in says what it is. Other files have no sections: there the
//! keys of the part tell, as far as no part of the kind that is asked for has them. A part of another kind would read as
//! one that asks for nothing, and a change of it would pass.

use super::report::quoted;
use super::{At, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Segment, Trails};
use crate::openapi::tree::{Kind, Node};

/// What the keys of a part tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// Nothing that could not be anything.
    Open,
    /// No key that any schema has.
    Foreign,
    Description,
    Schema,
    Parameter,
    PathItem,
    Operation,
    SecurityScheme,
    /// A body, a response, or something else with `content`.
    Content,
}

impl Likeness {
    fn name(self) -> &'static str {
        match self {
            Self::Open | Self::Foreign => "something else",
            Self::Description => "a whole description",
            Self::Schema => "a schema",
            Self::Parameter => "a parameter",
            Self::PathItem => "a path item",
            Self::Operation => "an operation",
            Self::SecurityScheme => "a security scheme",
            Self::Content => "a body or a response",
        }
    }

    fn of(node: Node<'_>) -> Self {
        if node.kind() != Kind::Mapping {
            return Self::Open;
        }
        let (mut method, mut operation, mut content, mut schema) = (false, false, false, false);
        let (mut remarks, mut name, mut within, mut scheme) = (node.is_empty(), false, false, false);
        for member in node.members() {
            let is_mapping = member.value.kind() == Kind::Mapping;
            match member.key {
                "openapi" | "swagger" if member.value.as_str().is_some() => return Self::Description,
                "$ref" => return Self::Open,
                "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" => {
                    method |= is_mapping;
                }
                "responses" => operation |= is_mapping,
                "content" | "headers" | "links" => content |= is_mapping,
                "flows" => scheme |= is_mapping,
                "name" => name |= member.value.as_str().is_some(),
                "in" => within |= member.value.as_str().is_some(),
                "type" => {
                    let named = member.value.as_str().unwrap_or("object");
                    scheme |= matches!(
                        named,
                        "apiKey" | "http" | "oauth2" | "openIdConnect" | "mutualTLS" | "basic"
                    );
                    schema |= !scheme;
                }
                key if is_constraint(key) => schema = true,
                key => remarks |= is_remark(key) || key.starts_with("x-") || key.starts_with('$'),
            }
        }
        match () {
            () if scheme => Self::SecurityScheme,
            () if name && within => Self::Parameter,
            () if schema => Self::Schema,
            () if operation => Self::Operation,
            () if method => Self::PathItem,
            () if content => Self::Content,
            () if remarks => Self::Open,
            () => Self::Foreign,
        }
    }
}

/// Keywords of schemas that say which values are valid, and which no other part has.
fn is_constraint(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "items"
            | "allOf"
            | "anyOf"
            | "oneOf"
            | "not"
            | "if"
            | "then"
            | "else"
            | "enum"
            | "const"
            | "format"
            | "pattern"
            | "minimum"
            | "maximum"
            | "exclusiveMinimum"
            | "exclusiveMaximum"
            | "multipleOf"
            | "minLength"
            | "maxLength"
            | "minItems"
            | "maxItems"
            | "uniqueItems"
            | "minProperties"
            | "maxProperties"
            | "additionalProperties"
            | "patternProperties"
            | "propertyNames"
            | "prefixItems"
            | "contains"
            | "dependentRequired"
            | "dependentSchemas"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentEncoding"
            | "contentMediaType"
            | "contentSchema"
            | "discriminator"
            | "nullable"
    )
}

/// Keywords of schemas that other parts have as well, or that say nothing of values.
fn is_remark(key: &str) -> bool {
    matches!(
        key,
        "title"
            | "description"
            | "default"
            | "deprecated"
            | "example"
            | "examples"
            | "externalDocs"
            | "readOnly"
            | "writeOnly"
            | "required"
            | "xml"
            | "minContains"
            | "maxContains"
            | "additionalItems"
            | "definitions"
    )
}

impl<'t> Lowering<'t> {
    /// Whether what `reference` leads to can stand where one of `section` belongs; reports where it cannot.
    pub(super) fn fits(&mut self, section: &str, target: Place<'t>, reference: &str, at: At) -> bool {
        if target.node.tree().number() == 0 {
            return true;
        }
        let likeness = *self.likeness.or_insert_with(target.node.id(), || Likeness::of(target.node));
        let (fits, wanted) = match section {
            "schemas" => (matches!(likeness, Likeness::Open | Likeness::Schema), "a schema"),
            "responses" => {
                (matches!(likeness, Likeness::Open | Likeness::Foreign | Likeness::Content), "a response")
            }
            "pathItems" => {
                (matches!(likeness, Likeness::Open | Likeness::Foreign | Likeness::PathItem), "a path item")
            }
            // What these lack is told where it is missed.
            _ => (
                !matches!(likeness, Likeness::Description | Likeness::PathItem | Likeness::Operation),
                "another kind of part",
            ),
        };
        if !fits {
            let (reference, found) = (quoted(reference), likeness.name());
            let message =
                format_args!("`{reference}` leads to {found} where {wanted} belongs: mend the reference");
            self.report(Gravity::Error, "wrong-reference", at, message);
        }
        fits
    }

    /// Whether what a pointer leads to can be a schema, as far as the way there tells: parts of a description that are
    /// something else would read as schemas that ask for nothing.
    pub(super) fn leads_to_a_schema(reference: &str, target: Place<'t>) -> bool {
        if target.at.trail == Trails::ROOT {
            return false;
        }
        let Some(pointer) = reference.strip_prefix("#/").filter(|_| target.node.tree().number() == 0) else {
            return true;
        };
        let mut segments = pointer.split('/');
        let of_schemas = |segment: &str| {
            matches!(segment, "schemas" | "schema" | "itemSchema" | "$defs" | "definitions" | "items")
                || segment.starts_with("x-")
        };
        match segments.next() {
            Some("components" | "paths" | "webhooks") => segments.any(of_schemas),
            Some("openapi" | "swagger" | "info" | "servers" | "security" | "tags" | "externalDocs") => false,
            _ => true,
        }
    }

    /// Gives schemas of other files the names of the components that are nothing but references to them.
    pub(super) fn name_elsewhere(&mut self, components: Place<'t>) {
        if self.files.len() == 1 {
            return;
        }
        for member in components.node.members() {
            let Some(reference) = member.value.get("$ref").and_then(Node::as_str) else { continue };
            // Where nothing counts beside a reference, whatever stands there is nothing.
            if member.value.len() > 1 && self.format.has_json_schema() {
                continue;
            }
            let Ok(target) = self.target(member.value, reference) else { continue };
            let is_schema = matches!(target.node.kind(), Kind::Mapping | Kind::Boolean);
            if is_schema && target.node.tree().number() != 0 && Self::leads_to_a_schema(reference, target) {
                let id = self.schema(target);
                self.schemas[id.0 as usize].name.get_or_insert(member.key);
            }
        }
    }

    /// What a schema of another file is called that no component of the description names: by its key among others of its
    /// kind, or by its file.
    pub(super) fn name_of_file_part(&self, target: Place<'t>) -> Option<&'t str> {
        match self.trails.segments(target.at.trail).as_slice() {
            [] => self.trails.stem(self.trails.file(target.at.trail)),
            [Segment::Key(name)] if !is_constraint(name) => Some(name),
            [Segment::Key("schemas" | "definitions" | "$defs"), Segment::Key(name)]
            | [Segment::Key("components"), Segment::Key("schemas"), Segment::Key(name)] => Some(name),
            _ => None,
        }
    }
}
