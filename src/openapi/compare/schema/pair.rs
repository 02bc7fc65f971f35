//! Two views side by side, and what was found of them.
//!
//! Findings wait here until the whole pair is compared: one that says that messages are lost or gained is dropped where
//! the sets as a whole turn out to lie within each other.

use super::Side;
use std::fmt::Write as _;

use super::view::{Conjunction, View};
use crate::openapi::compare::pairs::Writing;
use crate::openapi::finding::{Direction, Level, Proof};
use crate::openapi::model::{At, SchemaId, Segment, Set, Trails};
use crate::openapi::rules::{self, Effect, Place, Rule, What};

/// Two schemas, or conjunctions of them, that take the same place.
#[derive(Debug)]
pub(super) struct Pair<'c, 't> {
    /// Where they stand in a message.
    pub(super) place: Place,
    /// How they are written there.
    pub(super) writing: Writing,
    /// The base's.
    pub(super) old: View<'c, 't>,
    /// The revision's.
    pub(super) new: View<'c, 't>,
    /// What was found.
    pub(super) notes: Vec<Note>,
    /// What is inside and still to be compared.
    pub(super) children: Vec<Child>,
    /// What is compared now is shown to matter to no message: it is told under the ids that users know, and only told.
    pub(super) idle: bool,
    /// Several values of it are written by repeating its name.
    pub(super) repeats: bool,
    /// Alternatives were held against each other that are not the same one by one.
    pub(super) matched: bool,
}

/// Two conjunctions inside of a pair.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) old: Conjunction,
    pub(super) new: Conjunction,
    pub(super) place: Place,
    /// Whether no message has what they describe.
    pub(super) idle: bool,
}

/// Something found.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) rule: &'static Rule,
    /// What it does to the set of messages; none where its rule alone says how bad it is.
    pub(super) effect: Option<Effect>,
    /// Whether it is no news where both sides are shown to mean the same.
    pub(super) of_values: bool,
    pub(super) proof: Proof,
    pub(super) base: Option<At>,
    pub(super) revision: Option<At>,
    pub(super) arguments: Vec<(&'static str, String)>,
    /// The property that it is about; none for the schema itself.
    pub(super) property: Option<String>,
}

impl Note {
    /// Whether it speaks of messages that are lost in requests or gained in responses.
    pub(super) fn breaks(&self, direction: Direction) -> bool {
        self.proof == Proof::Rule && self.effect.is_some_and(|effect| effect.level(direction) == Level::Error)
    }

    /// Takes back what it says of messages: it turns on `construct`.
    pub(super) fn doubt(&mut self, construct: &str) {
        self.proof = Proof::Undecided;
        self.arguments.push(("construct", construct.to_owned()));
    }
}

impl<'c, 't> Pair<'c, 't> {
    /// Nothing found yet.
    pub(super) fn new((place, writing): (Place, Writing), old: View<'c, 't>, new: View<'c, 't>) -> Self {
        Self {
            place,
            writing,
            old,
            new,
            notes: Vec::new(),
            children: Vec::new(),
            idle: false,
            repeats: false,
            matched: false,
        }
    }

    /// The side that writes the message, and the one that reads it.
    pub(super) fn sent_and_taken(&self) -> (&View<'c, 't>, &View<'c, 't>) {
        match self.place.direction() {
            Direction::Response => (&self.new, &self.old),
            _ => (&self.old, &self.new),
        }
    }

    /// Whether it is the value of a parameter or header that is written as text, in some style.
    pub(super) fn is_styled(&self) -> bool {
        self.place.is_field() && self.writing != Writing::Typed
    }

    /// Compares what speaks of messages that both sides admit where it is `live`, and of none otherwise.
    pub(super) fn within(&mut self, live: bool, compare: impl FnOnce(&mut Self)) {
        let before = self.idle;
        self.idle |= !live;
        compare(self);
        self.idle = before;
    }

    /// Whether something was found that breaks clients by what it does to the set of messages.
    pub(super) fn breaks(&self) -> bool {
        let direction = self.place.direction();
        self.notes.iter().any(|note| note.breaks(direction))
    }

    /// Whether something was found that breaks clients, or may; or may be inside of alternatives.
    pub(super) fn alarms(&self) -> bool {
        self.matched || self.breaks() || self.doubts()
    }

    /// Whether something was found that may break clients.
    pub(super) fn doubts(&self) -> bool {
        self.notes.iter().any(|note| note.proof == Proof::Undecided)
    }

    /// Both sides are shown to mean the same: what was found by the words breaks nobody. What is inside was matched by words.
    pub(super) fn calm(&mut self) {
        let loud = |note: &Note| {
            note.proof == Proof::Undecided
                || (note.proof == Proof::Rule && note.of_values && note.rule.level != Level::Info)
        };
        self.notes.retain(|note| !loud(note));
    }

    /// Notes what happened to the schema; a side without a place of its own takes that of the schema.
    pub(super) fn note(
        &mut self,
        what: What,
        base: Option<At>,
        revision: Option<At>,
        arguments: Vec<(&'static str, String)>,
    ) {
        let effect = settled_by_values(what).then(|| what.effect());
        self.push(what, effect, (base, revision), arguments, Proof::Rule);
    }

    /// Notes what happened beside the set of messages, or whatever that is.
    pub(super) fn told(
        &mut self,
        what: What,
        places: (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
    ) {
        self.push(what, None, places, arguments, Proof::Rule);
    }

    /// Notes what is shown to break nobody.
    pub(super) fn proven(
        &mut self,
        what: What,
        places: (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
    ) {
        self.push(what, None, places, arguments, Proof::Proven);
    }

    fn push(
        &mut self,
        what: What,
        effect: Option<Effect>,
        (base, revision): (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
        proof: Proof,
    ) {
        let places = (base.or(self.old.at), revision.or(self.new.at));
        self.keep(rules::of(self.place, what), (effect, proof), None, places, arguments);
    }

    fn keep(
        &mut self,
        rule: &'static Rule,
        (effect, proof): (Option<Effect>, Proof),
        property: Option<String>,
        (base, revision): (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
    ) {
        if self.idle && !rule.known() {
            return;
        }
        let (effect, proof) = if self.idle { (None, Proof::Proven) } else { (effect, proof) };
        let of_values = effect.is_some();
        self.notes.push(Note { rule, effect, of_values, proof, base, revision, arguments, property });
    }

    /// Notes what happened, which nothing proves either way because of `construct`.
    pub(super) fn unproven(
        &mut self,
        what: What,
        places: (Option<At>, Option<At>),
        mut arguments: Vec<(&'static str, String)>,
        construct: &str,
    ) {
        if !self.idle {
            arguments.push(("construct", construct.to_owned()));
        }
        self.push(what, None, places, arguments, Proof::Undecided);
    }

    /// Notes that nothing can be said because of `construct`.
    pub(super) fn undecided(&mut self, construct: &str) {
        self.unproven(What::BecameUndecided, (None, None), Vec::new(), construct);
    }

    /// Notes the same about several values; beyond `most` they are counted.
    pub(super) fn each(
        &mut self,
        what: What,
        values: impl ExactSizeIterator<Item = (Option<At>, Option<At>, String)>,
        most: usize,
    ) {
        let more = values.len().saturating_sub(most);
        for (index, (base, revision, mut text)) in values.enumerate() {
            if index == most {
                break;
            }
            if index + 1 == most && more > 0 {
                let _ = write!(text, " and {more} more");
            }
            self.note(what, base, revision, vec![("value", text)]);
        }
    }

    /// Notes what happened to a property.
    pub(super) fn property(
        &mut self,
        what: What,
        name: &str,
        places: (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
    ) {
        let rule = rules::of(self.place.inside(), what);
        self.named(rule, Some(what.effect()), name, places, arguments);
    }

    /// Notes a finding of a rule of its own about a property.
    pub(super) fn named(
        &mut self,
        rule: &'static Rule,
        effect: Option<Effect>,
        name: &str,
        places: (Option<At>, Option<At>),
        arguments: Vec<(&'static str, String)>,
    ) {
        self.keep(rule, (effect, Proof::Rule), Some(name.to_owned()), places, arguments);
    }

    /// Compares a count: set, unset, increased, decreased.
    pub(super) fn count(
        &mut self,
        (old, new): (Option<Set<u64>>, Option<Set<u64>>),
        whats: [What; 4],
        lower: bool,
    ) {
        // Nothing is shorter than nothing.
        let idle = |set: &Set<u64>| lower && set.value == 0;
        let (before, after) = (old.filter(|set| !idle(set)), new.filter(|set| !idle(set)));
        let what = match (before, after) {
            (None, None) => return,
            (None, Some(_)) => whats[0],
            (Some(_), None) => whats[1],
            (Some(one), Some(other)) => match other.value.cmp(&one.value) {
                std::cmp::Ordering::Equal => return,
                std::cmp::Ordering::Greater => whats[2],
                std::cmp::Ordering::Less => whats[3],
            },
        };
        let mut arguments = Vec::new();
        arguments.extend(before.map(|set| ("from", set.value.to_string())));
        arguments.extend(after.map(|set| ("to", set.value.to_string())));
        self.note(what, old.map(|set| set.at), new.map(|set| set.at), arguments);
    }

    /// Leaves two schemas to be compared as what is inside.
    pub(super) fn descend_one(&mut self, old: SchemaId, new: SchemaId) {
        self.descend(Conjunction::one(Side::Base, old), Conjunction::one(Side::Revision, new));
    }

    /// Leaves two conjunctions to be compared as what is inside.
    pub(super) fn descend(&mut self, old: Conjunction, new: Conjunction) {
        self.leave(old, new, self.place.inside());
    }

    /// Leaves the items of two lists to be compared. A list that a parameter or header carries is written as several
    /// values of it.
    pub(super) fn descend_items(&mut self, old: Conjunction, new: Conjunction) {
        self.leave(old, new, if self.is_styled() { self.place } else { self.place.inside() });
    }

    fn leave(&mut self, old: Conjunction, new: Conjunction, place: Place) {
        self.children.push(Child { old, new, place, idle: self.idle });
    }
}

/// Whether the sets of values say all about a change.
fn settled_by_values(what: What) -> bool {
    !matches!(
        what,
        What::XExtensibleEnumValueRemoved
            | What::ContentEncodingChanged
            | What::ContentMediaTypeChanged
            | What::ContentSchemaAdded
            | What::ContentSchemaRemoved
            | What::RevisionUnreadable
    )
}

/// How a reader finds a schema: the properties that lead to it from the body, parameter or component that it is part of;
/// the component's name for the component itself.
pub(super) fn path(trails: &Trails<'_>, at: At, property: Option<&str>) -> String {
    let segments = trails.segments(at.trail);
    let key = |index: usize| match segments.get(index) {
        Some(&Segment::Key(key)) => Some(key),
        _ => None,
    };
    let (mut index, mut name) = match (key(0), key(1), key(2)) {
        (Some("components"), Some("schemas"), Some(name)) => (3, Some(name)),
        (Some("definitions"), Some(name), _) => (2, Some(name)),
        _ => {
            let schema = (0..segments.len()).find(|&index| {
                matches!(key(index), Some("schema" | "itemSchema"))
                    && index > 0
                    && key(index - 1) != Some("properties")
            });
            match (schema, trails.file(at.trail)) {
                (Some(index), _) => (index + 1, None),
                (None, 0) => (segments.len(), None),
                // A file that only references lead to holds several schemas, or is one.
                (None, file) => match (key(0), key(1)) {
                    (Some("schemas" | "$defs"), Some(name)) => (2, Some(name)),
                    (
                        None
                        | Some("properties" | "items" | "additionalProperties" | "allOf" | "oneOf" | "anyOf"),
                        _,
                    ) => (0, trails.stem(file)),
                    (Some(name), _) => (1, Some(name)),
                },
            }
        }
    };
    let mut path = String::new();
    while index < segments.len() {
        let step = match (key(index), key(index + 1)) {
            (Some("properties" | "patternProperties" | "dependentSchemas"), Some(name)) => {
                index += 2;
                name
            }
            (Some("items" | "unevaluatedItems" | "contains" | "prefixItems"), _) => {
                index += 1;
                "[]"
            }
            (Some("additionalProperties" | "unevaluatedProperties"), _) => {
                index += 1;
                "*"
            }
            _ => {
                index += 1;
                continue;
            }
        };
        name = None;
        join(&mut path, step);
    }
    if let Some(property) = property {
        name = None;
        join(&mut path, property);
    }
    name.map_or(path, str::to_owned)
}

fn join(path: &mut String, step: &str) {
    if !path.is_empty() && step != "[]" {
        path.push('.');
    }
    path.push_str(step);
}
