//! Schemas: every spelling of every version in the terms of JSON Schema 2020-12.
//!
//! A keyword that cannot be read makes its schema broken, because a constraint that was meant and is left out would let
//! a change pass.

use super::kind::is_file;
use super::report::{described, quoted};
use super::{At, Format, Lowering, Place};
use crate::openapi::decimal::Decimal;
use crate::openapi::diagnostic::Gravity;
use crate::openapi::model::{Bound, Named, Schema, SchemaId, Set, Types};
use crate::openapi::tree::{Kind, Member, Node};

/// What bears on a keyword from another one beside it.
#[derive(Default)]
struct Beside<'t> {
    nullable: Option<(At, &'t str)>,
    lower: Edge,
    upper: Edge,
    /// `items` as a list, or `additionalItems`: spellings of older drafts.
    tuple: Option<Vec<SchemaId>>,
    additional_items: Option<SchemaId>,
    dynamic: Option<SchemaId>,
}

/// One end of a range of numbers, in its two spellings.
#[derive(Default)]
struct Edge {
    inclusive: Option<(Decimal, At)>,
    exclusive: Option<(Decimal, At)>,
    /// `exclusiveMinimum: true`, which speaks of `minimum`.
    flag: bool,
}

impl<'t> Lowering<'t> {
    /// The schema that stands at `place`. It is read when its turn comes.
    pub(super) fn schema(&mut self, place: Place<'t>) -> SchemaId {
        let slot = place.node.id().index();
        if let Some(known) = self.schema_at[slot] {
            return known;
        }
        let id = self.made_schema(Schema::anything(place.at, Some(place.node)));
        self.schema_at[slot] = Some(id);
        id
    }

    /// A schema that the lowering made.
    pub(super) fn made_schema(&mut self, schema: Schema<'t>) -> SchemaId {
        let id = SchemaId(u32::try_from(self.schemas.len()).unwrap_or(u32::MAX));
        self.schemas.push(schema);
        id
    }

    /// A schema of which nothing is known.
    pub(super) fn nothing(&mut self, at: At) -> SchemaId {
        if let Some(known) = self.nothing {
            return known;
        }
        let id = self.made_schema(Schema { broken: true, ..Schema::anything(at, None) });
        self.nothing = Some(id);
        id
    }

    /// Reads all schemas that were asked for, and those that they ask for.
    pub(super) fn all_schemas(&mut self) {
        let mut next = 0;
        while next < self.schemas.len() {
            let waiting = &self.schemas[next];
            if let Some(node) = waiting.node {
                let place = Place { node, at: waiting.at };
                let mut schema = Schema::anything(place.at, Some(node));
                schema.name = waiting.name;
                let id = SchemaId(u32::try_from(next).unwrap_or(u32::MAX));
                let flat = self.flat.binary_search(&id).is_ok();
                self.fill(&mut schema, place, flat);
                // A reference to itself may have named it meanwhile.
                schema.name = schema.name.or(self.schemas[next].name);
                self.schemas[next] = schema;
            }
            next += 1;
        }
    }

    fn fill(&mut self, schema: &mut Schema<'t>, place: Place<'t>, flat: bool) {
        match place.node.kind() {
            Kind::Boolean => schema.always = place.node.as_bool(),
            Kind::Mapping => {
                if !self.format.has_json_schema()
                    && let Some(reference) = place.node.get("$ref").and_then(Node::as_str)
                {
                    self.only_reference(schema, place, reference);
                } else {
                    self.keywords(schema, place, flat);
                }
            }
            _ => {
                let found = described(place.node.kind());
                self.report(
                    Gravity::Error,
                    "wrong-type",
                    place.at,
                    format_args!("this is {found}: write a schema"),
                );
                schema.broken = true;
            }
        }
    }

    /// A schema of a version in which nothing counts beside `$ref`.
    fn only_reference(&mut self, schema: &mut Schema<'t>, place: Place<'t>, reference: &'t str) {
        for member in place.node.members() {
            let at = self.below(place.at, member);
            if member.key == "$ref" {
                self.refer(schema, place.node, reference, at);
            } else if !matches!(
                member.key,
                "description" | "summary" | "title" | "example" | "examples" | "externalDocs"
            ) && !member.key.starts_with("x-")
            {
                self.reporter.beside_reference.add(at, member.key);
            }
        }
    }

    fn refer(&mut self, schema: &mut Schema<'t>, holder: Node<'t>, reference: &'t str, at: At) {
        let target = self.schema_target(holder, reference, at);
        schema.broken |= target.is_none();
        schema.reference = Some(target.unwrap_or_else(|| self.nothing(at)));
    }

    pub(super) fn schema_target(&mut self, holder: Node<'t>, reference: &'t str, at: At) -> Option<SchemaId> {
        if !self.may_lead(reference, "schemas", at) {
            return None;
        }
        match self.target(holder, reference) {
            Ok(target) if Self::leads_to_a_schema(reference, target) => {
                if !self.fits("schemas", target, reference, at) {
                    return None;
                }
                let id = self.schema(target);
                if target.node.tree().number() != 0 && self.schemas[id.0 as usize].name.is_none() {
                    self.schemas[id.0 as usize].name = self.name_of_file_part(target);
                }
                Some(id)
            }
            Ok(_) => {
                let reference = quoted(reference);
                let message =
                    format_args!("`{reference}` leads to something that is no schema: mend the reference");
                self.report(Gravity::Error, "wrong-reference", at, message);
                None
            }
            Err(why) => {
                self.report_astray(at, reference, &why);
                None
            }
        }
    }

    fn keywords(&mut self, schema: &mut Schema<'t>, place: Place<'t>, flat: bool) {
        let mut beside = Beside::default();
        for member in place.node.members() {
            if !(self.frequent(schema, place, member, &mut beside, flat)
                || self.numeric(schema, place, member, &mut beside)
                || self.applied(schema, place, member, &mut beside))
            {
                self.described(schema, place, member);
            }
        }
        self.settle(schema, beside);
    }

    pub(super) fn keyword(&mut self, owner: Place<'t>, member: Member<'t>) -> Place<'t> {
        Place { node: member.value, at: self.below(owner.at, member) }
    }

    /// A keyword with a value of one type.
    fn read<T>(
        &mut self,
        schema: &mut Schema<'t>,
        owner: Place<'t>,
        member: Member<'t>,
        read: impl Fn(&mut Self, Place<'t>, &str) -> Option<T>,
    ) -> Option<Set<T>> {
        let place = self.keyword(owner, member);
        let value = read(self, place, member.key);
        schema.broken |= value.is_none();
        value.map(|value| Set { value, at: place.at })
    }

    /// A keyword that says something where it is true.
    fn read_flag(&mut self, schema: &mut Schema<'t>, owner: Place<'t>, member: Member<'t>) -> Option<At> {
        self.read(schema, owner, member, Self::boolean).filter(|flag| flag.value).map(|flag| flag.at)
    }

    fn frequent(
        &mut self,
        schema: &mut Schema<'t>,
        place: Place<'t>,
        member: Member<'t>,
        beside: &mut Beside<'t>,
        flat: bool,
    ) -> bool {
        match member.key {
            "type" => self.types(schema, place, member),
            "$ref" => {
                if let Some(reference) = self.read(schema, place, member, Self::string) {
                    self.refer(schema, place.node, reference.value, reference.at);
                }
            }
            "properties" => schema.properties = self.read_named(schema, place, member),
            "items" => {
                let items = self.keyword(place, member);
                if items.node.kind() == Kind::Sequence {
                    beside.tuple = self.list(schema, items, member.key);
                } else {
                    schema.items = Some(self.schema(items));
                }
            }
            "required" if flat => {}
            "required" => {
                let required = self.keyword(place, member);
                if required.node.kind() == Kind::Boolean {
                    // It names nothing: what the owner asks for does not follow from it in any version.
                    self.reporter.boolean_required.add(required.at, member.key);
                } else if let Some(names) = self.names(required, member.key) {
                    schema.required = names;
                } else {
                    schema.broken = true;
                }
            }
            "additionalProperties" => {
                let value = self.keyword(place, member);
                schema.additional_properties = Some(self.schema(value));
            }
            "enum" => {
                let values = self.keyword(place, member);
                if values.node.kind() == Kind::Sequence {
                    if values.node.is_empty() {
                        let message =
                            format_args!("`enum` is empty, so no value is valid: list values, or remove it");
                        self.report(Gravity::Warn, "empty-list", values.at, message);
                    }
                    schema.enumeration = Some(Set { value: values.node, at: values.at });
                } else {
                    self.wrong_type(values, member.key, "a list of values");
                    schema.broken = true;
                }
            }
            "format" => {
                let format = self.read(schema, place, member, Self::string);
                // The format of Swagger's `file` stays what it was lowered to.
                schema.format = schema.format.filter(|_| is_file(place.node, self.format)).or(format);
            }
            "allOf" | "anyOf" | "oneOf" => {
                let lists = self.keyword(place, member);
                let list = self.list(schema, lists, member.key).unwrap_or_default();
                match member.key {
                    "allOf" => schema.all_of = list,
                    "anyOf" => schema.any_of = list,
                    _ => schema.one_of = list,
                }
            }
            "nullable" | "x-nullable" => {
                let known = match self.format {
                    Format::V2 => "x-nullable",
                    Format::V3_0 => "nullable",
                    Format::V3_1 | Format::V3_2 => "",
                };
                if member.key == known {
                    beside.nullable = self.read_flag(schema, place, member).map(|at| (at, member.key));
                } else if member.key == "nullable" && member.value.as_bool() == Some(true) {
                    let at = self.below(place.at, member);
                    self.reporter.foreign_nullable.add(at, member.key);
                }
            }
            "pattern" => schema.pattern = self.read(schema, place, member, Self::string),
            "maxLength" => schema.max_length = self.read(schema, place, member, Self::count),
            "minLength" => schema.min_length = self.read(schema, place, member, Self::count),
            "description" | "title" | "example" | "examples" | "$comment" | "externalDocs" | "xml" => {}
            _ => return false,
        }
        true
    }

    fn numeric(
        &mut self,
        schema: &mut Schema<'t>,
        place: Place<'t>,
        member: Member<'t>,
        beside: &mut Beside<'t>,
    ) -> bool {
        match member.key {
            "minimum" | "maximum" => {
                let bound = self.read(schema, place, member, Self::number);
                let edge = if member.key == "minimum" { &mut beside.lower } else { &mut beside.upper };
                edge.inclusive = bound.map(|bound| (bound.value, bound.at));
            }
            "exclusiveMinimum" | "exclusiveMaximum" => {
                let flag = member.value.as_bool();
                let bound =
                    if flag.is_none() { self.read(schema, place, member, Self::number) } else { None };
                if flag.is_some() == self.format.has_json_schema() && (flag.is_some() || bound.is_some()) {
                    let at = self.below(place.at, member);
                    let (version, key) = (self.format.name(), member.key);
                    let wanted = if flag.is_some() { "a number" } else { "true or false" };
                    let message = format_args!(
                        "`{key}` is {wanted} in {version}; it is read as the other version has it"
                    );
                    self.report(Gravity::Warn, "wrong-type", at, message);
                }
                let edge =
                    if member.key == "exclusiveMinimum" { &mut beside.lower } else { &mut beside.upper };
                edge.flag = flag == Some(true);
                edge.exclusive = bound.map(|bound| (bound.value, bound.at));
            }
            "multipleOf" => {
                let divisor = self.read(schema, place, member, Self::number);
                if let Some(divisor) = divisor {
                    if divisor.value.is_zero() || divisor.value.is_negative() {
                        let message = format_args!("`multipleOf` has to be more than 0");
                        self.report(Gravity::Error, "wrong-value", divisor.at, message);
                        schema.broken = true;
                    } else {
                        schema.multiple_of =
                            Some(Bound { value: divisor.value, exclusive: false, at: divisor.at });
                    }
                }
            }
            "minItems" => schema.min_items = self.read(schema, place, member, Self::count),
            "maxItems" => schema.max_items = self.read(schema, place, member, Self::count),
            "minProperties" => schema.min_properties = self.read(schema, place, member, Self::count),
            "maxProperties" => schema.max_properties = self.read(schema, place, member, Self::count),
            "minContains" => schema.min_contains = self.read(schema, place, member, Self::count),
            "maxContains" => schema.max_contains = self.read(schema, place, member, Self::count),
            "uniqueItems" => {
                if let Some(at) = self.read_flag(schema, place, member) {
                    schema.unique_items = Some(at);
                }
            }
            _ => return false,
        }
        true
    }

    /// Keywords that hold schemas.
    fn applied(
        &mut self,
        schema: &mut Schema<'t>,
        place: Place<'t>,
        member: Member<'t>,
        beside: &mut Beside<'t>,
    ) -> bool {
        match member.key {
            "not"
            | "if"
            | "then"
            | "else"
            | "contains"
            | "propertyNames"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "contentSchema" => {
                let value = self.keyword(place, member);
                let id = Some(self.schema(value));
                match member.key {
                    "not" => schema.not = id,
                    "if" => schema.when = id,
                    "then" => schema.then = id,
                    "else" => schema.otherwise = id,
                    "contains" => schema.contains = id,
                    "propertyNames" => schema.property_names = id,
                    "unevaluatedItems" => schema.unevaluated_items = id,
                    "unevaluatedProperties" => schema.unevaluated_properties = id,
                    _ => schema.content_schema = id,
                }
            }
            "prefixItems" => {
                let items = self.keyword(place, member);
                schema.prefix_items = self.list(schema, items, member.key).unwrap_or_default();
            }
            "additionalItems" => {
                let value = self.keyword(place, member);
                beside.additional_items = Some(self.schema(value));
            }
            "patternProperties" => schema.pattern_properties = self.read_named(schema, place, member),
            "dependentSchemas" => schema.dependent_schemas = self.read_named(schema, place, member),
            "dependentRequired" => {
                let dependencies = self.keyword(place, member);
                if !self.is_mapping(dependencies) {
                    schema.broken = true;
                    return true;
                }
                let mut all = Vec::with_capacity(dependencies.node.len());
                for dependency in dependencies.node.members() {
                    let value = self.keyword(dependencies, dependency);
                    let names = self.names(value, dependency.key);
                    schema.broken |= names.is_none();
                    let names = names.unwrap_or_default().into_iter().map(|(name, _)| name).collect();
                    all.push((dependency.key, names, value.at));
                }
                all.sort_by_key(|&(name, _, _)| name);
                schema.dependent_required = all;
            }
            "$dynamicRef" => {
                if let Some(reference) = self.read(schema, place, member, Self::string) {
                    match self.dynamic_target(place.node, reference.value) {
                        Ok(target) => beside.dynamic = Some(self.schema(target)),
                        Err(why) => {
                            self.report_astray(reference.at, reference.value, &why);
                            schema.broken = true;
                            beside.dynamic = Some(self.nothing(reference.at));
                        }
                    }
                }
            }
            _ => return false,
        }
        true
    }

    /// Keywords that say what a value is for.
    fn described(&mut self, schema: &mut Schema<'t>, place: Place<'t>, member: Member<'t>) {
        match member.key {
            "readOnly" | "writeOnly" => {
                if let Some(at) = self.read_flag(schema, place, member) {
                    if member.key == "readOnly" {
                        schema.read_only = Some(at);
                    } else {
                        schema.write_only = Some(at);
                    }
                }
            }
            "deprecated" | "x-deprecated" if member.key == "deprecated" || self.format == Format::V2 => {
                let value = self.keyword(place, member);
                if self.boolean(value, member.key) == Some(true) {
                    schema.deprecated = Some(value.at);
                }
            }
            "default" | "const" | "x-sunset" | "x-stability-level" | "x-extensible-enum" => {
                let value = self.keyword(place, member);
                let set = Some(Set { value: value.node, at: value.at });
                match member.key {
                    "default" => schema.default = set,
                    "const" => schema.constant = set,
                    "x-sunset" => schema.sunset = set,
                    "x-stability-level" => schema.stability = set,
                    _ => schema.extensible_enum = set,
                }
            }
            "contentEncoding" => schema.content_encoding = self.read(schema, place, member, Self::string),
            "contentMediaType" => schema.content_media_type = self.read(schema, place, member, Self::string),
            "discriminator" => {
                let value = self.keyword(place, member);
                let discriminator = self.discriminator(value);
                schema.broken |= discriminator.is_none();
                if discriminator.is_some() {
                    schema.discriminator = discriminator;
                }
            }
            _ => {}
        }
    }

    /// What follows from several keywords together.
    fn settle(&mut self, schema: &mut Schema<'t>, beside: Beside<'t>) {
        if let Some((at, keyword)) = beside.nullable {
            match &mut schema.types {
                Some(types) => types.value = types.value.or(Types::NULL),
                None if schema.broken => {}
                None => {
                    schema.idle_nullable = Some(at);
                    self.reporter.idle_nullable.add(at, keyword);
                }
            }
        }
        if let Some(bound) = stronger(beside.lower, |exclusive, inclusive| exclusive >= inclusive) {
            schema.minimum = Some(bound);
        }
        if let Some(bound) = stronger(beside.upper, |exclusive, inclusive| exclusive <= inclusive) {
            schema.maximum = Some(bound);
        }
        if let Some(tuple) = beside.tuple {
            if self.format.has_json_schema() {
                let message = format_args!(
                    "a list of schemas is called `prefixItems` in this version; it is read as that"
                );
                self.report(Gravity::Warn, "wrong-type", schema.at, message);
            }
            schema.prefix_items = tuple;
            schema.items = beside.additional_items;
        }
        if let Some(target) = beside.dynamic {
            if schema.reference.is_none() {
                schema.reference = Some(target);
            } else {
                let both = Schema { reference: Some(target), ..Schema::anything(schema.at, None) };
                let both = self.made_schema(both);
                schema.all_of.push(both);
            }
        }
    }

    /// Schemas by name, ascending.
    fn read_named(
        &mut self,
        schema: &mut Schema<'t>,
        owner: Place<'t>,
        member: Member<'t>,
    ) -> Vec<Named<'t>> {
        let place = self.keyword(owner, member);
        if !self.is_mapping(place) {
            schema.broken = true;
            return Vec::new();
        }
        let mut named = Vec::with_capacity(place.node.len());
        for member in place.node.members() {
            let at = self.below(place.at, member);
            named.push(Named { name: member.key, schema: self.schema(Place { node: member.value, at }), at });
        }
        named.sort_by_key(|named| named.name);
        named
    }

    /// A list of schemas.
    fn list(&mut self, schema: &mut Schema<'t>, place: Place<'t>, keyword: &str) -> Option<Vec<SchemaId>> {
        if place.node.kind() != Kind::Sequence {
            self.wrong_type(place, keyword, "a list of schemas");
            schema.broken = true;
            return None;
        }
        if place.node.is_empty() {
            let message = format_args!(
                "`{keyword}` is an empty list, which counts for nothing: list schemas, or remove it"
            );
            self.report(Gravity::Warn, "empty-list", place.at, message);
        }
        let mut list = Vec::with_capacity(place.node.len());
        for (index, node) in place.node.items().enumerate() {
            let item = self.item(place.at, index, node);
            list.push(self.schema(item));
        }
        Some(list)
    }
}

/// The stronger of both spellings of a bound. `outdoes` says of two numbers whether the exclusive one is as strong.
fn stronger(edge: Edge, outdoes: impl Fn(&Decimal, &Decimal) -> bool) -> Option<Bound> {
    let inclusive = edge.inclusive.map(|(value, at)| Bound { value, exclusive: edge.flag, at });
    let exclusive = edge.exclusive.map(|(value, at)| Bound { value, exclusive: true, at });
    match (inclusive, exclusive) {
        (Some(inclusive), Some(exclusive)) if outdoes(&exclusive.value, &inclusive.value) => Some(exclusive),
        (Some(inclusive), _) => Some(inclusive),
        (None, exclusive) => exclusive,
    }
}
