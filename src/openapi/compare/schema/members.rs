//! Members of `allOf` that come and go. A conjunction is compared by what it admits as a whole, so what a member asks for
//! is found under the keyword that does it; that it is there is told beside.

use std::collections::BTreeMap;

use super::pair::Pair;
use super::view::View;
use super::{Judge, Side};
use crate::openapi::model::SchemaId;
use crate::openapi::rules::{self, What};

/// The most members that findings name one by one.
const MEMBERS: usize = 50;

/// Members, by what they mean.
type Members = BTreeMap<u128, Vec<SchemaId>>;

fn members(judge: &Judge<'_, '_>, view: &View<'_, '_>) -> Members {
    let side = view.conjunction.side;
    let mut members = Members::new();
    for part in &view.parts {
        for &member in &part.schema.all_of {
            members.entry(judge.hash(side, judge.peel(side, member))).or_default().push(member);
        }
    }
    members
}

/// Tells which members only one side has.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    if !rules::of(pair.place, What::AllOfAdded).known() {
        return;
    }
    let (old, new) = (members(judge, &pair.old), members(judge, &pair.new));
    if old.is_empty() && new.is_empty() {
        return;
    }
    // A schema that is taken apart or put together says the same in another form.
    let formed = old.is_empty() != new.is_empty();
    let mut left = MEMBERS;
    for (own, others, side) in [(&new, &old, Side::Revision), (&old, &new, Side::Base)] {
        let other = if side == Side::Base { &pair.new } else { &pair.old };
        let mut found: Vec<SchemaId> = Vec::new();
        for (hash, all) in own {
            let there = others.get(hash).map_or(0, Vec::len);
            // What the other side says outside of `allOf` is only said elsewhere.
            let said = there == 0 && says(judge, other, *hash);
            if !said {
                found.extend(all.iter().skip(there));
            }
        }
        found.sort_unstable();
        let notes: Vec<_> = found
            .into_iter()
            .filter(|&member| !formed || judge.is_true(side, member))
            .map(|member| {
                let idle = judge.is_true(side, member);
                let what = match (side, idle) {
                    (Side::Revision, false) => What::AllOfAdded,
                    (Side::Revision, true) => What::AllOfAddedAnnotationOnly,
                    (Side::Base, false) => What::AllOfRemoved,
                    (Side::Base, true) => What::AllOfRemovedAnnotationOnly,
                };
                let name = judge.name(side, member).map(|name| ("value", name.to_owned()));
                (what, judge.schema(side, member).at, name)
            })
            .collect();
        for (what, at, name) in notes {
            if left == 0 {
                return;
            }
            left -= 1;
            let places = if side == Side::Base { (Some(at), None) } else { (None, Some(at)) };
            pair.told(what, places, name.into_iter().collect());
        }
    }
}

/// Whether one of the schemas that `view` gathers means what `hash` stands for.
fn says(judge: &Judge<'_, '_>, view: &View<'_, '_>, hash: u128) -> bool {
    let side = view.conjunction.side;
    view.parts.iter().any(|part| part.schema.hash == hash)
        || view.conjunction.schemas.iter().any(|&schema| judge.hash(side, judge.peel(side, schema)) == hash)
}
