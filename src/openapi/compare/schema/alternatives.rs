//! Whether a union is in another set, branch by branch, and whether a set is in a union.

use super::answer::Answer;
use super::scalars::NOT_NULL;
use super::view::{Conjunction, Union, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{SchemaId, Types};

/// Types whose values are told apart.
pub(super) const KINDS: [Types; 5] =
    [Types::BOOLEAN, Types::NUMBER, Types::STRING, Types::ARRAY, Types::OBJECT];

/// The same, with whole numbers and fractions told apart: each may have an alternative of its own.
const FINE_KINDS: [Types; 6] =
    [Types::BOOLEAN, Types::INTEGER, Types::FRACTION, Types::STRING, Types::ARRAY, Types::OBJECT];

impl<'c, 't> Judge<'c, 't> {
    /// Whether each branch of the first union of `part` is in `whole`, null left aside.
    pub(super) fn each_alternative(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        direction: Direction,
    ) -> Answer {
        let group = &part.groups[0];
        let (owner, union) = (group.owner, group.union);
        let shared = self.shared(part, whole, direction);
        let own = part.conjunction.only(NOT_NULL);
        if union == Union::OneOf && shared.is_none() {
            if self.in_exclusive(&own, whole, direction) {
                return Answer::Yes;
            }
            // Of each kind of values other branches speak, and what two of them take is refused.
            let kinds: Vec<Types> = FINE_KINDS.into_iter().filter(|&kind| part.types.meets(kind)).collect();
            if kinds.len() > 1 && own.types.contains(part.types) {
                return kinds.into_iter().fold(Answer::Yes, |answer, kind| {
                    if answer.is_no() {
                        answer
                    } else {
                        answer.and(self.look(&own.only(kind), &whole.conjunction.only(kind), direction))
                    }
                });
            }
        }
        group.branches.iter().enumerate().fold(Answer::Yes, |answer, (at, &branch)| {
            if answer.is_no() {
                return answer;
            }
            let chosen = own.choosing(owner, union, branch);
            // Where the other side has the same union, its branch is the same one.
            let theirs = shared.as_ref().map(|(index, partners)| {
                let group = &whole.groups[*index];
                whole.conjunction.choosing(group.owner, group.union, partners[at])
            });
            let inside = self.look(&chosen, theirs.as_ref().unwrap_or(&whole.conjunction), direction);
            let idle = !inside.is_yes()
                && self.is_twice((part.conjunction.side, own.types), group, branch, direction);
            answer.and(if idle { Answer::Yes } else { inside })
        })
    }

    /// The union of `whole` that is, branch by branch, the first one of `part`, with the partner of each branch there:
    /// one of the same words, or one that is shown to hold the same messages.
    fn shared(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        direction: Direction,
    ) -> Option<(usize, Vec<SchemaId>)> {
        let (side, theirs) = (part.conjunction.side, whole.conjunction.side);
        let group = &part.groups[0];
        // What takes objects of every name is no longer the only one that does where another one names less.
        let nameless =
            group.union == Union::OneOf && group.branches.iter().any(|&one| self.is_nameless(side, one));
        // Those of the same words first: they cost nothing.
        for reworded in [false, true] {
            for (index, other) in whole.groups.iter().enumerate() {
                let partners = self.partners((side, group), (theirs, other), |judge, one, other| {
                    let one = Conjunction::one(side, one).only(part.conjunction.types);
                    let other = Conjunction::one(theirs, other).only(part.conjunction.types);
                    let both = |judge: &mut Self| {
                        judge.look(&one, &other, direction).is_yes()
                            && judge.look(&other, &one, direction).is_yes()
                    };
                    reworded && if nameless { judge.strictly(both) } else { both(judge) }
                });
                if let Some(partners) = partners {
                    return Some((index, partners));
                }
            }
        }
        None
    }

    /// Whether `own`, which has a `oneOf`, is in an alternative of `whole` that has one too: of a branch alone it could
    /// not be told any more that the others do not hold.
    fn in_exclusive(&mut self, own: &Conjunction, whole: &View<'c, 't>, direction: Direction) -> bool {
        let side = whole.conjunction.side;
        whole.groups.iter().filter(|group| group.union == Union::AnyOf).any(|group| {
            group.branches.iter().any(|&branch| {
                let exclusive = self.schema(side, self.peel(side, branch)).one_of.len() > 1;
                let chosen = whole.conjunction.choosing(group.owner, group.union, branch);
                exclusive && self.look(own, &chosen, direction).is_yes()
            })
        })
    }

    /// Whether `part`, which has no unions, is in a union of `whole`.
    pub(super) fn in_group(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        index: usize,
        direction: Direction,
    ) -> Answer {
        let group = &whole.groups[index];
        let side = whole.conjunction.side;
        let mut slices: Vec<Conjunction> = Vec::new();
        let here = part.conjunction.only(NOT_NULL);
        let meets = KINDS.iter().filter(|&&types| part.types.meets(types)).count();
        if meets > 1 {
            slices.extend(
                KINDS.iter().filter(|&&types| part.types.meets(types)).map(|&types| here.only(types)),
            );
        } else {
            slices.push(here);
        }
        let mut answer = Answer::Yes;
        for slice in slices {
            let mut found = Answer::No;
            for &branch in &group.branches {
                let inside = self.look(&slice, &Conjunction::one(side, branch), direction);
                found = found.or(inside);
                if !inside.is_yes() {
                    continue;
                }
                if group.union == Union::OneOf {
                    let alone = group.branches.iter().filter(|&&other| other != branch).fold(
                        Answer::Yes,
                        |alone, &other| {
                            let other = Conjunction::one(side, other);
                            alone.and(self.apart(&slice, &other, direction, !self.strict))
                        },
                    );
                    found = alone;
                }
                break;
            }
            // No single branch takes it all; several together still may.
            if !found.is_yes() {
                let numbers = self.clear(&slice);
                found = if self.covered(&numbers, side, group) { Answer::Yes } else { found };
            }
            answer = answer.and(if found.is_no() && group.branches.len() > 1 {
                self.in_none(&slice, group.branches.as_slice(), side, direction)
            } else {
                found
            });
        }
        answer
    }

    /// Whether nothing of `slice` is in any of `branches`, which refutes; else it is open.
    fn in_none(
        &mut self,
        slice: &Conjunction,
        branches: &[SchemaId],
        side: Side,
        direction: Direction,
    ) -> Answer {
        let view = self.view(slice);
        let types = view.types;
        for &branch in branches {
            let other = self.view(&Conjunction::one(side, branch));
            if other.types.meets(types) {
                return if self.apart(slice, &Conjunction::one(side, branch), direction, false).is_yes() {
                    continue;
                } else {
                    Answer::Unknown
                };
            }
        }
        Answer::No
    }
}
