//! Properties that the messages of a direction do not carry, as read-only ones in requests. What is said of them there
//! matters to no message; users know ids for some of it.

use super::objects::{self, Slot};
use super::pair::Pair;
use super::view::Conjunction;
use super::{Judge, Side, arrays, scalars};
use crate::openapi::rules::{self, Place, Rule, What, single};

/// What narrows a property that requests do not carry.
static READ_ONLY: [(What, &Rule); 8] = [
    (What::EnumValueRemoved, &single::REQUEST_READ_ONLY_PROPERTY_ENUM_VALUE_REMOVED),
    (What::ExclusiveMaxDecreased, &single::REQUEST_READ_ONLY_PROPERTY_EXCLUSIVE_MAX_DECREASED),
    (What::ExclusiveMinIncreased, &single::REQUEST_READ_ONLY_PROPERTY_EXCLUSIVE_MIN_INCREASED),
    (What::MaxDecreased, &single::REQUEST_READ_ONLY_PROPERTY_MAX_DECREASED),
    (What::MaxItemsDecreased, &single::REQUEST_READ_ONLY_PROPERTY_MAX_ITEMS_DECREASED),
    (What::MaxLengthDecreased, &single::REQUEST_READ_ONLY_PROPERTY_MAX_LENGTH_DECREASED),
    (What::MaxPropertiesDecreased, &single::REQUEST_READ_ONLY_PROPERTY_MAX_PROPERTIES_DECREASED),
    (What::MinIncreased, &single::REQUEST_READ_ONLY_PROPERTY_MIN_INCREASED),
];

/// What is told of a property that responses do not carry.
static WRITE_ONLY: [(What, &Rule); 1] =
    [(What::EnumValueAdded, &single::RESPONSE_WRITE_ONLY_PROPERTY_ENUM_VALUE_ADDED)];

/// Changes that go by the id that they have in other properties.
const ALIKE: [What; 2] = [What::PatternGeneralized, What::PatternRemoved];

/// Tells what changes in a property that the revision's messages do not carry.
pub(super) fn compare<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    name: &str,
    old: &Slot,
    new: &Slot,
) {
    let place = pair.place.inside();
    let rules: &[(What, &'static Rule)] = match place {
        Place::RequestProperty => &READ_ONLY,
        Place::ResponseProperty => &WRITE_ONLY,
        _ => return,
    };
    let (old, new) = (
        Conjunction::all(Side::Base, old.schemas.clone()),
        Conjunction::all(Side::Revision, new.schemas.clone()),
    );
    if judge.same(&old, &new) {
        return;
    }
    let mut inside = Pair::new((place, pair.writing), judge.view(&old), judge.view(&new));
    inside.idle = true;
    scalars::compare(judge, &mut inside);
    arrays::counts(&mut inside);
    objects::counts(&mut inside);
    let request = place == Place::RequestProperty;
    for mut note in inside.notes {
        let is = |what: What| std::ptr::eq(note.rule, rules::of(place, what));
        if let Some(&(_, rule)) = rules.iter().find(|&&(what, _)| is(what)) {
            note.rule = rule;
        } else if !request || !ALIKE.iter().any(|&what| is(what)) {
            continue;
        }
        note.property = Some(name.to_owned());
        pair.notes.push(note);
    }
}
