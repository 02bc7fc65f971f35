//! Parameters of the query that may come with a name and nothing behind it: `allowEmptyValue`.

use super::pairs::{Change, Comparison, Flow};
use crate::openapi::finding::Proof;
use crate::openapi::model::{Description, Parameter, ParameterIn, Schema, SchemaId, Types};
use crate::openapi::rules::{What, of};
use crate::openapi::tree::Node;

/// How many references and unions are followed to see whether a schema takes an empty text.
const DEPTH: u32 = 8;

/// Whether a parameter may come empty, whatever its schema says. Only forms tell that from a parameter that is not there.
fn may_be_empty(parameter: &Parameter<'_>) -> bool {
    let written = &parameter.serialisation;
    parameter.place == ParameterIn::Query
        && written.allow_empty
        && written.content.is_empty()
        && written.style == "form"
}

/// Of `empties`, the types whose empty value can be written, those for which a schema says whether `receiver` takes it:
/// where it may be empty, an empty text is taken anyway.
pub(super) fn said_by_schema(empties: Types, receiver: &Parameter<'_>) -> Types {
    if may_be_empty(receiver) { empties.without(Types::STRING) } else { empties }
}

/// Compares whether a parameter may come empty.
pub(super) fn compare(
    comparison: &mut Comparison<'_, '_>,
    was: &Parameter<'_>,
    is: &Parameter<'_>,
    flow: Flow,
) {
    let (old, new) = (may_be_empty(was), may_be_empty(is));
    if old == new {
        return;
    }
    // Who gets what may be empty no longer, or not yet, may take it as a value all the same.
    let (breaks, side, receiver) = match flow {
        Flow::Sent => (old, comparison.revision, is),
        Flow::Received => (new, comparison.base, was),
    };
    let takes = receiver.serialisation.schema.is_none_or(|id| takes_nothing(side, id, DEPTH));
    let what = if new { What::AllowEmptyValueAdded } else { What::AllowEmptyValueRemoved };
    let (name, place) = (is.name.to_owned(), is.place.as_str().to_owned());
    comparison.note(Change {
        rule: of(flow.field(), what),
        proof: if breaks && takes { Proof::Proven } else { Proof::Rule },
        base: Some(was.serialisation.at),
        revision: Some(is.serialisation.at),
        arguments: vec![("name", name), ("in", place)],
    });
}

/// Whether a schema takes an empty text for sure, or a list of one.
fn takes_nothing(side: &Description<'_>, id: SchemaId, depth: u32) -> bool {
    let schema: &Schema<'_> = &side.schemas[id.0 as usize];
    if depth == 0 || schema.broken || schema.always == Some(false) {
        return false;
    }
    let inner = |id: SchemaId| takes_nothing(side, id, depth - 1);
    let types = schema.types.map_or(Types::ANY, |set| set.value);
    let list = types.meets(Types::ARRAY)
        && schema.enumeration.is_none()
        && schema.min_items.is_none_or(|set| set.value <= 1)
        && schema.prefix_items.is_empty()
        && schema.contains.is_none()
        && schema.items.is_none_or(inner);
    let is_empty = |node: Node<'_>| node.as_str() == Some("");
    let text = types.meets(Types::STRING)
        && schema.enumeration.is_none_or(|set| set.value.items().any(is_empty))
        && schema.min_length.is_none_or(|set| set.value == 0)
        && schema.pattern.is_none()
        && schema.format.is_none_or(|set| matches!(set.value, "binary" | "byte" | "password"));
    (text || list)
        && schema.constant.is_none_or(|set| is_empty(set.value))
        && schema.not.is_none()
        && schema.when.is_none()
        && schema.reference.is_none_or(inner)
        && schema.all_of.iter().all(|&id| inner(id))
        && (schema.any_of.is_empty() || schema.any_of.iter().any(|&id| inner(id)))
        && (schema.one_of.is_empty() || (schema.one_of.len() == 1 && inner(schema.one_of[0])))
}
