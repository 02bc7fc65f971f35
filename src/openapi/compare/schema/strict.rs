//! What counts only where every value that a schema accepts does: names that an open object admitted without a word.
//!
//! Elsewhere a name that a side does not declare is taken as unused, so declaring it takes nothing away.

use super::objects::Slot;
use super::pair::{Note, Pair};
use crate::openapi::finding::{Direction, Proof};
use crate::openapi::model::At;
use crate::openapi::rules::{self, What};

/// A property that one side declares and the other one leaves open: values under its name are lost or gained.
pub(super) fn name(pair: &mut Pair<'_, '_>, name: &str, old: &Slot, new: &Slot) {
    let narrows = new.declared.is_some() && new.described && !old.described && !old.forbidden;
    let widens = old.declared.is_some() && old.described && !new.described && !new.forbidden;
    let (what, places) = match pair.place.direction() {
        Direction::Request if narrows => (What::PatternPropertyAdded, (pair.old.at, new.declared)),
        Direction::Response if widens => (What::PatternPropertyRemoved, (old.declared, pair.new.at)),
        _ => return,
    };
    certain(pair, what, places, vec![("value", format!("^{}$", regex_lite::escape(name)))]);
}

/// Notes what happened, and lets no comparison that takes undeclared names as unused drop it.
pub(super) fn certain(
    pair: &mut Pair<'_, '_>,
    what: What,
    (base, revision): (Option<At>, Option<At>),
    arguments: Vec<(&'static str, String)>,
) {
    let rule = rules::of(pair.place, what);
    pair.notes.push(Note {
        rule,
        effect: None,
        of_values: true,
        proof: Proof::Rule,
        base,
        revision,
        arguments,
        property: None,
    });
}
