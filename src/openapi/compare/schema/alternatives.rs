//! Whether a union is in another set, branch by branch, and whether a set is in a union.

use super::answer::Answer;
use super::objects::Names;
use super::scalars::NOT_NULL;
use super::view::{Conjunction, Group, Union, View};
use super::{Judge, Side};
use crate::openapi::finding::Direction;
use crate::openapi::model::{SchemaId, Types};

/// Types whose values are told apart.
pub(super) const KINDS: [Types; 5] =
    [Types::BOOLEAN, Types::NUMBER, Types::STRING, Types::ARRAY, Types::OBJECT];

/// The same, with whole numbers and fractions told apart: each may have an alternative of its own.
const FINE_KINDS: [Types; 6] =
    [Types::BOOLEAN, Types::INTEGER, Types::FRACTION, Types::STRING, Types::ARRAY, Types::OBJECT];

/// The most branches that are held against each other together with what stands beside them.
const HELD_TOGETHER: usize = 8;

/// The most values of a property that are told apart.
const VALUES: usize = 64;

/// In which way the alternatives of two unions are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// They are written alike.
    Words,
    /// They hold the same messages.
    Alone,
    /// They do with what stands beside their unions.
    Beside,
}

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
        for likeness in [Likeness::Words, Likeness::Alone, Likeness::Beside] {
            // What is in an alternative is in an `anyOf` whatever its other ones are.
            if likeness == Likeness::Beside
                && (group.union == Union::AnyOf || group.branches.len() > HELD_TOGETHER)
            {
                break;
            }
            for (index, group_there) in whole.groups.iter().enumerate() {
                let partners = self.partners((side, group), (theirs, group_there), |judge, one, other| {
                    let (one, other) = if likeness == Likeness::Beside {
                        (
                            part.conjunction.choosing(group.owner, group.union, one).only(NOT_NULL),
                            whole
                                .conjunction
                                .choosing(group_there.owner, group_there.union, other)
                                .only(NOT_NULL),
                        )
                    } else {
                        let types = part.conjunction.types;
                        (Conjunction::one(side, one).only(types), Conjunction::one(theirs, other).only(types))
                    };
                    let both = |judge: &mut Self| {
                        judge.look(&one, &other, direction).is_yes()
                            && judge.look(&other, &one, direction).is_yes()
                    };
                    match likeness {
                        Likeness::Words => false,
                        Likeness::Alone if !nameless => both(judge),
                        Likeness::Alone | Likeness::Beside => judge.strictly(both),
                    }
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
                let own = self.clear(&slice);
                let covered =
                    self.covered(&own, side, group) || self.covered_by_value(&own, side, group, direction);
                found = if covered { Answer::Yes } else { found };
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

    /// Whether objects of `part` all have a property of few values, and each of these leads to a branch of the union that
    /// takes whatever else they have; of `oneOf` to one that is the only one which takes the value.
    fn covered_by_value(
        &mut self,
        part: &View<'c, 't>,
        side: Side,
        group: &Group<'c, 't>,
        direction: Direction,
    ) -> bool {
        if part.types != Types::OBJECT
            || part.finite.is_some()
            || !part.groups.is_empty()
            || group.branches.len() > VALUES
        {
            return false;
        }
        let own = self.tagged_names(part);
        let branches: Vec<View<'c, 't>> =
            group.branches.iter().map(|&branch| self.view(&Conjunction::one(side, branch))).collect();
        own.required.iter().any(|&(name, _)| {
            let slot = self.slot(part, &own, name, direction);
            if slot.hidden {
                return false;
            }
            let taken: Vec<Conjunction> = branches
                .iter()
                .map(|branch| {
                    let slot = self.slot(branch, &Names::of(branch), name, direction);
                    Conjunction::all(side, slot.schemas)
                })
                .collect();
            let values = Conjunction::all(part.conjunction.side, slot.schemas);
            let Some(admitted) = self.admitted(&values, &taken) else { return false };
            let mut takes_the_rest: Vec<Option<bool>> = vec![None; branches.len()];
            admitted.iter().all(|answers| {
                let possible = answers.iter().filter(|answer| !answer.is_no()).count();
                (group.union == Union::AnyOf || possible == 1)
                    && answers.iter().enumerate().any(|(at, answer)| {
                        answer.is_yes()
                            && *takes_the_rest[at].get_or_insert_with(|| {
                                self.takes_beside(part, &branches[at], name, direction)
                            })
                    })
            })
        })
    }

    /// For each value of `values` whether each of `others` admits it; none where it has more values than are told apart.
    fn admitted(&mut self, values: &Conjunction, others: &[Conjunction]) -> Option<Vec<Vec<Answer>>> {
        let view = self.view(values);
        if !view.null.is_no() {
            return None;
        }
        if let Some(finite) = view.finite.filter(|finite| finite.len() <= VALUES) {
            // Each is an evaluation, of which many are one step of an inclusion.
            self.steps = self.steps.checked_sub(1 + finite.len() * others.len() / VALUES)?;
            let of_one = |node| others.iter().map(|other| self.admits(node, other)).collect();
            return finite.iter().map(|value| Some(of_one(value.node?))).collect();
        }
        let of_one = |value| others.iter().map(|other| self.admits_boolean(value, other)).collect();
        (view.types == Types::BOOLEAN).then(|| [false, true].map(of_one).into())
    }

    /// Whether all of `part` is in `whole` but for what that says of the property `name`.
    fn takes_beside(
        &mut self,
        part: &View<'c, 't>,
        whole: &View<'c, 't>,
        name: &str,
        direction: Direction,
    ) -> bool {
        let opaque = whole.broken.is_some()
            || whole.cut
            || whole.finite.is_some()
            || !whole.types.meets(Types::OBJECT)
            || whole.parts.iter().any(|part| part.schema.unevaluated_properties.is_some());
        !opaque
            && self.objects(part, whole, Some(name), direction).is_yes()
            && self.logic(part, whole, direction).is_yes()
            && (0..whole.groups.len()).all(|index| self.in_group(part, whole, index, direction).is_yes())
    }
}
