//! Values that are written as texts: of what a parameter, a header or a field of a form holds, only the letters are sent.

use std::collections::BTreeSet;

use super::Judge;
use super::kinds;
use super::meaning::is_plain;
use super::pair::Pair;
use super::shape::Shape;
use super::value::Value;
use super::view::View;
use crate::openapi::decimal::Decimal;
use crate::openapi::finding::Direction;
use crate::openapi::model::Types;
use crate::openapi::rules::Place;

/// Values that have no parts, and are not null.
const SCALARS: Types = Types(Types::STRING.0 | Types::NUMBER.0 | Types::BOOLEAN.0);

/// Whether every value that is sent looks, written as text, like one that whoever gets it takes: all that are sent are
/// scalars, and any text is taken or those that are written are.
pub(super) fn look_alike<'c, 't>(judge: &Judge<'c, 't>, pair: &Pair<'c, 't>) -> bool {
    let (sent, taken) = match pair.place.direction() {
        Direction::Response => (&pair.new, &pair.old),
        _ => (&pair.old, &pair.new),
    };
    let known = [sent, taken].iter().all(|view| view.broken.is_none() && !view.cut);
    known
        && SCALARS.contains(sent.types)
        && (takes_any(taken) || spelled(sent).is_some_and(|texts| takes(judge, taken, &texts)))
}

fn takes_any(taken: &View<'_, '_>) -> bool {
    taken.types == Types::STRING && kinds::written(Place::RequestParameter, taken).contains(SCALARS)
}

/// The texts of the values that `view` spells out; none where it spells none out, or one is written in several ways.
fn spelled(view: &View<'_, '_>) -> Option<BTreeSet<String>> {
    view.finite.as_ref()?.iter().map(|member| written(&member.value)).collect()
}

/// The text of a scalar; none for what may be written otherwise too, as a fraction may.
fn written(value: &Value<'_>) -> Option<String> {
    match value {
        Value::Boolean(boolean) => Some(boolean.to_string()),
        Value::Number(number) if number.is_integer() => Some(number.as_i128()?.to_string()),
        Value::String(text) => Some((*text).to_owned()),
        Value::Null | Value::Number(_) | Value::Compound(..) => None,
    }
}

/// Whether each of `texts` is what a value of `view` is written as, for a view that says no more than its types or its
/// values.
fn takes<'c, 't>(judge: &Judge<'c, 't>, view: &View<'c, 't>, texts: &BTreeSet<String>) -> bool {
    if view.finite.is_some() {
        return is_plain(view) && spelled(view).is_some_and(|all| texts.is_subset(&all));
    }
    let only = view.conjunction.single().map(|schema| judge.shape(view.conjunction.side, schema));
    let Some(Shape::Types(types)) = only else { return false };
    // Digits without a point are a whole number to everybody.
    let whole = |text: &str| {
        let number = Decimal::parse(text).and_then(|number| number.as_i128());
        number.is_some_and(|number| number.to_string() == text)
    };
    types.contains(Types::STRING)
        || texts.iter().all(|text| {
            (types.contains(Types::BOOLEAN) && matches!(text.as_str(), "true" | "false"))
                || (types.contains(Types::INTEGER) && whole(text))
        })
}
