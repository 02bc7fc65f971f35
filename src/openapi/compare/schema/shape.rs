//! What a schema is at a glance: what it wraps, where it leads, whether it says anything at all.

use std::cell::Cell;

use super::value::Value;
use super::{Judge, Side};
use crate::openapi::model::{Schema, SchemaId, Types};
use crate::openapi::tree::Node;

/// How many wrappers are taken off a schema.
const WRAPPERS: usize = 32;

/// How many schemas a glance takes in.
const GLANCE: usize = 64;

/// How many alternatives a glance takes in to see whether one of them admits everything.
const LOOKED_AT: usize = 32;

/// What a branch is, at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// It admits nothing.
    Nothing,
    /// It admits null alone.
    Null,
    /// It admits everything.
    Anything,
    /// It admits these types and says no more.
    Types(Types),
    /// It spells its values out and says no more.
    Values,
    /// It says more than a glance tells.
    Other,
}

impl Judge<'_, '_> {
    /// Takes off wrappers that mean what they wrap: a reference without siblings, a union or conjunction of one.
    pub(super) fn peel(&self, side: Side, schema: SchemaId) -> SchemaId {
        let mut at = schema;
        for _ in 0..WRAPPERS {
            match self.wrapped(side, at) {
                Some(inner) => at = inner,
                None => break,
            }
        }
        at
    }

    /// What `schema` wraps, where that is all it does.
    fn wrapped(&self, side: Side, schema: SchemaId) -> Option<SchemaId> {
        let schema = self.schema(side, schema);
        if schema.always.is_some() || schema.broken || constrains(schema) {
            return None;
        }
        let lists = [&schema.all_of, &schema.any_of, &schema.one_of];
        let inner: usize = lists.iter().map(|list| list.len()).sum();
        match (schema.reference, inner) {
            (Some(target), 0) => Some(target),
            (None, 1) => lists.iter().find_map(|list| list.first().copied()),
            _ => None,
        }
    }

    /// The component that `schema` leads to while it does nothing else but, at most, admit null as well; whether it does.
    pub(super) fn target(&self, side: Side, schema: SchemaId) -> Option<(SchemaId, bool)> {
        let (mut at, mut null) = (schema, false);
        for _ in 0..WRAPPERS {
            if at != schema && self.schema(side, at).name.is_some() {
                return Some((at, null));
            }
            at = if let Some(inner) = self.wrapped(side, at) {
                inner
            } else {
                null = true;
                self.nullable(side, at)?
            };
        }
        None
    }

    /// What `schema` admits beside null, where it is a union of that and null.
    fn nullable(&self, side: Side, schema: SchemaId) -> Option<SchemaId> {
        let schema = self.schema(side, schema);
        if schema.always.is_some() || schema.broken || constrains(schema) || schema.reference.is_some() {
            return None;
        }
        let branches = match (schema.any_of.is_empty(), schema.one_of.is_empty(), schema.all_of.is_empty()) {
            (false, true, true) => &schema.any_of,
            (true, false, true) => &schema.one_of,
            _ => return None,
        };
        match *branches.as_slice() {
            [one, other] if self.shape(side, other) == Shape::Null => Some(one),
            [one, other] if self.shape(side, one) == Shape::Null => Some(other),
            _ => None,
        }
    }

    /// What `schema` is, at a glance.
    pub(super) fn shape(&self, side: Side, schema: SchemaId) -> Shape {
        self.shape_within(side, schema, &Cell::new(GLANCE))
    }

    /// The same within a glance that takes in `left` more schemas.
    fn shape_within(&self, side: Side, schema: SchemaId, left: &Cell<usize>) -> Shape {
        let Some(fewer) = left.get().checked_sub(1) else { return Shape::Other };
        left.set(fewer);
        let schema = self.schema(side, self.peel(side, schema));
        let structured = schema.reference.is_some()
            || !schema.all_of.is_empty()
            || !schema.any_of.is_empty()
            || !schema.one_of.is_empty();
        if schema.broken {
            return Shape::Other;
        }
        match schema.always {
            Some(true) if !structured && !constrains(schema) => return Shape::Anything,
            Some(false) => return Shape::Nothing,
            _ => {}
        }
        if self.excludes_all_within(side, schema, left) || (structured && self.is_void(side, schema, left)) {
            return Shape::Nothing;
        }
        let mut types = schema.types.map_or(Types::ANY, |set| set.value);
        let held = self.held_types(side, schema, left);
        types = types.and(held.unwrap_or(Types::ANY));
        if types.is_none() {
            return Shape::Nothing;
        }
        if Types::NULL.contains(types) {
            return Shape::Null;
        }
        let finite = schema.constant.is_some() || schema.enumeration.is_some();
        if finite && listed(schema).all(Node::is_null) {
            return Shape::Null;
        }
        if !finite
            && (!structured || held.is_some())
            && let Some(types) = self.left_by_not(side, schema, types, left)
        {
            return Shape::Types(types);
        }
        if self.says_more(side, schema, left)
            || (structured && held.is_none_or(|_| finite) && !self.is_idle(side, schema, left))
        {
            return Shape::Other;
        }
        match finite {
            true => Shape::Values,
            false if types == Types::ANY => Shape::Anything,
            false => Shape::Types(types),
        }
    }

    /// Whether `schema` excludes everything.
    pub(super) fn excludes_all(&self, side: Side, schema: &Schema<'_>) -> bool {
        self.excludes_all_within(side, schema, &Cell::new(GLANCE))
    }

    fn excludes_all_within(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        schema.not.is_some_and(|not| {
            let core = self.schema(side, self.peel(side, not));
            let structured = core.reference.is_some()
                || [&core.all_of, &core.any_of, &core.one_of].iter().any(|list| !list.is_empty());
            !core.broken
                && core.always != Some(false)
                && self.refuses_nothing(side, core, left)
                && (!structured || self.is_idle(side, core, left))
        })
    }

    /// Whether what `schema` itself says refuses nothing.
    fn refuses_nothing(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        let anything = |inner| self.shape_within(side, inner, left) == Shape::Anything;
        !constrains(schema)
            || (schema.types.is_none_or(|types| types.value == Types::ANY)
                && schema.enumeration.is_none()
                && schema.constant.is_none()
                && !bounds(schema)
                && !self.decides(side, schema, left)
                && !self.excludes(side, schema, left)
                && inside(schema).all(anything))
    }

    /// Whether `schema` itself constrains values by more than types and lists of values.
    fn says_more(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        bounds(schema)
            || applies(schema)
            || self.decides(side, schema, left)
            || self.excludes(side, schema, left)
    }

    /// Which of `types` are left, where `schema` excludes others as a whole and whatever else it says is of those.
    fn left_by_not(
        &self,
        side: Side,
        schema: &Schema<'_>,
        types: Types,
        left: &Cell<usize>,
    ) -> Option<Types> {
        let Shape::Types(excluded) = self.shape_within(side, schema.not?, left) else { return None };
        let types = types.without(excluded);
        let silent = !types.is_none()
            && !Types::NULL.contains(types)
            && !speaks_of(schema, types)
            && !self.decides(side, schema, left);
        silent.then_some(types)
    }

    /// Whether anything follows from a condition of `schema`, or from its failing.
    fn decides(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        let mut follows = [schema.then, schema.otherwise].into_iter().flatten();
        schema.when.is_some() && follows.any(|inner| self.shape_within(side, inner, left) != Shape::Anything)
    }

    /// Whether `schema` excludes anything.
    fn excludes(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        schema.not.is_some_and(|not| {
            self.shape_within(side, not, left) != Shape::Nothing && !self.lists_in_vain(side, not)
        })
    }

    /// Whether `schema` spells out values and none of them is of its types. Elsewhere than under `not` that is more likely a
    /// slip than meant, and what stands there is compared as if it had values.
    fn lists_in_vain(&self, side: Side, schema: SchemaId) -> bool {
        let schema = self.schema(side, self.peel(side, schema));
        (schema.constant.is_some() || schema.enumeration.is_some())
            && schema
                .types
                .is_some_and(|types| !listed(schema).any(|value| types.value.meets(Value::of(value).types())))
    }

    /// Whether what `schema` applies to the same value says nothing.
    fn is_idle(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        let anything = |&inner: &SchemaId| self.shape_within(side, inner, left) == Shape::Anything;
        schema.one_of.is_empty()
            && schema.reference.iter().chain(&schema.all_of).all(anything)
            && (schema.any_of.is_empty() || schema.any_of.iter().take(LOOKED_AT).any(anything))
    }

    /// The types of the values that a conjunction admits, where it says no more of them.
    fn held_types(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> Option<Types> {
        if !schema.any_of.is_empty() || !schema.one_of.is_empty() {
            return None;
        }
        let mut all = schema.reference.iter().chain(&schema.all_of);
        all.try_fold(Types::ANY, |types, &inner| match self.shape_within(side, inner, left) {
            Shape::Anything => Some(types),
            Shape::Types(inner) => Some(types.and(inner)),
            _ => None,
        })
    }

    /// Whether nothing is in one of the schemas that all hold, or in any of those of which one holds.
    fn is_void(&self, side: Side, schema: &Schema<'_>, left: &Cell<usize>) -> bool {
        let nothing = |&inner: &SchemaId| self.shape_within(side, inner, left) == Shape::Nothing;
        let none = |branches: &[SchemaId]| !branches.is_empty() && branches.iter().all(nothing);
        schema.reference.iter().chain(&schema.all_of).any(nothing)
            || none(&schema.any_of)
            || none(&schema.one_of)
    }

    /// Whether `schema` admits nothing, as far as a glance tells.
    pub(super) fn is_false(&self, side: Side, schema: SchemaId) -> bool {
        self.shape(side, schema) == Shape::Nothing
    }

    /// Whether `schema` admits everything, as far as a glance tells.
    pub(super) fn is_true(&self, side: Side, schema: SchemaId) -> bool {
        self.shape(side, schema) == Shape::Anything
    }
}

/// The values that `schema` itself spells out.
fn listed<'s, 't>(schema: &'s Schema<'t>) -> impl Iterator<Item = Node<'t>> + use<'s, 't> {
    let constant = schema.constant.iter().map(|set| set.value);
    constant.chain(schema.enumeration.iter().flat_map(|set| set.value.items()))
}

/// Whether `schema` itself constrains values by anything but a reference, a conjunction or a union.
pub(super) fn constrains(schema: &Schema<'_>) -> bool {
    schema.types.is_some_and(|types| types.value != Types::ANY)
        || schema.enumeration.is_some()
        || schema.constant.is_some()
        || beyond_values(schema)
}

/// Whether `schema` itself constrains values by more than types and lists of values.
pub(super) fn beyond_values(schema: &Schema<'_>) -> bool {
    bounds(schema) || applies(schema) || schema.not.is_some() || schema.when.is_some()
}

/// Whether `schema` can be read, leads to no other schema that holds for the same value, and lists no values.
fn stands_alone(schema: &Schema<'_>) -> bool {
    !schema.broken
        && schema.reference.is_none()
        && [&schema.all_of, &schema.any_of, &schema.one_of].iter().all(|list| list.is_empty())
        && schema.enumeration.is_none()
        && schema.constant.is_none()
}

/// Whether `schema` says no more than that a body is plain octets.
pub(in crate::openapi::compare) fn is_octets(schemas: &[Schema<'_>], schema: SchemaId) -> bool {
    let mut schema = &schemas[schema.0 as usize];
    for _ in 0..WRAPPERS {
        match schema.reference {
            Some(target) if !constrains(schema) => schema = &schemas[target.0 as usize],
            _ => break,
        }
    }
    let binary = schema.format.map(|format| format.value == "binary");
    stands_alone(schema)
        && schema.types.map_or(schema.content_media_type.is_some(), |types| types.value == Types::STRING)
        && binary.unwrap_or(schema.content_media_type.is_some())
        && schema.content_encoding.is_none()
        && schema.content_schema.is_none()
        && schema.min_length.is_none()
        && schema.max_length.is_none()
        && schema.pattern.is_none()
        && schema.not.is_none()
        && schema.when.is_none()
}

/// Whether `schema` does nothing but exclude what another one admits.
pub(super) fn only_excludes(schema: &Schema<'_>) -> bool {
    schema.not.is_some()
        && stands_alone(schema)
        && schema.always.is_none()
        && schema.types.is_none_or(|types| types.value == Types::ANY)
        && schema.when.is_none()
        && !bounds(schema)
        && !applies(schema)
}

/// Whether `schema` does nothing but ask for objects that have certain properties.
pub(super) fn only_requires(schema: &Schema<'_>) -> bool {
    stands_alone(schema)
        && schema.always != Some(false)
        && schema.types.is_none_or(|types| types.value.contains(Types::OBJECT))
        && schema.not.is_none()
        && schema.when.is_none()
        && !bounds_beside(schema)
        && !applies(schema)
}

/// Whether `schema` itself bounds values, beyond types, lists of values, what is excluded, conditions, and schemas for what is inside.
fn bounds(schema: &Schema<'_>) -> bool {
    !schema.required.is_empty() || bounds_beside(schema)
}

/// Whether `schema` itself bounds or applies to what is inside of values that are of `types`.
fn speaks_of(schema: &Schema<'_>, types: Types) -> bool {
    let numbers = schema.minimum.is_some() || schema.maximum.is_some() || schema.multiple_of.is_some();
    let texts = schema.min_length.is_some()
        || schema.max_length.is_some()
        || schema.pattern.is_some()
        || schema.content_encoding.is_some()
        || schema.content_media_type.is_some()
        || schema.content_schema.is_some();
    let lists = schema.min_items.is_some()
        || schema.max_items.is_some()
        || schema.unique_items.is_some()
        || schema.contains.is_some()
        || schema.items.is_some()
        || !schema.prefix_items.is_empty()
        || schema.unevaluated_items.is_some();
    let objects = !schema.required.is_empty()
        || schema.min_properties.is_some()
        || schema.max_properties.is_some()
        || !schema.dependent_required.is_empty()
        || schema.discriminator.is_some()
        || !schema.properties.is_empty()
        || schema.additional_properties.is_some()
        || schema.unevaluated_properties.is_some()
        || schema.property_names.is_some()
        || !schema.pattern_properties.is_empty()
        || !schema.dependent_schemas.is_empty();
    let of_kinds =
        [(numbers, Types::NUMBER), (texts, Types::STRING), (lists, Types::ARRAY), (objects, Types::OBJECT)];
    // A format may be of numbers or of texts, and a list that may grow is of any.
    let of_any = schema.format.is_some() || schema.extensible_enum.is_some();
    of_any || of_kinds.into_iter().any(|(said, kind)| said && types.meets(kind))
}

/// The same beside the properties that must be there.
fn bounds_beside(schema: &Schema<'_>) -> bool {
    schema.format.is_some()
        || schema.minimum.is_some()
        || schema.maximum.is_some()
        || schema.multiple_of.is_some()
        || schema.min_length.is_some_and(|set| set.value > 0)
        || schema.max_length.is_some()
        || schema.pattern.is_some()
        || schema.min_items.is_some_and(|set| set.value > 0)
        || schema.max_items.is_some()
        || schema.unique_items.is_some()
        || schema.contains.is_some()
        || schema.min_properties.is_some_and(|set| set.value > 0)
        || schema.max_properties.is_some()
        || !schema.dependent_required.is_empty()
        || schema.content_encoding.is_some()
        || schema.content_media_type.is_some()
        || schema.content_schema.is_some()
        || schema.discriminator.is_some()
        || schema.extensible_enum.is_some()
}

/// Whether `schema` itself has schemas for what is inside of values.
fn applies(schema: &Schema<'_>) -> bool {
    !schema.properties.is_empty()
        || schema.items.is_some()
        || schema.additional_properties.is_some()
        || !schema.prefix_items.is_empty()
        || schema.unevaluated_items.is_some()
        || schema.unevaluated_properties.is_some()
        || schema.property_names.is_some()
        || !schema.pattern_properties.is_empty()
        || !schema.dependent_schemas.is_empty()
}

/// The schemas that `schema` itself has for what is inside of values.
fn inside<'s>(schema: &'s Schema<'_>) -> impl Iterator<Item = SchemaId> + use<'s> {
    let named = [&schema.properties, &schema.pattern_properties, &schema.dependent_schemas];
    let single = [
        schema.items,
        schema.unevaluated_items,
        schema.additional_properties,
        schema.property_names,
        schema.unevaluated_properties,
    ];
    let named = named.into_iter().flatten().map(|named| named.schema);
    single.into_iter().flatten().chain(named).chain(schema.prefix_items.iter().copied())
}
