//! What kind of value a schema asks for: its types and, within numbers and strings, its formats. Users know both as the
//! type, so they are one change.

use super::Judge;
use super::formats::{self, Order};
use super::pair::Pair;
use super::scalars::NOT_NULL;
use super::view::{Conjunction, View};
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Set, Types};
use crate::openapi::rules::{Place, What};

/// What a change does to the set of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Same,
    Wider,
    Narrower,
    Other,
}

impl Move {
    /// Both at once.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Same, one) | (one, Self::Same) => one,
            (one, other) if one == other => one,
            _ => Self::Other,
        }
    }
}

fn names(types: Types) -> String {
    if types.contains(NOT_NULL) { "any".to_owned() } else { types.names().join(", ") }
}

/// The types that a parameter or header is read as: all its values are written as text, so a string without further
/// demands takes numbers and booleans as well.
/// It is, where they are `styled`.
pub(super) fn written(styled: bool, view: &View<'_, '_>) -> Types {
    let free = view.types.contains(Types::STRING)
        && view.finite.is_none()
        && view.groups.is_empty()
        && view.parts.iter().all(|part| {
            let schema = part.schema;
            let length = schema.min_length.is_none() && schema.max_length.is_none();
            length
                && schema.pattern.is_none()
                && schema.format.is_none()
                && schema.not.is_none()
                && schema.when.is_none()
        });
    if styled && free { view.types.or(Types::NUMBER).or(Types::BOOLEAN) } else { view.types }
}

/// Compares types, and the formats of those among `shared`.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>, shared: Types) {
    let (old, new) = (pair.old.types, pair.new.types);
    let styled = pair.is_styled();
    let (was, is) = (written(styled, &pair.old), written(styled, &pair.new));
    let types = match (is.contains(was), was.contains(is)) {
        _ if old == new => Move::Same,
        (true, true) => Move::Same,
        (true, false) => Move::Wider,
        (false, true) => Move::Narrower,
        (false, false) if listed_once(judge, pair) => match pair.place.direction() {
            Direction::Response => Move::Narrower,
            _ => Move::Wider,
        },
        (false, false) => Move::Other,
    };
    let mut change = Change { types: (old, new), formats: (Vec::new(), Vec::new()), places: (None, None) };
    let mut whole = types;
    for numbers in [true, false] {
        if shared.meets(if numbers { Types::NUMBER } else { Types::STRING }) {
            whole = whole.and(format(judge, pair, numbers, &mut change));
        }
    }
    if whole != Move::Same {
        note(pair, whole, types != Move::Same, &change);
    } else if !change.formats.0.is_empty() || !change.formats.1.is_empty() {
        pair.within(false, |pair| note(pair, Move::Other, false, &change));
    } else if old != new {
        // Written alike, and not the same to whoever reads the description.
        let wider = if new.contains(old) { Move::Wider } else { Move::Other };
        pair.within(false, |pair| note(pair, wider, true, &change));
    } else if !shared.meets(Types::NUMBER.or(Types::STRING)) && pair.old.finite.is_none() {
        let all = |view: &View<'_, '_>| -> Vec<String> {
            let formats = view.parts.iter().filter_map(|part| part.schema.format);
            formats.map(|format| format.value.to_owned()).collect()
        };
        let (before, after) = (all(&pair.old), all(&pair.new));
        if before != after && pair.new.finite.is_none() {
            change.formats = (before, after);
            pair.within(false, |pair| note(pair, Move::Other, false, &change));
        }
    }
}

/// A change of what is asked for.
#[derive(Debug)]
struct Change {
    types: (Types, Types),
    formats: (Vec<String>, Vec<String>),
    /// Where formats stand that came and went.
    places: (Option<At>, Option<At>),
}

impl Change {
    fn text(types: Types, formats: &[String]) -> String {
        let types = names(types);
        if formats.is_empty() { types } else { format!("{types} ({})", formats.join(", ")) }
    }
}

fn note(pair: &mut Pair<'_, '_>, whole: Move, types: bool, change: &Change) {
    let (old, new) = change.types;
    let request = pair.place.direction() == Direction::Request;
    // Alternatives of one type each are a list of types.
    let listed = types && (pair.old.listed || pair.new.listed) && !old.is_none() && !new.is_none();
    let (what, value) = match whole {
        Move::Wider if listed => (What::ListOfTypesWidened, Some(new.without(old))),
        Move::Wider => (What::TypeGeneralized, None),
        Move::Narrower if listed => (What::ListOfTypesNarrowed, Some(old.without(new))),
        Move::Narrower if request && pair.place != Place::RequestParameterProperty => {
            (What::TypeChanged, None)
        }
        Move::Narrower => (What::TypeSpecialized, None),
        Move::Other | Move::Same => (What::TypeChanged, None),
    };
    let mut arguments =
        vec![("from", Change::text(old, &change.formats.0)), ("to", Change::text(new, &change.formats.1))];
    if let Some(value) = value {
        arguments.push(("value", names(value)));
    }
    let (base, revision) =
        if types { (pair.old.types_at, pair.new.types_at) } else { (change.places.0, change.places.1) };
    pair.note(what, base.or(pair.old.types_at), revision.or(pair.new.types_at), arguments);
}

/// What becomes of the formats of numbers or of strings. Of one that nobody knows, that it is not decided is said.
fn format<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    numbers: bool,
    change: &mut Change,
) -> Move {
    let (mut old, mut new) = (formats::of(&pair.old, numbers), formats::of(&pair.new, numbers));
    let before = old.clone();
    old.retain(|one| !new.iter().any(|other| one.value == other.value));
    new.retain(|one| !before.iter().any(|other| one.value == other.value));
    // What the other side says by `contentEncoding` or `contentMediaType` did not change.
    let said =
        |view: &View<'_, '_>, format: &str| view.parts.iter().any(|part| formats::codes(part.schema, format));
    old.retain(|one| !said(&pair.new, one.value));
    new.retain(|one| !said(&pair.old, one.value));
    let undecided = |pair: &mut Pair<'_, '_>, from: Option<Set<&str>>, to: Option<Set<&str>>| {
        let unknown = to.filter(|to| formats::custom(to.value)).or(from).or(to);
        let construct = format!("format: {}", unknown.map_or("", |format| format.value));
        let places = (from.map(|from| from.at), to.map(|to| to.at));
        pair.unproven(What::BecameUndecided, places, Vec::new(), &construct);
    };
    let mut reached = |view: &View<'c, 't>, format: Set<&str>| {
        numbers && formats::reaches(format.value, &judge.implied(view).numbers)
    };
    let request = pair.place.direction() == Direction::Request;
    let mut moved = Move::Same;
    let mut tell = |from: Option<Set<&str>>, to: Option<Set<&str>>, one: Move| {
        moved = moved.and(one);
        change.formats.0.extend(from.map(|from| from.value.to_owned()));
        change.formats.1.extend(to.map(|to| to.value.to_owned()));
        change.places.0 = change.places.0.or(from.map(|from| from.at));
        change.places.1 = change.places.1.or(to.map(|to| to.at));
    };
    if let (&[from], &[to]) = (old.as_slice(), new.as_slice()) {
        match formats::order(from.value, to.value) {
            Order::Same => {}
            Order::Narrower => tell(Some(from), Some(to), Move::Wider),
            Order::Wider => tell(Some(from), Some(to), Move::Narrower),
            Order::Apart if reached(&pair.old, to) => tell(Some(from), Some(to), Move::Wider),
            Order::Apart if reached(&pair.new, from) => tell(Some(from), Some(to), Move::Narrower),
            Order::Apart => tell(Some(from), Some(to), Move::Other),
            Order::Unknown => undecided(pair, Some(from), Some(to)),
        }
        return moved;
    }
    for to in new.into_iter().filter(|format| !formats::idle(format.value)) {
        // Whatever a format means, it admits no more than everything.
        if reached(&pair.old, to) {
            tell(None, Some(to), Move::Same);
        } else if formats::custom(to.value) && request {
            undecided(pair, None, Some(to));
        } else {
            tell(None, Some(to), Move::Narrower);
        }
    }
    for from in old.into_iter().filter(|format| !formats::idle(format.value)) {
        if reached(&pair.new, from) {
            tell(Some(from), None, Move::Same);
        } else if formats::custom(from.value) && !request {
            undecided(pair, Some(from), None);
        } else {
            tell(Some(from), None, Move::Wider);
        }
    }
    moved
}

/// Whether a single value that is sent is a list of one where it is taken, which a parameter that repeats its name for each
/// item writes alike.
fn listed_once<'c, 't>(judge: &mut Judge<'c, 't>, pair: &Pair<'c, 't>) -> bool {
    let scalar = Types::STRING.or(Types::NUMBER).or(Types::BOOLEAN);
    let (sent, taken) = pair.sent_and_taken();
    if !pair.repeats
        || !pair.is_styled()
        || !scalar.contains(sent.types)
        || !taken.types.contains(Types::ARRAY)
        || taken.least(|s| s.max_items).is_some_and(|most| most.value == 0)
        || taken.most(|s| s.min_items).is_some_and(|least| least.value > 1)
        || taken.finite.is_some()
        || !taken.groups.is_empty()
        || taken.parts.iter().any(|part| {
            let schema = part.schema;
            schema.not.is_some() || schema.when.is_some() || schema.contains.is_some()
        })
    {
        return false;
    }
    let index = (judge.firsts(taken) > 0).then_some(0);
    let item = judge.item(taken, index, false);
    let value: Conjunction = sent.conjunction.only(NOT_NULL);
    judge.included(&value, &item, pair.place.direction()).is_yes()
}
