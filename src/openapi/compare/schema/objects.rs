//! Properties: which there are, which must be there, what others may be there.

use super::admits::{declared, matches};
use super::hidden;
use super::judge::Access;
use super::pair::Pair;
use super::pattern::any_text;
use super::shape::Shape;
use super::unevaluated::Inside;
use super::value::shown;
use super::view::{Conjunction, View};
use super::{Judge, Side, strict};
use crate::openapi::finding::Direction;
use crate::openapi::model::{At, Named, SchemaId, Types};
use crate::openapi::rules::{Effect, Place, Rule, What, single};

/// The names that a view speaks of.
#[derive(Debug, Default)]
pub(super) struct Names<'t> {
    /// Names of properties, ascending, each once.
    declared: Vec<&'t str>,
    /// Names that must be there, ascending, each once.
    pub(super) required: Vec<(&'t str, At)>,
}

impl<'t> Names<'t> {
    /// Whether nothing is named.
    pub(super) fn is_empty(&self) -> bool {
        self.declared.is_empty() && self.required.is_empty()
    }

    /// Those of `view`.
    pub(super) fn of(view: &View<'_, 't>) -> Self {
        let mut names = Self::default();
        for part in &view.parts {
            names.declared.extend(part.schema.properties.iter().map(|property| property.name));
            names.required.extend(&part.schema.required);
        }
        if view.parts.len() > 1 {
            names.declared.sort_unstable();
            names.declared.dedup();
            names.required.sort_by_key(|&(name, _)| name);
            names.required.dedup_by_key(|&mut (name, _)| name);
        }
        names
    }

    /// Every name that either speaks of, ascending, each once.
    pub(super) fn merged(one: &Self, other: &Self) -> Vec<&'t str> {
        let mut names: Vec<&'t str> = one.all().chain(other.all()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether `other` speaks of every one of them.
    pub(super) fn within(&self, other: &Self) -> bool {
        self.all().all(|name| other.has(name))
    }

    /// Each of them, those that are declared and required twice.
    pub(super) fn all(&self) -> impl Iterator<Item = &'t str> {
        self.declared.iter().copied().chain(self.required.iter().map(|&(name, _)| name))
    }

    /// Whether `name` is one of them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.declared.binary_search(&name).is_ok() || self.required(name).is_some()
    }

    /// Adds a name that must be there.
    pub(super) fn require(&mut self, name: &'t str, at: At) {
        if let Err(index) = self.required.binary_search_by(|&(known, _)| known.cmp(name)) {
            self.required.insert(index, (name, at));
        }
    }

    pub(super) fn required(&self, name: &str) -> Option<At> {
        let index = self.required.binary_search_by(|&(known, _)| known.cmp(name)).ok()?;
        Some(self.required[index].1)
    }
}

/// What a view says of the property of one name.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Where the property is declared.
    pub(super) declared: Option<At>,
    /// Where it is required.
    pub(super) required: Option<At>,
    /// Messages of the direction do not carry it.
    pub(super) hidden: bool,
    /// Who sees it.
    pub(super) access: Access,
    /// No value is admitted: it cannot be there.
    pub(super) forbidden: bool,
    /// Something that speaks of it admits not everything.
    pub(super) described: bool,
    /// All that hold for its value.
    pub(super) schemas: Vec<SchemaId>,
}

impl Slot {
    /// Whether the name is one that messages use.
    pub(super) fn present(&self) -> bool {
        self.declared.is_some() || self.required.is_some()
    }
}

/// The properties that are not named.
#[derive(Debug)]
struct Rest {
    slot: Slot,
    /// `unevaluatedProperties` rather than `additionalProperties` speaks of them.
    unevaluated: bool,
    at: Option<At>,
}

impl<'c, 't> Judge<'c, 't> {
    /// What `view` says of the property `name`.
    pub(super) fn slot(
        &mut self,
        view: &View<'c, 't>,
        names: &Names<'t>,
        name: &'t str,
        direction: Direction,
    ) -> Slot {
        let side = view.conjunction.side;
        let mut slot = Slot { required: names.required(name), ..Slot::default() };
        for (index, part) in view.parts.iter().enumerate() {
            let schema = part.schema;
            let mut spoken = false;
            if let Ok(found) = schema.properties.binary_search_by(|property| property.name.cmp(name)) {
                let property: &Named<'t> = &schema.properties[found];
                spoken = true;
                slot.declared = slot.declared.or(Some(property.at));
                let access = self.access(side, property.schema);
                slot.access.read_only |= access.read_only;
                slot.access.write_only |= access.write_only;
                slot.schemas.push(property.schema);
            }
            for pattern in &schema.pattern_properties {
                if matches(pattern.name, name).is_yes() {
                    spoken = true;
                    slot.schemas.push(pattern.schema);
                }
            }
            if let (false, Some(additional)) = (spoken, schema.additional_properties) {
                slot.schemas.push(additional);
            }
            if let Some(unevaluated) = schema.unevaluated_properties
                && !self.may_be_spoken_of(view, index, Inside::Property(Some(name)), true)
            {
                slot.schemas.push(unevaluated);
            }
        }
        slot.hidden = slot.declared.is_some() && slot.access.hides(direction);
        self.settle(side, &mut slot);
        slot
    }

    /// What `view` says of properties that it does not name.
    fn rest_of(&mut self, view: &View<'c, 't>) -> Rest {
        let side = view.conjunction.side;
        let mut rest = Rest { slot: Slot::default(), unevaluated: false, at: None };
        for (index, part) in view.parts.iter().enumerate() {
            // A pattern that every name has leaves no others.
            let all = part.schema.pattern_properties.iter().filter(|pattern| any_text(pattern.name));
            let every: Vec<SchemaId> = all.map(|pattern| pattern.schema).collect();
            if let Some(&first) = every.first() {
                rest.at = rest.at.or(Some(self.schema(side, first).at));
                rest.slot.schemas.extend(every);
            } else if let Some(additional) = part.schema.additional_properties {
                rest.slot.schemas.push(additional);
                rest.at = rest.at.or(Some(self.schema(side, additional).at));
            }
            if let Some(unevaluated) = part.schema.unevaluated_properties
                && !self.may_be_spoken_of(view, index, Inside::Property(None), true)
            {
                rest.unevaluated |= rest.at.is_none();
                rest.slot.schemas.push(unevaluated);
                rest.at = rest.at.or(Some(self.schema(side, unevaluated).at));
            }
        }
        self.settle(side, &mut rest.slot);
        rest
    }

    /// What `view` says of properties that it does not name.
    pub(super) fn rest(&mut self, view: &View<'c, 't>) -> Slot {
        self.rest_of(view).slot
    }

    /// Tells what forbids from what describes, and drops what says nothing or is said twice.
    fn settle(&mut self, side: Side, slot: &mut Slot) {
        let mut hashes: Vec<u128> = Vec::new();
        slot.schemas.retain(|&schema| {
            let (shape, hash) = (self.shape(side, schema), self.hash(side, schema));
            slot.forbidden |= shape == Shape::Nothing;
            let keep = shape != Shape::Anything && !hashes.contains(&hash);
            if keep {
                hashes.push(hash);
            }
            keep
        });
        slot.described = !slot.schemas.is_empty();
    }

    /// Whether a branch of a union of `view` says something of the property `name`.
    fn branches_declare(&mut self, view: &View<'c, 't>, name: &str, depth: usize) -> bool {
        let side = view.conjunction.side;
        view.groups.iter().flat_map(|group| &group.branches).any(|&branch| {
            let branch = self.view(&Conjunction::one(side, branch));
            let said = branch.parts.iter().any(|part| {
                let schema = part.schema;
                schema.additional_properties.is_some_and(|rest| !self.is_true(side, rest))
                    || !schema.pattern_properties.is_empty()
                    || declared(schema, name).is_some()
                    || schema.required.iter().any(|&(known, _)| known == name)
            });
            // What is deeper than anybody writes is taken to say something.
            said || (!branch.groups.is_empty()
                && (depth == 0 || self.branches_declare(&branch, name, depth - 1)))
        })
    }
}

/// Compares what both sides say of objects.
pub(super) fn compare<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let live = pair.old.speaks_of(Types::OBJECT) && pair.new.speaks_of(Types::OBJECT);
    pair.within(live, |pair| {
        properties(judge, pair);
        counts(pair);
    });
}

fn properties<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>) {
    let direction = pair.place.direction();
    let (old_names, new_names) = (Names::of(&pair.old), Names::of(&pair.new));
    let (old_rest, new_rest) = (judge.rest_of(&pair.old), judge.rest_of(&pair.new));
    for name in Names::merged(&old_names, &new_names) {
        let old = judge.slot(&pair.old, &old_names, name, direction);
        let new = judge.slot(&pair.new, &new_names, name, direction);
        property(judge, pair, name, old, new, (old_rest.slot.forbidden, new_rest.slot.forbidden));
    }
    rest(pair, old_rest, new_rest);
}

/// Compares how many properties there are.
pub(super) fn counts(pair: &mut Pair<'_, '_>) {
    pair.count(
        (pair.old.most(|s| s.min_properties), pair.new.most(|s| s.min_properties)),
        [
            What::MinPropertiesSet,
            What::MinPropertiesUnset,
            What::MinPropertiesIncreased,
            What::MinPropertiesDecreased,
        ],
        true,
    );
    pair.count(
        (pair.old.least(|s| s.max_properties), pair.new.least(|s| s.max_properties)),
        [
            What::MaxPropertiesSet,
            What::MaxPropertiesUnset,
            What::MaxPropertiesIncreased,
            What::MaxPropertiesDecreased,
        ],
        false,
    );
}

fn property<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    name: &str,
    old: Slot,
    new: Slot,
    (old_closed, new_closed): (bool, bool),
) {
    let request = pair.place.direction() == Direction::Request;
    let places = (old.declared.or(old.required), new.declared.or(new.required));
    if old.declared.is_some() && new.declared.is_some() {
        access(pair, name, &old, &new);
        if new.hidden {
            hidden::compare(judge, pair, name, &old, &new);
        }
    }
    match (old.hidden, new.hidden) {
        (true, true) => {
            if !request && old.required.is_some() != new.required.is_some() {
                let rule = if new.required.is_some() {
                    &single::RESPONSE_WRITE_ONLY_PROPERTY_BECAME_REQUIRED
                } else {
                    &single::RESPONSE_WRITE_ONLY_PROPERTY_BECAME_OPTIONAL
                };
                pair.named(rule, None, name, places, Vec::new());
            }
            return;
        }
        (true, false) if new.present() && new.declared.is_some() => return,
        (false, true) if old.present() && old.declared.is_some() => return,
        (true, false) => {
            if !request {
                let rule = if old.required.is_some() {
                    &single::RESPONSE_REQUIRED_WRITE_ONLY_PROPERTY_REMOVED
                } else {
                    &single::RESPONSE_OPTIONAL_WRITE_ONLY_PROPERTY_REMOVED
                };
                pair.named(rule, None, name, (places.0, pair.new.at), Vec::new());
            }
            return;
        }
        (false, true) => {
            if !request {
                let rule = if new.required.is_some() {
                    &single::RESPONSE_REQUIRED_WRITE_ONLY_PROPERTY_ADDED
                } else {
                    &single::RESPONSE_OPTIONAL_WRITE_ONLY_PROPERTY_ADDED
                };
                pair.named(rule, None, name, (pair.old.at, places.1), Vec::new());
            }
            return;
        }
        (false, false) => {}
    }
    // A property that cannot be there is as good as not declared.
    let declared = old.declared.is_some() && new.declared.is_some();
    let was = old.present() && (declared || !old.forbidden);
    let is = new.present() && (declared || !new.forbidden);
    // What only a branch of the other side declares is in use all the same.
    let elsewhere = match (was, is) {
        _ if pair.idle => false,
        (false, true) => judge.branches_declare(&pair.old, name, 4),
        (true, false) => judge.branches_declare(&pair.new, name, 4),
        _ => false,
    };
    if elsewhere {
        let (old, new) = (&pair.old.conjunction, &pair.new.conjunction);
        let (part, whole) = if request { (old, new) } else { (new, old) };
        if !judge.included(part, whole, pair.place.direction()).is_yes() {
            pair.unproven(What::BecameUndecided, places, Vec::new(), "properties of alternatives");
        }
        return;
    }
    if judge.strict && was != is && !pair.idle {
        strict::name(pair, name, &old, &new);
    }
    match (was, is) {
        (false, false) => nowhere(judge.strict, pair, name, &old, &new),
        (true, false) => removed(pair, name, &old, &new, new_closed || new.forbidden),
        (false, true) => added(judge, pair, name, &old, &new, old_closed || old.forbidden),
        (true, true) => both(judge, pair, name, &old, &new),
    }
    if (was || is) && (declared || (!old.forbidden && !new.forbidden)) {
        let described = |slot: &Slot| slot.present() || slot.described;
        if described(&old) && described(&new) {
            pair.descend(
                Conjunction::all(Side::Base, old.schemas),
                Conjunction::all(Side::Revision, new.schemas),
            );
        }
    }
}

/// A property that neither side has a place for: where it must be there, there is no object at all; and where every name
/// counts, it matters whether it is refused or only not spoken of.
fn nowhere(strict: bool, pair: &mut Pair<'_, '_>, name: &str, old: &Slot, new: &Slot) {
    let void = |slot: &Slot| slot.forbidden && slot.required.is_some();
    match (void(old), void(new)) {
        (false, true) => pair.note(What::RequiredUndeclaredAdded, None, new.required, value(name)),
        (true, false) => pair.note(What::RequiredUndeclaredRemoved, old.required, None, value(name)),
        _ => {}
    }
    if strict && !pair.idle && old.forbidden != new.forbidden {
        let places = (old.declared.or(pair.old.at), new.declared.or(pair.new.at));
        match pair.place.direction() {
            Direction::Response if old.forbidden => {
                pair.property(What::AddedToClosed, name, places, Vec::new());
            }
            Direction::Request if new.forbidden => {
                pair.property(What::RemovedFromClosed, name, places, Vec::new());
            }
            _ => {}
        }
    }
}

/// Properties that enter or leave the messages of the direction, or the other one.
fn access(pair: &mut Pair<'_, '_>, name: &str, old: &Slot, new: &Slot) {
    let request = pair.place.direction() == Direction::Request;
    let places = (old.declared, new.declared);
    let required =
        if new.access.hides(pair.place.direction()) { old.required } else { new.required }.is_some();
    let flips = [
        (old.access.read_only, new.access.read_only, true),
        (old.access.write_only, new.access.write_only, false),
    ];
    for (was, is, read) in flips {
        if was == is {
            continue;
        }
        let rule: &'static Rule = match (request, required, read, is) {
            (true, true, true, true) => &single::REQUEST_REQUIRED_PROPERTY_BECAME_READ_ONLY,
            (true, true, true, false) => &single::REQUEST_REQUIRED_PROPERTY_BECAME_NOT_READ_ONLY,
            (true, true, false, true) => &single::REQUEST_REQUIRED_PROPERTY_BECAME_WRITE_ONLY,
            (true, true, false, false) => &single::REQUEST_REQUIRED_PROPERTY_BECAME_NOT_WRITE_ONLY,
            (true, false, true, true) => &single::REQUEST_OPTIONAL_PROPERTY_BECAME_READ_ONLY,
            (true, false, true, false) => &single::REQUEST_OPTIONAL_PROPERTY_BECAME_NOT_READ_ONLY,
            (true, false, false, true) => &single::REQUEST_OPTIONAL_PROPERTY_BECAME_WRITE_ONLY,
            (true, false, false, false) => &single::REQUEST_OPTIONAL_PROPERTY_BECAME_NOT_WRITE_ONLY,
            (false, true, true, true) => &single::RESPONSE_REQUIRED_PROPERTY_BECAME_READ_ONLY,
            (false, true, true, false) => &single::RESPONSE_REQUIRED_PROPERTY_BECAME_NOT_READ_ONLY,
            (false, true, false, true) => &single::RESPONSE_REQUIRED_PROPERTY_BECAME_WRITE_ONLY,
            (false, true, false, false) => &single::RESPONSE_REQUIRED_PROPERTY_BECAME_NOT_WRITE_ONLY,
            (false, false, true, true) => &single::RESPONSE_OPTIONAL_PROPERTY_BECAME_READ_ONLY,
            (false, false, true, false) => &single::RESPONSE_OPTIONAL_PROPERTY_BECAME_NOT_READ_ONLY,
            (false, false, false, true) => &single::RESPONSE_OPTIONAL_PROPERTY_BECAME_WRITE_ONLY,
            (false, false, false, false) => &single::RESPONSE_OPTIONAL_PROPERTY_BECAME_NOT_WRITE_ONLY,
        };
        pair.named(rule, None, name, places, Vec::new());
    }
}

fn removed(pair: &mut Pair<'_, '_>, name: &str, old: &Slot, new: &Slot, closed: bool) {
    let places = (old.declared.or(old.required), new.declared.or(pair.new.at));
    if old.declared.is_none() && !closed {
        return pair.note(What::RequiredUndeclaredRemoved, old.required, None, value(name));
    }
    match pair.place.direction() {
        Direction::Response => {
            let (rule, effect): (&'static Rule, _) = if old.required.is_some() {
                (&single::RESPONSE_REQUIRED_PROPERTY_REMOVED, Effect::Widens)
            } else {
                (&single::RESPONSE_OPTIONAL_PROPERTY_REMOVED, Effect::Tells)
            };
            pair.named(rule, Some(effect), name, places, Vec::new());
        }
        _ if closed => pair.property(What::RemovedFromClosed, name, places, Vec::new()),
        _ => pair.property(What::Removed, name, places, Vec::new()),
    }
}

fn added<'c, 't>(
    judge: &mut Judge<'c, 't>,
    pair: &mut Pair<'c, 't>,
    name: &str,
    old: &Slot,
    new: &Slot,
    closed: bool,
) {
    let places = (old.declared.or(pair.old.at), new.declared.or(new.required));
    let required = new.required.is_some();
    if pair.place.direction() == Direction::Response {
        if closed {
            return pair.property(What::AddedToClosed, name, places, Vec::new());
        }
        let rule: &'static Rule = match (new.declared.is_some(), required) {
            (false, _) => return pair.note(What::RequiredUndeclaredAdded, None, new.required, value(name)),
            (true, true) => &single::RESPONSE_REQUIRED_PROPERTY_ADDED,
            (true, false) => &single::RESPONSE_OPTIONAL_PROPERTY_ADDED,
        };
        return pair.named(rule, Some(Effect::Tells), name, places, Vec::new());
    }
    if new.declared.is_none() {
        return pair.note(What::RequiredUndeclaredAdded, None, new.required, value(name));
    }
    let (header, parameter) = (
        pair.place.inside() == Place::RequestHeaderProperty,
        pair.place.inside() == Place::RequestParameterProperty,
    );
    if !required {
        let rule: &'static Rule = if header || parameter {
            &single::NEW_OPTIONAL_REQUEST_PARAMETER_PROPERTY
        } else {
            &single::NEW_OPTIONAL_REQUEST_PROPERTY
        };
        return pair.named(rule, Some(Effect::Tells), name, places, Vec::new());
    }
    if header || parameter {
        let rule: &'static Rule = if header {
            &single::NEW_REQUIRED_REQUEST_HEADER_PROPERTY
        } else {
            &single::NEW_REQUIRED_REQUEST_PARAMETER_PROPERTY
        };
        return pair.named(rule, Some(Effect::Narrows), name, places, Vec::new());
    }
    let (rule, arguments): (&'static Rule, _) = match default(judge, &pair.new, new) {
        Some(text) => (&single::NEW_REQUIRED_REQUEST_PROPERTY_WITH_DEFAULT, vec![("to", text)]),
        None => (&single::NEW_REQUIRED_REQUEST_PROPERTY, Vec::new()),
    };
    pair.named(rule, Some(Effect::Narrows), name, places, arguments);
}

fn value(name: &str) -> Vec<(&'static str, String)> {
    vec![("value", name.to_owned())]
}

/// The default of a property.
fn default<'c, 't>(judge: &mut Judge<'c, 't>, view: &View<'c, 't>, slot: &Slot) -> Option<String> {
    let view = judge.view(&Conjunction::all(view.conjunction.side, slot.schemas.clone()));
    view.parts.iter().find_map(|part| part.schema.default).map(|default| shown(default.value))
}

fn both<'c, 't>(judge: &mut Judge<'c, 't>, pair: &mut Pair<'c, 't>, name: &str, old: &Slot, new: &Slot) {
    let undeclared = old.declared.is_none() && new.declared.is_none();
    match (old.required, new.required) {
        (None, Some(_)) if undeclared => {
            pair.note(What::RequiredUndeclaredAdded, None, new.required, value(name));
        }
        (Some(_), None) if undeclared => {
            pair.note(What::RequiredUndeclaredRemoved, old.required, None, value(name));
        }
        (None, Some(at)) => {
            let with_default = match pair.place.direction() {
                Direction::Request => default(judge, &pair.new, new),
                _ => None,
            };
            let places = (old.declared.or(pair.old.at), Some(at));
            match with_default {
                Some(text) => {
                    pair.property(What::BecameRequiredWithDefault, name, places, vec![("to", text)]);
                }
                None => pair.property(What::BecameRequired, name, places, Vec::new()),
            }
        }
        (Some(at), None) => {
            let places = (Some(at), new.declared.or(pair.new.at));
            pair.property(What::BecameOptional, name, places, Vec::new());
        }
        _ => {}
    }
    // Whoever reads the declarations misses it, though its name is asked for.
    if let (Some(at), None, None, Some(_)) = (old.declared, old.required, new.declared, new.required) {
        let places = (Some(at), new.required);
        if pair.place.direction() == Direction::Response {
            let rule = &single::RESPONSE_OPTIONAL_PROPERTY_REMOVED;
            pair.named(rule, Some(Effect::Tells), name, places, Vec::new());
        } else {
            pair.property(What::Removed, name, places, Vec::new());
        }
    }
}

/// Compares what is said of properties that are not named.
fn rest(pair: &mut Pair<'_, '_>, old: Rest, new: Rest) {
    let unevaluated = if new.at.is_some() { new.unevaluated } else { old.unevaluated };
    let pick = |plain: What, other: What| if unevaluated { other } else { plain };
    let what = match (old.slot.forbidden, new.slot.forbidden) {
        (true, true) => return,
        (false, true) => pick(What::AdditionalPropertiesClosed, What::UnevaluatedPropertiesClosed),
        (true, false) => pick(What::AdditionalPropertiesOpened, What::UnevaluatedPropertiesOpened),
        (false, false) => match (old.slot.described, new.slot.described) {
            (false, false) => return,
            (false, true) => pick(What::AdditionalPropertiesSchemaAdded, What::UnevaluatedPropertiesAdded),
            (true, false) => {
                pick(What::AdditionalPropertiesSchemaRemoved, What::UnevaluatedPropertiesRemoved)
            }
            (true, true) => {
                let (old, new) = (old.slot.schemas, new.slot.schemas);
                return pair
                    .descend(Conjunction::all(Side::Base, old), Conjunction::all(Side::Revision, new));
            }
        },
    };
    pair.note(what, old.at, new.at, Vec::new());
}
