//! Items: how many, of what form, in which order.

use super::pair::Pair;
use super::unevaluated::Inside;
use super::view::{Conjunction, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Schema, SchemaId, Types};
use crate::openapi::rules::What;

/// How many first items `view` speaks of one by one.
pub(super) fn prefix(view: &View<'_, '_>) -> usize {
    view.parts.iter().map(|part| part.schema.prefix_items.len()).max().unwrap_or(0)
}

/// What `schema` itself says of the item at `index`; none: of those after all prefixes.
fn of_item(schema: &Schema<'_>, index: Option<usize>) -> Option<SchemaId> {
    index.and_then(|index| schema.prefix_items.get(index).copied()).or(schema.items)
}

impl<'c, 't> Judge<'c, 't> {
    /// How many first items `view` says something of its own of, where what is not spoken of is, that depends on what
    /// stands in branches and conditions too.
    pub(super) fn firsts(&mut self, view: &View<'c, 't>) -> usize {
        let closes = view.parts.iter().any(|part| part.schema.unevaluated_items.is_some());
        let beneath = if closes { self.prefix_beneath(view) } else { 0 };
        prefix(view).max(beneath)
    }

    /// What holds for the item at `index`; none: for those after all prefixes. An item that `contains` matches is not left
    /// over for `unevaluatedItems`: of what is `sent` nothing is said then, of what is received no less than for the others.
    pub(super) fn item(&mut self, view: &View<'c, 't>, index: Option<usize>, sent: bool) -> Conjunction {
        let side = view.conjunction.side;
        let mut schemas: Vec<SchemaId> = Vec::new();
        for (place, part) in view.parts.iter().enumerate() {
            schemas.extend(of_item(part.schema, index));
            if let Some(unevaluated) = part.schema.unevaluated_items
                && !self.may_be_spoken_of(view, place, Inside::Item(index), sent)
            {
                schemas.push(unevaluated);
            }
        }
        let mut hashes: Vec<u128> = Vec::new();
        schemas.retain(|&schema| {
            let hash = self.hash(side, schema);
            let keep = !self.is_true(side, schema) && !hashes.contains(&hash);
            hashes.push(hash);
            keep
        });
        Conjunction::all(side, schemas)
    }

    /// Whether both views leave the item at `index` to the same `contains`, and say the same of it beside their
    /// `unevaluatedItems`: what these say of it can be compared then. No index: of those after all prefixes.
    pub(super) fn finds_alike(
        &mut self,
        one: &View<'c, 't>,
        other: &View<'c, 't>,
        index: Option<usize>,
    ) -> bool {
        let (Some(own), Some(theirs)) = (self.sought(one, index), self.sought(other, index)) else {
            return false;
        };
        let sides = (one.conjunction.side, other.conjunction.side);
        let mut alike = |own: &[SchemaId], theirs: &[SchemaId]| {
            own.len() == theirs.len()
                && own
                    .iter()
                    .zip(theirs)
                    .all(|(&own, &theirs)| self.alike_one((sides.0, own), (sides.1, theirs)))
        };
        alike(&own.0, &theirs.0) && alike(&own.1, &theirs.1)
    }

    /// What `contains` looks for, as far as every `unevaluatedItems` of `view` sees the same, and what else is said of the
    /// item at `index`, each once; none: what is said of it depends on more.
    fn sought(&self, view: &View<'c, 't>, index: Option<usize>) -> Option<(Vec<SchemaId>, Vec<SchemaId>)> {
        let side = view.conjunction.side;
        let steady = |schema: &Schema<'t>| schema.when.is_none() && schema.dependent_schemas.is_empty();
        if !view.groups.is_empty() || !view.parts.iter().all(|part| steady(part.schema)) {
            return None;
        }
        let each_once = |mut schemas: Vec<SchemaId>| {
            schemas.sort_by_key(|&schema| self.hash(side, schema));
            schemas.dedup_by_key(|schema| self.hash(side, *schema));
            schemas
        };
        let holders =
            view.parts.iter().enumerate().filter(|(_, part)| part.schema.unevaluated_items.is_some());
        let mut all = holders.map(|(place, part)| {
            let seen = view.parts[place..part.end].iter().filter_map(|part| part.schema.contains);
            each_once(seen.collect())
        });
        let first = all.next()?;
        if !all.all(|other| other == first) {
            return None;
        }
        let others = view.parts.iter().filter_map(|part| of_item(part.schema, index));
        Some((first, each_once(others.filter(|&other| !self.is_true(side, other)).collect())))
    }
}

/// Compares what both sides say of arrays.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let live = pair.old.speaks_of(Types::ARRAY) && pair.new.speaks_of(Types::ARRAY);
    pair.within(live, |pair| {
        counts(pair);
        contents(judge, pair);
    });
}

/// Compares how many items there are.
pub(super) fn counts(pair: &mut Pair<'_, '_>) {
    pair.count(
        (pair.old.most(|s| s.min_items), pair.new.most(|s| s.min_items)),
        [What::MinItemsSet, What::MinItemsUnset, What::MinItemsIncreased, What::MinItemsDecreased],
        true,
    );
    pair.count(
        (pair.old.least(|s| s.max_items), pair.new.least(|s| s.max_items)),
        [What::MaxItemsSet, What::MaxItemsUnset, What::MaxItemsIncreased, What::MaxItemsDecreased],
        false,
    );
}

fn contents<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let unique = |view: &View<'_, '_>| view.parts.iter().find_map(|part| part.schema.unique_items);
    match (unique(&pair.old), unique(&pair.new)) {
        (None, Some(at)) => pair.note(What::UniqueItemsSet, None, Some(at), Vec::new()),
        (Some(at), None) => pair.note(What::UniqueItemsUnset, Some(at), None, Vec::new()),
        _ => {}
    }
    let (before, after) = (prefix(&pair.old), prefix(&pair.new));
    let furthest = reach(&pair.old).max(reach(&pair.new));
    // What a sender's side has no room for is in no message, whatever the other side says of it, nor what stands behind an
    // item that cannot be.
    let sender = match pair.place.direction() {
        Direction::Request => Some(&pair.old),
        Direction::Response => Some(&pair.new),
        Direction::None => None,
    };
    let sent = sender.map_or(furthest, |view| {
        let most = judge.item_counts(view).1.and_then(|most| usize::try_from(most).ok());
        reach(view).min(most.map_or(usize::MAX, |most| most.saturating_add(1)))
    });
    for index in 0..before.max(after).min(furthest) {
        pair.within(index < sent, |pair| item(judge, pair, index, (before, after)));
    }
    if before.max(after) < furthest {
        pair.within(before.max(after) < sent, |pair| rest(judge, pair));
    }
}

/// How many items there may be.
fn reach(view: &View<'_, '_>) -> usize {
    let most = view.least(|s| s.max_items);
    most.map_or(usize::MAX, |most| usize::try_from(most.value).unwrap_or(usize::MAX))
}

/// What holds on both sides for the item at `index`; none: for those after all prefixes.
fn items<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &Pair<'c, 't>,
    index: Option<usize>,
) -> (Conjunction, Conjunction) {
    let is_request = pair.place.direction() == Direction::Request;
    let alike = judge.finds_alike(&pair.old, &pair.new, index);
    (judge.item(&pair.old, index, is_request && !alike), judge.item(&pair.new, index, !is_request && !alike))
}

/// Compares an item that the prefix of a side speaks of.
fn item<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    index: usize,
    (before, after): (usize, usize),
) {
    let (old, new) = items(judge, pair, Some(index));
    let number = (index + 1).to_string();
    let (old_at, new_at) = (place(judge, &old), place(judge, &new));
    let of_prefix = |count: usize| index < count;
    match (old.schemas.is_empty(), new.schemas.is_empty()) {
        (true, true) => {}
        (true, false) if of_prefix(after) => {
            pair.note(What::PrefixItemsAdded, None, new_at, vec![("value", number)]);
        }
        (false, true) if of_prefix(before) => {
            pair.note(What::PrefixItemsRemoved, old_at, None, vec![("value", number)]);
        }
        _ => {
            // An item that one side leaves to the others is compared with what these are.
            let what = match (of_prefix(before), of_prefix(after)) {
                (false, true) => Some(What::PrefixItemsAdded),
                (true, false) => Some(What::PrefixItemsRemoved),
                _ => None,
            };
            if let Some(what) = what.filter(|_| !judge.same(&old, &new)) {
                pair.proven(what, (old_at, new_at), vec![("value", number)]);
            }
            pair.descend_items(old, new);
        }
    }
}

/// Compares the items after all prefixes.
fn rest<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let (old, new) = items(judge, pair, None);
    let (old_at, new_at) = (place(judge, &old), place(judge, &new));
    let only_unevaluated = |view: &View<'_, '_>| {
        view.parts.iter().all(|part| part.schema.items.is_none())
            && view.parts.iter().any(|part| part.schema.unevaluated_items.is_some())
    };
    let closed = |judge: &Judge<'_, '_>, items: &Conjunction| {
        items.schemas.iter().any(|&schema| judge.is_false(items.side, schema))
    };
    let (was_closed, is_closed) = (closed(judge, &old), closed(judge, &new));
    let unevaluated =
        if new.schemas.is_empty() { only_unevaluated(&pair.old) } else { only_unevaluated(&pair.new) };
    let what = match (old.schemas.is_empty(), new.schemas.is_empty()) {
        (true, true) => return,
        _ if was_closed && is_closed => return,
        (true, false) if unevaluated && is_closed => What::UnevaluatedItemsClosed,
        (false, true) if unevaluated && was_closed => What::UnevaluatedItemsOpened,
        (true, false) if unevaluated => What::UnevaluatedItemsAdded,
        (false, true) if unevaluated => What::UnevaluatedItemsRemoved,
        (true, false) => What::ItemsAdded,
        (false, true) => What::ItemsRemoved,
        (false, false) => return pair.descend_items(old, new),
    };
    pair.note(what, old_at, new_at, Vec::new());
}

fn place(judge: &Judge<'_, '_>, conjunction: &Conjunction) -> Option<At> {
    let side: Side = conjunction.side;
    conjunction.schemas.first().map(|&first| judge.schema(side, first).at)
}
