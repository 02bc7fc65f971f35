//! What tells values apart: types, and discriminators.

use super::reference::Astray;
use super::report::quoted;
use super::{Format, Lowering, Place};
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Discriminator, Schema, SchemaId, Set, Types};
use crate::openapi::tree::{Kind, Member, Node};

impl<'t> Lowering<'t> {
    pub(super) fn types(&mut self, schema: &mut Schema<'t>, owner: Place<'t>, member: Member<'t>) {
        let place = self.keyword(owner, member);
        let mut types = Types::NONE;
        if let Some(name) = place.node.as_str() {
            if name == "file" && is_file(owner.node, self.format) {
                schema.format = Some(Set { value: "binary", at: place.at });
                types = Types::STRING;
            } else if let Some(one) = self.named_type(place, name) {
                types = one;
            }
        } else if place.node.kind() == Kind::Sequence {
            if !self.format.has_json_schema() {
                let version = self.format.name();
                let message = format_args!(
                    "a list of types is not known to {version}; it is read as OpenAPI 3.1 has it"
                );
                self.report(Gravity::Warn, "unknown-keyword", place.at, message);
            }
            for (index, node) in place.node.items().enumerate() {
                let item = self.item(place.at, index, node);
                let one = self.string(item, member.key).and_then(|name| self.named_type(item, name));
                schema.broken |= one.is_none();
                types = types.or(one.unwrap_or(Types::NONE));
            }
            if place.node.is_empty() {
                let message =
                    format_args!("`type` is an empty list, so no value is valid: name types, or remove it");
                self.report(Gravity::Warn, "empty-list", place.at, message);
            }
        } else {
            self.wrong_type(place, member.key, "the name of a type, or a list of names");
        }
        schema.broken |= types.is_none() && place.node.kind() != Kind::Sequence;
        schema.types = (!schema.broken || !types.is_none()).then_some(Set { value: types, at: place.at });
    }

    fn named_type(&mut self, place: Place<'t>, name: &str) -> Option<Types> {
        let types = match name {
            "null" => Types::NULL,
            "boolean" => Types::BOOLEAN,
            "integer" => Types::INTEGER,
            "number" => Types::NUMBER,
            "string" => Types::STRING,
            "array" => Types::ARRAY,
            "object" => Types::OBJECT,
            _ => {
                let name = quoted(name);
                let known = "array, boolean, integer, null, number, object, string";
                let message = format_args!("`{name}` is no type: write one of {known}");
                self.report(Gravity::Error, "unknown-type", place.at, message);
                return None;
            }
        };
        Some(types)
    }

    pub(super) fn discriminator(&mut self, place: Place<'t>) -> Option<Discriminator<'t>> {
        if self.format == Format::V2 {
            let property = self.string(place, "discriminator")?;
            return Some(Discriminator { property, mapping: Vec::new(), default: None, at: place.at });
        }
        if !self.is_mapping(place) {
            return None;
        }
        let Some(property) = self.member(place, "propertyName") else {
            let message = format_args!("`propertyName` is missing: name the property that holds the tag");
            self.report(Gravity::Error, "missing-field", place.at, message);
            return None;
        };
        let property = self.string(property, "propertyName")?;
        let mut mapping = Vec::new();
        if let Some(tags) = self.member(place, "mapping")
            && self.is_mapping(tags)
        {
            for member in tags.node.members() {
                let value = self.keyword(tags, member);
                let target = self.string(value, member.key).and_then(|name| self.tagged(value, name));
                mapping.push((member.key, target, value.at));
            }
        }
        mapping.sort_by_key(|&(tag, _, _)| tag);
        let default = self.member(place, "defaultMapping").and_then(|value| {
            let name = self.string(value, "defaultMapping")?;
            self.tagged(value, name)
        });
        Some(Discriminator { property, mapping, default, at: place.at })
    }

    /// The schema that a tag leads to: by its name, else by a reference.
    fn tagged(&mut self, value: Place<'t>, name: &'t str) -> Option<SchemaId> {
        match self.schema_named.get(name) {
            Some(&known) => Some(known),
            None if !name.contains(['.', '/', '#']) => {
                self.report_astray(value.at, name, &Astray::Missing(name));
                None
            }
            None => self.schema_target(value.node, name, value.at),
        }
    }
}

/// Whether this is Swagger's `type: file`.
pub(super) fn is_file(node: Node<'_>, format: Format) -> bool {
    format == Format::V2 && node.get("type").and_then(Node::as_str) == Some("file")
}
