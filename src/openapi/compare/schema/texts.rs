//! Values that are written as texts: of what a parameter, a header or a field of a form holds, only the letters are sent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Judge;
use super::formats;
use super::implied::{self, Implied, one_of};
use super::kinds;
use super::meaning::is_plain;
use super::pair::Pair;
use super::pattern::any_text;
use super::shape::Shape;
use super::value::Value;
use super::view::View;
use crate::openapi::decimal::Decimal;
use crate::openapi::model::Types;

/// Values that have no parts, and are not null.
const SCALARS: Types = Types(Types::STRING.0 | Types::NUMBER.0 | Types::BOOLEAN.0);

/// The texts of whole numbers.
pub(in crate::openapi) const WHOLE: &str = "^(?:0|-?[1-9][0-9]*)$";

/// The texts of booleans.
const TRUTH: &str = "^(?:true|false)$";

/// Whether every value that is sent looks, written as text, like one that whoever gets it takes: all that are sent are
/// scalars, and any text is taken or those that are written are.
pub(super) fn look_alike<'c, 't>(judge: &mut Judge<'c, 't>, pair: &Pair<'c, 't>) -> bool {
    let (sent, taken) = pair.sent_and_taken();
    let known = [sent, taken].iter().all(|view| view.broken.is_none() && !view.cut);
    known
        && SCALARS.contains(sent.types)
        && (takes_any(taken)
            || spelled(sent).is_some_and(|texts| takes(judge, taken, &texts))
            || takes_all(judge, sent, taken))
}

/// Whether any text is taken, and so whatever is written for a value that has no text of its own, such as null.
pub(super) fn takes_any(taken: &View<'_, '_>) -> bool {
    taken.types.without(Types::NULL) == Types::STRING && kinds::written(true, taken).contains(SCALARS)
}

/// Whether each text that a value of `sent` is written as has the length that `taken` asks for and matches its patterns,
/// for a `taken` that says no more than these of texts.
fn takes_all<'c, 't>(judge: &mut Judge<'c, 't>, sent: &View<'c, 't>, taken: &View<'c, 't>) -> bool {
    let of_texts = taken.types.contains(Types::STRING)
        && taken.finite.is_none()
        && taken.groups.is_empty()
        && formats::of(taken, false).is_empty()
        && taken.parts.iter().all(|part| {
            let schema = part.schema;
            schema.not.is_none()
                && schema.when.is_none()
                && schema.content_encoding.is_none()
                && schema.content_media_type.is_none()
                && schema.content_schema.is_none()
        });
    if !of_texts {
        return false;
    }
    let limits = (taken.most(|s| s.min_length), taken.least(|s| s.max_length));
    let length = (limits.0.map_or(0, |set| set.value), limits.1.map(|set| set.value));
    let patterns = taken.parts.iter().filter_map(|part| part.schema.pattern).map(|set| set.value);
    let mut asked: Vec<Cow<'t, str>> = patterns.filter(|pattern| !any_text(pattern)).map(Cow::from).collect();
    if length != (0, None) {
        asked.push(implied::length(length).into());
    }
    let Some(kinds) = languages(judge, sent) else { return false };
    kinds.iter().all(|own| {
        asked.iter().all(|pattern| !own.is_empty() && judge.patterns.together_in(own, pattern.clone()))
    })
}

/// Patterns that the texts of the values of `view` match, for each kind of values all that hold; none where a kind may be
/// written in several ways.
fn languages<'c, 't>(judge: &mut Judge<'c, 't>, view: &View<'c, 't>) -> Option<Vec<Vec<Cow<'t, str>>>> {
    if view.finite.is_some() {
        let texts = spelled(view)?;
        return Some(vec![vec![one_of(texts.iter().map(String::as_str)).into()]]);
    }
    let implied = judge.implied(view);
    let mut kinds = Vec::new();
    for kind in [Types::BOOLEAN, Types::FRACTION, Types::INTEGER, Types::STRING] {
        match kind {
            _ if !view.types.meets(kind) => {}
            Types::BOOLEAN => kinds.push(vec![TRUTH.into()]),
            Types::INTEGER => kinds.push(digits(&implied)),
            Types::STRING => kinds.push(implied::written(view, implied.lengths)),
            _ => return None,
        }
    }
    Some(kinds)
}

/// Patterns of whole numbers within bounds.
fn digits<'t>(implied: &Implied) -> Vec<Cow<'t, str>> {
    let bound = |edge: &implied::Edge| edge.as_ref().and_then(|(value, _)| value.as_i128());
    let (low, high) = (bound(&implied.numbers.0), bound(&implied.numbers.1));
    let mut all = vec![Cow::from(match low {
        Some(1..) => "^[1-9][0-9]*$",
        Some(0) => "^(?:0|[1-9][0-9]*)$",
        _ => WHOLE,
    })];
    if let (Some(low), Some(high)) = (low, high) {
        let longest = low.unsigned_abs().max(high.unsigned_abs()).to_string().len();
        all.push(format!("^-?[0-9]{{1,{longest}}}$").into());
    }
    all
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
