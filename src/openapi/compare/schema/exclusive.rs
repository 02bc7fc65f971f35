//! `oneOf` refuses what two of its branches admit: what a change of one branch does to the others.

use super::answer::Answer;
use super::matching::Matched;
use super::objects::Names;
use super::pair::Pair;
use super::shape::Shape;
use super::unions::{COMPOUND, label};
use super::view::{Conjunction, Group, Union};
use super::{Judge, Side, strict};
use crate::openapi::finding::Direction;
use crate::openapi::model::{SchemaId, Types};
use crate::openapi::rules::What;

/// The most pairs of branches that are held against each other to see whether they overlap.
const OVERLAPS: usize = 500;

impl<'c, 't> Judge<'c, 't> {
    /// Whether an alternative of `oneOf` stands there twice, or what it takes of `types` another one takes too: what it
    /// admits, two of them do, and that is refused. Of objects another one counts that speaks of no other names: open
    /// alternatives take each other's messages by the letter, and nobody means that.
    pub(super) fn is_twice(
        &mut self,
        (side, types): (Side, Types),
        group: &Group<'c, 't>,
        branch: SchemaId,
        direction: Direction,
    ) -> bool {
        if group.union != Union::OneOf || group.discriminator.is_some() {
            return false;
        }
        let own = Conjunction::one(side, branch).only(types);
        let hash = self.hash(side, self.peel(side, branch));
        let is_scalar = self.is_scalar(&own);
        // Within a question that would be a question of its own for every two alternatives.
        let alone = self.open.is_empty();
        let place = group.branches.iter().position(|&other| other == branch);
        group.branches.iter().enumerate().filter(|&(at, _)| Some(at) != place).any(|(_, &other)| {
            let whole = Conjunction::one(side, other);
            self.hash(side, self.peel(side, other)) == hash
                || ((is_scalar || (alone && self.names_no_more(&whole, &own)))
                    && self.strictly(|judge| judge.included(&own, &whole, direction)).is_yes())
        })
    }

    /// Whether a branch takes objects or lists of which it says nothing.
    pub(super) fn is_nameless(&self, side: Side, branch: SchemaId) -> bool {
        match self.shape(side, branch) {
            Shape::Anything => true,
            Shape::Types(types) => types.meets(COMPOUND),
            _ => false,
        }
    }

    /// Whether all of the first is in the second; where names count that nothing declares, as `strict` has it.
    fn included_as(
        &mut self,
        pair: (&Conjunction, &Conjunction),
        direction: Direction,
        strict: bool,
    ) -> bool {
        let ask = |judge: &mut Self| judge.included(pair.0, pair.1, direction).is_yes();
        if strict { self.strictly(ask) } else { ask(self) }
    }

    /// Whether `one` names properties, and only such as `other` does.
    fn names_no_more(&mut self, one: &Conjunction, other: &Conjunction) -> bool {
        let names = Names::of(&self.view(one));
        !names.is_empty() && names.within(&Names::of(&self.view(other)))
    }
}

/// Compares what two unions refuse because two branches admit it.
pub(super) fn compare<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    (old, new): (&Group<'c, 't>, &Group<'c, 't>),
    matched: &Matched,
) {
    if !overlaps(judge, pair, (old, new), matched) {
        uncertain(judge, pair, (old, new), matched);
    }
}

/// Branches that overlap now and did not before lose messages. Whether that, or that nothing is known of it, was noted.
fn overlaps<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    (old, new): (&Group<'c, 't>, &Group<'c, 't>),
    matched: &Matched,
) -> bool {
    let (matched, gained) = (&matched.pairs, &matched.new);
    let direction = pair.place.direction();
    let exclusive = old.union == Union::OneOf && new.union == Union::OneOf;
    if !exclusive || direction != Direction::Request || new.discriminator.is_some() {
        return false;
    }
    let (same, mut changed): (Vec<_>, Vec<_>) =
        matched.iter().map(|&(one, other)| (Some(one), other)).partition(|&(one, other)| {
            one.is_some_and(|one| judge.alike_one((Side::Base, one), (Side::Revision, other)))
        });
    changed.extend(gained.iter().map(|&other| (None, other)));
    let mut left = OVERLAPS;
    for (index, &(before, one)) in changed.iter().enumerate() {
        let rest = changed[index + 1..].iter().copied();
        for (other_before, other) in rest.chain(same.iter().copied()) {
            if left == 0 {
                pair.undecided("budget");
                return true;
            }
            left -= 1;
            let now = judge.apart_of(
                &Conjunction::one(Side::Revision, one),
                &Conjunction::one(Side::Revision, other),
                direction,
            );
            // Where undeclared names count, what is not shown to be apart is taken to overlap.
            let strict = judge.strict;
            let overlaps = |answer: Answer| if strict { !answer.is_yes() } else { answer.is_no() };
            if !overlaps(now) {
                continue;
            }
            let then = before.zip(other_before).map(|(one, other)| {
                // Either may be the one whose messages the other took already.
                let mut between = |one: SchemaId, other: SchemaId| {
                    judge.apart_of(
                        &Conjunction::one(Side::Base, one),
                        &Conjunction::one(Side::Base, other),
                        direction,
                    )
                };
                between(one, other).and(between(other, one))
            });
            if !strict && then == Some(Answer::Unknown) {
                // They may have overlapped before.
                pair.undecided("oneOf");
                return true;
            }
            if !then.is_some_and(overlaps) {
                let places = (
                    before.map(|one| judge.schema(Side::Base, one).at),
                    judge.schema(Side::Revision, one).at,
                );
                if strict && !pair.idle {
                    let arguments = label(judge, Side::Revision, other);
                    let base = places.0.or(pair.old.at);
                    strict::certain(pair, What::OneOfOverlaps, (base, Some(places.1)), arguments);
                } else {
                    let arguments = label(judge, Side::Revision, other);
                    pair.note(What::OneOfOverlaps, places.0, Some(places.1), arguments);
                }
                return true;
            }
        }
    }
    false
}

/// What is wider on the side that must hold the other may take what another branch admits there: unless they are apart,
/// `oneOf` may refuse now what one branch alone admitted. What stands beside the union holds for every branch.
fn uncertain<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    (old, new): (&Group<'c, 't>, &Group<'c, 't>),
    matched: &Matched,
) {
    let direction = pair.place.direction();
    let response = direction == Direction::Response;
    let (narrow, wide) = if response { (new, old) } else { (old, new) };
    if wide.union != Union::OneOf || wide.discriminator.is_some() {
        return;
    }
    let (of_narrow, of_wide) =
        if response { (Side::Revision, Side::Base) } else { (Side::Base, Side::Revision) };
    let view = if response { &pair.new } else { &pair.old };
    let (types, enclosing) = (view.types, view.conjunction.clone());
    // What says nothing of its own only costs steps.
    let says = view.says();
    let exclusive = narrow.union == Union::OneOf;
    let mut left = OVERLAPS;
    for &branch in &wide.branches {
        let partner = matched.pairs.iter().find_map(|&(one, other)| {
            let (mine, theirs) = if response { (one, other) } else { (other, one) };
            (mine == branch).then_some(theirs)
        });
        let whole = Conjunction::one(of_wide, branch).only(types);
        // What names nothing takes objects of every name, also of those that the branch speaks of now.
        let nameless = narrow
            .branches
            .iter()
            .any(|&other| Some(other) != partner && judge.is_nameless(of_narrow, other));
        // What two branches of `anyOf` admit was never refused.
        let kept = exclusive
            && partner.is_some_and(|partner| {
                judge.hash(of_wide, branch) == judge.hash(of_narrow, partner)
                    || judge.included_as((&whole, &Conjunction::one(of_narrow, partner)), direction, nameless)
            });
        let slice = |other: SchemaId| {
            if says {
                enclosing.choosing(narrow.owner, narrow.union, other).only(types)
            } else {
                Conjunction::one(of_narrow, other)
            }
        };
        // A branch that breaks by itself is told where it changed; that the union breaks too is no news.
        let told = |judge: &mut Judge<'c, 't>, partner: SchemaId| {
            judge.included(&slice(partner).only(types), &whole, direction).is_no()
        };
        if kept || (exclusive && partner.is_some_and(|partner| told(judge, partner))) {
            continue;
        }
        let mut passed = false;
        for &other in &narrow.branches {
            // Where a branch stands twice, it is beside itself as well.
            if Some(other) == partner && !std::mem::replace(&mut passed, true) {
                continue;
            }
            left = left.saturating_sub(1);
            let slice = slice(other);
            // What the branch took of the other before, `oneOf` refused before.
            let was_refused = |judge: &mut Judge<'c, 't>| {
                exclusive
                    && partner.is_some_and(|partner| {
                        let nameless = judge.is_nameless(of_narrow, other);
                        judge.included_as(
                            (&slice, &Conjunction::one(of_narrow, partner)),
                            direction,
                            nameless,
                        )
                    })
            };
            let apart =
                left > 0 && (judge.apart_of(&slice, &whole, direction).is_yes() || was_refused(judge));
            if !apart {
                return pair.undecided(if left == 0 { "budget" } else { "oneOf" });
            }
        }
    }
}
