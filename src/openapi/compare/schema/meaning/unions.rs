//! What unions mean: `anyOf` as types, values and other alternatives, whatever they are nested in or repeated by; `oneOf`
//! by its branches.

use std::collections::BTreeSet;

use super::{is_quiet, is_worded, value};
use crate::openapi::compare::schema::alternatives::KINDS;
use crate::openapi::compare::schema::answer::Answer;
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
    /// What else is admitted, by digest, of these types; and the branch that says it, where it is one.
    others: Vec<(u128, Option<SchemaId>, Types)>,
}

/// What a branch of `anyOf` is.
enum Branch<'t> {
    Types(Types),
    Values(Vec<Member<'t>>),
    /// Any or one of these.
    Union(Union, Vec<SchemaId>),
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
            let found = self.group(view, group, nothing)?;
            match found {
                Unions::Left(digests) => all.extend(digests),
                found => return Some(found),
            }
        }
        Some(Unions::Left(all))
    }

    fn group(&mut self, view: &View<'c, 't>, group: &Group<'c, 't>, nothing: u128) -> Option<Unions> {
        let side = view.conjunction.side;
        let found = self.opened((side, view.types), group, nothing)?;
        if found.types.contains(view.types) {
            return Some(Unions::Left(Vec::new()));
        }
        let spoken = found.spoken();
        if !spoken.is_none() && !spoken.contains(view.types) {
            return Some(Unions::Chosen(view.conjunction.only(spoken)));
        }
        match (found.types.is_none(), found.values.as_slice(), found.others.as_slice()) {
            (true, [], []) => return Some(Unions::Nothing),
            (true, [], &[(_, Some(only), _), ref more @ ..])
                if more.iter().all(|other| other.1 == Some(only)) =>
            {
                return Some(Unions::Chosen(view.conjunction.choosing(group.owner, group.union, only)));
            }
            (true, values, []) => {
                let mut left = Vec::new();
                let mut known = true;
                for member in values {
                    let answer = member.node.map(|node| self.admits(node, &view.conjunction));
                    known &= answer.is_some_and(|answer| answer != Answer::Unknown);
                    if answer.is_some_and(Answer::is_yes) {
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

    /// What a union admits of `types`.
    fn opened(
        &mut self,
        (side, types): (Side, Types),
        group: &Group<'c, 't>,
        nothing: u128,
    ) -> Option<Alternatives<'t>> {
        if group.union == Union::OneOf {
            return self.one_of((side, types), &group.branches, nothing);
        }
        let left = group.branches.iter().map(|&branch| (branch, types)).collect();
        self.alternatives(side, left, Alternatives::new(), nothing)
    }

    /// What one of `branches` alone admits of `types`: of types of which one branch speaks, that one.
    fn one_of(
        &mut self,
        (side, types): (Side, Types),
        branches: &[SchemaId],
        nothing: u128,
    ) -> Option<Alternatives<'t>> {
        let (mut left, mut found) = (Vec::new(), Alternatives::new());
        for kind in KINDS {
            let own = types.and(kind);
            if own.is_none() {
                continue;
            }
            let mut all: Vec<(u128, SchemaId)> = Vec::new();
            for &branch in branches {
                all.push((self.code(&Conjunction::one(side, branch).only(own))?, branch));
            }
            all.retain(|&(code, _)| code != nothing);
            all.sort_unstable();
            if let &[(_, only)] = all.as_slice() {
                left.push((only, own));
                continue;
            }
            // Of branches that say the same neither is the only one: two of them say all, and alone they say nothing.
            let runs: Vec<_> = all.chunk_by(|one, other| one.0 == other.0).collect();
            if runs.len() > 1 {
                let codes: Vec<u128> =
                    runs.iter().flat_map(|run| run.iter().take(2)).map(|&(code, _)| code).collect();
                found.others.push((Encoding::default().tag(1).list(&codes).digest(), None, own));
            }
        }
        self.alternatives(side, left, found, nothing)
    }

    /// Adds to `found` what the branches of `left` admit, each of its types: nested ones opened, and what others cover
    /// left out.
    fn alternatives(
        &mut self,
        side: Side,
        mut left: Vec<(SchemaId, Types)>,
        mut found: Alternatives<'t>,
        nothing: u128,
    ) -> Option<Alternatives<'t>> {
        let (mut known, mut opened) = (BTreeSet::new(), BTreeSet::new());
        while let Some((branch, types)) = left.pop() {
            let conjunction = Conjunction::one(side, branch).only(types);
            let code = self.code(&conjunction)?;
            if code == nothing || known.contains(&code) {
                continue;
            }
            let is = self.branch(&conjunction, branch, nothing)?;
            // One of its own branches may mean all that an opened union means, and is still to come.
            if !matches!(is, Branch::Union(Union::AnyOf, _)) {
                known.insert(code);
            }
            match is {
                Branch::Types(types) => found.types = found.types.or(types),
                Branch::Values(mut values) => found.values.append(&mut values),
                Branch::Union(Union::AnyOf, branches) => {
                    if opened.insert((branch, types)) {
                        left.extend(branches.into_iter().map(|branch| (branch, types)));
                    }
                }
                Branch::Union(Union::OneOf, branches) => {
                    let mut inner = self.one_of((side, types), &branches, nothing)?;
                    found.types = found.types.or(inner.types);
                    found.values.append(&mut inner.values);
                    found.others.append(&mut inner.others);
                }
                Branch::Other(types) => found.others.push((code, Some(branch), types)),
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
        others.sort_unstable();
        others.dedup_by_key(|other| other.0);
        let others: Vec<Conjunction> =
            others.iter().filter_map(|other| Some(Conjunction::one(side, other.1?))).collect();
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
        for kind in KINDS {
            let own = types.and(kind);
            if own.is_none() {
                continue;
            }
            let code = self.code(&conjunction.only(own))?;
            if code == self.code(&everything.only(own))? {
                found.types = found.types.or(own);
            } else if code != nothing && !found.others.iter().any(|other| other.0 == code) {
                found.others.push((code, Some(branch), own));
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
            && !is_worded(&view)
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
        if view.types != conjunction.types || view.parts.iter().any(|part| constrains(part.schema)) {
            return Some(Branch::Each(view.types));
        }
        // The same union several times is one.
        if view.groups.len() > 1 {
            let mut digests = Vec::new();
            for group in &view.groups {
                let found = self.opened((side, view.types), group, nothing)?;
                digests.push(found.digest()?);
            }
            digests.dedup();
            if digests.len() > 1 {
                return Some(Branch::Each(view.types));
            }
        }
        Some(Branch::Union(view.groups[0].union, view.groups[0].branches.clone()))
    }
}

impl Alternatives<'_> {
    fn new() -> Self {
        Self { types: Types::NONE, values: Vec::new(), others: Vec::new() }
    }

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
