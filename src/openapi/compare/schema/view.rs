//! What a schema says as a whole, however it is spelled: a conjunction with its references and `allOf` gathered into a
//! list of parts, one-branch unions opened, and null told apart from all other values.
//!
//! A view is built for a pair and thrown away. It borrows from the descriptions and copies no keyword. Null is asked for
//! on its own (`admits`), so the rest of a view speaks of values that are not null.

use std::collections::{BTreeMap, BTreeSet};

use super::answer::Answer;
use super::shape::{Shape, beyond_values, constrains};
use super::value::Value;
use super::{Judge, Side};
use crate::openapi::decimal::Decimal;
use crate::openapi::model::{At, Bound, Discriminator, Schema, SchemaId, Set, Types};
use crate::openapi::tree::Node;

/// The most parts that a conjunction may have.
pub(super) const PARTS: usize = 256;

/// `anyOf` or `oneOf`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::openapi::compare) enum Union {
    /// At least one branch holds.
    AnyOf,
    /// One branch holds, and no other.
    OneOf,
}

/// Schemas of one side that all hold. None at all admits everything.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::openapi::compare) struct Conjunction {
    /// Which side they are of.
    pub(super) side: Side,
    /// The schemas, each once, in the order in which they are found.
    pub(super) schemas: Vec<SchemaId>,
    /// Unions that are left out, because a branch of theirs stands among the schemas.
    pub(super) chosen: Vec<(SchemaId, Union)>,
    /// Only values of these types count.
    pub(super) types: Types,
}

impl Conjunction {
    /// One schema.
    pub(super) fn one(side: Side, schema: SchemaId) -> Self {
        Self::all(side, vec![schema])
    }

    /// All of `schemas`.
    pub(super) fn all(side: Side, schemas: Vec<SchemaId>) -> Self {
        Self { side, schemas, chosen: Vec::new(), types: Types::ANY }
    }

    /// This with `branch` in place of the union `owner` has.
    pub(super) fn choosing(&self, owner: SchemaId, union: Union, branch: SchemaId) -> Self {
        let mut chosen = self.clone();
        if !chosen.chosen.contains(&(owner, union)) {
            chosen.chosen.push((owner, union));
        }
        if !chosen.schemas.contains(&branch) {
            chosen.schemas.push(branch);
        }
        chosen
    }

    /// This and `more`.
    pub(super) fn with(&self, more: impl IntoIterator<Item = SchemaId>) -> Self {
        let mut all = self.clone();
        for schema in more {
            if !all.schemas.contains(&schema) {
                all.schemas.push(schema);
            }
        }
        all
    }

    /// Only the values of `types`.
    pub(super) fn only(&self, types: Types) -> Self {
        Self { types: self.types.and(types), ..self.clone() }
    }

    /// The one schema that this is, if it is one.
    pub(super) fn single(&self) -> Option<SchemaId> {
        match self.schemas.as_slice() {
            &[one] if self.chosen.is_empty() && self.types == Types::ANY => Some(one),
            _ => None,
        }
    }
}

/// One schema of a conjunction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'c, 't> {
    /// What it says itself.
    pub(super) schema: &'c Schema<'t>,
    /// The parts that it brought in are those up to here.
    pub(super) end: usize,
}

/// A union of two or more branches.
#[derive(Debug, Clone)]
pub(super) struct Group<'c, 't> {
    /// Of which kind.
    pub(super) union: Union,
    /// The schema that holds it.
    pub(super) owner: SchemaId,
    /// Its branches that admit anything but null.
    pub(super) branches: Vec<SchemaId>,
    /// How a value tells its branch.
    pub(super) discriminator: Option<&'c Discriminator<'t>>,
}

/// A value of a finite set, with the place where it is spelled.
#[derive(Debug, Clone)]
pub(super) struct Member<'t> {
    /// The value.
    pub(super) value: Value<'t>,
    /// The same in the tree; none for those that no description spells.
    pub(super) node: Option<Node<'t>>,
    /// Where it stands.
    pub(super) at: At,
}

/// The effective bound of numbers.
#[derive(Debug, Clone)]
pub(super) struct Limit<'c> {
    /// As it was written.
    pub(super) written: &'c Bound,
    /// Of integers the last that is inside; else as it was written.
    pub(super) value: Decimal,
    /// Whether `value` itself is outside.
    pub(super) exclusive: bool,
}

/// What a conjunction says as a whole.
#[derive(Debug)]
pub(super) struct View<'c, 't> {
    /// What it is the view of.
    pub(super) conjunction: Conjunction,
    /// Where it stands; none where nothing is said.
    pub(super) at: Option<At>,
    /// Every schema that holds.
    pub(super) parts: Vec<Part<'c, 't>>,
    /// Whether null is admitted.
    pub(super) null: Answer,
    /// The types of the values that are not null.
    pub(super) types: Types,
    /// Where `type` stands.
    pub(super) types_at: Option<At>,
    /// Whether alternatives of one type each say the types.
    pub(super) listed: bool,
    /// All values that are not null, where they are spelled out; ascending.
    pub(super) finite: Option<Vec<Member<'t>>>,
    /// Whether `const` rather than `enum` spells them, and where.
    pub(super) finite_at: Option<(At, bool)>,
    /// The lower bound of numbers.
    pub(super) minimum: Option<Limit<'c>>,
    /// The upper bound of numbers.
    pub(super) maximum: Option<Limit<'c>>,
    /// Unions of two and more branches.
    pub(super) groups: Vec<Group<'c, 't>>,
    /// A part that could not be read.
    pub(super) broken: Option<At>,
    /// There are more parts than a view may have.
    pub(super) cut: bool,
}

impl<'c, 't> Judge<'c, 't> {
    /// What `conjunction` says as a whole.
    pub(super) fn view(&mut self, conjunction: &Conjunction) -> View<'c, 't> {
        let side = conjunction.side;
        let mut view = View {
            at: conjunction.schemas.first().map(|&first| self.schema(side, first).at),
            parts: Vec::new(),
            null: self.null_of(conjunction),
            types: conjunction.types.without(Types::NULL),
            types_at: None,
            listed: false,
            finite: None,
            finite_at: None,
            minimum: None,
            maximum: None,
            groups: Vec::new(),
            broken: None,
            cut: false,
            conjunction: conjunction.clone(),
        };
        self.gather(&mut view);
        for index in 0..view.parts.len() {
            let schema = view.parts[index].schema;
            if schema.broken && view.broken.is_none() {
                view.broken = Some(schema.at);
            }
            if schema.always == Some(false) || self.excludes_all(side, schema) {
                view.types = Types::NONE;
            }
            if let Some(types) = schema.types {
                if view.types_at.is_none() {
                    view.types_at = Some(types.at);
                }
                view.types = view.types.and(types.value);
            }
        }
        if let Some(chosen) = self.narrowed(&mut view) {
            return View { conjunction: view.conjunction, null: view.null, ..self.view(&chosen) };
        }
        self.values(&mut view);
        bounds(&mut view);
        for (low, high, types) in [
            (view.most(|s| s.min_length), view.least(|s| s.max_length), Types::STRING),
            (view.most(|s| s.min_items), view.least(|s| s.max_items), Types::ARRAY),
            (view.most(|s| s.min_properties), view.least(|s| s.max_properties), Types::OBJECT),
        ] {
            if low.zip(high).is_some_and(|(low, high)| low.value > high.value) {
                view.types = view.types.without(types);
            }
        }
        view
    }

    /// Drops the branches that no value of the view's types is in; where one is left, what to look at instead.
    fn narrowed(&self, view: &mut View<'c, 't>) -> Option<Conjunction> {
        let side = view.conjunction.side;
        let mut index = 0;
        while index < view.groups.len() {
            let types = view.types;
            let group = &mut view.groups[index];
            group.branches.retain(|&branch| {
                let core = self.schema(side, self.peel(side, branch));
                core.broken || core.types.is_none_or(|set| set.value.meets(types))
            });
            match *group.branches.as_slice() {
                [] => view.types = Types::NONE,
                [only] => {
                    let chosen = view.conjunction.choosing(group.owner, group.union, only);
                    // A branch that is there already says nothing new, and its union is one less.
                    return Some(chosen);
                }
                _ => {
                    index += 1;
                    continue;
                }
            }
            view.groups.remove(index);
        }
        None
    }

    /// Gathers the parts of `view` and its unions.
    fn gather(&mut self, view: &mut View<'c, 't>) {
        enum Step {
            Enter(SchemaId),
            Leave(usize),
        }
        let side = view.conjunction.side;
        let mut seen = BTreeSet::new();
        let mut steps: Vec<Step> = view.conjunction.schemas.iter().rev().map(|&id| Step::Enter(id)).collect();
        while let Some(step) = steps.pop() {
            let id = match step {
                Step::Enter(id) => id,
                Step::Leave(index) => {
                    view.parts[index].end = view.parts.len();
                    continue;
                }
            };
            if !seen.insert(id) {
                continue;
            }
            if view.parts.len() >= PARTS {
                view.cut = true;
                continue;
            }
            let schema = self.schema(side, id);
            let index = view.parts.len();
            view.parts.push(Part { schema, end: index + 1 });
            steps.push(Step::Leave(index));
            let mut inner: Vec<SchemaId> =
                schema.reference.into_iter().chain(schema.all_of.iter().copied()).collect();
            for (union, branches) in [(Union::AnyOf, &schema.any_of), (Union::OneOf, &schema.one_of)] {
                if branches.is_empty() || view.conjunction.chosen.contains(&(id, union)) {
                    continue;
                }
                match self.union(side, union, branches) {
                    Opened::One(branch) => inner.push(branch),
                    Opened::Types(types) => {
                        view.types = view.types.and(types);
                        view.types_at = view.types_at.or(Some(schema.at));
                        view.listed = true;
                    }
                    Opened::Values(values) => {
                        let at = schema.at;
                        view.restrict(values, at, false);
                    }
                    Opened::Branches(branches) => view.groups.push(Group {
                        union,
                        owner: id,
                        branches,
                        discriminator: schema.discriminator.as_ref(),
                    }),
                    Opened::Anything => {}
                    Opened::TooMany => view.cut = true,
                }
            }
            steps.extend(inner.into_iter().rev().map(Step::Enter));
        }
    }

    /// What the branches of a union come to, for values that are not null.
    fn union(&mut self, side: Side, union: Union, branches: &[SchemaId]) -> Opened<'t> {
        // One branch is what it is, with all that it says beside its values.
        if let &[only] = branches {
            return Opened::One(only);
        }
        let mut open = Vec::new();
        let mut seen = BTreeSet::new();
        // `anyOf` within `anyOf` is one union.
        let mut left: Vec<SchemaId> = branches.iter().rev().copied().collect();
        while let Some(branch) = left.pop() {
            let core = self.schema(side, self.peel(side, branch));
            let nested = union == Union::AnyOf
                && core.any_of.len() > 1
                && core.reference.is_none()
                && core.always.is_none()
                && core.all_of.is_empty()
                && core.one_of.is_empty()
                && core.discriminator.is_none()
                && core.read_only.is_none()
                && core.write_only.is_none()
                && !core.broken
                && !constrains(core);
            if nested {
                if seen.insert(self.peel(side, branch)) {
                    left.extend(core.any_of.iter().rev().copied());
                }
            } else {
                open.push((branch, self.shape(side, branch)));
            }
            if open.len() > super::BRANCHES {
                return Opened::TooMany;
            }
        }
        open.retain(|&(_, shape)| !matches!(shape, Shape::Null | Shape::Nothing));
        match union {
            // The same branch twice is one for `anyOf`; for `oneOf` it excludes what it admits.
            Union::AnyOf => {
                if open.iter().any(|&(_, shape)| shape == Shape::Anything) {
                    return Opened::Anything;
                }
                // Under two names it is two alternatives to whoever reads them.
                let mut known: BTreeMap<u128, Vec<Option<&str>>> = BTreeMap::new();
                open.retain(|&(branch, _)| {
                    let labels = known.entry(self.hash(side, self.peel(side, branch))).or_default();
                    let label = self.label(side, branch);
                    let new = !labels.contains(&label);
                    labels.push(label);
                    new
                });
            }
            Union::OneOf => {}
        }
        if let &[(only, _)] = open.as_slice() {
            return Opened::One(only);
        }
        if open.iter().all(|&(_, shape)| matches!(shape, Shape::Types(_))) {
            let (mut once, mut twice) = (Types::NONE, Types::NONE);
            for &(_, shape) in &open {
                if let Shape::Types(types) = shape {
                    twice = twice.or(once.and(types));
                    once = once.or(types);
                }
            }
            return Opened::Types(if union == Union::OneOf { once.without(twice) } else { once });
        }
        if open.iter().all(|&(_, shape)| shape == Shape::Values) {
            return Opened::Values(self.spelled(side, union, open.iter().map(|&(branch, _)| branch)));
        }
        Opened::Branches(open.into_iter().map(|(branch, _)| branch).collect())
    }

    /// The values that branches spell out.
    fn spelled(&self, side: Side, union: Union, branches: impl Iterator<Item = SchemaId>) -> Vec<Member<'t>> {
        let mut all: Vec<Member<'t>> = Vec::new();
        for branch in branches {
            let schema = self.schema(side, self.peel(side, branch));
            let types = schema.types.map_or(Types::ANY, |set| set.value);
            let mut own = listed(schema).unwrap_or_default();
            own.retain(|member| types.meets(member.value.types()));
            all.append(&mut own);
        }
        all.sort_by(|one, other| one.value.cmp(&other.value));
        match union {
            Union::AnyOf => all.dedup_by(|one, other| one.value == other.value),
            Union::OneOf => {
                let twice: BTreeSet<usize> = (1..all.len())
                    .filter(|&index| all[index].value == all[index - 1].value)
                    .flat_map(|index| [index - 1, index])
                    .collect();
                let mut index = 0;
                all.retain(|_| {
                    index += 1;
                    !twice.contains(&(index - 1))
                });
            }
        }
        all
    }

    /// Narrows `view` to the values that its parts spell out, and these to what the other keywords leave of them.
    fn values(&mut self, view: &mut View<'c, 't>) {
        for index in 0..view.parts.len() {
            let schema = view.parts[index].schema;
            let keyword = match (&schema.constant, &schema.enumeration) {
                (Some(constant), _) => Some((constant.at, true)),
                (None, Some(enumeration)) => Some((enumeration.at, false)),
                (None, None) => None,
            };
            if let (Some((at, constant)), Some(values)) = (keyword, listed(schema)) {
                view.restrict(values, at, constant);
            }
        }
        let Some(mut finite) = view.finite.take() else { return };
        finite.retain(|member| view.types.meets(member.value.types()));
        if view.parts.iter().any(|part| beyond_values(part.schema)) || !view.groups.is_empty() {
            finite.retain(|member| match member.node {
                Some(node) => !self.admits(node, &view.conjunction).is_no(),
                None => true,
            });
        }
        let of_values = finite.iter().fold(Types::NONE, |types, member| types.or(member.value.types()));
        view.types = view.types.and(of_values);
        view.finite = Some(finite);
    }

    /// Whether `conjunction` admits null.
    fn null_of(&mut self, conjunction: &Conjunction) -> Answer {
        if !conjunction.types.contains(Types::NULL) {
            return Answer::No;
        }
        conjunction
            .schemas
            .iter()
            .fold(Answer::Yes, |answer, &schema| answer.and(self.admits_null(conjunction.side, schema)))
    }
}

/// What a union comes to.
enum Opened<'t> {
    Anything,
    One(SchemaId),
    Types(Types),
    Values(Vec<Member<'t>>),
    Branches(Vec<SchemaId>),
    TooMany,
}

/// The values that `schema` itself spells out, ascending, each once, without null.
fn listed<'t>(schema: &Schema<'t>) -> Option<Vec<Member<'t>>> {
    let member = |at: At| {
        move |node: Node<'t>| Member {
            value: Value::of(node),
            node: Some(node),
            at: At { trail: at.trail, offset: node.at() },
        }
    };
    let enumerated = schema.enumeration.map(|set| set.value.items().map(member(set.at)).collect::<Vec<_>>());
    let mut members = match (schema.constant, enumerated) {
        (Some(set), enumerated) => {
            let mut constant = member(set.at)(set.value);
            constant.at = set.at;
            let inside = enumerated.is_none_or(|all| all.iter().any(|other| other.value == constant.value));
            if inside { vec![constant] } else { Vec::new() }
        }
        (None, Some(enumerated)) => enumerated,
        (None, None) => return None,
    };
    members.retain(|member| member.value != Value::Null);
    members.sort_by(|one, other| one.value.cmp(&other.value));
    members.dedup_by(|one, other| one.value == other.value);
    Some(members)
}

impl<'t> View<'_, 't> {
    /// Leaves of the values only those that `members` hold too.
    fn restrict(&mut self, members: Vec<Member<'t>>, at: At, constant: bool) {
        if self.finite_at.is_none() || constant {
            self.finite_at = Some((at, constant));
        }
        self.finite = Some(match self.finite.take() {
            None => members,
            Some(mut known) => {
                known.retain(|one| members.binary_search_by(|other| other.value.cmp(&one.value)).is_ok());
                known
            }
        });
    }

    /// The highest of a count.
    pub(super) fn most(&self, count: impl Fn(&Schema<'t>) -> Option<Set<u64>>) -> Option<Set<u64>> {
        self.parts
            .iter()
            .filter_map(|part| count(part.schema))
            .reduce(|one, other| if other.value > one.value { other } else { one })
    }

    /// The lowest of a count.
    pub(super) fn least(&self, count: impl Fn(&Schema<'t>) -> Option<Set<u64>>) -> Option<Set<u64>> {
        self.parts
            .iter()
            .filter_map(|part| count(part.schema))
            .reduce(|one, other| if other.value < one.value { other } else { one })
    }

    /// Whether anything is said beside the unions.
    pub(super) fn says(&self) -> bool {
        self.parts.len() > 1 || self.parts.iter().any(|part| constrains(part.schema))
    }

    /// Whether nothing at all is admitted.
    pub(super) fn is_impossible(&self) -> bool {
        self.types.is_none() && self.null.is_no()
    }

    /// Whether values of any of `types` are among those that it speaks of without spelling them out.
    pub(super) fn speaks_of(&self, types: Types) -> bool {
        self.finite.is_none() && self.types.meets(types)
    }
}

/// The effective bounds of numbers.
fn bounds<'c>(view: &mut View<'c, '_>) {
    let integers = !view.types.meets(Types::FRACTION);
    let limit = |written: &'c Bound, lower| {
        let (value, exclusive) = effective((&written.value, written.exclusive), lower, integers);
        Limit { written, value, exclusive }
    };
    for part in &view.parts {
        if let Some(bound) = &part.schema.minimum {
            let new = limit(bound, true);
            if view
                .minimum
                .as_ref()
                .is_none_or(|old| (&new.value, new.exclusive) > (&old.value, old.exclusive))
            {
                view.minimum = Some(new);
            }
        }
        if let Some(bound) = &part.schema.maximum {
            let new = limit(bound, false);
            if view
                .maximum
                .as_ref()
                .is_none_or(|old| (&new.value, !new.exclusive) < (&old.value, !old.exclusive))
            {
                view.maximum = Some(new);
            }
        }
    }
    if let (Some(low), Some(high)) = (&view.minimum, &view.maximum)
        && (low.value > high.value || (low.value == high.value && (low.exclusive || high.exclusive)))
    {
        view.types = view.types.without(Types::NUMBER);
    }
}

/// The bound that holds: among integers the last integer inside, as far as machine numbers go.
pub(super) fn effective(
    (bound, exclusive): (&Decimal, bool),
    lower: bool,
    integers: bool,
) -> (Decimal, bool) {
    let written = || (bound.clone(), exclusive);
    if !integers {
        return written();
    }
    let whole = if bound.is_integer() {
        let step = i128::from(exclusive);
        bound.as_i128().and_then(|value| value.checked_add(if lower { step } else { -step }))
    } else {
        let (digits, exponent) = bound.parts();
        let whole = match usize::try_from(exponent) {
            Ok(length) if length <= 38 => digits.get(..length).unwrap_or(digits),
            Ok(_) => return written(),
            Err(_) => "",
        };
        let towards_zero = if whole.is_empty() { Some(0) } else { whole.parse::<i128>().ok() };
        towards_zero.map(|whole| match (bound.is_negative(), lower) {
            (false, true) => whole + 1,
            (false, false) => whole,
            (true, true) => -whole,
            (true, false) => -whole - 1,
        })
    };
    whole.and_then(|whole| Decimal::parse(&whole.to_string())).map_or_else(written, |value| (value, false))
}
