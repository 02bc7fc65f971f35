//! `anyOf`, `oneOf` and their discriminators.

use super::objects::Names;
use super::pair::Pair;
use super::scalars::NOT_NULL;
use super::view::{Conjunction, Group, Union, View};
use super::{Judge, Side, exclusive, wrapping};
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Discriminator, SchemaId, Types};
use crate::openapi::rules::{self, What};

/// What is left to do for a pair with unions.
pub(super) enum Rest {
    /// The other keywords, as they stand.
    Same,
    /// This pair instead: one side is now a branch.
    Instead(Conjunction, Conjunction),
    /// Nothing.
    Nothing,
}

/// Compares unions.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) -> Rest {
    if pair.old.finite.is_some() || pair.new.finite.is_some() {
        discriminators(judge, pair, &[]);
        return Rest::Same;
    }
    let (mut old, mut new) = (std::mem::take(&mut pair.old.groups), std::mem::take(&mut pair.new.groups));
    let all = (old.clone(), new.clone());
    let mut pairs: Vec<(SchemaId, SchemaId)> = Vec::new();
    // Unions that mean the same on both sides.
    let mut left = Vec::new();
    while !old.is_empty() {
        let one = old.remove(0);
        let same = |judge: &mut Judge<'c, 't>, side: Side, other: &Group<'c, 't>| {
            judge.partners((Side::Base, &one), (side, other), |_, _, _| false).is_some()
        };
        let Some(other) = new.iter().position(|other| same(judge, Side::Revision, other)) else {
            left.push(one);
            continue;
        };
        let matched = judge.matched(&one, &new[other]);
        // A union that stands there twice says it once.
        old.retain(|twin| !same(judge, Side::Base, twin));
        new.retain(|twin| !same(judge, Side::Revision, twin));
        for &(one, other) in &matched.pairs {
            pair.descend_one(one, other);
        }
        pairs.extend(matched.pairs);
    }
    let old = left;
    pair.matched = !(old.is_empty() && new.is_empty());
    let rest = match (old.as_slice(), new.as_slice()) {
        ([], []) => Rest::Same,
        ([one], [other]) => {
            branches(judge, pair, one, other, &mut pairs);
            Rest::Same
        }
        ([], [group]) => wrapping::wrapped(judge, pair, group),
        ([group], []) => wrapping::unwrapped(judge, pair, group),
        _ => several(judge, pair, &old, &new, &mut pairs),
    };
    (pair.old.groups, pair.new.groups) = all;
    if !matches!(rest, Rest::Instead(..)) {
        discriminators(judge, pair, &pairs);
    }
    rest
}

/// How deep lists of lists are looked into for values that have names, and how many first items of each.
const NESTED: usize = 4;

/// Values that have parts.
pub(super) const COMPOUND: Types = Types(Types::OBJECT.0 | Types::ARRAY.0);

/// What must be inside what.
pub(super) fn sides(pair: &Pair<'_, '_>) -> (Conjunction, Conjunction) {
    let (old, new) = (pair.old.conjunction.only(NOT_NULL), pair.new.conjunction.only(NOT_NULL));
    if pair.place.direction() == Direction::Response { (new, old) } else { (old, new) }
}

pub(super) fn added(union: Union) -> What {
    if union == Union::AnyOf { What::AnyOfAdded } else { What::OneOfAdded }
}

pub(super) fn removed(union: Union) -> What {
    if union == Union::AnyOf { What::AnyOfRemoved } else { What::OneOfRemoved }
}

pub(super) fn word(union: Union) -> &'static str {
    if union == Union::AnyOf { "anyOf" } else { "oneOf" }
}

pub(super) fn label(judge: &Judge<'_, '_>, side: Side, schema: SchemaId) -> Vec<(&'static str, String)> {
    judge.name(side, schema).map(|name| vec![("value", name.to_owned())]).unwrap_or_default()
}

/// Two unions that differ.
fn branches<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    old: &Group<'c, 't>,
    new: &Group<'c, 't>,
    pairs: &mut Vec<(SchemaId, SchemaId)>,
) {
    let direction = pair.place.direction();
    let matched = judge.matched(old, new);
    if matched.cut {
        pair.undecided("budget");
    }
    for &branch in &matched.old {
        // A branch that another one covers is not lost.
        let slice = pair.old.conjunction.choosing(old.owner, old.union, branch).only(NOT_NULL);
        let covered = direction == Direction::Request
            && (judge.included(&slice, &pair.new.conjunction, direction).is_yes()
                || judge.is_twice((Side::Base, Types::ANY), old, branch, direction));
        let at = judge.schema(Side::Base, branch).at;
        went(pair, removed(old.union), (Some(at), None), label(judge, Side::Base, branch), covered);
    }
    for &branch in &matched.new {
        let slice = pair.new.conjunction.choosing(new.owner, new.union, branch).only(NOT_NULL);
        // A tag that nobody knows is news whatever the others admit.
        let covered = direction == Direction::Response
            && new.discriminator.is_none()
            && (judge.included(&slice, &pair.old.conjunction, direction).is_yes()
                || judge.is_twice((Side::Revision, Types::ANY), new, branch, direction));
        let at = judge.schema(Side::Revision, branch).at;
        went(pair, added(new.union), (None, Some(at)), label(judge, Side::Revision, branch), covered);
    }
    exclusive::compare(judge, pair, (old, new), &matched);
    for (one, other) in matched.pairs {
        let (before, after) = ((old, one), (new, other));
        if !beside(judge, pair, before, after) {
            let live = !elsewhere(judge, pair, before, after);
            if live && speaks_of_shared(judge, pair, before, after) {
                let places = (judge.schema(Side::Base, one).at, judge.schema(Side::Revision, other).at);
                let places = (Some(places.0), Some(places.1));
                pair.unproven(What::BecameUndecided, places, Vec::new(), "properties of alternatives");
            }
            pair.within(live, |pair| pair.descend_one(one, other));
        }
        pairs.push((one, other));
    }
}

/// Notes an alternative that came or went. One that the others cover matters to no message, and is only told.
fn went(
    pair: &mut Pair<'_, '_>,
    what: What,
    places: (Option<At>, Option<At>),
    arguments: Vec<(&'static str, String)>,
    covered: bool,
) {
    if !covered {
        pair.note(what, places.0, places.1, arguments);
    } else if rules::of(pair.place, what).known() {
        pair.proven(what, places, arguments);
    }
}

/// Whether a branch that looks changed is what it was together with the keywords beside its union, to which what it no longer
/// speaks of may have moved.
fn beside<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &Pair<'c, 't>,
    (old, one): (&Group<'c, 't>, SchemaId),
    (new, other): (&Group<'c, 't>, SchemaId),
) -> bool {
    if judge.hash(Side::Base, one) == judge.hash(Side::Revision, other)
        || !(pair.old.says() || pair.new.says())
    {
        return false;
    }
    let direction = pair.place.direction();
    let response = direction == Direction::Response;
    let within = |judge: &mut Judge<'c, 't>, before: &Conjunction, after: &Conjunction| {
        let (part, whole) = if response { (after, before) } else { (before, after) };
        judge.included(part, whole, direction).is_yes()
    };
    let alone = (Conjunction::one(Side::Base, one), Conjunction::one(Side::Revision, other));
    let whole = (
        pair.old.conjunction.choosing(old.owner, old.union, one).only(NOT_NULL),
        pair.new.conjunction.choosing(new.owner, new.union, other).only(NOT_NULL),
    );
    let (was, is) = (Names::of(&judge.view(&alone.0)), Names::of(&judge.view(&alone.1)));
    let moved = !was.within(&is) && was.within(&Names::of(&judge.view(&whole.1)));
    (moved || !within(judge, &alone.0, &alone.1)) && within(judge, &whole.0, &whole.1)
}

/// Whether a branch asks more of a property that it did not speak of, and that what stands beside the union does: to the
/// branch alone it is a new name, and messages have it all the same.
fn speaks_of_shared<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &Pair<'c, 't>,
    (old, one): (&Group<'c, 't>, SchemaId),
    (new, other): (&Group<'c, 't>, SchemaId),
) -> bool {
    let direction = pair.place.direction();
    let before = (Conjunction::one(Side::Base, one), &pair.old, old, one);
    let after = (Conjunction::one(Side::Revision, other), &pair.new, new, other);
    let (part, whole) = if direction == Direction::Response { (after, before) } else { (before, after) };
    let shared = Names::of(part.1);
    if shared.is_empty() || judge.hash(Side::Base, one) == judge.hash(Side::Revision, other) {
        return false;
    }
    let (mine, theirs) = (Names::of(&judge.view(&part.0)), Names::of(&judge.view(&whole.0)));
    if !theirs.all().any(|name| shared.has(name) && !mine.has(name)) {
        return false;
    }
    let slice = |(_, view, group, branch): &(Conjunction, &View<'c, 't>, &Group<'c, 't>, SchemaId)| {
        view.conjunction.choosing(group.owner, group.union, *branch).only(NOT_NULL)
    };
    !judge.included(&slice(&part), &slice(&whole), direction).is_yes()
}

/// Whether what a branch loses another one takes. What it loses of `oneOf` the others may gain or refuse, so of that all
/// branches tell.
fn elsewhere<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &Pair<'c, 't>,
    (old, one): (&Group<'c, 't>, SchemaId),
    (new, other): (&Group<'c, 't>, SchemaId),
) -> bool {
    let any_of = old.union == Union::AnyOf && new.union == Union::AnyOf;
    let tagged = old.discriminator.is_some() || new.discriminator.is_some();
    if (tagged && !any_of) || judge.hash(Side::Base, one) == judge.hash(Side::Revision, other) {
        return false;
    }
    let direction = pair.place.direction();
    let before = (Conjunction::one(Side::Base, one), &pair.old.conjunction, old, one);
    let after = (Conjunction::one(Side::Revision, other), &pair.new.conjunction, new, other);
    let (part, whole) = if direction == Direction::Response { (after, before) } else { (before, after) };
    if !judge.loses_nameless(&part.0, &whole.0, direction) {
        return false;
    }
    let own = if any_of { part.1.choosing(part.2.owner, part.2.union, part.3) } else { part.1.clone() };
    judge.included(&own.only(NOT_NULL), whole.1, direction).is_yes()
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether a value has no parts. An open object takes any name, and whoever reads a name that it does not declare is
    /// not served by its taking that.
    pub(super) fn is_scalar(&mut self, conjunction: &Conjunction) -> bool {
        let view = self.view(conjunction);
        !self.kinds(&view).meets(COMPOUND)
    }

    /// Of which types `view` has values with names, on their own or in lists of them.
    fn types_with_names(&mut self, view: &View<'c, 't>, depth: usize) -> Types {
        let kinds = self.kinds(view);
        if !kinds.meets(Types::ARRAY) {
            return kinds.and(Types::OBJECT);
        }
        let firsts = self.firsts(view);
        let nameless = depth > 0
            && firsts <= NESTED
            && (0..=firsts).all(|index| {
                let item = self.item(view, (index < firsts).then_some(index), true);
                let item = self.view(&item);
                self.types_with_names(&item, depth - 1) == Types::NONE
            });
        kinds.and(if nameless { Types::OBJECT } else { COMPOUND })
    }

    /// Whether values of `part` are not in `whole`, and none that is not has names.
    pub(super) fn loses_nameless(
        &mut self,
        part: &Conjunction,
        whole: &Conjunction,
        direction: Direction,
    ) -> bool {
        let view = self.view(part);
        let (kinds, named) = (self.kinds(&view), self.types_with_names(&view, NESTED));
        // Where all values have names, the second question would be the first one.
        !named.contains(kinds)
            && !self.included(part, whole, direction).is_yes()
            && (named == Types::NONE || self.included(&part.only(named), whole, direction).is_yes())
    }

    /// Whether all of `part` is in `whole`, which speaks of no name that `part` does not declare.
    pub(super) fn covers(&mut self, part: &Conjunction, whole: &Conjunction, direction: Direction) -> bool {
        self.included(part, whole, direction).is_yes()
            && Names::of(&self.view(whole)).within(&Names::of(&self.view(part)))
    }
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether a tag that `part` may have is one that the discriminators of `whole` do not know.
    pub(super) fn foreign_tags(&self, part: &View<'c, 't>, whole: &View<'c, 't>) -> bool {
        let sides = (part.conjunction.side, whole.conjunction.side);
        let spoken = |side: Side, view: &View<'c, 't>| {
            let all = view.parts.iter().filter_map(|part| {
                let schema = part.schema;
                let discriminator = schema.discriminator.as_ref()?;
                let branches = [schema.one_of.as_slice(), schema.any_of.as_slice()].concat();
                let tags = tags(self, side, discriminator, &branches);
                Some((discriminator.property, tags.into_iter().map(|tag| tag.0).collect::<Vec<_>>()))
            });
            all.collect::<Vec<_>>()
        };
        if !whole.parts.iter().any(|part| part.schema.discriminator.is_some()) {
            return false;
        }
        let unread = |view: &View<'c, 't>| {
            let mut all = view.parts.iter().filter_map(|part| part.schema.discriminator.as_ref());
            all.any(|discriminator| !discriminator.is_readable())
        };
        let (own, theirs) = (spoken(sides.0, part), spoken(sides.1, whole));
        unread(part)
            || unread(whole)
            || theirs.iter().any(|(property, known)| {
                own.iter()
                    .any(|(other, tags)| other == property && tags.iter().any(|tag| !known.contains(tag)))
            })
    }
}

/// Several unions on a side, none of which is one of the other side.
fn several<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    old: &[Group<'c, 't>],
    new: &[Group<'c, 't>],
    pairs: &mut Vec<(SchemaId, SchemaId)>,
) -> Rest {
    let direction = pair.place.direction();
    if old.len() == new.len() {
        for (one, other) in old.iter().zip(new) {
            branches(judge, pair, one, other, pairs);
        }
        return Rest::Same;
    }
    let (part, whole) = sides(pair);
    if !judge.included(&part, &whole, direction).is_yes() {
        let union = old.iter().chain(new).map(|group| group.union).next().unwrap_or(Union::AnyOf);
        pair.undecided(word(union));
    }
    Rest::Same
}

/// Discriminators: they say which branch a message is, so what they say elsewhere is another message.
fn discriminators<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    pairs: &[(SchemaId, SchemaId)],
) {
    let of = |view: &View<'_, '_>| view.parts.iter().position(|part| part.schema.discriminator.is_some());
    let (old, new) = (of(&pair.old), of(&pair.new));
    let old_part = old.map(|index| pair.old.parts[index]);
    let new_part = new.map(|index| pair.new.parts[index]);
    let (before, after) = match (
        old_part.and_then(|part| part.schema.discriminator.as_ref()),
        new_part.and_then(|part| part.schema.discriminator.as_ref()),
    ) {
        (None, None) => return,
        (None, Some(after)) => {
            let arguments = vec![("to", after.property.to_owned())];
            return pair.told(What::DiscriminatorAdded, (None, Some(after.at)), arguments);
        }
        (Some(before), None) => {
            let arguments = vec![("from", before.property.to_owned())];
            return pair.told(What::DiscriminatorRemoved, (Some(before.at), None), arguments);
        }
        (Some(before), Some(after)) => (before, after),
    };
    if before.property != after.property {
        let arguments = vec![("from", before.property.to_owned()), ("to", after.property.to_owned())];
        return pair.told(
            What::DiscriminatorPropertyNameChanged,
            (Some(before.at), Some(after.at)),
            arguments,
        );
    }
    let branches = |part: Option<super::view::Part<'_, '_>>| {
        part.map(|part| [part.schema.one_of.as_slice(), part.schema.any_of.as_slice()].concat())
            .unwrap_or_default()
    };
    let (old_tags, new_tags) = (
        tags(judge, Side::Base, before, &branches(old_part)),
        tags(judge, Side::Revision, after, &branches(new_part)),
    );
    let same = |one: Option<SchemaId>, other: Option<SchemaId>| match (one, other) {
        (Some(one), Some(other)) => {
            let (one, other) = (judge.peel(Side::Base, one), judge.peel(Side::Revision, other));
            let names = (judge.name(Side::Base, one), judge.name(Side::Revision, other));
            (names.0.is_some() && names.0 == names.1)
                || judge.hash(Side::Base, one) == judge.hash(Side::Revision, other)
                || pairs.iter().any(|&(first, second)| {
                    judge.peel(Side::Base, first) == one && judge.peel(Side::Revision, second) == other
                })
        }
        (None, None) => true,
        _ => false,
    };
    let renamed = |one: Option<SchemaId>, other: Option<SchemaId>| {
        let names = (
            one.and_then(|one| judge.name(Side::Base, one)),
            other.and_then(|other| judge.name(Side::Revision, other)),
        );
        matches!(names, (Some(one), Some(other)) if one != other)
    };
    let named = |judge: &Judge<'_, '_>, side: Side, schema: Option<SchemaId>| {
        schema.and_then(|schema| judge.name(side, schema)).unwrap_or("?").to_owned()
    };
    let value = |tag: &str| vec![("value", tag.to_owned())];
    let mut unreadable = false;
    for &(tag, target, at, explicit) in &old_tags {
        let found = new_tags.iter().find(|other| other.0 == tag);
        match found {
            // A branch that is gone is reported as such.
            None => {
                let target = target.map(|target| judge.peel(Side::Base, target));
                let stays = pairs.iter().any(|&(one, other)| {
                    Some(judge.peel(Side::Base, one)) == target
                        && (explicit || judge.name(Side::Revision, other).is_some())
                });
                if stays || (explicit && target.is_none()) {
                    pair.told(What::DiscriminatorMappingDeleted, (Some(at), Some(after.at)), value(tag));
                }
            }
            // Where it led cannot be read, so it may lead there still.
            Some((_, Some(_), ..)) if target.is_none() => unreadable = true,
            Some(&(_, other, other_at, other_explicit)) => {
                if !same(target, other) {
                    let mut arguments = value(tag);
                    arguments.push(("from", named(judge, Side::Base, target)));
                    arguments.push(("to", named(judge, Side::Revision, other)));
                    pair.told(What::DiscriminatorMappingChanged, (Some(at), Some(other_at)), arguments);
                } else if explicit && other_explicit && renamed(target, other) {
                    let mut arguments = value(tag);
                    arguments.push(("from", named(judge, Side::Base, target)));
                    arguments.push(("to", named(judge, Side::Revision, other)));
                    pair.proven(What::DiscriminatorMappingChanged, (Some(at), Some(other_at)), arguments);
                } else if !explicit && other_explicit {
                    pair.told(What::DiscriminatorMappingAdded, (Some(at), Some(other_at)), value(tag));
                }
            }
        }
    }
    if unreadable {
        let places = (Some(before.at), Some(after.at));
        pair.unproven(What::BaseUnreadable, places, Vec::new(), "unreadable base");
    }
    for &(tag, _, at, explicit) in &new_tags {
        if explicit && !old_tags.iter().any(|other| other.0 == tag) {
            pair.told(What::DiscriminatorMappingAdded, (Some(before.at), Some(at)), value(tag));
        }
    }
}

type Tag<'t> = (&'t str, Option<SchemaId>, At, bool);

/// The tags that hold: those that are mapped, and the names of branches that are not. Where a tag leads to what cannot be
/// read, that may be any of the branches, and no name is one for sure.
fn tags<'t>(
    judge: &Judge<'_, 't>,
    side: Side,
    discriminator: &Discriminator<'t>,
    branches: &[SchemaId],
) -> Vec<Tag<'t>> {
    let mut tags: Vec<Tag<'t>> =
        discriminator.mapping.iter().map(|&(tag, target, at)| (tag, target, at, true)).collect();
    let mapped: Vec<SchemaId> = discriminator
        .mapping
        .iter()
        .filter_map(|&(_, target, _)| target.map(|one| judge.peel(side, one)))
        .collect();
    let unmapped = if discriminator.is_readable() { branches } else { &[] };
    for &branch in unmapped.iter().take(super::BRANCHES) {
        if let Some(name) = judge.name(side, branch)
            && !mapped.contains(&judge.peel(side, branch))
            && !tags.iter().any(|tag| tag.0 == name)
        {
            tags.push((name, Some(branch), discriminator.at, false));
        }
    }
    tags
}
