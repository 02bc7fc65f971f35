//! `unevaluatedProperties` and `unevaluatedItems`: of which members and items they speak.
//!
//! They speak of what no keyword beside or beneath them has spoken of, and what stands in a branch of a union, a condition
//! or a dependency has spoken only where that holds. What is sent may hold whatever *may* have been spoken of; what is
//! taken holds what *surely* has been. Each is right for its side of an inclusion, and the other would be unsound.

use std::collections::{BTreeMap, BTreeSet};

use super::admits::{declared, matches};
use super::answer::Answer;
use super::pair::Pair;
use super::pattern::any_text;
use super::view::{Conjunction, Part, Union, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Schema, SchemaId};

/// How deep unions, conditions and dependencies are told apart.
const DEPTH: usize = 8;

/// How many branches are.
const LOOKED_AT: usize = 2_000;

/// How many pairs of branches are looked at together; of more nothing is known.
const TOGETHER: usize = 24;

/// A member or an item.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inside<'n> {
    /// The property of this name; none: of every name that nothing declares.
    Property(Option<&'n str>),
    /// The item at this index; none: those after all prefixes. An item that `contains` matches has been spoken of.
    Item(Option<usize>),
}

impl Inside<'_> {
    /// The schema for what nothing has spoken of, where `schema` has one.
    fn left_over(self, schema: &Schema<'_>) -> Option<SchemaId> {
        match self {
            Self::Property(_) => schema.unevaluated_properties,
            Self::Item(_) => schema.unevaluated_items,
        }
    }

    /// Whether `schema` itself speaks of it, whatever a message holds.
    fn is_spoken_of(self, schema: &Schema<'_>) -> bool {
        match self {
            Self::Property(name) => {
                schema.additional_properties.is_some()
                    || name.is_some_and(|name| declared(schema, name).is_some())
                    || schema.pattern_properties.iter().any(|pattern| match name {
                        Some(name) => matches(pattern.name, name).is_yes(),
                        None => any_text(pattern.name),
                    })
            }
            Self::Item(index) => {
                schema.items.is_some() || index.is_some_and(|index| index < schema.prefix_items.len())
            }
        }
    }

    /// As [`Inside::is_spoken_of`], and whether what `contains` matches may be it, where it is asked of `sent` values.
    fn may_be_spoken_of(self, schema: &Schema<'_>, sent: bool) -> bool {
        self.is_spoken_of(schema) || (sent && matches!(self, Self::Item(_)) && schema.contains.is_some())
    }
}

/// The schemas beneath `schema` that hold for some messages only, and speak of the same value.
fn conditional(schema: &Schema<'_>) -> impl Iterator<Item = SchemaId> {
    let unions = schema.any_of.iter().chain(&schema.one_of);
    let conditions = schema.when.iter().chain(&schema.then).chain(&schema.otherwise);
    let dependent = schema.dependent_schemas.iter().map(|dependent| dependent.schema);
    unions.chain(conditions).copied().chain(dependent)
}

/// What decides which members and items a schema with all that it sees has spoken of.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Spoken<'t> {
    Property(&'t str),
    Pattern(&'t str),
    Others,
    Prefix(usize),
    Items,
    Condition(u128),
    Beneath(BTreeSet<Spoken<'t>>),
}

impl<'c, 't> Judge<'c, 't> {
    /// Whether something that the part at `index` sees may have spoken of `what`. What `contains` matches counts where it is
    /// asked of `sent` values.
    pub(super) fn may_be_spoken_of(
        &mut self,
        view: &View<'c, 't>,
        index: usize,
        what: Inside<'_>,
        sent: bool,
    ) -> bool {
        let seen = &view.parts[index..view.parts[index].end];
        seen.iter().any(|part| what.may_be_spoken_of(part.schema, sent)) || {
            let beneath = seen.iter().flat_map(|part| conditional(part.schema)).collect();
            self.may_speak(beneath, view.conjunction.side, what, sent)
        }
    }

    /// Whether one of the schemas that are `waiting`, or something beneath them, may speak of `what`.
    fn may_speak(&mut self, mut waiting: Vec<SchemaId>, side: Side, what: Inside<'_>, sent: bool) -> bool {
        let mut known = BTreeSet::new();
        while let Some(branch) = waiting.pop() {
            if !known.insert(branch) {
                continue;
            }
            for part in self.view(&Conjunction::one(side, branch)).parts {
                if what.may_be_spoken_of(part.schema, sent) || what.left_over(part.schema).is_some() {
                    return true;
                }
                waiting.extend(conditional(part.schema));
            }
        }
        false
    }

    /// How many first items the schemas beneath `view` that hold for some messages only speak of one by one.
    pub(super) fn prefix_beneath(&mut self, view: &View<'c, 't>) -> usize {
        let (mut longest, mut known) = (0, BTreeSet::new());
        let mut waiting: Vec<_> = view.parts.iter().flat_map(|part| conditional(part.schema)).collect();
        while let Some(branch) = waiting.pop() {
            if !known.insert(branch) {
                continue;
            }
            for part in self.view(&Conjunction::one(view.conjunction.side, branch)).parts {
                longest = longest.max(part.schema.prefix_items.len());
                waiting.extend(conditional(part.schema));
            }
        }
        longest
    }

    /// Whether something that the part at `index` of `whole` sees has spoken of `what` in every message of `part`. What is
    /// `known` already is looked into elsewhere.
    fn is_surely_spoken_of(
        &mut self,
        part: &Conjunction,
        (whole, index): (&View<'c, 't>, usize),
        what: Inside<'_>,
        direction: Direction,
        known: &mut BTreeSet<SchemaId>,
    ) -> bool {
        let side = whole.conjunction.side;
        let seen = &whole.parts[index..whole.parts[index].end];
        if seen.iter().any(|part| what.is_spoken_of(part.schema)) {
            return true;
        }
        let mut speaks = |judge: &mut Self, branch: SchemaId| {
            if !known.insert(branch) {
                return false;
            }
            let branch = judge.view(&Conjunction::one(side, branch));
            !branch.parts.is_empty()
                && (branch.parts.iter().any(|part| what.left_over(part.schema).is_some())
                    || judge.is_surely_spoken_of(part, (&branch, 0), what, direction, known))
        };
        for schema in seen.iter().map(|part| part.schema) {
            for &branch in schema.any_of.iter().chain(&schema.one_of) {
                let chosen = whole.conjunction.schemas.contains(&branch);
                if speaks(self, branch)
                    && (chosen || self.look(part, &Conjunction::one(side, branch), direction).is_yes())
                {
                    return true;
                }
            }
            if let Some(when) = schema.when {
                let then = speaks(self, when) || schema.then.is_some_and(|then| speaks(self, then));
                let otherwise = schema.otherwise.is_some_and(|otherwise| speaks(self, otherwise));
                let when = Conjunction::one(side, when);
                if (then && (otherwise || self.look(part, &when, direction).is_yes()))
                    || (otherwise && self.apart(part, &when, direction, false).is_yes())
                {
                    return true;
                }
            }
        }
        false
    }

    /// Whether what `part` may hold at `what`, which is of `own`, is taken where `whole` asks something of what has not been
    /// spoken of: shown, or not known. What may never have been spoken of is compared like anything else.
    pub(super) fn left_over_is_kept(
        &mut self,
        (part, own): (&View<'c, 't>, &Conjunction),
        whole: &View<'c, 't>,
        what: Inside<'_>,
        direction: Direction,
    ) -> Answer {
        for index in 0..whole.parts.len() {
            let seen = &whole.parts[index..whole.parts[index].end];
            let Some(left) = what.left_over(whole.parts[index].schema) else { continue };
            if seen.iter().all(|part| conditional(part.schema).next().is_none())
                || self.is_seen_alike(part, (whole, index), what)
            {
                continue;
            }
            let left = Conjunction::one(whole.conjunction.side, left);
            let (part, known) = (&part.conjunction, &mut BTreeSet::new());
            if !self.is_surely_spoken_of(part, (whole, index), what, direction, known)
                && !self.look(own, &left, direction).is_yes()
            {
                return Answer::Unknown;
            }
        }
        Answer::Yes
    }

    /// Whether `part` says the same of what has not been spoken of, and whatever speaks of `what` there does so in `whole`, as
    /// seen from its part at `index`, under the same condition.
    fn is_seen_alike(
        &mut self,
        part: &View<'c, 't>,
        (whole, index): (&View<'c, 't>, usize),
        what: Inside<'_>,
    ) -> bool {
        let (own_side, their_side) = (part.conjunction.side, whole.conjunction.side);
        let Some(left) = what.left_over(whole.parts[index].schema) else { return false };
        let left = self.hash(their_side, left);
        let theirs = &whole.parts[index..whole.parts[index].end];
        // A single item may be one that `contains` has matched.
        !matches!(what, Inside::Item(_))
            && part.parts.iter().enumerate().any(|(at, holder)| {
                let seen = &part.parts[at..holder.end];
                what.left_over(holder.schema).is_some_and(|own| self.hash(own_side, own) == left)
                    && !seen.iter().any(|part| what.is_spoken_of(part.schema))
                    && seen.iter().all(|own| self.speaks_there(own, own_side, theirs, their_side, what))
            })
    }

    /// Whether each condition of `own` under which something may speak of `what` is one of `theirs`, where it does so too.
    fn speaks_there(
        &mut self,
        own: &Part<'c, 't>,
        own_side: Side,
        theirs: &[Part<'c, 't>],
        their_side: Side,
        what: Inside<'_>,
    ) -> bool {
        let own = own.schema;
        let same = |judge: &Self, one: SchemaId, other: SchemaId| {
            judge.hash(own_side, one) == judge.hash(their_side, other)
        };
        let may = |judge: &mut Self, branch: SchemaId| judge.may_speak(vec![branch], own_side, what, false);
        let surely = |judge: &mut Self, branch: SchemaId| {
            let branch = judge.view(&Conjunction::one(their_side, branch));
            branch.parts.iter().any(|part| what.is_spoken_of(part.schema))
        };
        let partner = |judge: &mut Self, mine: Option<SchemaId>, their: Option<SchemaId>| {
            let Some(mine) = mine.filter(|&mine| may(judge, mine)) else { return true };
            their.is_some_and(|their| same(judge, mine, their) || surely(judge, their))
        };
        let unions = own.any_of.iter().chain(&own.one_of).all(|&branch| {
            !may(self, branch)
                || theirs.iter().any(|their| {
                    let mut branches = their.schema.any_of.iter().chain(&their.schema.one_of);
                    branches.any(|&their| same(self, branch, their))
                })
        });
        let conditions = own.when.is_none_or(|when| {
            theirs.iter().any(|their| {
                their.schema.when.is_some_and(|their| same(self, when, their))
                    && partner(self, own.then, their.schema.then)
                    && partner(self, own.otherwise, their.schema.otherwise)
            }) || [Some(when), own.then, own.otherwise].into_iter().flatten().all(|id| !may(self, id))
        });
        let dependent = own.dependent_schemas.iter().all(|mine| {
            !may(self, mine.schema)
                || theirs.iter().any(|their| {
                    let mut of_name = their.schema.dependent_schemas.iter();
                    of_name.any(|their| {
                        their.name == mine.name && partner(self, Some(mine.schema), Some(their.schema))
                    })
                })
        });
        unions && conditions && dependent
    }

    /// Names that `view` has spoken of where a condition or a dependency holds, and refuses where it does not; each with what
    /// it is then, where that is said once.
    pub(super) fn names_beneath(&mut self, view: &View<'c, 't>) -> BTreeMap<&'t str, Option<SchemaId>> {
        let side = view.conjunction.side;
        let (mut names, mut others) = (BTreeMap::new(), false);
        for (index, holder) in view.parts.iter().enumerate() {
            if holder.schema.unevaluated_properties.is_none() {
                continue;
            }
            for schema in view.parts[index..holder.end].iter().map(|part| part.schema) {
                let conditions = schema.when.iter().chain(&schema.then).chain(&schema.otherwise).copied();
                let dependent = schema.dependent_schemas.iter().map(|dependent| dependent.schema);
                for beneath in conditions.chain(dependent) {
                    for part in self.view(&Conjunction::one(side, beneath)).parts {
                        let rest = part.schema.additional_properties.or(part.schema.unevaluated_properties);
                        others |= rest.is_some() || !part.schema.pattern_properties.is_empty();
                        for property in &part.schema.properties {
                            let said = names.entry(property.name).or_insert(Some(property.schema));
                            *said = said.filter(|&said| said == property.schema);
                        }
                    }
                }
            }
        }
        if others {
            for said in names.values_mut() {
                *said = None;
            }
        }
        names
    }

    /// Whether all of `part` is shown to be in `whole`, what several branches of a union have spoken of together included.
    pub(super) fn is_all_taken(
        &mut self,
        part: &View<'c, 't>,
        whole: &Conjunction,
        direction: Direction,
    ) -> bool {
        self.included(&part.conjunction, whole, direction).is_yes()
            && self.are_kept_together(part, whole, direction)
    }

    /// Whether what two branches of an `anyOf` have spoken of together is shown to be in `whole` as well: one branch by itself
    /// does not tell.
    fn are_kept_together(&mut self, part: &View<'c, 't>, whole: &Conjunction, direction: Direction) -> bool {
        let asks = part.parts.iter().any(|part| {
            part.schema.unevaluated_properties.is_some() || part.schema.unevaluated_items.is_some()
        });
        let unions = part.groups.iter().filter(|group| asks && group.union == Union::AnyOf);
        let mut pairs = unions.flat_map(|group| {
            let others = |at: usize| group.branches[at + 1..].iter();
            let branches = group.branches.iter().enumerate();
            branches.flat_map(move |(at, one)| others(at).map(move |other| (group, *one, *other)))
        });
        let looked_at = pairs.by_ref().take(TOGETHER).all(|(group, one, other)| {
            let both = part.conjunction.choosing(group.owner, group.union, one).with([other]);
            self.included(&both, whole, direction).is_yes()
        });
        looked_at && pairs.next().is_none()
    }

    /// What has been spoken of by all that `seen` says, and beneath it; none where that is more than anybody writes.
    fn spoken(
        &mut self,
        seen: &[Part<'c, 't>],
        side: Side,
        left: &mut usize,
        depth: usize,
    ) -> Option<BTreeSet<Spoken<'t>>> {
        let mut all = BTreeSet::new();
        for schema in seen.iter().map(|part| part.schema) {
            all.extend(schema.properties.iter().map(|property| Spoken::Property(property.name)));
            all.extend(schema.pattern_properties.iter().map(|pattern| Spoken::Pattern(pattern.name)));
            all.extend(schema.additional_properties.map(|_| Spoken::Others));
            all.extend(Some(schema.prefix_items.len()).filter(|&many| many > 0).map(Spoken::Prefix));
            all.extend(schema.items.map(|_| Spoken::Items));
            all.extend(schema.when.map(|when| Spoken::Condition(self.hash(side, when))));
            for branch in conditional(schema) {
                *left = left.checked_sub(1)?;
                let branch = self.view(&Conjunction::one(side, branch));
                let beneath = self.spoken(&branch.parts, side, left, depth.checked_sub(1)?)?;
                all.insert(Spoken::Beneath(beneath));
            }
        }
        Some(all)
    }

    /// What has been spoken of where something is asked of what has not, if that depends on the message.
    fn all_spoken(&mut self, view: &View<'c, 't>) -> Option<Vec<BTreeSet<Spoken<'t>>>> {
        let mut left = LOOKED_AT;
        let mut all = Vec::new();
        for (index, part) in view.parts.iter().enumerate() {
            let schema = part.schema;
            let seen = &view.parts[index..part.end];
            if (schema.unevaluated_properties.is_some() || schema.unevaluated_items.is_some())
                && seen.iter().any(|part| conditional(part.schema).next().is_some())
            {
                all.push(self.spoken(seen, view.conjunction.side, &mut left, DEPTH)?);
            }
        }
        Some(all)
    }
}

/// Notes where other members or items than before have been spoken of, depending on the message, and it is not shown that
/// what is not spoken of is taken all the same: each branch by itself does not tell.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    if pair.idle || pair.breaks() {
        return;
    }
    let (old, new) = (judge.all_spoken(&pair.old), judge.all_spoken(&pair.new));
    if old == new && old.is_some() {
        return;
    }
    let direction = pair.place.direction();
    let (sent, taken) = pair.sent_and_taken();
    if !judge.is_all_taken(sent, &taken.conjunction, direction) {
        let items = [&pair.old, &pair.new]
            .into_iter()
            .all(|view| view.parts.iter().all(|part| part.schema.unevaluated_properties.is_none()));
        pair.undecided(if items { "unevaluatedItems" } else { "unevaluatedProperties" });
    }
}
