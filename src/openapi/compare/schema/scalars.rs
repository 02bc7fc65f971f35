//! Types, null, lists of values, bounds, lengths, patterns and formats.

use super::admits::divides;
use super::formats::{self, Order};
use super::pair::Pair;
use super::value::{Value, number, shown};
use super::view::{Limit, Member, View};
use super::{Answer, Judge};
use crate::openapi::decimal::Decimal;
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Bound, Set, Types};
use crate::openapi::rules::{Place, What};

/// The most values of a list that findings name one by one.
const VALUES: usize = 200;

/// Compares everything that is said of scalars.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    null(pair);
    if pair.old.types.is_none() || pair.new.types.is_none() {
        if pair.old.types != pair.new.types {
            types(pair);
        }
        return;
    }
    booleans(pair);
    let lists = values(judge, pair);
    extensible(pair);
    if lists {
        return;
    }
    types(pair);
    let shared = pair.old.types.and(pair.new.types);
    if pair.old.finite.is_some() || pair.new.finite.is_some() {
        return;
    }
    if shared.meets(Types::NUMBER) {
        bounds(pair, true);
        bounds(pair, false);
        multiples(pair);
        format(pair, true);
    }
    if shared.meets(Types::STRING) {
        pair.count(
            (pair.old.most(|s| s.min_length), pair.new.most(|s| s.min_length)),
            [What::MinLengthSet, What::MinLengthUnset, What::MinLengthIncreased, What::MinLengthDecreased],
            true,
        );
        pair.count(
            (pair.old.least(|s| s.max_length), pair.new.least(|s| s.max_length)),
            [What::MaxLengthSet, What::MaxLengthUnset, What::MaxLengthIncreased, What::MaxLengthDecreased],
            false,
        );
        patterns(pair);
        format(pair, false);
        content(pair);
    }
}

/// Everything but null.
const NOT_NULL: Types = Types(Types::ANY.0 & !Types::NULL.0);

/// Compares whether null is admitted.
pub(super) fn null(pair: &mut Pair<'_, '_>) {
    let what = match (pair.old.null, pair.new.null) {
        (Answer::No, Answer::Yes) => What::BecameNullable,
        (Answer::Yes, Answer::No) => What::BecameNotNullable,
        (one, other) if one == other => return,
        _ => return pair.undecided("null"),
    };
    // A side that admits any type admits null as one of them: its change of type says so.
    let any = |view: &View<'_, '_>| view.null.is_yes() && view.types == NOT_NULL && view.finite.is_none();
    if (any(&pair.old) && pair.new.types != NOT_NULL) || (any(&pair.new) && pair.old.types != NOT_NULL) {
        return;
    }
    pair.note(what, pair.old.types_at, pair.new.types_at, Vec::new());
}

fn names(types: Types) -> String {
    let names = types.names();
    if types.contains(NOT_NULL) { "any".to_owned() } else { names.join(", ") }
}

/// The types that a parameter or header is read as: all its values are written as text, so a string without further
/// demands takes numbers and booleans as well.
fn written(place: Place, view: &View<'_, '_>) -> Types {
    let text = matches!(place, Place::RequestParameter | Place::ResponseHeader);
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
    if text && free { view.types.or(Types::NUMBER).or(Types::BOOLEAN) } else { view.types }
}

fn types(pair: &mut Pair<'_, '_>) {
    let (old, new) = (written(pair.place, &pair.old), written(pair.place, &pair.new));
    if old == new || pair.old.types == pair.new.types {
        return;
    }
    let count = |types: Types| types.names().len();
    let several = |types: Types| count(types) > 1 && types != NOT_NULL;
    let listed = several(pair.old.types) || several(pair.new.types);
    let one_way = old.is_none() || new.is_none();
    let request = pair.place.direction() == Direction::Request;
    let narrowed = if request && !matches!(pair.place, Place::RequestParameterProperty) {
        What::TypeChanged
    } else {
        What::TypeSpecialized
    };
    let (wider, narrower) = (new.contains(old), old.contains(new));
    let (old, new) = (pair.old.types, pair.new.types);
    let (what, value) = match (wider, narrower) {
        (true, _) if listed && !one_way => (What::ListOfTypesWidened, Some(new.without(old))),
        (true, _) => (What::TypeGeneralized, None),
        (_, true) if listed && !one_way => (What::ListOfTypesNarrowed, Some(old.without(new))),
        (_, true) => (narrowed, None),
        _ => (What::TypeChanged, None),
    };
    let mut arguments = vec![("from", names(old)), ("to", names(new))];
    if let Some(value) = value {
        arguments.push(("value", names(value)));
    }
    pair.note(what, pair.old.types_at, pair.new.types_at, arguments);
}

/// Where one side spells its values out, a boolean of the other is spelled out too.
fn booleans(pair: &mut Pair<'_, '_>) {
    fn spell(view: &mut View<'_, '_>) {
        if view.finite.is_none()
            && view.types == Types::BOOLEAN
            && view.groups.is_empty()
            && let Some(at) = view.types_at.or(view.at)
        {
            let member = |value| Member { value: Value::Boolean(value), node: None, at };
            view.finite = Some(vec![member(false), member(true)]);
        }
    }
    match (&pair.old.finite, &pair.new.finite) {
        (Some(_), None) => spell(&mut pair.new),
        (None, Some(_)) => spell(&mut pair.old),
        _ => {}
    }
}

fn text(member: &Member<'_>) -> String {
    match (member.node, &member.value) {
        (Some(node), _) => shown(node),
        (None, Value::Boolean(boolean)) => boolean.to_string(),
        (None, _) => "null".to_owned(),
    }
}

/// Compares lists of values; whether both sides have one, so that nothing else is left to compare.
fn values<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) -> bool {
    match (pair.old.finite.is_some(), pair.new.finite.is_some()) {
        (false, false) => false,
        (true, true) => {
            both(pair);
            true
        }
        (true, false) => {
            let at = pair.old.finite_at.map(|(at, _)| at);
            let old = pair.old.finite.clone().unwrap_or_default();
            if !pair.old.types.meets(pair.new.types) {
                return false;
            }
            // What the list allowed and the rest of the revision does not is lost all the same.
            let (lost, unknown) = outside(judge, &old, &pair.new);
            let constant = pair.old.finite_at.is_some_and(|(_, constant)| constant);
            let what = match extensible_of(&pair.new) {
                Some(_) => What::BecameExtensibleEnum,
                None if constant => What::ConstRemoved,
                None => What::EnumRemoved,
            };
            let arguments = old.first().filter(|_| constant).map(|first| vec![("from", text(first))]);
            pair.note(what, at, None, arguments.unwrap_or_default());
            pair.each(
                What::EnumValueRemoved,
                lost.iter().map(|member| (Some(member.at), None, text(member))),
                VALUES,
            );
            if unknown && pair.place.direction() == Direction::Request {
                pair.undecided("enum");
            }
            pair.old.types = pair.old.types.and(pair.new.types);
            false
        }
        (false, true) => {
            let at = pair.new.finite_at.map(|(at, _)| at);
            let new = pair.new.finite.clone().unwrap_or_default();
            if !pair.old.types.meets(pair.new.types) {
                return false;
            }
            let (gained, unknown) = outside(judge, &new, &pair.old);
            let constant = pair.new.finite_at.is_some_and(|(_, constant)| constant) && new.len() == 1;
            let all: Vec<String> = new.iter().take(20).map(text).collect();
            let what = if constant { What::ConstAdded } else { What::BecameEnum };
            pair.note(what, None, at, vec![("to", all.join(", "))]);
            pair.each(
                What::EnumValueAdded,
                gained.iter().map(|member| (None, Some(member.at), text(member))),
                VALUES,
            );
            if unknown && pair.place.direction() == Direction::Response {
                pair.undecided("enum");
            }
            pair.new.types = pair.old.types.and(pair.new.types);
            pair.old.types = pair.new.types;
            false
        }
    }
}

/// Which of `members` the other side refuses, and whether that is not known of some.
fn outside<'t>(
    judge: &Judge<'_, 't>,
    members: &[Member<'t>],
    view: &View<'_, 't>,
) -> (Vec<Member<'t>>, bool) {
    let plain = view.groups.is_empty()
        && view.parts.iter().all(|part| part.schema.not.is_none() && part.schema.when.is_none());
    let (mut lost, mut unknown) = (Vec::new(), false);
    for member in members {
        let answer = match member.node {
            Some(node) => judge.admits(node, &view.conjunction),
            // A boolean that no description spells: nothing but its type speaks of it.
            None if plain => Answer::of(view.types.meets(member.value.types())),
            None => Answer::Unknown,
        };
        match answer {
            Answer::Yes => {}
            Answer::No => lost.push(member.clone()),
            Answer::Unknown => unknown = true,
        }
    }
    (lost, unknown)
}

fn both(pair: &mut Pair<'_, '_>) {
    let (Some(old), Some(new)) = (pair.old.finite.take(), pair.new.finite.take()) else { return };
    let missing = |from: &[Member<'_>], to: &[Member<'_>]| -> Vec<(At, String)> {
        let absent =
            from.iter().filter(|one| to.binary_search_by(|other| other.value.cmp(&one.value)).is_err());
        absent.map(|member| (member.at, text(member))).collect()
    };
    let (removed, added) = (missing(&old, &new), missing(&new, &old));
    let constants =
        [&pair.old, &pair.new].iter().all(|view| view.finite_at.is_some_and(|(_, constant)| constant));
    if let (true, [from], [to]) = (constants, removed.as_slice(), added.as_slice()) {
        let arguments = vec![("from", from.1.clone()), ("to", to.1.clone())];
        pair.note(What::ConstChanged, Some(from.0), Some(to.0), arguments);
    } else {
        let owner = |view: &View<'_, '_>| view.finite_at.map(|(at, _)| at);
        let (old_at, new_at) = (owner(&pair.old), owner(&pair.new));
        pair.each(
            What::EnumValueRemoved,
            removed.into_iter().map(|(at, text)| (Some(at), new_at, text)),
            VALUES,
        );
        pair.each(What::EnumValueAdded, added.into_iter().map(|(at, text)| (old_at, Some(at), text)), VALUES);
    }
    pair.old.finite = Some(old);
    pair.new.finite = Some(new);
}

fn extensible_of<'t>(view: &View<'_, 't>) -> Option<Set<crate::openapi::tree::Node<'t>>> {
    view.parts.iter().find_map(|part| part.schema.extensible_enum)
}

/// An open list of values: what it gains is no surprise, what it loses is.
fn extensible(pair: &mut Pair<'_, '_>) {
    let (Some(old), Some(new)) = (extensible_of(&pair.old), extensible_of(&pair.new)) else { return };
    let list = |set: Set<crate::openapi::tree::Node<'_>>| {
        let mut list: Vec<(String, At)> = set
            .value
            .items()
            .map(|item| (shown(item), At { trail: set.at.trail, offset: item.at() }))
            .collect();
        list.sort_by(|one, other| one.0.cmp(&other.0));
        list.dedup_by(|one, other| one.0 == other.0);
        list
    };
    let (before, after) = (list(old), list(new));
    let missing = |from: &[(String, At)], to: &[(String, At)]| -> Vec<(String, At)> {
        from.iter().filter(|one| to.binary_search_by(|other| other.0.cmp(&one.0)).is_err()).cloned().collect()
    };
    let (removed, added) = (missing(&before, &after), missing(&after, &before));
    pair.each(
        What::XExtensibleEnumValueRemoved,
        removed.into_iter().map(|(text, at)| (Some(at), Some(new.at), text)),
        VALUES,
    );
    pair.each(
        What::ExtensibleEnumValueAdded,
        added.into_iter().map(|(text, at)| (Some(old.at), Some(at), text)),
        VALUES,
    );
}

fn bounds(pair: &mut Pair<'_, '_>, lower: bool) {
    let pick = |view: &View<'_, '_>| -> Option<(Decimal, bool, Bound)> {
        let limit: Option<&Limit<'_>> = if lower { view.minimum.as_ref() } else { view.maximum.as_ref() };
        limit.map(|limit| (limit.value.clone(), limit.exclusive, limit.written.clone()))
    };
    let (old, new) = (pick(&pair.old), pick(&pair.new));
    let written =
        |bound: &Option<(Decimal, bool, Bound)>| bound.as_ref().map(|(_, _, bound)| number(&bound.value));
    let exclusive = new.as_ref().or(old.as_ref()).is_some_and(|(_, _, bound)| bound.exclusive);
    // Set, unset, higher, lower.
    let whats = match (lower, exclusive) {
        (true, false) => [What::MinSet, What::MinUnset, What::MinIncreased, What::MinDecreased],
        (true, true) => [
            What::ExclusiveMinSet,
            What::ExclusiveMinUnset,
            What::ExclusiveMinIncreased,
            What::ExclusiveMinDecreased,
        ],
        (false, false) => [What::MaxSet, What::MaxUnset, What::MaxIncreased, What::MaxDecreased],
        (false, true) => [
            What::ExclusiveMaxSet,
            What::ExclusiveMaxUnset,
            What::ExclusiveMaxIncreased,
            What::ExclusiveMaxDecreased,
        ],
    };
    let what = match (&old, &new) {
        (None, None) => return,
        (None, Some(_)) => whats[0],
        (Some(_), None) => whats[1],
        (Some((one, one_out, _)), Some((other, other_out, _))) => {
            // An exclusive lower bound lies above the inclusive one, an exclusive upper one below.
            let (one, other) = ((one, *one_out == lower), (other, *other_out == lower));
            match other.cmp(&one) {
                std::cmp::Ordering::Equal => return,
                std::cmp::Ordering::Greater => whats[2],
                std::cmp::Ordering::Less => whats[3],
            }
        }
    };
    let mut arguments = Vec::new();
    arguments.extend(written(&old).map(|from| ("from", from)));
    arguments.extend(written(&new).map(|to| ("to", to)));
    pair.note(what, old.map(|(_, _, bound)| bound.at), new.map(|(_, _, bound)| bound.at), arguments);
}

fn multiples(pair: &mut Pair<'_, '_>) {
    let one = Decimal::from_u64(1);
    let list = |view: &View<'_, '_>| -> Vec<Bound> {
        let integers = !view.types.meets(Types::FRACTION);
        let mut list: Vec<Bound> =
            view.parts.iter().filter_map(|part| part.schema.multiple_of.clone()).collect();
        list.retain(|bound| !(integers && divides(&bound.value, &one).is_yes()));
        list.sort_by(|one, other| one.value.cmp(&other.value));
        list.dedup_by(|one, other| one.value == other.value);
        list
    };
    let (mut old, mut new) = (list(&pair.old), list(&pair.new));
    let before = old.clone();
    old.retain(|one| !new.iter().any(|other| one.value == other.value));
    new.retain(|one| !before.iter().any(|other| one.value == other.value));
    if let ([from], [to]) = (old.as_slice(), new.as_slice()) {
        let (narrower, wider) = (divides(&from.value, &to.value), divides(&to.value, &from.value));
        let response = pair.place.direction() == Direction::Response;
        let what = match (narrower, wider) {
            (Answer::Yes, _) if response => What::MultipleOfSpecialized,
            (Answer::Yes, _) => What::MultipleOfChanged,
            (_, Answer::Yes) if response => What::MultipleOfChanged,
            (_, Answer::Yes) => What::MultipleOfGeneralized,
            (Answer::No, Answer::No) => What::MultipleOfChanged,
            _ => return pair.undecided("multipleOf"),
        };
        let arguments = vec![("from", number(&from.value)), ("to", number(&to.value))];
        return pair.note(what, Some(from.at), Some(to.at), arguments);
    }
    for bound in &new {
        pair.note(What::MultipleOfSet, None, Some(bound.at), vec![("to", number(&bound.value))]);
    }
    for bound in &old {
        pair.note(What::MultipleOfUnset, Some(bound.at), None, vec![("from", number(&bound.value))]);
    }
}

/// Whether a pattern is found in every text.
pub(super) fn any_text(pattern: &str) -> bool {
    matches!(pattern, "" | ".*" | "^.*" | ".*$" | "^.*$" | "^" | "$" | "[\\s\\S]*" | "^[\\s\\S]*$")
}

fn patterns(pair: &mut Pair<'_, '_>) {
    let list = |view: &View<'_, '_>| -> Vec<(String, At)> {
        let mut list: Vec<(String, At)> = view
            .parts
            .iter()
            .filter_map(|part| part.schema.pattern)
            .map(|pattern| (pattern.value.to_owned(), pattern.at))
            .collect();
        list.sort_by(|one, other| one.0.cmp(&other.0));
        list.dedup_by(|one, other| one.0 == other.0);
        list
    };
    let (mut old, mut new) = (list(&pair.old), list(&pair.new));
    let before = old.clone();
    old.retain(|one| !new.iter().any(|other| one.0 == other.0));
    new.retain(|one| !before.iter().any(|other| one.0 == other.0));
    if let ([(from, old_at)], [(to, new_at)]) = (old.as_slice(), new.as_slice()) {
        let arguments = vec![("from", from.clone()), ("to", to.clone())];
        let places = (Some(*old_at), Some(*new_at));
        return match (any_text(from), any_text(to)) {
            (true, true) => {}
            (true, false) => pair.note(What::PatternAdded, places.0, places.1, vec![("to", to.clone())]),
            (false, true) => pair.note(What::PatternGeneralized, places.0, places.1, arguments),
            (false, false) => pair.unproven(What::PatternChanged, places, arguments, "pattern"),
        };
    }
    let narrowing: Vec<_> = new.iter().filter(|(text, _)| !any_text(text)).collect();
    let widening: Vec<_> = old.iter().filter(|(text, _)| !any_text(text)).collect();
    if !narrowing.is_empty() && !widening.is_empty() {
        let join = |list: &[&(String, At)]| {
            list.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join("`, `")
        };
        let arguments = vec![("from", join(&widening)), ("to", join(&narrowing))];
        let places = (Some(widening[0].1), Some(narrowing[0].1));
        return pair.unproven(What::PatternChanged, places, arguments, "pattern");
    }
    for (text, at) in narrowing {
        pair.note(What::PatternAdded, None, Some(*at), vec![("to", text.clone())]);
    }
    for (text, at) in widening {
        pair.note(What::PatternRemoved, Some(*at), None, vec![("from", text.clone())]);
    }
}

fn format(pair: &mut Pair<'_, '_>, numbers: bool) {
    let (mut old, mut new) = (formats::of(&pair.old, numbers), formats::of(&pair.new, numbers));
    let before = old.clone();
    old.retain(|one| !new.iter().any(|other| one.value == other.value));
    new.retain(|one| !before.iter().any(|other| one.value == other.value));
    if let ([from], [to]) = (old.as_slice(), new.as_slice()) {
        let what = match formats::order(from.value, to.value) {
            Order::Same => return,
            Order::Narrower => What::FormatGeneralized,
            Order::Wider => What::FormatSpecialized,
            Order::Apart => What::FormatChanged,
            Order::Unknown => {
                let places = (Some(from.at), Some(to.at));
                let construct =
                    format!("format: {}", if formats::custom(to.value) { to.value } else { from.value });
                return pair.unproven(What::BecameUndecided, places, Vec::new(), &construct);
            }
        };
        let arguments = vec![("from", from.value.to_owned()), ("to", to.value.to_owned())];
        return pair.note(what, Some(from.at), Some(to.at), arguments);
    }
    for to in new.iter().filter(|format| !formats::idle(format.value)) {
        if formats::custom(to.value) {
            pair.unproven(
                What::BecameUndecided,
                (None, Some(to.at)),
                Vec::new(),
                &format!("format: {}", to.value),
            );
        } else {
            pair.note(What::FormatAdded, None, Some(to.at), vec![("to", to.value.to_owned())]);
        }
    }
    for from in old.iter().filter(|format| !formats::idle(format.value)) {
        if formats::custom(from.value) {
            pair.unproven(
                What::BecameUndecided,
                (Some(from.at), None),
                Vec::new(),
                &format!("format: {}", from.value),
            );
        } else {
            pair.note(What::FormatRemoved, Some(from.at), None, vec![("from", from.value.to_owned())]);
        }
    }
}

/// `contentEncoding` and its like: they say how the text of a message is made.
fn content(pair: &mut Pair<'_, '_>) {
    for (what, encoding) in [(What::ContentEncodingChanged, true), (What::ContentMediaTypeChanged, false)] {
        let (old, new) = (coding(&pair.old, encoding), coding(&pair.new, encoding));
        let same = |one: &str, other: &str| one == other || one.eq_ignore_ascii_case(other);
        match (old, new) {
            (None, None) => {}
            (Some(old), Some(new)) if same(old.value, new.value) => {}
            _ => {
                let mut arguments = Vec::new();
                arguments.extend(old.map(|old| ("from", old.value.to_owned())));
                arguments.extend(new.map(|new| ("to", new.value.to_owned())));
                pair.note(what, old.map(|old| old.at), new.map(|new| new.at), arguments);
            }
        }
    }
    let pick = |view: &View<'_, '_>| {
        view.parts.iter().find_map(|part| part.schema.content_schema.map(|id| (id, part.schema.at)))
    };
    match (pick(&pair.old), pick(&pair.new)) {
        (None, None) => {}
        (None, Some((_, at))) => pair.note(What::ContentSchemaAdded, None, Some(at), Vec::new()),
        (Some((_, at)), None) => pair.note(What::ContentSchemaRemoved, Some(at), None, Vec::new()),
        (Some((old, _)), Some((new, _))) => pair.descend_one(old, new),
    }
}

fn coding<'t>(view: &View<'_, 't>, encoding: bool) -> Option<Set<&'t str>> {
    view.parts
        .iter()
        .find_map(|part| if encoding { part.schema.content_encoding } else { part.schema.content_media_type })
}
