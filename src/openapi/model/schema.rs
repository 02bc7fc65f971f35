//! A schema in the terms of JSON Schema 2020-12.
//!
//! Keywords of older versions are lowered: `nullable`, boolean `exclusiveMinimum`, `items` as a list, Swagger's `file`,
//! a list of one type. `$ref` with siblings stays a conjunction: `reference` and the keywords beside it both hold.

use std::ops::{Deref, DerefMut};

use super::trail::At;
use crate::openapi::decimal::Decimal;
use crate::openapi::tree::Node;

/// Names a schema of one description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub u32);

/// A set of JSON's types. `integer` is a type of its own here; a set with `number` also admits integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Types(pub u8);

impl Types {
    /// No type at all.
    pub const NONE: Self = Self(0);
    /// `null`.
    pub const NULL: Self = Self(1);
    /// `boolean`.
    pub const BOOLEAN: Self = Self(2);
    /// `integer`.
    pub const INTEGER: Self = Self(4);
    /// `number` that is no integer.
    pub const FRACTION: Self = Self(8);
    /// `number`: integers and fractions.
    pub const NUMBER: Self = Self(4 | 8);
    /// `string`.
    pub const STRING: Self = Self(16);
    /// `array`.
    pub const ARRAY: Self = Self(32);
    /// `object`.
    pub const OBJECT: Self = Self(64);
    /// Every type: what a schema without `type` says.
    pub const ANY: Self = Self(127);

    /// Both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in this and not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether all of `other` is in this.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in this.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The names as they stand in a description, in a fixed order; `number` covers `integer`.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for (types, name) in [
            (Self::ARRAY, "array"),
            (Self::BOOLEAN, "boolean"),
            (Self::NUMBER, "number"),
            (Self::INTEGER, "integer"),
            (Self::NULL, "null"),
            (Self::OBJECT, "object"),
            (Self::STRING, "string"),
        ] {
            if self.contains(types) && !(types == Self::INTEGER && self.contains(Self::NUMBER)) {
                names.push(name);
            }
        }
        names
    }
}

/// A bound of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// The number.
    pub value: Decimal,
    /// Whether the number itself is outside.
    pub exclusive: bool,
    /// Where it is written.
    pub at: At,
}

/// A keyword's value with the place where it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set<T> {
    /// The value.
    pub value: T,
    /// Where the keyword stands.
    pub at: At,
}

/// A subschema under a name: a property, a pattern, a dependency.
#[derive(Debug, Clone, Copy)]
pub struct Named<'t> {
    /// The name or the pattern.
    pub name: &'t str,
    /// The subschema.
    pub schema: SchemaId,
    /// Where the name stands.
    pub at: At,
}

/// A schema. What is absent constrains nothing.
///
/// Following `reference`, `all_of`, `any_of`, `one_of`, `not`, `when`, `then`, `otherwise` and `dependent_schemas` alone
/// always comes to an end: where a description would have such a way lead back to itself, it is cut and broken. Keywords
/// that few schemas have lie in [`Rare`] and are reached as if they were fields of this.
#[derive(Debug, Clone)]
pub struct Schema<'t> {
    /// Where it is written.
    pub at: At,
    /// The node it was lowered from; none for schemas that the lowering made.
    pub node: Option<Node<'t>>,
    /// The name in `components.schemas` or `definitions`, for a named one. A schema of another file that a reference leads
    /// to has the name of the first component that is nothing but a reference to it, else that of its key or of the file.
    pub name: Option<&'t str>,
    /// The target of `$ref` or `$dynamicRef`. A target that is not there is a schema with `broken`.
    pub reference: Option<SchemaId>,
    /// A boolean schema.
    pub always: Option<bool>,
    /// It could not be read, or its reference leads nowhere: nothing may be concluded from it. A diagnostic says why.
    pub broken: bool,
    /// It leads back to itself.
    pub recursive: bool,
    /// `type`, with `null` where it is nullable; none where the schema does not say.
    pub types: Option<Set<Types>>,
    /// `format`.
    pub format: Option<Set<&'t str>>,
    /// `enum`: the values as they stand there.
    pub enumeration: Option<Set<Node<'t>>>,
    /// `maxLength`.
    pub max_length: Option<Set<u64>>,
    /// `items`: of the items after the prefix.
    pub items: Option<SchemaId>,
    /// `properties`, ascending by name.
    pub properties: Vec<Named<'t>>,
    /// `required`, ascending, each once, with the place of each.
    pub required: Vec<(&'t str, At)>,
    /// `additionalProperties`.
    pub additional_properties: Option<SchemaId>,
    /// `allOf`.
    pub all_of: Vec<SchemaId>,
    /// `anyOf`; a present but empty list is a diagnostic and counts as absent.
    pub any_of: Vec<SchemaId>,
    /// `oneOf`.
    pub one_of: Vec<SchemaId>,
    /// The keywords that few schemas have.
    pub rare: Option<Box<Rare<'t>>>,
    /// Two schemas of any two descriptions with the same hash mean the same, targets of references included. Names of
    /// components are not part of it, except where a component refers to itself and where they are tags of a
    /// discriminator.
    pub hash: u128,
}

/// Keywords that few schemas have. A description holds a hundred thousand schemas, most of them of two or three
/// keywords.
#[derive(Debug, Clone, Default)]
pub struct Rare<'t> {
    /// `nullable: true` where it says nothing, because no `type` stands beside it, as OpenAPI 3.0.3 has it. Who wrote it
    /// may have meant more.
    pub idle_nullable: Option<At>,
    /// `const`.
    pub constant: Option<Set<Node<'t>>>,
    /// `minimum` or `exclusiveMinimum`, the stronger of both.
    pub minimum: Option<Bound>,
    /// `maximum` or `exclusiveMaximum`, the stronger of both.
    pub maximum: Option<Bound>,
    /// `multipleOf`.
    pub multiple_of: Option<Bound>,
    /// `minLength`.
    pub min_length: Option<Set<u64>>,
    /// `pattern`.
    pub pattern: Option<Set<&'t str>>,
    /// `minItems`.
    pub min_items: Option<Set<u64>>,
    /// `maxItems`.
    pub max_items: Option<Set<u64>>,
    /// `uniqueItems`, where it is true.
    pub unique_items: Option<At>,
    /// `prefixItems`.
    pub prefix_items: Vec<SchemaId>,
    /// `unevaluatedItems`.
    pub unevaluated_items: Option<SchemaId>,
    /// `contains`.
    pub contains: Option<SchemaId>,
    /// `minContains`.
    pub min_contains: Option<Set<u64>>,
    /// `maxContains`.
    pub max_contains: Option<Set<u64>>,
    /// `patternProperties`, ascending.
    pub pattern_properties: Vec<Named<'t>>,
    /// `propertyNames`.
    pub property_names: Option<SchemaId>,
    /// `unevaluatedProperties`.
    pub unevaluated_properties: Option<SchemaId>,
    /// `minProperties`.
    pub min_properties: Option<Set<u64>>,
    /// `maxProperties`.
    pub max_properties: Option<Set<u64>>,
    /// `dependentRequired`, ascending: names that `name` asks for, ascending.
    pub dependent_required: Vec<(&'t str, Vec<&'t str>, At)>,
    /// `dependentSchemas`, ascending.
    pub dependent_schemas: Vec<Named<'t>>,
    /// `not`.
    pub not: Option<SchemaId>,
    /// `if`.
    pub when: Option<SchemaId>,
    /// `then`.
    pub then: Option<SchemaId>,
    /// `else`.
    pub otherwise: Option<SchemaId>,
    /// `contentEncoding`.
    pub content_encoding: Option<Set<&'t str>>,
    /// `contentMediaType`.
    pub content_media_type: Option<Set<&'t str>>,
    /// `contentSchema`.
    pub content_schema: Option<SchemaId>,
    /// `discriminator`.
    pub discriminator: Option<Discriminator<'t>>,
    /// `readOnly`, where it is true.
    pub read_only: Option<At>,
    /// `writeOnly`, where it is true.
    pub write_only: Option<At>,
    /// `deprecated`, where it is true.
    pub deprecated: Option<At>,
    /// `x-sunset`.
    pub sunset: Option<Set<Node<'t>>>,
    /// `x-stability-level`.
    pub stability: Option<Set<Node<'t>>>,
    /// `x-extensible-enum`.
    pub extensible_enum: Option<Set<Node<'t>>>,
    /// `default`.
    pub default: Option<Set<Node<'t>>>,
}

impl Rare<'_> {
    const NONE: &'static Rare<'static> = &Rare {
        idle_nullable: None,
        constant: None,
        minimum: None,
        maximum: None,
        multiple_of: None,
        min_length: None,
        pattern: None,
        min_items: None,
        max_items: None,
        unique_items: None,
        prefix_items: Vec::new(),
        unevaluated_items: None,
        contains: None,
        min_contains: None,
        max_contains: None,
        pattern_properties: Vec::new(),
        property_names: None,
        unevaluated_properties: None,
        min_properties: None,
        max_properties: None,
        dependent_required: Vec::new(),
        dependent_schemas: Vec::new(),
        not: None,
        when: None,
        then: None,
        otherwise: None,
        content_encoding: None,
        content_media_type: None,
        content_schema: None,
        discriminator: None,
        read_only: None,
        write_only: None,
        deprecated: None,
        sunset: None,
        stability: None,
        extensible_enum: None,
        default: None,
    };
}

impl<'t> Deref for Schema<'t> {
    type Target = Rare<'t>;

    fn deref(&self) -> &Rare<'t> {
        self.rare.as_deref().unwrap_or(Rare::NONE)
    }
}

impl DerefMut for Schema<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.rare.get_or_insert_default()
    }
}

impl<'t> Schema<'t> {
    /// A schema that constrains nothing.
    #[must_use]
    pub fn anything(at: At, node: Option<Node<'t>>) -> Self {
        Self {
            at,
            node,
            name: None,
            reference: None,
            always: None,
            broken: false,
            recursive: false,
            types: None,
            format: None,
            enumeration: None,
            max_length: None,
            items: None,
            properties: Vec::new(),
            required: Vec::new(),
            additional_properties: None,
            all_of: Vec::new(),
            any_of: Vec::new(),
            one_of: Vec::new(),
            rare: None,
            hash: 0,
        }
    }

    /// Calls `edge` with every schema that this one names, and whether it is named by reference rather than written here.
    pub fn edges(&self, mut edge: impl FnMut(SchemaId, bool)) {
        let lists = [&self.all_of, &self.any_of, &self.one_of, &self.prefix_items];
        lists.into_iter().flatten().for_each(|&id| edge(id, false));
        let named = [&self.properties, &self.pattern_properties, &self.dependent_schemas];
        named.into_iter().flatten().for_each(|named| edge(named.schema, false));
        self.items.into_iter().chain(self.additional_properties).for_each(|id| edge(id, false));
        self.reference.into_iter().for_each(|id| edge(id, true));
        if let Some(rare) = &self.rare {
            let single = [
                rare.unevaluated_items,
                rare.contains,
                rare.property_names,
                rare.unevaluated_properties,
                rare.not,
                rare.when,
                rare.then,
                rare.otherwise,
                rare.content_schema,
            ];
            single.into_iter().flatten().for_each(|id| edge(id, false));
            if let Some(discriminator) = &rare.discriminator {
                let targets = discriminator.mapping.iter().filter_map(|(_, target, _)| *target);
                targets.chain(discriminator.default).for_each(|id| edge(id, true));
            }
        }
    }

    /// Calls `edge` with every schema that applies to the very value that this one applies to, and whether by `$ref`.
    pub fn edges_in_place(&self, mut edge: impl FnMut(SchemaId, bool)) {
        let lists = [&self.all_of, &self.any_of, &self.one_of];
        lists.into_iter().flatten().for_each(|&id| edge(id, false));
        self.reference.into_iter().for_each(|id| edge(id, true));
        if let Some(rare) = &self.rare {
            rare.dependent_schemas.iter().for_each(|named| edge(named.schema, false));
            let single = [rare.not, rare.when, rare.then, rare.otherwise];
            single.into_iter().flatten().for_each(|id| edge(id, false));
        }
    }
}

/// How a value tells which alternative it is.
#[derive(Debug, Clone)]
pub struct Discriminator<'t> {
    /// `propertyName`.
    pub property: &'t str,
    /// `mapping`, ascending by tag: the schema that it leads to, none where that is broken.
    pub mapping: Vec<(&'t str, Option<SchemaId>, At)>,
    /// `defaultMapping`, of OpenAPI 3.2.
    pub default: Option<SchemaId>,
    /// Where it stands.
    pub at: At,
}

impl Discriminator<'_> {
    /// Whether it is known where every tag of `mapping` leads.
    pub(in crate::openapi) fn is_readable(&self) -> bool {
        self.mapping.iter().all(|(_, target, _)| target.is_some())
    }
}
