//! What unions mean: `anyOf` as types, values and other alternatives, whatever they are nested in or repeated by; `oneOf`
//! by its branches.

use std::collections::BTreeSet;

use super::{is_quiet, is_worded, value};
use crate::openapi::compare::schema::shape::{beyond_values, constrains};
use crate::openapi::compare::schema::value::Value;
use crate::openapi::compare::schema::view::{Conjunction, Group, Member, Union, View};
use crate::openapi::compare::schema::{Judge, Side};
use crate::openapi::digest::Encoding;
use crate::openapi::model::{SchemaId, Types};

/// What the unions of a view come to.
pub(super) enum Unions {
    /// One of them admits nothing.
    Nothing,
    /// They are gone: what they say is in this.
    Chosen(Conjunction),
    /// The digests of all values that are left.
    Values(Vec<u128>),
    /// Their digests.
    Left(Vec<u128>),
}

/// What an `anyOf` admits.
#[derive(Debug)]
struct Alternatives<'t> {
    /// All values of these types.
    types: Types,
    /// These values.
    values: Vec<Member<'t>>,
    /// What these branches admit, of these types, by digest.
    others: Vec<(u128, SchemaId, Types)>,
}

/// What a branch of `anyOf` is.
enum Branch<'t> {
    Types(Types),
    Values(Vec<Member<'t>>),
    Union(Vec<SchemaId>),
    /// What it says of each of these types.
    Each(Types),
    Other(Types),
}

impl<'c, 't> Judge<'c, 't> {
    /// What the unions of a view come to.
    pub(super) fn unions(&mut self, view: &View<'c, 't>) -> Option<Unions> {
        // What admits everything has none of them, and is asked for here.
        if view.groups.is_empty() {
            return Some(Unions::Left(Vec::new()));
        }
        let nothing = self.nothing(view)?;
        let mut all = Vec::new();
        for group in &view.groups {
            let found = match group.union {
                Union::AnyOf => self.any_of(view, group, nothing)?,
                Union::OneOf => self.one_of(view, group, nothing)?,
            };
            match found {
                Unions::Left(digests) => all.extend(digests),
                found => return Some(found),
            }
        }
        Some(Unions::Left(all))
    }

    fn any_of(&mut self, view: &View<'c, 't>, group: &Group<'c, 't>, nothing: u128) -> Option<Unions> {
        let side = view.conjunction.side;
        let found = self.alternatives((side, view.types), &group.branches, nothing)?;
        if found.types.contains(view.types) {
            return Some(Unions::Left(Vec::new()));
        }
        let spoken = found.spoken();
        if !spoken.is_none() && !spoken.contains(view.types) {
            return Some(Unions::Chosen(view.conjunction.only(spoken)));
        }
        match (found.types.is_none(), found.values.as_slice(), found.others.as_slice()) {
            (true, [], []) => return Some(Unions::Nothing),
            (true, [], &[(_, only, _), ref more @ ..]) if more.iter().all(|other| other.1 == only) => {
                return Some(Unions::Chosen(view.conjunction.choosing(group.owner, group.union, only)));
            }
            (true, values, []) => {
                let mut left = Vec::new();
                let mut known = true;
                for member in values {
                    let answer = member.node.map(|node| self.admits(node, &view.conjunction));
                    known &= answer.is_some_and(|answer| answer.is_yes() || answer.is_no());
                    if answer.is_some_and(|answer| answer.is_yes()) {
                        left.push(value(&member.value)?);
                    }
                }
                if known {
                    return Some(if left.is_empty() { Unions::Nothing } else { Unions::Values(left) });
                }
            }
            _ => {}
        }
        Some(Unions::Left(vec![found.digest()?]))
    }

    /// What `branches` admit together of `types`: nested ones opened, and what others cover left out.
    fn alternatives(
        &mut self,
        (side, types): (Side, Types),
        branches: &[SchemaId],
        nothing: u128,
    ) -> Option<Alternatives<'t>> {
        let mut found = Alternatives { types: Types::NONE, values: Vec::new(), others: Vec::new() };
        let mut left: Vec<SchemaId> = branches.to_vec();
        let mut known = BTreeSet::new();
        while let Some(branch) = left.pop() {
            let conjunction = Conjunction::one(side, branch).only(types);
            let code = self.code(&conjunction)?;
            if code == nothing || known.contains(&code) {
                continue;
            }
            known.insert(code);
            match self.branch(&conjunction, branch, nothing)? {
                Branch::Types(types) => found.types = found.types.or(types),
                Branch::Values(mut values) => found.values.append(&mut values),
                Branch::Union(mut branches) => left.append(&mut branches),
                Branch::Other(types) => found.others.push((code, branch, types)),
                Branch::Each(types) => self.each(&mut found, &conjunction, branch, types, nothing)?,
            }
        }
        found.values.sort_by(|one, other| one.value.cmp(&other.value));
        found.values.dedup_by(|one, other| one.value == other.value);
        if found.values.iter().filter(|member| matches!(member.value, Value::Boolean(_))).count() == 2 {
            found.types = found.types.or(Types::BOOLEAN);
        }
        let (types, others) = (found.types, &mut found.others);
        others.retain(|other| !types.contains(other.2));
        let others: Vec<Conjunction> =
            others.iter().map(|&(_, branch, _)| Conjunction::one(side, branch)).collect();
        found.values.retain(|member| {
            !types.meets(member.value.types())
                && !member
                    .node
                    .is_some_and(|node| others.iter().any(|other| self.admits(node, other).is_yes()))
        });
        Some(found)
    }

    /// Adds what a branch says of each of `types`: nothing of some of them, all of others.
    fn each(
        &mut self,
        found: &mut Alternatives<'t>,
        conjunction: &Conjunction,
        branch: SchemaId,
        types: Types,
        nothing: u128,
    ) -> Option<()> {
        let everything = Conjunction::all(conjunction.side, Vec::new());
        for kind in [Types::BOOLEAN, Types::NUMBER, Types::STRING, Types::ARRAY, Types::OBJECT] {
            let own = types.and(kind);
            if own.is_none() {
                continue;
            }
            let code = self.code(&conjunction.only(own))?;
            if code == self.code(&everything.only(own))? {
                found.types = found.types.or(own);
            } else if code != nothing && !found.others.iter().any(|other| other.0 == code) {
                found.others.push((code, branch, own));
            }
        }
        Some(())
    }

    /// What a branch that is not null is, where only its values count.
    fn branch(&mut self, conjunction: &Conjunction, branch: SchemaId, nothing: u128) -> Option<Branch<'t>> {
        let side = conjunction.side;
        self.afford()?;
        let view = self.view(conjunction);
        let plain = is_quiet(&view)
            && view.broken.is_none()
            && !view.cut
            && !view.parts.iter().any(|part| is_worded(part.schema))
            && !self.leads_back(side, branch);
        if !plain {
            return Some(Branch::Other(view.types));
        }
        if let Some(values) = &view.finite {
            let exact = self.is_exact(&view, values);
            return Some(if exact { Branch::Values(values.clone()) } else { Branch::Each(view.types) });
        }
        if view.groups.is_empty() {
            let more = view.parts.iter().any(|part| beyond_values(part.schema));
            return Some(if more { Branch::Each(view.types) } else { Branch::Types(view.types) });
        }
        let any_of = |group: &Group<'c, 't>| group.union == Union::AnyOf;
        let more = view.types != conjunction.types || view.parts.iter().any(|part| constrains(part.schema));
        if more || !view.groups.iter().all(any_of) {
            return Some(Branch::Each(view.types));
        }
        // The same union several times is one.
        if view.groups.len() > 1 {
            let mut digests = Vec::new();
            for group in &view.groups {
                digests.push(self.alternatives((side, view.types), &group.branches, nothing)?.digest()?);
            }
            digests.dedup();
            if digests.len() > 1 {
                return Some(Branch::Each(view.types));
            }
        }
        Some(Branch::Union(view.groups[0].branches.clone()))
    }

    fn one_of(&mut self, view: &View<'c, 't>, group: &Group<'c, 't>, nothing: u128) -> Option<Unions> {
        let (side, types) = (view.conjunction.side, view.types);
        let mut branches: Vec<(u128, SchemaId)> = Vec::new();
        for &branch in &group.branches {
            branches.push((self.code(&Conjunction::one(side, branch).only(types))?, branch));
        }
        branches.retain(|&(code, _)| code != nothing);
        branches.sort_unstable();
        self.cancel(side, types, &mut branches);
        let mut spoken = Types::NONE;
        for &(_, branch) in &branches {
            spoken = spoken.or(self.view(&Conjunction::one(side, branch).only(types)).types);
        }
        if !spoken.is_none() && !spoken.contains(types) {
            return Some(Unions::Chosen(view.conjunction.only(spoken)));
        }
        let codes: Vec<u128> = branches.iter().map(|&(code, _)| code).collect();
        Some(match branches.as_slice() {
            [] => Unions::Nothing,
            &[(_, only)] => Unions::Chosen(view.conjunction.choosing(group.owner, group.union, only)),
            _ => Unions::Left(vec![Encoding::default().tag(1).list(&codes).digest()]),
        })
    }

    /// Of branches that stand there twice and more often, ascending, neither is the only one: two of them say all, and
    /// where no other speaks of their types they say nothing.
    fn cancel(&mut self, side: Side, types: Types, branches: &mut Vec<(u128, SchemaId)>) {
        let all = std::mem::take(branches);
        let runs: Vec<&[(u128, SchemaId)]> = all.chunk_by(|one, other| one.0 == other.0).collect();
        let mut of_types: Vec<Types> = Vec::new();
        if runs.iter().any(|run| run.len() > 1) {
            for run in &runs {
                of_types.push(self.view(&Conjunction::one(side, run[0].1).only(types)).types);
            }
        }
        for (index, run) in runs.iter().enumerate() {
            let alone = run.len() > 1
                && (0..runs.len()).all(|other| other == index || !of_types[other].meets(of_types[index]));
            if !alone {
                branches.extend(run.iter().take(2));
            }
        }
    }
}

impl Alternatives<'_> {
    /// The types of all that is admitted.
    fn spoken(&self) -> Types {
        let values = self.values.iter().fold(self.types, |types, member| types.or(member.value.types()));
        self.others.iter().fold(values, |types, other| types.or(other.2))
    }

    fn digest(&self) -> Option<u128> {
        let mut values = Vec::new();
        for member in &self.values {
            values.push(value(&member.value)?);
        }
        let others = self.others.iter().map(|other| other.0).collect();
        let mut out = Encoding::default();
        Some(out.tag(0).tag(self.types.0).set(values).set(others).digest())
    }
}
