//! Which branch of one union is which of another: by what they mean, by tag, by name, and else by likeness.

use std::collections::BTreeMap;

use super::value::Value;
use super::view::{Conjunction, Group};
use super::{Judge, Side};
use crate::openapi::model::{Schema, SchemaId, Types};
use crate::openapi::tree::Node;

/// The most pairs of branches whose likeness is looked at.
const LIKENESS: usize = 4_096;

/// Branches that are one, and those that stand alone.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// A branch of the base and one of the revision.
    pub(super) pairs: Vec<(SchemaId, SchemaId)>,
    /// Branches that only the base has.
    pub(super) old: Vec<SchemaId>,
    /// Branches that only the revision has.
    pub(super) new: Vec<SchemaId>,
    /// There were too many to look at each.
    pub(super) cut: bool,
}

/// What a branch looks like.
#[derive(Debug)]
struct Look<'t> {
    types: Types,
    names: Vec<&'t str>,
    tags: Vec<(&'t str, Value<'t>)>,
    finite: bool,
}

impl<'c, 't> Judge<'c, 't> {
    /// Matches the branches of two unions.
    pub(super) fn matched(&mut self, old: &Group<'c, 't>, new: &Group<'c, 't>) -> Matched {
        let mut matched =
            Matched { old: old.branches.clone(), new: new.branches.clone(), ..Matched::default() };
        let labelled = |side: Side, schema: SchemaId| {
            Some((self.label(side, schema)?, self.hash(side, self.peel(side, schema))))
        };
        matched.by_key(|schema| labelled(Side::Base, schema), |schema| labelled(Side::Revision, schema));
        matched.by_key(
            |schema| Some(self.hash(Side::Base, self.peel(Side::Base, schema))),
            |schema| Some(self.hash(Side::Revision, self.peel(Side::Revision, schema))),
        );
        if matched.is_done() {
            return matched;
        }
        let (before, after) =
            (self.meant(Side::Base, &matched.old), self.meant(Side::Revision, &matched.new));
        matched.by_key(|schema| before.get(&schema).copied(), |schema| after.get(&schema).copied());
        if let (Some(before), Some(after)) = (old.discriminator, new.discriminator)
            && before.property == after.property
        {
            let tags = |judge: &Self, side: Side, mapping: &[(&'t str, Option<SchemaId>, _)]| {
                let mut tags: BTreeMap<SchemaId, &'t str> = BTreeMap::new();
                for &(tag, target, _) in mapping {
                    if let Some(target) = target {
                        tags.entry(judge.peel(side, target)).or_insert(tag);
                    }
                }
                tags
            };
            let (old_tags, new_tags) =
                (tags(self, Side::Base, &before.mapping), tags(self, Side::Revision, &after.mapping));
            matched.by_key(
                |schema| old_tags.get(&self.peel(Side::Base, schema)).copied(),
                |schema| new_tags.get(&self.peel(Side::Revision, schema)).copied(),
            );
        }
        matched.by_key(|schema| self.label(Side::Base, schema), |schema| self.label(Side::Revision, schema));
        if matched.is_done() {
            return matched;
        }
        if matched.old.len().saturating_mul(matched.new.len()) > LIKENESS {
            matched.cut = true;
            return matched;
        }
        let before: Vec<Look<'t>> =
            matched.old.clone().iter().map(|&schema| self.look_of(Side::Base, schema)).collect();
        let after: Vec<Look<'t>> =
            matched.new.clone().iter().map(|&schema| self.look_of(Side::Revision, schema)).collect();
        let mut alike: Vec<(u64, usize, usize)> = Vec::new();
        for (one, old) in before.iter().enumerate() {
            for (other, new) in after.iter().enumerate() {
                let alone = before.len() == 1 && after.len() == 1;
                let score = likeness(old, new);
                if score >= if alone { 1 } else { 300 } {
                    alike.push((score, one, other));
                }
            }
        }
        alike.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)).then(one.2.cmp(&other.2)));
        let (mut old_left, mut new_left) = (vec![true; before.len()], vec![true; after.len()]);
        for (_, one, other) in alike {
            if old_left[one] && new_left[other] {
                (old_left[one], new_left[other]) = (false, false);
                matched.pairs.push((matched.old[one], matched.new[other]));
            }
        }
        // One plain value in the place of another.
        let plain = |look: &[Look<'t>], left: &[bool], named: &dyn Fn(usize) -> bool| {
            let mut all = (0..left.len()).filter(|&index| left[index] && !named(index));
            let only = all.next().filter(|_| all.next().is_none())?;
            let types = look[only].types;
            let plain = !types.is_none() && !types.meets(Types::OBJECT.or(Types::ARRAY));
            (plain && !look[only].finite).then_some(only)
        };
        if let (Some(one), Some(other)) = (
            plain(&before, &old_left, &|index| self.label(Side::Base, matched.old[index]).is_some()),
            plain(&after, &new_left, &|index| self.label(Side::Revision, matched.new[index]).is_some()),
        ) {
            (old_left[one], new_left[other]) = (false, false);
            matched.pairs.push((matched.old[one], matched.new[other]));
        }
        let mut flags = old_left.iter();
        matched.old.retain(|_| flags.next() == Some(&true));
        let mut flags = new_left.iter();
        matched.new.retain(|_| flags.next() == Some(&true));
        matched
    }

    /// What each of `branches` means, of those of which that was found out.
    fn meant(&mut self, side: Side, branches: &[SchemaId]) -> BTreeMap<SchemaId, u128> {
        self.refill();
        let mut meant = BTreeMap::new();
        for &branch in branches {
            if let Some(meaning) = self.meaning(&Conjunction::one(side, branch)) {
                meant.insert(branch, meaning);
            }
        }
        meant
    }

    /// Which branch of `whole` each branch of `part` is, where all of the one are all of the other: in the same words, in
    /// words that mean the same, or as `reworded` has it.
    pub(super) fn partners(
        &mut self,
        (side, part): (Side, &Group<'c, 't>),
        (theirs, whole): (Side, &Group<'c, 't>),
        mut reworded: impl FnMut(&mut Self, SchemaId, SchemaId) -> bool,
    ) -> Option<Vec<SchemaId>> {
        if part.union != whole.union || part.branches.len() != whole.branches.len() {
            return None;
        }
        let mut left: BTreeMap<u128, Vec<SchemaId>> = BTreeMap::new();
        for &branch in whole.branches.iter().rev() {
            left.entry(self.hash(theirs, self.peel(theirs, branch))).or_default().push(branch);
        }
        let mut partners: Vec<Option<SchemaId>> = Vec::with_capacity(part.branches.len());
        for &branch in &part.branches {
            let same = left.get_mut(&self.hash(side, self.peel(side, branch)));
            partners.push(same.and_then(Vec::pop));
        }
        let mut left: Vec<SchemaId> = left.into_values().flatten().collect();
        left.sort_unstable();
        for (&branch, partner) in part.branches.iter().zip(&mut partners) {
            if partner.is_none() {
                let found = left
                    .iter()
                    .position(|&other| self.alike_one((side, branch), (theirs, other)))
                    .or_else(|| left.iter().position(|&other| reworded(self, branch, other)))?;
                *partner = Some(left.remove(found));
            }
        }
        partners.into_iter().collect()
    }

    /// What readers call `schema`: the component that it leads to, or its own title.
    pub(super) fn label(&self, side: Side, schema: SchemaId) -> Option<&'t str> {
        self.name(side, schema).or_else(|| {
            let node = self.schema(side, self.peel(side, schema)).node?;
            node.get("title").and_then(Node::as_str)
        })
    }

    /// The component that `schema` is or leads to.
    pub(super) fn name(&self, side: Side, schema: SchemaId) -> Option<&'t str> {
        let mut at = schema;
        for _ in 0..8 {
            let here: &Schema<'t> = self.schema(side, at);
            if here.name.is_some() {
                return here.name;
            }
            at = here.reference?;
        }
        None
    }

    fn look_of(&mut self, side: Side, schema: SchemaId) -> Look<'t> {
        let view = self.view(&Conjunction::one(side, schema));
        let mut look =
            Look { types: view.types, names: Vec::new(), tags: Vec::new(), finite: view.finite.is_some() };
        for part in &view.parts {
            for property in &part.schema.properties {
                look.names.push(property.name);
                let inner = self.schema(side, self.peel(side, property.schema));
                let listed = inner.enumeration.map(|set| set.value).filter(|list| list.len() == 1);
                let only =
                    inner.constant.map(|set| set.value).or(listed.and_then(|list| list.items().next()));
                if let Some(only) = only {
                    look.tags.push((property.name, Value::of(only)));
                }
            }
        }
        look.names.sort_unstable();
        look.names.dedup();
        look.tags.sort();
        look
    }
}

impl Matched {
    fn is_done(&self) -> bool {
        self.old.is_empty() || self.new.is_empty()
    }

    /// Matches those left with equal keys, in order.
    fn by_key<K: Ord>(
        &mut self,
        old_key: impl Fn(SchemaId) -> Option<K>,
        new_key: impl Fn(SchemaId) -> Option<K>,
    ) {
        let mut keyed: BTreeMap<K, Vec<SchemaId>> = BTreeMap::new();
        for &schema in self.new.iter().rev() {
            if let Some(key) = new_key(schema) {
                keyed.entry(key).or_default().push(schema);
            }
        }
        let mut taken: Vec<SchemaId> = Vec::new();
        let pairs = &mut self.pairs;
        self.old.retain(|&schema| {
            let found = old_key(schema).and_then(|key| keyed.get_mut(&key).and_then(Vec::pop));
            if let Some(other) = found {
                pairs.push((schema, other));
                taken.push(other);
            }
            found.is_none()
        });
        // The same schema may stand in a union twice: each time it is taken once.
        self.new.retain(|schema| match taken.iter().position(|other| other == schema) {
            Some(index) => {
                taken.swap_remove(index);
                false
            }
            None => true,
        });
    }
}

/// How alike two branches are, in thousandths.
fn likeness(one: &Look<'_>, other: &Look<'_>) -> u64 {
    let shared = one.types.and(other.types);
    if shared.is_none() || one.finite != other.finite {
        // Integers and numbers are kinds of one another even where neither holds the other.
        return 0;
    }
    let (mut same, mut differ) = (0, 0);
    for (name, value) in &one.tags {
        if let Some((_, theirs)) = other.tags.iter().find(|(theirs, _)| theirs == name) {
            if theirs == value {
                same += 1;
            } else {
                differ += 1;
            }
        }
    }
    if differ > 0 && same == 0 {
        return 0;
    }
    let exact = u64::from(one.types == other.types);
    if shared.meets(Types::OBJECT) && !(one.names.is_empty() && other.names.is_empty()) {
        let common = one.names.iter().filter(|name| other.names.binary_search(name).is_ok()).count() as u64;
        let all = one.names.len() as u64 + other.names.len() as u64 - common;
        let names = (common * 900).checked_div(all).unwrap_or(0);
        return if common == 0 && same == 0 { exact } else { names + same * 300 + exact };
    }
    500 + exact * 400
}
