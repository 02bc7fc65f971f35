//! Whether two conjunctions have no message in common: what `oneOf` and `not` ask.

use super::Judge;
use super::answer::Answer;
use super::implied::written;
use super::included::{DEPTH, STEPS};
use super::objects;
use super::view::{Conjunction, View};
use crate::openapi::finding::Direction;
use crate::openapi::model::{Set, Types};

impl<'c, 't> Judge<'c, 't> {
    /// Whether no message of `one` is in `other`, as a question of its own.
    pub(super) fn apart_of(
        &mut self,
        one: &Conjunction,
        other: &Conjunction,
        direction: Direction,
    ) -> Answer {
        if self.open.is_empty() {
            self.steps = STEPS;
            self.refill();
        }
        let unused = !self.strict;
        self.apart(one, other, direction, unused)
    }

    /// Whether no message of `one` is in `other`: `Yes` where they are shown to be apart, `No` where they are shown to share
    /// one. With `unused`, messages of `one` use no name that `one` does not declare; what excludes a name must not assume
    /// that.
    pub(super) fn apart(
        &mut self,
        one: &Conjunction,
        other: &Conjunction,
        direction: Direction,
        unused: bool,
    ) -> Answer {
        if self.steps == 0 || self.open.len() >= DEPTH {
            return Answer::Unknown;
        }
        self.steps -= 1;
        let (first, second) = (self.view(one), self.view(other));
        if first.broken.is_some() || second.broken.is_some() || first.cut || second.cut {
            return Answer::Unknown;
        }
        let shared = self.kinds(&first).and(self.kinds(&second));
        if shared.is_none() {
            return Answer::Yes;
        }
        for (finite, set) in [(&first.finite, other), (&second.finite, one)] {
            let Some(values) = finite else { continue };
            let mut apart = Answer::Yes;
            for member in values {
                let Some(node) = member.node else { return Answer::Unknown };
                apart = apart.and(self.admits(node, set).not());
            }
            return apart;
        }
        let plain = |view: &View<'c, 't>| {
            view.groups.is_empty()
                && view.parts.iter().all(|part| part.schema.not.is_none() && part.schema.when.is_none())
        };
        for (part, excluding) in [(one, &second), (other, &first)] {
            for not in excluding.parts.iter().filter_map(|part| part.schema.not) {
                // What excludes a name speaks of names that nothing declares too.
                let not = Conjunction::one(excluding.conjunction.side, not);
                if !unused && self.strictly(|judge| judge.look(part, &not, direction)).is_yes() {
                    return Answer::Yes;
                }
            }
        }
        if shared == Types::OBJECT && self.apart_by_property(&first, &second, direction, unused) {
            return Answer::Yes;
        }
        for (low, high) in [(&first, &second), (&second, &first)] {
            if let (Some(low), Some(high)) = (&low.minimum, &high.maximum)
                && Types::NUMBER.contains(shared)
                && (low.value > high.value || (low.value == high.value && (low.exclusive || high.exclusive)))
            {
                return Answer::Yes;
            }
            if let (Some(least), Some(most)) = (low.most(|s| s.min_length), high.least(|s| s.max_length))
                && shared == Types::STRING
                && least.value > most.value
            {
                return Answer::Yes;
            }
        }
        if shared == Types::STRING && self.no_text_is_both(&first, &second) {
            return Answer::Yes;
        }
        if self.open.len() + 1 < DEPTH
            && plain(&first)
            && plain(&second)
            && (self.look(one, other, direction).is_yes() || self.look(other, one, direction).is_yes())
        {
            return Answer::No;
        }
        let empty = |view: &View<'c, 't>| {
            plain(view)
                && view.parts.iter().all(|part| {
                    let schema = part.schema;
                    schema.required.is_empty() && schema.min_properties.is_none_or(|set| set.value == 0)
                })
        };
        if shared.meets(Types::OBJECT) && empty(&first) && empty(&second) {
            return Answer::No;
        }
        Answer::Unknown
    }

    /// Whether the patterns of two views, those of their formats among them, are found in no text together.
    fn no_text_is_both(&mut self, one: &View<'c, 't>, other: &View<'c, 't>) -> bool {
        let of = |view: &View<'c, 't>| {
            let length = |set: Set<u64>| set.value;
            let least = view.most(|s| s.min_length).map_or(0, length);
            written(view, (least, view.least(|s| s.max_length).map(length)))
        };
        let (own, theirs) = (of(one), of(other));
        !own.is_empty()
            && !theirs.is_empty()
            && self.patterns.together(&[own, theirs].concat(), "[]".into()).is_yes()
    }

    /// The types of the values of `view` that are not null, which its unions narrow too.
    pub(super) fn kinds(&mut self, view: &View<'c, 't>) -> Types {
        let side = view.conjunction.side;
        let mut types = view.types;
        for group in &view.groups {
            let mut all = Types::NONE;
            for &branch in &group.branches {
                all = all.or(self.view(&Conjunction::one(side, branch)).types);
            }
            types = types.and(all);
        }
        types
    }

    /// The names that `view` speaks of. Where an alternative of a union with a discriminator stands for that union, the tag
    /// must be there, whatever the alternative asks for.
    pub(super) fn tagged_names(&self, view: &View<'c, 't>) -> objects::Names<'t> {
        let mut names = objects::Names::of(view);
        for &(owner, _) in &view.conjunction.chosen {
            if let Some(discriminator) = &self.schema(view.conjunction.side, owner).discriminator
                && discriminator.default.is_none()
            {
                names.require(discriminator.property, discriminator.at);
            }
        }
        names
    }

    /// Whether a property tells two kinds of objects apart: one must have it, and the other has no place for it or admits
    /// other values; or `other` must have it, and messages of `one` do not use it.
    fn apart_by_property(
        &mut self,
        one: &View<'c, 't>,
        other: &View<'c, 't>,
        direction: Direction,
        unused: bool,
    ) -> bool {
        let (first, second) = (self.tagged_names(one), self.tagged_names(other));
        // What names nothing takes objects of every name.
        let all_named = unused && !first.is_empty();
        let mut names: Vec<&'t str> =
            first.required.iter().chain(&second.required).map(|&(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let own = self.slot(one, &first, name, direction);
            let their = self.slot(other, &second, name, direction);
            if own.hidden || their.hidden {
                continue;
            }
            let absent = (all_named && !own.present()) || own.forbidden;
            if (their.required.is_some() && absent) || (own.required.is_some() && their.forbidden) {
                return true;
            }
            let sides = (one.conjunction.side, other.conjunction.side);
            let pair = (Conjunction::all(sides.0, own.schemas), Conjunction::all(sides.1, their.schemas));
            let (mine, theirs) = (self.view(&pair.0), self.view(&pair.1));
            let told = |view: &View<'c, 't>| view.finite.is_some() || !view.types.contains(Types::OBJECT);
            if mine.null.and(theirs.null).is_no()
                && told(&mine)
                && told(&theirs)
                && self.apart(&pair.0, &pair.1, direction, unused).is_yes()
            {
                return true;
            }
        }
        false
    }
}
