//! A schema that became one of several, and one of several that became the only one.

use super::pair::Pair;
use super::scalars::NOT_NULL;
use super::unions::{Rest, added, label, removed, sides, word};
use super::view::{Conjunction, Group, Union, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{SchemaId, Types};
use crate::openapi::rules::What;

/// A schema became one of several.
pub(super) fn wrapped<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    group: &Group<'c, 't>,
) -> Rest {
    let direction = pair.place.direction();
    let old = pair.old.conjunction.only(NOT_NULL);
    let found = original(judge, &pair.old.conjunction, &pair.new, group, direction);
    let (part, whole) = sides(pair);
    let Some(original) = found else {
        if judge.included(&part, &whole, direction).is_yes() {
            for &branch in &group.branches {
                let slice = pair.new.conjunction.choosing(group.owner, group.union, branch).only(NOT_NULL);
                if !judge.included(&slice, &old, direction).is_yes() {
                    let at = judge.schema(Side::Revision, branch).at;
                    pair.note(added(group.union), None, Some(at), label(judge, Side::Revision, branch));
                }
            }
            return Rest::Nothing;
        }
        let at = judge.schema(Side::Revision, group.owner).at;
        pair.note(What::WrappedInOneOf, None, Some(at), Vec::new());
        return Rest::Nothing;
    };
    let chosen = pair.new.conjunction.choosing(group.owner, group.union, original).only(NOT_NULL);
    let others: Vec<SchemaId> = group.branches.iter().copied().filter(|&branch| branch != original).collect();
    // A schema within another alternative: what was one is two of them, which `oneOf` refuses.
    let twice = group.union == Union::OneOf
        && group.discriminator.is_none()
        && direction == Direction::Request
        && others
            .iter()
            .any(|&other| judge.covers(&old, &Conjunction::one(Side::Revision, other), direction));
    if twice {
        let at = judge.schema(Side::Revision, group.owner).at;
        pair.note(What::WrappedInOneOf, None, Some(at), Vec::new());
        return Rest::Nothing;
    }
    let clear = group.union == Union::AnyOf
        || group.discriminator.is_some()
        || others
            .iter()
            .all(|&other| judge.apart_of(&old, &Conjunction::one(Side::Revision, other), direction).is_yes());
    if direction == Direction::Request && !clear {
        let at = judge.schema(Side::Revision, group.owner).at;
        pair.note(What::WrappedInOneOfOriginalPreserved, None, Some(at), Vec::new());
    } else {
        for branch in others {
            let slice = pair.new.conjunction.choosing(group.owner, group.union, branch).only(NOT_NULL);
            let covered = direction == Direction::Response
                && group.discriminator.is_none()
                && (judge.included(&slice, &old, direction).is_yes()
                    || judge.is_twice((Side::Revision, Types::ANY), group, branch, direction));
            if !covered {
                let at = judge.schema(Side::Revision, branch).at;
                pair.note(added(group.union), None, Some(at), label(judge, Side::Revision, branch));
            }
        }
    }
    instead(judge, (part, whole), old, chosen, direction)
}

/// One of several schemas became the only one.
pub(super) fn unwrapped<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    group: &Group<'c, 't>,
) -> Rest {
    let direction = pair.place.direction();
    let new = pair.new.conjunction.only(NOT_NULL);
    let found = original(judge, &pair.new.conjunction, &pair.old, group, direction);
    let mut lost = 0;
    for &branch in group.branches.iter().filter(|&&branch| Some(branch) != found) {
        let slice = pair.old.conjunction.choosing(group.owner, group.union, branch).only(NOT_NULL);
        let covered = judge.included(&slice, &new, direction).is_yes()
            || judge.is_twice((Side::Base, Types::ANY), group, branch, direction);
        if !covered {
            lost += 1;
            let at = judge.schema(Side::Base, branch).at;
            pair.note(removed(group.union), Some(at), None, label(judge, Side::Base, branch));
        }
    }
    if let Some(original) = found {
        // What another branch admits too was refused, and is now sent.
        let doubtful = direction == Direction::Response
            && group.union == Union::OneOf
            && group.discriminator.is_none()
            && group.branches.iter().any(|&branch| {
                branch != original
                    && !judge.apart_of(&new, &Conjunction::one(Side::Base, branch), direction).is_yes()
            });
        if doubtful && !judge.included(&new, &pair.old.conjunction, direction).is_yes() {
            pair.undecided("oneOf");
        }
        let chosen = pair.old.conjunction.choosing(group.owner, group.union, original).only(NOT_NULL);
        return instead(judge, sides(pair), chosen, new, direction);
    }
    let (part, whole) = sides(pair);
    if judge.included(&part, &whole, direction).is_yes() {
        return Rest::Nothing;
    }
    let what = if lost == 0 { What::TypeGeneralized } else { What::TypeChanged };
    let at = judge.schema(Side::Base, group.owner).at;
    let arguments = vec![("from", word(group.union).to_owned()), ("to", pair.new.types.names().join(", "))];
    pair.note(what, Some(at), pair.new.types_at, arguments);
    Rest::Nothing
}

/// Which branch of `group` the single schema is.
fn original<'c, 't>(
    judge: &mut Judge<'c, 't>,
    single: &Conjunction,
    view: &View<'c, 't>,
    group: &Group<'c, 't>,
    direction: Direction,
) -> Option<SchemaId> {
    let side = view.conjunction.side;
    if let Some(one) = single.single() {
        let hash = judge.hash(single.side, judge.peel(single.side, one));
        if let Some(&same) =
            group.branches.iter().find(|&&branch| judge.hash(side, judge.peel(side, branch)) == hash)
        {
            return Some(same);
        }
        if let Some(name) = judge.name(single.side, one)
            && let Some(&same) = group.branches.iter().find(|&&branch| judge.name(side, branch) == Some(name))
        {
            return Some(same);
        }
    }
    let single = &single.only(NOT_NULL);
    for branch in group.branches.iter().copied().take(64) {
        let chosen = view.conjunction.choosing(group.owner, group.union, branch).only(NOT_NULL);
        let same = |judge: &mut Judge<'c, 't>, part: &Conjunction, whole: &Conjunction| {
            judge.included(part, whole, direction).is_yes()
        };
        let inside = match direction {
            Direction::Response if side == Side::Revision => same(judge, &chosen, single),
            Direction::Response => same(judge, single, &chosen),
            _ if side == Side::Revision => same(judge, single, &chosen),
            _ => same(judge, &chosen, single),
        };
        if inside && !judge.view(single).is_impossible() && !judge.view(&chosen).is_impossible() {
            let types = (judge.view(single).types, judge.view(&chosen).types);
            if types.0 == types.1 {
                return Some(branch);
            }
        }
    }
    None
}

/// Leaves one side and a branch of the other to be compared; nothing, where messages do not depend on which branch it is.
fn instead(
    judge: &mut Judge<'_, '_>,
    (part, whole): (Conjunction, Conjunction),
    old: Conjunction,
    new: Conjunction,
    direction: Direction,
) -> Rest {
    let (own, theirs) = if direction == Direction::Response { (&new, &old) } else { (&old, &new) };
    let elsewhere =
        judge.loses_nameless(own, theirs, direction) && judge.included(&part, &whole, direction).is_yes();
    if elsewhere { Rest::Nothing } else { Rest::Instead(old, new) }
}
