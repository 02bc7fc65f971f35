//! Null, lists of values, bounds, lengths and patterns.

use super::admits::divides;
use super::pair::Pair;
use super::pattern::any_text;
use super::shape::beyond_values;
use super::value::{Value, number, shown};
use super::view::{Limit, Member, View};
use super::{Answer, Judge, formats, kinds};
use crate::openapi::decimal::Decimal;
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Bound, Set, Types};
use crate::openapi::rules::What;

/// The most values of a list that findings name one by one.
const VALUES: usize = 200;

/// Compares everything that is said of scalars.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    null(pair);
    if pair.old.types.is_none() || pair.new.types.is_none() {
        if pair.old.types != pair.new.types {
            kinds::compare(judge, pair, Types::NONE);
        }
        return;
    }
    booleans(pair);
    values(judge, pair);
    extensible(pair);
    let lists = (pair.old.finite.is_some(), pair.new.finite.is_some());
    let shared = pair.old.types.and(pair.new.types);
    let free = lists == (false, false);
    if lists != (true, true) {
        kinds::compare(judge, pair, if free { shared } else { Types::NONE });
    }
    // A value that is spelled out is there or not: a keyword beside it matters where it takes one away.
    let live = |pair: &Pair<'_, '_>, types: Types| shared.meets(types) && (free || pair.breaks());
    let numbers = live(pair, Types::NUMBER);
    pair.within(numbers, |pair| {
        bounds(pair, true);
        bounds(pair, false);
        multiples(pair);
    });
    let strings = live(pair, Types::STRING);
    pair.within(strings, |pair| {
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
        patterns(judge, pair);
        content(pair);
    });
}

/// Everything but null.
pub(super) const NOT_NULL: Types = Types(Types::ANY.0 & !Types::NULL.0);

/// Compares whether null is admitted.
pub(super) fn null(pair: &mut Pair<'_, '_>) {
    let what = match (pair.old.null, pair.new.null) {
        (Answer::No, Answer::Yes) => What::BecameNullable,
        (Answer::Yes, Answer::No) => What::BecameNotNullable,
        (one, other) if one == other => return,
        _ => return pair.undecided("null"),
    };
    // A side that admits any type admits null as one of them: its change of type says so.
    let any = |view: &View<'_, '_>| {
        view.null.is_yes() && view.types == NOT_NULL && view.finite.is_none() && view.groups.is_empty()
    };
    if (any(&pair.old) && pair.new.types != NOT_NULL) || (any(&pair.new) && pair.old.types != NOT_NULL) {
        return;
    }
    pair.note(what, pair.old.types_at, pair.new.types_at, Vec::new());
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

/// Compares lists of values.
fn values<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    match (pair.old.finite.is_some(), pair.new.finite.is_some()) {
        (false, false) => {}
        (true, true) => both(judge, pair),
        (true, false) => {
            let at = pair.old.finite_at.map(|(at, _)| at);
            let old = pair.old.finite.clone().unwrap_or_default();
            if !pair.old.types.meets(pair.new.types) {
                return;
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
        }
        (false, true) => {
            let at = pair.new.finite_at.map(|(at, _)| at);
            let new = pair.new.finite.clone().unwrap_or_default();
            let constant = pair.new.finite_at.is_some_and(|(_, constant)| constant) && new.len() == 1;
            let all: Vec<String> = new.iter().take(20).map(text).collect();
            let what = if constant { What::ConstAdded } else { What::BecameEnum };
            let meets = pair.old.types.meets(pair.new.types);
            // What is written as text was written by the base as well, in other words.
            let written = kinds::written(pair.is_styled(), &pair.old).meets(pair.new.types);
            pair.within(meets || written, |pair| pair.note(what, None, at, vec![("to", all.join(", "))]));
            let (gained, unknown) =
                if meets { outside(judge, &new, &pair.old) } else { (new.clone(), false) };
            pair.within(meets, |pair| {
                pair.each(
                    What::EnumValueAdded,
                    gained.iter().map(|member| (None, Some(member.at), text(member))),
                    VALUES,
                );
            });
            if !meets {
                return;
            }
            if unknown && pair.place.direction() == Direction::Response {
                pair.undecided("enum");
            }
            pair.new.types = pair.old.types.and(pair.new.types);
            pair.old.types = pair.new.types;
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

fn both<'c, 't>(judge: &Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    doubtful(judge, pair);
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

/// A value that both sides spell out, and that one of them may refuse for another reason: one that nothing decides.
fn doubtful<'c, 't>(judge: &Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let response = pair.place.direction() == Direction::Response;
    let (narrow, wide) = if response { (&pair.new, &pair.old) } else { (&pair.old, &pair.new) };
    if wide.groups.is_empty() && !wide.parts.iter().any(|part| beyond_values(part.schema)) {
        return;
    }
    let known = |member: &&Member<'t>| {
        let all = wide.finite.as_deref().unwrap_or_default();
        all.binary_search_by(|other| other.value.cmp(&member.value)).is_ok()
    };
    let doubt = narrow.finite.iter().flatten().filter(known).take(VALUES).any(|member| {
        member.node.is_some_and(|node| {
            judge.admits(node, &wide.conjunction) == Answer::Unknown
                && judge.admits(node, &narrow.conjunction).is_yes()
        })
    });
    if doubt {
        pair.undecided("enum");
    }
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
    let is_exclusive =
        |side: &Option<(Decimal, bool, Bound)>| side.as_ref().is_some_and(|(_, _, bound)| bound.exclusive);
    // The same number, which is in or out.
    let turned =
        written(&old).is_some() && written(&old) == written(&new) && is_exclusive(&old) != is_exclusive(&new);
    let exclusive = turned || is_exclusive(if new.is_some() { &new } else { &old });
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
        _ if turned => whats[usize::from(is_exclusive(&old))],
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
    arguments.extend(written(&old).filter(|_| !turned || is_exclusive(&old)).map(|from| ("from", from)));
    arguments.extend(written(&new).filter(|_| !turned || is_exclusive(&new)).map(|to| ("to", to)));
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
            (_, Answer::Yes) if response => What::MultipleOfChanged,
            (_, Answer::Yes) => What::MultipleOfGeneralized,
            (Answer::Yes, _) | (Answer::No, Answer::No) => What::MultipleOfChanged,
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

fn patterns<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    type Patterns<'t> = Vec<(&'t str, At)>;
    fn list<'t>(view: &View<'_, 't>) -> Patterns<'t> {
        let all = view.parts.iter().filter_map(|part| part.schema.pattern);
        // No pattern at all is found everywhere too.
        let mut list: Patterns<'t> =
            all.map(|set| (set.value, set.at)).filter(|(text, _)| !text.is_empty()).collect();
        list.sort_by_key(|&(text, _)| text);
        list.dedup_by_key(|&mut (text, _)| text);
        list
    }
    fn join(list: &Patterns<'_>) -> String {
        list.iter().map(|&(text, _)| text).collect::<Vec<_>>().join("`, `")
    }
    let (before, after) = (list(&pair.old), list(&pair.new));
    let response = pair.place.direction() == Direction::Response;
    if let (&[(from, old_at)], &[(to, new_at)]) = (before.as_slice(), after.as_slice()) {
        if from == to {
            return;
        }
        let arguments = vec![("from", from.to_owned()), ("to", to.to_owned())];
        let places = (Some(old_at), Some(new_at));
        let (wider, narrower) = (judge.patterns.included(from, to), judge.patterns.included(to, from));
        match if response { narrower } else { wider } {
            _ if wider.and(narrower).is_yes() => {}
            _ if any_text(from) => {
                pair.note(What::PatternAdded, places.0, places.1, vec![("to", to.to_owned())]);
            }
            Answer::Yes if response => pair.proven(What::PatternSpecialized, places, arguments),
            Answer::Yes => pair.proven(What::PatternGeneralized, places, arguments),
            Answer::No => pair.note(What::PatternChanged, places.0, places.1, arguments),
            Answer::Unknown => pair.unproven(What::PatternChanged, places, arguments, "pattern"),
        }
        return;
    }
    // Several patterns must all be found: one that another implies asks for nothing.
    let mut beyond = |list: &Patterns<'t>, others: &Patterns<'t>| -> Patterns<'t> {
        let mut implied = |text: &'t str| {
            any_text(text)
                || others
                    .iter()
                    .any(|&(other, _)| other == text || judge.patterns.included(other, text).is_yes())
        };
        list.iter().copied().filter(|&(text, _)| !implied(text)).collect()
    };
    let (narrowing, widening) = (beyond(&after, &before), beyond(&before, &after));
    if !narrowing.is_empty() && !widening.is_empty() {
        let arguments = vec![("from", join(&widening)), ("to", join(&narrowing))];
        let places = (Some(widening[0].1), Some(narrowing[0].1));
        return pair.unproven(What::PatternChanged, places, arguments, "pattern");
    }
    for (text, at) in narrowing {
        pair.note(What::PatternAdded, None, Some(at), vec![("to", text.to_owned())]);
    }
    for (text, at) in widening {
        pair.note(What::PatternRemoved, Some(at), None, vec![("from", text.to_owned())]);
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
            (Some(one), None) if means(&pair.new, encoding, one.value) => {}
            (None, Some(other)) if means(&pair.old, encoding, other.value) => {}
            _ => {
                let mut arguments = Vec::new();
                arguments.extend(old.map(|old| ("from", old.value.to_owned())));
                arguments.extend(new.map(|new| ("to", new.value.to_owned())));
                // What octets mean that are written as text is told to people; of a plain text it says how it is written.
                let coded = |view: &View<'_, '_>| {
                    view.parts.iter().any(|part| formats::content(part.schema, true).is_some())
                };
                let one_sided = old.is_none() || new.is_none();
                let told = !encoding && one_sided && coded(&pair.old) && coded(&pair.new);
                let places = (old.map(|old| old.at), new.map(|new| new.at));
                pair.within(!told, |pair| pair.note(what, places.0, places.1, arguments));
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

/// Whether a format of `view` says what `value` says as a keyword.
fn means(view: &View<'_, '_>, encoding: bool, value: &str) -> bool {
    let mut all = view.parts.iter().filter_map(|part| formats::content(part.schema, encoding));
    all.any(|own| own.value.eq_ignore_ascii_case(value))
}

fn coding<'t>(view: &View<'_, 't>, encoding: bool) -> Option<Set<&'t str>> {
    view.parts
        .iter()
        .find_map(|part| if encoding { part.schema.content_encoding } else { part.schema.content_media_type })
}
