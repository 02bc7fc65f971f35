//! Keywords that apply one schema because of another: `not`, conditions, `contains`, dependencies, names.
//!
//! What stands under `not` counts the other way round. What stands under `if` says when something holds, so a change of
//! it proves nothing by itself.

use super::pair::Pair;
use super::view::{Conjunction, View};
use super::{Answer, Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Named, Schema, SchemaId, Set, Types};
use crate::openapi::rules::What;

/// Compares them.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    negations(judge, pair);
    conditions(judge, pair);
    let live = |pair: &Pair<'_, '_>, types: Types| pair.old.speaks_of(types) && pair.new.speaks_of(types);
    let arrays = live(pair, Types::ARRAY);
    pair.within(arrays, |pair| contains(judge, pair));
    let objects = live(pair, Types::OBJECT);
    pair.within(objects, |pair| {
        names(judge, pair);
        patterns(judge, pair);
        dependent_required(pair);
        dependent_schemas(judge, pair);
    });
}

/// Whether a schema of the base and one of the revision mean the same.
fn alike(judge: &mut Judge<'_, '_>, one: SchemaId, other: SchemaId) -> bool {
    judge.alike_one((Side::Base, one), (Side::Revision, other))
}

/// What is left of two lists of schemas when those that mean the same are taken out.
fn unmatched(judge: &mut Judge<'_, '_>, old: &mut Vec<SchemaId>, new: &mut Vec<SchemaId>) {
    let mut index = 0;
    while index < old.len() {
        match new.iter().position(|&other| alike(judge, old[index], other)) {
            Some(other) => {
                old.remove(index);
                new.remove(other);
            }
            None => index += 1,
        }
    }
}

fn negations<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let list = |judge: &Judge<'_, '_>, view: &View<'_, '_>| -> Vec<SchemaId> {
        let mut seen = Vec::new();
        let mut list: Vec<SchemaId> = view.parts.iter().filter_map(|part| part.schema.not).collect();
        list.retain(|&not| {
            let hash = judge.hash(view.conjunction.side, not);
            let keep = !seen.contains(&hash);
            seen.push(hash);
            keep
        });
        list
    };
    let (mut old, mut new) = (list(judge, &pair.old), list(judge, &pair.new));
    unmatched(judge, &mut old, &mut new);
    let at = |judge: &Judge<'_, '_>, side: Side, schema: SchemaId| Some(judge.schema(side, schema).at);
    if let (&[one], &[other]) = (old.as_slice(), new.as_slice()) {
        let direction = pair.place.direction();
        let (before, after) = (Conjunction::one(Side::Base, one), Conjunction::one(Side::Revision, other));
        let (more, less) = judge.strictly(|judge| {
            (judge.included(&before, &after, direction), judge.included(&after, &before, direction))
        });
        let places = (at(judge, Side::Base, one), at(judge, Side::Revision, other));
        match (more, less) {
            (Answer::Yes, Answer::Yes) => {}
            // More is excluded, so less is admitted.
            (Answer::Yes, _) => pair.note(What::NotAdded, places.0, places.1, Vec::new()),
            (_, Answer::Yes) => pair.note(What::NotRemoved, places.0, places.1, Vec::new()),
            _ => pair.unproven(What::NotChanged, places, Vec::new(), "not"),
        }
        return;
    }
    for schema in new {
        pair.note(What::NotAdded, None, at(judge, Side::Revision, schema), Vec::new());
    }
    for schema in old {
        pair.note(What::NotRemoved, at(judge, Side::Base, schema), None, Vec::new());
    }
}

/// A condition with what follows from it.
#[derive(Clone, Copy)]
struct Condition {
    when: SchemaId,
    then: Option<SchemaId>,
    otherwise: Option<SchemaId>,
}

fn conditions<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let list = |judge: &Judge<'_, '_>, view: &View<'_, '_>| -> Vec<Condition> {
        let side = view.conjunction.side;
        let said = |branch: Option<SchemaId>| branch.filter(|&branch| !judge.is_true(side, branch));
        let all = view.parts.iter().filter_map(|part| {
            let schema: &Schema<'_> = part.schema;
            let (then, otherwise) = (said(schema.then), said(schema.otherwise));
            let when = schema.when?;
            (then.is_some() || otherwise.is_some()).then_some(Condition { when, then, otherwise })
        });
        let mut seen = Vec::new();
        let hash = |schema: Option<SchemaId>| schema.map(|schema| judge.hash(side, schema));
        all.filter(|one| {
            let key = (hash(Some(one.when)), hash(one.then), hash(one.otherwise));
            let keep = !seen.contains(&key);
            seen.push(key);
            keep
        })
        .collect()
    };
    let (mut old, mut new) = (list(judge, &pair.old), list(judge, &pair.new));
    let at = |judge: &Judge<'_, '_>, side: Side, schema: SchemaId| Some(judge.schema(side, schema).at);
    // First those with equal consequences, so that two with one condition are not confused.
    for exact in [true, false] {
        let mut index = 0;
        while index < old.len() {
            let one = old[index];
            let same = |other: &Condition| {
                let mut equal = |one: Option<SchemaId>, other: Option<SchemaId>| match (one, other) {
                    (Some(one), Some(other)) => alike(judge, one, other),
                    (one, other) => one.is_none() && other.is_none(),
                };
                equal(Some(one.when), Some(other.when))
                    && (!exact || (equal(one.then, other.then) && equal(one.otherwise, other.otherwise)))
            };
            let Some(found) = new.iter().position(same) else {
                index += 1;
                continue;
            };
            let other = new.remove(found);
            old.remove(index);
            for (before, after, came, went) in [
                (one.then, other.then, What::ThenAdded, What::ThenRemoved),
                (one.otherwise, other.otherwise, What::ElseAdded, What::ElseRemoved),
            ] {
                match (before, after) {
                    (None, None) => {}
                    (None, Some(after)) => {
                        pair.note(came, None, at(judge, Side::Revision, after), Vec::new());
                    }
                    (Some(before), None) => pair.note(went, at(judge, Side::Base, before), None, Vec::new()),
                    (Some(before), Some(after)) => consequence(
                        judge,
                        pair,
                        Conjunction::one(Side::Base, before),
                        Conjunction::one(Side::Revision, after),
                        "if/then/else",
                    ),
                }
            }
        }
    }
    if let (&[one], &[other]) = (old.as_slice(), new.as_slice()) {
        let places = (at(judge, Side::Base, one.when), at(judge, Side::Revision, other.when));
        return pair.unproven(What::BecameUndecided, places, Vec::new(), "if/then/else");
    }
    for (list, side, whats) in [
        (new, Side::Revision, [What::IfAdded, What::ThenAdded, What::ElseAdded]),
        (old, Side::Base, [What::IfRemoved, What::ThenRemoved, What::ElseRemoved]),
    ] {
        for condition in list {
            let all = [
                (Some(condition.when), whats[0]),
                (condition.then, whats[1]),
                (condition.otherwise, whats[2]),
            ];
            for (schema, what) in all {
                if let Some(schema) = schema {
                    let place = at(judge, side, schema);
                    let (base, revision) = if side == Side::Base { (place, None) } else { (None, place) };
                    pair.note(what, base, revision, Vec::new());
                }
            }
        }
    }
}

/// Compares what follows on both sides from what a message has. It holds beside all that is said of the whole: what that
/// asks for already is no news, and what it has a property for is one that messages have.
fn consequence<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    before: Conjunction,
    after: Conjunction,
    construct: &str,
) {
    let direction = pair.place.direction();
    let (part, whole, enclosing) = if direction == Direction::Response {
        (&after, &before, &pair.new.conjunction)
    } else {
        (&before, &after, &pair.old.conjunction)
    };
    let alone = judge.included(part, whole, direction);
    let within = judge.included(&enclosing.with(part.schemas.iter().copied()), whole, direction);
    if alone.is_yes() && !within.is_yes() {
        pair.undecided(construct);
    }
    pair.within(alone.is_yes() || !within.is_yes(), |pair| pair.descend(before, after));
}

/// `contains` with its counts.
#[derive(Clone, Copy)]
struct Contains {
    schema: SchemaId,
    /// One where it is not said.
    least: u64,
    said: Option<Set<u64>>,
    most: Option<Set<u64>>,
}

fn contains<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let list = |view: &View<'_, '_>| -> Vec<Contains> {
        let all = view.parts.iter().filter_map(|part| {
            let schema: &Schema<'_> = part.schema;
            let least = schema.min_contains.map_or(1, |set| set.value);
            (least > 0 || schema.max_contains.is_some()).then_some(())?;
            Some(Contains {
                schema: schema.contains?,
                least,
                said: schema.min_contains,
                most: schema.max_contains,
            })
        });
        all.collect()
    };
    let (mut old, mut new) = (list(&pair.old), list(&pair.new));
    let at = |judge: &Judge<'_, '_>, side: Side, schema: SchemaId| Some(judge.schema(side, schema).at);
    // Those that are the same in every respect first, then those that look for the same, then the last of each side.
    for round in 0..3 {
        let mut index = 0;
        while index < old.len() {
            let one = old[index];
            let alone = old.len() == 1 && new.len() == 1;
            let found = new.iter().position(|other| {
                let same = round < 2 && alike(judge, one.schema, other.schema);
                let counts = one.least == other.least
                    && one.most.map(|set| set.value) == other.most.map(|set| set.value);
                match round {
                    0 => same && counts,
                    1 => same,
                    _ => alone,
                }
            });
            let Some(found) = found else {
                index += 1;
                continue;
            };
            let other = new.remove(found);
            old.remove(index);
            if round == 2 {
                if one.most.is_some() || other.most.is_some() {
                    // At most so many of a form: the form counts the other way round, and at least: as it stands.
                    let places = (at(judge, Side::Base, one.schema), at(judge, Side::Revision, other.schema));
                    pair.unproven(What::BecameUndecided, places, Vec::new(), "contains");
                } else {
                    if !found_alike(judge, pair, one.schema, other.schema) {
                        let places =
                            (at(judge, Side::Base, one.schema), at(judge, Side::Revision, other.schema));
                        pair.unproven(What::BecameUndecided, places, Vec::new(), "contains");
                    }
                    pair.descend_one(one.schema, other.schema);
                }
            }
            let what = match (one.said, other.said, other.least.cmp(&one.least)) {
                (.., std::cmp::Ordering::Equal) => None,
                (None, Some(_), std::cmp::Ordering::Greater) => Some(What::MinContainsSet),
                (Some(_), None, std::cmp::Ordering::Less) => Some(What::MinContainsUnset),
                (.., std::cmp::Ordering::Greater) => Some(What::MinContainsIncreased),
                (.., std::cmp::Ordering::Less) => Some(What::MinContainsDecreased),
            };
            if let Some(what) = what {
                let mut arguments = Vec::new();
                arguments.extend(one.said.map(|set| ("from", set.value.to_string())));
                arguments.extend(other.said.map(|set| ("to", set.value.to_string())));
                pair.note(what, one.said.map(|set| set.at), other.said.map(|set| set.at), arguments);
            }
            pair.count(
                (one.most, other.most),
                [
                    What::MaxContainsSet,
                    What::MaxContainsUnset,
                    What::MaxContainsIncreased,
                    What::MaxContainsDecreased,
                ],
                false,
            );
        }
    }
    for one in new {
        pair.note(What::ContainsAdded, None, at(judge, Side::Revision, one.schema), Vec::new());
    }
    for one in old {
        pair.note(What::ContainsRemoved, at(judge, Side::Base, one.schema), None, Vec::new());
    }
}

/// Whether what is told of two forms of an item says all. What is found among the items uses any name, so where only names
/// that are taken as unused make the one lie in the other, it does not.
fn found_alike<'c, 't>(judge: &mut Judge<'c, 't>, pair: &Pair<'c, 't>, old: SchemaId, new: SchemaId) -> bool {
    let direction = pair.place.direction();
    let (old, new) = (Conjunction::one(Side::Base, old), Conjunction::one(Side::Revision, new));
    let (part, whole) = if direction == Direction::Response { (&new, &old) } else { (&old, &new) };
    judge.strict
        || !judge.included(part, whole, direction).is_yes()
        || judge.strictly(|judge| judge.included(part, whole, direction)).is_yes()
}

fn names<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let list = |judge: &mut Judge<'_, '_>, view: &View<'_, '_>| -> Conjunction {
        let side = view.conjunction.side;
        let mut schemas: Vec<SchemaId> =
            view.parts.iter().filter_map(|part| part.schema.property_names).collect();
        // A name is a string: what says no more says nothing.
        schemas.retain(|&schema| {
            let text = Conjunction::one(side, schema).only(Types::STRING);
            let any = Conjunction::all(side, Vec::new()).only(Types::STRING);
            !judge.included(&any, &text, pair.place.direction()).is_yes()
        });
        let mut hashes = Vec::new();
        schemas.retain(|&schema| {
            let hash = judge.hash(side, schema);
            let keep = !hashes.contains(&hash);
            hashes.push(hash);
            keep
        });
        Conjunction::all(side, schemas)
    };
    let (old, new) = (list(judge, &pair.old), list(judge, &pair.new));
    let at = |judge: &Judge<'_, '_>, names: &Conjunction| {
        names.schemas.first().map(|&first| judge.schema(names.side, first).at)
    };
    match (old.schemas.is_empty(), new.schemas.is_empty()) {
        (true, true) => {}
        (true, false) => pair.note(What::PropertyNamesAdded, None, at(judge, &new), Vec::new()),
        (false, true) => pair.note(What::PropertyNamesRemoved, at(judge, &old), None, Vec::new()),
        (false, false) => pair.descend(old, new),
    }
}

/// All that stands under each name, ascending by name; without what says nothing where that is `plain`.
fn by_name<'t>(
    judge: &Judge<'_, '_>,
    view: &View<'_, 't>,
    plain: bool,
    pick: impl for<'s> Fn(&'s Schema<'t>) -> &'s [Named<'t>],
) -> Vec<(&'t str, At, Conjunction)> {
    let side = view.conjunction.side;
    let mut list: Vec<(&'t str, At, Conjunction)> = Vec::new();
    let mut all: Vec<Named<'t>> =
        view.parts.iter().flat_map(|part| pick(part.schema).iter().copied()).collect();
    all.sort_by_key(|named| named.name);
    for named in all {
        if plain && judge.is_true(side, named.schema) {
            continue;
        }
        match list.last_mut() {
            Some((name, _, conjunction)) if *name == named.name => {
                let hash = judge.hash(side, named.schema);
                if !conjunction.schemas.iter().any(|&known| judge.hash(side, known) == hash) {
                    conjunction.schemas.push(named.schema);
                }
            }
            _ => list.push((named.name, named.at, Conjunction::one(side, named.schema))),
        }
    }
    list
}

/// Compares what stands under names that both sides may have.
fn named<'c, 't>(
    pair: &mut Pair<'c, 't>,
    old: Vec<(&str, At, Conjunction)>,
    new: Vec<(&str, At, Conjunction)>,
    (came, went): (What, What),
    mut both: impl FnMut(&mut Pair<'c, 't>, Conjunction, Conjunction),
) {
    let mut new = new.into_iter().peekable();
    let value = |name: &str| vec![("value", name.to_owned())];
    for (name, at, conjunction) in old {
        while let Some((other, other_at, _)) = new.next_if(|other| other.0 < name) {
            pair.note(came, None, Some(other_at), value(other));
        }
        match new.next_if(|other| other.0 == name) {
            Some((_, _, other)) => both(pair, conjunction, other),
            None => pair.note(went, Some(at), None, value(name)),
        }
    }
    for (other, other_at, _) in new {
        pair.note(came, None, Some(other_at), value(other));
    }
}

/// Names by a pattern. Where the other side does not have the pattern, its names are among those that it does not name.
fn patterns<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let (old_rest, new_rest) = (judge.rest(&pair.old), judge.rest(&pair.new));
    let open = !old_rest.described && !new_rest.described;
    let old = by_name(judge, &pair.old, open, |schema| &schema.pattern_properties);
    let new = by_name(judge, &pair.new, open, |schema| &schema.pattern_properties);
    if open {
        let whats = (What::PatternPropertyAdded, What::PatternPropertyRemoved);
        return named(pair, old, new, whats, Pair::descend);
    }
    let alone = old.is_empty() || new.is_empty();
    // Fewer names break no response and more of them no request, whatever takes the place of what went.
    let direction = pair.place.direction();
    let mut new: Vec<_> = new.into_iter().map(Some).collect();
    for (name, at, conjunction) in old {
        let same = new.iter_mut().find(|other| other.as_ref().is_some_and(|other| other.0 == name));
        if let Some((_, _, other)) = same.and_then(Option::take) {
            pair.descend(conjunction, other);
        } else if !new_rest.forbidden {
            if new_rest.described {
                pair.descend(conjunction, Conjunction::all(Side::Revision, new_rest.schemas.clone()));
            } else {
                pair.note(What::PatternPropertyRemoved, Some(at), None, vec![("value", name.to_owned())]);
            }
        } else if !conjunction.schemas.iter().any(|&schema| judge.is_false(Side::Base, schema)) {
            if alone || direction == Direction::Response {
                pair.note(What::AdditionalPropertiesClosed, Some(at), None, Vec::new());
            } else {
                pair.undecided("patternProperties");
            }
        }
    }
    for (name, at, conjunction) in new.into_iter().flatten() {
        if !old_rest.forbidden {
            if old_rest.described {
                pair.descend(Conjunction::all(Side::Base, old_rest.schemas.clone()), conjunction);
            } else {
                pair.note(What::PatternPropertyAdded, None, Some(at), vec![("value", name.to_owned())]);
            }
        } else if !conjunction.schemas.iter().any(|&schema| judge.is_false(Side::Revision, schema)) {
            if alone || direction == Direction::Request {
                pair.note(What::AdditionalPropertiesOpened, None, Some(at), Vec::new());
            } else {
                pair.undecided("patternProperties");
            }
        }
    }
}

fn dependent_schemas<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let old = by_name(judge, &pair.old, true, |schema| &schema.dependent_schemas);
    let new = by_name(judge, &pair.new, true, |schema| &schema.dependent_schemas);
    let whats = (What::DependentSchemaAdded, What::DependentSchemaRemoved);
    named(pair, old, new, whats, |pair, old, new| consequence(judge, pair, old, new, "dependentSchemas"));
}

fn dependent_required(pair: &mut Pair<'_, '_>) {
    type Needs<'t> = Vec<(&'t str, Vec<&'t str>, At)>;
    fn list<'t>(view: &View<'_, 't>) -> Needs<'t> {
        let mut list: Needs<'t> = Vec::new();
        let mut all: Vec<&(&'t str, Vec<&'t str>, At)> =
            view.parts.iter().flat_map(|part| part.schema.dependent_required.iter()).collect();
        all.sort_by_key(|needs| needs.0);
        for (name, needs, at) in all {
            if needs.is_empty() {
                continue;
            }
            match list.last_mut() {
                Some((known, all, _)) if known == name => {
                    all.extend(needs);
                    all.sort_unstable();
                    all.dedup();
                }
                _ => list.push((name, needs.clone(), *at)),
            }
        }
        list
    }
    let (old, new) = (list(&pair.old), list(&pair.new));
    let mut after = new.into_iter().peekable();
    let added = |pair: &mut Pair<'_, '_>, name: &str, needs: &[&str], base: Option<At>, at: At| {
        let arguments = vec![("value", name.to_owned()), ("to", needs.join(", "))];
        pair.note(What::DependentRequiredAdded, base, Some(at), arguments);
    };
    for (name, needs, at) in old {
        while let Some((other, needs, at)) = after.next_if(|other| other.0 < name) {
            added(pair, other, &needs, None, at);
        }
        let Some((_, now, now_at)) = after.next_if(|other| other.0 == name) else {
            let arguments = vec![("value", name.to_owned()), ("from", needs.join(", "))];
            pair.note(What::DependentRequiredRemoved, Some(at), None, arguments);
            continue;
        };
        let more: Vec<&str> = now.iter().copied().filter(|one| !needs.contains(one)).collect();
        let less: Vec<&str> = needs.iter().copied().filter(|one| !now.contains(one)).collect();
        match (more.is_empty(), less.is_empty()) {
            (true, true) => {}
            (false, true) => added(pair, name, &more, Some(at), now_at),
            (true, false) => {
                let arguments = vec![("value", name.to_owned()), ("from", less.join(", "))];
                pair.note(What::DependentRequiredRemoved, Some(at), Some(now_at), arguments);
            }
            (false, false) => {
                let arguments =
                    vec![("value", name.to_owned()), ("from", needs.join(", ")), ("to", now.join(", "))];
                pair.note(What::DependentRequiredChanged, Some(at), Some(now_at), arguments);
            }
        }
    }
    for (other, needs, at) in after {
        added(pair, other, &needs, None, at);
    }
}
